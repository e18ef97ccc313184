"""Where a path stops: tests of whether a candidate is significant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from math import ceil
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import sort_columns
from skmi._estimation.exchange import Exchange
from skmi._estimation.permutation import (
    Comparison,
    check_permutations,
    sequential_pvalue,
    standardize,
)
from skmi._estimation.table import PermutedView, PreparedTable, TableView
from skmi._search.pairs import joint_relevance, order_pair
from skmi._search.search import (
    CandidateScores,
    Choice,
    EagerScores,
    PairTerms,
    StoppingTest,
    index_of_highest,
)
from skmi._search.terms import CandidateTerms
from skmi._utils.parallel import Runner, run_serially
from skmi.criteria import CMI, Criterion
from skmi.estimators import Estimator, Target, require

__all__ = [
    "AnalyticTest",
    "PathTest",
    "PermutationTest",
    "StoppingSettings",
    "check_stopping",
    "find_significant",
]

# A permuted target, and I(f; y) of all columns.
Permuted: TypeAlias = tuple[Target, NDArray[np.float64]]

# Permutations before the first look at the p-values, unless 2 / alpha - 1 is more, and
# between two looks. Fewer do not show the shape of the null distributions.
_FIRST_LOOK, _NEXT_LOOK = 39, 40
# Permutations in one task, unless their orders have more values than the maximum.
_TASK_SIZE, _MOST_VALUES = 10, 2**22
# Most values of all orders that are kept from pick to pick: 128 MiB.
_KEPT_VALUES = 2**24


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
    exchange: Exchange


def check_stopping(
    p_value: str,
    criterion: Criterion,
    estimator: Estimator,
    alpha: float,
    n_permutations: int,
    exchange: Exchange,
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
        exchange.check_analytic()
        return
    if criterion.test_criterion() is None:
        raise ValueError(
            f"criterion {name} defines no test, so n_features_to_select='auto' cannot "
            "decide where to stop; give a number of features, or choose another "
            "criterion."
        )
    check_permutations(n_permutations, alpha)
    exchange.check_alpha(alpha)


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
    """Compares every candidate with the best of permuted candidates.

    All candidates are permuted together, against the target and the selected features.
    Their dependence on each other stays the same, so that a candidate is compared with
    the best of as many. Before, the scores of each candidate are standardized by its
    own permuted scores, because these depend on its kind and number of levels. The
    p-value of a candidate is the share of permutations whose highest normal score is at
    least as high (single-step minP of Westfall and Young).

    The permutations are the same at every pick. Each keeps its folded terms, so that a
    pick takes one step of the search for each. A pick draws only as many as it needs.

    Parameters
    ----------
    view : TableView
        With the columns of the table as its source.
    criterion : Criterion
        The criterion of the search; the test uses its `test_criterion`.
    settings : StoppingSettings
    run : callable
    """

    def __init__(
        self,
        view: TableView,
        criterion: Criterion,
        settings: StoppingSettings,
        run: Runner,
    ):
        test_criterion = criterion.test_criterion()
        assert test_criterion is not None
        self.alpha, self._n_permutations = settings.alpha, settings.n_permutations
        self._view, self._settings, self._run = view, settings, run
        self._criterion = test_criterion
        self._own_scores: EagerScores | None = None
        if test_criterion is not criterion:
            self._own_scores = EagerScores(view.relevance, test_criterion)
        self._alike = _find_alike(view, settings.exchange)
        self._scores: dict[range, EagerScores] = {}
        self._orders: dict[range, NDArray[np.intp]] = {}

    def choose(
        self,
        selected: NDArray[np.intp],
        candidates: CandidateScores,
        pair_terms: PairTerms,
    ) -> Choice:
        """Return the significant candidate of highest J, given the selected features.

        If no candidate is significant, return that of the lowest p-value.
        """
        columns, scores = candidates.all(pair_terms, selected)
        tested = scores
        if self._own_scores is not None:
            tested = self._own_scores.all(pair_terms, selected)[1]
        permuted: list[NDArray[np.float64]] = []

        def compare(batches: list[range]) -> Comparison:
            permuted.extend(self._permute_scores(batches, selected))
            return standardize(tested, np.concatenate(permuted), self._alike[columns])

        i, pvalue = self._choose(scores, compare)
        return Choice(int(columns[i]), float(scores[i]), pvalue)

    def choose_pair(self) -> tuple[list[int], float]:
        """Return the significant pair of highest joint relevance, and its p-value."""
        view, permuted = self._view, list[Permuted]()
        firsts = range(view.table.n_columns - 1)
        joint = [
            joint_relevance(
                view.table,
                view.relevance,
                view.target,
                s,
                view.table.as_target(s),
                self._run,
            )
            for s in firsts
        ]

        def compare(batches: list[range]) -> Comparison:
            arguments = [(view, self._draw(batch)) for batch in batches]
            permuted.extend(chain.from_iterable(self._run(_permute_target, arguments)))
            rows = [(view.table, s, joint[s], permuted) for s in firsts]
            compared = self._run(_compare_pairs, rows)
            return Comparison(
                np.concatenate([each.standard for each in compared]),
                np.max([each.highest for each in compared], axis=0),
            )

        # a second look repeats the permutations of the first: no third one
        i, pvalue = self._choose(np.concatenate(joint), compare, self._n_permutations)
        s, f = (int(each[i]) for each in np.triu_indices(view.table.n_columns, 1))
        return order_pair((s, f), view.relevance), pvalue

    def _choose(
        self,
        scores: NDArray[np.float64],
        compare: Callable[[list[range]], Comparison],
        next_look: int = _NEXT_LOOK,
    ) -> tuple[int, float]:
        """Return the highest score among the significant ones, and its p-value.

        `compare` compares all candidates with more batches of permutations. These are
        drawn until the choice is clear.
        """
        n, n_all = 0, self._n_permutations
        look = max(_FIRST_LOOK, ceil(2 / self.alpha) - 1)
        while True:
            compared = compare(self._split(range(n, min(n + look, n_all))))
            n, look = min(n + look, n_all), next_look
            n_as_high = compared.n_as_high
            may_be = (1 + n_as_high) / (1 + n_all) <= self.alpha
            if not may_be.any():
                best = index_of_highest(compared.standard)
                break
            best = index_of_highest(np.where(may_be, scores, -np.inf))
            if n == n_all or compared.is_clear(best):
                break
        return best, float((1 + n_as_high[best]) / (1 + n))

    def pvalue_given(self, others: NDArray[np.intp], column: int) -> float:
        """Return the p-value of one selected feature, given the others."""
        one, given = np.array([column]), tuple(map(int, others))
        score = self._view.relevance_given(one, given, self._run)[0]

        def permuted_scores(numbers: range) -> NDArray[np.float64]:
            batches = self._split(numbers)
            arguments = [(self._view, self._draw(each), one, given) for each in batches]
            return np.concatenate(self._run(_relevance_given, arguments))

        return sequential_pvalue(
            float(score), permuted_scores, self._n_permutations, self.alpha
        )

    def _permute_scores(
        self, batches: list[range], selected: NDArray[np.intp]
    ) -> list[NDArray[np.float64]]:
        """Return J of all candidates in the permutations of each batch."""
        arguments = [
            (self._view, self._draw(batch), self._scores.get(batch), self._criterion,
             selected)
            for batch in batches
        ]  # fmt: skip
        results = self._run(_score_candidates, arguments)
        for batch, (kept, _) in zip(batches, results, strict=True):
            self._scores[batch] = kept
        return [scores for _, scores in results]

    def _split(self, numbers: range) -> list[range]:
        """Split permutations into tasks."""
        most = max(1, _MOST_VALUES // self._view.table.n_samples)
        size = min(_TASK_SIZE, most)
        return [numbers[i : i + size] for i in range(0, len(numbers), size)]

    def _draw(self, numbers: range) -> NDArray[np.intp]:
        """Return the orders of permutations; keep them if they are short."""
        orders = self._orders.get(numbers)
        if orders is None:
            n_samples = self._view.table.n_samples
            orders = self._settings.exchange.orders(self._settings.seed, numbers)
            if self._n_permutations * n_samples <= _KEPT_VALUES:
                self._orders[numbers] = orders
        return orders


def _find_alike(view: TableView, exchange: Exchange) -> NDArray[np.bool_]:
    """Return which columns certainly have the same scores under some permutation.

    These are continuous columns without ties, if the estimator reads only their ranks,
    and any two rows may change places.
    """
    X, estimator = view.source, view.table.estimator
    alike = np.zeros(X.n_columns, bool)
    if estimator.reads_ranks() and exchange.setting == "rows":
        for column in np.flatnonzero(~X.discrete):
            values = sort_columns(X.numbers(np.array([column])))[0]
            alike[column] = (values[:, 1:] != values[:, :-1]).all()
    return alike


def _score_candidates(
    view: TableView,
    orders: NDArray[np.intp],
    scores: EagerScores | None,
    criterion: Criterion,
    selected: NDArray[np.intp],
) -> tuple[EagerScores, NDArray[np.float64]]:
    """Return the state of the candidates, and J of each, in each order."""
    permuted = PermutedView(view, orders)
    if scores is None:
        scores = EagerScores(permuted.relevance, criterion)
    else:
        permuted.relevance = scores.relevance
    pair_terms = partial(CandidateTerms, permuted, run=run_serially)
    return scores, scores.all(pair_terms, selected)[1]


def _permute_target(view: TableView, orders: NDArray[np.intp]) -> list[Permuted]:
    """Return the target, and I(f; y) of all columns, in each order."""
    permuted = PermutedView(view, orders)
    return [(permuted.target(i), permuted.relevance[i]) for i in range(len(orders))]


def _compare_pairs(
    table: PreparedTable,
    s: int,
    joint: NDArray[np.float64],
    permuted: list[Permuted],
) -> Comparison:
    """Compare the pairs of s and all columns after it with permutations of y."""
    given = table.as_target(s)
    scores = [joint_relevance(table, i, y, s, given) for y, i in permuted]
    return standardize(joint, np.stack(scores))


def _relevance_given(
    view: TableView,
    orders: NDArray[np.intp],
    one: NDArray[np.intp],
    given: tuple[int, ...],
) -> NDArray[np.float64]:
    """Return I(f; y | given) of one column f, in each order."""
    permuted = PermutedView(view, orders)
    return permuted.relevance_given(one, given, run_serially)[:, 0]


class AnalyticTest:
    """The estimator's own test of I(f; y | S).

    p-values are multiplied by the number of candidates (Bonferroni).
    """

    def __init__(self, view: TableView, alpha: float, run: Runner):
        self.alpha, self._view, self._run = alpha, view, run

    def choose(
        self,
        selected: NDArray[np.intp],
        candidates: CandidateScores,
        pair_terms: PairTerms,
    ) -> Choice:
        """Return the significant candidate of highest J, given the selected features.

        If no candidate is significant, return that of the lowest p-value.
        """
        columns, scores = candidates.all(pair_terms, selected)
        pvalues = np.minimum(1, len(columns) * self._pvalues(selected, columns))
        significant = pvalues <= self.alpha
        if significant.any():
            i = index_of_highest(np.where(significant, scores, -np.inf))
        else:
            i = int(np.argmin(pvalues))
        return Choice(int(columns[i]), float(scores[i]), float(pvalues[i]))

    def pvalue_given(self, others: NDArray[np.intp], column: int) -> float:
        """Return the p-value of one column, given others."""
        return float(self._pvalues(others, np.array([column]))[0])

    def _pvalues(
        self, selected: NDArray[np.intp], columns: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        view, given = self._view, tuple(map(int, selected))
        conditioned = view.condition(given) if given else view.target
        verb = view.table.estimator.conditional_pvalues
        return view.table.map(verb, columns, conditioned, run=self._run)
