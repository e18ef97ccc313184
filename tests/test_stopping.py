"""Stopping tests of "auto": permutations, the G test, and the backward pass."""

import itertools
from functools import partial

import joblib
import naive
import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from scipy.stats import binom, chi2, pearsonr
from served import SERVED
from sklearn.base import clone
from sklearn.datasets import load_wine
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from skmi import MISelector
from skmi._data.columns import Columns
from skmi._estimation.exchange import check_exchange
from skmi._estimation.permutation import standardize
from skmi._estimation.table import PermutedView, PreparedTable, TableView
from skmi._search.search import EagerScores
from skmi._search.stopping import (
    AnalyticTest,
    PermutationTest,
    StoppingSettings,
    _find_alike,
)
from skmi._search.terms import CandidateTerms
from skmi._utils.parallel import run_serially
from skmi.criteria import CIFE, CMI, CRITERIA, JMI, JMIM, MRMR, BetaGamma, get_criterion
from skmi.estimators import (
    ESTIMATORS,
    KDE,
    KSG,
    GaussianCopula,
    PlugIn,
    get_estimator,
)

TEST_CRITERIA = {"miq": MRMR, "disr": JMI, "njmim": JMIM, "condred": CIFE}
CAPPED = {"cmim", "icap"}


def noisy_table(rng, n=150, p=8):
    """Return noise with two informative columns, and a class."""
    y = rng.integers(0, 2, n)
    X = rng.standard_normal((n, p))
    X[:, 3] += 1.5 * y
    X[:, 6] += 1.5 * y
    return X, y


def auto(criterion="jmi", estimator="plugin", **others):
    options = {"n_permutations": 19, "random_state": 0} | others
    return MISelector("auto", criterion=criterion, estimator=estimator, **options)


def view_of(X, y, estimator="plugin", discrete=True):
    """Return the view of a table, and the columns of X and y."""
    columns = Columns(X, np.full(X.shape[1], discrete))
    target = Columns(y[:, None], np.array([True]))
    estimator = get_estimator(estimator)
    table = PreparedTable.prepare(estimator, columns, run_serially, 1)
    return TableView(table, target, columns), columns, target


# --- by permutations


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_path_equals_that_of_the_same_number(rng, criterion, estimator):
    X, y = noisy_table(rng)
    automatic = auto(criterion, estimator).fit(X, y)
    n = len(automatic.path_)
    assert n >= 1
    assert automatic.path_[0] in (3, 6)
    given = MISelector(n, criterion=criterion, estimator=estimator).fit(X, y)
    if criterion not in TEST_CRITERIA:  # else the highest J may not be significant
        np.testing.assert_array_equal(automatic.path_, given.path_)
        np.testing.assert_array_equal(automatic.path_scores_, given.path_scores_)
    assert given.pvalues_ is None
    assert automatic.pvalues_.shape == (n,)
    assert (automatic.pvalues_ == 1 / 20).all()
    assert automatic.support_.sum() == n


@pytest.mark.parametrize("criterion", ["mim", "jmi", "cmim", "cmi", "disr"])
def test_pvalue_from_the_definition(rng, criterion):
    """Each permutation is a table of its own, with every J from its definition."""
    n, n_permutations, seed = 60, 59, 5
    y = rng.integers(0, 2, n)
    X = rng.integers(0, [2, 2, 2, 2, 9], (n, 5))
    X[:, 2] = np.where(rng.random(n) < 0.7, y, X[:, 2])
    X[:, 4] = np.where(rng.random(n) < 0.4, y, X[:, 4])
    instance = get_criterion(criterion)
    view, *_ = view_of(X, y, PlugIn(correction=None))
    exchange = check_exchange("rows", None, n)
    settings = StoppingSettings(
        0.999, "permutation", n_permutations, seed, False, exchange
    )
    test = PermutationTest(view, instance, settings, run_serially)
    pair_terms = partial(CandidateTerms, view, run=run_serially)
    candidates = EagerScores(view.relevance, instance)
    terms = naive.PlugInTerms()

    def score(formula, f, selected):
        chosen = [X[:, s] for s in selected]
        return (formula if chosen else naive.CRITERIA["mim"])(terms, f, y, chosen)

    formula = naive.CRITERIA[criterion]
    test_formula = {
        "cmim": lambda m, f, y, chosen: min(m.conditional(f, y, s) for s in chosen),
        "disr": naive.CRITERIA["jmi"],
    }.get(criterion, formula)
    selected = []
    for _ in range(3):
        columns = [f for f in range(5) if f not in selected]
        tested = [score(test_formula, X[:, f], selected) for f in columns]
        permuted = []
        for i in range(n_permutations):
            order = np.random.default_rng([seed, i]).permutation(n)
            back = np.argsort(order)  # pairs this sample of f with sample i of y
            permuted.append(
                [score(test_formula, X[back, f], selected) for f in columns]
            )
        standard, highest = naive.standardize(tested, np.array(permuted))
        n_as_high = (highest >= standard[:, None] - 1e-7).sum(axis=1)
        pvalues = (1 + n_as_high) / (1 + n_permutations)
        own = [score(formula, X[:, f], selected) for f in columns]
        best = int(np.argmax(np.where(pvalues <= 0.999, own, -np.inf)))
        found = test.choose(np.array(selected, dtype=np.intp), candidates, pair_terms)
        assert found.column == columns[best]
        assert found.score == pytest.approx(own[best])
        n_drawn = (39, 59)[round(found.pvalue * 60 % 1, 6) == 0]
        if n_drawn == n_permutations:
            assert found.pvalue == pytest.approx(pvalues[best])
        selected.append(columns[best])


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_permuted_terms_equal_terms_of_a_permuted_table(rng, criterion, estimator):
    """To permute y and the selected features permutes the candidates inversely."""
    n = 80
    y = rng.integers(0, 3, n)
    X = rng.standard_normal((n, 6)) + y[:, None] * rng.random(6)
    order = rng.permutation(n)
    view, *_ = view_of(X, y, estimator, False)
    selected, candidates = [1, 4, 0], np.array([2, 3, 5])
    permuted = PermutedView(view, np.stack([order, np.arange(n)]))
    relevance = permuted.relevance[0, candidates]
    permuted = CandidateTerms(permuted, candidates, selected, run_serially)
    table = X.copy()
    table[np.ix_(order, candidates)] = X[:, candidates]
    expected, *_ = view_of(table[order], y[order], estimator, False)
    np.testing.assert_allclose(
        relevance, expected.relevance[candidates], rtol=1e-8, atol=1e-10
    )
    expected = CandidateTerms(expected, candidates, selected, run_serially)
    for term in CRITERIA[criterion].needs:
        np.testing.assert_allclose(
            getattr(permuted, term)[0], getattr(expected, term), rtol=1e-8, atol=1e-10
        )
    unpermuted = CandidateTerms(view, candidates, selected, run_serially)
    for term in CRITERIA[criterion].needs:
        np.testing.assert_allclose(
            getattr(permuted, term)[1],
            getattr(unpermuted, term),
            rtol=1e-8,
            atol=1e-10,
        )


def count_false(selector, make, n_runs, n_true=0):
    """Return the number of runs that select more than n_true features."""
    return sum(
        len(clone(selector).set_params(random_state=i).fit(*make(i)).path_) > n_true
        for i in range(n_runs)
    )


def null_table(seed, n=40, p=6):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, p))
    X[:, 1] = X[:, 0] + 0.1 * X[:, 1]  # their redundancy does not matter
    return X, rng.integers(0, 2, n)


def one_true(seed, n=100, p=6):
    X, y = null_table(seed, n, p)
    X[:, 2] += 4 * y
    return X, y


@pytest.mark.parametrize("make", [null_table, one_true])
@pytest.mark.parametrize(
    ("criterion", "estimator"),
    [
        ("mim", "plugin"),
        ("mrmr", "ksg"),
        ("jmi", "plugin"),
        ("jmi", "copula"),
        ("cmim", "copula"),
        ("cmi", "plugin"),
        ("cife", "plugin"),
        ("disr", "plugin"),
    ],
)
def test_noise_is_selected_in_alpha_of_the_runs(criterion, estimator, make):
    """At alpha = 0.2 in 100 runs; benchmarks/SELECTION.md has more runs and levels."""
    selector = auto(criterion, estimator, alpha=0.2)
    low, high = binom.ppf([0.0005, 0.9995], 100, 0.2)
    n_true = int(make is one_true)
    assert low <= count_false(selector, make, 100, n_true) <= high


# --- columns of several kinds


def mixed_table(seed, n=200):
    """Return flags, short and long lists and numbers, and a class."""
    rng = np.random.default_rng(seed)
    n_levels = [2, 2, 2, 3, 5, 20, 35, 50]
    columns = {f"{m} levels {i}": rng.integers(0, m, n) for i, m in enumerate(n_levels)}
    X = pd.DataFrame(columns).astype("category")
    X["rare flag"] = pd.Categorical(rng.random(n) < 0.03)
    X["number"], X["skewed"] = rng.standard_normal(n), rng.exponential(size=n)
    return X, rng.integers(0, 2, n)


def test_a_flag_is_found_beside_a_list_of_many_levels():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    town = pd.Categorical(rng.integers(0, 50, 300).astype(str))
    X = pd.DataFrame({"flag": y ^ (rng.random(300) < 0.33), "town": town})
    X["flag"] = X["flag"].astype(bool)
    for correction in (None, "miller-madow", "chance"):
        selector = MISelector("auto", estimator=PlugIn(correction=correction))
        assert selector.set_params(random_state=0).fit(X, y).path_.tolist() == [0]


@pytest.mark.parametrize("criterion", ["cmim", "mrmr"])
@pytest.mark.parametrize("correction", [None, "chance"])
def test_no_kind_of_column_is_selected_more_often(criterion, correction):
    """At alpha = 0.5 in 100 tables where nothing is informative."""
    estimator = PlugIn(correction=correction)
    selector = auto(criterion, estimator, n_permutations=39, alpha=0.5)
    picks = []
    for seed in range(100):
        X, y = mixed_table(seed)
        picks += [clone(selector).set_params(random_state=seed).fit(X, y).path_[:1]]
    n_false = sum(map(len, picks))
    assert n_false <= binom.ppf(0.9995, 100, 0.5)
    often = np.bincount(np.concatenate(picks), minlength=11)
    assert (often <= binom.ppf(0.9999, n_false, 2 / 11)).all()


def test_standardize(rng):
    permuted = rng.chisquare([1, 2, 5, 50, 1], (60, 5)) - [0, 1, 1, 2, 0]
    permuted[:, 4] = 1
    scores = rng.chisquare(3, 5)
    found = standardize(scores, permuted)
    standard, highest = naive.standardize(scores, permuted)
    np.testing.assert_allclose(found.standard, standard, rtol=1e-9)
    np.testing.assert_allclose(found.highest, highest, rtol=1e-9)
    assert standard[4] == pytest.approx(-ndtri(1 / 61))  # the only one that differs
    n_as_high = (highest >= standard[:, None]).sum(axis=1)
    np.testing.assert_array_equal(found.n_as_high, n_as_high)
    # the scale of a candidate does not matter
    again = standardize(7 * scores - 3, 7 * permuted - 3)
    np.testing.assert_allclose(again.highest, found.highest, rtol=1e-9)
    assert not found.is_clear(int(np.argmax(scores)))
    assert standardize(scores + 100, permuted).is_clear(0)


def test_candidates_that_are_alike_share_their_moments(rng):
    permuted, scores = rng.chisquare(1, (60, 8)), rng.chisquare(2, 8)
    alike = np.arange(8) % 3 > 0
    found = standardize(scores, permuted, alike)
    standard, highest = naive.standardize(scores, permuted, True, np.flatnonzero(alike))
    np.testing.assert_allclose(found.standard, standard, rtol=1e-9)
    np.testing.assert_allclose(found.highest, highest, rtol=1e-9)
    # the order of alike candidates is that of their scores
    np.testing.assert_array_equal(
        np.argsort(found.standard[alike]), np.argsort(scores[alike])
    )


@pytest.mark.parametrize(
    ("estimator", "exchange", "expected"),
    [
        (PlugIn(), "rows", [True, True, False, False]),
        (GaussianCopula(), "rows", [True, True, False, False]),
        (KSG(), "rows", [True, True, False, False]),
        (PlugIn(binning="uniform"), "rows", [False] * 4),
        (KSG(marginals="raw"), "rows", [False] * 4),
        (KDE(), "rows", [False] * 4),
        (PlugIn(), 5, [False] * 4),
    ],
)
def test_continuous_columns_without_ties_are_alike(rng, estimator, exchange, expected):
    X = rng.standard_normal((30, 4))
    X[:, 2], X[:, 3] = X[:, 2].round(), rng.integers(0, 3, 30)
    columns = Columns(X, np.array([False, False, False, True]))
    y = Columns(rng.standard_normal((30, 1)), np.zeros(1, bool))
    table = PreparedTable.prepare(estimator, columns, run_serially, None)
    exchange = check_exchange(exchange, None, 30)
    found = _find_alike(TableView(table, y, columns), exchange)
    assert found.tolist() == expected


def test_wide_tables_of_few_rows(rng):
    """As powerful as tests of correlation with Bonferroni's correction."""
    found, theirs = 0, 0
    for _ in range(3):
        X = rng.standard_normal((100, 1000))
        y = X[:, :5].sum(axis=1) + rng.standard_normal(100)
        path = MISelector("auto", random_state=0).fit(X, y).path_
        assert (path >= 5).sum() <= 1
        found += (path < 5).sum()
        theirs += sum(1000 * pearsonr(x, y).pvalue <= 0.05 for x in X[:, :5].T)
    assert found >= theirs > 3


def test_nothing_varies():
    found = standardize(np.ones(3), np.ones((20, 3)))
    assert np.isneginf(found.standard).all()
    assert (found.n_as_high == 20).all()


def rare_flags(seed, n=200, p=60):
    """Return flags of one to three samples, and a rare class."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n, p), int)
    for flag in X.T:
        flag[rng.choice(n, rng.integers(1, 4), replace=False)] = 1
    return X, (rng.permutation(n) < n // 10).astype(int)


def test_rare_flags_are_selected_in_alpha_of_the_runs():
    """Many of them have the same score in all permutations but a few."""
    selector = auto("cmim", n_permutations=39, alpha=0.2, discrete_features=True)
    assert count_false(selector, rare_flags, 100) <= binom.ppf(0.999, 100, 0.2)


def test_rare_flags_hide_nothing():
    X, y = rare_flags(0)
    X[:, 7] = y ^ (np.random.default_rng(0).random(200) < 0.02)
    selector = auto("cmim", n_permutations=39, discrete_features=True)
    assert selector.fit(X, y).path_.tolist() == [7]


# --- rows that depend on each other


def repeated_measurements(seed, n_groups=40, size=5):
    """Return columns and a class that are almost constant within groups."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), size)
    X = rng.standard_normal((n_groups, 5))[groups]
    y = rng.integers(0, 2, n_groups)[groups]
    return X + 0.1 * rng.standard_normal(X.shape), y, groups


def test_groups_are_exchanged_as_a_whole():
    n_false = np.zeros(2)
    for seed in range(40):
        X, y, groups = repeated_measurements(seed)
        rows = auto("mrmr", n_permutations=39, alpha=0.1, random_state=seed)
        whole = clone(rows).set_params(exchange="groups")
        n_false += [len(rows.fit(X, y).path_) > 0, len(whole.fit(X, y, groups).path_)]
    assert n_false[0] > 20
    assert n_false[1] <= binom.ppf(0.999, 40, 0.1)


def test_groups_do_not_hide_a_feature():
    X, y, groups = repeated_measurements(0)
    X[:, 2] += 3 * y
    selector = auto("mrmr", n_permutations=39, exchange="groups")
    assert selector.fit(X, y, groups=groups).path_.tolist() == [2]


def chain(seed, n=500):
    """Return columns and a target, where y and the second depend on the first."""
    rng = np.random.default_rng(seed)
    s = rng.integers(0, 3, n)
    f, y = (np.where(rng.random(n) < 0.6, s, rng.integers(0, 3, n)) for _ in range(2))
    return np.column_stack([s, f, rng.integers(0, 3, (n, 2))]), y


@pytest.mark.parametrize("criterion", [name for name in CRITERIA if name != "mim"])
def test_a_redundant_feature_is_selected_in_alpha_of_the_runs(criterion):
    selector = auto(criterion, alpha=0.1, discrete_features=True)
    assert count_false(selector, chain, 100, 1) <= binom.ppf(0.999, 100, 0.1)


def test_mim_selects_a_redundant_feature():
    selector = auto("mim", alpha=0.1, discrete_features=True)
    assert count_false(selector, chain, 20, 1) == 20


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_a_copy_is_selected_by_mim_only(rng, criterion, estimator):
    """For any weight of redundancy in J."""
    X, y = noisy_table(rng)
    X = np.column_stack([X[:, [0, 1, 3]], X[:, 3]])
    path = auto(criterion, estimator).fit(X, y).path_
    assert path.tolist() == ([2, 3] if criterion == "mim" else [2])


@pytest.mark.parametrize("criterion", CRITERIA)
def test_criteria_of_the_permutation_test(criterion):
    instance = get_criterion(criterion)
    tested = instance.test_criterion()
    if criterion in TEST_CRITERIA:
        assert type(tested) is TEST_CRITERIA[criterion]
    elif criterion in CAPPED:
        assert type(tested).__name__ == "_UncappedCMIM"
    else:
        assert tested is instance
    assert type(BetaGamma(0.5, 1).test_criterion()) is CIFE


@pytest.mark.parametrize(
    ("criterion", "estimator"), [("jmi", "plugin"), ("cmi", "ksg")]
)
def test_result_does_not_depend_on_jobs_or_backends(rng, criterion, estimator):
    X, y = noisy_table(rng)
    one = auto(criterion, estimator).fit(X, y)
    two = auto(criterion, estimator, n_jobs=2).fit(X, y)
    with joblib.parallel_backend("loky", n_jobs=2):
        processes = auto(criterion, estimator, n_jobs=2).fit(X, y)
    for other in (two, processes):
        np.testing.assert_array_equal(other.path_, one.path_)
        np.testing.assert_array_equal(other.pvalues_, one.pvalues_)


def test_nothing_is_selected(rng):
    X = rng.standard_normal((50, 4))
    selector = auto().fit(X, np.arange(50) % 2)
    assert selector.path_.shape == selector.pvalues_.shape == (0,)
    assert not selector.support_.any()
    assert (selector.ranking_ == 1).all()
    assert len(selector.path_frame()) == 0
    assert selector.path_frame()["feature"].dtype == object
    with pytest.warns(UserWarning, match="No features were selected"):
        assert selector.transform(X).shape == (50, 0)


def test_constant_target_and_constant_columns():
    X = np.zeros((30, 3))
    assert not len(auto().fit(X, np.arange(30) % 2).path_)
    with pytest.warns(UserWarning, match="y is constant"):
        assert not len(auto().fit(X + np.arange(30)[:, None], np.zeros(30)).path_)


def test_preselected_are_not_tested(rng):
    X, y = noisy_table(rng)
    selector = auto(preselected=[0, 3]).fit(X, y)
    assert selector.path_.tolist() == [0, 3, 6]
    np.testing.assert_array_equal(selector.pvalues_, [np.nan, np.nan, 0.05])
    frame = selector.path_frame()
    np.testing.assert_array_equal(frame["p_value"], selector.pvalues_)
    assert "p_value" not in MISelector(2).fit(X, y).path_frame()


def test_mixed_table_of_strings(rng):
    y = rng.choice(["no", "yes"], 200)
    noise = rng.choice(["a", "b", "c"], 200)
    copy = np.where(rng.random(200) < 0.7, y, "no")
    X = pd.DataFrame({"noise": noise, "copy": copy, "x": rng.standard_normal(200)})
    for estimator in ESTIMATORS:
        assert X.columns[auto("mrmr", estimator).fit(X, y).path_].tolist() == ["copy"]


@pytest.mark.parametrize("correction", [None, "miller-madow", "chance"])
@pytest.mark.parametrize("criterion", ["jmi", "mim", "cmi"])
def test_an_identifier_is_not_selected_and_hides_nothing(rng, criterion, correction):
    """Its J is the same in every permutation, and without correction the highest."""
    X, y = noisy_table(rng, 300)
    table = pd.DataFrame(X).add_prefix("x").assign(id=[f"u{i}" for i in range(300)])
    estimator = PlugIn(correction=correction)
    selector = auto(criterion, estimator, alpha=0.01, n_permutations=199)
    assert sorted(selector.fit(table, y).path_) == [3, 6]


def test_in_a_pipeline(rng):
    X = rng.standard_normal((200, 10))
    y = X[:, 2] + X[:, 5] + 0.5 * rng.standard_normal(200)
    pipeline = make_pipeline(auto("jmi", "copula"), LinearRegression()).fit(X, y)
    assert sorted(pipeline[0].path_) == [2, 5]
    assert pipeline.score(X, y) > 0.8


def test_more_permutations_same_decision(rng):
    X, y = noisy_table(rng)
    for n_permutations in (39, 50, 199):
        selector = auto(n_permutations=n_permutations).fit(X, y)
        assert sorted(selector.path_) == [3, 6]
        assert (selector.pvalues_ <= 0.05).all()


def test_memory(rng, tmp_path, monkeypatch):
    X, y = noisy_table(rng)
    plain = auto("cmi", backward=True).fit(X, y)
    for _ in range(2):
        kept = auto("cmi", backward=True, memory=tmp_path).fit(X, y)
        np.testing.assert_array_equal(kept.path_, plain.path_)
        np.testing.assert_array_equal(kept.pvalues_, plain.pvalues_)
        monkeypatch.setattr(
            "skmi._search.path.find_path", None
        )  # only the cache can answer now
    with pytest.raises(TypeError):
        auto("cmi", backward=True, memory=tmp_path, alpha=0.1).fit(X, y)


@pytest.mark.parametrize("p_value", ["permutation", "analytic"])
def test_memory_of_a_path_of_all_columns(tmp_path, p_value):
    """A path of all columns has ended, even if the backward pass drops one."""
    for seed in range(100, 120):
        rng = np.random.default_rng(seed)
        X = rng.integers(0, 2, (60, 3))
        y = X.sum(axis=1) + rng.integers(0, 2, 60)
        options = {"p_value": p_value, "backward": True, "discrete_features": True}
        options |= {"alpha": 0.4, "estimator": "plugin"}
        plain = auto("cmi", **options).fit(X, y)
        kept = auto("cmi", memory=tmp_path, **options).fit(X, y)
        np.testing.assert_array_equal(kept.path_, plain.path_)
        np.testing.assert_array_equal(kept.pvalues_, plain.pvalues_)


def test_memory_of_the_g_test_needs_no_seed(rng, tmp_path, monkeypatch):
    X, y = noisy_table(rng)
    state = np.random.RandomState(0)
    options = {"p_value": "analytic", "memory": tmp_path, "random_state": state}
    path = auto("cmi", **options).fit(X, y).path_
    monkeypatch.setattr("skmi._search.path.find_path", None)
    np.testing.assert_array_equal(auto("cmi", **options).fit(X, y).path_, path)


# --- by the G test


def markov_blanket(rng, n=2000):
    """y depends on a and b; c is a with noise, and adds nothing once a is selected."""
    a, b, noise = rng.integers(0, 3, (3, n))
    c = np.where(rng.random(n) < 0.8, a, noise)
    y = a + b + (rng.random(n) < 0.1)
    return np.column_stack([c, noise, a, b]), y


def test_g_from_the_definition(rng):
    X, y = markov_blanket(rng, 300)
    view, *_ = view_of(X, y)
    test = AnalyticTest(view, 0.05, run_serially)
    pair_terms = partial(CandidateTerms, view, run=run_serially)
    for s in ([], [2], [2, 3], [3, 1, 0]):
        pvalues = {}
        for f in set(range(4)) - set(s):
            cells = np.unique(X[:, s], axis=0, return_inverse=True)[1].ravel()
            g = dof = chance = 0
            for cell in range(cells.max() + 1):
                x, z = X[cells == cell, f], y[cells == cell]
                g += 2 * len(x) * naive.information(x, z)
                chance += 2 * len(x) * naive.chance_information(x, z)
                dof += (len(set(x)) - 1) * (len(set(z)) - 1)
            found = test.pvalue_given(np.array(s, dtype=np.intp), f)
            scaled = g * min(1, dof / chance)
            assert found == pytest.approx(chi2.sf(scaled, dof), abs=1e-12)
            pvalues[f] = min(1, found * (4 - len(s)))
        chosen = test.choose(
            np.array(s, dtype=np.intp), EagerScores(view.relevance, CMI()), pair_terms
        )
        assert chosen.pvalue == pytest.approx(pvalues[chosen.column])
        assert (chosen.pvalue <= 0.05) == (min(pvalues.values()) <= 0.05)


@pytest.mark.parametrize("p_value", ["analytic", "permutation"])
def test_markov_blanket(rng, p_value):
    """c is informative about y, but not given both a and b."""
    X, y = markov_blanket(rng)
    options = {"p_value": p_value, "discrete_features": True, "preselected": None}
    forward = auto("cmi", **options).fit(X, y)
    assert {2, 3} <= set(forward.path_) <= {0, 2, 3}
    blanket = auto("cmi", backward=True, **options).fit(X, y)
    assert sorted(blanket.path_) == [2, 3]
    assert blanket.ranking_[[2, 3]].max() == 2


@pytest.mark.parametrize("p_value", ["analytic", "permutation"])
def test_backward_drops_a_redundant_feature(rng, p_value):
    """The first pick is a sum of two columns, which determine y together."""
    n = 1000
    a, b = rng.integers(0, 2, (2, n))
    total = a + b + (rng.random(n) < 0.05)
    y = a + 2 * b
    X = np.column_stack([rng.integers(0, 2, n), total, a, b])
    options = {"p_value": p_value, "discrete_features": True}
    forward = auto("cmi", **options).fit(X, y)
    assert forward.path_[0] == 1
    backward = auto("cmi", backward=True, **options).fit(X, y)
    assert sorted(backward.path_) == [2, 3]
    positions = [list(forward.path_).index(f) for f in backward.path_]
    np.testing.assert_array_equal(
        backward.path_scores_, forward.path_scores_[positions]
    )
    np.testing.assert_array_equal(backward.pvalues_, forward.pvalues_[positions])
    assert len(backward.path_frame()) == 2


@pytest.mark.parametrize("n_levels", [2, 5])
def test_g_test_is_calibrated_in_small_cells(n_levels):
    """Given three columns whose cells contain five samples each."""

    def make(seed):
        rng = np.random.default_rng(seed)
        n = 5 * n_levels**3
        return rng.integers(0, n_levels, (n, 4)), rng.integers(0, 2, n)

    options = {"p_value": "analytic", "discrete_features": True, "alpha": 0.2}
    selector = auto("cmi", preselected=[1, 2, 3], **options)
    assert count_false(selector, make, 200, 3) <= binom.ppf(0.9995, 200, 0.2)


# --- pairs


def exclusive_or(rng, n=400, p=20):
    X = rng.integers(0, 2, (n, p))
    return X, X[:, 4] ^ X[:, 11]


@pytest.mark.parametrize("criterion", ["jmi", "cmim", "cmi", "mrmr"])
def test_pairs_first(rng, criterion):
    X, y = exclusive_or(rng)
    options = {"discrete_features": True, "pairs_first": True}
    selector = MISelector(3, criterion=criterion, **options).fit(X, y)
    assert sorted(selector.path_[:2]) == [4, 11]
    first, second = selector.path_[:2]
    assert selector.scores_[first] >= selector.scores_[second]
    same = MISelector(
        3, criterion=criterion, discrete_features=True, preselected=[first, second]
    ).fit(X, y)
    np.testing.assert_array_equal(selector.path_, same.path_)
    np.testing.assert_array_equal(selector.path_scores_, same.path_scores_)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_best_of_all_pairs(rng, estimator):
    X, y = noisy_table(rng, n=80, p=7)
    selector = MISelector(2, criterion="jmi", estimator=estimator, pairs_first=True)
    path = selector.fit(X, y).path_
    joint = {}
    for s, f in itertools.combinations(range(7), 2):
        one = clone(selector).set_params(pairs_first=False, preselected=[s, f])
        joint[s, f] = one.fit(X, y).path_scores_[1]  # of JMI: I(f, s; y)
    assert tuple(sorted(path)) == max(joint, key=joint.get)


def test_pairs_first_with_auto(rng):
    X, y = exclusive_or(rng)
    options = {"discrete_features": True, "pairs_first": True}
    selector = auto("cmi", **options).fit(X, y)
    assert sorted(selector.path_) == [4, 11]
    assert selector.pvalues_.tolist() == [0.05, 0.05]
    assert not len(auto("cmi", discrete_features=True).fit(X, y).path_)
    assert not len(auto("cmi", **options).fit(X, rng.integers(0, 2, 400)).path_)
    low, high = binom.ppf([0.0005, 0.9995], 100, 0.2)
    by_chance = count_false(auto(pairs_first=True, alpha=0.2), null_table, 100)
    assert low <= by_chance <= high


def test_pairs_of_one_column():
    X, y = load_wine(return_X_y=True)
    assert MISelector(0.5, pairs_first=True).fit(X[:, :1], y).path_.tolist() == [0]


# --- bad input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0}, "'alpha' parameter"),
        ({"alpha": 1.0}, "'alpha' parameter"),
        ({"alpha": 0.01, "n_permutations": 98}, r"n_permutations=98 .*; .* least 99 "),
        ({"alpha": 0.001}, "use at least 999 permutations"),
        ({"n_permutations": 18}, "use at least 19 permutations"),
        ({"n_permutations": 0}, "'n_permutations' parameter"),
        ({"p_value": "g"}, "'p_value' parameter"),
        (
            {"p_value": "analytic"},
            "criterion CMI, not CMIM; set criterion='cmi'",
        ),
        (
            {"p_value": "analytic", "criterion": "cmi", "estimator": "ksg"},
            "which KSG does not provide; .*set p_value='permutation'",
        ),
        ({"backward": True}, "criterion CMI, not CMIM"),
        ({"exchange": "groups"}, "needs groups; give the group of every row"),
        ({"exchange": 100}, "at most half of the 178 samples"),
        (
            {"exchange": 10, "criterion": "cmi", "p_value": "analytic"},
            "needs independent rows.* set p_value='permutation'",
        ),
        (
            {"backward": True, "criterion": "cmi", "n_features_to_select": 3},
            "set n_features_to_select='auto'",
        ),
        ({"pairs_first": True, "preselected": [1]}, "give one of them"),
        (
            {"pairs_first": True, "n_features_to_select": 1},
            "at least two features.*; select more",
        ),
        ({"pairs_first": True, "n_features_to_select": 0.1}, "0.1 is 1 of 13"),
        (
            {"pairs_first": True, "p_value": "analytic", "criterion": "cmi"},
            "set p_value='permutation'",
        ),
        ({"n_features_to_select": "all"}, "'n_features_to_select' parameter"),
    ],
)
def test_errors(options, message):
    X, y = load_wine(return_X_y=True)
    selector = MISelector(**{"n_features_to_select": "auto"} | options)
    with pytest.raises(ValueError, match=message):
        selector.fit(X, y)


def test_a_criterion_without_a_test():
    X, y = load_wine(return_X_y=True)
    untestable = type("Untestable", (JMI,), {"test_criterion": lambda self: None})()
    with pytest.raises(ValueError, match=r"Untestable defines no test.*give a number"):
        MISelector("auto", criterion=untestable).fit(X, y)
    assert len(MISelector(3, criterion=untestable).fit(X, y).path_) == 3
