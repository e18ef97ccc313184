"""The k-nearest-neighbour estimators of Kraskov, Ross, and Frenzel and Pompe."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, sort_columns
from skmi._utils.sklearn import Interval, Options, StrOptions
from skmi.estimators._base import Estimator
from skmi.estimators._blocks import Block, split_by_kind
from skmi.estimators._discrete import (
    DiscreteBlock,
    code_block,
    discrete_chance,
    entropy_of_counts,
)
from skmi.estimators._ksg_formulas import PAIR_FORMULAS, TRIPLE_FORMULAS
from skmi.estimators._ksg_numbers import Numbers
from skmi.estimators._ksg_targets import (
    ClassTarget,
    ConditionedTarget,
    Part,
    SortedColumns,
    Target,
    codes_of,
    kinds_of,
    space_of,
    target_of,
)
from skmi.estimators._marginals import MARGINALS
from skmi.estimators._spaces import Space

__all__ = ["KSG"]


class KSG(Estimator):
    r"""k-nearest-neighbour estimate, for continuous, discrete and mixed columns.

    :math:`\hat I(X; Y \mid Z) = \langle \psi(k) - \psi(n_{xz}) - \psi(n_{yz}) +
    \psi(n_z) \rangle`. The radius of a sample is the distance to its k-th neighbour in
    the space of X, Y and Z, under the maximum norm. :math:`n_{xz}` counts the sample
    itself and the samples nearer than the radius in the space of X and Z;
    :math:`n_{yz}` and :math:`n_z` count likewise. For a pair, :math:`n_z` is the number
    of samples. Different levels of a discrete column are infinitely far apart. The
    formula includes the estimate of Kraskov, Stögbauer and Grassberger for two
    continuous variables ([1]_, equation 8), that of Ross for a continuous and a
    discrete one [2]_, and that of Frenzel and Pompe for three continuous ones [3]_. If
    all variables are discrete, the result is the plug-in estimate less the information
    expected by chance, as that of `PlugIn`.

    Use it for continuous columns: it is nearly unbiased, it detects dependence of any
    shape, and it needs no bins. Per sample, it takes 40 to 400 nanoseconds for a pair
    of columns, one to three microseconds for three columns, which JMI and CMIM need at
    every pick, and some microseconds for variables of several dimensions. The estimate
    cannot exceed about :math:`\log N`. Repeated rows count as neighbours, so with many
    of them, columns look informative. If many columns are joined, the estimate is too
    low.

    Parameters
    ----------
    n_neighbors : int or sequence of int, default=(1, 2, 4, 6)
        k. More neighbours reduce the variance and increase the bias. With a sequence,
        such as ``(1, 2, 4, 6)`` or ``range(1, 8)``, the result is the mean of the
        estimates for these k, weighted by k. A mean has smaller errors than any single
        k of about the same bias, and one search finds the neighbours for all of them.
        In a level, or a combination of levels, of k samples or fewer, all other samples
        are the neighbours. A sample that is alone in its level is left out. The
        smallest k must be below the number of samples.
    marginals : {"normal", "uniform", "standard", "raw"}, default="normal"
        How to transform a continuous column. An increasing transformation changes the
        estimate, but not the information itself.

        * "normal" takes normal scores, so that increasing transformations do not
          change the estimate.
        * "uniform" takes ranks, with the same effect. Ranks form a lattice with many
          equal distances, so the estimate is too high in small samples.
        * "standard" centres the column and divides it by its standard deviation.
        * "raw" changes nothing.

        Normal scores and ranks also separate the two components of a column that is
        partly continuous and partly a few values, each of many samples.
    algorithm : {1, 2}, default=1
        2 is Kraskov's second algorithm ([1]_, equation 9) for a pair of continuous
        variables, :math:`\psi(k) - 1 / k + \psi(N) - \langle \psi(n_x) + \psi(n_y)
        \rangle`. Here :math:`n_x` counts the other samples that are no farther along X
        than the k nearest neighbours, and :math:`n_y` the same along Y. This
        implementation is no less biased than algorithm 1 and ten times slower; its
        purpose is comparison with the literature. Algorithm 1 is used for all other
        variables. It is also used if, because of repeated values, the k nearest
        neighbours of a sample are not unique, or all have its value of X or of Y.
    correction : bool, default=True
        Whether to correct the bias of strong dependence, for two continuous variables
        of one dimension, ``marginals="normal"`` and ``algorithm=1``. Without the
        correction, the estimate cannot exceed :math:`\psi(N) - \psi(k)`, and it is too
        low if the information is not much smaller. For a normal pair, this bias is a
        function of the difference to that maximum and of k. The correction adds it
        where it is negative. It is the same for all columns, so the result is an
        increasing function of the uncorrected estimate for each k. It does not exceed
        log N, or the entropy of the observed frequencies if values repeat. An estimate
        that is 3 or more below the maximum changes by less than .01.

    Notes
    -----
    The data are never jittered, so the same data give the same estimate. If ties put
    more than k other samples within the k-th distance of some sample, the counts follow
    [4]_ and [5]_: k becomes the number of samples within the k-th distance, and all
    counts include samples at that distance. Data without ties are not affected. A
    constant column has exactly 0. If both columns are rounded so that a cell of their
    grid contains about one sample, the error may still be a tenth of a nat, in either
    direction.

    References
    ----------
    .. [1] A. Kraskov, H. Stögbauer and P. Grassberger, Estimating mutual information,
       Phys. Rev. E 69, 066138 (2004).
    .. [2] B. C. Ross, Mutual information between discrete and continuous data sets,
       PLoS ONE 9, e87357 (2014).
    .. [3] S. Frenzel and B. Pompe, Partial mutual information for coupling analysis of
       multivariate time series, Phys. Rev. Lett. 99, 204101 (2007).
    .. [4] W. Gao, S. Kannan, S. Oh and P. Viswanath, Estimating mutual information for
       discrete-continuous mixtures, NIPS 2017.
    .. [5] O. C. Mesner and C. R. Shalizi, Conditional mutual information estimation for
       mixed, discrete and continuous data, IEEE Trans. Inf. Theory 67 (2021).

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> from skmi.estimators import KSG
    >>> x = np.linspace(-1, 1, 200)
    >>> round(skmi.mutual_info(x, x**2, estimator=KSG(n_neighbors=5)), 2)
    2.34
    """

    provides = frozenset({"conditional", "join"})

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left"), tuple, list, range],
        "marginals": [StrOptions({"normal", "uniform", "standard", "raw"})],
        "algorithm": [Options(Integral, {1, 2})],
        "correction": ["boolean"],
    }

    def __init__(
        self,
        n_neighbors: int | Sequence[int] = (1, 2, 4, 6),
        marginals: str = "normal",
        algorithm: int = 1,
        correction: bool = True,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.marginals = marginals
        self.algorithm = algorithm
        self.correction = correction

    @property
    def _numbers(self) -> Numbers:
        corrected = self.correction and self.marginals == "normal"
        return Numbers.of(self.n_neighbors, corrected)

    def check(self, n_samples: int) -> None:
        """Raise ValueError if the number of samples does not exceed n_neighbors."""
        if self._numbers.ks[0] >= n_samples:
            raise ValueError(
                f"n_neighbors={self.n_neighbors} must be below the number of samples, "
                f"{n_samples}."
            )

    def reads_ranks(self) -> bool:
        """Return whether the marginals are ranks or normal scores."""
        return self.marginals in ("normal", "uniform")

    def prepare(self, columns: Columns, indices: NDArray[np.intp]) -> Block[Part]:
        """Sort and transform the continuous columns, and code the discrete ones."""
        split = split_by_kind(columns, indices)
        values, order = sort_columns(split.numbers)
        return split.block(SortedColumns(MARGINALS[self.marginals](values), order))

    def join(self, block: Block[Part]) -> Block[Part]:
        """Join all columns to one variable, whose distance is the largest of theirs."""
        if len(block.place) == 1:
            return block
        space = Space.join(*(space_of(*block.item(j)) for j in range(len(block.place))))
        if space.n_axes:
            return Block.of_one(space)
        codes, n_levels = space.cells.codes[None], np.array([space.cells.n_levels])
        return Block.of_one(code_block(codes, n_levels))

    def as_target(self, block: Block[Part], column: int) -> Target:
        """Prepare one column of a block as a target."""
        return target_of(*block.item(column), self._numbers.most)

    def mi(
        self, block: Block[Part], columns: NDArray[np.intp], target: Target
    ) -> NDArray[np.float64]:
        """Estimate I(f; y) by the formula for the kinds of f and y."""
        information = self._unlimited(block, columns, target)
        return np.minimum(information, _bounds(block, columns, target, None))

    def _unlimited(
        self, block: Block[Part], columns: NDArray[np.intp], target: Target
    ) -> NDArray[np.float64]:
        """Return the estimate of I(f; y), which may exceed an entropy."""
        formulas, numbers = PAIR_FORMULAS[self.algorithm], self._numbers

        def estimate(part: Part, places: NDArray[np.intp]) -> NDArray[np.float64]:
            formula = formulas[kinds_of(part, target)]
            return formula(part, places, target, numbers)

        return block.map(columns, estimate)

    def expected_by_chance(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        target: Target | ConditionedTarget[Target, Target],
    ) -> NDArray[np.float64]:
        """Return what the estimate subtracts if all variables are discrete, else 0."""
        if isinstance(target, ConditionedTarget) and target.given.space.constant:
            target = target.target
        codes = codes_of(target)

        def expect(part: Part, places: NDArray[np.intp]) -> NDArray[np.float64]:
            if codes is None or not isinstance(part, DiscreteBlock):
                return np.zeros(len(places))
            return discrete_chance(part, places, codes)

        return block.map(columns, expect)

    def condition(
        self, target: Target, given: Target
    ) -> ConditionedTarget[Target, Target]:
        """Pair a target with the variable it is conditioned on."""
        return ConditionedTarget(target, given)

    def cmi(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        conditioned: ConditionedTarget[Target, Target],
    ) -> NDArray[np.float64]:
        """Estimate I(f; y | s) by the formula for the kinds of f, y and s."""
        target, given = conditioned.target, conditioned.given
        numbers = self._numbers
        if given.space.constant:
            return self.mi(block, columns, target)

        def estimate(part: Part, places: NDArray[np.intp]) -> NDArray[np.float64]:
            formula = TRIPLE_FORMULAS[kinds_of(part, target, given)]
            return formula(part, places, conditioned, numbers)

        bounds = _bounds(block, columns, target, given)
        return np.minimum(block.map(columns, estimate), bounds)


def _bounds(
    block: Block[Part],
    columns: NDArray[np.intp],
    target: Target,
    given: Target | None,
) -> NDArray[np.float64]:
    """Return the least of H(f | d) and H(y | d) of discrete variables, else infinity.

    d is the discrete part of what is given.
    """
    d = None if given is None else given.space.cells.codes
    bound = np.inf
    if isinstance(target, ClassTarget):
        bound = _entropy_given(target.discrete.z, d)

    def limit(part: Part, places: NDArray[np.intp]) -> NDArray[np.float64]:
        if not isinstance(part, DiscreteBlock):
            return np.full(len(places), bound)
        own = [_entropy_given(part.codes[place], d) for place in places]
        return np.minimum(own, bound)

    return block.map(columns, limit)


def _entropy_given(
    codes: NDArray[np.integer[Any]], d: NDArray[np.int32] | None
) -> float:
    """Return H(codes | d) of the observed frequencies, or H(codes)."""
    if d is None:
        return entropy_of_counts(np.bincount(codes))
    joint = d.astype(np.int64) * (int(codes.max()) + 1) + codes
    _, joint_counts = np.unique(joint, return_counts=True)
    entropy = entropy_of_counts(joint_counts) - entropy_of_counts(np.bincount(d))
    return max(entropy, 0.0)
