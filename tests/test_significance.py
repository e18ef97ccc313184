"""p-values of scores: analytic tests, permutations, and fitted tails."""

import naive
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.feature_selection import (
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFwe,
    SelectKBest,
)

from skmi import MIScorer
from skmi._data.columns import Columns
from skmi._estimation.permutation import permutation_pvalues
from skmi.estimators import ESTIMATORS, KSG, GaussianCopula, PlugIn, get_estimator
from skmi.measures import contingency_mutual_information

ANALYTIC = ["plugin", "copula"]
BINS = {
    "quantile": naive.quantile_bins,
    "uniform": naive.uniform_bins,
    "kmeans": naive.k_means_bins,
}


def mixed(rng, n=60):
    """Return numbers, levels and constants, and y, on which some of them depend."""
    y = rng.standard_normal(n)
    return pd.DataFrame(
        {
            "near": y + 0.3 * rng.standard_normal(n),
            "far": rng.standard_normal(n),
            "levels": np.where(rng.random(n) < 0.6, y > 0, rng.random(n) < 0.5),
            "letters": rng.choice(list("abc"), n),
            "seven": np.full(n, 7.0),
            "one": ["only"] * n,
        }
    ), y


def pvalues(X, y, estimator="ksg", p_value="permutation", **parameters):
    parameters = {"random_state": 0, **parameters}
    return MIScorer(estimator, p_value=p_value, **parameters)(X, y)[1]


# --- known distributions


def scaled_g_test(x, y):
    """Return the p-value of G, scaled down if its mean over permutations is high."""
    dof = (len(np.unique(x)) - 1) * (len(np.unique(y)) - 1)
    g, mean = (
        2 * len(x) * f(x, y) for f in (naive.information, naive.chance_information)
    )
    return stats.chi2.sf(g * min(1, dof / mean), dof)


@pytest.mark.parametrize("correction", [True, False])
def test_the_copula_scales_the_g_test_to_its_mean(rng, correction):
    X, y = rng.integers(0, 4, (100, 6)), rng.integers(0, 5, 100)
    estimator = GaussianCopula(correction)
    found = pvalues(X, y, estimator, "analytic", discrete_features=True)
    for p, x in zip(found, X.T, strict=True):
        assert p == pytest.approx(scaled_g_test(x, y))


@pytest.mark.parametrize("estimator", ["plugin", PlugIn(correction="miller-madow")])
@pytest.mark.parametrize("labels", [True, False])
def test_discrete_pairs_use_the_g_test(rng, estimator, labels):
    y = rng.choice([3, 5, 50], 300)
    X = rng.integers(0, 4, (300, 20)) * 11
    X[:, 5:10] = np.where(rng.random((300, 5)) < 0.3, y[:, None], X[:, 5:10])
    if labels:
        X, y = pd.DataFrame(X).astype(str), y.astype(str)
    found = pvalues(X, y, estimator, "analytic", discrete_features=True)
    for p, x in zip(found, np.asarray(X).T, strict=True):
        assert p == pytest.approx(scaled_g_test(x, y))
        counts = pd.crosstab(x, y).to_numpy()
        unscaled = contingency_mutual_information(counts).pvalue
        assert p == pytest.approx(unscaled, rel=0.3)
    assert (found[5:10] < 1e-3).all()


@pytest.mark.parametrize("binning", BINS)
def test_g_test_uses_nonempty_bins(rng, binning):
    x = np.append(rng.standard_normal(99), 100)  # most bins of equal width are empty
    y = rng.integers(0, 3, 100)
    (found,) = pvalues(x[:, None], y, PlugIn(5, binning), "analytic")
    bins = BINS[binning](x, 5)
    assert found == pytest.approx(scaled_g_test(bins, y))


@pytest.mark.parametrize("estimator", ["plugin", "copula"])
@pytest.mark.parametrize("n_flagged", [1, 2, 3, 20])
def test_rare_flags_have_no_small_pvalues(rng, estimator, n_flagged):
    """G is scaled down, never up: its mean is low where a level is rare."""
    n, n_columns = 1000, 500
    y = rng.permutation(n) < 10
    X = np.zeros((n, n_columns), int)
    for flag in X.T:
        flag[rng.choice(n, n_flagged, replace=False)] = 1
    found = pvalues(X, y, estimator, "analytic", discrete_features=True)
    assert np.sum(found <= 0.001) <= stats.binom.ppf(0.9999, n_columns, 0.001)


@pytest.mark.parametrize("correction", [True, False])
@pytest.mark.parametrize("n", [5, 30, 500])
def test_continuous_pairs_use_the_correlation_test(rng, n, correction):
    y = rng.exponential(size=n)
    X = np.exp(rng.standard_normal((n, 9))) + y[:, None] * np.linspace(0, 2, 9)
    found = pvalues(X, y, GaussianCopula(correction), "analytic")
    scores = naive.normal_scores
    theirs = [stats.pearsonr(scores(x), scores(y)).pvalue for x in X.T]
    np.testing.assert_allclose(found, theirs, rtol=1e-7)


@pytest.mark.parametrize("swap", [False, True])
def test_classes_and_numbers_use_the_likelihood_ratio(rng, swap):
    n, n_columns = 400, 2000
    sizes = rng.choice(3, n, p=[0.6, 0.3, 0.1])
    if swap:
        X = np.array([rng.permutation(sizes) for _ in range(n_columns)]).T
        y = rng.standard_normal(n)
    else:
        X, y = rng.standard_normal((n, n_columns)), sizes
    kinds = {"discrete_features": swap, "discrete_target": not swap}
    found = pvalues(X, y, "copula", "analytic", **kinds)
    for alpha in (0.5, 0.1, 0.05, 0.01):
        error = 4 * np.sqrt(alpha * (1 - alpha) / n_columns)
        assert abs((found < alpha).mean() - alpha) < error + 0.1 * alpha
    by_hand = 2 * n * MIScorer(GaussianCopula(correction=False), **kinds)(X, y)
    np.testing.assert_allclose(found, stats.chi2.sf(by_hand, 4), rtol=0.3, atol=0.02)


@pytest.mark.parametrize("swap", [False, True])
def test_excluded_classes_add_no_degrees_of_freedom(rng, swap):
    levels = np.append(np.repeat([0, 1], 30), [2, 2, 3])  # classes of two and of one
    numbers = rng.standard_normal(63) + levels / 2
    kinds = {"discrete_features": swap, "discrete_target": not swap}

    def compute(levels, numbers):
        X, y = (levels, numbers) if swap else (numbers, levels)
        raw, corrected = (
            MIScorer(GaussianCopula(correction), **kinds)(X[:, None], y)[0]
            for correction in (False, True)
        )
        return pvalues(X[:, None], y, "copula", "analytic", **kinds)[0], raw, corrected

    found, raw, corrected = compute(levels, numbers)
    assert found == pytest.approx(stats.chi2.sf(2 * raw / (raw - corrected), 2))
    assert found < 0.5
    assert compute(np.repeat(np.arange(30), 2), numbers[:60])[0] == 1


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("y", ["numbers", "classes"])
def test_constant_columns_have_pvalue_one(rng, estimator, y):
    X, numbers = mixed(rng)
    target = numbers if y == "numbers" else np.where(numbers > 0, "up", "down")
    for kind in ["permutation", *["analytic"] * (estimator in ANALYTIC)]:
        found = pvalues(X, target, estimator, kind, n_permutations=99)
        assert (found[-2:] == 1).all()
        assert found[0] <= 0.01 < found[1] <= 1


# --- permutations


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("y", ["numbers", "classes"])
def test_permutations_equal_a_loop(rng, estimator, y):
    X, numbers = mixed(rng, 40)
    target = numbers if y == "numbers" else np.where(numbers > 0, "up", "down")
    scorer = MIScorer(estimator)
    observed = scorer(X, target)
    scores, found = MIScorer(
        estimator,
        p_value="permutation",
        test="score",
        n_permutations=50,
        random_state=1,
    )(X, target)
    np.testing.assert_array_equal(scores, observed)
    seed = np.random.RandomState(1).randint(2**31 - 1)
    orders = [np.random.default_rng([seed, i]).permutation(40) for i in range(50)]
    permuted = np.array([scorer(X, target[order]) for order in orders])
    expected = (1 + (permuted >= observed - 1e-9).sum(axis=0)) / 51
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("estimator", "n_levels"),
    [("plugin", 3), (PlugIn(4), 0), ("copula", 0), (KSG(3), 0), (KSG(3), -2)],
)
def test_permutations_are_calibrated(rng, estimator, n_levels):
    """Small samples; a negative n_levels is for y only, a positive one for X too."""
    n, n_columns, n_targets = 24, 100, 15
    found = []
    for seed in range(n_targets):
        X, y = rng.standard_normal((n, n_columns)), rng.standard_normal(n)
        if n_levels:
            y = rng.integers(0, abs(n_levels), n)
        if n_levels > 0:
            X = rng.integers(0, n_levels, X.shape)
        found.append(
            pvalues(
                X,
                y,
                estimator,
                test="score",
                discrete_features=n_levels > 0,
                n_permutations=79,
                random_state=seed,
            )
        )
    for alpha in (0.05, 0.25, 0.5):
        share = np.mean(np.concatenate(found) <= alpha)
        # columns share permutations, so their errors are correlated
        error = 4 * np.sqrt(alpha * (1 - alpha) * (1 / 1500 + 1 / (15 * 79)))
        assert share < alpha + error
        assert share > alpha - error or n_levels > 0  # ties increase p-values


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("test", ["scales", "score"])
def test_pvalues_do_not_depend_on_jobs_columns_or_chunks(
    rng, estimator, test, monkeypatch
):
    X, y = mixed(rng, 30)

    def find(X, n_jobs=None):
        return pvalues(X, y, estimator, test=test, n_permutations=120, n_jobs=n_jobs)

    expected = find(X)
    np.testing.assert_array_equal(find(X, n_jobs=3), expected)
    # sums in matrix products of other shapes run in another order
    np.testing.assert_allclose([find(X[[c]])[0] for c in X], expected, rtol=1e-9)
    monkeypatch.setattr("skmi._utils.parallel._VALUES_PER_CHUNK", 60)
    monkeypatch.setattr("skmi._estimation.scales._MOST_VALUES", 60)
    np.testing.assert_allclose(find(X), expected, rtol=1e-9)


def test_pvalues_depend_on_the_seed(rng):
    X, y = rng.standard_normal((2, 50, 30))[0], rng.standard_normal(50)
    first, again, other = (
        pvalues(X, y, n_permutations=60, random_state=s) for s in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    state = np.random.RandomState(3)
    np.testing.assert_array_equal(
        first, pvalues(X, y, n_permutations=60, random_state=state)
    )
    assert (first != pvalues(X, y, n_permutations=60, random_state=state)).any()


@pytest.mark.parametrize("estimator", [*map(get_estimator, ESTIMATORS), KSG(3, "raw")])
@pytest.mark.parametrize("kind", ["numbers", "rounded", "levels", "constant"])
def test_permuted_targets_equal_targets_of_permuted_values(rng, estimator, kind):
    n = 60
    y = {
        "numbers": rng.standard_normal(n),
        "rounded": rng.standard_normal(n).round(1),
        "levels": rng.integers(0, 3, n),
        "constant": np.ones(n),
    }[kind]
    first, all_columns = np.zeros(1, np.intp), np.arange(4)
    orders = np.array([rng.permutation(n) for _ in range(3)])
    X = Columns(rng.standard_normal((n, 4)).round(1), all_columns >= 2)
    block = estimator.prepare(X, all_columns)

    def column(values):
        return Columns(values[:, None], np.array([kind == "levels"]))

    permuted = estimator.permuted_targets(column(y), orders)
    original = estimator.as_target(estimator.prepare(column(y), first), 0)
    for order, target in zip(orders, permuted, strict=True):
        again = estimator.as_target(estimator.prepare(column(y[order]), first), 0)
        expected = estimator.mi(block, all_columns, again)
        np.testing.assert_array_equal(
            estimator.mi(block, all_columns, target), expected
        )
        if "reorder" in estimator.provides:
            target = estimator.reorder(original, order)
            found = estimator.mi(block, all_columns, target)
            # the entropy of y is a sum in the original order
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


# --- the tail


def test_ties_count_as_high_up_to_rounding():
    permuted = np.array([[0.1, 0.3 - 1e-16, 0.3 + 1e-16, 0.5]])
    assert permutation_pvalues(np.array([0.3]), permuted) == 4 / 5
    assert permutation_pvalues(np.array([0.3 + 1e-6]), permuted) == 2 / 5
    assert permutation_pvalues(np.array([0.6]), permuted) == 1 / 5


@pytest.mark.parametrize("n_permuted", [199, 999])
@pytest.mark.parametrize(
    "distribution",
    [stats.expon(), stats.chi2(1), stats.chi2(6), stats.norm(), stats.uniform()],
)
def test_tail_is_close_to_the_distribution_and_rarely_below(
    rng, distribution, n_permuted
):
    permuted = distribution.rvs((2_000, n_permuted), random_state=rng)
    null = permutation_pvalues(distribution.rvs(2_000, random_state=rng), permuted)
    for alpha in (0.1, 0.01, 1 / (n_permuted + 1), 3e-4):
        error = 4 * np.sqrt(alpha / 2_000)
        assert (null <= alpha).mean() < 1.2 * alpha + error
    beyond = np.full(len(permuted), distribution.isf(1e-5))
    found = np.log10(permutation_pvalues(beyond, permuted))
    assert -5.5 < np.median(found) <= np.log10(1 / (n_permuted + 1))
    if distribution.dist.name in ("expon", "chi2"):
        assert np.median(found) < -4


def test_tail_is_positive_and_decreasing(rng):
    permuted = rng.random((1, 999)).repeat(6, axis=0)  # a bounded distribution
    found = permutation_pvalues(np.array([0.5, 0.99, 1.1, 1.5, 3, 10]), permuted)
    assert (np.diff(found) < 0).all()
    assert found[-1] > 0


@pytest.mark.parametrize("n_permuted", [1, 99])
def test_few_permutations_have_no_tail(rng, n_permuted):
    permuted = rng.random((3, n_permuted))
    found = permutation_pvalues(np.array([2, 3, 1e9]), permuted)
    assert (found == 1 / (n_permuted + 1)).all()


def test_equal_permuted_scores_have_no_tail():
    permuted = np.zeros((2, 999))
    permuted[1, :3] = 0.1
    assert permutation_pvalues(np.array([1.0, 1.0]), permuted)[0] == 1 / 1000


# --- selectors


@pytest.mark.parametrize(
    "select",
    [
        SelectFdr,
        SelectFpr,
        SelectFwe,
        lambda scorer, alpha: GenericUnivariateSelect(scorer, mode="fdr", param=alpha),
        lambda scorer, alpha: SelectKBest(scorer, k=3),
    ],
)
@pytest.mark.parametrize(
    "scorer",
    [
        MIScorer("copula", p_value="permutation", n_permutations=199, random_state=0),
        MIScorer("copula", p_value="analytic"),
        MIScorer("plugin", p_value="analytic"),
    ],
)
def test_selectors_choose_the_informative_columns(rng, select, scorer):
    X = rng.standard_normal((300, 30))
    y = X[:, 3] + X[:, 11] - X[:, 20] + 0.5 * rng.standard_normal(300)
    selector = select(scorer, alpha=0.001).fit(X, y)
    assert selector.get_support(indices=True).tolist() == [3, 11, 20]
    np.testing.assert_array_equal(selector.pvalues_, scorer(X, y)[1])
    np.testing.assert_array_equal(selector.scores_, scorer(X, y)[0])


@pytest.mark.parametrize(
    ("estimator", "p_value"),
    [
        ("copula", "analytic"),
        ("plugin", "analytic"),
        ("copula", "permutation"),
        ("plugin", "permutation"),
        ("ksg", "permutation"),
    ],
)
def test_false_discovery_rate_is_controlled(rng, estimator, p_value):
    """20 of 200 columns are informative; small p-values come from the fitted tail."""
    alpha, shares, found = 0.2, [], []
    scorer = MIScorer(estimator, p_value=p_value, n_permutations=199, random_state=0)
    n_seeds = 4 if estimator == "ksg" else 8
    for _ in range(n_seeds):
        X = rng.standard_normal((100, 200))
        y = rng.integers(0, 2, 100)
        X[:, :20] += 2 * y[:, None]
        chosen = SelectFdr(scorer, alpha=alpha).fit(X, y).get_support()
        shares.append(chosen[20:].sum() / max(1, chosen.sum()))
        found.append(chosen[:20].mean())
    assert np.mean(shares) < alpha * 0.9 + 3 * np.std(shares) / np.sqrt(n_seeds)
    assert np.mean(shares) > 0.02  # some noise is selected, so the test could fail
    assert np.mean(found) > 0.9


# --- bad input


@pytest.mark.parametrize("estimator", ["ksg", "kde"])
def test_estimators_without_analytic_pvalues(rng, estimator):
    X, y = mixed(rng)
    scorer = MIScorer(estimator, p_value="analytic")
    message = r"analytic p-values, which K.* does not .* or set p_value='permutation'"
    with pytest.raises(ValueError, match=message):
        scorer(X, y)


@pytest.mark.parametrize(
    "parameters",
    [
        {"p_value": "exact"},
        {"p_value": True},
        {"p_value": "permutation", "n_permutations": 0},
        {"p_value": "permutation", "n_permutations": 9.5},
        {"p_value": "permutation", "random_state": "seed"},
    ],
)
def test_bad_parameters_are_named(rng, parameters):
    X, y = mixed(rng)
    with pytest.raises(ValueError, match=f"The {[*parameters][-1]!r} parameter"):
        MIScorer(**parameters)(X, y)


def test_one_permutation_is_enough_to_run(rng):
    X, y = mixed(rng)
    assert set(pvalues(X, y, n_permutations=1)) <= {0.5, 1.0}


@pytest.mark.parametrize("n", [2, 3])
def test_two_or_three_samples_have_pvalue_one(n):
    X, y = np.arange(n)[:, None] * 1.0, np.arange(n) * 1.5
    assert pvalues(X, y, "copula", "analytic") == 1


def test_input_is_not_changed(rng):
    X, y = rng.standard_normal((40, 3)), rng.standard_normal(40)
    X.flags.writeable = y.flags.writeable = False
    copies = X.copy(), y.copy()
    for estimator in ESTIMATORS:
        pvalues(X, y, estimator, n_permutations=5)
    np.testing.assert_array_equal(X, copies[0])
    np.testing.assert_array_equal(y, copies[1])
