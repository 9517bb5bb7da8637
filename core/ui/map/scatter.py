"""Map: the chart as a component of the page: what it is sent, and what it tells back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.base.types import IntArray
from core.charts import scatter, scatter_script
from core.ui.common import media, served_script
from core.ui.session import page_state

SEEK = "seek"  # of the address: what is searched for
NO_COLOR = "one colour"  # what “Colour by” offers beside columns
_TURN = "map-turn"  # counts changes of the selection, so that chart and server know the latest


@cache
def _script() -> bytes:
    return served_script.with_style(
        f"{scatter_script.script()}\nexport {{ mount }};", scatter_script.style()
    )


@cache
def _plotly() -> bytes:
    """Plotly's script from the installed package."""
    import plotly

    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


def keeper(key: str) -> scatter.Put:
    """Keeps files where the browser fetches them, under their content's digest, for this run."""
    count = 0

    def put(data: bytes, kind: str) -> str:
        nonlocal count
        count += 1
        return media.address(data, kind, f"{key}-{count}")

    return put


def turn() -> int:
    """How often the selection has changed in this session."""
    return int(st.session_state.get(_TURN, 0))


def changed() -> None:
    """Notes that the selection was changed elsewhere than in a chart, which takes it over then."""
    st.session_state[_TURN] = turn() + 1


def show(  # noqa: PLR0913
    payload: Mapping[str, Any],
    key: str,
    selected: IntArray,
    take: Callable[[IntArray], None],
    more: Mapping[str, Any] | None = None,
    *,
    color: str = "",
) -> None:
    """The chart of ``payload`` with the points ``selected`` ``(m,)``.

    Args:
        payload: as ``scatter.payload`` gives it.
        key: of the chart; while it stays the same, zoom and figure stay too.
        selected: ascending.
        take: is called with the points ``(m,)`` that were selected in the chart.
        more: further entries for the chart.
        color: the key of the box “Colour by”, which follows what the panel colours by.
    """
    component: Any = st.components.v2.component(
        "scatter",
        html='<div class="ee-scatter"></div>',
        js=served_script.loader(),
        isolate_styles=False,
    )
    count = int(payload["points"]["n"])
    st.session_state[f"{key}-points"] = payload["points"]["url"]

    def told() -> None:
        said = _state(key, "selection")
        if not isinstance(said, Mapping) or said.get("points") != payload["points"]["url"]:
            return  # of points that are no longer there
        take(scatter.unpack(str(said.get("bits", "")), count))
        # take() counts as a change from elsewhere; the chart has this one already.
        st.session_state[_TURN] = max(int(said.get("turn", 0)), turn() - 1)

    def recolored() -> None:
        said = _state(key, "color")
        if color and isinstance(said, Mapping):
            page_state.write(color, str(said.get("name", "")) or NO_COLOR)

    said = _state(key, "color")
    component(
        key=key,
        data={
            **payload,
            **(more or {}),
            served_script.KEY: served_script.address(_script(), "scatter"),
            "plotly": served_script.address(_plotly(), "plotly"),
            "selection": {"turn": turn(), "bits": scatter.pack(selected, count)},
            # The run's colours are older than a press that it does not know of.
            "recolored": int(said.get("turn", 0)) if isinstance(said, Mapping) else 0,
        },
        on_selection_change=told,
        on_color_change=recolored,
        on_query_change=lambda: None,
        on_sheets_change=lambda: None,
    )


def _state(key: str, name: str) -> Any:
    held = st.session_state.get(key)
    return None if held is None else held.get(name)


def query(key: str) -> str:
    """The words that were typed into the chart's search."""
    said = _state(key, "query")
    return str(said.get("words", "")).strip() if isinstance(said, Mapping) else ""


def matches(key: str, count: int) -> IntArray | None:
    """The points ``(m,)`` of ``count`` that the chart's search has found by their texts.

    ``None`` where nothing is searched for, or nothing found: then it was meant, not written.
    """
    said = _state(key, "query")
    if not isinstance(said, Mapping) or said.get("points") != st.session_state.get(f"{key}-points"):
        return None
    found = scatter.unpack(str(said.get("found", "")), count)
    return found if len(found) else None


def wanted_sheets(key: str, count: int) -> list[int]:
    """The sheets of pictures that the chart asks for, of ``count``."""
    asked = _state(key, "sheets")
    if not isinstance(asked, list | tuple):
        return []
    numbers = {int(one) for one in asked if isinstance(one, int | float) and np.isfinite(one)}
    return sorted(one for one in numbers if 0 <= one < count)


def has_query(key: str) -> bool:
    """Whether the chart's search has been used in this session, if only to empty it."""
    return _state(key, "query") is not None
