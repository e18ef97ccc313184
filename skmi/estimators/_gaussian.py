"""Information of variables that are normal within the classes of discrete ones.

All of it follows from residual variances. For a continuous f, I(f; y | s) is half the
mean log of the variance of f around its regression on s, divided by that around its
regression on (s, y), each within the classes of their discrete codes. For a discrete f,
the chain rule changes the roles until a continuous variable is in its place.

Columns with atoms are split before: I(f; y | s) is a sum over the pieces of the samples
in which the same variables are continuous. So a formula takes no column with atoms.

Two bounds keep the information finite. y reduces the variance of f at most by the
factor 2^52, and at most by n_samples^2 if one of the two is discrete. Where no
continuous variable is given, a class of m equal values is also no narrower than m
adjacent ones, whose scores have a variance above (m^2 - 1) / 2 n^2. Where the variance
of f around its regression on s is 0, the information is 0. Information with a discrete
variable is at most its entropy.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from skmi._kernels.moments import sum_by_class, sum_by_level
from skmi.estimators._atoms import RestColumns
from skmi.estimators._corrections import CORRECTIONS
from skmi.estimators._discrete import (
    DiscreteBlock,
    discrete_cmi,
    discrete_entropy,
    discrete_mi,
    large_levels,
    sum_by,
)
from skmi.estimators._pieces import (
    Part,
    Piece,
    Plain,
    ScoredColumns,
    Variable,
    by_chance,
    pieces,
)
from skmi.estimators._regression import ROUNDING, ConditionedTarget

__all__ = ["FORMULAS", "estimate", "information", "of_piece", "pairwise_information"]

Floats: TypeAlias = NDArray[np.float64]
Formula: TypeAlias = Callable[..., Floats]

# The least share of a variance that is left beside a continuous variable.
_LEAST_SHARE = 2.0**-52
# Sums in memory at a time: 2 MiB.
_CHUNK_VALUES = 2**18


def estimate(
    part: Part,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    correction: bool,
) -> Floats:
    """Return I(f; y | s), at most H(f | s) and H(y | s) of a discrete f or y."""
    total = np.zeros(len(places))
    for piece in pieces(part, places, conditioned.target, conditioned.given):
        found = of_piece(piece, conditioned, correction)
        total[piece.columns] += piece.share * found
    return np.minimum(total, _bounds(part, places, conditioned))


def _bounds(
    part: Part, places: NDArray[np.intp], conditioned: ConditionedTarget
) -> Floats | float:
    """Return the highest possible information, where f or y is discrete.

    Of s, only the code is given.
    """
    if not isinstance(part, DiscreteBlock):
        return conditioned.bound
    if not len(conditioned.rows):
        return np.inf  # the plug-in estimate cannot exceed it
    own = discrete_entropy(part, places)
    if conditioned.given.n_levels > 1:
        own -= discrete_mi(part, places, conditioned.codes.given)
    return np.minimum(np.maximum(own, 0), conditioned.bound)


def of_piece(piece: Piece, whole: ConditionedTarget, correction: bool) -> Floats:
    """Return I(f; y | s) within a piece, which may contain all samples."""
    conditioned = whole
    if piece.target is not whole.target or piece.given is not whole.given:
        conditioned = ConditionedTarget(piece.target, piece.given)
    return information(piece.part, piece.places, conditioned, correction)


def information(
    part: Plain,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    correction: bool,
) -> Floats:
    """Return I(f; y | s) without atoms, by the formula for the kinds of f, y and s."""
    formula = FORMULAS[type(part), len(conditioned.rows) == 0]
    return formula(part, places, conditioned, correction)


# --- continuous columns


def _of_scores(
    columns: ScoredColumns,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    correction: bool,
) -> Floats:
    """Return I(f; y | s) of continuous columns."""
    given, fine, given_of = conditioned.frames
    n_given, n_rows = len(conditioned.given.rows), len(conditioned.rows)
    share = fine.counts / max(fine.counts.sum(), 1)
    bias = _bias(given.counts, given.ranks[n_given])[given_of] - _bias(
        fine.counts, fine.ranks[n_rows]
    )
    by_classes, n = conditioned.target.n_levels > 1, columns.rows.shape[1]
    least = _least_share(by_classes, n)
    narrowest = _narrowest(fine.counts, n) if by_classes and not n_rows else 0.0

    def estimate(places: NDArray[np.intp]) -> Floats:
        moments = fine.moments(columns, places)
        after = fine.variances(moments, n_rows)
        if given is not fine:
            moments = given.moments(columns, places)
        before = np.take(given.variances(moments, n_given), given_of, axis=1)
        after = np.maximum(after, narrowest * np.minimum(before, 1))
        reduction = _reduction(before, after, least, correction * bias)
        result: Floats = (share * reduction).sum(axis=1)
        return result

    return _by_chunks(estimate, places, len(share) * (2 + n_rows) + 1)


def _by_chunks(
    estimate: Callable[[NDArray[np.intp]], Floats],
    places: NDArray[np.intp],
    n_values: int,
) -> Floats:
    """Estimate for few columns at a time, if each takes so many values in memory."""
    step = max(1, _CHUNK_VALUES // n_values)
    chunks = [places[i : i + step] for i in range(0, len(places), step)]
    return np.concatenate([estimate(chunk) for chunk in chunks])


def _reduction(
    before: Floats, after: Floats, least: float | Floats, bias: Floats
) -> Floats:
    """Return half of log(before / after) less half its bias; 0 where before is 0."""
    varies = before > 0
    share = np.divide(after, before, out=np.ones(before.shape), where=varies)
    return np.where(varies, -0.5 * np.log(np.maximum(share, least)) - 0.5 * bias, 0)


def _bias(counts: Floats, rank: Floats | NDArray[np.intp]) -> Floats:
    """Return the mean log of estimate / truth for a variance around a regression."""
    bias: Floats = digamma((counts - 1 - rank) / 2) + np.log(2 / counts)
    return bias


def _least_share(by_classes: bool, n_samples: int) -> float:
    """Return the least share of a variance that is left beside y."""
    return n_samples**-2.0 if by_classes else _LEAST_SHARE


def _narrowest(counts: Floats, n_samples: int | Floats) -> Floats:
    """Return the least variance of adjacent scores, from the sizes of the classes.

    The scores of samples next to each other are at least sqrt(2 pi) / n apart, and
    their variance is at most 1.
    """
    narrowest: Floats = (counts**2 - 1) / (2 * n_samples**2)
    return narrowest


def pairwise_information(
    columns: ScoredColumns,
    places: NDArray[np.intp],
    other: ScoredColumns,
    others: NDArray[np.intp],
    correction: bool,
) -> Floats:
    """Return I(f; g) of continuous columns f and g, from one matrix product."""
    n = columns.rows.shape[1]
    if n < 4:  # d + 2
        return np.zeros((len(places), len(others)))
    out = _select(columns.rows, places) @ _select(other.rows, others).T
    out /= n
    np.multiply(out, out, out=out)
    np.subtract(1, out, out=out)
    out[out < ROUNDING] = _LEAST_SHARE
    np.log(out, out=out)
    out *= -0.5
    counts, no, one = np.array([float(n)]), np.zeros(1), np.ones(1)
    out -= 0.5 * correction * (_bias(counts, no) - _bias(counts, one))
    out[~columns.varies[places]] = 0
    out[:, ~other.varies[others]] = 0
    return out


def _select(rows: Floats, places: NDArray[np.intp]) -> Floats:
    """Return rows, as a view if they are consecutive."""
    if len(places) and np.array_equal(places, places[0] + np.arange(len(places))):
        return rows[places[0] : places[0] + len(places)]
    return rows[places]


# --- discrete columns


def _plug_in(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    correction: bool,
) -> Floats:
    """Return the plug-in estimate of I(f; y | s), where all are discrete.

    The correction subtracts its mean over permutations of y within the levels of s.
    """
    formula = CORRECTIONS["chance"].cmi if correction else discrete_cmi
    return formula(block, places, conditioned.codes)


def _of_levels(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    correction: bool,
) -> Floats:
    """Return I(f; y | s) of discrete columns, where y or s is continuous."""
    classes, n_classes, _ = conditioned.classes
    n_samples = conditioned.rows.shape[1]
    rows = np.vstack([np.ones(n_samples), conditioned.rows])
    i, j = np.tril_indices(len(rows))
    terms = rows[i] * rows[j]

    def estimate(places: NDArray[np.intp]) -> Floats:
        cells = _cells(block, places, classes, n_classes, terms)
        enough = cells.sums[:, 0] >= len(rows) + 1  # d + 2
        found = _of_cells(cells.take(enough), len(places), conditioned, correction)
        if correction and conditioned.target.n_levels > 1:
            found -= _by_chance(block, places, conditioned, cells.take(~enough))
        return found

    most = int(block.n_levels[places].max())
    return _by_chunks(estimate, places, most * n_classes * len(terms))


def _by_chance(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    left_out: "_Cells",
) -> Floats:
    """Return the mean I(f; y | s) of the codes over permutations of y.

    Samples of some cells are left out.
    """

    plug_in = discrete_cmi(block, places, conditioned.codes)
    expected = plug_in - CORRECTIONS["chance"].cmi(block, places, conditioned.codes)
    classes, n_classes, _ = conditioned.classes
    y, s = conditioned.target.of_levels, conditioned.given.of_levels
    for i in np.unique(left_out.column):
        cells = (left_out.level * n_classes + left_out.of_class)[left_out.column == i]
        f = Variable.of_codes(block, places[i])
        kept = ~np.isin(f.codes.astype(np.int64) * n_classes + classes, cells)
        expected[i] = 0
        if kept.any():
            expected[i] = by_chance(*(v.take(kept) for v in (f, y, s)))
    return expected


@dataclass(frozen=True, eq=False)
class _Cells:
    """The joint levels of columns f with classes of (s, y), in ascending order."""

    sums: Floats  # (n_cells, n_terms)
    column: NDArray[np.intp]
    level: NDArray[np.intp]
    of_class: NDArray[np.intp]

    def take(self, cells: NDArray[np.bool_]) -> "_Cells":
        """Return some of the cells."""
        return _Cells(
            self.sums[cells],
            self.column[cells],
            self.level[cells],
            self.of_class[cells],
        )


def _cells(
    block: DiscreteBlock,
    places: NDArray[np.intp],
    classes: NDArray[np.int32],
    n_classes: int,
    terms: Floats,
) -> _Cells:
    """Sum terms over the samples of each cell."""
    most = int(block.n_levels[places].max())
    if most * n_classes <= max(_CHUNK_VALUES, len(classes)):
        table = np.zeros((len(places), most * n_classes, len(terms)))
        sum_by_level(block.codes, places, classes, n_classes, terms, table)
        column, cell = np.nonzero(table[..., 0])
        return _Cells(table[column, cell], column, cell // n_classes, cell % n_classes)
    # a single column, whose table would be far larger than the data
    pairs = block.codes[places[0]].astype(np.int64) * n_classes + classes
    cell, cell_of = np.unique(pairs, return_inverse=True)
    sums = np.stack([sum_by(cell_of, term, len(cell)) for term in terms], axis=1)
    column = np.zeros(len(cell), np.intp)
    return _Cells(sums, column, cell // n_classes, cell % n_classes)


def _of_cells(
    cells: _Cells, n_columns: int, conditioned: ConditionedTarget, correction: bool
) -> Floats:
    """Return I(f; y | s) of discrete f from the sums over its cells.

    With c the continuous and d the discrete part of y and s, it is I(f; y_d | s_d) +
    I(f; s_c, y_c | s_d, y_d) - I(f; s_c | s_d), each a mean over the cells.
    """
    n_given, n_rows = len(conditioned.given.rows), len(conditioned.rows)
    _, n_classes, given_of = conditioned.classes
    n = len(conditioned.given.codes)
    least = _least_share(True, n)
    sums, column = cells.sums, cells.column

    def explained(coarse: _Groups, fine: _Groups, rows: slice) -> Floats:
        bias = correction * (coarse.bias - fine.bias)[:, rows]
        before, after = coarse.variances[:, rows], fine.variances[:, rows].copy()
        if not n_given and before.shape[1]:
            narrowest = _narrowest(fine.counts, n) * np.minimum(before[:, 0], 1)
            after[:, 0] = np.maximum(after[:, 0], narrowest)
        result: Floats = _reduction(before, after, least, bias).sum(axis=1)
        return result

    by_cell = _regress(sums, np.arange(len(sums)), n_rows)
    by_class = _regress(sums, column * n_classes + cells.of_class, n_rows)
    if conditioned.target.n_levels == 1:  # I(f; s_c | s_d) cancels
        terms = explained(by_class, by_cell, slice(n_given, n_rows))
    else:
        given = given_of[cells.of_class]
        n_levels = conditioned.given.n_levels
        by_given = _regress(sums, column * n_levels + given, n_given)
        column_level = column * (cells.level.max(initial=0) + 1) + cells.level
        by_level = _regress(sums, column_level * n_levels + given, n_given)
        terms = explained(by_class, by_cell, slice(n_rows))
        terms -= explained(by_given, by_level, slice(n_given))
        terms += np.log(
            by_cell.counts * by_given.counts / (by_class.counts * by_level.counts)
        )
    n_samples = sum_by(column, by_cell.counts, n_columns)
    return sum_by(column, by_cell.counts / n_samples[column] * terms, n_columns)


@dataclass(frozen=True, eq=False)
class _Groups:
    """For each cell, the samples of its group, and variances of rows within it."""

    counts: Floats  # (n_cells,)
    variances: Floats  # (n_cells, n_rows), around the regression on the rows before
    bias: Floats


def _regress(sums: Floats, groups: NDArray[np.intp], n_rows: int) -> _Groups:
    """Add up sums of products of (1, *rows) by group, and regress each row in turn."""
    group, group_of = np.unique(groups, return_inverse=True)
    i, j = np.tril_indices(1 + n_rows)
    pooled = [sum_by(group_of, term, len(group)) for term in sums.T[: len(i)]]
    counts = pooled[0][:, None]
    left = np.empty((len(group), 1 + n_rows, 1 + n_rows))
    left[:, i, j] = left[:, j, i] = np.stack(pooled, axis=1) / counts
    squares = np.einsum("gii->gi", left).copy()
    variances, ranks = np.zeros((2, len(group), 1 + n_rows))
    for row in range(1 + n_rows):
        variance = left[:, row, row]
        varies = variance > ROUNDING * squares[:, row]
        variances[varies, row] = variance[varies]
        ranks[:, row + 1 :] += varies[:, None]
        slopes = left[:, row] / np.where(varies, variance, np.inf)[:, None]
        left = left - slopes[:, :, None] * left[:, None, row]
    bias = _bias(counts, ranks[:, 1:] - 1)
    return _Groups(counts[group_of, 0], variances[group_of, 1:], bias[group_of])


# --- columns that do not exist at all samples


def _of_rest(
    columns: RestColumns,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    correction: bool,
) -> Floats:
    """Return p(R) I(f; y | s, R), where R are the samples at which f exists."""
    classes, n_classes, given_of = conditioned.classes
    n_given, n_rows = len(conditioned.given.rows), len(conditioned.rows)
    n_samples = len(classes)
    rows = np.vstack([np.ones(n_samples), conditioned.rows])
    i, j = np.tril_indices(len(rows))
    terms = rows[i] * rows[j]
    last = len(terms) + np.append(np.arange(1 + n_given), 1 + n_rows)
    of_given = np.append(np.arange((n_given + 1) * (n_given + 2) // 2), last)
    by_classes = conditioned.target.n_levels > 1

    def estimate(places: NDArray[np.intp]) -> Floats:
        sums = _rest_sums(columns, places, classes, n_classes, terms, rows)
        n_rest = columns.exists[places].sum(axis=1, dtype=np.float64)
        column, of_class = np.nonzero(sums[..., 0] >= n_rows + 3)  # d + 2
        sums = sums[column, of_class]
        fine = _regress(sums, np.arange(len(sums)), n_rows + 1)
        group = column * conditioned.given.n_levels + given_of[of_class]
        coarse = _regress(sums[:, of_given], group, n_given + 1)
        n = n_rest[column]
        before, after = coarse.variances[:, -1], fine.variances[:, -1]
        if by_classes and not n_rows:
            narrowest = _narrowest(fine.counts, n) * np.minimum(before, 1)
            after = np.maximum(after, narrowest)
        least = n**-2.0 if by_classes else _LEAST_SHARE
        bias = correction * (coarse.bias[:, -1] - fine.bias[:, -1])
        reduction = fine.counts * _reduction(before, after, least, bias)
        kept = np.maximum(sum_by(column, fine.counts, len(places)), 1)
        mean = sum_by(column, reduction, len(places)) / kept
        return np.asarray(mean * n_rest / n_samples)

    return _by_chunks(estimate, places, 2 * n_classes * (len(terms) + 2 + n_rows))


def _rest_sums(
    columns: RestColumns,
    places: NDArray[np.intp],
    classes: NDArray[np.int32],
    n_classes: int,
    terms: Floats,
    rows: Floats,
) -> Floats:
    """Sum the products of (1, y and s, x) by class: (n_columns, n_classes, n_terms)."""
    table = np.zeros((len(places), 2 * n_classes, len(terms)))
    sum_by_level(columns.exists, places, classes, n_classes, terms, table)
    moments = np.zeros((len(places), n_classes, 1 + len(rows)))
    sum_by_class(columns.rows, places, classes, rows[1:], moments)
    x, squares, along = moments[..., :1], moments[..., 1:2], moments[..., 2:]
    return np.concatenate([table[:, n_classes:], x, along, squares], axis=2)


# --- variables of several dimensions


def _of_variable(
    variable: Variable,
    places: NDArray[np.intp],
    conditioned: ConditionedTarget,
    correction: bool,
) -> Floats:
    """Return I(f; y | s) of f of several dimensions, by the chain rule.

    It is that of the discrete code, and of each dimension given the code and those
    before.
    """
    target, given = conditioned.target, conditioned.given
    everything = given.beside(target).beside(variable)
    n_dimensions = len(everything.rows)
    enough = large_levels(everything.codes, n_dimensions + 2)[everything.codes]
    if n_dimensions and not enough.all():
        if not enough.any():
            return np.zeros(1)
        variable, target, given = (v.take(enough) for v in (variable, target, given))
        conditioned = ConditionedTarget(target, given)
    levels = DiscreteBlock(variable.codes[None], np.array([variable.n_levels]))
    total = information(levels, places, conditioned, correction)
    given = given.beside(replace(variable, rows=variable.rows[:0]))
    dimensions = ScoredColumns(variable.rows, np.ones(len(variable.rows), bool))
    for place in range(len(variable.rows)):
        conditioned = ConditionedTarget(target, given)
        total += information(dimensions, np.array([place]), conditioned, correction)
        given = given.beside(dimensions.variable(place))
    return total


# By the kind of f, and whether both y and s are discrete.
FORMULAS: dict[tuple[type, bool], Formula] = {
    (ScoredColumns, False): _of_scores,
    (ScoredColumns, True): _of_scores,
    (DiscreteBlock, False): _of_levels,
    (DiscreteBlock, True): _plug_in,
    (RestColumns, False): _of_rest,
    (RestColumns, True): _of_rest,
    (Variable, False): _of_variable,
    (Variable, True): _of_variable,
}
