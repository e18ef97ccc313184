"""Errors name the parameter or column and say what to do; valid input passes."""

import re
from functools import partial

import naive
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from served import terms_of

import skmi
from skmi import MIScorer, MISelector
from skmi._search.terms import needs_of
from skmi.criteria import CRITERIA
from skmi.estimators import CAPABILITIES, ESTIMATORS, KSG, Estimator, PlugIn

RNG = np.random.default_rng(0)
X = RNG.standard_normal((30, 3))
Y = RNG.integers(0, 2, 30)
FRAME = pd.DataFrame(X, columns=["height", "weight", "age"])

CALLS = {
    "selector": lambda X, y: MISelector(1).fit(X, y),
    "selector of ksg": lambda X, y: MISelector(1, criterion="mim", estimator="ksg").fit(
        X, y
    ),
    "scorer": lambda X, y: MIScorer()(X, y),
    "scorer of plugin": lambda X, y: MIScorer("plugin")(X, y),
    "classif": skmi.mutual_info_classif,
    "regression": skmi.mutual_info_regression,
}
TYPED = ["selector", "selector of ksg", "scorer", "scorer of plugin"]  # report columns

every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
typed_call = pytest.mark.parametrize("call", [CALLS[name] for name in TYPED], ids=TYPED)
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS)


def with_value(table, value, column=1):
    """Return a copy of a table with one value replaced."""
    table = table.copy()
    if isinstance(table, pd.DataFrame):
        table.iloc[4, column] = value
    else:
        table[4, column] = value
    return table


# --- missing and infinite values


@every_call
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_bad_value_in_an_array(call, value):
    with pytest.raises(ValueError, match=r"X contains (NaN|infinity)"):
        call(with_value(X, value), Y)


@typed_call
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_bad_number_in_a_frame(call, value):
    with pytest.raises(
        ValueError, match=r"column 'weight' of X contains (NaN|infinity).*impute"
    ):
        call(with_value(FRAME, value), Y)


@typed_call
@pytest.mark.parametrize(
    "weight",
    [
        np.array(["heavy", "light", None] * 10, dtype=object),
        pd.Categorical(["heavy", "light", None] * 10),
        pd.array(["heavy", "light", None] * 10, dtype="string"),
        pd.array([1, 2, None] * 10, dtype="Int64"),
        pd.array([1.5, 2, None] * 10, dtype="Float64"),
        pd.array([True, False, None] * 10, dtype="boolean"),
    ],
    ids=["object", "category", "string", "Int64", "Float64", "boolean"],
)
def test_missing_value_in_a_frame(call, weight):
    with pytest.raises(ValueError, match=r"column 'weight' of X contains NaN.*impute"):
        call(FRAME.assign(weight=weight), Y)


@every_call
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_bad_number_in_y(call, value):
    with pytest.raises(ValueError, match=r"y contains (NaN|infinity)"):
        call(X, np.where(np.arange(30) == 7, value, Y))


@typed_call
@pytest.mark.parametrize(
    "y",
    [
        np.array(["a", "b", None] * 10, dtype=object),
        pd.Series(["a", "b", None] * 10),
        pd.Series(pd.Categorical(["a", "b", None] * 10)),
        pd.Series(pd.array([1, 2, None] * 10, dtype="Int64")),
    ],
    ids=["object", "series", "category", "Int64"],
)
def test_missing_label_in_y(call, y):
    with pytest.raises(ValueError, match="y contains NaN"):
        call(X, y)


@pytest.mark.parametrize("name", ["x", "y"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_bad_number_in_one_of_two_arrays(name, value):
    arrays = {"x": X[:, 0], "y": X[:, 1]}
    arrays[name] = np.where(np.arange(30) == 7, value, arrays[name])
    with pytest.raises(ValueError, match=f"{name} contains (NaN|infinity)"):
        skmi.mutual_info(**arrays)


# --- shapes


@every_call
@pytest.mark.parametrize("table", [X, FRAME], ids=["array", "frame"])
@pytest.mark.parametrize("n", [0, 1])
def test_too_few_samples(call, table, n):
    with pytest.raises(ValueError, match=rf"(?i){n} sample.*(required|needed)"):
        call(table[:n], Y[:n])


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_numbers(n):
    with pytest.raises(ValueError, match=f"(?i){n} sample.*(required|needed)"):
        skmi.mutual_info(X[:n, 0], Y[:n])


@every_call
@pytest.mark.parametrize("table", [X, FRAME], ids=["array", "frame"])
def test_lengths_that_differ(call, table):
    with pytest.raises(ValueError, match=r"\bX and y\b.*\b30\b.*\b20\b"):
        call(table, Y[:20])


def test_two_arrays_of_lengths_that_differ():
    with pytest.raises(ValueError, match=r"x and y .*30 and 20"):
        skmi.mutual_info(X[:, 0], Y[:20])


@every_call
def test_no_columns(call):
    with pytest.raises(ValueError, match=r"0 feature\(s\)|X has no columns"):
        call(X[:, :0], Y)


@every_call
def test_one_dimension(call):
    with pytest.raises(ValueError, match="Expected 2D array"):
        call(X[:, 0], Y)


@every_call
def test_two_targets(call):
    with pytest.raises(
        ValueError, match=r"y (should be a 1d array|must have one dimension)"
    ):
        call(X, np.column_stack([Y, Y]))


@every_call
def test_no_target(call):
    with pytest.raises(ValueError, match="requires y"):
        call(X, None)


@typed_call
def test_sparse(call):
    with pytest.raises(TypeError, match=r"(?i)sparse.*dense"):
        call(sparse.csr_matrix(X), Y)


@pytest.mark.parametrize("name", ["classif", "regression"])
@pytest.mark.parametrize("discrete", [False, [0], [True, True, False]])
def test_continuous_features_that_are_sparse(name, discrete):
    with pytest.raises(ValueError, match=r"discrete_features.*sparse X.*dense"):
        CALLS[name](sparse.csr_matrix(X), Y, discrete_features=discrete)


# --- targets


@pytest.mark.parametrize("name", [*TYPED, "classif"])
@pytest.mark.parametrize("labels", [str, object], ids=["str", "object"])
def test_every_label_unique(name, labels):
    y = np.array([f"sample {i}" for i in range(30)]).astype(labels)
    message = r"every label of .*y is unique.*numbers, such as 'sample 0', convert"
    with pytest.raises(ValueError, match=message):
        CALLS[name](X, y)


def test_every_number_unique_but_few():
    """Whole numbers with at most 20 distinct values are read as classes."""
    message = r"every label of .*y is unique.*set discrete_target=False"
    with pytest.raises(ValueError, match=message):
        MISelector(1).fit(X[:9], np.arange(9))
    MISelector(1, discrete_target=False).fit(X[:9], np.arange(9))


@pytest.mark.parametrize("name", [*TYPED, "classif", "regression"])
@pytest.mark.parametrize("y", [np.zeros(30), np.full(30, 3), np.ones(30, bool)])
def test_constant_target(name, y):
    with pytest.warns(UserWarning, match="y is constant"):
        result = CALLS[name](X, y)
    scores = getattr(result, "scores_", result)
    np.testing.assert_array_equal(scores, [0, 0, 0])


@pytest.mark.parametrize(
    "y", [np.full(30, 0.3), np.full(30, "a"), pd.Series(["a"] * 30, dtype="category")]
)
@typed_call
def test_constant_target_of_any_kind(call, y):
    with pytest.warns(UserWarning, match="y is constant"):
        result = call(FRAME.assign(age=["old", "young"] * 15), y)
    np.testing.assert_array_equal(getattr(result, "scores_", result), [0, 0, 0])


@typed_call
def test_dates(call):
    dates = pd.Series(pd.date_range("2020-02-20", periods=30))
    with pytest.raises(ValueError, match=r"column 'age' of X contains dates.*numbers"):
        call(FRAME.assign(age=dates), Y)
    with pytest.raises(ValueError, match=r"y .*dates"):
        call(FRAME, dates)


# --- parameters


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_features_to_select": 0}, "n_features_to_select"),
        ({"n_features_to_select": -2}, "n_features_to_select"),
        ({"n_features_to_select": 1.5}, "n_features_to_select"),
        ({"n_features_to_select": 0.0}, "n_features_to_select"),
        ({"n_features_to_select": "all"}, "n_features_to_select"),
        ({"n_jobs": 1.5}, "n_jobs"),
        ({"criterion": "mimm"}, "criterion='mimm'.*" + ".*".join(sorted(CRITERIA))),
        ({"criterion": None}, "criterion=None"),
        ({"criterion": CRITERIA["jmi"]}, "criterion=.*JMI"),
        ({"estimator": "kgs"}, "estimator='kgs'.*" + ".*".join(sorted(ESTIMATORS))),
        ({"estimator": 3}, "estimator=3"),
        ({"estimator": PlugIn(1)}, "n_bins"),
        ({"estimator": PlugIn(2.5)}, "n_bins"),
        ({"estimator": PlugIn("many")}, "n_bins"),
        ({"estimator": PlugIn(binning="equal")}, "binning"),
        ({"estimator": KSG(0), "criterion": "mim"}, "n_neighbors"),
        ({"estimator": KSG(1.5), "criterion": "mim"}, "n_neighbors"),
        ({"estimator": KSG(marginals="rank"), "criterion": "mim"}, "marginals"),
        ({"estimator": KSG(algorithm=3), "criterion": "mim"}, "algorithm"),
        ({"discrete_target": "no"}, "discrete_target.*'no'"),
        ({"discrete_features": "all"}, "discrete_features='all'"),
        ({"discrete_features": ["weigth"]}, "discrete_features.*'weigth'.*'weight'"),
        ({"discrete_features": [1.5]}, "discrete_features.*1.5"),
        ({"discrete_features": [[0]]}, "discrete_features.*one dimension"),
    ],
    ids=str,
)
def test_parameters_of_the_selector(parameters, message):
    with pytest.raises(ValueError, match=message):
        MISelector(**{"n_features_to_select": 1} | parameters).fit(FRAME, Y)


@pytest.mark.parametrize("discrete", [[3], [-4], [True, False], [True] * 4])
def test_columns_that_do_not_exist(discrete):
    for scorer in (
        MIScorer(discrete_features=discrete),
        MISelector(1, discrete_features=discrete).fit,
    ):
        with pytest.raises(IndexError, match=r"discrete_features.*3"):
            scorer(X, Y)
    for function in (skmi.mutual_info_classif, skmi.mutual_info_regression):
        with pytest.raises(IndexError, match=r"discrete_features.*3"):
            function(X, Y, discrete_features=discrete)


@pytest.mark.parametrize("scorer", [MIScorer, lambda **p: MISelector(1, **p).fit])
def test_text_cannot_be_continuous(scorer):
    table = FRAME.assign(age=["old", "young"] * 15)
    for none in [False, [True, False, False]]:
        with pytest.raises(ValueError, match=r"'age' of X is not numeric.*list it"):
            scorer(discrete_features=none)(table, Y)
    with pytest.raises(
        ValueError, match=r"y is not numeric.*set discrete_target='auto'"
    ):
        scorer(discrete_target=False)(X, table["age"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"estimator": "kdf"}, "estimator='kdf'.*" + ".*".join(sorted(ESTIMATORS))),
        ({"units": "bans"}, "units='bans'.*nats.*bits"),
        ({"discrete_x": "no"}, "discrete_x.*'no'"),
        ({"discrete_y": 2}, "discrete_y.*2"),
    ],
    ids=str,
)
def test_parameters_for_two_arrays(parameters, message):
    with pytest.raises(ValueError, match=message):
        skmi.mutual_info(X[:, 0], X[:, 1], **parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"n_neighbors": 2.5}, "n_neighbors"),
        ({"discrete_features": "manual"}, "discrete_features='manual'"),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["classif", "regression"])
def test_parameters_of_the_functions(name, parameters, message):
    with pytest.raises(ValueError, match=message):
        CALLS[name](X, Y, **parameters)


@pytest.mark.parametrize("n_neighbors", [30, 31])
def test_more_neighbors_than_samples(n_neighbors):
    y = X[:, 1]
    message = f"n_neighbors={n_neighbors} must be below the number of samples, 30"
    with pytest.raises(ValueError, match=message):
        skmi.mutual_info(X[:, 0], y, estimator=KSG(n_neighbors))
    with pytest.raises(ValueError, match=message):
        skmi.mutual_info_regression(X, y, n_neighbors=n_neighbors)
    with pytest.raises(ValueError, match=message):
        MIScorer(KSG(n_neighbors))(X, y)
    with pytest.raises(ValueError, match=message):
        MISelector(1, criterion="mim", estimator=KSG(n_neighbors)).fit(X, y)
    assert np.isfinite(skmi.mutual_info(X[:, 0], y, estimator=KSG(29)))


class Bare(PlugIn):
    """An estimator that provides only the information of pairs."""

    provides = frozenset()
    condition, cmi, entropy = Estimator.condition, Estimator.cmi, Estimator.entropy


@pytest.mark.parametrize("estimator", [*ESTIMATORS.values(), Bare])
@pytest.mark.parametrize("criterion", CRITERIA)
def test_criterion_with_missing_capabilities(criterion, estimator):
    """The error lists all missing capabilities and all alternatives."""
    cls, provides = CRITERIA[criterion], terms_of(estimator)
    selector = MISelector(1, criterion=criterion, estimator=estimator())
    if set(cls.needs) <= provides:
        selector.fit(X, Y)
        return
    missing = needs_of(*cls.needs) - estimator.provides
    with pytest.raises(ValueError, match=f"{cls.__name__} needs") as raised:
        selector.fit(X, Y)
    phrases = re.search("needs (.*), which", str(raised.value))[1].split(" and ")
    assert sorted(phrases) == sorted(CAPABILITIES[each] for each in missing)
    alternatives = [e for e in ESTIMATORS.values() if set(cls.needs) <= terms_of(e)]
    alternatives += [c for c in CRITERIA.values() if set(c.needs) <= provides]
    for other in alternatives:
        assert other.__name__ in str(raised.value)


def test_methods_that_an_estimator_lacks():
    bare = Bare()
    methods = {
        "conditional information": lambda: bare.condition(None, None),
        "conditional info": lambda: bare.cmi(None, np.zeros(1, int), None),
        "entropies": lambda: bare.entropy(None, np.zeros(1, int)),
    }
    for name, method in methods.items():
        with pytest.raises(TypeError, match=f"Bare has no {name}"):
            method()


@pytest.mark.parametrize("wanted", [4, 10])
def test_more_features_than_columns(wanted):
    with pytest.warns(UserWarning, match=f"n_features_to_select={wanted}.*3"):
        selector = MISelector(wanted).fit(X, Y)
    assert selector.support_.all()
    assert len(selector.path_) == 3


# --- valid input


@every_call
def test_a_class_seen_once(call):
    y = Y.copy()
    y[3] = 2
    call(X, y)


@every_call
def test_constant_and_duplicated_columns(call):
    table = np.column_stack([X[:, 0], np.full(30, 5.0), X[:, 0], np.full(30, 5.0)])
    result = call(table, Y)
    scores = getattr(result, "scores_", result)
    assert scores[0] == scores[2]
    assert scores[1] == scores[3] == 0


@every_estimator
@pytest.mark.parametrize("discrete", [True, False])
def test_a_thousand_levels(estimator, discrete):
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 3000)
    levels = rng.integers(0, 1000, (3000, 2)) * 1_000_003
    scores = MIScorer(estimator, discrete_features=discrete)(levels, y)
    if discrete:
        above_chance = partial(naive.information_above_chance, z=np.zeros_like(y))
        expected = [above_chance(x, y) for x in levels.T]
        np.testing.assert_allclose(scores, expected, rtol=1e-8)
    else:
        assert np.abs(scores).max() < 0.1


@every_estimator
def test_an_identifier(estimator):
    """Its information is 0 above chance, and neighbours give no NaN."""
    identifier = np.arange(30)[:, None]
    scorer = MIScorer(estimator, discrete_features=True)
    np.testing.assert_allclose(scorer(identifier, Y), 0, atol=1e-12)
    assert np.isfinite(scorer(identifier, X[:, 0])).all()


@pytest.mark.parametrize("owner", [MIScorer(), MISelector(), skmi.FCBF()], ids=repr)
def test_parameters_of_an_estimator_given_by_name(owner):
    """An estimator given by name has no parameters for a grid search to set."""
    message = "estimator__n_bins cannot be set, because estimator is the name '.*object"
    with pytest.raises(ValueError, match=message):
        owner.set_params(estimator__n_bins=3)
    with pytest.raises(ValueError, match="estimator is the name 'ksg'"):
        owner.set_params(estimator="ksg", estimator__n_neighbors=3)
    owner.set_params(estimator=PlugIn(), estimator__n_bins=3)
    assert owner.estimator.n_bins == 3


def test_a_class_instead_of_an_object():
    with pytest.raises(ValueError, match="call the class"):
        MIScorer(KSG)(X, Y)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_largest_numbers(estimator):
    x = np.array([1.7e308, -1.7e308] * 15) * np.linspace(0.9, 1, 30)
    y = np.linspace(-1, 1, 30) ** 3
    expected = skmi.mutual_info(x / 1e308, y, estimator=estimator)
    assert skmi.mutual_info(x, y, estimator=estimator) == pytest.approx(expected)
