"""Figures of knowledge graphs: relations as arrows on a map, angles, training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray, IntArray
from core.charts import map as map_charts
from core.charts.basic import BLUE, GREEN, MARGIN, ORANGE, no_markup
from core.charts.labels import choose_sides

if TYPE_CHECKING:
    import plotly.graph_objects as go

LABEL = 22
NAMED = 60  # points whose names stand on the map
MAP_SIZE = (900, 540)  # pixels a map has at the least on a wide screen


def _with_gaps(ends: FloatArray) -> FloatArray:
    """Lines ``(m, 2, 2)`` as one path ``(3 m, 2)`` that is broken behind each of them."""
    gaps = np.full((len(ends), 1, 2), np.nan)
    path: FloatArray = np.concatenate([ends, gaps], axis=1).reshape(-1, 2)
    return path


def _add_arrows(figure: go.Figure, ends: FloatArray, color: str, name: str) -> None:
    """One trace of arrows ``(m, 2, 2)`` from the first to the second end."""
    path = _with_gaps(ends)
    figure.add_scatter(
        x=path[:, 0],
        y=path[:, 1],
        mode="lines+markers",
        hoverinfo="skip",
        name=no_markup([name])[0],
        line={"color": color, "width": 1.4},
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "standoff": 6,
            "color": color,
            "size": [0, 10, 0] * len(ends),
            "opacity": 1,
        },
    )


def arrows_figure(
    points: FloatArray, pairs: IntArray, texts: Sequence[str], relation: str, chosen: int | None
) -> go.Figure:
    """Entities on a map ``(n, 2)`` with arrows from the heads to the tails of ``pairs``.

    ``chosen`` is an entity that is marked by name, besides all where they are few.
    """
    figure = map_charts.map_figure(points, texts=texts, height=600, revision=relation)
    figure.update_layout(dragmode="pan", uirevision=None)
    if len(pairs):
        _add_arrows(figure, points[pairs], ORANGE, relation)
    named = np.arange(len(points)) if len(points) <= NAMED else np.unique(pairs)[:NAMED]
    if chosen is not None:
        named = np.union1d(named, [chosen])
        figure.add_scatter(
            x=points[[chosen], 0],
            y=points[[chosen], 1],
            mode="markers",
            hoverinfo="skip",
            showlegend=False,
            marker={"symbol": "circle-open", "size": 18, "color": GREEN},
        )
    named = named.astype(np.int64)
    told = [shorten(texts[row], LABEL) for row in named]
    figure.add_scatter(
        x=points[named, 0],
        y=points[named, 1],
        mode="markers+text",
        hoverinfo="skip",
        text=no_markup(told),
        showlegend=False,
        textfont={"size": 11},
        textposition=choose_sides(points[named], told, MAP_SIZE),
        marker={"size": 16, "opacity": 0},  # unseen; the names stand clear of the points
    )
    return figure


def angles_figure(angles: Sequence[tuple[str, FloatArray]]) -> go.Figure:
    """How far each relation turns, in degrees ``(dim,)``: a point each, on a ring of its own."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for at, ((name, degrees), color) in enumerate(zip(angles, (BLUE, ORANGE), strict=False)):
        figure.add_scatterpolar(
            theta=degrees,
            r=np.full(len(degrees), 1 - 0.25 * at),
            mode="markers",
            name=no_markup([shorten(name, 40)])[0],
            hovertemplate="%{theta:.0f}°<extra></extra>",
            marker={"color": color, "size": 8, "symbol": ("circle", "diamond")[at]},
        )
    figure.update_polars(
        radialaxis={"visible": False, "range": [0, 1.1]},
        angularaxis={"tickmode": "linear", "dtick": 45},
        bgcolor="rgba(0,0,0,0)",
    )
    return figure.update_layout(height=420, margin={**MARGIN, "t": 40, "b": 30})


def training_figure(losses: Sequence[float], mrrs: Sequence[tuple[float, float]]) -> go.Figure:
    """The loss of each epoch, and beside it the MRR where it was measured."""
    from plotly.subplots import make_subplots

    figure = make_subplots(1, 2, subplot_titles=("loss", "MRR on validation triples"))
    style: dict[str, Any] = {"showlegend": False}
    epochs = list(range(1, len(losses) + 1))
    figure.add_scatter(
        x=epochs, y=list(losses), mode="lines", line_color=BLUE, row=1, col=1, **style
    )
    figure.add_scatter(
        x=[epoch for epoch, _ in mrrs],
        y=[mrr for _, mrr in mrrs],
        mode="lines+markers",
        line_color=ORANGE,
        row=1,
        col=2,
        **style,
    )
    figure.update_xaxes(title="epoch", fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    figure.update_yaxes(range=[0, 1], row=1, col=2)
    for column, (points, text) in enumerate(
        ((losses, "the first epoch is not over yet"), (mrrs, "not measured yet")), 1
    ):
        if len(points):
            continue
        side = "" if column == 1 else "2"  # an empty chart looks broken
        figure.add_annotation(
            text=text,
            showarrow=False,
            x=0.5,
            y=0.5,
            xref=f"x{side} domain",
            yref=f"y{side} domain",
        )
        figure.update_xaxes(showticklabels=False, row=1, col=column)
    return figure.update_layout(height=460, margin={**MARGIN, "t": 40})
