"""Information of variables given by samples: single values and matrices."""

import naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_mutual_info_score

import skmi
from skmi.estimators import ESTIMATORS, KSG, Estimator, PlugIn

CLOSE = 1e-12
DISCRETE = ["discrete_x", "discrete_y", "discrete_z"]
NORMALIZE = ["correlation", "symmetric", "min", "sqrt"]
LETTERS = np.array([*"abcdefgh"])


def providing(capability):
    return [name for name, cls in ESTIMATORS.items() if capability in cls.provides]


class Bare(PlugIn):
    """An estimator that provides only the information of pairs."""

    provides = frozenset()
    join = Estimator.join


PLAIN = PlugIn(correction=None)


def lacking(capability):
    return [
        Bare(),
        *(cls() for cls in ESTIMATORS.values() if capability not in cls.provides),
    ]


def related_columns(rng, n, p=6):
    """Return columns of decreasing relevance to their weighted sum, and that sum."""
    X = rng.standard_normal((n, p))
    return X, X @ np.arange(p, 0, -1) + rng.standard_normal(n)


# --- mutual_info


def test_information_of_labels():
    x, y = [1, 0, 1, 1, 0], [1, 1, 1, 0, 0]
    chance = naive.chance_information(x, y) / np.log(2)
    for estimator in [*ESTIMATORS, PLAIN]:
        bits = skmi.mutual_info(
            x, y, estimator=estimator, discrete_x=True, discrete_y=True, units="bits"
        )
        expected = 0.0199730940 - chance * (estimator != PLAIN)
        assert bits == pytest.approx(expected, abs=1e-10)
    letters = ["yes" if v else "no" for v in x]
    found = skmi.mutual_info(letters, letters, estimator=PLAIN)
    assert found == pytest.approx(naive.entropy(x))
    expected = naive.entropy(x) - naive.chance_information(x, x)
    assert skmi.mutual_info(letters, letters) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("x", "y", "k", "expected"),
    [
        (
            [-2.49, 1.64, -3.05, 7.95, -5.96, 1.77, -5.24, 7.03, -0.11, -1.86],
            [11.08, 8.41, 11.47, 8.78, 14.09, 6.03, 10.67, 9.45, 12.72, 11.12],
            4,
            0.0816269841,
        ),
        (
            [-2.49, 1.64, -3.05, 7.95, -5.96, 1.77, -5.24, 7.03, -0.11, -1.86],
            [-2.49, 1.64, -3.05, 7.95, -5.96, 1.77, -5.24, 7.03, -0.11, -1.86],
            4,
            0.9956349206,
        ),
    ],
)
def test_information_of_a_few_numbers(x, y, k, expected):
    found = skmi.mutual_info(x, y, estimator=KSG(k, "raw"))
    assert isinstance(found, float)
    assert found == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    "make", [list, tuple, pd.Series, lambda v: v[:, None], pd.Index]
)
def test_array_likes(rng, make):
    X, y = related_columns(rng, 100, p=1)
    x = X[:, 0]
    assert skmi.mutual_info(make(x), make(y)) == skmi.mutual_info(x, y)
    expected = skmi.conditional_mutual_info(x, y, y > 0)
    found = skmi.conditional_mutual_info(make(x), make(y), make(y > 0))
    assert found == expected
    assert skmi.entropy(make(x)) == skmi.entropy(x)


def test_equals_the_scorer(rng):
    X, y = related_columns(rng, 300)
    for estimator in (KSG(5, "uniform"), PlugIn(7, "uniform")):
        expected = [skmi.mutual_info(x, y, estimator=estimator) for x in X.T]
        np.testing.assert_array_equal(skmi.MIScorer(estimator)(X, y), expected)


@pytest.mark.parametrize(("units", "base"), [("bits", 2), ("hartleys", 10)])
def test_units(rng, units, base):
    X, y = related_columns(rng, 100, p=2)
    for function, arguments in [
        (skmi.mutual_info, (X[:, 0], y)),
        (skmi.conditional_mutual_info, (X[:, 0], y, X[:, 1])),
        (skmi.entropy, (y,)),
        (skmi.mutual_info_matrix, (X,)),
    ]:
        nats = function(*arguments)
        np.testing.assert_allclose(
            function(*arguments, units=units), nats / np.log(base), rtol=CLOSE
        )
    assert skmi.entropy(range(10), discrete=True, units="hartleys") == pytest.approx(1)


# --- conditional_mutual_info


@pytest.mark.parametrize("kind", [np.asarray, lambda v: LETTERS[v], pd.Categorical])
@pytest.mark.parametrize("n_levels", [1, 2, 8])
def test_conditional_equals_its_definition(rng, n_levels, kind):
    x, y, z = rng.integers(0, [[3], [5], [n_levels]], (3, 200))
    y = (y + x * (1 + z)) % 5
    discrete = True if kind is np.asarray else "auto"
    for estimator, definition in [
        ("ksg", naive.information_above_chance),
        (PLAIN, naive.conditional_information),
    ]:
        found = skmi.conditional_mutual_info(
            *map(kind, (x, y, z)),
            estimator=estimator,
            **dict.fromkeys(DISCRETE, discrete),
        )
        assert isinstance(found, float)
        assert found == pytest.approx(definition(x, y, z), abs=CLOSE)


def test_conditional_bins_numbers(rng):
    x, y, z = rng.standard_normal((3, 300))
    y += x * z
    cut = [naive.quantile_bins(v, 4) for v in (x, y, z)]
    estimator = PlugIn(4, correction=None)
    found = skmi.conditional_mutual_info(x, y, z, estimator=estimator)
    assert found == pytest.approx(naive.conditional_information(*cut), abs=CLOSE)


@pytest.mark.parametrize("estimator", providing("conditional"))
def test_a_condition_adds_or_removes_information(rng, estimator):
    x, z, noise = rng.standard_normal((3, 600))
    y = x + z + 0.5 * noise
    alone = skmi.mutual_info(x, y, estimator=estimator)
    given_z = skmi.conditional_mutual_info(x, y, z, estimator=estimator)
    assert given_z > alone + 0.1

    group = rng.integers(0, 4, 600)
    x, y = group + 0.3 * rng.standard_normal((2, 600))
    alone = skmi.mutual_info(x, y, estimator=estimator)
    given_z = skmi.conditional_mutual_info(
        x, y, group, estimator=estimator, discrete_z=True
    )
    assert given_z < alone / 2


@pytest.mark.parametrize("estimator", lacking("conditional"), ids=repr)
def test_without_conditional_information(estimator):
    x = [1.0, 2, 3, 4, 5]
    name = type(estimator).__name__
    expected = (
        "conditional_mutual_info needs conditional information, which "
        f"{name} does not provide; use"
    )
    with pytest.raises(ValueError, match=expected) as raised:
        skmi.conditional_mutual_info(x, x, x, estimator=estimator)
    for other in providing("conditional"):
        assert ESTIMATORS[other].__name__ in str(raised.value)


# --- entropy


@pytest.mark.parametrize("estimator", providing("entropy"))
@pytest.mark.parametrize("n_levels", [1, 2, 8, 5000])
def test_entropy_of_levels(rng, n_levels, estimator):
    x = rng.integers(0, n_levels, 1000)
    found = skmi.entropy(x, discrete=True, estimator=estimator)
    assert isinstance(found, float)
    assert found == pytest.approx(naive.entropy(x), abs=CLOSE)
    if n_levels == 1:
        assert found == 0


def test_entropy_is_that_of_the_frequencies():
    counts = [3, 1, 4, 1, 5]
    expected = skmi.measures.entropy(counts, counts=True)
    assert skmi.entropy(np.repeat(LETTERS[:5], counts)) == pytest.approx(expected)


def test_entropy_of_bins(rng):
    x = rng.standard_normal((120, 2))
    assert skmi.entropy(x[:, 0], estimator=PlugIn(8)) == pytest.approx(np.log(8))
    cut = [naive.uniform_bins(v, 3) for v in x.T]
    found = skmi.entropy(x, estimator=PlugIn(3, "uniform"))
    assert found == pytest.approx(naive.entropy(*cut))


@pytest.mark.parametrize("estimator", lacking("entropy"), ids=repr)
def test_without_entropy(estimator):
    name = type(estimator).__name__
    expected = f"entropy needs entropies, which {name} does not provide; use"
    with pytest.raises(ValueError, match=expected) as raised:
        skmi.entropy([1.0, 2, 3, 4, 5], estimator=estimator)
    for other in providing("entropy"):
        assert ESTIMATORS[other].__name__ in str(raised.value)


# --- variables of several dimensions


@pytest.fixture
def five(rng):
    """Discrete columns, any three of which are related."""
    a, b, c, d = rng.integers(0, 4, (4, 150))
    return a, b, c, d, (a + 2 * b * c + d) % 5


def frame(*columns):
    return pd.DataFrame({LETTERS[i]: LETTERS[v] for i, v in enumerate(columns)})


@pytest.mark.parametrize("make", [frame, lambda *columns: frame(*columns).to_numpy()])
def test_tables_are_one_variable(five, make):
    a, b, c, d, y = five
    entropy = naive.entropy
    pair_information = entropy(a, b) + entropy(y) - entropy(a, b, y)
    two_pairs_information = entropy(a, b) + entropy(c, y) - entropy(a, b, c, y)
    given = entropy(a, b, c, d) + entropy(y, c, d) - entropy(*five) - entropy(c, d)
    x, z = make(a, b), make(c, d)
    found = skmi.mutual_info(x, LETTERS[y], estimator=PLAIN)
    assert found == pytest.approx(pair_information)
    found = skmi.mutual_info(LETTERS[y], x, estimator=PLAIN)
    assert found == pytest.approx(pair_information)
    found = skmi.mutual_info(x, make(c, y), estimator=PLAIN)
    assert found == pytest.approx(two_pairs_information)
    found = skmi.conditional_mutual_info(x, LETTERS[y], z, estimator=PLAIN)
    assert found == pytest.approx(given)
    assert skmi.entropy(make(*five)) == pytest.approx(entropy(*five))


@pytest.mark.parametrize(
    "discrete", [[True, False], (0,), ["rooms"], np.array([0]), {"rooms"}], ids=repr
)
def test_kinds_of_the_columns_of_a_variable(rng, discrete):
    rooms, area = rng.integers(0, 12, 300), rng.standard_normal(300)
    y = rooms // 4 + (area > 0)
    table = pd.DataFrame({"rooms": rooms, "area": area})
    expected = naive.joint_information(rooms, naive.quantile_bins(area, 5), y)
    five_bins = PlugIn(5, correction=None)
    found = skmi.mutual_info(
        table, y, estimator=five_bins, discrete_x=discrete, discrete_y=True
    )
    assert found == pytest.approx(expected)
    found = skmi.mutual_info(
        y, table, estimator=five_bins, discrete_x=True, discrete_y=discrete
    )
    assert found == pytest.approx(expected)
    found = skmi.conditional_mutual_info(
        y, y, table, estimator=five_bins, discrete_x=True, discrete_y=True,
        discrete_z=discrete,
    )  # fmt: skip
    assert found == pytest.approx(naive.entropy(y) - expected)
    found = skmi.entropy(table, estimator=PlugIn(5), discrete=discrete)
    assert found == pytest.approx(naive.entropy(rooms, naive.quantile_bins(area, 5)))


def test_a_table_of_one_column_is_a_vector(rng):
    x, y = rng.integers(0, 9, (2, 100))
    table = x[:, None]
    for estimator in ESTIMATORS:
        for discrete in (True, False):
            expected = skmi.mutual_info(
                x, y, estimator=estimator, discrete_x=discrete, discrete_y=True
            )
            for kind in (discrete, [discrete], [0] if discrete else []):
                found = skmi.mutual_info(
                    table, y, estimator=estimator, discrete_x=kind, discrete_y=True
                )
                assert found == expected


JOINING = [name for name, cls in ESTIMATORS.items() if cls.join is not Estimator.join]


@pytest.mark.parametrize("estimator", JOINING)
@pytest.mark.parametrize("second", ["continuous", "discrete"])
def test_two_columns_are_more_informative_than_either(rng, second, estimator):
    a, b, noise = rng.standard_normal((3, 500))
    if second == "discrete":
        b = (b > 0) * 2.0
    y = a + b + 0.1 * noise
    both = np.column_stack([a, b])
    discrete = [False, second == "discrete"]
    found = skmi.mutual_info(both, y, estimator=estimator, discrete_x=discrete)
    alone = [
        skmi.mutual_info(x, y, estimator=estimator, discrete_x=kind)
        for x, kind in zip(both.T, discrete, strict=True)
    ]
    assert found > max(alone) + 0.2
    swapped = skmi.mutual_info(
        both[:, ::-1], y, estimator=estimator, discrete_x=discrete[::-1]
    )
    assert swapped == pytest.approx(found, abs=1e-9)
    turned = skmi.mutual_info(y, both, estimator=estimator, discrete_y=discrete)
    assert turned == pytest.approx(found, abs=1e-9)


def test_estimators_without_several_dimensions(rng):
    X, y = related_columns(rng, 50)
    for estimator in (Bare(), *(ESTIMATORS[e]() for e in {*ESTIMATORS} - {*JOINING})):
        name = type(estimator).__name__
        message = rf"x with several columns needs .* dimensions, which {name} does not"
        with pytest.raises(ValueError, match=message):
            skmi.mutual_info(X, y, estimator=estimator)


# --- identities of the plug-in estimate

plugin = {"estimator": PLAIN, "discrete_x": True, "discrete_y": True}
tables = st.lists(st.tuples(*[st.integers(0, 3)] * 4), min_size=2, max_size=60).map(
    np.array
)


@given(tables)
def test_chain_rule(table):
    first, second, y = table[:, 0], table[:, 1], table[:, 2]
    both = skmi.mutual_info(table[:, :2], y, **plugin)
    one = skmi.mutual_info(first, y, **plugin)
    other = skmi.conditional_mutual_info(second, y, first, **plugin, discrete_z=True)
    assert both == pytest.approx(one + other, abs=CLOSE)


@given(tables)
def test_information_in_entropies(table):
    def entropy(*columns):
        return skmi.entropy(table[:, columns], discrete=True)

    x, y, z = table[:, 0], table[:, 1], table[:, 2:]
    found = skmi.mutual_info(x, y, **plugin)
    expected = entropy(0) + entropy(1) - entropy(0, 1)
    assert found == pytest.approx(expected, abs=CLOSE)
    found = skmi.conditional_mutual_info(x, y, z, **plugin, discrete_z=True)
    expected = entropy(0, 2, 3) + entropy(1, 2, 3) - entropy(0, 1, 2, 3) - entropy(2, 3)
    assert found == pytest.approx(expected, abs=CLOSE)


@given(tables)
def test_symmetry(table):
    x, y, z = table[:, :2], table[:, 2], table[:, 3]
    there, back = (skmi.mutual_info(*pair, **plugin) for pair in ([x, y], [y, x]))
    assert there == pytest.approx(back, abs=CLOSE)
    there, back = (
        skmi.conditional_mutual_info(*pair, z, **plugin, discrete_z=True)
        for pair in ([x, y], [y, x])
    )
    assert there == pytest.approx(back, abs=CLOSE)


# --- normalize


def normalized(normalize, x, y, z, corrected=False):
    """Return the normalised information of discrete columns, by its definition."""
    information = naive.conditional_information(x, y, z)
    chance = 0
    if corrected:
        chance = information - naive.information_above_chance(x, y, z)
    x_entropy, y_entropy = (naive.entropy(v, z) - naive.entropy(z) for v in (x, y))
    above = information - chance
    return {
        "correlation": np.sqrt(1 - np.exp(-2 * max(above, 0))),
        "symmetric": above / ((x_entropy + y_entropy) / 2 - chance),
        "min": above / (min(x_entropy, y_entropy) - chance),
        "sqrt": above / (np.sqrt(x_entropy * y_entropy) - chance),
    }[normalize]


@pytest.mark.parametrize("normalize", NORMALIZE)
@pytest.mark.parametrize("units", ["nats", "bits"])
def test_normalized_equals_its_definition(five, normalize, units):
    a, b, _, z, y = five
    x = a // 2
    settings = {"normalize": normalize, "units": units}
    for estimator in [*ESTIMATORS, PLAIN]:
        settings["estimator"] = estimator
        corrected = estimator != PLAIN
        expected = normalized(normalize, x, y, np.zeros_like(x), corrected)
        found = skmi.mutual_info(LETTERS[x], LETTERS[y], **settings)
        assert isinstance(found, float)
        assert found == pytest.approx(expected)
        matrix = skmi.mutual_info_matrix(frame(x, y, b), **settings)
        assert matrix[0, 1] == pytest.approx(expected)
    for estimator in [*providing("conditional"), PLAIN]:
        expected = normalized(normalize, x, y, z, estimator != PLAIN)
        found = skmi.conditional_mutual_info(
            LETTERS[x], LETTERS[y], LETTERS[z], **settings | {"estimator": estimator}
        )
        assert isinstance(found, float)
        assert found == pytest.approx(expected)


AVERAGES = {"symmetric": "arithmetic", "min": "min", "sqrt": "geometric"}


@pytest.mark.parametrize("normalize", AVERAGES)
@pytest.mark.parametrize("levels", [(2, 2), (3, 40), (150, 2), (150, 150)])
def test_normalized_by_chance_is_adjusted(rng, normalize, levels):
    """Equal to scikit-learn, exactly 1 for a copy, and 0 for an identifier."""
    x, y = (rng.integers(0, m, 150) for m in levels)
    expected = adjusted_mutual_info_score(x, y, average_method=AVERAGES[normalize])
    identifier = np.arange(150).astype(str)
    for estimator in ESTIMATORS:
        settings = {"estimator": estimator, "normalize": normalize}
        found = skmi.mutual_info(x.astype(str), y.astype(str), **settings)
        assert found == pytest.approx(expected, abs=1e-10)
        for variable in (x, y):
            variable = variable.astype(str)
            assert skmi.mutual_info(variable, variable, **settings) == 1
        for other in (identifier, y.astype(str)):
            found = skmi.mutual_info(identifier, other, **settings)
            assert found == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("normalize", NORMALIZE)
@given(table=tables)
def test_normalized_by_chance_is_at_most_1(normalize, table):
    x, y, z = table[:, :2], table[:, 2], table[:, 3]
    settings = plugin | {"estimator": "plugin", "normalize": normalize}
    for found in (
        skmi.mutual_info(x, y, **settings),
        skmi.conditional_mutual_info(x, y, z, **settings, discrete_z=True),
    ):
        assert found <= 1 + CLOSE


@pytest.mark.parametrize("normalize", NORMALIZE)
@given(table=tables)
def test_normalized_is_from_0_to_1(normalize, table):
    x, y, z = table[:, :2], table[:, 2], table[:, 3]
    settings = plugin | {"normalize": normalize}
    for found in (
        skmi.mutual_info(x, y, **settings),
        skmi.conditional_mutual_info(x, y, z, **settings, discrete_z=True),
    ):
        assert -CLOSE <= found <= 1 + CLOSE


@pytest.mark.parametrize("normalize", NORMALIZE[1:])
def test_a_variable_with_itself_is_one(rng, normalize):
    x, z = rng.standard_normal((2, 99))  # in 3 equal bins
    settings = {"estimator": "plugin", "normalize": normalize}
    assert skmi.mutual_info(x, -(x**3), **settings) == pytest.approx(1)
    assert skmi.conditional_mutual_info(x, x, z, **settings) == pytest.approx(1)


@pytest.mark.parametrize("normalize", NORMALIZE)
def test_constants_normalized_are_zero(rng, normalize):
    x, constant = rng.integers(0, 3, 50), np.zeros(50)
    settings = plugin | {"normalize": normalize}
    assert skmi.mutual_info(x, constant, **settings) == 0
    assert skmi.mutual_info(constant, constant, **settings) == 0
    given_itself = skmi.conditional_mutual_info(x, x, x, **settings, discrete_z=True)
    assert given_itself == 0
    matrix = skmi.mutual_info_matrix(
        np.column_stack([x, constant]), estimator="plugin", normalize=normalize
    )
    np.testing.assert_array_equal(matrix[:, 1], [0, 0])
    np.testing.assert_array_equal(matrix[1], [0, 0])


@pytest.mark.parametrize("r", [0, 0.5, 0.9])
def test_correlation_of_normal_variables(rng, r):
    x, y = rng.standard_normal((2, 5000))
    y = r * x + np.sqrt(1 - r**2) * y
    found = skmi.mutual_info(x, y, normalize="correlation")
    assert found == pytest.approx(r, abs=0.1 if r == 0 else 0.03)
    found = skmi.mutual_info(x, np.exp(-y), normalize="correlation")
    assert found == pytest.approx(r, abs=0.1 if r == 0 else 0.03)


@pytest.mark.parametrize("normalize", NORMALIZE[1:])
def test_entropies_of_continuous_variables_cannot_normalize(rng, normalize):
    X, y = related_columns(rng, 60, p=3)
    table = pd.DataFrame(X, columns=["one", "two", "three"])
    expected = rf"normalize='{normalize}'.* {{}}, which is continuous.*PlugIn.*corr"
    labels = y > 0
    with pytest.raises(ValueError, match=expected.format("x")):
        skmi.mutual_info(y, labels, normalize=normalize)
    with pytest.raises(ValueError, match=expected.format("y")):
        skmi.mutual_info(labels, y, normalize=normalize)
    with pytest.raises(ValueError, match=expected.format("column 'two' of x")):
        skmi.mutual_info(table, labels, normalize=normalize, discrete_x=["one"])
    with pytest.raises(ValueError, match=expected.format("column 'one' of X")):
        skmi.mutual_info_matrix(table, normalize=normalize)
    for estimator in providing("conditional"):
        if estimator != "plugin":
            with pytest.raises(ValueError, match=expected.format("z")):
                skmi.conditional_mutual_info(
                    labels, labels, y, estimator=estimator, normalize=normalize
                )


# --- mutual_info_matrix


def mixed(rng, p, n=90):
    """Return columns with and without ties, discrete ones and a constant, and kinds."""
    X = rng.standard_normal((n, 1)) + rng.standard_normal((n, p))
    kinds = np.arange(p) % 3 == 2
    X[:, kinds] = X[:, kinds].round()
    X[:, ::5] = X[:, ::5].round(1)
    X[:, p // 2] = 7
    return X, kinds


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("p", [1, 2, 7, 8, 9, 19])
def test_matrix_of_all_pairs(rng, p, estimator):
    X, kinds = mixed(rng, p)
    found = skmi.mutual_info_matrix(X, estimator=estimator, discrete_features=kinds)
    assert found.shape == (p, p)
    np.testing.assert_array_equal(found, found.T)
    expected = [
        [
            skmi.mutual_info(
                X[:, i], X[:, j], estimator=estimator, discrete_x=kinds[i],
                discrete_y=kinds[j],
            )
            for j in range(p)
        ]
        for i in range(p)
    ]  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    constant = np.arange(p) == p // 2
    assert (found[constant] == 0).all()
    for j in np.flatnonzero(kinds & ~constant):
        chance = naive.chance_information(X[:, j], X[:, j])
        assert found[j, j] == pytest.approx(naive.entropy(X[:, j]) - chance)


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("normalize", [None, "correlation"])
def test_matrix_does_not_depend_on_jobs(rng, estimator, normalize):
    X, kinds = mixed(rng, 21)
    settings = {"estimator": estimator, "normalize": normalize}
    expected = skmi.mutual_info_matrix(X, discrete_features=kinds, **settings)
    for n_jobs in (2, 3, -1):
        found = skmi.mutual_info_matrix(
            X, discrete_features=kinds, n_jobs=n_jobs, **settings
        )
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("normalize", NORMALIZE)
def test_matrix_normalized(rng, normalize):
    X, _ = mixed(rng, 11)
    settings = {"estimator": PlugIn(4), "normalize": normalize}
    found = skmi.mutual_info_matrix(X, **settings)
    np.testing.assert_array_equal(found, found.T)
    expected = [[skmi.mutual_info(x, y, **settings) for y in X.T] for x in X.T]
    np.testing.assert_allclose(found, expected, atol=CLOSE)


def test_matrix_of_a_frame(rng):
    """Columns of text are discrete, as they are for the scorer."""
    X, _ = mixed(rng, 6)
    table = pd.DataFrame(X).assign(text=LETTERS[rng.integers(0, 3, len(X))])
    found = skmi.mutual_info_matrix(table)
    expected = skmi.MIScorer(discrete_target=True)(table, table["text"])
    np.testing.assert_allclose(found[:, -1], expected, atol=CLOSE)
    text = table["text"]
    expected = naive.entropy(text) - naive.chance_information(text, text)
    assert found[-1, -1] == pytest.approx(expected)


# --- input


@pytest.mark.parametrize("discrete", [True, False])
def test_input_is_not_changed(rng, discrete):
    X, y = related_columns(rng, 80)
    X, y = X.round(), y.round()
    X.flags.writeable = y.flags.writeable = False
    before = X.copy(), y.copy()
    pair, triple = (dict.fromkeys(DISCRETE[:n], discrete) for n in (2, 3))
    skmi.mutual_info(X[:, 0], y, **pair)
    skmi.mutual_info(X, y, estimator="plugin", **pair)
    skmi.conditional_mutual_info(X, y, X[:, 0], **triple)
    skmi.entropy(X, discrete=discrete)
    for estimator in ESTIMATORS:
        skmi.mutual_info_matrix(X, estimator=estimator, discrete_features=discrete)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])


GOOD = {name: np.arange(12.0) % 5 for name in "xyz"}
FUNCTIONS = {
    "xy": lambda **variables: skmi.mutual_info(
        variables.pop("x"), variables.pop("y"), estimator="plugin", **variables
    ),
    "xyz": skmi.conditional_mutual_info,
    "x": skmi.entropy,
}
CALLS = [(names, name) for names in FUNCTIONS for name in names]
every_variable = pytest.mark.parametrize(("names", "name"), CALLS)


def call_with(names, name, value, **parameters):
    variables = {each: GOOD[each] for each in names} | {name: value}
    return FUNCTIONS[names](**variables, **parameters)


@every_variable
def test_bad_values(names, name):
    for value in (np.nan, np.inf):
        bad = np.where(np.arange(12) == 3, value, GOOD[name])
        with pytest.raises(ValueError, match=rf"^Input {name} contains (NaN|inf)"):
            call_with(names, name, bad)
        table = np.column_stack([GOOD[name], bad])
        with pytest.raises(ValueError, match=rf"column 1 of {name} contains (NaN|inf)"):
            call_with(names, name, table)
        table = pd.DataFrame(table, columns=["good", "bad"])
        with pytest.raises(ValueError, match=rf"column 'bad' of {name} contains"):
            call_with(names, name, table)
    text = pd.Series(["a", None, "b"] * 4)
    with pytest.raises(ValueError, match=f"{name} contains NaN"):
        call_with(names, name, text)
    with pytest.raises(ValueError, match=f"column 'of' of {name} contains NaN"):
        call_with(names, name, pd.DataFrame({"good": GOOD[name], "of": text}))


@every_variable
def test_bad_shapes(names, name):
    for value in (np.zeros((12, 2, 2)), 3, None):
        with pytest.raises(ValueError, match=f"{name} must have one or two dimensions"):
            call_with(names, name, value)
    with pytest.raises(ValueError, match=r"0 feature\(s\)"):
        call_with(names, name, np.empty((12, 0)))
    with pytest.raises(ValueError, match=f"{name} has no columns"):
        call_with(names, name, pd.DataFrame(index=range(12)))
    with pytest.raises(ValueError, match=r"(?i)1 sample.*(required|needed)"):
        call_with(names, name, np.zeros((1, 2)))
    if len(names) > 1:
        pair = "x and (y|z)" if name == "x" else f"x and {name}"
        with pytest.raises(ValueError, match=rf"{pair} must have the same length.*7"):
            call_with(names, name, GOOD[name][:7])
        with pytest.raises(ValueError, match=rf"{pair} must have the same length.*7"):
            call_with(names, name, np.zeros((7, 2)))


@every_variable
def test_bad_kinds(names, name):
    parameter = "discrete" if names == "x" else f"discrete_{name}"
    table = np.column_stack([GOOD[name]] * 3)
    for mask in ([True, False], [3], [-4]):
        with pytest.raises(IndexError, match=rf"{parameter} .*but {name} has 3"):
            call_with(names, name, table, **{parameter: mask})
    frame = pd.DataFrame(table, columns=["height", "weight", "age"])
    with pytest.raises(
        ValueError, match=f"{parameter}.*'weigth'.* of {name};.*'weight"
    ):
        call_with(names, name, frame, **{parameter: ["weigth"]})
    for unknown in ("no", 2, [1.5]):
        with pytest.raises(ValueError, match=parameter):
            call_with(names, name, table, **{parameter: unknown})
    for unknown in ("no", 2, [True], np.array([True, False])):
        with pytest.raises(ValueError, match=f"{parameter} must be 'auto' or a bool"):
            call_with(names, name, GOOD[name], **{parameter: unknown})
    text = frame.assign(age=["old", "young"] * 6)
    with pytest.raises(ValueError, match=f"'age' of {name} is not num.*`{parameter}`"):
        call_with(names, name, text, **{parameter: False})


@pytest.mark.parametrize("function", [*FUNCTIONS.values(), skmi.mutual_info_matrix])
@pytest.mark.parametrize("units", ["bans", None, 2, ["bits"]])
def test_unknown_units(function, units):
    names = next((names for names in FUNCTIONS if FUNCTIONS[names] is function), None)
    given = {name: GOOD[name] for name in names} if names else {"X": np.eye(3)}
    with pytest.raises(ValueError, match=r"units=.*nats.*bits.*hartleys"):
        function(**given, units=units)


@pytest.mark.parametrize("normalize", ["max", True, ["min"], 0])
def test_unknown_normalize(normalize):
    x = GOOD["x"]
    expected = r"normalize=.*None.*correlation.*symmetric.*min.*sqrt"
    with pytest.raises(ValueError, match=expected):
        skmi.mutual_info(x, x, normalize=normalize)
    with pytest.raises(ValueError, match=expected):
        skmi.conditional_mutual_info(x, x, x, normalize=normalize)
    with pytest.raises(ValueError, match=expected):
        skmi.mutual_info_matrix(np.eye(3), normalize=normalize)


def test_bad_matrices():
    X = np.random.default_rng(0).standard_normal((20, 12))
    X[3, 10] = np.nan
    with pytest.raises(ValueError, match="column 10 of X contains NaN"):
        skmi.mutual_info_matrix(X)
    with pytest.raises(ValueError, match="Expected 2D array"):
        skmi.mutual_info_matrix(X[:, 0])
    with pytest.raises(ValueError, match="X has no columns"):
        skmi.mutual_info_matrix(pd.DataFrame(index=range(12)))
    with pytest.raises(ValueError, match="n_neighbors=20 must be below"):
        skmi.mutual_info_matrix(X, estimator=KSG(20))
    with pytest.raises(IndexError, match="discrete_features is a mask of 2"):
        skmi.mutual_info_matrix(X, discrete_features=[True, False])
