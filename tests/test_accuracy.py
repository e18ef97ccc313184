"""Estimates compared with the true information, over many seeds."""

import numpy as np
import pytest
from distributions import DISTRIBUTIONS, VECTORS, bivariate_normal

import skmi
from skmi.estimators import KSG, PlugIn

TRUTH = {  # computed independently
    "normal .3": 0.047155,
    "normal .5": 0.143841,
    "normal .6": 0.223144,
    "normal .75": 0.413339,
    "normal .9": 0.830366,
    "normal .99": 1.958518,
    "normal .999": 3.107554,
    "cauchy": 0.224171,
    "uniform channel .1": 1.709438,
    "uniform channel .25": 0.943147,
    "uniform channel .5": 0.5,
    "uniform channel .75": 0.333333,
    "uniform channel 1": 0.25,
    "exponential sum 1 2": 1.0,
    "exponential sum .2 .3": 0.806853,
    "gamma-exponential 1": 0.422784,
    "gamma-exponential 2": 0.229637,
    "gamma-exponential 3.4": 0.139910,
    "clayton 1": 0.193147,
    "clayton 2": 0.431946,
    "clayton 5": 0.958426,
    "discrete and uniform 2": 0.346574,
    "discrete and uniform 3": 0.636514,
    "discrete and uniform 5": 1.054920,
    "discrete and uniform 10": 1.678753,
    "sign and normal .5": 0.111421,
    "sign and normal 1": 0.336831,
    "sign and normal 2": 0.632720,
    "coin and uniform .5": 0.346574,
    "coin and uniform .3": 0.305432,
    "exponential and poisson": 0.3012448,
    "exponential and poisson .15": 0.2297760,
    "exponential and poisson .3": 0.1756770,
    "exponential and poisson .5": 0.1163839,
    "normal and atoms": 1.292362,
    "binary channel .1": 0.368064,
    "binary channel .25": 0.130812,
    "multinormal 2 2": 0.293893,
    "multinormal 3 3": 0.413339,
}


@pytest.mark.parametrize("name", TRUTH)
def test_closed_forms(name):
    distribution = (DISTRIBUTIONS | VECTORS)[name]
    assert distribution.information == pytest.approx(TRUTH[name], abs=1e-6)


@pytest.mark.parametrize("name", VECTORS)
def test_vectors_have_their_correlation(rng, name):
    """The sample correlations give the information by the Gaussian formula."""
    x, y = VECTORS[name].sample(rng, 100_000)
    whole = np.corrcoef(np.hstack([x, y]), rowvar=False)
    blocks = [np.corrcoef(vector, rowvar=False) for vector in (x, y)]
    found = np.log(np.prod(np.linalg.det(blocks)) / np.linalg.det(whole)) / 2
    assert found == pytest.approx(VECTORS[name].information, abs=0.01)


def errors(distribution, estimator, n, n_seeds=20):
    """Return the mean error over seeds, and its standard error."""
    error = [
        skmi.mutual_info(
            *distribution.sample(np.random.default_rng(seed), n),
            estimator=estimator,
            discrete_x=distribution.discrete_x,
            discrete_y=distribution.discrete_y,
        )
        - distribution.information
        for seed in range(n_seeds)
    ]
    return np.mean(error), np.std(error, ddof=1) / np.sqrt(n_seeds)


# At an abrupt edge of a density, balls reach outside: the bias decreases with n.
EDGES = [
    "uniform channel .1",
    "uniform channel .25",
    "uniform channel .5",
    "uniform channel .75",
    "uniform channel 1",
    "exponential sum 1 2",
    "exponential sum .2 .3",
    "square",
]


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_ksg(name):
    """The bias is below .01, or .02 near edges and lines, within 4 standard errors."""
    mean, error = errors(DISTRIBUTIONS[name], KSG(), 10_000)
    steep = [*EDGES, "normal .99", "normal .999"]
    assert abs(mean) < 4 * error + (0.02 if name in steep else 0.01)
    assert error < 0.005


@pytest.mark.parametrize("name", EDGES)
def test_bias_of_ksg_decreases(name):
    few, _ = errors(DISTRIBUTIONS[name], KSG(), 1000)
    many, _ = errors(DISTRIBUTIONS[name], KSG(), 16_000)
    assert abs(many) < abs(few) / 2


def test_more_neighbors_reduce_the_variance():
    distribution = DISTRIBUTIONS["normal .6"]
    _, few_error = errors(distribution, KSG(1), 1000)
    _, many_error = errors(distribution, KSG(20), 1000)
    assert many_error < few_error / 1.5


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_plug_in(name):
    """16 bins lose less than 30 %, and the bias is at most (16 - 1)^2 / 2n."""
    distribution = DISTRIBUTIONS[name]
    mean, error = errors(distribution, PlugIn(), 10_000)
    assert mean < 15**2 / 20_000 + 4 * error
    assert mean > -0.3 * distribution.information - 4 * error


@pytest.mark.parametrize(
    ("name", "n_bins"),
    [("independent", 4), ("independent", 16), ("binary channel .1", 2)],
)
def test_bias_of_plug_in(name, n_bins):
    """The bias is (levels of x - 1) (levels of y - 1) / 2n, unless corrected."""
    plain, corrected = PlugIn(n_bins, correction=None), PlugIn(n_bins)
    mean, error = errors(DISTRIBUTIONS[name], plain, 2000, n_seeds=50)
    assert abs(mean - (n_bins - 1) ** 2 / 4000) < 4 * error
    mean, error = errors(DISTRIBUTIONS[name], corrected, 2000, n_seeds=50)
    assert abs(mean) < 4 * error


# --- known failure modes


@pytest.mark.parametrize("marginals", ["normal", "standard"])
@pytest.mark.parametrize("rounded", ["x", "y", "both"])
def test_ties(rounded, marginals):
    """The true value is .413; without closed counts, rounded values give 4.4."""
    distribution = bivariate_normal(0.75)
    found = []
    for seed in range(20):
        x, y = distribution.sample(np.random.default_rng(seed), 2000)
        x = x.round(1) if rounded != "y" else x
        y = y.round(1) if rounded != "x" else y
        found.append(skmi.mutual_info(x, y, estimator=KSG(marginals=marginals)))
    assert np.mean(found) == pytest.approx(distribution.information, abs=0.04)
    assert np.std(found) < 0.03


def test_heavy_tails():
    """exp(5x) halves the estimate on standardised values, but not on normal scores."""
    distribution = bivariate_normal(0.8)
    x, y = distribution.sample(np.random.default_rng(0), 2000)
    found = skmi.mutual_info(x, y)
    assert skmi.mutual_info(np.exp(5 * x), y) == found
    assert skmi.mutual_info(np.exp(5 * x), np.exp(5 * y)) == found
    assert found == pytest.approx(distribution.information, abs=0.05)
    standardized = KSG(marginals="standard")
    assert skmi.mutual_info(np.exp(5 * x), y, estimator=standardized) < found / 2


@pytest.mark.parametrize("n", [200, 2000])
@pytest.mark.parametrize("n_neighbors", [1, 3, 10])
def test_information_of_a_variable_with_itself(n, n_neighbors):
    """The estimate has its maximum, psi(n) - psi(k)."""
    x = np.random.default_rng(0).standard_normal(n)
    estimator = KSG(n_neighbors, correction=False)
    found = skmi.mutual_info(x, x, estimator=estimator)
    assert found == pytest.approx((1 / np.arange(n_neighbors, n)).sum())


def test_bias_of_an_irrelevant_column_of_many_levels():
    """Without correction, the bias is more than (300 - 1) / 2n."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 1000)
    irrelevant = rng.integers(0, 300, 1000)
    for estimator, expected in [(PlugIn(correction=None), 0.19), (PlugIn(), 0)]:
        found = skmi.mutual_info(
            irrelevant, y, estimator=estimator, discrete_x=True, discrete_y=True
        )
        assert found == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("step", [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 128])
@pytest.mark.parametrize("r", [0, 0.7, 0.9])
def test_grids(rng, r, step):
    """The tolerance is .1, as documented for `KSG`, plus five standard errors of .006.

    On the coarsest grid, rounding itself removes information about strong dependence.
    """
    x, noise = rng.standard_normal((2, 2000))
    y = r * x + np.sqrt(1 - r * r) * noise
    found = skmi.mutual_info(np.rint(x / step), np.rint(y / step), estimator="ksg")
    assert abs(found + np.log(1 - r * r) / 2) < 0.13
