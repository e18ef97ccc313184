"""The Gaussian copula compared with its definition and closed forms; edge cases."""

from itertools import product

import naive
import numpy as np
import pandas as pd
import pytest
from distributions import DISTRIBUTIONS
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import chi2, chi2_contingency, pearsonr, rankdata

import skmi
from skmi._data.columns import Columns
from skmi.estimators import GaussianCopula, _gaussian

CLOSE = 1e-9
HIGHEST = 26 * np.log(2)  # of the highest squared correlation, 1 - 2**-52

# kinds of f, y and s: continuous or discrete
KINDS = ["".join(kinds) for kinds in product("cd", repeat=3)]
PAIRS = ["cc", "cd", "dc", "dd"]
every_kind = pytest.mark.parametrize("kinds", KINDS)
every_pair = pytest.mark.parametrize("kinds", PAIRS)
both_corrections = pytest.mark.parametrize("correction", [True, False])


def prepare(estimator, *columns):
    """Prepare columns, floats as continuous and others as discrete ones."""
    discrete = np.array([np.asarray(c).dtype.kind != "f" for c in columns])
    X = Columns(np.column_stack(columns).astype(float), discrete)
    return estimator.prepare(X, np.arange(len(columns)))


def information(estimator, f, y, s=None):
    """Return I(f; y | s) of lists of columns; a list of several is joined."""

    def make_block(columns):
        block = prepare(estimator, *columns)
        return block if len(columns) == 1 else estimator.join(block)

    target = estimator.as_target(make_block(y), 0)
    place = np.zeros(1, dtype=np.intp)
    if not s:
        return estimator.mi(make_block(f), place, target)[0]
    conditioned = estimator.condition(target, estimator.as_target(make_block(s), 0))
    return estimator.cmi(make_block(f), place, conditioned)[0]


def make(rng, kind, common, n_levels=4):
    """Return a column that depends on another."""
    x = common + rng.standard_normal(len(common))
    return x if kind == "c" else (x * n_levels / 3).round().astype(int)


def cmi(estimator, block, columns, y=-2, s=-1):
    """Return I(f; y | s) of columns; by default y and s are the last of the block."""
    n_columns = len(block.place)
    y, s = (estimator.as_target(block, column % n_columns) for column in (y, s))
    return estimator.cmi(block, np.array(columns), estimator.condition(y, s))


# --- the definition


@both_corrections
@every_kind
def test_conditional_information(rng, kinds, correction):
    estimator, common = GaussianCopula(correction), rng.standard_normal(300)
    *fs, y, s = (make(rng, kind, common) for kind in (kinds[0] * 3 + kinds[1:]))
    found = cmi(estimator, prepare(estimator, *fs, y, s), [0, 1, 2])
    expected = [naive.gaussian_information([f], [y], [s], correction) for f in fs]
    np.testing.assert_allclose(found, expected, rtol=CLOSE, atol=1e-13)


@both_corrections
@every_pair
def test_information(rng, kinds, correction):
    estimator, common = GaussianCopula(correction), rng.standard_normal(300)
    f, y = (make(rng, kind, common) for kind in kinds)
    expected = naive.gaussian_information([f], [y], (), correction)
    assert information(estimator, [f], [y]) == pytest.approx(expected, rel=CLOSE)


@pytest.mark.parametrize("n", [40, 200])
@every_kind
def test_small_classes_are_left_out(rng, kinds, n):
    """Some levels of a column are rare, and others are rare in cells of two columns."""
    estimator, common = GaussianCopula(), rng.standard_normal(n)
    f, y, s = (make(rng, kind, common, n_levels=8) for kind in kinds)
    found = cmi(estimator, prepare(estimator, f, y, s), [0])[0]
    expected = naive.gaussian_information([f], [y], [s])
    assert found == pytest.approx(expected, rel=CLOSE, abs=1e-13)


SETS = ["c", "d", "cc", "cd", "dd", "ccd"]


@both_corrections
@pytest.mark.parametrize("s_kinds", ["", "c", "d", "ccd"])
@pytest.mark.parametrize("y_kinds", SETS)
@pytest.mark.parametrize("f_kinds", SETS)
def test_sets(rng, f_kinds, y_kinds, s_kinds, correction):
    common = rng.standard_normal(400)
    f, y, s = (
        [make(rng, k, common, 2) for k in kinds]
        for kinds in (f_kinds, y_kinds, s_kinds)
    )
    found = information(GaussianCopula(correction), f, y, s)
    expected = naive.gaussian_information(f, y, s, correction)
    assert found == pytest.approx(expected, rel=CLOSE, abs=1e-12)


# --- the truth


@pytest.mark.parametrize(
    ("r", "nats"),
    [(0.3, 0.047155), (0.75, 0.413339), (0.9, 0.830366), (0.99, 1.958518)],
)
def test_bivariate_normal(r, nats):
    found = []
    for seed in range(20):
        x, noise = np.random.default_rng(seed).standard_normal((2, 5000))
        y = r * x + np.sqrt(1 - r * r) * noise
        found.append(skmi.mutual_info(x, y, estimator="copula"))
    assert np.mean(found) == pytest.approx(nats, rel=0.02)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_estimates_of_pairs_are_at_most_the_truth(name):
    """Within four standard errors; for normal pairs it is the truth within 2%."""
    distribution, found = DISTRIBUTIONS[name], []
    for seed in range(20):
        found.append(
            skmi.mutual_info(
                *distribution.sample(np.random.default_rng(seed), 2000),
                estimator="copula",
                discrete_x=distribution.discrete_x,
                discrete_y=distribution.discrete_y,
            )
            - distribution.information
        )
    error = np.std(found) / np.sqrt(20)
    assert np.mean(found) < 4 * error + 0.002
    if name.startswith(("normal .", "independent", "binary")):
        assert np.mean(found) > -4 * error - 0.02 * distribution.information - 0.001


COVARIANCES = {  # of f, y and s; their numbers of columns, and the truth
    "conditional": ([[4, 3, 1], [3, 4, 1], [1, 1, 2]], (1, 1, 1), 0.356883),
    "pair of three": ([[4, 3, 1], [3, 4, 1], [1, 1, 2]], (1, 1, 0), 0.413339),
    "two and two": (np.full((4, 4), 0.5) + np.eye(4) / 2, (2, 2, 0), 0.293893),
    "three and three": (np.full((6, 6), 0.5) + np.eye(6) / 2, (3, 3, 0), 0.413339),
    "one and two": (np.full((3, 3), 0.5) + np.eye(3) / 2, (1, 2, 0), 0.202733),
}


@pytest.mark.parametrize("name", COVARIANCES)
def test_multinormal(name):
    covariance, sizes, nats = COVARIANCES[name]
    root, found = np.linalg.cholesky(covariance), []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        columns = list(root @ rng.standard_normal((len(root), 5000)))
        f, y, s = (columns[sum(sizes[:i]) : sum(sizes[: i + 1])] for i in range(3))
        found.append(information(GaussianCopula(), f, y, s))
    assert np.mean(found) == pytest.approx(nats, rel=0.02)


def test_correction_removes_the_mean_bias():
    """Independent normal columns average 0 at n = 20, not 1 / 2n or more."""
    columns = np.random.default_rng(0).standard_normal((20, 20_000))
    X = Columns(columns, np.zeros(20_000, dtype=bool))
    for correction, mean in ((True, 0), (False, 0.028)):
        estimator = GaussianCopula(correction)
        block = estimator.prepare(X, np.arange(20_000))
        found = estimator.mi(block, np.arange(1, 20_000), estimator.as_target(block, 0))
        error = found.std() / np.sqrt(len(found))
        assert abs(found.mean() - mean) < 4 * error < 0.0015


@every_kind
def test_correction_of_conditional_information(kinds):
    """Less than 0.4 of the bias remains."""
    rng = np.random.default_rng(0)
    y, s = (
        rng.standard_normal(60) if kind == "c" else np.arange(60) // step % 2
        for kind, step in zip(kinds[1:], (1, 2), strict=True)
    )
    fs = rng.standard_normal((2000, 60))
    if kinds[0] == "d":
        fs = (fs > 0).astype(int)
    means = []
    for correction in (True, False):
        estimator = GaussianCopula(correction)
        block = prepare(estimator, *fs, y, s)
        means.append(cmi(estimator, block, np.arange(2000)).mean())
    assert abs(means[0]) < 0.4 * means[1]


def test_a_square_has_no_information(rng):
    x = rng.standard_normal(2000)
    assert (
        skmi.mutual_info(x, x**2, estimator="copula")
        < 0.01
        < 1
        < skmi.mutual_info(x, x**2)
    )


# --- changes that must not change a result


@every_kind
def test_increasing_maps_change_nothing(rng, kinds):
    estimator, common = GaussianCopula(), rng.standard_normal(200)
    columns = [make(rng, kind, common) for kind in kinds]
    changed = [np.exp(c) if c.dtype.kind == "f" else c for c in columns]
    assert cmi(estimator, prepare(estimator, *columns), [0]) == cmi(
        estimator, prepare(estimator, *changed), [0]
    )


@every_kind
def test_symmetry(rng, kinds):
    estimator, common = GaussianCopula(), rng.standard_normal(100)
    block = prepare(estimator, *(make(rng, kind, common, 8) for kind in kinds))
    forth, back = cmi(estimator, block, [0], 1), cmi(estimator, block, [1], 0)
    np.testing.assert_allclose(forth, back, atol=1e-12)


@pytest.mark.parametrize("n", [7, 200, 1001])
@every_kind
def test_columns_do_not_depend_on_others(rng, kinds, n, monkeypatch):
    """To the last bit, for any other columns and any size of chunks."""
    estimator, common = GaussianCopula(), rng.standard_normal(n)
    fs = [make(rng, kinds[0], common, levels) for levels in (2, 4, 30, 3, 2, 5, 3)]
    y, s = (make(rng, kind, common, 2) for kind in kinds[1:])
    together = cmi(estimator, prepare(estimator, *fs, y, s), np.arange(7))
    apart = [cmi(estimator, prepare(estimator, f, y, s), [0])[0] for f in fs]
    np.testing.assert_array_equal(apart, together)
    monkeypatch.setattr(_gaussian, "_CHUNK_VALUES", 100)
    in_pieces = cmi(estimator, prepare(estimator, *fs, y, s), np.arange(7))
    np.testing.assert_array_equal(in_pieces, together)


def test_formulas():
    """The formula for each kind of f, where y and s are discrete or not."""
    names = {
        (kind.__name__, discrete): formula.__name__
        for (kind, discrete), formula in _gaussian.FORMULAS.items()
    }
    assert names == {
        ("ScoredColumns", False): "_of_scores",
        ("ScoredColumns", True): "_of_scores",
        ("DiscreteBlock", False): "_of_levels",
        ("DiscreteBlock", True): "_plug_in",
        ("RestColumns", False): "_of_rest",
        ("RestColumns", True): "_of_rest",
        ("Variable", False): "_of_variable",
        ("Variable", True): "_of_variable",
    }


def test_tables_larger_than_the_data(rng, monkeypatch):
    """Two columns of many levels: the pairs that occur are found by sorting."""
    estimator = GaussianCopula()
    f, y = rng.integers(0, 100, (2, 500)) // np.array([[1], [2]])
    f, y = np.where(rng.random((2, 500)) < 0.7, 0, [f, y])
    s = rng.standard_normal(500) + (f > 50)
    block = prepare(estimator, f, y, s)
    expected = naive.gaussian_information([f], [y], [s])
    assert cmi(estimator, block, [0])[0] == pytest.approx(expected, rel=CLOSE)
    monkeypatch.setattr(_gaussian, "_CHUNK_VALUES", 100)
    assert cmi(estimator, block, [0])[0] == pytest.approx(expected, rel=CLOSE)


def test_matrix(rng):
    estimator, common = GaussianCopula(), rng.standard_normal(150)
    columns = [make(rng, kind, common) for kind in "ccdcdc"] + [np.zeros(150)]
    block = prepare(estimator, *columns)
    f, g = np.array([0, 2, 3, 5, 6]), np.array([1, 2, 3, 4, 6])
    expected = np.stack(
        [estimator.mi(block, f, estimator.as_target(block, j)) for j in g], axis=1
    )
    found = estimator.matrix(block, f, block, g)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14)
    assert not found[-1].any()
    assert not found[:, -1].any()


# --- edge cases


@every_kind
def test_constants_have_no_information(rng, kinds):
    estimator = GaussianCopula()
    columns = [make(rng, kind, rng.standard_normal(50)) for kind in kinds]
    for i in (0, 1):
        without = list(columns)
        without[i] = np.full_like(columns[i], 3)
        assert cmi(estimator, prepare(estimator, *without), [0])[0] == 0
    given_constant = [*columns[:2], np.full_like(columns[2], 3)]
    block = prepare(estimator, *given_constant)
    expected = estimator.mi(block, np.array([0]), estimator.as_target(block, 1))
    np.testing.assert_allclose(cmi(estimator, block, [0]), expected, atol=1e-14)


@pytest.mark.parametrize("kinds", ["ccc", "ccd", "cdc", "cdd"])
def test_identifiers_have_no_information(rng, kinds):
    estimator, identifier = GaussianCopula(), rng.permutation(50)
    _, y, s = (make(rng, kind, rng.standard_normal(50)) for kind in kinds)
    if "c" in kinds[1:]:
        assert cmi(estimator, prepare(estimator, identifier, y, s), [0])[0] == 0
    x = rng.standard_normal(50)
    assert cmi(estimator, prepare(estimator, x, identifier, s), [0])[0] == 0
    assert cmi(estimator, prepare(estimator, x, y, identifier), [0])[0] == 0


@every_pair
def test_copies(rng, kinds):
    """f adds nothing to a copy s of f or y, and has much information about itself."""
    estimator, common = GaussianCopula(), rng.standard_normal(1000)
    f, y = (make(rng, kind, common) for kind in kinds)
    for s in (f, y):
        assert abs(cmi(estimator, prepare(estimator, f, y, s), [0])[0]) < CLOSE
    self_information = information(estimator, [f], [f])
    chance = naive.information_above_chance(f, f, np.zeros(1000))
    expected = HIGHEST if kinds[0] == "c" else chance
    assert self_information == pytest.approx(expected, abs=0.01)


def test_a_class_of_equal_values():
    """They tell the class, so the information is its entropy, less chance."""
    x = np.r_[np.zeros(50), np.arange(1.0, 51)]
    found = skmi.mutual_info(x, x > 0, estimator="copula")
    assert found == pytest.approx(naive.information_above_chance(x > 0, x > 0, 0 * x))
    assert skmi.mutual_info(x > 0, x, estimator="copula") == pytest.approx(found)


small = st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=2, max_size=30)


@given(small, st.sampled_from(KINDS), st.booleans())
def test_always_finite(rows, kinds, correction):
    estimator = GaussianCopula(correction)
    columns = [
        column.astype(float if kind == "c" else int)
        for column, kind in zip(np.array(rows).T, kinds, strict=True)
    ]
    block = prepare(estimator, *columns)
    forth, back = cmi(estimator, block, [0], 1), cmi(estimator, block, [1], 0)
    assert -1 < forth < HIGHEST + 1e-9
    np.testing.assert_allclose(forth, back, atol=1e-7)


@pytest.mark.parametrize("n", [2, 3])
def test_fewest_samples(n):
    for x in (np.arange(n), np.arange(n) * 1.0):
        assert skmi.mutual_info(x, np.arange(n) * 1.0, estimator="copula") == 0


# --- errors


def test_dependent_columns_in_a_set(rng):
    estimator = GaussianCopula()
    x, y, z = rng.standard_normal((3, 100))
    with pytest.raises(ValueError, match=r"^column 3 is.*of column 1, so"):
        estimator.join(prepare(estimator, z > 0, x, y, np.exp(x)))
    frame = pd.DataFrame({"weight": x, "mass": -x, "height": y})
    message = r"^column 'mass' of x is.*of column 'weight' of x, so"
    with pytest.raises(ValueError, match=message):
        skmi.mutual_info(frame, z, estimator=estimator)
    a, b = np.round(10 * x), np.round(10 * y)
    constant = np.zeros(100)
    (joined,) = estimator.join(prepare(estimator, a, b, constant)).parts
    assert joined.rows.shape == (2, 100)
    with pytest.raises(ValueError, match="3 continuous columns needs more than 3 samp"):
        estimator.join(prepare(estimator, *rng.standard_normal((3, 3))))


def test_pvalues(rng):
    """p-values of the known tests, for any correction; none for several columns."""
    n = 80
    z = rng.standard_normal(n)
    x, y = z + rng.standard_normal((2, n))
    levels, classes = (z > 0).astype(int), rng.integers(0, 3, n)
    for correction in (False, True):
        estimator = GaussianCopula(correction)
        block = prepare(estimator, x, levels, y, classes)
        y_target, classes_target = (estimator.as_target(block, j) for j in (2, 3))
        scores = ndtri((2 * rankdata([x, y], axis=1) - 1) / (2 * n))
        found = estimator.pvalues(block, np.arange(4), y_target)
        assert found[0] == pytest.approx(pearsonr(*scores).pvalue, rel=1e-6)
        assert found[1] < 0.01
        assert found[2] < 1e-12
        found = estimator.pvalues(block, np.arange(4), classes_target)
        table = np.histogram2d(levels, classes, (2, 3))[0]
        g = chi2_contingency(table, correction=False, lambda_="log-likelihood")
        chance = naive.chance_information(levels, classes)
        assert found[1] == pytest.approx(chi2.sf(g.statistic / (n * chance), 2))
        assert found[0] > 0.001
        assert found[3] < 1e-12
        joined = estimator.join(block)
        first = np.array([0])
        for f, target in ((joined, y_target), (block, estimator.as_target(joined, 0))):
            with pytest.raises(ValueError, match="of variables of one dimension"):
                estimator.pvalues(f, first, target)


def test_no_entropy(rng):
    estimator = GaussianCopula()
    block = prepare(estimator, rng.standard_normal(10))
    with pytest.raises(TypeError, match=r"GaussianCopula has no entropies"):
        estimator.entropy(block, np.array([0]))


def test_correction_is_a_bool():
    with pytest.raises(ValueError, match="'correction' parameter of GaussianCopula"):
        skmi.mutual_info([1, 2, 3], [1, 2, 4], estimator=GaussianCopula("yes"))
