"""Plotly figures of generated pictures: one to select on, the noise schedule, likeness by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.charts.basic import BLUE, GREEN, MARGIN, ORANGE

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from PIL import Image

_DASHES = ("solid", "dash", "dot")


def picture_to_select(shown: Image.Image, size: tuple[int, int]) -> go.Figure:
    """A picture, shown in fewer pixels than its ``size``, to draw a box or a lasso on.

    The axes count its own pixels, from its left upper corner.
    """
    import plotly.graph_objects as go

    width, height = size
    # Plotly selects only where a trace could have points in the box.
    figure = go.Figure(
        go.Scatter(x=[0, width], y=[0, height], mode="markers", marker_opacity=0, hoverinfo="skip")
    )
    figure.add_layout_image(
        source=shown,
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        xref="x",
        yref="y",
        layer="below",
    )
    figure.update_xaxes(range=[0, width], visible=False, constrain="domain")
    figure.update_yaxes(range=[height, 0], visible=False, scaleanchor="x", constrain="domain")
    return figure.update_layout(
        height=shown.height + 30, margin={"l": 0, "r": 0, "t": 30, "b": 0}, dragmode="select"
    )


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
