"""Figures of what carries a similarity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.base.errors import shorten
from core.charts.basic import BLUE, LABEL, MARGIN, ORANGE, no_markup

if TYPE_CHECKING:
    import plotly.graph_objects as go

LOWEST = 130  # pixels of a chart


def drop_bars(parts: Sequence[str], drops: Sequence[float]) -> go.Figure:
    """What is lost without each part as horizontal bars, in the order that is given.

    Orange carries similarity; blue, below 0, costs some.
    """
    import plotly.graph_objects as go

    places = list(range(len(parts)))
    figure = go.Figure(
        go.Bar(
            x=list(drops),
            y=places,
            orientation="h",
            marker_color=[ORANGE if drop >= 0 else BLUE for drop in drops],
            text=[f"{drop:+.3f}" for drop in drops],
            textangle=0,
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:+.3f}<extra></extra>",
        )
    )
    names = no_markup([shorten(part, LABEL) for part in parts])
    figure.update_yaxes(autorange="reversed", tickvals=places, ticktext=names, fixedrange=True)
    low, high = min([0.0, *drops]), max([0.0, *drops])
    room = 0.25 * (high - low or 0.01)
    edges = [low - room if low < 0 else low, high + room]
    figure.update_xaxes(title="lost without it (cosine)", range=edges, fixedrange=True)
    return figure.update_layout(height=max(LOWEST, 70 + 24 * len(parts)), margin=MARGIN)
