"""Transformations of continuous columns, before they are compared.

Each function takes sorted rows, overwrites them and returns them.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["MARGINALS", "normal_scores", "standardize"]


@lru_cache(maxsize=1)
def _score_table(n: int) -> NDArray[np.float64]:
    """Return normal quantiles of 1 to 2 n - 1 over 2 n, exactly symmetric about 0."""
    scores: NDArray[np.float64] = ndtri(np.arange(1, 2 * n) / (2 * n))
    scores = (scores - scores[::-1]) / 2
    scores.flags.writeable = False
    return scores


def normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace values by normal scores; ties share the mean of their ranks."""
    return _of_midranks(values, _score_table(values.shape[1]))


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace values by twice their rank; ties share the mean of their ranks."""
    return _of_midranks(values, np.arange(2.0 * values.shape[1] - 1))


def _of_midranks(
    values: NDArray[np.float64], table: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Replace sorted values by the entry of a table at twice their mean rank."""
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
    """Give sorted rows mean 0 and variance 1; constant ones become 0."""
    # sums of squares must neither overflow nor vanish; a power of two keeps all bits
    _, exponent = np.frexp(np.maximum(-values[:, 0], values[:, -1]))
    extreme = np.abs(exponent) > 300
    if extreme.any():
        values[extreme] = np.ldexp(values[extreme], -exponent[extreme, None])
    values -= values.mean(axis=1, keepdims=True)
    scale = np.sqrt(np.einsum("ij,ij->i", values, values) / values.shape[1])
    values /= np.where(scale > 0, scale, 1)[:, None]
    return values


def _raw(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values, halved if their range is more than the largest float."""
    wide = values[:, -1] / 2 - values[:, 0] / 2 > np.finfo(np.float64).max / 2
    values[wide] /= 2
    return values


MARGINALS = {
    "normal": normal_scores,
    "uniform": _ranks,
    "standard": standardize,
    "raw": _raw,
}
