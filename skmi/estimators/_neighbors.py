"""Spaces of continuous and discrete axes, and information from neighbours in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from skmi._kernels.spaces import count_within, kth_distances
from skmi.estimators._discrete import DiscreteBlock, join_codes

__all__ = ["Cells", "Space", "ball_information", "digammas", "rectangle_information"]


@lru_cache(maxsize=1)
def digammas(n: int) -> NDArray[np.float64]:
    """Digamma function of 0 to n."""
    psi = np.concatenate([[-np.inf], digamma(np.arange(1.0, n + 1))])
    psi.flags.writeable = False
    return psi


@dataclass(frozen=True)
class Cells:
    """Samples parted by a code below n_levels: those of two cells are never near."""

    codes: NDArray[np.int32]
    n_levels: int

    @classmethod
    def one(cls, n_samples: int) -> Cells:
        """All samples in one cell."""
        return cls(np.zeros(n_samples, dtype=np.int32), 1)

    @classmethod
    def join(cls, cells: list[Cells]) -> Cells:
        """Cells of the samples that agree in all of these."""
        parted = [each for each in cells if each.n_levels > 1]
        if len(parted) < 2:
            return (parted or cells)[0]
        codes, n_levels = zip(*((c.codes, c.n_levels) for c in parted), strict=True)
        joined = join_codes(DiscreteBlock(np.stack(codes), np.array(n_levels)))
        return cls(joined.codes[0].astype(np.int32), int(joined.n_levels[0]))

    @cached_property
    def sizes(self) -> NDArray[np.intp]:
        """Number of samples in the cell of each."""
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
        """Where the cells begin in that order, and where the last one ends."""
        sizes = np.bincount(self.codes)
        return np.append(0, np.cumsum(sizes[sizes > 0])).astype(np.int32)


@dataclass(frozen=True)
class Space:
    """A variable of any number of continuous axes, and the cells of discrete ones."""

    points: NDArray[np.float64]  # (n_axes, n_samples), in the order of the samples
    cells: Cells
    tied: bool  # whether an axis repeats a value

    @classmethod
    def of_nothing(cls, n_samples: int) -> Space:
        """What all samples have in common."""
        return cls(np.empty((0, n_samples)), Cells.one(n_samples), False)

    @classmethod
    def join(cls, *spaces: Space) -> Space:
        """All axes, and the cells of those samples that agree in every space's."""
        points = np.concatenate([space.points for space in spaces])
        tied = any(space.tied for space in spaces)
        return cls(points, Cells.join([space.cells for space in spaces]), tied)

    @property
    def n_axes(self) -> int:
        """Number of continuous axes."""
        return len(self.points)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return self.points.shape[1]

    def take(self, samples: NDArray[np.bool_]) -> Space:
        """Some of the samples."""
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
    def rows(self) -> NDArray[np.float64]:
        """A point a row, cell by cell."""
        return np.ascontiguousarray(self.points[:, self.cells.order].T)

    def count(self, r: NDArray[np.float64], closed: bool) -> NDArray[np.intp]:
        """Number of samples of its cell nearer than r, or no farther, and itself."""
        if self.n_axes == 0:
            return self.cells.sizes
        out = np.empty(len(r), dtype=np.int32)
        order, start = self.cells.order, self.cells.start
        count_within(self.rows, start, r[order], closed, out)
        return _undo(order, out).astype(np.intp) + 1


def _repeats(values: NDArray[np.float64]) -> bool:
    ascending = np.sort(values)
    return bool((ascending[1:] == ascending[:-1]).any())


def _undo(order: NDArray[np.intp], values: NDArray) -> NDArray:
    """Back to the order of the samples."""
    out = np.empty_like(values)
    out[order] = values
    return out


@dataclass(frozen=True)
class Balls:
    """Of every sample, in the order of samples, the ball that its neighbours span."""

    r: NDArray[np.float64]  # distance of the k-th other of the same cell
    k: NDArray[np.intp]  # the number asked for, or all others
    n: NDArray[np.int32]  # others no farther than r
    extent: NDArray[np.float64]  # (n_axes, n_samples), how far these are along an axis

    @classmethod
    def around(cls, space: Space, n_neighbors: int) -> Balls:
        """Find the neighbours of all samples; no cell has one sample only."""
        rows, order = space.rows, space.cells.order
        r, n = np.empty(len(rows)), np.empty(len(rows), dtype=np.int32)
        extent = np.empty_like(rows)
        kth_distances(rows, space.cells.start, n_neighbors, r, n, extent)
        k = np.minimum(n_neighbors, space.cells.sizes - 1)
        return cls(_undo(order, r), k, _undo(order, n), _undo(order, extent).T)

    @property
    def shared(self) -> bool:
        """Whether a sample has more others within the radius than k."""
        return bool((self.n > self.k).any())


def ball_information(x: Space, y: Space, given: Space, n_neighbors: int) -> float:
    r"""I(x; y | given) = < psi(k) - psi(n_xz) - psi(n_yz) + psi(n_z) >.

    The ball of a sample reaches to its k-th neighbour among those of the same joint
    cell, in the maximum norm of all axes; if there are fewer, to the last. A sample
    alone in its cell is left out. The other counts are of samples nearer than that
    along the axes, and in the cells, of x and given, y and given, or given, and the
    sample itself. Exactly 0 if x or y is constant.

    Where an axis repeats values and some ball is shared, counts are closed: k is that
    of all others in the closed ball, and the other counts are less one if one of these
    is at the edge along an axis counted on; where the radius is 0, k too counts the
    sample. On data without ties that is the same. If only one of x, y and given has
    axes, counts are always closed: then only a tie between cells can be told.
    """
    joint = Space.join(x, y, given)
    kept = joint.cells.sizes > 1
    if not kept.any():
        return 0.0
    if not kept.all():
        joint, x, y, given = (each.take(kept) for each in (joint, x, y, given))
    if x.constant or y.constant:
        return 0.0
    balls = Balls.around(joint, n_neighbors)
    r = balls.r
    closed = (joint.tied and (balls.shared or not r.all())) or (
        sum(each.n_axes > 0 for each in (x, y, given)) == 1
    )
    on_x, on_y, on_z = (
        (extent == r).any(axis=0) & (r > 0) & closed
        for extent in np.split(balls.extent, np.cumsum([x.n_axes, y.n_axes]))
    )
    n_xz = Space.join(x, given).count(r, closed) - (on_x | on_z)
    n_yz = Space.join(y, given).count(r, closed) - (on_y | on_z)
    n_z = given.count(r, closed) - on_z
    k = balls.n + (r == 0) if closed else balls.k
    psi = digammas(len(k))
    # paired so that what is alike cancels exactly
    more, fewer = np.maximum(n_xz, n_yz), np.minimum(n_xz, n_yz)
    return float(np.mean((psi[n_z] - psi[more]) + (psi[k] - psi[fewer])))


def rectangle_information(x: Space, y: Space, n_neighbors: int) -> float:
    r"""I(x; y) = < psi(k) - 1 / k + psi(N) - psi(n_x) - psi(n_y) >.

    The k nearest of the other samples span a rectangle around a sample; n_x counts the
    others that are no farther along the axes of x than it reaches. Where several are as
    near as the k-th, all of them are taken.

    `ball_information` where x or y has cells, an axis repeats values and some ball is
    shared, or a rectangle has no width.
    """
    joint = Space.join(x, y)
    if joint.cells.n_levels > 1:
        return ball_information(x, y, Space.of_nothing(joint.n_samples), n_neighbors)
    balls = Balls.around(joint, n_neighbors)
    width, height = (
        extent.max(axis=0, initial=0) for extent in np.split(balls.extent, [x.n_axes])
    )
    if (joint.tied and balls.shared) or not (width.all() and height.all()):
        return ball_information(x, y, Space.of_nothing(joint.n_samples), n_neighbors)
    n_x, n_y = x.count(width, closed=True) - 1, y.count(height, closed=True) - 1
    psi = digammas(joint.n_samples)
    terms = (psi[-1] - psi[np.maximum(n_x, n_y)]) + (
        psi[balls.n] - 1 / balls.n - psi[np.minimum(n_x, n_y)]
    )
    return float(terms.mean())
