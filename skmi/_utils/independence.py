"""Tests of independence with known distributions: the G test and its relatives."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, f

__all__ = [
    "GTest",
    "chi2_pvalues",
    "correlation_test",
    "count_levels",
    "g_test",
    "scaled_pvalues",
    "scaled_statistic",
    "variance_dof",
]

# An expectation below this, in nats, is a rounding error.
_ROUNDING = 1e-10
# The copula leaves out classes of fewer samples: d + 2 for one dimension.
_LEAST_CLASS = 3


def chi2_pvalues(
    statistic: NDArray[np.float64], dof: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return the tail of chi-square beyond a statistic; 1 for no degrees of freedom."""
    return np.where(dof > 0, chi2.sf(statistic, np.maximum(dof, 1)), 1.0)


def scaled_pvalues(
    information: NDArray[np.float64],
    expected: NDArray[np.float64],
    dof: NDArray[np.intp],
    n_samples: int,
) -> NDArray[np.float64]:
    """Return chi-square p-values of 2 n I, scaled as Bartlett does.

    `expected` is the mean of the information of independent samples. If 2 n times this
    mean exceeds the degrees of freedom, the statistic is scaled down to them. It is
    never scaled up: where levels are rare, its mean is low and its tail is not.
    """
    statistic, dof = scaled_statistic(information, expected, dof, n_samples)
    return chi2_pvalues(statistic, dof)


def scaled_statistic(
    information: NDArray[np.float64],
    expected: NDArray[np.float64],
    dof: NDArray[np.intp],
    n_samples: int,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the statistic of `scaled_pvalues`, and its degrees of freedom.

    They are 0 where the mean of the information of independent samples is.
    """
    dof = np.where(expected >= _ROUNDING, dof, 0)
    mean = np.maximum(expected, dof / (2 * n_samples))
    return dof * information / np.where(dof > 0, mean, 1), dof


def count_levels(codes: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return how many samples each level has, for the levels that occur."""
    counts = np.bincount(codes)
    return counts[counts > 0]


class GTest(NamedTuple):
    """The statistic, the degrees of freedom and the p-value of each column."""

    statistic: NDArray[np.float64]
    dof: NDArray[np.intp]
    pvalues: NDArray[np.float64]


def g_test(
    information: NDArray[np.float64],
    n_samples: float,
    n_levels: NDArray[np.intp],
    n_classes: int,
) -> GTest:
    """Compare G = 2 n I with chi-square of (levels - 1) (classes - 1) degrees."""
    statistic = 2 * n_samples * information
    dof = (n_levels - 1) * (n_classes - 1)
    return GTest(statistic, dof, chi2_pvalues(statistic, dof))


def correlation_test(
    information: NDArray[np.float64], n_samples: int
) -> NDArray[np.float64]:
    """Compare (n - 2) r^2 / (1 - r^2) with F, where r^2 = 1 - exp(-2 I)."""
    if n_samples < 3:
        return np.ones(len(information))
    statistic = (n_samples - 2) * np.expm1(2 * information)
    pvalues: NDArray[np.float64] = f.sf(statistic, 1, n_samples - 2)
    return pvalues


def variance_dof(class_sizes: NDArray[np.intp]) -> int:
    """Return 2 (classes - 1), for means and variances that differ between classes."""
    return 2 * max(int(np.count_nonzero(class_sizes >= _LEAST_CLASS)) - 1, 0)
