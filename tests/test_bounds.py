"""Information is at most an entropy, 0 where nothing is shared, and right for atoms.

The columns are of every kind: continuous, discrete, and mixtures of both.
"""

from functools import cache
from itertools import product

import naive
import numpy as np
import pytest
from scipy.stats import norm

import skmi
from skmi._data.columns import Columns
from skmi.estimators import ESTIMATORS, GaussianCopula
from skmi.estimators._atoms import find_atoms

every_estimator = pytest.mark.parametrize("name", ESTIMATORS)

# Columns of a normal z; whole numbers and bools are discrete, floats are not.
KINDS = {
    "continuous": lambda rng, z: z,
    "flag as number": lambda rng, z: (z > 0).astype(float),
    "flag": lambda rng, z: z > 0,
    "counts": lambda rng, z: np.where(
        rng.random(len(z)) < 0.5, 0.0, np.floor(np.exp(1 + z / 2))
    ),
    "floor": lambda rng, z: np.maximum(z, 0.3),
    "rounded": lambda rng, z: np.round(z, 1),
    "many levels": lambda rng, z: np.floor(norm.cdf(z) * len(z) / 4).astype(int),
    "rare levels": lambda rng, z: np.floor(np.exp(z)).astype(int),
    "one class constant": lambda rng, z: np.where(rng.random(len(z)) < 0.3, 7.0, z),
    "one spike": lambda rng, z: (np.arange(len(z)) == abs(z).argmax()).astype(float),
    "constant": lambda rng, z: np.full(len(z), 1.5),
    "duplicates": lambda rng, z: np.repeat(z[::2], 2)[: len(z)],
}
NAMES = [*KINDS]


def is_discrete(column):
    return column.dtype.kind != "f"


def make(rng, n, z=None):
    """Return a column of each kind, all of one z, or each of its own."""
    normal = iter(rng.standard_normal((len(KINDS), n)))
    return [kind(rng, next(normal) if z is None else z) for kind in KINDS.values()]


def prepare(estimator, columns):
    discrete = np.array([is_discrete(c) for c in columns])
    X = Columns(np.column_stack(columns).astype(float), discrete)
    return estimator.prepare(X, np.arange(len(columns)))


def given(f, s):
    """H(f | s) of the observed frequencies; infinity for a continuous f."""
    if not is_discrete(f):
        return np.inf
    return (
        naive.entropy(f, s) - naive.entropy(s) if is_discrete(s) else naive.entropy(f)
    )


@every_estimator
@pytest.mark.parametrize("n", [12, 60, 300])
@pytest.mark.parametrize("related", [False, True])
def test_information_is_at_most_the_entropy(rng, name, n, related):
    """And it is finite, also given a column of any kind."""
    estimator = ESTIMATORS[name]()
    columns = make(rng, n, rng.standard_normal(n) if related else None)
    block, places = prepare(estimator, columns), np.arange(len(columns))
    targets = [estimator.as_target(block, place) for place in places]
    constant = NAMES.index("constant")
    conditions = range(len(NAMES)) if related and n == 60 else (0, 1, 2, 4)
    for (y, target), s in product(enumerate(targets), [None, *conditions]):
        if s is None:
            found = estimator.mi(block, places, target)
        else:
            conditioned = estimator.condition(target, targets[s])
            found = estimator.cmi(block, places, conditioned)
        assert np.isfinite(found).all()
        condition = columns[constant if s is None else s]
        bounds = [
            min(given(f, condition), given(columns[y], condition)) for f in columns
        ]
        excess = found - bounds
        worst = excess.argmax()
        assert excess[worst] < 1e-9, (NAMES[worst], NAMES[y], s)


# --- independence

TARGETS = {
    "two classes": lambda rng, n: rng.integers(0, 2, n),
    "ten classes": lambda rng, n: rng.integers(0, 10, n),
    "number": lambda rng, n: rng.standard_normal(n),
    "floor": lambda rng, n: np.maximum(rng.standard_normal(n), 0),
}
N_SEEDS = 25
# The kernel of a class is narrower than that of all samples.
BIAS = {"copula": 0.005, "kde": 0.05, "ksg": 0.03, "plugin": 0.005}


@cache
def independent(name, target, n=200):
    """Return estimates and p-values of all kinds beside a target, a row per seed."""
    correction = {"correction": "chance"} if name == "plugin" else {}
    estimator, found, pvalues = ESTIMATORS[name](**correction), [], []
    for seed in range(N_SEEDS):
        rng = np.random.default_rng(seed)
        block = prepare(estimator, make(rng, n))
        y = estimator.as_target(prepare(estimator, [TARGETS[target](rng, n)]), 0)
        places = np.arange(len(KINDS))
        found.append(estimator.mi(block, places, y))
        if "pvalues" in estimator.provides:
            pvalues.append(estimator.pvalues(block, places, y))
    return np.array(found), np.array(pvalues)


@every_estimator
@pytest.mark.parametrize("target", TARGETS)
def test_independent_columns_have_none(name, target):
    """On average, whatever their kind. KSG has the plug-in estimate of classes."""
    found, _ = independent(name, target)
    error = found.std(axis=0) / np.sqrt(N_SEEDS)
    too_far = abs(found.mean(axis=0)) > 4 * error + BIAS[name]
    if name == "ksg" and target.endswith("classes"):
        too_far &= np.array([not kind.endswith("levels") for kind in NAMES])
    assert not too_far.any(), [NAMES[i] for i in np.flatnonzero(too_far)]


@pytest.mark.parametrize("target", TARGETS)
def test_pvalues_of_independent_columns(target):
    """At most 6% are below .05, within four standard errors."""
    _, pvalues = independent("copula", target)
    share = (pvalues < 0.05).mean(axis=0)
    error = np.sqrt(0.05 * 0.95 / N_SEEDS)
    assert (share < 0.06 + 4 * error).all()
    assert share.mean() < 0.06 + 4 * error / np.sqrt(len(KINDS))
    assert (pvalues[:, NAMES.index("constant")] == 1).all()


# --- the truth


def information_of_levels(edges, r):
    """I(x; y) of a normal pair, where edges cut x to levels, by a sum over y."""
    y = np.linspace(-8, 8, 2001)
    cuts = np.concatenate([[-np.inf], edges, [np.inf]])
    p = np.diff(norm.cdf((cuts[:, None] - r * y) / np.sqrt(1 - r * r)), axis=0)
    weights = norm.pdf(y) / norm.pdf(y).sum()
    noise = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=0) @ weights
    p = np.diff(norm.cdf(cuts))
    return -(p * np.log(np.maximum(p, 1e-300))).sum() - noise


def information_beside_classes(edges):
    """I(x; y) of classes -1 and 1 and a normal x around them, cut to levels."""
    cuts = np.concatenate([[-np.inf], edges, [np.inf]])
    p = np.array([np.diff(norm.cdf(cuts - m)) for m in (-1, 1)])

    def entropy(p):
        return -(p * np.log(np.maximum(p, 1e-300))).sum()

    return entropy(p.mean(axis=0)) - (entropy(p[0]) + entropy(p[1])) / 2


FINE = np.arange(1, 400) * 0.02
CUTS = {  # what is done to x, and where it cuts x
    "flag": (lambda x: (x > 0) * 1.0, [0]),
    "rare flag": (lambda x: (x > 1.3) * 1.0, [1.3]),
    "levels": (lambda x: np.digitize(x, [-1, 0, 1]) * 1.0, [-1, 0, 1]),
    "rounded to 1": (np.round, np.arange(-8, 9) + 0.5),
    "rounded to .3": (lambda x: np.round(x / 0.3), (np.arange(-30, 31) + 0.5) * 0.3),
    "rounded to .1": (lambda x: np.round(x, 1), (np.arange(-80, 81) + 0.5) * 0.1),
    "high floor": (lambda x: np.maximum(x, 0.8), np.append(0.8, 0.8 + FINE)),
    "floor": (lambda x: np.maximum(x, 0), np.append(0, FINE)),
    "low floor": (lambda x: np.maximum(x, -1), np.append(-1, -1 + FINE)),
}


@pytest.mark.parametrize("name", ["copula", "kde"])
@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("cut", CUTS)
def test_truth(name, classes, cut):
    """Within .02 and 4 standard errors, for a column cut to levels or to a floor."""
    change, edges = CUTS[cut]
    found = []
    for seed in range(8):
        x, noise = np.random.default_rng(seed).standard_normal((2, 800))
        y = np.sign(noise).astype(int) if classes else 0.7 * x + 0.51**0.5 * noise
        x = change(x + y if classes else x)
        kinds = {"discrete_x": False, "discrete_y": classes}
        found.append(skmi.mutual_info(x, y, estimator=name, **kinds))
    truth = (
        information_beside_classes(edges)
        if classes
        else information_of_levels(np.array(edges), 0.7)
    )
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(truth, abs=0.02 + 4 * error)


@pytest.mark.parametrize("name", ["copula", "kde"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_class_that_is_constant(name, share):
    """It is told by its value, and nothing else is shared."""
    found = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        y = rng.random(500) < share
        x = np.where(y, 0.2, rng.standard_normal(500))
        found.append(skmi.mutual_info(x, y, estimator=name))
    p = np.array([share, 1 - share])
    error = np.std(found) / np.sqrt(len(found))
    assert np.mean(found) == pytest.approx(-p @ np.log(p), abs=0.02 + 4 * error)


@pytest.mark.parametrize("name", ["copula", "kde"])
def test_a_spike_and_a_floor_do_not_win(name):
    """A column with one spike, and one of a floor, beside an informative column."""
    rng = np.random.default_rng(0)
    y = np.arange(300) % 10
    spike = (np.arange(300) == 7).astype(float)
    floor = np.where(y == 1, np.maximum(rng.standard_normal(300), 1), 0)
    X = np.column_stack([spike, floor, y + rng.standard_normal(300)])
    scores = skmi.MIScorer(name)(X, y)
    assert abs(scores[0]) < 0.01
    assert scores.argmax() == 2


# --- atoms


def atoms_of(column):
    """Return the values of a column that are atoms, and whether all of them are."""
    order = np.argsort(column, kind="stable")
    found = find_atoms(column[order][None], order[None].astype(np.int32))
    if not len(found.rows):
        return set(), False
    return set(column[found.codes[0] > 0].tolist()), bool((found.codes > 0).all())


def test_which_values_are_atoms(rng):
    x = rng.standard_normal(1000)
    assert atoms_of(x) == (set(), False)
    for digits in (1, 2):
        assert atoms_of(np.round(x, digits)) == (set(), False)
    assert atoms_of(np.round(x / 0.3)) == (set(), False)
    assert atoms_of(rng.poisson(4, 1000) * 1.0) == (set(), False)
    assert atoms_of(np.repeat(x, 2)) == (set(), False)
    assert atoms_of(np.maximum(x, -1.5)) == ({-1.5}, False)
    assert atoms_of(np.clip(x, -1, 1)) == ({-1.0, 1.0}, False)
    assert atoms_of(np.where(x < 0, 0, rng.poisson(5, 1000))) == ({0.0}, False)
    assert atoms_of((x > 2) * 1.0) == ({0.0, 1.0}, True)
    assert atoms_of(np.digitize(x, [-1, 0, 1, 2]) * 1.0)[1]
    assert atoms_of(np.append(np.zeros(99), 1)) == ({0.0}, False)
    assert atoms_of(np.ones(50)) == (set(), False)
    assert atoms_of(np.array([0.0, 0, 0, 1])) == (set(), False)


@pytest.mark.parametrize("name", ["copula", "kde"])
def test_flags_as_numbers_are_flags(rng, name):
    """As a column, as a target and as a condition, beside every kind."""
    estimator, z = ESTIMATORS[name](), rng.standard_normal(100)
    columns = make(rng, 100, z + rng.standard_normal(100))
    block, places = prepare(estimator, columns), np.arange(len(columns))
    number, flag = (
        estimator.as_target(prepare(estimator, [c]), 0) for c in ((z > 0) * 1.0, z > 0)
    )
    found = [estimator.mi(block, places, y) for y in (number, flag)]
    np.testing.assert_allclose(*found, atol=1e-12)
    y = estimator.as_target(block, 0)
    found = [
        estimator.cmi(block, places, estimator.condition(y, s)) for s in (number, flag)
    ]
    np.testing.assert_allclose(*found, atol=1e-12)


@pytest.mark.parametrize("name", ["copula", "kde"])
def test_columns_with_atoms_are_symmetric(rng, name):
    estimator = ESTIMATORS[name]()
    columns = make(rng, 80, rng.standard_normal(80))
    block, places = prepare(estimator, columns), np.arange(len(columns))
    targets = [estimator.as_target(block, place) for place in places]
    matrix = estimator.matrix(block, places, block, places)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-9)
    for s in (0, 3, 4):
        found = np.array(
            [
                estimator.cmi(block, places, estimator.condition(y, targets[s]))
                for y in targets
            ]
        )
        np.testing.assert_allclose(found, found.T, atol=1e-9)


def test_columns_with_atoms_by_hand(rng):
    """I(x; y) = I(A; y) + p(R) I(c; y | R), with normal scores of the rest."""
    x, noise = rng.standard_normal((2, 300))
    x, y = np.maximum(x, 0), (x + noise > 0).astype(int)
    estimator, rest = GaussianCopula(), x > 0
    found = skmi.mutual_info(x, y, estimator=estimator)
    expected = naive.information_above_chance(rest, y, 0 * y)
    expected += rest.mean() * naive.gaussian_information([x[rest]], [y[rest]])
    assert found == pytest.approx(expected, rel=1e-9)
    both = estimator.permuted_targets(
        Columns(x[:, None], np.array([False])), np.array([np.arange(300)[::-1]])
    )
    block = prepare(estimator, [y, x + noise])
    expected = estimator.as_target(prepare(estimator, [x[::-1]]), 0)
    places = np.arange(2)
    np.testing.assert_allclose(
        estimator.mi(block, places, both[0]), estimator.mi(block, places, expected)
    )


@pytest.mark.parametrize("name", ["copula", "kde"])
def test_joined_columns_with_atoms(rng, name):
    """I(x, z; y) is about I(z; y) + I(x; y | z)."""
    estimator = ESTIMATORS[name]()
    z, x, y = rng.standard_normal((3, 600)) + rng.standard_normal(600)
    x, z = np.maximum(x, 0), np.where(abs(z) < 0.5, 0, z)
    place = np.zeros(1, np.intp)
    for target in (y, np.maximum(y, 0), (y > 0).astype(int)):
        block = prepare(estimator, [x, z, target])
        both = estimator.join(prepare(estimator, [x, z]))
        given_z, to_y = (estimator.as_target(block, column) for column in (1, 2))
        joint = estimator.mi(both, place, to_y)[0]
        parts = estimator.mi(block, place + 1, to_y)[0]
        parts += estimator.cmi(block, place, estimator.condition(to_y, given_z))[0]
        assert joint == pytest.approx(parts, abs=0.05)
        back = estimator.mi(block, place + 2, estimator.as_target(both, 0))[0]
        assert joint == pytest.approx(back, abs=1e-9)


def test_entropy_of_a_mixture(rng):
    """H(A) + p(R) H(c | R)."""
    x = rng.uniform(0, 4, 2000)
    x[:1000] = 0
    assert skmi.entropy(x, estimator="kde", discrete=False) == pytest.approx(
        np.log(2) + np.log(4) / 2, abs=0.05
    )
    flags = (x > 0) * 1.0
    found = skmi.entropy(flags, estimator="kde", discrete=False)
    assert found == pytest.approx(np.log(2))
