"""A map as a table: what is written reads back as the same places."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from core.base.columns import Columns, to_csv
from core.base.types import FloatArray
from core.maps import project
from core.maps.colors import numeric_columns
from core.maps.export import map_columns, to_parquet
from core.maps.items import from_columns
from core.maps.recipe import Recipe
from tests.support.table_files import read_here

# Below 1e-30 a place is 0 for every eye, and a float64 in words needs three digits of exponent.
PLACES = st.floats(-1e6, 1e6, width=32).map(lambda place: 0.0 if abs(place) < 1e-30 else place)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "write"), [("map.csv", to_csv), ("map.parquet", lambda told: to_parquet(told, "{}"))]
)
@given(points=arrays(np.float32, st.tuples(st.integers(1, 12), st.just(2)), elements=PLACES))
@settings(max_examples=60, deadline=None)
def test_places_read_back_as_numbers_wherever_they_lie(
    name: str, write: Callable[[Columns], bytes], points: FloatArray
) -> None:
    frame = pd.DataFrame({"text": ["a few words"] * len(points)})
    frame = frame.assign(x=points[:, 0], y=points[:, 1])
    data = from_columns("t", frame, ["x", "y"])
    written = write(map_columns(data, project.project(data.vectors, Recipe(metric=data.metric))))
    back = read_here(name, written).frame
    assert {"x", "y"} <= set(numeric_columns(back))
    np.testing.assert_array_equal(back[["x", "y"]].to_numpy(np.float32), points)
