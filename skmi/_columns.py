"""Encode X and y into discrete and continuous columns: the only reader of dtypes."""

import warnings
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from numbers import Integral

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import check_array, column_or_1d

from skmi._kernels.binning import code_whole_rows
from skmi._kernels.sorting import sort_rows

__all__ = [
    "SAMPLES_A_LABEL",
    "Columns",
    "check_lengths",
    "code_numbers",
    "did_you_mean",
    "encode_features",
    "encode_target",
    "encode_variable",
    "encode_vector",
    "is_class_target",
    "name_of",
    "rank_codes",
    "read_table",
    "sort_columns",
]

# Where labels occur less often, on average, a column is an identifier rather.
SAMPLES_A_LABEL = 5

# Whole numbers in a range this wide are counted in a table.
_MAX_RANGE = 2**16


class Columns:
    """Columns of the same samples, each discrete or continuous, read when asked for.

    Parameters
    ----------
    source : ndarray, DataFrame or CSC matrix of shape (n_samples, n_columns)
        Read, never written.
    discrete : ndarray of shape (n_columns,), dtype bool
        Which columns are discrete.
    name : str
        What errors call the whole: "X", or a variable.
    """

    def __init__(self, source, discrete: NDArray[np.bool_], name: str = "X"):
        self.source = source
        self.discrete = discrete
        self.name = name
        self.n_samples, self.n_columns = source.shape

    def numbers(self, which: NDArray[np.intp]) -> NDArray[np.float64]:
        """Copy columns of numbers into the rows of a new array."""
        index: slice | NDArray[np.intp] = which
        if len(which) and (np.diff(which) == 1).all():
            index = slice(which[0], which[-1] + 1)  # a view, where an index would copy
        if isinstance(self.source, pd.DataFrame):
            part = self.source.iloc[:, index].to_numpy(
                dtype=np.float64, na_value=np.nan
            )
        elif sparse.issparse(self.source):
            part = self.source[:, index].toarray()
        else:
            part = self.source[:, index]
        with np.errstate(over="ignore"):  # a wider type: infinite, and refused
            rows = np.array(part.T, dtype=np.float64, order="C")
        finite = np.isfinite(rows)
        if not finite.all():
            row = np.argmin(finite.all(axis=1))
            kind = "NaN" if np.isnan(rows[row]).any() else "infinity"
            raise ValueError(
                f"{name_of(self, which[row])} contains {kind}; impute or drop these "
                "rows first."
            )
        return rows

    def take(self, which: NDArray[np.intp]) -> "Columns":
        """Copy columns of an array or a DataFrame, in the order given."""
        if isinstance(self.source, pd.DataFrame):
            source = self.source.iloc[:, which].copy()
        else:
            source = self.source.take(which, axis=1)
        return Columns(source, self.discrete[which], self.name)

    def recode(self, which: NDArray[np.intp]) -> "Columns":
        """Copy columns into an array of numbers, levels as their codes."""
        rows, discrete = np.empty((len(which), self.n_samples)), self.discrete[which]
        rows[~discrete] = self.numbers(which[~discrete])
        rows[discrete] = self.codes(which[discrete])[0]
        return Columns(rows.T, discrete, self.name)

    def reorder(self, order: NDArray[np.intp]) -> "Columns":
        """Copy columns of an array: these samples, in this order."""
        return Columns(self.source[order], self.discrete, self.name)

    def codes(
        self, which: NDArray[np.intp]
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Code discrete columns: rows of codes, and the number of levels of each."""
        as_numbers = np.array([self._fits_doubles(column) for column in which], bool)
        if as_numbers.all():
            return code_numbers(self.numbers(which))
        codes = np.empty((len(which), self.n_samples), dtype=np.int32)
        n_levels = np.empty(len(which), dtype=np.intp)
        if as_numbers.any():
            codes[as_numbers], n_levels[as_numbers] = code_numbers(
                self.numbers(which[as_numbers])
            )
        for i in np.flatnonzero(~as_numbers):
            codes[i], n_levels[i] = self._factorize(which[i])
        return codes, n_levels

    def _fits_doubles(self, column: int) -> bool:
        """Whether doubles tell the values of a column apart: not long identifiers."""
        if isinstance(self.source, pd.DataFrame):
            dtype = self.source.dtypes.iloc[column]
            if not pd.api.types.is_numeric_dtype(dtype):
                return False
        else:
            dtype = self.source.dtype
        dtype = getattr(dtype, "subtype", dtype)  # of a sparse column
        if dtype.kind not in "iu" or dtype.itemsize < 8:
            return True
        values = self._column(column)
        if isinstance(values, pd.Series):  # where values may be missing
            values = values.dropna()
        return not len(values) or max(-int(values.min()), int(values.max())) <= 2**53

    def _column(self, column: int) -> pd.Series | NDArray:
        if isinstance(self.source, pd.DataFrame):
            return self.source.iloc[:, column]
        if sparse.issparse(self.source):
            return self.source[:, [column]].toarray().ravel()
        return self.source[:, column]

    def _factorize(self, column: int) -> tuple[NDArray[np.int32], int]:
        try:
            codes, levels = pd.factorize(self._column(column))
        except TypeError as error:
            raise TypeError(
                f"{name_of(self, column)} holds values that are neither numbers nor "
                f"strings: {error}."
            ) from error
        if codes.size and codes.min() < 0:
            raise ValueError(
                f"{name_of(self, column)} contains NaN; impute or drop these rows "
                "first."
            )
        return codes.astype(np.int32), len(levels)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """End a message on a name that there is not with those near it that there are."""
    folded = {other.casefold(): other for other in names}
    near = [folded[other] for other in get_close_matches(name.casefold(), folded)]
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else "."


def name_of(columns: Columns, column: int) -> str:
    """What to call a column in a message."""
    if columns.name != "X" and columns.n_columns == 1:  # a variable of one dimension
        return columns.name
    if isinstance(columns.source, pd.DataFrame):
        return f"column {columns.source.columns[column]!r} of {columns.name}"
    return f"column {column} of {columns.name}"


def sort_columns(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Sort the rows in place; return them and the sample behind each value."""
    order = np.empty(rows.shape, dtype=np.int32)
    sort_rows(rows, order)
    return rows, order


def code_numbers(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Code rows of numbers in the order of the values; rows may be overwritten."""
    codes = np.empty(rows.shape, dtype=np.int32)
    n_levels = np.empty(len(rows), dtype=np.intp)
    code_whole_rows(rows, codes, n_levels)
    others = n_levels == 0
    if len(others) and others.all():
        return rank_codes(rows)
    if others.any():
        codes[others], n_levels[others] = rank_codes(rows[others])
    return codes, n_levels


def rank_codes(
    rows: NDArray[np.float64],
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Code rows of numbers by rank among the distinct; rows is overwritten."""
    values, order = sort_columns(rows)
    rank = np.zeros(rows.shape, dtype=np.int32)
    np.cumsum(values[:, 1:] != values[:, :-1], axis=1, out=rank[:, 1:])
    codes = np.empty_like(rank)
    np.put_along_axis(codes, order, rank, axis=1)
    return codes, rank[:, -1].astype(np.intp) + 1


def read_table(X, name: str = "X") -> NDArray | pd.DataFrame:
    """Check the shape of a table; a DataFrame is taken as it is."""
    if isinstance(X, pd.DataFrame):
        return X
    return check_array(X, dtype=None, input_name=name, ensure_all_finite=False)


def encode_features(
    X, discrete_features="auto", name: str = "X", parameter: str = "discrete_features"
) -> Columns:
    """Tell discrete from continuous features.

    Parameters
    ----------
    X : ndarray, DataFrame or CSC matrix of shape (n_samples, n_features)
        Already checked, but for missing values in a DataFrame.
    discrete_features : "auto", bool, or array-like of bool, int or str
        "auto": columns of dtype bool, category, string or object are discrete, numeric
        ones continuous. Else a mask, indices or names of the discrete columns.
    name, parameter : str
        What errors call X and discrete_features.
    """
    if X.shape[1] == 0:
        raise ValueError(f"{name} has no columns; at least one is needed.")
    _check_n_samples(X.shape[0], name)
    if isinstance(X, np.ndarray) and X.dtype.kind in "OUS":
        X = pd.DataFrame(X).infer_objects()
    if isinstance(X, pd.DataFrame):
        numeric = np.array([pd.api.types.is_numeric_dtype(t) for t in X.dtypes], bool)
        automatic = ~numeric | np.array(
            [pd.api.types.is_bool_dtype(t) for t in X.dtypes], bool
        )
        labels = list(X.columns)
        for label, dtype in X.dtypes.items():
            _check_dtype(dtype, f"column {label!r} of {name}")
    else:
        numeric = np.ones(X.shape[1], dtype=bool)
        automatic = np.full(X.shape[1], X.dtype.kind == "b")
        _check_dtype(X.dtype, name)
        labels = []
    discrete = _read_discrete(
        discrete_features, automatic, ~numeric, labels, name, parameter
    )
    columns = Columns(X, discrete, name)
    for column in np.flatnonzero(~numeric & ~discrete).tolist():
        raise ValueError(
            f"{name_of(columns, column)} is not numeric, so it cannot be continuous; "
            f"declare it in `{parameter}`."
        )
    return columns


def _read_discrete(
    spec,
    automatic: NDArray[np.bool_],
    not_numeric: NDArray[np.bool_],
    labels: list,
    name: str,
    parameter: str,
) -> NDArray[np.bool_]:
    if isinstance(spec, str) and spec == "auto":
        return automatic
    if isinstance(spec, bool | np.bool_):
        return np.full(len(automatic), bool(spec))
    if np.ndim(spec) > 1:
        raise ValueError(f"{parameter} must have one dimension, got {np.ndim(spec)}.")
    if isinstance(spec, str) or not isinstance(spec, Iterable):
        raise ValueError(
            f"{parameter}={spec!r} is not known; give 'auto', a bool, or a mask, "
            "indices or names of the discrete columns."
        )
    given = list(spec)
    if given and all(isinstance(item, bool | np.bool_) for item in given):
        if len(given) != len(automatic):
            raise IndexError(
                f"{parameter} is a mask of {len(given)} columns, but {name} has "
                f"{len(automatic)}."
            )
        return np.array(given, dtype=bool)
    mask = not_numeric.copy()  # they are listed or not, as they cannot be continuous
    for item in given:
        if isinstance(item, str):
            if item not in labels:
                hint = did_you_mean(item, map(str, labels))
                if not labels:
                    hint = ", which has no names: give a mask or indices."
                raise ValueError(
                    f"{parameter} names {item!r}, which is no column of {name}{hint}"
                )
            mask |= np.array([label == item for label in labels], dtype=bool)
        elif isinstance(item, Integral):
            if not -len(mask) <= int(item) < len(mask):
                raise IndexError(
                    f"{parameter} holds index {item}, but {name} has {len(mask)} "
                    "columns."
                )
            mask[int(item)] = True
        else:
            raise ValueError(
                f"{parameter} holds {item!r}; give a mask, indices or names."
            )
    return mask


def encode_target(y, discrete_target: str | bool = "auto") -> Columns:
    """Check a target, and tell classes from a number.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    discrete_target : "auto" or bool
        "auto": a target of dtype bool, category, string or object is discrete, and one
        of whole numbers with at most max(20, n_samples / 10) distinct values.

    Raises
    ------
    ValueError
        If every label of a class target is unique.

    Warns
    -----
    UserWarning
        If the target is constant.
    """
    if y is None:
        raise ValueError("This requires y to be passed, but the target y is None.")
    target = encode_vector(
        y, discrete_target, "y", "discrete_target", is_discrete=is_class_target
    )
    values = target.source
    if isinstance(values, pd.DataFrame):
        n_distinct = values.iloc[:, 0].nunique()
    elif target.discrete[0]:
        n_distinct = _count_distinct(values.ravel())
    else:
        n_distinct = 1 + (values.min() != values.max())
    if n_distinct == 1:
        warnings.warn("y is constant: all scores are 0.", UserWarning, stacklevel=2)
    elif target.discrete[0] and n_distinct == target.n_samples:
        if isinstance(values, pd.DataFrame):
            way = (
                f"if it is a number, such as {values.iloc[0, 0]!r}, convert it to one "
                "first."
            )
        else:
            way = (
                "if it is a number, pass `discrete_target=False` or use "
                "`mutual_info_regression`."
            )
        raise ValueError(
            "y is a class target whose labels are all unique, so that no class has two "
            f"samples to compare; {way}"
        )
    return target


def encode_variable(x, discrete, name: str, parameter: str) -> Columns:
    """Check a variable of one dimension or of several, one in a column."""
    if not hasattr(x, "ndim"):
        x = np.asarray(x)
    if x.ndim not in (1, 2):
        raise ValueError(
            f"{name} must have one or two dimensions, got shape {np.shape(x)}."
        )
    one_for_all = isinstance(discrete, str | bool | np.bool_)
    if x.ndim == 1 or (x.shape[1] == 1 and one_for_all):
        x = x.ravel() if isinstance(x, np.ndarray) else x
        return encode_vector(x, discrete, name, parameter)
    return encode_features(read_table(x, name), discrete, name, parameter)


def encode_vector(
    x,
    discrete: str | bool,
    name: str,
    parameter: str,
    *,
    is_discrete: Callable[[NDArray], bool] = lambda values: False,
) -> Columns:
    """Check one variable; under "auto", `is_discrete` decides on numbers."""
    known = isinstance(discrete, bool | np.bool_)
    if not (known or (isinstance(discrete, str) and discrete == "auto")):
        raise ValueError(f"{parameter} must be 'auto' or a bool, got {discrete!r}.")
    _check_dtype(getattr(x, "dtype", np.dtype(float)), name)
    if isinstance(x, pd.DataFrame) and x.shape[1] == 1:
        x = x.iloc[:, 0]
    elif isinstance(x, pd.Index | pd.api.extensions.ExtensionArray):
        x = pd.Series(x)
    of_pandas = isinstance(x, pd.Series) and not isinstance(x.dtype, np.dtype)
    if not of_pandas:
        with np.errstate(invalid="ignore"):  # of sums of the largest numbers
            x = check_array(
                x, ensure_2d=False, dtype=None, input_name=name, ensure_min_samples=0
            )
        if x.ndim == 2 and x.shape[1] == 1:
            x = column_or_1d(x, warn=True)
        if x.ndim != 1:
            raise ValueError(f"{name} must have one dimension, got shape {x.shape}.")
    _check_n_samples(len(x), name)
    if not of_pandas and x.dtype.kind not in "OUS":
        if discrete == "auto":
            discrete = x.dtype.kind == "b" or is_discrete(x)
        return Columns(x[:, None], np.array([discrete]), name)

    series = pd.Series(x)
    if series.isna().any():
        raise ValueError(f"{name} contains NaN; drop these rows first.")
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(getattr(series.dtype, "numpy_dtype", np.float64))
        return encode_vector(values, discrete, name, parameter, is_discrete=is_discrete)
    if discrete == "auto" or discrete:
        return Columns(series.to_frame(), np.array([True]), name)
    raise ValueError(
        f"{name} is not numeric, so it cannot be continuous; leave `{parameter}` at "
        "'auto' or set it to True."
    )


def _check_dtype(dtype, name: str) -> None:
    kind = getattr(dtype, "kind", "")
    if kind == "c":
        raise ValueError(f"Complex data not supported: {name} holds {dtype}.")
    if kind in ("m", "M") or isinstance(dtype, pd.PeriodDtype):
        raise ValueError(
            f"{name} holds dates or durations ({dtype}); turn it into numbers first, "
            "such as days since a date."
        )


def _check_n_samples(n_samples: int, name: str) -> None:
    if n_samples >= 2**31:
        raise ValueError(
            f"{name} has {n_samples} samples; fewer than 2**31 are needed."
        )
    if n_samples < 2:
        raise ValueError(
            f"{name} has {n_samples} sample{'s' * (n_samples == 0)}; at least two are "
            "needed."
        )


def check_lengths(x: Columns, y: Columns) -> None:
    """Raise ValueError unless both have the same number of samples."""
    if x.n_samples != y.n_samples:
        raise ValueError(
            f"{x.name} and {y.name} must have one length, got {x.n_samples} and "
            f"{y.n_samples} samples."
        )


def is_class_target(values: NDArray) -> bool:
    """Whether numbers are taken for classes: whole ones, and few of them."""
    if not np.array_equal(values, np.floor(values)):
        return False
    return _count_distinct(values) <= max(20, len(values) / 10)


def _count_distinct(values: NDArray) -> int:
    low, high = values.min(), values.max()
    if values.dtype.kind in "iu" and int(high) - int(low) < _MAX_RANGE:
        # in 64 bits, where the difference of small integers does not wrap around
        shifted = values.astype(np.int64) - low.astype(np.int64)
        return int(np.count_nonzero(np.bincount(shifted)))
    return len(np.unique(values))
