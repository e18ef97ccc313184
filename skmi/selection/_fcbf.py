"""The fast correlation-based filter."""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from skmi._estimation.table import PreparedTable, TableView
from skmi._estimation.variables import Variable
from skmi._utils.parallel import Runner, worker_pool
from skmi._utils.sklearn import Interval, fit_context
from skmi.estimators import Estimator, get_estimator, require
from skmi.selection._base import Selector

__all__ = ["FCBF"]

# Uncertainties that differ by less are equal up to rounding.
_ROUNDING = 1e-12


class FCBF(Selector):
    r"""Fast correlation-based filter: drop features that a better one makes redundant.

    Features are compared by their symmetrical uncertainty, :math:`SU(a; b) = 2 I(a; b)
    / (H(a) + H(b))`. It is 0 for independent columns, and 1 if each column determines
    the other. The filter considers the features in descending order of SU(f; y). It
    selects a feature f unless some selected feature s has
    :math:`SU(f; s) \ge SU(f; y)`.

    Use it as a first, fast filter of many columns. It finds the number of features by
    itself, and needs only one pass over the remaining columns for each selected
    feature. It considers pairs only, so it misses features that are informative only
    together, and keeps only one of two features that are highly redundant.

    Parameters
    ----------
    threshold : float, default=0.0
        Only features whose SU(f; y) exceeds this are selected; in [0, 1).
    alpha : float or None, default=0.05
        Only features that are significantly informative about the target are selected:
        by the estimator's analytic test and the Benjamini-Hochberg procedure [2]_, at
        most a fraction alpha of them is expected to be independent of the target. The
        test needs independent rows. None omits it.
    estimator : {"plugin"} or Estimator, default="plugin"
        Estimator of mutual information and entropy, by name or as an object of
        `skmi.estimators` with parameters. Its entropies must be upper bounds of the
        information of every column. In this package, only those of `PlugIn` are.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: True (all), False (none), or a mask, indices or
        names. Columns that are not numeric cannot be continuous. With "auto", columns
        of dtype bool, category, string or object are discrete, and numeric columns are
        continuous. Continuous columns are binned.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, or if it contains whole numbers with at most
        max(20, n_samples / 10) distinct values.
    n_jobs : int or None, default=None
        Number of jobs. They are threads unless another joblib backend is active. The
        selection does not depend on `n_jobs`.

    Attributes
    ----------
    scores_ : ndarray of shape (n_features,)
        SU(f; y) of every feature; 0 for a constant feature. The default estimator
        subtracts the information expected by chance, so some scores are negative.
    path_ : ndarray of shape (n_selected,)
        Indices of the selected features, in descending order of SU(f; y). Ties go to
        the first column.
    ranking_ : ndarray of shape (n_features,)
        Rank of each feature in the path, starting at 1. Features that are not selected
        have rank n_selected + 1.
    support_ : ndarray of shape (n_features,), dtype bool
        Mask of the selected features.
    covered_by_ : ndarray of shape (n_features,)
        For a redundant feature, the index of the selected feature that made the filter
        drop it. It is -1 for selected features, and for features that are not
        significant or do not exceed the threshold.
    pvalues_ : ndarray of shape (n_features,) or None
        p-value of I(f; y) of every feature, before the Benjamini-Hochberg procedure;
        None if alpha is None.
    estimator_ : Estimator
        The estimator used.
    discrete_features_ : ndarray of shape (n_features,), dtype bool
        Whether each feature was treated as discrete.
    discrete_target_ : bool
        Whether the target was treated as discrete.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (n_features,)
        Names of the features, if X has column names that are all strings.

    See Also
    --------
    MISelector : Greedy selection by a criterion.
    mutual_info : SU of two variables, with ``normalize="symmetric"``.

    References
    ----------
    .. [1] L. Yu and H. Liu, Feature selection for high-dimensional data: a fast
       correlation-based filter solution, ICML 2003, figure 2.
    .. [2] Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, J. R.
       Stat. Soc. B 57, 289 (1995).

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skmi import FCBF
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> selector = FCBF(threshold=0.2).fit(X, y)
    >>> X.columns[selector.path_].tolist()
    ['flavanoids', 'proline', 'color_intensity', 'alcohol', 'hue']
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "threshold": [Interval(Real, 0, 1, closed="left")],
        "alpha": [Interval(Real, 0, 1, closed="neither"), None],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        threshold: float = 0.0,
        *,
        alpha: float | None = 0.05,
        estimator: str | Estimator = "plugin",
        discrete_features: Any = "auto",
        discrete_target: str | bool = "auto",
        n_jobs: int | None = None,
    ):
        self.threshold = threshold
        self.alpha = alpha
        self.estimator = estimator
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any) -> Self:
        """Select features.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Features. X is not modified.
        y : array-like of shape (n_samples,)
            Target.

        Returns
        -------
        self : FCBF
            The fitted selector.

        Raises
        ------
        ValueError
            If a value is missing or infinite, the lengths differ, every label of a
            discrete target is unique, a parameter is not valid, or the estimator has no
            entropies that bound information, or no analytic test.

        Warns
        -----
        UserWarning
            If the target is constant. Then all scores are 0, and nothing is selected.
        """
        self.estimator_ = get_estimator(self.estimator)
        needed = {"entropy_bound"}
        require(self.estimator_, needed, "FCBF", "MISelector with criterion 'mrmr'")
        if self.alpha is not None:
            require(
                self.estimator_, {"pvalues"}, f"alpha={self.alpha:g}", "set alpha=None"
            )
        columns, target = self._encode(X, y)
        with worker_pool(self.n_jobs) as run:
            table = PreparedTable.prepare(self.estimator_, columns, run, self.n_jobs)
            view = TableView(table, target, run=run)
            entropies = table.entropies(run)
            every = np.arange(table.n_columns)
            chance = self.estimator_.expected_by_chance
            self.scores_ = _symmetrical_uncertainty(
                view.relevance,
                table.map(chance, every, view.target, run=run),
                entropies,
                Variable(self.estimator_, target).entropy,
            )

            def redundancy(candidates: NDArray[np.intp], s: int) -> NDArray[np.float64]:
                return _symmetrical_uncertainty(
                    view.redundancy(candidates, s, run),
                    table.map(chance, candidates, table.as_target(s), run=run),
                    entropies[candidates],
                    entropies[s],
                )

            candidates = self.scores_ > self.threshold + _ROUNDING
            candidates &= self._test(view, run)
            self.path_, self.covered_by_ = _filter(
                self.scores_, redundancy, np.flatnonzero(candidates)
            )
        self._rank(self.path_, columns.n_columns)
        return self

    def _test(self, view: TableView, run: Runner) -> NDArray[np.bool_]:
        """Return which features are significant, by the test of the estimator."""
        self.pvalues_, every = None, np.arange(view.table.n_columns)
        if self.alpha is None:
            return np.ones(len(every), dtype=bool)
        verb = view.table.estimator.pvalues
        self.pvalues_ = view.table.map(verb, every, view.target, run=run)
        significant: NDArray[np.bool_] = (
            false_discovery_control(self.pvalues_) <= self.alpha
        )
        return significant


def _filter(
    relevance: NDArray[np.float64],
    redundancy: Callable[[NDArray[np.intp], int], NDArray[np.float64]],
    candidates: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Select the best candidate and drop those redundant with it, until none is left.

    Returns
    -------
    path : ndarray of shape (n_selected,)
    covered_by : ndarray of shape (n_features,)
    """
    covered_by = np.full(len(relevance), -1)
    path = []
    while len(candidates):
        best = np.argmax(relevance[candidates])
        s, candidates = int(candidates[best]), np.delete(candidates, best)
        covered = redundancy(candidates, s) >= relevance[candidates] - _ROUNDING
        covered_by[candidates[covered]] = s
        candidates = candidates[~covered]
        path.append(s)
    return np.array(path, dtype=np.intp), covered_by


def _symmetrical_uncertainty(
    information: NDArray[np.float64],
    chance: NDArray[np.float64],
    entropies: NDArray[np.float64],
    other: float,
) -> NDArray[np.float64]:
    """Return 2 I / (H(f) + H(other) - 2 E), where I leaves out E, expected by chance.

    It is 0 if the denominator is 0.
    """
    total = entropies + other - 2 * chance
    return np.divide(
        2 * information, total, out=np.zeros_like(total), where=total > _ROUNDING
    )
