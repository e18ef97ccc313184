"""Where a path stops: tests of whether the best candidate is significant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Protocol, TypeVar

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
from skmi._search.pairs import find_best_pair
from skmi._search.search import CandidateScores, StoppingTest, start_scores
from skmi._search.terms import CandidateTerms
from skmi._utils.parallel import Runner, run_serially
from skmi.criteria import CMI, Criterion
from skmi.estimators import Estimator, require

__all__ = [
    "AnalyticTest",
    "PathTest",
    "PermutationTest",
    "StoppingSettings",
    "check_stopping",
    "find_significant",
]

Result = TypeVar("Result")

# Permutations in one task.
_TASK_SIZE = 4

_FIRST = np.zeros(1, dtype=np.intp)


class PathTest(StoppingTest, Protocol):
    """A test of candidates and of selected features."""

    def pvalue_given(self, others: NDArray[np.intp], column: int) -> float:
        """Return the p-value of one selected feature, given the others."""


@dataclass(frozen=True)
class StoppingSettings:
    """How a path stops by itself, and whether its picks are tested again at the end."""

    alpha: float
    p_value: str
    n_permutations: int
    seed: int
    backward: bool


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
        With the columns of the table as its source.
    y : Columns
        Target.
    criterion : Criterion
        The criterion of the search; the test uses its `test_criterion`.
    settings : StoppingSettings
        A p-value above alpha may be computed from fewer permutations.
    batch_size : int
        As for `Search`.
    run : callable
    """

    def __init__(
        self,
        view: TableView,
        y: Columns,
        criterion: Criterion,
        settings: StoppingSettings,
        batch_size: int,
        run: Runner,
    ):
        test_criterion = criterion.test_criterion()
        assert test_criterion is not None
        assert view.source is not None
        self.alpha, self._n_permutations = settings.alpha, settings.n_permutations
        self._view, self._source, self._run = view, view.source, run
        self._criterion, self._batch_size = test_criterion, batch_size
        self._own_scores: CandidateScores | None = None
        if test_criterion is not criterion:
            self._own_scores = start_scores(view.relevance, test_criterion, batch_size)
        self._scores: list[CandidateScores | None] = [None] * self._n_permutations
        self._permutations = _Permutations(
            view.table, y.recode(_FIRST), {}, view.selected, settings.seed
        )

    def __call__(self, selected: NDArray[np.intp], column: int, score: float) -> float:
        """Return the p-value of the best candidate, given the selected features."""
        if self._own_scores is not None:
            score = self._own_scores.score(self._pair_terms, selected, column)
        self._recode(selected)

        def best_scores(numbers: range) -> list[float]:
            batch = slice(numbers.start, numbers.stop)
            arguments = [
                (self._permutations, number, scores, self._criterion, self._batch_size,
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
            arguments = [(self._permutations, number) for number in numbers]
            return self._map(_best_pair_of_permutation, arguments)

        return self._pvalue(score, best_scores)

    def pvalue_given(self, others: NDArray[np.intp], column: int) -> float:
        """Return the p-value of one selected feature, given the others."""
        self._recode(others)
        given = tuple(map(int, others))

        def permuted_scores(numbers: range) -> list[float]:
            arguments = [
                (self._permutations, number, column, given) for number in numbers
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
        """Add selected features to the columns that are permuted."""
        columns = self._permutations.columns
        for column in selected.tolist():
            if column not in columns:
                columns[column] = self._source.recode(np.array([column]))

    def _map(
        self, function: Callable[..., Result], arguments: list[tuple[Any, ...]]
    ) -> list[Result]:
        """Call a function with each tuple of arguments, several in one task."""
        starts = range(0, len(arguments), _TASK_SIZE)
        tasks = [(function, arguments[i : i + _TASK_SIZE]) for i in starts]
        results: list[list[Result]] = self._run(run_serially, tasks)
        return list(chain.from_iterable(results))


@dataclass(frozen=True, eq=False)
class _Permutations:
    """What a task needs to permute the samples of the target and selected features."""

    table: PreparedTable
    y: Columns
    columns: dict[int, Columns]  # the selected features
    selected: SelectedFeatures
    seed: int

    def order(self, number: int) -> NDArray[np.intp]:
        """Return the order of the samples in a permutation."""
        return draw_order(self.seed, number, self.y.n_samples)

    def view(
        self, number: int, relevance: NDArray[np.float64] | None = None
    ) -> PermutedView:
        """Return the view of a permutation; its relevance may be known."""
        order = self.order(number)
        return PermutedView(
            self.table, self.y, self.columns, self.selected, order, relevance
        )


def _best_of_permutation(
    permutations: _Permutations,
    number: int,
    scores: CandidateScores | None,
    criterion: Criterion,
    batch_size: int,
    selected: NDArray[np.intp],
) -> tuple[CandidateScores, float]:
    """Return the scores of the permuted candidates, and the highest."""
    view = permutations.view(number, None if scores is None else scores.relevance)
    if scores is None:
        scores = start_scores(view.relevance, criterion, batch_size)
    pair_terms = partial(CandidateTerms, view, run=run_serially)
    return scores, scores.best(pair_terms, selected)[1]


def _best_pair_of_permutation(permutations: _Permutations, number: int) -> float:
    y = permutations.y.reorder(permutations.order(number))
    return find_best_pair(TableView(permutations.table, y), run_serially)[1]


def _permuted_relevance_given(
    permutations: _Permutations, number: int, column: int, given: tuple[int, ...]
) -> float:
    """Return I(f; y | given) of a permuted column f."""
    view = permutations.view(number)
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
