"""The test of independence over scales, alone and given a third variable."""

import tracemalloc

import naive
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from skmi import MIScorer, compare_correlation, independence_test, mutual_info
from skmi._data.columns import Columns
from skmi._estimation import scales
from skmi._estimation.exchange import check_exchange
from skmi._estimation.joint_scales import _members, exchange_near
from skmi._estimation.permutation import combine_scales
from skmi._estimation.scales import compare_scales

FIRST = np.zeros(1, np.intp)

COLUMNS = {
    "numbers": lambda rng, n: rng.standard_normal(n),
    "rounded": lambda rng, n: rng.standard_normal(n).round(),
    "flag as number": lambda rng, n: (rng.random(n) < 0.3) * 1.0,
    "zero-inflated": lambda rng, n: rng.exponential(size=n) * (rng.random(n) < 0.5),
    "flag": lambda rng, n: rng.random(n) < 0.5,
    "letters": lambda rng, n: rng.choice(list("abcde"), n),
    "identifier": lambda rng, n: rng.permutation(n).astype(str),
}
NUMBERS = ["numbers", "rounded", "flag as number", "zero-inflated"]


def columns(*variables):
    """Return variables as an array of numbers, labels as codes."""
    discrete = np.array([np.asarray(v).dtype.kind in "bU" for v in variables])
    rows = [
        np.unique(v, return_inverse=True)[1] if is_discrete else v
        for v, is_discrete in zip(variables, discrete, strict=True)
    ]
    return Columns(np.array(rows, dtype=float).T, discrete)


def rows(n):
    return check_exchange("rows", None, n)


def share_below(alpha, pvalues):
    """Return the share of p-values up to alpha, and four standard errors."""
    error = 4 * np.sqrt(alpha * (1 - alpha) / len(pvalues))
    return np.mean(np.array(pvalues) <= alpha), error


# --- the statistics


@pytest.mark.parametrize("x", ["numbers", "rounded", "letters", "flag"])
@pytest.mark.parametrize("y", ["numbers", "rounded", "letters", "flag"])
@pytest.mark.parametrize("n", [5, 40])
def test_statistics_equal_the_formulas(rng, x, y, n):
    x, y = COLUMNS[x](rng, n), COLUMNS[y](rng, n)
    one, other = (scales._prepare(columns(v), FIRST, 7, 3) for v in (x, y))
    orders = np.array([rng.permutation(n) for _ in range(3)])
    found = one.statistics(other, orders)[:, :, 0]
    x, y = (v if v.dtype.kind == "f" else v.astype(str) for v in (x, y))
    for order, statistics in zip(orders, found, strict=True):
        if isinstance(x[0], str) and isinstance(y[0], str):
            expected = [naive.information(x, y[order]), 0, 0]
        else:
            sorted_x, sorted_y = (getattr(v, "order", [None])[0] for v in (one, other))
            if sorted_y is not None:
                sorted_y = np.argsort(order)[sorted_y]  # the order of y[order]
            expected = naive.scale_statistics(x, y[order], sorted_x, sorted_y)
        np.testing.assert_allclose(statistics, expected, rtol=1e-9, atol=1e-9)


def test_the_order_of_a_column_is_ascending_with_ties_at_random(rng):
    x = rng.integers(0, 3, 300) * 1.0
    prepared = scales._prepare(columns(x), FIRST, 0, 3)
    assert (np.diff(x[prepared.order[0]]) >= 0).all()
    zeros = prepared.order[0][: np.sum(x == 0)]
    assert abs(stats.spearmanr(zeros, np.arange(len(zeros))).statistic) < 0.3


@pytest.mark.parametrize(
    ("relation", "scale"),
    [
        (lambda x, e: x + e, "coarse"),
        (lambda x, e: x**2 + e / 2, "middle"),
        (lambda x, e: np.sin(25 * x) + e / 4, "fine"),
    ],
)
def test_each_scale_sees_its_relation(rng, relation, scale):
    x = rng.uniform(-1, 1, 400)
    y = relation(x, rng.standard_normal(400) / 2)
    for one, other in ((x, y), (y, x)):
        found = independence_test(one, other, random_state=0)
        assert found.pvalue < 1e-4
        assert found.scale == scale
    assert found.information == mutual_info(y, x)


@pytest.mark.parametrize("kind", ["flag", "letters"])
def test_discrete_variables_have_one_scale(rng, kind):
    x = COLUMNS[kind](rng, 100)
    y = np.where(rng.random(100) < 0.7, x, COLUMNS[kind](rng, 100))
    found = independence_test(x, y, random_state=0)
    assert found.scale == "levels"
    assert found.pvalue <= 0.001


def test_increasing_maps_and_labels_change_nothing(rng):
    x, y = rng.standard_normal((2, 100))
    y += x**2
    expected = independence_test(x, y, random_state=0)
    found = independence_test(np.exp(x), y**3, random_state=0)
    assert found == expected
    labels = rng.choice([0, 1, 2], 100)
    one, other = (
        independence_test(x, names[labels], random_state=0)
        for names in (np.array(["a", "b", "c"]), np.array(["z", "b", "y"]))
    )
    np.testing.assert_allclose(one[:2], other[:2])


# --- the level


@pytest.mark.parametrize("x", COLUMNS)
@pytest.mark.parametrize("y", ["numbers", "rounded", "flag as number", "letters"])
def test_the_level_is_exact(rng, x, y):
    """Ties and identifiers too; of 19 permutations, one in twenty is the highest."""
    n, pvalues = 30, []
    for seed in range(600):
        X, Y = columns(COLUMNS[x](rng, n)), columns(COLUMNS[y](rng, n))
        pvalues.append(compare_scales(X, FIRST, Y, 19, seed, rows(n)).pvalue[0])
    for alpha in (0.05, 0.3):
        share, error = share_below(alpha, pvalues)
        assert share < alpha + error
        ties = x != "numbers" or y in ("letters", "flag as number")
        assert share > alpha - error or ties  # which make the test conservative


@pytest.mark.parametrize("kind", NUMBERS)
def test_sorted_rows_are_no_dependence(rng, kind):
    """Samples of equal values must not keep the order of a sorted target."""
    pvalues = []
    for seed in range(300):
        x, y = COLUMNS[kind](rng, 60), np.sort(rng.standard_normal(60))
        pvalues.append(independence_test(x, y, n_permutations=19, random_state=seed)[1])
    share, error = share_below(0.05, pvalues)
    assert share < 0.05 + error


def test_constants_have_pvalue_one(rng):
    y = rng.standard_normal(50)
    for x in (np.ones(50), np.array(["a"] * 50)):
        for target in (y, y > 0):
            assert independence_test(x, target, random_state=0).pvalue == 1
            assert independence_test(target, x, random_state=0).pvalue == 1


def test_the_tail_is_above_that_of_the_correlation(rng):
    """p-values below 1 / n_permutations: of the right order, rather too large."""
    n, ours, theirs = 300, [], []
    for r in (0.25, 0.3, 0.35, 0.4):
        for seed in range(30):
            x, e = rng.standard_normal((2, n))
            y = r * x + np.sqrt(1 - r**2) * e
            ours.append(independence_test(x, y, random_state=seed).pvalue)
            theirs.append(stats.pearsonr(x, y).pvalue)
    ours, theirs = np.log10(ours), np.log10(theirs)
    small = theirs < -4
    assert small.sum() > 20
    assert np.median((ours - theirs)[small]) > 0
    assert ours.min() < -4  # not only 1 / n_permutations


def test_stronger_dependence_has_a_smaller_pvalue(rng):
    x, e = rng.standard_normal((2, 200))
    pvalues = [
        independence_test(x, x + noise * e, random_state=0).pvalue
        for noise in (3, 1, 0.3, 0.1)
    ]
    assert (np.diff(pvalues) < 0).all()
    assert pvalues[-1] > 0


def test_combined_scales_equal_a_loop(rng):
    """Each score is compared with all others of its scale, and then the largest."""
    scores, permuted = rng.gamma(2, size=(3, 2)), rng.gamma(2, size=(30, 3, 2))
    starts = (0.3, 0.1, 0.0)
    found = combine_scales(scores, permuted, starts)
    for column in range(2):
        normal = [
            [x + start for x in np.append(*map(np.atleast_1d, naive.standardize(
                scores[scale, [column]], permuted[:, scale, [column]], False
            )))]
            for scale, start in enumerate(starts)
        ]  # fmt: skip
        highest = np.max(normal, axis=0)
        assert found.statistic[column] == pytest.approx(highest[0])
        lower = [np.sum(np.array(row) < row[0]) for row in normal]
        assert found.scale[column] == np.argmax(lower)
        expected = (1 + np.sum(highest[1:] >= highest[0] - 1e-9)) / 31
        assert found.pvalue[column] == pytest.approx(expected)


# --- scorers


def test_a_scorer_has_the_pvalues_of_single_tests(rng):
    X = pd.DataFrame({name: make(rng, 80) for name, make in COLUMNS.items()})
    y = X["numbers"] + 2 * rng.standard_normal(80)
    for target in (y, y > 0):
        scorer = MIScorer(p_value="permutation", n_permutations=199, random_state=0)
        pvalues = scorer(X, target)[1]
        frame = compare_correlation(X, target, random_state=0)
        np.testing.assert_allclose(frame["mi_p"], pvalues)
        alone = [
            independence_test(X[name], target, n_permutations=199, random_state=0)[1]
            for name in X
        ]
        np.testing.assert_allclose(pvalues, alone, rtol=1e-9)


def test_a_line_has_the_power_of_its_correlation(rng):
    """Where the estimate of few neighbours has less than half."""
    X = rng.standard_normal((200, 300))
    y, pvalues, pearson, by_score = rng.standard_normal(200), [], [], []
    X += 0.22 * y[:, None]
    for test, found in (("scales", pvalues), ("score", by_score)):
        scorer = MIScorer(
            p_value="permutation", test=test, n_permutations=99, random_state=0
        )
        found.extend(scorer(X, y)[1])
    pearson = [stats.pearsonr(x, y).pvalue for x in X.T]
    power, theirs, low = (
        np.mean(np.array(p) <= 0.05) for p in (pvalues, pearson, by_score)
    )
    assert power > 0.85 * theirs
    assert low < 0.6 * theirs


# --- several dimensions, and conditional tests


def test_variables_of_several_dimensions(rng):
    x, noise = rng.standard_normal((150, 2)), rng.standard_normal(150)
    y = x[:, 0] * x[:, 1] + noise / 2
    found = independence_test(x, y, n_permutations=99, random_state=0)
    assert found.pvalue == 0.01
    for j in (0, 1):
        alone = independence_test(x[:, j], noise, n_permutations=99, random_state=0)
        assert alone.pvalue > 0.01
    found = independence_test(noise, x, n_permutations=99, random_state=0)
    assert found.pvalue > 0.01


def test_tied_columns_have_the_fine_scale_of_their_permutations(rng):
    """The random orders of tied values in x and in y do not depend on each other."""
    n, found = 40, []
    for seed in range(400):
        x, y = (columns((rng.random(n) < 0.5) * 1.0) for _ in range(2))
        one, other = (
            scales._prepare(v, FIRST, seed, 3 + i) for i, v in enumerate((x, y))
        )
        orders = np.stack([np.arange(n), rng.permutation(n)])
        found.append(one.statistics(other, orders)[:, 2, 0])
    difference = np.subtract(*np.transpose(found))
    error = difference.std() / np.sqrt(len(difference))
    assert abs(difference.mean()) < 4 * error


def test_rare_flags_have_no_warning(rng):
    x = np.zeros(500, bool)
    x[3] = True
    found = independence_test(x, x, n_permutations=199, random_state=0)
    assert 0 < found.pvalue <= 0.05
    y = np.where(x, 9.0, rng.standard_normal(500))
    assert 0 < independence_test(x, y, random_state=0).pvalue < 0.05


def test_identifiers_need_little_memory(rng):
    """Whatever the number of levels, columns and permutations."""
    X = pd.DataFrame({f"x{i}": rng.permutation(300).astype(str) for i in range(40)})
    scorer = MIScorer("copula", p_value="permutation", n_permutations=199)
    tracemalloc.start()
    scorer(X, rng.standard_normal(300))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 200e6


@pytest.mark.parametrize(
    "given", ["letters", "numbers", "curve", "both", "constant", "flag", "counts"]
)
def test_conditional_tests_are_calibrated(rng, given):
    n, pvalues = 80, []
    for seed in range(80):
        z = rng.standard_normal(n)
        if given in ("constant", "flag", "counts"):  # many samples of equal values
            third = {
                "constant": np.ones(n),
                "flag": (z > 0) * 1.0,
                "counts": rng.poisson(2, n) * 1.0,
            }[given]
            x, y = rng.standard_normal(n), rng.random(n) < 0.1
            found = independence_test(x, y, third, n_permutations=19, random_state=seed)
            pvalues.append(found.pvalue)
            continue
        third = {
            "letters": np.where(z > 0, "a", "b"),
            "numbers": z,
            "curve": z,
            "both": pd.DataFrame({"a": z, "b": z > 0}),
        }[given]
        cause = {"letters": z > 0, "curve": z**2}.get(given, z)
        x, y = cause + rng.standard_normal((2, n))
        found = independence_test(x, y, third, n_permutations=19, random_state=seed)
        pvalues.append(found.pvalue)
    share, error = share_below(0.05, pvalues)
    assert share < 0.05 + error


def test_conditional_tests_have_power(rng):
    """x and y are each independent of the other without z, an exclusive or."""
    x, z = rng.standard_normal((2, 200))
    y = np.sign(x * z) + rng.standard_normal(200) / 2
    assert independence_test(x, y, random_state=0).pvalue > 0.01
    found = independence_test(x, y, z, n_permutations=99, random_state=0)
    assert found.pvalue == 0.01
    assert found.information > 0.1


def test_neighbors_change_places(rng):
    z = rng.standard_normal((2, 200))
    third = Columns(np.column_stack([z[0], z[1] > 0]), np.array([False, True]))
    exchange = exchange_near(third, 5, 0)
    ranks = stats.rankdata(z[0])
    for order in exchange.orders(0, range(20)):
        assert ((z[1] > 0) == (z[1] > 0)[order]).all()
        assert np.mean(order == np.arange(200)) < 0.4
        assert len(np.unique(order)) > 150
        assert np.abs(ranks - ranks[order]).max() < 40
    for values in (np.ones(200), np.round(z[0])):
        tied = exchange_near(Columns(values[:, None], np.array([False])), 5, 0)
        assert (tied.neighbors == np.arange(200)[:, None]).any(axis=1).all()
        assert len(np.unique(tied.orders(0, range(1)))) > 150


def test_the_middle_scale_has_more_neighbors_than_the_fine_one():
    for n in range(5, 200):
        numbers = columns(np.arange(float(n)))
        ks = [member.n_neighbors for member in _members([numbers])[1:]]
        assert ks == sorted(set(ks), reverse=True)


def test_one_column_that_permutations_keep_is_no_error(rng):
    groups = np.repeat(np.arange(12), 5)
    x, z = rng.standard_normal((2, 60))
    found = independence_test(
        x,
        np.column_stack([groups, z]),
        n_permutations=9,
        exchange="within_groups",
        groups=groups,
    )
    assert 0 < found.pvalue <= 1


# --- bad input


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_permutations": 0}, "The 'n_permutations' parameter"),
        ({"n_near": 1}, "The 'n_near' parameter"),
        ({"exchange": "columns"}, "The 'exchange' parameter"),
        ({"exchange": "groups"}, "exchange='groups' needs groups"),
        ({"estimator": "nearest"}, "estimator='nearest' is not known"),
        ({"discrete_x": "yes"}, "discrete_x must be 'auto' or a bool"),
        ({"given": np.zeros(30), "exchange": 5}, "given determines what"),
        ({"x": None}, "x must have one or two dimensions"),
        ({"given": np.zeros(29)}, "x and given must have the same length"),
        (
            {"given": np.arange(30).astype(str)},
            "every sample has a level of given of its own",
        ),
    ],
)
def test_bad_arguments_are_named(rng, arguments, message):
    x, y = rng.standard_normal((2, 30))
    with pytest.raises(ValueError, match=message):
        independence_test(**({"x": x, "y": y} | arguments))


def test_few_samples_are_refused():
    with pytest.raises(ValueError, match="x has 4 samples; a test needs at least 5"):
        independence_test([1, 2, 3, 4], [1, 2, 3, 4])


def test_the_score_can_still_be_tested(rng):
    X, y = rng.standard_normal((40, 3)), rng.standard_normal(40)
    with pytest.raises(ValueError, match="The 'test' parameter"):
        MIScorer(p_value="permutation", test="best")(X, y)
