"""The plug-in estimator: information of tables, bins, and corrections of the bias."""

import pickle
import warnings
from itertools import permutations

import naive
import numpy as np
import pytest
from scipy.special import entr
from scipy.stats import chi2, chi2_contingency
from sklearn.metrics.cluster import expected_mutual_information

import skmi
from skmi._data.columns import Columns
from skmi.criteria import CRITERIA
from skmi.estimators import PlugIn, _corrections
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._discrete import (
    code_block,
    degrees_of_freedom,
    discrete_cmi_and_chance,
    discrete_condition,
    discrete_mi_and_chance,
)

CLOSE = 1e-12
every_correction = pytest.mark.parametrize("correction", CORRECTIONS)
FIRST = np.array([0])
PLAIN = PlugIn(correction=None)


def prepare(estimator, *columns, discrete=True):
    """Prepare arrays, all discrete or all continuous, as a block."""
    X = Columns(np.column_stack(columns), np.full(len(columns), discrete))
    return estimator.prepare(X, np.arange(len(columns)))


def information(estimator, x, y, z=None):
    """Return I(x; y), or I(x; y | z)."""
    given = [] if z is None else [z]
    block = prepare(estimator, x, y, *given)
    y, *given = (estimator.as_target(block, 1 + i) for i in range(1 + len(given)))
    if not given:
        return estimator.mi(block, FIRST, y)[0]
    return estimator.cmi(block, FIRST, estimator.condition(y, *given))[0]


def entropy(estimator, *columns):
    """Return the joint entropy of columns."""
    return estimator.entropy(estimator.join(prepare(estimator, *columns)), FIRST)[0]


# --- tables

LEVELS = [1, 2, 10, 300, 2000]


@pytest.mark.filterwarnings("ignore:y is constant")
@pytest.mark.parametrize("n_y", LEVELS)
@pytest.mark.parametrize("n_x", LEVELS)
def test_information(rng, n_x, n_y):
    x, y = rng.integers(0, n_x, 1000), rng.integers(0, n_y, 1000)
    found = skmi.mutual_info(x, y, estimator=PLAIN, discrete_x=True, discrete_y=True)
    expected = naive.information(x, y)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=CLOSE)
    if 1 in (n_x, n_y):
        assert found == 0


@pytest.mark.parametrize("n_z", LEVELS)
@pytest.mark.parametrize("n_y", LEVELS)
@pytest.mark.parametrize("n_x", [2, 300])
def test_conditional_information(rng, n_x, n_y, n_z):
    x, y, z = (rng.integers(0, m, 1000) for m in (n_x, n_y, n_z))
    x = (x + y) % n_x
    np.testing.assert_allclose(
        information(PLAIN, x, y, z),
        naive.conditional_information(x, y, z),
        rtol=1e-10,
        atol=CLOSE,
    )


@pytest.mark.parametrize(
    ("x", "y", "z", "bits"),
    [
        ([1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 0], 0.688721875),
        ([1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 0, 1], 0.18872187554),
        ([0, 0, 1, 1], [0, 1, 1, 0], [0, 1, 0, 1], 1),
    ],
)
def test_conditional_information_by_hand(x, y, z, bits):
    found = information(PLAIN, x, y, z)
    assert found / np.log(2) == pytest.approx(bits, abs=1e-8)


@pytest.mark.parametrize(
    ("table", "nats"),
    [([[10, 20], [15, 25]], 0.0009286386703), ([[30, 10], [10, 30]], 0.1308120359)],
)
def test_a_table(table, nats):
    x, y = np.repeat([[0, 0, 1, 1], [0, 1, 0, 1]], np.ravel(table), axis=1)
    found = information(PLAIN, x, y)
    assert found == pytest.approx(nats, abs=1e-10)
    g, *_ = chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert 2 * len(x) * found == pytest.approx(g)


def test_entropy_by_hand():
    x, y = [1, 0, 1, 1, 0], [1, 1, 1, 0, 0]
    bit = np.log(2)
    assert entropy(PlugIn(), x) / bit == pytest.approx(0.9710, abs=1e-4)
    assert entropy(PlugIn(), x, y) / bit == pytest.approx(1.9219, abs=1e-4)
    assert information(PLAIN, x, y) / bit == pytest.approx(0.0200, abs=1e-4)


# --- bins

CUTS = {
    "quantile": naive.quantile_bins,
    "uniform": naive.uniform_bins,
    "kmeans": naive.k_means_bins,
}
every_binning = pytest.mark.parametrize("binning", CUTS)


@pytest.mark.parametrize("n_bins", [2, 3, 16, 255, 256, 257, 300])
@every_binning
def test_bins(rng, binning, n_bins):
    cut = CUTS[binning]
    y = rng.standard_normal(700)
    columns = [y + 0.5 * rng.standard_normal(700), y**3, y.round(1), y.round(), -y]
    scorer = skmi.MIScorer(PlugIn(n_bins, binning, correction=None))
    found = scorer(np.column_stack(columns), y)
    expected = [naive.information(cut(x, n_bins), cut(y, n_bins)) for x in columns]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@every_binning
def test_few_values_are_not_binned(rng, binning):
    """Even where bins of equal shares or widths would merge them."""
    x = rng.choice([0.0, 1.0, 1.001, 1000.0], 500, p=[0.9, 0.05, 0.03, 0.02])
    for n_bins in (4, 5, 50):
        found = skmi.mutual_info(x, x, estimator=PlugIn(n_bins, binning, None))
        assert found == pytest.approx(naive.entropy(x))
    assert skmi.mutual_info(x, x, estimator=PlugIn(3, binning, None)) < naive.entropy(x)


@pytest.mark.parametrize("n_bins", [2, 3, 8])
def test_k_means_finds_clusters(rng, n_bins):
    clusters = rng.integers(0, n_bins, 500)
    x = 100.0 * clusters + 10 * rng.standard_normal(500)
    found = prepare(PlugIn(n_bins, "kmeans"), x, discrete=False).codes[0]
    np.testing.assert_array_equal(found, clusters)


@pytest.mark.parametrize(
    ("n", "n_bins"),
    [(5, 2), (100, 3), (300, 4), (1000, 6), (4000, 11), (10_000, 16), (50_000, 16)],
)
def test_automatic_number_of_bins(rng, n, n_bins):
    """0.4 n^0.4, but at least 2 and at most 16."""
    x, y = rng.standard_normal((2, n))
    assert skmi.mutual_info(x, y, estimator=PlugIn()) == skmi.mutual_info(
        x, y, estimator=PlugIn(n_bins)
    )


SHAPES = {
    "normal": lambda rng, n: rng.standard_normal(n),
    "uniform": lambda rng, n: rng.random(n),
    "skewed": lambda rng, n: rng.exponential(size=n),
    "offset": lambda rng, n: 1e6 + rng.standard_normal(n),
    "cauchy": lambda rng, n: rng.standard_cauchy(n),
    "zero-inflated": lambda rng, n: rng.random(n) * (rng.random(n) < 0.2),
}
RULES = ["sturges", "scott", "fd", "doane"]


@pytest.mark.parametrize("n", [50, 1000, 20_000])
@pytest.mark.parametrize("rule", RULES)
def test_rules_equal_numpy(rng, rule, n):
    """For each column, but at least 2 and at most the square root of n."""
    columns = [shape(rng, n) for shape in SHAPES.values()]
    block = prepare(PlugIn(rule), *columns, discrete=False)
    expected = [len(np.histogram_bin_edges(x, bins=rule)) - 1 for x in columns]
    expected = np.clip(expected, 2, int(n**0.5))
    np.testing.assert_array_equal(block.n_levels, expected)
    for codes, x, n_bins in zip(block.codes, columns, expected, strict=True):
        np.testing.assert_array_equal(codes, naive.quantile_bins(x, n_bins))


EXTREME = {
    "huge": lambda rng, n: rng.choice([-1.7e308, 1.0, 3.0, 1.7e308], n),
    "subnormal": lambda rng, n: 1e-310 * rng.standard_normal(n),
    "one outlier": lambda rng, n: np.append(rng.random(n - 1), 1e300),
    "constant": lambda rng, n: np.full(n, 3.0),
    "two values": lambda rng, n: rng.integers(0, 2, n) * 1e-5,
    "heavy tails": lambda rng, n: np.exp(20 * rng.standard_normal(n)),
}


@pytest.mark.parametrize("n", [2, 3, 300])
@every_binning
@pytest.mark.parametrize("n_bins", [2, "auto", *RULES])
def test_extreme_values(rng, n_bins, binning, n):
    estimator = PlugIn(n_bins, binning, correction=None)
    columns = [shape(rng, n) for shape in EXTREME.values()]
    block = prepare(estimator, *columns, discrete=False)
    for column, name in enumerate(EXTREME):
        target = estimator.as_target(block, column)
        found = estimator.mi(block, np.arange(len(columns)), target)
        assert np.isfinite(found).all()
        assert (found[column] > 0) == (len(np.unique(columns[column])) > 1), name


@every_binning
def test_order_of_samples(rng, binning):
    X = np.column_stack([shape(rng, 300) for shape in EXTREME.values()])
    X[:, 0] = np.append(1e12, rng.standard_normal(299).round(1))
    shuffled = rng.permutation(X)
    for x, other in zip(X.T, shuffled.T, strict=True):
        assert skmi.entropy(x, estimator=PlugIn(binning=binning)) == pytest.approx(
            skmi.entropy(other, estimator=PlugIn(binning=binning)), abs=1e-12
        )


def test_threads_do_not_change_warning_filters(rng):
    X = rng.standard_normal((40, 40))
    X[0] = 1e12  # so that the other values are nearly equal
    before = list(warnings.filters)
    skmi.mutual_info_matrix(X, estimator=PlugIn(binning="kmeans"), n_jobs=4)
    assert warnings.filters == before


@pytest.mark.parametrize("n_bins", [*RULES, 5])
@every_binning
def test_bins_of_a_column_do_not_depend_on_the_others(rng, binning, n_bins):
    X = np.column_stack([shape(rng, 200) for shape in SHAPES.values()])
    y = rng.standard_normal(200)
    scorer = skmi.MIScorer(PlugIn(n_bins, binning))
    alone = [scorer(x[:, None], y)[0] for x in X.T]
    np.testing.assert_array_equal(scorer(X, y), alone)


def test_more_bins_than_samples(rng):
    x, y = rng.standard_normal((2, 9))
    with pytest.raises(ValueError, match=r"n_bins=10 .* number of samples, 9"):
        skmi.mutual_info(x, y, estimator=PlugIn(10))
    assert np.isfinite(skmi.mutual_info(x, y, estimator=PlugIn(9)))


def test_unknown_parameters(rng):
    x, y = rng.standard_normal((2, 9))
    for given in (
        {"correction": "bonferroni"},
        {"binning": "k-means"},
        {"n_bins": "freedman"},
    ):
        (name,) = given
        with pytest.raises(ValueError, match=f"'{name}' parameter"):
            skmi.mutual_info(x, y, estimator=PlugIn(**given))


# --- corrections compared with their definitions

ENTROPY_DEFINITIONS = {
    None: naive.entropy,
    "miller-madow": naive.miller_madow,
    "jackknife": naive.jackknife,
    "grassberger": naive.grassberger,
    "chao-shen": naive.chao_shen,
}


def from_entropies(h):
    return lambda x, y, z: h(x, z) + h(y, z) - h(x, y, z) - h(z)


INFORMATION_DEFINITIONS = {
    name: from_entropies(h) for name, h in ENTROPY_DEFINITIONS.items()
} | {
    "shrink": naive.shrunk_information,
    "chance": naive.information_above_chance,
}


@pytest.mark.parametrize(
    "levels",
    [(2, 2, 2), (3, 4, 5), (40, 5, 30), (5, 40, 1), (2, 2, 90), (9, 300, 300)],
)
@every_correction
def test_corrections(rng, correction, levels):
    """Dense and sparse tables of dependent columns, with joint codes of any size."""
    x, y, z = (rng.integers(0, m, 150) for m in levels)
    x = np.where(rng.random(150) < 0.6, y + z, x) % levels[0]
    constant, estimator = np.zeros(150, int), PlugIn(correction=correction)
    expected = INFORMATION_DEFINITIONS[correction]
    for given, condition in [((), constant), ((z,), z)]:
        np.testing.assert_allclose(
            information(estimator, x, y, *given), expected(x, y, condition), atol=1e-11
        )


@every_correction
@pytest.mark.parametrize("n_levels", [1, 2, 30, 400])
def test_corrected_entropies(rng, n_levels, correction):
    x = np.minimum(rng.geometric(3 / n_levels, 200) if n_levels > 3 else 0, n_levels)
    x = x + rng.integers(0, n_levels, 200)
    if correction == "shrink":
        expected = entr(naive.shrunk_frequencies(x)).sum()
    else:
        expected = ENTROPY_DEFINITIONS.get(correction, naive.entropy)(x)
    found = entropy(PlugIn(correction=correction), x)
    np.testing.assert_allclose(found, expected, atol=1e-11)
    if n_levels == 1:
        assert found == 0


def test_corrected_entropies_by_hand():
    """Levels of 3, 1 and 1 samples; G(1) = -g - ln 2, G(2) = G(3) = 2 + G(1)."""
    x, g_1 = [0, 0, 0, 1, 2], -np.euler_gamma - np.log(2)
    plug_in = np.log(5) - 3 * np.log(3) / 5
    without_0, without_1 = np.log(4) - np.log(2) / 2, np.log(4) - 3 * np.log(3) / 4
    q = 0.6 * np.array([0.6, 0.2, 0.2])  # a coverage of 1 - 2 / 5
    expected = {
        "miller-madow": plug_in + 2 / 10,
        "grassberger": np.log(5) - (3 * (2 + g_1) + 2 * g_1) / 5,
        "jackknife": 5 * plug_in - 4 * (3 * without_0 + 2 * without_1) / 5,
        "chao-shen": -(q * np.log(q) / (1 - (1 - q) ** 5)).sum(),
        "shrink": np.log(3),  # (1 - 11 / 25) / (4 (11 / 25 - 1 / 3)) is above 1
        "chance": plug_in,
    }
    for correction, value in expected.items():
        assert entropy(PlugIn(correction=correction), x) == pytest.approx(value)


def test_miller_madow_adds_to_information(rng):
    """(levels of x + levels of y - cells observed - 1) / 2n."""
    x, y = rng.integers(0, 20, 100), rng.integers(0, 7, 100)
    n_x, n_y, n_xy = (
        len(naive.counts_of(*variables)) for variables in [(x,), (y,), (x, y)]
    )
    assert information(PlugIn(correction="miller-madow"), x, y) == pytest.approx(
        naive.information(x, y) + (n_x + n_y - n_xy - 1) / 200
    )


# --- properties of all corrections


@every_correction
def test_a_constant_has_no_information(rng, correction):
    estimator, constant = PlugIn(correction=correction), np.zeros(101, int)
    for n_levels in (2, 5, 60, 101):
        x, z = rng.integers(0, n_levels, 101), rng.integers(0, 3, 101)
        assert entropy(estimator, constant) == 0
        for given in ((), (z,), (x,), (constant,)):
            assert information(estimator, constant, x, *given) == 0
            assert information(estimator, x, constant, *given) == 0
        # a constant condition changes nothing
        assert information(estimator, x, z, constant) == pytest.approx(
            information(estimator, x, z), abs=CLOSE
        )


@every_correction
def test_information_is_symmetric(rng, correction):
    estimator = PlugIn(correction=correction)
    x, y, z = rng.integers(0, 12, (3, 80))
    for given in ((), (z,)):
        assert information(estimator, x, y, *given) == pytest.approx(
            information(estimator, y, x, *given), abs=CLOSE
        )


@pytest.mark.parametrize("correction", ENTROPY_DEFINITIONS)
def test_chain_rule(rng, correction):
    """I(x, z; y) = I(z; y) + I(x; y | z), x and z as one column."""
    estimator = PlugIn(correction=correction)
    x, y, z = rng.integers(0, 6, (3, 80))
    assert information(estimator, 6 * x + z, y) == pytest.approx(
        information(estimator, z, y) + information(estimator, x, y, z)
    )
    block = estimator.join(prepare(estimator, x, z))
    target = estimator.as_target(prepare(estimator, y), 0)
    assert estimator.mi(block, FIRST, target)[0] == pytest.approx(
        information(estimator, 6 * x + z, y)
    )


@every_correction
@pytest.mark.parametrize("method", ["mi", "cmi", "entropy"])
def test_chunks_of_columns(rng, monkeypatch, correction, method):
    """Single columns, all columns and chunks of columns have the same result."""
    estimator = PlugIn(correction=correction)
    levels = [1, 2, 40, 3, 150, 5, 5]
    block = prepare(estimator, *(rng.integers(0, m, 120) for m in levels))
    y, z = estimator.as_target(block, 5), estimator.as_target(block, 6)
    function, arguments = {
        "mi": (estimator.mi, (y,)),
        "cmi": (estimator.cmi, (estimator.condition(y, z),)),
        "entropy": (estimator.entropy, ()),
    }[method]
    columns = np.array([0, 1, 2, 4, 5])
    together = function(block, columns, *arguments)
    alone = [function(block, np.array([column]), *arguments)[0] for column in columns]
    np.testing.assert_array_equal(together, alone)
    monkeypatch.setattr(_corrections, "_MOST_COUNTS", 100)
    np.testing.assert_array_equal(function(block, columns, *arguments), together)
    assert len(function(block, columns[:0], *arguments)) == 0


@every_correction
@pytest.mark.parametrize("criterion", CRITERIA)
def test_selection(rng, criterion, correction):
    """Any correction finds strong dependence, with any number of jobs."""
    X = rng.integers(0, 2, (400, 6))
    y = 2 * X[:, 1] + (X[:, 4] ^ (rng.random(400) < 0.1))
    selector = skmi.MISelector(
        2,
        criterion=criterion,
        estimator=PlugIn(correction=correction),
        discrete_features=True,
    ).fit(X, y)
    assert set(selector.path_) == {1, 4}
    scores = selector.path_scores_
    selector.set_params(n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(selector.path_scores_, scores)


# --- chance


def contingency(x, y):
    table = np.zeros((x.max() + 1, y.max() + 1), dtype=np.int64)
    np.add.at(table, (x, y), 1)
    return table


@pytest.mark.parametrize("n", [2, 5, 60, 3000])
@pytest.mark.parametrize("levels", [(2, 2), (2, 50), (30, 7), (1000, 1000)])
def test_chance_equals_scikit_learn(rng, levels, n):
    x, y = (np.unique(rng.zipf(1.5, n) % m, return_inverse=True)[1] for m in levels)
    expected = expected_mutual_information(contingency(x.ravel(), y.ravel()), n)
    plug_in, corrected = (
        information(PlugIn(correction=c), x, y) for c in (None, "chance")
    )
    assert plug_in - corrected == pytest.approx(expected, abs=1e-10)


def by_chance(x, y, z=None):
    """Return the mean of I(x; y), or of I(x; y | z), by chance."""
    given = [] if z is None else [z]
    block = prepare(PlugIn(), x, y, *given)
    y, *given = (PlugIn().as_target(block, 1 + i) for i in range(1 + len(given)))
    if not given:
        return discrete_mi_and_chance(block, FIRST, y)[1, 0]
    return discrete_cmi_and_chance(block, FIRST, discrete_condition(y, *given))[2, 0]


@pytest.mark.parametrize(
    ("n", "a", "b"),
    [
        *((n, n // 2, n // 2) for n in (2, 30, 119, 120, 10**4, 10**6)),
        *((10**5, 10**4, b) for b in (1, 20, 299, 300, 301, 5000, 10**5 - 1)),
        *((10**6, a, 10**3) for a in (2, 29_000, 31_000, 10**6 - 10**3, 10**6 - 1)),
        (40, 35, 36),
        (34, 32, 33),
        (33, 32, 32),
    ],
)
def test_chance_of_any_mean(n, a, b):
    """To 1e-9 of the expectation, where it is a sum and where it is a series."""
    x, y = (np.arange(n) < count for count in (a, b))
    expected = sum(
        naive.expected_excess(x_count, y_count, n) / n
        for x_count in (a, n - a)
        for y_count in (b, n - b)
    )
    assert by_chance(x, y) == pytest.approx(expected, rel=1e-9, abs=0)


def test_chance_is_computed_once_for_all_orders(rng):
    """Targets of permuted samples share the table with the original."""
    estimator = PlugIn(correction="chance")
    block = prepare(estimator, *rng.integers(0, 4, (5, 90)))
    y, s = (estimator.as_target(block, column) for column in (3, 4))
    order, columns = rng.permutation(90), np.arange(3)
    for target, estimate in [
        (y, estimator.mi),
        (estimator.condition(y, s), estimator.cmi),
    ]:
        estimate(block, columns, target)
        reordered = estimator.reorder(target, order)
        assert reordered.chance is target.chance
        copy = pickle.loads(pickle.dumps(target))
        assert "expected" not in copy.chance.__dict__  # a worker may not write to it
        np.testing.assert_array_equal(
            estimate(block, columns, copy), estimate(block, columns, target)
        )
        # the samples of all columns in another order change nothing
        permuted = code_block(block.codes[:, order], block.n_levels)
        np.testing.assert_array_equal(
            estimate(permuted, columns, reordered), estimate(block, columns, target)
        )


@pytest.mark.parametrize("levels", [(3, 4), (6, 400), (300, 300)])
@every_correction
def test_reorder_equals_preparing_again(rng, correction, levels):
    """Also with joint codes of those that occur only."""
    estimator = PlugIn(correction=correction)
    y, s = (rng.integers(0, m, 300) for m in levels)
    block = prepare(estimator, *rng.integers(0, 5, (3, 300)))
    order, columns = rng.permutation(300), np.arange(3)

    def targets(y, s):
        both = prepare(estimator, y, s)
        y, s = (estimator.as_target(both, column) for column in range(2))
        return y, estimator.condition(y, s)

    again = targets(y[order], s[order])
    y, conditioned = (estimator.reorder(target, order) for target in targets(y, s))
    np.testing.assert_array_equal(
        estimator.mi(block, columns, y), estimator.mi(block, columns, again[0])
    )
    for method in (estimator.cmi, estimator.cmi_and_entropy):
        np.testing.assert_array_equal(
            method(block, columns, conditioned), method(block, columns, again[1])
        )


def test_threads_share_chance(rng, monkeypatch):
    """Many blocks fill the same table, and no number of jobs changes a bit."""
    monkeypatch.setattr("skmi._utils.parallel._VALUES_PER_CHUNK", 2000)
    X, y = rng.standard_normal((500, 60)), rng.integers(0, 7, 500)
    select = skmi.MISelector(4, estimator=PlugIn(8, correction="chance"))
    expected = select.fit(X, y).path_scores_
    for n_jobs in (2, 7):
        found = select.set_params(n_jobs=n_jobs).fit(X, y).path_scores_
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("n_z", [1, 3, 100])
@pytest.mark.parametrize("n_y", [2, 30])
@pytest.mark.parametrize("n_x", [2, 20, 300, 1000])
def test_independent_columns_average_0(n_x, n_y, n_z):
    """Within two standard errors; for an identifier within rounding errors."""
    rng, n = np.random.default_rng(1), 1000
    y, z = rng.integers(0, n_y, n), rng.integers(0, n_z, n)
    if n_x == n:
        columns = [rng.permutation(n) for _ in range(5)]
    else:
        columns = list(rng.integers(0, n_x, (200, n)))
    estimator = PlugIn(correction="chance")
    block = prepare(estimator, *columns, y, z)
    positions = np.arange(len(columns))
    y, z = (estimator.as_target(block, len(columns) + i) for i in range(2))
    for found in (
        estimator.mi(block, positions, y),
        estimator.cmi(block, positions, estimator.condition(y, z)),
    ):
        error = found.std() / len(positions) ** 0.5
        assert abs(found.mean()) < 2 * error + CLOSE
        if n_x == n:
            np.testing.assert_allclose(found, 0, atol=CLOSE)
        else:
            assert error > 1e-6


def test_junk_of_many_levels():
    """The plug-in estimate of random levels is 0.19 nats."""
    rng = np.random.default_rng(0)
    y, junk = rng.integers(0, 2, 1000), rng.integers(0, 300, (30, 1000))
    found = {
        correction: np.mean(
            [information(PlugIn(correction=correction), x, y) for x in junk]
        )
        for correction in (None, "miller-madow", "chance")
    }
    assert found[None] == pytest.approx(0.19, abs=0.01)
    assert found["miller-madow"] == pytest.approx(0.085, abs=0.02)
    assert found["chance"] == pytest.approx(0, abs=0.005)


def test_a_weak_true_column_outranks_junk():
    """It also outranks an identifier, which has H(y) without a correction."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 1000)
    weak = y ^ (rng.random(1000) < 0.4)
    X = np.column_stack([rng.permutation(1000), rng.integers(0, 300, 1000), weak])
    for correction, best in [(None, 0), ("chance", 2)]:
        scorer = skmi.MIScorer(PlugIn(correction=correction), discrete_features=True)
        assert np.argmax(scorer(X, y)) == best


# --- error compared with the truth


@pytest.mark.parametrize(
    ("correction", "share"),
    [("miller-madow", 0.2), ("jackknife", 0.1), ("grassberger", 0.2), ("chance", 0.1)],
)
def test_corrections_remove_the_bias(correction, share):
    """`share` is what remains of the plug-in's bias with several samples per cell."""
    rng = np.random.default_rng(0)
    x, noise = rng.integers(0, 8, (2, 100, 300))
    y = np.where(rng.random(x.shape) < 0.2, x, noise)
    truth = 2 * np.log(8) - entr(0.8 / 64 + 0.2 / 8 * np.eye(8)).sum()
    bias = {
        name: np.mean(
            [
                information(PlugIn(correction=name), *pair)
                for pair in zip(x, y, strict=True)
            ]
        )
        - truth
        for name in (None, correction)
    }
    assert abs(bias[correction]) < share * abs(bias[None])


def test_entropy_with_unseen_levels():
    """500 samples of 1000 levels with equal probabilities."""
    x = np.random.default_rng(0).integers(0, 1000, 500)
    plug_in = entropy(PlugIn(), x)
    assert plug_in < np.log(1000) - 0.7
    for correction in ("chao-shen", "grassberger"):
        found = entropy(PlugIn(correction=correction), x)
        assert abs(found - np.log(1000)) < (np.log(1000) - plug_in) / 3


# --- analytic p-values


@pytest.mark.parametrize("correction", [None, "chance", "shrink"])
def test_pvalues_are_those_of_the_scaled_g_test(rng, correction):
    """Close to the G test itself, where cells have many samples."""
    estimator = PlugIn(correction=correction)
    X, y = rng.integers(0, 4, (3, 3000)), rng.integers(0, 3, 3000)
    block = prepare(estimator, *X, np.zeros(3000), y)
    target = estimator.as_target(block, 4)
    found = estimator.pvalues(block, np.array([2, 0, 3]), target)
    tables = [contingency(x, y) for x in X[[2, 0]]]
    expected = [
        chi2.sf(6 * naive.information(x, y) / naive.chance_information(x, y), 6)
        for x in X[[2, 0]]
    ]
    np.testing.assert_allclose(found, [*expected, 1])
    theirs = [chi2_contingency(t, False, "log-likelihood").pvalue for t in tables]
    np.testing.assert_allclose(found[:2], theirs, atol=0.01)


@pytest.mark.parametrize("levels", [(3, 4, 1), (40, 3, 5), (2, 30, 60), (9, 300, 300)])
def test_degrees_of_freedom(rng, levels):
    """Of the levels that occur, in every stratum, with joint codes of any size."""
    x, y, s = (rng.integers(0, m, 300) for m in levels)
    block = prepare(PLAIN, x, y, s, np.zeros(300))
    y_target, given = (PLAIN.as_target(block, column) for column in (1, 2))

    def freedom(*given):
        strata = [np.ones(300, bool)]
        if given:
            strata = [given[0] == level for level in np.unique(given[0])]
        return sum(
            (len(np.unique(x[inside])) - 1) * (len(np.unique(y[inside])) - 1)
            for inside in strata
        )

    columns, conditioned = np.array([0, 3]), PLAIN.condition(y_target, given)
    found = degrees_of_freedom(block, columns, y_target)
    np.testing.assert_array_equal(found, [freedom(), 0])
    found = degrees_of_freedom(block, columns, conditioned)
    np.testing.assert_array_equal(found, [freedom(s), 0])


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("n_levels", [2, 5, 20, 50])
def test_level_of_analytic_pvalues(n, n_levels):
    """At most 6 % are below .05, and two standard errors of 5,000 p-values."""
    columns, estimator = np.arange(100), PlugIn()
    for n_classes in (2, 5, 20, None):
        small = np.zeros(2)
        for seed in range(50):
            rng = np.random.default_rng([seed, n, n_levels])
            X = rng.integers(0, n_levels, (100, n))
            y = rng.standard_normal(n)
            if n_classes is not None:
                y = rng.integers(0, n_classes, n)
            block = prepare(estimator, *X)
            target = estimator.as_target(
                prepare(estimator, y, discrete=n_classes is not None), 0
            )
            given = estimator.as_target(prepare(estimator, rng.integers(0, 3, n)), 0)
            conditioned = estimator.condition(target, given)
            for i, pvalues in enumerate(
                [
                    estimator.pvalues(block, columns, target),
                    estimator.conditional_pvalues(block, columns, conditioned),
                ]
            ):
                small[i] += np.count_nonzero(pvalues < 0.05)
        assert (small / 5000 < 0.06 + 2 * 0.003).all()


@pytest.mark.parametrize("strata", [(0, 0, 0, 0, 0, 0), (0, 0, 0, 1, 1, 1)])
def test_conditional_pvalues_are_scaled_by_chance(strata):
    """Scaled so that the mean over all permutations is the degrees of freedom."""
    x, y, s = np.array([0, 0, 1, 1, 0, 1]), np.array([0, 0, 1, 1, 1, 2]), strata
    estimator = PLAIN

    def conditioned(y):
        block = prepare(estimator, x, y, s, np.zeros(6))
        target, given = (estimator.as_target(block, j) for j in (1, 2))
        return block, target, estimator.condition(target, given)

    orders = [
        order
        for order in permutations(range(6))
        if all(s[i] == s[j] for i, j in enumerate(order))
    ]
    every = [
        estimator.cmi(block, np.array([0]), both)[0]
        for block, _, both in (conditioned(y[list(order)]) for order in orders)
    ]
    block, target, both = conditioned(y)
    dof = 2 if len(set(s)) == 1 else 1 + 1
    observed = estimator.cmi(block, np.array([0]), both)[0]
    expected = chi2.sf(dof * observed / np.mean(every), dof)
    found = estimator.conditional_pvalues(block, np.array([0, 3]), both)
    np.testing.assert_allclose(found, [expected, 1])
    if len(set(s)) == 1:
        found = estimator.conditional_pvalues(block, np.array([0, 3]), target)
        np.testing.assert_allclose(found, [expected, 1])
