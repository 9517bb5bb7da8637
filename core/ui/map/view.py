"""Map: the picture itself. Colour, finding, selecting; what is drawn over the points."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError
from core.base.types import IntArray
from core.cache import maps as maps_cache
from core.cache.maps import Made
from core.charts import map as map_charts
from core.charts.map_overlays import Mark, Over, Sprite
from core.images import thumbnails
from core.maps.colors import PLAIN, Coloring, by_number
from core.maps.selection import nearest_rows_to, rows_with_text
from core.ui.common import page
from core.ui.map import (
    chart,
    clusters,
    drop,
    selection,
)

NO_COLOR, PRESERVED = "one colour", "k-NN preservation"
FOUND, SPRITES = 300, 60  # found items that are marked; pictures that are drawn on the map
TRUE_NEAR = 10  # neighbours that lines lead to
GREY = "#767676"


def show(made: Made) -> Any:
    """The map with its controls; what was selected is left to ``map_chosen``. The figure."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mouse = chart.choose_mouse(made)
        color = _choose_color(made)
        found = _find(made)
        pictures = made.data.gallery is not None and st.toggle(
            "Pictures on the map",
            key="sprites",
            bind="query-params",
            help=f"Shows the pictures of what is selected or found, up to {SPRITES}.",
        )
        size = st.slider(
            "Point size", 0.2, 3.0, 1.0, 0.2, key="size", bind="query-params", width=120
        )
        grouped = clusters.choose(made)  # the last: it may say something
    coloring = _coloring(made, color, grouped)
    plot = st.container()  # above what is dropped, which it shows
    dropped = drop.places(made)
    chosen = selection.rows(made.data)
    points = made.stored.projection.coordinates
    at = _points_of(made, chosen)
    over = Over(
        [*_found_marks(made, found), *dropped.marks],
        _lines(made, at, dropped),
        _sprites(made, at if len(at) else _points_of(made, found)) if pictures else (),
        grouped.labels(points) if grouped is not None else (),
    )
    figure = map_charts.map_figure(
        points,
        coloring,
        texts=[made.data.texts[row] for row in made.rows],
        selected=at if len(at) and points.shape[1] == 3 else None,
        over=over,
        axes=_axes(made),
        revision=made.key,
        size=size,
    )
    chart.let_click(figure, mouse)
    with plot:
        chart.show(made, figure, at, chart.signature(made, coloring, over, f"{mouse} {size}"))
    if grouped is not None:
        with st.expander("The clusters as a table"):
            st.dataframe(clusters.table(grouped), hide_index=True, alt="Clusters and sizes")
    return figure


def _choose_color(made: Made) -> str:
    options = [NO_COLOR, *maps_cache.colorable(made.data)]
    if made.stored.quality is not None:
        options.append(PRESERVED)
    return chart.choose_color(
        options,
        "color",
        1 if len(options) > 1 and options[1] != PRESERVED else 0,
        help="Metadata, or how many of each point's true nearest neighbours the map preserves. "
        "Clusters, where they are asked for, come first.",
    )


def _coloring(made: Made, color: str, grouped: clusters.Grouped | None) -> Coloring:
    if grouped is not None:
        return grouped.coloring()
    if color == PRESERVED and made.stored.quality is not None:
        quality = made.stored.quality
        return by_number(f"recall@{quality.k}", 1 - quality.lost)
    if color == NO_COLOR:
        return PLAIN
    return maps_cache.colored(made.data, color).take(made.rows)


def _find(made: Made) -> IntArray:
    """The items that the words are in, or that are nearest to them by meaning."""
    none = np.array([], dtype=np.int64)
    words = st.text_input(
        "Find", key="seek", bind="query-params", placeholder="words", width=220
    ).strip()
    by_meaning = bool(made.data.space) and st.toggle(
        "Semantic",
        key="meaning",
        bind="query-params",
        help="Off: the text contains all the words. On: the 20 nearest by their vectors.",
    )
    if not words:
        return none
    if not by_meaning:
        found = rows_with_text(made.data.texts, words)
    else:
        try:
            vector = drop.read(made.data, words)
        except ExplorerError as error:
            page.show_error(error)
            return none
        found = nearest_rows_to(made.data.vectors, vector, 20)
    st.button(
        f"Select {len(found):,} found",
        key="select-found",
        disabled=not len(found),
        on_click=selection.choose,
        args=(made.data, found),
    )
    return found


def _points_of(made: Made, rows: IntArray) -> IntArray:
    """The points that stand for items; some items may not be on the map."""
    points: IntArray = np.flatnonzero(np.isin(made.rows, rows))
    return points


def _found_marks(made: Made, found: IntArray) -> list[Mark]:
    at = _points_of(made, found)[:FOUND]
    if not len(at):
        return []
    places = made.stored.projection.coordinates[at]
    return [Mark("found", places, "circle-open", GREY, 16)]


def _lines(made: Made, at: IntArray, dropped: drop.Dropped) -> Any:
    """From the one point that is selected, and from what was dropped, to true neighbours."""
    points = made.stored.projection.coordinates
    lines = [*dropped.lines]
    if len(at) == 1:
        row = int(made.rows[at[0]])
        data = made.data
        near = nearest_rows_to(data.vectors, data.vectors[row], TRUE_NEAR + 1, data.metric)
        targets = _points_of(made, near[near != row])
        lines += [np.stack([points[at[0]], points[target]]) for target in targets]
    return np.stack(lines) if lines else None


def _sprites(made: Made, at: IntArray) -> list[Sprite]:
    if made.data.gallery is None or len(at) > SPRITES:
        return []
    shown = []
    for point in at.tolist():
        small = thumbnails.thumbnail(made.data.gallery, int(made.rows[point]))
        if small is not None:
            shown.append(Sprite(made.stored.projection.coordinates[point], small))
    return shown


def _axes(made: Made) -> tuple[str, ...]:
    explained = made.stored.projection.explained
    if explained is None:
        return ()
    shares = explained.tolist()
    return tuple(f"axis {at}: {share:.1%} of the variance" for at, share in enumerate(shares, 1))
