"""Read X and y, and decide which columns are discrete: only here are dtypes read."""

import warnings
from collections.abc import Callable, Hashable, Iterable
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_array, column_or_1d

from skmi._data.columns import Columns, Table, name_of
from skmi._utils.messages import ParameterError, Setting, suggest

__all__ = [
    "encode_features",
    "encode_target",
    "encode_variable",
    "encode_vector",
    "is_class_target",
    "read_indices",
    "read_table",
]

# Distinct whole numbers of a smaller range are counted in a table, without sorting.
_MAX_RANGE = 2**16


def read_table(X: Any, name: str = "X") -> "NDArray[np.generic] | pd.DataFrame":
    """Check the shape of a table; a DataFrame is returned as it is."""
    if isinstance(X, pd.DataFrame):
        return X
    table: NDArray[np.generic] = check_array(
        X, dtype=None, input_name=name, ensure_all_finite=False
    )
    return table


def encode_features(
    X: Table,
    discrete_features: Any = "auto",
    name: str = "X",
    parameter: str = "discrete_features",
) -> Columns:
    """Decide which features are discrete.

    Parameters
    ----------
    X : ndarray, DataFrame or CSC matrix of shape (n_samples, n_features)
        Checked already, except for missing values in a DataFrame.
    discrete_features : "auto", bool, or array-like of bool, int or str
        "auto": columns of dtype bool, category, string or object are discrete, and
        numeric columns are continuous. Otherwise a mask, indices or names of the
        discrete columns.
    name, parameter : str
        What messages call X and discrete_features.

    Raises
    ------
    ValueError, IndexError
        If X has no columns or fewer than two samples, a column is neither numeric nor
        discrete, or discrete_features does not fit X.
    """
    if X.shape[1] == 0:
        raise ValueError(f"{name} has no columns; at least one is needed.")
    _check_n_samples(X.shape[0], name)
    if isinstance(X, np.ndarray) and X.dtype.kind in "OUS":
        X = pd.DataFrame(X).infer_objects()
    labels: list[Hashable] = []
    if isinstance(X, pd.DataFrame):
        numeric = np.array([pd.api.types.is_numeric_dtype(t) for t in X.dtypes], bool)
        boolean = np.array([pd.api.types.is_bool_dtype(t) for t in X.dtypes], bool)
        automatic = ~numeric | boolean
        labels = list(X.columns)
        for label, dtype in X.dtypes.items():
            _check_dtype(dtype, f"column {label!r} of {name}")
    else:
        numeric = np.ones(X.shape[1], dtype=bool)
        automatic = np.full(X.shape[1], X.dtype.kind == "b")
        _check_dtype(X.dtype, name)
    discrete = _read_discrete(
        discrete_features, automatic, ~numeric, labels, name, parameter
    )
    columns = Columns(X, discrete, name)
    for column in np.flatnonzero(~numeric & ~discrete).tolist():
        raise ValueError(
            f"{name_of(columns, column)} is not numeric, so it cannot be continuous; "
            f"list it in `{parameter}`."
        )
    return columns


def _read_discrete(
    given: Any,
    automatic: NDArray[np.bool_],
    not_numeric: NDArray[np.bool_],
    labels: list[Hashable],
    name: str,
    parameter: str,
) -> NDArray[np.bool_]:
    """Turn discrete_features into a mask."""
    if isinstance(given, str) and given == "auto":
        return automatic
    if isinstance(given, bool | np.bool_):
        return np.full(len(automatic), bool(given))
    if np.ndim(given) > 1:
        raise ValueError(
            f"{parameter} must have one dimension, got {np.ndim(given)} dimensions."
        )
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ValueError(
            f"{parameter}={given!r} is not valid; give 'auto', a bool, or a mask, "
            "indices or names of the discrete columns."
        )
    items = list(given)
    if items and all(isinstance(item, bool | np.bool_) for item in items):
        if len(items) != len(automatic):
            raise IndexError(
                f"{parameter} is a mask of {len(items)} columns, but {name} has "
                f"{len(automatic)}; give one bool for each column."
            )
        return np.array(items, dtype=bool)
    mask = not_numeric.copy()  # these columns need not be listed
    for item in items:
        if isinstance(item, str):
            if item not in labels:
                hint = suggest(item, map(str, labels))
                if not labels:
                    hint = f"; {name} has no column names, so give a mask or indices."
                raise ValueError(
                    f"{parameter} names {item!r}, which is no column of {name}{hint}"
                )
            mask |= np.array([label == item for label in labels], dtype=bool)
        elif isinstance(item, Integral):
            if not -len(mask) <= int(item) < len(mask):
                raise IndexError(
                    f"{parameter} contains index {item}, but {name} has {len(mask)} "
                    "columns; indices start at 0."
                )
            mask[int(item)] = True
        else:
            raise ValueError(
                f"{parameter} contains {item!r}; give a mask, indices or names."
            )
    return mask


def encode_target(y: Any, discrete_target: str | bool = "auto") -> Columns:
    """Check a target, and decide whether it is discrete.

    Parameters
    ----------
    y : array-like of shape (n_samples,)
    discrete_target : "auto" or bool
        "auto": a target is discrete if its dtype is bool, category, string or object,
        or if it contains whole numbers with at most max(20, n_samples / 10) distinct
        values.

    Raises
    ------
    ValueError
        If every label of a discrete target is unique.

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
        warnings.warn(
            "y is constant, so all scores are 0; give a target that varies.",
            UserWarning,
            stacklevel=2,
        )
    elif target.discrete[0] and n_distinct == target.n_samples:
        problem = "every label of the discrete target y is unique; "
        if isinstance(values, pd.DataFrame):
            example = repr(values.iloc[0, 0])
            raise ValueError(
                f"{problem}if y contains numbers, such as {example}, convert them "
                "first."
            )
        raise ParameterError(
            f"{problem}if y is continuous, set ", Setting("discrete_target", False), "."
        )
    return target


def encode_variable(x: Any, discrete: Any, name: str, parameter: str) -> Columns:
    """Check a variable of one dimension, or of several dimensions as columns."""
    if not hasattr(x, "ndim"):
        x = np.asarray(x)
    if x.ndim not in (1, 2):
        raise ValueError(
            f"{name} must have one or two dimensions, got shape {np.shape(x)}."
        )
    applies_to_all = isinstance(discrete, str | bool | np.bool_)
    if x.ndim == 1 or (x.shape[1] == 1 and applies_to_all):
        x = x.ravel() if isinstance(x, np.ndarray) else x
        return encode_vector(x, discrete, name, parameter)
    return encode_features(read_table(x, name), discrete, name, parameter)


def encode_vector(
    x: Any,
    discrete: str | bool,
    name: str,
    parameter: str,
    *,
    is_discrete: Callable[[NDArray[Any]], bool] = lambda values: False,
) -> Columns:
    """Check a variable of one dimension.

    If `discrete` is "auto", `is_discrete` decides whether numbers are discrete.
    """
    known = isinstance(discrete, bool | np.bool_)
    if not (known or (isinstance(discrete, str) and discrete == "auto")):
        raise ValueError(f"{parameter} must be 'auto' or a bool, got {discrete!r}.")
    _check_dtype(getattr(x, "dtype", np.dtype(float)), name)
    if isinstance(x, pd.DataFrame) and x.shape[1] == 1:
        x = x.iloc[:, 0]
    elif isinstance(x, pd.Index | pd.api.extensions.ExtensionArray):
        x = pd.Series(x)
    is_extension = isinstance(x, pd.Series) and not isinstance(x.dtype, np.dtype)
    if not is_extension:
        with np.errstate(invalid="ignore"):  # check_array sums the values
            x = check_array(
                x, ensure_2d=False, dtype=None, input_name=name, ensure_min_samples=0
            )
        if x.ndim == 2 and x.shape[1] == 1:
            x = column_or_1d(x, warn=True)
        if x.ndim != 1:
            raise ValueError(f"{name} must have one dimension, got shape {x.shape}.")
    _check_n_samples(len(x), name)
    if not is_extension and x.dtype.kind not in "OUS":
        if discrete == "auto":
            discrete = x.dtype.kind == "b" or is_discrete(x)
        return Columns(x[:, None], np.array([discrete]), name)

    series = pd.Series(x)
    if series.isna().any():
        raise ValueError(f"{name} contains NaN; drop these samples first.")
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(getattr(series.dtype, "numpy_dtype", np.float64))
        return encode_vector(values, discrete, name, parameter, is_discrete=is_discrete)
    if discrete == "auto" or discrete:
        return Columns(series.to_frame(), np.array([True]), name)
    raise ParameterError(
        f"{name} is not numeric, so it cannot be continuous; set ",
        Setting(parameter, "auto"),
        " or ",
        Setting(parameter, True),
        ".",
    )


def is_class_target(values: NDArray[Any]) -> bool:
    """Return whether numbers are class labels: whole, with few distinct values."""
    if not np.array_equal(values, np.floor(values)):
        return False
    return bool(_count_distinct(values) <= max(20, len(values) / 10))


def _count_distinct(values: NDArray[Any]) -> int:
    low, high = values.min(), values.max()
    if values.dtype.kind in "iu" and int(high) - int(low) < _MAX_RANGE:
        # as int64, since the difference of two small integers may overflow
        shifted = values.astype(np.int64) - low.astype(np.int64)
        return int(np.count_nonzero(np.bincount(shifted)))
    return len(np.unique(values))


def read_indices(
    features: Iterable[Any],
    names: NDArray[np.object_] | None,
    n_features: int,
    parameter: str,
) -> list[int]:
    """Return the indices of features that are given by index or by name, each once."""
    if np.ndim(features) != 1:  # type: ignore[arg-type]
        raise ValueError(
            f"{parameter} must be a list of indices or names, got {features!r}."
        )
    indices: list[int] = []
    for item in features:
        if isinstance(item, str):
            index = _find_name(item, names, parameter)
        elif isinstance(item, Integral) and not isinstance(item, bool | np.bool_):
            index = int(item)
            if not -n_features <= index < n_features:
                raise IndexError(
                    f"{parameter} contains index {item}, but X has {n_features} "
                    "columns; indices start at 0."
                )
            index %= n_features
        else:
            raise ValueError(f"{parameter} contains {item!r}; give indices or names.")
        if index in indices:
            raise ValueError(f"{parameter} contains {item!r} twice; give it once.")
        indices.append(index)
    return indices


def _find_name(name: str, names: NDArray[np.object_] | None, parameter: str) -> int:
    if names is None:
        raise ValueError(
            f"{parameter} names {name!r}, but X has no column names; give indices."
        )
    found = np.flatnonzero(names == name)
    if len(found) > 1:
        raise ValueError(
            f"{parameter} names {name!r}, which is the name of {len(found)} columns of "
            "X; give an index."
        )
    if not len(found):
        raise ValueError(
            f"{parameter} names {name!r}, which is no column of X{suggest(name, names)}"
        )
    return int(found[0])


def _check_dtype(dtype: Any, name: str) -> None:
    kind = getattr(dtype, "kind", "")
    if kind == "c":
        raise ValueError(
            f"Complex data not supported: {name} contains {dtype}; give real numbers."
        )
    if kind in ("m", "M") or isinstance(dtype, pd.PeriodDtype):
        raise ValueError(
            f"{name} contains dates or durations ({dtype}); convert them to numbers "
            "first, such as days since a date."
        )


def _check_n_samples(n_samples: int, name: str) -> None:
    if n_samples >= 2**31:
        raise ValueError(f"{name} has {n_samples} samples; give fewer than 2**31.")
    if n_samples < 2:
        raise ValueError(
            f"{name} has {n_samples} sample{'s' * (n_samples == 0)}; at least two are "
            "needed."
        )
