"""Corrections of the plug-in estimate, for information and entropy of discrete columns.

Most of them correct an entropy, and I(f; y | s) is H(f, s) + H(s, y) - H(f, s, y) -
H(s), where s is a constant if nothing is given. A corrected entropy is a function of a
table of counts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, entr, xlog1py

from skmi._kernels.strata import list_counts
from skmi.estimators._discrete import (
    Conditioned,
    DiscreteBlock,
    DiscreteTarget,
    discrete_cmi,
    discrete_cmi_and_chance,
    discrete_entropy,
    discrete_mi,
    discrete_mi_and_chance,
)

__all__ = ["CORRECTIONS", "Correction", "cmi_above_chance", "mi_above_chance"]

# Counts in memory at a time, unless a single column has more.
_MOST_COUNTS = 2**20


@dataclass(frozen=True, eq=False)
class Correction:
    """The functions that estimate I(f; y), I(f; y | s) and H(f)."""

    mi: Callable[..., NDArray[np.float64]]
    cmi: Callable[..., NDArray[np.float64]]
    entropy: Callable[..., NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Tables:
    """The counts above 0 of several tables, table after table."""

    counts: NDArray[np.float64]
    starts: NDArray[np.intp]  # where each table begins
    n_samples: int
    n_cells: NDArray[np.float64]  # of each table, from the levels that occur

    @property
    def n_counts(self) -> NDArray[np.intp]:
        """Number of counts of each table."""
        return np.diff(self.starts, append=len(self.counts))

    def sum(self, terms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum the terms of each table, one for each count."""
        sums: NDArray[np.float64] = np.add.reduceat(terms, self.starts)
        return sums

    def repeat(self, times: int) -> "Tables":
        """Return a single table several times."""
        return Tables(
            np.tile(self.counts, times),
            np.arange(times) * len(self.counts),
            self.n_samples,
            np.repeat(self.n_cells, times),
        )


# Entropies of tables, each of which is a margin of a joint table.
Entropies = Callable[[Tables, Tables], NDArray[np.float64]]


def _miller_madow(tables: Tables, joint: Tables) -> NDArray[np.float64]:
    """Return H + (number of counts - 1) / 2n."""
    n = tables.n_samples
    plug_in = log(n) - tables.sum(tables.counts * np.log(tables.counts)) / n
    return plug_in + (tables.n_counts - 1) / (2 * n)


def _jackknife(tables: Tables, joint: Tables) -> NDArray[np.float64]:
    """Return n H - (n - 1) <H without a sample> = d(n) - sum c d(c) / n.

    d(c) = c log c - (c - 1) log (c - 1).
    """

    def d(c: NDArray[np.float64]) -> NDArray[np.float64]:
        change: NDArray[np.float64] = np.log(c) - xlog1py(c - 1, -1 / c)
        return change

    n = tables.n_samples
    return d(np.array(float(n))) - tables.sum(tables.counts * d(tables.counts)) / n


def _grassberger(tables: Tables, joint: Tables) -> NDArray[np.float64]:
    """Return log n - sum c G(c) / n, where G(c) = psi(1/2 + floor(c / 2)) + log 2."""
    n = tables.n_samples
    g = digamma(0.5 + tables.counts // 2) + log(2)
    return log(n) - tables.sum(tables.counts * g) / n


def _chao_shen(tables: Tables, joint: Tables) -> NDArray[np.float64]:
    """Return - sum q log q / (1 - (1 - q)^n), where q is c / n times the coverage."""
    n = tables.n_samples
    n_single = tables.sum((tables.counts == 1).astype(float))
    coverage = 1 - np.minimum(n_single, n - 1) / n
    q = np.repeat(coverage, tables.n_counts) * tables.counts / n
    with np.errstate(divide="ignore"):  # log(1 - q) for q = 1
        seen = -np.expm1(n * np.log1p(-q))
    return tables.sum(entr(q) / seen)


def _shrink(tables: Tables, joint: Tables) -> NDArray[np.float64]:
    """Return H of frequencies shrunk towards equal ones.

    The share of shrinkage is that of the joint table, for its margins too, so that the
    information is never negative.
    """
    n = joint.n_samples
    squares = joint.sum(joint.counts**2)
    distance = np.maximum(squares - float(n) ** 2 / joint.n_cells, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (float(n) ** 2 - squares) / ((n - 1) * distance)
    share = np.clip(np.nan_to_num(share, nan=1), 0, 1)
    if len(tables.starts) < len(share):
        tables = tables.repeat(len(share))
    each = share / tables.n_cells
    n_counts = tables.n_counts
    frequencies = np.repeat(each, n_counts) + np.repeat(1 - share, n_counts) * (
        tables.counts / n
    )
    empty: NDArray[np.float64] = (tables.n_cells - n_counts) * entr(each)
    return tables.sum(entr(frequencies)) + empty


def _apply(entropies: Entropies, tables: Tables, joint: Tables) -> NDArray[np.float64]:
    """Return corrected entropies, and exactly 0 for a table of one level."""
    return np.where(tables.n_counts > 1, entropies(tables, joint), 0)


def _list(
    block: DiscreteBlock,
    columns: NDArray[np.intp],
    order: NDArray[np.int32],
    starts: NDArray[np.intp],
    n_cells: float = 1.0,
) -> Tables:
    """Return the table of each column with strata.

    n_cells is the number of strata, whether they have samples or not.
    """
    n, n_levels = len(order), block.n_levels[columns]
    counts = np.empty(_most_counts(n_levels, starts).sum(), np.int32)
    ends = np.empty(len(columns), np.intp)
    n_occurring = np.empty(len(columns), np.intp)
    list_counts(
        block.codes, n_levels.max(), columns, order, starts, counts, ends, n_occurring
    )
    return Tables(
        counts[: ends[-1]].astype(np.float64),
        np.append(0, ends[:-1]),
        n,
        n_cells * n_occurring.astype(np.float64),
    )


def _table(starts: NDArray[np.intp], n_cells: float) -> Tables:
    """Return the table of strata."""
    counts = np.diff(starts).astype(np.float64)
    return Tables(counts, np.zeros(1, np.intp), int(starts[-1]), np.array([n_cells]))


def _most_counts(
    n_levels: NDArray[np.intp], starts: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return bounds of the number of counts of each column."""
    return np.minimum(n_levels * (len(starts) - 1), int(starts[-1]))


def _chunks(
    block: DiscreteBlock, columns: NDArray[np.intp], starts: NDArray[np.intp]
) -> Iterator[slice]:
    """Yield slices of the columns, whose counts do not take much memory."""
    before = np.cumsum(_most_counts(block.n_levels[columns], starts)) // _MOST_COUNTS
    edges = np.flatnonzero(np.diff(before, prepend=-1, append=-1))
    for i in range(len(edges) - 1):
        yield slice(edges[i], edges[i + 1])


def _information(
    entropies: Entropies,
    block: DiscreteBlock,
    columns: NDArray[np.intp],
    target: DiscreteTarget | Conditioned,
) -> NDArray[np.float64]:
    """Return I(f; y | s), as a sum of two differences that are 0 for a constant."""
    columns, strata = np.asarray(columns, dtype=np.intp), target.strata
    n_s = float(len(strata.starts_s) - 1)
    n_s_y = n_s * strata.n_levels
    table_s, table_s_y = _table(strata.starts_s, n_s), _table(strata.starts_s_y, n_s_y)
    out = np.empty(len(columns))
    for chunk in _chunks(block, columns, strata.starts_s_y):
        tables_f_s = _list(block, columns[chunk], strata.order, strata.starts_s, n_s)
        joint = _list(block, columns[chunk], strata.order, strata.starts_s_y, n_s_y)
        h_f_s, h_s, h_s_y, h_f_s_y = (
            _apply(entropies, tables, joint)
            for tables in (tables_f_s, table_s, table_s_y, joint)
        )
        out[chunk] = (h_f_s - h_s) + (h_s_y - h_f_s_y)
    return out


def _entropy(
    entropies: Entropies, block: DiscreteBlock, columns: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return H(f)."""
    columns, n = np.asarray(columns, dtype=np.intp), block.codes.shape[1]
    order, starts = np.arange(n, dtype=np.int32), np.array([0, n])
    out = np.empty(len(columns))
    for chunk in _chunks(block, columns, starts):
        tables = _list(block, columns[chunk], order, starts)
        out[chunk] = _apply(entropies, tables, tables)
    return out


def mi_above_chance(
    block: DiscreteBlock, columns: NDArray[np.intp], target: DiscreteTarget
) -> NDArray[np.float64]:
    """Return I(f; y) less its mean over all permutations of y."""
    information, expected = discrete_mi_and_chance(block, columns, target)
    above: NDArray[np.float64] = information - expected
    return above


def cmi_above_chance(
    block: DiscreteBlock, columns: NDArray[np.intp], conditioned: Conditioned
) -> NDArray[np.float64]:
    """Return I(f; y | s) less its mean over permutations of y within the strata."""
    information, _, expected = discrete_cmi_and_chance(block, columns, conditioned)
    above: NDArray[np.float64] = information - expected
    return above


def _of_entropies(entropies: Entropies) -> Correction:
    """Return the correction that consists of corrected entropies."""
    information = partial(_information, entropies)
    return Correction(information, information, partial(_entropy, entropies))


CORRECTIONS: dict[str | None, Correction] = {
    None: Correction(discrete_mi, discrete_cmi, discrete_entropy),
    "miller-madow": _of_entropies(_miller_madow),
    "chance": Correction(mi_above_chance, cmi_above_chance, discrete_entropy),
    "shrink": _of_entropies(_shrink),
    "chao-shen": _of_entropies(_chao_shen),
    "grassberger": _of_entropies(_grassberger),
    "jackknife": _of_entropies(_jackknife),
}
