"""Find the best number of bins of the plug-in estimate, by sample size and case.

`python benchmarks/bins.py` prints the root mean square errors of I(x; y) and of
I(f; y | s), in thousandths of a nat. The smallest error of each row is in brackets.
`--correction` and `--binning` are parameters of `PlugIn`, and `--seeds` is the number
of samples to draw for each case.
"""

import argparse
import sys
from collections.abc import Callable
from math import log
from pathlib import Path

import numpy as np

from skmi._data.columns import Columns
from skmi.estimators import PlugIn

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from distributions import DISTRIBUTIONS

PAIRS = ["independent", "normal .3", "normal .6", "normal .9", "cauchy", "square"]
PAIRS += ["exponential sum 1 2", "clayton 1", "gamma-exponential 1"]
SIZES = [200, 1000, 10_000, 100_000]
BINS = ["auto", 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64]


def estimate_pair(estimator: PlugIn, rows) -> float:
    X = Columns(np.column_stack(rows), np.zeros(2, dtype=bool))
    block = estimator.prepare(X, np.arange(2))
    return estimator.mi(block, np.array([0]), estimator.as_target(block, 1))[0]


def estimate_triple(estimator: PlugIn, rows) -> float:
    X = Columns(np.column_stack(rows), np.zeros(3, dtype=bool))
    block = estimator.prepare(X, np.arange(3))
    y, s = (estimator.as_target(block, column) for column in (1, 2))
    return estimator.cmi(block, np.array([0]), estimator.condition(y, s))[0]


def normal_triple(r: float, weight: float):
    """Return a sampler of f, y and s, where f and y have correlation r given s.

    Both f and y contain s with this weight.
    """

    def sample(rng, n):
        f, noise, s = rng.standard_normal((3, n))
        y = r * f + np.sqrt(1 - r * r) * noise
        return f + weight * s, y + weight * s, s

    return sample, -log(1 - r * r) / 2


def show(title: str, cases: dict, estimate: Callable, options) -> None:
    print(f"{title}\n{'':28}" + "".join(f"{bins:>8}" for bins in BINS))
    for n in SIZES[: options.sizes]:
        squares = []
        for name, (sample, truth) in cases.items():
            error = np.array(
                [
                    [
                        estimate(
                            PlugIn(bins, options.binning, options.correction), rows
                        )
                        - truth
                        for bins in BINS
                    ]
                    for rows in (
                        sample(np.random.default_rng(seed), n)
                        for seed in range(options.seeds)
                    )
                ]
            )
            squares.append((error**2).mean(axis=0))
            print_row(f"{n:8,} {name}", squares[-1])
        print_row(f"{n:8,} all cases", np.mean(squares, axis=0))
    print()


def print_row(name: str, squares) -> None:
    rmse = 1000 * np.sqrt(squares)
    best = 1 + np.argmin(rmse[1:])  # without "auto"
    cells = (f"[{e:.1f}]" if i == best else f"{e:.1f} " for i, e in enumerate(rmse))
    print(f"{name:28}" + "".join(f"{cell:>8}" for cell in cells))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--correction")
    parser.add_argument("--binning", default="quantile")
    parser.add_argument("--seeds", type=int, default=10, help="number of samples")
    parser.add_argument(
        "--sizes", type=int, default=len(SIZES), help="number of sample sizes"
    )
    options = parser.parse_args()
    pairs = {
        name: (DISTRIBUTIONS[name].sample, DISTRIBUTIONS[name].information)
        for name in PAIRS
    }
    triples = {
        f"r={r}, {weight} s": normal_triple(r, weight)
        for r, weight in [(0, 0), (0, 1), (0.3, 0), (0.3, 1), (0.6, 1), (0.9, 1)]
    }
    show("I(x; y)", pairs, estimate_pair, options)
    show("I(f; y | s)", triples, estimate_triple, options)
