"""Permutation tests: p-values, their tail, standardized scores, and early stopping.

All permutation tests of this package use this module: p-values of scores, the stopping
test and the backward pass of a selection, and the test of `compare_correlation`.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtri

from skmi._utils.messages import ParameterError, Setting

__all__ = [
    "Comparison",
    "ScaleTest",
    "check_permutations",
    "combine_scales",
    "permutation_pvalues",
    "sequential_pvalue",
    "standardize",
]

# Scores that differ by less, in nats, are equal up to rounding.
_ROUNDING = 1e-10
# A tail is fitted to the highest permuted scores: a quarter of all, up to a maximum.
# Fewer than the minimum do not show the shape of the tail.
_MAX_IN_TAIL, _MIN_IN_TAIL = 250, 25
# A null distribution of less skewness is taken for normal.
_LEAST_SKEWNESS = 0.01
# Scaled scores that vary less are equal up to rounding.
_LEAST_VARIANCE = 1e-9
# Normal scores that differ by less are equal up to rounding.
_SLACK = 1e-7
# Permuted scores that are standardized together: 4 MiB.
_VALUES_PER_STEP = 2**19
# Permutations between two checks of whether a test can still be significant.
_BATCH_SIZE = 20


def check_permutations(n_permutations: int, alpha: float) -> None:
    """Raise ValueError if no p-value can be as low as alpha."""
    needed = math.ceil(1 / alpha - 1e-9) - 1
    if n_permutations < needed:
        raise ParameterError(
            Setting("n_permutations", n_permutations),
            f" cannot produce a p-value <= alpha={alpha:g}; use at least {needed} "
            "permutations.",
        )


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
    pvalues, n_as_high = _share_as_high(scores, permuted)
    beyond = n_as_high == 0
    tail = _tail_pvalues(scores[beyond], permuted[beyond])
    pvalues[beyond] = np.minimum(pvalues[beyond], tail)
    return pvalues


def _share_as_high(
    scores: NDArray[np.float64], permuted: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return (1 + r) / (1 + n), and r, the number of permuted scores as high."""
    n_as_high = _count_as_high(scores, permuted)
    return (1 + n_as_high) / (1 + permuted.shape[1]), n_as_high


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


class ScaleTest(NamedTuple):
    """Tests of several columns, each by the largest of several standardized scores."""

    statistic: NDArray[np.float64]  # (n_columns,)
    pvalue: NDArray[np.float64]
    scale: NDArray[np.intp]  # the first score of the smallest p-value of its own


def combine_scales(
    scores: NDArray[np.float64],
    permuted: NDArray[np.float64],
    head_starts: tuple[float, ...],
) -> ScaleTest:
    """Test columns by the largest of several scores of each.

    All scores become normal scores of their own null distribution, as in `standardize`.
    So the p-values are exact. The tail of p-values below 1 / n_permutations is fitted
    to permuted scores that are compared with each other only: an extreme score of the
    data would increase the variance of all others.

    Parameters
    ----------
    scores : ndarray of shape (n_scores, n_columns)
    permuted : ndarray of shape (n_permutations, n_scores, n_columns)
    head_starts : tuple of float
        What is added to each normal score, so that some scores decide more often.
    """
    n, n_scores, n_columns = permuted.shape
    added = np.array(head_starts)[:, None]
    flat = permuted.reshape(n, -1)
    own, others = _compare_with_others(scores.ravel(), flat, may_end=False)
    n_higher = np.count_nonzero(others >= own - _SLACK, axis=0)
    scale = n_higher.reshape(n_scores, n_columns).argmin(axis=0)
    statistic = (own.reshape(n_scores, n_columns) + added).max(axis=0)
    highest = (others.reshape(permuted.shape) + added).max(axis=1).T
    pvalues, n_as_high = _share_as_high(statistic, highest)
    beyond = (n_as_high == 0) & np.isfinite(highest).all(axis=1)
    if beyond.any() and n // 4 >= _MIN_IN_TAIL:
        some = permuted[:, :, beyond]
        alone = _compare_with_others(None, some.reshape(n, -1), may_end=False)[1]
        alone = alone.reshape(some.shape)
        highest_alone = (alone + added).max(axis=1).T
        # squares of normal scores have the exponential tail that is fitted
        tail = _tail_pvalues(_square(statistic[beyond]), _square(highest_alone))
        pvalues[beyond] = np.minimum(pvalues[beyond], tail)
    return ScaleTest(statistic, pvalues, scale)


def _square(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Square values, and keep their signs."""
    return np.sign(values) * values**2


def sequential_pvalue(
    score: float,
    permuted_scores: Callable[[range], NDArray[np.float64]],
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
        permuted = permuted_scores(numbers)[None]
        n_as_high += int(_count_as_high(np.array([score]), permuted)[0])
        if (1 + n_as_high) / (1 + n_permutations) > alpha:
            return (1 + n_as_high) / (1 + numbers.stop)
    return (1 + n_as_high) / (1 + n_permutations)


class Comparison(NamedTuple):
    """Normal scores of candidates, and the highest one of each permutation."""

    standard: NDArray[np.float64]  # (n_candidates,)
    highest: NDArray[np.float64]  # (n_permutations,)

    @property
    def n_as_high(self) -> NDArray[np.intp]:
        """The number of permutations whose highest score is at least as high."""
        ascending = np.sort(self.highest)
        n_lower = np.searchsorted(ascending, self.standard - _SLACK, side="left")
        return len(ascending) - n_lower

    def is_clear(self, candidate: int) -> bool:
        """Return whether a candidate is so far above all permutations that it is safe.

        Its tail probability is a tenth of that of the highest permuted score, or less.
        """
        margin = log_ndtr(-self.highest.max()) - log_ndtr(-self.standard[candidate])
        return bool(margin >= math.log(10))


def standardize(
    scores: NDArray[np.float64],
    permuted: NDArray[np.float64],
    alike: NDArray[np.bool_] | None = None,
) -> Comparison:
    """Replace the scores of each candidate by normal scores of its own null.

    The null distribution is a gamma distribution of any location (Pearson's type III),
    as information of independent columns has. Its quantiles become normal by the cube
    root of Wilson and Hilferty. Each score is compared with the mean, the variance and
    the skewness of all others of the candidate, permuted or not. So the scores of an
    independent candidate remain exchangeable, and p-values are exact. If all others are
    equal, a higher score is only known to be the highest, and gets the normal score of
    this rank; any other gets -inf.

    Parameters
    ----------
    scores : ndarray of shape (n_candidates,)
    permuted : ndarray of shape (n_permutations, n_candidates)
    alike : ndarray of shape (n_candidates,), dtype bool, default=None
        Candidates that have the same null distribution. They share their moments, whose
        errors would otherwise make the highest score of many candidates more variable.
    """
    n, n_candidates = permuted.shape
    standard, highest = np.empty(n_candidates), np.full(n, -np.inf)
    step = max(1, _VALUES_PER_STEP // n)
    for start in range(0, n_candidates, step):
        some = slice(start, start + step)
        standard[some], normal = _compare_with_others(
            scores[some], permuted[:, some], None if alike is None else alike[some]
        )
        np.maximum(highest, normal.max(axis=1), out=highest)
    return Comparison(standard, highest)


def _compare_with_others(
    scores: NDArray[np.float64] | None,
    permuted: NDArray[np.float64],
    alike: NDArray[np.bool_] | None = None,
    may_end: bool = True,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the normal scores of the scores and of the permuted scores.

    Without scores, the permuted scores are compared with each other only. Unless
    `may_end`, a negative skewness is by chance: such a null distribution ends above.
    """
    centre, scale = permuted.mean(axis=0), permuted.std(axis=0)
    scale = np.where(scale > _ROUNDING, scale, 1)
    centre, scale = _share(centre, alike), _share(scale, alike)
    permuted = (permuted - centre) / scale
    powers = [permuted, permuted**2, permuted**3]
    totals = [power.sum(axis=0) for power in powers]
    others = [total - power for total, power in zip(totals, powers, strict=True)]
    n = len(permuted)
    if scores is None:
        return np.empty(0), _normal_scores(permuted, n - 1, others, alike, may_end)
    own = (scores - centre) / scale
    with_own = [other + own**k for k, other in enumerate(others, 1)]
    return (
        _normal_scores(own, n, totals, alike, may_end),
        _normal_scores(permuted, n, with_own, alike, may_end),
    )


def _share(
    values: NDArray[np.float64], alike: NDArray[np.bool_] | None
) -> NDArray[np.float64]:
    """Replace the values of candidates that are alike by their median.

    A few candidates that depend on the target hardly change a median.
    """
    if alike is None or np.count_nonzero(alike) < 2:
        return values
    values = values.copy()
    values[..., alike] = np.median(values[..., alike], axis=-1, keepdims=True)
    return values


def _normal_scores(
    values: NDArray[np.float64],
    n: int,
    sums: list[NDArray[np.float64]],
    alike: NDArray[np.bool_] | None,
    may_end: bool,
) -> NDArray[np.float64]:
    """Return normal scores of values, from sums of powers of the n other values."""
    total, squares, cubes = sums
    mean = total / n
    variance = squares / n - mean**2
    varies = variance > _LEAST_VARIANCE
    std = np.sqrt(np.where(varies, variance, 1))
    skewness = (cubes / n - 3 * mean * squares / n + 2 * mean**3) / std**3
    mean, std, skewness = (_share(each, alike) for each in (mean, std, skewness))
    size = np.abs(skewness) if may_end else skewness
    skewness = np.where(size > _LEAST_SKEWNESS, skewness, _LEAST_SKEWNESS)
    root = np.cbrt(np.maximum(1 + skewness * (values - mean) / std / 2, 0))
    normal = (root - 1) * 6 / skewness + skewness / 6
    is_above = values - mean > _LEAST_VARIANCE**0.5
    alone = np.where(is_above, -ndtri(1 / (n + 1)), -np.inf)
    limited: NDArray[np.float64] = np.where(varies, normal, alone)
    return limited
