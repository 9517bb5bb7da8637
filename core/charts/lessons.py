"""Figures of the lessons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray
from core.charts.basic import BLUE, GREEN, LABEL, MARGIN, ORANGE, add_cells, no_markup

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLORS = (BLUE, ORANGE, GREEN)


def arrows(names: Sequence[str], points: FloatArray) -> go.Figure:
    """Vectors ``(n, 2)`` as arrows from the origin, at most three, each with its name at its tip.

    Both axes have one scale, so angles and lengths are as they are.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, point, color in zip(names, points, COLORS, strict=False):
        label = no_markup([shorten(name, LABEL)])[0]
        figure.add_scatter(
            x=[0, float(point[0])],
            y=[0, float(point[1])],
            mode="lines+markers+text",
            line={"color": color, "width": 3},
            marker={"symbol": "arrow", "size": 14, "angleref": "previous", "color": color},
            text=["", label],
            textposition="top center",
            hovertemplate=label + ": %{x:.3f}, %{y:.3f}<extra></extra>",
            showlegend=False,
        )
    figure.update_xaxes(zeroline=True, title="along the first vector")
    figure.update_yaxes(zeroline=True, scaleanchor="x", title="at a right angle to it")
    return figure.update_layout(height=320, margin=MARGIN)


def running_sum(products: FloatArray) -> go.Figure:
    """Products ``(dim,)`` as bars, and their sum up to each dimension as a line."""
    import plotly.graph_objects as go

    dimensions = list(range(1, len(products) + 1))
    figure = go.Figure(
        go.Bar(
            x=dimensions,
            y=np.round(products, 6),
            name="product in this dimension",
            marker={"color": BLUE, "line": {"width": 0}},
            hovertemplate="dimension %{x}: %{y:.4f}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=dimensions,
        y=np.round(np.cumsum(products, dtype=np.float64), 6),
        name="sum so far",
        line={"color": ORANGE, "width": 2},
        hovertemplate="sum of the first %{x}: %{y:.4f}<extra></extra>",
    )
    figure.update_xaxes(title="dimension")
    return figure.update_layout(
        height=300, margin=MARGIN, bargap=0, legend={"orientation": "h", "y": 1.12}
    )


def histogram(values: FloatArray, mark: float, *, x: str, y: str, name: str) -> go.Figure:
    """How often ``values`` ``(n,)`` occur, and one value ``mark`` with its ``name`` among them."""
    import plotly.graph_objects as go

    counts, edges = np.histogram(values, bins=40)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=float(edges[1] - edges[0]),
            marker_color=BLUE,
            hovertemplate="%{x:.2f}: %{y:,}<extra></extra>",
        )
    )
    figure.add_scatter(
        x=[mark, mark],
        y=[0, int(counts.max())],
        mode="lines+text",
        line={"color": ORANGE, "width": 3},
        text=["", no_markup([name])[0]],
        textposition="top center",
        hoverinfo="skip",
        showlegend=False,
    )
    figure.update_xaxes(title=x)
    figure.update_yaxes(title=y, range=[0, 1.15 * int(counts.max())])  # room for the name
    figure.data[0].showlegend = False
    return figure.update_layout(height=280, margin=MARGIN, bargap=0.05)


def lines(
    x: Sequence[float], series: Mapping[str, Sequence[float]], *, x_title: str, y_title: str
) -> go.Figure:
    """One line a name over common ``x``; up to three."""
    import plotly.graph_objects as go

    figure = go.Figure()
    dashes = ("solid", "dash", "dot")  # so that colour is not the only sign
    for (name, values), color, dash in zip(series.items(), COLORS, dashes, strict=False):
        figure.add_scatter(
            x=list(x),
            y=[round(value, 6) for value in values],
            name=no_markup([shorten(name, LABEL)])[0],
            mode="lines+markers" if len(x) < 20 else "lines",
            line={"color": color, "width": 2, "dash": dash},
            hovertemplate="%{x}: %{y:.3f}<extra></extra>",
            showlegend=len(series) > 1,
        )
    figure.update_xaxes(title=x_title)
    figure.update_yaxes(title=y_title, rangemode="tozero")
    return figure.update_layout(height=300, margin=MARGIN, legend={"orientation": "h", "y": 1.12})


def bars(names: Sequence[str], series: Mapping[str, Sequence[float]], *, y: str) -> go.Figure:
    """Groups of upright bars, one group a name; up to three series."""
    import plotly.graph_objects as go

    labels = no_markup([shorten(name, LABEL) for name in names])
    places = list(range(len(labels)))
    figure = go.Figure()
    for (title, values), color in zip(series.items(), COLORS, strict=False):
        figure.add_bar(
            x=places,
            y=[round(value, 6) for value in values],
            name=title,
            marker_color=color,
            customdata=labels,
            hovertemplate="%{customdata}: %{y:.3f}<extra></extra>",
            showlegend=len(series) > 1,
        )
    figure.update_xaxes(tickvals=places, ticktext=labels)
    figure.update_yaxes(title=y)
    return figure.update_layout(height=300, margin=MARGIN, legend={"orientation": "h", "y": 1.12})


def matrix(rows: Sequence[str], columns: Sequence[str], values: FloatArray) -> go.Figure:
    """Values ``(rows, columns)`` as a heat map with their numbers in it."""
    import plotly.graph_objects as go

    down, across = (
        no_markup([shorten(name, LABEL) for name in names]) for names in (rows, columns)
    )
    places = list(range(len(across)))
    figure = go.Figure(
        go.Heatmap(
            z=np.round(values, 4),
            zmin=float(values.min()),
            zmax=float(max(values.max(), values.min() + 1e-6)),
            colorscale="Cividis",
            customdata=[[f"{one} and {other}" for other in across] for one in down],
            hovertemplate="%{customdata}: %{z:.3f}<extra></extra>",
        )
    )
    add_cells(figure, values, "Cividis", ".2f")
    figure.update_xaxes(tickvals=places, ticktext=across, side="top")
    figure.update_yaxes(tickvals=list(range(len(down))), ticktext=down, autorange="reversed")
    return figure.update_layout(height=360, margin=MARGIN)
