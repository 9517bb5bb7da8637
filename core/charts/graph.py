"""Figures of knowledge graphs: what is around an entity, relations as arrows, angles, training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray, IntArray
from core.charts import map as map_charts
from core.charts.basic import BLUE, GREEN, GREY, MARGIN, ORANGE, no_markup
from core.graphs.graph import Graph
from core.graphs.statistics import Around

if TYPE_CHECKING:
    import plotly.graph_objects as go

LABEL = 22
NAMED = 60  # points whose names stand on the map


def around_figure(graph: Graph, found: Around) -> go.Figure:
    """An entity in the middle, its neighbours on a circle, relations as arrows with their names.

    Several relations between the same two stand at one arrow each way.
    """
    import plotly.graph_objects as go

    edges: dict[tuple[int, int], list[str]] = {}
    for head, relation, tail, _ in found.triples:
        edges.setdefault((head, tail), []).append(graph.relations[relation])
    others = list(dict.fromkeys(end for edge in edges for end in edge if end != found.entity))
    turns = np.linspace(0, 2 * np.pi, len(others), endpoint=False)
    places = {
        entity: np.array([np.cos(turn), np.sin(turn)], dtype=np.float32)
        for entity, turn in zip(others, turns, strict=True)
    }
    places[found.entity] = np.zeros(2, dtype=np.float32)
    figure = go.Figure()
    for outward, color, name, dash in (
        (True, BLUE, "outgoing", "solid"),
        (False, ORANGE, "incoming", "dash"),
    ):
        chosen = [edge for edge in edges if (edge[0] == found.entity) is outward]
        if chosen:
            ends = np.array([[places[head], places[tail]] for head, tail in chosen])
            aside = _beside(ends)
            _add_arrows(figure, aside, color, name, dash)
            _add_names(figure, aside, [edges[edge] for edge in chosen])
    points = np.array([places[entity] for entity in (found.entity, *others)])
    names = [graph.label(entity) for entity in (found.entity, *others)]
    sides = ["bottom center" if y < 0 else "top center" for y in points[:, 1]]
    figure.add_scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers+text",
        showlegend=False,
        text=no_markup([shorten(name, LABEL) for name in names]),
        textposition=sides,
        hovertext=no_markup(names),
        hoverinfo="text",
        marker={
            "size": [18] + [10] * len(others),
            "color": [GREEN] + [GREY] * len(others),
            "opacity": 1,
        },  # by itself it would be 0.7 where sizes differ
    )
    return _plain(figure, 620)


def _beside(ends: FloatArray) -> FloatArray:
    """Arrows shifted a little to their right, so that both ways between two are seen."""
    step = ends[:, 1] - ends[:, 0]
    normal = np.stack([step[:, 1], -step[:, 0]], axis=1)
    shifted: FloatArray = (ends + 0.012 * normal[:, None, :]).astype(np.float32)
    return shifted


def _add_arrows(
    figure: go.Figure, ends: FloatArray, color: str, name: str, dash: str = "solid"
) -> None:
    """One trace of arrows ``(m, 2, 2)`` from the first to the second end."""
    gaps = np.full((len(ends), 1, 2), np.nan)
    path = np.concatenate([ends, gaps], axis=1).reshape(-1, 2)
    figure.add_scatter(
        x=path[:, 0],
        y=path[:, 1],
        mode="lines+markers",
        hoverinfo="skip",
        name=no_markup([name])[0],
        line={"color": color, "width": 1.4, "dash": dash},
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "standoff": 6,
            "color": color,
            "size": [0, 10, 0] * len(ends),
            "opacity": 1,
        },
    )


def _add_names(figure: go.Figure, ends: FloatArray, relations: Sequence[Sequence[str]]) -> None:
    # In the page's own text colour: no one colour can be read on light and on dark ground.
    step = ends[:, 1] - ends[:, 0]
    places = ends[:, 0] + 0.6 * step
    told = [shorten(", ".join(names), LABEL) for names in relations]
    figure.add_scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="text",
        showlegend=False,
        text=no_markup(told),
        textfont={"size": 11},
        textposition=[_right_of(*one) for one in step.tolist()],
        hovertext=no_markup([", ".join(names) for names in relations]),
        hoverinfo="text",
    )


def _right_of(x: float, y: float) -> str:
    """Where a text stands to the right of an arrow of this direction, so that it does not hide it.

    The other way between the same two has its text on its own right: the other side.
    """
    if abs(x) > abs(y):
        return "bottom center" if x > 0 else "top center"
    return "middle right" if y > 0 else "middle left"


def _plain(figure: go.Figure, height: int) -> go.Figure:
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, scaleanchor="x")
    return figure.update_layout(
        height=height, margin=MARGIN, legend={"orientation": "h", "yanchor": "top", "y": 0}
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
    figure.add_scatter(
        x=points[named, 0],
        y=points[named, 1],
        mode="markers+text",
        hoverinfo="skip",
        text=no_markup([shorten(texts[row], LABEL) for row in named]),
        showlegend=False,
        textfont={"size": 11},
        textposition="top center",
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


def training_figure(losses: Sequence[float], mrrs: Sequence[tuple[int, float]]) -> go.Figure:
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
    if not mrrs:  # an empty chart looks broken
        figure.add_annotation(
            text="not measured yet",
            showarrow=False,
            x=0.5,
            y=0.5,
            xref="x2 domain",
            yref="y2 domain",
        )
        figure.update_xaxes(showticklabels=False, row=1, col=2)
    return figure.update_layout(height=280, margin={**MARGIN, "t": 40})
