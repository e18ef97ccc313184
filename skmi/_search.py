"""Greedy forward search; it knows no data and no estimator."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Search", "search_forward"]

# Terms of candidates, ascending, with what is selected, the newest last.
Pairs = Callable[[NDArray[np.intp], NDArray[np.intp]], Any]


def search_forward(
    relevance: NDArray[np.float64],
    pair: Pairs,
    criterion: Any,
    n_picks: int,
    at_once: int = 4,
    start: Sequence[int] = (),
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Pick one column after the other, each time the candidate of highest J.

    Parameters
    ----------
    relevance : ndarray of shape (n_columns,)
        I(f; y).
    pair : callable
        `pair(candidates, selected)` holds the terms of every candidate with the last of
        those selected. Both are arrays of columns; candidates ascend.
    criterion : Criterion
    n_picks : int
        At most n_columns.
    at_once : int
        How few candidates it is worth asking terms of, if the criterion falls.
    start : sequence of int
        Columns that come first, in this order; at most n_picks.

    Returns
    -------
    path : ndarray of shape (n_picks,)
        The columns in the order picked. Equals go to the lowest column.
    scores : ndarray of shape (n_picks,)
        J at each pick; the first is the relevance.
    """
    search = Search(relevance, criterion, at_once, start)
    search.extend(pair, n_picks)
    return search.path, search.scores


class Search:
    """A path as far as it is found, and what is needed to go on.

    Parameters are those of `search_forward`. It holds numbers of columns, no samples,
    and can be pickled.
    """

    def __init__(
        self,
        relevance: NDArray[np.float64],
        criterion: Any,
        at_once: int = 4,
        start: Sequence[int] = (),
    ):
        self.relevance, self.start = relevance, start
        self.race: _Eager | _Lazy
        if criterion.falls:
            self.race = _Lazy(relevance, criterion, at_once)
        else:
            self.race = _Eager(relevance, criterion)
        self.path = np.empty(0, dtype=np.intp)
        self.scores = np.empty(0)

    def extend(self, pair: Pairs, n_picks: int) -> None:
        """Go on until there are n_picks."""
        for n in range(len(self.path), n_picks):
            column, score = self._pick(pair, n)
            self.path = np.append(self.path, column)
            self.scores = np.append(self.scores, score)

    def _pick(self, pair: Pairs, n: int) -> tuple[int, float]:
        given = self.start[n] if n < len(self.start) else None
        if n == 0:
            first = int(np.argmax(self.relevance)) if given is None else given
            return first, self.relevance[first]
        if given is None:
            return self.race.best(pair, self.path)
        return given, self.race.score(pair, self.path, given)


class _Eager:
    """J of every candidate at every pick."""

    def __init__(self, relevance: NDArray[np.float64], criterion: Any):
        self.relevance, self.criterion = relevance, criterion
        self.candidates = np.arange(len(relevance))
        self.folded: Any = None

    def best(self, pair: Pairs, selected: NDArray[np.intp]) -> tuple[int, float]:
        """The candidate of highest J, and J."""
        score = self._score_all(pair, selected)
        leader = np.argmax(score)
        return int(self.candidates[leader]), score[leader]

    def score(self, pair: Pairs, selected: NDArray[np.intp], column: int) -> float:
        """J of one candidate."""
        return self._score_all(pair, selected)[np.searchsorted(self.candidates, column)]

    def _score_all(
        self, pair: Pairs, selected: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        criterion, n_selected = self.criterion, len(selected)
        left = self.candidates != selected[-1]
        self.candidates = self.candidates[left]
        if criterion.needs:
            term = criterion.term(pair(self.candidates, selected))
            if self.folded is None:
                self.folded = term
            else:
                self.folded = criterion.fold(self.folded[left], term, n_selected)
        relevance = self.relevance[self.candidates]
        return criterion.score(relevance, self.folded, n_selected)


class _Lazy:
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
        self.relevance, self.criterion = relevance, criterion
        self.at_once = at_once
        self.folded = np.full(len(relevance), np.inf)
        self.n_folded = np.zeros(len(relevance), dtype=np.intp)
        self.bound = np.array(criterion.score(relevance, self.folded, 1))

    def best(self, pair: Pairs, selected: NDArray[np.intp]) -> tuple[int, float]:
        """The candidate of highest J, and J."""
        self.bound[selected[-1]] = -np.inf
        at_once = self.at_once
        while True:
            full = self.n_folded == len(selected)
            known = np.where(full, self.bound, -np.inf)
            leader = np.argmax(known)
            ahead = self.bound > known[leader]
            ahead[:leader] |= self.bound[:leader] == known[leader]
            behind = np.flatnonzero(ahead & ~full)
            if not len(behind):
                return int(leader), known[leader]
            if len(behind) > at_once:
                highest = np.argpartition(-self.bound[behind], at_once)[:at_once]
                behind = np.sort(behind[highest])
            self._catch_up(pair, behind, selected, known[leader])
            at_once *= 2

    def score(self, pair: Pairs, selected: NDArray[np.intp], column: int) -> float:
        """J of one candidate."""
        self.bound[selected[-1]] = -np.inf
        self._catch_up(pair, np.array([column]), selected, -np.inf)
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
