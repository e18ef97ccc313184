"""Atoms: values of a continuous column that many samples share exactly.

A column of expression levels may contain a floor, and a column of counts many zeros.
Such a value is an event of its own, not a point of a density. So a column x with atoms
is a discrete code A, which distinguishes the atoms and the rest, and a continuous
variable c, which exists in the rest R only:

    I(x; y) = I(A; y) + p(R) I(c; y | R).

Ties that come from rounding are no atoms: there, adjacent values have similar numbers
of samples.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import sort_columns
from skmi.estimators._blocks import Block, Kind, Split
from skmi.estimators._discrete import DiscreteBlock, code_block

__all__ = [
    "FEWEST",
    "AtomColumns",
    "Atoms",
    "RestColumns",
    "find_atoms",
    "find_atoms_unsorted",
]

# The fewest samples of an atom, and of a continuous rest beside atoms.
FEWEST = 5
# An atom has this share of the samples that are in no larger atom ...
_HEAVY = 1 / 4
# ... or this share of all samples, and this many times as many as the values nearby.
_SPIKE, _ABOVE_NEARBY, _NEARBY = 1 / 40, 4, 3
_AROUND = np.delete(np.arange(2 * _NEARBY + 1), _NEARBY)
# Values that are copied at a time: 1 MiB.
_CHUNK_VALUES = 2**17
# A row is looked at more closely if a value has this share of the samples.
_FREQUENT = 1 / 50


@dataclass(frozen=True, eq=False)
class Atoms:
    """The atoms of those rows that contain any."""

    rows: NDArray[np.intp]
    codes: NDArray[np.int32]  # (len(rows), n_samples), 0: in the rest

    def set_apart(
        self,
        block: Block[Kind],
        split: Split,
        numbers: NDArray[np.float64],
        log_scale: NDArray[np.float64],
    ) -> "Block[Kind | DiscreteBlock | AtomColumns]":
        """Move columns with atoms to a part of their own, or to the discrete columns.

        The arguments are the fields of `AtomColumns`, for all of them. A column without
        continuous rest is discrete.
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
        of_mixed = DiscreteBlock(codes.codes[mixed], codes.n_levels[mixed])
        atoms = AtomColumns(numbers[mixed], of_mixed, log_scale[mixed])
        return Block((block.parts[0], joined, atoms), part_of, place)

    def scale_rest(
        self,
        scale: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        numbers: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scale rows of numbers without atoms; return them, 0 at atoms, and log scales.

        `scale` changes rows in place, and returns the logs of their scales.
        """
        out, log_scale = np.zeros(self.codes.shape), np.zeros(len(self.rows))
        for i, codes in enumerate(self.codes):
            rest = codes == 0
            if np.count_nonzero(rest) >= FEWEST:
                row = numbers[self.rows[i], rest][None]
                log_scale[i] = scale(row)[0]
                out[i, rest] = row
        return out, log_scale


@dataclass(frozen=True, eq=False)
class AtomColumns:
    """Columns of a continuous part and atoms, of code 0 where they are continuous."""

    rows: NDArray[np.float64]  # (n_columns, n_samples), 0 at atoms
    levels: DiscreteBlock
    log_scale: NDArray[np.float64]  # what scaling the rest subtracted from its entropy

    def rest(self, place: int) -> NDArray[np.bool_]:
        """Return at which samples a column is continuous."""
        rest: NDArray[np.bool_] = self.levels.codes[place] == 0
        return rest

    @cached_property
    def without_atoms(self) -> "RestColumns":
        """What is continuous in the columns."""
        return RestColumns(self.rows, (self.levels.codes == 0).astype(np.uint8))


@dataclass(frozen=True, eq=False)
class RestColumns:
    """Columns that are continuous at some samples, and do not exist at the others."""

    rows: NDArray[np.float64]  # (n_columns, n_samples), 0 where they do not exist
    exists: NDArray[np.uint8]  # (n_columns, n_samples), 0 or 1


def code_levels(codes: NDArray[np.int32]) -> DiscreteBlock:
    """Return rows of codes as a block."""
    return code_block(codes, codes.max(axis=1, initial=0).astype(np.intp) + 1)


def find_atoms(
    values: NDArray[np.float64],
    order: NDArray[np.int32],
    few: Callable[[int], float] = lambda n_samples: 5,
) -> Atoms:
    """Return the atoms of sorted rows; order has the sample of each value.

    A value is an atom if it has five samples or more, and

    * at least a fortieth of the samples share it, and four times as many as share the
      second most frequent of the three values below it and the three above it; or
    * at least a quarter of the samples share it, not counting those in larger atoms.

    If few values are left, with five samples each on average, all of them are atoms.
    `few` is a function of the number of samples that are left. Fewer than five samples
    beside atoms are one more level of the code. A constant row has no atoms.
    """
    rows, codes = [], []
    for row in _candidates(values):
        sizes = _sizes(values[row])
        is_atom = _is_atom(sizes, few)
        if not is_atom.any():
            continue
        of_value = np.where(is_atom, is_atom.cumsum(), 0).astype(np.int32)
        code = np.empty(values.shape[1], np.int32)
        code[order[row]] = np.repeat(of_value, sizes)
        rows.append(row)
        codes.append(code)
    shape = (len(rows), values.shape[1])
    return Atoms(np.array(rows, np.intp), np.reshape(codes, shape).astype(np.int32))


def find_atoms_unsorted(
    numbers: NDArray[np.float64], few: Callable[[int], float]
) -> Atoms:
    """Return the atoms of rows that are not sorted; few are copied at a time."""
    n_rows, n_samples = numbers.shape
    step = max(1, _CHUNK_VALUES // n_samples)
    rows, codes = [np.empty(0, np.intp)], [np.empty((0, n_samples), np.int32)]
    for start in range(0, n_rows, step):
        values, order = sort_columns(numbers[start : start + step].copy())
        atoms = find_atoms(values, order, few)
        rows.append(start + atoms.rows)
        codes.append(atoms.codes)
    return Atoms(np.concatenate(rows), np.concatenate(codes))


def _candidates(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the sorted rows, not constant, with a value of many samples."""
    n = values.shape[1]
    apart = max(FEWEST, int(np.ceil(_FREQUENT * n))) - 1
    if apart >= n:
        return np.empty(0, np.intp)
    repeats = (values[:, apart:] == values[:, : n - apart]).any(axis=1)
    return np.flatnonzero(repeats & (values[:, 0] != values[:, -1]))


def _sizes(row: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the number of samples of each value of a sorted row."""
    changes = np.flatnonzero(row[1:] != row[:-1]) + 1
    edges = np.concatenate([[0], changes, [len(row)]])
    return np.asarray(edges[1:] - edges[:-1])


def _nearby(sizes: NDArray[np.intp], values: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the second largest of the three sizes before and the three after."""
    padded = np.zeros(len(sizes) + 2 * _NEARBY, np.intp)
    padded[_NEARBY:-_NEARBY] = sizes
    return np.asarray(np.sort(padded[values[:, None] + _AROUND], axis=1)[:, -2])


def _is_atom(sizes: NDArray[np.intp], few: Callable[[int], float]) -> NDArray[np.bool_]:
    """Return which values are atoms, from their numbers of samples."""
    is_atom = np.zeros(len(sizes), bool)
    often = np.flatnonzero(sizes >= max(FEWEST, _SPIKE * sizes.sum()))
    is_atom[often] = sizes[often] >= _ABOVE_NEARBY * _nearby(sizes, often)
    left = int(sizes[~is_atom].sum())
    fewest = 2 if is_atom.any() else FEWEST
    while left:
        most = int(np.where(is_atom, 0, sizes).argmax())
        if sizes[most] < max(fewest, _HEAVY * left):
            break
        is_atom[most], fewest = True, 2
        left -= int(sizes[most])
    n_values = len(is_atom) - int(is_atom.sum())
    if n_values <= min(few(left), left / FEWEST):
        is_atom[:] = True
    return is_atom
