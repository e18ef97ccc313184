"""Which estimator suits a table: the rule behind estimator="auto"."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtrc

from skmi._data.columns import Columns
from skmi._estimation.scales import rank_functions
from skmi.estimators import Estimator, GaussianCopula, PlugIn, serves

__all__ = ["choose_estimator"]

# With so many samples, bins lose no power against the copula, for classes and numbers.
_ENOUGH_FOR_CLASSES, _ENOUGH_FOR_NUMBERS = 500, 1_000
# Level of the test for curves, over all columns.
_LEVEL = 0.01
# Half waves of the cosines that are compared with what the copula sees.
_HALF_WAVES = (2, 3, 4, 5, 6)
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
    return PlugIn() if _has_curve(X, y) else GaussianCopula()


def _has_curve(X: Columns, y: Columns) -> bool:
    """Return whether the target oscillates with some column rather than follows it.

    It does if a cosine of the ranks of the column, of two to six half waves, explains
    the target significantly and better than what the copula sees: the normal scores of
    the column and, for classes, their squares. The cosine is orthogonal to these.
    """
    continuous = np.flatnonzero(~X.discrete)
    target = _contrasts(y)
    n, n_contrasts = X.n_samples, len(target)
    left = n - 2 - n_contrasts
    if left < 1 or n_contrasts == 0:
        return False
    n_tests = len(_HALF_WAVES) * len(continuous)

    def explained(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        total: NDArray[np.float64] = np.sum((rows @ target.T) ** 2, axis=1)
        return total

    step = max(1, _MOST_VALUES // n)
    for start in range(0, len(continuous), step):
        functions = rank_functions(X.numbers(continuous[start : start + step]))
        known = [_unit(functions[0])]
        if y.discrete[0]:
            square = known[0] ** 2
            square -= square.mean(axis=1, keepdims=True)
            known.append(_unit(_without(square, known)))
        by_known = sum(map(explained, known))
        for half_waves in _HALF_WAVES:
            by_wave = explained(_unit(_without(functions[half_waves], known)))
            rest = np.maximum(1 - by_wave, 1e-12)
            pvalues = fdtrc(n_contrasts, left, by_wave / n_contrasts / (rest / left))
            if np.any((n_tests * pvalues <= _LEVEL) & (by_wave > by_known)):
                return True
    return False


def _contrasts(y: Columns) -> NDArray[np.float64]:
    """Return what is explained of the target, as orthogonal rows of length 1.

    These are its normal scores, or the differences between its classes.
    """
    if not y.discrete[0]:
        rows = _unit(rank_functions(y.recode(_FIRST).numbers(_FIRST))[0])
    else:
        codes = y.codes(_FIRST)[0][0]
        indicators = (codes == np.unique(codes)[:, None]).astype(np.float64)
        indicators -= indicators.mean(axis=1, keepdims=True)
        rows = np.linalg.svd(indicators[1:], full_matrices=False)[2]
    return rows[rows.any(axis=1)]


def _without(
    rows: NDArray[np.float64], known: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Subtract from rows what orthogonal rows of length 1 explain of them."""
    for each in known:
        rows = rows - np.einsum("ij,ij->i", rows, each)[:, None] * each
    return rows


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return rows of length 1; those of 0 stay as they are."""
    lengths = np.sqrt(np.sum(rows**2, axis=-1, keepdims=True))
    unit: NDArray[np.float64] = rows / np.where(lengths > 1e-9, lengths, 1)
    return unit
