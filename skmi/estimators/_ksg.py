"""The k-nearest-neighbour estimators of Kraskov and Ross."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from skmi._columns import Columns, sort_columns
from skmi._kernels.class_neighbors import class_information
from skmi._kernels.neighbors import pair_information
from skmi._sklearn import Interval, StrOptions
from skmi.estimators._base import Estimator
from skmi.estimators._discrete import (
    DiscreteBlock,
    DiscreteTarget,
    code_block,
    discrete_mi,
    discrete_target,
)
from skmi.estimators._marginals import _MARGINALS

__all__ = ["KSG"]


@dataclass(frozen=True)
class ContinuousBlock:
    """Continuous columns in ascending order, and the samples behind the values."""

    values: NDArray[np.float64]  # (n_columns, n_samples)
    order: NDArray[np.int32]


@dataclass(frozen=True)
class Block:
    """Columns of both kinds, and where each stands among those of its kind."""

    continuous: ContinuousBlock
    discrete: DiscreteBlock
    is_discrete: NDArray[np.bool_]
    place: NDArray[np.intp]


@dataclass(frozen=True)
class ContinuousTarget:
    """A sorted continuous variable, and the strips to seek its neighbours in."""

    values: NDArray[np.float64]
    order: NDArray[np.int32]
    rank: NDArray[np.int32]
    strip_of: NDArray[np.int32]
    start: NDArray[np.int32]
    tied: bool


@dataclass(frozen=True)
class ClassTarget:
    """A discrete variable: its classes, -1 where a class has one sample only."""

    discrete: DiscreteTarget
    classes: NDArray[np.int32]


class KSG(Estimator):
    r"""k-nearest-neighbour estimate, for continuous and mixed pairs.

    Continuous with continuous: :math:`\psi(k) + \psi(N) - \langle \psi(n_x + 1) +
    \psi(n_y + 1) \rangle`, where :math:`n_x` counts the samples nearer along x than the
    k-th neighbour in the plane under the maximum norm [1]_, equation 8. Continuous with
    discrete: :math:`\psi(N) + \langle \psi(k) \rangle - \langle \psi(N_y) \rangle -
    \langle \psi(m) \rangle` [2]_; k shrinks in small classes, and classes of one sample
    are left out. Discrete with discrete: the plug-in estimate.

    The one to take for the relevance of continuous columns: nearly unbiased, sees any
    shape. Costs 40 to 400 nanoseconds for a column and sample. Cannot exceed about
    :math:`\psi(N) - \psi(k)`, and counts a duplicated row as a neighbour, so that
    tables with repeated rows look informative.

    Parameters
    ----------
    n_neighbors : int, default=3
        k. More neighbours lower the variance and raise the bias.
    marginals : {"normal", "uniform", "standard", "raw"}, default="normal"
        What a continuous column is turned into. Information does not change under
        increasing maps, but the estimate does: "normal" scores make it independent of
        them, ranks ("uniform") too; "standard" centres and divides by the standard
        deviation; "raw" takes the values as they are.

    Notes
    -----
    Nothing is jittered: the same data give the same estimate. Where values repeat so
    that, for some sample, more than k others are no farther than the k-th distance, the
    counts of the pair follow [3]_ and [4]_: k becomes the number of samples within the
    k-th distance, which counts, and so do the marginals' counts. On data without ties
    this is [1]_. A constant column has exactly 0. Where both columns are rounded so
    that a cell of their grid holds about one sample, the estimate may still be a tenth
    of a nat off, to either side.

    References
    ----------
    .. [1] A. Kraskov, H. Stögbauer and P. Grassberger, Estimating mutual information,
       Phys. Rev. E 69, 066138 (2004).
    .. [2] B. C. Ross, Mutual information between discrete and continuous data sets,
       PLoS ONE 9, e87357 (2014).
    .. [3] W. Gao, S. Kannan, S. Oh and P. Viswanath, Estimating mutual information for
       discrete-continuous mixtures, NIPS 2017.
    .. [4] O. C. Mesner and C. R. Shalizi, Conditional mutual information estimation for
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

    provides = frozenset({"redundancy"})

    _parameter_constraints: ClassVar[dict] = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "marginals": [StrOptions({"normal", "uniform", "standard", "raw"})],
    }

    def __init__(self, n_neighbors=3, marginals="normal"):
        self.n_neighbors = n_neighbors
        self.marginals = marginals

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
        return Block(
            ContinuousBlock(_MARGINALS[self.marginals](values), order),
            code_block(*columns.codes(which[is_discrete])),
            is_discrete,
            place,
        )

    def as_target(self, block: Block, column: int) -> ContinuousTarget | ClassTarget:
        """Turn one column of a block into a target."""
        place = block.place[column]
        if block.is_discrete[column]:
            return _class_target(block.discrete, place)
        values, order = block.continuous.values[place], block.continuous.order[place]
        return _continuous_target(values, order, self.n_neighbors)

    def mi(
        self,
        block: Block,
        columns: NDArray[np.intp],
        target: ContinuousTarget | ClassTarget,
    ) -> NDArray[np.float64]:
        """I(f; y) by the formula for the kinds of f and y."""
        out = np.empty(len(columns))
        of_kind = {True: block.discrete, False: block.continuous}
        for is_discrete, part in of_kind.items():
            mask = block.is_discrete[columns] == is_discrete
            if mask.any():
                estimate = _FORMULAS[type(part), type(target)]
                out[mask] = estimate(
                    part, block.place[columns[mask]], target, self.n_neighbors
                )
        return out


@lru_cache(maxsize=1)
def _digammas(n: int) -> NDArray[np.float64]:
    """Digamma function of 0 to n."""
    psi = np.concatenate([[-np.inf], digamma(np.arange(1.0, n + 1))])
    psi.flags.writeable = False
    return psi


def _continuous_target(
    values: NDArray[np.float64], order: NDArray[np.int32], n_neighbors: int
) -> ContinuousTarget:
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
        tied=bool((values[1:] == values[:-1]).any()),
    )


def _class_target(block: DiscreteBlock, place: int) -> ClassTarget:
    target = discrete_target(block, place)
    return ClassTarget(target, _without_singletons(target.z[None], target.n_z)[0])


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
        _digammas(len(target.values)), out,
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
        n_neighbors, _digammas(len(target.classes)), out,
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
        n_levels, n_neighbors, _digammas(len(target.values)), out,
    )  # fmt: skip
    return out


def _of_classes(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    target: ClassTarget,
    n_neighbors: int,
) -> NDArray[np.float64]:
    return discrete_mi(block, places, target.discrete)


_FORMULAS: dict[tuple[type, type], Callable[..., NDArray[np.float64]]] = {
    (ContinuousBlock, ContinuousTarget): _pair_information,
    (ContinuousBlock, ClassTarget): _of_continuous_and_classes,
    (DiscreteBlock, ContinuousTarget): _of_classes_and_continuous,
    (DiscreteBlock, ClassTarget): _of_classes,
}
