"""Which rows permutations exchange: orders, p-values of dependent rows, bad input."""

import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.signal import lfilter

import skmi
from skmi import MIScorer, MISelector, compare_correlation
from skmi._estimation.exchange import check_exchange

SIZES = [3, 1, 4, 4, 4, 9, 3, 6, 4, 4]
GROUPS = np.repeat(list("abcdefghij"), SIZES)
N = len(GROUPS)
EXCHANGES = [("rows", None), ("within_groups", GROUPS), ("groups", GROUPS), (5, None)]
every_exchange = pytest.mark.parametrize(("exchange", "groups"), EXCHANGES)
QUICK = {"n_permutations": 99, "n_subsamples": 10, "random_state": 0}


def scattered(rng, sizes):
    """Return groups of the given sizes, with their rows in random order."""
    return rng.permutation(np.repeat(np.arange(len(sizes)), sizes))


def series(rng, n, n_columns, rho=0.9):
    """Return independent autoregressive series."""
    noise = rng.standard_normal((n + 200, n_columns))
    return lfilter([1], [1, -rho], noise, axis=0)[200:]


def by_patient(rng, n_patients, n_rows, n_columns):
    """Return independent columns that are constant within patients plus noise."""
    patients = np.repeat(np.arange(n_patients), n_rows)
    means = rng.standard_normal((n_patients, n_columns))
    noise = rng.standard_normal((len(patients), n_columns))
    return means[patients] + 0.5 * noise, patients


# --- orders


@every_exchange
def test_orders_are_permutations_and_depend_on_seed_and_number(exchange, groups):
    drawn = check_exchange(exchange, groups, N)
    orders = drawn.orders(3, range(20))
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(range(N), (20, 1)))
    again = pickle.loads(pickle.dumps(drawn))
    np.testing.assert_array_equal(again.order(3, 7), orders[7])
    assert len(np.unique(orders, axis=0)) > 15
    assert (drawn.order(4, 7) != orders[7]).any()
    together = drawn.orders_together([3, 1, 2], 4)
    np.testing.assert_array_equal(np.sort(together, axis=1), np.sort(orders[:4], 1))
    np.testing.assert_array_equal(drawn.orders_together([3, 1, 2], 4), together)
    assert len(np.unique(together, axis=0)) == 4


def test_rows_have_the_orders_of_always():
    rows = check_exchange("rows", None, 30)
    expected = [np.random.default_rng([8, i]).permutation(30) for i in range(5)]
    np.testing.assert_array_equal(rows.orders(8, range(5)), expected)
    np.testing.assert_array_equal(
        rows.order(8, 3), np.random.default_rng([8, 3]).permutation(30)
    )
    half = rows.draw_half(np.random.default_rng(5))
    expected = np.sort(np.random.default_rng(5).permutation(30)[:15])
    np.testing.assert_array_equal(half, expected)


def test_rows_stay_within_their_groups(rng):
    for groups in (GROUPS, scattered(rng, SIZES)):
        orders = check_exchange("within_groups", groups, N).orders(0, range(50))
        assert (groups[orders] == groups).all()
        moved = np.mean(orders != np.arange(N))
        assert moved == pytest.approx(1 - len(SIZES) / N, abs=0.05)


@pytest.mark.parametrize("is_scattered", [False, True])
def test_whole_groups_of_equal_size_stay_together(rng, is_scattered):
    groups = np.repeat(np.arange(8), 6)
    groups = rng.permutation(groups) if is_scattered else groups
    orders = check_exchange("groups", groups, 48).orders(0, range(400))
    places = np.empty((400, 8), int)
    for place in range(8):
        rows = orders[:, groups == place]
        assert (np.diff(rows) > 0).all()
        assert (groups[rows] == groups[rows[:, :1]]).all()
        places[:, place] = groups[rows[:, 0]]
    # every group is in every place equally often
    counts = np.array([np.bincount(place, minlength=8) for place in places.T])
    assert stats.chisquare(counts.ravel()).pvalue > 1e-3


def test_groups_change_places_with_groups_of_equal_size(rng):
    sizes = [4, 4, 4, 20, 20, 100]
    groups = scattered(rng, sizes)
    exchange = check_exchange("groups", groups, len(groups))
    assert exchange.n_distinct == 6 * 2
    orders = exchange.orders(0, range(100))
    met = pd.crosstab(np.tile(groups, 100), groups[orders].ravel()).to_numpy() > 0
    expected = np.zeros((6, 6), bool)
    for equal in (slice(0, 3), slice(3, 5), slice(5, 6)):
        expected[equal, equal] = True
    np.testing.assert_array_equal(met, expected)
    kept = orders[:, groups == 5]
    assert (kept == np.flatnonzero(groups == 5)).all()
    # a place receives the rows of one group, in their order
    for row in orders[:, groups == 0]:
        members = np.flatnonzero(groups == groups[row[0]])
        np.testing.assert_array_equal(row, members)


@pytest.mark.parametrize("estimator", ["plugin", "ksg"])
def test_level_of_columns_that_are_constant_in_groups_of_unequal_size(estimator):
    def make(rng):
        groups = np.repeat(np.arange(40), rng.integers(3, 15, 40))
        return rng.standard_normal((40, 6))[groups], groups

    found = share(make, range(30), estimator, exchange="groups")
    assert found <= 0.1


@pytest.mark.parametrize("n", [60, 67])
def test_stretches_keep_their_rows(n):
    orders = check_exchange(10, None, n).orders(0, range(200))
    kept = (np.diff(orders, axis=1) % n == 1).sum(axis=1)
    assert (kept >= n - 1 - n // 10).all()
    assert len(np.unique(orders[:, 0])) > n // 2  # the first row is any
    ends = np.flatnonzero((np.diff(orders, axis=1) % n != 1).any(axis=0)) + 1
    assert len(ends) <= 2 * -(-n // 10)


@every_exchange
def test_halves(exchange, groups):
    drawn = check_exchange(exchange, groups, N)
    for seed in range(20):
        half = drawn.draw_half(np.random.default_rng(seed))
        assert len(half) == N // 2
        assert (np.diff(half) > 0).all()
        parts = pd.Series(np.isin(np.arange(N), half)).groupby(GROUPS).mean()
        if exchange == "within_groups":
            assert (abs(parts[list("dfh")] - 0.5) <= 0.125).all()
        if exchange == "groups":
            assert (~parts.isin([0, 1])).sum() <= 1
        if exchange == 5:
            assert (np.diff(half) == 1).sum() >= N // 2 - 1 - 6


def test_numbers_of_orders():
    assert check_exchange("rows", None, 4).n_distinct == 24
    assert check_exchange("rows", None, 10**6).n_distinct == np.inf
    assert check_exchange("groups", [1, 1, 2, 2, 3, 3], 6).n_distinct == 6
    assert check_exchange("within_groups", list("aabbba"), 6).n_distinct == 36
    for n, length in ((6, 2), (8, 4), (9, 3)):
        exchange = check_exchange(length, None, n)
        drawn = np.unique(exchange.orders(0, range(3000)), axis=0)
        assert len(drawn) == exchange.n_distinct


# --- p-values


def share(make, seeds, estimator="copula", **parameters):
    """Return the share of p-values up to .05 of columns without information."""
    found = []
    for seed in seeds:
        X, groups = make(np.random.default_rng(seed))
        scorer = MIScorer(
            estimator,
            p_value="permutation",
            n_permutations=39,
            random_state=seed,
            **parameters,
        )
        groups = groups if isinstance(scorer.exchange, str) else None
        groups = None if scorer.exchange == "rows" else groups
        found.append(scorer(X[:, 1:], X[:, 0], groups)[1])
    return np.mean(np.concatenate(found) <= 0.05)


@pytest.mark.parametrize("estimator", ["copula", "ksg"])
def test_level_of_groups(estimator):
    def make(rng):
        return by_patient(rng, 20, 8, 16)

    assert share(make, range(5), estimator) > 0.2
    found = share(make, range(40), estimator, exchange="groups")
    assert 0.02 < found < 0.085


def test_level_of_groups_of_different_sizes():
    def make(rng):
        patients = np.repeat(np.arange(24), rng.integers(4, 20, 24))
        X = rng.standard_normal((24, 16))[patients]
        return X + 0.5 * rng.standard_normal(X.shape), patients

    assert 0.02 < share(make, range(40), exchange="groups") < 0.1


@pytest.mark.parametrize("estimator", ["copula", "ksg"])
def test_level_of_a_series(estimator):
    def make(rng):
        return series(rng, 500, 16), None

    assert share(make, range(5), estimator) > 0.15
    n_seeds = 30 if estimator == "copula" else 15
    assert 0.015 < share(make, range(n_seeds), estimator, exchange=60) < 0.1


def test_level_within_groups():
    """Columns and target whose means differ between groups, as between sites."""

    def make(rng):
        sites = np.repeat(np.arange(4), 40)
        means = 2 * rng.standard_normal((4, 16))
        return means[sites] + rng.standard_normal((160, 16)), sites

    assert share(make, range(5)) > 0.4
    # the information between sites is the same in every permutation
    assert 0.02 < share(make, range(40), exchange="within_groups") < 0.085


@every_exchange
def test_informative_columns_are_found(rng, exchange, groups):
    X = rng.standard_normal((N, 3))
    y = X[:, 1] + 0.1 * rng.standard_normal(N)
    scorer = MIScorer(
        "copula",
        p_value="permutation",
        n_permutations=99,
        exchange=exchange,
        random_state=0,
    )
    pvalues = scorer(X, y, groups)[1]
    assert pvalues[1] <= 0.01 or exchange == "groups"
    assert pvalues.argmin() == 1


def test_pvalues_are_not_below_those_of_all_orders(rng):
    y = np.repeat(rng.standard_normal(5), 30)
    X = y[:, None] + 0.01 * rng.standard_normal((150, 1))
    groups = np.repeat(np.arange(5), 30)
    scorer = MIScorer("copula", p_value="permutation", exchange="groups")
    for seed in range(5):
        scorer.set_params(random_state=seed, n_permutations=100)
        assert scorer(X, y, groups)[1] >= 1 / 120


def test_pvalues_do_not_depend_on_jobs(rng):
    X, groups = by_patient(rng, 10, 8, 5)
    for exchange in ("groups", "within_groups"):
        parameters = {
            "p_value": "permutation",
            "exchange": exchange,
            "n_permutations": 39,
            "random_state": 0,
        }
        one, two = (
            MIScorer("copula", n_jobs=n_jobs, **parameters)(X[:, 1:], X[:, 0], groups)
            for n_jobs in (1, 2)
        )
        np.testing.assert_array_equal(one[1], two[1])


# --- compare_correlation


def test_comparison_uses_the_same_pvalues(rng):
    X, groups = by_patient(rng, 12, 6, 4)
    X, y = X[:, 1:], X[:, 0]
    found = compare_correlation(X, y, groups=groups, exchange="groups", **QUICK)
    scorer = MIScorer(
        p_value="permutation", n_permutations=99, exchange="groups", random_state=0
    )
    np.testing.assert_array_equal(found.mi_p, scorer(X, y, groups)[1])
    rows = compare_correlation(X, y, **QUICK)
    assert (found.mi_p > rows.mi_p).any()
    columns = ["mi", "gap", "pearson", "pearson_p", "spearman_p"]
    pd.testing.assert_frame_equal(found[columns], rows[columns], check_exact=True)
    widths, of_rows = (each.gap_high - each.gap_low for each in (found, rows))
    assert widths.mean() > 1.1 * of_rows.mean()


def test_a_line_between_series_is_rarely_flagged():
    flags = {"rows": 0, 40: 0}
    for seed in range(25):
        rng = np.random.default_rng(seed)
        x, e = series(rng, 300, 2, 0.95).T
        for exchange in flags:
            found = compare_correlation(
                x[:, None],
                x + e,
                exchange=exchange,
                **(QUICK | {"random_state": seed, "n_permutations": 39}),
            )
            flags[exchange] += found.nonlinear[0]
    assert flags[40] <= stats.binom.ppf(0.999, 25, 0.05)
    assert flags["rows"] > 2 * flags[40]


def test_a_wave_among_groups_is_flagged(rng):
    groups = np.repeat(np.arange(40), 5)
    x = rng.uniform(0, 10, 200)
    y = np.sin(x) + 0.3 * rng.standard_normal(200)
    for exchange in ("groups", "within_groups"):
        found = compare_correlation(
            x[:, None], y, groups=groups, exchange=exchange, **QUICK
        )
        assert found.nonlinear[0]


# --- bad input

FOUR = np.repeat(list("abcd"), 5)
NUMBERS = np.random.default_rng(0).standard_normal((20, 2))
CALLS = {
    "scorer": lambda groups, exchange: MIScorer(
        "copula", p_value="permutation", n_permutations=19, exchange=exchange
    )(NUMBERS, NUMBERS[:, 0], groups),
    "comparison": lambda groups, exchange: compare_correlation(
        NUMBERS, NUMBERS[:, 0], groups=groups, exchange=exchange, n_permutations=19,
        n_subsamples=10, estimator="copula",
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("groups", "exchange", "message"),
    [
        (None, "groups", "exchange='groups' needs groups; give the group of every row"),
        (None, "within_groups", "exchange='within_groups' needs groups"),
        (FOUR, "rows", "'rows' does not use groups; set exchange='groups' or"),
        (FOUR, 5, "exchange=5 does not use groups; set .* or leave out groups"),
        (FOUR[1:], "groups", "groups must have one label .*, got 19 labels and 20"),
        (FOUR[:, None], "groups", r"groups must have the shape \(n_samples,\), got"),
        ("abcd", "groups", r"groups must have the shape \(n_samples,\)"),
        ([None, *FOUR[1:]], "groups", "groups contains a missing label, in row 0; giv"),
        (
            np.append(np.nan, np.zeros(19)),
            "within_groups",
            "groups contains a missing label, in row 0",
        ),
        (
            pd.Series(FOUR).astype("category").where(np.arange(20) != 3),
            "groups",
            "groups contains a missing label, in row 3",
        ),
        (range(20), "within_groups", "every label in groups is unique.*larger groups"),
        (["a"] * 20, "groups", "only one label.*set exchange='within_groups'"),
        ([1, 2, 2] + [3] * 17, "groups", "no two groups have the same number of rows"),
        (None, 11, "exchange=11 must be at most half of the 20 samples"),
        (None, 1, "'exchange' parameter"),
        (None, 2.5, "'exchange' parameter"),
        (None, "blocks", "'exchange' parameter"),
    ],
)
def test_bad_groups_say_what_to_do(call, groups, exchange, message):
    with pytest.raises(ValueError, match=message):
        call(groups, exchange)


def test_too_few_orders_for_alpha(rng):
    x = rng.standard_normal((20, 1))
    parameters = QUICK | {"groups": FOUR, "exchange": "groups"}
    message = "'groups' allows only 24 orders .* p-value <= alpha=0.01; use more groups"
    with pytest.raises(ValueError, match=message):
        compare_correlation(x, x[:, 0], alpha=0.01, **parameters)
    assert compare_correlation(x, x[:, 0], alpha=0.05, **parameters).mi_p[0] >= 1 / 24


def test_analytic_pvalues_need_independent_rows():
    scorer = MIScorer("copula", p_value="analytic", exchange="groups")
    message = "exchange='groups' does not assume them; set p_value='permutation'"
    with pytest.raises(ValueError, match=message):
        scorer(NUMBERS, NUMBERS[:, 0], FOUR)


@pytest.mark.parametrize(
    "groups",
    [
        list("aabbcc"),
        [1, 1, "b", "b", 0.5, 0.5],
        pd.Series(list("aabbcc"), index=range(7, 13)),
        pd.Categorical(list("aabbcc")),
        np.array([1.5, 1.5, 2, 2, 3, 3]),
        pd.array([5, 5, 6, 6, 7, 7], dtype="Int64"),
        pd.to_datetime(["2020-01-01"] * 2 + ["2020-01-02"] * 2 + ["2020-01-03"] * 2),
    ],
)
def test_labels_of_any_type(groups):
    expected = check_exchange("groups", np.repeat([0, 1, 2], 2), 6)
    exchange = check_exchange("groups", groups, 6)
    np.testing.assert_array_equal(exchange.codes, expected.codes)


def test_scores_do_not_depend_on_groups():
    X, y = NUMBERS, NUMBERS[:, 0]
    plain = MIScorer("copula")(X, y)
    scores = MIScorer("copula", exchange="groups")(X, y, groups=FOUR)
    np.testing.assert_array_equal(scores, plain)
    assert skmi.MIScorer().exchange == "rows"


def test_a_target_that_no_permutation_changes(rng):
    groups = np.repeat(np.arange(10), 6)
    X, y = rng.standard_normal((60, 2)), np.arange(10)[groups] % 2
    message = "y is constant within groups.* set exchange='groups'"
    for call in (
        MIScorer(exchange="within_groups", p_value="permutation"),
        MISelector("auto", exchange="within_groups").fit,
        partial(compare_correlation, exchange="within_groups"),
    ):
        with pytest.raises(ValueError, match=message):
            call(X, y, groups=groups)
