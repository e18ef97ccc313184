"""A table that is prepared once, and small views of the table.

A `PreparedTable` is immutable. A `TableView` adds a target; a `PermutedView` permutes
the samples of the target and of the selected features of another view. Neither keeps a
pool of workers: the runner is an argument.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._estimation.variables import Variable, prepare_chunk, prepare_target
from skmi._utils.parallel import Runner, run_serially, split_columns
from skmi.estimators import Block, Estimator, JoinError, Target

__all__ = ["PermutedView", "PreparedTable", "TableView", "View"]

# Most values of the conditions that a view keeps; each has one value for each sample.
_KEPT_VALUES = 2**20
# All threads share the conditions of a view: only one at a time may add to them.
_CONDITIONS = RLock()

_FIRST = np.zeros(1, dtype=np.intp)


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


class View(ABC):
    """A prepared table beside a target: what the terms of candidates are computed from.

    Attributes
    ----------
    table : PreparedTable
    relevance : ndarray of shape (n_columns,)
        I(f; y) of every candidate.
    """

    table: PreparedTable
    relevance: NDArray[np.float64]

    @abstractmethod
    def redundancy(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; s) of every candidate."""

    @abstractmethod
    def relevance_given(
        self, candidates: NDArray[np.intp], selected: tuple[int, ...], run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | selected) of every candidate."""

    @abstractmethod
    def relevance_and_entropy_given(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | s) and H(f, s, y) of every candidate, one in each row."""

    @abstractmethod
    def relevance_of_selected(self, s: int, *given: int) -> float:
        """Return I(s; y), or I(s; y | t), of selected features."""


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
        self.table, self._y, self._source = table, y, source
        self.target = Variable(table.estimator, y).target
        self._conditions: OrderedDict[tuple[int, ...], Target] = OrderedDict()
        self._recoded: dict[int, Columns] = {}
        self._conditional: dict[tuple[int, int], float] = {}
        # for a sequence of columns, those that earlier columns do not determine
        self._independent: dict[tuple[int, ...], tuple[int, ...]] = {}
        every = np.arange(table.n_columns)
        self.relevance = table.map(table.estimator.mi, every, self.target, run=run)

    def redundancy(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; s) of every candidate."""
        mi, target = self.table.estimator.mi, self.table.as_target(s)
        return self.table.map(mi, candidates, target, run=run)

    def relevance_given(
        self, candidates: NDArray[np.intp], selected: tuple[int, ...], run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | selected) of every candidate."""
        if not selected:
            return self.relevance[candidates]
        cmi = self.table.estimator.cmi
        return self.table.map(cmi, candidates, self.condition(selected), run=run)

    def relevance_and_entropy_given(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | s) and H(f, s, y) of every candidate, one in each row."""
        verb, conditioned = self.table.estimator.cmi_and_entropy, self.condition((s,))
        return self.table.map(verb, candidates, conditioned, run=run)

    def relevance_of_selected(self, s: int, *given: int) -> float:
        """Return I(s; y), or I(s; y | t), which is computed once."""
        if not given:
            return float(self.relevance[s])
        (t,) = given
        if (s, t) not in self._conditional:
            relevance = self.relevance_given(np.array([s]), given, run_serially)
            self._conditional[s, t] = float(relevance[0])
        return self._conditional[s, t]

    def condition(self, selected: tuple[int, ...]) -> Target:
        """Return the target given selected features; keep the most recent results."""
        with _CONDITIONS:
            known = self._conditions.pop(selected, None)
            if known is None:
                given = self.join(selected)
                known = self.table.estimator.condition(self.target, given)
            self._conditions[selected] = known
            while (len(self._conditions) - 1) * self.table.n_samples >= _KEPT_VALUES:
                self._conditions.popitem(last=False)
        return known

    def join(self, columns: tuple[int, ...]) -> Target:
        """Return several columns as one target, without those that others determine."""
        if len(columns) == 1:
            return self.table.as_target(columns[0])
        known = self._independent
        if known.get(columns, columns) != columns:
            return self.join(known[columns])
        for i in range(2, len(columns)):
            # not known if the search continues a cached path
            if columns[:i] not in known:
                self.join(columns[:i])
        *earlier, newest = columns
        before = known.get(tuple(earlier), tuple(earlier))
        try:
            joint = self._join_all((*before, newest))
        except JoinError:  # the earlier columns determine the newest
            known[columns] = before
            return self.join(before)
        independent = (*before, newest)
        known[columns] = known[independent] = independent
        return joint

    def independent(self, columns: tuple[int, ...]) -> tuple[int, ...]:
        """Return joined columns without those that others determine."""
        return self._independent.get(columns, columns)

    def _join_all(self, columns: tuple[int, ...]) -> Target:
        return prepare_target(self.table.estimator, self.source, np.sort(columns))

    @property
    def source(self) -> Columns:
        """The columns of the table as they are."""
        assert self._source is not None
        return self._source

    @cached_property
    def y(self) -> Columns:
        """The target as an array of numbers."""
        return self._y.recode(_FIRST)

    def recode(self, columns: tuple[int, ...]) -> Columns:
        """Return columns of the table as an array of numbers, each read once."""
        with _CONDITIONS:
            for column in columns:
                if column not in self._recoded:
                    self._recoded[column] = self.source.recode(np.array([column]))
            chosen = [self._recoded[column] for column in columns]
        discrete = np.concatenate([each.discrete for each in chosen])
        return Columns(np.hstack([each.source for each in chosen]), discrete)


class PermutedView(View):
    """The same candidates beside a target and selected features in other orders.

    The target and the selected features are permuted together: the information that
    they share stays the same, and they become independent of the candidates. Terms of
    candidates have shape (n_orders, n_candidates).

    Parameters
    ----------
    view : TableView
        The view of the samples in their own order.
    orders : ndarray of shape (n_orders, n_samples)
    """

    def __init__(self, view: TableView, orders: NDArray[np.intp]):
        self.table, self._view, self._orders = view.table, view, orders
        self._reorders = "reorder" in view.table.estimator.provides

    @cached_property
    def relevance(self) -> NDArray[np.float64]:  # type: ignore[override]
        """I(f; y) of every candidate, in each order."""
        return self._relevance(np.arange(self.table.n_columns))

    def _relevance(self, candidates: NDArray[np.intp]) -> NDArray[np.float64]:
        estimator = self.table.estimator
        if self._reorders:
            target = self._view.target
            return self.table.map(
                estimator.permuted_mi, candidates, target, self._orders
            )
        return self._stack(estimator.mi, candidates, self.target)

    def redundancy(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; s) of every candidate, in each order."""
        estimator = self.table.estimator
        if self._reorders:
            target = self.table.as_target(s)
            return self.table.map(
                estimator.permuted_mi, candidates, target, self._orders
            )
        return self._stack(estimator.mi, candidates, lambda i: self._prepare((s,), i))

    def relevance_given(
        self, candidates: NDArray[np.intp], selected: tuple[int, ...], run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | selected) of every candidate, in each order."""
        if not selected:
            return self._relevance(candidates)
        estimator = self.table.estimator
        if self._reorders:
            known = self._view.condition(selected)
            return self.table.map(
                estimator.permuted_cmi, candidates, known, self._orders
            )
        given = self._view.independent(selected)
        return self._stack(
            estimator.cmi, candidates, lambda i: self._condition(given, i)
        )

    def relevance_and_entropy_given(
        self, candidates: NDArray[np.intp], s: int, run: Runner
    ) -> NDArray[np.float64]:
        """Return I(f; y | s) and H(f, s, y), each of shape (n_orders, n_candidates)."""
        verb = self.table.estimator.cmi_and_entropy
        return self._stack(verb, candidates, lambda i: self._condition((s,), i))

    def relevance_of_selected(self, s: int, *given: int) -> float:
        """Return I(s; y), or I(s; y | t), which do not depend on the order."""
        return self._view.relevance_of_selected(s, *given)

    def target(self, i: int) -> Target:
        """Return the target in one of the orders."""
        if self._reorders:
            return self.table.estimator.reorder(self._view.target, self._orders[i])
        y = self._view.y.reorder(self._orders[i])
        return prepare_target(self.table.estimator, y, _FIRST)

    def _stack(
        self,
        verb: Callable[..., NDArray[np.float64]],
        candidates: NDArray[np.intp],
        prepare: Callable[[int], Target],
    ) -> NDArray[np.float64]:
        """Apply a verb of the estimator to the target of each order."""
        each = [
            self.table.map(verb, candidates, prepare(i))
            for i in range(len(self._orders))
        ]
        return np.stack(each, axis=-2)

    def _condition(self, selected: tuple[int, ...], i: int) -> Target:
        """Return the target given selected features, in one of the orders."""
        given = self._prepare(selected, i)
        return self.table.estimator.condition(self.target(i), given)

    def _prepare(self, columns: tuple[int, ...], i: int) -> Target:
        """Return selected features as a target, in one of the orders."""
        chosen = self._view.recode(tuple(sorted(columns))).reorder(self._orders[i])
        every = np.arange(chosen.n_columns)
        return prepare_target(self.table.estimator, chosen, every)
