"""Variables that are normal within classes, and variances around regressions on them.

A class is a joint level of the discrete variables. What is left out, and what counts
as 0:

* A class of fewer than d + 2 samples, where d is the number of continuous dimensions
  of f, y and s, is left out of all terms. Without any other class the information is 0.
* A residual variance within rounding of 0 is 0.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from skmi._kernels.moments import sum_by_class, sum_products
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    discrete_condition,
    discrete_target,
    large_levels,
    sum_by,
)
from skmi.estimators._pieces import ScoredColumns, Variable

__all__ = [
    "ROUNDING",
    "ConditionedTarget",
    "Frame",
]

# A variance below this share of the mean square is a rounding error.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Frame:
    """Classes, and orthonormal directions in each, for regressions of columns."""

    classes: NDArray[np.int32] | None  # of the samples; -1: left out; None: only one
    counts: NDArray[np.float64]
    directions: NDArray[np.float64]  # (n_dimensions, n_samples), orthonormal in a class
    ranks: NDArray[np.intp]  # (n_dimensions + 1, n_classes), of the first so many

    @classmethod
    def of(
        cls, rows: NDArray[np.float64], classes: NDArray[np.int32], n_classes: int
    ) -> "Frame":
        """Orthogonalize rows in their order, by Gram and Schmidt."""
        # samples that are left out get a class of their own here
        labels = (classes % (n_classes + 1)).astype(np.intp)

        def within(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return sum_by(labels, values, n_classes + 1)

        sizes = np.bincount(labels, minlength=n_classes + 1)
        directions = np.zeros(rows.shape)
        ranks = np.zeros((len(rows) + 1, n_classes), dtype=np.intp)
        for i, row in enumerate(rows):
            residual = row - (within(row) / np.maximum(sizes, 1))[labels]
            for direction in directions[:i]:
                residual -= within(residual * direction)[labels] * direction
            squares = within(residual * residual)
            is_new = squares > ROUNDING * within(row * row)
            is_new[n_classes:] = False
            directions[i] = residual * np.where(is_new, squares, np.inf)[labels] ** -0.5
            ranks[i + 1] = ranks[i] + is_new[:n_classes]
        only_one = n_classes == 1 and sizes[1] == 0
        counts = sizes[:n_classes].astype(np.float64)
        return cls(None if only_one else classes, counts, directions, ranks)

    def moments(
        self, columns: ScoredColumns, places: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Sum x, x^2 and x along the directions: (n_columns, n_classes, 2 + d)."""
        shape = (len(places), len(self.counts), 2 + len(self.directions))
        if self.classes is not None:
            sums = np.zeros(shape)
            sum_by_class(columns.rows, places, self.classes, self.directions, sums)
            return sums
        sums = np.empty(shape)
        sum_products(columns.rows, places, self.directions, sums[:, 0, 2:])
        sums[:, 0, 0] = 0
        sums[:, 0, 1] = self.counts * columns.varies[places]
        return sums

    def variances(
        self, moments: NDArray[np.float64], n_directions: int
    ) -> NDArray[np.float64]:
        """Return the variance of x in a class around its regression on directions.

        These are the first n_directions.
        """
        total, squares = moments[..., 0], moments[..., 1]
        along = moments[..., 2 : 2 + n_directions]
        residual = squares - total**2 / self.counts - (along**2).sum(axis=2)
        return np.where(residual > ROUNDING * squares, residual, 0) / self.counts


@dataclass(frozen=True, eq=False)
class ConditionedTarget:
    """A target and the variable that it is conditioned on, which may be a constant."""

    target: Variable
    given: Variable

    @cached_property
    def rows(self) -> NDArray[np.float64]:
        """The continuous dimensions, the given ones first."""
        return np.vstack([self.given.rows, self.target.rows])

    @cached_property
    def classes(self) -> tuple[NDArray[np.int32], int, NDArray[np.intp]]:
        """Joined codes, their number, and the given level of each."""
        classes, n_classes = self.given.join_codes(self.target)
        given_of = np.zeros(n_classes, dtype=np.intp)
        given_of[classes] = self.given.codes
        return classes, n_classes, given_of

    @cached_property
    def bound(self) -> float:
        """H(y | s) of a discrete y, where s is its code; infinity of others."""
        if len(self.target.rows):
            return np.inf
        codes = self.codes
        n, given = len(codes.given.z), codes.given.joint_sum
        return max(given - codes.joined.joint_sum, 0.0) / n

    @cached_property
    def codes(self) -> Conditioned:
        """The discrete codes of both, for the plug-in estimate."""
        target, given = (
            discrete_target(DiscreteBlock(v.codes[None], np.array([v.n_levels])), 0)
            for v in (self.target, self.given)
        )
        return discrete_condition(target, given)

    @cached_property
    def frames(self) -> tuple[Frame, Frame, NDArray[np.intp]]:
        """Frame of the given, frame of both, and the given class of each class of both.

        If the target is continuous, both frames are the same object.
        """
        classes, n_classes, given_of = self.classes
        enough = large_levels(classes, len(self.rows) + 3, n_classes)
        number = np.where(enough, enough.cumsum() - 1, -1).astype(np.int32)
        classes, given_of = number[classes], given_of[enough]
        fine = Frame.of(self.rows, classes, len(given_of))
        if self.target.n_levels == 1:
            return fine, fine, np.arange(len(given_of))
        levels, given_of = np.unique(given_of, return_inverse=True)
        classes = np.append(given_of, -1).astype(np.int32)[classes]
        return Frame.of(self.given.rows, classes, len(levels)), fine, given_of
