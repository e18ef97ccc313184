"""What a continuous column is turned into before it is compared with another.

Each takes sorted rows, overwrites them and returns them.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["MARGINALS", "normal_scores", "standardize"]


@lru_cache(maxsize=1)
def _score_table(n: int) -> NDArray[np.float64]:
    """Normal quantiles of 1 to 2 n - 1 over 2 n, odd about the middle to the bit."""
    scores = ndtri(np.arange(1, 2 * n) / (2 * n))
    scores = (scores - scores[::-1]) / 2
    scores.flags.writeable = False
    return scores


def normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return _of_midranks(values, _score_table(values.shape[1]))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return _of_midranks(values, np.arange(2.0 * values.shape[1] - 1))


def _of_midranks(
    values: NDArray[np.float64], table: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Replace sorted values by what a table has for twice their rank, ties averaged."""
    n = values.shape[1]
    for row in values:
        changes = np.flatnonzero(row[1:] != row[:-1]) + 1
        if len(changes) == n - 1:
            row[:] = table[::2]
        else:
            starts = np.concatenate([[0], changes, [n]])
            row[:] = np.repeat(table[starts[:-1] + starts[1:] - 1], np.diff(starts))
    return values


def standardize(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # sums of squares must neither overflow nor vanish; a power of two keeps all bits
    _, exponent = np.frexp(np.maximum(-values[:, 0], values[:, -1]))
    extreme = np.abs(exponent) > 300
    if extreme.any():
        values[extreme] = np.ldexp(values[extreme], -exponent[extreme, None])
    values -= values.mean(axis=1, keepdims=True)
    scale = np.sqrt(np.einsum("ij,ij->i", values, values) / values.shape[1])
    values /= np.where(scale > 0, scale, 1)[:, None]
    return values


def _as_they_are(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return values


MARGINALS = {
    "normal": normal_scores,
    "uniform": _ranks,
    "standard": standardize,
    "raw": _as_they_are,
}
