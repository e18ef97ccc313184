"""Time kernel density estimates: on the grid, by exact sums, and by infomeasure.

All in this process, in turn, on one thread; a time is the best of several runs of
processor time, so that other work on the machine counts less.
"""

import os
import time
from collections.abc import Callable
from functools import partial

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import skmi
from skmi._columns import Columns
from skmi.estimators import KDE


def best_time(function: Callable, n_runs: int) -> float:
    """Seconds, the best of the runs."""
    best = np.inf
    for _ in range(n_runs):
        start = time.process_time()
        function()
        best = min(best, time.process_time() - start)
    return best


def pair(n: int):
    """Normal columns of correlation .6."""
    x, noise = np.random.default_rng(0).standard_normal((2, n))
    return x, 0.6 * x + 0.8 * noise


def conditional(method: str, table: np.ndarray) -> Callable:
    """I(f; y | s) of three columns, prepared."""
    kde = KDE(method=method)
    block = kde.prepare(Columns(table, np.zeros(3, dtype=bool)), np.arange(3))
    both = kde.condition(kde.as_target(block, 1), kde.as_target(block, 2))
    return partial(kde.cmi, block, np.array([0]), both)


def main() -> None:
    print(
        "I(x; y) of a pair, with both marginals and the checks of the public function"
    )
    for n in (300, 1000, 3000, 10_000, 30_000):
        x, y = pair(n)
        of = {
            method: partial(skmi.mutual_info, x, y, estimator=KDE(method=method))
            for method in ("grid", "exact")
        }
        grid, exact = best_time(of["grid"], 20), best_time(of["exact"], 2)
        print(
            f"  n = {n:6}: grid {1e3 * grid:8.2f} ms, exact {1e3 * exact:10.1f} ms: "
            f"{exact / grid:6.0f} times; "
            f"they differ by {abs(of['grid']() - of['exact']()):.0e}"
        )
    x, y = pair(1_000_000)
    grid = best_time(partial(skmi.mutual_info, x, y, estimator=KDE()), 3)
    print(f"  n = 1000000: grid {1e3 * grid:8.0f} ms")

    try:
        import infomeasure
    except ImportError:
        print("infomeasure is not installed")
    else:
        x, y = pair(10_000)
        theirs = partial(
            infomeasure.mutual_information,
            x, y, approach="kernel", kernel="gaussian", bandwidth=0.2,
        )  # fmt: skip
        ours = best_time(partial(skmi.mutual_info, x, y, estimator=KDE()), 20)
        seconds = best_time(theirs, 1)
        print(f"  n = 10000: infomeasure {seconds:.1f} s: {seconds / ours:.0f} times")

    print("I(f; y | s) of three continuous columns, prepared; nanoseconds a sample")
    for name in ("standard_normal", "standard_cauchy"):
        for n in (1000, 10_000, 100_000):
            table = getattr(np.random.default_rng(0), name)((n, 3))
            seconds = best_time(conditional("auto", table), 3)
            print(f"  {name:15} n = {n:6}: {1e9 * seconds / n:6.0f}")


if __name__ == "__main__":
    main()
