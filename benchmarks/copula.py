"""Time the Gaussian copula beside the matrix products it cannot do without.

`python benchmarks/copula.py` takes a minute or two and 2 GB. Both sides run in this
process, in turn, on one thread; a time is the best of three.
"""

import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from skmi import MISelector
from skmi._columns import Columns
from skmi.estimators import GaussianCopula


def best_times(*functions):
    """Seconds of each function, the best of three runs, which alternate."""
    best = [np.inf] * len(functions)
    for _ in range(3):
        for i, function in enumerate(functions):
            start = time.perf_counter()
            function()
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def matrix():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((10_000, 1000))
    which = np.arange(1000)
    estimator = GaussianCopula()
    block = estimator.prepare(Columns(X, np.zeros(1000, dtype=bool)), which)
    ours, theirs = best_times(
        lambda: estimator.matrix(block, which, block, which),
        lambda: np.corrcoef(X, rowvar=False),
    )
    print(f"matrix, 10,000 x 1,000:      {ours:6.2f} s, {ours / theirs:.2f} x corrcoef")


def few_samples():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 200)
    X = rng.standard_normal((200, 10_000)) + rng.random(10_000) * y[:, None]
    selector = MISelector(50, criterion="jmi", estimator="copula")
    (ours,) = best_times(lambda: selector.fit(X, y))
    print(f"50 of 200 x 10,000, 3 classes: {ours:4.2f} s")


def many_samples():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100_000, 1000))
    y = X @ rng.standard_normal(1000) / 30 + rng.standard_normal(100_000)
    selector = MISelector(20, criterion="jmi", estimator="copula")
    ours, theirs = best_times(lambda: selector.fit(X, y), lambda: X.T @ X)
    print(f"20 of 100,000 x 1,000:       {ours:6.2f} s, {ours / theirs:.2f} x X.T @ X")


if __name__ == "__main__":
    matrix()
    few_samples()
    many_samples()
