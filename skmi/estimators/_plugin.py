"""The plug-in estimator: entropies of observed frequencies, and their corrections."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from math import isqrt
from numbers import Integral
from threading import Lock
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import KBinsDiscretizer

from skmi._data.columns import Columns, rank_codes
from skmi._kernels.binning import cut_rows
from skmi._utils.sklearn import Interval, StrOptions
from skmi.estimators._base import Estimator
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    code_block,
    discrete_cmi,
    discrete_cmi_and_entropy,
    discrete_condition,
    discrete_mi,
    discrete_target,
    join_codes,
)
from skmi.estimators._tests import count_levels, g_test, scaled_pvalues

__all__ = ["PlugIn"]

_WARNINGS = Lock()


class PlugIn(Estimator):
    r"""Plug-in estimate: the information of the observed frequencies.

    :math:`\hat I(X; Y) = \sum_{x, y} \hat p(x, y) \ln \frac{\hat p(x, y)}{\hat p(x)
    \hat p(y)}`. Continuous columns are cut into bins first; discrete ones, and numeric
    ones with no more distinct values than bins, are taken as they are.

    The one to take for discrete columns, and for selection with conditional criteria.
    Costs about a nanosecond for a column, target and sample. Biased upwards, by about
    (levels of x - 1) (levels of y - 1) / (2 n_samples), so that a column with very many
    levels looks informative, unless `correction="chance"`; binning loses information
    where the dependence is strong.

    Parameters
    ----------
    n_bins : int or {"auto", "sturges", "scott", "fd", "doane"}, default="auto"
        Number of bins of a continuous column. "auto" takes the cube root of the number
        of samples, and no fewer than 2 nor more than 16. The others are the rules of
        `numpy.histogram_bin_edges`, for each column; they are made for bins of equal
        width, and cut off at the square root of the number of samples, where heavy
        tails would ask for more.
    binning : {"quantile", "uniform", "kmeans"}, default="quantile"
        "quantile" puts a value in bin floor(n_bins * share of samples below it), so
        that bins hold equal shares and equal values share a bin, and the estimate does
        not change under increasing maps; "uniform" cuts the range into bins of equal
        width; "kmeans" cuts halfway between the means of neighbouring bins, as
        `sklearn.preprocessing.KBinsDiscretizer` does. Few outliers spoil the last two.
    correction : str or None, default=None
        What is done about the bias: "miller-madow", "chance", "shrink", "chao-shen",
        "grassberger" or "jackknife", as told below.

    Notes
    -----
    The least error over pairs of several kinds is found with 8, 12, 24 to 32 and 64
    bins at 200, 1000, 10,000 and 100,000 samples, and of I(f; y | s), three variables
    at a time, with 4, 6, 10 and 16 (`benchmarks/bins.py`). "auto" is the cube root for
    the pairs, and ends at 16 for the triples, whose error with 48 bins is more than ten
    times that with 16 at 100,000 samples.

    With n samples, c of them in a cell, a correction is

    * "miller-madow": adds (cells observed - 1) / 2n to an entropy [2]_. For tables of
      five or more samples a cell, where it removes the bias at no cost.
    * "chance": subtracts the mean of the information over all permutations of the
      target [3]_, within the levels of what is given; entropies stay as they are.
      To rank columns of very different numbers of levels: it is the only one that
      leaves 0 on average for independent columns of any number of levels, and 0 for an
      identifier. It takes too much where dependence is strong and samples a cell few.
    * "shrink": draws the joint frequencies towards equal ones by the share that is
      estimated to be best [4]_. Never negative, and varies least. For fewer samples
      than cells, if the levels are about equally frequent and many columns tell
      nothing; weak dependence is drawn to 0, and a column has a little information with
      itself given itself.
    * "chao-shen": scales frequencies by the coverage, 1 - (cells of one sample) / n,
      and weights them by how likely they were to be seen [5]_. For the entropy of
      columns many of whose levels were never seen; without cells of one sample it does
      nothing.
    * "grassberger": replaces log c by G(c), whose bias vanishes exponentially with the
      expected count [6]_. For entropies and strong dependence, from one sample a cell.
    * "jackknife": extrapolates from the entropies without each of the samples [7]_.
      For two or more samples a cell; there the nearest of all for I(f; y | s).

    A constant column has exactly 0 under all of them. They take longer than
    the plain estimate, most of all where every sample has its own cell.

    References
    ----------
    .. [1] T. M. Cover and J. A. Thomas, Elements of Information Theory, 2nd edition,
       Wiley 2006, equation 2.28.
    .. [2] G. A. Miller, Note on the bias of information estimates, in: Information
       Theory in Psychology, Free Press 1955.
    .. [3] N. X. Vinh, J. Epps and J. Bailey, Information theoretic measures for
       clusterings comparison, J. Mach. Learn. Res. 11 (2010).
    .. [4] J. Hausser and K. Strimmer, Entropy inference and the James-Stein estimator,
       J. Mach. Learn. Res. 10 (2009).
    .. [5] A. Chao and T.-J. Shen, Nonparametric estimation of Shannon's index of
       diversity when there are unseen species in sample, Environ. Ecol. Stat. 10
       (2003).
    .. [6] P. Grassberger, Entropy estimates from insufficient samplings,
       arXiv:physics/0307138 (2003, revised 2008).
    .. [7] S. Zahl, Jackknifing an index of diversity, Ecology 58 (1977).

    Examples
    --------
    >>> import skmi
    >>> from skmi.estimators import PlugIn
    >>> skmi.mutual_info([0, 0, 1, 1], [0, 0, 1, 1], estimator=PlugIn(), units="bits",
    ...                  discrete_x=True, discrete_y=True)
    1.0

    Labels that tell nothing but which sample it is:

    >>> x, y = ["a", "b", "c", "d"], ["no", "yes", "no", "yes"]
    >>> skmi.mutual_info(x, y, estimator=PlugIn(), units="bits")
    1.0
    >>> abs(skmi.mutual_info(x, y, estimator=PlugIn(correction="chance"))) < 1e-12
    True
    """

    provides = frozenset(
        {
            "conditional",
            "join",
            "entropy",
            "entropy_bound",
            "joint_entropy",
            "pvalues",
            "conditional_pvalues",
        }
    )

    _parameter_constraints: ClassVar[dict] = {
        "n_bins": [
            Interval(Integral, 2, None, closed="left"),
            StrOptions({"auto", "sturges", "scott", "fd", "doane"}),
        ],
        "binning": [StrOptions({"quantile", "uniform", "kmeans"})],
        "correction": [StrOptions({name for name in CORRECTIONS if name}), None],
    }

    def __init__(self, n_bins="auto", binning="quantile", correction=None):
        self.n_bins = n_bins
        self.binning = binning
        self.correction = correction

    def check(self, n_samples: int) -> None:
        """Raise ValueError if there are more bins than samples."""
        if not isinstance(self.n_bins, str) and self.n_bins > n_samples:
            raise ValueError(
                f"n_bins={self.n_bins} must not exceed the number of samples, "
                f"{n_samples}; give fewer, or 'auto'."
            )

    def prepare(self, columns: Columns, which: NDArray[np.intp]) -> DiscreteBlock:
        """Code the columns, cutting the continuous ones into bins."""
        discrete = columns.discrete[which]
        if discrete.all():
            return code_block(*columns.codes(which))
        cut, n_cut = self._cut(columns.numbers(which[~discrete]))
        if not discrete.any():
            return code_block(cut, n_cut)
        codes = np.empty((len(which), columns.n_samples), dtype=np.int32)
        n_levels = np.empty(len(which), dtype=np.intp)
        codes[discrete], n_levels[discrete] = columns.codes(which[discrete])
        codes[~discrete], n_levels[~discrete] = cut, n_cut
        return code_block(codes, n_levels)

    def _cut(self, rows: NDArray[np.float64]) -> tuple[NDArray, NDArray[np.intp]]:
        cut = _BINNING[self.binning]
        if not isinstance(self.n_bins, str):
            return cut(rows, int(self.n_bins))
        n_bins = _RULES[self.n_bins](rows)
        if (n_bins == n_bins[0]).all():
            return cut(rows, int(n_bins[0]))
        codes = np.empty(rows.shape, dtype=np.int32)
        n_levels = np.empty(len(rows), dtype=np.intp)
        for number in np.unique(n_bins):
            codes[n_bins == number], n_levels[n_bins == number] = cut(
                rows[n_bins == number], int(number)
            )
        return codes, n_levels

    def join(self, block: DiscreteBlock) -> DiscreteBlock:
        """Make the tuples of all columns the levels of one."""
        return join_codes(block)

    def as_target(self, block: DiscreteBlock, column: int) -> DiscreteTarget:
        """Turn one column of a block into a target."""
        return discrete_target(block, column)

    def permuted_targets(
        self, column: Columns, orders: NDArray[np.intp]
    ) -> list[DiscreteTarget]:
        """Prepare one column, and permute its codes."""
        target = self.as_target(self.prepare(column, np.zeros(1, np.intp)), 0)
        return [replace(target, z=z) for z in target.z.take(orders)]

    def mi(
        self, block: DiscreteBlock, columns: NDArray[np.intp], target: DiscreteTarget
    ) -> NDArray[np.float64]:
        """I(f; y) = H(f) + H(y) - H(f, y)."""
        return CORRECTIONS[self.correction].mi(block, columns, target)

    def condition(self, target: DiscreteTarget, given: DiscreteTarget) -> Conditioned:
        """Join (given, target) to one code."""
        return discrete_condition(target, given)

    def cmi(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        conditioned: Conditioned,
    ) -> NDArray[np.float64]:
        """I(f; y | s) = H(f, s) + H(s, y) - H(f, s, y) - H(s)."""
        return CORRECTIONS[self.correction].cmi(block, columns, conditioned)

    def cmi_and_entropy(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        conditioned: Conditioned,
    ) -> NDArray[np.float64]:
        """I(f; y | s), and H(f, s, y) of the observed frequencies: (2, n_columns)."""
        out = discrete_cmi_and_entropy(block, columns, conditioned)
        if self.correction is not None:
            out[0] = self.cmi(block, columns, conditioned)
        return out

    def entropy(
        self, block: DiscreteBlock, columns: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """H(f) = - sum p log p."""
        return CORRECTIONS[self.correction].entropy(block, columns)

    def pvalues(
        self, block: DiscreteBlock, columns: NDArray[np.intp], target: DiscreteTarget
    ) -> NDArray[np.float64]:
        """Return p-values of I(f; y) by the G test, whatever the correction."""
        return g_test(
            discrete_mi(block, columns, target),
            len(target.z),
            np.array([len(count_levels(row)) for row in block.codes[columns]]),
            len(count_levels(target.z)),
        )

    def conditional_pvalues(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        conditioned: Conditioned | DiscreteTarget,
    ) -> NDArray[np.float64]:
        """Return p-values of I(f; y | s) by the G test, whatever the correction.

        The degrees of freedom are (levels of f - 1) (levels of y - 1) of the levels
        that occur in a stratum of s, summed over the strata. The statistic is scaled so
        that its mean over all permutations of y within the strata is that number.
        """
        if isinstance(conditioned, DiscreteTarget):
            y, s = conditioned.z, np.zeros_like(conditioned.z)
            observed = discrete_mi(block, columns, conditioned)
            corrected = CORRECTIONS["chance"].mi(block, columns, conditioned)
        else:
            y, s = conditioned.target.z, conditioned.given.z
            observed = discrete_cmi(block, columns, conditioned)
            corrected = CORRECTIONS["chance"].cmi(block, columns, conditioned)
        dof = [
            np.sum((_count_in_strata(f, s) - 1) * (_count_in_strata(y, s) - 1))
            for f in block.codes[columns]
        ]
        return scaled_pvalues(observed, observed - corrected, np.array(dof))


def _count_in_strata(codes: NDArray, s: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return how many codes occur in each stratum of s."""
    n_codes = int(codes.max()) + 1
    occurring = np.unique(s.astype(np.int64) * n_codes + codes)
    return np.unique(occurring // n_codes, return_counts=True)[1]


# --- numbers of bins


def _cube_root(rows: NDArray[np.float64]) -> NDArray[np.intp]:
    n_bins = np.clip(round(rows.shape[1] ** (1 / 3)), 2, 16)
    return np.full(len(rows), n_bins, dtype=np.intp)


def _by_width(
    width: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Callable[[NDArray[np.float64]], NDArray[np.intp]]:
    """How many bins of a width fill the range, from 2 to the root of the samples."""

    def rule(rows: NDArray[np.float64]) -> NDArray[np.intp]:
        widths = width(_to_unit_range(rows))
        with np.errstate(divide="ignore"):
            n_bins = np.ceil(1 / widths)
        n_bins[widths == 0] = 0  # as numpy.histogram_bin_edges has it: 1
        return np.clip(n_bins, 2, max(2, isqrt(rows.shape[1]))).astype(np.intp)

    return rule


def _sturges(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full(len(rows), 1 / (np.log2(rows.shape[1]) + 1))


def _scott(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return (24 * np.sqrt(np.pi) / rows.shape[1]) ** (1 / 3) * rows.std(axis=1)


def _freedman_diaconis(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = np.percentile(rows, [25, 75], axis=1)
    return 2 * (high - low) / rows.shape[1] ** (1 / 3)


def _doane(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    n = rows.shape[1]
    spread = rows.std(axis=1)
    centred = rows - rows.mean(axis=1, keepdims=True)
    skewness = (centred**3).mean(axis=1) / np.where(spread > 0, spread, 1) ** 3
    error = np.sqrt(6 * (n - 2) / ((n + 1) * (n + 3)))
    with np.errstate(divide="ignore", invalid="ignore"):  # of two samples
        more = np.nan_to_num(np.abs(skewness) / error, posinf=0)
    return 1 / (1 + np.log2(n) + np.log2(1 + more))


_RULES: dict[str, Callable[[NDArray[np.float64]], NDArray[np.intp]]] = {
    "auto": _cube_root,
    "sturges": _by_width(_sturges),
    "scott": _by_width(_scott),
    "fd": _by_width(_freedman_diaconis),
    "doane": _by_width(_doane),
}


# --- bins


def _to_unit_range(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    low = rows.min(axis=1, keepdims=True)
    half_width = rows.max(axis=1, keepdims=True) / 2 - low / 2  # the whole may overflow
    return (rows / 2 - low / 2) / np.where(half_width > 0, half_width, 1)


def _cut_by_quantile(
    rows: NDArray[np.float64], n_bins: int
) -> tuple[NDArray, NDArray[np.intp]]:
    codes = np.empty(rows.shape, dtype=np.uint8 if n_bins <= 2**8 else np.int32)
    n_levels = np.empty(len(rows), dtype=np.intp)
    cut_rows(rows, n_bins, codes, n_levels)
    return codes, n_levels


def _cut_by_width(
    rows: NDArray[np.float64], n_bins: int
) -> tuple[NDArray, NDArray[np.intp]]:
    scaled = _to_unit_range(rows)
    codes = np.minimum((scaled * n_bins).astype(np.int32), n_bins - 1)
    n_levels = np.full(len(rows), n_bins, dtype=np.intp)
    # a column of few distinct values has few among its first samples
    head = np.sort(rows[:, : 4 * n_bins], axis=1)
    for row in np.flatnonzero((np.diff(head, axis=1) != 0).sum(axis=1) < n_bins):
        as_they_are, n_distinct = rank_codes(rows[[row]])
        if n_distinct[0] <= n_bins:
            codes[row], n_levels[row] = as_they_are[0], n_distinct[0]
    return codes, n_levels


def _cut_by_means(
    rows: NDArray[np.float64], n_bins: int
) -> tuple[NDArray, NDArray[np.intp]]:
    scaled = _to_unit_range(rows)
    codes, n_levels = rank_codes(scaled.copy())
    many = n_levels > n_bins
    if many.any():
        cutter = KBinsDiscretizer(
            n_bins, encode="ordinal", strategy="kmeans", subsample=None, random_state=0
        )
        # so wide that hardly a bin is under the width at which it is removed
        wide = 2.0**40 * scaled[many].T
        # filters of warnings are those of all threads: one at a time may change them
        with _WARNINGS, warnings.catch_warnings():
            # of values that differ too little to be parted
            warnings.simplefilter("ignore", UserWarning)
            cutter.fit(np.sort(wide, axis=0))  # sums in an order that is no one's
        bins = cutter.transform(wide).T
        codes[many], n_levels[many] = rank_codes(np.ascontiguousarray(bins))
    return codes, n_levels


_BINNING = {
    "quantile": _cut_by_quantile,
    "uniform": _cut_by_width,
    "kmeans": _cut_by_means,
}
