"""Selection from tables whose informative features and information are known."""

import numpy as np
import pytest
from generators import GENERATORS, madelon

from skmi import MISelector
from skmi.estimators import PlugIn
from skmi.measures import mutual_information

# I(columns; y) of the whole population, in nats.
TRUTH = {
    "CorrAL": {
        **{(f,): 0.073365 for f in range(4)},
        (0, 1): 0.263563,
        (2, 3): 0.263563,
        (4,): 0,
    },
    "XOR": {(0,): 0, (1,): 0, (0, 1): np.log(2)},
    "Monk-1": {
        **{(f,): 0 for f in (0, 1, 2, 3, 5)},
        (4,): 0.215762,
        (0, 1): 0.318257,
    },
    "Monk-3": {(1,): 0.221101, (3,): 0.003107, (4,): 0.240920, (0,): 0, (2,): 0},
    "LED": {
        (0,): 0.500402,
        (1,): 0.673012,
        (2,): 0.500402,
        (3,): 0.610864,
        (4,): 0.673012,
        (5,): 0.325083,
        (6,): 0.610864,
    },
}


def joint_counts(x, y):
    """Return the contingency table of x, which may have several columns, and y."""
    _, x = np.unique(x, axis=0, return_inverse=True)
    _, y = np.unique(y, return_inverse=True)
    table = np.zeros((x.max() + 1, y.max() + 1))
    np.add.at(table, (x.ravel(), y), 1)
    return table


def joint_relevance(X, y, features):
    return mutual_information(joint_counts(X[:, list(features)], y), counts=True)


@pytest.mark.parametrize("name", TRUTH)
def test_information_of_the_population(name):
    X, y = GENERATORS[name].population()
    for features, truth in TRUTH[name].items():
        assert joint_relevance(X, y, features) == pytest.approx(truth, abs=1e-6), (
            features
        )


def test_conditional_relevance_of_corral():
    X, y = GENERATORS["CorrAL"].population()
    assert joint_relevance(X, y, (0, 1)) - joint_relevance(X, y, (0,)) == pytest.approx(
        0.190198, abs=1e-6
    )
    assert np.mean(X[:, 5] == y) == 0.75


@pytest.mark.parametrize("name", TRUTH)
def test_the_answer_determines_the_target(name):
    """Each feature of the answer is needed, except for digits."""
    generator = GENERATORS[name]
    X, y = generator.population()
    total = joint_relevance(X, y, range(X.shape[1]))
    assert joint_relevance(X, y, generator.answer) == pytest.approx(total, abs=1e-12)
    for f in generator.answer if name != "LED" else ():
        others = [s for s in generator.answer if s != f]
        assert joint_relevance(X, y, others) < total - 0.01


@pytest.mark.parametrize("name", TRUTH)
def test_relevance_of_the_population(name):
    X, y = GENERATORS[name].population()
    X, y = np.repeat(X, 2, axis=0), np.repeat(y, 2)  # no class of one row
    selector = MISelector(
        1, estimator=PlugIn(correction=None), discrete_features=True,
        discrete_target=True,
    ).fit(X, y)  # fmt: skip
    for features, truth in TRUTH[name].items():
        if len(features) == 1:
            assert selector.scores_[features[0]] == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize("name", GENERATORS)
def test_samples_are_reproducible(name):
    generator = GENERATORS[name]
    X, y = generator.sample(0)
    again, _ = generator.sample(0)
    other, _ = generator.sample(1)
    np.testing.assert_array_equal(X, again)
    assert not np.array_equal(X, other)
    assert len(X) == len(y)
    assert max(generator.answer) < X.shape[1]
    if generator.population:
        rows = {tuple(row) for row in np.column_stack(generator.population())}
        width = generator.population()[0].shape[1]
        rows_drawn = {tuple(row) for row in np.column_stack([X[:, :width], y])}
        assert rows_drawn <= rows


def test_madelon():
    X, y = GENERATORS["Madelon"].sample(0)
    path = MISelector(20, criterion="jmi").fit(X, y).path_
    assert set(path) == set(GENERATORS["Madelon"].answer)


def test_small_madelon_from_several_seeds():
    for seed in range(5):
        X, y = madelon(seed, n=2_000, n_noise=80, n_clusters=2)
        path = MISelector(20, criterion="jmi").fit(X, y).path_
        assert set(path) == set(range(20))


@pytest.mark.parametrize("criterion", ["jmi", "cmi"])
def test_xor_is_found_by_pairs(criterion):
    """A single input of xor has no relevance, so the first single pick is random."""
    for seed in range(5):
        X, y = GENERATORS["XOR"].sample(seed)
        options = {"criterion": criterion, "discrete_features": True}
        by_pairs = MISelector(2, pairs_first=True, **options).fit(X, y)
        assert set(by_pairs.path_) == {0, 1}
        one_by_one = MISelector(2, **options).fit(X, y)
        assert set(one_by_one.path_) != {0, 1}
