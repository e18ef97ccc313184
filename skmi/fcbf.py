"""The fast correlation-based filter."""

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skmi._information import Information, Variable
from skmi._parallel import worker_pool
from skmi._selector import Selector
from skmi._sklearn import Interval, fit_context
from skmi.estimators import Estimator, PlugIn, get_estimator

__all__ = ["FCBF"]

# Differences of uncertainties below are rounding errors.
_ROUNDING = 1e-12


class FCBF(Selector):
    r"""Fast correlation-based filter: drop what a better feature tells more about.

    Features are compared by symmetrical uncertainty, :math:`SU(a, b) = 2 I(a; b) /
    (H(a) + H(b))`, from 0 of independent columns to 1 where each tells the other. In
    the order of SU(f; y), a feature is kept unless one kept before is at least as
    close to it as the target is: :math:`SU(f; s) \ge SU(f; y)`.

    To take for a first, quick cut of many columns, as it finds the number itself; the
    cost is one pass over those left for each one kept. It sees pairs only, so that it
    drops columns that tell something only together, and of two features that overlap
    much but not wholly it keeps one.

    Parameters
    ----------
    threshold : float, default=0.0
        What SU(f; y) must exceed, in [0, 1). 0 keeps out little but constants, since
        columns that are independent of the target have a little information with it by
        chance, the more the fewer samples there are. With
        ``estimator=PlugIn(correction="chance")`` it is 0 on average.
    estimator : {"plugin"} or PlugIn, default="plugin"
        How to estimate; a `skmi.estimators.PlugIn` sets its parameters. The others have
        no entropies that bound the information of continuous columns.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, indices or names (columns that
        are not numeric need not be listed). "auto": columns of dtype bool, category,
        string or object; numbers are continuous, and cut into bins.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. "auto": if it is bool, category, string or
        object, or of whole numbers with at most max(20, n_samples / 10) distinct ones.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen. The
        selection does not depend on it.

    Attributes
    ----------
    scores_ : ndarray of shape (n_features,)
        SU(f; y) of every feature; 0 if it is constant.
    path_ : ndarray of shape (n_selected,)
        Indices of the selected features by descending SU(f; y). Ties go to the lowest
        column.
    ranking_ : ndarray of shape (n_features,)
        1 for the first of the path, 2 for the second and so on; n_selected + 1 for the
        rest.
    support_ : ndarray of shape (n_features,), dtype bool
        Which features are selected.
    covered_by_ : ndarray of shape (n_features,)
        The selected feature for which each was dropped; -1 of those selected, and of
        those not above the threshold.
    estimator_ : Estimator
        What was used.
    discrete_features_ : ndarray of shape (n_features,), dtype bool
        Which features were taken for discrete.
    discrete_target_ : bool
        Whether the target was.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, if X has names that are all strings.

    See Also
    --------
    MISelector : Greedy selection of a given number of features.
    mutual_info : SU of two variables, by ``normalize="symmetric"``.

    References
    ----------
    .. [1] L. Yu and H. Liu, Feature selection for high-dimensional data: a fast
       correlation-based filter solution, ICML 2003, figure 2.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skmi import FCBF
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> selector = FCBF(threshold=0.2).fit(X, y)
    >>> X.columns[selector.path_].tolist()
    ['flavanoids', 'color_intensity', 'proline', 'od280/od315_of_diluted_wines',
     'alcohol', 'hue']
    """

    _parameter_constraints: ClassVar[dict] = {
        "threshold": [Interval(Real, 0, 1, closed="left")],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        threshold=0.0,
        *,
        estimator="plugin",
        discrete_features="auto",
        discrete_target="auto",
        n_jobs=None,
    ):
        self.threshold = threshold
        self.estimator = estimator
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y):
        """Select features.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Features. Never written to.
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
            class target is unique, a parameter is not known, or the estimator has no
            entropies that bound information.

        Warns
        -----
        UserWarning
            If the target is constant: all scores are 0, and nothing is selected.
        """
        self.estimator_ = get_estimator(self.estimator)
        _check_bounds(self.estimator_)
        columns, target = self._encode(X, y)
        everything = np.arange(columns.n_columns)
        with worker_pool(self.n_jobs) as run:
            information = Information(
                self.estimator_, columns, target, run, self.n_jobs
            )
            entropy = information.map_chunks(_entropy, everything, self.estimator_)
            self.scores_ = _uncertainty(
                information.relevance,
                entropy,
                Variable(self.estimator_, target).entropy,
            )

            def redundancy(candidates, s):
                shared = information.map_chunks(
                    self.estimator_.mi, candidates, information.as_target(s)
                )
                return _uncertainty(shared, entropy[candidates], entropy[s])

            self.path_, self.covered_by_ = _filter(
                self.scores_, redundancy, self.threshold
            )
        self._rank(self.path_, columns.n_columns)
        return self


def _filter(
    relevance: NDArray[np.float64],
    redundancy: Callable[[NDArray[np.intp], int], NDArray[np.float64]],
    threshold: float,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Keep the best candidate, drop those it covers, and again until none is left."""
    candidates = np.flatnonzero(relevance > threshold + _ROUNDING)
    covered_by = np.full(len(relevance), -1)
    path = []
    while len(candidates):
        best = np.argmax(relevance[candidates])
        s, candidates = candidates[best], np.delete(candidates, best)
        covered = redundancy(candidates, s) >= relevance[candidates] - _ROUNDING
        covered_by[candidates[covered]] = s
        candidates = candidates[~covered]
        path.append(s)
    return np.array(path, dtype=np.intp), covered_by


def _uncertainty(
    information: NDArray[np.float64], of_f: NDArray[np.float64], of_other: float
) -> NDArray[np.float64]:
    """SU = 2 I / (H(f) + H(other)); 0 if neither varies."""
    total = of_f + of_other
    return np.divide(
        2 * information, total, out=np.zeros_like(total), where=total > _ROUNDING
    )


def _entropy(
    block: Any, columns: NDArray[np.intp], estimator: Estimator
) -> NDArray[np.float64]:
    return estimator.entropy(block, columns)


def _check_bounds(estimator: Estimator) -> None:
    if isinstance(estimator, PlugIn):
        return
    raise ValueError(
        "FCBF divides by entropies that bound information, which "
        f"{type(estimator).__name__} does not provide; use PlugIn, which cuts "
        "continuous columns into bins, or MISelector with criterion 'mrmr'."
    )
