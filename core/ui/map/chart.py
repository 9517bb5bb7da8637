"""Map: the chart in the browser, and what the mouse selects in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base.types import IntArray
from core.cache.maps import Made
from core.charts.map_overlays import Over
from core.maps.colors import Coloring
from core.maps.selection import picked_points
from core.storage import data_home
from core.ui.common import page
from core.ui.map import selection
from core.ui.session import link_values

LASSO, CLICK = "Lasso", "Click"
_ROUND, _SHOWN, _BEGAN = "map-round", "map-shown", "map-began"


def choose_color(options: list[str], key: str, first: int = 0, help: str | None = None) -> str:
    """What the points are coloured by; a link's choice that is none of ``options`` is let go."""
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]
    return str(
        st.selectbox(
            "Colour by", options, first, key=key, bind="query-params", width=240, help=help
        )
    )


def choose_mouse(made: Made) -> str:
    """What the mouse does; in space it turns the map."""
    if made.stored.projection.recipe.dims == 3:
        return CLICK
    return str(
        link_values.one_of(
            st,
            "Mouse",
            [LASSO, CLICK],
            default=LASSO,
            key="mouse",
            bind="query-params",
            help="Lasso: drag around points. Click: one point, and dragging moves "
            "the map. The chart's own tool bar has a box. A double-click takes back a lasso or "
            "box, but not one clicked point: “Clear selection” below the map does that.",
        )
    )


def let_click(figure: Any, mouse: str) -> None:
    """With ``CLICK`` dragging moves a plane, so that a click is one."""
    if mouse == CLICK and figure.layout.scene.aspectmode is None:
        figure.update_layout(dragmode="pan")


def show(made: Made, figure: Any, at: IntArray, drawn: str) -> None:
    """The chart with the selected points ``at`` ``(m,)``; ``drawn`` stands for all else in it.

    A chart keeps its zoom, its tool and its own selection for as long as it is sent the same
    figure, and only so a double-click reaches the server; nor does the same figure travel again.
    So a selection that was made in the chart is not written into it, and what the chart began
    with stays; every other selection makes it a new chart.
    """
    told = f"Map of {made.data.name}; the table below has its points"
    if made.stored.projection.recipe.dims == 3:
        page.show_space(figure, _key(made), told)
        st.caption(
            "Drag to turn. 3-D points cannot be selected with the mouse: find them by words "
            "above, or tick rows of the table below."
        )
        return
    picked = picked_points(st.session_state.get(_key(made)) or {}, len(made.rows))
    own = np.array_equal(picked, at) and st.session_state.get(_SHOWN) == drawn
    if len(picked) and not own:
        st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.session_state[_SHOWN] = drawn
    key = _key(made)
    if not own:
        st.session_state[_BEGAN] = at
    _select(figure, st.session_state[_BEGAN])

    def take() -> None:
        points = picked_points(st.session_state[key], len(made.rows))
        selection.choose(made.data, made.rows[points])

    st.plotly_chart(
        figure, key=key, on_select=take, selection_mode=("points", "box", "lasso"), alt=told
    )
    _select(figure, at)  # the page that is saved shows what is selected now
    st.caption(
        "Drag around points to select them, or set the mouse to Click and click one; “Clear "
        "selection” below takes that back. The tool bar has box, zoom, and saving as a picture."
    )


def _select(figure: Any, at: IntArray) -> None:
    figure.data[0].selectedpoints = at if len(at) else None


def signature(made: Made, coloring: Coloring, over: Over, mouse: str) -> str:
    """Stands for all that a chart shows, the selected points aside."""
    parts: list[str] = [made.key, mouse, coloring.title, *coloring.names]
    arrays = [coloring.codes, coloring.numbers, over.lines]
    for mark in over.marks:
        parts += [mark.name, *mark.labels]
        arrays.append(mark.points)
    parts += [name for name, _ in over.labels]
    arrays += [sprite.place for sprite in over.sprites]
    held = [np.ascontiguousarray(array).tobytes() for array in arrays if array is not None]
    return data_home.digest_bytes(*data_home.as_bytes(parts), *held)


def _key(made: Made) -> str:
    projection = made.stored.projection
    turn = st.session_state.get(_ROUND, 0)
    return f"map-{projection.digest[:12]}-{projection.recipe.dims}-{turn}"
