"""Estimates of single variables: a pair, a relevance for every column, a matrix."""

from functools import cached_property, partial
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, name_of
from skmi._utils.parallel import split_columns, split_evenly, worker_pool
from skmi.estimators import Block, Estimator, JoinError, Target

__all__ = [
    "Variable",
    "estimate_matrix",
    "estimate_relevance",
    "prepare_chunk",
    "prepare_target",
]

# Tiles along each side of the matrix of all pairs. A tile on the diagonal computes its
# pairs twice. With more tiles these are fewer, but every tile prepares its targets.
_TILES = 8

_FIRST = np.zeros(1, dtype=np.intp)


class Variable:
    """One variable of one or several dimensions, prepared once."""

    def __init__(self, estimator: Estimator, columns: Columns):
        estimator.check(columns.n_samples)
        self._estimator = estimator
        self._block = estimator.prepare(columns, np.arange(columns.n_columns))
        if columns.n_columns > 1:
            try:
                self._block = estimator.join(self._block)
            except JoinError as error:
                name = partial(name_of, columns)
                raise ValueError(error.describe(name)) from error

    @cached_property
    def target(self) -> Target:
        """The variable as a prepared target."""
        return self._estimator.as_target(self._block, 0)

    def information(self, other: "Variable", given: "Variable | None" = None) -> float:
        """Return I(self; other), or I(self; other | given)."""
        if given is None:
            return float(self._estimator.mi(self._block, _FIRST, other.target)[0])
        conditioned = self._estimator.condition(other.target, given.target)
        return float(self._estimator.cmi(self._block, _FIRST, conditioned)[0])

    def by_chance(self, other: "Variable", given: "Variable | None" = None) -> float:
        """Return what `information` leaves out because it is expected by chance."""
        target = other.target
        if given is not None:
            target = self._estimator.condition(target, given.target)
        return float(self._estimator.expected_by_chance(self._block, _FIRST, target)[0])

    @property
    def entropy(self) -> float:
        """H(self)."""
        return float(self._estimator.entropy(self._block, _FIRST)[0])


def prepare_target(
    estimator: Estimator, source: Columns, columns: NDArray[np.intp]
) -> Target:
    """Prepare columns as one target.

    Raises
    ------
    JoinError
        If they cannot be joined to one variable.
    """
    block = estimator.prepare(source, columns)
    if len(columns) > 1:
        block = estimator.join(block)
    return estimator.as_target(block, 0)


def prepare_chunk(estimator: Estimator, X: Columns, chunk: slice) -> Block:
    """Prepare consecutive columns as a block."""
    return estimator.prepare(X, np.arange(chunk.start, chunk.stop))


def estimate_relevance(
    estimator: Estimator, X: Columns, y: Columns, n_jobs: int | None = None
) -> NDArray[np.float64]:
    """Estimate I(f; y) of every column of X; each job prepares one chunk at a time."""
    target = Variable(estimator, y).target
    with worker_pool(n_jobs) as run:
        relevances = run(
            _estimate_chunk,
            [
                (estimator, X, chunk, target)
                for chunk in split_columns(X.n_columns, X.n_samples, n_jobs)
            ],
        )
    return np.concatenate(relevances)


def _estimate_chunk(
    estimator: Estimator, X: Columns, chunk: slice, target: Target
) -> NDArray[np.float64]:
    block = prepare_chunk(estimator, X, chunk)
    return estimator.mi(block, np.arange(chunk.stop - chunk.start), target)


def estimate_matrix(
    estimator: Estimator,
    X: Columns,
    n_jobs: int | None = None,
    by_chance: bool = False,
) -> NDArray[np.float64]:
    """Estimate I(f; g) of all pairs of columns of X: compute half, and mirror it.

    If by_chance is true, return what the estimates leave out instead.
    """
    estimator.check(X.n_samples)
    chunks = split_evenly(X.n_columns, _TILES)
    with worker_pool(n_jobs) as run:
        blocks = run(prepare_chunk, [(estimator, X, chunk) for chunk in chunks])
        prepared = zip(blocks, chunks, strict=True)
        pairs = list(combinations_with_replacement(prepared, 2))
        tiles = run(
            _chance_of_tile if by_chance else _estimate_tile,
            [(estimator, *one, *other) for one, other in pairs],
        )
    matrix = np.empty((X.n_columns, X.n_columns))
    for ((_, rows), (_, columns)), tile in zip(pairs, tiles, strict=True):
        if rows == columns:
            tile = np.triu(tile) + np.triu(tile, 1).T
        matrix[rows, columns] = tile
        matrix[columns, rows] = tile.T
    return matrix


def _estimate_tile(
    estimator: Estimator, block: Block, rows: slice, other: Block, columns: slice
) -> NDArray[np.float64]:
    return estimator.matrix(
        block,
        np.arange(rows.stop - rows.start),
        other,
        np.arange(columns.stop - columns.start),
    )


def _chance_of_tile(
    estimator: Estimator, block: Block, rows: slice, other: Block, columns: slice
) -> NDArray[np.float64]:
    every = np.arange(rows.stop - rows.start)
    targets = (
        estimator.as_target(other, column)
        for column in range(columns.stop - columns.start)
    )
    return np.stack(
        [estimator.expected_by_chance(block, every, target) for target in targets],
        axis=1,
    )
