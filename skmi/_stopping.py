"""When to stop: whether the best candidate tells more than chance would."""

from collections.abc import Callable
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from sklearn.base import clone

from skmi._columns import Columns
from skmi._information import Information, Retargeted, Shuffled
from skmi._parallel import run_here
from skmi._search import Race, first_of_highest, start_race
from skmi._significance import check_permutations
from skmi.criteria import CMI, Criterion
from skmi.estimators import Estimator, PlugIn

__all__ = [
    "GTest",
    "PermutationTest",
    "check_stop",
    "find_pair",
    "find_significant",
]

# Scores that differ by less, in nats, are equal but for rounding.
_ROUNDING = 1e-10
# Shuffles between two looks at whether the test is lost already, and in one task.
_AT_ONCE, _IN_TASK = 24, 4

_FIRST = np.zeros(1, dtype=np.intp)


def check_stop(
    p_value: str,
    criterion: Criterion,
    estimator: Estimator,
    alpha: float,
    n_permutations: int,
) -> None:
    """Raise ValueError if the test cannot be made, or cannot come out."""
    name = type(criterion).__name__
    if p_value == "analytic" and (
        type(criterion) is not CMI or type(estimator) is not PlugIn
    ):
        raise ValueError(
            "p_value='analytic' tests criterion CMI with estimator PlugIn only, not "
            f"{name} with {type(estimator).__name__}; take p_value='permutation'."
        )
    if p_value == "permutation" and criterion.test_criterion() is None:
        raise ValueError(
            f"criterion {name} cannot be tested, so that n_features_to_select='auto' "
            "has no stop; give a number, or another criterion."
        )
    if p_value == "permutation":
        check_permutations(n_permutations, alpha)


def find_pair(information: Information) -> tuple[list[int], float]:
    """The pair of columns of highest I(f, s; y), the more relevant one first, and it.

    Of equals it is the first.
    """
    n_columns, best, pair = information.X.n_columns, -np.inf, [0]
    for s in range(n_columns - 1):
        joint = information.pair(np.arange(s + 1, n_columns), [s]).joint_relevance
        f = first_of_highest(joint)
        if joint[f] > best + _ROUNDING:
            best, pair = joint[f], [s, s + 1 + f]
    if first_of_highest(information.relevance[pair]) == 1:
        pair.reverse()
    return pair, best


def find_significant(
    path: NDArray[np.intp], n_kept: int, test: "PermutationTest | GTest"
) -> NDArray[np.bool_]:
    """Which columns of a path tell something beside the rest; the first n_kept do.

    They are tested in the order of the path, beside all that have not been dropped.
    """
    stays = np.ones(len(path), dtype=bool)
    for i in range(n_kept, len(path)):
        stays[i] = False
        stays[i] = test.of_selected(path[stays], path[i]) <= test.alpha
    return stays


class PermutationTest:
    """How often the best of the candidates, shuffled, scores as high as a pick.

    All candidates are shuffled alike, against the target and what is selected: what
    they tell of each other stays, so that the best of many is held against the best of
    as many. The shuffles are the same at every pick, and what each of them has folded
    is kept, so that a pick costs one step of the search for each.

    Parameters
    ----------
    information : Information
    criterion : Criterion
        That of the search; picks are held against chance by its yardstick.
    alpha : float
        A p-value above it is not found to the end.
    n_permutations, seed : int
    at_once : int
        As `Search` takes it.
    """

    def __init__(
        self,
        information: Information,
        criterion: Criterion,
        alpha: float,
        n_permutations: int,
        seed: int,
        at_once: int,
    ):
        self.information, self.alpha, self.at_once = information, alpha, at_once
        self._yardstick = criterion.test_criterion()
        self._own = None  # the race of the candidates as they are
        if self._yardstick is not criterion:
            self._own = start_race(information.relevance, self._yardstick, at_once)
        self._seeds = [(seed, i) for i in range(n_permutations)]
        self._races: list[Race | None] = [None] * n_permutations
        self._y = information.y.recode(_FIRST)
        self._selected: dict[int, Columns] = {}

    def __call__(self, selected: NDArray[np.intp], column: int, score: float) -> float:
        """P-value of the best candidate, given what is selected."""
        if self._own is not None:
            score = self._own.score(self.information.pair, selected, column)
        beside = self._recode(selected)

        def best_scores(batch: slice) -> list[float]:
            rest = self._yardstick, self.at_once, selected
            results = self._map(
                _run_race,
                [
                    (self.information, *beside, seed, race, *rest)
                    for seed, race in zip(
                        self._seeds[batch], self._races[batch], strict=True
                    )
                ],
            )
            self._races[batch] = [race for race, _ in results]
            return [best for _, best in results]

        return self._count(best_scores, score)

    def of_pair(self, score: float) -> float:
        """P-value of the best pair of candidates, where nothing is selected."""

        def best_scores(batch: slice) -> list[float]:
            arguments = [
                (self.information, self._y, seed) for seed in self._seeds[batch]
            ]
            return self._map(_joint_relevance_of_pair, arguments)

        return self._count(best_scores, score)

    def of_selected(self, rest: NDArray[np.intp], column: int) -> float:
        """P-value of one selected column, given the rest of them."""
        beside, given = self._recode(rest), tuple(map(int, rest))

        def scores(batch: slice) -> list[float]:
            arguments = [
                (self.information, *beside, seed, column, given)
                for seed in self._seeds[batch]
            ]
            return self._map(_relevance_given, arguments)

        score = self.information.relevance_given(np.array([column]), given)[0]
        return self._count(scores, score)

    def _map(self, function: Callable, arguments: list[tuple]) -> list:
        """Map a function over argument tuples, a few of them in one task."""
        starts = range(0, len(arguments), _IN_TASK)
        tasks = [(function, arguments[i : i + _IN_TASK]) for i in starts]
        return list(chain.from_iterable(self.information.run(run_here, tasks)))

    def _recode(self, selected: NDArray[np.intp]) -> tuple[Columns, dict[int, Columns]]:
        for column in selected.tolist():
            if column not in self._selected:
                one = self.information.X.recode(np.array([column]))
                self._selected[column] = one
        return self._y, self._selected

    def _count(self, scores: Callable[[slice], list[float]], score: float) -> float:
        """(1 + shuffles as high) / (1 + all); of fewer, once it is above alpha."""
        least = score - _ROUNDING * max(1, abs(score))
        n_as_high = 0
        for first in range(0, len(self._seeds), _AT_ONCE):
            last = min(first + _AT_ONCE, len(self._seeds))
            shuffled = np.array(scores(slice(first, last)))
            n_as_high += int(np.count_nonzero(shuffled >= least))
            if (1 + n_as_high) / (1 + len(self._seeds)) > self.alpha:
                return (1 + n_as_high) / (1 + last)
        return (1 + n_as_high) / (1 + len(self._seeds))


def _order(seed: tuple[int, int], n_samples: int) -> NDArray[np.intp]:
    return np.random.default_rng(seed).permutation(n_samples)


def _run_race(
    information: Information,
    y: Columns,
    columns: dict[int, Columns],
    seed: tuple[int, int],
    race: Race | None,
    yardstick: Criterion,
    at_once: int,
    selected: NDArray[np.intp],
) -> tuple[Race, float]:
    """The race of shuffled candidates, and the highest J in it."""
    order = _order(seed, y.n_samples)
    known = None if race is None else race.relevance
    shuffled = Shuffled(information, y, columns, order, known)
    if race is None:
        race = start_race(shuffled.relevance, yardstick, at_once)
    return race, race.best(shuffled.pair, selected)[1]


def _joint_relevance_of_pair(
    information: Information, y: Columns, seed: tuple[int, int]
) -> float:
    order = _order(seed, y.n_samples)
    return find_pair(Retargeted(information, y.reorder(order)))[1]


def _relevance_given(
    information: Information,
    y: Columns,
    columns: dict[int, Columns],
    seed: tuple[int, int],
    column: int,
    given: tuple[int, ...],
) -> float:
    """I(f; y | given) of a column that is shuffled."""
    shuffled = Shuffled(information, y, columns, _order(seed, y.n_samples))
    return shuffled.relevance_given(np.array([column]), given)[0]


class GTest:
    """2 n I(f; y | S) of observed frequencies, against chi-square.

    Its degrees of freedom are (levels of f - 1) (levels of y - 1), summed over the
    cells of S, of levels that occur in the cell. The statistic is scaled first so that
    its mean over all permutations of y within the cells is that number (Bartlett). Of
    the best of m candidates, p is m times as much (Bonferroni).
    """

    def __init__(self, information: Information, alpha: float):
        self.information, self.alpha = information, alpha
        plain = clone(information.estimator)
        self._observed = plain.set_params(correction=None)
        self._beyond_chance = clone(plain).set_params(correction="chance")

    def __call__(self, selected: NDArray[np.intp], column: int, score: float) -> float:
        """P-value of the best candidate, given what is selected."""
        n_candidates = self.information.X.n_columns - len(selected)
        return min(1.0, n_candidates * self.of_selected(selected, column))

    def of_selected(self, rest: NDArray[np.intp], column: int) -> float:
        """P-value of one column, given others."""
        information, one = self.information, np.array([column])
        f, y = information.as_target(column).z, information.target.z
        if len(rest):
            question = information.given(tuple(map(int, rest)))
            verb, s = "cmi", question.given.z
        else:
            question, verb, s = information.target, "mi", np.zeros_like(y)
        dof = np.sum((_n_levels(f, s) - 1) * (_n_levels(y, s) - 1))
        observed, beyond = (
            information.map_chunks(getattr(estimator, verb), one, question)[0]
            for estimator in (self._observed, self._beyond_chance)
        )
        by_chance = observed - beyond
        if by_chance < _ROUNDING:
            return 1.0
        return float(chi2.sf(dof * observed / by_chance, dof))


def _n_levels(codes: NDArray[np.int32], s: NDArray[np.int32]) -> NDArray[np.intp]:
    """How many codes occur in each cell of s that does."""
    n_codes = int(codes.max()) + 1
    occurring = np.unique(s.astype(np.int64) * n_codes + codes)
    return np.unique(occurring // n_codes, return_counts=True)[1]
