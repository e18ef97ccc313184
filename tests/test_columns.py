"""Which columns are discrete, and values of every dtype."""

import naive
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes, load_iris

import skmi
from skmi import MIScorer, MISelector
from skmi._data.columns import code_numbers, rank_codes
from skmi._data.encoding import encode_features
from skmi.estimators import ESTIMATORS, KSG, PlugIn

N = 60
LABELS = np.array(["low", "middle", "high"])
CODES = np.random.default_rng(0).integers(0, 3, N)
Y = (CODES + np.random.default_rng(1).integers(0, 2, N)) % 3
NUMBERS = np.random.default_rng(2).standard_normal(N) + CODES

DISCRETE = {
    "bool": CODES > 0,
    "nullable bool": pd.array(CODES > 0, dtype="boolean"),
    "category of text": pd.Categorical(LABELS[CODES]),
    "ordered category": pd.Categorical(LABELS[CODES], LABELS, ordered=True),
    "category of numbers": pd.Categorical(CODES * 1.5),
    "category with unused": pd.Categorical(LABELS[CODES], [*LABELS, "none"]),
    "text": pd.Series(LABELS[CODES]),
    "string": pd.array(LABELS[CODES], dtype="string"),
    "string[pyarrow]": pd.array(LABELS[CODES], dtype="string[pyarrow]"),
    "object text": pd.Series(LABELS[CODES], dtype=object),
    "object numbers": pd.Series(CODES.tolist(), dtype=object),
    "object of both": pd.Series([c if c else "none" for c in CODES], dtype=object),
    "object bools": pd.Series((CODES > 0).tolist(), dtype=object),
}
NUMERIC = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float32", "float64", "Int8", "Int64", "UInt16", "Float32", "Float64",
    "int64[pyarrow]", "double[pyarrow]",
]  # fmt: skip


def above_chance(x, y):
    """Return the plug-in estimate less the information expected by chance."""
    return naive.information_above_chance(x, y, np.zeros(len(y)))


@pytest.mark.parametrize("kind", DISCRETE)
def test_labels_are_discrete(kind):
    X = pd.DataFrame({"number": NUMBERS, "labels": DISCRETE[kind]})
    expected = above_chance(np.asarray(X["labels"]), Y)
    for estimator in (KSG(), PlugIn()):
        scorer = MIScorer(estimator)
        assert scorer(X, Y)[1] == pytest.approx(expected)
        assert scorer.discrete_features_.tolist() == [False, True]
        swapped = MIScorer(estimator, discrete_features=True)
        assert swapped(pd.DataFrame({"y": Y}), X["labels"])[0] == pytest.approx(
            expected
        )
        assert swapped.discrete_target_ is True


@pytest.mark.parametrize("dtype", NUMERIC)
def test_numbers_are_continuous(dtype):
    X = pd.DataFrame({"labels": LABELS[CODES], "number": pd.Series(CODES, dtype=dtype)})
    scorer = MIScorer(KSG(3, "raw"))
    assert scorer(X, Y)[1] == pytest.approx(naive.ross(CODES.astype(float), Y, 3))
    assert scorer.discrete_features_.tolist() == [True, False]
    scorer = MIScorer(KSG(3, "raw"), discrete_features=["labels", "number"])
    np.testing.assert_allclose(scorer(X, Y), above_chance(CODES, Y))


@pytest.mark.parametrize(
    "dtype", [d for d in NUMERIC if d[0].islower() and "[" not in d]
)
@pytest.mark.parametrize("discrete", [True, False])
def test_arrays_of_every_dtype(dtype, discrete):
    X = np.column_stack([CODES, CODES[::-1]])
    scorer = MIScorer(discrete_features=discrete)
    np.testing.assert_array_equal(scorer(X.astype(dtype), Y), scorer(X, Y))


def test_half_precision():
    X = np.column_stack([CODES, CODES[::-1]]) / 4
    np.testing.assert_array_equal(MIScorer()(X.astype(np.float16), Y), MIScorer()(X, Y))


def test_arrays_of_bools_text_and_objects():
    flags = np.column_stack([CODES > 0, CODES > 1])
    mixed = np.array([LABELS[CODES], NUMBERS.tolist()], dtype=object).T
    for X, kinds in (
        (flags, [True, True]),
        (LABELS[np.column_stack([CODES, Y])], [True, True]),
        (mixed, [True, False]),
        (mixed[:, 1:], [False]),
    ):
        scorer = MIScorer()
        scores = scorer(X, Y)
        assert scorer.discrete_features_.tolist() == kinds
        for x, discrete, score in zip(X.T, kinds, scores, strict=True):
            if discrete:
                assert score == pytest.approx(above_chance(x, Y))
            else:
                assert score == MIScorer()(NUMBERS[:, None], Y)[0]


MASK = [False, True, True]
SPECS = [
    MASK, tuple(MASK), np.array(MASK), pd.Series(MASK),
    [1, 2], (2, 1), np.array([1, 2]), [-1, -2], [1, 1, 2], range(1, 3),
    ["b", "c"], np.array(["c", "b"]), pd.Index(["b", "c"]), ["b", 2],
]  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=repr)
def test_masks_indices_and_names(spec):
    X = pd.DataFrame(np.column_stack([CODES, CODES + Y, CODES * Y]), columns=[*"abc"])
    for estimator in (KSG(), PlugIn()):
        scorer = MIScorer(estimator, discrete_features=spec)
        scores = scorer(X, Y)
        assert scorer.discrete_features_.tolist() == MASK
        np.testing.assert_array_equal(
            scores, MIScorer(estimator, discrete_features=MASK)(X, Y)
        )
    selector = MISelector(1, discrete_features=spec).fit(X, Y)
    assert selector.discrete_features_.tolist() == MASK


@pytest.mark.parametrize(
    ("spec", "mask"),
    [
        (True, [True] * 3),
        (np.False_, [False] * 3),
        ([], [False] * 3),
        ([False] * 3, [False] * 3),
        ("auto", [False, False, True]),
    ],
)
def test_all_none_and_auto(spec, mask):
    X = pd.DataFrame({"a": CODES, "b": NUMBERS, "c": LABELS[CODES] if mask[2] else Y})
    scorer = MIScorer(discrete_features=spec)
    scorer(X, Y)
    assert scorer.discrete_features_.tolist() == mask


# --- targets


def levels(n_samples, n_levels):
    return np.arange(n_samples) % n_levels


TARGETS = {
    "bools": (CODES > 0, True),
    "text": (LABELS[CODES], True),
    "list of text": (LABELS[CODES].tolist(), True),
    "objects": (LABELS[CODES].astype(object), True),
    "category": (pd.Series(pd.Categorical(CODES)), True),
    "string": (pd.Series(LABELS[CODES], dtype="string"), True),
    "nullable bools": (pd.Series(CODES > 0, dtype="boolean"), True),
    "nullable integers": (pd.Series(CODES, dtype="Int64"), True),
    "nullable numbers": (pd.Series(NUMBERS, dtype="Float64"), False),
    "integers": (CODES, True),
    "negative integers": (CODES - 5, True),
    "whole floats": (CODES * 2.0, True),
    "halves": (CODES / 2, False),
    "numbers": (NUMBERS, False),
    "20 levels of 60": (levels(60, 20), True),
    "21 levels of 60": (levels(60, 21), False),
    "100 classes in 10,000": (levels(10_000, 100), True),
    "1000 classes in 10,000": (levels(10_000, 1000), True),
    "1001 numbers in 10,000": (levels(10_000, 1001), False),
    "a category with a thousand": (
        pd.Series(levels(2000, 1000)).astype("category"),
        True,
    ),
    "iris": (load_iris().target, True),
    "diabetes": (load_diabetes().target, False),
}


@pytest.mark.parametrize("target", TARGETS)
def test_which_targets_are_discrete(target):
    y, discrete = TARGETS[target]
    X = np.arange(len(y))[:, None] * 1.0
    scorer = MIScorer("plugin")
    scorer(X, y)
    assert scorer.discrete_target_ is discrete
    selector = MISelector(1).fit(X, y)
    assert selector.discrete_target_ is discrete


@pytest.mark.parametrize("discrete", [True, False])
def test_discrete_target_is_respected(discrete):
    scorer = MIScorer(KSG(3, "raw"), discrete_target=discrete)
    found = scorer(NUMBERS[:, None], CODES)[0]
    assert scorer.discrete_target_ is discrete
    oracle = naive.ross if discrete else naive.ksg
    assert found == pytest.approx(oracle(NUMBERS, CODES, 3))


def test_two_arrays_of_numbers_are_continuous():
    found = skmi.mutual_info(CODES, NUMBERS, estimator=KSG(3, "raw"))
    assert found == pytest.approx(naive.ksg(CODES, NUMBERS, 3))
    label_information = skmi.mutual_info(
        LABELS[CODES], NUMBERS, estimator=KSG(3, "raw")
    )
    assert label_information == pytest.approx(naive.ross(NUMBERS, CODES, 3))


@pytest.mark.parametrize("estimator", ["ksg", "plugin"])
def test_labels_that_are_equal_as_doubles(estimator):
    """Identifiers of 64 bits, such as hashes."""
    labels = 2**60 + CODES
    found = MIScorer(estimator, discrete_features=True)(labels[:, None], Y)[0]
    assert found == pytest.approx(above_chance(CODES, Y))
    found = MIScorer(estimator, discrete_features=True)(Y[:, None], labels)[0]
    assert found == pytest.approx(above_chance(CODES, Y))


# --- codes

ROWS = {
    "small": [3, 1, 2, 1, 3],
    "negative": [-7, -5, -7, 0, 2],
    "wide": [0, 2**40, -(2**40), 0, 1],
    "widest narrow": [0, 2**16 - 1, 5, 5, 0],
    "narrowest wide": [0, 2**16, 5, 5, 0],
    "halves": [0.5, 1, 0.5, 1.5, -0.5],
    "shifted halves": [0.5, 1.5, 2.5, 0.5, 1.5],
    "signed zeros": [0.0, -0.0, 1, -1, 0],
    "small difference": [-1, 0, 1e-30, 0, 2],
    "wide with a small difference": [-1e17, 0, 1, 2, 0],
    "extreme": [-1e308, 1e308, 0, 1e-308, -1e308],
    "nearly equal": [1, 1 + 2**-52, 1, 1 - 2**-53, 1],
    "constant": [4, 4, 4, 4, 4],
}


@pytest.mark.parametrize("names", [[name] for name in ROWS] + [list(ROWS)], ids=str)
@pytest.mark.parametrize("code", [code_numbers, rank_codes])
def test_equal_values_have_equal_codes(code, names):
    """Codes are in the order of values; only `rank_codes` never skips a code."""
    rows = np.array([ROWS[name] for name in names], dtype=float)
    codes, n_levels = code(rows.copy())
    for row, row_codes, n in zip(rows, codes, n_levels, strict=True):
        rank = naive.values_as_bins(row)
        np.testing.assert_array_equal(naive.values_as_bins(row_codes), rank)
        assert row_codes.min() == 0
        assert row_codes.max() == n - 1
        if code is rank_codes:
            np.testing.assert_array_equal(row_codes, rank)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20))
def test_codes_of_any_numbers(values):
    row = np.array([values])
    codes, _ = code_numbers(row.copy())
    np.testing.assert_array_equal(
        naive.values_as_bins(codes[0]), naive.values_as_bins(row[0])
    )


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_integers_that_wrap_around_when_subtracted(rng, estimator):
    y = rng.integers(0, 2, 60)
    X = rng.standard_normal((60, 2))
    expected = MIScorer(estimator)(X, y)
    for dtype, low, high in [(np.int8, -100, 100), (np.uint64, 2**63, 2**63 + 9)]:
        labels = np.where(y, np.array(high, dtype), np.array(low, dtype))
        np.testing.assert_allclose(MIScorer(estimator)(X, labels), expected, atol=1e-12)


def test_long_nullable_integers(rng):
    y = rng.integers(0, 2, 60)
    X = rng.standard_normal((60, 2))
    long = pd.Series(2**60 + y, dtype="Int64")
    np.testing.assert_allclose(MIScorer()(X, long), MIScorer()(X, y), atol=1e-12)


@pytest.mark.parametrize("kind", [pd.Categorical, pd.CategoricalIndex, pd.DataFrame])
def test_targets_keep_their_kind(rng, kind):
    """As plain integers, 100 levels of 200 samples would be continuous."""
    labels = pd.Series(np.repeat(np.arange(100), 2)).astype("category")
    scorer = MIScorer()
    scorer(rng.standard_normal((200, 1)), kind(labels))
    assert scorer.discrete_target_


def test_masks_of_objects_sets_and_repeated_names(rng):
    X = rng.integers(0, 3, (30, 3))
    mask = np.array([True, False, True], dtype=object)
    np.testing.assert_array_equal(encode_features(X, mask).discrete, mask.astype(bool))
    np.testing.assert_array_equal(encode_features(X, {2}).discrete, [0, 0, 1])
    frame = pd.DataFrame(X, columns=["a", "a", "b"])
    np.testing.assert_array_equal(encode_features(frame, ["a"]).discrete, [1, 1, 0])


def test_sparse_columns_of_a_frame(rng):
    X = pd.DataFrame({"a": rng.integers(0, 3, 60)})
    y = rng.integers(0, 2, 60)
    scorer = MIScorer("plugin", discrete_features=True)
    sparse = X.astype(pd.SparseDtype("int64", 0))
    np.testing.assert_array_equal(scorer(sparse, y), scorer(X, y))


def test_text_is_discrete_if_others_are_listed():
    X = pd.DataFrame({"rooms": [1, 2, 3], "city": list("abc"), "area": [1.5, 2.5, 9]})
    for listed in (["rooms"], [0]):
        np.testing.assert_array_equal(encode_features(X, listed).discrete, [1, 1, 0])
