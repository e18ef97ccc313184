"""Columns and targets of the k-nearest-neighbour estimate."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import ClassVar, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    discrete_condition,
    discrete_target,
    drop_small,
    entropy_of_counts,
)
from skmi.estimators._spaces import ConditionedSpace, Space

__all__ = [
    "ClassTarget",
    "ConditionedTarget",
    "ContinuousTarget",
    "Part",
    "SortedColumns",
    "Target",
    "codes_of",
    "entropy_of_ascending",
    "kinds_of",
    "space_of",
    "target_of",
]

T = TypeVar("T", bound="Target", covariant=True)
G = TypeVar("G", bound="Target", covariant=True)

# --- columns


@dataclass(frozen=True, eq=False)
class SortedColumns:
    """Continuous columns in ascending order, and the sample of each value."""

    values: NDArray[np.float64]  # (n_columns, n_samples)
    order: NDArray[np.int32]

    def space(self, place: int) -> Space:
        """Return one column as a space."""
        values, order = self.values[place], self.order[place]
        unsorted = np.empty_like(values)
        unsorted[order] = values
        return Space.of_values(unsorted, _is_tied(values))


Part: TypeAlias = SortedColumns | DiscreteBlock | Space


def _is_tied(ascending: NDArray[np.float64]) -> bool:
    """Return whether a value occurs twice."""
    return bool((ascending[1:] == ascending[:-1]).any())


def entropy_of_ascending(values: NDArray[np.float64]) -> float:
    """Return the entropy of the frequencies of values: log n if none repeats."""
    differs = values[1:] != values[:-1]
    if differs.all():
        return log(len(values))
    starts = np.flatnonzero(differs) + 1
    return entropy_of_counts(np.diff(starts, prepend=0, append=len(values)))


def space_of(part: Part, place: int) -> Space:
    """Return one variable as a space."""
    if isinstance(part, SortedColumns):
        return part.space(place)
    if isinstance(part, DiscreteBlock):
        codes = part.codes[place].astype(np.int32)
        return Space.of_codes(codes, int(part.n_levels[place]))
    return part


# --- targets


class Target(ABC):
    """A variable that columns are compared with."""

    kind: ClassVar[str]

    @property
    @abstractmethod
    def space(self) -> Space:
        """The variable as a space."""

    @cached_property
    def alone(self) -> ConditionedSpace:
        """The variable as a space, given a constant."""
        return ConditionedSpace(self.space, Space.of_nothing(self.space.n_samples))


@dataclass(frozen=True, eq=False)
class ContinuousTarget(Target):
    """A sorted continuous variable, cut into the strips that a search visits."""

    kind = "c"
    values: NDArray[np.float64]
    order: NDArray[np.int32]
    rank: NDArray[np.int32]
    strip_of: NDArray[np.int32]
    start: NDArray[np.int32]
    tied: bool

    @classmethod
    def of(
        cls, values: NDArray[np.float64], order: NDArray[np.int32], n_neighbors: int
    ) -> "ContinuousTarget":
        """Cut sorted values into strips, a little wider than the balls.

        The balls are those of independent columns. Equal values share a strip.
        """
        n = len(values)
        rank = np.empty(n, dtype=np.int32)
        rank[order] = np.arange(n, dtype=np.int32)
        width = int(max(8, 1.2 * np.sqrt(n * n_neighbors)))
        start = np.append(np.unique(np.searchsorted(values, values[::width])), n)
        sizes = np.diff(start)
        strip_of = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        return cls(
            values, order, rank, strip_of, start.astype(np.int32), _is_tied(values)
        )

    @cached_property
    def space(self) -> Space:
        """The variable as a space."""
        return Space.of_values(self.values[self.rank], self.tied)

    @cached_property
    def entropy(self) -> float:
        """The entropy of the frequencies of its values."""
        return entropy_of_ascending(self.values)


@dataclass(frozen=True, eq=False)
class ClassTarget(Target):
    """A discrete variable. Its classes are -1 where a level has a single sample."""

    kind = "d"
    discrete: DiscreteTarget
    classes: NDArray[np.int32]

    @classmethod
    def of(cls, block: DiscreteBlock, place: int) -> "ClassTarget":
        """Prepare one discrete column."""
        target = discrete_target(block, place)
        return cls(target, drop_small(target.z, 2))

    @cached_property
    def space(self) -> Space:
        """The variable as a space."""
        return Space.of_codes(self.discrete.z, self.discrete.n_z)


@dataclass(frozen=True, eq=False)
class SpaceTarget(Target):
    """A variable of several dimensions."""

    kind = "s"
    only: Space

    @property
    def space(self) -> Space:
        """The variable as a space."""
        return self.only


@dataclass(frozen=True, eq=False)
class ConditionedTarget(Generic[T, G]):
    """A target, and the variable it is conditioned on."""

    target: T
    given: G

    @cached_property
    def codes(self: "ConditionedTarget[ClassTarget, ClassTarget]") -> Conditioned:
        """Both as one code, if both are discrete."""
        return discrete_condition(self.target.discrete, self.given.discrete)

    @cached_property
    def spaces(self) -> ConditionedSpace:
        """Both as spaces."""
        return ConditionedSpace(self.target.space, self.given.space)


def target_of(part: Part, place: int, n_neighbors: int) -> Target:
    """Prepare one variable as a target."""
    if isinstance(part, SortedColumns):
        return ContinuousTarget.of(part.values[place], part.order[place], n_neighbors)
    if isinstance(part, DiscreteBlock):
        return ClassTarget.of(part, place)
    return SpaceTarget(part)


def codes_of(
    target: Target | ConditionedTarget[Target, Target],
) -> DiscreteTarget | Conditioned | None:
    """Return a target, and what it is conditioned on, as codes if all is discrete."""
    if isinstance(target, ClassTarget):
        return target.discrete
    if not isinstance(target, ConditionedTarget):
        return None
    y, s = target.target, target.given
    if isinstance(y, ClassTarget) and isinstance(s, ClassTarget):
        return ConditionedTarget(y, s).codes
    return None


_PART_KINDS: dict[type, str] = {SortedColumns: "c", DiscreteBlock: "d", Space: "s"}


def kinds_of(part: Part, *targets: Target) -> str:
    """Return a letter for each variable: continuous, discrete, or a space of several.

    The letters are the keys of the tables of formulas.
    """
    return _PART_KINDS[type(part)] + "".join(target.kind for target in targets)
