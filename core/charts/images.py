"""Figures of galleries: confusion between classes, similarities, accuracy by examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import shorten
from core.base.types import IntArray
from core.charts.basic import BLUE, CELLS, LABEL, MARGIN, ORANGE, add_cells, no_markup
from core.images.few_shot import FewShot
from core.images.report import GalleryReport, SimilarityHistogram
from core.images.verdict import NumberVerdict, written
from core.images.zero_shot import LabelScore

LOWEST = 220  # pixels of a chart

if TYPE_CHECKING:
    import plotly.graph_objects as go


def label_bars(scores: Sequence[LabelScore]) -> go.Figure:
    """Shares of labels as horizontal bars, the likeliest on top."""
    import plotly.graph_objects as go

    places = list(range(len(scores)))
    names = no_markup([shorten(score.label, LABEL) for score in scores])
    figure = go.Figure(
        go.Bar(
            x=[score.share for score in scores],
            y=places,
            orientation="h",
            marker_color=BLUE,
            text=[f"{score.share:.0%}" for score in scores],
            textangle=0,  # else it is turned on its side in a bar that is narrower than it
            customdata=[score.similarity for score in scores],
            hovertemplate="%{y}: %{x:.3f} (similarity %{customdata:.3f})<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", tickvals=places, ticktext=names, fixedrange=True)
    figure.update_xaxes(title="probability", range=[0, 1.08], fixedrange=True)
    return figure.update_layout(height=max(LOWEST, 60 + 26 * len(scores)), margin=MARGIN)


def timeline(found: NumberVerdict) -> go.Figure:
    """Numbers of the neighbours by their weights, and the weighted median as a line."""
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Bar(
            x=found.values,
            y=found.shares,
            marker_color=BLUE,
            width=max(0.4, float(np.ptp(found.values)) / 80),
            hovertemplate="%{x}: %{y:.0%}<extra></extra>",
        )
    )
    if found.median is not None:
        figure.add_vline(
            x=found.median,
            line={"dash": "dot", "color": ORANGE},
            annotation_text=written(found.median),
        )
    figure.update_xaxes(title=no_markup([shorten(found.name, LABEL)])[0], tickformat="d")
    figure.update_yaxes(title="weight", tickformat=".0%", fixedrange=True)
    return figure.update_layout(height=LOWEST, margin=MARGIN, bargap=0)


def confusion(found: GalleryReport, shown: IntArray) -> go.Figure:
    """Of the classes ``shown`` ``(m,)``, how often each was taken for each; shares of a row."""
    import plotly.graph_objects as go

    counts = found.confusion[np.ix_(shown, shown)]
    shares = (counts / np.maximum(found.counts[shown], 1)[:, None]).astype(np.float32)
    names = no_markup([shorten(found.classes[at], LABEL) for at in shown])
    places = list(range(len(names)))
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=places,
            y=places,
            colorscale="Blues",
            zmin=0,
            zmax=1,
            customdata=counts,
            hovertemplate="%{y} predicted as %{x}: %{customdata} (%{z:.0%})<extra></extra>",
            colorbar={"title": "share"},
        )
    )
    if len(names) <= CELLS:
        add_cells(figure, shares.astype(np.float32), "Blues", ".0%")
    ticks = {"tickvals": places, "ticktext": names}
    figure.update_yaxes(autorange="reversed", title="true class", **ticks)
    figure.update_xaxes(title="predicted class", **ticks)
    return figure.update_layout(height=max(360, 160 + 18 * len(names)), margin=MARGIN)


def similarities(found: SimilarityHistogram) -> go.Figure:
    """Similarities within classes and between them, as two outlines that differ in dashes too."""
    import plotly.graph_objects as go

    middles = (found.edges[1:] + found.edges[:-1]) / 2
    figure = go.Figure()
    for name, density, color, dash in (
        ("within a class", found.within, BLUE, "solid"),
        ("between classes", found.between, ORANGE, "dash"),
    ):
        figure.add_scatter(
            x=middles,
            y=density,
            name=name,
            mode="lines",
            line={"color": color, "dash": dash, "shape": "hvh"},
            fill="tozeroy",
        )
    figure.update_xaxes(title="cosine similarity of two pictures", range=[-1, 1])
    figure.update_yaxes(title="density", rangemode="tozero")
    return figure.update_layout(height=340, margin=MARGIN, legend={"orientation": "h", "y": 1.1})


def accuracy_by_examples(found: Sequence[FewShot], chance: float) -> go.Figure:
    """Accuracy against the number of examples, with the deviation over draws, and chance."""
    import plotly.graph_objects as go

    shots = [one.shots for one in found]
    figure = go.Figure(
        go.Scatter(
            x=shots,
            y=[one.accuracy for one in found],
            error_y={"array": [one.deviation for one in found]},
            mode="lines+markers",
            line={"color": BLUE},
            name="nearest prototype",
        )
    )
    figure.add_hline(y=chance, line={"dash": "dot", "color": ORANGE}, annotation_text="chance")
    figure.update_xaxes(title="shots (examples per class)", tickvals=shots, type="log")
    figure.update_yaxes(title="accuracy", range=[0, 1])
    return figure.update_layout(height=340, margin=MARGIN, showlegend=False)
