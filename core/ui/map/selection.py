"""Map: what is selected. Table, pictures, counts, export, and going on from there."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import counted, shorten
from core.base.types import IntArray
from core.cache import map_items as items_cache, maps as maps_cache
from core.cache.maps import Made
from core.images import thumbnails
from core.images.gallery import Gallery
from core.maps.clusters import NamedClusters
from core.maps.export import map_columns
from core.maps.items import MapData
from core.maps.selection import mean_vector, shares, with_neighbors
from core.storage import data_home
from core.ui.choosers import picture_grid
from core.ui.common import keep, page, tables
from core.ui.common.markdown import plain
from core.ui.map import scatter, tags
from core.ui.session import link_values

CHOSEN, ONLY, POINTED = "map-chosen", "map-only", "map-pointed"
TABLE, GRID = "Table", "Pictures"
LISTED, PICTURES, NEAR = 500, 24, 5


def rows(data: MapData) -> IntArray:
    """The selected items ``(m,)`` of ``data``, ascending; a selection survives other methods."""
    held = st.session_state.get(CHOSEN)
    if held is None or held[0] != data.digest:
        return np.array([], dtype=np.int64)
    found: IntArray = held[1]
    return found


def choose(data: MapData, chosen: IntArray) -> None:
    """Selects the items ``chosen`` ``(m,)`` of ``data``."""
    st.session_state[CHOSEN] = (data.digest, np.unique(chosen))
    st.session_state.pop(POINTED, None)
    scatter.changed()


def map_only(source: MapData, kept: IntArray | None) -> None:
    """Has only these rows ``(m,)`` of ``source`` mapped; ``None``: all."""
    if kept is None:
        st.session_state.pop(ONLY, None)
    else:
        st.session_state[ONLY] = (source.digest, kept)


def only_rows(source: MapData) -> IntArray | None:
    """The rows ``(m,)`` of ``source`` that are to be mapped alone; ``None``: all are."""
    held = st.session_state.get(ONLY)
    if held is None or held[0] != source.digest:
        return None
    found: IntArray = held[1]
    return found


def part_of(source: MapData) -> MapData:
    """The items that are mapped: all, or those that are to be mapped alone."""
    kept = only_rows(source)
    return source if kept is None else items_cache.part(source, kept)


def narrowed(source: MapData) -> MapData:
    """``part_of``; says so where it is not all, and offers to map all again."""
    place = page.steady()
    kept = only_rows(source)
    if kept is None:
        return source
    with place, st.container(horizontal=True, vertical_alignment="center"):
        st.info(f"Only {counted(len(kept), 'item')} of {len(source):,} are projected.")
        if st.button("Project all again", key="map-all"):
            choose(source, kept[rows(part_of(source))])
            map_only(source, None)
            st.rerun()
    return part_of(source)


def pointed(data: MapData) -> int | None:
    """The item of ``data`` whose row of the table below is pointed at, where one is."""
    held = st.session_state.get(POINTED)
    return held[1] if held is not None and held[0] == data.digest else None


def show(
    made: Made,
    source: MapData,
    clusters: NamedClusters | None = None,
    words: str = "",
    matches: IntArray | None = None,
) -> None:
    """What is selected, filtered or found on the map, with what can be done with it.

    Args:
        source: all items, where ``made`` is of a part of them.
        clusters: those that were asked for.
        words: what is searched for on the map.
        matches: the points ``(m,)`` whose texts have the words; ``None`` where none has.
    """
    chosen = made.points_of(rows(made.data))
    points = chosen if matches is None else matches
    if matches is not None and len(chosen):
        points = np.intersect1d(chosen, matches)
    if not len(points) and matches is None:
        _show_tags(made, source, points)
        _show_all(made, clusters)
        return
    st.subheader(_told(len(points), len(chosen), words, matches), anchor=False)
    st.caption(f"{len(points):,} of {counted(len(made.rows), 'point')} of the map")
    shown = made.rows[points]
    _show_actions(made, source, shown)
    left, right = st.columns([3, 2])
    gallery = made.data.gallery
    as_pictures = isinstance(gallery, Gallery) and (
        link_values.one_of(
            left,
            "Show as",
            [TABLE, GRID],
            default=TABLE,
            key="below",
            bind="query-params",
            label_visibility="collapsed",
        )
        == GRID
    )
    with left:
        if as_pictures and isinstance(gallery, Gallery):
            picture_grid.show_grid(gallery, shown.tolist(), key="below-grid")
        else:
            _show_table(made, points, clusters)
    with right:
        if not as_pictures:
            _show_pictures(made, shown)
        _show_words(made, points)
        _show_shares(made, shown)
    if made.stored.projection.recipe.dims == 3:  # where rows of the table are all that selects
        _show_all(made, clusters)


def _show_tags(made: Made, source: MapData, shown: IntArray) -> None:
    data = made.data
    tags.show(source, only_rows(source), shown, rows(data), lambda chosen: choose(data, chosen))


def _told(count: int, chosen: int, words: str, matches: IntArray | None) -> str:
    """What the points below are: those selected, those found, or those that are both."""
    if matches is None:
        return f"{counted(count, 'item')} selected"
    found = f"“{plain(shorten(words, 40))}”"
    if not chosen:
        return f"{counted(count, 'item')} with {found}"
    return f"{count:,} of {counted(chosen, 'item')} selected with {found}"


def _show_actions(made: Made, source: MapData, chosen: IntArray) -> None:
    data = made.data
    selected = rows(data)

    def only() -> None:
        wanted = {data.ids[row] for row in chosen}
        kept = np.array([at for at, name in enumerate(source.ids) if name in wanted])
        map_only(source, kept)

    def grow() -> None:
        choose(data, with_neighbors(data.vectors, chosen, NEAR, data.metric))

    with st.container(horizontal=True):
        st.button(
            "Clear selection",
            key="select-none",
            on_click=choose,
            args=(data, chosen[:0]),
            disabled=not len(selected),
        )
        st.button(
            "Expand to neighbours",
            key="grow",
            on_click=grow,
            disabled=len(chosen) > 2_000,
            help=f"Selects the {NEAR} nearest of each as well, by the vectors, not by the map.",
        )
        st.button("Re-project selection", key="only", on_click=only, disabled=len(chosen) < 2)
        _show_tags(made, source, chosen)
        mean = mean_vector(data.vectors, chosen) if data.space else None
        if mean is not None:
            told = (
                data.texts[chosen[0]]
                if len(chosen) == 1
                else f"mean of {len(chosen)} of {data.name}"
            )
            keep.keep_button(
                data.space,
                mean,
                shorten(told, 60),
                key="keep-chosen",
                picture=lambda: _only_picture(data, chosen),
            )


def _only_picture(data: MapData, chosen: IntArray) -> bytes | None:
    """The small picture of the one item that is selected, where it is a picture."""
    if data.gallery is None or len(chosen) != 1:
        return None
    return thumbnails.thumbnail(data.gallery, int(chosen[0]))


def _columns(made: Made, points: IntArray | None, clusters: NamedClusters | None) -> Any:
    quality = made.stored.quality
    lost = None if quality is None else quality.lost
    return map_columns(made.data, made.stored.projection, lost, points, clusters)


def _listed(made: Made, points: IntArray, clusters: NamedClusters | None) -> Any:
    """What is listed of ``points`` ``(m,)``, which is seldom other than in the run before."""
    if clusters is not None:
        return _columns(made, points, clusters)
    return maps_cache.table(made.data, made, points)


def _show_table(made: Made, points: IntArray, clusters: NamedClusters | None) -> None:
    """The rows; a click on one, or the arrow keys in the table, mark its point on the map."""
    listed = points[:LISTED]
    key = f"below-table-{data_home.digest_bytes(made.rows[listed].tobytes())[:12]}"

    def point() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        row = int(made.rows[listed[cells[0][0]]]) if cells else None
        st.session_state[POINTED] = None if row is None else (made.data.digest, row)

    st.dataframe(
        _listed(made, listed, clusters),
        hide_index=True,
        height=420,
        key=key,
        on_select=point,
        selection_mode="single-cell",
        alt="The selected items",
    )
    if len(points) > LISTED:
        st.caption(f"The first {LISTED} of {len(points):,}; the download has all.")
    tables.download_csv(lambda: _columns(made, points, clusters), file_name="selection.csv")


def _show_all(made: Made, clusters: NamedClusters | None) -> None:
    """The table behind the map; ticking rows selects them, in space too."""
    with st.expander("The points as a table"):
        key = f"table-{made.stored.projection.digest[:12]}"
        count = min(LISTED, len(made.rows))

        def take() -> None:
            ticked = st.session_state[key]["selection"]["rows"]
            choose(made.data, made.rows[np.array(ticked, dtype=np.int64)])

        st.dataframe(
            _listed(made, np.arange(count), clusters),
            hide_index=True,
            key=key,
            on_select=take,
            selection_mode="multi-row",
            alt="The points of the map",
        )
        if len(made.rows) > count:
            st.caption(f"The first {count} of {len(made.rows):,}; the download has all.")
        tables.download_csv(lambda: _columns(made, None, clusters), file_name="map.csv")


def _show_pictures(made: Made, chosen: IntArray) -> None:
    gallery = made.data.gallery
    if gallery is None:
        return
    with st.container(horizontal=True, gap="small"):
        for row in chosen[:PICTURES].tolist():
            small = thumbnails.thumbnail(gallery, row)
            if small is not None:
                width = 240 if len(chosen) == 1 else 64
                st.image(
                    thumbnails.as_address(small),
                    width=width,
                    alt=shorten(made.data.texts[row], 80),
                )
    if len(chosen) > PICTURES:
        st.caption(f"The first {PICTURES} of {len(chosen):,}.")


def _show_words(made: Made, points: IntArray) -> None:
    """What sets the texts of the selection apart from the others on the map."""
    if len(points) < 2:
        return
    words = maps_cache.counted_words(made.data, made.rows).telling(points)
    if words:
        told = ", ".join(f"**{plain(word)}**" for word, _ in words)
        st.markdown(
            f"Distinctive terms (c-TF-IDF): {told}",
            help="Grootendorst 2022: frequent here, rare in the rest of the map.",
        )


def _show_shares(made: Made, chosen: IntArray) -> None:
    columns = maps_cache.colorable(made.data)
    if not columns or len(chosen) < 2:
        return
    column = str(st.selectbox("Counts by", columns, key="counts"))
    found = shares(made.data.frame[column], chosen)
    st.dataframe(
        {
            column: [one.kind for one in found],
            "selected": [one.count for one in found],
            "of": [one.total for one in found],
        },
        hide_index=True,
        alt=f"The selected items by {column}",
    )
