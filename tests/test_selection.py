"""The selector: known answers, fitted attributes, and use in pipelines."""

import copy
import itertools
import pickle

import joblib
import naive
import numpy as np
import pandas as pd
import pytest
from served import SERVED
from sklearn.base import clone
from sklearn.datasets import (
    load_breast_cancer,
    load_iris,
    load_wine,
    make_classification,
    make_friedman1,
)
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmi import MIScorer, MISelector
from skmi._data.encoding import encode_features
from skmi._search.search import Search
from skmi.criteria import CRITERIA, JMI
from skmi.estimators import ESTIMATORS, KSG, PlugIn

PLAIN = PlugIn(correction=None)


def select(X, y, n, criterion, **parameters):
    """Fit on columns that are all discrete, without a correction."""
    parameters = {
        "estimator": PLAIN,
        "discrete_features": True,
        "discrete_target": True,
    } | parameters
    return MISelector(n, criterion=criterion, **parameters).fit(X, y)


# --- known answers


def cut_iris():
    """Return iris in 10 equal bins, closed on the right, a constant and a sawtooth."""
    X, y = load_iris(return_X_y=True, as_frame=True)
    X.columns = ["SL", "SW", "PL", "PW"]
    X = X.apply(lambda x: np.digitize(x, np.linspace(x.min(), x.max(), 11)[1:-1], True))
    return X.assign(const=0, tri=np.arange(150) % 3 + 1), y


IRIS_PATHS = {
    "mim": {"PW": 0.9893676236, "PL": 0.9364613700, "SL": 0.5059307646,
            "SW": 0.3055269370, "tri": 0.0004027483, "const": 0},
    # the reference has the sum over the selected features
    "jmi": {"PW": 0.9893676236, "SL": 1.0401336697, "PL": 2.0211268150 / 2,
            "SW": 2.8128420111 / 3},
    "cmim": {"PW": 0.9893676236, "SL": 0.0507660461, "PL": 0.0436956624,
             "SW": 0.0244641841},
    "mrmr": {"PW": 0.9893676236, "const": 0, "PL": 0.3913877252,
             "tri": -0.0249265428},
    # a sum, too
    "disr": {"PW": 0.9893676236, "const": 0.4608422148, "PL": 0.7846596861 / 2,
             "SL": 0.7743788599 / 3},
}  # fmt: skip


@pytest.mark.parametrize("criterion", IRIS_PATHS)
def test_iris(criterion):
    X, y = cut_iris()
    expected = IRIS_PATHS[criterion]
    selector = select(X, y, len(expected), criterion)
    assert X.columns[selector.path_].tolist() == list(expected)
    np.testing.assert_allclose(
        selector.path_scores_, list(expected.values()), atol=1e-10
    )
    np.testing.assert_allclose(
        selector.scores_,
        [IRIS_PATHS["mim"][name] for name in X.columns],
        atol=1e-10,
    )


def factorial(*levels):
    """Return every combination of levels once; frequencies are probabilities."""
    return np.array(list(itertools.product(*map(range, levels)))).T


def corral():
    a0, a1, b0, b1, irrelevant, quarter = factorial(2, 2, 2, 2, 2, 4)
    y = (a0 & a1) | (b0 & b1)
    return [a0, a1, b0, b1, irrelevant, np.where(quarter, y, 1 - y)], y


def xor():
    columns = factorial(2, 2, 2, 2)
    return columns, columns[0] ^ columns[1]


def monk_1():
    a = factorial(3, 3, 2, 3, 4, 2)
    return a, (a[0] == a[1]) | (a[4] == 0)


def monk_3():
    a = factorial(3, 3, 2, 3, 4, 2) + 1
    return a, ((a[4] == 3) & (a[3] == 1)) | ((a[4] != 4) & (a[1] != 3))


def led():
    zero_to_nine = (
        "1110111 0010010 1011101 1011011 0111010 "
        "1101011 1101111 1010010 1111111 1111011"
    )
    segments = np.array([list(digit) for digit in zero_to_nine.split()], dtype=int)
    digit, *noise = factorial(10, 2, 2, 2)
    return [*noise, *segments[digit].T], digit


GENERATORS = {
    "corral": (corral, [0.073365] * 4 + [0, 0.128858]),
    "xor": (xor, [0, 0, 0, 0]),
    "monk 1": (monk_1, [0, 0, 0, 0, 0.215762, 0]),
    "monk 3": (monk_3, [0, 0.221101, 0, 0.003107, 0.240920, 0]),
    "led": (led, [0] * 3 + [0.500402, 0.673012, 0.500402, 0.610864, 0.673012,
                            0.325083, 0.610864]),
}  # fmt: skip


@pytest.mark.parametrize("name", GENERATORS)
def test_relevance_of_generators(name):
    generate, expected = GENERATORS[name]
    columns, y = generate()
    scores = select(np.array(columns).T, y, 1, "mim").scores_
    np.testing.assert_allclose(scores, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "criterion", "path"),
    [
        ("xor", "jmi", [0, 1]),
        ("monk 1", "jmi", [4, 0, 1]),
        ("monk 1", "jmi3", [4, 0, 1]),
        ("monk 1", "cmi", [4, 0, 1]),
        ("monk 3", "cmi", [4, 1, 3]),
        ("monk 3", "mim", [4, 1, 3]),
        ("monk 3", "jmi", [4, 1, 3]),
        ("monk 3", "cmim", [4, 1, 3]),
    ],
)
def test_path_of_generators(name, criterion, path):
    columns, y = GENERATORS[name][0]()
    selector = select(np.array(columns).T, y, len(path), criterion)
    assert selector.path_.tolist() == path


def test_joint_information_of_generators():
    """The joint relevance of the first two picks."""
    columns, y = xor()
    pair = select(np.array(columns).T, y, 2, "jmi")
    assert pair.path_scores_[1] == pytest.approx(np.log(2))
    columns, y = corral()
    pair = select(np.array(columns)[:2].T, y, 2, "jmi")
    assert pair.path_scores_[1] == pytest.approx(0.263563, abs=1e-6)
    pair = select(np.array(columns)[:2].T, y, 2, "cmim")
    assert pair.path_scores_[1] == pytest.approx(0.073365, abs=1e-6)  # capped


# These prefer noise to the last segment, because the others determine it.
LEAVE_LAST_SEGMENT = {"mifs", "cmi", "cife", "icap", "betagamma"}


@pytest.mark.parametrize("criterion", sorted(set(CRITERIA) - LEAVE_LAST_SEGMENT))
def test_segments_of_led_before_noise(criterion):
    columns, y = led()
    assert set(select(np.array(columns).T, y, 7, criterion).path_) == set(range(3, 10))


@pytest.mark.parametrize("criterion", ["mim", "jmi"])
def test_friedman(criterion):
    X, y = make_friedman1(3000, n_features=15, random_state=0)
    assert set(MISelector(5, criterion=criterion).fit(X, y).path_) == set(range(5))


def test_madelon():
    X, y = make_classification(
        4000, 500, n_informative=5, n_redundant=15, shuffle=False, class_sep=2,
        random_state=0,
    )  # fmt: skip
    assert (MISelector(20, criterion="jmi").fit(X, y).path_ < 20).all()


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("binning", ["quantile", "uniform"])
def test_continuous_columns_are_cut_into_bins(criterion, binning):
    X, y = load_wine(return_X_y=True)
    cut = naive.quantile_bins if binning == "quantile" else naive.uniform_bins
    path, scores = naive.greedy([cut(x, 5) for x in X.T], y, criterion, 6)
    selector = MISelector(6, criterion=criterion, estimator=PlugIn(5, binning, None))
    selector.fit(X, y)
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-10)


def test_ksg_with_redundancy():
    """MRMR from separate estimates of pairs."""
    X, y = load_wine(return_X_y=True)
    X = X[:, :5]
    estimator = KSG(4, "raw")
    selector = MISelector(3, criterion="mrmr", estimator=estimator).fit(X, y)
    relevance = [naive.ross(x, y, 4) for x in X.T]
    path, scores = [int(np.argmax(relevance))], [max(relevance)]
    while len(path) < 3:
        score = [
            -np.inf if f in path
            else relevance[f] - np.mean([naive.ksg(X[:, f], X[:, s], 4) for s in path])
            for f in range(5)
        ]  # fmt: skip
        path.append(int(np.argmax(score)))
        scores.append(max(score))
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-10)


@pytest.mark.parametrize("criterion", ["jmi", "cmim"])
@pytest.mark.parametrize("discrete_target", [True, False])
def test_ksg_with_conditional_information(criterion, discrete_target):
    """JMI and CMIM from separate estimates of triples."""
    X, y = load_wine(return_X_y=True)
    X, kinds = X[::2, :6], np.arange(6) >= 4
    X[:, 4:], y = X[:, 4:].round(-1), y[::2] + 0.0
    selector = MISelector(
        3,
        criterion=criterion,
        estimator=KSG(3, "raw"),
        discrete_features=kinds,
        discrete_target=discrete_target,
    ).fit(X, y)
    target = [(y, discrete_target)]

    def relevance(f, given=()):
        if kinds[f] and discrete_target and all(kinds[s] for s in given):
            columns = [X[:, s] for s in given]
            if columns:
                return naive.information_above_chance(X[:, f], y, *columns)
            return naive.information_above_chance(X[:, f], y, np.zeros(len(y)))
        f, given = ([(X[:, j], kinds[j]) for j in each] for each in ([f], given))
        return naive.ball_information(f, target, given, 3)

    relevances = [relevance(f) for f in range(6)]
    np.testing.assert_allclose(selector.scores_, relevances, rtol=1e-10)
    path, scores = [int(np.argmax(relevances))], [max(relevances)]
    while len(path) < 3:
        score = []
        for f in range(6):
            terms = [relevance(f, [s]) for s in path]
            if criterion == "jmi":
                value = np.mean(np.array(terms) + np.array(relevances)[path])
            else:
                value = min(relevances[f], *terms)
            score.append(-np.inf if f in path else value)
        path.append(int(np.argmax(score)))
        scores.append(max(score))
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-10)


# --- fitted attributes


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_a_shorter_path_is_a_prefix(criterion, estimator):
    X, y = load_wine(return_X_y=True)
    longest = MISelector(13, criterion=criterion, estimator=estimator).fit(X, y)
    assert sorted(longest.path_) == list(range(13))
    for n in (1, 2, 5):
        shorter = MISelector(n, criterion=criterion, estimator=estimator).fit(X, y)
        np.testing.assert_array_equal(shorter.path_, longest.path_[:n])
        np.testing.assert_array_equal(shorter.path_scores_, longest.path_scores_[:n])


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_fitted_attributes(criterion, estimator):
    X, y = load_wine(return_X_y=True, as_frame=True)
    selector = MISelector(4, criterion=criterion, estimator=estimator).fit(X, y)
    assert isinstance(selector.estimator_, ESTIMATORS[estimator])
    assert isinstance(selector.criterion_, CRITERIA[criterion])
    np.testing.assert_array_equal(selector.scores_, MIScorer(estimator)(X, y))
    assert selector.path_[0] == np.argmax(selector.scores_)
    assert selector.path_scores_[0] == selector.scores_.max()
    assert (
        len(selector.path_) == len(selector.path_scores_) == len({*selector.path_}) == 4
    )
    assert selector.ranking_[selector.path_].tolist() == [1, 2, 3, 4]
    assert (np.delete(selector.ranking_, selector.path_) == 5).all()
    np.testing.assert_array_equal(selector.support_, selector.ranking_ <= 4)
    np.testing.assert_array_equal(selector.get_support(), selector.support_)
    assert not selector.discrete_features_.any()
    assert selector.discrete_target_ is True
    assert selector.n_features_in_ == 13
    assert selector.feature_names_in_.tolist() == X.columns.tolist()


def test_estimator_and_criterion_are_cloned():
    X, y = load_wine(return_X_y=True)
    estimator, criterion = PlugIn(4), JMI()
    selector = MISelector(3, criterion=criterion, estimator=estimator).fit(X, y)
    assert selector.estimator_ is not estimator
    assert selector.criterion_ is not criterion
    assert selector.estimator_.n_bins == 4


@pytest.mark.parametrize(
    ("wanted", "kept"), [(1, 1), (3, 3), (0.01, 1), (0.25, 3), (0.6, 7), (1.0, 13)]
)
def test_n_features_to_select(wanted, kept):
    X, y = load_wine(return_X_y=True)
    selector = MISelector(wanted).fit(X, y)
    assert selector.support_.sum() == len(selector.path_) == kept


def test_parity_of_three():
    """JMI3 detects a parity of three columns after two of them; JMI never does."""
    columns = factorial(2, 2, 2, 2)
    X, y = columns[[0, 3, 1, 2]].T, columns[:3].sum(axis=0) % 2
    jmi3, jmi = (select(X, y, 4, criterion) for criterion in ("jmi3", "jmi"))
    np.testing.assert_allclose(jmi.path_scores_, 0, atol=1e-12)
    np.testing.assert_allclose(jmi3.path_scores_[:3], 0, atol=1e-12)
    assert jmi3.path_scores_[3] == pytest.approx(np.log(2) / 3)


@pytest.mark.parametrize("correction", ["miller-madow", "chance", "shrink"])
@pytest.mark.parametrize("criterion", ["disr", "njmim", "nmifs", "cmi", "jmi3"])
def test_corrected_bins(criterion, correction):
    """Corrected information, divided by joint entropies that are not corrected."""
    X, y = load_wine(return_X_y=True)
    X = np.column_stack([naive.quantile_bins(x, 4) for x in X.T[:6]])
    estimator = PlugIn(correction=correction)
    selector = select(X, y, 4, criterion, estimator=estimator)

    def encode(*columns):
        return encode_features(np.column_stack(columns), True)

    terms = naive.VerbTerms(estimator, encode)
    if criterion == "nmifs":
        terms.entropy = lambda f: estimator.entropy(terms.block(f), np.array([0]))[0]
    path, scores = naive.greedy([*X.T], y, criterion, 4, terms)
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("criterion", ["cmi", "jmi3"])
@pytest.mark.parametrize("estimator", ["plugin", "copula"])
def test_sets_with_copies(rng, criterion, estimator):
    """Copies of columns have a covariance that cannot be inverted."""
    y = rng.integers(0, 3, 200)
    good, other = y + rng.standard_normal(200), rng.standard_normal(200) - y / 2
    X = np.column_stack([good, other, good, good, other])
    selector = MISelector(5, criterion=criterion, estimator=estimator).fit(X, y)
    assert np.isfinite(selector.path_scores_).all()
    assert set(selector.path_[:2]) == {0, 1}
    if criterion == "cmi":
        np.testing.assert_allclose(selector.path_scores_[2:], 0, atol=1e-9)


@pytest.mark.parametrize("criterion", ["cmi", "jmi3"])
def test_sets_out_of_order(rng, criterion):
    """For 0, 3 and 2 selected, last - first + 1 is their number by coincidence."""
    y = rng.integers(0, 8, 2000)
    noise = rng.integers(0, 3, (2, 2000))
    informative = [np.where(rng.random(2000) < q, y >> i & 1, 0) for i, q in
             ((0, 0.95), (1, 0.8), (2, 0.9))]  # fmt: skip
    columns = [informative[0], noise[0], informative[1], informative[2], noise[1]]
    path, scores = naive.greedy(columns, y, criterion, 5)
    assert path[:3] == [0, 3, 2]
    selector = select(np.array(columns).T, y, 5, criterion)
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-10)


def test_quotient_of_little_redundancy():
    """A constant and an independent column are not preferred for low redundancy."""
    y = np.arange(600) % 6
    X = np.column_stack([np.zeros(600), y % 3, y // 3, np.arange(600) // 6 % 2, y % 3])
    selector = select(X, y, 5, "miq")
    assert selector.path_[:3].tolist() == [1, 2, 4]
    assert np.isfinite(selector.path_scores_).all()
    assert selector.path_scores_[1] == pytest.approx(np.log(2) / 0.001)


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_ties_go_to_the_lowest_column(rng, criterion, estimator):
    y = rng.integers(0, 3, 200)
    good, noise = y + rng.standard_normal(200), rng.standard_normal(200)
    X = np.column_stack([noise, good, good, noise, good])
    selector = MISelector(5, criterion=criterion, estimator=estimator).fit(X, y)
    path = selector.path_.tolist()
    assert path[0] == 1
    assert path.index(2) < path.index(4)
    assert path.index(0) < path.index(3)
    for twins in ([0, 3], [1, 2, 4]):
        assert len(set(selector.scores_[twins])) == 1


@pytest.mark.parametrize("criterion", ["mrmr", "jmi", "cmim"])
def test_a_copy_of_a_selected_feature_is_last(criterion):
    y = np.arange(600) % 6
    X = np.column_stack([y % 3, y % 3, y // 3])
    assert select(X, y, 3, "mim").path_.tolist() == [0, 1, 2]
    assert select(X, y, 3, criterion).path_.tolist() == [0, 2, 1]


# --- tables of all kinds


def mixed_table(rng, n=300):
    y = rng.integers(0, 3, n)
    X = pd.DataFrame(
        {
            "noise": rng.standard_normal(n),
            "number": y + 0.5 * rng.standard_normal(n),
            "text": np.where(rng.random(n) < 0.7, y, 0).astype(str),
            "category": pd.Categorical(np.array(["a", "b", "c"])[y]),
            "flag": (y == 2) ^ (rng.random(n) < 0.1),
            "integer": rng.integers(0, 1000, n),
            "nullable": pd.array(rng.integers(0, 9, n), dtype="Int64"),
        }
    )
    return X, np.array(["low", "middle", "high"])[y]


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_mixed_table(rng, criterion, estimator):
    X, y = mixed_table(rng)
    selector = MISelector(3, criterion=criterion, estimator=estimator).fit(X, y)
    assert X.columns[selector.path_[0]] == "category"
    expected = naive.entropy(y) - naive.chance_information(X["category"], y)
    assert selector.scores_[3] == pytest.approx(expected)
    assert selector.discrete_features_.tolist() == [
        False,
        False,
        *3 * [True],
        *2 * [False],
    ]
    kept = selector.set_output(transform="pandas").transform(X)
    assert kept.columns.tolist() == selector.get_feature_names_out().tolist()
    pd.testing.assert_frame_equal(kept, X[kept.columns], check_dtype=False)


def test_discrete_features_by_name(rng):
    X, y = mixed_table(rng)
    named = ["text", "category", "flag", "integer"]
    selector = MISelector(3, estimator=PLAIN, discrete_features=named).fit(X, y)
    assert X.columns[selector.discrete_features_].tolist() == named
    assert selector.scores_[5] == pytest.approx(naive.information(X["integer"], y))


# --- use in scikit-learn


def test_transform_and_back():
    X, y = load_wine(return_X_y=True)
    selector = MISelector(4).fit(X, y)
    kept = selector.transform(X)
    np.testing.assert_array_equal(kept, X[:, selector.support_])
    back = selector.inverse_transform(kept)
    np.testing.assert_array_equal(back, np.where(selector.support_, X, 0))
    np.testing.assert_array_equal(kept, MISelector(4).fit_transform(X, y))


def test_names():
    X, y = load_wine(return_X_y=True, as_frame=True)
    selector = MISelector(2).set_output(transform="pandas").fit(X, y)
    names = X.columns[np.sort(selector.path_)].tolist()
    assert selector.get_feature_names_out().tolist() == names
    pd.testing.assert_frame_equal(selector.transform(X), X[names])
    bare = MISelector(2).fit(X.to_numpy(), y)
    assert bare.get_feature_names_out().tolist() == [
        f"x{i}" for i in np.sort(bare.path_)
    ]
    assert not hasattr(bare, "feature_names_in_")


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_pickle_and_clone(criterion, estimator):
    X, y = load_wine(return_X_y=True)
    selector = MISelector(
        3, criterion=CRITERIA[criterion](), estimator=ESTIMATORS[estimator]()
    ).fit(X, y)
    again = pickle.loads(pickle.dumps(selector))
    np.testing.assert_array_equal(again.transform(X), selector.transform(X))
    cloned = clone(selector)
    assert not hasattr(cloned, "path_")
    assert repr(cloned) == repr(selector)
    np.testing.assert_array_equal(cloned.fit(X, y).path_, selector.path_)


def test_nested_parameters():
    selector = MISelector(estimator=PlugIn(4))
    assert selector.get_params()["estimator__n_bins"] == 4
    selector.set_params(estimator__n_bins=7, estimator__binning="uniform")
    assert repr(selector.estimator) == "PlugIn(binning='uniform', n_bins=7)"
    selector.set_params(estimator=KSG(), estimator__n_neighbors=9)
    assert selector.estimator.n_neighbors == 9


def test_grid_search():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(
        StandardScaler(), MISelector(estimator=PlugIn()), GaussianNB()
    )
    grid = {
        "miselector__criterion": list(CRITERIA),
        "miselector__n_features_to_select": [2, 5],
        "miselector__estimator__n_bins": [4, 12],
    }
    search = GridSearchCV(pipeline, grid, cv=3, error_score="raise").fit(X, y)
    best = search.best_estimator_["miselector"]
    chosen = {name[12:]: value for name, value in search.best_params_.items()}
    assert best.estimator_.n_bins == chosen["estimator__n_bins"]
    assert best.support_.sum() == chosen["n_features_to_select"]
    assert isinstance(best.criterion_, CRITERIA[chosen["criterion"]])
    assert len(set(search.cv_results_["mean_test_score"])) > 4
    assert search.best_score_ > 0.9


def test_refit_replaces_the_first_fit():
    X, y = load_wine(return_X_y=True)
    selector = MISelector(2).fit(X[:, :5], y == 0)
    selector.fit(X, y)
    np.testing.assert_array_equal(selector.path_, MISelector(2).fit(X, y).path_)
    assert selector.n_features_in_ == 13


# --- preselected features


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_preselected(criterion, estimator):
    """The greedy path from a given start, with every J from its definition."""
    X, y = load_wine(return_X_y=True)
    X = X[::2, :6]
    if estimator == "plugin":
        X = np.column_stack([naive.quantile_bins(x, 3) for x in X.T])
    discrete = estimator == "plugin"
    terms = naive.VerbTerms(
        ESTIMATORS[estimator](),
        lambda *columns: encode_features(
            np.column_stack(columns), [c.dtype.kind == "i" for c in columns]
        ),
    )
    expected = naive.greedy(
        [*X.T], y[::2], criterion, 4, None if discrete else terms, start=[4, 1]
    )
    estimator = PLAIN if discrete else estimator
    selector = MISelector(
        4,
        criterion=criterion,
        estimator=estimator,
        discrete_features=discrete,
        preselected=[4, 1],
    ).fit(X, y[::2])
    assert selector.path_[:2].tolist() == [4, 1]
    assert selector.path_.tolist() == expected[0]
    np.testing.assert_allclose(
        selector.path_scores_, expected[1], rtol=1e-9, atol=1e-12
    )
    for n in (2, 3):
        shorter = clone(selector).set_params(n_features_to_select=n).fit(X, y[::2])
        np.testing.assert_array_equal(shorter.path_, selector.path_[:n])
        np.testing.assert_array_equal(shorter.path_scores_, selector.path_scores_[:n])


@pytest.mark.parametrize("criterion", ["mim", "jmi", "cmim"])
def test_preselecting_the_path_changes_nothing(criterion):
    X, y = load_wine(return_X_y=True)
    free = MISelector(6, criterion=criterion).fit(X, y)
    for n in (0, 1, 4, 6):
        start = MISelector(6, criterion=criterion, preselected=free.path_[:n])
        start.fit(X, y)
        np.testing.assert_array_equal(start.path_, free.path_)
        np.testing.assert_array_equal(start.path_scores_, free.path_scores_)


def test_preselected_by_name_or_from_the_end():
    X, y = load_wine(return_X_y=True, as_frame=True)
    expected = MISelector(5, preselected=[10, 0]).fit(X, y).path_
    for start in (["hue", "alcohol"], pd.Index(["hue", 0]), (-3, "alcohol")):
        selector = MISelector(5, preselected=start).fit(X, y)
        np.testing.assert_array_equal(selector.path_, expected)


@pytest.mark.parametrize(
    ("start", "error", "message"),
    [
        (["hew"], ValueError, "'hew', which is no column of X; did you mean 'hue'?"),
        (["hue", 10], ValueError, "10 twice"),
        ([3, -10], ValueError, "-10 twice"),
        ([13], IndexError, "index 13, but X has 13 columns"),
        ([-14], IndexError, "index -14"),
        ([0, 1, 2, 3], ValueError, "contains 4 features, .* select more"),
        ([True], ValueError, "contains True"),
        ([1.0], ValueError, "contains 1.0"),
        ([[1]], ValueError, "must be a list"),
        ("hue", ValueError, "preselected"),
        (3, ValueError, "preselected"),
    ],
)
def test_preselected_errors(start, error, message):
    X, y = load_wine(return_X_y=True, as_frame=True)
    with pytest.raises(error, match=message):
        MISelector(3, preselected=start).fit(X, y)


def test_preselected_names_of_an_array_or_repeated_names():
    X, y = load_wine(return_X_y=True, as_frame=True)
    with pytest.raises(ValueError, match="X has no column names"):
        MISelector(3, preselected=["hue"]).fit(X.to_numpy(), y)
    X.columns = ["hue", *X.columns[1:]]
    with pytest.raises(ValueError, match=r"name of 2 columns of X|unique column names"):
        MISelector(3, preselected=["hue"]).fit(X, y)


# --- the path explained


@pytest.mark.parametrize("as_frame", [True, False])
@pytest.mark.parametrize("criterion", ["mim", "jmi", "cmim"])
def test_path_frame(criterion, as_frame):
    table, y = load_wine(return_X_y=True, as_frame=True)
    table = table.apply(lambda x: naive.quantile_bins(x, 5))
    X = table if as_frame else table.to_numpy()
    selector = select(X, y, 5, criterion, preselected=[7])
    frame = selector.path_frame(X, y)
    own = ["feature", "criterion", "relevance"]
    pd.testing.assert_frame_equal(selector.path_frame(), frame[own])
    picked = [table.iloc[:, f] for f in selector.path_]
    label = table.columns if as_frame else range(13)
    assert frame.index.tolist() == [1, 2, 3, 4, 5]
    assert frame["feature"].tolist() == [label[f] for f in selector.path_]
    np.testing.assert_array_equal(frame["criterion"], selector.path_scores_)
    first = frame.iloc[0]
    from_pairs = ["redundancy", "conditional_relevance", "max_redundancy"]
    assert first[from_pairs].isna().all()
    assert first["most_redundant_with"] is None
    for i, (row, f) in enumerate(zip(frame.itertuples(), picked, strict=True)):
        assert row.relevance == pytest.approx(naive.information(f, y))
        if i:
            shared = [naive.information(f, s) for s in picked[:i]]
            given = [naive.conditional_information(f, y, s) for s in picked[:i]]
            assert row.redundancy == pytest.approx(np.mean(shared))
            assert row.conditional_relevance == pytest.approx(np.mean(given))
            assert row.max_redundancy == pytest.approx(max(shared))
            s = selector.path_[np.argmax(shared)]
            assert row.most_redundant_with == label[s]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_path_frame_of_a_mixed_table(rng, estimator):
    """The criterion is recomputed from the terms in the frame."""
    X, y = mixed_table(rng)
    selector = MISelector(7, criterion="mrmr", estimator=estimator).fit(X, y)
    frame = selector.path_frame(X, y)
    assert frame["feature"].tolist() == X.columns[selector.path_].tolist()
    mrmr = frame["relevance"] - frame["redundancy"].fillna(0)
    np.testing.assert_allclose(mrmr, frame["criterion"], rtol=1e-9, atol=1e-12)
    selector.set_params(criterion="jmi").fit(X, y)
    frame = selector.path_frame(X, y)
    mean_relevance = frame["relevance"].expanding().mean().shift()
    jmi = frame["conditional_relevance"] + mean_relevance
    np.testing.assert_allclose(jmi[1:], frame["criterion"][1:], rtol=1e-9)


def test_path_frame_of_the_data_of_fit(rng):
    """It depends neither on the number of jobs nor on later changes of the table."""
    X, y = rng.standard_normal((100, 5)), rng.integers(0, 3, 100)
    selector = MISelector(3).fit(X, y)
    first_X, first_y = X.copy(), y.copy()
    expected = clone(selector).set_params(n_jobs=2).fit(X, y).path_frame(X, y)
    pd.testing.assert_frame_equal(selector.path_frame(X, y), expected)
    without_data = selector.path_frame()
    X[:], y[:] = rng.standard_normal((100, 5)), np.arange(100) % 2
    pd.testing.assert_frame_equal(selector.path_frame(), without_data)
    pd.testing.assert_frame_equal(selector.path_frame(first_X, first_y), expected)
    with pytest.raises(
        ValueError, match=r"not those of fit.*; give the X and y of fit"
    ):
        selector.path_frame(X, y)
    selector.fit(X, y)
    assert not selector.path_frame().equals(without_data)
    assert not selector.path_frame(X, y).equals(expected)


def test_path_frame_of_one():
    X, y = load_wine(return_X_y=True)
    selector = MISelector(1).fit(X, y)
    assert selector.path_frame().shape == (1, 3)
    assert selector.path_frame(X, y).shape == (1, 7)


def test_path_frame_without_terms(monkeypatch):
    X, y = load_wine(return_X_y=True)
    monkeypatch.setattr(KSG, "provides", frozenset())
    selector = MISelector(2, criterion="mim", estimator="ksg").fit(X, y)
    frame = selector.path_frame(X, y)
    assert "redundancy" in frame
    assert "conditional_relevance" not in frame


def shapes_in(value):
    """Return the shapes of all arrays and tables that an object refers to."""
    shapes, found, stack = [], {}, [value]
    while stack:
        value = stack.pop()
        if id(value) in found or isinstance(value, type):
            continue
        found[id(value)] = value
        if hasattr(value, "shape"):
            shapes.append(value.shape)
        elif isinstance(value, dict):
            stack += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            stack += value
        stack.append(getattr(value, "__dict__", None))
    return shapes


def test_shapes_in_an_object():
    """The search for samples finds arrays at any depth."""
    deep = MISelector(estimator=PlugIn())
    deep.estimator.kept = {"tables": [(pd.DataFrame({"x": [1, 2, 3]}),)]}
    deep.table = np.zeros((4, 2))
    assert {(3, 1), (4, 2)} <= set(shapes_in(deep))


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"n_features_to_select": "auto", "n_permutations": 19, "random_state": 0},
        {"criterion": "cmi"},
        {"pairs_first": True},
        {"estimator": "copula"},
        {"estimator": "kde"},
        {"estimator": "ksg"},
    ],
    ids=str,
)
def test_a_fitted_selector_keeps_no_samples(rng, parameters):
    """Nor does its pickle, also after the path was explained."""
    n = 1_000
    X, y = rng.standard_normal((n, 8)), rng.integers(0, 3, n)
    X[:, :3] += y[:, None]
    selector = MISelector(**{"n_features_to_select": 3} | parameters).fit(X, y)
    for _ in range(2):
        pickled = pickle.dumps(selector)
        assert len(pickled) < 2 * n  # a single column of values takes 8 n
        for each in (selector, pickle.loads(pickled)):
            assert all(n not in shape for shape in shapes_in(each))
            assert max(map(np.prod, shapes_in(each))) < n
        selector.path_frame(X, y)
        selector.redundant_with(int(np.flatnonzero(~selector.support_)[0]), X, y)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_copies_explain_the_path(estimator):
    """A pickle and a deep copy need X and y, as the selector does."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    selector = MISelector(3, estimator=estimator).fit(X, y)
    frame, left_out = selector.path_frame(X, y), X.columns[~selector.support_][0]
    why = selector.redundant_with(left_out, X, y)
    other = X.sample(frac=1, random_state=0)
    for again in (pickle.loads(pickle.dumps(selector)), copy.deepcopy(selector)):
        pd.testing.assert_frame_equal(again.path_frame(X, y), frame)
        pd.testing.assert_frame_equal(again.redundant_with(left_out, X, y), why)
        pd.testing.assert_frame_equal(again.path_frame(), selector.path_frame())
        for one in ({"X": X}, {"y": y}):
            with pytest.raises(ValueError, match=r"needs both X and y.*; give both"):
                again.path_frame(**one)
        with pytest.raises(ValueError, match=r"not those of fit.*fit again"):
            again.path_frame(other, y)
        with pytest.raises(ValueError, match=r"not those of fit.*fit again"):
            again.redundant_with(left_out, other, y)


@pytest.mark.parametrize("as_frame", [True, False])
def test_redundant_with(as_frame):
    table, y = load_wine(return_X_y=True, as_frame=True)
    table = table.apply(lambda x: naive.quantile_bins(x, 5))
    X = table if as_frame else table.to_numpy()
    selector = select(X, y, 4, "jmi", preselected=[7])
    left_out = np.flatnonzero(~selector.support_)[-1]
    label = table.columns if as_frame else range(13)
    why = selector.redundant_with(label[left_out], X, y)
    f, rank = table.iloc[:, left_out], selector.ranking_
    assert sorted(why.index) == [1, 2, 3, 4]
    assert why["redundancy"].is_monotonic_decreasing
    for row in why.itertuples():
        [s] = np.flatnonzero(rank == row.Index)
        assert row.feature == label[s]
        s = table.iloc[:, s]
        assert row.redundancy == pytest.approx(naive.information(f, s))
        assert row.relevance == pytest.approx(naive.information(f, y))
        given = naive.conditional_information(f, y, s)
        assert row.conditional_relevance == pytest.approx(given)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_redundant_with_its_copy(rng, estimator):
    X, y = mixed_table(rng)
    X["copy"] = X["number"]
    start = ["noise", "text", "number"]
    selector = MISelector(3, estimator=estimator, preselected=start).fit(X, y)
    why = selector.redundant_with("copy", X, y).iloc[0]
    assert (why.name, why["feature"]) == (3, "number")
    assert why["conditional_relevance"] < why["relevance"] / 2
    assert selector.redundant_with(-1, X, y).iloc[0].equals(why)


def test_redundant_with_errors():
    X, y = load_wine(return_X_y=True, as_frame=True)
    selector = MISelector(3)
    with pytest.raises(NotFittedError):
        selector.redundant_with("hue", X, y)
    selector.fit(X, y)
    with pytest.raises(ValueError, match="'flavanoids' is selected, as pick 1"):
        selector.redundant_with("flavanoids", X, y)
    with pytest.raises(ValueError, match="did you mean 'hue'"):
        selector.redundant_with("hew", X, y)
    with pytest.raises(IndexError, match="index 13"):
        selector.redundant_with(13, X, y)
    with pytest.raises(ValueError, match="not those of fit"):
        selector.redundant_with("hue", X[::-1], y)
    with pytest.raises(ValueError, match="not those of fit"):
        selector.redundant_with("hue", X, y[::-1])
    with pytest.raises(ValueError, match="the same length, got 177 and 178"):
        selector.redundant_with("hue", X[1:], y)


# --- cached paths


def count_searches(monkeypatch):
    """Record the lengths of every search that is not read from the cache."""
    searches = []
    extend = Search.extend

    def counted(self, pair, n_picks, test=None):
        searches.append((len(self.path), n_picks))
        return extend(self, pair, n_picks, test)

    monkeypatch.setattr(Search, "extend", counted)
    return searches


@pytest.mark.parametrize("criterion", CRITERIA)
def test_memory(criterion, tmp_path, monkeypatch):
    X, y = load_breast_cancer(return_X_y=True)
    X = np.column_stack([X, X[:, :5] ** 2 + X[:, 5:10]])
    plain = {n: MISelector(n, criterion=criterion).fit(X, y) for n in (3, 16, 20, 35)}
    searches = count_searches(monkeypatch)
    for n in (3, 16, 20, 3, 35, 20):
        kept = MISelector(n, criterion=criterion, memory=tmp_path).fit(X, y)
        np.testing.assert_array_equal(kept.path_, plain[n].path_)
        np.testing.assert_array_equal(kept.path_scores_, plain[n].path_scores_)
        np.testing.assert_array_equal(kept.scores_, plain[n].scores_)
        assert kept.support_.sum() == n
    assert searches == [(0, 16), (16, 32), (32, 35)]


@pytest.mark.parametrize("mmap_mode", [None, "r"])
def test_cache_key(tmp_path, monkeypatch, mmap_mode):
    """The cache distinguishes all that a path depends on, and nothing else."""
    X, y = load_wine(return_X_y=True, as_frame=True)
    X = X.copy()  # whose copies have the same memory layout
    memory = joblib.Memory(str(tmp_path), verbose=0, mmap_mode=mmap_mode)
    searches = count_searches(monkeypatch)
    selector = MISelector(3, memory=memory).fit(X, y)
    for same in ({"n_jobs": 2}, {"n_features_to_select": 0.5}, {"memory": tmp_path}):
        clone(selector).set_params(**same).fit(X.copy(), y.copy())
    assert len(searches) == 1
    for other in (
        {"criterion": "mim"},
        {"estimator": PlugIn(4)},
        {"preselected": ["hue"]},
        {"discrete_features": ["hue"]},
        {"discrete_target": False},
    ):
        changed = clone(selector).set_params(**other).fit(X, y)
        fresh = clone(changed).set_params(memory=None).fit(X, y)
        np.testing.assert_array_equal(changed.path_scores_, fresh.path_scores_)
    clone(selector).fit(X + np.eye(178, 13), y)
    clone(selector).fit(X, y[::-1])
    assert len(searches) == 1 + 2 * 5 + 2


@pytest.mark.parametrize("criterion", ["cmi", "jmi3"])
@pytest.mark.parametrize("estimator", ["plugin", "copula"])
def test_memory_extends_a_path_with_copies(tmp_path, rng, criterion, estimator):
    """Copies of columns, before and after the end of the cached path."""
    y = rng.integers(0, 3, 400)
    X = rng.standard_normal((400, 12)) + y[:, None] * np.linspace(0, 0.5, 12)
    X = np.column_stack([X, X])
    twice = [*range(6), *range(12, 18)]
    plain, kept = (
        MISelector(
            24,
            criterion=criterion,
            estimator=estimator,
            preselected=twice,
            memory=folder,
        )
        for folder in (None, tmp_path)
    )
    clone(kept).set_params(n_features_to_select=14).fit(X, y)
    np.testing.assert_array_equal(
        kept.fit(X, y).path_scores_, plain.fit(X, y).path_scores_
    )


def test_memory_without_a_folder_or_not_writable(tmp_path):
    X, y = load_wine(return_X_y=True)
    expected = MISelector(3).fit(X, y).path_
    nowhere = MISelector(3, memory=joblib.Memory(None)).fit(X, y)
    np.testing.assert_array_equal(nowhere.path_, expected)
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"cannot be written.*another folder"):
        MISelector(3, memory=tmp_path / "file").fit(X, y)
    with pytest.raises(ValueError, match="'memory' parameter"):
        MISelector(3, memory=3).fit(X, y)


def test_grid_search_with_memory(tmp_path, monkeypatch):
    """One path per fold, and one for the refit."""
    X, y = load_wine(return_X_y=True)
    searches = count_searches(monkeypatch)
    pipeline = make_pipeline(MISelector(memory=str(tmp_path)), GaussianNB())
    grid = {"miselector__n_features_to_select": range(1, 11)}
    kept = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    assert len(searches) == 4
    pipeline.set_params(miselector__memory=None)
    plain = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    for name in ("mean_test_score", "std_test_score"):
        np.testing.assert_array_equal(kept.cv_results_[name], plain.cv_results_[name])
