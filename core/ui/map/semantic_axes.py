"""Map: a slice through meaning. Two axes that a person names, and where all lies along them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, InputError
from core.base.types import FloatArray
from core.cache import maps as maps_cache
from core.charts import scatter as scatter_chart
from core.maps.colors import PLAIN
from core.maps.items import MapData
from core.maps.semantic_axes import Axis, angle, axis, slice_coordinates
from core.ui.common import frame, page, tables
from core.ui.map import drop, link, scatter, selection, view

SIDE_WORDS = 50  # of one side: each is a formula, which may have to be encoded
LABELLED = 40  # points that have their texts beside them
SIDES = (("x", "small", "large"), ("y", "sad", "happy"))
ENDS = ("low", "high")
BOX = 160  # pixels
COLOR_KEY = "slice-color"
KEY = "slice-chart"


def show(data: MapData, source: MapData) -> None:
    """The whole tool; ``source`` has all items, whatever part of them ``data`` is."""
    if not data.space:
        st.info(
            "Axes are named by words, which these vectors know nothing of. Map words, texts or "
            "pictures of an embedding model that takes words."
        )
        return
    boxes = st.container(horizontal=True, gap="small")  # two in a line of a narrow window
    axes = [_axis(data, boxes, *side) for side in SIDES]
    place = frame.result()
    if axes[0] is None or axes[1] is None:
        return
    (across, title_x), (up, title_y) = axes[0], axes[1]
    points = slice_coordinates(data.vectors, across, up)
    colorable = maps_cache.colorable(data)
    chosen = view.choose_color(frame.settings(), [scatter.NO_COLOR, *colorable], COLOR_KEY)
    coloring = PLAIN if chosen == scatter.NO_COLOR else maps_cache.colored(data, chosen)
    selected = selection.rows(data)
    every = np.arange(len(data))
    payload = scatter_chart.payload(
        points,
        scatter.keeper(KEY),
        coloring,
        texts=maps_cache.chart_texts(data, every),
        columns=maps_cache.chart_columns(data, every),
        named=_extremes(points),
        axes=(title_x, title_y),
        recolor=True,
        theme=st.context.theme.type or "light",
        alt=f"{data.name} along {title_x} and {title_y}; a table is below",
    )
    with place:
        scatter.show(
            payload,
            KEY,
            selected,
            lambda chosen: selection.choose(data, chosen),
            view.pictures_of(data, every, KEY, shown=True),
            color=COLOR_KEY,
        )
    st.caption(
        "Along each axis -1 and +1 are where the means of its two sides lie. The axes themselves "
        f"stand at {angle(across, up):.0f}°: near 90° they say different things. It shows what the "
        "encoder learned from texts, stereotypes included, and two axes never tell all."
    )
    found: dict[str, list[Any]] = {
        "id": data.ids,
        "text": data.texts,
        title_x: [round(float(value), 4) for value in points[:, 0]],
        title_y: [round(float(value), 4) for value in points[:, 1]],
    }
    with st.expander("As a table"):
        st.dataframe(
            {name: cells[: selection.LISTED] for name, cells in found.items()},
            hide_index=True,
            alt="Scores along the two axes",
        )
    with st.container(horizontal=True):
        tables.download_csv(found, file_name="semantic-axes.csv")
        sides = [str(st.session_state[f"{name}-{end}"]) for name, *_ in SIDES for end in ENDS]
        asked = [part for side in sides for part in side.split(",")]
        link.show(source, asked)


def _axis(data: MapData, place: Any, name: str, low: str, high: str) -> tuple[Axis, str] | None:
    labels = ("Left", "Right") if name == "x" else ("Bottom", "Top")
    sides = [
        place.text_input(
            label,
            words,
            key=f"{name}-{end}",
            bind="query-params",
            width=BOX,
            help="A word, or several with commas between them.",
        )
        for label, words, end in zip(labels, (low, high), ENDS, strict=True)
    ]
    try:
        low_side, high_side = (_read(data, side) for side in sides)
        found = axis(high_side, low_side)
    except ExplorerError as error:
        page.show_error(error)
        return None
    return found, f"{sides[0]} → {sides[1]}"


def _read(data: MapData, side: str) -> FloatArray:
    """The vectors of one side's words, ``(n, dim)``.

    Raises:
        InputError: one of them cannot be read, or there are too many.
    """
    parts = [part.strip() for part in side.split(",") if part.strip()]
    if len(parts) > SIDE_WORDS:
        raise InputError(
            f"One side of an axis has {len(parts):,} words.",
            f"At most {SIDE_WORDS} are taken.",
            "Leave the others out.",
        )
    return np.stack([drop.read(data, part) for part in parts or [""]])


def _extremes(points: FloatArray) -> list[int]:
    """The points farthest from the middle, whose texts are worth their room; all of a few."""
    if len(points) <= LABELLED:
        return list(range(len(points)))
    away = np.linalg.norm((points - points.mean(axis=0)) / (points.std(axis=0) + 1e-9), axis=1)
    far: list[int] = np.argsort(-away, kind="stable")[: LABELLED // 2].tolist()
    return far
