"""Nearest neighbours: pairs, triples, variables of several dimensions, of all kinds."""

from itertools import product

import naive
import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import rankdata

import skmi
from skmi._columns import Columns
from skmi.estimators import KSG

CLOSE = 1e-12


def block_of(estimator, columns, kinds):
    """Prepare arrays of which `kinds` tells the discrete."""
    X = Columns(np.column_stack(columns).astype(float), np.array(kinds))
    return estimator.prepare(X, np.arange(len(columns)))


def variable(estimator, pairs):
    """(column, discrete) pairs as a block of one variable."""
    block = block_of(estimator, *zip(*pairs, strict=True))
    return estimator.join(block) if len(pairs) > 1 else block


def information(estimator, x, y, given=None):
    """I(x; y | given) of lists of (column, discrete) pairs."""
    f, y = variable(estimator, x), estimator.as_target(variable(estimator, y), 0)
    first = np.zeros(1, dtype=np.intp)
    if given is None:
        return estimator.mi(f, first, y)[0]
    s = estimator.as_target(variable(estimator, given), 0)
    return estimator.cmi(f, first, estimator.condition(y, s))[0]


def columns_of(rng, n, rounded):
    """Six that depend on each other; the odd ones are whole numbers."""
    mixing = np.eye(6) + 0.5
    columns = (rng.standard_normal((n, 6)) @ mixing).T
    columns[1::2] = np.rint(columns[1::2] / 1.5)
    if rounded:
        columns[::2] = columns[::2].round()
    return columns


# --- pairs of columns


PAIRS = {  # of x and y: the definition, whatever the estimator is set to
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
        PAIRS[kind, discrete_y](x, y) for x, kind in zip(X.T, discrete, strict=True)
    ]
    np.testing.assert_allclose(scores, expected, rtol=CLOSE)


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


# --- variables of all kinds

KINDS = {"c": [0], "d": [1], "cc": [0, 2], "cd": [0, 1], "dd": [1, 3]}
PAIRS_OF_KINDS = list(product(KINDS, repeat=2))
TRIPLES_OF_KINDS = list(product(["c", "d", "cd"], repeat=3))


def draw(columns, *kinds):
    """Variables of these kinds, no two of the same columns."""
    return [
        [(columns[(j + 2 * place) % 6], bool(j % 2)) for j in KINDS[kind]]
        for place, kind in enumerate(kinds)
    ]


def plug_in(x, y, given=()):
    x, y, given = ([column for column, _ in each] for each in (x, y, given))
    of_given = naive.entropy(*given) if given else 0
    return (
        naive.entropy(*x, *given)
        + naive.entropy(*y, *given)
        - naive.entropy(*x, *y, *given)
        - of_given
    )


@pytest.mark.parametrize("n_neighbors", [1, 3, 8])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(("of_x", "of_y"), PAIRS_OF_KINDS)
def test_information(rng, of_x, of_y, rounded, n_neighbors):
    x, y = draw(columns_of(rng, 60, rounded), of_x, of_y)
    found = information(KSG(n_neighbors, "raw"), x, y)
    if set(of_x + of_y) == {"d"}:
        expected = plug_in(x, y)
    else:
        expected = naive.ball_information(x, y, [], n_neighbors)
    assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("n_neighbors", [1, 4])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(("of_x", "of_y", "of_z"), TRIPLES_OF_KINDS)
def test_conditional_information(rng, of_x, of_y, of_z, rounded, n_neighbors):
    x, y, z = draw(columns_of(rng, 60, rounded), of_x, of_y, of_z)
    found = information(KSG(n_neighbors, "raw"), x, y, z)
    if set(of_x + of_y + of_z) == {"d"}:
        expected = plug_in(x, y, z)
    else:
        expected = naive.ball_information(x, y, z, n_neighbors)
    assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("n_neighbors", [1, 3, 8])
@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize(
    ("of_x", "of_y"), [("c", "c"), ("cc", "c"), ("cc", "cc"), ("c", "cd")]
)
def test_rectangles(rng, of_x, of_y, rounded, n_neighbors):
    x, y = draw(columns_of(rng, 60, rounded), of_x, of_y)
    found = information(KSG(n_neighbors, "raw", 2), x, y)
    expected = naive.rectangle_information(x, y, n_neighbors)
    assert found == pytest.approx(expected, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("n_neighbors", [1, 3])
def test_the_formula_of_spaces_holds_for_pairs(rng, rounded, n_neighbors):
    """One oracle for all has those of Kraskov and Ross as cases."""
    x, d, y = columns_of(rng, 80, rounded)[:3]
    n_x = [(x, False)]
    assert naive.ball_information(n_x, [(y, False)], [], n_neighbors) == pytest.approx(
        naive.ksg(x, y, n_neighbors), abs=CLOSE
    )
    assert naive.ball_information(n_x, [(d, True)], [], n_neighbors) == pytest.approx(
        naive.ross(x, d, n_neighbors), abs=CLOSE
    )
