"""Fit the correction of `KSG` for strong dependence to normal samples of all sizes.

`python benchmarks/ksg_bias.py` draws normal pairs whose information is known, estimates
it without the correction, and fits the coefficients of `skmi/estimators/_ksg_bias.py`.
It prints the bias, the coefficients, and the bias with the coefficients that are in
use. `--quick` uses few samples. It takes ten minutes, or one with `--quick`.
"""

import argparse
import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import least_squares
from scipy.special import digamma

from skmi._data.columns import Columns
from skmi.estimators import KSG
from skmi.estimators._ksg_bias import COEFFICIENTS, correct_bias, shortfall

KS = np.array([2, 3, 4, 6, 7, 10, 20], dtype=np.intc)
INFORMATION = np.array(
    [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8], dtype=float
)
N_PAIRS = {50: 4000, 100: 3000, 200: 2000, 500: 800, 1000: 400, 2000: 200, 5000: 60}
ESTIMATORS = [KSG(int(k), correction=False) for k in KS]
N_COLUMNS = 10  # drawn with one target


def raw_estimates(n, n_pairs, information, rng):
    """Return estimates (n_pairs, numbers) without the correction."""
    r, noise = np.sqrt(-np.expm1(-2 * information)), np.exp(-information)
    every, found = np.arange(N_COLUMNS), []
    for _ in range(-(-n_pairs // N_COLUMNS)):
        y = rng.standard_normal((n, 1))
        X = r * y + noise * rng.standard_normal((n, N_COLUMNS))
        columns, target = (
            KSG().prepare(Columns(table, np.zeros(table.shape[1], bool)), every[:c])
            for table, c in ((X, N_COLUMNS), (y, 1))
        )
        found.append([e.mi(columns, every, e.as_target(target, 0)) for e in ESTIMATORS])
    return np.concatenate(found, axis=1).T


def fit(n, k, information, mean):
    """Return the coefficients for these numbers of samples and of neighbours."""
    gap, missing = digamma(n) - digamma(k) - mean, information - mean
    used = (gap > 0.08) & (missing < 3)  # closer to the maximum, noise prevails
    gap, missing, k = gap[used], missing[used], k[used]

    def errors(coefficients):
        left = shortfall(gap, k, coefficients) - np.maximum(missing, 0)
        return left / (0.02 + 0.1 * np.abs(missing))

    return least_squares(errors, COEFFICIENTS, loss="soft_l1").x


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="use few samples")
    quick = parser.parse_args().quick
    start = time.perf_counter()
    cells = []
    for n, n_pairs in N_PAIRS.items():
        rng = np.random.default_rng(n)
        for information in INFORMATION:
            n_drawn = max(n_pairs // 10, 20) if quick else n_pairs
            raw = raw_estimates(n, n_drawn, information, rng)
            limits = np.full(len(raw), np.log(n))
            corrected = correct_bias(raw, KS, n, limits)
            cells.append((n, information, raw.mean(0), corrected.mean(0)))
        print(f"{time.perf_counter() - start:.0f} s: n={n:,}", file=sys.stderr)
    for title, column in (("without", 2), ("with", 3)):
        for j, k in enumerate(KS):
            print(f"\nBias {title} the correction, k={k}, by n and information\n")
            print(
                "      " + "".join(f"{information:8.1f}" for information in INFORMATION)
            )
            for n in N_PAIRS:
                bias = [c[column][j] - c[1] for c in cells if c[0] == n]
                print(f"{n:6,}" + "".join(f"{b:+8.3f}" for b in bias))
    n, information = (np.repeat([c[i] for c in cells], len(KS)) for i in (0, 1))
    mean = np.concatenate([c[2] for c in cells])
    found = fit(n, np.tile(KS.astype(float), len(cells)), information, mean)
    print("\nCOEFFICIENTS =", tuple(float(f"{c:.4f}") for c in found))
    print("in use:       ", COEFFICIENTS)


if __name__ == "__main__":
    main()
