"""The Gaussian-copula estimator: correlations of normal scores."""

from collections.abc import Callable
from functools import reduce
from typing import Any, ClassVar, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, sort_columns
from skmi._kernels.sorting import unsort_rows
from skmi._utils.independence import (
    chi2_pvalues,
    correlation_test,
    count_levels,
    scaled_pvalues,
    scaled_statistic,
    variance_dof,
)
from skmi.estimators._atoms import FEWEST, Atoms, RestColumns, find_atoms
from skmi.estimators._base import Estimator
from skmi.estimators._blocks import Block, check_independent, split_by_kind
from skmi.estimators._discrete import DiscreteBlock, discrete_chance
from skmi.estimators._gaussian import estimate, of_piece, pairwise_information
from skmi.estimators._marginals import normal_scores, standardize
from skmi.estimators._pieces import (
    Part,
    Piece,
    ScoredColumns,
    Variable,
    pieces,
    variable_of,
)
from skmi.estimators._regression import ROUNDING, ConditionedTarget

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
    estimate. If some values of a continuous variable are atoms, I(X; Y) is
    :math:`I(A; Y) + p(R) I(X; Y \mid R)`, where A is the code of the atoms, with one
    level for all other samples R.

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
        Independent columns then have a mean of 0, instead of about 1 / 2n. From the
        information of discrete variables, its mean over all permutations is subtracted,
        as by the correction "chance" of `PlugIn`.

    Notes
    -----
    Increasing transformations of the columns do not change the estimate. Tied values
    share the normal score of their mean rank. A constant column has exactly 0.

    **Atoms** are values of a continuous column that many samples share: a floor, the
    zeros of counts, flags given as numbers. A value is an atom if at least five samples
    share it, and these are

    * at least a fortieth of all samples, and four times as many as share the second
      most frequent of the three values below it and the three above it; or
    * at least a quarter of the samples that are in no larger atom.

    If five values or fewer are left, and each has five samples on average, they are
    atoms too. A column of atoms only is discrete. Rounded values are no atoms, if there
    are more than about ten of them, because adjacent ones are similarly frequent.

    Classes of fewer than d + 2 samples are left out of all terms, where d is the number
    of continuous dimensions of all variables. Identifiers therefore have 0. A squared
    correlation that is 1 up to rounding becomes 1 - 2^-52, so a column has 18 nats with
    itself. A class of m equal values is taken to be no narrower than m adjacent values.
    Information with a discrete variable is at most its entropy, and conditional
    information at most its entropy given the discrete part of the condition.

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

    provides = frozenset({"conditional", "join", "reorder", "pvalues"})

    _parameter_constraints: ClassVar[dict[str, Any]] = {"correction": ["boolean"]}

    def __init__(self, correction: bool = True) -> None:
        self.correction = correction

    def reads_ranks(self) -> bool:
        """Return True."""
        return True

    def prepare(self, columns: Columns, indices: NDArray[np.intp]) -> Block[Part]:
        """Convert continuous columns to normal scores, and code the discrete ones."""
        split = split_by_kind(columns, indices)
        values, order = sort_columns(split.numbers)
        atoms = find_atoms(values, order)
        rest = _score_rest(atoms, values, order)
        block = split.block(_score(values, order))
        return atoms.set_apart(block, split, rest, np.zeros(len(rest)))

    def join(self, block: Block[Part]) -> Block[Part]:
        """Join all columns of a block to one variable.

        Raises
        ------
        JoinError
            If the normal scores of a column are a linear combination of other scores.
        """
        variables = [variable_of(*block.item(i)) for i in range(len(block.place))]
        columns = [i for i, variable in enumerate(variables) if len(variable.rows)]
        rows = np.vstack([variable.rows for variable in variables])
        check_independent(rows, np.array(columns), ROUNDING, ", after normal scores,")
        return Block.of_one(reduce(Variable.beside, variables))

    def as_target(self, block: Block[Part], column: int) -> ConditionedTarget:
        """Prepare one column of a block as a target, given a constant."""
        return _given_nothing(variable_of(*block.item(column)))

    def reorder(
        self, target: ConditionedTarget, order: NDArray[np.intp]
    ) -> ConditionedTarget:
        """Take the scores and the codes in another order."""
        return ConditionedTarget(
            target.target.reorder(order), target.given.reorder(order)
        )

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
                    out[f, j] = estimate(part, places, target, self.correction)
        return out

    def expected_by_chance(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        target: ConditionedTarget,
    ) -> Floats:
        """Return what the estimate subtracts if all variables are discrete, else 0."""
        all_discrete = len(target.rows) == 0 and self.correction

        def expect(part: Part, places: NDArray[np.intp]) -> Floats:
            if not all_discrete or not isinstance(part, DiscreteBlock):
                return np.zeros(len(places))
            return discrete_chance(part, places, target.codes)

        return block.map(columns, expect)

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

        def of_part(part: Part, places: NDArray[np.intp]) -> Floats:
            return estimate(part, places, conditioned, self.correction)

        return block.map(columns, of_part)

    def pvalues(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        target: ConditionedTarget,
    ) -> Floats:
        """Return p-values of I(f; y) by the test for the kinds of f and y.

        The test is the F test of the correlation of normal scores for two continuous
        variables, the G test for two discrete ones, and a chi-square test for one of
        each. All tests use the uncorrected information. The statistics of the G test
        and of the chi-square test are scaled so that their mean for independent samples
        equals the degrees of freedom. If a variable has atoms, the terms of the chain
        rule are scaled in this way and added, and so are their degrees of freedom.

        Raises
        ------
        ValueError
            If a variable has several dimensions.
        """
        y = target.target
        if not _one_dimension(y):
            _refuse_several_dimensions()

        def test(part: Part, places: NDArray[np.intp]) -> Floats:
            if isinstance(part, Variable):
                _refuse_several_dimensions()
            terms = list(pieces(part, places, y, target.given))
            if len(terms) == 1:
                return _test(terms[0], target)
            return _of_pieces(terms, target, len(places))

        return block.map(columns, test)


def _given_nothing(variable: Variable) -> ConditionedTarget:
    """Return a target that is conditioned on a constant."""
    return ConditionedTarget(variable, Variable.of_nothing(len(variable.codes)))


def _score_rest(atoms: Atoms, values: Floats, order: NDArray[np.int32]) -> Floats:
    """Return normal scores of the samples that are no atoms, and 0 for atoms."""
    out = np.zeros(atoms.codes.shape)
    for scores, row, codes in zip(out, atoms.rows, atoms.codes, strict=True):
        samples = order[row]
        rest = codes[samples] == 0
        if np.count_nonzero(rest) >= FEWEST:
            samples = samples[rest]
            scores[samples] = standardize(normal_scores(values[row : row + 1, rest]))
    return out


def _score(values: Floats, order: NDArray[np.int32]) -> ScoredColumns:
    """Replace sorted rows by their normal scores, with mean 0 and variance 1."""
    scores = standardize(normal_scores(values))
    varies = scores[:, 0] != scores[:, -1]
    unsort_rows(scores, order)
    return ScoredColumns(scores, varies)


# --- tests of independence


def _one_dimension(y: Variable) -> bool:
    """Return whether a variable is a single column, perhaps with atoms."""
    if len(y.rows) == 0 or y.n_levels == 1:
        return len(y.rows) <= 1
    if y.rest is None or len(y.rows) > 1:
        return False
    rest = y.codes[y.rest[0]]
    return bool((rest == rest[0]).all())


def _test(piece: Piece, whole: ConditionedTarget) -> Floats:
    """Return p-values of the only term of the information."""
    if isinstance(piece.part, ScoredColumns) and len(piece.target.rows):
        raw = of_piece(piece, whole, correction=False)
        return correlation_test(raw, len(piece.target.codes))
    return scaled_pvalues(*_scaled(piece, whole), len(piece.target.codes))


def _of_pieces(terms: list[Piece], whole: ConditionedTarget, n_columns: int) -> Floats:
    """Return p-values of a sum of terms, each scaled to its degrees of freedom."""
    statistic, total_dof = np.zeros((2, n_columns))
    for piece in terms:
        n_samples = len(piece.target.codes)
        scaled = scaled_statistic(*_scaled(piece, whole), n_samples)
        statistic[piece.columns] += scaled[0]
        total_dof[piece.columns] += scaled[1]
    return chi2_pvalues(statistic, total_dof.astype(np.intp))


def _scaled(
    piece: Piece, whole: ConditionedTarget
) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return the uncorrected information, its mean, and its degrees of freedom."""
    raw, corrected = (of_piece(piece, whole, c) for c in (False, True))
    dof = _DOF[type(piece.part), not len(piece.target.rows)]
    return raw, raw - corrected, dof(piece.part, piece.places, piece.target)


def _of_correlations(
    part: ScoredColumns | RestColumns, places: NDArray[np.intp], y: Variable
) -> NDArray[np.intp]:
    """Return 1: the correlation of a continuous column and a continuous y."""
    return np.ones(len(places), np.intp)


def _of_classes(
    part: ScoredColumns, places: NDArray[np.intp], y: Variable
) -> NDArray[np.intp]:
    """Return those of the mean and the variance within each class of y."""
    return np.full(len(places), variance_dof(count_levels(y.codes)))


def _of_levels(
    part: DiscreteBlock, places: NDArray[np.intp], y: Variable
) -> NDArray[np.intp]:
    """Return those of the mean and the variance of y within each level."""
    return np.array([variance_dof(count_levels(row)) for row in part.codes[places]])


def _of_rest_classes(
    part: RestColumns, places: NDArray[np.intp], y: Variable
) -> NDArray[np.intp]:
    """Return those of the classes of y at the samples where a column exists."""
    codes = [y.codes[part.exists[place] > 0] for place in places]
    return np.array([variance_dof(count_levels(z)) for z in codes])


def _of_tables(
    part: DiscreteBlock, places: NDArray[np.intp], y: Variable
) -> NDArray[np.intp]:
    """Return (levels - 1) (classes - 1), of those that occur."""
    n_levels = np.array([len(count_levels(row)) for row in part.codes[places]])
    return (n_levels - 1) * (len(count_levels(y.codes)) - 1)


def _refuse_several_dimensions() -> NoReturn:
    """Raise ValueError."""
    raise ValueError(
        "analytic p-values exist only for pairs of variables of one dimension; test "
        "the columns one by one."
    )


# The degrees of freedom, by the kind of f, and whether y is discrete.
_DOF: dict[tuple[type, bool], Callable[..., NDArray[np.intp]]] = {
    (ScoredColumns, False): _of_correlations,
    (ScoredColumns, True): _of_classes,
    (RestColumns, False): _of_correlations,
    (RestColumns, True): _of_rest_classes,
    (DiscreteBlock, False): _of_levels,
    (DiscreteBlock, True): _of_tables,
}
