"""Generators of tables whose informative features are known."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from sklearn.datasets import make_classification, make_friedman1


@dataclass(frozen=True)
class Generator:
    """Draw X and y with `sample(seed)`; `answer` contains the correct features.

    `population()` returns all possible rows, which are equally likely. The information
    of their counts is the true information.
    """

    sample: Callable
    answer: tuple[int, ...]
    about: str
    discrete: bool = True
    discrete_target: bool = True
    population: Callable | None = None


def sample_rows(population, n, n_noise, n_levels=2):
    """Return a sampler of n rows of a population, with n_noise random columns added."""

    def sample(seed):
        rng = np.random.default_rng(seed)
        X, y = population()
        rows = rng.integers(0, len(y), n)
        return np.hstack([X[rows], rng.integers(0, n_levels, (n, n_noise))]), y[rows]

    return sample


def all_rows(*levels):
    """Return all rows of levels, from 0 if all columns are binary, else from 1."""
    start = int(max(levels) > 2)
    return np.array(list(product(*(range(start, m + start) for m in levels))))


# --- discrete


def corral():
    """A0, A1, B0, B1, an irrelevant column, and one that equals y in 3 of 4 rows."""
    rows = np.repeat(all_rows(*[2] * 5), 4, axis=0)
    a, b, c, d = rows.T[:4]
    y = (a & b) | (c & d)
    wrong = np.arange(len(y)) % 4 == 0
    return np.column_stack([rows, np.where(wrong, 1 - y, y)]), y


def xor():
    X = all_rows(2, 2)
    return X, X[:, 0] ^ X[:, 1]


MONK_LEVELS = 3, 3, 2, 3, 4, 2


def monk_1():
    X = all_rows(*MONK_LEVELS)
    a1, a2, _, _, a5, _ = X.T
    return X, ((a1 == a2) | (a5 == 1)).astype(int)


def monk_3():
    X = all_rows(*MONK_LEVELS)
    _, a2, _, a4, a5, _ = X.T
    return X, (((a5 == 3) & (a4 == 1)) | ((a5 != 4) & (a2 != 3))).astype(int)


# Top, upper left, upper right, middle, lower left, lower right, bottom.
SEGMENTS = """1110111 0010010 1011101 1011011 0111010
              1101011 1101111 1010010 1111111 1111011"""


def led():
    X = np.array([[int(lit) for lit in digit] for digit in SEGMENTS.split()])
    return X, np.arange(10)


def noisy_led(n, n_noise, error):
    """Return a sampler of digits; each segment is wrong with probability `error`."""

    def sample(seed):
        X, y = sample_rows(led, n, n_noise)(seed)
        wrong = np.random.default_rng([seed, 1]).random((n, 7)) < error
        X[:, :7] ^= wrong
        return X, y

    return sample


# --- continuous


def madelon(seed, n, n_noise, n_clusters):
    return make_classification(
        n, 20 + n_noise, n_informative=5, n_redundant=15,
        n_clusters_per_class=n_clusters, shuffle=False, random_state=seed,
    )  # fmt: skip


def friedman_1(seed, n):
    return make_friedman1(n, 10, noise=1.0, random_state=seed)


GENERATORS = {
    "CorrAL": Generator(
        sample_rows(corral, 500, 0), (0, 1, 2, 3),
        "500 rows of 6 bits: y = (A0 and A1) or (B0 and B1), an irrelevant column, and "
        "a column that equals y in three of four rows. The relevance of that column is "
        "higher than that of each of the four.",
        population=corral,
    ),
    "XOR": Generator(
        sample_rows(xor, 500, 97), (0, 1),
        "500 rows of 99 bits: y = f1 xor f2, and all other columns are noise. The "
        "relevance of f1 and of f2 is 0.",
        population=xor,
    ),
    "Monk-1": Generator(
        sample_rows(monk_1, 500, 0), (0, 1, 4),
        "500 rows of 6 columns of 2 to 4 levels: y is whether a1 = a2 or a5 = 1. The "
        "relevance of a1 and of a2 is 0.",
        population=monk_1,
    ),
    "Monk-3": Generator(
        sample_rows(monk_3, 500, 0), (1, 3, 4),
        "500 rows of the same columns: y is whether (a5 = 3 and a4 = 1) or (a5 is not "
        "4 and a2 is not 3), without wrong labels. The relevance of a4 is .003 nats.",
        population=monk_3,
    ),
    "LED": Generator(
        sample_rows(led, 500, 17), tuple(range(7)),
        "500 rows of the 7 segments of a digit and 17 bits of noise. Five of the "
        "segments determine the digit.",
        population=led,
    ),
    "LED, noisy": Generator(
        noisy_led(500, 17, 0.1), tuple(range(7)),
        "the same, but each segment is wrong with probability .1, so that all seven "
        "are needed.",
    ),
    "Madelon": Generator(
        partial(madelon, n=2_000, n_noise=480, n_clusters=2), tuple(range(20)),
        "2,000 rows of scikit-learn's `make_classification`: 5 informative columns, 15 "
        "linear combinations of them and 480 columns of noise, with 2 clusters per "
        "class.",
        discrete=False,
    ),
    "Madelon, 32 clusters": Generator(
        partial(madelon, n=2_000, n_noise=480, n_clusters=16), tuple(range(20)),
        "the same with 16 clusters per class, as in the NIPS 2003 challenge: the "
        "clusters are the corners of a cube, and their classes are random.",
        discrete=False,
    ),
    "Friedman 1": Generator(
        partial(friedman_1, n=1_000), (0, 1, 2, 3, 4),
        "1,000 rows of 10 uniform columns: y = 10 sin(π x0 x1) + 20 (x2 - .5)² + 10 x3 "
        "+ 5 x4 + N(0, 1).",
        discrete=False, discrete_target=False,
    ),
}  # fmt: skip
