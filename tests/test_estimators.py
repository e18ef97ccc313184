"""The estimators against their definitions, and as parameter objects."""

import pickle

import naive
import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import rankdata
from sklearn.base import clone

import skmi
from skmi._columns import Columns
from skmi.estimators import ESTIMATORS, KSG, Estimator, get_estimator

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
    conditional = {"conditional_relevance", "joint_relevance"} & estimator.provides
    if conditional:
        assert len(conditional) == 2
        both = estimator.condition(*targets)
        assert len(estimator.cmi(block, np.array([0]), both)) == 1
    else:
        with pytest.raises(TypeError, match=f"{type(estimator).__name__} has no"):
            estimator.condition(*targets)
        with pytest.raises(TypeError, match=f"{type(estimator).__name__} has no"):
            estimator.cmi(block, np.array([0]), None)


KINDS = {  # of x and y: the definition, whatever the estimator is set to
    (True, True): lambda x, y: naive.information(x, y),
    (True, False): lambda x, y: naive.ross(y, x, 3),
    (False, True): lambda x, y: naive.ross(x, y, 3),
    (False, False): lambda x, y: naive.ksg(x, y, 3),
}


@pytest.mark.parametrize("discrete_y", [True, False])
def test_ksg_has_a_formula_for_every_pair_of_kinds(rng, discrete_y):
    y = rng.integers(0, 5, 200)
    X = np.column_stack([y + rng.integers(0, 4, 200) for _ in range(4)])
    discrete = np.array([False, True, True, False])
    scores = skmi.MIScorer(
        KSG(3, "raw"), discrete_features=discrete, discrete_target=discrete_y
    )(X, y)
    expected = [
        KINDS[kind, discrete_y](x, y) for x, kind in zip(X.T, discrete, strict=True)
    ]
    np.testing.assert_allclose(scores, expected, rtol=CLOSE)


# --- nearest neighbours


def standardize(x):
    return (x - x.mean()) / x.std()


def normal_scores(x):
    """Odd about the middle to the last bit, so that equal distances remain equal."""
    n, rank = len(x), rankdata(x)
    return (ndtri((2 * rank - 1) / (2 * n)) - ndtri((2 * (n - rank) + 1) / (2 * n))) / 2


MARGINALS = {
    "raw": lambda x: x,
    "standard": standardize,
    "uniform": rankdata,
    "normal": normal_scores,
}


def hold_against_oracles(x, y, n_neighbors, marginals):
    change, estimator = MARGINALS[marginals], KSG(n_neighbors, marginals)
    np.testing.assert_allclose(
        skmi.mutual_info(x, y, estimator=estimator),
        naive.ksg(change(x), change(y), n_neighbors),
        rtol=1e-10,
    )
    classes = np.digitize(y, [-0.5, 0.5, 1.5])
    np.testing.assert_allclose(
        skmi.mutual_info(x, classes, estimator=estimator, discrete_y=True),
        naive.ross(change(x), classes, n_neighbors),
        rtol=1e-10,
    )


@pytest.mark.parametrize("n_neighbors", [1, 3, 10])
@pytest.mark.parametrize("marginals", MARGINALS)
def test_marginals(rng, marginals, n_neighbors):
    x = rng.standard_normal(300)
    hold_against_oracles(
        x, np.exp(x + rng.standard_normal(300)), n_neighbors, marginals
    )


@pytest.mark.parametrize("n_neighbors", [1, 3, 10])
@pytest.mark.parametrize("marginals", MARGINALS)
def test_marginals_with_ties(rng, marginals, n_neighbors):
    """Mean 0 and variance 1 to the last bit, so that equal distances remain equal."""
    x = np.repeat([-2.0, -1, 0, 1, 2], [8, 32, 48, 32, 8])
    y = x.copy()
    y[::2] = rng.permutation(y[::2])
    hold_against_oracles(x, y, n_neighbors, marginals)


def test_ksg_on_a_few_numbers():
    """Reference values; y repeats -4, but no ball holds more than four others."""
    x = [-2.49, 1.64, -3.05, 7.95, -5.96, 1.77, -5.24, 7.03, -0.11, -1.86]
    y = [-8.59, 8.41, 3.76, 3.77, 5.69, 1.75, -3.2, -4, -4, 6.85]
    found = skmi.mutual_info(x, y, estimator=KSG(4, "raw"))
    assert found == pytest.approx(-0.0341269841, abs=1e-10)
    x, y = [1, 1.25, 0.91, 1.13, 1.32], [1.3, 1.1, 0.9, 1.2, 1]
    found = skmi.mutual_info(x, y, estimator=KSG(1, "raw"))
    assert found == pytest.approx(-0.0166666667, abs=1e-10)


def test_more_neighbors_than_a_class_has():
    """k shrinks there; a class of one sample is as good as absent."""
    x = np.array([0.0, 1, 3, 7, 15, 31, 63])
    y = np.array([0, 0, 1, 1, 1, 1, 2])
    found = skmi.mutual_info(x, y, estimator=KSG(5, "raw"), discrete_y=True)
    assert found == pytest.approx(naive.ross(x[:6], y[:6], 5))


@pytest.mark.parametrize("n_neighbors", [1, 3])
def test_classes_of_one_sample_only(rng, n_neighbors):
    """An identifier beside a number: nothing can be told, and nothing is."""
    x, identifier = rng.standard_normal(50), rng.permutation(50)
    estimator = KSG(n_neighbors)
    found = skmi.mutual_info(identifier, x, estimator=estimator, discrete_x=True)
    assert found == 0
