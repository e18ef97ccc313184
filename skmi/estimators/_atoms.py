"""Atoms: values of a continuous column that many samples share exactly.

A column of expression levels may contain a floor, and a column of counts many zeros.
Such a value is an event of its own, not a point of a density. So a column x with atoms
is a discrete code A, which tells the atoms and the rest apart, and a continuous
variable c, which exists in the rest R only:

    I(x; y) = I(A; y) + p(R) I(c; y | R).

Ties that come from rounding are no atoms: there, adjacent values have similar numbers
of samples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from skmi.estimators._blocks import Block, Kind, Split
from skmi.estimators._discrete import DiscreteBlock, code_block

__all__ = ["FEWEST", "AtomColumns", "Atoms", "find_atoms"]

# The fewest samples of an atom, and of a continuous rest beside atoms.
FEWEST = 5
# An atom has this share of the samples that are in no larger atom ...
_HEAVY = 1 / 4
# ... or this share of all samples, and this many times as many as the values nearby.
_SPIKE, _ABOVE_NEARBY, _NEARBY = 1 / 20, 4, 3


@dataclass(frozen=True, eq=False)
class Atoms:
    """The atoms of those rows that contain any."""

    rows: NDArray[np.intp]
    codes: NDArray[np.int32]  # (len(rows), n_samples), 0: in the rest

    def set_apart(
        self, block: Block[Kind], split: Split, numbers: NDArray[np.float64]
    ) -> "Block[Kind | DiscreteBlock | AtomColumns]":
        """Move columns with atoms to a part of their own, or to the discrete columns.

        `numbers` are rows of what is continuous in each of them, 0 at atoms. A column
        without continuous rest is discrete.
        """
        if not len(self.rows):
            return block
        levels, codes = block.part(DiscreteBlock), code_levels(self.codes)
        mixed = numbers.any(axis=1)
        columns = np.flatnonzero(~split.is_discrete)[self.rows]
        part_of, place = block.part_of.copy(), block.place.copy()
        part_of[columns] = 1 + mixed
        place[columns] = np.where(
            mixed, mixed.cumsum() - 1, len(levels.codes) + (~mixed).cumsum() - 1
        )
        joined = code_block(
            np.vstack([levels.codes, codes.codes[~mixed]]),
            np.append(levels.n_levels, codes.n_levels[~mixed]),
        )
        atoms = AtomColumns(
            numbers[mixed], DiscreteBlock(codes.codes[mixed], codes.n_levels[mixed])
        )
        return Block((block.parts[0], joined, atoms), part_of, place)


@dataclass(frozen=True, eq=False)
class AtomColumns:
    """Columns of a continuous part and atoms, of code 0 where they are continuous."""

    rows: NDArray[np.float64]  # (n_columns, n_samples), 0 at atoms
    levels: DiscreteBlock

    def rest(self, place: int) -> NDArray[np.bool_]:
        """Return at which samples a column is continuous."""
        rest: NDArray[np.bool_] = self.levels.codes[place] == 0
        return rest


def code_levels(codes: NDArray[np.int32]) -> DiscreteBlock:
    """Return rows of codes as a block."""
    return code_block(codes, codes.max(axis=1, initial=0).astype(np.intp) + 1)


def find_atoms(values: NDArray[np.float64], order: NDArray[np.int32]) -> Atoms:
    """Return the atoms of sorted rows; order has the sample of each value.

    A value is an atom if

    * at least a quarter of the samples share it, not counting those in larger atoms,
      so that a column of up to four values consists of atoms; or
    * at least a twentieth of the samples share it, and four times as many as usually
      share one of the three values above and below it.

    It has five samples or more. Fewer than five samples beside atoms are one more atom.
    A constant row has no atoms.
    """
    rows, codes = [], []
    for row in _candidates(values):
        sizes = _sizes(values[row])
        is_atom = _is_atom(sizes)
        if not is_atom.any():
            continue
        of_value = np.where(is_atom, is_atom.cumsum(), 0).astype(np.int32)
        code = np.empty(values.shape[1], np.int32)
        code[order[row]] = np.repeat(of_value, sizes)
        rows.append(row)
        codes.append(code)
    shape = (len(rows), values.shape[1])
    return Atoms(np.array(rows, np.intp), np.reshape(codes, shape).astype(np.int32))


def _candidates(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the sorted rows, not constant, with a value of enough samples."""
    apart = _fewest(values.shape[1]) - 1
    if apart >= values.shape[1]:
        return np.empty(0, np.intp)
    repeats = (values[:, apart:] == values[:, : values.shape[1] - apart]).any(axis=1)
    return np.flatnonzero(repeats & (values[:, 0] != values[:, -1]))


def _fewest(n_samples: int) -> int:
    """Return the least number of samples that any atom may have."""
    return max(FEWEST, int(np.ceil(_SPIKE * n_samples)))


def _sizes(row: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the number of samples of each value of a sorted row."""
    changes = np.flatnonzero(row[1:] != row[:-1]) + 1
    return np.diff(changes, prepend=0, append=len(row))


def _is_atom(sizes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which values are atoms, from their numbers of samples."""
    is_atom = np.zeros(len(sizes), bool)
    for i in np.flatnonzero(sizes >= _fewest(sizes.sum())):
        nearby = np.append(
            sizes[max(i - _NEARBY, 0) : i], sizes[i + 1 : i + 1 + _NEARBY]
        )
        is_atom[i] = sizes[i] >= _ABOVE_NEARBY * np.median(nearby)
    left = int(sizes[~is_atom].sum())
    fewest = 2 if is_atom.any() else FEWEST
    for i in np.argsort(-sizes, kind="stable"):
        if is_atom[i]:
            continue
        if sizes[i] < max(fewest, _HEAVY * left):
            break
        is_atom[i], fewest = True, 2
        left -= int(sizes[i])
    return is_atom
