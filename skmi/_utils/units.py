"""Units of information, and the scale of a correlation."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["UNITS_PER_NAT", "to_correlation"]

UNITS_PER_NAT = {"nats": 1.0, "bits": 1 / np.log(2), "hartleys": 1 / np.log(10)}


def to_correlation(nats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the |r| of two normal variables with this much mutual information.

    It is sqrt(1 - exp(-2 I)), and 0 for a negative estimate.
    """
    correlation: NDArray[np.float64] = np.sqrt(-np.expm1(-2 * np.maximum(nats, 0)))
    return correlation
