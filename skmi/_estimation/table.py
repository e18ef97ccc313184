"""A table that is prepared once, and small views of the table.

A `PreparedTable` is immutable. A `TableView` adds a target; a `PermutedView` also
permutes the samples of the target and of the selected features. Neither keeps a pool of
workers: the runner is an argument.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._estimation.variables import Variable, prepare_chunk, prepare_target
from skmi._utils.parallel import Runner, run_serially, split_columns
from skmi.estimators import Block, Estimator, JoinError, Target

__all__ = ["PermutedView", "PreparedTable", "SelectedFeatures", "TableView", "View"]

# Most values of the conditions that a view keeps; each has one value for each sample.
_KEPT_VALUES = 2**20


@dataclass(frozen=True, eq=False)
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
    blocks: tuple[Block, ...]
    starts: NDArray[np.intp]
    n_samples: int
    n_columns: int
    _entropies: list[NDArray[np.float64]] = field(default_factory=list, repr=False)

    @classmethod
    def prepare(
        cls, estimator: Estimator, X: Columns, run: Runner, n_jobs: int | None
    ) -> PreparedTable:
        """Prepare all columns of X, at least one block for each job."""
        estimator.check(X.n_samples)
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

    def as_target(self, column: int) -> Target:
        """Return one column as a prepared target."""
        block = np.searchsorted(self.starts, column, side="right") - 1
        return self.estimator.as_target(self.blocks[block], column - self.starts[block])

    def entropies(self, run: Runner = run_serially) -> NDArray[np.float64]:
        """Return H(f) of every column, computed at the first call."""
        if not self._entropies:
            every = np.arange(self.n_columns)
            self._entropies.append(self.map(self.estimator.entropy, every, run=run))
        return self._entropies[0]


@dataclass(frozen=True, eq=False)
class SelectedFeatures:
    """Estimates of the selected features that every permutation has in common.

    They are the same because the target and the selected features are permuted
    together. Only the view of the original order adds to them: a search reads each term
    there before it reads the term in a permuted view.

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


class View(ABC):
    """A prepared table beside a target: what the terms of candidates are computed from.

    Parameters
    ----------
    table : PreparedTable
    y : Columns

    Attributes
    ----------
    relevance : ndarray of shape (n_columns,)
        I(f; y).
    selected : SelectedFeatures
    """

    relevance: NDArray[np.float64]
    selected: SelectedFeatures

    def __init__(self, table: PreparedTable, y: Columns):
        self.table = table
        self.target = Variable(table.estimator, y).target
        self._conditions: OrderedDict[tuple[int, ...], Target] = OrderedDict()

    def _compute_relevance(self, run: Runner) -> NDArray[np.float64]:
        every = np.arange(self.table.n_columns)
        return self.table.map(self.table.estimator.mi, every, self.target, run=run)

    def redundancy(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; s) of every candidate."""
        mi = self.table.estimator.mi
        return self.table.map(mi, candidates, self.as_target(s), run=run)

    def relevance_given(
        self, candidates: NDArray[np.intp], selected: tuple[int, ...], run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | selected) of every candidate."""
        if not selected:
            return self.relevance[candidates]
        cmi = self.table.estimator.cmi
        return self.table.map(cmi, candidates, self.condition(selected), run=run)

    def condition(self, selected: tuple[int, ...]) -> Target:
        """Return the target given selected features; keep the most recent results."""
        known = self._conditions.pop(selected, None)
        if known is None:
            given = self._join(selected)
            known = self.table.estimator.condition(self.target, given)
        self._conditions[selected] = known
        while (len(self._conditions) - 1) * self.table.n_samples >= _KEPT_VALUES:
            self._conditions.popitem(last=False)
        return known

    @abstractmethod
    def relevance_of_selected(self, s: int, t: int) -> float:
        """Return I(s; y | t) of two selected features."""

    @abstractmethod
    def as_target(self, column: int) -> Target:
        """Return a selected feature as a prepared target."""

    @abstractmethod
    def _join_all(self, columns: tuple[int, ...]) -> Target:
        """Return several selected features as one target, or raise JoinError."""

    def _join(self, columns: tuple[int, ...]) -> Target:
        """Return several columns as one target, without those that others determine."""
        if len(columns) == 1:
            return self.as_target(columns[0])
        known = self.selected.independent
        if known.get(columns, columns) != columns:
            return self._join(known[columns])
        for i in range(2, len(columns)):
            # not known if the search continues a cached path
            if columns[:i] not in known:
                self._join(columns[:i])
        *earlier, newest = columns
        before = known.get(tuple(earlier), tuple(earlier))
        try:
            joint = self._join_all((*before, newest))
        except JoinError:  # the earlier columns determine the newest
            known[columns] = before
            return self._join(before)
        independent = (*before, newest)
        known[columns] = known[independent] = independent
        return joint


class TableView(View):
    """The view of a table with the samples in their own order.

    Parameters
    ----------
    table : PreparedTable
    y : Columns
    source : Columns or None
        The columns of the table before they were prepared. They are read if several of
        them are joined to one variable, or permuted.
    run : callable
    """

    def __init__(
        self,
        table: PreparedTable,
        y: Columns,
        source: Columns | None = None,
        run: Runner = run_serially,
    ):
        super().__init__(table, y)
        self.source = source
        self.relevance = self._compute_relevance(run)
        self.selected = SelectedFeatures(self.relevance)

    def relevance_of_selected(self, s: int, t: int) -> float:
        """Return I(s; y | t) of two selected features, which is computed once."""
        known = self.selected.conditional
        if (s, t) not in known:
            relevance = self.relevance_given(np.array([s]), (t,), run_serially)
            known[s, t] = float(relevance[0])
        return known[s, t]

    def as_target(self, column: int) -> Target:
        """Return a selected feature as a prepared target."""
        return self.table.as_target(column)

    def _join_all(self, columns: tuple[int, ...]) -> Target:
        assert self.source is not None
        return prepare_target(self.table.estimator, self.source, np.sort(columns))


class PermutedView(View):
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
        super().__init__(table, y.reorder(order))
        self._columns, self._order = columns, order
        if relevance is None:
            relevance = self._compute_relevance(run_serially)
        self.relevance = relevance
        # a copy, because other threads read the original
        self.selected = SelectedFeatures(
            selected.relevance, selected.conditional, dict(selected.independent)
        )

    def relevance_of_selected(self, s: int, t: int) -> float:
        """Return I(s; y | t) of two selected features, computed by the search."""
        return self.selected.conditional[s, t]

    def as_target(self, column: int) -> Target:
        """Return a selected feature as a prepared target."""
        return self._join_all((column,))

    def _join_all(self, columns: tuple[int, ...]) -> Target:
        chosen = [self._columns[column] for column in sorted(columns)]
        values = np.hstack([each.source for each in chosen])[self._order]
        discrete = np.concatenate([each.discrete for each in chosen])
        source = Columns(values, discrete)
        return prepare_target(self.table.estimator, source, np.arange(len(chosen)))
