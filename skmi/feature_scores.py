"""Scores of features one by one: drop-in functions and a scorer object."""

from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array

from skmi._columns import (
    check_lengths,
    encode_features,
    encode_target,
    read_table,
)
from skmi._information import estimate_relevance
from skmi._significance import analytic_pvalues, permutation_pvalues
from skmi._sklearn import Configurable, Interval, StrOptions, validate_parameters
from skmi.estimators import KSG, get_estimator

__all__ = [
    "MIScorer",
    "mutual_info_classif",
    "mutual_info_regression",
]


def mutual_info_classif(
    X,
    y,
    *,
    discrete_features="auto",
    n_neighbors=3,
    copy=True,
    random_state=None,
    n_jobs=None,
) -> NDArray[np.float64]:
    """Estimate the mutual information of each feature with a class target.

    Takes the place of `sklearn.feature_selection.mutual_info_classif`: on data without
    ties it returns the same numbers, tens of times sooner. With ties it is
    deterministic, since nothing is jittered, and a constant column has exactly 0.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Feature matrix.
    y : array-like of shape (n_samples,)
        Class labels.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, or indices. "auto": all if X
        is sparse, else none.
    n_neighbors : int, default=3
        Number of neighbours; more lower the variance and raise the bias.
    copy : bool, default=True
        Not used: X is never written to.
    random_state : int, RandomState instance or None, default=None
        Not used: nothing is random.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen.

    Returns
    -------
    ndarray of shape (n_features,)
        Mutual information in nats, negative estimates set to 0.

    Raises
    ------
    ValueError
        If every label is unique, or a feature of a sparse X is not discrete.

    See Also
    --------
    MIScorer : Unclipped scores, any estimator.

    References
    ----------
    .. [1] B. C. Ross, Mutual information between discrete and continuous data sets,
       PLoS ONE 9, e87357 (2014).

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skmi import mutual_info_classif
    >>> X, y = load_iris(return_X_y=True)
    >>> mutual_info_classif(X, y).round(2)
    array([0.49, 0.27, 1.  , 0.99])
    """
    return _drop_in(X, y, discrete_features, n_neighbors, n_jobs, discrete_target=True)


def mutual_info_regression(
    X,
    y,
    *,
    discrete_features="auto",
    n_neighbors=3,
    copy=True,
    random_state=None,
    n_jobs=None,
) -> NDArray[np.float64]:
    """Estimate the mutual information of each feature with a continuous target.

    Takes the place of `sklearn.feature_selection.mutual_info_regression`: on data
    without ties it returns the same numbers, ten to twenty times sooner. With ties it
    is deterministic, since nothing is jittered, and a constant column has exactly 0.

    Parameters
    ----------
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Feature matrix.
    y : array-like of shape (n_samples,)
        Target.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, or indices. "auto": all if X
        is sparse, else none.
    n_neighbors : int, default=3
        Number of neighbours; more lower the variance and raise the bias.
    copy : bool, default=True
        Not used: X is never written to.
    random_state : int, RandomState instance or None, default=None
        Not used: nothing is random.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen.

    Returns
    -------
    ndarray of shape (n_features,)
        Mutual information in nats, negative estimates set to 0.

    Raises
    ------
    ValueError
        If n_neighbors is not below the number of samples, or a feature of a sparse X is
        not discrete.

    See Also
    --------
    MIScorer : Unclipped scores, any estimator.

    References
    ----------
    .. [1] A. Kraskov, H. Stögbauer and P. Grassberger, Estimating mutual information,
       Phys. Rev. E 69, 066138 (2004).

    Examples
    --------
    >>> from sklearn.datasets import make_friedman1
    >>> from skmi import mutual_info_regression
    >>> X, y = make_friedman1(1000, n_features=6, random_state=0)
    >>> mutual_info_regression(X, y).round(2)
    array([0.1 , 0.08, 0.08, 0.22, 0.06, 0.  ])
    """
    return _drop_in(X, y, discrete_features, n_neighbors, n_jobs, discrete_target=False)


def _drop_in(X, y, discrete_features, n_neighbors, n_jobs, *, discrete_target):
    # Ross's estimate is the same on any scale
    estimator = KSG(n_neighbors, marginals="raw" if discrete_target else "standard")
    validate_parameters(estimator)
    X = check_array(
        X, accept_sparse="csc", input_name="X", ensure_all_finite=issparse(X)
    )
    if not discrete_target and getattr(y, "dtype", None) == np.dtype(object):
        y = np.asarray(y, dtype=np.float64)
    if isinstance(discrete_features, str) and discrete_features == "auto":
        discrete_features = issparse(X)
    columns = encode_features(X, discrete_features)
    if issparse(X) and not columns.discrete.all():
        raise ValueError(
            "discrete_features leaves a feature of a sparse X continuous; make X dense."
        )
    target = encode_target(y, discrete_target)
    check_lengths(columns, target)
    if discrete_target and getattr(target.source, "dtype", np.dtype(int)).kind == "f":
        check_classification_targets(target.source.ravel())
    return np.maximum(estimate_relevance(estimator, columns, target, n_jobs), 0)


class MIScorer(Configurable):
    """Mutual information of each feature with the target, as a score function.

    An object with parameters, called as a function. It is a `score_func` for
    `SelectKBest`, `SelectPercentile` and `GenericUnivariateSelect`, and with `p_value`
    for `SelectFdr`, `SelectFpr` and `SelectFwe`. A grid search reaches its parameters
    and, if the estimator is given as an object, those of the estimator:
    `selectkbest__score_func__estimator__n_neighbors`.

    These selectors turn X into an array of numbers first, which has neither names nor
    kinds: give them `discrete_features` as a mask or indices. For columns of text take
    `MISelector(criterion="mim")`, which reads a DataFrame as it is.

    Parameters
    ----------
    estimator : {"copula", "kde", "ksg", "plugin"} or Estimator, default="ksg"
        How to estimate; an object of `skmi.estimators` sets its parameters.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, indices or names (columns that
        are not numeric need not be listed). "auto": columns of dtype bool, category,
        string or object; numbers are continuous.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. "auto": if it is bool, category, string or
        object, or of whole numbers with at most max(20, n_samples / 10) distinct ones.
    p_value : {"analytic", "permutation"} or None, default=None
        If given, p-values come beside the scores, for `SelectFdr`, `SelectFpr` and
        `SelectFwe`: how probable so high a score is where the feature tells nothing.
        "permutation" serves every estimator; "analytic" costs little more than the
        scores, and serves `PlugIn` and `GaussianCopula` in large samples.
    n_permutations : int, default=999
        Number of permutations of the target; each costs as much as the scores, but for
        preparing X.
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations, which are the same for every feature.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen. Neither
        scores nor p-values depend on it.

    Attributes
    ----------
    discrete_features_ : ndarray of shape (n_features,), dtype bool
        Which features the last call took for discrete.
    discrete_target_ : bool
        Whether the last call took the target for discrete.

    Notes
    -----
    "permutation": p is (1 + permuted scores as high) / (1 + n_permutations) [1]_, which
    holds for any number of samples. Where no permuted score is as high, the upper
    quarter of them, at most 250, is continued by a generalised Pareto tail [2]_, fitted
    by probability-weighted moments [3]_ with a shape of at least 0, and p is what
    remains of it, if that is less. So p above 1 / n_permutations is exact, and p below
    is an estimate: of its order of magnitude, and too large rather than too small far
    out, as the tail is not let end. With fewer than 100 permutations there is no tail.

    "analytic" takes the information without the estimator's correction, I, and

    * of two discrete variables, G = 2 n I as chi-square with (levels of x - 1) (levels
      of y - 1) degrees of freedom, counting levels that occur [4]_. To be trusted where
      five or more samples are expected in a cell: an identifier seems to tell much.
      Under `PlugIn` a continuous column counts as the bins into which it was cut.
    * of two continuous ones under `GaussianCopula`, r^2 = 1 - exp(-2 I) and
      (n - 2) r^2 / (1 - r^2) as F with 1 and n - 2 degrees of freedom: the test of
      Pearson's correlation, of normal scores.
    * of a continuous one and K classes under `GaussianCopula`, 2 n I, the likelihood
      ratio of means and variances that differ between classes, as chi-square with
      2 (K - 1) degrees of freedom. It is scaled first so that its mean over independent
      normal samples is that number (Bartlett). Somewhat too large a p below some 100
      samples.

    A constant column has p = 1.

    References
    ----------
    .. [1] B. Phipson and G. K. Smyth, Permutation p-values should never be zero, Stat.
       Appl. Genet. Mol. Biol. 9, 39 (2010).
    .. [2] T. A. Knijnenburg, L. F. A. Wessels, M. J. T. Reinders and I. Shmulevich,
       Fewer permutations, more accurate p-values, Bioinformatics 25, i161 (2009).
    .. [3] J. R. M. Hosking and J. R. Wallis, Parameter and quantile estimation for the
       generalized Pareto distribution, Technometrics 29, 339 (1987).
    .. [4] S. S. Wilks, The large-sample distribution of the likelihood ratio for
       testing composite hypotheses, Ann. Math. Stat. 9, 60 (1938).

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.feature_selection import SelectKBest
    >>> from skmi import MIScorer
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> selector = SelectKBest(MIScorer(), k=3).fit(X, y)
    >>> list(selector.get_feature_names_out())
    ['flavanoids', 'color_intensity', 'proline']

    With p-values, the number of features need not be known: here at most 5 % of those
    selected are expected to tell nothing.

    >>> import numpy as np
    >>> from sklearn.feature_selection import SelectFdr
    >>> X = np.random.default_rng(0).standard_normal((200, 20))
    >>> y = np.sin(3 * X[:, 7]) + X[:, 13] ** 2
    >>> scorer = MIScorer(p_value="permutation", random_state=0)
    >>> SelectFdr(scorer, alpha=0.05).fit(X, y).get_support(indices=True)
    array([ 7, 13])
    """

    _parameter_constraints: ClassVar[dict] = {
        "p_value": [StrOptions({"analytic", "permutation"}), None],
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        estimator="ksg",
        *,
        discrete_features="auto",
        discrete_target="auto",
        p_value=None,
        n_permutations=999,
        random_state=None,
        n_jobs=None,
    ):
        self.estimator = estimator
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.p_value = p_value
        self.n_permutations = n_permutations
        self.random_state = random_state
        self.n_jobs = n_jobs

    def __call__(self, X, y) -> Any:
        """Score every feature.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Features. Never written to.
        y : array-like of shape (n_samples,)
            Target.

        Returns
        -------
        scores : ndarray of shape (n_features,)
            Estimates in nats, not clipped: near 0 they may be below.
        pvalues : ndarray of shape (n_features,)
            Only if `p_value` is given, and then as the second of a tuple.

        Raises
        ------
        ValueError
            If a value is missing or infinite, the lengths differ, every label of a
            class target is unique, a parameter is not known, or p_value="analytic" is
            asked of an estimator for which none is known.
        """
        validate_parameters(self)
        estimator = get_estimator(self.estimator)
        columns = encode_features(read_table(X), self.discrete_features)
        target = encode_target(y, self.discrete_target)
        check_lengths(columns, target)
        self.discrete_features_ = columns.discrete
        self.discrete_target_ = bool(target.discrete[0])
        if self.p_value is None:
            return estimate_relevance(estimator, columns, target, self.n_jobs)
        if self.p_value == "analytic":
            return analytic_pvalues(estimator, columns, target, self.n_jobs)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        return permutation_pvalues(
            estimator, columns, target, self.n_permutations, seed, self.n_jobs
        )
