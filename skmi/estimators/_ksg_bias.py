"""The bias of Kraskov's estimate where dependence is strong, and its correction.

If y is nearly a function of x, the samples lie near a curve. A ball that is wider than
the distance of the samples to the curve contains all samples of a piece of it, and the
estimate tends to its maximum, psi(n) - psi(k), however strong the dependence is. For
normal scores of normal pairs, the mean estimate m falls short of the information I by a
function of the gap psi(n) - psi(k) - m and of k only, whatever n is. Because n samples
of a curve resolve what is wider than a ball of k, this depends on n exp(-I) / k, which
determines the gap. `benchmarks/ksg_bias.py` draws the samples and fits the function.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

__all__ = ["COEFFICIENTS", "correct_bias", "shortfall"]

# Written by benchmarks/ksg_bias.py.
COEFFICIENTS = (0.9008, -0.0652, 0.0689, 0.0255, 0.0965)
_LEAST = 2  # with one neighbour, the estimate is too high almost up to its maximum


def shortfall(
    gap: NDArray[np.float64],
    k: NDArray[np.float64],
    coefficients: tuple[float, ...] = COEFFICIENTS,
) -> NDArray[np.float64]:
    """Return by how much the estimate of strong dependence is too low on average.

    gap is the difference of the estimate to its maximum. The result is
    -log(1 - exp(-c gap)) / c, and c is a polynomial of the gap and of log k.
    """
    a, b, c, d, e = coefficients
    rate = a + b * gap + c * gap**2 + (d + e * gap) * np.log(k)
    return -np.log(-np.expm1(-rate * gap)) / rate


def correct_bias(
    estimates: NDArray[np.float64],
    n_neighbors: NDArray[np.int32],
    n_samples: int,
    limits: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Add what is missing to estimates (n_columns, n_numbers), for each k.

    The result is a continuous, increasing function of the estimate. Nothing is added to
    an estimate of 0 or less. The result does not exceed the limit of the column, unless
    the estimate does: near its maximum, it increases slowly to the limit.
    """
    k = n_neighbors.astype(np.float64)
    most = digamma(n_samples) - digamma(k)
    gap = np.maximum(most - estimates, np.finfo(np.float64).tiny)
    corrected = estimates + shortfall(gap, k) - shortfall(most, k)
    corrected = np.minimum(corrected, limits[:, None] - gap / 4)
    return np.where(k < _LEAST, estimates, np.maximum(estimates, corrected))
