"""Variables for kernel density estimates, and their entropies."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._kernels.density import group_entropies, group_samples
from skmi.estimators._atoms import AtomColumns
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    discrete_mi,
    discrete_target,
    entropy_of_counts,
)
from skmi.estimators._pieces import Variable as Mixture

__all__ = [
    "COLLINEAR",
    "Classes",
    "ConditionedTarget",
    "Densities",
    "JoinedColumns",
    "Part",
    "StandardColumns",
    "Variable",
    "discrete_entropies",
    "entropy_bounds",
    "standardize",
    "variable_of",
]

Floats: TypeAlias = NDArray[np.float64]
Classes: TypeAlias = NDArray[np.int32]  # of the samples; -1: left out

# A column is collinear with others that leave less than this share of its variance.
COLLINEAR = 1e-10
# Cells of the grid along a bandwidth, and how many of them the smoothing reaches.
_PER_BANDWIDTH, _REACH = 2.0, 8


# --- variables


@dataclass(frozen=True, eq=False)
class Variable:
    """Standardized values, a discrete code, and the entropy of both."""

    values: Floats  # (n_dims, n_samples)
    code: DiscreteTarget
    entropy: float
    rest: NDArray[np.bool_] | None = None  # where each is continuous; None: everywhere

    def reorder(self, order: NDArray[np.intp]) -> "Variable":
        """Return the variable of permuted samples, which has the same entropy."""
        rest = None if self.rest is None else self.rest.take(order, axis=1)
        values, code = self.values.take(order, axis=1), self.code.reorder(order)
        return Variable(values, code, self.entropy, rest)

    @cached_property
    def mixture(self) -> Mixture:
        """The same, without entropy."""
        return Mixture(self.values, self.code.z, self.code.n_z, self.rest)

    @staticmethod
    @lru_cache(maxsize=1)
    def of_nothing(n_samples: int) -> "Variable":
        """Return a constant."""
        codes = np.zeros((1, n_samples), np.uint8)
        code = discrete_target(DiscreteBlock(codes, np.ones(1, np.intp)), 0)
        return Variable(np.empty((0, n_samples)), code, 0.0)


@dataclass(frozen=True, eq=False)
class StandardColumns:
    """Continuous variables, all of the same number of dimensions."""

    values: Floats  # (n_variables, n_dims, n_samples), standardized
    log_scale: Floats  # what standardizing subtracted from the entropy
    entropy: Floats  # of the standardized values


@dataclass(frozen=True, eq=False)
class JoinedColumns:
    """A single variable of continuous dimensions and a code."""

    only: Variable
    log_scale: float


Part: TypeAlias = StandardColumns | DiscreteBlock | AtomColumns | JoinedColumns


def variable_of(part: Part, place: int) -> Variable:
    """Return one variable of a part."""
    if isinstance(part, StandardColumns):
        code = Variable.of_nothing(part.values.shape[2]).code
        return Variable(part.values[place], code, float(part.entropy[place]))
    if isinstance(part, DiscreteBlock):
        code = discrete_target(part, place)
        entropy = entropy_of_counts(np.bincount(code.z))
        return Variable(np.empty((0, len(code.z))), code, entropy)
    if isinstance(part, AtomColumns):
        rows, rest = part.rows[place : place + 1], part.rest(place)[None]
        return Variable(rows, discrete_target(part.levels, place), np.nan, rest)
    return part.only


def discrete_entropies(part: DiscreteBlock, places: NDArray[np.intp]) -> Floats:
    """Return H(f) of discrete variables."""
    codes = part.codes[places]
    return np.array([entropy_of_counts(np.bincount(row)) for row in codes])


def entropy_bounds(
    part: Part, places: NDArray[np.intp], given: DiscreteTarget
) -> Floats:
    """Return H(f | s) of discrete variables, infinity of others; s is a code."""
    if not isinstance(part, DiscreteBlock):
        return np.full(len(places), np.inf)
    entropy = discrete_entropies(part, places)
    if given.n_z > 1:
        entropy -= discrete_mi(part, places, given)
    return np.maximum(entropy, 0)


def standardize(rows: Floats) -> Floats:
    """Standardize rows in place; return the log of their scale, -inf if constant."""
    low, high = rows.min(axis=1), rows.max(axis=1)
    # squares must neither overflow nor vanish; a power of two keeps all bits
    _, exponent = np.frexp(np.maximum(abs(low), abs(high)))
    extreme = np.flatnonzero(abs(exponent) > 300)
    for row in extreme:
        np.ldexp(rows[row], -exponent[row], out=rows[row])
    for _ in range(2):  # the second time removes the rounding error of the first
        rows -= rows.mean(axis=1, keepdims=True)
    rows[low == high] = 0
    scale = np.sqrt(np.einsum("ij,ij->i", rows, rows) / (rows.shape[1] - 1))
    rows /= np.where(scale > 0, scale, 1)[:, None]
    with np.errstate(divide="ignore"):
        log_scale: Floats = np.log(scale)
    log_scale[extreme] += exponent[extreme] * log(2)
    return log_scale


@dataclass(frozen=True, eq=False)
class ConditionedTarget:
    """A target and what is given as one variable, and what is given alone."""

    joined: Variable
    given: Variable
    codes: Conditioned | DiscreteTarget  # of the target alone, if nothing is given

    @property
    def target(self) -> Variable:
        """The target alone; its entropy is not known."""
        target, given = self.joined, self.given
        n_dims = len(target.values) - len(given.values)
        code = self.codes.target if isinstance(self.codes, Conditioned) else self.codes
        rest = None if target.rest is None else target.rest[:n_dims]
        return Variable(target.values[:n_dims], code, np.nan, rest)

    def reorder(self, order: NDArray[np.intp]) -> "ConditionedTarget":
        """Return both of permuted samples."""
        return ConditionedTarget(
            self.joined.reorder(order),
            self.given.reorder(order),
            self.codes.reorder(order),
        )

    @cached_property
    def bound(self) -> float:
        """H(y | s) of a discrete y, where s is its code; infinity of others."""
        if len(self.joined.values) > len(self.given.values):
            return np.inf
        entropy = entropy_of_counts(np.bincount(self.joined.code.z))
        return max(entropy - entropy_of_counts(np.bincount(self.given.code.z)), 0.0)

    def determined(self, part: Part, places: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return for which columns f, or y, is a linear function of what is given."""
        out, y = np.zeros(len(places), bool), self.target
        if len(y.values) and y.code.n_z == 1:
            out[:] = self._depends(y.values[None])[0]
        if isinstance(part, StandardColumns):
            out |= self._depends(part.values[places])
        return out

    def _depends(self, values: Floats) -> NDArray[np.bool_]:
        """Return which variables have dimensions that are all linear in the given."""
        left = values.shape[2] - 1 - ((values @ self._directions) ** 2).sum(axis=2)
        depends: NDArray[np.bool_] = (left < COLLINEAR * values.shape[2]).all(axis=1)
        return depends

    @cached_property
    def _directions(self) -> Floats:
        """An orthonormal basis of the given dimensions."""
        basis: Floats = np.linalg.qr(self.given.values.T)[0]
        return basis


# --- entropies


@dataclass(frozen=True, eq=False)
class Densities:
    """The parameters of the estimate, as `KDE` describes them."""

    bandwidth: float | str
    leave_one_out: bool
    method: str

    def entropy(self, values: Floats, classes: Classes) -> float:
        """Return H(D) + sum_d p(d) H(C | d) of rows C and classes D."""
        fixed = np.empty((0, values.shape[1]))
        places = np.zeros(1, dtype=np.intp)
        return float(self.entropies(values[None], places, fixed, classes)[0])

    def entropies(
        self,
        values: Floats,
        places: NDArray[np.intp],
        fixed: Floats,
        classes: Classes,
    ) -> Floats:
        """Return that entropy of each of several variables with fixed rows."""
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
        return out + entropy_of_counts(np.diff(starts))

    def _bandwidth(self, n_dims: int) -> tuple[float, float]:
        """Return factor and power: m samples have bandwidth factor * m**power."""
        power = -1 / (n_dims + 4)
        if self.bandwidth == "scott":
            return 1.0, power
        if self.bandwidth == "silverman":
            return ((n_dims + 2) / 4) ** power, power
        return float(self.bandwidth), 0.0


@lru_cache(maxsize=1)
def _smoothing() -> Floats:
    r"""Return taps that make a Gaussian kernel of spreading and reading by splines.

    Both multiply the spectrum by :math:`B(k) = \mathrm{sinc}^4(k / 2 \pi)`, and the
    grid folds frequencies 2 pi apart onto one another. With G the spectrum of the
    kernel, least squares give the taps the spectrum :math:`\sum B^2 G / (\sum B^2)^2`,
    with sums over the frequencies that are folded together.
    """
    size = 256
    k = 2 * np.pi * (np.fft.rfftfreq(size) + np.arange(-8, 9)[:, None])
    splines = np.sinc(k / (2 * np.pi)) ** 8
    kernel = np.exp(-((k * _PER_BANDWIDTH) ** 2) / 2)
    kernel *= np.sqrt(2 * np.pi) * _PER_BANDWIDTH
    spectrum = (splines * kernel).sum(axis=0) / splines.sum(axis=0) ** 2
    taps: Floats = np.fft.irfft(spectrum, size)[: _REACH + 1]
    taps.flags.writeable = False
    return taps
