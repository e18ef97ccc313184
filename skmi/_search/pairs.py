"""The best pair of features, from which a search may start."""

import numpy as np
from numpy.typing import NDArray

from skmi._estimation.table import PreparedTable, TableView
from skmi._search.search import index_of_highest
from skmi._utils.parallel import Runner, run_serially
from skmi.estimators import Target

__all__ = ["find_best_pair", "joint_relevance", "order_pair"]

# Joint relevances that differ by less, in nats, are equal up to rounding.
_ROUNDING = 1e-12


def joint_relevance(
    table: PreparedTable,
    relevance: NDArray[np.float64],
    target: Target,
    s: int,
    given: Target,
    run: Runner = run_serially,
) -> NDArray[np.float64]:
    """Return I(f, s; y) = I(s; y) + I(f; y | s) of one column s and all after it.

    Parameters
    ----------
    table : PreparedTable
    relevance : ndarray of shape (n_columns,)
        I(f; y).
    target : Target
        y.
    s : int
    given : Target
        s as a prepared target.
    run : callable
    """
    conditioned = table.estimator.condition(target, given)
    after = np.arange(s + 1, table.n_columns)
    information = table.map(table.estimator.cmi, after, conditioned, run=run)
    return float(relevance[s]) + information


def find_best_pair(view: TableView, run: Runner) -> list[int]:
    """Find the pair of columns of highest I(f, s; y), the first of equal ones."""
    highest, pair = -np.inf, (0, 1)
    for s in range(view.table.n_columns - 1):
        given = view.table.as_target(s)
        joint = joint_relevance(view.table, view.relevance, view.target, s, given, run)
        f = index_of_highest(joint)
        if joint[f] > highest + _ROUNDING:
            highest, pair = float(joint[f]), (s, s + 1 + f)
    return order_pair(pair, view.relevance)


def order_pair(pair: tuple[int, int], relevance: NDArray[np.float64]) -> list[int]:
    """Return a pair of columns, the more relevant one first."""
    best = index_of_highest(relevance[list(pair)])
    return [pair[best], pair[1 - best]]
