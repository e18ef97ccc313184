"""Find a path: prepare the table, search, and stop. Cache paths in a folder."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from functools import partial

import numpy as np

from skmi._data.columns import Columns
from skmi._estimation.table import PreparedTable, TableView
from skmi._search.pairs import find_best_pair
from skmi._search.search import Search
from skmi._search.stopping import (
    AnalyticTest,
    PermutationTest,
    StoppingSettings,
    find_significant,
)
from skmi._search.terms import CandidateTerms
from skmi._utils.parallel import (
    Memory,
    Runner,
    hash_data,
    open_memory,
    worker_pool,
)
from skmi.criteria import Criterion
from skmi.estimators import Estimator

__all__ = ["PathSettings", "find_cached_path", "find_path"]

# With this many values, computing a term takes longer than the Python calls around it.
_VALUES_PER_BATCH = 2**16


@dataclass(frozen=True)
class PathSettings:
    """Everything that determines a path, except the data and the length."""

    estimator: Estimator
    criterion: Criterion
    start: tuple[int, ...]
    pairs_first: bool
    stopping: StoppingSettings | None


def find_path(
    X: Columns,
    y: Columns,
    settings: PathSettings,
    n_picks: int,
    n_jobs: int | None,
    search: Search | None = None,
) -> Search:
    """Search a path of at most n_picks, or continue a shorter one."""
    batch_size = max(4, _VALUES_PER_BATCH // X.n_samples)
    with worker_pool(n_jobs) as run:
        table = PreparedTable.prepare(settings.estimator, X, run, n_jobs)
        view = TableView(table, y, X, run)
        test = _make_test(view, settings, run)
        if search is None:
            search = _start_search(view, settings, batch_size, test, run)
        search.extend(partial(CandidateTerms, view, run=run), n_picks, test)
        stopping = settings.stopping
        if test is not None and stopping is not None and stopping.backward:
            search.keep(find_significant(search.path, len(settings.start), test))
    return search


def _make_test(
    view: TableView, settings: PathSettings, run: Runner
) -> PermutationTest | AnalyticTest | None:
    stopping = settings.stopping
    if stopping is None:
        return None
    if stopping.p_value == "analytic":
        return AnalyticTest(view, stopping.alpha, run)
    return PermutationTest(view, settings.criterion, stopping, run)


def _start_search(
    view: TableView,
    settings: PathSettings,
    batch_size: int,
    test: PermutationTest | AnalyticTest | None,
    run: Runner,
) -> Search:
    criterion = settings.criterion
    if not settings.pairs_first or view.table.n_columns == 1:
        return Search(view.relevance, criterion, batch_size, settings.start)
    pvalue = np.nan
    if isinstance(test, PermutationTest):
        pair, pvalue = test.choose_pair()
    else:
        pair = find_best_pair(view, run)
    search = Search(view.relevance, criterion, batch_size, pair)
    if test is not None:
        search.extend(partial(CandidateTerms, view, run=run), len(pair))
        search.pvalues[:] = pvalue
        if pvalue > test.alpha:
            search.keep(np.zeros(len(pair), dtype=bool))
    return search


def find_cached_path(
    memory: str | os.PathLike[str] | Memory,
    X: Columns,
    y: Columns,
    settings: PathSettings,
    n_picks: int,
    n_jobs: int | None,
) -> Search:
    """Load a cached path, or find one and cache it.

    Cached paths have 16, 32, 64 ... picks; a longer path continues a cached one.
    """
    n_rounded = min(X.n_columns, max(16, 1 << (n_picks - 1).bit_length()))
    cached = open_memory(memory).cache(
        _find_pickled_path, ignore=["X", "y", "n_picks", "n_jobs", "known"]
    )
    data_hash = hash_data(X, y)
    known = cached(data_hash, settings, X, y, n_rounded, n_jobs)
    search: Search = pickle.loads(known)
    if len(search.path) < n_picks and not search.ended:
        longer, _ = cached.call(data_hash, settings, X, y, n_rounded, n_jobs, known)
        search = pickle.loads(longer)
    return search


def _find_pickled_path(
    data_hash: str,
    settings: PathSettings,
    X: Columns,
    y: Columns,
    n_picks: int,
    n_jobs: int | None,
    known: bytes | None = None,
) -> bytes:
    """Find a path and return it as bytes, which joblib does not memory-map."""
    search = None if known is None else pickle.loads(known)
    return pickle.dumps(find_path(X, y, settings, n_picks, n_jobs, search))
