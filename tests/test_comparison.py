"""Information compared with correlation: small cases, flags, intervals, the frame."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import skmi
from skmi import compare_correlation
from skmi._data.columns import Columns
from skmi._estimation.exchange import check_exchange
from skmi.comparison._nonlinearity import _LinearModel, nonlinearity_pvalue
from skmi.estimators import ESTIMATORS, KSG, PlugIn

QUICK = {"n_permutations": 19, "n_subsamples": 10, "random_state": 0}
COLUMNS = [
    "mi",
    "mi_correlation",
    "pearson",
    "spearman",
    "gap",
    "gap_low",
    "gap_high",
    "nonlinear",
    "nonlinear_p",
    "nonlinear_p_adjusted",
    "mi_p",
    "pearson_p",
    "spearman_p",
    "mi_rank",
    "pearson_rank",
    "spearman_rank",
]


def mixed(rng, n=80):
    """Return numbers, levels and constants, and y, on which some of them depend."""
    y = rng.standard_normal(n)
    X = pd.DataFrame(
        {
            "near": y + 0.5 * rng.standard_normal(n),
            "down": -y + rng.standard_normal(n),
            "rounded": np.round(rng.standard_normal(n)),
            "levels": np.where(y > 0, "up", rng.choice(["up", "low", "mid"], n)),
            "letters": rng.choice(list("abc"), n),
            "seven": np.full(n, 7.1),
            "only": ["one"] * n,
        }
    )
    return X, y


def wave(rng, n=300):
    x = rng.uniform(0, 10, n)
    return x[:, None], np.sin(x) + 0.3 * rng.standard_normal(n)


# --- correlations and their p-values


def test_numbers_have_pearson_and_spearman_correlations(rng):
    X = np.round(rng.standard_normal((50, 4)), 1)
    y = np.round(X[:, 0] - X[:, 1] + rng.standard_normal(50), 1)
    found = compare_correlation(X, y, discrete_target=False, **QUICK)
    for name, function in {
        "pearson": stats.pearsonr,
        "spearman": stats.spearmanr,
    }.items():
        theirs = np.array([function(x, y) for x in X.T])
        np.testing.assert_allclose(found[name], theirs[:, 0], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found[f"{name}_p"], theirs[:, 1], rtol=1e-9)


@pytest.mark.parametrize("classes_on", ["X", "y"])
def test_classes_on_one_side_have_the_correlation_ratio(rng, classes_on):
    labels = rng.choice(list("abcd"), 60)
    numbers = np.round(rng.standard_normal(60) + (labels == "c"), 1)
    groups = [numbers[labels == label] for label in "abcd"]
    X, y = (labels, numbers) if classes_on == "X" else (numbers, labels)
    (row,) = compare_correlation(
        pd.DataFrame({"x": X}), y, discrete_target=classes_on == "y", **QUICK
    ).itertuples()
    between = sum(len(g) * (g.mean() - numbers.mean()) ** 2 for g in groups)
    assert row.pearson**2 == pytest.approx(between / numbers.var() / 60)
    assert row.pearson_p == pytest.approx(stats.f_oneway(*groups).pvalue)
    kruskal = stats.kruskal(*groups)
    assert row.spearman**2 == pytest.approx(kruskal.statistic / 59)
    assert row.spearman_p == pytest.approx(kruskal.pvalue)


@pytest.mark.parametrize("n_levels", [2, 3, 40])
def test_classes_on_both_sides_have_cramers_v_and_no_flag(rng, n_levels):
    y = rng.choice(["u", "v", "w"], 80)
    x = np.where(
        rng.random(80) < 0.5, np.char.add(y, "1"), rng.integers(n_levels, size=80)
    )
    X = pd.DataFrame({"x": x, "same": y, "noise": rng.choice(list("ab"), 80)})
    found = compare_correlation(X, y, **QUICK)
    for name, row in found.iterrows():
        counts = pd.crosstab(X[name], y).to_numpy()
        chi2, p, *_ = stats.chi2_contingency(counts, correction=False)
        v = stats.contingency.association(counts, "cramer", correction=False)
        assert chi2 == pytest.approx(80 * v**2 * (min(counts.shape) - 1))
        assert row.pearson == row.spearman == pytest.approx(v)
        assert row.pearson_p == row.spearman_p == pytest.approx(p, rel=1e-9)
    assert found.pearson["same"] == 1
    assert not found.nonlinear.any()
    assert (found.nonlinear_p == 1).all()


def test_monotone_columns_have_correlations_of_one(rng):
    x = rng.standard_normal(40)
    found = compare_correlation(np.column_stack([x, 3 - 2 * x, np.exp(x)]), x, **QUICK)
    np.testing.assert_allclose(found.pearson[:2], [1, -1], rtol=1e-14)
    np.testing.assert_allclose(found.spearman, [1, -1, 1], rtol=1e-14)
    assert not found.nonlinear[:2].any()
    assert (found.pearson_p[:2] < 1e-100).all()
    assert list(found.pearson_rank)[2] == 3


def test_correlations_do_not_depend_on_scale(rng):
    X, y = mixed(rng)
    small = X[["near", "down"]].to_numpy()
    found = compare_correlation(small, y, **QUICK)
    for scale in (1e-300, 1e200):
        large = compare_correlation(small * scale, y * scale, **QUICK)
        pd.testing.assert_frame_equal(large, found, rtol=1e-9)


# --- information


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_information_equals_the_scorer(rng, estimator):
    X, y = mixed(rng)
    found = compare_correlation(X, y, estimator=estimator, **QUICK)
    scorer = skmi.MIScorer(
        estimator, p_value="permutation", n_permutations=19, random_state=0
    )
    scores, pvalues = scorer(X, y)
    np.testing.assert_array_equal(found.mi, scores)
    np.testing.assert_array_equal(found.mi_p, pvalues)
    share = 1 - np.exp(-2 * np.maximum(scores, 0))
    np.testing.assert_allclose(found.mi_correlation**2, share, atol=1e-15)
    np.testing.assert_allclose(
        found.gap, found.mi_correlation - found.pearson.abs(), rtol=0, atol=1e-15
    )


def test_increasing_maps_change_neither_information_nor_ranks(rng):
    X, y = wave(rng)
    plain = compare_correlation(X, y, **QUICK)
    mapped = compare_correlation(np.exp(X), y**3, **QUICK)
    np.testing.assert_allclose(mapped[["mi", "spearman"]], plain[["mi", "spearman"]])
    assert mapped.pearson[0] != pytest.approx(plain.pearson[0], abs=1e-3)


# --- flags


def test_a_wave_is_flagged_and_a_line_is_not(rng):
    X, y = wave(rng)
    line = y + rng.standard_normal(len(y))
    X = pd.DataFrame({"wave": X[:, 0], "line": line, "noise": rng.random(len(y))})
    found = compare_correlation(X, y, random_state=0, n_subsamples=20)
    assert list(found.nonlinear) == [True, False, False]
    assert abs(found.pearson["wave"]) < 0.15
    assert found.mi_correlation["wave"] > 0.8
    assert found.gap_low["wave"] > 0.5
    assert found.nonlinear_p["wave"] < 1e-3
    assert found.mi_rank["wave"] == 1


def test_classes_of_another_variance_or_form_are_flagged(rng):
    y = rng.integers(0, 2, 300)
    noise = rng.standard_normal((300, 2))
    X = np.column_stack([noise[:, 0] * (1 + 3 * y), noise[:, 1] + y])
    found = compare_correlation(X, y, **(QUICK | {"n_permutations": 99}))
    assert list(found.nonlinear) == [True, False]
    as_feature = compare_correlation(
        pd.DataFrame({"class": y.astype(str)}), X[:, 0], **QUICK
    )
    assert as_feature.nonlinear["class"]


@pytest.mark.parametrize(("slope", "noise"), [(0.5, "standard_normal"), (2, "random")])
def test_a_line_is_flagged_in_at_most_alpha_of_the_tables(slope, noise):
    n_runs, flags = 60, 0
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((60, 2))
        y = slope * X[:, 0] + getattr(rng, noise)(60)
        found = compare_correlation(
            X, y, **(QUICK | {"random_state": seed, "estimator": KSG(3), "alpha": 0.1})
        )
        flags += found.nonlinear.any()
    assert flags <= stats.binom.ppf(0.999, n_runs, 0.1)


def test_nonlinearity_pvalue_is_uniform_for_a_line():
    def pvalue(seed):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal((1, 80))
        y = x + rng.standard_normal((1, 80))
        x, y = (Columns(each.T, np.array([False])) for each in (x, y))
        return nonlinearity_pvalue(
            KSG(), y, x, 39, seed, check_exchange("rows", None, 80)
        )

    pvalues = [pvalue(seed) for seed in range(150)]
    assert stats.kstest(pvalues, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("x_step", "y_step", "classes"),
    [(0, 1.2, 0), (0, 0.5, 0), (0.6, 0.6, 0), (0, 1, 3)],
)
def test_rounded_lines_are_rarely_flagged(x_step, y_step, classes):
    """If ties are spread uniformly, the first is flagged in a quarter of the tables."""
    n_runs, flags = 60, 0
    for seed in range(n_runs):
        rng = np.random.default_rng(seed)
        x = rng.integers(classes, size=300) if classes else rng.standard_normal(300)
        y = 0.9 * x + 0.436 * rng.standard_normal(300)
        x = x_step * np.round(x / x_step) if x_step else x
        y = y_step * np.round(y / y_step)
        x, y = (Columns(each[:, None].astype(float), np.array([is_discrete]))
                for each, is_discrete in ((x, bool(classes)), (y, False)))  # fmt: skip
        exchange = check_exchange("rows", None, 300)
        flags += nonlinearity_pvalue(KSG(), y, x, 39, seed, exchange) <= 0.05
    assert flags <= stats.binom.ppf(0.999, n_runs, 0.05)


def test_a_rounded_wave_is_flagged(rng):
    X, y = wave(rng)
    found = compare_correlation(X, 0.7 * np.round(y / 0.7), **QUICK)
    assert found.nonlinear[0]


def test_untied_values_stay_in_their_intervals(rng):
    x = rng.standard_normal(200)
    y = np.append(np.round(x[:-2] + rng.standard_normal(198)), [40.25, -0.123])
    columns = (Columns(each[:, None], np.array([False])) for each in (y, x))
    model = _LinearModel(*columns, 0)
    untied = model._untie(np.random.default_rng(0))[0]
    np.testing.assert_array_equal(untied[-2:], y[-2:])
    values, counts = np.unique(y, return_counts=True)
    assert (np.abs(untied - y)[np.abs(y) < 2] <= 0.5).all()
    assert len(np.unique(untied)) == 200
    assert (counts == 1).sum() < 8
    nearest = np.abs(untied[:, None] - values).argmin(axis=1)
    np.testing.assert_array_equal(values[nearest], y)


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("discrete", [False, True])
def test_permuted_residuals_keep_the_correlation(rng, rounded, discrete):
    u = rng.integers(0, 3, (1, 50)).astype(float)
    v = u**2 + rng.standard_normal((1, 50))
    v = np.round(v) if rounded else v
    model = _LinearModel(
        Columns(v.T, np.array([False])), Columns(u.T, np.array([discrete])), 0
    )
    orders = np.stack([rng.permutation(50) for _ in range(5)])
    rows = model.permute(orders).source.T
    assert np.ptp(rows[0]) == pytest.approx(np.ptp(v), rel=0.5)

    def correlation(row):
        if discrete:
            groups = [row[u[0] == level] for level in range(3)]
            return stats.f_oneway(*groups).statistic
        return stats.pearsonr(row, u[0]).statistic

    found = [correlation(row) for row in rows]
    np.testing.assert_allclose(found, found[0], rtol=1e-9)
    assert len(np.unique(rows)) == rows.size  # no ties, and no equal rows


def test_more_features_need_smaller_pvalues(rng):
    X, y = wave(rng, 100)
    y = y + 1.2 * rng.standard_normal(100)
    alone = compare_correlation(X, y, random_state=0, n_subsamples=10)
    noise = rng.standard_normal((100, 30))
    among = compare_correlation(
        np.hstack([X, noise]), y, random_state=0, n_subsamples=10
    )
    assert among.nonlinear_p[0] == alone.nonlinear_p[0]
    assert 0.05 / 31 < alone.nonlinear_p[0] <= 0.05
    assert alone.nonlinear[0]
    assert not among.nonlinear[0]


# --- intervals


def test_intervals_contain_the_gap_and_the_truth():
    covered = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        x = rng.standard_normal(200)
        y = 0.7 * x + np.sqrt(1 - 0.7**2) * rng.standard_normal(200)  # no gap
        (row,) = compare_correlation(
            x[:, None], y, **(QUICK | {"n_subsamples": 20})
        ).itertuples()
        assert row.gap_low < row.gap < row.gap_high
        covered.append(row.gap_low <= 0 <= row.gap_high)
    assert np.mean(covered) >= 0.9


def test_a_smaller_alpha_makes_wider_intervals(rng):
    X, y = wave(rng, 100)
    narrow, wide = (
        compare_correlation(
            X, y, alpha=alpha, n_permutations=99, n_subsamples=20, random_state=0
        )
        for alpha in (0.2, 0.01)
    )
    assert wide.gap_low[0] < narrow.gap_low[0] < narrow.gap_high[0] < wide.gap_high[0]


# --- the frame


@pytest.mark.parametrize("discrete_target", [False, True])
def test_columns_and_rows_of_the_frame(rng, discrete_target):
    X, y = mixed(rng)
    y = y > 0 if discrete_target else y
    before = X.copy()
    found = compare_correlation(X, y, **QUICK)
    assert list(found.columns) == COLUMNS
    assert list(found.index) == list(X.columns)
    assert found.notna().all(axis=None)
    pd.testing.assert_frame_equal(X, before)
    between = found[["gap_low", "gap", "gap_high"]].to_numpy()
    assert (np.diff(between, axis=1) >= 0).all()
    assert (np.abs(between) <= 1).all()
    assert found["nonlinear"].dtype.kind == "b"
    for name in ("seven", "only"):
        row = found.loc[name]
        assert not row.nonlinear
        numbers = [
            "mi",
            "mi_correlation",
            "pearson",
            "spearman",
            "gap",
            "gap_low",
            "gap_high",
        ]
        assert (row[numbers] == 0).all()
        assert (row[[c for c in COLUMNS if c.endswith("_p")]] == 1).all()
    array = compare_correlation(X[["near", "down"]].to_numpy(), y, **QUICK)
    assert list(array.index) == [0, 1]
    np.testing.assert_array_equal(array["mi"], found["mi"][["near", "down"]])


def test_ranks_ignore_the_sign(rng):
    X, y = mixed(rng)
    X["far_down"] = -X["near"]
    found = compare_correlation(X, y, **QUICK)
    assert found.pearson_rank["near"] == found.pearson_rank["far_down"] == 1
    assert sorted(found.pearson_rank)[2] == 3
    for name in ("mi", "pearson", "spearman"):
        size = found[name].clip(0) if name == "mi" else found[name].abs()
        expected = stats.rankdata(-size, "min")
        np.testing.assert_array_equal(found[f"{name}_rank"], expected)


@pytest.mark.parametrize("classes", [False, True])
def test_a_row_does_not_depend_on_other_rows_or_jobs(rng, classes):
    X, y = mixed(rng)
    X["wave"] = np.cos(3 * y)
    y = pd.qcut(y, 3).astype(str) if classes else y
    found = compare_correlation(X, y, **QUICK)
    parallel = compare_correlation(X, y, n_jobs=2, **QUICK)
    pd.testing.assert_frame_equal(parallel, found, check_exact=True)
    order = rng.permutation(X.shape[1])
    permuted = compare_correlation(X.iloc[:, order], y, **QUICK)
    pd.testing.assert_frame_equal(permuted, found.iloc[order], check_exact=True)
    alone = compare_correlation(X[["wave"]], y, **QUICK)
    joint_columns = {"nonlinear", "nonlinear_p_adjusted"}
    own_columns = [
        name for name in COLUMNS if "rank" not in name and name not in joint_columns
    ]
    pd.testing.assert_frame_equal(
        alone[own_columns], found.loc[["wave"], own_columns], check_exact=True
    )


def test_a_constant_target_scores_zero(rng):
    X, _ = mixed(rng)
    with pytest.warns(UserWarning, match="y is constant"):
        found = compare_correlation(X, np.ones(len(X)), **QUICK)
    assert (found[["mi", "pearson", "spearman", "gap"]] == 0).all(axis=None)
    assert (found[["mi_p", "pearson_p", "spearman_p", "nonlinear_p"]] == 1).all(
        axis=None
    )


def test_a_class_absent_from_some_subsamples(rng):
    y = np.array(["a"] * 15 + ["b"] * 14 + ["c"])
    X = pd.DataFrame({"x": rng.standard_normal(30), "id": [f"n{i}" for i in range(30)]})
    found = compare_correlation(X, y, estimator=PlugIn(3), **QUICK)
    assert found.notna().all(axis=None)
    assert found.pearson["id"] == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"alpha": 0}, "'alpha' parameter .* must be a float in the range"),
        ({"alpha": 1.0}, "'alpha' parameter"),
        ({"n_permutations": 18}, "n_permutations=18 .*; use at least 19 perm"),
        ({"alpha": 0.001}, "n_permutations=19 .*; use at least 999 perm"),
        ({"n_subsamples": 9}, "'n_subsamples' parameter"),
        ({"random_state": "a"}, "'random_state' parameter"),
        ({"estimator": "pearson"}, "estimator='pearson' is not known"),
        ({"estimator": KSG(40)}, "80 samples, too few .* n_neighbors=40"),
        ({"discrete_features": ["nera"]}, "did you mean 'near'"),
    ],
)
def test_bad_parameters_say_what_to_do(rng, parameters, message):
    X, y = mixed(rng)
    with pytest.raises(ValueError, match=message):
        compare_correlation(X, y, **(QUICK | parameters))


def test_bad_data_say_what_to_do(rng):
    X, y = mixed(rng)
    with pytest.raises(ValueError, match="X has 9 samples; at least 10"):
        compare_correlation(X[:9], y[:9], **QUICK)
    with pytest.raises(
        ValueError, match="X and y must have the same length, got 80 and 79"
    ):
        compare_correlation(X, y[1:], **QUICK)
    with pytest.raises(ValueError, match="'near' of X contains NaN"):
        compare_correlation(X.replace({"near": {X.near[3]: np.nan}}), y, **QUICK)
    with pytest.raises(ValueError, match=r"every label of .* y is unique"):
        compare_correlation(X, np.arange(80).astype(str), **QUICK)


def test_whole_numbers_read_as_many_classes(rng):
    x = rng.standard_normal((1000, 1))
    age = (50 + 10 * x[:, 0] + 8 * rng.standard_normal(1000)).round()
    with pytest.warns(UserWarning, match="classes, .* set discrete_target=False"):
        compare_correlation(x, age, **QUICK)
    found = compare_correlation(x, age, discrete_target=False, **QUICK)
    assert found.pearson[0] == pytest.approx(np.corrcoef(x[:, 0], age)[0, 1])


def test_flags_use_the_adjusted_pvalue(rng):
    X = rng.uniform(0, 10, (300, 5))
    y = np.sin(X[:, 0]) + np.sin(X[:, 1]) / 3 + 0.3 * rng.standard_normal(300)
    found = compare_correlation(X, y, **(QUICK | {"n_permutations": 99}))
    assert (found.nonlinear_p_adjusted >= found.nonlinear_p).all()
    assert (found.nonlinear == (found.nonlinear_p_adjusted <= 0.05)).all()
    assert found.nonlinear[0]


def test_uninformative_columns_share_a_rank(rng):
    """Estimates below 0 are noise, so their rank is that of a constant."""
    X = np.column_stack([np.zeros(200), rng.standard_normal((200, 8))])
    found = compare_correlation(X, rng.standard_normal(200), **QUICK)
    below = found.mi <= 0
    assert below.sum() > 1
    assert found.mi_rank[below].nunique() == 1
