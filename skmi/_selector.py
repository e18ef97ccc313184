"""What the selectors share: how they read X and y, and what they tell of a path."""

from collections.abc import Iterable
from numbers import Integral

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted, validate_data

from skmi._columns import (
    Columns,
    check_lengths,
    did_you_mean,
    encode_features,
    encode_target,
)
from skmi._sklearn import Configurable, SelectorMixin

__all__ = ["Selector", "read_indices"]


class Selector(SelectorMixin, Configurable):
    """A selector with the parameters `discrete_features` and `discrete_target`."""

    def _encode(self, X, y) -> tuple[Columns, Columns]:
        columns = encode_features(self._validate(X), self.discrete_features)
        target = encode_target(y, self.discrete_target)
        check_lengths(columns, target)
        self.discrete_features_ = columns.discrete
        self.discrete_target_ = bool(target.discrete[0])
        return columns, target

    def _validate(self, X, *, reset: bool = True):
        """Check the shape and the names of X; a DataFrame is taken as it is."""
        return validate_data(
            self,
            X,
            reset=reset,
            skip_check_array=isinstance(X, pd.DataFrame),
            dtype=None,
            ensure_all_finite=False,
        )

    def _rank(self, path: NDArray[np.intp], n_features: int) -> None:
        self.ranking_ = np.full(n_features, len(path) + 1)
        self.ranking_[path] = np.arange(1, len(path) + 1)
        self.support_ = self.ranking_ <= len(path)

    def _get_support_mask(self):
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self):
        """Tell scikit-learn what fit takes."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.string = True
        return tags


def read_indices(spec: Iterable, names, n_features: int, parameter: str) -> list[int]:
    """Indices of features given by index or by name, each once."""
    if np.ndim(spec) != 1:  # type: ignore[arg-type]
        raise ValueError(
            f"{parameter} must be a list of indices or names, got {spec!r}."
        )
    indices: list[int] = []
    for item in spec:
        if isinstance(item, str):
            index = _find_name(item, names, parameter)
        elif isinstance(item, Integral) and not isinstance(item, bool | np.bool_):
            index = int(item)
            if not -n_features <= index < n_features:
                raise IndexError(
                    f"{parameter} holds index {item}, but X has {n_features} columns."
                )
            index %= n_features
        else:
            raise ValueError(f"{parameter} holds {item!r}; give indices or names.")
        if index in indices:
            raise ValueError(f"{parameter} holds {item!r} twice; give each once.")
        indices.append(index)
    return indices


def _find_name(name: str, names, parameter: str) -> int:
    if names is None:
        raise ValueError(
            f"{parameter} names {name!r}, but X has no names; give indices."
        )
    found = np.flatnonzero(names == name)
    if len(found) > 1:
        raise ValueError(
            f"{parameter} names {name!r}, which {len(found)} columns of X are called; "
            "give the index."
        )
    if not len(found):
        hint = did_you_mean(name, names)
        raise ValueError(f"{parameter} names {name!r}, which is no column of X{hint}")
    return int(found[0])
