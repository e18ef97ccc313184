"""Changes of the input that must not change a result, and identities."""

import naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joblib import parallel_config
from served import SERVED
from sklearn.base import clone

import skmi
from skmi import MIScorer, MISelector
from skmi.estimators import ESTIMATORS, KDE, KSG, GaussianCopula, PlugIn

N, P = 240, 9
CLOSE = 1e-12  # sums are in another order

SETTINGS = [
    KSG(),
    KSG(1, "uniform"),
    KSG(5, "standard"),
    KSG(3, "raw"),
    KSG(4, algorithm=2),
    PlugIn(),
    PlugIn(7, "uniform"),
    GaussianCopula(),
    GaussianCopula(correction=False),
    KDE(),
    KDE("silverman", leave_one_out=False, method="grid"),
]
every_estimator = pytest.mark.parametrize("estimator", SETTINGS, ids=repr)
both_kinds = pytest.mark.parametrize("kind", ["classes", "number"])


def table(kind):
    """Continuous columns with and without ties, and discrete ones (the last three)."""
    rng = np.random.default_rng(0)
    number = rng.standard_normal(N)
    X = number[:, None] * np.linspace(0, 1, P) + rng.standard_normal((N, P))
    X[:, 2] = X[:, 2].round(1)
    X[:, 3] = np.maximum(X[:, 3], 0)
    X[:, -3:] = X[:, -3:].round() + 0.0  # no -0.
    return X, np.digitize(number, [-1, 0, 1]) if kind == "classes" else number


def scores_of(estimator, X, y, **parameters):
    parameters = {"discrete_features": range(P - 3, P)} | parameters
    return MIScorer(estimator, **parameters)(X, y)


@every_estimator
@both_kinds
def test_order_of_samples(estimator, kind):
    X, y = table(kind)
    order = np.random.default_rng(1).permutation(N)
    np.testing.assert_allclose(
        scores_of(estimator, X[order], y[order]), scores_of(estimator, X, y), atol=CLOSE
    )


@every_estimator
@both_kinds
def test_order_of_columns(estimator, kind):
    X, y = table(kind)
    columns = np.random.default_rng(1).permutation(P)
    discrete = columns >= P - 3
    np.testing.assert_array_equal(
        scores_of(estimator, X[:, columns], y, discrete_features=discrete),
        scores_of(estimator, X, y)[columns],
    )


@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_order_of_columns_in_a_selection(criterion, estimator):
    X, y = table("classes")
    columns = np.random.default_rng(1).permutation(P)
    n = 5 if criterion == "cmi" else P  # after that no candidate is informative
    selector = MISelector(n, criterion=criterion, estimator=estimator)
    path = selector.fit(X, y).path_
    scores = selector.path_scores_
    np.testing.assert_array_equal(columns[selector.fit(X[:, columns], y).path_], path)
    np.testing.assert_allclose(selector.path_scores_, scores, atol=CLOSE)


@every_estimator
def test_names_of_classes(estimator):
    X, y = table("classes")
    expected = scores_of(estimator, X, y)
    for renamed in (
        np.array([7, -3, 100, 5])[y],
        np.array(["d", "a", "c", "b"])[y],
        pd.Series(pd.Categorical(np.array(list("zxyw"))[y])),
    ):
        np.testing.assert_allclose(
            scores_of(estimator, X, renamed), expected, atol=CLOSE
        )


@every_estimator
@both_kinds
def test_names_of_levels(estimator, kind):
    X, y = table(kind)
    expected = scores_of(estimator, X, y)[-3:]
    renamed = pd.DataFrame(X[:, -3:]).map(lambda level: f"level {-level}")
    np.testing.assert_allclose(MIScorer(estimator)(renamed, y), expected, atol=CLOSE)


@pytest.mark.parametrize(
    "estimator",
    [KSG(), KSG(4, "uniform"), PlugIn(), PlugIn(5), GaussianCopula()],
    ids=repr,
)
@pytest.mark.parametrize(
    "change", [np.exp, np.arctan, lambda v: v**3 + v, lambda v: 3 * v - 1e3]
)
@both_kinds
def test_increasing_maps(estimator, change, kind):
    X, y = table(kind)
    changed = np.column_stack([change(X[:, : P - 3]), X[:, P - 3 :]])
    expected = scores_of(estimator, X, y)
    np.testing.assert_allclose(scores_of(estimator, changed, y), expected, atol=CLOSE)
    if kind == "number":
        np.testing.assert_allclose(
            scores_of(estimator, X, change(y)), expected, atol=CLOSE
        )


@pytest.mark.parametrize(
    "estimator",
    [KSG(), KSG(4, "uniform"), KSG(3, "raw"), GaussianCopula()],
    ids=repr,
)
@both_kinds
def test_reversal(estimator, kind):
    X, y = table(kind)
    np.testing.assert_allclose(
        scores_of(estimator, -X, y), scores_of(estimator, X, y), atol=CLOSE
    )


@every_estimator
@pytest.mark.parametrize("discrete_x", [True, False])
@pytest.mark.parametrize("discrete_y", [True, False])
def test_symmetry(estimator, discrete_x, discrete_y):
    X, _ = table("number")
    x, y = X[:, 2 if not discrete_x else -1], X[:, 3 if not discrete_y else -2]
    forth = skmi.mutual_info(
        x, y, estimator=estimator, discrete_x=discrete_x, discrete_y=discrete_y
    )
    back = skmi.mutual_info(
        y, x, estimator=estimator, discrete_x=discrete_y, discrete_y=discrete_x
    )
    assert forth == pytest.approx(back, abs=CLOSE)


# --- types and memory layouts of the input


def read_only(X):
    X = X.copy()
    X.setflags(write=False)
    return X


X_TYPES = {
    "float32": lambda X: X.astype(np.float32),
    "integers": lambda X: X.astype(np.int32),
    "Fortran order": np.asfortranarray,
    "every second row": lambda X: np.repeat(X, 2, axis=0)[::2],
    "reversed twice": lambda X: np.flip(np.flip(X).copy()),
    "big-endian": lambda X: X.astype(">f8"),
    "list": lambda X: X.tolist(),
    "frame": pd.DataFrame,
    "frame of float32": lambda X: pd.DataFrame(X.astype(np.float32)),
    "read-only": read_only,
    "object": lambda X: X.astype(object),
}
Y_TYPES = {name: X_TYPES[name] for name in ("float32", "integers", "list", "read-only")}
Y_TYPES["series"] = pd.Series


@pytest.mark.parametrize("convert", X_TYPES.values(), ids=X_TYPES)
@pytest.mark.parametrize("estimator", ESTIMATORS)
@both_kinds
def test_types_of_tables(convert, estimator, kind):
    X, y = table(kind)
    X = (10 * X).round()
    np.testing.assert_array_equal(
        scores_of(estimator, convert(X), y), scores_of(estimator, X, y)
    )
    selector = MISelector(4, criterion="mim", estimator=estimator)
    path = selector.fit(X, y).path_
    np.testing.assert_array_equal(selector.fit(convert(X), y).path_, path)


@pytest.mark.parametrize("convert", Y_TYPES.values(), ids=Y_TYPES)
@pytest.mark.parametrize("estimator", ESTIMATORS)
@both_kinds
def test_types_of_targets(convert, estimator, kind):
    X, y = table(kind)
    y = (10 * y).round()
    np.testing.assert_array_equal(
        scores_of(estimator, X, convert(y)), scores_of(estimator, X, y)
    )


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
@both_kinds
def test_input_is_not_changed(order, estimator, kind):
    X, y = table(kind)
    X = np.array(X, order=order)
    X_copy, y_copy = X.copy(), y.copy()
    X.setflags(write=False)
    y.setflags(write=False)
    scores_of(estimator, X, y)
    scores_of(estimator, X[:, :1], y, discrete_features=False)
    scores_of(estimator, pd.DataFrame(X), y)
    MISelector(3, criterion="mrmr", estimator=estimator).fit(X, y)
    MISelector(3, criterion="mim", estimator=estimator).fit(pd.DataFrame(X), y)
    function = f"mutual_info_{'classif' if kind == 'classes' else 'regression'}"
    getattr(skmi, function)(X, y, copy=False)
    skmi.mutual_info(X[:, 0], y, estimator=estimator)
    np.testing.assert_array_equal(X, X_copy)
    np.testing.assert_array_equal(y, y_copy)


# --- jobs


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize(("criterion", "estimator"), SERVED)
def test_backends_and_jobs(criterion, estimator, backend):
    X, y = table("classes")
    selector = MISelector(5, criterion=criterion, estimator=estimator).fit(X, y)
    with parallel_config(backend=backend):
        for n_jobs in (2, -1):
            again = MISelector(
                5, criterion=criterion, estimator=estimator, n_jobs=n_jobs
            ).fit(X, y)
            np.testing.assert_array_equal(again.path_, selector.path_)
            np.testing.assert_array_equal(again.scores_, selector.scores_)
            np.testing.assert_array_equal(again.path_scores_, selector.path_scores_)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_processes_share_large_arrays(rng, estimator):
    """Arrays above max_nbytes become read-only memory maps."""
    X, y = rng.standard_normal((20_000, 4)), rng.standard_normal(20_000)
    selector = MISelector(2, criterion="mrmr", estimator=estimator)
    expected = clone(selector).fit(X, y)
    with parallel_config(backend="loky", max_nbytes=10_000):
        found = selector.set_params(n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(found.path_scores_, expected.path_scores_)


@pytest.mark.parametrize("n_jobs", [1, 2, 3, 20])
@every_estimator
@both_kinds
def test_jobs_of_the_scorer(estimator, kind, n_jobs):
    X, y = table(kind)
    np.testing.assert_array_equal(
        scores_of(estimator, X, y, n_jobs=n_jobs), scores_of(estimator, X, y)
    )


# --- identities

few = st.integers(0, 3)
triples = st.lists(st.tuples(few, few, few), min_size=2, max_size=40)


PLAIN = PlugIn(correction=None)


def plug_in(x, y):
    return skmi.mutual_info(x, y, estimator=PLAIN, discrete_x=True, discrete_y=True)


@given(triples)
@pytest.mark.filterwarnings("ignore:y is constant")
def test_information_is_between_zero_and_the_entropies(triples):
    x, y, _ = np.array(triples).T
    found = plug_in(x, y)
    assert -CLOSE <= found <= min(naive.entropy(x), naive.entropy(y)) + CLOSE
    assert found == pytest.approx(plug_in(y, x), abs=CLOSE)


@given(triples)
@pytest.mark.filterwarnings("ignore:y is constant")
def test_information_with_itself_is_entropy(triples):
    x, y, z = np.array(triples).T
    assert plug_in(x, x) == pytest.approx(naive.entropy(x), abs=CLOSE)
    joint = 16 * x + 4 * y + z
    assert plug_in(joint, joint) == pytest.approx(naive.entropy(x, y, z), abs=CLOSE)


@given(triples)
@pytest.mark.filterwarnings("ignore:y is constant")
def test_chain_rule(triples):
    """I(f, s; y) = I(s; y) + I(f; y | s), for the scores of the selector."""
    f, s, y = np.array(triples + [(0, 1, 0), (1, 0, 1)] * 2).T
    selectors = {
        criterion: MISelector(
            2,
            criterion=criterion,
            estimator=PLAIN,
            discrete_features=True,
            discrete_target=True,
        ).fit(np.column_stack([f, s]), y)
        for criterion in ("jmi", "cmim")
    }
    first, second = (column for column in selectors["jmi"].path_)
    columns = (f, s)
    joint = naive.joint_information(f, s, y)
    assert selectors["jmi"].path_scores_[1] == pytest.approx(joint, abs=CLOSE)
    conditional = naive.conditional_information(columns[second], y, columns[first])
    relevance = selectors["jmi"].scores_
    assert relevance[first] + conditional == pytest.approx(joint, abs=CLOSE)
    least = min(conditional, relevance[second])
    assert selectors["cmim"].path_scores_[1] == pytest.approx(least, abs=CLOSE)


@given(triples)
@pytest.mark.filterwarnings("ignore:y is constant")
def test_merging_levels_adds_no_information(triples):
    x, y, _ = np.array(triples).T
    assert plug_in(x // 2, y) <= plug_in(x, y) + CLOSE


@every_estimator
def test_repeated_columns_have_equal_scores(estimator):
    X, y = table("number")
    scores = MIScorer(estimator)(np.column_stack([X, X]), y)
    np.testing.assert_array_equal(scores[:P], scores[P:])


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("kind", ["classes", "number"])
def test_a_constant_scores_zero(estimator, kind):
    X, y = table(kind)
    for constant in (0, 1 / 3, -1e6):
        X[:, [0, -1]] = constant
        scores = scores_of(estimator, X, y)
        assert scores[0] == scores[-1] == 0
