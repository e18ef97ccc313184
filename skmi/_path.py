"""Find a path: information, search and stop; and known paths in a folder."""

import os
import pickle
from dataclasses import dataclass

import numpy as np

from skmi._columns import Columns
from skmi._information import Information
from skmi._parallel import Memory, digest, open_memory, worker_pool
from skmi._search import Search
from skmi._stopping import GTest, PermutationTest, find_pair, find_significant
from skmi.criteria import Criterion
from skmi.estimators import Estimator

__all__ = ["Plan", "Stop", "find_path", "recall_path"]

# Values that outlast the Python calls that ask for their information.
_AT_ONCE = 2**16


@dataclass(frozen=True)
class Stop:
    """Where a path ends by itself, and whether picks are tested again then."""

    alpha: float
    p_value: str
    n_permutations: int
    seed: int
    backward: bool


@dataclass(frozen=True)
class Plan:
    """What decides a path, but for the data and its length."""

    estimator: Estimator
    criterion: Criterion
    start: tuple[int, ...]
    pairs_first: bool
    stop: Stop | None


def find_path(
    X: Columns,
    y: Columns,
    plan: Plan,
    n_picks: int,
    n_jobs: int | None,
    search: Search | None = None,
) -> Search:
    """Search a path of so many picks at most, or go on with one that is shorter."""
    at_once = max(4, _AT_ONCE // X.n_samples)
    with worker_pool(n_jobs) as run:
        information = Information(plan.estimator, X, y, run, n_jobs)
        test = _make_test(information, plan, at_once)
        if search is None:
            search = _begin(information, plan, at_once, test)
        search.extend(information.pair, n_picks, test)
        if test is not None and plan.stop is not None and plan.stop.backward:
            search.keep(find_significant(search.path, len(plan.start), test))
    return search


def _make_test(
    information: Information, plan: Plan, at_once: int
) -> PermutationTest | GTest | None:
    stop = plan.stop
    if stop is None:
        return None
    if stop.p_value == "analytic":
        return GTest(information, stop.alpha)
    return PermutationTest(
        information,
        plan.criterion,
        stop.alpha,
        stop.n_permutations,
        stop.seed,
        at_once,
    )


def _begin(
    information: Information,
    plan: Plan,
    at_once: int,
    test: PermutationTest | GTest | None,
) -> Search:
    if not plan.pairs_first or information.X.n_columns == 1:
        return Search(information.relevance, plan.criterion, at_once, plan.start)
    pair, joint = find_pair(information)
    search = Search(information.relevance, plan.criterion, at_once, pair)
    if isinstance(test, PermutationTest):
        search.extend(information.pair, len(pair))
        search.pvalues[:] = test.of_pair(joint)
        if search.pvalues[0] > test.alpha:
            search.keep(np.zeros(len(pair), dtype=bool))
    return search


def recall_path(
    memory: str | os.PathLike | Memory,
    X: Columns,
    y: Columns,
    plan: Plan,
    n_picks: int,
    n_jobs: int | None,
) -> Search:
    """Find a path that is known, or one to be known again.

    Paths are searched as far as 16, 32, 64 ... picks; a longer one goes on where the
    known one ends.
    """
    n_rounded = min(X.n_columns, max(16, 1 << (n_picks - 1).bit_length()))
    cached = open_memory(memory).cache(
        _find_pickled_path, ignore=["X", "y", "n_picks", "n_jobs", "known"]
    )
    of_data = digest(X, y)
    known = cached(of_data, plan, X, y, n_rounded, n_jobs)
    search = pickle.loads(known)
    if len(search.path) < n_picks and not search.ended:
        longer, _ = cached.call(of_data, plan, X, y, n_rounded, n_jobs, known)
        search = pickle.loads(longer)
    return search


def _find_pickled_path(
    of_data: str,
    plan: Plan,
    X: Columns,
    y: Columns,
    n_picks: int,
    n_jobs: int | None,
    known: bytes | None = None,
) -> bytes:
    """A path in bytes, of which joblib makes no map that cannot be written."""
    search = None if known is None else pickle.loads(known)
    return pickle.dumps(find_path(X, y, plan, n_picks, n_jobs, search))
