"""How probable scores as high as these are where a feature tells nothing."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, f

from skmi._columns import Columns
from skmi._parallel import chunk_columns, worker_pool
from skmi.estimators import Estimator, GaussianCopula, PlugIn

__all__ = [
    "analytic_pvalues",
    "check_permutations",
    "permutation_pvalues",
    "rank_among",
]

# Scores that differ by less, in nats, are equal but for rounding.
_ROUNDING = 1e-10
# How many of the highest permuted scores a tail is fitted to: a quarter of all, and
# none if these are too few to tell its shape.
_MOST_IN_TAIL, _FEWEST_IN_TAIL = 250, 25
# Samples of a class below which the copula leaves it out: d + 2 of one dimension.
_LEAST_CLASS = 3
# Values of permuted targets that are prepared together.
_AT_ONCE = 2**16

_FIRST = np.zeros(1, dtype=np.intp)

_Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def _over_chunks(
    function: Callable[..., _Pair], X: Columns, chunks: list[slice], n_jobs, *rest
) -> _Pair:
    """Scores and p-values of all columns, a chunk at a time."""
    with worker_pool(n_jobs) as run:
        parts = run(function, [(X, np.arange(c.start, c.stop), *rest) for c in chunks])
    scores, pvalues = zip(*parts, strict=True)
    return np.concatenate(scores), np.concatenate(pvalues)


def _as_target(estimator: Estimator, y: Columns) -> Any:
    return estimator.as_target(estimator.prepare(y, _FIRST), 0)


# --- permutations


def check_permutations(n_permutations: int, alpha: float) -> None:
    """Raise ValueError if no p-value can be as low as alpha."""
    needed = math.ceil(1 / alpha - 1e-9) - 1
    if n_permutations < needed:
        raise ValueError(
            f"n_permutations={n_permutations} gives no p-value up to alpha={alpha:g}: "
            f"{needed} or more are needed."
        )


def permutation_pvalues(
    estimator: Estimator,
    X: Columns,
    y: Columns,
    n_permutations: int,
    seed: int,
    n_jobs: int | None = None,
) -> _Pair:
    """I(f; y) of every column of X, and how often a permuted y has as much.

    X is prepared once. The permutations are those of the seed: the same for every
    column, whatever the chunks.
    """
    estimator.check(X.n_samples)
    # as many permuted scores are held as values of X
    chunks = chunk_columns(X.n_columns, max(X.n_samples, n_permutations), n_jobs)
    return _over_chunks(
        _permute, X, chunks, n_jobs, y.recode(_FIRST), estimator, n_permutations, seed
    )


def _permute(
    X: Columns,
    columns: NDArray[np.intp],
    y: Columns,
    estimator: Estimator,
    n_permutations: int,
    seed: int,
) -> _Pair:
    block, every = estimator.prepare(X, columns), np.arange(len(columns))
    scores = estimator.mi(block, every, _as_target(estimator, y))
    permuted = np.empty((len(columns), n_permutations))
    step = max(1, _AT_ONCE // y.n_samples)
    for start in range(0, n_permutations, step):
        orders = [
            np.random.default_rng([seed, i]).permutation(y.n_samples)
            for i in range(start, min(start + step, n_permutations))
        ]
        for i, target in enumerate(estimator.permuted_targets(y, np.stack(orders))):
            permuted[:, start + i] = estimator.mi(block, every, target)
    return scores, rank_among(scores, permuted)


def rank_among(
    scores: NDArray[np.float64], permuted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(1 + permuted scores as high) / (1 + all), or less in the tail beyond them."""
    slack = _ROUNDING * np.maximum(1, np.abs(scores))
    n_as_high = (permuted >= (scores - slack)[:, None]).sum(axis=1)
    pvalues = (1 + n_as_high) / (1 + permuted.shape[1])
    beyond = n_as_high == 0
    tail = _tail(scores[beyond], permuted[beyond])
    pvalues[beyond] = np.minimum(pvalues[beyond], tail)
    return pvalues


def _tail(
    scores: NDArray[np.float64], permuted: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Continue the highest of the permuted scores by a generalised Pareto tail.

    Its two parameters are found by probability-weighted moments. The shape is not let
    below 0: such a tail ends, and what is beyond its end would have p = 0.
    """
    n_permuted = permuted.shape[1]
    n_tail = min(_MOST_IN_TAIL, n_permuted // 4)
    if n_tail < _FEWEST_IN_TAIL:
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


# --- distributions that are known


def analytic_pvalues(
    estimator: Estimator, X: Columns, y: Columns, n_jobs: int | None = None
) -> _Pair:
    """I(f; y) of every column of X, and its p-value by a distribution that is known.

    Raises
    ------
    ValueError
        If none is known for the estimator.
    """
    if type(estimator) not in _TESTS:
        able = " and ".join(known.__name__ for known in _TESTS)
        raise ValueError(
            f"p_value='analytic' is known for {able} only, not for "
            f"{type(estimator).__name__}; take p_value='permutation'."
        )
    estimator.check(X.n_samples)
    chunks = chunk_columns(X.n_columns, X.n_samples, n_jobs)
    return _over_chunks(_analyse, X, chunks, n_jobs, y.recode(_FIRST), estimator)


def _analyse(
    X: Columns, columns: NDArray[np.intp], y: Columns, estimator: Estimator
) -> _Pair:
    block, every = estimator.prepare(X, columns), np.arange(len(columns))
    target = _as_target(estimator, y)
    pvalues = estimator.pvalues(block, every, target)
    return estimator.mi(block, every, target), pvalues


def _level_counts(codes: NDArray) -> list[NDArray[np.intp]]:
    """How many samples each level has, row by row."""
    return [np.bincount(row) for row in codes]


def _g_test(information, codes: NDArray, of_y: NDArray) -> NDArray[np.float64]:
    """2 n I against chi-square with (levels of f - 1) (levels of y - 1) degrees."""
    n_f, (n_y,) = (
        np.array([np.count_nonzero(counts) for counts in _level_counts(rows)])
        for rows in (codes, of_y)
    )
    return _chi_square(2 * codes.shape[1] * information, (n_f - 1) * (n_y - 1))


def _chi_square(statistic, dof) -> NDArray[np.float64]:
    return np.where(dof > 0, chi2.sf(statistic, np.maximum(dof, 1)), 1)


def _correlation_test(information, n_samples: int) -> NDArray[np.float64]:
    """(n - 2) r^2 / (1 - r^2) against F, of r^2 = 1 - exp(-2 I)."""
    if n_samples < 3:
        return np.ones(len(information))
    statistic = (n_samples - 2) * np.expm1(2 * information)
    return f.sf(statistic, 1, n_samples - 2)


def _variance_test(
    information, corrected, class_counts: Sequence[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """2 n I against chi-square with 2 (classes - 1) degrees, after Bartlett.

    Its mean over independent samples is what the correction takes away: the statistic
    is scaled so that this is the degrees of freedom.
    """
    kept = [counts[counts >= _LEAST_CLASS] for counts in class_counts]
    dof = np.array([2 * (len(counts) - 1) for counts in kept])
    mean = information - corrected
    usable = (dof > 0) & (mean > 0)
    statistic = dof * information / np.where(usable, mean, 1)
    return _chi_square(statistic, np.where(usable, dof, 0))


def _test_plugin(information, block, of_y) -> NDArray[np.float64]:
    return _g_test(information(correction=None), block.codes, of_y.codes)


def _test_copula(information, block, of_y) -> NDArray[np.float64]:
    raw, corrected = information(correction=False), information(correction=True)
    numbers, levels = ~block.is_discrete, block.is_discrete
    pvalues = np.empty(len(raw))
    if of_y.is_discrete[0]:
        pvalues[levels] = _g_test(
            raw[levels], block.discrete.codes, of_y.discrete.codes
        )
        class_counts = _level_counts(of_y.discrete.codes) * numbers.sum()
        pvalues[numbers] = _variance_test(
            raw[numbers], corrected[numbers], class_counts
        )
    else:
        n_samples = of_y.continuous.rows.shape[1]
        pvalues[numbers] = _correlation_test(raw[numbers], n_samples)
        pvalues[levels] = _variance_test(
            raw[levels], corrected[levels], _level_counts(block.discrete.codes)
        )
    return pvalues


# The correction is of the score, not of the statistic.
_TESTS: dict[type[Estimator], Callable[..., NDArray[np.float64]]] = {
    PlugIn: _test_plugin,
    GaussianCopula: _test_copula,
}
