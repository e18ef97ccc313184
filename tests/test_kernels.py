"""Every kernel against its oracle."""

import os
import subprocess
import sys

import fuzz_kernels
import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import feature_selection as theirs

import skmi
from skmi._kernels import binning, contingency, scratch, sorting
from skmi.estimators import KSG

CLOSE = 1e-12


def normal(rng, n):
    return rng.standard_normal(n)


COLUMNS = {
    "normal": normal,
    "offset": lambda rng, n: 1e10 + normal(rng, n),
    "heavy tails": lambda rng, n: np.exp(20 * normal(rng, n)),
    "cauchy": lambda rng, n: rng.standard_cauchy(n),
    "two scales": lambda rng, n: (
        np.where(rng.random(n) < 0.5, 1e-9, 1e9) * normal(rng, n)
    ),
    "rounded": lambda rng, n: normal(rng, n).round(1),
    "binary": lambda rng, n: rng.integers(0, 2, n).astype(float),
    "zero-inflated": lambda rng, n: normal(rng, n) * (rng.random(n) < 0.3),
    "signed zeros": lambda rng, n: rng.choice([-1.0, -0.0, 0.0, 1.0], n),
    "one outlier": lambda rng, n: np.where(
        np.arange(n) == n // 2, 1e300, normal(rng, n)
    ),
    "far outliers": lambda rng, n: np.concatenate(
        [[1e15, -1e15], 1e-300 * normal(rng, n)]
    )[:n],
    "both ends": lambda rng, n: rng.choice([-1e300, -5e-324, 5e-324, 1.0, 1e300], n),
    "subnormal": lambda rng, n: 1e-310 * normal(rng, n),
    "nearly equal": lambda rng, n: 1 + 2.0**-52 * rng.integers(0, 50, n),
    "ascending": lambda rng, n: np.arange(n, dtype=float),
    "descending": lambda rng, n: -np.arange(n, dtype=float),
    "constant": lambda rng, n: np.full(n, 3.0),
}
SIZES = [2, 3, 20, 30, 1000, 5000, 20_000]


@pytest.mark.parametrize("n", SIZES)
def test_sort_rows_is_a_stable_argsort(rng, n):
    values = np.array([make(rng, n) for make in COLUMNS.values()])
    ascending = values.copy()
    order = np.empty(values.shape, dtype=np.int32)
    sorting.sort_rows(ascending, order)
    expected = np.argsort(values, axis=1, kind="stable")
    for row, name in enumerate(COLUMNS):
        np.testing.assert_array_equal(order[row], expected[row], err_msg=name)
    np.testing.assert_array_equal(
        ascending, np.take_along_axis(values, expected, axis=1)
    )
    sorting.unsort_rows(ascending, order)
    np.testing.assert_array_equal(ascending, values)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32])
@pytest.mark.parametrize("n_bins", [2, 7, 10, 255])
@pytest.mark.parametrize("n", SIZES)
def test_cut_rows(rng, n, n_bins, dtype):
    values = np.array([make(rng, n) for make in COLUMNS.values()])
    codes, n_levels = np.empty(values.shape, dtype), np.empty(len(values), np.intp)
    binning.cut_rows(values, n_bins, codes, n_levels)
    for row, name in enumerate(COLUMNS):
        expected = naive.quantile_bins(values[row], n_bins)
        np.testing.assert_array_equal(codes[row], expected, err_msg=name)
        n_distinct = len(np.unique(values[row]))
        assert n_levels[row] == min(n_distinct, n_bins), name


@given(st.lists(st.integers(-4, 4), min_size=2, max_size=40), st.integers(2, 12))
def test_cut_rows_with_many_ties(values, n_bins):
    values = np.array([values], dtype=float)
    codes, n_levels = np.empty(values.shape, np.uint8), np.empty(1, np.intp)
    binning.cut_rows(values, n_bins, codes, n_levels)
    np.testing.assert_array_equal(codes[0], naive.quantile_bins(values[0], n_bins))


def c_log_c(*columns):
    return sum(c * np.log(c) for c in naive.counts_of(*columns).values())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
@pytest.mark.parametrize(("n_z", "group"), [(6, 6), (6, 3), (6, 1), (5000, 50), (1, 1)])
@pytest.mark.parametrize("n_columns", [1, 2, 3, 4, 6, 9])
def test_sum_c_log_c(rng, n_columns, n_z, group, dtype):
    """Tables dense and by level, some columns of a block, small and large counts."""
    n = 3000
    n_levels = rng.choice([1, 2, 10, 200], 12)
    codes = np.array([rng.integers(0, m, n) for m in n_levels], dtype=dtype)
    z = rng.integers(0, n_z, n).astype(np.int32)
    columns = np.sort(rng.choice(12, n_columns, replace=False))
    found = np.empty((2, n_columns))
    contingency.sum_c_log_c(codes, n_levels, columns, z, n_z, group, found)
    expected = [[c_log_c(codes[c], z), c_log_c(codes[c], z // group)] for c in columns]
    np.testing.assert_allclose(found.T, expected, rtol=CLOSE)


@pytest.mark.parametrize("n", [20, 1000, 1025])
@pytest.mark.parametrize(("n_z", "group"), [(2, 2), (12, 3), (900, 30)])
def test_sum_c_log_c_is_the_same_beside_others(rng, n, n_z, group):
    """Whether a table is filled alone, beside others, or together with another's."""
    n_levels = rng.choice([1, 2, 9, 30], 11)
    codes = np.array([rng.integers(0, m, n) for m in n_levels], dtype=np.uint8)
    z = rng.integers(0, n_z, n).astype(np.int32)
    found = np.empty((2, 11))
    contingency.sum_c_log_c(codes, n_levels, np.arange(11), z, n_z, group, found)
    for column in range(11):
        alone = np.empty((2, 1))
        contingency.sum_c_log_c(
            codes, n_levels, np.array([column]), z, n_z, group, alone
        )
        np.testing.assert_array_equal(alone[:, 0], found[:, column])


def test_sum_c_log_c_of_a_level_for_every_sample():
    n = 20_000
    codes, z = np.arange(n, dtype=np.int32)[None], np.arange(n, dtype=np.int32)
    found = np.empty((2, 1))
    contingency.sum_c_log_c(codes, np.array([n]), np.array([0]), z, n, n, found)
    assert (found == 0).all()


# --- neighbours: through the estimator, whose preparation the kernels count on


def estimate(x, y, k, **discrete):
    return skmi.mutual_info(x, y, estimator=KSG(k, "raw"), **discrete)


CLASSES = {
    "two": lambda rng, n: rng.integers(0, 2, n),
    "ten": lambda rng, n: rng.integers(0, 10, n),
    "skewed": lambda rng, n: rng.geometric(0.5, n),
    "pairs": lambda rng, n: np.arange(n) // 2,
    "one sample each, but for two": lambda rng, n: np.maximum(np.arange(n), 1),
    "one": lambda rng, n: np.zeros(n, dtype=int),
}


@pytest.mark.filterwarnings("ignore:y is constant")
@pytest.mark.parametrize("k", [1, 3, 5, 20])
@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("column", COLUMNS)
def test_class_neighbors(rng, column, classes, k):
    for n in (4, 25, 300):
        x, y = COLUMNS[column](rng, n), CLASSES[classes](rng, n)
        if k < n and np.unique(y, return_counts=True)[1].max() > 1:
            expected = naive.ross(x, y, k)
            found = [
                estimate(x, y, k, discrete_y=True),
                estimate(y, x, k, discrete_x=True),
            ]
            np.testing.assert_allclose(found, expected, rtol=CLOSE, atol=CLOSE)


def test_class_neighbors_where_classes_depend_on_the_value(rng):
    x = normal(rng, 400)
    y = np.digitize(x + 0.1 * normal(rng, 400), [-1, 0, 1])
    np.testing.assert_allclose(
        estimate(x, y, 3, discrete_y=True), naive.ross(x, y, 3), rtol=CLOSE
    )


def correlated(rng, n, r=0.8):
    x = normal(rng, n)
    return x, r * x + np.sqrt(1 - r * r) * normal(rng, n)


def change_both(change):
    return lambda rng, n: tuple(map(change, correlated(rng, n)))


PAIRS = {
    "correlated": correlated,
    "independent": lambda rng, n: correlated(rng, n, 0),
    "nearly a function": lambda rng, n: correlated(rng, n, 0.999999),
    "anticorrelated": lambda rng, n: correlated(rng, n, -0.9),
    "the same": lambda rng, n: (np.arange(n) ** 1.5,) * 2,
    "square": lambda rng, n: (x := normal(rng, n), x * x),
    "heavy tails": change_both(lambda v: np.exp(5 * v)),
    "one heavy tail": lambda rng, n: (COLUMNS["heavy tails"](rng, n), normal(rng, n)),
    "offset": change_both(lambda v: 1e10 + v),
    "large": change_both(lambda v: 1e290 * v),
    "subnormal": change_both(lambda v: 1e-310 * v),
    "two scales": change_both(lambda v: np.where(v > 0, 1e6, 1e-6) * v),
    "ties on x": lambda rng, n: (normal(rng, n).round(1), normal(rng, n)),
    "ties on y": lambda rng, n: (normal(rng, n), normal(rng, n).round(1)),
    "ties on both": change_both(lambda v: v.round(1)),
    "few values": change_both(np.round),
    "binary x": lambda rng, n: (COLUMNS["binary"](rng, n), normal(rng, n)),
    "zero-inflated x": lambda rng, n: (
        COLUMNS["zero-inflated"](rng, n),
        normal(rng, n),
    ),
    "zero-inflated": change_both(lambda v: np.maximum(v, 0)),
    "signed zeros": change_both(lambda v: np.where(v < 0, -0.0, v)),
    "permutation": lambda rng, n: (np.arange(n) * 1.0, rng.permutation(n) * 1.0),
    "duplicated rows": lambda rng, n: tuple(
        np.repeat(v, 2)[:n] for v in correlated(rng, n)
    ),
    "constant x": lambda rng, n: (np.zeros(n), normal(rng, n)),
    "constant y": lambda rng, n: (normal(rng, n), np.full(n, 7.5)),
    "constant": lambda rng, n: (np.ones(n), np.ones(n)),
    "one differs": lambda rng, n: (np.eye(n)[0], normal(rng, n)),
}


@pytest.mark.filterwarnings("ignore:y is constant")
@pytest.mark.parametrize("k", [1, 3, 5, 20])
@pytest.mark.parametrize("pair", PAIRS)
def test_neighbors(rng, pair, k):
    for n in (k + 1, k + 2, 40, 600):
        x, y = PAIRS[pair](rng, n)
        np.testing.assert_allclose(
            estimate(x, y, k), naive.ksg(x, y, k), rtol=CLOSE, atol=CLOSE
        )


points = st.tuples(st.integers(0, 6), st.integers(0, 6))


@given(st.lists(points, min_size=5, max_size=30), st.integers(1, 4))
@pytest.mark.filterwarnings("ignore:y is constant")
def test_neighbors_with_many_ties(pairs, k):
    x, y = np.array(pairs, dtype=float).T
    np.testing.assert_allclose(
        estimate(x, y, k), naive.ksg(x, y, k), rtol=CLOSE, atol=CLOSE
    )


@given(st.lists(points, min_size=5, max_size=30), st.integers(1, 4))
@pytest.mark.filterwarnings("ignore:y is constant")
def test_class_neighbors_with_many_ties(pairs, k):
    x, y = np.array(pairs).T
    y[0] = y[1]  # some class has two
    np.testing.assert_allclose(
        estimate(x, y, k, discrete_y=True), naive.ross(x, y, k), rtol=CLOSE, atol=CLOSE
    )


LARGE = {
    "normal": lambda x: x,
    "heavy tails": lambda x: np.exp(5 * x),
    "rounded": lambda x: x.round(2),
    "zero-inflated": lambda x: np.maximum(x, 0),
}


@pytest.mark.parametrize("of_y", LARGE)
@pytest.mark.parametrize("of_x", LARGE)
def test_pairs_too_large_for_one_tile_are_symmetric(rng, of_x, of_y):
    """Only one of the two columns is cut into tiles, and only the other into strips."""
    x, noise = rng.standard_normal((2, 70_000))
    x, y = LARGE[of_x](x), LARGE[of_y](x + noise)
    estimator = KSG(marginals="standard")
    assert skmi.mutual_info(x, y, estimator=estimator) == pytest.approx(
        skmi.mutual_info(y, x, estimator=estimator), abs=1e-12
    )


def test_pairs_too_large_for_one_tile_equal_scikit_learn(rng):
    x, noise = rng.standard_normal((2, 70_000))
    y = x + noise
    found = skmi.mutual_info_regression(x[:, None], y)
    expected = theirs.mutual_info_regression(x[:, None], y, random_state=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)


# --- every entry point


@pytest.mark.parametrize("name", fuzz_kernels.CASES)
def test_random_inputs(name):
    """A short run; `make sanitize` makes a longer one, with new seeds."""
    for seed in range(40):
        fuzz_kernels.run(name, seed)


def test_seeds_that_failed():
    for name, seed in fuzz_kernels.KNOWN_BAD:
        fuzz_kernels.run(name, seed)


@pytest.fixture
def limit():
    yield scratch.limit_allocations
    scratch.limit_allocations(-1)


# these kernels allocate nothing
WITHOUT_SCRATCH = {"code_whole_rows", "sums_of_rows"}


@pytest.mark.parametrize("name", sorted(fuzz_kernels.CASES.keys() - WITHOUT_SCRATCH))
def test_a_failed_allocation_is_a_memory_error(name, limit):
    """Whichever allocation fails; and once none does, the result is right."""
    for n_allowed in range(500):
        limit(n_allowed)
        try:
            fuzz_kernels.run(name, 3)
        except MemoryError:
            continue
        break
    assert 1 <= n_allowed < 499


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory differ")
@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="sanitizers need much memory")
def test_too_little_memory_is_a_memory_error():
    """A limit on the process, not on the number of allocations."""
    subprocess.run([sys.executable, "-c", TOO_LARGE], check=True, timeout=60)


TOO_LARGE = """
import resource
import numpy as np
from skmi._kernels.sorting import sort_rows
values, order = np.zeros((1, 10**7)), np.empty((1, 10**7), np.int32)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 10**8,) * 2)
try:
    sort_rows(values, order)  # needs 1.6 * 10**8 bytes
except MemoryError:
    pass
else:
    raise AssertionError("no MemoryError")
"""
