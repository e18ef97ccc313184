"""Each criterion computes its formula, and reads the terms that it needs."""

from types import SimpleNamespace

import naive
import numpy as np
import pytest
from served import terms_of
from sklearn.base import clone
from sklearn.datasets import load_wine

from skmi import MISelector
from skmi.criteria import (
    CIFE,
    CMI,
    CMIM,
    CRITERIA,
    DISR,
    ICAP,
    JMI,
    JMI3,
    JMIM,
    MIFS,
    MIM,
    MIQ,
    MRI,
    MRMR,
    NJMIM,
    NMIFS,
    BetaGamma,
    CondRed,
    Criterion,
    get_criterion,
)
from skmi.estimators import KSG, GaussianCopula, PlugIn


class RecordingPair:
    """Made-up terms that record which of them are read."""

    def __init__(self):
        self.read = set()

    def __getattr__(self, name):
        self.read.add(name)
        return np.ones(3)


@pytest.mark.parametrize("name", CRITERIA)
def test_needs_lists_the_terms_that_are_read(name):
    criterion, pair = CRITERIA[name](), RecordingPair()
    if criterion.needs:
        criterion.term(pair)
    else:
        with pytest.raises(TypeError, match=f"{type(criterion).__name__} has no pair"):
            criterion.term(pair)
    assert pair.read == set(criterion.needs)
    assert pair.read <= terms_of(PlugIn)


def test_terms_of_estimators():
    """Normalised terms need entropies of bins, and terms of sets need `join`."""

    class Bare(PlugIn):
        provides = frozenset({"entropy"})

    assert terms_of(Bare) == terms_of(Bare()) == {"redundancy"}
    assert terms_of(KSG) >= {"redundancy"}
    assert not terms_of(KSG) & {"normalized_redundancy", "symmetrical_relevance"}
    assert terms_of(PlugIn) - terms_of(GaussianCopula) == {
        "normalized_redundancy",
        "symmetrical_relevance",
    }


RELEVANCE = np.array([0.5, 0.4, 0.3])
TERMS = [  # with the first and with the second selected feature
    SimpleNamespace(
        redundancy=np.array([0.1, 0.0, 0.6]),
        normalized_redundancy=np.array([0.2, 0.0, 0.8]),
        conditional_relevance=np.array([0.2, 0.45, 0.3]),
        conditional_redundancy=np.array([0.1, 0.3, 0.0]),
        shared_relevance=np.array([0.3, -0.05, 0.0]),
        joint_relevance=np.array([0.9, 1.0, 0.8]),
        symmetrical_relevance=np.array([0.5, 0.4, 0.1]),
        joint_relevance_of_three=np.array([0.9, 1.0, 0.8]),
        relevance_given_all=np.array([0.2, 0.45, 0.3]),
    ),
    SimpleNamespace(
        redundancy=np.array([0.3, 0.2, 0.0]),
        normalized_redundancy=np.array([0.4, 0.2, 0.0]),
        conditional_relevance=np.array([0.6, 0.5, 0.1]),
        conditional_redundancy=np.array([0.0, 0.1, 0.2]),
        shared_relevance=np.array([-0.1, -0.1, 0.2]),
        joint_relevance=np.array([0.7, 0.5, 1.0]),
        symmetrical_relevance=np.array([0.3, 0.6, 0.3]),
        joint_relevance_of_three=np.array([1.1, 1.2, 1.3]),
        relevance_given_all=np.array([0.1, 0.2, 0.4]),
    ),
]


@pytest.mark.parametrize(
    ("criterion", "after_one", "after_two"),
    [
        (MIM(), [0.5, 0.4, 0.3], [0.5, 0.4, 0.3]),
        (MIFS(), [0.4, 0.4, -0.3], [0.1, 0.2, -0.3]),
        (MIFS(0.5), [0.45, 0.4, 0.0], [0.3, 0.3, 0.0]),
        (NMIFS(), [0.3, 0.4, -0.5], [0.2, 0.3, -0.1]),
        (MRMR(), [0.4, 0.4, -0.3], [0.3, 0.3, 0.0]),
        (MIQ(), [5, 400, 0.5], [2.5, 4, 1]),
        (MIQ(0.2), [2.5, 2, 0.5], [2.5, 2, 1]),
        (JMI(), [0.9, 1.0, 0.8], [0.8, 0.75, 0.9]),
        (JMI3(), [0.9, 1.0, 0.8], [1.1, 1.2, 1.3]),
        (JMIM(), [0.9, 1.0, 0.8], [0.7, 0.5, 0.8]),
        (DISR(), [0.5, 0.4, 0.1], [0.4, 0.5, 0.2]),
        (NJMIM(), [0.5, 0.4, 0.1], [0.3, 0.4, 0.1]),
        (CMIM(), [0.2, 0.4, 0.3], [0.2, 0.4, 0.1]),
        (CMI(), [0.2, 0.45, 0.3], [0.1, 0.2, 0.4]),
        (CIFE(), [0.2, 0.45, 0.3], [0.3, 0.55, 0.1]),
        (ICAP(), [0.2, 0.4, 0.3], [0.2, 0.4, 0.1]),
        (MRI(), [0.2, 0.45, 0.3], [0.5 - 0.4 / 3, 0.5, 0.5 / 3]),
        (CondRed(), [0.6, 0.7, 0.3], [0.6, 0.8, 0.5]),
        (BetaGamma(), [0.5, 0.7, -0.3], [0.2, 0.6, -0.1]),
        (BetaGamma(0.5, 2), [0.65, 1.0, 0.0], [0.5, 1.1, 0.4]),
    ],
    ids=repr,
)
def test_by_hand(criterion, after_one, after_two):
    first, second = (
        criterion.term(terms) if criterion.needs else None for terms in TERMS
    )
    both = criterion.fold(first, second, 2) if criterion.needs else None
    np.testing.assert_allclose(
        criterion.score(RELEVANCE, first, 1), after_one, atol=1e-12
    )
    np.testing.assert_allclose(
        criterion.score(RELEVANCE, both, 2), after_two, atol=1e-12
    )


def test_jmi3_with_three_selected():
    """When s is selected after t and r, JMI3 adds the pairs (s, t) and (s, r)."""
    criterion = JMI3()
    folded = criterion.fold(np.array([7.0]), np.array([0.6]), 2)
    folded = criterion.fold(folded, np.array([1.8]), 3)
    assert criterion.score(None, folded, 3) == pytest.approx(2.4 / 3)


def test_non_increasing_criteria():
    """J for a subset of S bounds J for S only if J is a minimum of terms."""
    non_increasing = {
        name for name, criterion in CRITERIA.items() if criterion.is_non_increasing
    }
    assert non_increasing == {"cmim", "jmim", "njmim"}


def test_special_cases_of_beta_gamma():
    """MIM, MIFS, CIFE and CondRed are special cases of BetaGamma."""
    X, y = load_wine(return_X_y=True)
    for criterion, weights in {
        MIM(): (0, 0),
        MIFS(0.3): (0.3, 0),
        CIFE(): (1, 1),
        CondRed(): (0, 1),
    }.items():
        one, other = (
            MISelector(6, criterion=c).fit(X, y)
            for c in (criterion, BetaGamma(*weights))
        )
        np.testing.assert_array_equal(one.path_, other.path_)
        np.testing.assert_allclose(one.path_scores_, other.path_scores_, rtol=1e-10)


def test_registry():
    for name, cls in CRITERIA.items():
        assert name == cls.__name__.lower()
        assert issubclass(cls, Criterion)
        assert type(get_criterion(name)) is cls
        given = cls()
        assert type(get_criterion(given)) is cls
        assert get_criterion(given) is not given
        assert repr(clone(given)) == f"{cls.__name__}()"
        assert "[1]_" in cls.__doc__
    assert set(CRITERIA) == set(naive.CRITERIA)  # each has a definition there


@pytest.mark.parametrize(
    "criterion",
    [MIFS(-1), MIFS("1"), MIQ(0), MIQ(-0.1), BetaGamma(beta=-1), BetaGamma(gamma=None)],
    ids=repr,
)
def test_weights_out_of_range(criterion):
    X, y = load_wine(return_X_y=True)
    name = next(iter(type(criterion)._parameter_constraints))
    with pytest.raises(ValueError, match=f"'(gamma|{name})' parameter of"):
        MISelector(1, criterion=criterion).fit(X, y)


def test_nested_weights():
    selector = MISelector(criterion=MIFS())
    selector.set_params(criterion__beta=0.25)
    assert selector.get_params()["criterion__beta"] == 0.25
    X, y = load_wine(return_X_y=True)
    assert selector.fit(X, y).criterion_.beta == 0.25
