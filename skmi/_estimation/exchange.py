"""What a permutation may exchange, if rows are not independent of each other.

An `Exchange` draws the orders of the samples for all permutation tests. It knows which
rows may change places: any two if rows are independent, and otherwise rows of a group,
whole groups, or whole stretches of consecutive rows.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from skmi._data.columns import Columns
from skmi._utils.messages import ParameterError, Setting
from skmi._utils.sklearn import Interval, StrOptions

__all__ = ["EXCHANGE_CONSTRAINT", "Exchange", "check_exchange"]

# More orders than these are as good as infinitely many.
_MANY_ORDERS = 1e15

# The values of the parameter `exchange`, for scikit-learn's check of parameters.
EXCHANGE_CONSTRAINT: list[Any] = [
    StrOptions({"rows", "within_groups", "groups"}),
    Interval(Integral, 2, None, closed="left"),
]


@dataclass(frozen=True, eq=False)
class Exchange(ABC):
    """Which rows may change places; it draws orders of the rows accordingly.

    `check_exchange` makes one from the parameters of a user. An exchange never changes
    and can be pickled.

    Parameters
    ----------
    setting : str or int
        The parameter `exchange`.
    n_samples : int
    n_distinct : float
        The number of distinct orders, or inf if they are very many. A p-value cannot be
        below 1 / n_distinct.
    """

    setting: str | int
    n_samples: int
    n_distinct: float

    _remedy: ClassVar[str]

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw an order."""

    @abstractmethod
    def draw_half(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw half of the rows, in increasing order, for a standard error."""

    def order(self, seed: int, number: int) -> NDArray[np.intp]:
        """Draw an order, which depends only on the seed and its number."""
        return self.draw(np.random.default_rng([seed, number]))

    def orders(self, seed: int, numbers: Iterable[int]) -> NDArray[np.intp]:
        """Draw orders, one in a row."""
        return np.stack([self.order(seed, number) for number in numbers])

    def orders_together(self, seed: Sequence[int], n_orders: int) -> NDArray[np.intp]:
        """Draw orders, one in a row, from one stream of random numbers."""
        rng = np.random.default_rng(seed)
        return np.stack([self.draw(rng) for _ in range(n_orders)])

    def check_analytic(self) -> None:
        """Raise ValueError if rows depend on each other: analytic tests assume not."""
        if self.setting != "rows":
            raise ParameterError(
                Setting("p_value", "analytic"),
                " needs independent rows, but ",
                Setting("exchange", self.setting),
                " does not assume them; set ",
                Setting("p_value", "permutation"),
                ".",
            )

    def check_target(self, y: Columns) -> None:
        """Raise ValueError if every permutation leaves the target as it is."""
        every = np.arange(y.n_columns)
        rows = y.recode(every).numbers(every)
        if all(self._keeps(row) for row in rows) and np.ptp(rows, axis=1).any():
            raise ParameterError(
                "y is constant within groups, so ",
                Setting("exchange", self.setting),
                " leaves it as it is; set ",
                Setting("exchange", "groups"),
                ".",
            )

    def _keeps(self, y: NDArray[np.float64]) -> bool:
        """Return whether every permutation leaves y as it is."""
        return False

    def check_alpha(self, alpha: float) -> None:
        """Raise ValueError if the orders are too few for a p-value as low as alpha."""
        if self.n_distinct * alpha < 1 - 1e-9:
            raise ParameterError(
                Setting("exchange", self.setting),
                f" allows only {self.n_distinct:g} orders of the rows, which cannot "
                f"produce a p-value <= alpha={alpha:g}; {self._remedy}, or a larger "
                "alpha.",
            )


class _Rows(Exchange):
    """Any row may change places with any other."""

    _remedy = "use more rows"

    def draw(self, rng: np.random.Generator) -> NDArray[np.intp]:
        return rng.permutation(self.n_samples)

    def draw_half(self, rng: np.random.Generator) -> NDArray[np.intp]:
        return _first_half(self.draw(rng))

    def orders_together(self, seed: Sequence[int], n_orders: int) -> NDArray[np.intp]:
        rows = np.tile(np.arange(self.n_samples), (n_orders, 1))
        return np.random.default_rng(seed).permuted(rows, axis=1)


@dataclass(frozen=True, eq=False)
class _Groups(Exchange):
    """An exchange that depends on groups of rows.

    Parameters
    ----------
    codes : ndarray of shape (n_samples,)
        The number of the group of each row, from 0.
    """

    codes: NDArray[np.intp]

    @cached_property
    def _by_group(self) -> NDArray[np.intp]:
        """The rows of the first group, then those of the second, and so on."""
        return np.argsort(self.codes, kind="stable")

    def _place(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the order that puts these rows in place of `_by_group`."""
        order = np.empty_like(rows)
        order[self._by_group] = rows
        return order


class _WithinGroups(_Groups):
    """Rows of the same group may change places."""

    _remedy = "use larger groups"

    def _keeps(self, y: NDArray[np.float64]) -> bool:
        first = np.empty(self.codes.max() + 1)
        first[self.codes] = y
        return bool((first[self.codes] == y).all())

    def draw(self, rng: np.random.Generator) -> NDArray[np.intp]:
        return self._place(self._shuffle(rng))

    def draw_half(self, rng: np.random.Generator) -> NDArray[np.intp]:
        return np.sort(self._shuffle(rng)[1::2])  # half of every group

    def _shuffle(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """Return the rows group by group, in random order within each."""
        return np.lexsort((rng.random(self.n_samples), self.codes))


@dataclass(frozen=True, eq=False)
class _WholeGroups(_Groups):
    """Groups of equal size change places; each keeps its rows in their order.

    Parameters
    ----------
    classes : ndarray of shape (n_groups,)
        The number of the size of each group, from 0.
    """

    classes: NDArray[np.intp]

    _remedy = "use more groups of equal size"

    def draw(self, rng: np.random.Generator) -> NDArray[np.intp]:
        sizes = np.bincount(self.codes)
        starts = np.cumsum(sizes) - sizes
        # by size, the groups in their order and in random order
        groups = np.argsort(self.classes, kind="stable")
        places = np.empty_like(groups)
        places[groups] = np.lexsort((rng.random(len(sizes)), self.classes))
        group, rows = self.codes[self._by_group], np.empty(self.n_samples, np.intp)
        step = np.arange(self.n_samples) - starts[group]
        rows[starts[places[group]] + step] = self._by_group
        return self._place(rows)

    def draw_half(self, rng: np.random.Generator) -> NDArray[np.intp]:
        ranks = rng.permutation(len(self.classes))[self.codes]
        return _first_half(np.argsort(ranks, kind="stable"))


class _Stretches(_Groups):
    """Stretches of consecutive rows change places; the first one starts at any row."""

    _remedy = "use shorter stretches, more rows"

    def draw(self, rng: np.random.Generator) -> NDArray[np.intp]:
        start = rng.integers(self.n_samples)
        ranks = rng.permutation(self.codes[-1] + 1)[self.codes]
        return (np.argsort(ranks, kind="stable") + start) % self.n_samples

    def draw_half(self, rng: np.random.Generator) -> NDArray[np.intp]:
        return _first_half(self.draw(rng))


def _first_half(rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the first half of rows, in increasing order."""
    return np.sort(rows[: len(rows) // 2])


def check_exchange(exchange: str | int, groups: Any, n_samples: int) -> Exchange:
    """Make an exchange from the parameters `exchange` and `groups` of a user.

    Parameters
    ----------
    exchange : {"rows", "within_groups", "groups"} or int
        As `EXCHANGE_CONSTRAINT` allows; an int is the length of stretches.
    groups : array-like of shape (n_samples,) or None
        Labels of any type.
    n_samples : int

    Returns
    -------
    Exchange

    Raises
    ------
    ValueError
        If the two do not fit together or to the samples.
    """
    setting = Setting("exchange", exchange)
    needs_groups = exchange in ("within_groups", "groups")
    if groups is None and needs_groups:
        raise ParameterError(
            setting, " needs groups; give the group of every row as groups."
        )
    if groups is not None and not needs_groups:
        raise ParameterError(
            setting,
            " does not use groups; set ",
            Setting("exchange", "groups"),
            " or ",
            Setting("exchange", "within_groups"),
            ", or leave out groups.",
        )
    if exchange == "rows":
        return _Rows("rows", n_samples, _count_orders([n_samples]))
    if isinstance(exchange, Integral):
        return _check_stretches(int(exchange), n_samples)
    codes = _code_groups(groups, n_samples)
    sizes = np.bincount(codes)
    if exchange == "within_groups":
        if sizes.max() == 1:
            raise ParameterError(
                "every label in groups is unique, so ",
                setting,
                " leaves every row in its place; give larger groups.",
            )
        return _WithinGroups("within_groups", n_samples, _count_orders(sizes), codes)
    if len(sizes) == 1:
        raise ParameterError(
            "groups contains only one label, so ",
            setting,
            " leaves every row in its place; give more groups, or set ",
            Setting("exchange", "within_groups"),
            ".",
        )
    classes = np.unique(sizes, return_inverse=True)[1]
    n_distinct = _count_orders(np.bincount(classes))
    if n_distinct == 1:
        raise ParameterError(
            "no two groups have the same number of rows, so ",
            setting,
            " leaves every row in its place; leave out rows of large groups.",
        )
    return _WholeGroups("groups", n_samples, n_distinct, codes, classes)


def _check_stretches(length: int, n_samples: int) -> Exchange:
    codes = np.arange(n_samples) // length
    n_stretches = int(codes[-1]) + 1
    if 2 * length > n_samples:
        raise ParameterError(
            Setting("exchange", length),
            f" must be at most half of the {n_samples} samples; use shorter stretches, "
            "or more rows.",
        )
    # a rotation of whole stretches is one of their orders, too
    n_distinct = n_samples * _count_orders([n_stretches - 1])
    return _Stretches(length, n_samples, n_distinct, codes)


def _code_groups(groups: Any, n_samples: int) -> NDArray[np.intp]:
    """Number the labels of groups in the order of their first rows."""
    if np.ndim(groups) != 1:
        raise ValueError(
            "groups must have the shape (n_samples,), got an array with "
            f"{np.ndim(groups)} dimensions; give one label for every row."
        )
    labels = pd.Series(groups)
    if len(labels) != n_samples:
        raise ValueError(
            f"groups must have one label for every row of X, got {len(labels)} labels "
            f"and {n_samples} rows."
        )
    codes = pd.factorize(labels)[0]
    if (codes < 0).any():
        raise ValueError(
            f"groups contains a missing label, in row {np.argmin(codes)}; give every "
            "row a label, or drop rows that have none."
        )
    return np.asarray(codes, dtype=np.intp)


def _count_orders(sizes: Iterable[int]) -> float:
    """Return the product of the factorials, or inf if it is very large."""
    count = 1.0
    for size in sizes:
        for factor in range(2, int(size) + 1):
            count *= factor
            if count > _MANY_ORDERS:
                return math.inf
    return count
