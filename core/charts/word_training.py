"""What is seen of word vectors while they are trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.charts.basic import BLUE, MARGIN, no_markup
from core.charts.contrast import INK

if TYPE_CHECKING:
    import plotly.graph_objects as go

SHOWN = 5  # neighbours of a word


def loss_figure(losses: Sequence[float]) -> go.Figure:
    """The loss before the first epoch, which is chance, and after each."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=list(range(len(losses))), y=list(losses), mode="lines+markers", line_color=BLUE
    )
    figure.update_xaxes(title="epoch", fixedrange=True, rangemode="tozero")
    figure.update_yaxes(title="loss", fixedrange=True)
    return figure.update_layout(height=240, margin=MARGIN)


def live_figure(
    losses: Sequence[float], neighbors: Mapping[str, Sequence[tuple[str, float]]]
) -> go.Figure:
    """The losses so far, and below them the nearest words of each watched word."""
    figure = loss_figure(losses)
    if not neighbors:
        return figure
    lines = [
        f"<b>{word}</b>: {', '.join(no_markup([near for near, _ in found[:SHOWN]]))}"
        for word, found in zip(no_markup(list(neighbors)), neighbors.values(), strict=True)
    ]
    place: dict[str, Any] = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top"}
    height = 22 * len(lines)
    figure.add_annotation(
        text="<br>".join(lines),
        x=0,
        y=0,
        yshift=-50,
        align="left",
        showarrow=False,
        font_color=INK,
        **place,
    )
    return figure.update_layout(
        height=300 + height, margin={**MARGIN, "b": 60 + height}, yaxis_automargin=True
    )
