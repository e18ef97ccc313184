"""Blocks of columns by kind, and helpers that all estimators share."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest

from skmi._data.columns import Columns
from skmi.estimators import JoinError
from skmi.estimators._blocks import Block, check_independent, split_by_kind
from skmi.estimators._discrete import DiscreteBlock, drop_small, large_levels


@pytest.fixture
def split():
    frame = pd.DataFrame({"a": [0.5, 2], "b": ["u", "v"], "c": [1.0, 3], "d": [7, 7]})
    columns = Columns(frame, np.array([False, True, False, True]))
    return split_by_kind(columns, np.array([3, 2, 0, 1]))


def test_split_by_kind(split):
    assert split.numbers.tolist() == [[1, 3], [0.5, 2]]
    assert split.levels.codes.tolist() == [[0, 0], [0, 1]]
    assert split.levels.n_levels.tolist() == [1, 2]
    assert split.place.tolist() == [0, 0, 1, 1]


def test_block_maps_each_part(split):
    block = split.block("numbers")
    assert block.item(1) == ("numbers", 0)
    assert block.item(3) == (split.levels, 1)
    assert block.part(DiscreteBlock) is split.levels
    calls = []

    def function(part, places):
        calls.append((part, places.tolist()))
        return places + 10.0 * (part == "numbers")

    found = block.map(np.array([3, 2, 1]), function)
    assert found.tolist() == [1, 11, 10]
    assert calls == [("numbers", [1, 0]), (split.levels, [1])]
    assert block.map(np.array([1]), function).tolist() == [10]
    assert len(calls) == 3  # the part without columns is not called


def test_block_of_one():
    block = Block.of_one("joined")
    assert block.item(0) == ("joined", 0)
    columns = np.zeros(1, dtype=np.intp)
    assert block.map(columns, lambda part, places: places + 2.0).tolist() == [2]


def test_small_levels():
    codes = np.array([0, 2, 2, 0, 3, 2], dtype=np.int32)
    assert large_levels(codes, 2, 5).tolist() == [True, False, True, False, False]
    assert drop_small(codes, 2).tolist() == [0, 2, 2, 0, -1, 2]
    assert drop_small(codes, 3).tolist() == [-1, 2, 2, -1, -1, 2]
    assert drop_small(codes, 1) is codes
    assert drop_small(codes, 2).dtype == np.int32


def test_check_independent(rng):
    rows = rng.standard_normal((3, 50))
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= rows.std(axis=1, keepdims=True)
    columns = np.array([7, 2, 5, 3])
    check_independent(rows, columns, 1e-10)
    check_independent(rows[:0], columns[:0], 1e-10)
    last = (rows[0] - rows[2]) / 2**0.5
    message = r"^column 3 is, when scored, a linear comb.* column 7 and column 5, so"
    with pytest.raises(JoinError, match=message) as raised:
        check_independent(np.vstack([rows, last]), columns, 1e-10, ", when scored,")
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)
    near = last + 1e-3 * rng.standard_normal(50)
    check_independent(np.vstack([rows, near]), columns, 1e-10)
    message = r"^d is a linear combination of h and f, so"
    with pytest.raises(JoinError) as raised:
        check_independent(np.vstack([rows, near]), columns, 1e-2)
    assert re.match(message, raised.value.describe(lambda j: "abcdefgh"[j]))
    with pytest.raises(JoinError, match="3 continuous columns needs more than 3 samp"):
        check_independent(rows[:, :3], columns, 1e-10)
