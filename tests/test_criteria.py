"""Each criterion is its formula, and reads what it says it needs."""

from types import SimpleNamespace

import naive
import numpy as np
import pytest
from sklearn.base import clone

from skmi.criteria import CMIM, CRITERIA, JMI, MIM, MRMR, Criterion, get_criterion

PAIR_TERMS = {"redundancy", "conditional_relevance", "joint_relevance"}


class RecordingPair:
    """Made-up terms, and the names of those that were read."""

    def __init__(self):
        self.read = set()

    def __getattr__(self, name):
        self.read.add(name)
        return np.ones(3)


@pytest.mark.parametrize("name", CRITERIA)
def test_needs_is_what_term_reads(name):
    criterion, pair = CRITERIA[name](), RecordingPair()
    if criterion.needs:
        criterion.term(pair)
    else:
        with pytest.raises(TypeError, match=f"{type(criterion).__name__} has no pair"):
            criterion.term(pair)
    assert pair.read == set(criterion.needs)
    assert pair.read <= PAIR_TERMS


RELEVANCE = np.array([0.5, 0.4, 0.3])
TERMS = [  # with the first and with the second of those selected
    SimpleNamespace(
        redundancy=np.array([0.1, 0.0, 0.6]),
        conditional_relevance=np.array([0.2, 0.45, 0.3]),
        joint_relevance=np.array([0.9, 1.0, 0.8]),
    ),
    SimpleNamespace(
        redundancy=np.array([0.3, 0.2, 0.0]),
        conditional_relevance=np.array([0.6, 0.5, 0.1]),
        joint_relevance=np.array([0.7, 0.5, 1.0]),
    ),
]


@pytest.mark.parametrize(
    ("criterion", "of_one", "of_two"),
    [
        (MIM(), [0.5, 0.4, 0.3], [0.5, 0.4, 0.3]),
        (MRMR(), [0.4, 0.4, -0.3], [0.3, 0.3, 0.0]),
        (JMI(), [0.9, 1.0, 0.8], [0.8, 0.75, 0.9]),
        (CMIM(), [0.2, 0.4, 0.3], [0.2, 0.4, 0.1]),
    ],
    ids=repr,
)
def test_by_hand(criterion, of_one, of_two):
    first, second = (
        criterion.term(terms) if criterion.needs else None for terms in TERMS
    )
    both = criterion.fold(first, second) if criterion.needs else None
    np.testing.assert_allclose(criterion.score(RELEVANCE, first, 1), of_one)
    np.testing.assert_allclose(criterion.score(RELEVANCE, both, 2), of_two)


def test_registry():
    for name, cls in CRITERIA.items():
        assert name == cls.__name__.lower()
        assert issubclass(cls, Criterion)
        assert type(get_criterion(name)) is cls
        given = cls()
        assert type(get_criterion(given)) is cls
        assert get_criterion(given) is not given
        assert repr(clone(given)) == f"{cls.__name__}()"
    assert set(CRITERIA) == set(naive.CRITERIA)  # each has its definition
