"""Estimators compared with definitions, and as parameter objects."""

import pickle

import naive
import numpy as np
import pytest
from sklearn.base import clone

from skmi._data.columns import Columns
from skmi.estimators import (
    CAPABILITIES,
    ESTIMATORS,
    KSG,
    Estimator,
    PlugIn,
    get_estimator,
    require,
    serves,
)

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


def three_columns(rng, estimator):
    """Return a block of three columns, the second, and the second given the third."""
    block = prepare(estimator, *rng.integers(0, 3, (3, 50)), discrete=True)
    target, given = (estimator.as_target(block, column) for column in (1, 2))
    if not serves(estimator, ["conditional"]):
        return block, target, target
    return block, target, estimator.condition(target, given)


FIRST = np.array([0])
METHODS = {  # the methods of each capability
    "conditional": [lambda e, block, y, y_given_s: e.cmi(block, FIRST, y_given_s)],
    "join": [lambda e, block, y, y_given_s: e.mi(e.join(block), FIRST, y)],
    "reorder": [
        lambda e, block, y, y_given_s: e.mi(
            block, FIRST, e.reorder(y, np.arange(50)[::-1])
        )
    ],
    "entropy": [lambda e, block, y, y_given_s: e.entropy(block, FIRST)],
    "joint_entropy": [
        lambda e, block, y, y_given_s: e.cmi_and_entropy(block, FIRST, y_given_s)[1]
    ],
    "pvalues": [lambda e, block, y, y_given_s: e.pvalues(block, FIRST, y)],
    "conditional_pvalues": [
        lambda e, block, y, y_given_s: e.conditional_pvalues(block, FIRST, y_given_s),
        lambda e, block, y, y_given_s: e.conditional_pvalues(block, FIRST, y),
    ],
}


class Bare(PlugIn):
    """An estimator that provides only the information of pairs."""

    provides = frozenset()
    join, condition, cmi = Estimator.join, Estimator.condition, Estimator.cmi
    entropy, cmi_and_entropy = Estimator.entropy, Estimator.cmi_and_entropy
    reorder, pvalues = Estimator.reorder, Estimator.pvalues
    conditional_pvalues = Estimator.conditional_pvalues


@pytest.mark.parametrize("cls", [*ESTIMATORS.values(), Bare])
@pytest.mark.parametrize("capability", CAPABILITIES)
def test_provides_lists_the_methods_that_work(rng, cls, capability):
    estimator = cls()
    variables = three_columns(rng, estimator)
    if not serves(cls, ["conditional"]):
        with pytest.raises(TypeError, match=f"{cls.__name__} has no conditional inf"):
            estimator.condition(*variables[1:])
    for method in METHODS.get(capability, []):
        if capability in estimator.provides:
            assert method(estimator, *variables).shape == (1,)
        else:
            message = f"{cls.__name__} has no {CAPABILITIES[capability]}"
            with pytest.raises(TypeError, match=message):
                method(estimator, *variables)


def test_all_capabilities_are_known():
    assert set(METHODS) | {"entropy_bound"} == set(CAPABILITIES)
    for cls in ESTIMATORS.values():
        assert cls.provides <= set(CAPABILITIES)


# --- capabilities


def test_serves():
    assert serves(PlugIn, CAPABILITIES)
    assert serves(KSG(), ["conditional", "join"])
    assert not serves(KSG(), ["conditional", "entropy"])
    assert serves(Bare, [])


def test_require():
    require(PlugIn(), CAPABILITIES, "criterion DISR")
    require(Bare(), [], "criterion MRMR")
    with pytest.raises(ValueError, match=r"^criterion DISR needs .*") as raised:
        require(KSG(), ["conditional", "joint_entropy"], "criterion DISR")
    assert str(raised.value) == (
        "criterion DISR needs joint entropies, which KSG does not provide; use PlugIn."
    )
    with pytest.raises(ValueError, match="needs") as raised:
        require(Bare(), ["join", "conditional"], "JMI3", "choose criterion MRMR")
    assert str(raised.value) == (
        "JMI3 needs conditional information and variables of several dimensions, "
        "which Bare does not provide; use GaussianCopula or KDE or KSG or PlugIn, or "
        "choose criterion MRMR."
    )


def test_require_names_estimators_of_users(monkeypatch):
    class Other(PlugIn):
        provides = frozenset({"entropy", "joint_entropy"})

    monkeypatch.setitem(ESTIMATORS, "other", Other)
    with pytest.raises(ValueError, match="use PlugIn or Other"):
        require(KSG(), ["joint_entropy"], "DISR")
    monkeypatch.delitem(ESTIMATORS, "other")
    monkeypatch.delitem(ESTIMATORS, "plugin")
    with pytest.raises(ValueError, match=r"does not provide\.$"):
        require(KSG(), ["joint_entropy"], "DISR")


@pytest.mark.parametrize("name", ESTIMATORS)
def test_chain_rule(rng, name):
    """Discrete columns have the plug-in estimate, less what chance explains."""
    estimator = ESTIMATORS[name]()
    x, y, z = rng.integers(0, 3, (3, 200))
    y = np.where(x == z, y, x)
    block = prepare(estimator, x, y, z, discrete=True)
    target, given = (estimator.as_target(block, column) for column in (1, 2))
    given_information = estimator.mi(block, np.array([2]), target)
    found = given_information + estimator.cmi(
        block, np.array([0]), estimator.condition(target, given)
    )
    expected = naive.joint_information(x, z, y)
    expected -= naive.chance_information(z, y)
    expected -= naive.conditional_information(x, y, z)
    expected += naive.information_above_chance(x, y, z)
    np.testing.assert_allclose(found, [expected], rtol=1e-10)
