"""A permutation test of independence that looks at several scales.

One statistic sees trends, one smooth relations, and one fine structure:

* coarse: the squared correlation of normal scores, or the variance of the normal scores
  between classes;
* middle: the sum of all squared coefficients of the density of the ranks, in products
  of cosines, where higher frequencies weigh less;
* fine: 1 minus the ratio of two mean differences of y: of samples that are close along
  x, and of all samples. It is computed for both directions, and the larger is taken.
  For classes, it is minus the share of different classes among samples that are close.

Each is standardized by its own permutations, and the largest is the statistic of the
test. Two discrete variables have one scale, the information of their frequencies.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import ndtri
from scipy.stats import rankdata

from skmi._data.columns import Columns, sort_columns
from skmi._estimation.exchange import Exchange
from skmi._estimation.permutation import ScaleTest, combine_scales
from skmi._kernels.steps import sum_steps
from skmi.estimators import Block, PlugIn

__all__ = ["HEAD_STARTS", "SCALES", "compare_scales", "rank_functions"]

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int32]

# The scales of a pair with a continuous variable. Two discrete ones use only one.
SCALES = ("coarse", "middle", "fine")
# What is added to the normal scores of each, so that lines lose little power.
HEAD_STARTS = (0.3, 0.1, 0.0)

# The middle scale: cosines of the ranks, of 1 to 8 half waves. Each further half wave
# weighs .7 times as much.
_N_COSINES, _DECAY = 8, 0.7
# The fine scale looks so many samples ahead at most.
_MOST_STEPS = 25
# Functions of a variable: its normal scores and the cosines.
_N_FUNCTIONS = 1 + _N_COSINES
# Most values of the functions of the columns, and of the permuted targets, at a time.
_MOST_VALUES = 2**20
# The streams of random numbers that order tied values: [seed, stream, 1].
_TIES, _TIES_OF_TARGET = 3, 4

# The information of two discrete variables.
_FREQUENCIES = PlugIn(correction=None)

_FIRST = np.zeros(1, dtype=np.intp)


def compare_scales(
    X: Columns, columns: NDArray[np.intp], y: Columns, n_permutations: int, seed: int,
    exchange: Exchange,
) -> ScaleTest:  # fmt: skip
    """Test whether columns of X and y are independent.

    Parameters
    ----------
    X : Columns
    columns : ndarray of shape (n_tested,)
    y : Columns
        One column, as an array of numbers.
    n_permutations, seed : int
        The seed determines the permutations, which are the same for every column.
    exchange : Exchange

    Returns
    -------
    ScaleTest
        The statistic, p-value and scale of each column. The scale is an index of
        `SCALES`.
    """
    target = _prepare(y, _FIRST, seed, _TIES_OF_TARGET)
    n_columns = max(1, _MOST_VALUES // (_N_FUNCTIONS * X.n_samples))
    tests = [
        _test_some(X, columns[start : start + n_columns], target, n_permutations, seed,
                   exchange)
        for start in range(0, len(columns), n_columns)
    ]  # fmt: skip
    return ScaleTest(*map(np.concatenate, zip(*tests, strict=True)))


def _test_some(
    X: Columns, columns: NDArray[np.intp], target: _Variables, n_permutations: int,
    seed: int, exchange: Exchange,
) -> ScaleTest:  # fmt: skip
    """Test as many columns as are prepared together."""
    discrete = X.discrete[columns]
    scores = np.zeros((len(SCALES), len(columns)))
    permuted = np.zeros((n_permutations, len(SCALES), len(columns)))
    for kind in (False, True):
        places = np.flatnonzero(discrete == kind)
        if not len(places):
            continue
        block = _prepare(X, columns[places], seed, _TIES)
        varies = block.varies & target.varies
        own = block.statistics(target, np.arange(X.n_samples)[None])[0]
        scores[:, places] = np.where(varies, own, 0)
        n_values = max(_N_FUNCTIONS * X.n_samples, _N_COSINES**2 * len(places))
        step = max(1, _MOST_VALUES // n_values)
        for start in range(0, n_permutations, step):
            numbers = range(start, min(start + step, n_permutations))
            drawn = block.statistics(target, exchange.orders(seed, numbers))
            some = slice(numbers.start, numbers.stop)
            permuted[some, :, places] = np.where(varies, drawn, 0)
    return combine_scales(scores, permuted, HEAD_STARTS)


def _varies(rows: Codes) -> NDArray[np.bool_]:
    """Return whether each row has two values or more."""
    varies: NDArray[np.bool_] = rows.min(axis=1) < rows.max(axis=1)
    return varies


class _Variables(ABC):
    """Variables of one kind, as the statistics read them."""

    @property
    @abstractmethod
    def varies(self) -> NDArray[np.bool_]:
        """Whether each variable has two values or more."""

    @abstractmethod
    def statistics(self, target: _Variables, orders: NDArray[np.intp]) -> Floats:
        """Compare the variables with a target in several orders.

        Returns
        -------
        ndarray of shape (n_orders, n_scales, n_variables)
            A scale that does not apply has zeros.
        """


@dataclass(frozen=True, eq=False)
class _Continuous(_Variables):
    """Continuous variables: functions of their ranks, and their order."""

    functions: Floats  # (n_functions, n_variables, n_samples), each with mean 0
    ranks: Codes  # (n_variables, n_samples), twice the mean rank of equal values
    order: Codes  # the samples of each variable in ascending order, ties at random

    @property
    def varies(self) -> NDArray[np.bool_]:
        return _varies(self.ranks)

    def statistics(self, target: _Variables, orders: NDArray[np.intp]) -> Floats:
        if isinstance(target, _Discrete):
            codes = target.codes[0].take(orders)
            between = _between(codes, self.functions).transpose(0, 2, 1)
            steps = _mean_step(self.order, codes, are_labels=True).T
            return _of_classes(between, steps)
        assert isinstance(target, _Continuous)
        n_variables, n = self.ranks.shape
        permuted = target.functions[:, 0].take(orders, axis=1)
        coarse = (permuted[0] @ self.functions[0].T) ** 2
        products = permuted[1:].reshape(-1, n) @ self.functions[1:].reshape(-1, n).T
        shape = _N_COSINES, len(orders), _N_COSINES, n_variables
        products = products.reshape(shape)
        middle = np.einsum("jbki,jbki->bi", products, products)
        orders_of_y, ranks_of_y = target.reorder(orders)
        y_along_x = _mean_step(self.order, ranks_of_y).T / target.mean_difference
        x_along_y = _mean_step(orders_of_y, self.ranks) / self.mean_difference
        fine = 1 - np.minimum(y_along_x, x_along_y)
        return np.stack([coarse, middle, fine], axis=1)

    @cached_property
    def mean_difference(self) -> Floats:
        """The mean difference of the ranks of two samples, for each variable."""
        return _mean_difference(self.ranks)

    def reorder(self, orders: NDArray[np.intp]) -> tuple[Codes, Codes]:
        """Return the order and the ranks of the first variable in other orders."""
        places = np.empty(orders.shape, np.int32)
        every = np.arange(orders.shape[1], dtype=np.int32)[None]
        np.put_along_axis(places, orders, np.repeat(every, len(orders), 0), axis=1)
        return places.take(self.order[0], axis=1), self.ranks[0].take(orders)


@dataclass(frozen=True, eq=False)
class _Discrete(_Variables):
    """Discrete variables: their codes."""

    codes: Codes  # (n_variables, n_samples)

    @property
    def varies(self) -> NDArray[np.bool_]:
        return _varies(self.codes)

    def statistics(self, target: _Variables, orders: NDArray[np.intp]) -> Floats:
        if isinstance(target, _Continuous):
            between = _between(self.codes, target.functions[:, 0].take(orders, axis=1))
            steps = _mean_step(target.reorder(orders)[0], self.codes, are_labels=True)
            return _of_classes(between, steps)
        assert isinstance(target, _Discrete)
        every = np.arange(len(self.codes))
        y = _FREQUENCIES.as_target(target.block, 0)
        out = np.zeros((len(orders), len(SCALES), len(self.codes)))
        out[:, 0] = _FREQUENCIES.permuted_mi(self.block, every, y, orders)
        return out

    @cached_property
    def block(self) -> Block:
        """The codes as the estimator of their information prepares them."""
        columns = Columns(self.codes.T, np.ones(len(self.codes), bool))
        return _FREQUENCIES.prepare(columns, np.arange(len(self.codes)))


def _of_classes(between: Floats, steps: Floats) -> Floats:
    """Return the statistics of classes and continuous variables.

    Parameters
    ----------
    between : ndarray of shape (n_functions, n_orders, n_variables)
    steps : ndarray of shape (n_orders, n_variables)
    """
    return np.stack([between[0], between[1:].sum(axis=0), -steps], axis=1)


def _between(codes: Codes, values: Floats) -> Floats:
    """Return the sums of squares of functions between classes.

    Parameters
    ----------
    codes : ndarray of shape (n_variables, n_samples)
    values : ndarray of shape (n_functions, n_rows, n_samples)
        With a mean of 0 along the last axis.

    Returns
    -------
    ndarray of shape (n_functions, n_rows, n_variables)
    """
    flat = np.ascontiguousarray(values.reshape(-1, codes.shape[1]).T)
    n_levels = int(codes.max()) + 1
    step = max(1, _MOST_VALUES // (n_levels * flat.shape[1]))
    between = [
        _sum_of_squares(codes[start : start + step], n_levels, flat)
        for start in range(0, len(codes), step)
    ]
    return np.vstack(between).T.reshape(*values.shape[:2], len(codes))


def _sum_of_squares(codes: Codes, n_levels: int, values: Floats) -> Floats:
    """Return the sum over levels of the squared sum of values over their number."""
    n_variables, n = codes.shape
    groups = codes + np.arange(n_variables)[:, None] * n_levels
    counts = np.bincount(groups.ravel(), minlength=n_variables * n_levels)
    samples = np.argsort(codes, axis=1, kind="stable").ravel()
    ends = np.append(0, np.cumsum(counts))
    indicators = csr_array((np.ones(codes.size), samples, ends), (len(counts), n))
    sums: Floats = indicators @ values
    sums *= sums
    sums /= np.maximum(counts, 1)[:, None]
    totals: Floats = sums.reshape(n_variables, n_levels, -1).sum(axis=1)
    return totals


def _prepare(
    columns: Columns, indices: NDArray[np.intp], seed: int, stream: int
) -> _Variables:
    """Prepare columns of one kind."""
    if columns.discrete[indices[0]]:
        return _Discrete(columns.codes(indices)[0])
    values, order = sort_columns(columns.numbers(indices))
    ranks, n = np.empty(values.shape, np.int32), values.shape[1]
    # the same numbers for every column, which then does not depend on the others
    tie_breaks = np.random.default_rng([seed, stream, 1]).random((n,))
    for i in range(len(values)):
        changes = np.flatnonzero(values[i, 1:] != values[i, :-1]) + 1
        if len(changes) < n - 1:
            order[i] = order[i, np.lexsort((tie_breaks[order[i]], values[i]))]
        edges = np.concatenate([[0], changes, [n]])
        ranks[i, order[i]] = np.repeat(edges[:-1] + edges[1:] - 1, np.diff(edges))
    return _Continuous(_functions_of(ranks), ranks, order)


def rank_functions(rows: Floats) -> Floats:
    """Return the functions of the ranks of each row.

    Returns
    -------
    ndarray of shape (n_functions, n_rows, n_samples)
        Normal scores, and the weighted cosines of 1 to 8 half waves, with a mean of 0.
    """
    return _functions_of(2 * rankdata(rows, axis=1) - 2)


def _functions_of(ranks: NDArray[np.int32] | Floats) -> Floats:
    """Return functions of doubled mean ranks from 0."""
    places = (ranks + 1) / (2 * ranks.shape[1])
    functions = np.empty((_N_FUNCTIONS, *ranks.shape))
    functions[0] = ndtri(places)
    for j in range(1, _N_FUNCTIONS):
        functions[j] = (2 * _DECAY**j) ** 0.5 * np.cos(j * np.pi * places)
    functions -= functions.mean(axis=2, keepdims=True)
    return functions


def _mean_difference(rows: Codes) -> Floats:
    """Return the mean difference of two samples, for each row."""
    n = rows.shape[1]
    weights = 2.0 * np.arange(n) - n + 1
    differences: Floats = 2 * (np.sort(rows, axis=1) @ weights) / (n * (n - 1))
    return np.where(differences > 0, differences, 1)


def _mean_step(orders: Codes, rows: Codes, are_labels: bool = False) -> Floats:
    """Return the mean difference of each row between samples close in each order.

    Returns
    -------
    ndarray of shape (n_orders, n_rows)
    """
    n = orders.shape[1]
    n_steps = min(max(1, int(np.sqrt(n) / 4)), _MOST_STEPS, n - 1)
    out = np.empty((len(orders), len(rows)))
    sum_steps(orders, rows, are_labels, n_steps, out)
    out /= n_steps * n - n_steps * (n_steps + 1) // 2
    return out
