"""Figures of knowledge graphs: what is around an entity, relations as arrows, angles, training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray, IntArray
from core.charts import map as map_charts
from core.charts.basic import BLUE, GREEN, GREY, MARGIN, ORANGE, no_markup
from core.charts.labels import choose_sides
from core.graphs.graph import Graph
from core.graphs.statistics import Around

if TYPE_CHECKING:
    import plotly.graph_objects as go

LABEL = 22
NAMED = 60  # points whose names stand on the map, and entities of a graph that is drawn whole
NAMED_ARROWS = 28  # up to which names of relations have room along their arrows
MAP_SIZE = (900, 540)  # pixels a map has at the least on a wide screen


def around_figure(graph: Graph, found: Around) -> go.Figure:
    """An entity in the middle, its neighbours on a ring, relations as arrows with their names.

    Several relations between the same two stand at one arrow each way. Names stand along the
    spokes, so that none lies on another; those of relations are left out where there are more
    than ``NAMED_ARROWS`` arrows (the mouse finds them).
    """
    edges = _edges(graph, found)
    others = list(dict.fromkeys(end for edge in edges for end in edge if end != found.entity))
    places = dict(zip(others, _ring(len(others)), strict=True))
    places[found.entity] = np.zeros(2, dtype=np.float32)
    figure = _add_ways({}, places, edges, found.entity, named=len(edges) <= NAMED_ARROWS)
    order = [found.entity, *others]
    _add_nodes(figure, graph, order, np.array([places[one] for one in order]), found.entity)
    return _plain(figure, 640 if len(others) <= 40 else 800, graph, order)


def whole_figure(graph: Graph, found: Around) -> go.Figure:
    """All entities on a ring with their names, all pairs that are related; one entity's arrows.

    For graphs of up to ``NAMED`` entities.
    """
    edges = _edges(graph, found)
    places = dict(enumerate(_ring(len(graph.entities))))
    triples = np.concatenate([graph.train, graph.valid, graph.test])
    pairs = np.unique(np.sort(triples[:, [0, 2]], axis=1), axis=0)
    pairs = pairs[(pairs[:, 0] != pairs[:, 1]) & ~(pairs == found.entity).any(axis=1)]
    figure = _add_ways(
        {"related": np.array([[places[a], places[b]] for a, b in pairs.tolist()])},
        places,
        edges,
        found.entity,
        named=False,
    )
    order = list(places)
    _add_nodes(figure, graph, order, np.array([places[one] for one in order]), found.entity)
    return _plain(figure, 640, graph, order)


def _edges(graph: Graph, found: Around) -> dict[tuple[int, int], list[str]]:
    edges: dict[tuple[int, int], list[str]] = {}
    for head, relation, tail, _ in found.triples:
        edges.setdefault((head, tail), []).append(graph.relations[relation])
    return edges


def _ring(count: int) -> FloatArray:
    """``count`` places on a circle of radius 1, ``(count, 2)``."""
    turns = np.linspace(0, 2 * np.pi, count, endpoint=False)
    ring: FloatArray = np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)
    return ring


def _add_ways(
    lines: dict[str, FloatArray],
    places: dict[int, FloatArray],
    edges: dict[tuple[int, int], list[str]],
    entity: int,
    *,
    named: bool,
) -> go.Figure:
    """A figure with thin lines and, over them, the arrows from and to an entity."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for name, ends in lines.items():
        if len(ends):
            path = _with_gaps(ends)
            figure.add_scatter(
                x=path[:, 0],
                y=path[:, 1],
                mode="lines",
                name=name,
                hoverinfo="skip",
                line={"color": GREY, "width": 0.5},
                opacity=0.5,
            )
    for outward, color, name, dash in (
        (True, BLUE, "outgoing", "solid"),
        (False, ORANGE, "incoming", "dash"),
    ):
        chosen = [edge for edge in edges if (edge[0] == entity) is outward]
        if chosen:
            ends = np.array([[places[head], places[tail]] for head, tail in chosen])
            aside = _beside(ends)
            _add_arrows(figure, aside, color, name, dash)
            _add_names(figure, aside, [edges[edge] for edge in chosen], shown=named)
    return figure


def _add_nodes(
    figure: go.Figure, graph: Graph, order: Sequence[int], points: FloatArray, entity: int
) -> None:
    """Entities as points; their names lead away from the middle, each along its own spoke."""
    names = [graph.label(one) for one in order]
    first = [one == entity for one in order]
    figure.add_scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        showlegend=False,
        hovertext=no_markup(names),
        hoverinfo="text",
        marker={
            "size": [18 if one else 10 for one in first],
            "color": [GREEN if one else GREY for one in first],
            "opacity": 1,
        },  # by itself it would be 0.7 where sizes differ
    )
    for (x, y), name in zip(points.tolist(), names, strict=True):
        text = no_markup([shorten(name, LABEL)])[0]
        if x == y == 0:
            figure.add_annotation(
                x=x, y=y, text=text, showarrow=False, yshift=-18, font={"size": 14}
            )
            continue
        # Blanks of about its own length put the point at one end of a text that is centred on it.
        blank = "\N{NO-BREAK SPACE}" * (round(2.3 * len(shorten(name, LABEL))) + 9)
        turn = np.degrees(np.arctan2(y, x))
        away = abs(turn) <= 90
        figure.add_annotation(
            x=x,
            y=y,
            text=blank + text if away else text + blank,
            textangle=-turn if away else 180 - turn,
            showarrow=False,
            font={"size": 11 if len(order) > 24 else 13},
        )


def _beside(ends: FloatArray) -> FloatArray:
    """Arrows shifted a little to their right, so that both ways between two are seen."""
    step = ends[:, 1] - ends[:, 0]
    normal = np.stack([step[:, 1], -step[:, 0]], axis=1)
    shifted: FloatArray = (ends + 0.012 * normal[:, None, :]).astype(np.float32)
    return shifted


def _with_gaps(ends: FloatArray) -> FloatArray:
    """Lines ``(m, 2, 2)`` as one path ``(3 m, 2)`` that is broken behind each of them."""
    gaps = np.full((len(ends), 1, 2), np.nan)
    path: FloatArray = np.concatenate([ends, gaps], axis=1).reshape(-1, 2)
    return path


def _add_arrows(
    figure: go.Figure, ends: FloatArray, color: str, name: str, dash: str = "solid"
) -> None:
    """One trace of arrows ``(m, 2, 2)`` from the first to the second end."""
    path = _with_gaps(ends)
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


def _add_names(
    figure: go.Figure, ends: FloatArray, relations: Sequence[Sequence[str]], *, shown: bool
) -> None:
    """The names of relations to the right of their arrows, along them; the mouse finds them all.

    They stand nearer to the ring, where the arrows are farther from each other.
    """
    # In the page's own text colour: no one colour can be read on light and on dark ground.
    step = ends[:, 1] - ends[:, 0]
    right = np.stack([step[:, 1], -step[:, 0]], axis=1)
    right /= np.maximum(np.linalg.norm(right, axis=1, keepdims=True), 1e-9)
    outer = np.linalg.norm(ends, axis=2).argmax(axis=1)
    far = ends[np.arange(len(ends)), outer]
    near = ends[np.arange(len(ends)), 1 - outer]
    places = near + 0.6 * (far - near) + 0.045 * right
    figure.add_scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="markers",
        showlegend=False,
        marker={"size": 14, "opacity": 0},
        hovertext=no_markup([", ".join(names) for names in relations]),
        hoverinfo="text",
    )
    for place, (x, y), names in zip(
        places.tolist(), step.tolist(), relations if shown else (), strict=shown
    ):
        turn = np.degrees(np.arctan2(y, x))
        figure.add_annotation(
            x=place[0],
            y=place[1],
            text=no_markup([shorten(", ".join(names), 18)])[0],
            textangle=-turn if abs(turn) <= 90 else 180 - turn,
            showarrow=False,
            font={"size": 10},
        )


def _plain(figure: go.Figure, height: int, graph: Graph, order: Sequence[int]) -> go.Figure:
    """Without axes; around the ring, whose radius is 1, is room for the longest name."""
    longest = max(len(shorten(graph.label(one), LABEL)) for one in order)
    reach = 1.12 + 0.03 * longest
    shown: dict[str, Any] = {"range": [-reach, reach], "constrain": "domain"}
    figure.update_xaxes(visible=False, **shown)
    figure.update_yaxes(visible=False, scaleanchor="x", constraintoward="top", **shown)
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
