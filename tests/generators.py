"""Tables of which it is known what columns tell the target, to select them from."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from sklearn.datasets import make_classification, make_friedman1


@dataclass(frozen=True)
class Generator:
    """Draw X and y with `sample(seed)`; the right features are the `answer`.

    `population()` is a table of equally likely rows, all there are: what is estimated
    from its counts is the truth.
    """

    sample: Callable
    answer: tuple[int, ...]
    about: str
    discrete: bool = True
    discrete_target: bool = True
    population: Callable | None = None


def drawn(population, n, n_noise, n_levels=2):
    """Draw n rows of the population, and columns that tell nothing beside them."""

    def sample(seed):
        rng = np.random.default_rng(seed)
        X, y = population()
        rows = rng.integers(0, len(y), n)
        return np.hstack([X[rows], rng.integers(0, n_levels, (n, n_noise))]), y[rows]

    return sample


def all_of(*levels):
    """All rows of levels, each from 1, or from 0 if there are two of them all over."""
    start = int(max(levels) > 2)
    return np.array(list(product(*(range(start, m + start) for m in levels))))


# --- discrete


def corral():
    """A0, A1, B0, B1, one that tells nothing, one that agrees with y three in four."""
    rows = np.repeat(all_of(*[2] * 5), 4, axis=0)
    a, b, c, d = rows.T[:4]
    y = (a & b) | (c & d)
    wrong = np.arange(len(y)) % 4 == 0
    return np.column_stack([rows, np.where(wrong, 1 - y, y)]), y


def xor():
    X = all_of(2, 2)
    return X, X[:, 0] ^ X[:, 1]


MONK_LEVELS = 3, 3, 2, 3, 4, 2


def monk_1():
    X = all_of(*MONK_LEVELS)
    a1, a2, _, _, a5, _ = X.T
    return X, ((a1 == a2) | (a5 == 1)).astype(int)


def monk_3():
    X = all_of(*MONK_LEVELS)
    _, a2, _, a4, a5, _ = X.T
    return X, (((a5 == 3) & (a4 == 1)) | ((a5 != 4) & (a2 != 3))).astype(int)


# Top, upper left, upper right, middle, lower left, lower right, bottom.
SEGMENTS = """1110111 0010010 1011101 1011011 0111010
              1101011 1101111 1010010 1111111 1111011"""


def led():
    X = np.array([[int(lit) for lit in digit] for digit in SEGMENTS.split()])
    return X, np.arange(10)


def flickering_led(n, n_noise, share):
    """Each segment is shown wrong with this probability."""

    def sample(seed):
        X, y = drawn(led, n, n_noise)(seed)
        wrong = np.random.default_rng([seed, 1]).random((n, 7)) < share
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
        drawn(corral, 500, 0), (0, 1, 2, 3),
        "500 rows of 6 bits: y = (A0 and A1) or (B0 and B1), one column that tells "
        "nothing, and one that agrees with y in three of four rows, which alone tells "
        "more than each of the four.",
        population=corral,
    ),
    "XOR": Generator(
        drawn(xor, 500, 97), (0, 1),
        "500 rows of 99 bits: y = f1 xor f2, the rest noise. Neither of both tells "
        "anything alone.",
        population=xor,
    ),
    "Monk-1": Generator(
        drawn(monk_1, 500, 0), (0, 1, 4),
        "500 rows of 6 columns of 2 to 4 levels: a1 = a2 or a5 = 1. Neither a1 nor a2 "
        "tells anything alone.",
        population=monk_1,
    ),
    "Monk-3": Generator(
        drawn(monk_3, 500, 0), (1, 3, 4),
        "500 rows of the same columns: (a5 = 3 and a4 = 1) or (a5 not 4 and a2 not 3), "
        "without mislabelled rows. a4 alone tells .003 nats.",
        population=monk_3,
    ),
    "LED": Generator(
        drawn(led, 500, 17), tuple(range(7)),
        "500 rows, the 7 segments of a digit and 17 bits of noise. Five of the "
        "segments determine the digit.",
        population=led,
    ),
    "LED, flickering": Generator(
        flickering_led(500, 17, 0.1), tuple(range(7)),
        "the same, each segment shown wrong one time in ten: all seven are needed.",
    ),
    "Madelon": Generator(
        partial(madelon, n=2_000, n_noise=480, n_clusters=2), tuple(range(20)),
        "scikit-learn's `make_classification`, 2,000 rows, 5 informative columns, 15 "
        "that are linear combinations of them, 480 of noise, 2 clusters a class.",
        discrete=False,
    ),
    "Madelon, 32 clusters": Generator(
        partial(madelon, n=2_000, n_noise=480, n_clusters=16), tuple(range(20)),
        "the same with 16 clusters a class, as in the challenge of 2003: all corners "
        "of the cube, classes given at random.",
        discrete=False,
    ),
    "Friedman 1": Generator(
        partial(friedman_1, n=1_000), (0, 1, 2, 3, 4),
        "1,000 rows of 10 uniform columns: y = 10 sin(π x0 x1) + 20 (x2 - .5)² + 10 x3 "
        "+ 5 x4 + N(0, 1).",
        discrete=False, discrete_target=False,
    ),
}  # fmt: skip
