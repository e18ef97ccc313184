"""Prepared columns, grouped by kind, so that each formula takes columns of one kind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi.estimators._base import JoinError
from skmi.estimators._discrete import DiscreteBlock, code_block

__all__ = ["Block", "Split", "check_independent", "split_by_kind"]

Part = TypeVar("Part", covariant=True)
Kind = TypeVar("Kind")


@dataclass(frozen=True, eq=False)
class Block(Generic[Part]):
    """Columns, each at a place of one of several parts."""

    parts: tuple[Part, ...]
    part_of: NDArray[np.intp]  # of each column, the number of its part
    place: NDArray[np.intp]  # of each column, its row in that part

    @staticmethod
    def of_one(part: Kind) -> "Block[Kind]":
        """Return a block of one variable, the only one in its part."""
        zero = np.zeros(1, dtype=np.intp)
        return Block((part,), zero, zero)

    def part(self, kind: type[Kind]) -> Kind:
        """Return the part of a kind."""
        return next(part for part in self.parts if isinstance(part, kind))

    def item(self, column: int) -> tuple[Part, int]:
        """Return the part of a column, and its place there."""
        return self.parts[self.part_of[column]], int(self.place[column])

    def split(
        self, columns: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.bool_], Part, NDArray[np.intp]]]:
        """Yield, for each part with some of the columns, their mask and places."""
        part_of = self.part_of[columns]
        for i, part in enumerate(self.parts):
            mask = part_of == i
            if mask.any():
                yield mask, part, self.place[columns[mask]]

    def map(
        self,
        columns: NDArray[np.intp],
        function: Callable[[Part, NDArray[np.intp]], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        """Return function(part, places) of all columns, in their order."""
        out = np.empty(len(columns))
        for mask, part, places in self.split(columns):
            out[mask] = function(part, places)
        return out


@dataclass(frozen=True, eq=False)
class Split:
    """Columns of a table by kind: rows of numbers, and rows of codes."""

    numbers: NDArray[np.float64]
    levels: DiscreteBlock
    is_discrete: NDArray[np.bool_]  # of each column
    place: NDArray[np.intp]  # of each column, its row among those of its kind

    def block(self, continuous: Kind) -> Block[Kind | DiscreteBlock]:
        """Return a block, with the numbers prepared as its first part."""
        parts = (continuous, self.levels)
        return Block(parts, self.is_discrete.astype(np.intp), self.place)


def split_by_kind(columns: Columns, indices: NDArray[np.intp]) -> Split:
    """Read the columns with these indices, and split them by kind."""
    is_discrete = columns.discrete[indices]
    place = np.where(is_discrete, is_discrete.cumsum(), (~is_discrete).cumsum()) - 1
    return Split(
        columns.numbers(indices[~is_discrete]),
        code_block(*columns.codes(indices[is_discrete])),
        is_discrete,
        place,
    )


def check_independent(
    rows: NDArray[np.float64],
    columns: NDArray[np.intp],
    tolerance: float,
    qualifier: str = "",
) -> None:
    """Raise JoinError if a row is a linear combination of rows before it.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_samples)
        Each has mean 0 and variance 1.
    columns : ndarray of shape (n_rows,)
        The column of each row.
    tolerance : float
        A row is a linear combination if a smaller fraction of its variance remains.
    qualifier : str
        What messages insert after the name, such as ", after normal scores,".
    """
    n_rows, n_samples = rows.shape
    if n_rows >= n_samples:
        raise JoinError(
            f"a variable of {n_rows} continuous columns needs more than {n_rows} "
            f"samples, got {n_samples}; take fewer columns."
        )
    if n_rows < 2:
        return
    left = np.diagonal(np.linalg.qr(rows.T, mode="r")) ** 2
    dependent = np.flatnonzero(left < tolerance * np.einsum("ij,ij->i", rows, rows))
    if not len(dependent):
        return
    last = dependent[0]
    slopes = np.linalg.lstsq(rows[:last].T, rows[last], rcond=None)[0]
    others = np.flatnonzero(np.abs(slopes) > tolerance**0.5)
    raise JoinError(
        f"{{}} is{qualifier} a linear combination of "
        f"{' and '.join(['{}'] * len(others))}, so the covariance of the variable "
        "cannot be inverted; leave this column out.",
        columns[[last, *others]].tolist(),
    )
