"""Greedy forward search, which uses neither data nor estimators directly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi.criteria import Criterion, Terms

__all__ = [
    "CandidateScores",
    "Choice",
    "EagerScores",
    "PairTerms",
    "Search",
    "StoppingTest",
    "index_of_highest",
]

Vector: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.intp]

# The score of a column that is not a candidate.
_SELECTED = np.finfo(np.float64).min

# Scores that differ by less, absolutely or relatively, are equal up to rounding.
_ROUNDING = 1e-12

# Returns the terms of candidates, in ascending order, with the last selected feature.
PairTerms: TypeAlias = Callable[[Indices, Indices], Terms]


class Choice(NamedTuple):
    """The candidate to pick next, its J and the p-value of its test."""

    column: int
    score: float
    pvalue: float


class StoppingTest(Protocol):
    """A test of all candidates."""

    alpha: float  # the search stops at the first p-value above it

    def choose(
        self, selected: Indices, candidates: CandidateScores, pair_terms: PairTerms
    ) -> Choice:
        """Return the significant candidate of highest J, given the selected features.

        If no candidate is significant, return that of the lowest p-value.
        """


def _least_equal_to_highest(scores: Vector) -> float:
    """Return the least score that equals the highest one up to rounding."""
    highest = max(scores.max(), _SELECTED / 2)
    return float(highest - _ROUNDING * max(1, abs(highest)))


def index_of_highest(scores: Vector) -> int:
    """Return the index of the highest score, the first one if several are equal."""
    return int(np.argmax(scores >= _least_equal_to_highest(scores)))


class Search:
    """The path found so far, and the state to continue it.

    It keeps column numbers and scores but no samples, and can be pickled.

    Parameters
    ----------
    relevance : ndarray of shape (n_columns,)
        I(f; y).
    criterion : Criterion
    batch_size : int
        If the criterion is non-increasing: the smallest number of candidates whose
        terms are computed together.
    start : sequence of int
        Columns to pick first, in this order.

    Attributes
    ----------
    path : ndarray of shape (n_picks,)
        The columns in the order picked. Ties go to the first column.
    scores : ndarray of shape (n_picks,)
        J at each pick; the relevance at the first.
    pvalues : ndarray of shape (n_picks,)
        The p-value of each pick; nan if it was not tested.
    ended : bool
        Whether the path cannot be continued.
    """

    def __init__(
        self,
        relevance: Vector,
        criterion: Criterion,
        batch_size: int = 4,
        start: Sequence[int] = (),
    ):
        self.relevance, self.start = relevance, start
        self.candidates = _start_scores(relevance, criterion, batch_size)
        self.path: Indices = np.empty(0, dtype=np.intp)
        self.scores: Vector = np.empty(0)
        self.pvalues: Vector = np.empty(0)
        self.ended = False

    def extend(
        self, pair_terms: PairTerms, n_picks: int, test: StoppingTest | None = None
    ) -> None:
        """Continue the path to n_picks, or until no candidate is significant.

        Parameters
        ----------
        pair_terms : callable
            `pair_terms(candidates, selected)` returns the terms of every candidate with
            the last of the selected features. Both are arrays of column numbers;
            candidates ascend.
        n_picks : int
            At most the number of columns.
        test : StoppingTest or None
        """
        while len(self.path) < n_picks and not self.ended:
            self._pick(pair_terms, test)

    def _pick(self, pair_terms: PairTerms, test: StoppingTest | None) -> None:
        n_selected, pvalue = len(self.path), np.nan
        if n_selected < len(self.start):
            column = self.start[n_selected]
            score = self.candidates.score(pair_terms, self.path, column)
        elif test is None:
            column, score = self.candidates.best(pair_terms, self.path)
        else:
            column, score, pvalue = test.choose(self.path, self.candidates, pair_terms)
            self.ended = pvalue > test.alpha
        if not self.ended:
            self.path = np.append(self.path, column)
            self.scores = np.append(self.scores, score)
            self.pvalues = np.append(self.pvalues, pvalue)

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Keep only some picks, and end the path."""
        self.ended = True
        self.path, self.scores = self.path[mask], self.scores[mask]
        self.pvalues = self.pvalues[mask]


def _start_scores(
    relevance: Vector, criterion: Criterion, batch_size: int
) -> CandidateScores:
    """Return the scores of all candidates before the first pick."""
    if criterion.is_non_increasing:
        return _LazyScores(relevance, criterion, batch_size)
    return EagerScores(relevance, criterion)


class CandidateScores(ABC):
    """J of the candidates while features are selected one by one.

    From one call to the next, the selected features stay the same or grow at the end.
    """

    def __init__(self, relevance: Vector, criterion: Criterion):
        self.relevance, self.criterion = relevance, criterion

    def best(self, pair_terms: PairTerms, selected: Indices) -> tuple[int, float]:
        """Return the candidate of highest J, and its J."""
        if len(selected):
            return self._best(pair_terms, selected)
        best = index_of_highest(self.relevance)
        return best, float(self.relevance[best])

    def score(self, pair_terms: PairTerms, selected: Indices, column: int) -> float:
        """Return J of one candidate."""
        if len(selected):
            return self._score(pair_terms, selected, column)
        return float(self.relevance[column])

    def all(self, pair_terms: PairTerms, selected: Indices) -> tuple[Indices, Vector]:
        """Return every candidate in ascending order, and its J."""
        if len(selected):
            return self._all(pair_terms, selected)
        return np.arange(self.relevance.shape[-1]), self.relevance

    @abstractmethod
    def _best(self, pair_terms: PairTerms, selected: Indices) -> tuple[int, float]: ...

    @abstractmethod
    def _score(
        self, pair_terms: PairTerms, selected: Indices, column: int
    ) -> float: ...

    @abstractmethod
    def _all(
        self, pair_terms: PairTerms, selected: Indices
    ) -> tuple[Indices, Vector]: ...


class EagerScores(CandidateScores):
    """Computes J of every candidate at every pick.

    With a relevance of shape (n_orders, n_columns), `all` returns J of the candidates
    in each of several orders of the samples.
    """

    def __init__(self, relevance: Vector, criterion: Criterion):
        super().__init__(relevance, criterion)
        self.columns = np.arange(relevance.shape[-1])
        self.n_folded = 0
        self.folded: Vector = np.empty(0)

    def _best(self, pair_terms: PairTerms, selected: Indices) -> tuple[int, float]:
        columns, scores = self._all(pair_terms, selected)
        best = index_of_highest(scores)
        return int(columns[best]), float(scores[best])

    def _score(self, pair_terms: PairTerms, selected: Indices, column: int) -> float:
        columns, scores = self._all(pair_terms, selected)
        return float(scores[np.searchsorted(columns, column)])

    def _all(self, pair_terms: PairTerms, selected: Indices) -> tuple[Indices, Vector]:
        while self.n_folded < len(selected):
            self._fold(pair_terms, selected[: self.n_folded + 1])
        relevance = self.relevance[..., self.columns]
        scores = self.criterion.score(relevance, self.folded, len(selected))
        return self.columns, scores

    def _fold(self, pair_terms: PairTerms, selected: Indices) -> None:
        criterion, self.n_folded = self.criterion, len(selected)
        remaining = self.columns != selected[-1]
        self.columns = self.columns[remaining]
        if not criterion.needs:
            return
        term = criterion.term(pair_terms(self.columns, selected))
        if self.n_folded == 1:
            self.folded = term
        else:
            kept = self.folded[..., remaining]
            self.folded = criterion.fold(kept, term, self.n_folded)


class _LazyScores(CandidateScores):
    """Computes J only of candidates that may win.

    For a non-increasing criterion, the terms folded so far give an upper bound of J.
    Terms are folded one by one in the order of the path, so that a complete J equals
    that of `EagerScores`.
    """

    def __init__(self, relevance: Vector, criterion: Criterion, batch_size: int):
        super().__init__(relevance, criterion)
        self.batch_size = batch_size
        self.folded = np.full(len(relevance), np.inf)
        self.n_folded = np.zeros(len(relevance), dtype=np.intp)
        self.bound = np.array(criterion.score(relevance, self.folded, 1))

    def _best(self, pair_terms: PairTerms, selected: Indices) -> tuple[int, float]:
        self.bound[selected] = _SELECTED
        batch_size = self.batch_size
        while True:
            complete = self.n_folded == len(selected)
            known = np.where(complete, self.bound, _SELECTED)
            least = _least_equal_to_highest(known)
            behind = np.flatnonzero((self.bound >= least) & ~complete)
            if not len(behind):
                best = index_of_highest(known)
                return best, float(known[best])
            if len(behind) > batch_size:
                highest = np.argpartition(-self.bound[behind], batch_size)[:batch_size]
                behind = np.sort(behind[highest])
            self._complete(pair_terms, behind, selected, least)
            batch_size *= 2

    def _score(self, pair_terms: PairTerms, selected: Indices, column: int) -> float:
        self.bound[selected] = _SELECTED
        self._complete(pair_terms, np.array([column]), selected, _SELECTED)
        return float(self.bound[column])

    def _all(self, pair_terms: PairTerms, selected: Indices) -> tuple[Indices, Vector]:
        self.bound[selected] = _SELECTED
        columns = np.delete(np.arange(len(self.relevance)), selected)
        self._complete(pair_terms, columns, selected, _SELECTED)
        return columns, self.bound[columns]

    def _complete(
        self, pair_terms: PairTerms, columns: Indices, selected: Indices, least: float
    ) -> None:
        """Fold the missing terms of columns that may still reach the least score."""
        for i in range(self.n_folded[columns].min(), len(selected)):
            may_win = self.bound[columns] >= least
            due = columns[may_win & (self.n_folded[columns] == i)]
            if not len(due):
                continue
            term = self.criterion.term(pair_terms(due, selected[: i + 1]))
            folded = self.criterion.fold(self.folded[due], term, i + 1)
            self.folded[due], self.n_folded[due] = folded, i + 1
            self.bound[due] = self.criterion.score(self.relevance[due], folded, i + 1)
