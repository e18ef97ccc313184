"""Random inputs for every kernel, compared with slow oracles or formulas.

    python tests/fuzz_kernels.py --seconds 60  # new seeds, to the first failure
    python tests/fuzz_kernels.py --case sort_rows --seed 17

A case draws its inputs from a generator, checks what the kernel writes, and returns it.
"""

import argparse
import random
import sys
import time

import naive
import numpy as np
from scipy.special import digamma

from skmi._kernels import (
    binning,
    class_neighbors,
    conditional_classes,
    conditional_neighbors,
    contingency,
    density,
    moments,
    neighbors,
    sorting,
    spaces,
    steps,
    strata,
)

CASES = {}
KNOWN_BAD = [  # (case, seed) of failures that were fixed; these always run
    ("pair_information", 10000505),
]

CODES = [np.uint8, np.uint16, np.int32]
EXTREMES = [-1.7e308, 1.7e308, 1e300, 1.0, 0.0, -0.0, 5e-324, -5e-324, -1e-310]
COLUMNS = [
    lambda rng, n: rng.standard_normal(n),
    lambda rng, n: rng.standard_cauchy(n),
    lambda rng, n: np.exp(20 * rng.standard_normal(n)),
    lambda rng, n: 1e10 + rng.standard_normal(n),
    lambda rng, n: rng.standard_normal(n).round(1),
    lambda rng, n: rng.integers(0, rng.integers(1, 9), n) * rng.choice([1.0, 0.1]),
    lambda rng, n: rng.standard_normal(n) * (rng.random(n) < rng.random()),
    lambda rng, n: rng.choice([-1.0, -0.0, 0.0, 1.0], n),
    lambda rng, n: 1e-310 * rng.standard_normal(n),
    lambda rng, n: 1e290 * rng.standard_cauchy(n).clip(-1e9, 1e9),
    lambda rng, n: rng.choice(EXTREMES, n),
    lambda rng, n: np.where(np.arange(n) == n // 2, 1e300, rng.standard_normal(n)),
    lambda rng, n: 1 + 2.0**-52 * rng.integers(0, 50, n),
    lambda rng, n: np.where(rng.random(n) < 0.5, 1e-9, 1e9) * rng.standard_normal(n),
    lambda rng, n: np.arange(n) * rng.choice([1.0, -1.0]),
    lambda rng, n: np.full(n, rng.choice(EXTREMES)),
]


def case(check):
    CASES[check.__name__] = check
    return check


# --- inputs


def size(rng, least=2, most=250):
    """Any size, small ones often."""
    return int(rng.integers(least, rng.choice([least + 3, 40, most]) + 1))


def columns(rng, shape, kinds=COLUMNS):
    """Rows of adversarial values; some repeat others or are close to them."""
    rows = np.array([rng.choice(kinds)(rng, shape[1]) for _ in range(shape[0])])
    for i in range(1, shape[0]):
        if rng.random() < 0.2:
            rows[i] = rows[rng.integers(i)] * rng.choice([1.0, -1.0, 0.5])
    return rows


def distant(rng, shape):
    """Columns whose distances are finite, as estimators pass them."""
    return columns(rng, shape).clip(-8e307, 8e307)


def places(rng, n_rows):
    """Some of the rows, in any order."""
    return rng.integers(0, n_rows, rng.integers(1, 6)).astype(np.intp)


def codes(rng, shape, dtype, most=300):
    """Rows of codes and their numbers of levels, not all of which occur."""
    most = min(most, np.iinfo(dtype).max)
    n_levels = rng.choice([1, 2, 3, 10, 50, most], shape[0]).clip(1, most)
    rows = [rng.integers(0, rng.integers(1, m + 1), shape[1]) for m in n_levels]
    return np.array(rows, dtype), n_levels.astype(np.intp)


def classes_of_two(rng, n, n_classes):
    """Classes of two samples at least, or none."""
    classes = rng.integers(0, n_classes, n)
    alone = np.bincount(classes, minlength=n_classes)[classes] == 1
    classes[alone] = classes[~alone][0] if not alone.all() else 0
    return classes.astype(np.int32)


def runs(rng, n):
    """Where runs of n samples start; some are empty."""
    inner = np.sort(rng.integers(0, n + 1, rng.choice([0, 1, 3, 20])))
    return np.concatenate([[0], inner, [n]])


def ascending(values):
    order = np.argsort(values, axis=-1, kind="stable").astype(np.int32)
    return np.take_along_axis(values, order, axis=-1), order


def psi(n):
    return np.concatenate([[-np.inf], digamma(np.arange(1.0, n + 1))])


def n_neighbors(rng, n):
    return int(min(rng.choice([1, 2, 3, 4, 5, 20]), n - 1))


SEVERAL = {1: [1, 2, 4, 6], 2: [2, 6], 4: range(1, 8), 5: [1, 2, 4, 6]}


def numbers_of_neighbors(rng, n):
    """One number or several, ascending; those of the default often."""
    k = n_neighbors(rng, n)
    ks = SEVERAL.get(k, [k]) if n % 4 else [k]
    return np.unique(np.minimum(ks, n - 1)).astype(np.intc)


def assert_close(found, expected, atol=1e-11):
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=atol)


# --- scales


@case
def sum_steps(rng):
    n, labels = size(rng, 1, 60), bool(rng.integers(2))
    orders = np.array([rng.permutation(n) for _ in range(size(rng, 1, 4))], np.int32)
    top = int(rng.choice([1, 3, n, 2**31 - 1]))
    values = rng.integers(0, top, (size(rng, 1, 4), n)).astype(np.int32)
    n_steps = int(rng.integers(1, n + 3))
    found = np.empty((len(orders), len(values)))
    steps.sum_steps(orders, values, labels, n_steps, found)
    for i, order in enumerate(orders):
        for j, row in enumerate(values):
            row = [str(value) for value in row] if labels else row.astype(float)
            pairs = sum(n - m for m in range(1, min(n_steps, n - 1) + 1))
            expected = naive.mean_step(order, row, n_steps) * pairs if pairs else 0
            assert_close(found[i, j], expected)
    return found


# --- sorting and binning


@case
def sort_rows(rng):
    n = int(
        rng.choice([size(rng), rng.integers(1000, 2000), 17_000], p=[0.9, 0.08, 0.02])
    )
    values = columns(rng, (size(rng, 1, 4), n))
    found, order = values.copy(), np.empty(values.shape, np.int32)
    sorting.sort_rows(found, order)
    expected = np.argsort(values, axis=1, kind="stable")
    np.testing.assert_array_equal(order, expected)
    np.testing.assert_array_equal(found, np.take_along_axis(values, expected, axis=1))
    restored = found.copy()
    sorting.unsort_rows(restored, order)
    np.testing.assert_array_equal(restored, values)
    return found, order


@case
def cut_rows(rng):
    n = int(rng.choice([size(rng), rng.integers(250, 20_000)], p=[0.9, 0.1]))
    values = columns(rng, (size(rng, 1, 4), n))
    n_bins = int(rng.integers(1, rng.choice([4, 20, 255])))
    found = np.empty(values.shape, rng.choice([np.uint8, np.int32]))
    n_levels = np.empty(len(values), np.intp)
    binning.cut_rows(values, n_bins, found, n_levels)
    for row, bins, m in zip(values, found, n_levels, strict=True):
        np.testing.assert_array_equal(bins, naive.quantile_bins(row, n_bins))
        assert m == min(n_bins, len(np.unique(row)))
    return found, n_levels


@case
def code_whole_rows(rng):
    values = columns(rng, (size(rng, 1, 4), size(rng, 1, 3000)))
    whole = rng.random(len(values)) < 0.5
    width = rng.choice([2, 100, 65_535, 65_537, 10**9])
    values[whole] = rng.integers(-width, 1, values[whole].shape)
    values[whole, 0] += rng.choice([0.0, 0.5])
    found = np.zeros(values.shape, np.int32)
    n_levels = np.empty(len(values), np.intp)
    binning.code_whole_rows(values, found, n_levels)
    for row, levels, m in zip(values, found, n_levels, strict=True):
        low, span = row.min(), np.ptp(row)
        if span < 65_536 and (low + np.floor(row - low) == row).all():
            assert m == int(span) + 1
            np.testing.assert_array_equal(levels, np.floor(row - low))
        else:
            assert m == 0
    return (n_levels,)


# --- neighbours


@case
def pair_information(rng):
    n = size(rng)
    ks = numbers_of_neighbors(rng, n)
    x, (y,) = distant(rng, (size(rng, 1, 4), n)), distant(rng, (1, n))
    if rng.random() < 0.3:
        y = x[0] + rng.choice([0.0, 1e-9, 1.0]) * rng.standard_normal(n)
    (values, order), (ys, y_order) = ascending(x), ascending(y)
    y_rank = np.empty(n, np.int32)
    y_rank[y_order] = np.arange(n)
    start = np.append(np.unique(np.searchsorted(ys, ys[:: rng.integers(1, n + 1)])), n)
    strip_of = np.repeat(np.arange(len(start) - 1), np.diff(start)).astype(np.int32)
    rows, tied = places(rng, len(x)), bool((ys[1:] == ys[:-1]).any())
    out = np.full((len(rows), len(ks)), np.nan)
    neighbors.pair_information(
        values, order, rows, ys, y_rank, strip_of, start.astype(np.int32), tied, ks,
        psi(n), out,
    )  # fmt: skip
    assert_close(out, [[naive.ksg(x[row], y, k) for k in ks] for row in rows])
    return (out,)


@case
def class_information(rng):
    n, n_classes = size(rng), int(rng.choice([1, 2, 3, 20]))
    ks, x = numbers_of_neighbors(rng, n), distant(rng, (size(rng, 1, 4), n))
    classes = np.array([classes_of_two(rng, n, n_classes) for _ in x])
    if rng.random() < 0.5:
        classes[rng.random(classes.shape) < 0.3] = -1
        for row in classes:
            alone = np.bincount(row[row >= 0], minlength=n_classes) == 1
            row[(row >= 0) & alone[row]] = -1
    shared = rng.integers(3)
    values, order = ascending(x[:1] if shared == 1 else x)
    rows = places(rng, len(x))
    out = np.full((len(rows), len(ks)), np.nan)
    classes = np.ascontiguousarray(classes[:1] if shared == 2 else classes)
    class_neighbors.class_information(
        values, order, classes, rows, n_classes, ks, psi(n), out
    )
    for row, found in zip(rows, out, strict=True):
        c, v = classes[0 if shared == 2 else row], x[0 if shared == 1 else row]
        kept = c >= 0
        if not kept.any():
            assert (found == 0).all()
            continue
        assert_close(found, [naive.ross(v[kept], c[kept], k) for k in ks])
    return (out,)


@case
def class_conditional_information(rng):
    n = size(rng)
    rows = distant(rng, (4, n))
    ks, f, s = numbers_of_neighbors(rng, n), rows[:3], rows[3]
    classes = classes_of_two(rng, n, int(rng.choice([1, 2, 3, 20])))
    _, classes = np.unique(classes, return_inverse=True)
    classes = classes.astype(np.int32)
    start = np.append(0, np.cumsum(np.bincount(classes))).astype(np.int32)
    rows = places(rng, len(f))
    out = np.full((len(rows), len(ks)), np.nan)
    conditional_classes.class_conditional_information(
        *ascending(f), rows, classes, start, *ascending(s), ks, psi(n), out
    )
    y = [(classes, True)]
    expected = [
        [naive.ball_information([(f[row], False)], y, [(s, False)], k) for k in ks]
        for row in rows
    ]
    assert_close(out, expected)
    return (out,)


@case
def conditional_information(rng):
    n = size(rng)
    f, (y, s) = distant(rng, (3, n)), distant(rng, (2, n))
    ks = numbers_of_neighbors(rng, n)
    rows = places(rng, len(f))
    out = np.full((len(rows), len(ks)), np.nan)
    conditional_neighbors.conditional_information(
        *ascending(f), rows, *ascending(y), *ascending(s), ks, psi(n), out
    )
    expected = [[naive.frenzel_pompe(f[row], y, s, k) for k in ks] for row in rows]
    assert_close(out, expected)
    return (out,)


def trees(points, start):
    """Return the arrays of the k-d trees of all cells."""
    n, d = points.shape
    rows, samples = points.copy(), np.arange(n, dtype=np.int32)
    boxes = np.full((n + 4 * (len(start) - 1), d), np.nan)
    spaces.grow_trees(rows, samples, boxes, start)
    return rows, samples, boxes, start


@case
def points_in_cells(rng):
    n, d = size(rng), int(rng.choice([1, 2, 3, 4, 9]))
    k, points = n_neighbors(rng, n), np.ascontiguousarray(distant(rng, (d, n)).T)
    start = runs(rng, n).astype(np.int32)
    r, n_ball = np.full(n, np.nan), np.full(n, -1, np.int32)
    extent = np.full(points.shape, np.nan)
    spaces.kth_distances(*trees(points, start), k, r, n_ball, extent)
    expected = naive.kth_distances(points, start, k)
    for found, due in zip((r, n_ball, extent), expected, strict=True):
        np.testing.assert_array_equal(found, due)
    few, closed = (
        np.ascontiguousarray(points[:, : rng.integers(d + 1)]),
        rng.random() < 0.5,
    )
    counts = np.full(n, -1, np.int32)
    spaces.count_within(*trees(few, start), r, closed, counts)
    expected = naive.count_within(few, start, r, closed)
    np.testing.assert_array_equal(counts, expected)
    return r, n_ball, extent, counts


# --- discrete columns


def sums_of_c_log_c(*labels):
    return sum(c * np.log(c) for c in naive.counts_of(*labels).values())


@case
def sum_c_log_c(rng):
    n = size(rng, 1, 3000)
    rows, n_levels = codes(rng, (size(rng, 1, 12), n), rng.choice(CODES), 5000)
    group = int(rng.choice([1, 2, 7, 60]))
    n_z = group * int(rng.choice([1, 2, 30]))
    z = rng.integers(0, rng.integers(1, n_z + 1), n).astype(np.int32)
    chosen = rng.integers(0, len(rows), rng.integers(1, 10)).astype(np.intp)
    found = np.full((2, len(chosen)), np.nan)
    contingency.sum_c_log_c(rows, n_levels, chosen, z, n_z, group, found)
    expected = [
        [sums_of_c_log_c(rows[c], by) for c in chosen] for by in (z, z // group)
    ]
    assert_close(found, expected)
    return (found,)


def draw_strata(rng, n):
    z = rng.integers(0, rng.choice([1, 2, 9]), n).astype(np.int32)
    order, starts = np.empty(n, np.int32), np.empty(10, np.intp)
    strata.group_samples(z, 9, order, starts)
    np.testing.assert_array_equal(order, np.argsort(z, kind="stable"))
    np.testing.assert_array_equal(starts, np.searchsorted(z[order], np.arange(10)))
    return z, order, starts


@case
def list_counts(rng):
    n = size(rng, 1, 500)
    rows, n_levels = codes(rng, (3, n), rng.choice(CODES))
    z, order, starts = draw_strata(rng, n)
    chosen = places(rng, len(rows))
    counts = np.full(n * len(chosen), -1, np.int32)
    ends, n_occurring = np.empty((2, len(chosen)), np.intp)
    strata.list_counts(
        rows, n_levels.max(), chosen, order, starts, counts, ends, n_occurring
    )
    begin = 0
    for c, end, n_found in zip(chosen, ends, n_occurring, strict=True):
        expected = [
            np.sort(np.unique(rows[c][z == s], return_counts=True)[1]) for s in range(9)
        ]
        sizes = np.append(0, np.cumsum([len(each) for each in expected]))
        assert end - begin == sizes[-1]
        for s in range(9):
            listed = counts[begin + sizes[s] : begin + sizes[s + 1]]
            np.testing.assert_array_equal(np.sort(listed), expected[s])
        assert n_found == len(np.unique(rows[c]))
        begin = end
    return order, starts, counts[:begin], ends, n_occurring


@case
def sum_with_chance(rng):
    """Dense tables and large ones, a target of any number of levels by stratum."""
    n = size(rng, 1, 60) if rng.random() < 0.8 else int(rng.integers(100, 400))
    most = 5000 if n < 60 and rng.random() < 0.2 else 20
    rows, n_levels = codes(rng, (size(rng, 1, 6), n), rng.choice(CODES), most)
    group, n_strata = int(rng.choice([1, 2, 7, 60])), int(rng.choice([1, 2, 9, 30]))
    s = rng.integers(0, rng.integers(1, n_strata + 1), n)
    z = (s * group + rng.integers(0, group, n)).astype(np.int32)
    y = rng.integers(0, rng.choice([1, 2, 20]), n)  # not only the rest of z
    sizes = [
        np.unique(np.unique(y[s == code], return_counts=True)[1], return_counts=True)
        for code in range(n_strata)
    ]
    starts = np.append(0, np.cumsum([len(each) for each, _ in sizes]))
    first = np.append(0, np.cumsum(np.bincount(s, minlength=n_strata) + 1))
    sizes, n_of_size = (
        np.concatenate(each).astype(np.int32) for each in zip(*sizes, strict=True)
    )
    table = np.full(first[-1], np.nan)
    chosen = places(rng, len(rows))
    found, again = np.full((2, 3, len(chosen)), np.nan)
    for out in (found, again):
        contingency.sum_with_chance(
            rows, n_levels, chosen, z, group * n_strata, group, first, starts, sizes,
            n_of_size, table, out,
        )  # fmt: skip
    np.testing.assert_array_equal(again, found)
    plain = np.empty((2, len(chosen)))
    contingency.sum_c_log_c(rows, n_levels, chosen, z, group * n_strata, group, plain)
    np.testing.assert_array_equal(found[:2], plain)
    expected = [
        sum(
            np.sum(s == code)
            * naive.chance_information(rows[c][s == code], y[s == code])
            for code in np.unique(s)
        )
        for c in chosen
    ]
    assert_close(found[2], expected, atol=1e-9)
    return found, table


# --- sums


@case
def sums_of_rows(rng):
    n, moderate = size(rng, 1, 400), COLUMNS[:8]
    rows = columns(rng, (3, n), moderate)
    factors = columns(rng, (size(rng, 1, 4), n), moderate)
    chosen = places(rng, len(rows))
    products = np.full((len(chosen), len(factors)), np.nan)
    moments.sum_products(rows, chosen, factors, products)
    bound = 1e-14 * n * (np.abs(rows[chosen]) @ np.abs(factors).T) + 1e-300
    assert (np.abs(products - rows[chosen] @ factors.T) <= bound).all()

    classes = rng.integers(-1, 4, n).astype(np.int32)
    by_class = np.zeros((len(chosen), 4, 2 + len(factors)))
    moments.sum_by_class(rows, chosen, classes, factors, by_class)
    for c in range(4):
        inside = np.flatnonzero(classes == c)
        for i, row in enumerate(rows[chosen]):
            x = row[inside]
            terms = np.vstack([x, x * x, x * factors[:, inside]])
            bound = 1e-14 * n * np.abs(terms).sum(axis=1)
            assert (np.abs(by_class[i, c] - terms.sum(axis=1)) <= bound).all()

    levels, n_levels = codes(rng, (3, n), rng.choice(CODES), 60)
    classes = np.maximum(classes, 0)
    by_level = np.zeros((len(chosen), n_levels.max() * 4, len(factors)))
    moments.sum_by_level(levels, chosen, classes, 4, factors, by_level)
    for i, row in enumerate(levels[chosen]):
        cell = row.astype(int) * 4 + classes
        for j, term in enumerate(factors):
            total, scale = (
                np.bincount(cell, v, minlength=by_level.shape[1])
                for v in (term, np.abs(term))
            )
            assert (np.abs(by_level[i, :, j] - total) <= 1e-14 * n * scale).all()
    return products, by_class, by_level


# --- densities

TAPS = np.exp(-(np.arange(12.0) ** 2) / 8)  # any kernel serves where values are exact


def exact_entropy(rows, everything, bandwidth, leave_one_out):
    """-mean ln f of a group, or None where rounding decides how it is whitened."""
    d, m = rows.shape
    for group in (rows, everything):
        sd = group.std(axis=1, ddof=1)
        if (sd < 1e-9).any():
            continue
        eigenvalues, vectors = np.linalg.eigh(np.corrcoef(group).reshape(d, d))
        if eigenvalues.min() > 1e-6:
            break
    else:
        return None
    if group is not rows:
        sd_own = rows.std(axis=1, ddof=1)
        own = np.corrcoef(rows).reshape(d, d) if (sd_own > 1e-13).all() else None
        if own is not None and np.linalg.eigvalsh(own).min() > 1e-12:
            return None
    u = (vectors / np.sqrt(eigenvalues)) @ vectors.T @ (rows / sd[:, None]) / bandwidth
    kernel = np.exp(-((u[:, :, None] - u[:, None]) ** 2).sum(axis=0) / 2)
    others = kernel.sum(axis=1) - 1
    f = np.maximum(m / (m - 1) * others, 1) if leave_one_out else 1 + others
    log_det = np.log(sd).sum() + np.log(eigenvalues).sum() / 2
    constant = d * (np.log(bandwidth) + np.log(2 * np.pi) / 2) + np.log(m)
    return log_det + constant - np.mean(np.log(f))


@case
def group_entropies(rng):
    n, n_dims, n_fixed = size(rng, 6, 120), rng.integers(1, 3), rng.integers(0, 3)
    d, mild = n_dims + n_fixed, [*COLUMNS[:2], *COLUMNS[4:8], COLUMNS[14]]
    values = columns(rng, (3 * n_dims, n), mild).reshape(3, n_dims, n)
    fixed = columns(rng, (n_fixed, n), mild).reshape(n_fixed, n)
    classes = rng.integers(-1, rng.choice([1, 3]), n).astype(np.int32)
    classes[np.bincount(classes + 1)[classes + 1] < d + 2] = -1
    n_classes = classes.max() + 1
    if n_classes == 0:
        return ()
    starts = np.zeros(n_classes + 1, np.intp)
    order = np.empty((classes >= 0).sum(), np.int32)
    density.group_samples(classes, order, starts)
    kept = np.flatnonzero(classes >= 0)
    np.testing.assert_array_equal(order, kept[np.argsort(classes[kept], kind="stable")])
    sizes = np.bincount(classes[kept], minlength=n_classes)
    np.testing.assert_array_equal(np.diff(starts, prepend=0)[1:], sizes)

    chosen = places(rng, 3)
    bandwidth, leave_one_out = rng.choice([0.01, 0.3, 2.0]), rng.random() < 0.5
    exact, by_grid = np.full((2, len(chosen)), np.nan)
    for out, is_grid in ((exact, False), (by_grid, True)):
        density.group_entropies(
            values, chosen, fixed, order, starts, bandwidth, 0.0, leave_one_out,
            is_grid, not is_grid, 2.0, TAPS, out,
        )  # fmt: skip
        assert np.isfinite(out).all()
    for c, found in zip(chosen, exact, strict=True):
        rows = np.concatenate([values[c], fixed])
        expected = [
            exact_entropy(
                rows[:, classes == g], rows[:, order], bandwidth, leave_one_out
            )
            for g in range(n_classes)
            if sizes[g]
        ]
        if None not in expected:
            weights = sizes[sizes > 0] / len(order)
            assert_close(found, weights @ np.array(expected), atol=1e-7)
    return exact, by_grid


# --- runs


def run(name, seed):
    """Run a case; the error of a failure names the seed."""
    try:
        with np.errstate(all="ignore"):
            return CASES[name](np.random.default_rng(seed))
    except Exception as error:
        error.add_note(f"python tests/fuzz_kernels.py --case {name} --seed {seed}")
        raise


def main():
    parser = argparse.ArgumentParser(description="Fuzz the kernels.")
    parser.add_argument("--case", choices=CASES, help="only this one")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--seconds", type=float, default=10, help="of many seeds")
    parser.add_argument("--first-seed", type=int, help="of these; random by default")
    arguments = parser.parse_args()
    names = [arguments.case] if arguments.case else list(CASES)
    if arguments.seed is not None:
        for name in names:
            run(name, arguments.seed)
        return
    for name, seed in KNOWN_BAD:
        run(name, seed)
    seed, n_seeds = arguments.first_seed, 0
    if seed is None:
        seed = random.SystemRandom().randrange(2**31)
    end = time.monotonic() + arguments.seconds
    while time.monotonic() < end:
        for name in names:
            run(name, seed + n_seeds)
        n_seeds += 1
    print(f"{n_seeds} seeds from {seed} on, {len(names)} cases each: no failure")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
