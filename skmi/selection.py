"""The selector: where criteria and estimators meet."""

import warnings
from numbers import Integral
from typing import ClassVar

from skmi._information import Information, terms_of
from skmi._parallel import worker_pool
from skmi._search import search_forward
from skmi._selector import Selector
from skmi._sklearn import Interval, RealNotInt, fit_context
from skmi.criteria import CRITERIA, Criterion, get_criterion
from skmi.estimators import ESTIMATORS, Estimator, get_estimator

__all__ = ["MISelector"]

# Values that outlast the Python calls that ask for their information.
_AT_ONCE = 2**16


class MISelector(Selector):
    """Select features that are informative about the target, and not redundant.

    Greedy forward selection: the first pick is the feature of highest mutual
    information with the target, each further one that of the highest criterion given
    those picked.

    Parameters
    ----------
    n_features_to_select : int or float, default=10
        How many features to select: a number, or a share of all in (0, 1].
    criterion : str or Criterion, default="jmi"
        What to select by: "mim", "mifs", "nmifs", "mrmr", "miq", "jmi", "jmi3", "jmim",
        "njmim", "disr", "cmim", "cmi", "cife", "icap", "mri", "condred", "betagamma",
        or an object of `skmi.criteria`, which sets its parameters.
    estimator : {"copula", "kde", "ksg", "plugin"} or Estimator, default="plugin"
        How to estimate information; an object of `skmi.estimators` sets its parameters.
        "plugin" cuts numbers into bins, and serves every criterion; the others serve
        those that need no entropies, and cost more.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, indices or names (columns that
        are not numeric need not be listed). "auto": columns of dtype bool, category,
        string or object; numbers are continuous.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. "auto": if it is bool, category, string or
        object, or of whole numbers with at most max(20, n_samples / 10) distinct ones.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen. The
        selection does not depend on it.

    Attributes
    ----------
    scores_ : ndarray of shape (n_features,)
        Relevance of every feature: its information with the target, in nats.
    path_ : ndarray of shape (n_selected,)
        Indices of the selected features, in the order picked. Ties go to the lowest
        column; every prefix is the selection of that many features.
    path_scores_ : ndarray of shape (n_selected,)
        Value of the criterion at each pick, in nats ("miq", "disr" and "njmim" are
        quotients); at the first, the relevance.
    ranking_ : ndarray of shape (n_features,)
        1 for the first pick, 2 for the second and so on; n_selected + 1 for the rest.
    support_ : ndarray of shape (n_features,), dtype bool
        Which features are selected.
    estimator_, criterion_ : Estimator, Criterion
        What was used.
    discrete_features_ : ndarray of shape (n_features,), dtype bool
        Which features were taken for discrete.
    discrete_target_ : bool
        Whether the target was.
    n_features_in_ : int
        Number of features seen in fit.
    feature_names_in_ : ndarray of shape (n_features,)
        Their names, if X has names that are all strings.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skmi import MISelector
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> selector = MISelector(3, criterion="jmi").fit(X, y)
    >>> X.columns[selector.path_].tolist()
    ['flavanoids', 'color_intensity', 'proline']
    """

    _parameter_constraints: ClassVar[dict] = {
        "n_features_to_select": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
        ],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        n_features_to_select=10,
        *,
        criterion="jmi",
        estimator="plugin",
        discrete_features="auto",
        discrete_target="auto",
        n_jobs=None,
    ):
        self.n_features_to_select = n_features_to_select
        self.criterion = criterion
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
        self : MISelector
            The fitted selector.

        Raises
        ------
        ValueError
            If a value is missing or infinite, the lengths differ, every label of a
            class target is unique, a parameter is not known, or the estimator lacks a
            term that the criterion needs.

        Warns
        -----
        UserWarning
            If more features are asked for than there are: all are kept. If the target
            is constant: all scores are 0.
        """
        self.estimator_ = get_estimator(self.estimator)
        self.criterion_ = get_criterion(self.criterion)
        _check_terms(self.criterion_, self.estimator_)
        columns, target = self._encode(X, y)
        n_picks = self._n_picks(columns.n_columns)
        with worker_pool(self.n_jobs) as run:
            information = Information(
                self.estimator_, columns, target, run, self.n_jobs
            )
            self.scores_ = information.relevance
            self.path_, self.path_scores_ = search_forward(
                self.scores_,
                information.pair,
                self.criterion_,
                n_picks,
                max(4, _AT_ONCE // columns.n_samples),
            )
        self._rank(self.path_, columns.n_columns)
        return self

    def _n_picks(self, n_features: int) -> int:
        wanted = self.n_features_to_select
        if not isinstance(wanted, Integral):
            return max(1, int(wanted * n_features))
        if int(wanted) > n_features:
            warnings.warn(
                f"n_features_to_select={wanted} is greater than the number of "
                f"features, {n_features}: all are selected.",
                UserWarning,
                stacklevel=3,
            )
        return min(int(wanted), n_features)


def _serves(criterion: Criterion | type[Criterion], estimator: type[Estimator]) -> bool:
    return set(criterion.needs) <= terms_of(estimator)


def _check_terms(criterion: Criterion, estimator: Estimator) -> None:
    cls = type(estimator)
    if _serves(criterion, cls):
        return
    missing = sorted(set(criterion.needs) - terms_of(cls))
    others = [e.__name__ for e in ESTIMATORS.values() if _serves(criterion, e)]
    criteria = [c.__name__ for c in CRITERIA.values() if _serves(c, cls)]
    ways = [f"use estimator {' or '.join(others)}"] if others else []
    ways += [f"choose criterion {' or '.join(criteria)}"]
    raise ValueError(
        f"criterion {type(criterion).__name__} needs {' and '.join(missing)}, which "
        f"estimator {cls.__name__} does not provide; {', or '.join(ways)}."
    )
