"""The formulas of the k-nearest-neighbour estimate, by the kinds of the variables."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import ClassVar, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from skmi._kernels.class_neighbors import class_information
from skmi._kernels.conditional_classes import class_conditional_information
from skmi._kernels.conditional_neighbors import conditional_information
from skmi._kernels.neighbors import pair_information
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    discrete_cmi,
    discrete_condition,
    discrete_mi,
    discrete_target,
    drop_small,
)
from skmi.estimators._neighbors import (
    ball_information,
    digammas,
    rectangle_information,
)
from skmi.estimators._spaces import ConditionedSpace, Space

__all__ = [
    "PAIR_FORMULAS",
    "TRIPLE_FORMULAS",
    "ConditionedTarget",
    "Part",
    "SortedColumns",
    "Target",
    "kinds_of",
    "space_of",
    "target_of",
]

T = TypeVar("T", bound="Target", covariant=True)
G = TypeVar("G", bound="Target", covariant=True)

# --- columns


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class SpaceTarget(Target):
    """A variable of several dimensions."""

    kind = "s"
    only: Space

    @property
    def space(self) -> Space:
        """The variable as a space."""
        return self.only


@dataclass(frozen=True)
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


_PART_KINDS: dict[type, str] = {SortedColumns: "c", DiscreteBlock: "d", Space: "s"}


def kinds_of(part: Part, *targets: Target) -> str:
    """Return a letter for each variable: continuous, discrete, or a space of several.

    The letters are the keys of the tables of formulas.
    """
    return _PART_KINDS[type(part)] + "".join(target.kind for target in targets)


# --- pairs


def _continuous_pair(
    part: SortedColumns,
    places: NDArray[np.intp],
    target: ContinuousTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the estimate of Kraskov for continuous f and y."""
    out = np.empty(len(places))
    pair_information(
        part.values, part.order, places, target.values, target.rank,
        target.strip_of, target.start, target.tied, n_neighbors,
        digammas(len(target.values)), out,
    )  # fmt: skip
    return out


def _continuous_and_classes(
    part: SortedColumns,
    places: NDArray[np.intp],
    target: ClassTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the estimate of Ross for continuous f and discrete y."""
    out = np.empty(len(places))
    class_information(
        part.values, part.order, target.classes[None], places, target.discrete.n_z,
        n_neighbors, digammas(len(target.classes)), out,
    )  # fmt: skip
    return out


def _classes_and_continuous(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    target: ContinuousTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the estimate of Ross for discrete f and continuous y."""
    out = np.empty(len(places))
    codes = part.codes[places].astype(np.int32)
    classes = np.stack([drop_small(row, 2) for row in codes])
    class_information(
        target.values[None], target.order[None], classes, np.arange(len(places)),
        int(part.n_levels[places].max()), n_neighbors, digammas(len(target.values)),
        out,
    )  # fmt: skip
    return out


def _plug_in(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    target: ClassTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the plug-in estimate for discrete f and y."""
    return discrete_mi(part, places, target.discrete)


def _balls(
    part: Part, places: NDArray[np.intp], target: Target, n_neighbors: int
) -> NDArray[np.float64]:
    """Return the general estimate for f and y of any kind, one column at a time."""
    y = target.alone
    spaces = (space_of(part, place) for place in places)
    return np.array([ball_information(x, y, n_neighbors) for x in spaces])


def _rectangles(
    part: Part, places: NDArray[np.intp], target: Target, n_neighbors: int
) -> NDArray[np.float64]:
    """Return Kraskov's second estimate, or the general one if f or y has classes."""
    y = target.alone
    spaces = (space_of(part, place) for place in places)
    return np.array([rectangle_information(x, y, n_neighbors) for x in spaces])


Formula: TypeAlias = Callable[..., NDArray[np.float64]]

# By algorithm, then by the kinds of f and y: continuous, discrete, several dimensions.
_WITH_SPACES = ("cs", "ds", "sc", "sd", "ss")
PAIR_FORMULAS: dict[int, dict[str, Formula]] = {
    1: {
        "cc": _continuous_pair,
        "cd": _continuous_and_classes,
        "dc": _classes_and_continuous,
        "dd": _plug_in,
        **dict.fromkeys(_WITH_SPACES, _balls),
    },
    2: {
        "cc": _rectangles,
        "cd": _continuous_and_classes,
        "dc": _classes_and_continuous,
        "dd": _plug_in,
        **dict.fromkeys(_WITH_SPACES, _rectangles),
    },
}


# --- triples


def _continuous_triple(
    part: SortedColumns,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[ContinuousTarget, ContinuousTarget],
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the estimate of Frenzel and Pompe for continuous f, y and s."""
    y, s = conditioned.target, conditioned.given
    out = np.empty(len(places))
    conditional_information(
        part.values, part.order, places, y.values, y.order, s.values, s.order,
        n_neighbors, digammas(len(y.values)), out,
    )  # fmt: skip
    return out


def _continuous_and_classes_given_continuous(
    part: SortedColumns,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[ClassTarget, ContinuousTarget],
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the general estimate for continuous f and s and discrete y."""
    y, s = conditioned.target, conditioned.given
    if y.classes.min() < 0:  # the kernel takes all samples
        return _balls_given(part, places, conditioned, n_neighbors)
    start = np.append(0, np.cumsum(np.bincount(y.classes))).astype(np.int32)
    out = np.empty(len(places))
    class_conditional_information(
        part.values, part.order, places, y.classes, start, s.values, s.order,
        n_neighbors, digammas(len(s.values)), out,
    )  # fmt: skip
    return out


def _classes_and_continuous_given_continuous(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[ContinuousTarget, ContinuousTarget],
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the general estimate for discrete f and continuous y and s.

    I(f; y | s) is I(y; f | s): each column is the target once.
    """
    y, s = conditioned.target, conditioned.given
    column, first = SortedColumns(y.values[None], y.order[None]), np.zeros(1, np.intp)
    targets = (ClassTarget.of(part, place) for place in places)
    return np.concatenate(
        [
            _continuous_and_classes_given_continuous(
                column, first, ConditionedTarget(target, s), n_neighbors
            )
            for target in targets
        ]
    )


def _plug_in_given(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[ClassTarget, ClassTarget],
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the plug-in estimate for discrete f, y and s."""
    return discrete_cmi(part, places, conditioned.codes)


def _balls_given(
    part: Part,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[Target, Target],
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Return the general estimate for f, y and s of any kind, one column at a time."""
    spaces = (space_of(part, place) for place in places)
    return np.array(
        [ball_information(x, conditioned.spaces, n_neighbors) for x in spaces]
    )


# By the kinds of f, y and s.
TRIPLE_FORMULAS: dict[str, Formula] = {
    "ccc": _continuous_triple,
    "cdc": _continuous_and_classes_given_continuous,
    "dcc": _classes_and_continuous_given_continuous,
    "ddd": _plug_in_given,
    "ccd": _balls_given,
    "cdd": _balls_given,
    "dcd": _balls_given,
    "ddc": _balls_given,
    **dict.fromkeys(
        [kinds for kinds in map("".join, product("cds", repeat=3)) if "s" in kinds],
        _balls_given,
    ),
}
