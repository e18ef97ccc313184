"""Transformations of continuous columns, before they are compared.

Each function takes sorted rows, overwrites them and returns them.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

__all__ = ["MARGINALS", "normal_scores", "standardize"]


def _quantiles(twice: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return normal quantiles of twice a rank over 2 n, exactly symmetric about 0.

    twice is overwritten.
    """
    above = 2 * n - twice
    for each in (twice, above):
        each /= 2 * n
        ndtri(each, out=each)
    twice -= above
    twice /= 2
    return twice


@lru_cache(maxsize=1)
def _score_table(n: int) -> NDArray[np.float64]:
    """Return the normal scores of n different values."""
    scores = _quantiles(np.arange(1.0, 2 * n, 2), n)
    scores.flags.writeable = False
    return scores


def normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace values by normal scores; ties share the mean of their ranks."""
    n = values.shape[1]
    table = _score_table(n)
    for row in values:
        starts = _starts_of_runs(row)
        if starts is None:
            row[:] = table
            continue
        twice = starts[:-1] + starts[1:]  # the mean rank of a run, from 1/2
        scores = table[(twice - 1) >> 1]
        between = twice % 2 == 0  # in the middle of two ranks
        scores[between] = _quantiles(twice[between].astype(np.float64), n)
        row[:] = np.repeat(scores, np.diff(starts))
    return values


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace values by twice their rank; ties share the mean of their ranks."""
    for row in values:
        starts = _starts_of_runs(row)
        if starts is None:
            row[:] = np.arange(0.0, 2 * len(row), 2)
        else:
            row[:] = np.repeat(starts[:-1] + starts[1:] - 1.0, np.diff(starts))
    return values


def _starts_of_runs(row: NDArray[np.float64]) -> NDArray[np.intp] | None:
    """Return where runs of equal values begin, and the end; None if all differ."""
    differs = row[1:] != row[:-1]
    if differs.all():
        return None
    return np.concatenate([[0], np.flatnonzero(differs) + 1, [len(row)]])


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
