"""The kernel density estimator of Moon."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from math import log
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, name_of
from skmi._kernels.density import group_entropies, group_samples
from skmi._utils.sklearn import Interval, StrOptions
from skmi.estimators._base import Estimator
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    code_block,
    discrete_cmi,
    discrete_condition,
    discrete_mi,
    discrete_target,
    join_codes,
)

__all__ = ["KDE"]

# Cells of the grid along a bandwidth, and how many of them the smoothing reaches.
_PER_BANDWIDTH, _REACH = 2.0, 8
# A column is collinear with others if they leave it less than this share of variance.
_COLLINEAR = 1e-10


@dataclass(frozen=True)
class Variable:
    """Standardized values, the code of what is discrete, and the entropy of both."""

    values: NDArray[np.float64]  # (n_dims, n_samples)
    code: DiscreteTarget
    entropy: float


@dataclass(frozen=True)
class Given:
    """A target joined to what it is conditioned on, and the latter alone."""

    joined: Variable
    given: Variable
    codes: Conditioned

    @property
    def target(self) -> NDArray[np.float64]:
        """The continuous dimensions of the target."""
        return self.joined.values[: len(self.joined.values) - len(self.given.values)]

    @cached_property
    def bound(self) -> float:
        """H(Y) of a discrete target."""
        if len(self.target):
            return np.inf
        return _entropy_of_counts(np.bincount(self.codes.target.z))

    def determines(
        self, block: "Block", columns: NDArray[np.intp]
    ) -> NDArray[np.bool_]:
        """For which columns they, or the target, are linear in what is given."""
        continuous = len(self.target) > 0 and self.codes.target.n_z == 1
        of_target = continuous and self._follow(self.target[None]).all()
        out = np.full(len(columns), bool(of_target))
        for i, part in enumerate(block.parts):
            if isinstance(part, ContinuousBlock):
                mask = block.part_of[columns] == i
                out[mask] |= self._follow(part.values[block.place[columns[mask]]])
        return out

    def _follow(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """The same of standardized variables, all of whose dimensions must be."""
        directions = self._directions
        n_left = values.shape[2] - 1 - ((values @ directions) ** 2).sum(axis=2)
        return (n_left < _COLLINEAR * values.shape[2]).all(axis=1)

    @cached_property
    def _directions(self) -> NDArray[np.float64]:
        return np.linalg.qr(self.given.values.T)[0]


@dataclass(frozen=True)
class ContinuousBlock:
    """Continuous variables, all of the same number of dimensions."""

    values: NDArray[np.float64]  # (n_variables, n_dims, n_samples), standardized
    log_scale: NDArray[np.float64]  # what standardizing took from the entropy
    entropy: NDArray[np.float64]  # of the standardized values

    def variable(self, place: int) -> Variable:
        """One of them."""
        code = _nothing(self.values.shape[2]).code
        return Variable(self.values[place], code, self.entropy[place])

    def entropies(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """H of some of them, as they were given."""
        return self.entropy[places] + self.log_scale[places]


@dataclass(frozen=True)
class CodedBlock:
    """Discrete variables."""

    discrete: DiscreteBlock

    def variable(self, place: int) -> Variable:
        """One of them."""
        code = discrete_target(self.discrete, place)
        entropy = _entropy_of_counts(np.bincount(code.z))
        return Variable(np.empty((0, len(code.z))), code, entropy)

    def entropies(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """H of some of them."""
        codes = self.discrete.codes[places]
        return np.array([_entropy_of_counts(np.bincount(row)) for row in codes])


@dataclass(frozen=True)
class MixedBlock:
    """One variable of continuous dimensions and a code."""

    only: Variable
    log_scale: float

    def variable(self, place: int) -> Variable:
        """It."""
        return self.only

    def entropies(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """H of it, as it was given."""
        return np.full(len(places), self.only.entropy + self.log_scale)


@dataclass(frozen=True)
class Block:
    """Variables by kind: in which part each is, where in there, and its name."""

    parts: tuple[Any, ...]
    part_of: NDArray[np.intp]
    place: NDArray[np.intp]
    names: tuple[str, ...]


class KDE(Estimator):
    r"""Kernel density estimate, for variables of any kind and few dimensions.

    :math:`\frac{1}{n} \sum_i \ln \frac{f(x_i, y_i)}{f(x_i) f(y_i)}`, where the
    densities are sums of Gaussian kernels over the samples [1]_; their covariance is
    that of the samples times the bandwidth squared [2]_. Entropies are
    :math:`H(X) = -\frac{1}{n} \sum_i \ln f(x_i)`, of continuous values in nats as
    differential entropies, and

    .. math:: I(X; Y \mid Z) = H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z).

    Where some of the variables are discrete, with code D, the entropy of all is
    :math:`H(D) + \sum_d p(d) H(C \mid d)`: the densities of the continuous ones C are
    estimated in each class d, with a bandwidth of its own. Of discrete variables alone
    it is the plug-in estimate.

    The one to take for few samples and smooth densities, also conditionally, and for
    differential entropies. On the grid a pair costs about 50
    nanoseconds a sample, three dimensions about 300; more take time that grows with
    the square of the samples. Edges and curved dependence are blurred: it finds .43 of
    the .5 nats of :math:`Y = X + U(-0.5, 0.5)` in 10,000 samples. Tails so heavy that
    the covariance tells nothing of the bulk leave nothing, and as the bandwidth of a
    pair is wider than that of a column, less than nothing, by :math:`\ln(n) / 30` for
    each such column; take `KSG` there. Beside classes that lie far apart the blur of
    the whole exceeds that within them, and the estimate is cut off at the entropy of
    the classes, its bound.

    Parameters
    ----------
    bandwidth : {"scott", "silverman"} or float, default="scott"
        Of m samples in d dimensions, in standard deviations: "scott"
        :math:`m^{-1/(d + 4)}`, "silverman" :math:`(m (d + 2) / 4)^{-1/(d + 4)}`, or a
        number, as `scipy.stats.gaussian_kde` takes them.
    leave_one_out : bool, default=True
        Whether the density at a sample leaves out the sample itself. If not, the
        information of independent columns is overestimated by what each sample knows of
        itself.
    method : {"auto", "grid", "exact"}, default="auto"
        "exact" sums over all pairs of samples. "grid" smooths the samples on a grid,
        which differs by less than 0.001 (0.002 of a few samples); it sums over pairs
        only of points far out, in more than three dimensions, and where the grid would
        need more than 4 million cells and more than 8 a sample. "auto" takes the faster
        of both.

    Notes
    -----
    No density is taken below :math:`K(0) / n`, what the kernel of the sample alone
    would give, as isolated samples have none without it. Of independent normal columns
    this leaves a mean of .001 in 1000 samples and .02 in 100; lower bounds, or none of
    the isolated samples, leave -.005 to -.01 and -.02.

    Classes of fewer than d + 2 samples, where d counts the continuous dimensions of all
    variables at hand, are left out of all terms. In a class where the values are
    constant or collinear (up to 1e-10 of their variance) the covariance of all samples
    stands in for that of the class. Where the values of all samples are collinear, as
    with a column held against itself, the least eigenvalue of the correlation matrix is
    set to 1e-10: the information is large, about 10, but finite. A constant column is a
    discrete one of a single level, and has exactly 0; so has a column that
    is a linear function of what is given.

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

    provides = frozenset({"conditional", "join", "entropy"})

    _parameter_constraints: ClassVar[dict] = {
        "bandwidth": [
            StrOptions({"scott", "silverman"}),
            Interval(Real, 0, None, closed="neither"),
        ],
        "leave_one_out": ["boolean"],
        "method": [StrOptions({"auto", "grid", "exact"})],
    }

    def __init__(self, bandwidth="scott", leave_one_out=True, method="auto"):
        self.bandwidth = bandwidth
        self.leave_one_out = leave_one_out
        self.method = method

    def prepare(self, columns: Columns, which: NDArray[np.intp]) -> Block:
        """Standardize the continuous columns, code the discrete ones."""
        discrete = columns.discrete[which]
        rows = columns.numbers(which[~discrete])
        log_scale = _standardize(rows)
        is_coded = discrete.copy()
        is_coded[~discrete] = constant = np.isneginf(log_scale)
        coded = code_block(*columns.codes(which[discrete]))
        place = np.where(discrete, discrete.cumsum(), (~discrete).cumsum()) - 1
        if constant.any():  # one more discrete column, which stands for all of them
            codes = np.vstack([coded.codes, np.zeros((1, columns.n_samples), np.uint8)])
            place[is_coded & ~discrete] = len(coded.codes)
            coded = DiscreteBlock(codes, np.append(coded.n_levels, 1))
        return Block(
            (self._continuous_block(rows[:, None], log_scale), CodedBlock(coded)),
            is_coded.astype(np.intp),
            place,
            tuple(name_of(columns, column) for column in which),
        )

    def join(self, block: Block) -> Block:
        """Make all columns of a block one variable.

        Raises
        ------
        ValueError
            If continuous columns are collinear.
        """
        if len(block.parts) == 1:  # it is joined
            return block
        continuous, coded = block.parts
        columns = np.flatnonzero(block.part_of == 0)
        places = block.place[columns]
        if not len(places):
            return _one(CodedBlock(join_codes(coded.discrete)))
        values, scale = continuous.values[places, 0], continuous.log_scale[places].sum()
        _check_collinear(values, [block.names[column] for column in columns])
        if not (coded.discrete.n_levels > 1).any():
            return _one(self._continuous_block(values[None], np.array([scale])))
        target = discrete_target(join_codes(coded.discrete), 0)
        entropy = self._entropy(values, _without_few(target.z, len(values)))
        return _one(MixedBlock(Variable(values, target, entropy), scale))

    def as_target(self, block: Block, column: int) -> Variable:
        """Turn one column of a block into a target."""
        return block.parts[block.part_of[column]].variable(block.place[column])

    def mi(
        self, block: Block, columns: NDArray[np.intp], target: Variable
    ) -> NDArray[np.float64]:
        """I(f; y) = H(f) + H(y) - H(f, y)."""
        nothing = _nothing(target.values.shape[1])
        of_codes = partial(discrete_mi, target=target.code)
        information = self._information(block, columns, target, nothing, of_codes)
        bound = target.entropy if not len(target.values) else np.inf
        return np.minimum(information, np.minimum(_bounds(block, columns), bound))

    def condition(self, target: Variable, given: Variable) -> Given:
        """Join the values of both, and their codes."""
        values = np.concatenate([target.values, given.values])
        codes = discrete_condition(target.code, given.code)
        entropy = self._entropy(values, _without_few(codes.joined.z, len(values)))
        return Given(Variable(values, codes.joined, entropy), given, codes)

    def cmi(
        self, block: Block, columns: NDArray[np.intp], conditioned: Given
    ) -> NDArray[np.float64]:
        """I(f; y | s) = H(f, s) + H(s, y) - H(f, s, y) - H(s)."""
        joined, given = conditioned.joined, conditioned.given
        of_codes = partial(discrete_cmi, conditioned=conditioned.codes)
        information = self._information(block, columns, joined, given, of_codes)
        information = np.minimum(information, _bounds(block, columns))
        information[conditioned.determines(block, columns)] = 0
        return np.minimum(information, conditioned.bound)

    def entropy(self, block: Block, columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """H(f), of the values as they were given; 0 of a constant column."""
        out = np.empty(len(columns))
        for i, part in enumerate(block.parts):
            mask = block.part_of[columns] == i
            out[mask] = part.entropies(block.place[columns[mask]])
        return out

    def _continuous_block(
        self, values: NDArray[np.float64], log_scale: NDArray[np.float64]
    ) -> ContinuousBlock:
        n_variables, _, n = values.shape
        nothing = _nothing(n)
        entropy = self._entropies(
            values, np.arange(n_variables), nothing.values, nothing.code.z
        )
        return ContinuousBlock(values, log_scale, entropy)

    def _information(
        self,
        block: Block,
        columns: NDArray[np.intp],
        joined: Variable,
        given: Variable,
        of_codes: Callable[..., NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """(H(X, Z) + H(Y, Z)) - (H(X, Y, Z) + H(Z)), with (Y, Z) joined and Z given."""
        out = np.empty(len(columns))
        for i, part in enumerate(block.parts):
            mask = block.part_of[columns] == i
            if mask.any():
                formula = _FORMULAS[type(part)]
                places = block.place[columns[mask]]
                out[mask] = formula(self, part, places, joined, given, of_codes)
        return out

    def _of_continuous(
        self,
        block: ContinuousBlock,
        places: NDArray[np.intp],
        joined: Variable,
        given: Variable,
        _: Callable,
    ) -> NDArray[np.float64]:
        values = block.values
        classes = _without_few(joined.code.z, values.shape[1] + len(joined.values))
        classes_of_z = _where_kept(given.code.z, classes)
        everything = given.code.n_z == 1 and classes is joined.code.z
        if everything and not len(given.values):
            of_x_z = block.entropy[places]
        else:
            of_x_z = self._entropies(values, places, given.values, classes_of_z)
        of_x_y_z = self._entropies(values, places, joined.values, classes)
        of_y_z, of_z = self._known(joined, classes), self._known(given, classes)
        return (of_x_z + of_y_z) - (of_x_y_z + of_z)

    def _of_coded(
        self,
        block: CodedBlock | MixedBlock,
        places: NDArray[np.intp],
        joined: Variable,
        given: Variable,
        of_codes: Callable,
    ) -> NDArray[np.float64]:
        if isinstance(block, CodedBlock) and not len(joined.values):
            return of_codes(block.discrete, places)
        out = np.empty(len(places))
        for i, place in enumerate(places):
            x = block.variable(place)
            values = np.concatenate([x.values, joined.values])
            classes = _without_few(_join(x.code, joined.code), len(values))
            of_x_y_z = self._entropy(values, classes)
            of_x_z = self._entropy(
                np.concatenate([x.values, given.values]),
                _where_kept(_join(x.code, given.code), classes),
            )
            of_y_z, of_z = self._known(joined, classes), self._known(given, classes)
            out[i] = (of_x_z + of_y_z) - (of_x_y_z + of_z)
        return out

    def _known(self, variable: Variable, classes: NDArray[np.int32]) -> float:
        """The entropy of a variable where classes are not left out."""
        if (classes >= 0).all():
            return variable.entropy
        return self._entropy(variable.values, _where_kept(variable.code.z, classes))

    def _entropy(
        self, values: NDArray[np.float64], classes: NDArray[np.int32]
    ) -> float:
        """H(D) + sum_d p(d) H(C | d) of some rows C and classes D."""
        places, nothing = np.zeros(1, dtype=np.intp), _nothing(values.shape[1])
        return self._entropies(values[None], places, nothing.values, classes)[0]

    def _entropies(
        self,
        values: NDArray[np.float64],
        places: NDArray[np.intp],
        fixed: NDArray[np.float64],
        classes: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        """The same of each variable beside fixed rows; left out are classes below 0."""
        n_classes, d = classes.max(initial=-1) + 1, values.shape[1] + len(fixed)
        out = np.zeros(len(places))
        if not n_classes:
            return out
        starts = np.zeros(n_classes + 1, dtype=np.intp)
        order = np.empty(np.count_nonzero(classes >= 0), dtype=np.int32)
        group_samples(classes, order, starts)
        if d:
            scale, power = self._bandwidth(d)
            group_entropies(
                values, places, fixed, order, starts, scale, power, self.leave_one_out,
                self.method != "exact", self.method != "grid", _PER_BANDWIDTH,
                _smoothing(), out,
            )  # fmt: skip
        return out + _entropy_of_counts(np.diff(starts))

    def _bandwidth(self, n_dims: int) -> tuple[float, float]:
        """Factor and power: the bandwidth of m samples is factor * m**power."""
        power = -1 / (n_dims + 4)
        if self.bandwidth == "scott":
            return 1.0, power
        if self.bandwidth == "silverman":
            return ((n_dims + 2) / 4) ** power, power
        return float(self.bandwidth), 0.0


_FORMULAS: dict[type, Callable[..., NDArray[np.float64]]] = {
    ContinuousBlock: KDE._of_continuous,
    CodedBlock: KDE._of_coded,
    MixedBlock: KDE._of_coded,
}


def _one(part: ContinuousBlock | CodedBlock | MixedBlock) -> Block:
    """A block of one variable."""
    zero = np.zeros(1, dtype=np.intp)
    return Block((part,), zero, zero, ("the set",))


@lru_cache(maxsize=1)
def _nothing(n: int) -> Variable:
    """A variable of no dimensions and one class."""
    one_level = DiscreteBlock(np.zeros((1, n), np.uint8), np.ones(1, np.intp))
    return Variable(np.empty((0, n)), discrete_target(one_level, 0), 0.0)


def _bounds(block: Block, columns: NDArray[np.intp]) -> NDArray[np.float64]:
    """H(f) of discrete columns, which bounds what they tell; infinity of others."""
    out = np.full(len(columns), np.inf)
    for i, part in enumerate(block.parts):
        if isinstance(part, CodedBlock):
            mask = block.part_of[columns] == i
            out[mask] = part.entropies(block.place[columns[mask]])
    return out


def _join(a: DiscreteTarget, b: DiscreteTarget) -> NDArray[np.int32]:
    """Code the pairs of two codes."""
    if b.n_z == 1:
        return a.z
    if a.n_z == 1:
        return b.z
    both = DiscreteBlock(np.stack([a.z, b.z]), np.array([a.n_z, b.n_z]))
    return join_codes(both).codes[0].astype(np.int32)


def _without_few(codes: NDArray[np.int32], n_dims: int) -> NDArray[np.int32]:
    """Codes as classes: -1 where too few samples share a code for n_dims dimensions."""
    counts = np.bincount(codes)
    few = counts < n_dims + 2
    if not n_dims or not counts[few].any():
        return codes
    return np.where(few[codes], np.int32(-1), codes)


def _where_kept(
    codes: NDArray[np.int32], classes: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Codes as classes: -1 where other classes are left out."""
    return np.where(classes < 0, np.int32(-1), codes)


def _entropy_of_counts(counts: NDArray[np.intp]) -> float:
    n, counts = counts.sum(), counts[counts > 0]
    return log(n) - float(counts @ np.log(counts)) / n if len(counts) > 1 else 0.0


@lru_cache(maxsize=1)
def _smoothing() -> NDArray[np.float64]:
    r"""Taps that turn spreading and reading by cubic splines into a Gaussian kernel.

    Both multiply the spectrum by :math:`B(k) = \mathrm{sinc}^4(k / 2 \pi)`, and the
    grid folds frequencies 2 pi apart onto one another. With G the spectrum of the
    kernel, least squares have the taps' as :math:`\sum B^2 G / (\sum B^2)^2`, sums
    over what is folded together.
    """
    size = 256
    k = 2 * np.pi * (np.fft.rfftfreq(size) + np.arange(-8, 9)[:, None])
    of_splines = np.sinc(k / (2 * np.pi)) ** 8
    of_kernel = np.exp(-((k * _PER_BANDWIDTH) ** 2) / 2)
    of_kernel *= np.sqrt(2 * np.pi) * _PER_BANDWIDTH
    of_taps = (of_splines * of_kernel).sum(axis=0) / of_splines.sum(axis=0) ** 2
    taps = np.fft.irfft(of_taps, size)[: _REACH + 1]
    taps.flags.writeable = False
    return taps


def _standardize(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standardize rows in place; return the log of their scale, -inf if constant."""
    low, high = rows.min(axis=1), rows.max(axis=1)
    # squares must neither overflow nor vanish; a power of two keeps all bits
    _, exponent = np.frexp(np.maximum(abs(low), abs(high)))
    extreme = np.flatnonzero(abs(exponent) > 300)
    for row in extreme:
        np.ldexp(rows[row], -exponent[row], out=rows[row])
    for _ in range(2):  # the second time, what the first left by rounding
        rows -= rows.mean(axis=1, keepdims=True)
    rows[low == high] = 0
    scale = np.sqrt(np.einsum("ij,ij->i", rows, rows) / (rows.shape[1] - 1))
    rows /= np.where(scale > 0, scale, 1)[:, None]
    with np.errstate(divide="ignore"):
        log_scale = np.log(scale)
    log_scale[extreme] += exponent[extreme] * log(2)
    return log_scale


def _check_collinear(values: NDArray[np.float64], names: list[str]) -> None:
    """Raise ValueError if a row is, but for rounding, a sum of multiples of others."""
    n_dims, n_samples = values.shape
    if n_dims >= n_samples:
        raise ValueError(
            f"a set of {n_dims} continuous columns needs more than {n_dims} samples, "
            f"got {n_samples}; take fewer columns."
        )
    correlations = values @ values.T / (n_samples - 1)
    for i in range(1, n_dims):
        among, with_i = correlations[:i, :i], correlations[:i, i]
        weights = np.linalg.solve(among, with_i)
        left = 1 - 2 * weights @ with_i + weights @ among @ weights
        if left < _COLLINEAR:
            others = [names[j] for j in np.flatnonzero(abs(weights) > 1e-4)]
            raise ValueError(
                f"{names[i]} is a linear combination of {' and '.join(others)}, so "
                "that the covariance of the set cannot be inverted; leave it out."
            )
