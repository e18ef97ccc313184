"""The plug-in estimator: entropies of observed frequencies, and their corrections."""

from collections.abc import Callable
from numbers import Integral
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._utils.independence import scaled_pvalues
from skmi._utils.sklearn import Interval, StrOptions
from skmi.estimators._base import Estimator
from skmi.estimators._binning import CUTS, RULES, cut_columns
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    code_block,
    degrees_of_freedom,
    discrete_chance,
    discrete_cmi_and_chance,
    discrete_cmi_and_entropy,
    discrete_condition,
    discrete_mi_and_chance,
    discrete_target,
    join_codes,
)

__all__ = ["PlugIn"]

Floats: TypeAlias = NDArray[np.float64]

# Corrections of entropies, which take the orders of a target one by one.
_OF_ENTROPIES = frozenset(CORRECTIONS) - {None, "chance"}


class PlugIn(Estimator):
    r"""Plug-in estimate: the information of the observed frequencies.

    :math:`\hat I(X; Y) = \sum_{x, y} \hat p(x, y) \ln \frac{\hat p(x, y)}{\hat p(x)
    \hat p(y)}` [1]_. Continuous columns are cut into bins, unless they have no more
    distinct values than bins. Discrete columns are used unchanged.

    The positive bias of these frequencies is about (levels of x - 1) (levels of y - 1)
    / (2 n_samples). By default, the information that independent columns of the same
    counts have on average is subtracted. So a column that is not informative has a mean
    of 0, whatever its number of levels.

    Use it for discrete columns, and for selection with conditional criteria. It takes
    one or two nanoseconds per column, target and sample. Binning loses information if
    the dependence is strong.

    Parameters
    ----------
    n_bins : int or {"auto", "sturges", "scott", "fd", "doane"}, default="auto"
        Number of bins of a continuous column. "auto" is 0.4 n^0.4 for n samples, at
        least 2 and at most 16: 3 for 100, 4 for 300, 6 for 1000, 16 from 10,000 on.
        The other names are the rules of `numpy.histogram_bin_edges`, applied to each
        column. These rules are made for bins of equal width. To limit the effect of
        heavy tails, the number of bins is then at most the square root of the number of
        samples.
    binning : {"quantile", "uniform", "kmeans"}, default="quantile"
        How to place the bins.

        * "quantile" puts a value in bin floor(n_bins * share of samples below it).
          Bins contain equal shares of the samples, equal values share a bin, and
          increasing transformations do not change the estimate.
        * "uniform" cuts the range into bins of equal width. It is sensitive to
          outliers.
        * "kmeans" cuts halfway between the means of adjacent bins, as
          `sklearn.preprocessing.KBinsDiscretizer` does. It is also sensitive to
          outliers.
    correction : str or None, default="chance"
        Correction of the bias: "chance", "miller-madow", "shrink", "chao-shen",
        "grassberger" or "jackknife". The notes describe them. None is the information
        of the observed frequencies, for which I(X; X) = H(X) and the chain rule are
        exact, and which most other packages compute.

    Notes
    -----
    The "auto" number of bins suits I(f; y | s), of which selection is made, and tests:
    few bins detect weak relations in fewer samples. In benchmarks of several kinds of
    dependence, the error of I(f; y | s) is smallest with 4 to 6, 6, 12 and 32 bins at
    200, 1000, 10,000 and 100,000 samples (`benchmarks/bins.py`). The error of I(f; y)
    alone is smallest with two to four times as many.

    Let n be the number of samples, and c the number of samples in a cell.

    * "chance" subtracts the mean of the information over all permutations of the
      target [3]_. For I(f; y | s), these are permutations within the levels of s.
      Entropies are not corrected. It suits selection and rankings: it is the only
      correction under which independent columns have a mean of 0, whatever their number
      of levels. An identifier has 0. If the dependence is strong and cells have few
      samples, it subtracts too much. I(X; X) is less than H(X), by the information
      that two independent columns with the counts of X have.
    * "miller-madow" adds (observed cells - 1) / 2n to an entropy [2]_. It suits tables
      of five or more samples per cell, where it removes the bias at no cost.
    * "shrink" shrinks the joint frequencies towards equal ones, by an estimate of the
      best amount [4]_. The information is never negative, and its variance is the
      smallest. It suits tables of fewer samples than cells, if the levels are about
      equally frequent and many columns are uninformative. Weak dependence becomes 0,
      and the information of a column with itself, given itself, is a little above 0.
    * "chao-shen" scales frequencies by the coverage, 1 - (cells of one sample) / n,
      and divides the term of each cell by the probability that the cell is observed
      [5]_. It suits entropies of columns with many unobserved levels.
    * "grassberger" replaces log c by G(c), whose bias vanishes exponentially with the
      expected count [6]_. It suits entropies and strong dependence, with one or more
      samples per cell.
    * "jackknife" extrapolates from the entropies with each of the samples left out
      [7]_. It suits tables of two or more samples per cell, where it has the smallest
      error of I(f; y | s).

    A constant column has exactly 0 under all corrections. "chance" takes one to two
    times as long as no correction. The others take much longer, above all if every
    sample has its own cell.

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
    >>> x, y = ["a", "b", "a", "b"] * 25, ["no", "yes"] * 50
    >>> round(skmi.mutual_info(x, y, estimator=PlugIn(), units="bits"), 2)
    0.99
    >>> plain = PlugIn(correction=None)
    >>> round(skmi.mutual_info(x, y, estimator=plain, units="bits"), 2)
    1.0

    The levels of an identifier determine y, but are not informative:

    >>> identifier = [str(i) for i in range(100)]
    >>> abs(round(skmi.mutual_info(identifier, y, estimator=PlugIn()), 12))
    0.0
    >>> round(skmi.mutual_info(identifier, y, estimator=plain, units="bits"), 2)
    1.0
    """

    provides = frozenset(
        {
            "conditional",
            "join",
            "reorder",
            "entropy",
            "entropy_bound",
            "joint_entropy",
            "pvalues",
            "conditional_pvalues",
        }
    )

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "n_bins": [
            Interval(Integral, 2, None, closed="left"),
            StrOptions(set(RULES)),
        ],
        "binning": [StrOptions(set(CUTS))],
        "correction": [StrOptions({name for name in CORRECTIONS if name}), None],
    }

    def __init__(
        self,
        n_bins: int | str = "auto",
        binning: str = "quantile",
        correction: str | None = "chance",
    ) -> None:
        self.n_bins = n_bins
        self.binning = binning
        self.correction = correction

    def check(self, n_samples: int) -> None:
        """Raise ValueError if n_bins exceeds the number of samples."""
        if not isinstance(self.n_bins, str) and self.n_bins > n_samples:
            raise ValueError(
                f"n_bins={self.n_bins} must not exceed the number of samples, "
                f"{n_samples}; give fewer, or 'auto'."
            )

    def reads_ranks(self) -> bool:
        """Return whether the bins are quantiles."""
        return self.binning == "quantile"

    def prepare(self, columns: Columns, indices: NDArray[np.intp]) -> DiscreteBlock:
        """Code the columns, and cut the continuous ones into bins."""
        discrete = columns.discrete[indices]
        if discrete.all():
            return code_block(*columns.codes(indices))
        rows = columns.numbers(indices[~discrete])
        bins, n_bins = cut_columns(rows, self.n_bins, self.binning)
        if not discrete.any():
            return code_block(bins, n_bins)
        codes = np.empty((len(indices), columns.n_samples), dtype=np.int32)
        n_levels = np.empty(len(indices), dtype=np.intp)
        codes[discrete], n_levels[discrete] = columns.codes(indices[discrete])
        codes[~discrete], n_levels[~discrete] = bins, n_bins
        return code_block(codes, n_levels)

    def join(self, block: DiscreteBlock) -> DiscreteBlock:
        """Join all columns to one, whose levels are the tuples that occur."""
        return join_codes(block)

    def as_target(self, block: DiscreteBlock, column: int) -> DiscreteTarget:
        """Prepare one column of a block as a target."""
        return discrete_target(block, column)

    def reorder(
        self, target: DiscreteTarget | Conditioned, order: NDArray[np.intp]
    ) -> DiscreteTarget | Conditioned:
        """Take the codes in another order; nothing else changes."""
        return target.reorder(order)

    def _takes_one_order(self, method: Callable[..., Floats]) -> bool:
        """Return whether `mi` or `cmi` needs the orders of a target one by one."""
        is_own = getattr(type(self), method.__name__) is method
        return self.correction in _OF_ENTROPIES or not is_own

    def permuted_mi(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        target: DiscreteTarget,
        orders: NDArray[np.intp],
    ) -> Floats:
        """Estimate I(f; y) with the samples of y in several orders."""
        if self._takes_one_order(PlugIn.mi):
            return super().permuted_mi(block, columns, target, orders)
        return self.mi(block, columns, target.reorder(orders))

    def permuted_cmi(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        conditioned: Conditioned,
        orders: NDArray[np.intp],
    ) -> Floats:
        """Estimate I(f; y | s) with the samples of y and s in several orders."""
        if self._takes_one_order(PlugIn.cmi):
            return super().permuted_cmi(block, columns, conditioned, orders)
        return self.cmi(block, columns, conditioned.reorder(orders))

    def mi(
        self, block: DiscreteBlock, columns: NDArray[np.intp], target: DiscreteTarget
    ) -> Floats:
        """Estimate I(f; y) = H(f) + H(y) - H(f, y)."""
        return CORRECTIONS[self.correction].mi(block, columns, target)

    def expected_by_chance(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        target: DiscreteTarget | Conditioned,
    ) -> Floats:
        """Return what "chance" subtracts; 0 for other corrections."""
        if self.correction != "chance":
            return np.zeros(len(columns))
        return discrete_chance(block, columns, target)

    def condition(self, target: DiscreteTarget, given: DiscreteTarget) -> Conditioned:
        """Join the target and the given variable to one code."""
        return discrete_condition(target, given)

    def cmi(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        conditioned: Conditioned,
    ) -> Floats:
        """Estimate I(f; y | s) = H(f, s) + H(s, y) - H(f, s, y) - H(s)."""
        return CORRECTIONS[self.correction].cmi(block, columns, conditioned)

    def cmi_and_entropy(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        conditioned: Conditioned,
    ) -> Floats:
        """Estimate I(f; y | s) and, without correction, H(f, s, y), one in each row."""
        if self.correction == "chance":
            out = discrete_cmi_and_chance(block, columns, conditioned)
            return np.stack([out[0] - out[2], out[1]])
        out = discrete_cmi_and_entropy(block, columns, conditioned)
        if self.correction is not None:
            out[0] = self.cmi(block, columns, conditioned)
        return out

    def entropy(self, block: DiscreteBlock, columns: NDArray[np.intp]) -> Floats:
        """Estimate H(f) = - sum p log p."""
        return CORRECTIONS[self.correction].entropy(block, columns)

    def pvalues(
        self, block: DiscreteBlock, columns: NDArray[np.intp], target: DiscreteTarget
    ) -> Floats:
        """Return p-values of I(f; y) by the G test, as `conditional_pvalues` does."""
        return self.conditional_pvalues(block, columns, target)

    def conditional_pvalues(
        self,
        block: DiscreteBlock,
        columns: NDArray[np.intp],
        conditioned: Conditioned | DiscreteTarget,
    ) -> Floats:
        """Return p-values of I(f; y | s) by the G test of the uncorrected information.

        The degrees of freedom are (levels of f - 1) (levels of y - 1), summed over the
        strata of s, with only the levels that occur in the stratum. If the mean of the
        statistic over all permutations of y within the strata exceeds the degrees of
        freedom, the statistic is scaled down to them.
        """
        if isinstance(conditioned, DiscreteTarget):
            sums = discrete_mi_and_chance(block, columns, conditioned)
        else:
            sums = discrete_cmi_and_chance(block, columns, conditioned)
        dof = degrees_of_freedom(block, columns, conditioned)
        return scaled_pvalues(sums[0], sums[-1], dof, block.codes.shape[1])
