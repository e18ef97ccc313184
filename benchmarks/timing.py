"""How long functions take on one thread, and the tables they are timed on.

Import it before anything that starts threads.
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np

REPEATS = 5  # at least, and more
SECONDS = 2  # until this much time has passed,
MOST_SECONDS = 10  # and fewer, but two, once this much has


def best_times(*functions: Callable) -> list[float]:
    """Seconds of each function, the best of its runs, which alternate."""
    best = [np.inf] * len(functions)
    n_runs, spent = 0, 0.0
    while n_runs < 2 or (
        spent < SECONDS or (n_runs < REPEATS and spent < MOST_SECONDS)
    ):
        for i, function in enumerate(functions):
            start = time.perf_counter()
            function()
            seconds = time.perf_counter() - start
            best[i] = min(best[i], seconds)
            spent += seconds
        n_runs += 1
    return best


def classes(n: int, p: int, n_classes: int = 2):
    """Normal columns whose mean depends a little on the class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, n)
    return rng.standard_normal((n, p)) + 0.3 * y[:, None], y


def correlated(n: int, p: int, r: float):
    """Normal columns of correlation r with the target."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal(n)
    return r * y[:, None] + np.sqrt(1 - r * r) * rng.standard_normal((n, p)), y


def heavy_tailed(n: int, p: int):
    """Cauchy columns, and a target that is the first of them with Cauchy noise."""
    rng = np.random.default_rng(0)
    X = rng.standard_cauchy((n, p))
    return X, X[:, 0] + rng.standard_cauchy(n)


def levels(n: int, p: int, n_levels: int = 10):
    """Columns of whole numbers below n_levels, a tenth of which tell the target."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_levels, n)
    X = rng.integers(0, n_levels, (n, p))
    return np.where(rng.random((n, p)) < 0.1, y[:, None], X).astype(float), y


def genes(n: int, p: int):
    """Normal columns, of which one in a hundred is shifted by three classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, n)
    X = rng.standard_normal((n, p))
    X[:, ::100] += y[:, None] * rng.random(len(range(0, p, 100)))
    return X, y
