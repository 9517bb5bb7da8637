"""Plotly figures from plain data, in colours for colour-blind eyes (Okabe & Ito 2008)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray
from core.charts.contrast import GROUND, INK, text_on
from core.charts.labels import choose_sides
from core.words.analysis import Picture

if TYPE_CHECKING:
    import plotly.graph_objects as go

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#767676"
SERIES = (BLUE, ORANGE)
LABEL = 24
CELLS = 20  # a side, up to which the numbers of a heat map stand in it
MARGIN = {"l": 10, "r": 10, "t": 30, "b": 10}
# Colour and shape both tell what a point is, so that colour is never the only sign.
_PLANE = (560, 360)  # pixels of the picture of an arithmetic within its axes, about
_KINDS = {
    "term": ("terms", BLUE, "circle", "circle"),
    "result": ("result", ORANGE, "star", "diamond"),
    "neighbor": ("neighbours", GREEN, "square", "square"),
}


def arithmetic(picture: Picture, dims: int = 2) -> go.Figure:
    """The terms, the result and its neighbours, with the arithmetic's arrows, in 2-D or 3-D."""
    import plotly.graph_objects as go

    figure = go.Figure()
    texts = [shorten(label, LABEL) for label in picture.labels]
    sides = choose_sides(picture.points[:, :2], texts, _PLANE)
    for start, end in picture.arrows:
        _add_arrow(figure, picture.points[[start, end], :dims])
    for kind, (name, colour, symbol, symbol_3d) in _KINDS.items():
        at = [row for row, found in enumerate(picture.kinds) if found == kind]
        if not at:
            continue
        points = picture.points[at, :dims].T
        style: dict[str, Any] = {
            "mode": "markers+text",
            "name": name,
            "text": no_markup([texts[row] for row in at]),
            "textposition": "top center" if dims == 3 else [sides[row] for row in at],
            "hovertemplate": "%{text}<extra>" + name + "</extra>",
        }
        if dims == 3:
            marker = {"color": colour, "symbol": symbol_3d, "size": 5}
            style["textfont"] = {"color": INK}
            figure.add_scatter3d(x=points[0], y=points[1], z=points[2], marker=marker, **style)
        else:
            marker = {"color": colour, "symbol": symbol, "size": 14 if kind == "result" else 10}
            figure.add_scatter(x=points[0], y=points[1], marker=marker, **style)
    titles = [f"axis {at + 1} ({share:.0%})" for at, share in enumerate(picture.shares[:dims])]
    if dims == 3:
        figure.update_scenes(**space_axes(titles))
    else:
        figure.update_xaxes(title=titles[0], zeroline=False)
        figure.update_yaxes(title=titles[1], zeroline=False, scaleanchor="x")
    return figure.update_layout(height=520, margin=MARGIN, legend={"orientation": "h"})


def space_axes(titles: Sequence[str]) -> dict[str, Any]:
    """The scene's values for three axes of one scale; one without a title has no numbers either."""
    font = {"color": INK}
    axes = {
        f"{axis}axis": {
            "title": {"text": title, "font": font},
            "tickfont": font,
            "showticklabels": bool(title),
        }
        for axis, title in zip("xyz", titles, strict=True)
    }
    return {"aspectmode": "data", **axes}


def grounded(figure: go.Figure) -> go.Figure:
    """A copy of a figure in space for the page: its words are read on a ground of their own.

    Streamlit puts in the colours of light or dark when it first shows a figure. After a change
    between them the words would be dark on dark until the page is run again. A figure that is
    saved must not have this ground, since nothing puts in its colour there.
    """
    import plotly.graph_objects as go

    return go.Figure(figure).update_scenes(bgcolor=GROUND)


def heat_map(words: Sequence[str], similarity: FloatArray) -> go.Figure:
    """Cosine similarities ``(n, n)`` of words with one another."""
    import plotly.graph_objects as go

    count = len(words)
    labels = no_markup([shorten(word, LABEL) for word in words])
    places = list(range(count))
    figure = go.Figure(
        go.Heatmap(
            z=np.round(similarity, 4),
            x=places,
            y=places,
            colorscale="Cividis",
            zmin=min(0.0, float(similarity.min(initial=0.0))),
            zmax=1,
            hovertemplate="%{customdata}: %{z:.3f}<extra></extra>",
            customdata=[[f"{a} and {b}" for b in labels] for a in labels],
        )
    )
    if count <= CELLS:
        add_cells(figure, similarity, "Cividis", ".2f")
    figure.update_xaxes(tickvals=places, ticktext=labels, side="top")
    figure.update_yaxes(tickvals=places, ticktext=labels, autorange="reversed")
    return figure.update_layout(height=max(320, 120 + 26 * count), margin=MARGIN)


def vector_strips(words: Sequence[str], vectors: FloatArray) -> go.Figure:
    """The numbers of words' vectors ``(n, dim)`` as colours, a row each, zero in the middle."""
    import plotly.graph_objects as go

    labels = no_markup([shorten(word, LABEL) for word in words])
    rows = list(range(len(labels)))
    # By the largest of all one strong dimension would leave the others pale.
    most = float(np.quantile(np.abs(vectors), 0.99)) or 1.0
    figure = go.Figure(
        go.Heatmap(
            z=np.round(vectors, 4),
            x=list(range(1, vectors.shape[1] + 1)),
            y=rows,
            colorscale="RdBu_r",
            zmin=-most,
            zmax=most,
            customdata=[[label] * vectors.shape[1] for label in labels],
            hovertemplate="%{customdata}, dimension %{x}: %{z:.3f}<extra></extra>",
            ygap=2,
        )
    )
    figure.update_xaxes(title="dimension")
    figure.update_yaxes(tickvals=rows, ticktext=labels, autorange="reversed")
    return figure.update_layout(height=max(540, 120 + 30 * len(rows)), margin=MARGIN)


def add_cells(figure: go.Figure, values: FloatArray, scale: str, form: str) -> None:
    """The numbers of a heat map ``(n, n)``, each in black or white as its cell asks for.

    Plotly's own choice is a dark grey that cannot be read on cells of a middling colour.
    """
    from plotly.colors import sample_colorscale, unlabel_rgb

    low, high = figure.data[0].zmin, figure.data[0].zmax
    shares = np.clip((values - low) / (high - low), 0, 1)
    grounds = [
        "#" + "".join(f"{round(part):02x}" for part in unlabel_rgb(color))
        for color in sample_colorscale(scale, shares.ravel().tolist())
    ]
    down, across = np.indices(values.shape)
    figure.add_scatter(
        x=across.ravel(),
        y=down.ravel(),
        mode="text",
        text=[format(round(value, 2) + 0.0, form) for value in values.ravel().tolist()],
        textfont={"color": [text_on(ground) for ground in grounds]},
        hoverinfo="skip",
        showlegend=False,
    )


def axis_strip(words: Sequence[str], places: FloatArray, low: str, high: str) -> go.Figure:
    """Words at ``places`` ``(n,)`` of an axis from ``low`` (-1) to ``high`` (+1), a line each."""
    import plotly.graph_objects as go

    order = np.argsort(places, kind="stable")
    labels = no_markup([shorten(words[at], LABEL) for at in order])
    rows = list(range(len(order)))
    figure = go.Figure(
        go.Scatter(
            x=places[order],
            y=rows,
            mode="markers+text",
            text=labels,
            textposition="top center",
            marker={"color": BLUE, "size": 10},
            hovertemplate="%{text}: %{x:.3f}<extra></extra>",
        )
    )
    for at, name in ((-1, low), (1, high)):
        figure.add_vline(
            x=at, line_dash="dot", line_color=GREY, annotation_text=no_markup([name])[0]
        )
    figure.add_vline(x=0, line_color=GREY, line_width=1)
    figure.update_yaxes(visible=False)
    title = f"← {no_markup([low])[0]}    {no_markup([high])[0]} →"
    figure.update_xaxes(title=title, zeroline=False)
    return figure.update_layout(height=max(260, 120 + 24 * len(rows)), margin=MARGIN)


def section_bars(sections: Sequence[str], accuracies: dict[str, list[float | None]]) -> go.Figure:
    """Accuracy by section, one series for each space."""
    import plotly.graph_objects as go

    figure = go.Figure()
    for (title, values), colour, pattern in zip(
        accuracies.items(), SERIES, ("", "/"), strict=False
    ):
        figure.add_bar(
            x=values,
            y=no_markup(sections),
            name=no_markup([title])[0],
            orientation="h",
            marker={"color": colour, "pattern": {"shape": pattern}},
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    figure.update_yaxes(autorange="reversed", fixedrange=True)
    figure.update_xaxes(title="accuracy", range=[0, 1], tickformat=".0%", fixedrange=True)
    height = max(260, 100 + 22 * len(sections) * len(accuracies))
    return figure.update_layout(height=height, margin=MARGIN, legend={"orientation": "h"})


def similarity_histogram(nearest: FloatArray, threshold: float) -> go.Figure:
    """How many rows have a nearest other row of which cosine ``(n,)``; a line at the threshold."""
    import plotly.graph_objects as go

    low = float(np.floor(nearest.min(initial=1.0) * 20) / 20)
    edges = np.linspace(low, 1.0, 41)
    counts, _ = np.histogram(np.clip(nearest, low, 1.0), bins=edges)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure(
        go.Bar(
            x=middles,
            y=counts,
            marker_color=[BLUE if middle >= threshold else GREY for middle in middles],
            hovertemplate="%{x:.2f}: %{y:,} rows<extra></extra>",
        )
    )
    figure.add_vline(x=threshold, line_dash="dot", line_color=ORANGE)
    figure.update_xaxes(title="cosine to the nearest other row", fixedrange=True)
    figure.update_yaxes(title="rows", fixedrange=True)
    return figure.update_layout(height=260, margin=MARGIN, bargap=0.05)


def count_bars(values: Sequence[int], counts: Sequence[int], x: str, y: str) -> go.Figure:
    """How often each of some whole numbers occurs, as upright bars."""
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Bar(
            x=list(values),
            y=list(counts),
            marker_color=BLUE,
            text=[f"{count:,}" for count in counts],
            hovertemplate="%{x}: %{y:,}<extra></extra>",
        )
    )
    figure.update_xaxes(title=x, dtick=max(1, len(values) // 20), fixedrange=True)
    figure.update_yaxes(title=y, fixedrange=True)
    return figure.update_layout(height=260, margin=MARGIN)


def _add_arrow(figure: go.Figure, ends: FloatArray) -> None:
    """A line from the first to the second of ``ends`` ``(2, dims)``, with a head in 2-D."""
    style = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    x, y = ends[:, 0], ends[:, 1]
    if ends.shape[1] == 3:
        figure.add_scatter3d(x=x, y=y, z=ends[:, 2], line={"color": GREY, "width": 4}, **style)
        return
    head = {"symbol": "arrow", "size": 12, "angleref": "previous", "standoff": 8, "color": GREY}
    style["mode"] = "lines+markers"
    figure.add_scatter(x=x, y=y, line={"color": GREY, "width": 1.5}, marker=head, **style)


def no_markup(texts: Sequence[str]) -> list[str]:
    """Plotly reads a few HTML tags in texts; data must show as it is."""
    return [text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for text in texts]
