"""Why features were selected, or not: the terms behind a path."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from skmi._data.columns import check_lengths
from skmi._data.encoding import encode_features, encode_vector, read_indices
from skmi._estimation.table import PreparedTable, TableView
from skmi._utils.parallel import worker_pool
from skmi.estimators import Estimator, serves
from skmi.selection._base import Selector

__all__ = ["ExplainedPath"]


class ExplainedPath(Selector):
    """Base class of selectors that can explain their path."""

    estimator_: Estimator
    n_features_in_: int
    n_jobs: int | None
    path_: NDArray[np.intp]
    path_scores_: NDArray[np.float64]
    pvalues_: NDArray[np.float64] | None
    scores_: NDArray[np.float64]

    def path_frame(self, X: Any = None, y: Any = None) -> pd.DataFrame:
        """Explain the path by the relevance and the redundancy of each pick.

        A fitted selector stores no samples, so the columns on redundancy need X and y.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features), default=None
            The X passed to `fit`.
        y : array-like of shape (n_samples,), default=None
            The y passed to `fit`.

        Returns
        -------
        frame : DataFrame of n_selected rows
            One row for each pick, in the order of the path. The index is the rank,
            starting at 1. Values are in nats and not clipped.

            * ``feature``: the name of the picked feature f, or its index if X had no
              column names.
            * ``criterion``: `path_scores_`.
            * ``relevance``: I(f; y).
            * ``p_value``: `pvalues_`, only with ``n_features_to_select="auto"``.

            If X and y are given, there are more columns:

            * ``redundancy``: the mean of I(f; s) over the features s picked before f.
            * ``conditional_relevance``: the mean of I(f; y | s) over the same features,
              only if the estimator provides conditional information.
            * ``most_redundant_with``: the feature s with the largest I(f; s); the first
              one if several are equal.
            * ``max_redundancy``: the largest I(f; s).

            In the first row, these are nan, and ``most_redundant_with`` is None.

        Raises
        ------
        NotFittedError
            If fit was not called.
        ValueError
            If only one of X and y is given, or they differ from those passed to `fit`.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from skmi import MISelector
        >>> X, y = load_wine(return_X_y=True, as_frame=True)
        >>> frame = MISelector(3, estimator="plugin").fit(X, y).path_frame(X, y)
        >>> frame[["feature", "relevance", "redundancy"]].round(2)
                      feature  relevance  redundancy
        rank
        1          flavanoids       0.54         NaN
        2     color_intensity       0.40        0.19
        3             proline       0.41        0.14
        >>> frame["most_redundant_with"].tolist()
        [None, 'flavanoids', 'flavanoids']
        """
        check_is_fitted(self)
        if (X is None) != (y is None):
            raise ValueError("path_frame needs both X and y, or neither; give both.")
        picked = self._picked()
        columns: dict[str, Any] = {
            "feature": picked.infer_objects(),
            "criterion": self.path_scores_,
            "relevance": self.scores_[self.path_],
        }
        if self.pvalues_ is not None:
            columns["p_value"] = self.pvalues_
        if X is None:
            return pd.DataFrame(columns)
        redundancy, conditional = self._estimate_pairs(X, y, self.path_)
        columns["redundancy"] = _means_below_diagonal(redundancy)
        if conditional is not None:
            columns["conditional_relevance"] = _means_below_diagonal(conditional)
        others, largest = _largest_below_diagonal(redundancy)
        names = [None if s is None else picked.iloc[s] for s in others]
        columns["most_redundant_with"] = pd.Series(names, picked.index, dtype=object)
        columns["max_redundancy"] = largest
        return pd.DataFrame(columns)

    def redundant_with(self, feature: int | str, X: Any, y: Any) -> pd.DataFrame:
        """Explain why a feature was not selected, by its redundancy with selected ones.

        Parameters
        ----------
        feature : int or str
            Index or name of a feature f that is not selected.
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            The X passed to `fit`.
        y : array-like of shape (n_samples,)
            The y passed to `fit`.

        Returns
        -------
        frame : DataFrame of n_selected rows
            One row for each selected feature s, in descending order of redundancy. The
            index is the rank of s in the path. Values are in nats and not clipped.

            * ``feature``: the name of s, or its index if X had no column names.
            * ``relevance``: I(f; y), the same in all rows.
            * ``redundancy``: I(f; s).
            * ``conditional_relevance``: I(f; y | s), the information of f about the
              target if s is known. Only if the estimator provides it.

        Raises
        ------
        NotFittedError
            If fit was not called.
        ValueError
            If the feature is selected or unknown, or X and y differ from those passed
            to `fit`.
        IndexError
            If an index is out of range.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from skmi import MISelector
        >>> X, y = load_wine(return_X_y=True, as_frame=True)
        >>> selector = MISelector(2, estimator="plugin").fit(X, y)
        >>> selector.redundant_with("total_phenols", X, y).round(2)
                      feature  relevance  redundancy  conditional_relevance
        rank
        1          flavanoids       0.32        0.47                   0.02
        2     color_intensity       0.32        0.05                   0.29
        """
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        [f] = read_indices([feature], names, self.n_features_in_, "feature")
        if self.support_[f]:
            raise ValueError(
                f"feature {feature!r} is selected, as pick {self.ranking_[f]}; "
                "call path_frame, which explains selected features."
            )
        columns = np.append(self.path_, f)
        redundancy, conditional = self._estimate_pairs(X, y, columns, len(columns) - 1)
        frame = self._picked().infer_objects().to_frame("feature")
        frame["relevance"] = self.scores_[f]
        frame["redundancy"] = redundancy[-1, :-1]
        if conditional is not None:
            frame["conditional_relevance"] = conditional[-1, :-1]
        return frame.sort_values("redundancy", ascending=False, kind="stable")

    def _picked(self) -> "pd.Series[Any]":
        """Return the names or indices of the selected features, in order of rank."""
        labels = getattr(self, "feature_names_in_", range(self.n_features_in_))
        rank = pd.RangeIndex(1, len(self.path_) + 1, name="rank")
        return pd.Series(np.asarray(labels, dtype=object)[self.path_], rank)

    def _estimate_pairs(
        self, X: Any, y: Any, columns: NDArray[np.intp], first: int = 1
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Estimate I(f; s) and I(f; y | s) of each column f with all s before it.

        Returns
        -------
        redundancy : ndarray of shape (len(columns), len(columns))
            I(f; s) in row f and column s, for s < f and f >= first; nan elsewhere.
        conditional_relevance : ndarray of the same shape, or None
            I(f; y | s); None if the estimator provides no conditional information.
        """
        source = encode_features(
            self._validate(X, reset=False), self.discrete_features_
        )
        target = encode_vector(y, self.discrete_target_, "y", "discrete_target")
        check_lengths(source, target)
        chosen, n = source.take(columns), len(columns)
        redundancy = np.full((n, n), np.nan)
        conditional = np.full((n, n), np.nan)
        has_conditional = serves(self.estimator_, {"conditional"})
        if n:
            with worker_pool(self.n_jobs) as run:
                table = PreparedTable.prepare(self.estimator_, chosen, run, self.n_jobs)
                view = TableView(table, target, run=run)
                if not np.allclose(view.relevance, self.scores_[columns]):
                    raise ValueError(
                        "X and y are not those of fit: their relevances differ; give "
                        "the X and y of fit, or fit again."
                    )
                for s in range(n - 1):
                    f = np.arange(max(s + 1, first), n)
                    redundancy[f, s] = view.redundancy(f, s, run)
                    if has_conditional:
                        conditional[f, s] = view.relevance_given(f, (s,), run)
        return redundancy, conditional if has_conditional else None


def _means_below_diagonal(matrix: NDArray[np.float64]) -> list[float]:
    """Return the mean of each row before the diagonal; nan for the first row."""
    return [float(row[:i].mean()) if i else np.nan for i, row in enumerate(matrix)]


def _largest_below_diagonal(
    matrix: NDArray[np.float64],
) -> tuple[list[int | None], list[float]]:
    """Return place and value of the largest entry before the diagonal, of each row."""
    places = [int(np.argmax(row[:i])) if i else None for i, row in enumerate(matrix)]
    return places, [
        np.nan if s is None else float(row[s])
        for s, row in zip(places, matrix, strict=True)
    ]
