"""The plain figure of a map: one trace by WebGL, for what forms and for entities of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.base.errors import shorten
from core.base.types import FloatArray
from core.charts.basic import MARGIN, no_markup, space_axes
from core.charts.scatter import PALETTE, marker_size

if TYPE_CHECKING:
    import plotly.graph_objects as go

TEXTS_UP_TO = 20_000  # points whose texts travel to the browser
HOVERED = 80  # characters of a text


def map_figure(
    points: FloatArray,
    *,
    texts: Sequence[str] | None = None,
    revision: str = "",
    height: int = 640,
) -> go.Figure:
    """Points ``(n, 2 or 3)`` as one trace, its row numbers those of the points.

    Args:
        points: places on axes of one scale: only distances mean something.
        texts: shown where the mouse is, for few enough points.
        revision: while it stays the same, zoom and turn stay too.
        height: in pixels.
    """
    import plotly.graph_objects as go

    shown = texts is not None and len(points) <= TEXTS_UP_TO
    style: dict[str, Any] = {
        "mode": "markers",
        "name": "points",
        "showlegend": False,
        "marker": {"size": marker_size(len(points)), "color": PALETTE[0], "opacity": 1},
        "hoverinfo": "text" if shown else "none",
    }
    if shown and texts is not None:
        style["text"] = no_markup(
            [shorten(" ".join(text[:400].split()), HOVERED) for text in texts]
        )
    figure = go.Figure()
    if points.shape[1] == 3:
        style["marker"]["size"] = max(2, style["marker"]["size"] // 2)
        figure.add_scatter3d(x=points[:, 0], y=points[:, 1], z=points[:, 2], **style)
        figure.update_scenes(**space_axes(["", "", ""]))
    else:
        figure.add_scattergl(x=points[:, 0], y=points[:, 1], **style)
        figure.update_xaxes(showticklabels=False, zeroline=False, showgrid=False)
        figure.update_yaxes(showticklabels=False, zeroline=False, showgrid=False, scaleanchor="x")
    return figure.update_layout(
        height=height, margin=MARGIN, uirevision=revision or None, dragmode="pan"
    )
