"""The selector: where criteria and estimators meet."""

import os
import warnings
from numbers import Integral, Real
from typing import ClassVar

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from skmi._columns import (
    SAMPLES_A_LABEL,
    Columns,
    check_lengths,
    encode_features,
    name_of,
)
from skmi._information import estimate_pairs, terms_of
from skmi._parallel import Memory
from skmi._path import Plan, Stop, find_path, recall_path
from skmi._selector import Selector, read_indices
from skmi._sklearn import Interval, RealNotInt, StrOptions, fit_context
from skmi._stopping import check_stop
from skmi.criteria import CMI, CRITERIA, Criterion, get_criterion
from skmi.estimators import ESTIMATORS, Estimator, get_estimator

__all__ = ["MISelector"]

_FIRST = np.zeros(1, dtype=np.intp)


class MISelector(Selector):
    """Select features that are informative about the target, and not redundant.

    Greedy forward selection: the first pick is the feature of highest mutual
    information with the target, each further one that of the highest criterion given
    those picked.

    Parameters
    ----------
    n_features_to_select : int, float or "auto", default=10
        How many features to select: a number, or a share of all in (0, 1]. "auto":
        stop before the first pick that is no better than chance, which may be the first
        of all; see `alpha` and the notes. Where nothing is selected, the next step of a
        pipeline is left without features, unless some are preselected.
    criterion : str or Criterion, default="jmi"
        What to select by: "mim", "mifs", "nmifs", "mrmr", "miq", "jmi", "jmi3", "jmim",
        "njmim", "disr", "cmim", "cmi", "cife", "icap", "mri", "condred", "betagamma",
        or an object of `skmi.criteria`, which sets its parameters.
    estimator : {"copula", "kde", "ksg", "plugin"} or Estimator, default="plugin"
        How to estimate information; an object of `skmi.estimators` sets its parameters.
        "plugin" cuts numbers into bins, and serves every criterion; the others serve
        those that need no entropies, and cost more. In a table of numbers and of
        columns of few levels, "plugin" favours the numbers, whose bins are many: take
        ``PlugIn(correction="miller-madow")`` there, or "ksg".
    discrete_features : "auto", bool or array-like, default="auto"
        Which features are discrete: all or none, a mask, indices or names (columns that
        are not numeric need not be listed). "auto": columns of dtype bool, category,
        string or object; numbers are continuous.
    discrete_target : "auto" or bool, default="auto"
        Whether the target is discrete. "auto": if it is bool, category, string or
        object, or of whole numbers with at most max(20, n_samples / 10) distinct ones.
    preselected : array-like of int or str, default=None
        Indices or names of features to start from. They are picked first, in this
        order, whatever they tell, and count towards `n_features_to_select`.
    pairs_first : bool, default=False
        Whether to start from the pair of features of highest joint information with the
        target, out of all pairs, instead of the best single one. Finds features that
        tell something only together, such as the two of an exclusive or, which every
        greedy search is blind to; costs as much as a pick for each feature.
    backward : bool, default=False
        Whether to test the selected features again at the end, each given all others,
        and drop those that tell nothing more: with `criterion="cmi"` and "auto", the
        incremental association Markov blanket [2]_. For these only. What is preselected
        stays.
    alpha : float, default=0.05
        Under "auto", the largest p-value of a pick: how often the first of those that
        tell nothing may be taken for more. No share of false ones among all, and no
        dial of how many are selected.
    p_value : {"permutation", "analytic"}, default="permutation"
        Under "auto", how p-values are found: "permutation" serves every criterion and
        estimator, and costs `n_permutations` times the search; "analytic" is the G test
        of `criterion="cmi"` with `PlugIn`.
    n_permutations : int, default=199
        Under "auto", number of permutations; at least 1 / alpha - 1.
    random_state : int, RandomState instance or None, default=None
        Under "auto", seed of the permutations. A path is known again under `memory`
        only if this is an int.
    memory : str, path or joblib.Memory, default=None
        A folder that keeps paths, so that a grid search over `n_features_to_select`
        finds one path a fold: of the same data, target and other parameters a shorter
        path is read, and a longer one goes on where the known one ends. Paths are
        searched as far as 16, 32, 64 ... picks, whatever is asked for. To know X again
        takes a hash of all of it, about as long as "plugin" takes for a few picks.
        Tables are the same if they are so in memory, too: an array in Fortran's order
        is another. The folder does not know of new versions of this package: empty it
        then.
    n_jobs : int or None, default=None
        Number of jobs, in threads unless another joblib backend is chosen. The
        selection does not depend on it.

    Attributes
    ----------
    scores_ : ndarray of shape (n_features,)
        Relevance of every feature: its information with the target, in nats.
    path_ : ndarray of shape (n_selected,)
        Indices of the selected features, in the order picked. Ties go to the lowest
        column; every prefix, not shorter than what is preselected, is the selection of
        that many features (unless `backward` has dropped some).
    path_scores_ : ndarray of shape (n_selected,)
        Value of the criterion at each pick, in nats ("miq", "disr" and "njmim" are
        quotients); at the first, the relevance. Of a preselected feature, too, given
        those before it, though others may have had more.
    pvalues_ : ndarray of shape (n_selected,) or None
        Under "auto", the p-value of each pick, when it was picked; both of a first pair
        have one in common, and preselected features, which are not tested, nan.
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

    Notes
    -----
    "auto" holds the best candidate against the best of shuffled ones: all candidates
    have their samples put in another order, the same for all, while the target and what
    is selected stay, and p is (1 + shuffles whose best has a J as high) / (1 +
    n_permutations) [3]_. So where no feature is related to the target, anything is
    selected in at most alpha of all cases, exactly, however many features there are and
    whatever they have in common. At later picks, too, features that are independent of
    the target and of what is selected are taken in about alpha of the cases.

    Features that are related to the target, but only through what is selected, stop the
    search as far as the criterion sees through them. With one feature selected, all but
    "mim" do, and take any in about alpha of the cases again. With more, only "cmi" has
    all of them in view, and it runs out of samples first; the others look at one of
    them at a time, or at a mean, and may take what the rest makes needless, even a
    copy: "jmi", "jmim", "disr" and "mri" go on through most that is relevant, "mim"
    through all.

    "miq", "disr", "njmim", "condred" and "betagamma" with gamma > beta pick by their J,
    but it grows with what a candidate shares with the selected features, so that the J
    of "mrmr", "jmi", "jmim" and "cife" is tested; and of "cmim" and "icap" the least
    I(f; y | s), not capped by I(f; y).

    Under `PlugIn` a column of very many levels has the highest score by chance, and
    ends the search: leave identifiers out, or take ``PlugIn(correction="chance")``.

    The G test takes 2 n I(f; y | S) as chi-square with (levels of f - 1) (levels of y -
    1) degrees of freedom, summed over the cells of S; scaled first so that its mean
    over permutations within the cells is that number, which keeps it below its level
    where cells have few samples. Of the best of m candidates, p is m times as much.

    References
    ----------
    .. [1] G. Brown, A. Pocock, M.-J. Zhao and M. Luján, Conditional likelihood
       maximisation: a unifying framework for information theoretic feature selection,
       J. Mach. Learn. Res. 13, 27 (2012).
    .. [2] I. Tsamardinos, C. F. Aliferis and A. Statnikov, Algorithms for large scale
       Markov blanket discovery, FLAIRS 2003.
    .. [3] P. H. Westfall and S. S. Young, Resampling-Based Multiple Testing, Wiley
       1993: the largest of permuted statistics.

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
            StrOptions({"auto"}),
        ],
        "preselected": [None, "array-like"],
        "pairs_first": ["boolean"],
        "backward": ["boolean"],
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "p_value": [StrOptions({"permutation", "analytic"})],
        "n_permutations": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
        "memory": [None, str, os.PathLike, Memory],
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
        preselected=None,
        pairs_first=False,
        backward=False,
        alpha=0.05,
        p_value="permutation",
        n_permutations=199,
        random_state=None,
        memory=None,
        n_jobs=None,
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
        self.n_permutations = n_permutations
        self.random_state = random_state
        self.memory = memory
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
            class target is unique, a parameter is not known, the estimator lacks a
            term that the criterion needs, what is preselected is not known, repeated or
            more than what is to be selected, or the test under "auto" cannot be made,
            or cannot reach alpha.
        IndexError
            If an index is out of range.
        OSError
            If the memory cannot be written.

        Warns
        -----
        UserWarning
            If more features are asked for than there are: all are kept. If the target
            is constant: all scores are 0. If "auto" ended at a column of labels that
            occur less than 5 times on average.
        """
        self.estimator_ = get_estimator(self.estimator)
        self.criterion_ = get_criterion(self.criterion)
        _check_terms(self.criterion_, self.estimator_)
        stop = self._stop()
        columns, target = self._encode(X, y)
        target = target.take(_FIRST)  # a copy, to be kept
        n_picks = self._n_picks(columns.n_columns)
        if self.pairs_first and n_picks < min(2, columns.n_columns):
            raise ValueError(
                "pairs_first=True selects two features at least, but "
                f"n_features_to_select={self.n_features_to_select} is {n_picks} of "
                f"{columns.n_columns}."
            )
        plan = Plan(
            self.estimator_,
            self.criterion_,
            self._start(columns.n_columns, n_picks),
            self.pairs_first,
            stop,
        )
        what = columns, target, plan, n_picks, self.n_jobs
        if self.memory is None:
            search = find_path(*what)
        else:
            search = recall_path(self.memory, *what)
        self.scores_ = search.relevance
        self.path_, self.path_scores_ = search.path[:n_picks], search.scores[:n_picks]
        self.pvalues_ = None if stop is None else search.pvalues
        if search.refused is not None:
            _warn_of_many_labels(columns, search.refused, self.estimator_)
        self._rank(self.path_, columns.n_columns)
        self._samples = columns.take(self.path_), target
        self._pairs = None
        return self

    def path_frame(self):
        """Explain the path: what each pick tells, and what it shares with others.

        I is computed when this is first called, from a copy of the selected columns and
        of y that fit keeps. A pickle goes without the copy, as it is training data:
        call this before, and the pickle has what is needed for another call.

        Returns
        -------
        frame : DataFrame of n_selected rows
            A row a pick, in the order of the path; the index is its rank, from 1. In
            nats, not clipped. The terms that the estimator does not provide are left
            out.

            * ``feature``: f, its name, or its index if X had no names.
            * ``criterion``: `path_scores_`.
            * ``relevance``: I(f; y).
            * ``p_value``: `pvalues_`, if the number was found by "auto".
            * ``redundancy``: mean of I(f; s) over the features s picked before.
            * ``conditional_relevance``: mean of I(f; y | s) over them.
            * ``overlaps_with``: that of them with the greatest I(f; s), the first of
              equals.
            * ``overlap``: that I(f; s).

            With nothing picked before, the last four are nan, nan, None and nan.

        Raises
        ------
        NotFittedError
            If fit was not called.
        ValueError
            If the selector was pickled before the first call.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from skmi import MISelector
        >>> X, y = load_wine(return_X_y=True, as_frame=True)
        >>> frame = MISelector(3).fit(X, y).path_frame()
        >>> frame[["feature", "relevance", "redundancy"]].round(2)
                      feature  relevance  redundancy
        rank
        1          flavanoids       0.65         NaN
        2     color_intensity       0.52        0.42
        3             proline       0.52        0.33
        >>> frame["overlaps_with"].tolist()
        [None, 'flavanoids', 'flavanoids']
        """
        check_is_fitted(self)
        if self._pairs is None:
            selected, target = self._kept_samples()
            self._pairs = estimate_pairs(self.estimator_, selected, target, self.n_jobs)
        picked = self._picked()
        columns = {
            "feature": picked.infer_objects(),
            "criterion": self.path_scores_,
            "relevance": self.scores_[self.path_],
        }
        if self.pvalues_ is not None:
            columns["p_value"] = self.pvalues_
        for term in ("redundancy", "conditional_relevance"):
            if term in self._pairs:
                columns[term] = _means_before(self._pairs[term])
        if "redundancy" in self._pairs:
            with_whom, overlap = _greatest_before(self._pairs["redundancy"])
            others = [None if s is None else picked.iloc[s] for s in with_whom]
            columns["overlaps_with"] = pd.Series(others, picked.index, dtype=object)
            columns["overlap"] = overlap
        return pd.DataFrame(columns)

    def redundant_with(self, feature, X):
        """Explain why a feature was left out: what it shares with each selected one.

        Parameters
        ----------
        feature : int or str
            Index or name of a feature f that is not selected.
        X : {array-like, DataFrame} of shape (n_samples, n_features)
            What fit was called with, of which it keeps the selected columns only. Of
            others, f is read.

        Returns
        -------
        frame : DataFrame of n_selected rows
            A row a selected feature s, in the order of falling redundancy: the first
            shares most with f. The index is the rank of s on the path. In nats, not
            clipped. The terms that the estimator does not provide are left out.

            * ``feature``: s, its name, or its index if X had no names.
            * ``relevance``: I(f; y), the same in all rows.
            * ``redundancy``: I(f; s).
            * ``conditional_relevance``: I(f; y | s), what f tells to who knows s.

        Raises
        ------
        NotFittedError
            If fit was not called.
        ValueError
            If the feature is selected or not known, X is not what fit was called with,
            or the selector has been pickled since, which leaves y out.
        IndexError
            If an index is out of range.

        Examples
        --------
        >>> from sklearn.datasets import load_wine
        >>> from skmi import MISelector
        >>> X, y = load_wine(return_X_y=True, as_frame=True)
        >>> MISelector(2).fit(X, y).redundant_with("total_phenols", X).round(2)
                      feature  relevance  redundancy  conditional_relevance
        rank
        1          flavanoids       0.39        0.73                   0.06
        2     color_intensity       0.39        0.18                   0.38
        """
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        [f] = read_indices([feature], names, self.n_features_in_, "feature")
        if self.support_[f]:
            raise ValueError(
                f"feature {feature!r} is selected, as pick {self.ranking_[f]}; "
                "path_frame explains it."
            )
        _, target = self._kept_samples()
        columns = encode_features(
            self._validate(X, reset=False), self.discrete_features_
        )
        check_lengths(columns, target)
        which = np.append(self.path_, f)
        terms = estimate_pairs(
            self.estimator_, columns.take(which), target, self.n_jobs, len(which) - 1
        )
        if not np.allclose(terms["relevance"], self.scores_[which]):
            raise ValueError(
                "X is not the table of fit: its columns tell something else of y; give "
                "what fit was called with, or fit again."
            )
        frame = self._picked().infer_objects().to_frame("feature")
        frame["relevance"] = self.scores_[f]
        for term in ("redundancy", "conditional_relevance"):
            if term in terms:
                frame[term] = terms[term][-1, :-1]
        if "redundancy" not in frame:
            return frame
        return frame.sort_values("redundancy", ascending=False, kind="stable")

    def _kept_samples(self) -> tuple[Columns, Columns]:
        if self._samples is None:
            raise ValueError(
                "A pickle of MISelector holds no training data, from which to explain "
                "the path; ask before it is pickled, or fit again."
            )
        return self._samples

    def __getstate__(self):
        """Leave the training data out."""
        state = super().__getstate__()
        return state | {"_samples": None} if "_samples" in state else state

    def _picked(self) -> pd.Series:
        """Names or indices of the selected features, by rank."""
        labels = getattr(self, "feature_names_in_", range(self.n_features_in_))
        rank = pd.RangeIndex(1, len(self.path_) + 1, name="rank")
        return pd.Series(np.asarray(labels, dtype=object)[self.path_], rank)

    def _stop(self) -> Stop | None:
        """Where to stop under "auto", if that can be told."""
        if self.pairs_first:
            self._check_pairs()
        if self.n_features_to_select != "auto":
            if self.backward:
                raise ValueError(
                    "backward=True drops what does not pass a test, so that the number "
                    "of features cannot be given; set n_features_to_select='auto'."
                )
            return None
        if self.backward and type(self.criterion_) is not CMI:
            raise ValueError(
                "backward=True tests each selected feature given all others, which is "
                f"criterion CMI, not {type(self.criterion_).__name__}; set "
                "criterion='cmi'."
            )
        check_stop(
            self.p_value,
            self.criterion_,
            self.estimator_,
            self.alpha,
            self.n_permutations,
        )
        if self.p_value == "analytic":
            return Stop(self.alpha, self.p_value, 0, 0, self.backward)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        return Stop(self.alpha, self.p_value, self.n_permutations, seed, self.backward)

    def _check_pairs(self) -> None:
        if self.preselected is not None and len(self.preselected):
            raise ValueError(
                "pairs_first=True and preselected both say what to start from; give "
                "one of them."
            )
        if self.p_value == "analytic" and self.n_features_to_select == "auto":
            raise ValueError(
                "pairs_first=True cannot be tested with p_value='analytic'; take "
                "p_value='permutation'."
            )
        if "joint_relevance" not in terms_of(type(self.estimator_)):
            raise ValueError(
                "pairs_first=True needs joint_relevance, which estimator "
                f"{type(self.estimator_).__name__} does not provide."
            )

    def _start(self, n_features: int, n_picks: int) -> tuple[int, ...]:
        if self.preselected is None:
            return ()
        names = getattr(self, "feature_names_in_", None)
        start = read_indices(self.preselected, names, n_features, "preselected")
        if len(start) > n_picks:
            raise ValueError(
                f"preselected holds {len(start)} features, but "
                f"n_features_to_select={self.n_features_to_select} is {n_picks} of "
                f"{n_features}; select more, or preselect fewer."
            )
        return tuple(start)

    def _n_picks(self, n_features: int) -> int:
        wanted = self.n_features_to_select
        if isinstance(wanted, str):
            return n_features
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


def _means_before(matrix):
    """Mean of each row up to the diagonal; nan for the first."""
    return [row[:i].mean() if i else np.nan for i, row in enumerate(matrix)]


def _greatest_before(matrix) -> tuple[list[int | None], list[float]]:
    """Where in each row up to the diagonal the greatest is, and it."""
    where = [int(np.argmax(row[:i])) if i else None for i, row in enumerate(matrix)]
    return where, [
        np.nan if s is None else row[s] for s, row in zip(where, matrix, strict=True)
    ]


def _warn_of_many_labels(X: Columns, column: int, estimator: Estimator) -> None:
    """Warn if what ended the search is a column of hardly anything but labels."""
    corrected = getattr(estimator, "correction", None) == "chance"
    if corrected or not X.discrete[column]:
        return
    (n_labels,) = X.codes(np.array([column]))[1]
    if n_labels * SAMPLES_A_LABEL > X.n_samples:
        warnings.warn(
            f"the selection ended at {name_of(X, column)}: its {n_labels} labels occur "
            f"less than {SAMPLES_A_LABEL} times on average, so that it seems to tell "
            "most, by chance; leave it out, or take PlugIn(correction='chance').",
            UserWarning,
            stacklevel=3,
        )


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
