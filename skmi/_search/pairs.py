"""The best pair of features, from which a search may start."""

import numpy as np

from skmi._estimation.table import TableView
from skmi._search.search import index_of_highest
from skmi._search.terms import CandidateTerms
from skmi._utils.parallel import Runner

__all__ = ["find_best_pair"]

# Joint relevances that differ by less, in nats, are equal up to rounding.
_ROUNDING = 1e-10


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
