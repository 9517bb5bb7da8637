"""What points are coloured by: kinds, numbers, dates, and what has no value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from core.maps.colors import (
    FEW,
    KINDS,
    NO_VALUE,
    by_kind,
    color_by,
    columns_to_color,
    numeric_columns,
)


def test_kinds_are_told_by_how_often_they_occur() -> None:
    found = by_kind("fruit", ["pear", "apple", "apple", "", "plum", "pear", "apple"])
    assert found.names == ("apple", "pear", "plum", NO_VALUE)
    assert found.codes is not None
    assert found.codes.tolist() == [1, 0, 0, 3, 2, 1, 0]


def test_of_thousands_of_kinds_the_rare_ones_are_others() -> None:
    kinds = [f"kind {number}" for number in range(3_000) for _ in range(1 + (number < 1_200))]
    found = by_kind("kind", [*kinds, ""])
    assert len(found.names) == KINDS + 1
    assert found.names[KINDS - 1] == f"others ({3_000 - (KINDS - 1):,} kinds)"
    assert found.names[-1] == NO_VALUE
    assert found.codes is not None
    assert found.codes[-1] == KINDS
    assert (np.bincount(found.codes)[: KINDS - 1] == 2).all()


@given(st.lists(st.text(max_size=3), max_size=60))
def test_each_code_has_the_name_of_its_kind(kinds: list[str]) -> None:
    found = by_kind("t", kinds)
    assert found.codes is not None
    assert len(found.codes) == len(kinds)
    assert all(0 <= code < len(found.names) for code in found.codes)
    assert all(
        (found.names[code] == NO_VALUE) >= (not kind)
        for kind, code in zip(kinds, found.codes, strict=True)
    )


def test_few_whole_numbers_are_kinds_and_others_are_on_a_scale() -> None:
    stars = color_by("stars", pd.Series([1, 2, 3, None, 2]))
    assert stars.names == ("2", "1", "3", NO_VALUE)
    years = color_by("year", pd.Series(np.arange(FEW + 1)))
    assert years.codes is None
    assert years.numbers is not None
    assert years.numbers.tolist() == list(range(FEW + 1))
    prices = color_by("price", pd.Series([0.5, np.inf, np.nan]))
    assert prices.numbers is not None
    np.testing.assert_array_equal(prices.numbers, np.array([0.5, np.nan, np.nan], np.float32))
    told = color_by("yes", pd.Series([True, False, True]))
    assert told.names == ("True", "False")


def test_dates_are_on_a_scale_with_dates_beside_it() -> None:
    dates = pd.Series(pd.to_datetime(["2000-01-01", None, "2000-01-11"]))
    found = color_by("day", dates)
    assert found.numbers is not None
    assert found.numbers[2] - found.numbers[0] == 10
    assert np.isnan(found.numbers[1])
    assert [told for _, told in found.ticks][::4] == ["2000-01-01", "2000-01-11"]
    nothing = color_by("day", pd.Series(pd.to_datetime([None, None])))
    assert nothing.names == (NO_VALUE,)


@pytest.mark.parametrize("cell", [["a"], {"a": 1}, np.array([1, 2]), b"bytes"])
def test_cells_of_any_kind_can_be_coloured_by(cell: object) -> None:
    found = color_by("odd", pd.Series([cell, None, cell], dtype=object))
    assert len(found.names) == 2
    assert found.names[-1] == NO_VALUE


def test_columns_whose_texts_all_differ_say_nothing() -> None:
    frame = pd.DataFrame(
        {
            "id": [f"{number}" for number in range(10)],
            "kind": ["a", "b"] * 5,
            "size": np.linspace(0, 1, 10),
            "flag": [True, False] * 5,
            "lists": [["x"], ["y"]] * 5,
        }
    )
    assert columns_to_color(frame) == ["kind", "size", "flag", "lists"]
    numbered = pd.DataFrame({"number": [3, 1, 2, 4], "mood": ["sad", "glad", "sad", "glad"]})
    assert columns_to_color(numbered) == ["mood", "number"]
    assert numeric_columns(frame) == ["size"]
    assert columns_to_color(frame.iloc[:0]) == ["id", "kind", "size", "flag", "lists"]
