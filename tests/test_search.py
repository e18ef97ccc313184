"""The greedy search on made-up terms, and compared with definitions."""

from types import SimpleNamespace

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import SERVED, terms_of
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_wine

from skmi import MISelector
from skmi._data.encoding import encode_features
from skmi._search.search import Search
from skmi.criteria import CMIM, CRITERIA, JMI, MIM, MRMR
from skmi.estimators import ESTIMATORS, PlugIn


def every_term(values):
    """Return a pair whose terms are all equal."""
    return SimpleNamespace(**dict.fromkeys(terms_of(PlugIn), values))


def search_forward(relevance, pair, criterion, n_picks, batch_size=4):
    found = Search(relevance, criterion, batch_size)
    found.extend(pair, n_picks)
    return found.path, found.scores


def search(relevance, matrix, criterion, n_picks, batch_size=4):
    """Search where every term of (f, s) is matrix[f, s]."""

    def pair(candidates, selected):
        assert (np.diff(candidates) > 0).all()
        return every_term(matrix[candidates, selected[-1]])

    return search_forward(relevance, pair, criterion, n_picks, batch_size)


def test_by_hand():
    relevance = np.array([0.5, 0.7, 0.6])
    redundancy = np.array([[0, 0.3, 0.1], [0.3, 0, 0.6], [0.1, 0.6, 0]])
    path, scores = search(relevance, redundancy, MRMR(), 3)
    assert path.tolist() == [1, 0, 2]
    np.testing.assert_allclose(scores, [0.7, 0.5 - 0.3, 0.6 - (0.6 + 0.1) / 2])


@pytest.mark.parametrize("criterion", CRITERIA.values())
@given(seed=st.integers(0, 2**32 - 1))
def test_scores_from_scratch(criterion, seed):
    rng = np.random.default_rng(seed)
    relevance, matrix = rng.random(7), rng.random((7, 7))
    criterion = criterion()
    path, scores = search(relevance, matrix, criterion, 7)
    assert sorted(path) == list(range(7))
    assert path[0] == np.argmax(relevance)
    for i in range(1, 7):
        candidates, selected = np.sort(path[i:]), path[:i]
        folded = None
        for n, s in enumerate(selected if criterion.needs else [], start=1):
            term = criterion.term(every_term(matrix[candidates, s]))
            folded = term if n == 1 else criterion.fold(folded, term, n)
        score = criterion.score(relevance[candidates], folded, i)
        assert path[i] == candidates[np.argmax(score)]
        assert scores[i] == pytest.approx(score.max())


@pytest.mark.parametrize("criterion", CRITERIA.values())
def test_ties_go_to_the_lowest_column(criterion):
    path, _ = search(np.ones(5), np.ones((5, 5)), criterion(), 5)
    assert path.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("criterion", CRITERIA.values())
def test_a_shorter_path_is_a_prefix(rng, criterion):
    relevance, matrix = rng.random(9), rng.random((9, 9))
    longest, scores = search(relevance, matrix, criterion(), 9)
    for n in range(1, 9):
        path, path_scores = search(relevance, matrix, criterion(), n)
        np.testing.assert_array_equal(path, longest[:n])
        np.testing.assert_array_equal(path_scores, scores[:n])


# --- terms that the search requests


def requests(criterion, n_picks, batch_size=4):
    """Return the calls of `pair` for four columns of decreasing relevance."""
    calls = []

    def pair(candidates, selected):
        calls.append((candidates.tolist(), *selected.tolist()))
        return every_term(np.zeros(len(candidates)))

    search_forward(np.array([4.0, 3.0, 2.0, 1.0]), pair, criterion, n_picks, batch_size)
    return calls


def test_requests_only_the_terms_needed():
    assert requests(MIM(), 4) == []
    assert requests(MRMR(), 1) == []
    assert requests(MRMR(), 3) == [([1, 2, 3], 0), ([2, 3], 0, 1)]
    assert requests(JMI(), 4) == [([1, 2, 3], 0), ([2, 3], 0, 1), ([3], 0, 1, 2)]


def eager(criterion):
    """Return a copy of a criterion for which every J is computed."""
    copy = clone(criterion)
    copy.is_non_increasing = False
    return copy


NON_INCREASING = [
    criterion() for criterion in CRITERIA.values() if criterion.is_non_increasing
]


@pytest.mark.parametrize("batch_size", [1, 2, 50])
@pytest.mark.parametrize("criterion", NON_INCREASING, ids=repr)
@given(seed=st.integers(0, 2**32 - 1), n_values=st.sampled_from([3, 10, 2**40]))
def test_lazy_equals_eager(criterion, batch_size, seed, n_values):
    """Few distinct values make many ties."""
    rng = np.random.default_rng(seed)
    relevance = rng.integers(0, n_values, 15) / n_values
    matrix = rng.integers(0, n_values, (15, 15)) / n_values
    path, scores = search(relevance, matrix, criterion, 15, batch_size)
    expected = search(relevance, matrix, eager(criterion), 15)
    np.testing.assert_array_equal(path, expected[0])
    np.testing.assert_array_equal(scores, expected[1])


def test_lazy_skips_candidates_that_cannot_win():
    """The score of the best candidate exceeds the upper bounds of all others."""
    relevance, calls = np.array([9.0, 8, 1, 2, 3, 4]), []

    def pair(candidates, selected):
        calls.append((candidates.tolist(), selected.tolist()))
        gain = relevance[candidates] - 0.5
        return SimpleNamespace(conditional_relevance=gain)

    path, scores = search_forward(relevance, pair, CMIM(), 3, batch_size=1)
    assert path.tolist() == [0, 1, 5]
    assert scores.tolist() == [9, 7.5, 3.5]
    assert calls == [([1], [0]), ([5], [0]), ([5], [0, 1])]


def test_lazy_requests_fewer_terms(rng):
    n_terms = {}
    relevance, matrix = rng.random(200), rng.random((200, 200))
    for criterion in (CMIM(), eager(CMIM())):
        count = n_terms[criterion.is_non_increasing] = []

        def pair(candidates, selected, count=count):
            count.append(len(candidates))
            term = matrix[candidates, selected[-1]]
            return SimpleNamespace(conditional_relevance=term)

        search_forward(relevance, pair, criterion, 10)
    assert sum(n_terms[True]) < sum(n_terms[False]) / 2


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize(
    ("criterion", "estimator"),
    [
        (criterion, estimator)
        for criterion in NON_INCREASING
        for estimator, cls in ESTIMATORS.items()
        if set(criterion.needs) <= terms_of(cls)
    ],
)
def test_lazy_equals_eager_on_a_table(monkeypatch, criterion, estimator, n_jobs):
    """To the last bit, for any batch size."""
    monkeypatch.setattr("skmi._search.path._VALUES_PER_BATCH", 0)
    X, y = load_breast_cancer(return_X_y=True)
    X = np.column_stack([X, X[:, :5]])
    eager_criterion = type("Eager", (type(criterion),), {"is_non_increasing": False})()
    lazy, expected = (
        MISelector(12, criterion=c, estimator=estimator, n_jobs=n_jobs).fit(X, y)
        for c in (criterion, eager_criterion)
    )
    np.testing.assert_array_equal(lazy.path_, expected.path_)
    np.testing.assert_array_equal(lazy.path_scores_, expected.path_scores_)


# --- on tables


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("criterion", CRITERIA)
def test_path_from_the_definition(criterion, seed):
    """Columns of few and of many levels, dependent on the target and on each other."""
    rng = np.random.default_rng(seed)
    n = 300
    y = rng.integers(0, 3, n)
    columns = [
        np.where(rng.random(n) < q, y, rng.integers(0, 3, n)) for q in (0.3, 0.6)
    ]
    columns += [columns[1] ^ rng.integers(0, 2, n), rng.integers(0, 40, n)]
    columns += [columns[0] + y, rng.integers(0, 200, n), rng.integers(0, 2, n)]
    path, scores = naive.greedy(columns, y, criterion, len(columns))
    selector = MISelector(
        len(columns),
        criterion=criterion,
        estimator=PlugIn(correction=None),
        discrete_features=True,
    )
    selector.fit(np.array(columns).T, y)
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-10, atol=1e-12)


def encode(*columns):
    """Encode columns: floats are continuous, integers are discrete."""
    discrete = [column.dtype.kind == "i" for column in columns]
    return encode_features(np.column_stack(columns), np.array(discrete))


@pytest.mark.parametrize("discrete_target", [True, False])
@pytest.mark.parametrize(
    ("criterion", "estimator"),
    [
        (name, estimator)
        for name, estimator in SERVED
        if not {"normalized_redundancy", "symmetrical_relevance"}
        & {*CRITERIA[name].needs}
    ],
)
def test_path_from_estimator_methods(criterion, estimator, discrete_target):
    """Every J from estimator methods called for one column at a time."""
    X, y = load_wine(return_X_y=True)
    columns = [*X.T[:5], np.digitize(X[:, 6], [1, 2, 3])]
    if not discrete_target:
        y = X[:, 12]
    terms = naive.VerbTerms(ESTIMATORS[estimator](), encode)
    path, scores = naive.greedy(columns, y, criterion, 4, terms)
    selector = MISelector(
        4, criterion=criterion, estimator=estimator,
        discrete_features=[5], discrete_target=discrete_target,
    ).fit(np.column_stack(columns), y)  # fmt: skip
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-9, atol=1e-9)
