"""The figure of a map: one trace by WebGL, with what lies over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray, IntArray
from core.charts.basic import MARGIN, no_markup, space_axes
from core.charts.map_overlays import NOTHING, Over, add_over
from core.maps.colors import NO_VALUE, PLAIN, Coloring

if TYPE_CHECKING:
    import plotly.graph_objects as go

# After Okabe & Ito 2008; the bright ones are darker and their black is a grey, so that each has a
# contrast of 3 to 1 on light ground and on dark.
PALETTE = ("#0072B2", "#BF7A00", "#009E73", "#CC79A7", "#3D96CC", "#D55E00", "#8C8000", "#6E6E6E")
BLANK = "#949494"
# Eight colours and six shapes make 24 kinds that differ in both, so neither is the only sign.
SYMBOLS, SYMBOLS_3D = (
    (0, 1, 2, 3, 4, 5),
    ("circle", "square", "diamond", "cross", "x", "circle-open"),
)
# From blue over grey to orange: seen on light and on dark ground, and by colour-blind eyes.
SCALE = ((0.0, "#0072B2"), (0.5, "#8C8C8C"), (1.0, "#BF7A00"))
TEXTS_UP_TO = 20_000  # points whose texts travel to the browser
HOVERED = 80  # characters of a text
_SIZES = ((200, 11), (3_000, 8), (20_000, 5), (10**9, 3))


def map_figure(  # noqa: PLR0913
    points: FloatArray,
    coloring: Coloring = PLAIN,
    *,
    texts: Sequence[str] | None = None,
    selected: IntArray | None = None,
    over: Over = NOTHING,
    axes: tuple[str, ...] = (),
    revision: str = "",
    size: float = 1.0,
    height: int = 640,
) -> go.Figure:
    """Points ``(n, 2 or 3)`` as one trace, its row numbers those of the points.

    Args:
        texts: shown where the mouse is, for few enough points.
        selected: points that stand out; ``None`` where nothing is selected.
        axes: titles, where the axes mean something.
        size: of the points, in that which suits their number.
        revision: while it stays the same, zoom and turn stay too.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    _add_points(figure, points, coloring, texts, selected, size)
    _add_legend(figure, coloring, points.shape[1])
    add_over(figure, points, over)
    return _lay_out(figure, points, axes).update_layout(
        height=height,
        margin=MARGIN,
        uirevision=revision or None,
        dragmode="lasso",
        legend={
            "itemsizing": "constant",
            "itemclick": False,
            "itemdoubleclick": False,
            "orientation": "h",
            "yanchor": "top",
            "y": -0.02 if not axes else -0.12,
        },
    )


def _add_points(  # noqa: PLR0913, PLR0917
    figure: go.Figure,
    points: FloatArray,
    coloring: Coloring,
    texts: Sequence[str] | None,
    selected: IntArray | None,
    scale: float,
) -> None:
    shown = texts is not None and len(points) <= TEXTS_UP_TO
    fitting = next(size for most, size in _SIZES if len(points) <= most)
    size = max(1, round(fitting * scale))
    style: dict[str, Any] = {
        "mode": "markers",
        "name": "points",
        "showlegend": False,
        "marker": {"size": size, "opacity": 1, **_marker(coloring, points.shape[1])},
        "hoverinfo": "text" if shown else "none",
    }
    if shown and texts is not None:
        style["text"] = no_markup(_hovers(texts, coloring))
    if points.shape[1] == 3:
        style["marker"]["size"] = max(2, size // 2)
        if selected is not None:  # space knows no selected points: the others are left small
            chosen = np.full(len(points), max(1, size // 4))
            chosen[selected] = size
            style["marker"]["size"] = chosen
        figure.add_scatter3d(x=points[:, 0], y=points[:, 1], z=points[:, 2], **style)
        return
    style["selected"] = {"marker": {"opacity": 1}}
    style["unselected"] = {"marker": {"opacity": 0.15}}
    figure.add_scattergl(x=points[:, 0], y=points[:, 1], selectedpoints=selected, **style)


def _marker(coloring: Coloring, dims: int) -> dict[str, Any]:
    if coloring.codes is not None:
        count = max(1, len(coloring.names))
        edges = np.repeat(np.arange(count + 1) / count, 2)[1:-1]
        colors = [color for code in range(count) for color in (_color(coloring, code),) * 2]
        return {
            "color": coloring.codes.astype(np.int16),
            "colorscale": [[float(edge), color] for edge, color in zip(edges, colors, strict=True)],
            "cmin": -0.5,
            "cmax": count - 0.5,
            "symbol": [SYMBOLS_3D[code % 6] for code in coloring.codes]
            if dims == 3
            else (coloring.codes % 6).tolist(),  # plotly checks numpy's numbers slowly
        }
    if coloring.numbers is not None:
        bar: dict[str, Any] = {"title": {"text": no_markup([coloring.title])[0], "side": "right"}}
        if coloring.ticks:
            bar |= {
                "tickvals": [at for at, _ in coloring.ticks],
                "ticktext": [told for _, told in coloring.ticks],
            }
        return {
            "color": coloring.numbers,
            "colorscale": SCALE,
            "showscale": True,
            "colorbar": bar | {"thickness": 12},
        }
    return {"color": PALETTE[0]}


def _color(coloring: Coloring, code: int) -> str:
    return BLANK if code == coloring.blank else PALETTE[code % 8]


def _add_legend(figure: go.Figure, coloring: Coloring, dims: int) -> None:
    """A line for each kind: traces without points, since all points are one trace."""
    for code, name in enumerate(coloring.names):
        marker = {"color": _color(coloring, code), "size": 9}
        told = no_markup([name])[0]
        if dims == 3:
            marker["symbol"] = SYMBOLS_3D[code % 6]
            figure.add_scatter3d(
                x=[None], y=[None], z=[None], mode="markers", marker=marker, name=told
            )
        else:
            marker["symbol"] = SYMBOLS[code % 6]
            figure.add_scattergl(x=[None], y=[None], mode="markers", marker=marker, name=told)


def _hovers(texts: Sequence[str], coloring: Coloring) -> list[str]:
    told = [shorten(" ".join(text[:400].split()), HOVERED) for text in texts]
    if coloring.codes is not None:
        return [
            f"{text} · {coloring.names[code]}"
            for text, code in zip(told, coloring.codes, strict=True)
        ]
    if coloring.numbers is not None and not coloring.ticks:
        numbers = [NO_VALUE if np.isnan(n) else f"{n:.6g}" for n in coloring.numbers]
        return [f"{text} · {number}" for text, number in zip(told, numbers, strict=True)]
    return told


def _lay_out(figure: go.Figure, points: FloatArray, axes: tuple[str, ...]) -> go.Figure:
    """Axes of one scale: only distances on the map mean something, unless the axes have names."""
    if points.shape[1] == 3:
        return figure.update_scenes(**space_axes(no_markup(axes) or ["", "", ""]))
    if axes:
        figure.update_xaxes(title=no_markup([axes[0]])[0])
        figure.update_yaxes(title=no_markup([axes[1]])[0])
    else:
        figure.update_xaxes(showticklabels=False, zeroline=False, showgrid=False)
        figure.update_yaxes(showticklabels=False, zeroline=False, showgrid=False)
    return figure.update_yaxes(scaleanchor="x")
