"""The estimators against their definitions, and as parameter objects."""

import pickle

import naive
import numpy as np
import pytest
from sklearn.base import clone

import skmi
from skmi._columns import Columns
from skmi.estimators import ESTIMATORS, Estimator, PlugIn, get_estimator

CLOSE = 1e-12


def prepare(estimator, *columns, discrete):
    """Prepare arrays, all discrete or all continuous, as a block."""
    X = Columns(np.column_stack(columns), np.full(len(columns), discrete))
    return estimator.prepare(X, np.arange(len(columns)))


def test_registry():
    for name, cls in ESTIMATORS.items():
        assert name == cls.__name__.lower()
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


# --- plug-in

LEVELS = [1, 2, 10, 300, 2000]


@pytest.mark.filterwarnings("ignore:y is constant")
@pytest.mark.parametrize("of_y", LEVELS)
@pytest.mark.parametrize("of_x", LEVELS)
def test_plug_in_information(rng, of_x, of_y):
    x, y = rng.integers(0, of_x, 1000), rng.integers(0, of_y, 1000)
    found = skmi.mutual_info(x, y, estimator="plugin", discrete_x=True, discrete_y=True)
    expected = naive.information(x, y)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=CLOSE)
    if 1 in (of_x, of_y):
        assert found == 0


@pytest.mark.parametrize("of_z", LEVELS)
@pytest.mark.parametrize("of_y", LEVELS)
@pytest.mark.parametrize("of_x", [2, 300])
def test_plug_in_conditional_information(rng, of_x, of_y, of_z):
    x, y, z = (rng.integers(0, m, 1000) for m in (of_x, of_y, of_z))
    x = (x + y) % of_x
    estimator = PlugIn()
    block = prepare(estimator, x, y, z, discrete=True)
    both = estimator.condition(
        estimator.as_target(block, 1), estimator.as_target(block, 2)
    )
    np.testing.assert_allclose(
        estimator.cmi(block, np.array([0]), both)[0],
        naive.conditional_information(x, y, z),
        rtol=1e-10,
        atol=CLOSE,
    )


@pytest.mark.parametrize(
    ("x", "y", "z", "bits"),
    [
        ([1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 0], 0.688721875),
        ([1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 0, 1], 0.18872187554),
        ([0, 0, 1, 1], [0, 1, 1, 0], [0, 1, 0, 1], 1),
    ],
)
def test_plug_in_conditional_information_by_hand(x, y, z, bits):
    estimator = PlugIn()
    block = prepare(estimator, x, y, z, discrete=True)
    both = estimator.condition(
        estimator.as_target(block, 1), estimator.as_target(block, 2)
    )
    found = estimator.cmi(block, np.array([0]), both)[0]
    assert found / np.log(2) == pytest.approx(bits, abs=1e-8)


@pytest.mark.parametrize(
    ("table", "nats"),
    [([[10, 20], [15, 25]], 0.0009286386703), ([[30, 10], [10, 30]], 0.1308120359)],
)
def test_plug_in_of_a_table(table, nats):
    x, y = np.repeat([[0, 0, 1, 1], [0, 1, 0, 1]], np.ravel(table), axis=1)
    found = skmi.mutual_info(x, y, estimator="plugin", discrete_x=True, discrete_y=True)
    assert found == pytest.approx(nats, abs=1e-10)


@pytest.mark.parametrize("n_bins", [2, 3, 16, 255, 256, 257, 300])
@pytest.mark.parametrize("binning", ["quantile", "uniform"])
def test_plug_in_bins(rng, binning, n_bins):
    cut = naive.quantile_bins if binning == "quantile" else naive.uniform_bins
    y = rng.standard_normal(700)
    columns = [y + 0.5 * rng.standard_normal(700), y**3, y.round(1), y.round(), -y]
    found = skmi.MIScorer(PlugIn(n_bins, binning))(np.column_stack(columns), y)
    expected = [naive.information(cut(x, n_bins), cut(y, n_bins)) for x in columns]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("binning", ["quantile", "uniform"])
def test_few_values_are_taken_as_they_are(rng, binning):
    """Also where equal shares or widths would join them."""
    x = rng.choice([0.0, 1.0, 1.001, 1000.0], 500, p=[0.9, 0.05, 0.03, 0.02])
    for n_bins in (4, 5, 50):
        found = skmi.mutual_info(x, x, estimator=PlugIn(n_bins, binning))
        assert found == pytest.approx(naive.entropy(x))
    assert skmi.mutual_info(x, x, estimator=PlugIn(3, binning)) < naive.entropy(x)


@pytest.mark.parametrize(
    ("n", "n_bins"), [(5, 2), (100, 5), (1000, 10), (4000, 16), (50_000, 16)]
)
def test_automatic_number_of_bins(rng, n, n_bins):
    """The cube root of n, and no fewer than 2 nor more than 16."""
    x, y = rng.standard_normal((2, n))
    assert skmi.mutual_info(x, y, estimator=PlugIn()) == skmi.mutual_info(
        x, y, estimator=PlugIn(n_bins)
    )
