"""Greedy selection by a criterion, on any estimator."""

import os
import warnings
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, Self

from sklearn.utils import check_random_state

from skmi._data.encoding import read_indices
from skmi._estimation.choice import choose_estimator
from skmi._estimation.exchange import (
    EXCHANGE_CONSTRAINT,
    Exchange,
    check_exchange,
)
from skmi._search.path import PathSettings, find_cached_path, find_path
from skmi._search.stopping import StoppingSettings, check_stopping
from skmi._search.terms import needs_of
from skmi._utils.messages import ParameterWarning, Setting
from skmi._utils.parallel import Memory
from skmi._utils.sklearn import Interval, RealNotInt, StrOptions, fit_context
from skmi.criteria import CMI, CRITERIA, Criterion, get_criterion
from skmi.estimators import Estimator, get_estimator, require, serves
from skmi.selection._explanation import ExplainedPath

__all__ = ["MISelector"]


class MISelector(ExplainedPath):
    """Select features that are informative about the target and not redundant.

    This is a greedy forward search. The first pick is the feature with the highest
    mutual information with the target. Each further pick is the candidate with the
    highest value of the criterion, given the features picked before.

    Parameters
    ----------
    n_features_to_select : int, float or "auto", default=10
        Number of features to select, or a fraction of all features, in (0, 1]. With
        "auto", the search stops before the first pick that is not significant; see
        `alpha` and the notes. If it selects nothing, `transform` returns no columns.
    criterion : str or Criterion, default="cmim"
        Criterion to maximise: "mim", "mifs", "nmifs", "mrmr", "miq", "jmi", "jmi3",
        "jmim", "njmim", "disr", "cmim", "cmi", "cife", "icap", "mri", "condred" or
        "betagamma", or an object of `skmi.criteria` with parameters.
    estimator : {"auto", "copula", "kde", "ksg", "plugin"} or Estimator, default="auto"
        Estimator of mutual information, by name or as an object of `skmi.estimators`
        with parameters. "plugin" bins continuous columns, works with every criterion,
        and suits large tables of any kinds. "copula" finds monotone relations, and
        classes with different means or variances, in fewer samples. The others take
        more time and do not work with criteria that need entropies. "auto" takes
        "copula" for small tables and "plugin" otherwise; see the notes.
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: True (all), False (none), or a mask, indices or
        names. Columns that are not numeric cannot be continuous. With "auto", columns
        of dtype bool, category, string or object are discrete, and numeric columns are
        continuous.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. With "auto", it is discrete if its dtype is
        bool, category, string or object, or if it contains whole numbers with at most
        max(20, n_samples / 10) distinct values.
    preselected : array-like of int or str, default=None
        Indices or names of features to pick first, in this order, whatever their
        scores. They count towards `n_features_to_select`.
    pairs_first : bool, default=False
        Whether to start with the pair of features that has the highest joint mutual
        information with the target, instead of the best single feature. This finds
        pairs that are informative only together, such as the inputs of an exclusive or,
        which a greedy search misses. Comparing all pairs takes as long as n_features
        picks.
    backward : bool, default=False
        Whether to test each selected feature again at the end, given all the others,
        and to drop it if it is not significant. This needs ``criterion="cmi"`` and
        ``n_features_to_select="auto"``. The search is then the incremental association
        Markov blanket [2]_. Preselected features are not dropped.
    alpha : float, default=0.05
        Significance level of the stopping test under "auto". It is not a false
        discovery rate.
    p_value : {"permutation", "analytic"}, default="permutation"
        Test used under "auto". "permutation" works with every criterion of this package
        and every estimator. It takes tens of times as long as the search.
        "analytic" is the G test, which needs ``criterion="cmi"``, `PlugIn` and
        independent rows.
    exchange : {"rows", "within_groups", "groups"} or int, default="rows"
        What a permutation exchanges under "auto". If rows depend on each other, as in a
        time series or in repeated measurements, the default "rows" selects many
        features by chance. "groups" exchanges whole groups of rows, such as the rows of
        a patient; "within_groups" exchanges rows of the same group; an int exchanges
        stretches of so many consecutive rows. See :doc:`/independence`.
    n_permutations : int, default=199
        Largest number of permutations for a pick under "auto", at least 1 / alpha - 1.
        Clear decisions need fewer; see the notes.
    random_state : int, RandomState instance or None, default=None
        Seed of the permutations under "auto". With `memory`, a cached path is reused
        only if this is an int.
    memory : str, path or joblib.Memory, default=None
        Folder in which paths are cached. A grid search over `n_features_to_select` then
        searches only one path for each fold. If the data and all other parameters are
        the same, a shorter path is read from the cache, and a longer one continues the
        cached path. Paths are searched for 16, 32, 64 ... picks. Each lookup hashes all
        of X, which takes about as long as a few picks with "plugin". Arrays in C order
        and in Fortran order have different hashes. Clear the folder when you update
        this package.
    n_jobs : int or None, default=None
        Number of jobs. They are threads unless another joblib backend is active. The
        selection does not depend on `n_jobs`.

    Attributes
    ----------
    scores_ : ndarray of shape (n_features,)
        Relevance of every feature: its mutual information with the target, in nats.
    path_ : ndarray of shape (n_selected,)
        Indices of the selected features, in the order in which they were picked. Ties
        go to the first column. The first k features of a path are the selection of k
        features, unless `backward` dropped features or more than k were preselected.
    path_scores_ : ndarray of shape (n_selected,)
        Relevance of the first pick, and value of the criterion at each further pick.
        Values are in nats, except for "miq", "disr" and "njmim", which are quotients.
    pvalues_ : ndarray of shape (n_selected,) or None
        p-value of each pick under "auto", otherwise None. With `pairs_first`, the first
        two features share one p-value. Preselected features have nan.
    ranking_ : ndarray of shape (n_features,)
        Rank of each feature in the path, starting at 1. Features that are not selected
        have rank n_selected + 1.
    support_ : ndarray of shape (n_features,), dtype bool
        Mask of the selected features.
    estimator_, criterion_ : Estimator, Criterion
        The estimator and the criterion used.
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
    FCBF : A faster filter that finds the number of features.
    MIScorer : Scores and p-values of single features.

    Notes
    -----
    **The estimator "auto"** depends on the table, but not on chance. `estimator_` is
    the result.

    =========================  ==================  ================
    features and target        samples             estimator
    =========================  ==================  ================
    all discrete               any number          `PlugIn`
    a discrete target          fewer than 500      `GaussianCopula`, or `PlugIn` if some
                                                   relation is curved
    a continuous target        fewer than 1,000    the same
    otherwise                                      `PlugIn`
    =========================  ==================  ================

    A relation is curved if a cosine of two to six half waves of the ranks of a feature
    explains the target significantly, at the level .01 over all features, and better
    than the normal scores of the feature and, for classes, their squares. `PlugIn` is
    also taken for criteria that need entropies, for ``pairs_first=True`` and for
    ``p_value="analytic"``.

    **The stopping test.** "auto" compares every candidate with permuted candidates. A
    permutation puts the samples of all candidates in the same random order, and leaves
    the target and the selected features as they are. Columns of different kinds have
    different scores by chance: those of many levels vary more, and those of flags are
    more skewed. Each score is therefore standardized by the other scores of the same
    candidate, through a gamma distribution of their mean, variance and skewness. The
    p-value of
    a candidate is (1 + r) / (1 + m) [3]_, where r is the number of the m permutations
    in which the highest standardized score of all candidates is at least as high. The
    next pick is the significant candidate with the highest value of the criterion J.

    If no feature is informative about the target, "auto" selects a feature with
    probability about alpha, for any number of features and any dependence between them.
    All kinds of columns are about equally likely to be selected falsely. At later
    picks, the probability of selecting a feature that is independent of the target and
    of the selected features is also about alpha. This needs rows that are independent
    of each other, unless `exchange` says what can be exchanged.

    **Number of permutations.** A pick starts with 39 permutations, or 2 / alpha - 1 if
    that is more, and draws up to `n_permutations` only while its decision is not clear.
    A pick is clear if it is beyond all permutations by a factor of ten in probability,
    and a rejection is clear if too many permutations are as high already. This raises
    the probability of a false pick by less than a hundredth of alpha. The p-value of a
    pick is an upper bound: after 39 permutations, it is at least 1/40.

    **Redundant features.** A feature may depend on the target only through the selected
    features. At the second pick, every criterion except "mim" recognises such a
    feature, and selects it with probability about alpha. At later picks, only "cmi"
    accounts for all selected features together, but it soon runs out of samples. The
    other criteria consider one selected feature at a time, or a mean over them, and may
    select a feature that is redundant given several others. "jmi", "jmim", "disr" and
    "mri" select most relevant features, and "mim" selects all of them.

    **Power.** Most criteria condition on the selected features. If one of these has
    many levels, few samples share a level, and weak relations of other features are not
    detected any more. "mim" and "mrmr" do not condition.

    **Test criteria.** The J of "miq", "disr", "njmim", "condred", and of "betagamma" if
    gamma > beta, increases with the redundancy of a candidate. Their picks are tested
    with the J of "mrmr", "jmi", "jmim", "cife" and "cife", respectively. The picks of
    "cmim" and "icap" are tested with the minimum of I(f; y | s) over the selected
    features s, without the upper bound I(f; y).

    **Identifiers.** A column with a different label in every sample has the same score
    in every permutation. It is never significant, and does not end the search.

    **The G test.** The statistic 2 n I(f; y | S) is compared with a chi-square
    distribution. Its degrees of freedom are (levels of f - 1) (levels of y - 1), summed
    over the strata of S. If the mean of the statistic over permutations within the
    strata exceeds the degrees of freedom, it is first scaled down to them. This keeps
    the significance level where strata have few samples. The p-values of m candidates
    are multiplied by m. The next pick is the significant candidate with the highest J.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    .. [2] I. Tsamardinos, C. F. Aliferis and A. Statnikov, Algorithms for large scale
       Markov blanket discovery, FLAIRS 2003.
    .. [3] P. H. Westfall and S. S. Young, Resampling-Based Multiple Testing, Wiley
       1993.

    Examples
    --------
    >>> from sklearn.datasets import load_wine
    >>> from skmi import MISelector
    >>> X, y = load_wine(return_X_y=True, as_frame=True)
    >>> selector = MISelector(3).fit(X, y)
    >>> X.columns[selector.path_].tolist()
    ['flavanoids', 'color_intensity', 'proline']
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_features_to_select": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
            StrOptions({"auto"}),
        ],
        "preselected": [None, "array-like"],
        "pairs_first": ["boolean"],
        "backward": ["boolean"],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "p_value": [StrOptions({"permutation", "analytic"})],
        "exchange": EXCHANGE_CONSTRAINT,
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "memory": [None, str, os.PathLike, Memory],
        "n_jobs": [None, Integral],
    }

    def __init__(
        self,
        n_features_to_select: int | float | str = 10,
        *,
        criterion: str | Criterion = "cmim",
        estimator: str | Estimator = "auto",
        discrete_features: Any = "auto",
        discrete_target: str | bool = "auto",
        preselected: Any = None,
        pairs_first: bool = False,
        backward: bool = False,
        alpha: float = 0.05,
        p_value: str = "permutation",
        exchange: str | int = "rows",
        n_permutations: int = 199,
        random_state: Any = None,
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
    ):
        self.n_features_to_select = n_features_to_select
        self.criterion = criterion
        self.estimator = estimator
        self.discrete_features = discrete_features
        self.discrete_target = discrete_target
        self.preselected = preselected
        self.pairs_first = pairs_first
        self.backward = backward
        self.alpha = alpha
        self.p_value = p_value
        self.exchange = exchange
        self.n_permutations = n_permutations
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Select features.

        Parameters
        ----------
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            Features. X is not modified.
        y : array-like of shape (n_samples,)
            Target.
        groups : array-like of shape (n_samples,), default=None
            Group of each row, as a label of any type, if `exchange` is "groups" or
            "within_groups".

        Returns
        -------
        self : MISelector
            The fitted selector.

        Raises
        ------
        ValueError
            If a value is missing or infinite, the lengths differ, every label of a
            discrete target is unique, a parameter is not valid, the estimator does not
            provide what the criterion needs, a preselected feature is unknown or
            repeated, more features are preselected than are to be selected, `groups`
            does not fit to `exchange` or to X, or the stopping test does not exist or
            cannot reach alpha.
        IndexError
            If an index is out of range.
        OSError
            If the memory folder cannot be written.

        Warns
        -----
        UserWarning
            If there are fewer features than are to be selected (all are selected), or
            if the target is constant (all scores are 0).
        """
        self.criterion_ = get_criterion(self.criterion)
        columns, target = self._encode(X, y)
        self.estimator_ = get_estimator(
            self.estimator, partial(choose_estimator, columns, target, self._needs())
        )
        _check_terms(self.criterion_, self.estimator_)
        if self.pairs_first:
            self._check_pairs_first()
        exchange = check_exchange(self.exchange, groups, columns.n_samples)
        exchange.check_target(target)
        stopping = self._stopping_settings(exchange)
        n_picks = self._count_picks(columns.n_columns)
        if self.pairs_first and n_picks < min(2, columns.n_columns):
            raise ValueError(
                "pairs_first=True selects at least two features, but "
                f"n_features_to_select={self.n_features_to_select} is {n_picks} of "
                f"{columns.n_columns}; select more."
            )
        settings = PathSettings(
            self.estimator_,
            self.criterion_,
            self._read_preselected(columns.n_columns, n_picks),
            self.pairs_first,
            stopping,
        )
        arguments = columns, target, settings, n_picks, self.n_jobs
        if self.memory is None:
            search = find_path(*arguments)
        else:
            search = find_cached_path(self.memory, *arguments)
        self.scores_ = search.relevance
        self.path_, self.path_scores_ = search.path[:n_picks], search.scores[:n_picks]
        self.pvalues_ = None if stopping is None else search.pvalues
        self._rank(self.path_, columns.n_columns)
        return self

    def _needs(self) -> frozenset[str]:
        """Return what an estimator that is chosen for the table must provide."""
        needs = needs_of(*self.criterion_.needs)
        if self.pairs_first:  # pairs whose columns are informative only together
            return needs | {"entropy_bound"}
        if self.n_features_to_select == "auto" and self.p_value == "analytic":
            return needs | {"conditional_pvalues"}
        return needs

    def _stopping_settings(self, exchange: Exchange) -> StoppingSettings | None:
        """Check the parameters of the stopping test; return None without "auto"."""
        if self.n_features_to_select != "auto":
            if self.backward:
                raise ValueError(
                    "backward=True drops features that are not significant, so it "
                    "cannot select a given number; set n_features_to_select='auto'."
                )
            return None
        if self.backward and type(self.criterion_) is not CMI:
            raise ValueError(
                "backward=True tests each selected feature given all others, which is "
                f"criterion CMI, not {type(self.criterion_).__name__}; set "
                "criterion='cmi'."
            )
        check_stopping(
            self.p_value,
            self.criterion_,
            self.estimator_,
            self.alpha,
            self.n_permutations,
            exchange,
        )
        n_permutations = seed = 0
        if self.p_value == "permutation":
            n_permutations = self.n_permutations
            seed = check_random_state(self.random_state).randint(2**31 - 1)
        return StoppingSettings(
            self.alpha, self.p_value, n_permutations, seed, self.backward, exchange
        )

    def _check_pairs_first(self) -> None:
        if self.preselected is not None and len(self.preselected):
            raise ValueError(
                "pairs_first=True and preselected exclude each other; give one of them."
            )
        if self.p_value == "analytic" and self.n_features_to_select == "auto":
            raise ValueError(
                "pairs_first=True has no analytic test; set p_value='permutation'."
            )
        require(self.estimator_, needs_of("joint_relevance"), "pairs_first=True")

    def _read_preselected(self, n_features: int, n_picks: int) -> tuple[int, ...]:
        if self.preselected is None:
            return ()
        names = getattr(self, "feature_names_in_", None)
        start = read_indices(self.preselected, names, n_features, "preselected")
        if len(start) > n_picks:
            raise ValueError(
                f"preselected contains {len(start)} features, but "
                f"n_features_to_select={self.n_features_to_select} is {n_picks} of "
                f"{n_features}; select more, or preselect fewer."
            )
        return tuple(start)

    def _count_picks(self, n_features: int) -> int:
        wanted = self.n_features_to_select
        if isinstance(wanted, str):
            return n_features
        if not isinstance(wanted, Integral):
            return max(1, int(wanted * n_features))
        if int(wanted) > n_features:
            warnings.warn(
                ParameterWarning(
                    Setting("n_features_to_select", int(wanted)),
                    " is greater than the number of features, "
                    f"{n_features}: all are selected.",
                ),
                stacklevel=3,
            )
        return min(int(wanted), n_features)


def _check_terms(criterion: Criterion, estimator: Estimator) -> None:
    """Raise ValueError if the estimator lacks what the terms of the criterion need."""
    others = [
        other.__name__
        for other in CRITERIA.values()
        if serves(estimator, needs_of(*other.needs))
    ]
    require(
        estimator,
        needs_of(*criterion.needs),
        f"criterion {type(criterion).__name__}",
        f"choose criterion {' or '.join(others)}",
    )
