"""The Gaussian-copula estimator: correlations of normal scores."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, sort_columns
from skmi._kernels.sorting import unsort_rows
from skmi._utils.independence import (
    correlation_test,
    count_levels,
    g_test,
    variance_test,
)
from skmi.estimators._base import Estimator
from skmi.estimators._blocks import Block, check_independent, split_by_kind
from skmi.estimators._discrete import DiscreteBlock, join_codes
from skmi.estimators._gaussian import Part, information, pairwise_information
from skmi.estimators._marginals import normal_scores, standardize
from skmi.estimators._regression import (
    ROUNDING,
    ConditionedTarget,
    ScoredColumns,
    Variable,
)

__all__ = ["GaussianCopula"]

Floats: TypeAlias = NDArray[np.float64]


class GaussianCopula(Estimator):
    r"""Information of normal scores, on the assumption that they are jointly normal.

    :math:`\hat I(X; Y) = \frac12 \ln \frac{\det S_x \det S_y}{\det S}`, where S is the
    covariance of the normal scores [1]_. For a pair, this is :math:`-\frac12 \ln(1 -
    r^2)`. The conditional information is :math:`\hat I(X; Y | Z) = \frac12 \ln
    \frac{\det S_{xz} \det S_{yz}}{\det S_z \det S_{xyz}}`. If some variables are
    discrete, the covariances are computed within each of their classes. The result is
    the mean over classes, weighted by their shares of the samples, plus the information
    of the discrete variables. If all variables are discrete, the result is the plug-in
    estimate.

    Use it for monotone dependence, with few samples or very many columns: it has the
    smallest variance of all estimators, and takes about a nanosecond per column, target
    and sample. It does not detect dependence that is not monotone: a column and its
    square have about 0. For a pair in large samples, its expectation is at most the
    true information, and equal to it if the copula is Gaussian.

    Parameters
    ----------
    correction : bool, default=True
        Whether to subtract from each log-determinant its mean error for n normal
        samples [2]_, :math:`\sum_{i=1}^{d} \psi(\frac{n - i}{2}) + \ln \frac{2}{n}`.
        Independent columns then have a mean of 0, instead of about 1 / 2n.

    Notes
    -----
    Increasing transformations of the columns do not change the estimate. Tied values
    share the normal score of their mean rank. A constant column has exactly 0.

    Classes of fewer than d + 2 samples are left out of all terms, where d is the number
    of continuous dimensions of all variables. Identifiers therefore have 0. A squared
    correlation that is 1 up to rounding becomes 1 - 2^-52, so a column has 18 nats with
    itself. The variance within a class is at least the total variance divided by n^2,
    so a class of equal values adds at most ln n.

    References
    ----------
    .. [1] J. Ma and Z. Sun, Mutual information is copula entropy, Tsinghua Sci.
       Technol. 16, 51 (2011).
    .. [2] R. A. A. Ince, B. L. Giordano, C. Kayser, G. A. Rousselet, J. Gross and P. G.
       Schyns, A statistical framework for neuroimaging data analysis based on mutual
       information estimated via a Gaussian copula, Hum. Brain Mapp. 38, 1541 (2017).

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> from skmi.estimators import GaussianCopula
    >>> rng = np.random.default_rng(0)
    >>> x, noise = rng.standard_normal((2, 1000))
    >>> round(skmi.mutual_info(x, np.exp(x + noise), estimator=GaussianCopula()), 2)
    0.35
    >>> round(skmi.mutual_info(x, x**2, estimator=GaussianCopula()), 2)
    0.0
    """

    provides = frozenset({"conditional", "join", "pvalues"})

    _parameter_constraints: ClassVar[dict[str, Any]] = {"correction": ["boolean"]}

    def __init__(self, correction: bool = True) -> None:
        self.correction = correction

    def prepare(self, columns: Columns, indices: NDArray[np.intp]) -> Block[Part]:
        """Convert continuous columns to normal scores, and code the discrete ones."""
        split = split_by_kind(columns, indices)
        return split.block(_score(split.numbers))

    def join(self, block: Block[Part]) -> Block[Part]:
        """Join all columns of a block to one variable.

        Raises
        ------
        JoinError
            If the normal scores of a column are a linear combination of other scores.
        """
        scored, levels = block.part(ScoredColumns), block.part(DiscreteBlock)
        rows = scored.rows[scored.varies]
        numbers = np.flatnonzero(block.part_of == 0)[scored.varies]
        check_independent(rows, numbers, ROUNDING, ", after normal scores,")
        variable = Variable.of_nothing(rows.shape[1])
        if len(levels.codes):
            variable = Variable.of_codes(join_codes(levels), 0)
        return Block.of_one(replace(variable, rows=rows))

    def as_target(self, block: Block[Part], column: int) -> ConditionedTarget:
        """Prepare one column of a block as a target, given a constant."""
        return _given_nothing(_variable(*block.item(column)))

    def permuted_targets(
        self, column: Columns, orders: NDArray[np.intp]
    ) -> list[ConditionedTarget]:
        """Prepare one column, and permute its scores or codes."""
        y = _variable(*self.prepare(column, np.zeros(1, np.intp)).item(0))
        return [
            _given_nothing(Variable(y.rows[:, order], y.codes[order], y.n_levels))
            for order in orders
        ]

    def mi(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        target: ConditionedTarget,
    ) -> Floats:
        """Estimate I(f; y) by the formula for the kinds of f and y."""
        return self.cmi(block, columns, target)

    def matrix(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        other: Block[Part],
        others: NDArray[np.intp],
    ) -> Floats:
        """Estimate I(f; g), by one matrix product for all continuous columns."""
        out = np.empty((len(columns), len(others)))
        for f, part, places in block.split(columns):
            for g, other_part, other_places in other.split(others):
                if isinstance(part, ScoredColumns) and isinstance(
                    other_part, ScoredColumns
                ):
                    out[np.ix_(f, g)] = pairwise_information(
                        part, places, other_part, other_places, self.correction
                    )
                    continue
                for j in np.flatnonzero(g):
                    target = self.as_target(other, others[j])
                    out[f, j] = information(part, places, target, self.correction)
        return out

    def condition(
        self, target: ConditionedTarget, given: ConditionedTarget
    ) -> ConditionedTarget:
        """Pair a target with the variable it is conditioned on."""
        return ConditionedTarget(target.target, given.target)

    def cmi(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        conditioned: ConditionedTarget,
    ) -> Floats:
        """Estimate I(f; y | s) by the formula for the kinds of f and of y and s."""

        def estimate(part: Part, places: NDArray[np.intp]) -> Floats:
            return information(part, places, conditioned, self.correction)

        return block.map(columns, estimate)

    def pvalues(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        target: ConditionedTarget,
    ) -> Floats:
        """Return p-values of I(f; y) by the test for the kinds of f and y.

        The test is the F test of the correlation of normal scores for two continuous
        variables, the G test for two discrete ones, and a chi-square test for one of
        each. All tests use the uncorrected information.

        Raises
        ------
        ValueError
            If a variable has several dimensions.
        """
        y = target.target
        if len(y.rows) + (y.n_levels > 1) > 1:
            _refuse_several_dimensions()

        def test(part: Part, places: NDArray[np.intp]) -> Floats:
            raw = information(part, places, target, correction=False)
            corrected = information(part, places, target, correction=True)
            pvalues = _TESTS[type(part), len(y.rows) == 0]
            return pvalues(part, places, y, raw, corrected)

        return block.map(columns, test)


def _given_nothing(variable: Variable) -> ConditionedTarget:
    """Return a target that is conditioned on a constant."""
    return ConditionedTarget(variable, Variable.of_nothing(len(variable.codes)))


def _variable(part: Part, place: int) -> Variable:
    """Return one column as a variable."""
    if isinstance(part, ScoredColumns):
        return part.variable(place)
    if isinstance(part, DiscreteBlock):
        return Variable.of_codes(part, place)
    return part


def _score(rows: Floats) -> ScoredColumns:
    """Replace rows by their normal scores, with mean 0 and variance 1."""
    values, order = sort_columns(rows)
    scores = standardize(normal_scores(values))
    varies = scores[:, 0] != scores[:, -1]
    unsort_rows(scores, order)
    return ScoredColumns(scores, varies)


# --- tests of independence, from the uncorrected and the corrected information


def _of_correlations(
    part: ScoredColumns,
    places: NDArray[np.intp],
    y: Variable,
    raw: Floats,
    corrected: Floats,
) -> Floats:
    """Return p-values of continuous columns and a continuous y."""
    return correlation_test(raw, len(y.codes))


def _of_classes(
    part: ScoredColumns,
    places: NDArray[np.intp],
    y: Variable,
    raw: Floats,
    corrected: Floats,
) -> Floats:
    """Return p-values of continuous columns and a discrete y."""
    return variance_test(raw, corrected, [count_levels(y.codes)] * len(places))


def _of_levels(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    y: Variable,
    raw: Floats,
    corrected: Floats,
) -> Floats:
    """Return p-values of discrete columns and a continuous y."""
    sizes = [count_levels(row) for row in part.codes[places]]
    return variance_test(raw, corrected, sizes)


def _of_tables(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    y: Variable,
    raw: Floats,
    corrected: Floats,
) -> Floats:
    """Return p-values of discrete columns and a discrete y."""
    n_levels = np.array([len(count_levels(row)) for row in part.codes[places]])
    return g_test(raw, len(y.codes), n_levels, len(count_levels(y.codes))).pvalues


def _refuse_several_dimensions(*_: object) -> Floats:
    """Raise ValueError."""
    raise ValueError(
        "analytic p-values exist only for pairs of variables of one dimension; test "
        "the columns one by one."
    )


# By the kind of f, and whether y is discrete.
_TESTS: dict[tuple[type, bool], Callable[..., Floats]] = {
    (ScoredColumns, False): _of_correlations,
    (ScoredColumns, True): _of_classes,
    (DiscreteBlock, False): _of_levels,
    (DiscreteBlock, True): _of_tables,
    (Variable, False): _refuse_several_dimensions,
    (Variable, True): _refuse_several_dimensions,
}
