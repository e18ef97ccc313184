"""Where a path stops: tests of whether the best candidate is significant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._estimation.permutation import (
    check_permutations,
    draw_order,
    sequential_pvalue,
)
from skmi._estimation.table import (
    PermutedView,
    PreparedTable,
    SelectedFeatures,
    TableView,
)
from skmi._search.search import CandidateScores, index_of_highest, score_candidates
from skmi._search.terms import CandidateTerms
from skmi._utils.parallel import Runner, run_serially
from skmi.criteria import CMI, Criterion
from skmi.estimators import Estimator, require

__all__ = [
    "AnalyticTest",
    "PathTest",
    "PermutationTest",
    "check_stopping",
    "find_best_pair",
    "find_significant",
]

# Joint relevances that differ by less, in nats, are equal up to rounding.
_ROUNDING = 1e-10
# Permutations in one task.
_TASK_SIZE = 4

_FIRST = np.zeros(1, dtype=np.intp)


class PathTest(Protocol):
    """A test of candidates and of selected features."""

    alpha: float

    def __call__(self, selected: NDArray[np.intp], column: int, score: float) -> float:
        """Return the p-value of the best candidate, given the selected features."""

    def pvalue_given(self, others: NDArray[np.intp], column: int) -> float:
        """Return the p-value of one selected feature, given the others."""


def check_stopping(
    p_value: str,
    criterion: Criterion,
    estimator: Estimator,
    alpha: float,
    n_permutations: int,
) -> None:
    """Raise ValueError if there is no test, or no p-value can be as low as alpha."""
    name = type(criterion).__name__
    if p_value == "analytic":
        if type(criterion) is not CMI:
            raise ValueError(
                f"p_value='analytic' tests criterion CMI, not {name}; set "
                "criterion='cmi' or p_value='permutation'."
            )
        needed = {"conditional_pvalues"}
        require(estimator, needed, "p_value='analytic'", "set p_value='permutation'")
        return
    if criterion.test_criterion() is None:
        raise ValueError(
            f"criterion {name} defines no test, so n_features_to_select='auto' cannot "
            "decide where to stop; give a number of features, or choose another "
            "criterion."
        )
    check_permutations(n_permutations, alpha)


def find_best_pair(view: TableView, run: Runner) -> tuple[list[int], float]:
    """Find the pair of columns of highest I(f, s; y), the first of equal ones.

    Returns
    -------
    pair : list of two ints
        The more relevant column first.
    joint_relevance : float
    """
    n_columns, highest, pair = view.table.n_columns, -np.inf, [0]
    for s in range(n_columns - 1):
        candidates = np.arange(s + 1, n_columns)
        terms = CandidateTerms(view, candidates, np.array([s]), run)
        f = index_of_highest(terms.joint_relevance)
        if terms.joint_relevance[f] > highest + _ROUNDING:
            highest, pair = float(terms.joint_relevance[f]), [s, s + 1 + f]
    if index_of_highest(view.relevance[pair]) == 1:
        pair.reverse()
    return pair, highest


def find_significant(
    path: NDArray[np.intp], n_kept: int, test: PathTest
) -> NDArray[np.bool_]:
    """Return which columns of a path are informative given the others.

    The first n_kept columns are kept without a test. The others are tested in the order
    of the path, each given all columns that have not been dropped.
    """
    keep = np.ones(len(path), dtype=bool)
    for i in range(n_kept, len(path)):
        keep[i] = False
        keep[i] = test.pvalue_given(path[keep], path[i]) <= test.alpha
    return keep


class PermutationTest:
    """Compares the best candidate with the best of permuted candidates.

    All candidates are permuted together, against the target and the selected features.
    Their dependence on each other stays the same, so that the best candidate is
    compared with the best of as many. The permutations are the same at every pick. Each
    keeps its folded terms, so that a pick takes one step of the search for each.

    Parameters
    ----------
    view : TableView
    X, y : Columns
        The table with the selected features, and the target.
    criterion : Criterion
        The criterion of the search; the test uses its `test_criterion`.
    alpha : float
        Significance level; a p-value above it may be computed from fewer permutations.
    n_permutations, seed : int
    batch_size : int
        The same as for `Search`.
    run : callable
    """

    def __init__(
        self,
        view: TableView,
        X: Columns,
        y: Columns,
        criterion: Criterion,
        alpha: float,
        n_permutations: int,
        seed: int,
        batch_size: int,
        run: Runner,
    ):
        test_criterion = criterion.test_criterion()
        assert test_criterion is not None
        self.alpha = alpha
        self._view, self._X, self._y = view, X, y.recode(_FIRST)
        self._criterion, self._batch_size = test_criterion, batch_size
        self._n_permutations, self._seed, self._run = n_permutations, seed, run
        self._own_scores: CandidateScores | None = None
        if test_criterion is not criterion:
            self._own_scores = score_candidates(
                view.relevance, test_criterion, batch_size
            )
        self._scores: list[CandidateScores | None] = [None] * n_permutations
        self._columns: dict[int, Columns] = {}

    def __call__(self, selected: NDArray[np.intp], column: int, score: float) -> float:
        """Return the p-value of the best candidate, given the selected features."""
        if self._own_scores is not None:
            score = self._own_scores.score(self._pair_terms, selected, column)
        self._recode(selected)
        if "joint_relevance_of_three" in self._criterion.needs:
            for i, s in enumerate(selected.tolist()):
                for t in selected[:i].tolist():
                    self._view.relevance_of_selected(s, t)

        def best_scores(numbers: range) -> list[float]:
            batch = slice(numbers.start, numbers.stop)
            arguments = [
                (*self._permutation(number), scores, self._criterion, self._batch_size,
                 selected)
                for number, scores in zip(numbers, self._scores[batch], strict=True)
            ]  # fmt: skip
            results = self._map(_best_of_permutation, arguments)
            self._scores[batch] = [scores for scores, _ in results]
            return [best for _, best in results]

        return self._pvalue(score, best_scores)

    def pvalue_of_pair(self, score: float) -> float:
        """Return the p-value of the best pair of candidates, with nothing selected."""

        def best_scores(numbers: range) -> list[float]:
            arguments = [
                (self._view.table, self._y, self._seed, number) for number in numbers
            ]
            return self._map(_best_pair_of_permutation, arguments)

        return self._pvalue(score, best_scores)

    def pvalue_given(self, others: NDArray[np.intp], column: int) -> float:
        """Return the p-value of one selected feature, given the others."""
        self._recode(others)
        given = tuple(map(int, others))

        def permuted_scores(numbers: range) -> list[float]:
            arguments = [
                (*self._permutation(number), column, given) for number in numbers
            ]
            return self._map(_permuted_relevance_given, arguments)

        one = np.array([column])
        score = self._view.relevance_given(one, given, self._run)[0]
        return self._pvalue(float(score), permuted_scores)

    def _pair_terms(
        self, candidates: NDArray[np.intp], selected: NDArray[np.intp]
    ) -> CandidateTerms:
        return CandidateTerms(self._view, candidates, selected, self._run)

    def _pvalue(
        self, score: float, permuted_scores: Callable[[range], Sequence[float]]
    ) -> float:
        return sequential_pvalue(
            score, permuted_scores, self._n_permutations, self.alpha
        )

    def _recode(self, selected: NDArray[np.intp]) -> None:
        for column in selected.tolist():
            if column not in self._columns:
                self._columns[column] = self._X.recode(np.array([column]))

    def _permutation(
        self, number: int
    ) -> tuple[PreparedTable, Columns, dict[int, Columns], SelectedFeatures, int, int]:
        """Return the arguments with which a task makes the view of a permutation."""
        view = self._view
        return (
            view.table, self._y, self._columns, view.selected, self._seed, number,
        )  # fmt: skip

    def _map(
        self, function: Callable[..., Any], arguments: list[tuple[Any, ...]]
    ) -> list[Any]:
        """Call a function with each tuple of arguments, several in one task."""
        starts = range(0, len(arguments), _TASK_SIZE)
        tasks = [(function, arguments[i : i + _TASK_SIZE]) for i in starts]
        return list(chain.from_iterable(self._run(run_serially, tasks)))


def _best_of_permutation(
    table: PreparedTable,
    y: Columns,
    columns: dict[int, Columns],
    known: SelectedFeatures,
    seed: int,
    number: int,
    scores: CandidateScores | None,
    criterion: Criterion,
    batch_size: int,
    selected: NDArray[np.intp],
) -> tuple[CandidateScores, float]:
    """Return the scores of the permuted candidates, and the highest."""
    order = draw_order(seed, number, y.n_samples)
    relevance = None if scores is None else scores.relevance
    view = PermutedView(table, y, columns, known, order, relevance)
    if scores is None:
        scores = score_candidates(view.relevance, criterion, batch_size)

    def pair_terms(
        candidates: NDArray[np.intp], selected: NDArray[np.intp]
    ) -> CandidateTerms:
        return CandidateTerms(view, candidates, selected, run_serially)

    return scores, scores.best(pair_terms, selected)[1]


def _best_pair_of_permutation(
    table: PreparedTable, y: Columns, seed: int, number: int
) -> float:
    order = draw_order(seed, number, y.n_samples)
    return find_best_pair(TableView(table, y.reorder(order)), run_serially)[1]


def _permuted_relevance_given(
    table: PreparedTable,
    y: Columns,
    columns: dict[int, Columns],
    known: SelectedFeatures,
    seed: int,
    number: int,
    column: int,
    given: tuple[int, ...],
) -> float:
    """Return I(f; y | given) of a permuted column f."""
    order = draw_order(seed, number, y.n_samples)
    view = PermutedView(table, y, columns, known, order)
    return float(view.relevance_given(np.array([column]), given, run_serially)[0])


class AnalyticTest:
    """The estimator's own test of I(f; y | S).

    The p-value of the best of m candidates is m times as large (Bonferroni).
    """

    def __init__(self, view: TableView, alpha: float):
        self.alpha, self._view = alpha, view

    def __call__(self, selected: NDArray[np.intp], column: int, score: float) -> float:
        """Return the p-value of the best candidate, given the selected features."""
        n_candidates = self._view.table.n_columns - len(selected)
        return min(1.0, n_candidates * self.pvalue_given(selected, column))

    def pvalue_given(self, others: NDArray[np.intp], column: int) -> float:
        """Return the p-value of one column, given others."""
        view, given = self._view, tuple(map(int, others))
        conditioned = view.condition(given) if given else view.target
        verb = view.table.estimator.conditional_pvalues
        return float(view.table.map(verb, np.array([column]), conditioned)[0])
