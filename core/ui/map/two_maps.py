"""Map: two maps of the same items side by side, by two methods or in two spaces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from core.base.errors import counted
from core.base.types import FloatArray, IntArray
from core.cache import map_items as items_cache, maps as maps_cache
from core.cache.maps import Made
from core.charts import scatter as scatter_chart
from core.knn.all_pairs import neighbor_overlap
from core.maps import quality
from core.maps.colors import PLAIN, Coloring, by_number
from core.maps.items import MapData
from core.ui.choosers import map_method
from core.ui.common import frame, tables
from core.ui.map import scatter, selection, source, view

OVERLAP = "neighbours in common"
NEAR, MOVED = 15, 50


def show(data: MapData) -> None:
    """The whole tool."""
    with frame.settings():
        st.markdown("**Left**")
        one = map_method.choose(data, st.container())
        st.markdown("**Right**")
        two = map_method.choose(data, st.container(), prefix="b-", default="PCA")
        place = st.container()
    other = source.in_other_space(data, place)
    if one is None or two is None or other is None:
        return
    two = replace(two, dims=one.dims)
    rows, rows_there = _common(data, other)
    if len(rows) < quality.LEAST:
        st.info("The two have fewer than three items in common, so there is nothing to compare.")
        return
    left_data = items_cache.part(data, rows)
    right_data = items_cache.part(other, rows_there)
    first = map_method.make(left_data, one)
    same = (left_data.digest, one) == (right_data.digest, two)
    second = first if same else map_method.make(right_data, two, slot="right map")
    if first is not None and second is not None:
        _show(data, rows, first, second)


def _common(data: MapData, other: MapData) -> tuple[IntArray, IntArray]:
    """The rows of the items that both have."""
    if data.ids == other.ids:
        every = np.arange(len(data))
        return every, every
    there = {name: row for row, name in enumerate(other.ids)}
    pairs = [(row, there[name]) for row, name in enumerate(data.ids) if name in there]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _show(data: MapData, rows: IntArray, first: Made, second: Made) -> None:
    if len(first.rows) != len(second.rows):
        st.info("One of the maps leaves out items with no finite vector: they cannot be compared.")
        return
    fixed = first.stored.projection.coordinates
    moved, disparity = quality.align(fixed, second.stored.projection.coordinates)
    near = min(NEAR, len(fixed) - 1)
    overlap = neighbor_overlap(
        quality.map_neighbors(fixed, near), quality.map_neighbors(moved, near)
    )
    coloring = _color(data, rows, first, overlap)
    at = np.flatnonzero(np.isin(rows[first.rows], selection.rows(data)))
    with frame.result():
        places = st.columns(2)
    for place, name, made, points in zip(
        places, ("left", "right"), (first, second), (fixed, moved), strict=True
    ):
        with place:
            _draw(data, rows, name, made, points, coloring, at)
    st.caption(
        f"The right map is turned, mirrored, scaled and shifted to lie on the left one as well as "
        f"can be (Procrustes; {disparity:.0%} of the squared distances remain). Of {near} "
        f"neighbours on one map, {float(overlap.mean()):.0%} are neighbours on the other, on "
        "average."
    )
    _table(first, overlap, np.linalg.norm(fixed - moved, axis=1))


def _color(data: MapData, rows: IntArray, first: Made, overlap: FloatArray) -> Coloring:
    columns = maps_cache.colorable(data)
    chosen = view.choose_color(
        frame.settings(), [OVERLAP, scatter.NO_COLOR, *columns], "beside-color"
    )
    if chosen == OVERLAP:
        return by_number(OVERLAP, overlap)
    if chosen == scatter.NO_COLOR:
        return PLAIN
    found = maps_cache.colored(data, chosen)
    return found.take(rows[first.rows])


def _draw(  # noqa: PLR0913, PLR0917
    data: MapData,
    rows: IntArray,
    name: str,
    made: Made,
    points: FloatArray,
    coloring: Coloring,
    at: IntArray,
) -> None:
    key = f"beside-{name}"
    payload = scatter_chart.payload(
        points,
        scatter.keeper(key),
        coloring,
        texts=maps_cache.chart_texts(made.data, made.rows),
        panel=False,
        theme=st.context.theme.type or "light",
        alt=f"The {name} map of {data.name}; a table is below",
    )

    def take(chosen: IntArray) -> None:
        selection.choose(data, rows[made.rows[chosen]])

    # Charts of one group show the point under the mouse in each of them.
    more = view.pictures_of(made.data, made.rows, key, shown=False)
    scatter.show(payload, key, at, take, {"group": "beside"} | more)


def _table(first: Made, overlap: FloatArray, away: FloatArray) -> None:
    st.markdown(f"**{counted(min(MOVED, len(overlap)), 'item')} that moved most**")
    spread = float(np.linalg.norm(first.stored.projection.coordinates.std(axis=0))) or 1.0
    order = np.lexsort((-away, overlap))
    found = {
        "id": [first.data.ids[first.rows[at]] for at in order],
        "text": [first.data.texts[first.rows[at]] for at in order],
        OVERLAP: [float(overlap[at]) for at in order],
        "moved, in widths of the map": [float(away[at]) / spread for at in order],
    }
    st.dataframe(
        {name: cells[:MOVED] for name, cells in found.items()},
        hide_index=True,
        column_config={
            OVERLAP: st.column_config.NumberColumn(format="%.2f"),
            "moved, in widths of the map": st.column_config.NumberColumn(format="%.2f"),
        },
        alt="Items that moved most between the two maps",
    )
    tables.download_csv(found, file_name="compared-projections.csv")
