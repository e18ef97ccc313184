"""Correlations of columns with a target, for every combination of kinds, and p-values.

Each row of an array is one column of the table: numbers, or codes if it is discrete.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc
from scipy.stats import rankdata

from skmi._data.columns import Columns
from skmi._utils.independence import chi2_pvalues

__all__ = [
    "ROUNDING",
    "Rows",
    "as_rows",
    "correlate",
    "count_levels",
    "fit_line",
    "fit_means",
    "to_unit",
]

Rows: TypeAlias = NDArray[np.float64]
CorrelationsAndPvalues: TypeAlias = tuple[Rows, Rows]

# A fraction of a variance below this is 0 up to rounding.
ROUNDING = 1e-12


def as_rows(columns: Columns) -> Rows:
    """Return the columns of an array as rows.

    The rows are contiguous, so that the sum over a row does not depend on the others.
    """
    rows: Rows = np.ascontiguousarray(columns.source.T)
    return rows


def correlate(
    X: Columns, y: Columns, *, ranked: bool = False
) -> CorrelationsAndPvalues:
    """Correlate every column of X with y.

    Parameters
    ----------
    X, y : Columns
        Columns of arrays of numbers; discrete columns contain codes.
    ranked : bool
        Whether to replace numbers by their ranks.

    Returns
    -------
    correlations, pvalues : ndarray of shape (n_columns,)
    """
    rows, y_row = as_rows(X), as_rows(y)
    out = np.empty((2, len(rows)))
    for discrete in (False, True):
        chosen = X.discrete == discrete
        if chosen.any():
            function = _CORRELATIONS[discrete, bool(y.discrete[0])]
            out[:, chosen] = function(rows[chosen], y_row, ranked)
    return out[0], out[1]


def _correlate_numbers(x: Rows, y: Rows, ranked: bool) -> CorrelationsAndPvalues:
    """Return Pearson's r, or Spearman's if ranked."""
    if ranked:
        x, y = rankdata(x, axis=1), rankdata(y, axis=1)
    r = np.clip((to_unit(x) * to_unit(y)).sum(axis=1), -1, 1)
    return r, _f_pvalues(r * r, np.ones(len(r), np.intp), x.shape[1])


def _correlate_means(codes: Rows, x: Rows, ranked: bool) -> CorrelationsAndPvalues:
    """Return the correlation ratio; if ranked, with the Kruskal-Wallis test."""
    unit = to_unit(rankdata(x, axis=1) if ranked else x)
    means = fit_means(codes, unit)
    explained = _clip_fraction((means * means).sum(axis=1))
    dof = np.broadcast_to(count_levels(codes) - 1, len(explained))
    n_samples = x.shape[1]
    if ranked:
        return np.sqrt(explained), chi2_pvalues((n_samples - 1) * explained, dof)
    return np.sqrt(explained), _f_pvalues(explained, dof, n_samples)


def _correlate_codes(x: Rows, y: Rows, ranked: bool) -> CorrelationsAndPvalues:
    """Return Cramér's V, with the chi-square test."""
    cells = x.astype(np.int64) * (int(y.max()) + 1) + y.astype(np.int64)
    squares = (_group_sizes(cells) / (_group_sizes(x) * _group_sizes(y))).sum(axis=1)
    phi_square = _clip_fraction(squares - 1, None)
    x_dof, y_dof = count_levels(x) - 1, count_levels(y) - 1
    explained = phi_square / np.maximum(np.minimum(x_dof, y_dof), 1)
    correlations = np.sqrt(np.minimum(explained, 1))
    return correlations, chi2_pvalues(x.shape[1] * phi_square, x_dof * y_dof)


# Keys: whether the column is discrete, and whether the target is.
_CORRELATIONS: dict[
    tuple[bool, bool], Callable[[Rows, Rows, bool], CorrelationsAndPvalues]
] = {
    (False, False): _correlate_numbers,
    (False, True): lambda x, y, ranked: _correlate_means(y, x, ranked),
    (True, False): _correlate_means,
    (True, True): _correlate_codes,
}


def to_unit(rows: Rows) -> Rows:
    """Centre rows and scale them to length 1; constant rows become 0."""
    varies = rows.min(axis=1) < rows.max(axis=1)
    largest = np.abs(rows).max(axis=1)
    rows = rows / np.where(varies, largest, np.inf)[:, None]
    rows -= rows.mean(axis=1)[:, None]
    rows /= np.where(varies, np.sqrt((rows * rows).sum(axis=1)), 1)[:, None]
    return rows


def fit_line(x: Rows, rows: Rows) -> Rows:
    """Return the least-squares fit of centred rows by x, which has length 1."""
    fit: Rows = (x * rows).sum(axis=1)[:, None] * x
    return fit


def fit_means(codes: Rows, rows: Rows) -> Rows:
    """Return the mean of each row within the levels of a code."""
    codes, rows = np.broadcast_arrays(codes, rows)
    groups = _number_groups(codes)
    counts = np.bincount(groups)
    means = np.bincount(groups, rows.ravel()) / np.maximum(counts, 1)
    fit: Rows = means[groups].reshape(rows.shape)
    return fit


def _number_groups(codes: NDArray[Any]) -> NDArray[np.intp]:
    """Number the groups of samples with the same code in the same row."""
    n_codes = int(codes.max()) + 1
    return (codes.astype(np.intp) + n_codes * np.arange(len(codes))[:, None]).ravel()


def _group_sizes(codes: NDArray[Any]) -> NDArray[np.intp]:
    """Count, for each sample, the samples of its row with the same code."""
    groups = _number_groups(codes)
    if groups.max() > 4 * len(groups):
        groups = np.unique(groups, return_inverse=True)[1].ravel()
    return np.bincount(groups)[groups].reshape(codes.shape)


def count_levels(codes: Rows) -> NDArray[np.intp]:
    """Count the codes that occur in each row."""
    n_levels = np.round((1 / _group_sizes(codes)).sum(axis=1))
    return np.asarray(n_levels, dtype=np.intp)


def _clip_fraction(fraction: Rows, maximum: float | None = 1) -> Rows:
    return np.clip(np.where(fraction > ROUNDING, fraction, 0), 0, maximum)


def _f_pvalues(explained: Rows, dof: NDArray[np.intp], n_samples: int) -> Rows:
    """Return p-values of fractions of a variance explained by dof parameters."""
    residual_dof = n_samples - 1 - dof
    known = (dof > 0) & (residual_dof > 0)
    dof, residual_dof = np.where(known, dof, 1), np.where(known, residual_dof, 1)
    pvalues = betainc(residual_dof / 2, dof / 2, 1 - explained)
    return np.where(known, pvalues, 1)
