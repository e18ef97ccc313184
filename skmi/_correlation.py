"""Correlations of rows with a target, by their kinds, and their p-values."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc
from scipy.stats import chi2, rankdata

__all__ = ["ROUNDING", "correlate", "count_levels", "fit_line", "fit_means", "to_unit"]

_Rows = NDArray[np.float64]
_Pair = tuple[_Rows, _Rows]

# What is below this share of a variance is what rounding leaves of 0.
ROUNDING = 1e-12


def correlate(
    rows: _Rows,
    discrete: NDArray[np.bool_],
    y: _Rows,
    y_is_discrete: bool,
    *,
    ranked: bool = False,
) -> _Pair:
    """The correlation of every row with y, and its p-value.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_samples)
        Numbers, or codes where discrete.
    discrete : ndarray of shape (n_rows,), dtype bool
    y : ndarray of shape (1, n_samples)
    y_is_discrete : bool
    ranked : bool
        Whether numbers count by their ranks.
    """
    out = np.empty((2, len(rows)))
    for kind in (False, True):
        these = discrete == kind
        if these.any():
            function = _CORRELATIONS[kind, bool(y_is_discrete)]
            out[:, these] = function(rows[these], y, ranked)
    return out[0], out[1]


def _of_line(x: _Rows, y: _Rows, ranked: bool) -> _Pair:
    """Pearson's r; of ranks, Spearman's."""
    if ranked:
        x, y = rankdata(x, axis=1), rankdata(y, axis=1)
    r = np.clip((to_unit(x) * to_unit(y)).sum(axis=1), -1, 1)
    return r, _f_test(r * r, np.ones(len(r)), x.shape[1])


def _of_means(codes: _Rows, x: _Rows, ranked: bool) -> _Pair:
    """The correlation ratio; of ranks, that of which Kruskal and Wallis have H."""
    unit = to_unit(rankdata(x, axis=1) if ranked else x)
    means = fit_means(codes, unit)
    share = _clean((means * means).sum(axis=1))
    dof = count_levels(codes) - 1 + np.zeros(len(share))
    n_samples = x.shape[1]
    if ranked:
        return np.sqrt(share), _chi_square((n_samples - 1) * share, dof)
    return np.sqrt(share), _f_test(share, dof, n_samples)


def _of_tables(x: _Rows, y: _Rows, ranked: bool) -> _Pair:
    """Cramér's V, and the chi-square test; of whatever order the levels are."""
    cells = x.astype(np.int64) * (int(y.max()) + 1) + y.astype(np.int64)
    square = _clean((_sizes(cells) / (_sizes(x) * _sizes(y))).sum(axis=1) - 1, None)
    of_x, of_y = count_levels(x) - 1, count_levels(y) - 1
    share = square / np.maximum(np.minimum(of_x, of_y), 1)
    return np.sqrt(np.minimum(share, 1)), _chi_square(x.shape[1] * square, of_x * of_y)


_CORRELATIONS: dict[tuple[bool, bool], Callable[[_Rows, _Rows, bool], _Pair]] = {
    (False, False): _of_line,
    (False, True): lambda x, y, ranked: _of_means(y, x, ranked),
    (True, False): _of_means,
    (True, True): _of_tables,
}


def to_unit(rows: _Rows) -> _Rows:
    """Centre rows and make their length 1; 0 where constant."""
    varies = rows.min(axis=1) < rows.max(axis=1)
    largest = np.abs(rows).max(axis=1)
    rows = rows / np.where(varies, largest, np.inf)[:, None]
    rows -= rows.mean(axis=1)[:, None]
    rows /= np.where(varies, np.sqrt((rows * rows).sum(axis=1)), 1)[:, None]
    return rows


def fit_line(x: _Rows, rows: _Rows) -> _Rows:
    """Least squares of centred rows on x, of length 1."""
    return (x * rows).sum(axis=1)[:, None] * x


def fit_means(codes: _Rows, rows: _Rows) -> _Rows:
    """The mean of each row within the levels of a code."""
    codes, rows = np.broadcast_arrays(codes, rows)
    cells = _cells(codes)
    counts = np.bincount(cells)
    means = np.bincount(cells, rows.ravel()) / np.maximum(counts, 1)
    return means[cells].reshape(rows.shape)


def _cells(codes: NDArray) -> NDArray[np.intp]:
    """Codes of all rows, such that no two rows share one."""
    n_codes = int(codes.max()) + 1
    return (codes.astype(np.intp) + n_codes * np.arange(len(codes))[:, None]).ravel()


def _sizes(codes: NDArray) -> NDArray[np.intp]:
    """How many samples of its row share the code of each sample."""
    cells = _cells(codes)
    if cells.max() > 4 * len(cells):
        cells = np.unique(cells, return_inverse=True)[1].ravel()
    return np.bincount(cells)[cells].reshape(codes.shape)


def count_levels(codes: _Rows) -> _Rows:
    """How many codes of each row occur."""
    return np.round((1 / _sizes(codes)).sum(axis=1))


def _clean(share: _Rows, most: float | None = 1) -> _Rows:
    return np.clip(np.where(share > ROUNDING, share, 0), 0, most)


def _f_test(share: _Rows, dof: _Rows, n_samples: int) -> _Rows:
    """p of a share of the variance that is explained by so many parameters."""
    left = n_samples - 1 - dof
    known = (dof > 0) & (left > 0)
    dof, left = np.where(known, dof, 1), np.where(known, left, 1)
    return np.where(known, betainc(left / 2, dof / 2, 1 - share), 1)


def _chi_square(statistic: _Rows, dof: _Rows) -> _Rows:
    return np.where(dof > 0, chi2.sf(statistic, np.maximum(dof, 1)), 1)
