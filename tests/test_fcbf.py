"""The fast correlation-based filter: definition, ties and fitted attributes."""

import pickle

import naive
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, false_discovery_control
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import skmi
from skmi import FCBF
from skmi.estimators import KSG, GaussianCopula, PlugIn

PLAIN = PlugIn(correction=None)


def overlapping_table(rng, n=400, p=25):
    """Discrete columns that depend on y and on each other to various degrees."""
    y = rng.integers(0, 4, n)
    columns = [y]
    for _ in range(p):
        source = columns[rng.integers(len(columns))]
        levels = rng.integers(1, 6)
        noisy = rng.random(n) < rng.random()
        columns.append(np.where(noisy, rng.integers(0, levels, n), source % levels))
    return np.column_stack(columns[1:]), y


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("threshold", [0, 0.02, 0.2])
def test_definition(seed, threshold):
    X, y = overlapping_table(np.random.default_rng(seed))
    path, su = naive.fcbf(X.T, y, threshold)
    selector = FCBF(threshold, alpha=None, estimator=PLAIN, discrete_features=True).fit(
        X, y
    )
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.scores_, su, atol=1e-12)


def test_oracle_drops_and_keeps():
    """Without this, the test above could not fail."""
    tables = [overlapping_table(np.random.default_rng(seed)) for seed in range(8)]
    lengths = [len(naive.fcbf(X.T, y, 0)[0]) for X, y in tables]
    assert min(lengths) < max(lengths)
    assert 3 < np.mean(lengths) < 20


@pytest.mark.parametrize("n_bins", [3, 8])
def test_continuous_columns_and_target_are_cut_into_bins(rng, n_bins):
    X = rng.standard_normal((500, 12)) @ rng.standard_normal((12, 12))
    y = X[:, 3] + X[:, 7] ** 2 + rng.standard_normal(500)
    cut = [naive.quantile_bins(x, n_bins) for x in X.T]
    path, su = naive.fcbf(cut, naive.quantile_bins(y, n_bins), 0.01)
    plain = PlugIn(n_bins, correction=None)
    selector = FCBF(0.01, alpha=None, estimator=plain).fit(X, y)
    assert selector.path_.tolist() == path
    assert 1 < len(path) < 12
    np.testing.assert_allclose(selector.scores_, su, rtol=1e-9)


def test_scores_are_normalized_information():
    X, y = load_wine(return_X_y=True)
    expected = [
        skmi.mutual_info(x, y, estimator=PLAIN, discrete_y=True, normalize="symmetric")
        for x in X.T
    ]
    np.testing.assert_allclose(
        FCBF(estimator=PLAIN).fit(X, y).scores_, expected, rtol=1e-9
    )


@pytest.mark.parametrize("n_levels", [6, 40, 100])
def test_one_of_exact_copies_is_selected(rng, n_levels):
    x = rng.integers(0, n_levels, 500)
    selector = FCBF(discrete_features=True, discrete_target=True)
    assert selector.fit(np.column_stack([x, x]), x // 3).path_.tolist() == [0]
    assert selector.fit(x[:, None], x).scores_ == pytest.approx(1)


def test_only_significant_features_are_selected(rng):
    """The Benjamini-Hochberg procedure on the p-values of the estimator."""
    y = rng.integers(0, 2, 300)
    X = rng.integers(0, [2, 3, 5, 20, 60], (300, 5))
    X[:, 1] = np.where(rng.random(300) < 0.4, y, X[:, 1])
    selector = FCBF(discrete_features=True).fit(X, y)
    scorer = skmi.MIScorer("plugin", discrete_features=True, p_value="analytic")
    np.testing.assert_allclose(selector.pvalues_, scorer(X, y)[1], rtol=1e-12)
    adjusted = false_discovery_control(selector.pvalues_)
    np.testing.assert_array_equal(adjusted <= 0.05, np.arange(5) == 1)
    assert selector.path_.tolist() == [1]
    all_of_them = FCBF(alpha=None, discrete_features=True).fit(X, y)
    assert all_of_them.pvalues_ is None
    strict = FCBF(alpha=adjusted[1] / 2, discrete_features=True).fit(X, y)
    assert not len(strict.path_)


def test_noise_is_selected_in_alpha_of_the_tables():
    """At alpha = 0.2 in 100 tables."""
    n_false = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        X = rng.integers(0, [2, 3, 5, 20, 60] * 2, (200, 10))
        selector = FCBF(alpha=0.2, discrete_features=True)
        n_false += len(selector.fit(X, rng.integers(0, 3, 200)).path_) > 0
    assert n_false <= binom.ppf(0.999, 100, 0.2)


def test_a_relabelled_target_covers_all_columns():
    """A relabelled target s covers all other columns: SU(f; s) = SU(f; y)."""
    rng = np.random.default_rng(1)
    X, y = overlapping_table(rng)
    names = rng.permutation(4)[y]  # with other labels, sums round differently
    selector = FCBF(alpha=None, estimator=PLAIN, discrete_features=True)
    selector.fit(np.column_stack([X, names]), y)
    best = X.shape[1]
    assert selector.path_.tolist() == [best]
    assert selector.scores_[best] == pytest.approx(1)
    dropped = np.flatnonzero(selector.scores_[:best] > 1e-12)
    assert (selector.covered_by_[dropped] == best).all()


def test_ties_go_to_the_lowest_column():
    y = np.arange(600) % 6
    X = np.column_stack([np.zeros(600), y // 3, y % 3, y % 3, y // 3])
    selector = FCBF(discrete_features=True).fit(X, y)
    assert selector.path_.tolist() == [2, 1]
    assert selector.covered_by_.tolist() == [-1, -1, -1, 2, 1]
    assert selector.scores_[0] == 0


def test_independent_columns_are_not_selected():
    """Rounding errors do not exceed a threshold of 0."""
    a, b, c = np.indices((3, 5, 7)).reshape(3, -1)
    selector = FCBF(estimator=PLAIN, discrete_features=True)
    with pytest.warns(UserWarning, match="No features were selected"):
        X = selector.fit_transform(np.column_stack([a, b]), c)
    assert X.shape == (105, 0)


@pytest.mark.parametrize("correction", [None, "chance"])
def test_noise_with_and_without_correction(rng, correction):
    X, y = rng.integers(0, 8, (300, 40)), rng.integers(0, 2, 300)
    estimator = PlugIn(correction=correction)
    scores = FCBF(discrete_features=True, estimator=estimator).fit(X, y).scores_
    if correction:
        assert abs(scores.mean()) < 0.002
        assert 5 < np.sum(scores > 0) < 30
    else:
        assert scores.min() > 0.0005


def test_fitted_attributes():
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    selector = FCBF(0.05).fit(X, y)
    n = len(selector.path_)
    assert 1 < n < 10
    assert (np.diff(selector.scores_[selector.path_]) <= 0).all()
    assert selector.ranking_[selector.path_].tolist() == list(range(1, n + 1))
    assert (np.delete(selector.ranking_, selector.path_) == n + 1).all()
    np.testing.assert_array_equal(selector.support_, selector.ranking_ <= n)
    np.testing.assert_array_equal(selector.get_support(), selector.support_)
    dropped = selector.covered_by_ >= 0
    np.testing.assert_array_equal(
        dropped, ~selector.support_ & (selector.scores_ > 0.05)
    )
    assert set(selector.covered_by_[dropped]) <= set(selector.path_)
    assert selector.feature_names_in_.tolist() == X.columns.tolist()
    assert selector.discrete_target_ is True
    assert not selector.discrete_features_.any()
    assert isinstance(selector.estimator_, PlugIn)


def test_table_of_all_kinds(rng):
    y = rng.integers(0, 3, 300)
    X = pd.DataFrame(
        {
            "noise": rng.standard_normal(300),
            "number": y + 0.5 * rng.standard_normal(300),
            "category": pd.Categorical(np.array(["a", "b", "c"])[y]),
            "flag": (y == 2) ^ (rng.random(300) < 0.1),
        }
    )
    selector = FCBF(0.05).fit(X, np.array(["low", "middle", "high"])[y])
    assert X.columns[selector.path_].tolist() == ["category"]
    assert selector.discrete_features_.tolist() == [False, False, True, True]
    assert selector.scores_[2] == pytest.approx(1)


def test_does_not_depend_on_jobs_or_chunks(monkeypatch):
    X, y = overlapping_table(np.random.default_rng(0))
    one = FCBF(discrete_features=True).fit(X, y)
    monkeypatch.setattr("skmi._utils.parallel._VALUES_PER_CHUNK", 3 * len(X))
    for n_jobs in (None, 2):
        other = FCBF(discrete_features=True, n_jobs=n_jobs).fit(X, y)
        np.testing.assert_array_equal(other.scores_, one.scores_)
        np.testing.assert_array_equal(other.path_, one.path_)
        np.testing.assert_array_equal(other.covered_by_, one.covered_by_)


def test_constant_target(rng):
    X = rng.standard_normal((50, 4))
    with pytest.warns(UserWarning, match="y is constant"):
        selector = FCBF().fit(X, np.zeros(50))
    assert (selector.scores_ == 0).all()
    assert not selector.support_.any()
    assert len(selector.path_) == 0


def test_pipeline_and_grid_search():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(FCBF(estimator=PlugIn()), GaussianNB())
    grid = {"fcbf__threshold": [0, 0.2], "fcbf__estimator__n_bins": [4, 12]}
    search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(X, y)
    best = search.best_estimator_["fcbf"]
    assert best.threshold == search.best_params_["fcbf__threshold"]
    assert best.estimator_.n_bins == search.best_params_["fcbf__estimator__n_bins"]
    assert len(set(search.cv_results_["mean_test_score"])) > 1
    assert search.best_score_ > 0.9


def test_pickle_and_clone():
    X, y = load_wine(return_X_y=True)
    selector = FCBF(0.1, estimator=PlugIn(5)).fit(X, y)
    again = pickle.loads(pickle.dumps(selector))
    np.testing.assert_array_equal(again.transform(X), selector.transform(X))
    cloned = clone(selector)
    assert not hasattr(cloned, "path_")
    np.testing.assert_array_equal(cloned.fit(X, y).path_, selector.path_)


@pytest.mark.parametrize("estimator", ["ksg", "copula", KSG(5), GaussianCopula()])
def test_estimators_without_entropies(estimator):
    X, y = load_wine(return_X_y=True)
    message = r"FCBF needs entropies.*use PlugIn, or MISelector with criterion 'mrmr'"
    with pytest.raises(ValueError, match=message):
        FCBF(estimator=estimator).fit(X, y)


@pytest.mark.parametrize("threshold", [-0.1, 1, 1.5, "auto", None])
def test_bad_threshold(threshold):
    X, y = load_wine(return_X_y=True)
    with pytest.raises(ValueError, match="'threshold' parameter of FCBF"):
        FCBF(threshold).fit(X, y)


def test_bad_data():
    X, y = load_wine(return_X_y=True)
    with pytest.raises(
        ValueError, match="X and y must have the same length, got 178 and 177"
    ):
        FCBF().fit(X, y[1:])
    with pytest.raises(ValueError, match="target y is None"):
        FCBF().fit(X, None)
    X[3, 2] = np.nan
    with pytest.raises(ValueError, match="column 2 of X contains NaN"):
        FCBF().fit(X, y)
