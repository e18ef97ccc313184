"""Variables of continuous dimensions and codes, and pieces where none has atoms.

I(f; y | s) is a sum over pieces of the samples, by the chain rule. In a piece, the same
dimensions of all variables are continuous, so that estimators need no formulas for
atoms.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi.estimators._atoms import AtomColumns, RestColumns
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._discrete import (
    DiscreteBlock,
    code_block,
    discrete_cmi,
    discrete_condition,
    discrete_target,
    join_two,
)

__all__ = [
    "Part",
    "Piece",
    "Plain",
    "ScoredColumns",
    "Variable",
    "block_of_codes",
    "by_chance",
    "pieces",
    "take_codes",
    "variable_of",
]


@dataclass(frozen=True, eq=False)
class ScoredColumns:
    """Continuous columns as rows of mean 0 and variance 1, or of 0 where constant."""

    rows: NDArray[np.float64]  # (n_columns, n_samples)
    varies: NDArray[np.bool_]

    def variable(self, place: int) -> "Variable":
        """Return one column as a variable, of no dimension if it is constant."""
        rows = self.rows[place : place + int(self.varies[place])]
        return Variable(rows, np.zeros(self.rows.shape[1], np.int32), 1)


@dataclass(frozen=True, eq=False)
class Variable:
    """One variable: continuous dimensions, none constant, and a discrete code."""

    rows: NDArray[np.float64]  # (n_dimensions, n_samples), of mean 0 and variance 1
    codes: NDArray[np.int32]  # (n_samples,)
    n_levels: int
    # where each dimension is continuous; a function of the code. None: everywhere
    rest: NDArray[np.bool_] | None = None

    @classmethod
    def of_nothing(cls, n_samples: int) -> "Variable":
        """Return a constant."""
        return cls(np.empty((0, n_samples)), np.zeros(n_samples, np.int32), 1)

    @classmethod
    def of_codes(cls, block: DiscreteBlock, place: int) -> "Variable":
        """Return a discrete column as a variable."""
        codes = block.codes[place].astype(np.int32)
        return cls(np.empty((0, len(codes))), codes, int(block.n_levels[place]))

    def beside(self, other: "Variable") -> "Variable":
        """Return both as one variable."""
        codes, n_levels = self.join_codes(other)
        rows, rest = np.vstack([self.rows, other.rows]), None
        if self.rest is not None or other.rest is not None:
            rest = np.vstack([self._rest(), other._rest()])
        return Variable(rows, codes, n_levels, rest)

    def _rest(self) -> NDArray[np.bool_]:
        """Return where each dimension is continuous."""
        return np.ones(self.rows.shape, bool) if self.rest is None else self.rest

    def join_codes(self, other: "Variable") -> tuple[NDArray[np.int32], int]:
        """Return a code for the pairs of levels that occur, and their number."""
        return join_two(self.codes, self.n_levels, other.codes, other.n_levels)

    def take(self, samples: NDArray[np.bool_]) -> "Variable":
        """Return the variable of some samples."""
        rows = _standardize(np.ascontiguousarray(self.rows[:, samples]))
        levels, codes = np.unique(self.codes[samples], return_inverse=True)
        varies = rows.any(axis=1)
        rest = None if self.rest is None else self.rest[:, samples][varies]
        rest = None if rest is None or rest.all() else rest
        return Variable(rows[varies], codes.astype(np.int32), len(levels), rest)

    def reorder(self, order: NDArray[np.intp]) -> "Variable":
        """Return the variable of permuted samples."""
        rest = None if self.rest is None else self.rest.take(order, axis=1)
        rows = self.rows.take(order, axis=1)
        return Variable(rows, self.codes[order], self.n_levels, rest)

    @property
    def of_levels(self) -> "Variable":
        """The discrete code alone."""
        return Variable(self.rows[:0], self.codes, self.n_levels)

    @property
    def of_numbers(self) -> "Variable":
        """The continuous dimensions alone."""
        return replace(Variable.of_nothing(len(self.codes)), rows=self.rows)

    def pieces(self) -> Iterator[tuple[NDArray[np.bool_], "Variable"]]:
        """Yield samples where the same dimensions are continuous, and the variable."""
        assert self.rest is not None
        patterns, pattern = np.unique(self.rest, axis=1, return_inverse=True)
        for i, dimensions in enumerate(patterns.T):
            samples = pattern.ravel() == i
            rows = self.rows[dimensions]
            yield samples, Variable(rows, self.codes, self.n_levels).take(samples)


def _standardize(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give rows of moderate size mean 0 and variance 1, in place; constant ones 0."""
    constant = (rows == rows[:, :1]).all(axis=1)
    rows -= rows.mean(axis=1, keepdims=True)
    rows[constant] = 0
    scale = np.sqrt(np.einsum("ij,ij->i", rows, rows) / rows.shape[1])
    rows /= np.where(constant, 1, scale)[:, None]
    return rows


Plain: TypeAlias = ScoredColumns | DiscreteBlock | RestColumns | Variable
Part: TypeAlias = ScoredColumns | DiscreteBlock | AtomColumns | Variable


def variable_of(part: Part, place: int) -> Variable:
    """Return one column as a variable."""
    if isinstance(part, ScoredColumns):
        return part.variable(place)
    if isinstance(part, DiscreteBlock):
        return Variable.of_codes(part, place)
    if isinstance(part, AtomColumns):
        levels = Variable.of_codes(part.levels, place)
        rows, rest = part.rows[place : place + 1], part.rest(place)[None]
        return replace(levels, rows=rows, rest=rest)
    return part


# --- the chain rule


@dataclass(frozen=True, eq=False)
class Piece:
    """A term of the chain rule: some samples, where no variable has atoms."""

    columns: NDArray[np.intp]  # to which columns it adds
    share: float  # of the samples
    part: Plain
    places: NDArray[np.intp]
    target: Variable
    given: Variable

    def one_by_one(self) -> Iterator["Piece"]:
        """Yield the pieces of columns that do not exist at all samples."""
        if not isinstance(self.part, RestColumns):
            yield self
            return
        place = np.zeros(1, np.intp)
        for i, column in zip(self.places, self.columns, strict=True):
            samples = self.part.exists[i] > 0
            if samples.any():
                row = _of_rows(self.part.rows[i : i + 1, samples])
                y, s = self.target.take(samples), self.given.take(samples)
                share = self.share * float(samples.mean())
                yield Piece(np.array([column]), share, row, place, y, s)


def pieces(
    part: Part, places: NDArray[np.intp], y: Variable, s: Variable
) -> Iterator[Piece]:
    """Yield the terms of I(f; y | s) of some columns.

    The terms given s are those of each piece of s. The terms of y, with a code A and
    dimensions c that are continuous in R, are those of I(f; A | s) and, for each R, of
    p(R) I(f; c | s, A, R). Those of f are likewise, but many columns with atoms have
    their continuous terms in one piece, of all samples.
    """
    columns = np.arange(len(places))

    def within(
        samples: NDArray[np.bool_], part: Part, y: Variable, s: Variable
    ) -> Iterator[Piece]:
        """Yield the terms of a piece, whose variables are given."""
        share = float(samples.mean())
        for piece in pieces(part, np.arange(_size(part)), y, s):
            yield replace(piece, share=share * piece.share)

    if s.rest is not None:
        for samples, here in s.pieces():
            few = _take(part, places, samples)
            yield from within(samples, few, y.take(samples), here)
    elif y.rest is not None:
        yield from pieces(part, places, y.of_levels, s)
        for samples, here in y.pieces():
            if len(here.rows):
                few = _take(part, places, samples)
                given = s.take(samples).beside(here.of_levels)
                yield from within(samples, few, here.of_numbers, given)
    elif isinstance(part, Variable) and part.rest is not None:
        yield from pieces(part.of_levels, places, y, s)
        for samples, here in part.pieces():
            if len(here.rows):
                given = s.take(samples).beside(here.of_levels)
                yield from within(samples, here.of_numbers, y.take(samples), given)
    elif isinstance(part, AtomColumns):
        yield from pieces(part.levels, places, y, s)
        yield Piece(columns, 1.0, part.without_atoms, places, y, s)
    else:
        yield Piece(columns, 1.0, part, places, y, s)


def _size(part: Part) -> int:
    """Return the number of columns of a part."""
    if isinstance(part, Variable):
        return 1
    return len(part.codes if isinstance(part, DiscreteBlock) else part.rows)


def _take(part: Part, places: NDArray[np.intp], samples: NDArray[np.bool_]) -> Part:
    """Return some columns of a part, at some samples."""
    if isinstance(part, Variable):
        return part.take(samples)
    if isinstance(part, ScoredColumns):
        return _of_rows(part.rows[places][:, samples])
    if isinstance(part, DiscreteBlock):
        return take_codes(part, places, samples)
    levels = take_codes(part.levels, places, samples)
    rows = np.ascontiguousarray(part.rows[places][:, samples])
    return AtomColumns(rows, levels, part.log_scale[places])


def _of_rows(rows: NDArray[np.float64]) -> ScoredColumns:
    """Return rows of some samples as columns."""
    rows = _standardize(np.ascontiguousarray(rows))
    return ScoredColumns(rows, np.asarray(rows.any(axis=1)))


def block_of_codes(variable: Variable) -> DiscreteBlock:
    """Return the code of a variable as a block."""
    return code_block(variable.codes[None], np.array([variable.n_levels]))


def by_chance(f: Variable, y: Variable, s: Variable) -> float:
    """Return the mean I(f; y | s) of codes over permutations of y within s."""
    if f.n_levels == 1 or y.n_levels == 1:
        return 0.0
    target, given = (discrete_target(block_of_codes(v), 0) for v in (y, s))
    codes, place = discrete_condition(target, given), np.zeros(1, np.intp)
    observed = discrete_cmi(block_of_codes(f), place, codes)[0]
    above = CORRECTIONS["chance"].cmi(block_of_codes(f), place, codes)[0]
    return float(observed - above)


def take_codes(
    block: DiscreteBlock, places: NDArray[np.intp], samples: NDArray[np.bool_]
) -> DiscreteBlock:
    """Return some rows of codes, at some samples."""
    codes = np.ascontiguousarray(block.codes[places][:, samples])
    return DiscreteBlock(codes, block.n_levels[places])
