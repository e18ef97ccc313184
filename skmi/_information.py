"""Which quantity for which candidate: relevances, and lazy vectors of pair terms."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._columns import Columns
from skmi._parallel import chunk_columns, worker_pool
from skmi.estimators import Estimator

__all__ = ["Information", "estimate_relevance"]


def estimate_relevance(
    estimator: Estimator, X: Columns, y: Columns, n_jobs: int | None = None
) -> NDArray[np.float64]:
    """I(f; y) of every column of X, prepared a chunk at a time."""
    target = _prepare_target(estimator, X.n_samples, y)
    with worker_pool(n_jobs) as run:
        parts = run(
            _relevance_of_chunk,
            [
                (estimator, X, chunk, target)
                for chunk in chunk_columns(X.n_columns, X.n_samples, n_jobs)
            ],
        )
    return np.concatenate(parts)


def _prepare_target(estimator: Estimator, n_samples: int, y: Columns) -> Any:
    estimator.check(n_samples)
    return estimator.as_target(estimator.prepare(y, np.zeros(1, dtype=np.intp)), 0)


def _prepare_chunk(estimator: Estimator, X: Columns, chunk: slice) -> Any:
    return estimator.prepare(X, np.arange(chunk.start, chunk.stop))


def _relevance_of_chunk(
    estimator: Estimator, X: Columns, chunk: slice, target: Any
) -> NDArray[np.float64]:
    block = _prepare_chunk(estimator, X, chunk)
    return estimator.mi(block, np.arange(chunk.stop - chunk.start), target)


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
        self.target = _prepare_target(estimator, X.n_samples, y)
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
