"""Kernel densities compared with SciPy's; the grid, exact sums and the truth."""

import os
import subprocess
import sys
from math import e, log, pi

import naive
import numpy as np
import pytest
from distributions import DISTRIBUTIONS

import skmi
from skmi._data.columns import Columns
from skmi.estimators import KDE, PlugIn
from skmi.estimators._kde import FORMULAS

CLOSE = 1e-10
SUMS = KDE(leave_one_out=False, method="exact")
both_methods = pytest.mark.parametrize("method", ["grid", "exact"])


def prepare(estimator, columns, discrete=()):
    """Prepare arrays as a block; `discrete` lists the discrete ones."""
    is_discrete = np.isin(np.arange(len(columns)), discrete)
    X = Columns(np.column_stack(columns), is_discrete)
    return estimator.prepare(X, np.arange(len(columns)))


def joined(estimator, columns, discrete=()):
    return estimator.join(prepare(estimator, columns, discrete))


def as_rows(columns, discrete):
    """Return rows of values and rows of codes, as `naive` takes them."""
    kinds = [[], []]
    for i, column in enumerate(columns):
        kinds[i in discrete].append(column)
    return kinds


def mi(estimator, x, y):
    """Return the information of two joined blocks."""
    return estimator.mi(x, np.array([0]), estimator.as_target(y, 0))[0]


def cmi(estimator, x, y, z):
    both = estimator.condition(estimator.as_target(y, 0), estimator.as_target(z, 0))
    return estimator.cmi(x, np.array([0]), both)[0]


def entropy(estimator, x):
    return estimator.entropy(x, np.array([0]))[0]


def correlated(rng, n, p):
    return rng.standard_normal((p, n)) + 0.7 * rng.standard_normal(n)


# --- compared with the definition

KINDS = {  # numbers of columns of x, y and z, and places of the discrete ones
    "pair": ((2, ()), (1, ()), (1, ())),
    "one each": ((1, ()), (1, ()), (1, ())),
    "classes of x": ((1, [0]), (1, ()), (1, ())),
    "classes of y": ((1, ()), (1, [0]), (1, ())),
    "classes of z": ((1, ()), (1, ()), (1, [0])),
    "classes except z": ((1, [0]), (1, [0]), (1, ())),
    "classes except y": ((1, [0]), (1, ()), (1, [0])),
    "classes except x": ((1, ()), (1, [0]), (1, [0])),
    "classes": ((1, [0]), (1, [0]), (2, [0, 1])),
    "mixed": ((2, [1]), (2, [0]), (2, [0])),
}


@pytest.mark.parametrize("leave_one_out", [False, True])
@pytest.mark.parametrize("bandwidth", ["scott", "silverman", 0.3])
@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_definition(rng, kinds, bandwidth, leave_one_out):
    """Exact sums equal SciPy's densities for all kinds, and the grid is close."""
    parameters = {"bandwidth": bandwidth, "leave_one_out": leave_one_out}
    columns = iter(correlated(rng, 200, 6))
    variables = [[next(columns) for _ in range(n)] for n, _ in kinds]
    for variable, (_, discrete) in zip(variables, kinds, strict=True):
        for i in discrete:
            variable[i] = np.sign(variable[i])
    rows = [as_rows(v, d) for v, (_, d) in zip(variables, kinds, strict=True)]
    for method, tolerance in (("exact", CLOSE), ("grid", 1e-3)):
        kde = KDE(method=method, **parameters)
        x, y, z = (
            joined(kde, v, d) for v, (_, d) in zip(variables, kinds, strict=True)
        )
        for found, expected in (
            (mi(kde, x, y), naive.mixed_information(*rows[:2], **parameters)),
            (cmi(kde, x, y, z), naive.mixed_information(*rows, **parameters)),
            (entropy(kde, x), naive.mixed_entropy(*rows[0], **parameters)),
        ):
            assert found == pytest.approx(expected, abs=tolerance)


def test_formulas():
    """The formula for each kind of f, where y and s are discrete or not."""
    names = {
        (kind.__name__, discrete): formula.__name__
        for (kind, discrete), formula in FORMULAS.items()
    }
    assert names == {
        ("StandardColumns", False): "_of_standard_columns",
        ("StandardColumns", True): "_of_standard_columns",
        ("DiscreteBlock", False): "_one_by_one",
        ("DiscreteBlock", True): "_plug_in",
        ("JoinedColumns", False): "_one_by_one",
        ("JoinedColumns", True): "_one_by_one",
    }


def test_blocks_equal_single_columns(rng):
    """Columns of both kinds, with targets and conditions of both kinds."""
    columns = correlated(rng, 200, 6)
    columns[[1, 4]] = np.sign(columns[[1, 4]])
    block = prepare(SUMS, columns, discrete=[1, 4])
    rows = [as_rows([c], [0] if i in (1, 4) else []) for i, c in enumerate(columns)]
    positions = np.array([0, 1, 2])
    for y in (3, 4):
        found = SUMS.mi(block, positions, SUMS.as_target(block, y))
        expected = [naive.mixed_information(rows[x], rows[y]) for x in positions]
        np.testing.assert_allclose(found, expected, atol=CLOSE)
    both = SUMS.condition(SUMS.as_target(block, 3), SUMS.as_target(block, 5))
    found = SUMS.cmi(block, positions, both)
    expected = [naive.mixed_information(rows[x], rows[3], rows[5]) for x in positions]
    np.testing.assert_allclose(found, expected, atol=CLOSE)
    np.testing.assert_allclose(
        SUMS.entropy(block, positions),
        [naive.mixed_entropy(*rows[x]) for x in positions],
        atol=CLOSE,
    )


PLAIN = PlugIn(correction=None)


@pytest.mark.parametrize("n_levels", [1, 3, 100])
def test_classes_have_the_plug_in_estimate(rng, n_levels):
    """Above chance."""
    plug_in = PlugIn(correction="chance")
    x, y, z = (
        rng.integers(0, 4, 500),
        rng.integers(0, n_levels, 500),
        rng.integers(0, 3, 500),
    )
    assert mi(SUMS, *(prepare(SUMS, [v], [0]) for v in (x, y))) == mi(
        plug_in, *(prepare(plug_in, [v], [0]) for v in (x, y))
    )
    found = cmi(SUMS, *(prepare(SUMS, [v], [0]) for v in (x, y, z)))
    assert found == cmi(plug_in, *(prepare(plug_in, [v], [0]) for v in (x, y, z)))
    found = entropy(SUMS, prepare(SUMS, [x], [0]))
    assert found == pytest.approx(naive.entropy(x))


@pytest.mark.parametrize("kinds", KINDS.values(), ids=KINDS)
def test_chain_rule(rng, kinds):
    """I(x, z; y) = I(z; y) + I(x; y | z), nearly so after chance is subtracted."""
    kde = KDE()
    (n_x, dx), (n_y, dy), (n_z, dz) = kinds
    columns = correlated(rng, 400, 6)
    x, y, z = columns[:n_x], columns[2 : 2 + n_y], columns[4 : 4 + n_z]
    for variable, discrete in ((x, dx), (y, dy), (z, dz)):
        variable[list(discrete)] = np.sign(variable[list(discrete)])
    discrete_both = [*dx, *(n_x + np.array(dz, dtype=int))]
    joint_information = mi(
        kde, joined(kde, [*x, *z], discrete_both), joined(kde, y, dy)
    )
    blocks = [joined(kde, x, dx), joined(kde, y, dy), joined(kde, z, dz)]
    given_information = mi(kde, blocks[2], blocks[1])
    assert joint_information == pytest.approx(
        given_information + cmi(kde, *blocks), abs=1e-4 if dx and dy else 1e-9
    )


# --- the grid compared with exact sums


@pytest.mark.parametrize("leave_one_out", [False, True])
@pytest.mark.parametrize("n", [50, 300, 2000])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_grid(name, n, leave_one_out):
    distribution = DISTRIBUTIONS[name]
    x, y = distribution.sample(np.random.default_rng(1), n)
    found, expected = (
        skmi.mutual_info(
            x,
            y,
            estimator=KDE(leave_one_out=leave_one_out, method=method),
            discrete_x=distribution.discrete_x,
            discrete_y=distribution.discrete_y,
        )
        for method in ("grid", "exact")
    )
    assert found == pytest.approx(expected, abs=1e-3)


SAMPLERS = ["standard_normal", "standard_cauchy", "standard_exponential", "random"]


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("n", [50, 1000])
def test_grid_of_three_dimensions(rng, sampler, n):
    x, y, z = getattr(rng, sampler)((3, n))
    y += 0.5 * x
    z += 0.5 * y
    found, expected = (
        cmi(kde, *(prepare(kde, [v]) for v in (x, y, z)))
        for kde in (KDE(method="grid"), KDE(method="exact"))
    )
    assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("bandwidth", [1e-7, 1e-3, 0.01, 1, 30])
@pytest.mark.parametrize("distance", [10, 1e4, 1e8])
def test_clusters_far_apart(rng, distance, bandwidth):
    """Empty stretches are shortened, and a grid that is too large is not built."""
    x, y = rng.standard_normal((2, 400))
    x += distance * rng.integers(0, 3, 400)
    y += distance * rng.integers(0, 3, 400)
    found, expected = (
        skmi.mutual_info(x, y, estimator=KDE(bandwidth, method=method))
        for method in ("grid", "exact")
    )
    assert found == pytest.approx(expected, abs=2e-3)


def test_a_grid_in_the_middle(rng):
    """Distant points use sums if a grid of all points would be too large."""
    columns = rng.uniform(-1, 1, (3, 3000))
    columns[:, 300:] *= 1e-3
    auto, exact = (
        entropy(kde, joined(kde, columns))
        for kde in (KDE(0.01), KDE(0.01, method="exact"))
    )
    assert auto != exact
    assert auto == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("bandwidth", [5e-324, 1e-30, 1e30, 1e300])
def test_absurd_bandwidths(rng, bandwidth):
    x, y = correlated(rng, 50, 2)
    for method in ("auto", "grid", "exact"):
        found = skmi.mutual_info(x, y, estimator=KDE(bandwidth, method=method))
        assert np.isfinite(found)


def test_more_dimensions_than_the_grid_supports(rng):
    columns = correlated(rng, 200, 5)
    found = {
        method: entropy(KDE(method=method), joined(KDE(method=method), columns))
        for method in ("auto", "grid", "exact")
    }
    assert found["auto"] == found["grid"] == found["exact"]
    expected = naive.density_entropy(columns, "scott", True)
    assert found["exact"] == pytest.approx(expected)


@pytest.mark.parametrize("n", [20, 3000])
def test_auto_is_the_grid_or_exact(rng, n):
    columns = correlated(rng, n, 2)
    found = {
        method: entropy(KDE(method=method), joined(KDE(method=method), columns))
        for method in ("auto", "grid", "exact")
    }
    assert found["grid"] != found["exact"]
    assert found["auto"] == found["exact" if n == 20 else "grid"]


# --- compared with the truth


@both_methods
def test_entropy_of_normal_columns(method):
    """The truth is 0.5 ln(2 pi e) + ln scale; the kernel adds about its variance."""
    kde = KDE(method=method)
    for scale in (1, 1e-3):
        found = [
            entropy(
                kde, prepare(kde, [scale * np.random.default_rng(i).normal(size=1000)])
            )
            for i in range(20)
        ]
        error = np.std(found) / 20**0.5
        bias = np.mean(found) - log(2 * pi * e) / 2 - log(scale)
        assert -4 * error < bias < 4 * error + 1000 ** (-2 / 5) / 2


@pytest.mark.parametrize("name", [name for name in DISTRIBUTIONS if "normal ." in name])
def test_normal_pairs(name):
    distribution = DISTRIBUTIONS[name]
    found = [
        skmi.mutual_info(
            *distribution.sample(np.random.default_rng(seed), 3000),
            estimator="kde",
            discrete_y=distribution.discrete_y,
        )
        for seed in range(20)
    ]
    error = np.std(found) / 20**0.5
    assert np.mean(found) == pytest.approx(
        distribution.information, abs=0.01 + 4 * error
    )


def test_conditional_information_of_normal_columns():
    """The truth is 1/2 ln(det xz det yz / (det z det xyz))."""
    covariance = np.array([[4, 3, 1], [3, 4, 1], [1, 1, 2]])
    kde, found = KDE(), []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x, y, z = rng.multivariate_normal(np.zeros(3), covariance, 5000).T
        found.append(cmi(kde, *(prepare(kde, [v]) for v in (x, y, z))))
    assert np.mean(found) == pytest.approx(0.356883, abs=0.03)


def test_independent_columns():
    """Without leave_one_out, the kernel of the sample itself adds information."""
    found = {leave_one_out: [] for leave_one_out in (True, False)}
    for seed in range(50):
        x, y = np.random.default_rng(seed).standard_normal((2, 200))
        for leave_one_out, values in found.items():
            kde = KDE(leave_one_out=leave_one_out)
            values.append(skmi.mutual_info(x, y, estimator=kde))
    assert abs(np.mean(found[True])) < 0.02
    assert np.mean(found[False]) > 0.04


# --- changes that must not change a result


@both_methods
def test_shift_and_scale(rng, method):
    kde = KDE(method=method)
    x, y = np.floor(2**12 * correlated(rng, 500, 2)) / 2**12  # so that shifts are exact
    classes = (y > 0).astype(int)
    expected = skmi.mutual_info(x, y, estimator=kde)
    by_class = skmi.mutual_info(x, classes, estimator=kde, discrete_y=True)
    assert expected > 0.05
    for a, b in [(1, 1e10), (-1, 0), (1e-9, 0), (-3e5, 7), (1e200, 0), (1e-200, 0)]:
        changed = a * x + b
        close = {"abs": 1e-8}
        assert skmi.mutual_info(changed, y, estimator=kde) == pytest.approx(
            expected, **close
        )
        assert skmi.mutual_info(y, changed, estimator=kde) == pytest.approx(
            expected, **close
        )
        found = skmi.mutual_info(changed, classes, estimator=kde, discrete_y=True)
        assert found == pytest.approx(by_class, **close)
    for scale in (1e150, 1e-150):
        found = entropy(kde, prepare(kde, [scale * x])) - log(scale)
        assert found == pytest.approx(entropy(kde, prepare(kde, [x])), abs=1e-8)


@both_methods
def test_symmetry(rng, method):
    """The grid is symmetric too: it treats both axes alike."""
    kde = KDE(method=method)
    x, y, z = correlated(rng, 500, 3)
    forth, back = (skmi.mutual_info(*v, estimator=kde) for v in ((x, y), (y, x)))
    assert forth == pytest.approx(back, abs=1e-12)
    x, y, z = (prepare(kde, [v]) for v in (x, y, z))
    assert cmi(kde, x, y, z) == pytest.approx(cmi(kde, y, x, z), abs=1e-12)


# --- edge cases


def test_an_isolated_sample(rng):
    """Its density is that of its own kernel, not 0."""
    x, y = rng.standard_normal((2, 300))
    x[0] = 1e6
    parameters = {"bandwidth": "scott", "leave_one_out": True}
    for method in ("exact", "grid"):
        kde = KDE(method=method)
        found = entropy(kde, prepare(kde, [x]))
        expected = naive.density_entropy([x], **parameters)
        assert found == pytest.approx(expected, abs=1e-3)
        found = skmi.mutual_info(x, y, estimator=kde)
        expected = naive.mixed_information(([x], []), ([y], []), **parameters)
        assert found == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("discrete_y", [True, False])
def test_a_constant_column(rng, discrete_y):
    kde = KDE()
    y = rng.integers(0, 3, 100) if discrete_y else rng.standard_normal(100)
    other = rng.standard_normal(100)
    block = prepare(kde, [np.full(100, 1 / 3), y, other], [1] if discrete_y else [])
    constant, all_columns = np.array([0]), np.arange(3)
    for y in (1, 2):
        target = kde.as_target(block, y)
        assert kde.mi(block, constant, target)[0] == 0
        given = kde.condition(target, kde.as_target(block, 3 - y))
        assert kde.cmi(block, constant, given)[0] == 0
        alone = kde.mi(block, all_columns, target)
        given = kde.condition(target, kde.as_target(block, 0))
        np.testing.assert_array_equal(kde.cmi(block, all_columns, given), alone)
    assert (kde.mi(block, all_columns, kde.as_target(block, 0)) == 0).all()
    assert kde.entropy(block, constant)[0] == 0


def test_a_constant_adds_nothing_to_a_set(rng):
    kde = KDE()
    x, y = correlated(rng, 100, 2)
    constant = np.ones(100)
    target = prepare(kde, [y])
    expected = mi(kde, prepare(kde, [x]), target)
    assert mi(kde, joined(kde, [x, constant]), target) == expected
    assert mi(kde, joined(kde, [constant, constant]), target) == 0
    assert entropy(kde, joined(kde, [constant, constant], [0])) == 0


def test_classes_of_few_samples_are_left_out(rng):
    """Their samples are left out of all terms."""
    x, y, classes = *correlated(rng, 120, 2), np.arange(120) % 2
    kept = np.arange(120) >= 3
    few = np.where(kept, classes, 2)
    parameters = {"leave_one_out": False}
    for columns, discrete in (([few], [0]), ([y, few], [1])):  # 3 < d + 2 for d = 2
        variable = joined(SUMS, columns, discrete)
        is_kept = kept if len(columns) == 2 else np.full(120, True)
        expected = naive.mixed_information(
            ([x[is_kept]], []),
            as_rows([c[is_kept] for c in columns], discrete),
            **parameters,
        )
        x_block = prepare(SUMS, [x])
        # values are standardized over all samples, SciPy's covariance is of those kept
        assert mi(SUMS, x_block, variable) == pytest.approx(expected, abs=CLOSE)
        assert mi(SUMS, variable, x_block) == pytest.approx(expected, abs=CLOSE)
    y_given = prepare(SUMS, [y]), prepare(SUMS, [few], [0])
    expected = naive.mixed_information(
        ([x[kept]], []), ([y[kept]], []), ([], [classes[kept]])
    )
    assert cmi(SUMS, prepare(SUMS, [x]), *y_given) == pytest.approx(expected, abs=CLOSE)
    identifier = prepare(SUMS, [np.arange(120)], [0])
    assert mi(SUMS, prepare(SUMS, [x]), identifier) == 0
    assert mi(SUMS, identifier, prepare(SUMS, [x])) == 0
    assert cmi(SUMS, prepare(SUMS, [x]), prepare(SUMS, [y]), identifier) == 0


@both_methods
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_class_without_spread(rng, share, method):
    """x is 0 in one class only, so it has about the entropy of the class."""
    y = np.arange(1000) < 1000 * share
    x = np.where(y, 0.0, 3 + rng.random(1000))
    found = skmi.mutual_info(x, y, estimator=KDE(method=method))
    assert found == pytest.approx(naive.entropy(y), abs=0.25)
    assert found > 0.2


@both_methods
def test_a_column_and_itself(rng, method):
    """The information is large, finite, and the highest in a ranking."""
    kde = KDE(method=method)
    y = rng.standard_normal(300)
    X = np.column_stack([y + 0.01 * rng.standard_normal(300), y, 1 - 2 * y])
    scores = skmi.MIScorer(kde)(X, y)
    assert (scores[1:] > 8).all()
    assert (scores[1:] < 20).all()
    assert 3 < scores[0] < 6
    assert np.isfinite(cmi(kde, *(prepare(kde, [v]) for v in (y, y, y))))
    assert cmi(kde, *(prepare(kde, [v]) for v in (y, X[:, 0], y))) < 0.5
    classes = prepare(kde, [y > 0], [0])
    assert np.isfinite(cmi(kde, prepare(kde, [y]), prepare(kde, [y]), classes))


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8])
def test_few_samples(n):
    x, y = np.random.default_rng(0).standard_normal((2, n))
    for method in ("auto", "grid", "exact"):
        found = skmi.mutual_info(x, y, estimator=KDE(method=method))
        assert np.isfinite(found)
        assert (found == 0) == (n < 4)  # two dimensions need four samples
        assert np.isfinite(entropy(KDE(method=method), prepare(KDE(), [x])))


def test_whole_numbers(rng):
    """Whole numbers are points of the grid, where some weights of the spline are 0."""
    columns = rng.integers(0, 3, (40, 200)).astype(float)
    found = []
    for kde in (KDE(0.01, method="grid"), KDE(0.01, method="exact")):
        block = prepare(kde, columns)
        [
            np.full(size, np.nan) for size in range(100, 4000)
        ]  # leaves NaN in free memory
        found += [kde.mi(block, np.arange(40), kde.as_target(block, 0))]
    np.testing.assert_allclose(*found, atol=2e-3)


def test_a_sample_in_the_very_middle():
    """The cube of the grid contains the sample, however small the cube is."""
    x, y, z = np.array([[-1, 0, 1, 0, 0], [0, -1, 0, 1, 0], [1, -1, -1, 1, 0.0]])
    for method in ("auto", "grid", "exact"):
        kde = KDE(method=method)
        assert np.isfinite(cmi(kde, *(prepare(kde, [v]) for v in (x, y, z))))


def test_collinear_sets(rng):
    kde = KDE()
    a, b, c = rng.standard_normal((3, 100))
    block = prepare(kde, [a, np.arange(100) % 2, b, c, 2 * a - 3 * c + 1, b], [1])
    with pytest.raises(ValueError, match="column 0 and column 3, so"):
        kde.join(block)
    with pytest.raises(ValueError, match="column 1 is a linear combination of col"):
        joined(kde, [a, a])
    assert np.isfinite(entropy(kde, joined(kde, [a, a + 1e-3 * b])))


def test_joining_a_joined_variable(rng):
    kde = KDE()
    x, y = (
        joined(kde, correlated(rng, 100, 2)),
        prepare(kde, [rng.standard_normal(100)]),
    )
    assert mi(kde, kde.join(x), y) == mi(kde, x, y)


@pytest.mark.parametrize(
    ("kde", "message"),
    [
        (KDE(0), "bandwidth"),
        (KDE(-0.5), "bandwidth"),
        (KDE("sheather"), "bandwidth"),
        (KDE(leave_one_out="yes"), "leave_one_out"),
        (KDE(method="fft"), "method"),
    ],
    ids=str,
)
def test_parameters(kde, message):
    with pytest.raises(ValueError, match=f"'{message}' parameter of KDE"):
        skmi.mutual_info([1.0, 2, 3], [3.0, 1, 2], estimator=kde)


@pytest.mark.parametrize("criterion", ["mim", "mrmr", "jmi", "cmim"])
def test_selection(rng, criterion):
    """Two columns are informative, one is the first with noise, the rest is noise."""
    X = rng.standard_normal((300, 6))
    X[:, 4] = X[:, 1] + 0.5 * rng.standard_normal(300)
    y = X[:, 1] + X[:, 3] + 0.3 * rng.standard_normal(300)
    selector = skmi.MISelector(2, criterion=criterion, estimator="kde").fit(X, y)
    assert set(selector.path_) == {1, 3}


def test_information_is_at_most_the_entropy_of_classes(rng):
    """For distant classes, the bandwidth of all samples exceeds that of a class."""
    y = rng.integers(0, 10, 1000)
    x = y + 0.1 * rng.standard_normal(1000)
    entropy = naive.entropy(y)
    for kinds in ({"discrete_y": True}, {"discrete_x": True}):
        pair = (x, y) if "discrete_y" in kinds else (y, x)
        found = skmi.mutual_info(*pair, estimator=KDE(), **kinds)
        assert found == pytest.approx(entropy)
    z = rng.standard_normal(1000)
    found = skmi.conditional_mutual_info(x, y, z, estimator=KDE(), discrete_y=True)
    assert found == pytest.approx(entropy)


def test_variables_that_the_condition_determines(rng):
    x, y, z = rng.standard_normal((3, 300))
    x += y
    both = np.column_stack([y, z])
    for triple in (
        (x, y, 2 * y - 1),
        (2 * y - 1, x, y),
        (x, y + z, both),
        (-y, x, both),
    ):
        assert skmi.conditional_mutual_info(*triple, estimator=KDE()) == 0
    assert skmi.conditional_mutual_info(x, y, z, estimator=KDE()) > 0.1


def test_uninitialised_memory_is_not_read():
    """An isolated sample is a point of the grid, so its last weight is 0."""
    code = """if True:
        import skmi
        x = [2.5287057, -4.07514941, -8.67077113, .898290323, -1.37544115, -.651103541]
        y = [.149011612, -3.12924385, 7.59959221, -7.74860382, 5.81145287, 25.3319740]
        print(skmi.mutual_info(x, y, estimator=skmi.estimators.KDE(method="grid")))
    """
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ
            | {"MALLOC_PERTURB_": fill},  # a setting of the GNU C library
            capture_output=True,
            check=True,
        ).stdout
        for fill in ("0", "255")
    }
    assert len(found) == 1
