"""What a page offers as a table opens again: the same rows, names and cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from core.base.columns import Columns, to_csv
from core.maps import project
from core.maps.clusters import CLUSTER, Clusters, NamedClusters
from core.maps.export import map_columns, to_parquet
from core.maps.items import from_columns
from core.maps.recipe import Recipe
from tests.support.table_files import read_here

# Any letters, and what parts, quotes and ends cells; not what a column of numbers is made of.
INSIDE = st.characters(categories=("L",), include_characters=" ,;\t\n\"'|#=+-@%/[]{}")
TEXT = st.text(INSIDE, max_size=14).map(lambda text: f"a{text.strip()}z")
FORMULA = st.sampled_from(["=1+a", "+x", "-", "'=2", "''@b", "@c", "\tq"])  # spreadsheets run these
ROW = st.tuples(
    TEXT,
    TEXT | FORMULA,
    st.integers(-(10**9), 10**9),
    st.floats(-1e9, 1e9).map(lambda value: 0.0 if abs(value) < 1e-30 else value),
    st.booleans(),
    TEXT | st.none(),
    st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2100, 1, 1)),
)
NAMES = ("text", "kind", "number", "share", "kept", "note", "when")
WRITERS = [("t.csv", to_csv), ("t.parquet", lambda told: to_parquet(told, "{}"))]
Write = Callable[[Columns], bytes]


def _or_none(cell: Any) -> Any:
    return None if cell is None or cell != cell or cell == "" else cell


def assert_same(frame: pd.DataFrame, columns: Columns) -> None:
    assert [*frame.columns] == [*columns]
    for name, cells in columns.items():
        expected = pd.Series(cells, name=name)
        if name == "note":  # a cell without text is an empty one in CSV
            assert [*map(_or_none, frame[name])] == [*map(_or_none, cells)]
            continue
        pd.testing.assert_series_equal(frame[name], expected, check_dtype=False, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "write"), WRITERS, ids=["csv", "parquet"])
@given(rows=st.lists(ROW, min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_table_of_a_page_opens_again(
    name: str, write: Write, rows: list[tuple[Any, ...]]
) -> None:
    columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    assert_same(read_here(name, write(columns)).frame, columns)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "write"), WRITERS, ids=["csv", "parquet"])
@given(rows=st.lists(ROW, min_size=3, max_size=8), seed=st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_a_map_opens_again_with_its_metadata_and_clusters(
    name: str, write: Write, rows: list[tuple[Any, ...]], seed: int
) -> None:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(dict(zip(NAMES, zip(*rows, strict=True), strict=True)))
    frame["u"], frame["v"] = random.normal(size=(2, len(rows)))
    data = from_columns("t", frame, ["u", "v"])
    projection = project.project(data.vectors, Recipe(metric=data.metric))
    labels = np.arange(len(rows)) % 3 - 1
    found = Clusters(labels, 2, None, np.zeros(len(rows)))
    clusters = NamedClusters(found, ["cats, dogs", "ships"])
    columns = map_columns(data, projection, clusters=clusters)
    columns["id"] = [int(number) for number in columns["id"]]  # here they are the rows' numbers
    assert {"id", "x", "y", CLUSTER, *NAMES} <= {*columns}
    assert_same(read_here(name, write(columns)).frame, columns)
