"""The estimators against their definitions, and as parameter objects."""

import pickle

import naive
import numpy as np
import pytest
from sklearn.base import clone

from skmi._columns import Columns
from skmi.estimators import ESTIMATORS, Estimator, get_estimator

CLOSE = 1e-12


def prepare(estimator, *columns, discrete):
    """Prepare arrays, all discrete or all continuous, as a block."""
    X = Columns(np.column_stack(columns), np.full(len(columns), discrete))
    return estimator.prepare(X, np.arange(len(columns)))


def test_registry():
    for name, cls in ESTIMATORS.items():
        assert cls.__name__.lower().endswith(name)
        assert issubclass(cls, Estimator)
        assert type(get_estimator(name)) is cls
        given = cls()
        assert get_estimator(given) is not given
        assert repr(get_estimator(given)) == repr(clone(given)) == f"{cls.__name__}()"
        assert repr(pickle.loads(pickle.dumps(given))) == repr(given)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_provides_is_what_it_can(rng, name):
    estimator = ESTIMATORS[name]()
    x, y, z = rng.integers(0, 3, (3, 50))
    block = prepare(estimator, x, y, z, discrete=True)
    targets = [estimator.as_target(block, column) for column in (1, 2)]
    first = np.array([0])

    def conditional():
        return estimator.cmi(block, first, estimator.condition(*targets))

    verbs = {
        "conditional_relevance": conditional,
        "joint_relevance": conditional,
        "entropy": lambda: estimator.entropy(block, first),
    }
    for term, verb in verbs.items():
        if term in estimator.provides:
            assert verb().shape == (1,)
        else:
            with pytest.raises(TypeError, match=f"{type(estimator).__name__} has no"):
                verb()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_joint_information(rng, name):
    """Of a pair with the target; discrete columns have that of their frequencies."""
    estimator = ESTIMATORS[name]()
    x, y, z = rng.integers(0, 3, (3, 200))
    y = np.where(x == z, y, x)
    block = prepare(estimator, x, y, z, discrete=True)
    target, given = (estimator.as_target(block, column) for column in (1, 2))
    of_given = estimator.mi(block, np.array([2]), target)[0]
    both = estimator.condition(target, given)
    found = estimator.joint(block, np.array([0]), both, of_given)
    np.testing.assert_allclose(found, [naive.joint_information(x, z, y)], rtol=1e-10)
