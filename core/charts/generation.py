"""Plotly figures of generated pictures: one to select on, the noise schedule, likeness by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.base.types import FloatArray
from core.charts.basic import BLUE, GREEN, MARGIN, ORANGE
from core.readers.pictures import Pixels

if TYPE_CHECKING:
    import plotly.graph_objects as go

GRID = 32  # points a side, for a box or lasso to catch
_DASHES = ("solid", "dash", "dot")


def picture_to_select(pixels: Pixels) -> go.Figure:
    """A square picture ``(s, s, 3)`` with hardly seen points, so that a part can be selected."""
    import plotly.graph_objects as go
    from PIL import Image

    side = len(pixels)
    places = (np.arange(GRID) + 0.5) * side / GRID
    across, down = np.meshgrid(places, places)
    figure = go.Figure(
        go.Scatter(
            x=across.ravel(),
            y=down.ravel(),
            mode="markers",
            marker={"size": 3, "color": BLUE, "opacity": 0.15},
            selected={"marker": {"color": ORANGE, "opacity": 0.9}},
            hoverinfo="skip",
        )
    )
    figure.add_layout_image(
        source=Image.fromarray(pixels),
        x=0,
        y=0,
        sizex=side,
        sizey=side,
        xref="x",
        yref="y",
        layer="below",
    )
    figure.update_xaxes(range=[0, side], visible=False, constrain="domain")
    figure.update_yaxes(range=[side, 0], visible=False, scaleanchor="x")
    return figure.update_layout(
        height=side + 60, margin={"l": 0, "r": 0, "t": 30, "b": 0}, dragmode="select"
    )


def mask_of(points: FloatArray, side: int) -> Pixels:
    """The mask ``(side, side)``, white around the selected points ``(n, 2)``, right and down."""
    mask = np.zeros((GRID, GRID), dtype=np.uint8)
    cells = np.clip((points * GRID / side).astype(int), 0, GRID - 1)
    mask[cells[:, 1], cells[:, 0]] = 255
    times = side // GRID
    return np.kron(mask, np.ones((times, times), dtype=np.uint8))


def schedule(shares: Sequence[float]) -> go.Figure:
    """The share of noise by step."""
    import plotly.graph_objects as go

    steps = list(range(1, len(shares) + 1))
    figure = go.Figure(go.Scatter(x=steps, y=list(shares), mode="lines+markers", line_color=BLUE))
    figure.update_xaxes(title="step", fixedrange=True)
    figure.update_yaxes(title="share of noise", range=[0, 1.05], fixedrange=True)
    return figure.update_layout(height=260, margin=MARGIN)


def likeness(by_kind: Mapping[str, Sequence[float]]) -> go.Figure:
    """How near the foreseen picture's vector is to the prompt's, by step, for each guidance."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for (name, values), color, dash in zip(
        by_kind.items(), (BLUE, ORANGE, GREEN), _DASHES, strict=False
    ):
        figure.add_scatter(
            x=list(range(1, len(values) + 1)),
            y=list(values),
            name=name,
            mode="lines",
            line={"color": color, "dash": dash},
        )
    figure.update_xaxes(title="step", fixedrange=True)
    figure.update_yaxes(title="similarity to the prompt", fixedrange=True)
    return figure.update_layout(height=260, margin=MARGIN, legend={"orientation": "h", "y": 1.15})
