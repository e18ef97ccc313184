"""The drop-in functions compared with scikit-learn's, and the scorer."""

import naive
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import feature_selection as theirs
from sklearn.datasets import load_diabetes, load_iris
from sklearn.feature_selection import (
    GenericUnivariateSelect,
    SelectKBest,
    SelectPercentile,
)
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import skmi
from skmi.estimators import ESTIMATORS, KSG

FUNCTIONS = ["mutual_info_classif", "mutual_info_regression"]


def table(rng, n, p=6):
    """Return columns of decreasing relevance to their weighted sum, and that sum."""
    X = rng.standard_normal((n, p))
    return X, X @ np.arange(p, 0, -1) + rng.standard_normal(n)


def cut(y, n_classes):
    """Return classes of about equal size."""
    return np.argsort(np.argsort(y)) * n_classes // len(y)


def both(name, X, y, **parameters):
    """Return the scores of our function and of scikit-learn's."""
    return (
        getattr(skmi, name)(X, y, **parameters),
        getattr(theirs, name)(X, y, random_state=0, **parameters),
    )


@pytest.mark.parametrize("n_neighbors", [1, 3, 7])
@pytest.mark.parametrize("n_classes", [2, 10, 100])
def test_classif_equals_scikit_learn(rng, n_classes, n_neighbors):
    X, y = table(rng, 2000)
    ours, expected = both(
        "mutual_info_classif", X, cut(y, n_classes), n_neighbors=n_neighbors
    )
    np.testing.assert_allclose(ours, expected, atol=1e-6)


@pytest.mark.parametrize("n_neighbors", [1, 3, 7])
@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_regression_equals_scikit_learn(rng, scale, n_neighbors):
    X, y = table(rng, 1000)
    X *= scale * np.logspace(-2, 2, X.shape[1])
    X[:, 0] = y + 0.01 * X[:, 1]
    ours, expected = both("mutual_info_regression", X, y, n_neighbors=n_neighbors)
    np.testing.assert_allclose(ours, expected, atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 100, None])
def test_many_samples_equal_scikit_learn(rng, n_classes):
    X, y = table(rng, 20_000, p=4)
    X[:, 1] = y + 0.1 * X[:, 1]  # r = .9998
    X[:, 2] = np.exp(X[:, 2])
    if n_classes:
        ours, expected = both("mutual_info_classif", X, cut(y, n_classes))
    else:
        ours, expected = both("mutual_info_regression", X, y)
    np.testing.assert_allclose(ours, expected, atol=1e-6)


@pytest.mark.parametrize(
    "discrete", [[0, 3], [True, False, False, True, False, False], True, False]
)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_discrete_masks_equal_scikit_learn(rng, name, discrete):
    X, y = table(rng, 600)
    for column in np.arange(6)[discrete].ravel():
        X[:, column] = np.digitize(X[:, column], [-1, 0, 0.5])
    if name == "mutual_info_classif":
        y = cut(y, 5)
    ours, expected = both(name, X, y, discrete_features=discrete)
    np.testing.assert_allclose(ours, expected, atol=1e-6)


def test_small_classes_equal_scikit_learn(rng):
    """Classes of one sample, and classes smaller than n_neighbors.

    The tolerance is 1e-3: in classes smaller than twice n_neighbors, scikit-learn
    computes distances from a matrix product. Rounding changes some neighbour counts.
    """
    X, y = table(rng, 300)
    y = np.minimum(rng.geometric(0.2, 300), 40)
    assert {1, 2} < set(np.bincount(y))
    for n_neighbors in (1, 3, 7):
        ours, expected = both("mutual_info_classif", X, y, n_neighbors=n_neighbors)
        np.testing.assert_allclose(ours, expected, atol=1e-3)
        exact = [max(0, naive.ross(x, y, n_neighbors)) for x in X.T]
        np.testing.assert_allclose(ours, exact, atol=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(
    "change", [np.tan, lambda v: np.exp(2 * v)], ids=["cauchy", "exp(2x)"]
)
def test_heavy_tails_equal_scikit_learn(rng, change, name):
    """The tolerance is 1e-3: scikit-learn's jitter changes very small values."""
    X, y = table(rng, 1000)
    ours, expected = both(name, change(X), cut(y, 3) if "classif" in name else y)
    np.testing.assert_allclose(ours, expected, atol=1e-3)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sparse_and_integers_equal_scikit_learn(rng, name):
    X = rng.integers(0, 4, (200, 5))
    y = (X[:, 0] + X[:, 1] + rng.integers(0, 3, 200)) // 2
    y = y if "classif" in name else y + 0.01 * rng.standard_normal(200)
    for matrix in (sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array):
        ours, expected = both(name, matrix(X), y)
        np.testing.assert_allclose(ours, expected, atol=1e-6)
    ours, expected = both(name, X, y, discrete_features=True)
    np.testing.assert_allclose(ours, expected, atol=1e-6)


@pytest.mark.parametrize(
    "relabel",
    [
        lambda y: y.astype(str),
        lambda y: y.astype(str).astype(object),
        lambda y: y.astype(bool),
        lambda y: y * 2.0 - 7,
    ],
    ids=["str", "object", "bool", "float"],
)
def test_labels_of_any_kind_equal_scikit_learn(rng, relabel):
    X, y = table(rng, 300)
    ours, expected = both("mutual_info_classif", X, relabel(cut(y, 2)))
    np.testing.assert_allclose(ours, expected, atol=1e-6)


def test_on_real_data():
    """Iris has ties, so scikit-learn's jitter changes its scores."""
    ours, expected = both("mutual_info_classif", *load_iris(return_X_y=True))
    np.testing.assert_allclose(ours, expected, atol=0.03)
    assert (np.argsort(ours) == np.argsort(expected)).all()


# --- where scikit-learn is wrong


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("value", [0, 1, -3.7, 1e300, 1e-300])
def test_constant_column_is_exactly_zero(rng, name, value):
    X, y = table(rng, 500)
    X[:, 1] = value
    for discrete in (False, True):
        scores = getattr(skmi, name)(X[:, [1]], cut(y, 50), discrete_features=discrete)
        assert scores[0] == 0
    assert getattr(skmi, name)(X, cut(y, 50))[1] == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nearly_constant_column_is_nearly_zero(rng, name):
    """A column with one other value in 2000 has an entropy of 0.004."""
    X, y = np.zeros((2000, 1)), cut(rng.standard_normal(2000), 20)
    X[7] = 1
    assert getattr(skmi, name)(X, y)[0] < 0.005


@pytest.mark.parametrize("name", FUNCTIONS)
def test_large_offset(rng, name):
    """An offset of 1e10 leaves six decimals of x, and about three of the scores."""
    X, y = table(rng, 1000)
    y = cut(y, 3) if "classif" in name else y
    function = getattr(skmi, name)
    np.testing.assert_allclose(function(X + 1e10, y), function(X, y), atol=1e-3)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_scores_are_deterministic(rng, name):
    X, y = table(rng, 500)
    X = X.round(1)
    first = getattr(skmi, name)(X, cut(y, 20), random_state=0)
    second = getattr(skmi, name)(X, cut(y, 20), random_state=1, copy=False)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("n_classes", [3, None])
def test_a_score_does_not_depend_on_the_other_columns(rng, estimator, n_classes):
    X, y = table(rng, 300, p=11)
    X[:, ::3] = X[:, ::3].round()
    X[:, 4] = 0
    y = cut(y, n_classes) if n_classes else y
    scorer = skmi.MIScorer(estimator, discrete_features=[0, 6])
    together = scorer(X, y)
    for column in range(11):
        scorer.discrete_features = column in (0, 6)
        np.testing.assert_array_equal(scorer(X[:, [column]], y), together[[column]])


def test_never_below_zero(rng):
    X, y = rng.standard_normal((200, 50)), rng.standard_normal(200)
    unclipped = skmi.MIScorer(KSG(3, marginals="standard"))(X, y)
    assert unclipped.min() < 0
    np.testing.assert_array_equal(
        skmi.mutual_info_regression(X, y), np.maximum(unclipped, 0)
    )


@pytest.mark.parametrize("scale", [1e-300, 1e-170, 1e155, 5e305])
def test_regression_at_any_scale(rng, scale):
    """Squares of these values underflow or overflow."""
    X = rng.standard_normal((200, 2))
    y = X[:, 0] + rng.standard_normal(200)
    np.testing.assert_allclose(
        skmi.mutual_info_regression(scale * X, y),
        skmi.mutual_info_regression(X, y),
        atol=1e-9,
    )
    assert skmi.mutual_info_regression(np.full((200, 1), scale), y) == 0


def test_regression_of_objects(rng):
    X, y = rng.standard_normal((50, 2)), rng.standard_normal(50)
    np.testing.assert_array_equal(
        skmi.mutual_info_regression(X, y.astype(object)),
        skmi.mutual_info_regression(X, y),
    )


# --- the scorer


@pytest.mark.parametrize("n", [60, 200])
def test_scorer_detects_kinds_as_documented(rng, n):
    X = pd.DataFrame(
        {
            "number": rng.standard_normal(n),
            "count": rng.integers(0, 3, n),
            "flag": rng.random(n) < 0.5,
            "kind": rng.choice(["a", "b", "c"], n),
            "level": pd.Categorical(rng.choice(["low", "high"], n)),
        }
    )
    y = np.where(X["flag"], X["number"] > 0, X["kind"] == "a").astype(int)
    scorer = skmi.MIScorer(KSG(3, "raw"))
    scores = scorer(X, y)
    assert scorer.discrete_features_.tolist() == [False, False, True, True, True]
    assert scorer.discrete_target_ is True
    expected = [naive.ross(X[name].astype(float), y, 3) for name in ("number", "count")]
    expected += [
        naive.information_above_chance(X[name], y, np.zeros(len(y)))
        for name in ("flag", "kind", "level")
    ]
    np.testing.assert_allclose(scores, expected, rtol=1e-10, atol=1e-12)


def test_scorer_takes_names(rng):
    X, y = table(rng, 200, p=3)
    X = pd.DataFrame(X.round(), columns=["one", "two", "three"])
    named = skmi.MIScorer(discrete_features=["three", "one"])
    np.testing.assert_array_equal(
        named(X, y), skmi.MIScorer(discrete_features=[0, 2])(X, y)
    )
    assert named.discrete_features_.tolist() == [True, False, True]


@pytest.mark.parametrize(
    "select",
    [
        lambda scorer: SelectKBest(scorer, k=4),
        lambda scorer: SelectPercentile(scorer, percentile=40),
        lambda scorer: GenericUnivariateSelect(scorer, mode="k_best", param=4),
    ],
)
def test_scorer_in_scikit_learn_selectors(select):
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    scorer = skmi.MIScorer()
    selector = select(scorer).fit(X, y)
    np.testing.assert_array_equal(selector.scores_, scorer(X, y))
    best = X.columns[np.sort(np.argsort(-scorer(X, y))[:4])]
    assert selector.get_feature_names_out().tolist() == best.tolist()


def test_grid_search_of_the_estimator_of_the_scorer():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(SelectKBest(skmi.MIScorer(KSG())), GaussianNB())
    grid = {
        "selectkbest__k": [1, 2],
        "selectkbest__score_func__estimator__n_neighbors": [2, 9],
    }
    search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(X, y)
    best = search.best_estimator_[0]
    chosen = search.best_params_["selectkbest__score_func__estimator__n_neighbors"]
    np.testing.assert_array_equal(best.scores_, skmi.MIScorer(KSG(chosen))(X, y))
    tried = {
        p["selectkbest__score_func__estimator__n_neighbors"]
        for p in search.cv_results_["params"]
    }
    assert tried == {2, 9}
