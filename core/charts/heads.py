"""Figures of a head while it is trained and after: its curve, its map, similarities of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray, IntArray
from core.charts.basic import BLUE, GREEN, MARGIN, ORANGE, no_markup
from core.charts.scatter import BLANK, PALETTE
from core.heads.watch import Point

if TYPE_CHECKING:
    import plotly.graph_objects as go

NAMED = 10  # classes that have a colour
_LABEL = 24


def live(  # noqa: PLR0913
    losses: Sequence[float],
    points: Sequence[Point],
    classes: Sequence[str],
    numbers: IntArray,
    matrix: FloatArray,
    *,
    of_views: bool = False,
) -> go.Figure:
    """Loss, P@10, P@1 and zero-shot accuracy, the map now, and the matrix, in four panels.

    Args:
        classes: the names of the classes.
        numbers: ``(m,)`` the class of each point of the map.
        matrix: ``(b, b)`` similarities of items sorted by class.
        of_views: whether the curve says how often a view finds the other one.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(
        2,
        2,
        subplot_titles=(
            "loss",
            "of held-out items",
            f"held-out items, epoch {points[-1].epoch}",
            "similarities, sorted by class",
        ),
        row_heights=(0.38, 0.62),
        vertical_spacing=0.12,
    )
    _add_loss(figure, losses, 1, 1)
    _add_curve(figure, points, 1, 2, of_views=of_views)
    _add_places(figure, points[-1].places, classes, numbers, row=2, col=1)
    _add_matrix(figure, matrix, row=2, col=2)
    return figure.update_layout(height=760, margin={**MARGIN, "t": 40}, showlegend=False)


def curve(
    losses: Sequence[float], points: Sequence[Point], best: int, *, of_views: bool = False
) -> go.Figure:
    """Loss, P@10, P@1 and zero-shot accuracy by epoch; a line at the epoch that is kept."""
    from plotly.subplots import make_subplots

    figure = make_subplots(1, 2, subplot_titles=("loss", "of held-out items"))
    _add_loss(figure, losses, 1, 1)
    _add_curve(figure, points, 1, 2, of_views=of_views)
    figure.add_vline(x=best, line_dash="dot", line_color=GREEN)
    return figure.update_layout(height=300, margin={**MARGIN, "t": 40}, showlegend=True)


def places(point: Point, classes: Sequence[str], numbers: IntArray) -> go.Figure:
    """The map of held-out items after an epoch; ``numbers`` ``(m,)`` are their classes."""
    import plotly.graph_objects as go

    figure = go.Figure()
    _add_places(figure, point.places, classes, numbers)
    return figure.update_layout(height=520, margin=MARGIN, legend={"itemsizing": "constant"})


def matrix(similarity: FloatArray) -> go.Figure:
    """Similarities ``(b, b)`` of items that are sorted by class."""
    import plotly.graph_objects as go

    figure = go.Figure()
    _add_matrix(figure, similarity)
    return figure.update_layout(height=420, margin=MARGIN)


def _add_loss(figure: go.Figure, losses: Sequence[float], row: int, col: int) -> None:
    figure.add_scatter(
        x=list(range(1, len(losses) + 1)),
        y=list(losses),
        mode="lines",
        line_color=BLUE,
        name="loss",
        showlegend=False,
        row=row,
        col=col,
    )


def _add_curve(
    figure: go.Figure, points: Sequence[Point], row: int, col: int, *, of_views: bool = False
) -> None:
    epochs = [one.epoch for one in points]
    ten, nearest = ("own view in 10", "own view nearest") if of_views else ("P@10", "nearest")
    told: list[tuple[str, str, str, Sequence[float | None]]] = [
        (ten, ORANGE, "solid", [one.precision for one in points]),
        (nearest, BLUE, "dash", [one.nearest for one in points]),
    ]
    if any(one.zero_shot is not None for one in points):
        told.append(("zero-shot", GREEN, "dot", [one.zero_shot for one in points]))
    for name, colour, dash, values in told:
        figure.add_scatter(
            x=epochs,
            y=values,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            name=name,
            row=row,
            col=col,
        )


def _add_places(
    figure: go.Figure,
    coordinates: FloatArray,
    classes: Sequence[str],
    numbers: IntArray,
    **where: int,
) -> None:
    """A trace for each of the commonest classes, and one for all others, which lies below."""
    counts = np.bincount(numbers[numbers >= 0], minlength=len(classes))
    named = [int(at) for at in np.argsort(-counts, kind="stable")[:NAMED] if counts[at]]
    others = ~np.isin(numbers, named)
    shown = [("others", BLANK, others), *((classes[at], "", numbers == at) for at in named)]
    for at, (name, colour, own) in enumerate(shown):
        if not own.any():
            continue
        [label] = no_markup([shorten(name, _LABEL)])
        figure.add_scatter(
            x=coordinates[own, 0],
            y=coordinates[own, 1],
            mode="markers",
            marker={"size": 5, "color": colour or PALETTE[at - 1], "opacity": 0.8},
            name=label,
            hovertemplate=f"{label}<extra></extra>",
            **where,
        )
    figure.update_xaxes(range=[-1.1, 1.1], showticklabels=False, fixedrange=True, **where)
    figure.update_yaxes(range=[-1.1, 1.1], showticklabels=False, fixedrange=True, **where)


def _add_matrix(figure: go.Figure, similarity: FloatArray, **where: Any) -> None:
    figure.add_heatmap(
        z=np.round(similarity, 3),
        zmin=-1,
        zmax=1,
        colorscale="Cividis",
        showscale=False,
        hovertemplate="%{z:.3f}<extra></extra>",
        **where,
    )
    figure.update_xaxes(showticklabels=False, fixedrange=True, **where)
    figure.update_yaxes(showticklabels=False, autorange="reversed", fixedrange=True, **where)
