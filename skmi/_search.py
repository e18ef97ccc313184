"""Greedy forward search; it knows no data and no estimator."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["search_forward"]


def search_forward(
    relevance: NDArray[np.float64],
    pair: Callable[[NDArray[np.intp], int], Any],
    criterion: Any,
    n_picks: int,
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Pick one column after the other, each time the candidate of highest J.

    Parameters
    ----------
    relevance : ndarray of shape (n_columns,)
        I(f; y).
    pair : callable
        `pair(candidates, s)` holds the terms of every candidate with a selected s.
    criterion : Criterion
    n_picks : int
        At most n_columns.

    Returns
    -------
    path : ndarray of shape (n_picks,)
        The columns in the order picked. Equals go to the lowest column.
    scores : ndarray of shape (n_picks,)
        J at each pick; the first is the relevance.
    """
    candidates = np.arange(len(relevance))
    folded = None
    path = np.empty(n_picks, dtype=np.intp)
    scores = np.empty(n_picks)
    for n_selected in range(n_picks):
        if n_selected == 0:
            score = relevance
        else:
            score = criterion.score(relevance[candidates], folded, n_selected)
        best = np.argmax(score)
        path[n_selected], scores[n_selected] = candidates[best], score[best]
        candidates = np.delete(candidates, best)
        if criterion.needs and n_selected + 1 < n_picks:
            term = criterion.term(pair(candidates, path[n_selected]))
            if folded is None:
                folded = term
            else:
                folded = criterion.fold(np.delete(folded, best), term)
    return path, scores
