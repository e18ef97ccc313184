"""Spaces of continuous and discrete axes, with the maximum norm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skmi._kernels.spaces import count_within, grow_trees, kth_distances
from skmi.estimators._discrete import join_two

__all__ = ["Balls", "Cells", "ConditionedSpace", "Space"]


@dataclass(frozen=True, eq=False)
class Cells:
    """A partition of the samples by a discrete code: cells are infinitely far apart."""

    codes: NDArray[np.int32]
    n_levels: int

    @classmethod
    def one(cls, n_samples: int) -> Cells:
        """Return the partition with all samples in one cell."""
        return cls(np.zeros(n_samples, dtype=np.int32), 1)

    def join(self, other: Cells) -> Cells:
        """Return the partition whose cells agree in both."""
        return Cells(*join_two(self.codes, self.n_levels, other.codes, other.n_levels))

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        """For each sample, the number of samples in its cell."""
        return np.bincount(self.codes, minlength=self.n_levels)[self.codes]

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """The samples, cell by cell."""
        few = self.n_levels <= 2**16  # sorted in linear time
        return np.argsort(
            self.codes.astype(np.uint16 if few else np.int32), kind="stable"
        )

    @cached_property
    def start(self) -> NDArray[np.int32]:
        """Where each cell begins in that order, and where the last one ends."""
        sizes = np.bincount(self.codes)
        return np.append(0, np.cumsum(sizes[sizes > 0])).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Trees:
    """A k-d tree of the points of each cell, as `skmi._kernels.spaces` reads them."""

    points: NDArray[np.float64]  # (n_samples, n_axes)
    samples: NDArray[np.int32]
    boxes: NDArray[np.float64]
    start: NDArray[np.int32]

    @classmethod
    def grow(cls, points: NDArray[np.float64], cells: Cells) -> Trees:
        """Build the trees of points (n_axes, n_samples)."""
        order, start = cells.order, cells.start
        rows = np.ascontiguousarray(points[:, order].T)
        samples = order.astype(np.int32)
        boxes = np.empty((len(rows) + 4 * (len(start) - 1), len(points)))
        grow_trees(rows, samples, boxes, start)
        return cls(rows, samples, boxes, start)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The first arguments of the kernels."""
        return self.points, self.samples, self.boxes, self.start


@dataclass(frozen=True, eq=False)
class Space:
    """A variable of any number of continuous axes, and a partition by discrete ones."""

    points: NDArray[np.float64]  # (n_axes, n_samples)
    cells: Cells
    tied: bool  # whether an axis repeats a value

    @classmethod
    def of_nothing(cls, n_samples: int) -> Space:
        """Return the space of a constant."""
        return cls(np.empty((0, n_samples)), Cells.one(n_samples), False)

    @classmethod
    def of_codes(cls, codes: NDArray[np.int32], n_levels: int) -> Space:
        """Return the space of a discrete variable."""
        return cls(np.empty((0, len(codes))), Cells(codes, n_levels), False)

    @classmethod
    def of_values(cls, values: NDArray[np.float64], tied: bool) -> Space:
        """Return the space of a continuous variable: no axis if it is constant."""
        if (values == values[0]).all():
            return cls.of_nothing(len(values))
        return cls(values[None], Cells.one(len(values)), tied)

    @classmethod
    def join(cls, *spaces: Space) -> Space:
        """Return the product of spaces."""
        points = np.concatenate([space.points for space in spaces])
        tied = any(space.tied for space in spaces)
        cells = reduce(Cells.join, (space.cells for space in spaces))
        return cls(points, cells, tied)

    @property
    def n_axes(self) -> int:
        """Number of continuous axes."""
        return len(self.points)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return int(self.points.shape[1])

    def take(self, samples: NDArray[np.bool_]) -> Space:
        """Return the space of some samples."""
        points = self.points[:, samples]
        tied = self.tied and any(map(_repeats, points))
        return Space(
            points, Cells(self.cells.codes[samples], self.cells.n_levels), tied
        )

    @cached_property
    def constant(self) -> bool:
        """Whether all samples agree."""
        codes, points = self.cells.codes, self.points
        return bool((codes == codes[0]).all() and (points == points[:, :1]).all())

    @cached_property
    def trees(self) -> Trees:
        """The k-d trees of the points, built when first used."""
        return Trees.grow(self.points, self.cells)

    def count(self, r: NDArray[np.float64], closed: bool) -> NDArray[np.intp]:
        """Count, for each sample, itself and the others of its cell within r.

        That is nearer than r or, if closed, no farther.
        """
        if self.n_axes == 0:
            return self.cells.sizes
        out = np.empty(len(r), dtype=np.int32)
        count_within(*self.trees.arrays, r, closed, out)
        return out.astype(np.intp) + 1


def _repeats(values: NDArray[np.float64]) -> bool:
    """Return whether a value occurs twice."""
    ascending = np.sort(values)
    return bool((ascending[1:] == ascending[:-1]).any())


@dataclass(frozen=True, eq=False)
class ConditionedSpace:
    """A target and what is given, each as a space, for any number of columns."""

    target: Space
    given: Space

    @cached_property
    def joined(self) -> Space:
        """The product of both."""
        return Space.join(self.target, self.given)

    def take(self, samples: NDArray[np.bool_]) -> ConditionedSpace:
        """Return the spaces of some samples."""
        return ConditionedSpace(self.target.take(samples), self.given.take(samples))


@dataclass(frozen=True, eq=False)
class Balls:
    """For every sample, the ball that its nearest neighbours span."""

    r: NDArray[np.float64]  # distance of the k-th other of the same cell
    k: NDArray[np.intp]  # the number of neighbours, or of all others if these are fewer
    n: NDArray[np.int32]  # number of others no farther than r
    extent: NDArray[np.float64]  # (n_axes, n_samples), how far these are along an axis

    @classmethod
    def around(cls, space: Space, n_neighbors: int) -> Balls:
        """Find the neighbours of all samples. Every cell has two samples or more."""
        r = np.empty(space.n_samples)
        n = np.empty(space.n_samples, dtype=np.int32)
        extent = np.empty((space.n_samples, space.n_axes))
        kth_distances(*space.trees.arrays, n_neighbors, r, n, extent)
        k = np.minimum(n_neighbors, space.cells.sizes - 1)
        return cls(r, k, n, extent.T)

    @property
    def shared(self) -> bool:
        """Whether some ball contains more than k others."""
        return bool((self.n > self.k).any())
