"""The figure of two pictures side by side with their key points, and lines between matches."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import counted
from core.base.types import FloatArray, IntArray
from core.charts.basic import BLUE, GREY, MARGIN, ORANGE
from core.images.keypoint_matching import Matches
from core.images.keypoints import KeyPoints

if TYPE_CHECKING:
    import plotly.graph_objects as go

GAP = 0.12  # between the pictures, as a share of the wider one
DRAWN = 150  # lines of a kind: of more, the nearest
_HEIGHT = 480


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as it is drawn: its file (WebP) in the size of its key points, and these."""

    data: bytes
    points: KeyPoints


def matched_pictures(a: Shown, b: Shown, found: Matches) -> go.Figure:
    """Both pictures with all points; lines that agree are solid, the others dotted."""
    import plotly.graph_objects as go

    widths = [a.points.size[0], b.points.size[0]]
    heights = [a.points.size[1], b.points.size[1]]
    offset = widths[0] + GAP * max(widths)
    figure = go.Figure()
    for name, shown, left in (("A", a, 0.0), ("B", b, offset)):
        _add_picture(figure, name, shown, left)
    _add_points(figure, (a.points, b.points), offset)
    for rows, name, style in (
        (np.flatnonzero(~found.agree), "outliers", _LINES["other"]),
        (np.flatnonzero(found.agree), "inliers", _LINES["agree"]),
    ):
        ends = _ends(a.points, b.points, found.pairs[rows[:DRAWN]], offset)
        _add_lines(figure, ends, found.distances[rows[:DRAWN]], f"{name} ({len(rows):,})", style)
    figure.update_xaxes(range=[-2, offset + widths[1] + 2], visible=False, constrain="domain")
    figure.update_yaxes(
        range=[max(heights) + 2, -2],
        visible=False,
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",  # in a narrow window the free room is below
    )
    legend = {"orientation": "h", "y": 1, "yanchor": "bottom"}
    margin = MARGIN | {"b": 24}  # the names stand below the pictures
    return figure.update_layout(height=_HEIGHT, margin=margin, legend=legend)


# Colour, dash and symbol tell the lines apart, so that colour is never the only sign.
_LINES: dict[str, dict[str, Any]] = {
    "other": {
        "line": {"color": ORANGE, "width": 1, "dash": "dot"},
        "marker": {"color": ORANGE, "symbol": "x", "size": 6},
    },
    "agree": {
        "line": {"color": BLUE, "width": 1.2, "dash": "solid"},
        "marker": {
            "color": BLUE,
            "symbol": "circle",
            "size": 6,
            "line": {"color": "white", "width": 1},
        },
    },
}


def _add_picture(figure: go.Figure, name: str, shown: Shown, left: float) -> None:
    width, height = shown.points.size
    source = "data:image/webp;base64," + base64.b64encode(shown.data).decode()
    # Pixel 0 has its middle at 0, so the picture begins half a pixel before it.
    figure.add_layout_image(
        source=source,
        xref="x",
        yref="y",
        x=left - 0.5,
        y=-0.5,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )
    # White pictures have no edge of their own on a white page.
    figure.add_shape(
        type="rect",
        x0=left - 0.5,
        y0=-0.5,
        x1=left - 0.5 + width,
        y1=height - 0.5,
        line={"color": GREY, "width": 1},
        layer="below",
    )
    figure.add_annotation(
        text=f"<b>{name}</b> · {counted(len(shown.points), 'point')}",
        x=left + width / 2,
        y=height,
        yanchor="top",
        showarrow=False,
    )


def _add_points(figure: go.Figure, points: tuple[KeyPoints, KeyPoints], offset: float) -> None:
    a, b = points
    figure.add_scatter(
        x=np.concatenate([a.positions[:, 1], b.positions[:, 1] + offset]),
        y=np.concatenate([a.positions[:, 0], b.positions[:, 0]]),
        customdata=np.concatenate([a.scales, b.scales]),
        mode="markers",
        name=f"keypoints ({len(a) + len(b):,})",
        marker={"symbol": "circle-open", "size": 6, "color": GREY, "line": {"width": 1.2}},
        hovertemplate="keypoint of scale %{customdata:.1f}<extra></extra>",
    )


def _ends(a: KeyPoints, b: KeyPoints, pairs: IntArray, offset: float) -> FloatArray:
    """Both ends of each match ``(m, 2, 2)``, as x and y of the figure."""
    start = a.positions[pairs[:, 0], ::-1]
    end = b.positions[pairs[:, 1], ::-1] + np.array([offset, 0], dtype=np.float32)
    return np.stack([start, end], axis=1)


def _add_lines(
    figure: go.Figure, ends: FloatArray, distances: FloatArray, name: str, style: dict[str, Any]
) -> None:
    """One trace of lines with gaps between them."""

    def with_gaps(values: FloatArray) -> list[float | None]:
        return [value for pair in values.tolist() for value in (*pair, None)]

    figure.add_scatter(
        x=with_gaps(ends[:, :, 0]),
        y=with_gaps(ends[:, :, 1]),
        customdata=np.repeat(distances, 3),
        mode="lines+markers",
        name=name,
        connectgaps=False,
        hovertemplate="distance %{customdata:.3g}<extra></extra>",
        **style,
    )
