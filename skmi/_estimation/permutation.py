"""Permutation tests: orders of the samples, p-values, their tail, and early stopping.

All permutation tests of this package use this module: p-values of scores, the stopping
test and the backward pass of a selection, and the test of `compare_correlation`.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from skmi._utils.messages import ParameterError, Setting

__all__ = [
    "check_permutations",
    "draw_order",
    "draw_orders",
    "draw_orders_together",
    "permutation_pvalues",
    "sequential_pvalue",
]

# Scores that differ by less, in nats, are equal up to rounding.
_ROUNDING = 1e-10
# A tail is fitted to the highest permuted scores: a quarter of all, up to a maximum.
# Fewer than the minimum do not show the shape of the tail.
_MAX_IN_TAIL, _MIN_IN_TAIL = 250, 25
# Permutations between two checks of whether a test can still be significant.
_BATCH_SIZE = 24


def check_permutations(n_permutations: int, alpha: float) -> None:
    """Raise ValueError if no p-value can be as low as alpha."""
    needed = math.ceil(1 / alpha - 1e-9) - 1
    if n_permutations < needed:
        raise ParameterError(
            Setting("n_permutations", n_permutations),
            f" cannot produce a p-value <= alpha={alpha:g}; use at least {needed} "
            "permutations.",
        )


def draw_order(seed: int, number: int, n_samples: int) -> NDArray[np.intp]:
    """Draw a permutation, which depends only on the seed and its number."""
    return np.random.default_rng([seed, number]).permutation(n_samples)


def draw_orders(seed: int, numbers: Sequence[int], n_samples: int) -> NDArray[np.intp]:
    """Draw permutations, one in a row."""
    return np.stack([draw_order(seed, number, n_samples) for number in numbers])


def draw_orders_together(
    seed: Sequence[int], n_orders: int, n_samples: int
) -> NDArray[np.intp]:
    """Draw permutations, one in a row, from one stream of random numbers."""
    orders = np.tile(np.arange(n_samples), (n_orders, 1))
    return np.random.default_rng(seed).permuted(orders, axis=1)


def _count_as_high(
    scores: NDArray[np.float64], permuted: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Count the permuted scores in each row that are at least as high as the score."""
    slack = _ROUNDING * np.maximum(1, np.abs(scores))
    counts: NDArray[np.intp] = np.count_nonzero(
        permuted >= (scores - slack)[:, None], axis=1
    )
    return counts


def permutation_pvalues(
    scores: NDArray[np.float64], permuted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (1 + permuted scores as high) / (1 + permutations), or the tail if lower.

    Parameters
    ----------
    scores : ndarray of shape (n_scores,)
    permuted : ndarray of shape (n_scores, n_permutations)
    """
    n_as_high = _count_as_high(scores, permuted)
    pvalues: NDArray[np.float64] = (1 + n_as_high) / (1 + permuted.shape[1])
    beyond = n_as_high == 0
    tail = _tail_pvalues(scores[beyond], permuted[beyond])
    pvalues[beyond] = np.minimum(pvalues[beyond], tail)
    return pvalues


def _tail_pvalues(
    scores: NDArray[np.float64], permuted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Extrapolate the highest permuted scores by a generalised Pareto distribution.

    Its two parameters are estimated by probability-weighted moments. The shape is at
    least 0: a distribution of negative shape ends, and p would be 0 beyond its end.
    """
    n_permuted = permuted.shape[1]
    n_tail = min(_MAX_IN_TAIL, n_permuted // 4)
    if n_tail < _MIN_IN_TAIL:
        return np.ones(len(scores))
    highest = np.partition(permuted, -n_tail - 1, axis=1)[:, -n_tail - 1 :]
    highest.sort(axis=1)
    threshold = highest[:, :2].mean(axis=1)
    excess = highest[:, 1:] - threshold[:, None]
    weights = 1 - (np.arange(1, n_tail + 1) - 0.35) / n_tail
    mean, weighted = excess.mean(axis=1), (weights * excess).mean(axis=1)
    varies = mean > _ROUNDING
    mean = np.where(varies, mean, 1)
    half = np.where(varies, mean - 2 * weighted, 1)
    shape = np.clip(2 - mean / half, 1e-9, 0.5)
    scale = mean * (1 - shape)
    survival = np.exp(-np.log1p(shape * (scores - threshold) / scale) / shape)
    return np.where(varies, n_tail / n_permuted * survival, 1)


def sequential_pvalue(
    score: float,
    permuted_scores: Callable[[range], Sequence[float]],
    n_permutations: int,
    alpha: float,
) -> float:
    """Return a p-value of one score; stop early once it is certain to exceed alpha.

    Parameters
    ----------
    score : float
    permuted_scores : callable
        Returns the scores of the permutations with the given numbers.
    n_permutations : int
    alpha : float

    Returns
    -------
    float
        (1 + permuted scores as high) / (1 + permutations), of all permutations if it is
        at most alpha, and otherwise of those that were drawn.
    """
    n_as_high = 0
    for first in range(0, n_permutations, _BATCH_SIZE):
        numbers = range(first, min(first + _BATCH_SIZE, n_permutations))
        permuted = np.array([permuted_scores(numbers)])
        n_as_high += int(_count_as_high(np.array([score]), permuted)[0])
        if (1 + n_as_high) / (1 + n_permutations) > alpha:
            return (1 + n_as_high) / (1 + numbers.stop)
    return (1 + n_as_high) / (1 + n_permutations)
