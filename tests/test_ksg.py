"""Nearest neighbours: pairs, triples and variables of several dimensions."""

import pickle
from itertools import product

import naive
import numpy as np
import pytest
from distributions import normal_and_atoms, sign_and_normal
from scipy.special import digamma, ndtri
from scipy.stats import rankdata

import skmi
from skmi._data.columns import Columns
from skmi.estimators import KSG
from skmi.estimators._ksg_formulas import PAIR_FORMULAS, TRIPLE_FORMULAS
from skmi.estimators._ksg_targets import kinds_of
from skmi.estimators._neighbors import ball_information
from skmi.estimators._spaces import ConditionedSpace, Trees

CLOSE = 1e-12
C, D = False, True  # continuous, discrete


def block_of(estimator, columns, kinds):
    """Prepare arrays as a block; `kinds` shows which are discrete."""
    X = Columns(np.column_stack(columns).astype(float), np.array(kinds))
    return estimator.prepare(X, np.arange(len(columns)))


def variable(estimator, pairs):
    """Return a block of one variable, given as (column, discrete) pairs."""
    block = block_of(estimator, *zip(*pairs, strict=True))
    return estimator.join(block) if len(pairs) > 1 else block


def information(estimator, x, y, given=None):
    """Return I(x; y | given) of lists of (column, discrete) pairs."""
    f, y = variable(estimator, x), estimator.as_target(variable(estimator, y), 0)
    first = np.zeros(1, dtype=np.intp)
    if given is None:
        return estimator.mi(f, first, y)[0]
    s = estimator.as_target(variable(estimator, given), 0)
    return estimator.cmi(f, first, estimator.condition(y, s))[0]


def make_columns(rng, n, rounded):
    """Return six dependent columns; every second one has whole numbers."""
    mixing = np.eye(6) + 0.5
    columns = (rng.standard_normal((n, 6)) @ mixing).T
    columns[1::2] = np.rint(columns[1::2] / 1.5)
    if rounded:
        columns[::2] = columns[::2].round()
    return columns


# --- pairs of columns


PAIRS = {  # the definition for each pair of kinds of x and y
    (True, True): lambda x, y: naive.information_above_chance(x, y, 0 * y),
    (True, False): lambda x, y: naive.ross(y, x, 3),
    (False, True): lambda x, y: naive.ross(x, y, 3),
    (False, False): lambda x, y: naive.ksg(x, y, 3),
}


@pytest.mark.parametrize("discrete_y", [True, False])
def test_ksg_has_a_formula_for_every_pair_of_kinds(rng, discrete_y):
    y = rng.integers(0, 5, 200)
    X = np.column_stack([y + rng.integers(0, 4, 200) for _ in range(4)])
    discrete = np.array([False, True, True, False])
    scores = skmi.MIScorer(
        KSG(3, "raw"), discrete_features=discrete, discrete_target=discrete_y
    )(X, y)
    expected = [
        PAIRS[kind, discrete_y](x, y) for x, kind in zip(X.T, discrete, strict=True)
    ]
    np.testing.assert_allclose(scores, expected, rtol=CLOSE)


@pytest.mark.parametrize("algorithm", [1, 2])
def test_formulas_of_pairs(algorithm):
    """The formula for each pair of kinds: continuous, discrete, several dimensions."""
    names = {kinds: f.__name__ for kinds, f in PAIR_FORMULAS[algorithm].items()}
    assert names == {
        "cc": "_continuous_pair" if algorithm == 1 else "_rectangles",
        "cd": "_continuous_and_classes",
        "dc": "_classes_and_continuous",
        "dd": "_plug_in",
    } | dict.fromkeys(
        ["cs", "ds", "sc", "sd", "ss"], "_balls" if algorithm == 1 else "_rectangles"
    )


def test_formulas_of_triples():
    names = {kinds: f.__name__ for kinds, f in TRIPLE_FORMULAS.items()}
    fast = {
        "ccc": "_continuous_triple",
        "cdc": "_continuous_and_classes_given_continuous",
        "dcc": "_classes_and_continuous_given_continuous",
        "ddd": "_plug_in_given",
    }
    every = map("".join, product("cds", repeat=3))
    assert names == dict.fromkeys(every, "_balls_given") | fast


@pytest.mark.parametrize("kinds", PAIR_FORMULAS[1])
def test_kinds(rng, kinds):
    """The kinds of blocks and targets are the keys of the tables of formulas."""
    estimator, kinds_by_letter = KSG(), {"c": [C], "d": [D], "s": [C, D]}
    f, y = (
        estimator.join(block_of(estimator, rng.integers(0, 3, (len(k), 20)) + 0.0, k))
        for k in map(kinds_by_letter.get, kinds)
    )
    assert kinds_of(f.item(0)[0], estimator.as_target(y, 0)) == kinds


def test_trees_of_a_target_are_built_once(rng, monkeypatch):
    """For any number of columns; a pickled target contains its trees."""
    estimator = KSG()
    X = rng.standard_normal((5, 60))
    block = block_of(estimator, X, [C] * 5)
    given = variable(estimator, [(rng.standard_normal(60), C), (X[0] > 0, D)])
    y = estimator.as_target(block_of(estimator, [X.sum(axis=0)], [C]), 0)
    conditioned = estimator.condition(y, estimator.as_target(given, 0))
    built, grow = [], Trees.grow
    monkeypatch.setattr(
        Trees,
        "grow",
        lambda points, cells: built.append(len(points)) or grow(points, cells),
    )
    found = estimator.cmi(block, np.arange(5), conditioned)
    assert sorted(built) == [1] + [2] * 6 + [3] * 5  # s; s with f or y; s with both
    built.clear()
    again = estimator.cmi(block, np.arange(5), pickle.loads(pickle.dumps(conditioned)))
    assert sorted(built) == [2] * 5 + [3] * 5
    np.testing.assert_array_equal(again, found)


def standardize(x):
    return (x - x.mean()) / x.std()


def normal_scores(x):
    """Return normal scores that are odd about the middle, to the last bit."""
    n, rank = len(x), rankdata(x)
    return (ndtri((2 * rank - 1) / (2 * n)) - ndtri((2 * (n - rank) + 1) / (2 * n))) / 2


MARGINALS = {
    "raw": lambda x: x,
    "standard": standardize,
    "uniform": rankdata,
    "normal": normal_scores,
}


def compare_with_oracles(x, y, n_neighbors, marginals):
    change = MARGINALS[marginals]
    estimator = KSG(n_neighbors, marginals, correction=False)
    np.testing.assert_allclose(
        skmi.mutual_info(x, y, estimator=estimator),
        naive.ksg(change(x), change(y), n_neighbors),
        rtol=1e-10,
    )
    classes = np.digitize(y, [-0.5, 0.5, 1.5])
    np.testing.assert_allclose(
        skmi.mutual_info(x, classes, estimator=estimator, discrete_y=True),
        naive.ross(change(x), classes, n_neighbors),
        rtol=1e-10,
    )


@pytest.mark.parametrize("n_neighbors", [1, 3, 10])
@pytest.mark.parametrize("marginals", MARGINALS)
def test_marginals(rng, marginals, n_neighbors):
    x = rng.standard_normal(300)
    compare_with_oracles(
        x, np.exp(x + rng.standard_normal(300)), n_neighbors, marginals
    )


@pytest.mark.parametrize("n_neighbors", [1, 3, 10])
@pytest.mark.parametrize("marginals", MARGINALS)
def test_marginals_with_ties(rng, marginals, n_neighbors):
    """Mean and variance are exactly 0 and 1, so that equal distances remain equal."""
    x = np.repeat([-2.0, -1, 0, 1, 2], [8, 32, 48, 32, 8])
    y = x.copy()
    y[::2] = rng.permutation(y[::2])
    compare_with_oracles(x, y, n_neighbors, marginals)


def test_ksg_on_a_few_numbers():
    """Reference values; y repeats -4, but no ball contains more than four others."""
    x = [-2.49, 1.64, -3.05, 7.95, -5.96, 1.77, -5.24, 7.03, -0.11, -1.86]
    y = [-8.59, 8.41, 3.76, 3.77, 5.69, 1.75, -3.2, -4, -4, 6.85]
    found = skmi.mutual_info(x, y, estimator=KSG(4, "raw"))
    assert found == pytest.approx(-0.0341269841, abs=1e-10)
    x, y = [1, 1.25, 0.91, 1.13, 1.32], [1.3, 1.1, 0.9, 1.2, 1]
    found = skmi.mutual_info(x, y, estimator=KSG(1, "raw"))
    assert found == pytest.approx(-0.0166666667, abs=1e-10)


def test_raw_values_whose_range_is_infinite():
    x = np.array([-1.7e308, 1.7e308, 1.0, 1e300, 0.0, 1.79e308])
    y = np.array([0.2, 0.9, -0.3, 0.1, 1.7, -2.0])
    found = skmi.mutual_info(x, y, estimator=KSG(5, "raw"))
    assert found == skmi.mutual_info(x / 4, y, estimator=KSG(5, "raw"))


def test_more_neighbors_than_samples_of_a_class():
    """k is smaller in small classes, and a class of one sample is left out."""
    x = np.array([0.0, 1, 3, 7, 15, 31, 63])
    y = np.array([0, 0, 1, 1, 1, 1, 2])
    found = skmi.mutual_info(x, y, estimator=KSG(5, "raw"), discrete_y=True)
    assert found == pytest.approx(naive.ross(x[:6], y[:6], 5))


@pytest.mark.parametrize("n_neighbors", [1, 3])
def test_classes_of_one_sample_only(rng, n_neighbors):
    """No class of an identifier has another sample, so the estimate is 0."""
    x, identifier = rng.standard_normal(50), rng.permutation(50)
    estimator = KSG(n_neighbors)
    found = skmi.mutual_info(identifier, x, estimator=estimator, discrete_x=True)
    assert found == 0


# --- variables of all kinds

KINDS = {"c": [0], "d": [1], "cc": [0, 2], "cd": [0, 1], "dd": [1, 3]}
PAIRS_OF_KINDS = list(product(KINDS, repeat=2))
TRIPLES_OF_KINDS = list(product(["c", "d", "cd"], repeat=3))


def draw(columns, *kinds):
    """Return variables of these kinds, each of other columns."""
    return [
        [(columns[(j + 2 * place) % 6], bool(j % 2)) for j in KINDS[kind]]
        for place, kind in enumerate(kinds)
    ]


def plug_in(x, y, given=()):
    """Return the plug-in estimate less the information expected by chance."""

    def join(variable):
        columns = [column for column, _ in variable]
        return np.unique(columns, axis=1, return_inverse=True)[1].ravel()

    z = join(given) if given else np.zeros(len(x[0][0]))
    return naive.information_above_chance(join(x), join(y), z)


@pytest.mark.parametrize("n_neighbors", [1, 3, 8])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(("x_kinds", "y_kinds"), PAIRS_OF_KINDS)
def test_information(rng, x_kinds, y_kinds, rounded, n_neighbors):
    x, y = draw(make_columns(rng, 60, rounded), x_kinds, y_kinds)
    found = information(KSG(n_neighbors, "raw"), x, y)
    if set(x_kinds + y_kinds) == {"d"}:
        expected = plug_in(x, y)
    else:
        expected = naive.ball_information(x, y, [], n_neighbors)
    assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("n_neighbors", [1, 4])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(("x_kinds", "y_kinds", "z_kinds"), TRIPLES_OF_KINDS)
def test_conditional_information(rng, x_kinds, y_kinds, z_kinds, rounded, n_neighbors):
    x, y, z = draw(make_columns(rng, 60, rounded), x_kinds, y_kinds, z_kinds)
    found = information(KSG(n_neighbors, "raw"), x, y, z)
    if set(x_kinds + y_kinds + z_kinds) == {"d"}:
        expected = plug_in(x, y, z)
    else:
        expected = naive.ball_information(x, y, z, n_neighbors)
    assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("n_neighbors", [1, 3, 8])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(
    ("x_kinds", "y_kinds"), [("c", "c"), ("cc", "c"), ("cc", "cc"), ("c", "cd")]
)
def test_rectangles(rng, x_kinds, y_kinds, rounded, n_neighbors):
    x, y = draw(make_columns(rng, 60, rounded), x_kinds, y_kinds)
    found = information(KSG(n_neighbors, "raw", 2), x, y)
    expected = naive.rectangle_information(x, y, n_neighbors)
    assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("n_neighbors", [1, 3])
def test_general_formula_includes_pairs(rng, rounded, n_neighbors):
    """The estimates of Kraskov and of Ross are special cases of the general one."""
    x, d, y = make_columns(rng, 80, rounded)[:3]
    x_pairs = [(x, False)]
    assert naive.ball_information(
        x_pairs, [(y, False)], [], n_neighbors
    ) == pytest.approx(naive.ksg(x, y, n_neighbors), abs=CLOSE)
    assert naive.ball_information(
        x_pairs, [(d, True)], [], n_neighbors
    ) == pytest.approx(naive.ross(x, d, n_neighbors), abs=CLOSE)


def test_conditional_information_by_hand():
    """The terms are 5/6, -1/6, 1/3 and 1/3; z varies too little to matter."""
    x, y, z = [0, 1, 3.5, 7], [0, 2, 3, 5], [0, 0.1, 0.2, 0.3]
    x, y, z = ([(np.array(column), False)] for column in (x, y, z))
    assert information(KSG(1, "raw"), x, y, z) == pytest.approx(1 / 3, abs=CLOSE)
    assert information(KSG(1, "raw"), x, y) == pytest.approx(1 / 3, abs=CLOSE)


def test_rectangles_by_hand():
    """psi(1) - 1 + psi(4) - 1/4 + 2 gamma; one n_y is 2, all other counts are 1."""
    x, y = [0, 1, 3, 7], [0, 1.5, 3, 5]
    assert skmi.mutual_info(x, y, estimator=KSG(1, "raw", 2)) == pytest.approx(7 / 12)


def test_frenzel_pompe(rng):
    x, y, z = make_columns(rng, 100, False)[::2]
    d_x, d_y, d_z = (np.abs(np.subtract.outer(v, v)) for v in (x, y, z))
    d = np.maximum(np.maximum(d_x, d_y), d_z)
    r = np.sort(d, axis=1)[:, [4]]  # the first is the sample itself
    n_xz, n_yz, n_z = (
        (each < r).sum(axis=1)
        for each in (np.maximum(d_x, d_z), np.maximum(d_y, d_z), d_z)
    )
    expected = digamma(4) + np.mean(digamma(n_z) - digamma(n_xz) - digamma(n_yz))
    x, y, z = ([(v, False)] for v in (x, y, z))
    assert information(KSG(4, "raw"), x, y, z) == pytest.approx(expected, abs=CLOSE)


SAMPLERS = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "rounded": lambda rng, n: rng.standard_normal(n).round(1),
    "few levels": lambda rng, n: rng.integers(0, 3, n) + 0.0,
    "half atoms": lambda rng, n: np.maximum(rng.standard_normal(n), 0),
    "extreme": lambda rng, n: rng.choice([-1.7e308, 0, 5e-324, 1.0, 1.7e308], n),
    "constant": lambda rng, n: np.ones(n),
}


@pytest.mark.filterwarnings("ignore:overflow")
@pytest.mark.parametrize("n_classes", [1, 2, 50])
@pytest.mark.parametrize("s_name", SAMPLERS)
@pytest.mark.parametrize("f_name", SAMPLERS)
def test_kernels_of_triples_equal_the_formula(rng, f_name, s_name, n_classes):
    """With more samples than the slow oracle can process."""
    n = 1500
    f, s = SAMPLERS[f_name](rng, n), SAMPLERS[s_name](rng, n)
    y = SAMPLERS["normal"](rng, n)
    classes = rng.integers(0, n_classes, n)
    classes[:2] = 0
    estimator = KSG(4, "raw")
    block = block_of(estimator, [f, s, y, classes], [C, C, C, D])
    f_target, s_target, y_target, classes_target = (
        estimator.as_target(block, j) for j in range(4)
    )
    for target in (y_target, classes_target):
        given_s = ConditionedSpace(target.space, s_target.space)
        expected = ball_information(f_target.space, given_s, 4)
        for column, other in ((0, target), (2 if target is y_target else 3, f_target)):
            both = estimator.condition(other, s_target)
            found = estimator.cmi(block, np.array([column]), both)[0]
            assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)


# --- identities

ALGORITHMS = pytest.mark.parametrize("algorithm", [1, 2])
ROUNDED = pytest.mark.parametrize("rounded", [False, True])


@ROUNDED
@pytest.mark.parametrize("constant_is_discrete", [False, True])
@pytest.mark.parametrize(("x_kinds", "y_kinds"), PAIRS_OF_KINDS)
def test_a_constant_has_no_information(
    rng, x_kinds, y_kinds, constant_is_discrete, rounded
):
    x, y = draw(make_columns(rng, 60, rounded), x_kinds, y_kinds)
    constant = [(np.full(60, 7.0), constant_is_discrete)]
    estimator = KSG(3, "raw")
    for each in (x, y):
        for algorithm in (1, 2):
            other = KSG(3, "raw", algorithm)
            assert information(other, each, constant) == 0
            assert information(other, constant, each) == 0
    assert information(estimator, x, constant, y) == 0
    assert information(estimator, constant, x, y) == 0
    for marginals, algorithm in product(["raw", "uniform"], [1, 2]):
        other = KSG(3, marginals, algorithm)
        assert information(other, x, y, constant) == pytest.approx(
            information(other, x, y), abs=CLOSE
        )
        assert information(other, x, y + constant) == pytest.approx(
            information(other, x, y), abs=CLOSE
        )


@ROUNDED
@pytest.mark.parametrize(("x_kinds", "y_kinds"), PAIRS_OF_KINDS)
def test_a_condition_has_no_conditional_information(rng, x_kinds, y_kinds, rounded):
    x, y = draw(make_columns(rng, 60, rounded), x_kinds, y_kinds)
    assert information(KSG(3, "raw"), x, y, x) == 0
    assert information(KSG(3, "raw"), y, x, x) == 0


@ROUNDED
@pytest.mark.parametrize(("x_kinds", "y_kinds", "z_kinds"), TRIPLES_OF_KINDS)
def test_symmetry(rng, x_kinds, y_kinds, z_kinds, rounded):
    x, y, z = draw(make_columns(rng, 60, rounded), x_kinds, y_kinds, z_kinds)
    for algorithm in (1, 2):
        estimator = KSG(3, algorithm=algorithm)
        for given in (None, z):
            forth, back = (information(estimator, *v, given) for v in ((x, y), (y, x)))
            assert forth == pytest.approx(back, abs=CLOSE)


@pytest.mark.parametrize(("x_kinds", "y_kinds", "z_kinds"), TRIPLES_OF_KINDS)
def test_order_of_samples_and_axes(rng, x_kinds, y_kinds, z_kinds):
    x, y, z = draw(make_columns(rng, 60, True), x_kinds, y_kinds, z_kinds)
    rows = rng.permutation(60)
    moved = [[(c[rows], kind) for c, kind in v[::-1]] for v in (x, y, z)]
    for algorithm in (1, 2):
        estimator = KSG(3, algorithm=algorithm)
        for n in (2, 3):
            assert information(estimator, *moved[:n]) == pytest.approx(
                information(estimator, *(x, y, z)[:n]), abs=CLOSE
            )


@pytest.mark.parametrize(("x_kinds", "y_kinds", "z_kinds"), TRIPLES_OF_KINDS)
def test_maps_and_names(rng, x_kinds, y_kinds, z_kinds):
    """Increasing maps of numbers, and other names of levels."""
    x, y, z = draw(make_columns(rng, 60, True), x_kinds, y_kinds, z_kinds)
    change = {False: np.exp, True: lambda levels: -3 * levels}
    changed = [[(change[kind](c), kind) for c, kind in v] for v in (x, y, z)]
    assert information(KSG(), *changed) == pytest.approx(
        information(KSG(), x, y, z), abs=CLOSE
    )


def test_samples_alone_in_their_cell(rng):
    """Samples alone in their cell are left out of all counts."""
    x, y, z = rng.standard_normal((3, 60))
    d = np.append(rng.integers(0, 3, 57), [10, 11, 12]).astype(float)
    estimator = KSG(3, "raw")
    whole = [[(x, False)], [(y, False), (d, True)], [(z, False)]]
    kept = [[(c[:57], kind) for c, kind in v] for v in whole]
    for n in (2, 3):
        assert information(estimator, *whole[:n]) == information(estimator, *kept[:n])
    identifier = [(np.arange(60.0), True)]
    assert information(estimator, whole[0], identifier, whole[2]) == 0
    assert information(estimator, whole[0], whole[2] + identifier) == 0


@ALGORITHMS
def test_columns_do_not_depend_on_others(rng, algorithm):
    """The estimate of a column is the same beside any other columns."""
    columns = make_columns(rng, 80, True)
    kinds = np.arange(6) % 2 == 1
    estimator = KSG(algorithm=algorithm)
    block = block_of(estimator, columns, kinds)
    others = rng.permutation(6)
    for j in range(6):
        target = estimator.as_target(block, j)
        both = estimator.condition(target, estimator.as_target(block, 0))
        alone = block_of(estimator, columns[[j]], kinds[[j]])
        assert estimator.mi(block, others, estimator.as_target(alone, 0)).tolist() == [
            estimator.mi(block, others[[i]], target)[0] for i in range(6)
        ]
        assert estimator.cmi(block, others, both).tolist() == [
            estimator.cmi(block, others[[i]], both)[0] for i in range(6)
        ]


# --- the truth, with standard errors over several seeds

COVARIANCE = np.array([[4.0, 3, 1], [3, 4, 1], [1, 1, 2]])


def normals(covariance, *sizes):
    """Return a sampler of normal variables with these numbers of columns."""

    def sample(rng, n):
        columns = rng.multivariate_normal(np.zeros(len(covariance)), covariance, n).T
        parts = np.split(columns, np.cumsum(sizes)[:-1])
        return [[(column, False) for column in part] for part in parts]

    return sample


def equicorrelated(d):
    return np.full((d, d), 0.5) + 0.5 * np.eye(d)


def with_kinds(sample, *kinds):
    def sample_pairs(rng, n):
        columns = (np.asarray(c, dtype=float) for c in sample(rng, n))
        return [[pair] for pair in zip(columns, kinds, strict=True)]

    return sample_pairs


def gated(rng, n):
    """Where z is 1, y is the sign of x; elsewhere y is a coin flip."""
    x, z = rng.standard_normal(n), rng.random(n) < 0.5
    return x, np.where(z, x > 0, rng.random(n) < 0.5), z


def common_cause(rng, n):
    z = rng.standard_normal(n)
    return z + rng.standard_normal(n), z + rng.standard_normal(n) > 0, z


def common_class(rng, n):
    z = rng.integers(0, 4, n)
    return z + rng.standard_normal(n), z + rng.standard_normal(n), z


def thinned_counts(rng, n):
    """A chain x -> z -> y, where z and y are counts."""
    x = rng.exponential(10, n)
    z = rng.poisson(x)
    return x, rng.binomial(z, 0.5), z


def coin(rng, n):
    return rng.random(n) < 0.5


def with_noise(distribution, noise):
    def sample(rng, n):
        return *distribution.sample(rng, n), noise(rng, n)

    return sample


TRUTH = {
    "normal": (normals(COVARIANCE[:2, :2], 1, 1), 0.413339),
    "normal, given": (normals(COVARIANCE, 1, 1, 1), 0.356883),
    "2 and 2": (normals(equicorrelated(4), 2, 2), 0.293893),
    "3 and 3": (normals(equicorrelated(6), 3, 3), 0.413339),
    "gated": (with_kinds(gated, C, D, D), np.log(2) / 2),
    "gated, as numbers": (with_kinds(gated, C, C, C), np.log(2) / 2),
    "common cause": (with_kinds(common_cause, C, D, C), 0),
    "common class": (with_kinds(common_class, C, C, D), 0),
    "common class, as a number": (with_kinds(common_class, C, C, C), 0),
    "thinned counts": (with_kinds(thinned_counts, C, C, C), 0),
    "thinned counts, y discrete": (with_kinds(thinned_counts, C, D, C), 0),
    "sign and normal": (
        with_kinds(with_noise(sign_and_normal(1), np.random.Generator.random), C, D, C),
        0.336831,
    ),
    "normal and atoms": (
        with_kinds(with_noise(normal_and_atoms(), coin), C, C, D),
        1.292362,
    ),
}
BY_RECTANGLES = ["normal", "2 and 2", "3 and 3"]


@pytest.mark.parametrize(
    ("name", "algorithm"), [(n, 1) for n in TRUTH] + [(n, 2) for n in BY_RECTANGLES]
)
def test_truth(name, algorithm):
    """Within 0.015 and four standard errors of the truth."""
    sample, truth = TRUTH[name]
    estimator = KSG(algorithm=algorithm)
    found = [
        information(estimator, *sample(np.random.default_rng(seed), 2000))
        for seed in range(8)
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - truth) < 0.015 + 4 * error
    assert error < 0.015


@pytest.mark.parametrize("step", [1 / 2, 1 / 4, 1 / 8, 1 / 16])
@pytest.mark.parametrize("rounded", [[0], [2], [0, 1, 2]], ids=str)
def test_conditional_information_on_grids(rounded, step):
    """Within a few hundredths of a nat, for any rounded variables."""
    found = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        columns = rng.multivariate_normal(np.zeros(3), COVARIANCE, 2000).T
        columns[rounded] = np.rint(columns[rounded] / (2 * step)) * step
        found.append(information(KSG(), *([(column, C)] for column in columns)))
    assert np.mean(found) == pytest.approx(0.356883, abs=0.035)


def test_exclusive_or():
    """Only the pair is informative about y, as classes and as numbers."""
    x, z = np.repeat([[0.0, 0, 1, 1], [0, 1, 0, 1]], 500, axis=1)
    y = (x != z).astype(float)
    for kind in (C, D):
        pairs = [[(v, kind)] for v in (x, y, z)]
        assert information(KSG(), *pairs[:2]) == pytest.approx(0, abs=1e-3)
        assert information(KSG(), *pairs) == pytest.approx(np.log(2), abs=2e-3)
        joined = information(KSG(), pairs[0] + pairs[2], pairs[1])
        assert joined == pytest.approx(np.log(2), abs=2e-3)
