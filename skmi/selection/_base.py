"""What the selectors share: reading X and y, and attributes that describe a path."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted, validate_data

from skmi._data.columns import Columns, check_lengths
from skmi._data.encoding import encode_features, encode_target
from skmi._utils.sklearn import Configurable, SelectorMixin

__all__ = ["Selector"]


class Selector(SelectorMixin, Configurable):  # type: ignore[misc]
    """Base class of selectors, which read `discrete_features` and `discrete_target`."""

    discrete_features: Any
    discrete_target: Any

    def _encode(self, X: Any, y: Any) -> tuple[Columns, Columns]:
        columns = encode_features(self._validate(X), self.discrete_features)
        target = encode_target(y, self.discrete_target)
        check_lengths(columns, target)
        self.discrete_features_ = columns.discrete
        self.discrete_target_ = bool(target.discrete[0])
        return columns, target

    def _validate(self, X: Any, *, reset: bool = True) -> Any:
        """Check the shape and the column names of X; return a DataFrame unchanged."""
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

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        return self.support_

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's description of what fit accepts."""
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.string = True
        return tags
