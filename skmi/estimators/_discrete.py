"""Discrete columns: codes, and the information of the observed frequencies."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import log
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skmi._kernels.contingency import sum_c_log_c, sum_with_chance
from skmi._kernels.strata import group_samples
from skmi.estimators._chance import Chance

__all__ = [
    "Conditioned",
    "DiscreteBlock",
    "DiscreteTarget",
    "Strata",
    "code_block",
    "degrees_of_freedom",
    "discrete_chance",
    "discrete_cmi",
    "discrete_cmi_and_chance",
    "discrete_cmi_and_entropy",
    "discrete_condition",
    "discrete_entropy",
    "discrete_mi",
    "discrete_mi_and_chance",
    "discrete_target",
    "drop_small",
    "entropy_of_counts",
    "join_codes",
    "join_two",
    "large_levels",
    "sum_by",
]


Codes: TypeAlias = NDArray[np.integer[Any]]  # uint8, uint16 or int32
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DiscreteBlock:
    """Discrete columns as rows of codes, each below its number of levels."""

    codes: Codes  # (n_columns, n_samples), of the smallest type that suits all
    n_levels: NDArray[np.intp]


def code_block(codes: Codes, n_levels: NDArray[np.intp]) -> DiscreteBlock:
    """Return codes as a block, in as few bytes as the numbers of levels allow."""
    most = n_levels.max(initial=1)
    dtype = np.uint8 if most <= 2**8 else np.uint16 if most <= 2**16 else np.int32
    return DiscreteBlock(np.ascontiguousarray(codes, dtype=dtype), n_levels)


@dataclass(frozen=True, eq=False)
class Strata:
    """Samples in ascending order of (s, y), and where each of its levels begins."""

    order: NDArray[np.int32]
    starts_s_y: NDArray[np.intp]  # the last entry is the number of samples
    starts_s: NDArray[np.intp]  # likewise, of s alone
    n_levels: int  # of y


def _group(
    z: NDArray[np.int32], n_z: int
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return the samples ordered by code, and where each code that occurs begins."""
    order, starts = np.empty(len(z), np.int32), np.empty(n_z + 1, np.intp)
    group_samples(z, n_z, order, starts)
    return order, starts[np.append(np.diff(starts) > 0, True)]


@dataclass(frozen=True, eq=False)
class DiscreteTarget:
    """Codes z below n_z, and the sums of c log c over z and over z // group.

    c is the number of samples of a code. z has shape (n_samples,), or (n_orders,
    n_samples) for the same target in several orders.
    """

    z: NDArray[np.int32]
    n_z: int
    group: int
    joint_sum: float
    group_sum: float
    _chance: list[Chance] = field(default_factory=list, repr=False)

    @property
    def chance(self) -> Chance:
        """The information by chance, if group is n_z, computed at first use."""
        if not self._chance:
            z = np.atleast_2d(self.z)[0]
            self._chance.append(Chance.of(z, self.n_z, np.zeros_like(z), 1))
        return self._chance[0]

    def reorder(self, order: NDArray[np.intp]) -> "DiscreteTarget":
        """Return the target in another order, or in several, with the same sums."""
        return replace(self, z=self.z[order])

    @cached_property
    def strata(self) -> Strata:
        """The samples in the order of y; s is a constant."""
        order, starts = _group(self.z, self.n_z)
        return Strata(order, starts, np.array([0, len(order)]), len(starts) - 1)


@dataclass(frozen=True, eq=False)
class Conditioned:
    """A target joined to the variable it is conditioned on, and both alone."""

    joined: DiscreteTarget
    given: DiscreteTarget
    target: DiscreteTarget
    _chance: list[Chance] = field(default_factory=list, repr=False)

    @property
    def n_samples(self) -> int:
        """Number of samples."""
        return int(self.given.z.shape[-1])

    @property
    def chance(self) -> Chance:
        """The information by chance within the strata of s, computed at first use."""
        if not self._chance:
            z, s = (np.atleast_2d(each.z)[0] for each in (self.joined, self.given))
            self._chance.append(Chance.of(z, self.joined.n_z, s, self.given.n_z))
        return self._chance[0]

    def reorder(self, order: NDArray[np.intp]) -> "Conditioned":
        """Return both in another order, or in several, with the same sums."""
        return replace(
            self,
            joined=self.joined.reorder(order),
            given=self.given.reorder(order),
            target=self.target.reorder(order),
        )

    @cached_property
    def strata(self) -> Strata:
        """The samples in the order of (s, y), where s is given."""
        order, starts = _group(self.joined.z, self.joined.n_z)
        s = self.given.z[order[starts[:-1]]]
        changes = np.flatnonzero(np.diff(s, prepend=-1, append=-1))
        return Strata(order, starts, starts[changes], self.target.strata.n_levels)


def _sums(
    block: DiscreteBlock,
    columns: NDArray[np.intp],
    z: NDArray[np.int32],
    n_z: int,
    group: int,
    chance: Chance | None = None,
    table: Floats | None = None,
) -> Floats:
    """Return the sums of c log c over (f, z) and over (f, z // group), one in each row.

    With the strata z // group of chance, a third row has the sum of a table over
    (f, z // group): by default, the information by chance, times the number of samples.
    If z has several orders, so has each row of the result.
    """
    columns = np.asarray(columns, dtype=np.intp)
    out = np.empty((*z.shape[:-1], 2 if chance is None else 3, len(columns)))
    arguments = block.codes, block.n_levels, columns
    for codes, sums in zip(np.atleast_2d(z), out if z.ndim > 1 else [out], strict=True):
        if chance is None:
            sum_c_log_c(*arguments, codes, n_z, group, sums)
        else:
            sum_with_chance(
                *arguments, codes, n_z, group, chance.first, chance.starts,
                chance.sizes, chance.n_of_size,
                chance.expected if table is None else table, sums,
            )  # fmt: skip
    return np.moveaxis(out, -2, 0)


def _target(z: NDArray[np.int32], n_z: int, group: int) -> DiscreteTarget:
    """Return a code as a target."""
    # the sums are those of a table with a constant: they are added up in the same order
    # as the tables of columns, so that equal sums cancel exactly
    one_level = DiscreteBlock(np.zeros((1, len(z)), np.uint8), np.ones(1, np.intp))
    joint, grouped = _sums(one_level, np.zeros(1, np.intp), z, n_z, group)
    return DiscreteTarget(z, n_z, group, float(joint[0]), float(grouped[0]))


def discrete_target(block: DiscreteBlock, column: int) -> DiscreteTarget:
    """Prepare one column of a block as a target."""
    n_levels = int(block.n_levels[column])
    return _target(block.codes[column].astype(np.int32), n_levels, n_levels)


def discrete_mi(
    block: DiscreteBlock, columns: NDArray[np.intp], target: DiscreteTarget
) -> Floats:
    """Return I(f; y) = H(f) + H(y) - H(f, y) of the observed frequencies."""
    sums = _sums(block, columns, target.z, target.n_z, target.n_z)
    return _information(sums, target)


def discrete_mi_and_chance(
    block: DiscreteBlock, columns: NDArray[np.intp], target: DiscreteTarget
) -> Floats:
    """Return I(f; y) and its mean over permutations of y: (2, n_columns)."""
    sums = _sums(block, columns, target.z, target.n_z, target.n_z, target.chance)
    return np.stack([_information(sums, target), sums[2] / target.z.shape[-1]])


def _information(sums: Floats, target: DiscreteTarget) -> Floats:
    """Return I(f; y) from the sums over (f, y) and f."""
    n, joint, f_sum = target.z.shape[-1], sums[0], sums[1]
    information: Floats = ((n * log(n) - f_sum) + (joint - target.joint_sum)) / n
    return information


def discrete_condition(target: DiscreteTarget, given: DiscreteTarget) -> Conditioned:
    """Join (given, target) to one code, in which the target varies fastest."""
    n_z = given.n_z * target.n_z
    if n_z <= min(max(4 * len(target.z), 2**16), 2**31 - 1):
        z = given.z * np.int32(target.n_z) + target.z
        return Conditioned(_target(z, n_z, target.n_z), given, target)
    z, n_occurring = _join(given.z, given.n_z, target.z, target.n_z)
    return Conditioned(_target(z, n_occurring, 1), given, target)


def discrete_cmi(
    block: DiscreteBlock, columns: NDArray[np.intp], conditioned: Conditioned
) -> Floats:
    """Return I(f; y | s) = H(f, s) + H(s, y) - H(f, s, y) - H(s)."""
    information: Floats = discrete_cmi_and_entropy(block, columns, conditioned)[0]
    return information


def discrete_cmi_and_entropy(
    block: DiscreteBlock, columns: NDArray[np.intp], conditioned: Conditioned
) -> Floats:
    """Return I(f; y | s) and H(f, s, y) of the same tables: (2, n_columns)."""
    joined, given, n = conditioned.joined, conditioned.given, conditioned.n_samples
    f_s_y, f_s = _sums(block, columns, joined.z, joined.n_z, joined.group)
    if joined.group == 1:
        f_s, _ = _sums(block, columns, given.z, given.n_z, given.n_z)
    information = (given.joint_sum - f_s) + (f_s_y - joined.joint_sum)
    both: Floats = np.stack([information, n * log(n) - f_s_y]) / n
    return both


def discrete_cmi_and_chance(
    block: DiscreteBlock, columns: NDArray[np.intp], conditioned: Conditioned
) -> Floats:
    """Return the same, and the mean of I(f; y | s) by chance: (3, n_columns).

    The mean is over all permutations of y within the levels of s.
    """
    joined, given, n = conditioned.joined, conditioned.given, conditioned.n_samples
    chance = conditioned.chance
    if joined.group == 1:
        f_s_y, _ = _sums(block, columns, joined.z, joined.n_z, 1)
        f_s, _, expected = _sums(block, columns, given.z, given.n_z, 1, chance)
    else:
        f_s_y, f_s, expected = _sums(
            block, columns, joined.z, joined.n_z, joined.group, chance
        )
    information = (given.joint_sum - f_s) + (f_s_y - joined.joint_sum)
    each: Floats = np.stack([information, n * log(n) - f_s_y, expected]) / n
    return each


def degrees_of_freedom(
    block: DiscreteBlock,
    columns: NDArray[np.intp],
    target: DiscreteTarget | Conditioned,
) -> NDArray[np.intp]:
    """Return (levels of f - 1) (levels of y - 1), summed over the strata of s.

    Only the levels that occur in a stratum count.
    """
    chance, table = target.chance, target.chance.freedom
    if isinstance(target, DiscreteTarget):
        s, n_s = np.zeros_like(target.z), 1
    else:
        s, n_s = target.given.z, target.given.n_z
    of_levels = _sums(block, columns, s, n_s, 1, chance, table)[2]
    of_strata = table[chance.first[:-1]].sum()
    dof: NDArray[np.intp] = np.rint(of_levels - of_strata).astype(np.intp)
    return dof


def discrete_chance(
    block: DiscreteBlock,
    columns: NDArray[np.intp],
    target: DiscreteTarget | Conditioned,
) -> Floats:
    """Return the mean of I(f; y) or I(f; y | s) by chance."""
    if isinstance(target, DiscreteTarget):
        sums = discrete_mi_and_chance(block, columns, target)
    else:
        sums = discrete_cmi_and_chance(block, columns, target)
    expected: Floats = sums[-1]
    return expected


def discrete_entropy(block: DiscreteBlock, columns: NDArray[np.intp]) -> Floats:
    """Return H(f) of the observed frequencies."""
    n = block.codes.shape[1]
    f_sum, _ = _sums(block, columns, np.zeros(n, np.int32), 1, 1)
    entropy: Floats = (n * log(n) - f_sum) / n
    return entropy


def entropy_of_counts(counts: NDArray[np.intp]) -> float:
    """Return the entropy of the frequencies of levels."""
    n, counts = counts.sum(), counts[counts > 0]
    return log(n) - float(counts @ np.log(counts)) / n if len(counts) > 1 else 0.0


def _join(
    a: NDArray[np.int32], n_a: int, b: Codes, n_b: int
) -> tuple[NDArray[np.int32], int]:
    """Return a code for the pairs of two codes that occur, and their number."""
    pairs = a.astype(np.int64) * n_b + b
    if n_a * n_b <= max(4 * len(pairs), 2**16):
        occurs = np.bincount(pairs, minlength=n_a * n_b) > 0
        z, n_occurring = (np.cumsum(occurs) - 1)[pairs], int(occurs.sum())
    else:
        occurring, z = np.unique(pairs, return_inverse=True)
        n_occurring = len(occurring)
    return z.ravel().astype(np.int32), n_occurring


def join_two(
    a: NDArray[np.int32], n_a: int, b: NDArray[np.int32], n_b: int
) -> tuple[NDArray[np.int32], int]:
    """Return a code for the pairs of two codes, one of which may be constant."""
    if n_b == 1:
        return a, n_a
    if n_a == 1:
        return b, n_b
    return _join(a, n_a, b, n_b)


def large_levels(
    codes: NDArray[np.int32], least: int, n_levels: int = 0
) -> NDArray[np.bool_]:
    """Return, for each level, whether it has at least so many samples."""
    return np.bincount(codes, minlength=n_levels) >= least


def drop_small(codes: NDArray[np.int32], least: int) -> NDArray[np.int32]:
    """Return codes with -1 where a level has fewer samples than the least.

    The array itself is returned if no level has.
    """
    kept = large_levels(codes, least)[codes]
    return codes if kept.all() else np.where(kept, codes, np.int32(-1))


def sum_by(labels: NDArray[np.intp], values: Floats, n_labels: int) -> Floats:
    """Return the sum of the values of each label."""
    return np.bincount(labels, values, n_labels).astype(np.float64, copy=False)


def join_codes(block: DiscreteBlock) -> DiscreteBlock:
    """Return a block of one column, whose levels are the tuples that occur."""
    z, n_z = block.codes[0].astype(np.int32), int(block.n_levels[0])
    for codes, n_levels in zip(block.codes[1:], block.n_levels[1:], strict=True):
        z, n_z = _join(z, n_z, codes, int(n_levels))
    return code_block(z[None], np.array([n_z], dtype=np.intp))
