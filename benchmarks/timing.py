"""Time functions on one thread, and generate tables for the timings.

Import this module before any module that starts threads.
"""

import os
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

import numpy as np

REPEATS = 5  # smallest number of runs, unless they take MAX_SECONDS
MIN_SECONDS = 2  # runs continue at least this long
MAX_SECONDS = 10  # after two runs, none starts later than this


def best_times(*functions: Callable) -> list[float]:
    """Return the fastest time of each function in seconds; their runs alternate."""
    best = [np.inf] * len(functions)
    n_runs, spent = 0, 0.0
    while n_runs < 2 or (
        spent < MIN_SECONDS or (n_runs < REPEATS and spent < MAX_SECONDS)
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
    """Return normal columns whose means differ slightly between classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, n)
    return rng.standard_normal((n, p)) + 0.3 * y[:, None], y


def correlated(n: int, p: int, r: float):
    """Return normal columns, each with correlation r to the target."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal(n)
    return r * y[:, None] + np.sqrt(1 - r * r) * rng.standard_normal((n, p)), y


def heavy_tailed(n: int, p: int):
    """Return Cauchy columns, and the first of them plus Cauchy noise as the target."""
    rng = np.random.default_rng(0)
    X = rng.standard_cauchy((n, p))
    return X, X[:, 0] + rng.standard_cauchy(n)


def levels(n: int, p: int, n_levels: int = 10):
    """Return columns of integers; a tenth of their values are copies of the target."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_levels, n)
    X = rng.integers(0, n_levels, (n, p))
    return np.where(rng.random((n, p)) < 0.1, y[:, None], X).astype(float), y


def genes(n: int, p: int):
    """Return normal columns, of which one in a hundred depends on three classes."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, n)
    X = rng.standard_normal((n, p))
    X[:, ::100] += y[:, None] * rng.random(len(range(0, p, 100)))
    return X, y
