"""Metrics of predictions: identities, scorers in searches, and errors."""

import pickle

import naive
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_diabetes, load_iris, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import (
    brier_score_loss,
    check_scoring,
    d2_log_loss_score,
    log_loss,
    make_scorer,
)
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmi
from skmi import measures
from skmi.estimators import KSG, PlugIn
from skmi.metrics import (
    explained_information,
    explained_information_scorer,
    normalized_explained_information_scorer,
    prediction_information,
    prediction_information_scorer,
)

SCORERS = {
    "explained": explained_information_scorer,
    "normalized": normalized_explained_information_scorer,
    "prediction": prediction_information_scorer,
}
BITS = 1 / np.log(2)


def predictions(rng, n=200, n_classes=3):
    """Return labels, and probabilities that are informative about them."""
    y = rng.choice(n_classes, n, p=rng.dirichlet(np.full(n_classes, 5)))
    proba = rng.dirichlet(np.ones(n_classes), n) + np.eye(n_classes)[y]
    return y, proba / proba.sum(axis=1, keepdims=True)


# --- explained_information


@pytest.mark.parametrize("n_classes", [2, 3, 7])
@pytest.mark.parametrize("names", [None, "abcdefg"])
def test_entropy_less_log_loss(rng, n_classes, names):
    y, proba = predictions(rng, n_classes=n_classes)
    expected = naive.entropy(y) - log_loss(y, proba)
    if names:
        y = np.array(list(names))[y]
    nats = explained_information(y, proba, units="nats")
    assert nats == pytest.approx(expected, rel=1e-12)
    assert explained_information(y, proba) == pytest.approx(expected * BITS, rel=1e-12)
    hartleys = explained_information(y, proba, units="hartleys")
    assert hartleys == pytest.approx(expected / np.log(10), rel=1e-12)
    share = explained_information(y, proba, normalize=True)
    assert share == pytest.approx(expected / naive.entropy(y), rel=1e-12)
    assert share == pytest.approx(d2_log_loss_score(y, proba), rel=1e-9)
    in_nats = explained_information(y, proba, normalize=True, units="nats")
    assert in_nats == share


@pytest.mark.parametrize("n_classes", [2, 4])
def test_constant_probabilities_lose_the_divergence(rng, n_classes):
    y, _ = predictions(rng, n_classes=n_classes)
    p, q = np.bincount(y) / len(y), rng.dirichlet(np.ones(n_classes))
    value = explained_information(y, np.tile(q, (len(y), 1)), units="nats")
    assert value == pytest.approx(-measures.kl_divergence(p, q), rel=1e-9)
    assert value < 0
    expected = measures.entropy(p, base=2) - measures.cross_entropy(p, q, base=2)
    value = explained_information(y, np.tile(q, (len(y), 1)))
    assert value == pytest.approx(expected, rel=1e-9)
    assert explained_information(y, np.tile(p, (len(y), 1))) == pytest.approx(0)


@pytest.mark.parametrize("n_classes", [2, 4])
def test_perfect_prediction_explains_the_entropy(rng, n_classes):
    y, _ = predictions(rng, n_classes=n_classes)
    proba = np.eye(n_classes)[y]
    value = explained_information(y, proba)
    assert value == pytest.approx(naive.entropy(y) * BITS, rel=1e-12)
    assert explained_information(y, proba, normalize=True) == pytest.approx(1)


def test_frequencies_within_cells_explain_the_mutual_information(rng):
    """The best probabilities of a discrete feature: I(x; y), as H(y) - H(y | x)."""
    x = rng.integers(0, 5, 300)
    y = np.where(rng.random(300) < 0.5, x % 3, rng.integers(0, 3, 300))
    table = pd.crosstab(x, y, normalize="index").to_numpy()
    value = explained_information(y, table[x], units="nats")
    assert value == pytest.approx(naive.information(x, y), rel=1e-9)


def test_one_dimension_is_for_the_greater_label(rng):
    y, proba = predictions(rng, n_classes=2)
    both = explained_information(y, proba)
    assert explained_information(y, proba[:, 1]) == pytest.approx(both, rel=1e-12)
    names = np.array(["yes", "no"])[1 - y]
    assert explained_information(names, proba[:, 1]) == pytest.approx(both, rel=1e-12)
    assert explained_information(
        names, proba[:, 0], labels=["yes", "no"]
    ) == pytest.approx(both, rel=1e-12)
    assert explained_information(y, proba[:, 0]) < both - 0.1


def test_labels_give_the_order_of_columns(rng):
    y, proba = predictions(rng)
    names, order = np.array(["b", "c", "a"]), [2, 0, 1]
    expected = explained_information(y, proba)
    value = explained_information(names[y], proba, labels=names)
    assert value == pytest.approx(expected, rel=1e-12)
    value = explained_information(names[y], proba[:, order])
    assert value == pytest.approx(expected, rel=1e-12)
    assert explained_information(names[y], proba) < expected - 0.1


def test_a_label_that_does_not_occur(rng):
    y, proba = predictions(rng)
    y, proba = y[y != 1], proba[y != 1]
    value = explained_information(y, proba, labels=[0, 1, 2], units="nats")
    expected = naive.entropy(y) - log_loss(y, proba, labels=[0, 1, 2])
    assert value == pytest.approx(expected, rel=1e-12)


def test_a_single_class():
    proba = np.tile([0.8, 0.2], (5, 1))
    value = explained_information(np.zeros(5), proba, labels=[0, 1])
    assert value == pytest.approx(np.log2(0.8))
    assert explained_information(np.zeros(5), proba, labels=[0, 1], normalize=True) == 0
    assert explained_information(["a"], [[1.0]]) == pytest.approx(0)


def test_weights_are_repetitions(rng):
    y, proba = predictions(rng)
    weights = rng.integers(0, 4, len(y))
    for normalize in (False, True):
        weighted = explained_information(
            y, proba, sample_weight=weights, normalize=normalize
        )
        repeated = explained_information(
            y.repeat(weights), proba.repeat(weights, axis=0), normalize=normalize
        )
        assert weighted == pytest.approx(repeated, rel=1e-9)


@pytest.mark.parametrize(("dtype", "bits"), [(np.float64, 52), (np.float32, 23)])
def test_zero_probabilities_are_clipped_as_in_log_loss(dtype, bits):
    y, proba = [0, 0, 1, 1], np.array([[1, 0], [1, 0], [0, 1], [1, 0]], dtype=dtype)
    value = explained_information(y, proba)
    assert value == pytest.approx(1 - bits / 4, rel=1e-6)
    assert value == pytest.approx(1 - log_loss(y, proba) * BITS, rel=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        list,
        pd.Series,
        lambda y: pd.Series(y, dtype="category"),
        lambda y: pd.Series(y, dtype="string"),
        lambda y: np.array(y, dtype=object),
        lambda y: np.reshape(y, (-1, 1)),
    ],
)
def test_types_of_labels(rng, make):
    y, proba = predictions(rng)
    names = np.array(["low", "middle", "up"])[y].tolist()
    value = explained_information(make(names), proba)
    assert value == explained_information(y, proba)


HALVES = [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1, 1], [[0.5, 0.5], [0.2, 0.2], [0, 1]]), "sample 1 .* sum to 0.4, not"),
        (([0, 1, 1], [0.5, 0.5, 1.5]), "y_proba contains 1.5"),
        (([0, 1, 1], [0.5, 0.5, -0.5]), "y_proba contains -0.5"),
        (([0, 1, 1], [0.5, 0.5, np.nan]), "y_proba contains NaN"),
        (([0, 1, 2], HALVES), r"2 classes, but the labels are \[0, 1, 2\]"),
        (([0, 1, 2], [0.5, 0.5, 0.5]), r"2 classes, but the labels are \[0, 1, 2\]"),
        (([1, 1, 1], HALVES), r"2 classes, but the labels are \[1\]; give `labels`"),
        (([0, 1], HALVES), "same length, got 2, 3 and 2"),
        (([], []), "y_true must be a list of labels"),
        (([[0, 1], [1, 0], [1, 1]], HALVES), "y_true must be a list of labels"),
        ((["a", None, "b"], HALVES), "y_true contains NaN"),
        (([0.3, 1.7, 2.1], HALVES), "Unknown label type"),
    ],
)
def test_bad_predictions(arguments, message):
    with pytest.raises(ValueError, match=message):
        explained_information(*arguments)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"labels": [0, 2]}, r"y_true contains \[1\], but labels is \[0, 2\]"),
        ({"labels": [0, 1, 1]}, "labels contains a label twice"),
        ({"labels": [0, np.nan]}, "labels contains NaN"),
        ({"units": "bit"}, "'units' parameter of explained_information"),
        ({"normalize": "min"}, "'normalize' parameter of explained_information"),
        ({"sample_weight": [1, 1]}, "same length, got 3, 3 and 2"),
        ({"sample_weight": [1, -1, 1]}, "sample_weight contains negative"),
        ({"sample_weight": [0, 0, 0]}, "only zeros"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(ValueError, match=message):
        explained_information([0, 1, 1], HALVES, **parameters)


def test_input_is_not_modified(rng):
    y, proba = predictions(rng)
    for array in (y, proba):
        array.flags.writeable = False
    explained_information(y, proba, sample_weight=np.ones(len(y)))
    prediction_information(y, proba[:, 0])


# --- prediction_information


def test_classes_use_plugin(rng):
    y, proba = predictions(rng)
    predicted = proba.argmax(axis=1)
    expected = naive.information(y, predicted)
    assert prediction_information(y, predicted) == pytest.approx(expected * BITS)
    assert prediction_information(y, predicted, units="nats") == pytest.approx(expected)
    names = np.array(["x", "y", "z"])
    for target, prediction in [
        (names[y], names[predicted]),
        (y * 1.0, predicted * 1.0),
    ]:
        assert prediction_information(target, prediction) == pytest.approx(
            expected * BITS
        )
    share = prediction_information(y, predicted, normalize="symmetric")
    assert share == pytest.approx(naive.symmetrical_uncertainty(y, predicted))


def test_numbers_use_ksg(rng):
    y = rng.standard_normal(400)
    predicted = y + rng.standard_normal(400)
    expected = skmi.mutual_info(y, predicted, estimator=KSG(), units="bits")
    assert prediction_information(y, predicted) == expected
    assert prediction_information(np.exp(y), -3 * predicted) == pytest.approx(expected)
    r = prediction_information(y, predicted, normalize="correlation")
    assert r == pytest.approx(1 / np.sqrt(2), abs=0.1)


def test_a_score_for_classes_is_continuous(rng):
    """If it were discrete, each value would be a level that determines the class."""
    y, score = rng.integers(0, 2, 200), rng.standard_normal(200)
    assert abs(prediction_information(y, score)) < 0.15
    expected = skmi.mutual_info(y, score, discrete_x=True, units="bits")
    assert prediction_information(y, score) == expected


def test_discrete_target(rng):
    y = rng.integers(0, 3, 100)
    other = np.where(rng.random(100) < 0.7, y, rng.integers(0, 3, 100))
    plugin = prediction_information(y, other)
    assert prediction_information(y, other, discrete_target=True) == plugin
    as_numbers = skmi.mutual_info(y, other, estimator="ksg", units="bits")
    value = prediction_information(y, other, discrete_target=False)
    assert value == as_numbers
    many = rng.integers(0, 50, 100)  # many classes
    expected = naive.information(many, many // 2) * BITS
    value = prediction_information(many, many // 2, discrete_target=True)
    assert value == pytest.approx(expected)
    binned = prediction_information(many, many // 2, estimator=PlugIn(4))
    assert binned == skmi.mutual_info(
        many, many // 2, estimator=PlugIn(4), units="bits"
    )


@pytest.mark.parametrize("constant", [[1, 1, 1, 1, 1], [0.5] * 5, ["a"] * 5])
def test_a_constant_prediction_is_not_informative(constant):
    assert prediction_information([0, 1, 0, 1, 1], constant) == 0
    assert prediction_information([0.1, 1.5, 0.7, 2.2, 1.3], constant) == 0
    assert prediction_information(constant, [0, 1, 0, 1, 1]) == 0


@pytest.mark.parametrize(
    ("arguments", "parameters", "message"),
    [
        (([0, 1, 1], [0, 1]), {}, "y_true and y_pred must have the same length, got 3"),
        (([0.5, np.nan], [0, 1]), {}, "y_true contains NaN"),
        (([0, 1], [0.5, np.inf]), {}, "y_pred contains infinity"),
        (([0, 1], [[0.1, 0.9], [0.9, 0.1]]), {}, "y_pred must have one dimension"),
        (([0, 1], [0, 1]), {"discrete_target": 2}, "discrete_target must be 'auto'"),
        (([0, 1], [0, 1]), {"units": "bit"}, "units='bit' is not valid"),
        (([0, 1], [0, 1]), {"estimator": "kgs"}, "estimator='kgs' is not known"),
        (
            ([0.5, 1.1], [0.4, 1]),
            {"normalize": "min"},
            "normalize='min'.*needs entropies",
        ),
    ],
)
def test_bad_input(arguments, parameters, message):
    with pytest.raises(ValueError, match=message):
        prediction_information(*arguments, **parameters)


# --- scorers


def string_iris():
    X, y = load_iris(return_X_y=True)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


def log_loss_of_fold(model, X, y):
    """Return the expected score, computed class by class."""
    proba = pd.DataFrame(model.predict_proba(X), columns=model.classes_)
    q = np.array([proba[label][i] for i, label in enumerate(y)])
    eps = np.finfo(float).eps
    return (naive.entropy(y) + np.mean(np.log(np.clip(q, eps, 1 - eps)))) * BITS


@pytest.mark.parametrize("n_classes", [2, 3])
def test_cross_validate(n_classes):
    X, y = string_iris()
    keep = slice(50 * (3 - n_classes), None)
    cv = KFold(4, shuffle=True, random_state=0)
    found = cross_validate(
        GaussianNB(), X[keep], y[keep], cv=cv, scoring=SCORERS,
        return_estimator=True, return_indices=True, error_score="raise",
    )  # fmt: skip
    for i, (model, test) in enumerate(
        zip(found["estimator"], found["indices"]["test"], strict=True)
    ):
        fold_X, fold_y = X[keep][test], y[keep][test]
        expected = log_loss_of_fold(model, fold_X, fold_y)
        assert found["test_explained"][i] == pytest.approx(expected, rel=1e-9)
        share = expected / (naive.entropy(fold_y) * BITS)
        assert found["test_normalized"][i] == pytest.approx(share, rel=1e-9)
        expected = naive.information(fold_y, model.predict(fold_X)) * BITS
        assert found["test_prediction"][i] == pytest.approx(expected, abs=1e-12)


def test_a_fold_lacks_classes(rng):
    """As the target is sorted, each of six folds contains only one or two classes."""
    X, y = string_iris()
    X, y = X[25:], y[25:]
    found = cross_validate(
        LogisticRegression(max_iter=1000), X, y, cv=KFold(6), scoring=SCORERS,
        return_estimator=True, return_indices=True, error_score="raise",
    )  # fmt: skip
    n_seen = []
    for i, (model, test) in enumerate(
        zip(found["estimator"], found["indices"]["test"], strict=True)
    ):
        n_seen.append(len(set(y[test])))
        expected = log_loss_of_fold(model, X[test], y[test])
        assert found["test_explained"][i] == pytest.approx(expected, rel=1e-9)
    assert set(n_seen) == {1, 2}
    constant = np.array(n_seen) == 1
    assert (found["test_normalized"][constant] == 0).all()
    assert (found["test_prediction"][constant] == 0).all()


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_class_missing_from_the_training_data(n_classes):
    X, y = string_iris()
    X, y = X[: 50 * n_classes], y[: 50 * n_classes]
    scores = cross_validate(
        GaussianNB(), X, y, cv=KFold(n_classes), scoring=SCORERS, error_score="raise"
    )
    assert scores["test_explained"] == pytest.approx(np.full(n_classes, -52))


@pytest.mark.parametrize("name", SCORERS)
def test_grid_search_of_classifiers(name):
    X, y = string_iris()
    search = GridSearchCV(
        GaussianNB(),
        {"var_smoothing": [1e4, 10, 1e-9]},
        scoring=SCORERS[name],
        error_score="raise",
    )
    search = clone(search).fit(X, y)
    score = search.cv_results_["mean_test_score"]
    assert search.best_params_["var_smoothing"] == 1e-9
    if name == "prediction":  # classes are correct before probabilities are certain
        assert 1 < score[0] <= score[1] < score[2] < np.log2(3)
    else:
        assert score[0] == pytest.approx(0, abs=0.01)
        assert score[0] < score[1] < 0.7 * score[2]
        assert score[2] < (1 if name == "normalized" else np.log2(3))
    assert search.score(X, y) == SCORERS[name](search.best_estimator_, X, y)


def test_grid_search_of_regressors():
    X, y = load_diabetes(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), Ridge())
    search = GridSearchCV(
        pipeline,
        {"ridge__alpha": [1, 10]},
        scoring=prediction_information_scorer,
        error_score="raise",
    ).fit(X, y)
    assert 0.1 < search.best_score_ < 1


def test_the_target_of_a_regressor_is_continuous():
    """With "auto", whole numbers in a small fold would be classes."""
    X, y = load_diabetes(return_X_y=True)
    model, X, y = LinearRegression().fit(X, y), X[:18], y[:18].astype(int)
    expected = prediction_information(y, model.predict(X), discrete_target=False)
    assert prediction_information_scorer(model, X, y) == expected
    assert prediction_information(y, model.predict(X)) != expected


def test_the_target_of_a_classifier_is_discrete(rng):
    """With "auto", many classes with few samples each would be numbers."""
    y = np.repeat(np.arange(30), 4)
    X = y[:, None] + 0.3 * rng.standard_normal((120, 1))
    model = GaussianNB().fit(X, y)
    expected = naive.information(y, model.predict(X)) * BITS
    assert prediction_information_scorer(model, X, y) == pytest.approx(expected)


def test_an_untyped_model_uses_the_type_of_the_target(rng):
    class Echo(BaseEstimator):
        def fit(self, X, y=None):
            return self

        def predict(self, X):
            return X[:, 0]

    y = rng.integers(0, 2, 100)
    expected = naive.entropy(y) * BITS
    value = prediction_information_scorer(Echo(), y[:, None], y)
    assert value == pytest.approx(expected)


def test_together_with_a_scorer_of_the_other_label():
    """scikit-learn caches only one column of the probabilities of two classes."""
    X, y = load_wine(return_X_y=True)
    model = GaussianNB().fit(X[:, :1], y == 0)
    expected = explained_information_scorer(model, X[:, :1], y == 0)
    other = make_scorer(brier_score_loss, response_method="predict_proba", pos_label=0)
    both = check_scoring(
        model, scoring={"other": other, "ours": explained_information_scorer}
    )
    assert both(model, X[:, :1], y == 0)["ours"] == expected


@pytest.mark.parametrize("name", SCORERS)
def test_copies_of_scorers_agree(name):
    X, y = load_wine(return_X_y=True)
    scorer, model = SCORERS[name], GaussianNB().fit(X, y)
    expected = scorer(model, X, y)
    assert pickle.loads(pickle.dumps(scorer))(model, X, y) == expected
    assert clone(scorer, safe=False)(model, X, y) == expected


def test_repr_of_scorers():
    assert repr(normalized_explained_information_scorer) == (
        "<scorer of explained_information(normalize=True)>"
    )
    assert repr(prediction_information_scorer) == (
        "<scorer of prediction_information()>"
    )


def test_weights_reach_the_scorer(rng):
    X, y = load_wine(return_X_y=True)
    weights = rng.random(len(y))
    model = GaussianNB().fit(X[:, :2], y)
    expected = explained_information(
        y, model.predict_proba(X[:, :2]), sample_weight=weights
    )
    value = explained_information_scorer(model, X[:, :2], y, sample_weight=weights)
    assert value == expected
    assert value != explained_information_scorer(model, X[:, :2], y)
    with sklearn.config_context(enable_metadata_routing=True):
        scorer = clone(explained_information_scorer, safe=False)
        scorer.set_score_request(sample_weight=True)
        found = cross_validate(
            GaussianNB().set_fit_request(sample_weight=False),
            X, y, scoring=scorer, params={"sample_weight": weights},
            return_estimator=True, return_indices=True, error_score="raise",
        )  # fmt: skip
        test, fitted = found["indices"]["test"][0], found["estimator"][0]
        assert found["test_score"][0] == explained_information(
            y[test], fitted.predict_proba(X[test]), sample_weight=weights[test]
        )


def test_a_model_without_probabilities():
    class Majority(ClassifierMixin, BaseEstimator):
        def fit(self, X, y):
            self.classes_ = np.unique(y)
            return self

    X, y = load_wine(return_X_y=True)
    with pytest.raises(AttributeError, match="predict_proba"):
        explained_information_scorer(Majority().fit(X, y), X, y)
