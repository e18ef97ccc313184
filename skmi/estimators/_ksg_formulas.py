"""The formulas of the k-nearest-neighbour estimate, by the kinds of the variables."""

from collections.abc import Callable
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._kernels.class_neighbors import class_information
from skmi._kernels.conditional_classes import class_conditional_information
from skmi._kernels.conditional_neighbors import conditional_information
from skmi._kernels.neighbors import pair_information
from skmi.estimators._corrections import cmi_above_chance, mi_above_chance
from skmi.estimators._discrete import DiscreteBlock, drop_small
from skmi.estimators._ksg_bias import correct_bias
from skmi.estimators._ksg_numbers import Numbers
from skmi.estimators._ksg_targets import (
    ClassTarget,
    ConditionedTarget,
    ContinuousTarget,
    Part,
    SortedColumns,
    Target,
    entropy_of_ascending,
    space_of,
)
from skmi.estimators._neighbors import (
    ball_estimates,
    digammas,
    rectangle_information,
)

__all__ = ["PAIR_FORMULAS", "TRIPLE_FORMULAS"]


# --- pairs


def _continuous_pair(
    part: SortedColumns,
    places: NDArray[np.intp],
    target: ContinuousTarget,
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the estimate of Kraskov for continuous f and y."""
    ks = numbers.below(len(target.values))
    out = np.empty((len(places), len(numbers.ks)))
    pair_information(
        part.values, part.order, places, target.values, target.rank,
        target.strip_of, target.start, target.tied, ks,
        digammas(len(target.values)), out,
    )  # fmt: skip
    if numbers.corrected:
        own = (entropy_of_ascending(part.values[place]) for place in places)
        limits = np.minimum(np.fromiter(own, float, len(places)), target.entropy)
        out = correct_bias(out, ks, len(target.values), limits)
    return numbers.mean(out)


def _continuous_and_classes(
    part: SortedColumns,
    places: NDArray[np.intp],
    target: ClassTarget,
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the estimate of Ross for continuous f and discrete y."""
    out = np.empty((len(places), len(numbers.ks)))
    class_information(
        part.values, part.order, target.classes[None], places, target.discrete.n_z,
        numbers.below(len(target.classes)), digammas(len(target.classes)), out,
    )  # fmt: skip
    return numbers.mean(out)


def _classes_and_continuous(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    target: ContinuousTarget,
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the estimate of Ross for discrete f and continuous y."""
    out = np.empty((len(places), len(numbers.ks)))
    codes = part.codes[places].astype(np.int32)
    classes = np.stack([drop_small(row, 2) for row in codes])
    class_information(
        target.values[None], target.order[None], classes, np.arange(len(places)),
        int(part.n_levels[places].max()), numbers.below(len(target.values)),
        digammas(len(target.values)), out,
    )  # fmt: skip
    return numbers.mean(out)


def _plug_in(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    target: ClassTarget,
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the plug-in estimate, corrected by chance, for discrete f and y."""
    return mi_above_chance(part, places, target.discrete)


def _balls(
    part: Part, places: NDArray[np.intp], target: Target, numbers: Numbers
) -> NDArray[np.float64]:
    """Return the general estimate for f and y of any kind, one column at a time."""
    y = target.alone
    spaces = (space_of(part, place) for place in places)
    return numbers.mean(np.array([ball_estimates(x, y, numbers.ks) for x in spaces]))


def _rectangles(
    part: Part, places: NDArray[np.intp], target: Target, numbers: Numbers
) -> NDArray[np.float64]:
    """Return Kraskov's second estimate, or the general one if f or y has classes."""
    y = target.alone
    spaces = (space_of(part, place) for place in places)
    return numbers.mean(
        np.array([[rectangle_information(x, y, k) for k in numbers.ks] for x in spaces])
    )


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
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the estimate of Frenzel and Pompe for continuous f, y and s."""
    y, s = conditioned.target, conditioned.given
    out = np.empty((len(places), len(numbers.ks)))
    conditional_information(
        part.values, part.order, places, y.values, y.order, s.values, s.order,
        numbers.below(len(y.values)), digammas(len(y.values)), out,
    )  # fmt: skip
    return numbers.mean(out)


def _continuous_and_classes_given_continuous(
    part: SortedColumns,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[ClassTarget, ContinuousTarget],
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the general estimate for continuous f and s and discrete y."""
    y, s = conditioned.target, conditioned.given
    if y.classes.min() < 0:  # the kernel takes all samples
        return _balls_given(part, places, conditioned, numbers)
    start = np.append(0, np.cumsum(np.bincount(y.classes))).astype(np.int32)
    out = np.empty((len(places), len(numbers.ks)))
    class_conditional_information(
        part.values, part.order, places, y.classes, start, s.values, s.order,
        numbers.below(len(s.values)), digammas(len(s.values)), out,
    )  # fmt: skip
    return numbers.mean(out)


def _classes_and_continuous_given_continuous(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[ContinuousTarget, ContinuousTarget],
    numbers: Numbers,
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
                column, first, ConditionedTarget(target, s), numbers
            )
            for target in targets
        ]
    )


def _plug_in_given(
    part: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[ClassTarget, ClassTarget],
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the plug-in estimate, corrected by chance, for discrete f, y and s."""
    return cmi_above_chance(part, places, conditioned.codes)


def _balls_given(
    part: Part,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget[Target, Target],
    numbers: Numbers,
) -> NDArray[np.float64]:
    """Return the general estimate for f, y and s of any kind, one column at a time."""
    spaces = (space_of(part, place) for place in places)
    return numbers.mean(
        np.array([ball_estimates(x, conditioned.spaces, numbers.ks) for x in spaces])
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
