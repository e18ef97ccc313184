"""Bins of continuous columns: rules for their number, and ways to cut."""

import warnings
from collections.abc import Callable
from math import isqrt
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import KBinsDiscretizer

from skmi._data.columns import rank_codes
from skmi._kernels.binning import cut_rows

__all__ = ["CUTS", "RULES", "cut_columns"]

Floats: TypeAlias = NDArray[np.float64]
Coded: TypeAlias = tuple[NDArray[Any], NDArray[np.intp]]  # codes, and numbers of levels

_WARNINGS = Lock()


def cut_columns(rows: Floats, n_bins: int | str, binning: str) -> Coded:
    """Cut rows into bins, and return their codes and numbers of levels.

    Parameters
    ----------
    rows : ndarray of shape (n_columns, n_samples)
    n_bins : int or str
        A number, or a name in `RULES`.
    binning : str
        A name in `CUTS`.
    """
    cut = CUTS[binning]
    if not isinstance(n_bins, str):
        return cut(rows, int(n_bins))
    numbers = RULES[n_bins](rows)
    if (numbers == numbers[0]).all():
        return cut(rows, int(numbers[0]))
    codes = np.empty(rows.shape, dtype=np.int32)
    n_levels = np.empty(len(rows), dtype=np.intp)
    for number in np.unique(numbers):
        mask = numbers == number
        codes[mask], n_levels[mask] = cut(rows[mask], int(number))
    return codes, n_levels


# --- rules for the number of bins of each row


def _automatic(rows: Floats) -> NDArray[np.intp]:
    """Return 0.4 n^0.4, from 2 to 16."""
    n_bins = np.clip(round(0.4 * rows.shape[1] ** 0.4), 2, 16)
    return np.full(len(rows), n_bins, dtype=np.intp)


def _by_width(
    width: Callable[[Floats], Floats],
) -> Callable[[Floats], NDArray[np.intp]]:
    """Return the rule that fills the range with bins of a width.

    The number is at least 2, and at most the root of the number of samples.
    """

    def rule(rows: Floats) -> NDArray[np.intp]:
        widths = width(_to_unit_range(rows))
        with np.errstate(divide="ignore"):
            n_bins = np.ceil(1 / widths)
        n_bins[widths == 0] = 0  # numpy.histogram_bin_edges takes 1
        return np.clip(n_bins, 2, max(2, isqrt(rows.shape[1]))).astype(np.intp)

    return rule


def _sturges(rows: Floats) -> Floats:
    """Return the width 1 / (log2 n + 1)."""
    return np.full(len(rows), 1 / (np.log2(rows.shape[1]) + 1))


def _scott(rows: Floats) -> Floats:
    """Return the width (24 sqrt(pi) / n)^(1/3) times the standard deviation."""
    width: Floats = (24 * np.sqrt(np.pi) / rows.shape[1]) ** (1 / 3) * rows.std(axis=1)
    return width


def _freedman_diaconis(rows: Floats) -> Floats:
    """Return the width 2 n^(-1/3) times the interquartile range."""
    low, high = np.percentile(rows, [25, 75], axis=1)
    width: Floats = 2 * (high - low) / rows.shape[1] ** (1 / 3)
    return width


def _doane(rows: Floats) -> Floats:
    """Return the width of Sturges, less for skewed rows."""
    n = rows.shape[1]
    spread = rows.std(axis=1)
    centred = rows - rows.mean(axis=1, keepdims=True)
    skewness = (centred**3).mean(axis=1) / np.where(spread > 0, spread, 1) ** 3
    error = np.sqrt(6 * (n - 2) / ((n + 1) * (n + 3)))
    with np.errstate(divide="ignore", invalid="ignore"):  # two samples have error 0
        more = np.nan_to_num(np.abs(skewness) / error, posinf=0)
    width: Floats = 1 / (1 + np.log2(n) + np.log2(1 + more))
    return width


RULES: dict[str, Callable[[Floats], NDArray[np.intp]]] = {
    "auto": _automatic,
    "sturges": _by_width(_sturges),
    "scott": _by_width(_scott),
    "fd": _by_width(_freedman_diaconis),
    "doane": _by_width(_doane),
}


# --- cuts


def _to_unit_range(rows: Floats) -> Floats:
    """Map each row to the range from 0 to 1, a constant one to 0."""
    low = rows.min(axis=1, keepdims=True)
    half_width = rows.max(axis=1, keepdims=True) / 2 - low / 2  # the whole may overflow
    unit: Floats = (rows / 2 - low / 2) / np.where(half_width > 0, half_width, 1)
    return unit


def _cut_by_quantile(rows: Floats, n_bins: int) -> Coded:
    """Cut into bins of about equal numbers of samples."""
    codes = np.empty(rows.shape, dtype=np.uint8 if n_bins <= 2**8 else np.int32)
    n_levels = np.empty(len(rows), dtype=np.intp)
    cut_rows(rows, n_bins, codes, n_levels)
    return codes, n_levels


def _cut_by_width(rows: Floats, n_bins: int) -> Coded:
    """Cut into bins of equal width; rows of few distinct values are coded."""
    scaled = _to_unit_range(rows)
    codes = np.minimum((scaled * n_bins).astype(np.int32), n_bins - 1)
    n_levels = np.full(len(rows), n_bins, dtype=np.intp)
    # a row of few distinct values has few among its first samples
    head = np.sort(rows[:, : 4 * n_bins], axis=1)
    for row in np.flatnonzero((np.diff(head, axis=1) != 0).sum(axis=1) < n_bins):
        ranks, n_distinct = rank_codes(rows[[row]])
        if n_distinct[0] <= n_bins:
            codes[row], n_levels[row] = ranks[0], n_distinct[0]
    return codes, n_levels


def _cut_by_means(rows: Floats, n_bins: int) -> Coded:
    """Cut halfway between cluster means; rows of few distinct values are coded."""
    scaled = _to_unit_range(rows)
    codes, n_levels = rank_codes(scaled.copy())
    many = n_levels > n_bins
    if many.any():
        cutter = KBinsDiscretizer(
            n_bins, encode="ordinal", strategy="kmeans", subsample=None, random_state=0
        )
        # so wide that hardly any bin is narrow enough to be removed
        wide = 2.0**40 * scaled[many].T
        # all threads share the warning filters: only one at a time may change them
        with _WARNINGS, warnings.catch_warnings():
            # values that differ too little for so many bins
            warnings.simplefilter("ignore", UserWarning)
            cutter.fit(np.sort(wide, axis=0))  # the sums do not depend on the order
        bins = cutter.transform(wide).T
        codes[many], n_levels[many] = rank_codes(np.ascontiguousarray(bins))
    return codes, n_levels


CUTS: dict[str, Callable[[Floats, int], Coded]] = {
    "quantile": _cut_by_quantile,
    "uniform": _cut_by_width,
    "kmeans": _cut_by_means,
}
