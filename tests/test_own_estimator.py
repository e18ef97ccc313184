"""A user-defined estimator, in NumPy only, with few optional capabilities."""

import naive
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

import skmi
from skmi._data.columns import Columns
from skmi.criteria import CRITERIA
from skmi.estimators import (
    CAPABILITIES,
    ESTIMATORS,
    KSG,
    Estimator,
    JoinError,
    PlugIn,
    get_estimator,
    require,
    serves,
)

PLAIN = PlugIn(correction=None)


def entropies(codes, *others):
    """Return H(f, others) of each row f of codes."""
    tables = [np.unique([f, *others], axis=1, return_counts=True)[1] for f in codes]
    return np.array([-(n / n.sum()) @ np.log(n / n.sum()) for n in tables])


class Terciles(Estimator):
    """Plug-in estimates, with continuous columns cut into thirds."""

    provides = frozenset(CAPABILITIES) - {
        "reorder",
        "pvalues",
        "conditional_pvalues",
    }

    def prepare(self, columns, indices):
        codes = np.empty((len(indices), columns.n_samples))
        for row, column in zip(codes, indices, strict=True):
            index = np.array([column])
            if columns.discrete[column]:
                row[:] = columns.codes(index)[0][0]
            else:
                values = columns.numbers(index)[0]
                row[:] = np.searchsorted(np.quantile(values, [1 / 3, 2 / 3]), values)
        return codes

    def join(self, block):
        return np.unique(block, axis=1, return_inverse=True)[1].reshape(1, -1)

    def as_target(self, block, column):
        return block[column]

    def mi(self, block, columns, target):
        y_entropy, f = entropies([target]), block[columns]
        return entropies(f) + y_entropy - entropies(f, target)

    def condition(self, target, given):
        return target, given

    def cmi(self, block, columns, conditioned):
        return self.cmi_and_entropy(block, columns, conditioned)[0]

    def entropy(self, block, columns):
        return entropies(block[columns])

    def cmi_and_entropy(self, block, columns, conditioned):
        y, s = conditioned
        joint = entropies(block[columns], s, y)
        fs_entropy, sy_entropy = entropies(block[columns], s), entropies([y], s)
        return np.stack([fs_entropy + sy_entropy - joint - entropies([s]), joint])


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setitem(ESTIMATORS, "terciles", Terciles)


@pytest.fixture
def table(rng):
    """Return columns x, d and z, of which d is discrete, and their codes by thirds."""
    z = rng.standard_normal(60)
    x, d = z + rng.standard_normal(60), rng.integers(0, 3, 60)
    columns = Columns(np.column_stack([x, d, z]), np.array([False, True, False]))
    codes = [np.digitize(v, np.quantile(v, [1 / 3, 2 / 3]), right=True) for v in (x, z)]
    return columns, [codes[0], d, codes[1]]


def test_by_name(registered):
    assert type(get_estimator("terciles")) is Terciles
    assert type(get_estimator(clone(Terciles()))) is Terciles


def test_capabilities(registered):
    assert serves(Terciles, ["conditional", "join", "entropy_bound", "joint_entropy"])
    with pytest.raises(ValueError, match=r"which KSG does not provide; .*or Terciles"):
        require(KSG(), ["joint_entropy"], "criterion DISR")
    with pytest.raises(ValueError, match=r"Terciles does not provide; use .*PlugIn\.$"):
        require(Terciles(), ["pvalues"], "p_value='analytic'")
    with pytest.raises(TypeError, match=r"Terciles has no analytic p-values\."):
        Terciles().pvalues(None, None, None)


def test_estimates(table):
    """Every method, for columns in a given order."""
    estimator, (columns, (x, d, z)) = Terciles(), table
    block = estimator.prepare(columns, np.arange(3))
    y, s = estimator.as_target(block, 0), estimator.as_target(block, 1)
    conditioned, positions = estimator.condition(y, s), np.array([2, 1])
    np.testing.assert_allclose(
        estimator.mi(block, positions, y),
        [naive.information(z, x), naive.information(d, x)],
    )
    np.testing.assert_allclose(
        estimator.cmi(block, positions, conditioned),
        [naive.joint_information(z, d, x) - naive.information(d, x), 0],
        atol=1e-12,
    )
    np.testing.assert_allclose(
        estimator.entropy(block, positions), [naive.entropy(z), naive.entropy(d)]
    )
    np.testing.assert_allclose(
        estimator.cmi_and_entropy(block, positions, conditioned)[1],
        [naive.entropy(z, d, x), naive.entropy(d, x)],
    )
    joined = estimator.join(estimator.prepare(columns, np.array([1, 2])))
    np.testing.assert_allclose(
        estimator.mi(joined, np.array([0]), y), [naive.joint_information(d, z, x)]
    )


def test_methods_of_the_base_class(rng, table):
    """The matrix of pairs, and targets of permuted samples."""
    estimator, (columns, (x, d, z)) = Terciles(), table
    block, all_columns = estimator.prepare(columns, np.arange(3)), np.arange(3)
    matrix = estimator.matrix(block, all_columns, block, all_columns[:2])
    expected = [[naive.information(f, g) for g in (x, d)] for f in (x, d, z)]
    np.testing.assert_allclose(matrix, expected)
    orders = np.array([rng.permutation(60) for _ in range(2)])
    targets = estimator.permuted_targets(columns.recode(np.array([2])), orders)
    for order, target in zip(orders, targets, strict=True):
        found = estimator.mi(block, all_columns[:1], target)
        np.testing.assert_allclose(found, [naive.information(x, z[order])])


# --- the whole library with this estimator, compared with PlugIn on discrete columns


@pytest.fixture
def levels(rng):
    """Three classes, and six columns of three levels, three of them informative."""
    y = rng.integers(0, 3, 80)
    X = rng.integers(0, 3, (80, 6))
    for column, noise in ((1, 0.3), (3, 0.5), (4, 0.6)):
        X[:, column] = np.where(rng.random(80) < noise, X[:, column], y)
    return pd.DataFrame(X).add_prefix("x").astype(str), y


def assert_close(found, expected):
    """Assert that two results are equal up to the order of sums."""
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-12)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def fit_both(levels, *arguments, **parameters):
    """Fit a selector with each estimator, and compare all that they return."""
    X, y = levels
    own, plugin = (
        skmi.MISelector(*arguments, estimator=estimator, **parameters).fit(X, y)
        for estimator in ("terciles", PLAIN)
    )
    for name in ("scores_", "path_", "path_scores_", "support_", "ranking_"):
        assert_close(getattr(own, name), getattr(plugin, name))
    if plugin.pvalues_ is not None:
        assert_close(own.pvalues_, plugin.pvalues_)
    assert_close(own.path_frame(X, y), plugin.path_frame(X, y))
    return own, plugin


@pytest.mark.parametrize("criterion", CRITERIA)
def test_every_criterion(registered, levels, criterion):
    own, plugin = fit_both(levels, 4, criterion=criterion)
    left_out = int(np.flatnonzero(~own.support_)[0])
    assert_close(
        own.redundant_with(left_out, *levels), plugin.redundant_with(left_out, *levels)
    )
    fit_both(levels, 4, criterion=criterion, preselected=[5, 0])
    options = {"random_state": 0, "n_permutations": 19}
    assert len(fit_both(levels, "auto", criterion=criterion, **options)[0].path_)


def test_pairs_and_the_backward_pass(registered, levels, tmp_path):
    options = {"random_state": 0, "n_permutations": 19}
    fit_both(levels, 3, pairs_first=True)
    fit_both(levels, "auto", pairs_first=True, **options)
    fit_both(levels, "auto", criterion="cmi", backward=True, **options)
    fit_both(levels, 3, memory=tmp_path)


def test_scores(registered, levels):
    X, y = levels
    assert_close(skmi.MIScorer("terciles")(X, y), skmi.MIScorer(PLAIN)(X, y))
    options = {"p_value": "permutation", "n_permutations": 99, "random_state": 0}
    for found, expected in zip(
        skmi.MIScorer("terciles", **options)(X, y),
        skmi.MIScorer(PLAIN, **options)(X, y),
        strict=True,
    ):
        assert_close(found, expected)
    own, plugin = (
        skmi.FCBF(0.02, alpha=None, estimator=estimator).fit(X, y)
        for estimator in ("terciles", PLAIN)
    )
    assert_close(own.scores_, plugin.scores_)
    assert_close(own.path_, plugin.path_)
    assert_close(own.covered_by_, plugin.covered_by_)
    options = {"random_state": 0, "n_subsamples": 10, "n_permutations": 19}
    own, plugin = (
        skmi.compare_correlation(X, y, estimator=estimator, **options)
        for estimator in ("terciles", PLAIN)
    )
    assert_close(own, plugin)


@pytest.mark.parametrize("normalize", [None, "correlation", "symmetric", "min", "sqrt"])
def test_functions_of_samples(registered, levels, normalize):
    X, y = levels
    y = y.astype(str)
    calls = [
        lambda **options: skmi.mutual_info(X["x1"], y, **options),
        lambda **options: skmi.mutual_info(X[["x1", "x3"]], y, **options),
        lambda **options: skmi.conditional_mutual_info(
            X["x1"], y, X[["x3", "x4"]], **options
        ),
        lambda **options: skmi.mutual_info_matrix(X, **options),
        lambda **options: skmi.metrics.prediction_information(y, X["x1"], **options),
    ]
    for call in calls:
        assert_close(
            call(estimator="terciles", normalize=normalize),
            call(estimator=PLAIN, normalize=normalize),
        )
    if normalize is None:
        for x in (X["x0"], X[["x0", "x2"]]):
            assert_close(skmi.entropy(x, estimator="terciles"), skmi.entropy(x))


@pytest.mark.parametrize("normalize", ["symmetric", "min", "sqrt"])
def test_entropies_of_continuous_columns(registered, rng, normalize):
    """They bound the information, so FCBF and normalised information use them."""
    X, y = rng.standard_normal((60, 3)), rng.integers(0, 2, 60)
    matrix = skmi.mutual_info_matrix(X, estimator="terciles", normalize=normalize)
    np.testing.assert_allclose(matrix.diagonal(), 1)
    assert skmi.FCBF(alpha=None, estimator="terciles").fit(X, y).scores_.shape == (3,)
    with pytest.raises(ValueError, match=r"which KSG does not provide; use .*Terciles"):
        skmi.mutual_info_matrix(X, estimator="ksg", normalize=normalize)


def test_unknown_capabilities():
    unknown = type("Unknown", (Terciles,), {"provides": frozenset({"conditionnal"})})
    with pytest.raises(ValueError, match=r"Unknown\.provides contains \['conditionnal"):
        get_estimator(unknown())


@pytest.mark.parametrize("error", [JoinError, ValueError])
def test_columns_that_cannot_be_joined(levels, error):
    """A search leaves such a column out; any other error ends it."""

    class Joins(Terciles):
        def join(self, block):
            if len(np.unique(block, axis=0)) < len(block):
                raise error("{} repeats", [1]) if error is JoinError else error("other")
            return super().join(block)

    X, y = levels
    X = X.assign(copy=X["x1"])[["x1", "copy", "x3", "x4"]]
    options = {"criterion": "cmi", "preselected": ["x1", "copy"]}
    selector = skmi.MISelector(4, estimator=Joins(), **options)
    if error is ValueError:
        with pytest.raises(ValueError, match="other"):
            selector.fit(X, y)
        return
    expected = skmi.MISelector(4, estimator=Terciles(), **options).fit(X, y)
    assert_close(selector.fit(X, y).path_, expected.path_)
    assert_close(selector.path_scores_, expected.path_scores_)
    with pytest.raises(ValueError, match=r"^column 'copy' of x repeats"):
        skmi.mutual_info(X, y, estimator=Joins())
