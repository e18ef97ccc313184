"""Scores of all columns with their p-values, by permutation or by an analytic test."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._estimation.exchange import Exchange
from skmi._estimation.permutation import permutation_pvalues
from skmi._estimation.scales import compare_scales
from skmi._estimation.variables import prepare_target
from skmi._utils.parallel import split_columns, worker_pool
from skmi.estimators import Estimator, require

__all__ = ["score_analytically", "score_by_permutation"]

ScoresAndPvalues = tuple[NDArray[np.float64], NDArray[np.float64]]

# Number of values of the permuted targets that are prepared together.
_PREPARED_VALUES = 2**16

_FIRST = np.zeros(1, dtype=np.intp)


def score_by_permutation(
    estimator: Estimator,
    X: Columns,
    y: Columns,
    n_permutations: int,
    seed: int,
    exchange: Exchange,
    test: str,
    n_jobs: int | None = None,
) -> ScoresAndPvalues:
    """Estimate I(f; y) of every column of X, and its p-value by permutations of y.

    With test="scales", the p-values are those of a test over several scales; with
    test="score", the estimate is the statistic. X is prepared once. The seed determines
    the permutations, which are the same for every column. No p-value is below the
    smallest that the exchange can produce.
    """
    estimator.check(X.n_samples)
    # a chunk needs memory for its values and for its permuted scores
    chunks = split_columns(X.n_columns, max(X.n_samples, n_permutations), n_jobs)
    arguments = (y.recode(_FIRST), estimator, test, n_permutations, seed, exchange)
    return _run_chunks(_score_chunk_by_permutation, X, chunks, n_jobs, *arguments)


def score_analytically(
    estimator: Estimator, X: Columns, y: Columns, n_jobs: int | None = None
) -> ScoresAndPvalues:
    """Estimate I(f; y) of every column of X, and its p-value by the estimator's test.

    Raises
    ------
    ValueError
        If the estimator has no analytic test.
    """
    require(estimator, {"pvalues"}, "p_value='analytic'", "set p_value='permutation'")
    estimator.check(X.n_samples)
    chunks = split_columns(X.n_columns, X.n_samples, n_jobs)
    return _run_chunks(
        _score_chunk_analytically, X, chunks, n_jobs, y.recode(_FIRST), estimator
    )


def _run_chunks(
    function: Callable[..., ScoresAndPvalues],
    X: Columns,
    chunks: list[slice],
    n_jobs: int | None,
    *arguments: Any,
) -> ScoresAndPvalues:
    with worker_pool(n_jobs) as run:
        results = run(
            function, [(X, np.arange(c.start, c.stop), *arguments) for c in chunks]
        )
    scores, pvalues = zip(*results, strict=True)
    return np.concatenate(scores), np.concatenate(pvalues)


def _score_chunk_by_permutation(
    X: Columns,
    columns: NDArray[np.intp],
    y: Columns,
    estimator: Estimator,
    test: str,
    n_permutations: int,
    seed: int,
    exchange: Exchange,
) -> ScoresAndPvalues:
    block, every = estimator.prepare(X, columns), np.arange(len(columns))
    target = prepare_target(estimator, y, _FIRST)
    scores = estimator.mi(block, every, target)
    if test == "scales":
        pvalues = compare_scales(X, columns, y, n_permutations, seed, exchange).pvalue
        return scores, np.maximum(pvalues, 1 / exchange.n_distinct)
    permuted = np.empty((len(columns), n_permutations))
    step = max(1, _PREPARED_VALUES // y.n_samples)
    for start in range(0, n_permutations, step):
        numbers = range(start, min(start + step, n_permutations))
        orders = exchange.orders(seed, numbers)
        drawn = permuted[:, numbers.start : numbers.stop]
        if "reorder" in estimator.provides:
            drawn[:] = estimator.permuted_mi(block, every, target, orders).T
            continue
        for i, each in enumerate(estimator.permuted_targets(y, orders)):
            drawn[:, i] = estimator.mi(block, every, each)
    pvalues = permutation_pvalues(scores, permuted)
    return scores, np.maximum(pvalues, 1 / exchange.n_distinct)


def _score_chunk_analytically(
    X: Columns, columns: NDArray[np.intp], y: Columns, estimator: Estimator
) -> ScoresAndPvalues:
    block, every = estimator.prepare(X, columns), np.arange(len(columns))
    target = prepare_target(estimator, y, _FIRST)
    pvalues = estimator.pvalues(block, every, target)
    return estimator.mi(block, every, target), pvalues
