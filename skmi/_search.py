"""Greedy forward search; it knows no data and no estimator."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Race",
    "Search",
    "Test",
    "first_of_highest",
    "start_race",
]

# The score of a candidate that is none.
_OUT = np.finfo(np.float64).min

# Scores that differ by less, or by such a share, are equal but for rounding.
_ROUNDING = 1e-12

# Terms of candidates, ascending, with what is selected, the newest last.
Pairs = Callable[[NDArray[np.intp], NDArray[np.intp]], Any]


class Test(Protocol):
    """How probable so high a J is where the candidates tell nothing."""

    alpha: float  # p-values above it end the search

    def __call__(self, selected: NDArray[np.intp], column: int, score: float) -> float:
        """The p-value of a column that is best, given what is selected."""


def least_of_highest(scores: NDArray[np.float64]) -> float:
    """What counts as equal to the highest score: sums in another order tie."""
    highest = max(scores.max(), _OUT / 2)
    return highest - _ROUNDING * max(1, abs(highest))


def first_of_highest(scores: NDArray[np.float64]) -> int:
    """Where the highest score is; of equals, the first."""
    return int(np.argmax(scores >= least_of_highest(scores)))


class Search:
    """A path as far as it is found, and what is needed to go on.

    It holds numbers of columns, no samples, and can be pickled.

    Parameters
    ----------
    relevance : ndarray of shape (n_columns,)
        I(f; y).
    criterion : Criterion
    at_once : int
        How few candidates it is worth asking terms of, if the criterion falls.
    start : sequence of int
        Columns that come first, in this order.

    Attributes
    ----------
    path : ndarray of shape (n_picks,)
        The columns in the order picked. Equals go to the lowest column.
    scores : ndarray of shape (n_picks,)
        J at each pick; at the first, the relevance.
    pvalues : ndarray of shape (n_picks,)
        Of each pick; nan if it was not asked for.
    ended : bool
        Whether the path goes no further.
    refused : int or None
        The candidate that was no better than chance, if one was.
    """

    def __init__(
        self,
        relevance: NDArray[np.float64],
        criterion: Any,
        at_once: int = 4,
        start: Sequence[int] = (),
    ):
        self.relevance, self.start = relevance, start
        self.race = start_race(relevance, criterion, at_once)
        self.path = np.empty(0, dtype=np.intp)
        self.scores, self.pvalues = np.empty((2, 0))
        self.ended = False
        self.refused: int | None = None

    def extend(self, pair: Pairs, n_picks: int, test: Test | None = None) -> None:
        """Go on until there are n_picks, or the test finds the next one by chance.

        `pair(candidates, selected)` holds the terms of every candidate with the last of
        those selected. Both are arrays of columns; candidates ascend. There are n_picks
        columns at least.
        """
        while len(self.path) < n_picks and not self.ended:
            self._pick(pair, test)

    def _pick(self, pair: Pairs, test: Test | None) -> None:
        n, pvalue = len(self.path), np.nan
        if n < len(self.start):
            column = self.start[n]
            score = self.race.score(pair, self.path, column)
        else:
            column, score = self.race.best(pair, self.path)
            if test is not None:
                pvalue = test(self.path, column, score)
                self.ended = pvalue > test.alpha
        if self.ended:
            self.refused = column
        else:
            self.path = np.append(self.path, column)
            self.scores = np.append(self.scores, score)
            self.pvalues = np.append(self.pvalues, pvalue)

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Leave picks out, which ends the path."""
        self.ended = True
        self.path, self.scores = self.path[which], self.scores[which]
        self.pvalues = self.pvalues[which]


def start_race(relevance: NDArray[np.float64], criterion: Any, at_once: int) -> "Race":
    """J of all candidates, held ready for one selected feature more."""
    if criterion.is_non_increasing:
        return _Lazy(relevance, criterion, at_once)
    return _Eager(relevance, criterion)


class Race(ABC):
    """J of the candidates, while features are selected one after the other.

    What is selected is the same as before with more at its end, or the same.
    """

    def __init__(self, relevance: NDArray[np.float64], criterion: Any):
        self.relevance, self.criterion = relevance, criterion

    def best(self, pair: Pairs, selected: NDArray[np.intp]) -> tuple[int, float]:
        """The candidate of highest J, and J."""
        if len(selected):
            return self._best(pair, selected)
        leader = first_of_highest(self.relevance)
        return leader, self.relevance[leader]

    def score(self, pair: Pairs, selected: NDArray[np.intp], column: int) -> float:
        """J of one candidate."""
        if len(selected):
            return self._score(pair, selected, column)
        return self.relevance[column]

    @abstractmethod
    def _best(self, pair: Pairs, selected: NDArray[np.intp]) -> tuple[int, float]: ...

    @abstractmethod
    def _score(self, pair: Pairs, selected: NDArray[np.intp], column: int) -> float: ...


class _Eager(Race):
    """J of every candidate at every pick."""

    def __init__(self, relevance: NDArray[np.float64], criterion: Any):
        super().__init__(relevance, criterion)
        self.candidates = np.arange(len(relevance))
        self.n_folded = 0
        self.folded: Any = None

    def _best(self, pair: Pairs, selected: NDArray[np.intp]) -> tuple[int, float]:
        score = self._score_all(pair, selected)
        leader = first_of_highest(score)
        return int(self.candidates[leader]), score[leader]

    def _score(self, pair: Pairs, selected: NDArray[np.intp], column: int) -> float:
        return self._score_all(pair, selected)[np.searchsorted(self.candidates, column)]

    def _score_all(
        self, pair: Pairs, selected: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        while self.n_folded < len(selected):
            self._fold(pair, selected[: self.n_folded + 1])
        relevance = self.relevance[self.candidates]
        return self.criterion.score(relevance, self.folded, len(selected))

    def _fold(self, pair: Pairs, selected: NDArray[np.intp]) -> None:
        criterion, self.n_folded = self.criterion, len(selected)
        left = self.candidates != selected[-1]
        self.candidates = self.candidates[left]
        if not criterion.needs:
            return
        term = criterion.term(pair(self.candidates, selected))
        if self.folded is None:
            self.folded = term
        else:
            self.folded = criterion.fold(self.folded[left], term, self.n_folded)


class _Lazy(Race):
    """J of those candidates only that may win: what is folded in of others bounds it.

    Terms with the selected are folded in one by one, in the order of the path, and so
    that every J computed in full is what `_Eager` has.
    """

    def __init__(
        self,
        relevance: NDArray[np.float64],
        criterion: Any,
        at_once: int,
    ):
        super().__init__(relevance, criterion)
        self.at_once = at_once
        self.folded = np.full(len(relevance), np.inf)
        self.n_folded = np.zeros(len(relevance), dtype=np.intp)
        self.bound = np.array(criterion.score(relevance, self.folded, 1))

    def _best(self, pair: Pairs, selected: NDArray[np.intp]) -> tuple[int, float]:
        self.bound[selected] = _OUT
        at_once = self.at_once
        while True:
            full = self.n_folded == len(selected)
            known = np.where(full, self.bound, _OUT)
            least = least_of_highest(known)
            behind = np.flatnonzero((self.bound >= least) & ~full)
            if not len(behind):
                leader = first_of_highest(known)
                return leader, known[leader]
            if len(behind) > at_once:
                highest = np.argpartition(-self.bound[behind], at_once)[:at_once]
                behind = np.sort(behind[highest])
            self._catch_up(pair, behind, selected, least)
            at_once *= 2

    def _score(self, pair: Pairs, selected: NDArray[np.intp], column: int) -> float:
        self.bound[selected] = _OUT
        self._catch_up(pair, np.array([column]), selected, _OUT)
        return self.bound[column]

    def _catch_up(
        self,
        pair: Pairs,
        columns: NDArray[np.intp],
        selected: NDArray[np.intp],
        least: float,
    ) -> None:
        """Fold in what columns lack, as long as they may reach the least."""
        for i in range(self.n_folded[columns].min(), len(selected)):
            may_win = self.bound[columns] >= least
            due = columns[may_win & (self.n_folded[columns] == i)]
            if not len(due):
                continue
            term = self.criterion.term(pair(due, selected[: i + 1]))
            folded = self.criterion.fold(self.folded[due], term, i + 1)
            self.folded[due], self.n_folded[due] = folded, i + 1
            self.bound[due] = self.criterion.score(self.relevance[due], folded, i + 1)
