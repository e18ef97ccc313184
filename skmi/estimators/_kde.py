"""The kernel density estimator of Moon."""

from collections.abc import Callable
from functools import reduce
from itertools import chain
from math import pow
from numbers import Real
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._utils.sklearn import Interval, StrOptions
from skmi.estimators._atoms import AtomColumns, find_atoms_unsorted
from skmi.estimators._base import Estimator
from skmi.estimators._blocks import Block, check_independent, split_by_kind
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._densities import (
    COLLINEAR,
    Classes,
    ConditionedTarget,
    Densities,
    JoinedColumns,
    Part,
    StandardColumns,
    Variable,
    discrete_entropies,
    entropy_bounds,
    standardize,
    variable_of,
)
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    discrete_chance,
    discrete_condition,
    discrete_target,
    drop_small,
    entropy_of_counts,
    join_two,
)
from skmi.estimators._pieces import Part as Mixed
from skmi.estimators._pieces import (
    Plain,
    ScoredColumns,
    block_of_codes,
    by_chance,
    pieces,
)
from skmi.estimators._pieces import Variable as Mixture

__all__ = ["KDE"]

Floats: TypeAlias = NDArray[np.float64]

_CHANCE = CORRECTIONS["chance"]


class KDE(Estimator):
    r"""Kernel density estimate, for variables of any kind and few dimensions.

    :math:`\frac{1}{n} \sum_i \ln \frac{f(x_i, y_i)}{f(x_i) f(y_i)}`, where a density is
    a sum of Gaussian kernels over the samples [1]_. The covariance of a kernel is that
    of the samples times the square of the bandwidth [2]_. The differential entropy of
    continuous variables is :math:`H(X) = -\frac{1}{n} \sum_i \ln f(x_i)`, and

    .. math:: I(X; Y \mid Z) = H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z).

    If some variables are discrete, let D be their joint code, and C the continuous
    variables. The joint entropy is then :math:`H(D) + \sum_d p(d) H(C \mid d)`, where
    the density of C is estimated within each class d, with a bandwidth of its own. If
    all variables are discrete, the result is the plug-in estimate. What discrete
    variables share by chance is subtracted: the mean of their information over all
    permutations, as by the correction "chance" of `PlugIn`. If some values of a
    continuous variable are atoms, I(X; Y) is :math:`I(A; Y) + p(R) I(X; Y \mid R)`,
    where A is the code of the atoms, with one level for all other samples R.

    Use it for few samples and smooth densities, also for conditional information, and
    for differential entropies. On a grid, it takes about 50 nanoseconds per sample for
    a pair, and about 300 for three dimensions. With more dimensions, the time grows
    with the square of the number of samples.

    Kernels blur edges and curved dependence: for 10,000 samples of :math:`Y = X +
    U(-0.5, 0.5)`, the estimate is .43 instead of .5 nats. If tails are so heavy that
    the covariance does not describe the bulk of the samples, the estimate is 0 or even
    negative, by :math:`\ln(n) / 30` for each such column, because the bandwidth of a
    pair is wider than that of a column. Use `KSG` for such columns. If classes lie far
    apart, the density of all samples is blurred more than the densities within classes,
    which makes the information too high. The estimate is therefore limited to the
    entropy of the classes, given the discrete part of the condition.

    Parameters
    ----------
    bandwidth : {"scott", "silverman"} or float, default="scott"
        Bandwidth of m samples in d dimensions, in standard deviations: "scott" is
        :math:`m^{-1/(d + 4)}`, "silverman" is :math:`(m (d + 2) / 4)^{-1/(d + 4)}`.
        `scipy.stats.gaussian_kde` takes the same values.
    leave_one_out : bool, default=True
        Whether the density at a sample leaves out the sample itself. If False, the
        information of independent columns is too high, because each sample adds to its
        own density.
    method : {"auto", "grid", "exact"}, default="auto"
        "exact" sums over all pairs of samples. "grid" smooths the samples on a grid,
        which changes the estimate by less than 0.001, or 0.002 if the samples are few.
        It still sums over pairs for points far out, in more than three dimensions, and
        if the grid would need more than 4 million cells and more than 8 per sample.
        "auto" takes the faster method.

    Notes
    -----
    A density is at least :math:`K(0) / n`, the kernel of the sample itself, because an
    isolated sample has no density from the others. The mean estimate for independent
    normal columns is then .001 with 1000 samples and .02 with 100. With a smaller
    minimum, or without isolated samples, it would be -.005 to -.01 and -.02.

    **Atoms** are values of a continuous column that many samples share, such as a floor
    or the zeros of counts. `GaussianCopula` has the rule. In addition, if the m samples
    without the larger atoms have at most 3 m^(1/5) values, each shared by five or more
    on average, all of them are atoms: they are farther apart than kernels reach. A
    column of atoms only is discrete. The entropy of a column with atoms is that of the
    atoms plus the differential entropy of the rest, times its share of the samples.
    Columns with atoms are estimated one by one, which takes milliseconds for each.

    Classes of fewer than d + 2 samples are left out of all terms, where d is the number
    of continuous dimensions of all variables. If the values within a class are constant
    or collinear, up to 1e-10 of their variance, the covariance of all samples replaces
    that of the class. If the values of all samples are collinear, as those of a column
    with itself, the smallest eigenvalue of the correlation matrix is set to 1e-10. The
    information is then large, about 10, but finite. A constant column is treated as
    discrete, and has exactly 0. A column that is a linear function of the given
    variable also has exactly 0.

    References
    ----------
    .. [1] Y.-I. Moon, B. Rajagopalan and U. Lall, Estimation of mutual information
       using kernel density estimators, Phys. Rev. E 52, 2318 (1995).
    .. [2] D. W. Scott, Multivariate Density Estimation, Wiley 1992.

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> from skmi.estimators import KDE
    >>> x = np.linspace(-1, 1, 200)
    >>> round(skmi.mutual_info(x, x**2, estimator=KDE()), 2)
    0.55
    """

    provides = frozenset({"conditional", "join", "reorder", "entropy"})

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "bandwidth": [
            StrOptions({"scott", "silverman"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "leave_one_out": ["boolean"],
        "method": [StrOptions({"auto", "grid", "exact"})],
    }

    def __init__(
        self,
        bandwidth: str | float = "scott",
        leave_one_out: bool = True,
        method: str = "auto",
    ) -> None:
        self.bandwidth = bandwidth
        self.leave_one_out = leave_one_out
        self.method = method

    def prepare(self, columns: Columns, indices: NDArray[np.intp]) -> Block[Part]:
        """Standardize the continuous columns, and code the discrete ones.

        A constant column becomes discrete, and so do columns of few values.
        """
        split = split_by_kind(columns, indices)
        atoms = find_atoms_unsorted(split.numbers, _few)
        rest = atoms.scale_rest(standardize, split.numbers)
        log_scale = standardize(split.numbers)
        plain = np.setdiff1d(np.arange(len(log_scale)), atoms.rows)
        standard = self._standard_columns(split.numbers[:, None], log_scale, plain)
        block = atoms.set_apart(split.block(standard), split, *rest)
        constant = np.zeros(len(indices), dtype=bool)
        constant[~split.is_discrete] = np.isneginf(log_scale)
        if not constant.any():
            return block
        standard, levels = block.part(StandardColumns), block.part(DiscreteBlock)
        # one more discrete column, which stands for all constant columns
        codes = np.vstack([levels.codes, np.zeros((1, columns.n_samples), np.uint8)])
        levels = DiscreteBlock(codes, np.append(levels.n_levels, 1))
        return Block(
            (standard, levels, *block.parts[2:]),
            np.where(constant, 1, block.part_of),
            np.where(constant, len(codes) - 1, block.place),
        )

    def join(self, block: Block[Part]) -> Block[Part]:
        """Join all columns of a block to one variable.

        Raises
        ------
        JoinError
            If a continuous column is a linear combination of others.
        """
        if len(block.parts) == 1:  # already joined
            return block
        items = [block.item(column) for column in range(len(block.place))]
        variable = reduce(Mixture.beside, (variable_of(*v).mixture for v in items))
        columns = [i for i, (part, _) in enumerate(items) if _is_continuous(part)]
        check_independent(variable.rows, np.array(columns), COLLINEAR)
        scale = float(sum(_log_scale(*item) for item in items))
        if not len(columns):
            return Block.of_one(block_of_codes(variable))
        if variable.n_levels == 1:
            values, scales = variable.rows[None], np.array([scale])
            return Block.of_one(
                self._standard_columns(values, scales, np.zeros(1, int))
            )
        code = discrete_target(block_of_codes(variable), 0)
        entropy = self._entropy(variable)
        joined = Variable(variable.rows, code, entropy, variable.rest)
        return Block.of_one(JoinedColumns(joined, scale))

    def as_target(self, block: Block[Part], column: int) -> Variable:
        """Prepare one column of a block as a target."""
        return variable_of(*block.item(column))

    def reorder(
        self, target: Variable | ConditionedTarget, order: NDArray[np.intp]
    ) -> Variable | ConditionedTarget:
        """Take the values and the codes in another order; entropies stay the same."""
        return target.reorder(order)

    def mi(
        self, block: Block[Part], columns: NDArray[np.intp], target: Variable
    ) -> Floats:
        """Estimate I(f; y) = H(f) + H(y) - H(f, y)."""
        nothing = Variable.of_nothing(target.values.shape[1])
        alone = ConditionedTarget(target, nothing, target.code)
        return self.cmi(block, columns, alone)

    def expected_by_chance(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        target: Variable | ConditionedTarget,
    ) -> Floats:
        """Return what the estimate subtracts if all variables are discrete, else 0."""
        codes = target.code if isinstance(target, Variable) else target.codes
        joined = target if isinstance(target, Variable) else target.joined

        def expect(part: Part, places: NDArray[np.intp]) -> Floats:
            if len(joined.values) or not isinstance(part, DiscreteBlock):
                return np.zeros(len(places))
            return discrete_chance(part, places, codes)

        return block.map(columns, expect)

    def condition(self, target: Variable, given: Variable) -> ConditionedTarget:
        """Join the values and the codes of the target and the given variable."""
        values = np.concatenate([target.values, given.values])
        codes = discrete_condition(target.code, given.code)
        rest = target.mixture.beside(given.mixture).rest
        if rest is not None:  # the pieces are joined one by one
            joined = Variable(values, codes.joined, np.nan, rest)
            return ConditionedTarget(joined, given, codes)
        classes = _large_classes(codes.joined.z, len(values))
        entropy = self._densities.entropy(values, classes)
        return ConditionedTarget(Variable(values, codes.joined, entropy), given, codes)

    def cmi(
        self,
        block: Block[Part],
        columns: NDArray[np.intp],
        conditioned: ConditionedTarget,
    ) -> Floats:
        """Estimate I(f; y | s) = H(f, s) + H(s, y) - H(f, s, y) - H(s)."""

        def estimate(part: Part, places: NDArray[np.intp]) -> Floats:
            information = self._information(part, places, conditioned)
            return np.minimum(information, _bounds(part, places, conditioned))

        return block.map(columns, estimate)

    def entropy(self, block: Block[Part], columns: NDArray[np.intp]) -> Floats:
        """Estimate H(f) on the original scale of the values; 0 for a constant."""

        def estimate(part: Part, places: NDArray[np.intp]) -> Floats:
            if isinstance(part, StandardColumns):
                return part.entropy[places] + part.log_scale[places]
            if isinstance(part, DiscreteBlock):
                return discrete_entropies(part, places)
            found = [
                self._entropy(variable_of(part, place).mixture)
                + _log_scale(part, place)
                for place in places
            ]
            return np.array(found)

        return block.map(columns, estimate)

    @property
    def _densities(self) -> Densities:
        """What estimates entropies, with the parameters of this object."""
        return Densities(self.bandwidth, self.leave_one_out, self.method)

    def _standard_columns(
        self, values: Floats, log_scale: Floats, places: NDArray[np.intp]
    ) -> StandardColumns:
        """Return continuous variables, with the entropies of those at some places."""
        n_variables, _, n = values.shape
        entropy, fixed = np.full(n_variables, np.nan), np.empty((0, n))
        one_class = np.zeros(n, np.int32)
        entropy[places] = self._densities.entropies(values, places, fixed, one_class)
        return StandardColumns(values, log_scale, entropy)

    def _entropy(self, variable: Mixture) -> float:
        """Return H(D) + sum_d p(d) H(C | d), where C are the continuous dimensions."""
        if variable.rest is None:
            classes = _large_classes(variable.codes, len(variable.rows))
            return self._densities.entropy(variable.rows, classes)
        total: float = entropy_of_counts(np.bincount(variable.codes))
        for samples, piece in variable.pieces():
            classes = _large_classes(piece.codes, len(piece.rows))
            h_d = entropy_of_counts(np.bincount(classes[classes >= 0]))
            total += float(samples.mean()) * (self._entropy(piece) - h_d)
        return total

    def _information(
        self,
        part: Part,
        places: NDArray[np.intp],
        conditioned: ConditionedTarget,
    ) -> Floats:
        """Return I(f; y | s), a sum over pieces if a variable has atoms."""
        if conditioned.joined.rest is None and not _has_atoms(part):
            return self._within_piece(part, places, conditioned)
        total = np.zeros(len(places))
        y, s = conditioned.target.mixture, conditioned.given.mixture
        terms = pieces(_plain(part), places, y, s)
        for piece in chain.from_iterable(term.one_by_one() for term in terms):
            target, given = self._variable(piece.target), self._variable(piece.given)
            inside = self.condition(target, given)
            f, varies = self._part(piece.part)
            information = self._within_piece(f, piece.places, inside)
            information[~varies[piece.places]] = 0
            total[piece.columns] += piece.share * information
        return total

    def _within_piece(
        self, part: Part, places: NDArray[np.intp], conditioned: ConditionedTarget
    ) -> Floats:
        """Return I(f; y | s) without atoms, by the formula for its kinds."""
        formula = FORMULAS[type(part), len(conditioned.joined.values) == 0]
        information = formula(part, places, conditioned, self._densities)
        if len(conditioned.given.values):
            information[conditioned.determined(part, places)] = 0
        return np.minimum(information, _bounds(part, places, conditioned))

    def _variable(self, mixture: Mixture) -> Variable:
        """Return a variable without atoms, with its entropy."""
        code = discrete_target(block_of_codes(mixture), 0)
        return Variable(mixture.rows, code, self._entropy(mixture))

    def _part(self, part: Plain) -> tuple[Part, NDArray[np.bool_]]:
        """Return columns of a piece as a part, and which of them vary."""
        if isinstance(part, ScoredColumns):
            values, places = part.rows[:, None], np.arange(len(part.rows))
            scale = np.zeros(len(places))
            return self._standard_columns(values, scale, places), part.varies
        if isinstance(part, DiscreteBlock):
            return part, np.ones(len(part.codes), bool)
        assert isinstance(part, Mixture)
        return JoinedColumns(self._variable(part), 0.0), np.ones(1, bool)


def _few(n_samples: int) -> float:
    """Return how many values are so far apart that kernels do not join them.

    They are about two bandwidths apart.
    """
    return 3 * pow(n_samples, 0.2)


def _bounds(
    part: Part, places: NDArray[np.intp], conditioned: ConditionedTarget
) -> Floats:
    """Return the highest possible information, where f or y is discrete."""
    own = entropy_bounds(part, places, conditioned.given.code)
    return np.minimum(own, conditioned.bound)


def _is_continuous(part: Part) -> bool:
    """Return whether the variables of a part have continuous dimensions."""
    return not isinstance(part, DiscreteBlock)


def _has_atoms(part: Part) -> bool:
    """Return whether the variables of a part have atoms."""
    if isinstance(part, JoinedColumns):
        return part.only.rest is not None
    return isinstance(part, AtomColumns)


def _log_scale(part: Part, place: int) -> float:
    """Return what scaling subtracted from the entropy of a variable."""
    if isinstance(part, StandardColumns):
        return float(part.log_scale[place])
    if isinstance(part, AtomColumns):
        return float(part.log_scale[place]) * float(part.rest(place).mean())
    return 0.0 if isinstance(part, DiscreteBlock) else part.log_scale


def _plain(part: Part) -> Mixed:
    """Return a part without entropies."""
    if isinstance(part, JoinedColumns):
        return part.only.mixture
    if isinstance(part, StandardColumns):
        if part.values.shape[1] > 1:
            return variable_of(part, 0).mixture
        return ScoredColumns(part.values[:, 0], np.ones(len(part.values), bool))
    return part


def _of_standard_columns(
    part: StandardColumns,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    densities: Densities,
) -> Floats:
    """Return (H(f, s) + H(s, y)) - (H(f, s, y) + H(s)) for continuous f."""
    joined, given = conditioned.joined, conditioned.given
    classes = _large_classes(joined.code.z, part.values.shape[1] + len(joined.values))
    all_samples = given.code.n_z == 1 and classes is joined.code.z
    if all_samples and not len(given.values):
        h_f_s = part.entropy[places]
    else:
        h_f_s = densities.entropies(
            part.values, places, given.values, _where_kept(given.code.z, classes)
        )
    h_f_s_y = densities.entropies(part.values, places, joined.values, classes)
    h_s_y = _entropy_within(joined, classes, densities)
    h_s = _entropy_within(given, classes, densities)
    return (h_f_s + h_s_y) - (h_f_s_y + h_s)


def _one_by_one(
    part: DiscreteBlock | JoinedColumns,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    densities: Densities,
) -> Floats:
    """Return the same for f of any kind, one variable at a time.

    What the codes of f and y share by chance is subtracted.
    """
    joined, given = conditioned.joined, conditioned.given
    y, s = (v.mixture.of_levels for v in (conditioned.target, given))
    out = np.empty(len(places))
    for i, place in enumerate(places):
        f = variable_of(part, place)
        values = np.concatenate([f.values, joined.values])
        classes = _large_classes(_join(f.code, joined.code), len(values))
        h_f_s_y = densities.entropy(values, classes)
        h_f_s = densities.entropy(
            np.concatenate([f.values, given.values]),
            _where_kept(_join(f.code, given.code), classes),
        )
        h_s_y = _entropy_within(joined, classes, densities)
        h_s = _entropy_within(given, classes, densities)
        out[i] = (h_f_s + h_s_y) - (h_f_s_y + h_s)
        kept = classes >= 0
        if kept.any():
            codes = (v.take(kept) for v in (f.mixture.of_levels, y, s))
            out[i] -= by_chance(*codes)
    return out


def _plug_in(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    densities: Densities,
) -> Floats:
    """Return the plug-in estimate less chance, where all variables are discrete."""
    if isinstance(conditioned.codes, Conditioned):
        return _CHANCE.cmi(part, places, conditioned.codes)
    return _CHANCE.mi(part, places, conditioned.codes)


# By the kind of f, and whether both y and s are discrete.
FORMULAS: dict[tuple[type, bool], Callable[..., Floats]] = {
    (StandardColumns, False): _of_standard_columns,
    (StandardColumns, True): _of_standard_columns,
    (DiscreteBlock, False): _one_by_one,
    (DiscreteBlock, True): _plug_in,
    (JoinedColumns, False): _one_by_one,
    (JoinedColumns, True): _one_by_one,
}


def _join(a: DiscreteTarget, b: DiscreteTarget) -> NDArray[np.int32]:
    """Return a code for the pairs of two codes."""
    return join_two(a.z, a.n_z, b.z, b.n_z)[0]


def _large_classes(codes: NDArray[np.int32], n_dims: int) -> Classes:
    """Return codes with -1 where too few samples share a code for the dimensions."""
    return drop_small(codes, n_dims + 2) if n_dims else codes


def _where_kept(codes: NDArray[np.int32], classes: Classes) -> Classes:
    """Return codes with -1 where the samples' classes are left out."""
    return np.where(classes < 0, np.int32(-1), codes)


def _entropy_within(
    variable: Variable, classes: Classes, densities: Densities
) -> float:
    """Return the entropy of a variable where classes are not left out."""
    if (classes >= 0).all():
        return variable.entropy
    kept = _where_kept(variable.code.z, classes)
    return densities.entropy(variable.values, kept)
