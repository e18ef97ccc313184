"""The kernels on point sets against their definitions."""

import naive
import numpy as np
import pytest
from scipy.special import digamma
from skmi._kernels.conditional_neighbors import conditional_information
from skmi._kernels.spaces import count_within, grow_trees, kth_distances

KINDS = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "cauchy": lambda rng, shape: rng.standard_cauchy(size=shape),
    "grid": lambda rng, shape: rng.integers(0, 4, size=shape) * 0.1,
    "rounded": lambda rng, shape: rng.normal(size=shape).round(1),
    "some constant": lambda rng, shape: (
        rng.normal(size=shape) * rng.integers(0, 2, size=shape[1])
    ),
    "duplicated": lambda rng, shape: rng.normal(size=shape)[
        rng.integers(0, shape[0], size=shape[0]) // 2
    ],
    "extreme": lambda rng, shape: (
        rng.choice([-1.7e308, 1.7e308, 1e300, 0.0, 5e-324, -1e-310], size=shape)
        * rng.choice([1.0, 0.9], size=shape)
    ),
}


def trees(points, start):
    """The arrays that the kernels read."""
    n, d = points.shape
    samples = np.arange(n, dtype=np.int32)
    boxes = np.full((n + 4 * (len(start) - 1), d), np.nan)
    arranged = points.copy()
    grow_trees(arranged, samples, boxes, start)
    np.testing.assert_array_equal(arranged, points[samples])
    arrays = arranged, samples, boxes, start
    for array in arrays:  # as many threads read them
        array.flags.writeable = False
    return arrays


def search(points, start, k):
    n = len(points)
    r, n_ball = np.full(n, np.nan), np.full(n, -1, dtype=np.int32)
    extent = np.full(points.shape, np.nan)
    kth_distances(*trees(points, start), k, r, n_ball, extent)
    return r, n_ball, extent


def count(points, start, r, closed):
    out = np.full(len(points), -1, dtype=np.int32)
    count_within(*trees(points, start), r, closed, out)
    return out


def cells_of(rng, n, n_cells):
    inner = np.sort(rng.integers(0, n + 1, size=n_cells - 1))
    return np.concatenate([[0], inner, [n]]).astype(np.int32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [1, 2, 3, 4, 40])
@pytest.mark.parametrize(("n", "k"), [(2, 1), (9, 3), (60, 5), (200, 1), (233, 3)])
def test_equals_the_definition(kind, d, n, k):
    rng = np.random.default_rng([n, d, k])
    points = KINDS[kind](rng, (n, d))
    for n_cells in (1, 4, 30):
        start = cells_of(rng, n, n_cells)
        expected = naive.kth_distances(points, start, k)
        for got, due in zip(search(points, start, k), expected, strict=True):
            np.testing.assert_array_equal(got, due)
        r = expected[0]
        for axes in (np.arange(d), np.arange(d - 1), np.arange(1)):
            part = np.ascontiguousarray(points[:, axes])
            for closed in (False, True):
                np.testing.assert_array_equal(
                    count(part, start, r, closed),
                    naive.count_within(part, start, r, closed),
                )


def test_tiny():
    points = np.array([[0.0, 0.0], [1.0, 3.0], [3.0, 3.0], [5.0, 5.0]])
    r, n_ball, extent = search(points, np.array([0, 3, 4], dtype=np.int32), 1)
    assert r.tolist() == [3, 2, 2, 0]
    assert n_ball.tolist() == [2, 1, 1, 0]
    assert extent.tolist() == [[3, 3], [2, 0], [2, 0], [0, 0]]


def test_more_neighbours_than_points():
    points = np.random.default_rng(0).normal(size=(50, 3))
    start = np.array([0, 5, 50], dtype=np.int32)
    r, n_ball, _ = search(points, start, 20)
    assert set(n_ball[:5]) == {4}
    assert set(n_ball[5:]) == {20}
    np.testing.assert_array_equal(r, naive.kth_distances(points, start, 20)[0])


def test_results_are_in_the_order_of_the_samples():
    rng = np.random.default_rng(5)
    points, codes = rng.normal(size=(300, 2)), rng.integers(0, 7, 300)
    cells = np.argsort(codes, kind="stable").astype(np.int32)
    start = np.append(0, np.cumsum(np.bincount(codes))).astype(np.int32)
    rows, samples = points[cells], cells.copy()
    boxes = np.empty((len(rows) + 4 * 7, 2))
    grow_trees(rows, samples, boxes, start)
    r, out = np.empty(300), np.empty(300, dtype=np.int32)
    kth_distances(rows, samples, boxes, start, 3, r)
    np.testing.assert_array_equal(r[cells], search(points[cells], start, 3)[0])
    count_within(rows, samples, boxes, start, r, False, out)
    np.testing.assert_array_equal(
        out[cells], count(points[cells], start, r[cells], False)
    )


def test_without_coordinates():
    start = np.array([0, 1, 4], dtype=np.int32)
    assert count(np.empty((4, 0)), start, np.zeros(4), False).tolist() == [0, 2, 2, 2]


def test_no_order_of_the_samples_is_slow():
    t = np.linspace(-1, 1, 200_001)
    points = np.stack([np.abs(t), t**2], axis=1)  # quadratic if pivots had fixed places
    r = np.empty(len(points))
    kth_distances(*trees(points, np.array([0, len(points)], np.int32)), 1, r)
    assert r.max() < 1e-4


def estimate(candidates, y, s, k=3):
    n = len(y)
    order = [np.argsort(v, kind="stable").astype(np.int32) for v in (*candidates, y, s)]
    values = [v[by] for v, by in zip((*candidates, y, s), order, strict=True)]
    psi = np.concatenate([[-np.inf], digamma(np.arange(1.0, n + 1))])
    out = np.full((len(candidates), 1), np.nan)
    conditional_information(
        np.array(values[:-2]), np.array(order[:-2]), np.arange(len(out)), values[-2],
        order[-2], values[-1], order[-1], np.array([k], np.intc), psi, out,
    )  # fmt: skip
    return out[:, 0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "k"), [(2, 1), (5, 3), (60, 5), (200, 1), (333, 3)])
def test_conditional_information_equals_its_definition(kind, n, k):
    rng = np.random.default_rng([n, k])
    columns = KINDS[kind](rng, (n, 5)).T
    f, (y, s) = columns[:3], columns[3:]
    f = np.concatenate([f, [s, y, f[0] / 2 + s / 2, np.zeros(n), rng.normal(size=n)]])
    expected = [naive.frenzel_pompe(v, y, s, k) for v in f]
    np.testing.assert_allclose(estimate(f, y, s, k), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["normal", "grid", "some constant"])
def test_many_samples_equal_the_definition(kind):
    f, y, s = KINDS[kind](np.random.default_rng(3), (1500, 3)).T
    expected = naive.frenzel_pompe(f, y, s, 3)
    assert estimate([f], y, s)[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_known_of_a_column_is_exactly_nothing_more(kind):
    rng = np.random.default_rng(0)
    f, y, s = KINDS[kind](rng, (300, 3)).T
    constant = np.ones(300)
    assert estimate([constant, s], y, s).tolist() == [0, 0]
    assert estimate([f], s, s).tolist() == [0]
    assert estimate([f], constant, s).tolist() == [0]
    np.testing.assert_allclose(estimate([f], y, s), estimate([y], f, s), atol=1e-14)


def test_columns_do_not_depend_on_their_neighbours():
    f = np.random.default_rng(4).normal(size=(6, 400))
    f[1] = f[1].round()
    together = estimate(f[:4], f[4], f[5])
    alone = [estimate([v], f[4], f[5])[0] for v in f[:4]]
    assert together.tolist() == alone


def test_conditional_information_of_normal_columns():
    rng = np.random.default_rng(1)
    s, a, b = rng.normal(size=(3, 20_000))
    f, y = s + a, s + a + b  # correlation of what s leaves of them: sqrt(1/2)
    assert estimate([f], y, s)[0] == pytest.approx(np.log(2) / 2, abs=0.02)
