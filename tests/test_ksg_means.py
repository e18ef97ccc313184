"""Means over several numbers of neighbours, and the correction of strong dependence."""

import naive
import numpy as np
import pytest
from distributions import bivariate_normal
from scipy.special import digamma
from scipy.stats import entropy, rankdata
from sklearn.base import clone

import skmi
from skmi.estimators import KSG
from skmi.estimators._ksg_bias import correct_bias, shortfall
from skmi.estimators._ksg_numbers import Numbers

SEVERAL = [(1, 2, 4, 6), (2, 5), range(1, 8), [7, 1, 3]]


def table(rng, n, rounded):
    """Return continuous x, y and z and discrete d, dependent."""
    z = rng.standard_normal(n)
    x, y = z + rng.standard_normal((2, n))
    if rounded:
        x, y = x.round(), y.round()
    return {"x": x, "y": y, "z": z, "d": rng.integers(0, 3, n) + (z > 0)}


CALLS = {
    "continuous": lambda v, e: skmi.mutual_info(v["x"], v["y"], estimator=e),
    "classes": lambda v, e: skmi.mutual_info(
        v["x"], v["d"], estimator=e, discrete_y=True
    ),
    "discrete x": lambda v, e: skmi.mutual_info(
        v["d"], v["y"], estimator=e, discrete_x=True, discrete_y=False
    ),
    "vectors": lambda v, e: skmi.mutual_info(
        np.column_stack([v["x"], v["z"]]), v["y"], estimator=e
    ),
    "conditional": lambda v, e: skmi.conditional_mutual_info(
        v["x"], v["y"], v["z"], estimator=e
    ),
    "classes, conditional": lambda v, e: skmi.conditional_mutual_info(
        v["x"], v["d"], v["z"], estimator=e, discrete_y=True
    ),
    "given classes": lambda v, e: skmi.conditional_mutual_info(
        v["x"], v["y"], v["d"], estimator=e, discrete_z=True
    ),
}


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("marginals", ["normal", "raw"])
@pytest.mark.parametrize("ks", SEVERAL, ids=str)
@pytest.mark.parametrize("call", CALLS)
def test_mean_over_numbers(rng, call, ks, marginals, rounded):
    """The mean of the estimates for each number, weighted by it."""
    variables = table(rng, 90, rounded)
    each = [CALLS[call](variables, KSG(k, marginals)) for k in ks]
    found = CALLS[call](variables, KSG(ks, marginals))
    assert found == pytest.approx(np.average(each, weights=list(ks)), abs=1e-12)


@pytest.mark.parametrize("algorithm", [1, 2])
def test_one_number_is_a_sequence_of_one(rng, algorithm):
    variables = table(rng, 90, False)
    for call in CALLS.values():
        assert call(variables, KSG(3, algorithm=algorithm)) == call(
            variables, KSG([3], algorithm=algorithm)
        )


def test_default(rng):
    """KSG(): the numbers 1, 2, 4 and 6, in any order."""
    assert KSG().n_neighbors == (1, 2, 4, 6)
    variables = table(rng, 90, True)
    for call in CALLS.values():
        assert call(variables, KSG()) == call(variables, KSG([6, 4, 2, 1]))


def test_discrete_variables_do_not_depend_on_the_numbers(rng):
    x, y = rng.integers(0, 4, (2, 80))
    found = skmi.mutual_info(x, y, estimator=KSG(), discrete_x=True, discrete_y=True)
    assert found == naive.information_above_chance(x, y, 0 * y) or found == (
        pytest.approx(naive.information_above_chance(x, y, 0 * y), abs=1e-12)
    )


def test_mean_of_naive_estimates(rng):
    x = rng.standard_normal(150)
    y = x + rng.standard_normal(150).round(1)
    found = skmi.mutual_info(x, y, estimator=KSG((1, 2, 4, 6), "raw"))
    each = [naive.ksg(x, y, k) for k in (1, 2, 4, 6)]
    assert found == pytest.approx(np.average(each, weights=[1, 2, 4, 6]), abs=1e-11)


@pytest.mark.parametrize("ks", [(), (0, 3), (2, 2), (1.5, 2), ("1",), range(0)])
def test_numbers_that_are_not_possible(rng, ks):
    x = rng.standard_normal(30)
    with pytest.raises(ValueError, match=r"n_neighbors=.* must be a positive integer"):
        skmi.mutual_info(x, x, estimator=KSG(ks))


@pytest.mark.parametrize("n_neighbors", ["4", {1, 2}, None, 2.0, 0])
def test_types_that_are_not_possible(rng, n_neighbors):
    x = rng.standard_normal(30)
    with pytest.raises(ValueError, match="n_neighbors"):
        skmi.mutual_info(x, x, estimator=KSG(n_neighbors))


def test_smallest_number_must_be_below_the_number_of_samples(rng):
    x = rng.standard_normal(6)
    with pytest.raises(ValueError, match="must be below the number of samples, 6"):
        skmi.mutual_info(x, x, estimator=KSG((6, 9)))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("n", [4, 6])
def test_more_neighbors_than_samples(rng, call, n):
    """All other samples are the neighbours; the weight is that of the number."""
    variables = table(rng, n, False)
    variables["d"] = np.arange(n) % 2
    found = CALLS[call](variables, KSG((1, 2, 40), "raw"))
    each = [CALLS[call](variables, KSG(k, "raw")) for k in (1, 2, n - 1)]
    assert found == pytest.approx(np.average(each, weights=[1, 2, 40]), abs=1e-12)


@pytest.mark.parametrize("ks", [*SEVERAL, 4])
def test_clones(ks):
    """The parameter is stored as it is, and clones have an equal one."""
    estimator = KSG(ks)
    assert estimator.n_neighbors is ks
    assert clone(estimator).n_neighbors == ks


# --- the correction

NUMBERS = np.array([2, 3, 4, 6, 10, 20, 100], dtype=np.intc)


def curve(n, k, limit=np.inf):
    """Return raw estimates from below 0 to the maximum, and corrected ones."""
    most = digamma(n) - digamma(k)
    raw = np.concatenate(
        [np.linspace(-0.5, most, 20_000), most - np.logspace(-12, -4, 200)]
    )
    raw.sort()
    limits = np.full(len(raw), min(limit, np.log(n)))
    return raw, correct_bias(raw[:, None], np.array([k], np.intc), n, limits)[:, 0]


@pytest.mark.parametrize("k", NUMBERS)
@pytest.mark.parametrize("n", [5, 20, 200, 1000, 10**6])
def test_correction_is_increasing_and_continuous(n, k):
    if k >= n:
        return
    raw, corrected = curve(n, k)
    assert (np.diff(corrected) > 0).all()
    steps = np.diff(corrected)[:-200]
    assert steps.max() < 0.1
    assert (corrected >= raw).all()
    assert corrected[-1] == pytest.approx(max(np.log(n), raw[-1]), abs=1e-9)
    assert corrected[-1] <= max(np.log(n), raw[-1]) + 1e-12
    np.testing.assert_array_equal(corrected[raw <= 0], raw[raw <= 0])


@pytest.mark.parametrize("k", NUMBERS)
def test_shortfall_decreases_with_the_gap(k):
    gap = np.linspace(1e-6, 15, 10_000)
    missing = shortfall(gap, np.array(float(k)))
    assert (np.diff(missing) <= 0).all()
    assert (np.diff(missing[missing > 1e-12]) < 0).all()
    assert (missing >= 0).all()


@pytest.mark.parametrize("n", [100, 1000])
def test_shortfall_is_a_function_of_the_gap(n):
    """The samples decide only by their number beside the width of the normal pair."""
    found = []
    for size, information in ((n, 3.5), (8 * n, 3.5 + np.log(8))):
        normal = bivariate_normal(np.sqrt(-np.expm1(-2 * information)))
        raw = [
            skmi.mutual_info(
                *normal.sample(np.random.default_rng(seed), size),
                estimator=KSG(4, correction=False),
            )
            for seed in range(60 if n < 1000 else 12)
        ]
        found.append(information - np.mean(raw))
    assert found[0] == pytest.approx(found[1], abs=0.05)


@pytest.mark.parametrize("estimator", [KSG(), KSG(4)])
@pytest.mark.parametrize("information", [2, 3, 4])
def test_correction_of_normal_pairs(estimator, information):
    """Within a tenth of a nat, where up to .7 are missing without it."""
    normal = bivariate_normal(np.sqrt(-np.expm1(-2 * information)))
    found = [
        skmi.mutual_info(
            *normal.sample(np.random.default_rng(seed), 200), estimator=estimator
        )
        for seed in range(40)
    ]
    assert np.mean(found) == pytest.approx(information, abs=0.1)


@pytest.mark.parametrize("k", NUMBERS)
@pytest.mark.parametrize("n", [50, 1000, 10**6])
def test_estimates_far_below_the_maximum_hardly_change(n, k):
    if k >= n:
        return
    raw, corrected = curve(n, k)
    far = raw <= digamma(n) - digamma(k) - 3
    assert (np.abs(corrected - raw)[far] < 0.01).all()


def test_correction_is_the_one_of_the_formula(rng):
    x = rng.standard_normal(300)
    y = x + 0.02 * rng.standard_normal(300)
    raw = np.array([[skmi.mutual_info(x, y, estimator=KSG(4, correction=False))]])
    found = skmi.mutual_info(x, y, estimator=KSG(4))
    expected = correct_bias(raw, np.array([4], np.intc), 300, np.log([300.0]))
    assert found == expected[0, 0]
    assert found > raw[0, 0] + 0.2


@pytest.mark.parametrize("marginals", ["uniform", "standard", "raw"])
def test_only_normal_scores_are_corrected(rng, marginals):
    x = rng.standard_normal(100)
    y = x + 0.02 * rng.standard_normal(100)
    estimators = [KSG(4, marginals, correction=c) for c in (False, True)]
    assert len({skmi.mutual_info(x, y, estimator=e) for e in estimators}) == 1


def test_only_the_first_algorithm_is_corrected(rng):
    x = rng.standard_normal(100)
    y = x + 0.02 * rng.standard_normal(100)
    estimators = [KSG(4, algorithm=2, correction=c) for c in (False, True)]
    assert len({skmi.mutual_info(x, y, estimator=e) for e in estimators}) == 1


def test_one_neighbor_is_not_corrected(rng):
    x = rng.standard_normal(100)
    y = x + 0.02 * rng.standard_normal(100)
    estimators = [KSG(1, correction=c) for c in (False, True)]
    assert len({skmi.mutual_info(x, y, estimator=e) for e in estimators}) == 1


@pytest.mark.parametrize("n_levels", [2, 5, 40])
@pytest.mark.parametrize("n", [20, 100, 1000])
def test_correction_does_not_exceed_the_entropy_of_the_levels(rng, n, n_levels):
    x = rng.integers(0, n_levels, n) * 1.0
    bound = entropy(np.unique(x, return_counts=True)[1])
    for other in (x, x + 0.4 * rng.random(n)):
        raw, found = (
            skmi.mutual_info(
                x, other, estimator=KSG(4, correction=c), discrete_x=False,
                discrete_y=False,
            )
            for c in (False, True)
        )  # fmt: skip
        assert raw <= found <= max(raw, bound) + 1e-12


def test_correction_does_not_depend_on_other_columns(rng):
    x = rng.standard_normal((60, 5))
    y = x.sum(axis=1)
    x[:, 1] = y + 0.01 * x[:, 1]
    x[:, 2] = y.round()
    scores = skmi.MIScorer(KSG())(x, y)
    assert scores.tolist() == [
        skmi.MIScorer(KSG())(column[:, None], y)[0] for column in x.T
    ]


def test_strictly_increasing_maps_change_nothing(rng):
    x = rng.standard_normal(100)
    y = x + 0.02 * rng.standard_normal(100)
    found = skmi.mutual_info(x, y)
    assert skmi.mutual_info(np.exp(5 * x), rankdata(y)) == found


def test_mean_of_one_number_is_exact():
    estimates = np.array([[0.1], [0.3]])
    assert Numbers.of(7).mean(estimates).tolist() == [0.1, 0.3]
