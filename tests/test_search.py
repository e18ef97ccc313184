"""The greedy search: on made-up terms, and from the definitions."""

from types import SimpleNamespace

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmi import MISelector
from skmi._search import search_forward
from skmi.criteria import CRITERIA, JMI, MIM, MRMR

TERMS = ("redundancy", "conditional_relevance", "joint_relevance")


def search(relevance, matrix, criterion, n_picks):
    """Search where every term of (f, s) is matrix[f, s]."""

    def pair(candidates, selected):
        return SimpleNamespace(**dict.fromkeys(TERMS, matrix[candidates, selected]))

    return search_forward(relevance, pair, criterion, n_picks)


def test_by_hand():
    relevance = np.array([0.5, 0.7, 0.6])
    redundancy = np.array([[0, 0.3, 0.1], [0.3, 0, 0.6], [0.1, 0.6, 0]])
    path, scores = search(relevance, redundancy, MRMR(), 3)
    assert path.tolist() == [1, 0, 2]
    np.testing.assert_allclose(scores, [0.7, 0.5 - 0.3, 0.6 - (0.6 + 0.1) / 2])


@pytest.mark.parametrize("criterion", CRITERIA.values())
@given(seed=st.integers(0, 2**32 - 1))
def test_every_score_from_scratch(criterion, seed):
    rng = np.random.default_rng(seed)
    relevance, matrix = rng.random(7), rng.random((7, 7))
    criterion = criterion()
    path, scores = search(relevance, matrix, criterion, 7)
    assert sorted(path) == list(range(7))
    assert path[0] == np.argmax(relevance)
    for i in range(1, 7):
        rest, chosen = np.sort(path[i:]), path[:i]
        folded = criterion.fold.reduce(matrix[np.ix_(rest, chosen)], axis=1)
        score = criterion.score(relevance[rest], folded, i)
        assert path[i] == rest[np.argmax(score)]
        assert scores[i] == pytest.approx(score.max())


@pytest.mark.parametrize("criterion", CRITERIA.values())
def test_ties_go_to_the_lowest_column(criterion):
    path, _ = search(np.ones(5), np.ones((5, 5)), criterion(), 5)
    assert path.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("criterion", CRITERIA.values())
def test_prefix(rng, criterion):
    relevance, matrix = rng.random(9), rng.random((9, 9))
    longest, scores = search(relevance, matrix, criterion(), 9)
    for n in range(1, 9):
        path, of_path = search(relevance, matrix, criterion(), n)
        np.testing.assert_array_equal(path, longest[:n])
        np.testing.assert_array_equal(of_path, scores[:n])


def asked(criterion, n_picks):
    """What `pair` is called with, when four columns fall in relevance."""
    calls = []

    def pair(candidates, selected):
        calls.append((candidates.tolist(), int(selected)))
        return SimpleNamespace(**dict.fromkeys(TERMS, np.zeros(len(candidates))))

    search_forward(np.array([4.0, 3.0, 2.0, 1.0]), pair, criterion, n_picks)
    return calls


def test_asks_for_no_more_than_it_takes():
    assert asked(MIM(), 4) == []
    assert asked(MRMR(), 1) == []
    assert asked(MRMR(), 3) == [([1, 2, 3], 0), ([2, 3], 1)]
    assert asked(JMI(), 4) == [([1, 2, 3], 0), ([2, 3], 1), ([3], 2)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("criterion", CRITERIA)
def test_from_the_definition(criterion, seed):
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
    selector = MISelector(len(columns), criterion=criterion, discrete_features=True)
    selector.fit(np.array(columns).T, y)
    assert selector.path_.tolist() == path
    np.testing.assert_allclose(selector.path_scores_, scores, rtol=1e-10, atol=1e-12)
