"""Measures of probability tables: exact values, identities, invalid input."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse, stats
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import log_loss, mutual_info_score

import skmi
from skmi import measures
from skmi.measures import (
    conditional_entropy,
    conditional_mutual_information,
    contingency_mutual_information,
    cross_entropy,
    entropy,
    interaction_information,
    joint_entropy,
    js_divergence,
    kl_divergence,
    mutual_information,
    pointwise_mutual_information,
    self_information,
    total_correlation,
)

LN2 = np.log(2)
XOR = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]]) / 4
COPIES = np.array([[[1, 0], [0, 0]], [[0, 0], [0, 1]]]) / 2

# The sums have at most 256 terms below 1, so rounding errors are far smaller.
close = pytest.approx
EXACT = {"rel": 1e-12, "abs": 1e-12}


def distributions(*ndims, min_side=1):
    """Generate tables with these numbers of axes, with many zero probabilities."""
    weights = st.one_of(st.just(0.0), st.floats(1e-6, 1), st.integers(0, 9).map(float))
    shapes = st.sampled_from(ndims).flatmap(
        lambda n: st.tuples(*[st.integers(min_side, 4)] * n)
    )
    return (
        shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=weights))
        .filter(lambda table: table.sum() > 0)
        .map(lambda table: table / table.sum())
    )


def pairs():
    """Generate two distributions over the same outcomes."""
    return (
        distributions(2)
        .filter(lambda table: table.shape[0] > 1 and (table[:2].sum(axis=1) > 0).all())
        .map(lambda table: [row / row.sum() for row in table[:2]])
    )


bases = st.floats(1.1, 20)

# By default, they measure the variables of the first two or three axes, or of all.
TABLE_MEASURES = {
    "entropy": entropy,
    "joint_entropy": joint_entropy,
    "conditional_entropy": conditional_entropy,
    "mutual_information": mutual_information,
    "conditional_mutual_information": conditional_mutual_information,
    "interaction_information": interaction_information,
    "total_correlation": total_correlation,
}
PAIR_MEASURES = {
    "cross_entropy": cross_entropy,
    "kl_divergence": kl_divergence,
    "js_divergence": js_divergence,
}
ELEMENTWISE_MEASURES = {
    "self_information": self_information,
    "pointwise_mutual_information": pointwise_mutual_information,
}
every_pair_measure = pytest.mark.parametrize(
    "measure", PAIR_MEASURES.values(), ids=PAIR_MEASURES
)
P3 = np.arange(1, 25).reshape(2, 3, 4) / 300
CALLS = (
    {name: (measure, [P3]) for name, measure in TABLE_MEASURES.items()}
    | {name: (measure, [P3, P3[::-1]]) for name, measure in PAIR_MEASURES.items()}
    | {
        name: (measure, [P3.sum(axis=2)])
        for name, measure in ELEMENTWISE_MEASURES.items()
    }
)
every_measure = pytest.mark.parametrize(
    ("measure", "tables"), CALLS.values(), ids=CALLS
)
NORMALIZED_CALLS = {
    name: call for name, call in CALLS.items() if name != "self_information"
}
every_measure_of_a_distribution = pytest.mark.parametrize(
    ("measure", "tables"), NORMALIZED_CALLS.values(), ids=NORMALIZED_CALLS
)


def test_calls_cover_all_public_measures():
    others = {"ContingencyInformation", "contingency_mutual_information"}
    assert set(CALLS) | others == set(measures.__all__)
    assert skmi.measures is measures


# Exact values


def test_cross_entropy_of_a_fair_coin():
    fair, assumed = [0.5, 0.5], [0.2, 0.8]
    assert cross_entropy(fair, assumed, base=2) == close(1.3219280948873622, **EXACT)
    assert kl_divergence(fair, assumed, base=2) == close(0.3219280948873622, **EXACT)
    assert entropy(fair, base=2) == 1


def test_entropies_of_dyadic_probabilities():
    p = [[0.5, 0.25], [0, 0.25]]
    assert entropy(p, base=2) == joint_entropy(p, base=2) == 1.5
    assert joint_entropy(p, axis=1, base=2) == joint_entropy(p, axis=(-1,), base=2) == 1
    assert conditional_entropy(p, base=2) == 0.5
    x_entropy = 0.75 * np.log2(4 / 3) + 0.25 * 2
    assert joint_entropy(p, axis=0, base=2) == close(x_entropy, **EXACT)
    assert conditional_entropy(p, x=1, y=0, base=2) == close(1.5 - x_entropy, **EXACT)
    assert mutual_information(p, base=2) == close(x_entropy - 0.5, **EXACT)


@pytest.mark.parametrize("error", [0.1, 0.25])
def test_binary_symmetric_channel(error):
    p = np.array([[1 - error, error], [error, 1 - error]]) / 2
    error_entropy = -(error * np.log(error) + (1 - error) * np.log(1 - error))
    assert mutual_information(p) == close(LN2 - error_entropy, **EXACT)
    assert mutual_information(p) == close({0.1: 0.368064, 0.25: 0.130812}[error], 1e-5)


def test_five_samples():
    x, y = [1, 0, 1, 1, 0], [1, 1, 1, 0, 0]
    counts = np.zeros((2, 2), dtype=int)
    np.add.at(counts, (x, y), 1)
    in_bits = {"base": 2, "counts": True}
    assert mutual_information(counts, **in_bits) == close(0.0200, abs=5e-5)
    assert joint_entropy(counts, axis=0, **in_bits) == close(0.9710, abs=5e-5)
    assert joint_entropy(counts, **in_bits) == close(1.9219, abs=5e-5)


@pytest.mark.parametrize(
    ("x", "y", "z", "bits"),
    [
        ([1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 0], 0.688721875),
        ([1, 1, 0, 0], [0, 1, 0, 1], [1, 1, 0, 1], 0.18872187554),
    ],
)
def test_conditional_information_of_four_samples(x, y, z, bits):
    counts = np.zeros((2, 2, 2))
    np.add.at(counts, (x, y, z), 1)
    information = conditional_mutual_information(counts, base=2, counts=True)
    assert information == close(bits, abs=5e-9)


def test_exclusive_or_is_synergy_and_copies_are_redundancy():
    assert mutual_information(XOR) == 0
    assert conditional_mutual_information(XOR, base=2) == close(1, **EXACT)
    assert interaction_information(XOR, base=2) == close(1, **EXACT)
    assert total_correlation(XOR, base=2) == 1
    assert mutual_information(XOR, x=(0, 1), y=2, base=2) == 1
    assert mutual_information(COPIES, base=2) == 1
    assert conditional_mutual_information(COPIES) == 0
    assert interaction_information(COPIES, base=2) == close(-1, **EXACT)
    assert total_correlation(COPIES, base=2) == 2


def test_divergences_of_distributions_with_different_support():
    assert kl_divergence([0.5, 0.5, 0], [1, 0, 0]) == np.inf
    assert cross_entropy([0.5, 0.5, 0], [1, 0, 0]) == np.inf
    assert kl_divergence([1, 0, 0], [0.5, 0.5, 0], base=2) == 1
    assert cross_entropy([1, 0, 0], [0.5, 0.5, 0], base=2) == 1
    assert js_divergence([0.5, 0.5, 0], [0, 0, 1], base=2) == 1


def test_self_information():
    assert self_information(0.125, base=2) == 3
    assert self_information(0) == np.inf
    np.testing.assert_array_equal(
        self_information([1, 0.5, 0.5, 0], base=2), [0, 1, 1, np.inf]
    )
    np.testing.assert_array_equal(
        self_information([2, 1, 1], base=2, counts=True), [1, 2, 2]
    )
    assert not np.signbit(self_information([1.0])).any()


def test_pointwise_information():
    p = [[0.25, 0.25], [0, 0.5]]
    pmi_of_second_y = np.log2(0.25 / (0.5 * 0.75)), np.log2(0.5 / (0.5 * 0.75))
    pmi = pointwise_mutual_information(p, base=2)
    np.testing.assert_allclose(
        pmi, [[1, pmi_of_second_y[0]], [-np.inf, pmi_of_second_y[1]]], 1e-12
    )
    ppmi = pointwise_mutual_information(p, kind="ppmi", base=2)
    np.testing.assert_allclose(ppmi, [[1, 0], [0, pmi_of_second_y[1]]], rtol=1e-12)
    npmi = pointwise_mutual_information(p, kind="npmi")
    np.testing.assert_allclose(
        npmi, [[0.5, pmi_of_second_y[0] / 2], [-1, pmi_of_second_y[1]]], 1e-12
    )


@pytest.mark.parametrize("kind", ["pmi", "ppmi", "npmi"])
def test_pointwise_information_of_impossible_and_certain_pairs(kind):
    np.testing.assert_array_equal(pointwise_mutual_information([[1]], kind=kind), 0)
    p = [[0.25, 0.25, 0], [0.25, 0.25, 0], [0, 0, 0]]
    np.testing.assert_array_equal(pointwise_mutual_information(p, kind=kind), 0)


def test_bounds_of_normalized_pointwise_information():
    npmi = pointwise_mutual_information(np.diag([0.2, 0.3, 0.5]), kind="npmi")
    np.testing.assert_array_equal(npmi, 2 * np.eye(3) - 1)


def test_products_of_tiny_probabilities_do_not_vanish():
    p = np.diag([1 - 1e-200, 1e-200])  # the product of the marginals is 0 in doubles
    assert mutual_information(p) == close(entropy(p), **EXACT)
    assert pointwise_mutual_information(p)[1, 1] == close(200 * np.log(10), **EXACT)


# Identities


@given(distributions(2))
def test_definitions_of_mutual_information_agree(p):
    h_x, h_y = joint_entropy(p, axis=0), joint_entropy(p, axis=1)
    information = mutual_information(p)
    product = np.outer(p.sum(axis=1), p.sum(axis=0))
    assert information == close(h_x + h_y - joint_entropy(p), **EXACT)
    assert information == close(h_x - conditional_entropy(p), **EXACT)
    assert information == close(h_y - conditional_entropy(p, x=1, y=0), **EXACT)
    assert information == close(kl_divergence(p, product), **EXACT)
    assert information == close(mutual_information(p.T), **EXACT)
    assert information == close(total_correlation(p), **EXACT)
    assert information == close(interaction_information(p), **EXACT)


@given(distributions(2))
def test_bounds_of_mutual_information(p):
    information = mutual_information(p)
    bound = min(joint_entropy(p, axis=0), joint_entropy(p, axis=1))
    assert 0 <= information <= bound + 1e-12  # both are rounded
    assert 0 <= conditional_entropy(p) <= joint_entropy(p, axis=0) + 1e-12


@given(distributions(1), distributions(1))
def test_information_of_independent_variables_is_zero(p_x, p_y):
    p = np.outer(p_x, p_y)
    assert mutual_information(p) == close(0, abs=1e-12)
    assert conditional_entropy(p) == close(entropy(p_x), **EXACT)
    assert joint_entropy(p) == close(entropy(p_x) + entropy(p_y), **EXACT)


@given(distributions(1))
def test_information_of_a_variable_with_itself_is_its_entropy(p_x):
    p = np.diag(p_x)
    assert mutual_information(p) == close(entropy(p_x), **EXACT)
    assert conditional_entropy(p) == 0


@given(distributions(2))
def test_mutual_information_is_the_mean_pointwise_information(p):
    pmi = pointwise_mutual_information(p)
    mean = (p[p > 0] * pmi[p > 0]).sum()
    assert mean == close(mutual_information(p), **EXACT)
    occurs = np.outer(p.sum(axis=1), p.sum(axis=0)) > 0
    np.testing.assert_array_equal(np.isneginf(pmi), occurs & (p == 0))
    ppmi = pointwise_mutual_information(p, kind="ppmi")
    np.testing.assert_array_equal(ppmi, np.maximum(pmi, 0))
    npmi = pointwise_mutual_information(p, kind="npmi")
    assert (np.abs(npmi) <= 1).all()
    some = (p > 0) & (p < 1)
    np.testing.assert_allclose(npmi[some] * -np.log(p[some]), pmi[some], atol=1e-12)


@given(distributions(3))
def test_conditional_information_given_a_value(p):
    """I(A; B | z) = sum over b of p(b|z) D(p(a|b,z) || p(a|z)), averaged over z."""
    mean = 0.0
    for z in np.flatnonzero(p.sum(axis=(0, 1))):
        given_z = p[:, :, z] / p[:, :, z].sum()
        p_a, p_b = given_z.sum(axis=1), given_z.sum(axis=0)
        information = sum(
            p_b[b] * kl_divergence(given_z[:, b] / p_b[b], p_a)
            for b in np.flatnonzero(p_b)
        )
        assert mutual_information(given_z) == close(information, **EXACT)
        mean += p[:, :, z].sum() * information
    assert conditional_mutual_information(p) == close(mean, **EXACT)


@given(distributions(3))
def test_chain_rules(p):
    """Chain rules of Cover and Thomas, theorems 2.2.1, 2.5.1 and 2.5.2."""
    h_x, h_xy = joint_entropy(p, axis=0), joint_entropy(p, axis=(0, 1))
    y_given_x = conditional_entropy(p, x=1, y=0)
    z_given_xy = conditional_entropy(p, x=2, y=(0, 1))
    assert h_xy == close(h_x + y_given_x, **EXACT)
    assert joint_entropy(p) == close(h_x + y_given_x + z_given_xy, **EXACT)
    assert conditional_entropy(p, x=(0, 1), y=2) == close(
        conditional_entropy(p, x=0, y=2) + conditional_entropy(p, x=1, y=(0, 2)),
        **EXACT,
    )
    assert mutual_information(p, x=(0, 1), y=2) == close(
        mutual_information(p, x=0, y=2)
        + conditional_mutual_information(p, x=1, y=2, z=0),
        **EXACT,
    )


@given(distributions(3))
def test_conditional_information_is_a_difference_of_entropies(p):
    information = conditional_mutual_information(p)
    x_given_z = conditional_entropy(p, x=0, y=2)
    assert information >= 0
    assert information <= min(x_given_z, conditional_entropy(p, x=1, y=2)) + 1e-12
    assert information == close(
        x_given_z - conditional_entropy(p, x=0, y=(1, 2)), **EXACT
    )
    swapped = conditional_mutual_information(p, x=1, y=0)
    assert information == close(swapped, **EXACT)


@given(distributions(3))
def test_interaction_information_of_three(p):
    difference = conditional_mutual_information(p) - mutual_information(p)
    for order in permutations(range(3)):
        assert interaction_information(p, axis=order) == close(difference, **EXACT)


@given(distributions(4))
def test_interaction_and_total_correlation_of_four(p):
    """That of four variables is the change in that of three given the fourth."""
    change = -interaction_information(p, axis=(0, 1, 2))
    for w in range(p.shape[3]):
        if p[..., w].sum() > 0:
            given_w = p[..., w] / p[..., w].sum()
            change += p[..., w].sum() * interaction_information(given_w)
    assert interaction_information(p) == close(change, **EXACT)
    assert total_correlation(p) == close(
        mutual_information(p)
        + mutual_information(p, x=(0, 1), y=2)
        + mutual_information(p, x=(0, 1, 2), y=3),
        **EXACT,
    )
    marginals = [p.sum(axis=tuple({0, 1, 2, 3} - {i})) for i in range(4)]
    product = np.einsum("i,j,k,l", *marginals)
    assert total_correlation(p) == close(kl_divergence(p, product), **EXACT)


@given(distributions(1, 2))
def test_entropy_is_largest_for_the_uniform_distribution(p):
    uniform = np.full(p.shape, 1 / p.size)
    assert 0 <= entropy(p) <= entropy(uniform) + 1e-12
    assert entropy(uniform) == close(np.log(p.size), **EXACT)
    assert kl_divergence(p, uniform) == close(np.log(p.size) - entropy(p), **EXACT)


@given(distributions(1, 2, 3), bases)
def test_entropy_equals_scipy(p, base):
    assert entropy(p, base=base) == close(stats.entropy(p.ravel(), base=base), **EXACT)


@given(pairs(), bases)
def test_divergences_equal_scipy(pair, base):
    p, q = pair
    divergence = kl_divergence(p, q, base=base)
    assert divergence == close(stats.entropy(p, q, base=base), **EXACT)


@given(pairs())
def test_cross_entropy_is_entropy_plus_divergence(pair):
    p, q = pair
    assert cross_entropy(p, q) == close(entropy(p) + kl_divergence(p, q), **EXACT)
    assert cross_entropy(p, p) == close(entropy(p), **EXACT)
    assert cross_entropy(p, q) >= entropy(p) - 1e-12
    assert kl_divergence(p, p) == js_divergence(p, p) == 0


def test_js_divergence_is_the_square_of_scipys_distance():
    p, q = [0.1, 0.2, 0.7], [0.5, 0, 0.5]
    assert js_divergence(p, q, base=2) == close(jensenshannon(p, q, 2) ** 2, **EXACT)


@given(pairs())
def test_js_divergence_is_symmetric_and_bounded(pair):
    p, q = pair
    divergence = js_divergence(p, q)
    assert 0 <= divergence <= LN2 + 1e-12
    assert divergence == close(js_divergence(q, p), **EXACT)
    mean_entropy = (entropy(p) + entropy(q)) / 2
    assert divergence == close(entropy((p + q) / 2) - mean_entropy, **EXACT)
    # The information of a draw about the distribution that it comes from.
    assert divergence == close(mutual_information(np.array([p, q]) / 2), **EXACT)


@given(st.floats(0, 1), st.floats(0.001, 0.999))
def test_binary_cross_entropy(truth, assumed):
    binary = -truth * np.log(assumed) - (1 - truth) * np.log(1 - assumed)
    two_classes = cross_entropy([truth, 1 - truth], [assumed, 1 - assumed])
    assert two_classes == close(binary, **EXACT)


def test_log_loss_is_a_mean_cross_entropy(rng):
    y = rng.integers(0, 2, 50)
    assumed = rng.uniform(0.01, 0.99, 50)
    cross_entropies = [
        cross_entropy([1 - label, label], [1 - q, q])
        for label, q in zip(y, assumed, strict=True)
    ]
    assert np.mean(cross_entropies) == close(log_loss(y, assumed), **EXACT)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=30),
    distributions(1, min_side=4).filter(lambda q: (q > 0).all()),
)
def test_maximum_likelihood_has_the_smallest_cross_entropy(labels, q):
    counts = np.bincount(labels, minlength=4)
    fit = counts / len(labels)
    mean_log_likelihood = np.log(q[labels]).mean()
    assert cross_entropy(fit, q) == close(-mean_log_likelihood, **EXACT)
    assert cross_entropy(counts, q, counts=True) == close(-mean_log_likelihood, **EXACT)
    smallest = cross_entropy(fit, fit)
    assert smallest == close(entropy(fit), **EXACT)
    assert smallest <= cross_entropy(fit, q) + 1e-12


@given(distributions(3), bases)
def test_base_changes_only_the_unit(p, base):
    for measure in TABLE_MEASURES.values():
        assert measure(p, base=base) * np.log(base) == close(measure(p), **EXACT)
    np.testing.assert_allclose(
        self_information(p, base=base) * np.log(base), self_information(p), 1e-12
    )
    table = p.sum(axis=2)
    for kind, unit in {"pmi": np.log(base), "ppmi": np.log(base), "npmi": 1}.items():
        np.testing.assert_allclose(
            pointwise_mutual_information(table, kind=kind, base=base) * unit,
            pointwise_mutual_information(table, kind=kind),
            rtol=1e-12,
        )


@given(arrays(np.int64, (2, 3, 2), elements=st.integers(0, 9)), st.integers(1, 5))
def test_counts_are_divided_by_their_sum(counts, factor):
    counts[0, 0, 0] += 1
    p = counts / counts.sum()
    for measure in TABLE_MEASURES.values():
        assert measure(counts * factor, counts=True) == close(measure(p), **EXACT)


@given(distributions(3))
def test_order_of_values_and_empty_values_do_not_matter(p):
    padded = np.pad(p, ((0, 1), (1, 0), (0, 2)))
    for measure in TABLE_MEASURES.values():
        assert measure(p[::-1, ::-1]) == close(measure(p), **EXACT)
        assert measure(padded) == close(measure(p), **EXACT)


# Contingency tables


@pytest.mark.parametrize(
    ("table", "nats", "g", "chi2"),
    [
        ([[10, 20], [15, 25]], 0.0009286386703, 0.1300094138, 0.1296296296),
        ([[30, 10], [10, 30]], 0.1308120359, 20.9299257506, 20),
    ],
)
def test_known_tables(table, nats, g, chi2):
    result = contingency_mutual_information(table)
    n = np.sum(table)
    assert result.mutual_information == close(nats, abs=5e-11)
    assert result.statistic == close(g, abs=5e-11)
    assert result.statistic == 2 * n * result.mutual_information
    assert result.dof == 1
    expected = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert result.pvalue == close(expected.pvalue, **EXACT)
    # Pearson's statistic is close, and the formula without the 2 is twice too large.
    pearson = stats.chi2_contingency(table, correction=False).statistic
    assert pearson == close(chi2, abs=5e-11)
    in_bits = result.mutual_information / LN2
    assert pearson / (2 * n * LN2) == close(in_bits, rel=0.05)
    assert pearson / n / LN2 == close(2 * in_bits, rel=0.05)


def test_first_known_table_in_digits():
    result = contingency_mutual_information([[10, 20], [15, 25]])
    assert result.pvalue == close(0.718422, abs=5e-7)
    assert result.mutual_information / LN2 == close(0.0013397424044, abs=5e-14)


@given(arrays(np.int64, (4, 3), elements=st.integers(0, 9)))
def test_contingency_equals_scipy_without_empty_rows_and_columns(table):
    table[0, 0] += 1
    result = contingency_mutual_information(table)
    kept = table[table.any(axis=1)][:, table.any(axis=0)]
    expected = stats.chi2_contingency(kept, correction=False, lambda_="log-likelihood")
    assert result.dof == expected.dof
    assert result.statistic == close(expected.statistic, rel=1e-12, abs=1e-12)
    # At one degree of freedom, 1 - pvalue is proportional to sqrt(G) near G = 0.
    assert result.pvalue == close(expected.pvalue, rel=1e-9, abs=1e-6)
    rows, columns = np.nonzero(table)
    repeats = table[rows, columns]
    from_labels = mutual_info_score(rows.repeat(repeats), columns.repeat(repeats))
    assert result.mutual_information == close(from_labels, **EXACT)


@pytest.mark.parametrize("table", [[[3, 0], [5, 0]], [[1, 2, 3]], [[7]]])
def test_contingency_of_a_constant_variable(table):
    assert contingency_mutual_information(table) == (0, 0, 0, 1)


def test_result_has_named_plain_numbers():
    result = contingency_mutual_information(pd.DataFrame([[3, 1], [2, 4]]))
    assert result._fields == ("mutual_information", "statistic", "dof", "pvalue")
    assert [type(value) for value in result] == [float, float, int, float]


# Input


@every_measure
def test_lists_frames_and_read_only_arrays(measure, tables):
    expected = measure(*tables)
    lists = [p.tolist() for p in tables]
    np.testing.assert_array_equal(measure(*lists), expected)
    read_only = [p.copy() for p in tables]
    for p in read_only:
        p.flags.writeable = False
    np.testing.assert_array_equal(measure(*read_only), expected)
    if tables[0].ndim == 2:
        np.testing.assert_array_equal(measure(pd.DataFrame(tables[0])), expected)


@every_measure
def test_input_is_not_modified(measure, tables):
    copies = [np.array(p) for p in tables]
    for counts in [True, False]:
        measure(*copies, counts=counts)
    for copy, p in zip(copies, tables, strict=True):
        np.testing.assert_array_equal(copy, p)


@every_measure
def test_result_types(measure, tables):
    result = measure(*tables)
    if measure in ELEMENTWISE_MEASURES.values():
        assert isinstance(result, np.ndarray)
        assert result.shape == tables[0].shape
    else:
        assert type(result) is float
    assert type(self_information(0.5)) is float


@every_measure
def test_float32_probabilities_may_miss_one_by_rounding(measure, tables):
    single = [p.astype(np.float32) * np.float32(1 + 1e-6) for p in tables]
    # float32 has about seven digits.
    np.testing.assert_allclose(measure(*single), measure(*tables), rtol=1e-4, atol=1e-6)


@every_measure
@pytest.mark.parametrize("base", [1, 0, -2, np.inf, np.nan, "e", None, True])
def test_invalid_base(measure, tables, base):
    with pytest.raises(ValueError, match=r"base=.* give a positive number other than"):
        measure(*tables, base=base)


@every_measure
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, "contains NaN or infinity; give finite"),
        (np.inf, "contains NaN or infinity; give finite"),
        (-0.25, r"contains -0.25, but .* are not negative; .* pass np.maximum"),
    ],
)
def test_invalid_values(measure, tables, value, message, counts):
    for position, name in enumerate("pq"[: len(tables)]):
        bad = [np.array(p) for p in tables]
        bad[position].flat[1] = value
        with pytest.raises(ValueError, match=f"^{name} {message}"):
            measure(*bad, counts=counts)


@every_measure_of_a_distribution
def test_a_sum_that_is_not_one(measure, tables):
    message = r"^p sums to 0.9, not to 1; pass counts=True to divide"
    with pytest.raises(ValueError, match=message):
        measure(tables[0] * 0.9, *tables[1:])
    if len(tables) == 2:
        with pytest.raises(ValueError, match=r"^q sums to 3, not to 1; pass counts=T"):
            measure(tables[0], tables[1] * 3)


def test_events_above_one():
    with pytest.raises(ValueError, match=r"p contains 3, but .* pass counts=True"):
        self_information([1, 3])


@every_measure
@pytest.mark.parametrize("p", [[], [[]], np.ones((0, 2, 3))])
def test_empty(measure, tables, p):
    with pytest.raises(ValueError, match=r"^p is empty, of shape .*; at least one"):
        measure(p, *tables[1:])


@every_measure
def test_counts_that_cannot_be_normalized(measure, tables):
    nothing = np.zeros_like(tables[0])
    with pytest.raises(ValueError, match=r"^p sums to 0, .* at least one count"):
        measure(nothing, *tables[1:], counts=True)
    with pytest.raises(ValueError, match=r"^p sums to inf, .* scale it down"):
        measure(nothing + 1e308, *tables[1:], counts=True)


@every_measure
@pytest.mark.parametrize(
    "p",
    [[[0.5, 0.5], [1]], ["a", "b"], ["0.5", "0.5"], [0.5j, 1], "0.5"],
    ids=["ragged", "letters", "digits", "complex", "str"],
)
def test_values_that_are_not_numbers(measure, tables, p):
    with pytest.raises(ValueError, match=r"^p must be a dense array of real numbers: "):
        measure(p, *tables[1:])


def test_sparse():
    with pytest.raises(ValueError, match=r"^table must be a dense array of real"):
        contingency_mutual_information(sparse.csr_array([[3, 1], [2, 4]]))


@every_pair_measure
def test_shapes_that_differ(measure):
    message = r"p and q must have the same shape, got \(2,\) and \(3,\); give both"
    with pytest.raises(ValueError, match=message):
        measure([0.5, 0.5], [0.5, 0.5, 0])
    with pytest.raises(ValueError, match=r"same shape, got \(2,\) and \(1, 2\)"):
        measure([0.5, 0.5], [[0.5, 0.5]])


@every_measure_of_a_distribution
def test_a_single_number(measure, tables):
    with pytest.raises(ValueError, match=r"^p is a single number, 1; give an array"):
        measure(1.0, *tables[1:])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: mutual_information([0.5, 0.5]),
            r"y=1 is not an axis of p, whose shape",
        ),
        (
            lambda: conditional_entropy([1.0]),
            r"y=1 is not an axis of p.*one axis for each",
        ),
        (lambda: mutual_information(P3, y=3), r"y=3 is not an axis .* \(2, 3, 4\)"),
        (lambda: mutual_information(P3, x=-4), r"x=-4 is not an axis"),
        (
            lambda: conditional_mutual_information(P3.sum(axis=2)),
            r"z=2 is not an axis of p, whose shape is \(2, 3\)",
        ),
        (lambda: mutual_information(P3, x=1), r"y=1 repeats axis 1 of p; give each"),
        (
            lambda: mutual_information(P3, y=(1, -3)),
            r"y=\(1, -3\) repeats axis -3 of p",
        ),
        (
            lambda: joint_entropy(P3, axis=(0, 0)),
            r"axis=\(0, 0\) repeats axis 0 .* once",
        ),
        (lambda: joint_entropy(P3, axis=()), r"axis is empty; give at least one"),
        (lambda: joint_entropy(P3, axis=1.5), r"axis=1.5 is not an axis; give an int"),
        (lambda: joint_entropy(P3, axis="x"), r"axis='x' is not an axis; give an int"),
        (lambda: total_correlation([1.0]), r"at least 2 variables are needed, got 1"),
        (
            lambda: interaction_information(P3, axis=1),
            r"at least 2 variables are needed, got 1",
        ),
        (lambda: pointwise_mutual_information(P3), r"p must have two axes, .* \(2, 3,"),
        (lambda: contingency_mutual_information([1, 2]), r"table must have two axes"),
        (lambda: contingency_mutual_information(3), r"table must have two axes"),
        (lambda: contingency_mutual_information([]), r"table is empty, of shape"),
        (lambda: contingency_mutual_information([[0]]), r"table sums to 0, .* at leas"),
        (
            lambda: contingency_mutual_information([[-1]]),
            r"table contains -1, but prob",
        ),
        (lambda: contingency_mutual_information([[np.nan]]), r"table contains NaN or"),
        (
            lambda: pointwise_mutual_information(P3[0] / P3[0].sum(), kind="PMI"),
            r"kind='PMI' is not known; choose one of \['pmi', 'ppmi', 'npmi'\]",
        ),
    ],
)
def test_other_invalid_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
