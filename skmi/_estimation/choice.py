"""Which estimator suits a table: the rule behind estimator="auto"."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from skmi._data.columns import Columns
from skmi._estimation.scales import rank_functions
from skmi.estimators import Estimator, GaussianCopula, PlugIn, serves

__all__ = ["choose_estimator"]

# With so many samples, bins lose no power against the copula, for classes and numbers.
_ENOUGH_FOR_CLASSES, _ENOUGH_FOR_NUMBERS = 500, 1_000
# Level of the test for curves, over all columns.
_LEVEL = 0.01
# Half waves of the cosines that are compared with a monotone relation.
_HALF_WAVES = (2, 3, 4)
# Values that are tested together.
_MOST_VALUES = 2**20

_FIRST = np.zeros(1, dtype=np.intp)


def choose_estimator(X: Columns, y: Columns, needed: Iterable[str]) -> Estimator:
    """Return the copula if samples are few and no relation is curved, else bins.

    Parameters
    ----------
    X, y : Columns
        The features, and the target as one column.
    needed : iterable of str
        What the estimator must provide; bins provide everything.
    """
    discrete = bool(y.discrete[0])
    enough = _ENOUGH_FOR_CLASSES if discrete else _ENOUGH_FOR_NUMBERS
    if X.n_samples >= enough or not serves(GaussianCopula, needed):
        return PlugIn()
    if X.discrete.all() and discrete:
        return PlugIn()
    if not discrete and _has_curve(X, y):
        return PlugIn()
    return GaussianCopula()


def _has_curve(X: Columns, y: Columns) -> bool:
    """Return whether the target oscillates with some column rather than follows it.

    It does if a cosine of the ranks of the column, of two to four half waves, has a
    significant correlation with the normal scores of the target, beside those of the
    column, which is greater than that of the normal scores of the column themselves.
    """
    continuous = np.flatnonzero(~X.discrete)
    n = X.n_samples
    if n < 5:
        return False
    n_tests = len(_HALF_WAVES) * len(continuous)
    target = rank_functions(y.recode(_FIRST).numbers(_FIRST))[0, 0]
    step = max(1, _MOST_VALUES // n)
    for start in range(0, len(continuous), step):
        functions = rank_functions(X.numbers(continuous[start : start + step]))
        line = _unit(functions[0])
        along_line = line @ _unit(target)
        for half_waves in _HALF_WAVES:
            wave = functions[half_waves]
            wave = _unit(wave - np.einsum("ij,ij->i", wave, line)[:, None] * line)
            along_wave = wave @ _unit(target)
            rest = np.maximum(1 - along_line**2 - along_wave**2, 1e-12)
            t = np.abs(along_wave) * np.sqrt((n - 3) / rest)
            significant = 2 * n_tests * stdtr(n - 3, -t) <= _LEVEL
            if np.any(significant & (np.abs(along_wave) > np.abs(along_line))):
                return True
    return False


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of length 1; those of 0 stay as they are."""
    lengths = np.sqrt(np.sum(rows**2, axis=-1, keepdims=True))
    unit: NDArray[np.float64] = rows / np.where(lengths > 1e-9, lengths, 1)
    return unit
