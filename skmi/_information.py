"""Which quantity for which candidate: relevances, and lazy vectors of pair terms."""

from collections.abc import Callable
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._columns import Columns
from skmi._parallel import chunk_columns, cut_evenly, worker_pool
from skmi.estimators import Estimator

__all__ = [
    "PER_NAT",
    "Information",
    "Variable",
    "estimate_matrix",
    "estimate_relevance",
]

PER_NAT = {"nats": 1.0, "bits": 1 / np.log(2), "hartleys": 1 / np.log(10)}

# Tiles on a side of the matrix of all pairs. Of those on the diagonal half is computed
# in vain, the fewer the tiles the more; and each makes targets of its columns anew.
_TILES = 8

_FIRST = np.zeros(1, dtype=np.intp)


class Variable:
    """One variable, of one dimension or several, prepared once."""

    def __init__(self, estimator: Estimator, columns: Columns):
        estimator.check(columns.n_samples)
        self._estimator = estimator
        self._block = estimator.prepare(columns, np.arange(columns.n_columns))
        if columns.n_columns > 1:
            self._block = estimator.join(self._block)

    @cached_property
    def target(self) -> Any:
        """What other columns are held against."""
        return self._estimator.as_target(self._block, 0)

    def information(self, other: "Variable", given: "Variable | None" = None) -> float:
        """I(self; other), or I(self; other | given)."""
        if given is None:
            return self._estimator.mi(self._block, _FIRST, other.target)[0]
        both = self._estimator.condition(other.target, given.target)
        return self._estimator.cmi(self._block, _FIRST, both)[0]

    @property
    def entropy(self) -> float:
        """H(self)."""
        return self._estimator.entropy(self._block, _FIRST)[0]


def estimate_relevance(
    estimator: Estimator, X: Columns, y: Columns, n_jobs: int | None = None
) -> NDArray[np.float64]:
    """I(f; y) of every column of X, prepared a chunk at a time."""
    target = Variable(estimator, y).target
    with worker_pool(n_jobs) as run:
        parts = run(
            _relevance_of_chunk,
            [
                (estimator, X, chunk, target)
                for chunk in chunk_columns(X.n_columns, X.n_samples, n_jobs)
            ],
        )
    return np.concatenate(parts)


def _prepare_chunk(estimator: Estimator, X: Columns, chunk: slice) -> Any:
    return estimator.prepare(X, np.arange(chunk.start, chunk.stop))


def _relevance_of_chunk(
    estimator: Estimator, X: Columns, chunk: slice, target: Any
) -> NDArray[np.float64]:
    block = _prepare_chunk(estimator, X, chunk)
    return estimator.mi(block, np.arange(chunk.stop - chunk.start), target)


def estimate_matrix(
    estimator: Estimator, X: Columns, n_jobs: int | None = None
) -> NDArray[np.float64]:
    """I(f; g) of all pairs of columns of X: one half in tiles, and its mirror image."""
    estimator.check(X.n_samples)
    chunks = cut_evenly(X.n_columns, _TILES)
    with worker_pool(n_jobs) as run:
        blocks = run(_prepare_chunk, [(estimator, X, chunk) for chunk in chunks])
        prepared = zip(blocks, chunks, strict=True)
        pairs = list(combinations_with_replacement(prepared, 2))
        tiles = run(_tile, [(estimator, *one, *other) for one, other in pairs])
    matrix = np.empty((X.n_columns, X.n_columns))
    for ((_, rows), (_, columns)), tile in zip(pairs, tiles, strict=True):
        if rows == columns:
            tile = np.triu(tile) + np.triu(tile, 1).T
        matrix[rows, columns] = tile
        matrix[columns, rows] = tile.T
    return matrix


def _tile(
    estimator: Estimator, block: Any, rows: slice, other: Any, columns: slice
) -> NDArray[np.float64]:
    return estimator.matrix(
        block,
        np.arange(rows.stop - rows.start),
        other,
        np.arange(columns.stop - columns.start),
    )


class Information:
    """The table prepared once, and what is asked of it during a search.

    Parameters
    ----------
    estimator : Estimator
    X, y : Columns
    run : callable
        Maps a function over argument tuples, as `worker_pool` gives it.
    n_jobs : int or None
        How many chunks to make of X.
    """

    def __init__(
        self,
        estimator: Estimator,
        X: Columns,
        y: Columns,
        run: Callable,
        n_jobs: int | None,
    ):
        self.estimator = estimator
        self.run = run
        self.target = Variable(estimator, y).target
        chunks = chunk_columns(X.n_columns, X.n_samples, n_jobs)
        self.starts = np.array([chunk.start for chunk in chunks])
        self.blocks = run(_prepare_chunk, [(estimator, X, chunk) for chunk in chunks])
        self.relevance = self.map_chunks(
            estimator.mi, np.arange(X.n_columns), self.target
        )

    def map_chunks(
        self, verb: Callable, columns: NDArray[np.intp], target: Any
    ) -> NDArray[np.float64]:
        """Apply a verb to ascending columns, chunk by chunk."""
        ends = np.searchsorted(columns, self.starts)
        parts = [
            (block, part - start, target)
            for block, part, start in zip(
                self.blocks, np.split(columns, ends[1:]), self.starts, strict=True
            )
            if len(part)
        ]
        return np.concatenate([np.empty(0), *self.run(verb, parts)])

    def as_target(self, column: int) -> Any:
        """One column of X as a target."""
        chunk = np.searchsorted(self.starts, column, side="right") - 1
        return self.estimator.as_target(self.blocks[chunk], column - self.starts[chunk])

    def pair(self, candidates: NDArray[np.intp], selected: int) -> "Pair":
        """The terms of every candidate with one selected column."""
        return Pair(self, candidates, selected)


class Pair:
    """Terms of candidates f with a selected feature s, computed when first touched."""

    def __init__(
        self, information: Information, candidates: NDArray[np.intp], selected: int
    ):
        self._information = information
        self._candidates = candidates
        self._selected = selected

    @cached_property
    def _given(self) -> Any:
        return self._information.as_target(self._selected)

    @cached_property
    def redundancy(self) -> NDArray[np.float64]:
        """I(f; s)."""
        verb = self._information.estimator.mi
        return self._information.map_chunks(verb, self._candidates, self._given)

    @cached_property
    def conditional_relevance(self) -> NDArray[np.float64]:
        """I(f; y | s)."""
        estimator, target = self._information.estimator, self._information.target
        return self._information.map_chunks(
            estimator.cmi, self._candidates, estimator.condition(target, self._given)
        )

    @cached_property
    def joint_relevance(self) -> NDArray[np.float64]:
        """I(f, s; y) = I(s; y) + I(f; y | s)."""
        of_s = self._information.relevance[self._selected]
        return of_s + self.conditional_relevance
