"""Distributions whose mutual information is known in closed form, in nats."""

from collections.abc import Callable
from dataclasses import dataclass
from math import e, exp, log, pi

import numpy as np
from scipy.integrate import quad
from scipy.special import digamma, xlogy
from scipy.stats import entropy, poisson


@dataclass(frozen=True)
class Distribution:
    """Draw (x, y) with `sample(rng, n)`; `information` is their true information."""

    sample: Callable
    information: float
    discrete_x: bool = False
    discrete_y: bool = False


def binary_entropy(p):
    return -xlogy(p, p) - xlogy(1 - p, 1 - p)


def bivariate_normal(r):
    def sample(rng, n):
        x = rng.standard_normal(n)
        return x, r * x + np.sqrt(1 - r * r) * rng.standard_normal(n)

    return Distribution(sample, -log(1 - r * r) / 2)


def bivariate_cauchy():
    """Student t with one degree of freedom and the identity as dispersion."""

    def sample(rng, n):
        x, y, scale = rng.standard_normal((3, n))
        return x / abs(scale), y / abs(scale)

    return Distribution(sample, log(8 * pi) - 3)


def uniform_channel(width):
    """X ~ U(0, 1), Y = X + U(-width, width)."""

    def sample(rng, n):
        x = rng.random(n)
        return x, x + rng.uniform(-width, width, n)

    narrow = width - log(2 * width)
    return Distribution(sample, narrow if width <= 0.5 else 1 / (4 * width))


def exponential_sum(a, b):
    """X ~ Exp(rate a), Y = X + Exp(rate b), b > a."""

    def sample(rng, n):
        x = rng.exponential(1 / a, n)
        return x, x + rng.exponential(1 / b, n)

    return Distribution(
        sample, np.euler_gamma + log((b - a) / a) + digamma(b / (b - a))
    )


def gamma_exponential(t):
    """X ~ Gamma(t, 1), Y given X ~ Exp(rate X)."""

    def sample(rng, n):
        x = rng.gamma(t, size=n)
        return x, rng.exponential(1 / x)

    return Distribution(sample, digamma(t + 1) - log(t))


def clayton(a):
    """Uniform marginals: V from the inverse of its distribution given U."""

    def sample(rng, n):
        u, w = rng.random((2, n))
        return u, (u**-a * (w ** (-a / (1 + a)) - 1) + 1) ** (-1 / a)

    return Distribution(sample, log(1 + a) - a / (1 + a))


def discrete_and_uniform(m):
    """X in {0..m-1} uniform, Y ~ U(X, X + 2)."""

    def sample(rng, n):
        x = rng.integers(0, m, n)
        return x, x + rng.uniform(0, 2, n)

    return Distribution(sample, log(m) - (m - 1) / m * log(2), discrete_x=True)


def sign_and_normal(m):
    """Y = +-1, X ~ N(m Y, 1): I is the entropy of X minus that of the noise."""

    def sample(rng, n):
        y = rng.choice([-1, 1], n)
        return m * y + rng.standard_normal(n), y

    def density(x):
        return (exp(-((x - m) ** 2) / 2) + exp(-((x + m) ** 2) / 2)) / (8 * pi) ** 0.5

    h_x = quad(lambda x: -xlogy(density(x), density(x)), -m - 12, m + 12)[0]
    return Distribution(sample, h_x - log(2 * pi * e) / 2, discrete_y=True)


def coin_and_uniform(p):
    """Y ~ Bernoulli(p), X ~ U(-1, 1) or U(0, 2)."""

    def sample(rng, n):
        y = rng.random(n) < p
        return y + rng.uniform(-1, 1, n), y

    return Distribution(sample, binary_entropy(p) / 2, discrete_y=True)


def binary_symmetric_channel(error):
    def sample(rng, n):
        x = rng.random(n) < 0.5
        return x, x ^ (rng.random(n) < error)

    return Distribution(
        sample, log(2) - binary_entropy(error), discrete_x=True, discrete_y=True
    )


def exponential_and_poisson(inflation):
    """X ~ Exp(1), Y ~ Poisson(X), set to 0 with probability inflation."""

    def sample(rng, n):
        x = rng.exponential(size=n)
        return x, rng.poisson(x) * (rng.random(n) >= inflation)

    counts = np.arange(200)

    def inflate(probabilities):
        return entropy((1 - inflation) * probabilities + inflation * (counts == 0))

    noise = quad(lambda x: exp(-x) * inflate(poisson.pmf(counts, x)), 0, 50)[0]
    information = inflate(0.5 ** (counts + 1)) - noise
    return Distribution(sample, information, discrete_y=True)


def normal_and_atoms():
    """Half a normal pair of r = .9, half a binary channel of error .1 on +-1."""

    def sample(rng, n):
        density = bivariate_normal(0.9).sample(rng, n)
        atoms = binary_symmetric_channel(0.1).sample(rng, n)
        is_atom = rng.random(n) < 0.5
        return tuple(
            np.where(is_atom, 2.0 * a - 1, d)
            for a, d in zip(atoms, density, strict=True)
        )

    components = [bivariate_normal(0.9), binary_symmetric_channel(0.1)]
    mean = sum(component.information for component in components) / 2
    return Distribution(sample, log(2) + mean)


def square():
    """Y = X^2 + noise, uncorrelated with X. X and the noise are U(-1, 1)."""

    def sample(rng, n):
        x, noise = rng.uniform(-1, 1, (2, n))
        return x, x * x + noise

    def density(y):
        # X^2 < t has probability sqrt(t): half the probability of X^2 in [y - 1, y + 1]
        return (min(1, max(0, y + 1)) ** 0.5 - min(1, max(0, y - 1)) ** 0.5) / 2

    h_y = quad(
        lambda y: -xlogy(density(y), density(y)), -1, 2, points=[0, 1], limit=200
    )[0]
    return Distribution(sample, h_y - log(2))


def independent_normals():
    return Distribution(lambda rng, n: rng.standard_normal((2, n)), 0.0)


def multinormal(n_x, n_y, r):
    """Normal vectors of n_x and n_y components; every two have correlation r."""
    correlation = np.full((n_x + n_y, n_x + n_y), r)
    np.fill_diagonal(correlation, 1)
    factor = np.linalg.cholesky(correlation)

    def sample(rng, n):
        rows = rng.standard_normal((n, n_x + n_y)) @ factor.T
        return rows[:, :n_x], rows[:, n_x:]

    blocks = [correlation[:n_x, :n_x], correlation[n_x:, n_x:]]
    marginals = sum(log(np.linalg.det(block)) for block in blocks)
    return Distribution(sample, (marginals - log(np.linalg.det(correlation))) / 2)


CONTINUOUS = {
    "independent": independent_normals(),
    "normal .3": bivariate_normal(0.3),
    "normal .5": bivariate_normal(0.5),
    "normal .6": bivariate_normal(0.6),
    "normal .75": bivariate_normal(0.75),
    "normal .9": bivariate_normal(0.9),
    "normal .99": bivariate_normal(0.99),
    "normal .999": bivariate_normal(0.999),
    "cauchy": bivariate_cauchy(),
    "uniform channel .1": uniform_channel(0.1),
    "uniform channel .25": uniform_channel(0.25),
    "uniform channel .5": uniform_channel(0.5),
    "uniform channel .75": uniform_channel(0.75),
    "uniform channel 1": uniform_channel(1),
    "exponential sum 1 2": exponential_sum(1, 2),
    "exponential sum .2 .3": exponential_sum(0.2, 0.3),
    "gamma-exponential 1": gamma_exponential(1),
    "gamma-exponential 2": gamma_exponential(2),
    "gamma-exponential 3.4": gamma_exponential(3.4),
    "clayton 1": clayton(1),
    "clayton 2": clayton(2),
    "clayton 5": clayton(5),
    "square": square(),
}
MIXED = {
    "discrete and uniform 2": discrete_and_uniform(2),
    "discrete and uniform 3": discrete_and_uniform(3),
    "discrete and uniform 5": discrete_and_uniform(5),
    "discrete and uniform 10": discrete_and_uniform(10),
    "sign and normal .5": sign_and_normal(0.5),
    "sign and normal 1": sign_and_normal(1),
    "sign and normal 2": sign_and_normal(2),
    "coin and uniform .5": coin_and_uniform(0.5),
    "coin and uniform .3": coin_and_uniform(0.3),
    "exponential and poisson": exponential_and_poisson(0),
    "exponential and poisson .15": exponential_and_poisson(0.15),
    "exponential and poisson .3": exponential_and_poisson(0.3),
    "exponential and poisson .5": exponential_and_poisson(0.5),
    "normal and atoms": normal_and_atoms(),
    "binary channel .1": binary_symmetric_channel(0.1),
    "binary channel .25": binary_symmetric_channel(0.25),
}
DISTRIBUTIONS = CONTINUOUS | MIXED
VECTORS = {
    "multinormal 2 2": multinormal(2, 2, 0.5),
    "multinormal 3 3": multinormal(3, 3, 0.5),
}
