"""The columns that estimators read, as numbers or codes, from tables of any type."""

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from skmi._kernels.binning import code_whole_rows
from skmi._kernels.sorting import sort_rows

__all__ = [
    "MIN_SAMPLES_PER_LEVEL",
    "Columns",
    "Table",
    "check_lengths",
    "code_numbers",
    "name_of",
    "rank_codes",
    "sort_columns",
]

# An array, a DataFrame or a CSC matrix of shape (n_samples, n_columns).
Table: TypeAlias = "NDArray[np.generic] | pd.DataFrame | sparse.csc_matrix"

# A column whose levels have fewer samples on average is probably an identifier.
MIN_SAMPLES_PER_LEVEL = 5


class Columns:
    """Columns of the same samples, each discrete or continuous.

    Values are read when a method needs them.

    Parameters
    ----------
    source : ndarray, DataFrame or CSC matrix of shape (n_samples, n_columns)
        The table. It is never changed.
    discrete : ndarray of shape (n_columns,), dtype bool
        Whether each column is discrete.
    name : str
        What messages call the table: "X", or the name of a variable.
    """

    def __init__(self, source: Table, discrete: NDArray[np.bool_], name: str = "X"):
        self.source = source
        self.discrete = discrete
        self.name = name
        self.n_samples, self.n_columns = source.shape

    def numbers(self, columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """Copy numeric columns into the rows of a new array.

        Raises
        ------
        ValueError
            If a value is NaN or infinite.
        """
        index: slice | NDArray[np.intp] = columns
        if len(columns) and (np.diff(columns) == 1).all():
            index = slice(columns[0], columns[-1] + 1)  # a view instead of a copy
        if isinstance(self.source, pd.DataFrame):
            chosen = self.source.iloc[:, index].to_numpy(
                dtype=np.float64, na_value=np.nan
            )
        elif not isinstance(self.source, np.ndarray):
            chosen = self.source[:, index].toarray()
        else:
            chosen = self.source[:, index]
        with np.errstate(over="ignore"):  # overflow gives infinity, an error below
            rows = np.array(chosen.T, dtype=np.float64, order="C")
        finite = np.isfinite(rows)
        if not finite.all():
            row = np.argmin(finite.all(axis=1))
            kind = "NaN" if np.isnan(rows[row]).any() else "infinity"
            raise ValueError(
                f"{name_of(self, columns[row])} contains {kind}; impute these values, "
                "or drop their rows first."
            )
        return rows

    def codes(
        self, columns: NDArray[np.intp]
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Code discrete columns.

        Returns
        -------
        codes : ndarray of shape (len(columns), n_samples)
        n_levels : ndarray of shape (len(columns),)
            The number of levels of each row. All codes of the row are below it.
        """
        as_numbers = np.array([self._fits_float64(column) for column in columns], bool)
        if as_numbers.all():
            return code_numbers(self.numbers(columns))
        codes = np.empty((len(columns), self.n_samples), dtype=np.int32)
        n_levels = np.empty(len(columns), dtype=np.intp)
        if as_numbers.any():
            codes[as_numbers], n_levels[as_numbers] = code_numbers(
                self.numbers(columns[as_numbers])
            )
        for i in np.flatnonzero(~as_numbers):
            codes[i], n_levels[i] = self._factorize(columns[i])
        return codes, n_levels

    def take(self, columns: NDArray[np.intp]) -> "Columns":
        """Copy columns of an array or a DataFrame, in the given order."""
        source: Table
        if isinstance(self.source, pd.DataFrame):
            source = self.source.iloc[:, columns].copy()
        else:
            source = self.source.take(columns, axis=1)
        return Columns(source, self.discrete[columns], self.name)

    def recode(self, columns: NDArray[np.intp]) -> "Columns":
        """Copy columns into an array of numbers, with codes in place of levels."""
        discrete = self.discrete[columns]
        rows = np.empty((len(columns), self.n_samples))
        rows[~discrete] = self.numbers(columns[~discrete])
        rows[discrete] = self.codes(columns[discrete])[0]
        return Columns(rows.T, discrete, self.name)

    def reorder(self, samples: NDArray[np.intp]) -> "Columns":
        """Copy the given samples of an array, in the given order."""
        return Columns(self.source[samples], self.discrete, self.name)

    def _fits_float64(self, column: int) -> bool:
        """Return False if the column contains integers that float64 would round."""
        if isinstance(self.source, pd.DataFrame):
            dtype = self.source.dtypes.iloc[column]
            if not pd.api.types.is_numeric_dtype(dtype):
                return False
        else:
            dtype = self.source.dtype
        dtype = getattr(dtype, "subtype", dtype)  # of a sparse pandas column
        if dtype.kind not in "iu" or dtype.itemsize < 8:
            return True
        values = self._column(column)
        if isinstance(values, pd.Series):
            values = values.dropna()
        return not len(values) or max(-int(values.min()), int(values.max())) <= 2**53

    def _column(self, column: int) -> "pd.Series | NDArray[np.generic]":
        if isinstance(self.source, pd.DataFrame):
            return self.source.iloc[:, column]
        if not isinstance(self.source, np.ndarray):
            dense: NDArray[np.generic] = self.source[:, [column]].toarray().ravel()
            return dense
        return self.source[:, column]

    def _factorize(self, column: int) -> tuple[NDArray[np.int32], int]:
        try:
            codes, levels = pd.factorize(self._column(column))
        except TypeError as error:
            raise TypeError(
                f"{name_of(self, column)} contains values that are neither numbers nor "
                f"strings ({error}); convert them to strings."
            ) from error
        if codes.size and codes.min() < 0:
            raise ValueError(
                f"{name_of(self, column)} contains NaN; impute these values, or drop "
                "their rows first."
            )
        return codes.astype(np.int32), len(levels)


def name_of(columns: Columns, column: int) -> str:
    """Return what messages call a column."""
    if columns.name != "X" and columns.n_columns == 1:  # a variable of one dimension
        return columns.name
    if isinstance(columns.source, pd.DataFrame):
        return f"column {columns.source.columns[column]!r} of {columns.name}"
    return f"column {column} of {columns.name}"


def check_lengths(x: Columns, y: Columns) -> None:
    """Raise ValueError if the numbers of samples differ."""
    if x.n_samples != y.n_samples:
        raise ValueError(
            f"{x.name} and {y.name} must have the same length, got {x.n_samples} and "
            f"{y.n_samples} samples."
        )


def sort_columns(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Sort each row in place; return the rows and the sample of each value."""
    order = np.empty(rows.shape, dtype=np.int32)
    sort_rows(rows, order)
    return rows, order


def code_numbers(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Code rows of numbers in ascending order; rows may be overwritten.

    Whole numbers of a small range are coded by their difference from the minimum, so
    that some codes may not occur.
    """
    codes = np.empty(rows.shape, dtype=np.int32)
    n_levels = np.empty(len(rows), dtype=np.intp)
    code_whole_rows(rows, codes, n_levels)
    not_coded = n_levels == 0
    if len(not_coded) and not_coded.all():
        return rank_codes(rows)
    if not_coded.any():
        codes[not_coded], n_levels[not_coded] = rank_codes(rows[not_coded])
    return codes, n_levels


def rank_codes(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Code each row by the ranks of its distinct values; rows are overwritten."""
    values, order = sort_columns(rows)
    ranks = np.zeros(rows.shape, dtype=np.int32)
    np.cumsum(values[:, 1:] != values[:, :-1], axis=1, out=ranks[:, 1:])
    codes = np.empty_like(ranks)
    np.put_along_axis(codes, order, ranks, axis=1)
    return codes, ranks[:, -1].astype(np.intp) + 1
