"""A table that is prepared once, and small views of the table.

A `PreparedTable` is immutable. A `TableView` adds a target; a `PermutedView` also
permutes the samples of the target and of the selected features. Neither keeps a pool of
workers: the runner is an argument.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._estimation.variables import Variable, prepare_chunk
from skmi._utils.parallel import Runner, run_serially, split_columns
from skmi.estimators import Estimator

__all__ = ["PermutedView", "PreparedTable", "SelectedFeatures", "TableView"]

# Most values of the conditions that a view keeps; each has one value for each sample.
_KEPT_VALUES = 2**20


@dataclass(frozen=True)
class PreparedTable:
    """The columns of X as an estimator has prepared them, in blocks.

    Parameters
    ----------
    estimator : Estimator
    blocks : tuple
        What `Estimator.prepare` returned for each chunk of columns.
    starts : ndarray of shape (n_blocks,)
        The first column of each block.
    n_samples, n_columns : int
    """

    estimator: Estimator
    blocks: tuple[Any, ...]
    starts: NDArray[np.intp]
    n_samples: int
    n_columns: int
    _entropies: list[NDArray[np.float64]] = field(default_factory=list, repr=False)

    @classmethod
    def prepare(
        cls, estimator: Estimator, X: Columns, run: Runner, n_jobs: int | None
    ) -> PreparedTable:
        """Prepare all columns of X, at least one block for each job."""
        chunks = split_columns(X.n_columns, X.n_samples, n_jobs)
        blocks = run(prepare_chunk, [(estimator, X, chunk) for chunk in chunks])
        starts = np.array([chunk.start for chunk in chunks])
        return cls(estimator, tuple(blocks), starts, X.n_samples, X.n_columns)

    def map(
        self,
        verb: Callable[..., NDArray[np.float64]],
        columns: NDArray[np.intp],
        *arguments: Any,
        run: Runner = run_serially,
    ) -> NDArray[np.float64]:
        """Apply a method of the estimator to ascending columns, block by block."""
        if not len(columns):
            return np.empty(0)
        ends = np.searchsorted(columns, self.starts)
        calls = [
            (block, chosen - start, *arguments)
            for block, chosen, start in zip(
                self.blocks, np.split(columns, ends[1:]), self.starts, strict=True
            )
            if len(chosen)
        ]
        return np.concatenate(run(verb, calls), axis=-1)

    def as_target(self, column: int) -> Any:
        """Return one column as a prepared target."""
        block = np.searchsorted(self.starts, column, side="right") - 1
        return self.estimator.as_target(self.blocks[block], column - self.starts[block])

    def entropies(self, run: Runner = run_serially) -> NDArray[np.float64]:
        """Return H(f) of every column, computed at the first call."""
        if not self._entropies:
            every = np.arange(self.n_columns)
            self._entropies.append(self.map(self.estimator.entropy, every, run=run))
        return self._entropies[0]


@dataclass(frozen=True)
class SelectedFeatures:
    """Estimates of the selected features that every permutation has in common.

    They are the same because the target and the selected features are permuted
    together. Only the view of the original order adds to them.

    Parameters
    ----------
    relevance : ndarray of shape (n_columns,)
        I(f; y) of every column.
    conditional : dict of (int, int) to float
        I(s; y | t) of pairs (s, t).
    independent : dict of tuple to tuple
        For a sequence of columns, those that earlier columns do not determine.
    """

    relevance: NDArray[np.float64]
    conditional: dict[tuple[int, int], float] = field(default_factory=dict)
    independent: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)


class TableView:
    """A prepared table and a target.

    Parameters
    ----------
    table : PreparedTable
    y : Columns
    source : Columns or None
        The columns of the table before they were prepared. They are read if several of
        them are joined to one variable.
    run : callable
    """

    def __init__(
        self,
        table: PreparedTable,
        y: Columns,
        source: Columns | None = None,
        run: Runner = run_serially,
    ):
        self.table, self._source = table, source
        self._set_target(y)
        self.relevance = self._compute_relevance(run)
        self.selected = SelectedFeatures(self.relevance)

    def _set_target(self, y: Columns) -> None:
        self.target = Variable(self.table.estimator, y).target
        self._conditions: OrderedDict[tuple[int, ...], Any] = OrderedDict()

    def _compute_relevance(self, run: Runner) -> NDArray[np.float64]:
        every = np.arange(self.table.n_columns)
        return self.table.map(self.table.estimator.mi, every, self.target, run=run)

    def redundancy(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; s) of every candidate."""
        verb = self.table.estimator.mi
        return self.table.map(verb, candidates, self.as_target(s), run=run)

    def relevance_given(
        self, candidates: NDArray[np.intp], selected: tuple[int, ...], run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | selected) of every candidate."""
        if not selected:
            return self.relevance[candidates]
        verb = self.table.estimator.cmi
        return self.table.map(verb, candidates, self.condition(selected), run=run)

    def relevance_of_selected(self, s: int, t: int) -> float:
        """Return I(s; y | t) of two selected features."""
        known = self.selected.conditional
        if (s, t) not in known:
            known[s, t] = float(
                self.relevance_given(np.array([s]), (t,), run_serially)[0]
            )
        return known[s, t]

    def condition(self, selected: tuple[int, ...]) -> Any:
        """Return the target given selected features; keep the most recent results."""
        known = self._conditions.pop(selected, None)
        if known is None:
            given = self._join(selected)
            known = self.table.estimator.condition(self.target, given)
        self._conditions[selected] = known
        while (len(self._conditions) - 1) * self.table.n_samples >= _KEPT_VALUES:
            self._conditions.popitem(last=False)
        return known

    def as_target(self, column: int) -> Any:
        """Return a selected feature as a prepared target."""
        return self.table.as_target(column)

    def _join(self, columns: tuple[int, ...]) -> Any:
        """Return several columns as one target, without those that others determine."""
        if len(columns) == 1:
            return self.as_target(columns[0])
        known = self.selected.independent
        for i in range(2, len(columns)):
            # not known if the search continues a cached path
            if columns[:i] not in known:
                self._join(columns[:i])
        *earlier, newest = columns
        before = known.get(tuple(earlier), tuple(earlier))
        try:
            joint = self._join_all((*before, newest))
        except ValueError:  # the newest column is a combination of those before
            known[columns] = before
            return self._join(before)
        independent = (*before, newest)
        known[columns] = known[independent] = independent
        return joint

    def _join_all(self, columns: tuple[int, ...]) -> Any:
        assert self._source is not None
        return _prepare_target(self.table.estimator, self._source, np.sort(columns))


class PermutedView(TableView):
    """The same candidates, with a permuted target and permuted selected features.

    The target and the selected features are permuted together: the information that
    they share stays the same, and they become independent of the candidates.

    Parameters
    ----------
    table : PreparedTable
    y : Columns
        The target, an array of numbers in the original order.
    columns : dict of int to Columns
        Each selected feature, an array of numbers in the original order.
    selected : SelectedFeatures
        Those of the view of the original order.
    order : ndarray of shape (n_samples,)
    relevance : ndarray of shape (n_columns,), optional
        I(f; y) in this order, if it is known.
    """

    def __init__(
        self,
        table: PreparedTable,
        y: Columns,
        columns: dict[int, Columns],
        selected: SelectedFeatures,
        order: NDArray[np.intp],
        relevance: NDArray[np.float64] | None = None,
    ):
        self.table, self._columns, self._order = table, columns, order
        self._set_target(y.reorder(order))
        if relevance is None:
            relevance = self._compute_relevance(run_serially)
        self.relevance = relevance
        # a copy, because other threads read the original
        self.selected = SelectedFeatures(
            selected.relevance, selected.conditional, dict(selected.independent)
        )

    def relevance_of_selected(self, s: int, t: int) -> float:
        """Return I(s; y | t) of two selected features, which is known."""
        return self.selected.conditional[s, t]

    def as_target(self, column: int) -> Any:
        """Return a selected feature as a prepared target."""
        return self._join_all((column,))

    def _join_all(self, columns: tuple[int, ...]) -> Any:
        chosen = [self._columns[column] for column in sorted(columns)]
        values = np.hstack([each.source for each in chosen])[self._order]
        discrete = np.concatenate([each.discrete for each in chosen])
        source = Columns(values, discrete)
        return _prepare_target(self.table.estimator, source, np.arange(len(chosen)))


def _prepare_target(
    estimator: Estimator, source: Columns, columns: NDArray[np.intp]
) -> Any:
    block = estimator.prepare(source, columns)
    if len(columns) > 1:
        block = estimator.join(block)
    return estimator.as_target(block, 0)
