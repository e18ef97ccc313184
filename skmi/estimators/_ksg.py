"""The k-nearest-neighbour estimators of Kraskov and Ross."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from skmi._data.columns import Columns, sort_columns
from skmi._kernels.class_neighbors import class_information
from skmi._kernels.conditional_classes import class_conditional_information
from skmi._kernels.conditional_neighbors import conditional_information
from skmi._kernels.neighbors import pair_information
from skmi._utils.sklearn import Interval, Options, StrOptions
from skmi.estimators._base import Estimator
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    code_block,
    discrete_cmi,
    discrete_condition,
    discrete_mi,
    discrete_target,
)
from skmi.estimators._marginals import MARGINALS
from skmi.estimators._neighbors import (
    Cells,
    Space,
    ball_information,
    digammas,
    rectangle_information,
)

__all__ = ["KSG"]


@dataclass(frozen=True)
class ContinuousBlock:
    """Continuous columns in ascending order, and the samples behind the values."""

    values: NDArray[np.float64]  # (n_columns, n_samples)
    order: NDArray[np.int32]

    def space(self, j: int) -> Space:
        """One column as a space of one axis."""
        values, order = self.values[j], self.order[j]
        unsorted = np.empty_like(values)
        unsorted[order] = values
        return _axis(unsorted, _is_tied(values))


@dataclass(frozen=True)
class Block:
    """Columns of all kinds: of column j, parts[kind[j]] holds the place[j]-th."""

    parts: tuple[ContinuousBlock | DiscreteBlock | Space, ...]
    kind: NDArray[np.intp]
    place: NDArray[np.intp]

    def split(self, columns: NDArray[np.intp]):
        """The parts that hold some of the columns: which of these, and their places."""
        kind = self.kind[columns]
        for i, part in enumerate(self.parts):
            mask = kind == i
            if mask.any():
                yield part, mask, self.place[columns[mask]]


@dataclass(frozen=True)
class ContinuousTarget:
    """A sorted continuous variable, and the strips to seek its neighbours in."""

    values: NDArray[np.float64]
    order: NDArray[np.int32]
    rank: NDArray[np.int32]
    strip_of: NDArray[np.int32]
    start: NDArray[np.int32]
    tied: bool

    @cached_property
    def space(self) -> Space:
        """The variable as a space of one axis."""
        return _axis(self.values[self.rank], self.tied)


@dataclass(frozen=True)
class ClassTarget:
    """A discrete variable: its classes, -1 where a class has one sample only."""

    discrete: DiscreteTarget
    classes: NDArray[np.int32]

    @cached_property
    def space(self) -> Space:
        """The variable as a space without axes."""
        points = np.empty((0, len(self.classes)))
        return Space(points, Cells(self.discrete.z, self.discrete.n_z), False)


@dataclass(frozen=True)
class SpaceTarget:
    """A variable of several dimensions."""

    space: Space


Target = ContinuousTarget | ClassTarget | SpaceTarget


@dataclass(frozen=True)
class ConditionedTarget:
    """A target, and what it is conditioned on."""

    target: Any
    given: Any

    @cached_property
    def classes(self) -> Conditioned:
        """Both as one code, if both are discrete."""
        return discrete_condition(self.target.discrete, self.given.discrete)


class KSG(Estimator):
    r"""k-nearest-neighbour estimate, for continuous, discrete and mixed columns.

    :math:`\hat I(X; Y \mid Z) = \langle \psi(k) - \psi(n_{xz}) - \psi(n_{yz}) +
    \psi(n_z) \rangle`: the ball of a sample reaches to its k-th neighbour in the space
    of X, Y and Z under the maximum norm, and the n count the samples nearer than that
    in the spaces named, and the sample itself. Discrete columns are axes on which
    different levels are infinitely far apart. For a pair, :math:`n_z` is the number of
    samples. This is the estimate of Kraskov, Stögbauer and Grassberger for two
    continuous variables ([1]_, equation 8), of Ross for a continuous and a discrete one
    [2]_, and of Frenzel and Pompe for three continuous ones [3]_; discrete variables
    alone get the plug-in estimate.

    The one to take for continuous columns: nearly unbiased, sees any shape, and needs
    no bins. Costs 20 to 300 nanoseconds for a pair of columns and sample, about a
    microsecond for three, which is what JMI and CMIM ask for at every pick, and some
    microseconds for variables of several dimensions. Cannot exceed about
    :math:`\psi(N) - \psi(k)`; takes a repeated row for a neighbour, so that tables with
    many look informative; and falls short where many columns are joined.

    Parameters
    ----------
    n_neighbors : int, default=4
        k. More neighbours lower the variance and raise the bias; with 3 to 5 the errors
        in `benchmarks/ACCURACY.md` are about alike. In a level, or a
        combination of levels, of fewer samples, k is what there is; a sample that is
        alone there is left out.
    marginals : {"normal", "uniform", "standard", "raw"}, default="normal"
        What a continuous column is turned into. Information does not change under
        increasing maps, but the estimate does: "normal" scores make it independent of
        them, ranks ("uniform") too, but these lie on a lattice, where many distances
        are equal and the estimate is too high in small samples; "standard" centres and
        divides by the standard deviation; "raw" takes the values as they are. Where a
        column mixes a density with single values of many samples, the former two also
        set these apart.
    algorithm : {1, 2}, default=1
        2 takes, for a pair of continuous variables, :math:`\psi(k) - 1 / k + \psi(N) -
        \langle \psi(n_x) + \psi(n_y) \rangle`, where n counts the others no farther
        along X, and along Y, than the k nearest reach ([1]_, equation 9): no less
        biased here, and ten times slower; it is there to compare with the literature.
        All else is as with 1, and so are pairs in which values repeat so that the k
        nearest are not told apart, or all agree with a sample in X or in Y.

    Notes
    -----
    Nothing is jittered: the same data give the same estimate. Where values repeat so
    that, for some sample, more than k others are no farther than the k-th distance, the
    counts of the estimate follow [4]_ and [5]_: k becomes the number of samples within
    the k-th distance, which counts, and so do the other counts. On data without ties
    nothing changes. A constant column has exactly 0. Where both columns are rounded so
    that a cell of their grid holds about one sample, the estimate may still be a tenth
    of a nat off, to either side.

    References
    ----------
    .. [1] A. Kraskov, H. Stögbauer and P. Grassberger, Estimating mutual information,
       Phys. Rev. E 69, 066138 (2004).
    .. [2] B. C. Ross, Mutual information between discrete and continuous data sets,
       PLoS ONE 9, e87357 (2014).
    .. [3] S. Frenzel and B. Pompe, Partial mutual information for coupling analysis of
       multivariate time series, Phys. Rev. Lett. 99, 204101 (2007).
    .. [4] W. Gao, S. Kannan, S. Oh and P. Viswanath, Estimating mutual information for
       discrete-continuous mixtures, NIPS 2017.
    .. [5] O. C. Mesner and C. R. Shalizi, Conditional mutual information estimation for
       mixed, discrete and continuous data, IEEE Trans. Inf. Theory 67 (2021).

    Examples
    --------
    >>> import numpy as np
    >>> import skmi
    >>> from skmi.estimators import KSG
    >>> x = np.linspace(-1, 1, 200)
    >>> round(skmi.mutual_info(x, x**2, estimator=KSG(n_neighbors=5)), 2)
    2.22
    """

    provides = frozenset({"conditional", "join"})

    _parameter_constraints: ClassVar[dict] = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "marginals": [StrOptions({"normal", "uniform", "standard", "raw"})],
        "algorithm": [Options(Integral, {1, 2})],
    }

    def __init__(self, n_neighbors=4, marginals="normal", algorithm=1):
        self.n_neighbors = n_neighbors
        self.marginals = marginals
        self.algorithm = algorithm

    def check(self, n_samples: int) -> None:
        """Raise ValueError if there are not more samples than neighbours."""
        if self.n_neighbors >= n_samples:
            raise ValueError(
                f"n_neighbors={self.n_neighbors} must be below the number of samples, "
                f"{n_samples}."
            )

    def prepare(self, columns: Columns, which: NDArray[np.intp]) -> Block:
        """Sort and transform the continuous columns, code the discrete ones."""
        is_discrete = columns.discrete[which]
        place = np.where(is_discrete, is_discrete.cumsum(), (~is_discrete).cumsum()) - 1
        rows = columns.numbers(which[~is_discrete])
        values, order = sort_columns(rows)
        parts = (
            ContinuousBlock(MARGINALS[self.marginals](values), order),
            code_block(*columns.codes(which[is_discrete])),
        )
        return Block(parts, is_discrete.astype(np.intp), place)

    def join(self, block: Block) -> Block:
        """Make all columns one, of the maximum norm; the discrete ones a code."""
        if len(block.kind) == 1:
            return block
        space = Space.join(
            *(
                _SPACE_OF[type(block.parts[i])](block.parts[i], j)
                for i, j in zip(block.kind, block.place, strict=True)
            )
        )
        codes, n_levels = space.cells.codes[None], np.array([space.cells.n_levels])
        joined = space if space.n_axes else code_block(codes, n_levels)
        return Block((joined,), np.zeros(1, np.intp), np.zeros(1, np.intp))

    def as_target(self, block: Block, column: int) -> Target:
        """Turn one column of a block into a target."""
        part, place = block.parts[block.kind[column]], block.place[column]
        return _TARGET_OF[type(part)](part, place, self.n_neighbors)

    def mi(
        self, block: Block, columns: NDArray[np.intp], target: Target
    ) -> NDArray[np.float64]:
        """I(f; y) by the formula for the kinds of f and y."""
        out = np.empty(len(columns))
        for part, mask, places in block.split(columns):
            kinds = type(part), type(target)
            formula = _FORMULAS[self.algorithm].get(kinds, _OF_SPACES[self.algorithm])
            out[mask] = formula(part, places, target, self.n_neighbors)
        return out

    def condition(self, target: Target, given: Target) -> ConditionedTarget:
        """Hold a target and what it is conditioned on."""
        return ConditionedTarget(target, given)

    def cmi(
        self,
        block: Block,
        columns: NDArray[np.intp],
        conditioned: ConditionedTarget,
    ) -> NDArray[np.float64]:
        """I(f; y | s) by the formula for the kinds of f, y and s."""
        target, given = conditioned.target, conditioned.given
        if given.space.constant:
            return self.mi(block, columns, target)
        out = np.empty(len(columns))
        for part, mask, places in block.split(columns):
            kinds = type(part), type(target), type(given)
            formula = _CONDITIONAL_FORMULAS.get(kinds, _of_spaces_given)
            out[mask] = formula(part, places, conditioned, self.n_neighbors)
        return out


def _axis(values: NDArray[np.float64], tied: bool) -> Space:
    """A space of one axis, or of none if all values are equal: it parts nothing."""
    if (values == values[0]).all():
        return Space.of_nothing(len(values))
    return Space(values[None], Cells.one(len(values)), tied)


def _is_tied(ascending: NDArray[np.float64]) -> bool:
    return bool((ascending[1:] == ascending[:-1]).any())


def _continuous_target(
    block: ContinuousBlock, place: int, n_neighbors: int
) -> ContinuousTarget:
    values, order = block.values[place], block.order[place]
    n = len(values)
    rank = np.empty(n, dtype=np.int32)
    rank[order] = np.arange(n, dtype=np.int32)
    # strips a little wider than the balls of independent columns; equal values together
    width = int(max(8, 1.2 * np.sqrt(n * n_neighbors)))
    start = np.append(np.unique(np.searchsorted(values, values[::width])), n)
    sizes = np.diff(start)
    return ContinuousTarget(
        values=values,
        order=order,
        rank=rank,
        strip_of=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        start=start.astype(np.int32),
        tied=_is_tied(values),
    )


def _class_target(block: DiscreteBlock, place: int, n_neighbors: int) -> ClassTarget:
    target = discrete_target(block, place)
    return ClassTarget(target, _without_singletons(target.z[None], target.n_z)[0])


def _space_target(block: Space, place: int, n_neighbors: int) -> SpaceTarget:
    return SpaceTarget(block)


_TARGET_OF: dict[type, Callable[..., Target]] = {
    ContinuousBlock: _continuous_target,
    DiscreteBlock: _class_target,
    Space: _space_target,
}


def _space_of_codes(block: DiscreteBlock, place: int) -> Space:
    codes = block.codes[place].astype(np.int32)
    cells = Cells(codes, int(block.n_levels[place]))
    return Space(np.empty((0, len(codes))), cells, False)


_SPACE_OF: dict[type, Callable[..., Space]] = {
    ContinuousBlock: ContinuousBlock.space,
    DiscreteBlock: _space_of_codes,
    Space: lambda block, place: block,
}


def _without_singletons(codes: NDArray, n_levels: int) -> NDArray[np.int32]:
    """Codes as classes: -1 where a level has one sample only."""
    classes = codes.astype(np.int32)
    for row in classes:
        alone = np.bincount(row, minlength=n_levels) == 1
        if alone.any():
            row[alone[row]] = -1
    return classes


def _pair_information(
    block: ContinuousBlock,
    places: NDArray[np.intp],
    target: ContinuousTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """KSG 1, for each column of a block with a continuous target."""
    out = np.empty(len(places))
    pair_information(
        block.values, block.order, places, target.values, target.rank,
        target.strip_of, target.start, target.tied, n_neighbors,
        digammas(len(target.values)), out,
    )  # fmt: skip
    return out


def _of_continuous_and_classes(
    block: ContinuousBlock,
    places: NDArray[np.intp],
    target: ClassTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Ross, for each continuous column of a block with a discrete target."""
    out = np.empty(len(places))
    class_information(
        block.values, block.order, target.classes[None], places, target.discrete.n_z,
        n_neighbors, digammas(len(target.classes)), out,
    )  # fmt: skip
    return out


def _of_classes_and_continuous(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    target: ContinuousTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Ross, for each discrete column of a block with a continuous target."""
    out = np.empty(len(places))
    n_levels = int(block.n_levels[places].max())
    classes = _without_singletons(block.codes[places], n_levels)
    class_information(
        target.values[None], target.order[None], classes, np.arange(len(places)),
        n_levels, n_neighbors, digammas(len(target.values)), out,
    )  # fmt: skip
    return out


def _of_classes(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    target: ClassTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    return discrete_mi(block, places, target.discrete)


def _by_balls(
    block: ContinuousBlock | DiscreteBlock | Space,
    places: NDArray[np.intp],
    target: Target,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Variables of whatever kinds, one by one."""
    f = _SPACE_OF[type(block)]
    nothing = Space.of_nothing(target.space.n_samples)
    return np.array(
        [
            ball_information(f(block, j), target.space, nothing, n_neighbors)
            for j in places
        ]
    )


def _by_rectangles(
    block: ContinuousBlock | DiscreteBlock | Space,
    places: NDArray[np.intp],
    target: Target,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """KSG 2, if the variables are continuous."""
    f = _SPACE_OF[type(block)]
    return np.array(
        [rectangle_information(f(block, j), target.space, n_neighbors) for j in places]
    )


_OF_SPACES = {1: _by_balls, 2: _by_rectangles}

_PAIRS: dict[tuple[type, type], Callable[..., NDArray[np.float64]]] = {
    (ContinuousBlock, ContinuousTarget): _pair_information,
    (ContinuousBlock, ClassTarget): _of_continuous_and_classes,
    (DiscreteBlock, ContinuousTarget): _of_classes_and_continuous,
    (DiscreteBlock, ClassTarget): _of_classes,
}
_FORMULAS = {
    1: _PAIRS,
    2: _PAIRS | {(ContinuousBlock, ContinuousTarget): _by_rectangles},
}


def _of_classes_given_classes(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    return discrete_cmi(block, places, conditioned.classes)


def _of_continuous_given_continuous(
    block: ContinuousBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Frenzel and Pompe, for each column of a block with continuous targets."""
    y, s = conditioned.target, conditioned.given
    out = np.empty(len(places))
    conditional_information(
        block.values, block.order, places, y.values, y.order, s.values, s.order,
        n_neighbors, digammas(len(y.values)), out,
    )  # fmt: skip
    return out


def _of_continuous_and_classes_given_continuous(
    block: ContinuousBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """For each continuous column of a block, with classes given a continuous s."""
    y, s = conditioned.target, conditioned.given
    if y.classes.min() < 0:  # samples to leave out
        return _of_spaces_given(block, places, conditioned, n_neighbors)
    start = np.append(0, np.cumsum(np.bincount(y.classes))).astype(np.int32)
    out = np.empty(len(places))
    class_conditional_information(
        block.values, block.order, places, y.classes, start, s.values, s.order,
        n_neighbors, digammas(len(s.values)), out,
    )  # fmt: skip
    return out


def _of_classes_and_continuous_given_continuous(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """For each discrete column of a block, in the place of a target's classes."""
    y = conditioned.target
    f = ContinuousBlock(y.values[None], y.order[None])
    first = np.zeros(1, dtype=np.intp)
    return np.concatenate(
        [
            _of_continuous_and_classes_given_continuous(
                f,
                first,
                ConditionedTarget(
                    _class_target(block, j, n_neighbors), conditioned.given
                ),
                n_neighbors,
            )
            for j in places
        ]
    )


def _of_spaces_given(
    block: ContinuousBlock | DiscreteBlock | Space,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    """Variables of whatever kinds, one by one."""
    f, y, s = _SPACE_OF[type(block)], conditioned.target.space, conditioned.given.space
    return np.array([ball_information(f(block, j), y, s, n_neighbors) for j in places])


_CONDITIONAL_FORMULAS: dict[
    tuple[type, type, type], Callable[..., NDArray[np.float64]]
] = {
    (DiscreteBlock, ClassTarget, ClassTarget): _of_classes_given_classes,
    (
        ContinuousBlock,
        ContinuousTarget,
        ContinuousTarget,
    ): _of_continuous_given_continuous,
    (
        ContinuousBlock,
        ClassTarget,
        ContinuousTarget,
    ): _of_continuous_and_classes_given_continuous,
    (
        DiscreteBlock,
        ContinuousTarget,
        ContinuousTarget,
    ): _of_classes_and_continuous_given_continuous,
}
