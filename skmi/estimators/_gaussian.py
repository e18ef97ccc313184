"""Variables that are normal within the classes of discrete ones, and their information.

All of it comes of residual variances. For a continuous f, I(f; y | s) is half the mean
log of how many times smaller the variance of f is around its regression on (s, y) than
around that on s, each within the classes of what is discrete in it. Where f is
discrete, roles are changed by the chain rule until a continuous variable stands there.

What is left out, and what is bounded:

* A class of (f, y, s) with fewer than d + 2 samples, where d is the number of
  continuous dimensions of f, y and s, is left out of all terms: nothing can be told
  from it. If no class is left, the information is 0.
* A residual variance within rounding of 0 is taken as 0. Where that of f on s is 0, f
  is known from s, and y tells nothing more.
* y narrows the variance of f at most 2^52 times, and at most n_samples^2 times if one
  of the two is discrete: to a class of equal values, which is no less wide than the
  place of a few samples. So a class adds no more than ln n_samples.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from skmi._kernels.moments import sum_by_class, sum_by_level, sum_products
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    discrete_cmi,
    discrete_condition,
    discrete_target,
    join_codes,
)

__all__ = [
    "ContinuousBlock",
    "Question",
    "Variable",
    "find_dependence",
    "information",
    "nothing",
    "pairwise_information",
]

# A variance below this share of the mean square is what rounding leaves of 0.
_ROUNDING = 1e-12
# The least that is left of a variance that a continuous variable explains.
_LEAST_SHARE = 2.0**-52
# How many sums are held at a time: 2 MiB.
_CHUNK_VALUES = 2**18


@dataclass(frozen=True)
class ContinuousBlock:
    """Continuous columns as rows of mean 0 and variance 1, or 0 where constant."""

    rows: NDArray[np.float64]  # (n_columns, n_samples)
    varies: NDArray[np.bool_]


@dataclass(frozen=True)
class Variable:
    """One variable: continuous dimensions, none constant, beside a discrete part."""

    rows: NDArray[np.float64]  # (n_dimensions, n_samples), of mean 0 and variance 1
    codes: NDArray[np.int32]  # (n_samples,)
    n_levels: int

    def beside(self, other: "Variable") -> "Variable":
        """Both as one variable."""
        codes, n_levels = _join(self, other)
        return Variable(np.vstack([self.rows, other.rows]), codes, n_levels)

    def take(self, samples: NDArray[np.bool_]) -> "Variable":
        """The variable of fewer samples."""
        rows = _standardize(self.rows[:, samples])
        levels, codes = np.unique(self.codes[samples], return_inverse=True)
        return Variable(rows[rows.any(axis=1)], codes.astype(np.int32), len(levels))

    def variable(self, column: int) -> "Variable":
        """The variable itself: it is its own only column."""
        return self

    def parts(
        self, columns: NDArray[np.intp]
    ) -> Iterator[tuple[NDArray[np.bool_], "Variable", NDArray[np.intp]]]:
        """Which of the columns it is: all of them."""
        yield np.ones(len(columns), dtype=bool), self, columns


def nothing(n_samples: int) -> Variable:
    """A variable that tells nothing."""
    return Variable(np.empty((0, n_samples)), np.zeros(n_samples, np.int32), 1)


def _standardize(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give rows of moderate size mean 0 and variance 1, in place; constant ones 0."""
    constant = (rows == rows[:, :1]).all(axis=1)
    rows -= rows.mean(axis=1, keepdims=True)
    rows[constant] = 0
    scale = np.sqrt(np.einsum("ij,ij->i", rows, rows) / rows.shape[1])
    rows /= np.where(constant, 1, scale)[:, None]
    return rows


def _join(a: Variable, b: Variable) -> tuple[NDArray[np.int32], int]:
    """Code the pairs of levels that occur, those of b varying fastest."""
    if b.n_levels == 1:
        return a.codes, a.n_levels
    if a.n_levels == 1:
        return b.codes, b.n_levels
    both = join_codes(
        DiscreteBlock(np.stack([a.codes, b.codes]), np.array([a.n_levels, b.n_levels]))
    )
    return both.codes[0].astype(np.int32), int(both.n_levels[0])


@dataclass(frozen=True)
class Frame:
    """What the variance of a column is split by: classes, and directions in them."""

    classes: NDArray[np.int32] | None  # of the samples; -1: left out; None: all one
    counts: NDArray[np.float64]
    directions: NDArray[np.float64]  # (n_dimensions, n_samples), orthonormal in a class
    ranks: NDArray[np.intp]  # (n_dimensions + 1, n_classes), of the first so many

    def moments(
        self, block: ContinuousBlock, places: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """Sums of x, x^2 and x along the directions: (n_columns, n_classes, 2 + d)."""
        shape = (len(places), len(self.counts), 2 + len(self.directions))
        if self.classes is not None:
            sums = np.zeros(shape)
            sum_by_class(block.rows, places, self.classes, self.directions, sums)
            return sums
        sums = np.empty(shape)
        sum_products(block.rows, places, self.directions, sums[:, 0, 2:])
        sums[:, 0, 0] = 0
        sums[:, 0, 1] = self.counts * block.varies[places]
        return sums

    def variances(
        self, moments: NDArray[np.float64], n_directions: int
    ) -> NDArray[np.float64]:
        """Variance of x in a class around its regression on the first directions."""
        total, squares = moments[..., 0], moments[..., 1]
        along = moments[..., 2 : 2 + n_directions]
        rest = squares - total**2 / self.counts - (along**2).sum(axis=2)
        return np.where(rest > _ROUNDING * squares, rest, 0) / self.counts


def _frame(
    rows: NDArray[np.float64], classes: NDArray[np.int32], n_classes: int
) -> Frame:
    """Make directions of the rows in their order, by Gram and Schmidt."""
    # what is left out is a class of its own here
    labels = (classes % (n_classes + 1)).astype(np.intp)

    def within(values):
        return np.bincount(labels, values, n_classes + 1)

    sizes = np.bincount(labels, minlength=n_classes + 1)
    directions = np.zeros(rows.shape)
    ranks = np.zeros((len(rows) + 1, n_classes), dtype=np.intp)
    for i, row in enumerate(rows):
        rest = row - (within(row) / np.maximum(sizes, 1))[labels]
        for direction in directions[:i]:
            rest -= within(rest * direction)[labels] * direction
        squares = within(rest * rest)
        is_new = squares > _ROUNDING * within(row * row)
        is_new[n_classes:] = False
        directions[i] = rest * np.where(is_new, squares, np.inf)[labels] ** -0.5
        ranks[i + 1] = ranks[i] + is_new[:n_classes]
    all_one = n_classes == 1 and sizes[1] == 0
    return Frame(
        None if all_one else classes,
        sizes[:n_classes].astype(np.float64),
        directions,
        ranks,
    )


def find_dependence(rows: NDArray[np.float64]) -> NDArray[np.intp]:
    """Find rows the last of which is a combination of the others, if there are any."""
    ranks = _frame(rows, np.zeros(rows.shape[1], np.int32), 1).ranks[:, 0]
    dependent = np.flatnonzero(np.diff(ranks) == 0)
    if not len(dependent):
        return dependent
    last = dependent[0]
    slopes = np.linalg.lstsq(rows[:last].T, rows[last], rcond=None)[0]
    return np.append(np.flatnonzero(np.abs(slopes) > 1e-6), last)


@dataclass(frozen=True)
class Question:
    """What one asks of columns f: their information about a target, given another."""

    target: Variable
    given: Variable

    @cached_property
    def rows(self) -> NDArray[np.float64]:
        """The continuous dimensions, the given ones first."""
        return np.vstack([self.given.rows, self.target.rows])

    @cached_property
    def classes(self) -> tuple[NDArray[np.int32], int, NDArray[np.intp]]:
        """Joined codes, their number, and the given level of each."""
        classes, n_classes = _join(self.given, self.target)
        given_of = np.zeros(n_classes, dtype=np.intp)
        given_of[classes] = self.given.codes
        return classes, n_classes, given_of

    @cached_property
    def frequencies(self) -> Conditioned:
        """The discrete parts, for discrete columns."""
        target, given = (
            discrete_target(DiscreteBlock(v.codes[None], np.array([v.n_levels])), 0)
            for v in (self.target, self.given)
        )
        return discrete_condition(target, given)

    @cached_property
    def frames(self) -> tuple[Frame, Frame, NDArray[np.intp]]:
        """For continuous columns: given, given with target, and classes of the former.

        Where the target is continuous, the frames are one.
        """
        classes, n_classes, given_of = self.classes
        enough = np.bincount(classes, minlength=n_classes) >= len(self.rows) + 3
        number = np.where(enough, enough.cumsum() - 1, -1).astype(np.int32)
        classes, given_of = number[classes], given_of[enough]
        fine = _frame(self.rows, classes, len(given_of))
        if self.target.n_levels == 1:
            return fine, fine, np.arange(len(given_of))
        levels, given_of = np.unique(given_of, return_inverse=True)
        classes = np.append(given_of, -1).astype(np.int32)[classes]
        return _frame(self.given.rows, classes, len(levels)), fine, given_of


def information(
    part: ContinuousBlock | DiscreteBlock | Variable,
    places: NDArray[np.intp],
    question: Question,
    correction: bool,
) -> NDArray[np.float64]:
    """I(f; target | given) for columns f of a kind."""
    return _FORMULAS[type(part)](part, places, question, correction)


def _of_numbers(
    block: ContinuousBlock,
    places: NDArray[np.intp],
    question: Question,
    correction: bool,
) -> NDArray[np.float64]:
    given, fine, given_of = question.frames
    n_given, n_rows = len(question.given.rows), len(question.rows)
    share = fine.counts / max(fine.counts.sum(), 1)
    bias = _bias(given.counts, given.ranks[n_given])[given_of] - _bias(
        fine.counts, fine.ranks[n_rows]
    )
    least = _least_share(question.target.n_levels > 1, block.rows.shape[1])

    def estimate(places):
        moments = fine.moments(block, places)
        after = fine.variances(moments, n_rows)
        if given is not fine:
            moments = given.moments(block, places)
        before = np.take(given.variances(moments, n_given), given_of, axis=1)
        narrowing = _narrowing(before, after, least, correction * bias)
        return (share * narrowing).sum(axis=1)

    step = max(1, _CHUNK_VALUES // (len(share) * (2 + n_rows) + 1))
    chunks = [places[i : i + step] for i in range(0, len(places), step)]
    return np.concatenate([estimate(chunk) for chunk in chunks])


def _narrowing(before, after, least, bias):
    """Half the log of before / after, less half its bias; 0 where before is 0."""
    varies = before > 0
    share = np.divide(after, before, out=np.ones(before.shape), where=varies)
    return np.where(varies, -0.5 * np.log(np.maximum(share, least)) - 0.5 * bias, 0)


def _bias(counts, rank):
    """Mean of ln(estimate / truth) of a variance around a regression on so many."""
    return digamma((counts - 1 - rank) / 2) + np.log(2 / counts)


def _least_share(by_classes: bool, n_samples: int) -> float:
    return n_samples**-2.0 if by_classes else _LEAST_SHARE


def pairwise_information(
    block: ContinuousBlock,
    places: NDArray[np.intp],
    other: ContinuousBlock,
    others: NDArray[np.intp],
    correction: bool,
) -> NDArray[np.float64]:
    """I(f; g) for columns f of one block and g of another: one product of matrices."""
    n = block.rows.shape[1]
    if n < 4:  # d + 2
        return np.zeros((len(places), len(others)))
    out = _select(block.rows, places) @ _select(other.rows, others).T
    out /= n
    np.multiply(out, out, out=out)
    np.subtract(1, out, out=out)
    out[out < _ROUNDING] = _LEAST_SHARE
    np.log(out, out=out)
    out *= -0.5
    out -= 0.5 * correction * (_bias(n, 0) - _bias(n, 1))
    out[~block.varies[places]] = 0
    out[:, ~other.varies[others]] = 0
    return out


def _select(rows: NDArray[np.float64], places: NDArray[np.intp]) -> NDArray[np.float64]:
    """Rows, as a view where they are consecutive."""
    if len(places) and np.array_equal(places, places[0] + np.arange(len(places))):
        return rows[places[0] : places[0] + len(places)]
    return rows[places]


def _of_levels(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    question: Question,
    correction: bool,
) -> NDArray[np.float64]:
    if not len(question.rows):
        return discrete_cmi(block, places, question.frequencies)
    classes, n_classes, _ = question.classes
    n_samples = question.rows.shape[1]
    rows = np.vstack([np.ones(n_samples), question.rows])
    i, j = np.tril_indices(len(rows))
    terms = rows[i] * rows[j]

    def estimate(places):
        cells = _cells(block, places, classes, n_classes, terms)
        enough = cells[0][:, 0] >= len(rows) + 1  # d + 2
        sums, column, level, of_class = (values[enough] for values in cells)
        return _of_cells(
            sums, column, level, of_class, len(places), question, correction
        )

    most = int(block.n_levels[places].max())
    step = max(1, _CHUNK_VALUES // (most * n_classes * len(terms)))
    chunks = [places[i : i + step] for i in range(0, len(places), step)]
    return np.concatenate([estimate(chunk) for chunk in chunks])


def _cells(block, places, classes, n_classes, terms):
    """Sums of terms by (column, level, class), in ascending order, and these three."""
    most = int(block.n_levels[places].max())
    if most * n_classes <= max(_CHUNK_VALUES, len(classes)):
        table = np.zeros((len(places), most * n_classes, len(terms)))
        sum_by_level(block.codes, places, classes, n_classes, terms, table)
        column, cell = np.nonzero(table[..., 0])
        return table[column, cell], column, cell // n_classes, cell % n_classes
    # a table of one column that is far larger than the data
    pairs = block.codes[places[0]].astype(np.int64) * n_classes + classes
    cell, cell_of = np.unique(pairs, return_inverse=True)
    sums = np.stack([np.bincount(cell_of, term) for term in terms], axis=1)
    return sums, np.zeros(len(cell), np.intp), cell // n_classes, cell % n_classes


def _of_cells(sums, column, level, of_class, n_columns, question, correction):
    """I(f; y | s) of discrete f from the sums over its cells with the classes of s, y.

    With c the continuous and d the discrete part of y and s, it is I(f; y_d | s_d) +
    I(f; s_c, y_c | s_d, y_d) - I(f; s_c | s_d), each a mean over the cells.
    """
    n_given, n_rows = len(question.given.rows), len(question.rows)
    _, n_classes, given_of = question.classes
    least = _least_share(True, len(question.given.codes))

    def explained(coarse, fine, rows):
        bias = correction * (coarse.bias - fine.bias)[:, rows]
        before, after = coarse.variances[:, rows], fine.variances[:, rows]
        return _narrowing(before, after, least, bias).sum(axis=1)

    by_cell = _spread(sums, np.arange(len(sums)), n_rows)
    by_class = _spread(sums, column * n_classes + of_class, n_rows)
    if question.target.n_levels == 1:  # what s_c tells of f cancels
        terms = explained(by_class, by_cell, slice(n_given, n_rows))
    else:
        given = given_of[of_class]
        n_levels = question.given.n_levels
        by_given = _spread(sums, column * n_levels + given, n_given)
        column_level = column * (level.max(initial=0) + 1) + level
        by_level = _spread(sums, column_level * n_levels + given, n_given)
        terms = explained(by_class, by_cell, slice(n_rows))
        terms -= explained(by_given, by_level, slice(n_given))
        terms += np.log(
            by_cell.counts * by_given.counts / (by_class.counts * by_level.counts)
        )
    n_samples = np.bincount(column, by_cell.counts, n_columns)
    return np.bincount(column, by_cell.counts / n_samples[column] * terms, n_columns)


@dataclass(frozen=True)
class _Spread:
    """Of the group that each cell is in: samples, and variances of rows within it."""

    counts: NDArray[np.float64]  # (n_cells,)
    variances: NDArray[np.float64]  # (n_cells, n_rows), around those before
    bias: NDArray[np.float64]


def _spread(sums, groups, n_rows):
    """Pool sums over the products of (1, *rows), and regress each on those before."""
    group, group_of = np.unique(groups, return_inverse=True)
    i, j = np.tril_indices(1 + n_rows)
    pooled = [np.bincount(group_of, term, len(group)) for term in sums.T[: len(i)]]
    counts = pooled[0][:, None]
    left = np.empty((len(group), 1 + n_rows, 1 + n_rows))
    left[:, i, j] = left[:, j, i] = np.stack(pooled, axis=1) / counts
    squares = np.einsum("gii->gi", left).copy()
    variances, ranks = np.zeros((2, len(group), 1 + n_rows))
    for row in range(1 + n_rows):
        variance = left[:, row, row]
        varies = variance > _ROUNDING * squares[:, row]
        variances[varies, row] = variance[varies]
        ranks[:, row + 1 :] += varies[:, None]
        slopes = left[:, row] / np.where(varies, variance, np.inf)[:, None]
        left = left - slopes[:, :, None] * left[:, None, row]
    bias = _bias(counts, ranks[:, 1:] - 1)
    return _Spread(counts[group_of, 0], variances[group_of, 1:], bias[group_of])


def _of_variable(
    variable: Variable,
    places: NDArray[np.intp],
    question: Question,
    correction: bool,
) -> NDArray[np.float64]:
    """Add what the discrete part tells, then each dimension given those before."""
    target, given = question.target, question.given
    everything = given.beside(target).beside(variable)
    n_dimensions = len(everything.rows)
    counts = np.bincount(everything.codes, minlength=everything.n_levels)
    enough = (counts >= n_dimensions + 2)[everything.codes]
    if n_dimensions and not enough.all():
        if not enough.any():
            return np.zeros(1)
        variable, target, given = (v.take(enough) for v in (variable, target, given))
        question = Question(target, given)
    n_levels = variable.n_levels
    levels = DiscreteBlock(variable.codes[None], np.array([n_levels]))
    total = _of_levels(levels, places, question, correction)
    given = given.beside(replace(variable, rows=variable.rows[:0]))
    dimensions = ContinuousBlock(variable.rows, np.ones(len(variable.rows), bool))
    blank = nothing(len(variable.codes))
    for place in np.arange(len(variable.rows))[:, None]:
        total += _of_numbers(dimensions, place, Question(target, given), correction)
        given = given.beside(replace(blank, rows=variable.rows[place]))
    return total


_FORMULAS: dict[type, Callable[..., NDArray[np.float64]]] = {
    ContinuousBlock: _of_numbers,
    DiscreteBlock: _of_levels,
    Variable: _of_variable,
}
