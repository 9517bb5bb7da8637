"""Maps of the lessons, with marked points and a path over them, and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import shorten
from core.base.types import FloatArray, IntArray
from core.charts.basic import BLUE, GREEN, GREY, LABEL, MARGIN, ORANGE, no_markup
from core.charts.labels import choose_sides

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["BLUE", "GREEN", "GREY", "ORANGE", "Marked", "curves", "marked_map"]

PLANE = 800  # pixels: about the width of a map
COLORS, DASHES = (BLUE, ORANGE, GREEN, GREY), ("solid", "dash", "dot", "dashdot")


@dataclass(frozen=True, slots=True)
class Marked:
    """Points that are drawn alike.

    Attributes:
        rows: ``(m,)`` of the map.
        named: whether their names stand beside them; else they show under the mouse.
    """

    name: str
    rows: IntArray
    color: str
    symbol: str = "circle"
    size: int = 6
    named: bool = False


def marked_map(  # noqa: PLR0913
    points: FloatArray,
    labels: Sequence[str],
    marked: Sequence[Marked],
    *,
    star: FloatArray | None = None,
    path: IntArray | None = None,
    height: int = 440,
) -> go.Figure:
    """Points ``(n, 2)``: groups of them, later ones over earlier ones.

    Args:
        star: where the question lies, ``(2,)``.
        path: rows ``(h,)`` that a line goes through.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    shown = points[np.concatenate([group.rows for group in marked])]
    scale = float((np.array([PLANE, height]) / np.maximum(np.ptp(shown, axis=0), 1e-9)).min())
    for group in marked:
        names = no_markup([shorten(labels[row], LABEL) for row in group.rows.tolist()])
        style: dict[str, Any] = {
            "mode": "markers+text" if group.named else "markers",
            "marker": {"color": group.color, "symbol": group.symbol, "size": group.size},
            "text": names,
            "textposition": "top center",
            "hovertemplate": "%{text}<extra></extra>",
        }
        places = points[group.rows]
        if group.named:
            width, tall = np.ptp(places, axis=0) * scale  # of these points alone
            style["textposition"] = choose_sides(places, names, (max(1, width), max(1, tall)))
        figure.add_scatter(x=places[:, 0], y=places[:, 1], name=group.name, **style)
    if path is not None and len(path):
        line = points[path]
        figure.add_scatter(
            x=line[:, 0],
            y=line[:, 1],
            mode="lines",
            line={"color": ORANGE, "width": 2},
            name="the way",
            hoverinfo="skip",
        )
    if star is not None:
        figure.add_scatter(
            x=[float(star[0])],
            y=[float(star[1])],
            mode="markers",
            marker={"symbol": "star", "size": 16, "color": ORANGE, "line": {"width": 1}},
            name="the question",
            hoverinfo="name",
        )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return figure.update_layout(
        height=height, margin=MARGIN, legend={"orientation": "h", "y": -0.02, "yanchor": "top"}
    )


def curves(
    drawn: Mapping[str, tuple[NDArray[Any], NDArray[Any]]], x: str, y: str, *, height: int = 260
) -> go.Figure:
    """At most four curves by their names, ``(m,)`` places and ``(m,)`` values each."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for (name, (places, values)), color, dash in zip(drawn.items(), COLORS, DASHES, strict=False):
        figure.add_scatter(
            x=places, y=values, name=name, mode="lines", line={"color": color, "dash": dash}
        )
    figure.update_xaxes(title=x)
    figure.update_yaxes(title=y)
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    return figure.update_layout(height=height, margin=MARGIN, legend=legend)
