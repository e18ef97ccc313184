"""Blocks of columns by kind, and helpers that all estimators share."""

import numpy as np
import pandas as pd
import pytest

from skmi._data.columns import Columns
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
    assert split.names[:2] == ("column 'd' of X", "column 'c' of X")


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
    names = ["a", "b", "c", "d"]
    check_independent(rows, names, 1e-10)
    check_independent(rows[:0], [], 1e-10)
    last = (rows[0] - rows[2]) / 2**0.5
    with pytest.raises(
        ValueError, match=r"^d is, when scored, a linear comb.* a and c,"
    ):
        check_independent(np.vstack([rows, last]), names, 1e-10, ", when scored,")
    near = last + 1e-3 * rng.standard_normal(50)
    check_independent(np.vstack([rows, near]), names, 1e-10)
    with pytest.raises(ValueError, match=r"^d is a linear combination of a and c, so"):
        check_independent(np.vstack([rows, near]), names, 1e-2)
    with pytest.raises(ValueError, match="3 continuous columns needs more than 3 samp"):
        check_independent(rows[:, :3], names, 1e-10)
