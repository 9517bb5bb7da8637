"""What is drawn over the points of a map: marks, lines, small pictures, names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.base.errors import shorten
from core.base.types import FloatArray
from core.charts.basic import no_markup
from core.charts.contrast import INK
from core.images.thumbnails import as_address

if TYPE_CHECKING:
    import plotly.graph_objects as go

STAR = "#D55E00"
# Room of names on the map, in pixels; how wide the chart is only the browser knows.
_WIDE, _HIGH = 760, 580  # of the chart without its margins
_AROUND, _ABREAST = 1.1, 3  # the axes are longer than what they show; kinds in a line of the legend
_LETTER, _LINE, _ABOVE, _DOT = 6.5, 19, 14, 10
_SHIFTS = tuple(sign * (_ABOVE + step * _LINE) for step in range(6) for sign in (1, -1))
IN_SPACE = {"star": "diamond"}  # Plotly draws no stars in space


@dataclass(frozen=True, slots=True)
class Mark:
    """A set of places over the map, with a symbol and, where given, labels."""

    name: str
    points: FloatArray
    symbol: str
    color: str
    size: int
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sprite:
    """A small picture (the bytes of a WebP) at a place of the map."""

    place: FloatArray
    data: bytes


@dataclass(frozen=True, slots=True)
class Over:
    """What is drawn over the points of a map.

    Attributes:
        lines: ``(m, 2, dims)`` ends.
        labels: names with their places.
    """

    marks: Sequence[Mark] = ()
    lines: FloatArray | None = None
    sprites: Sequence[Sprite] = ()
    labels: Sequence[tuple[str, FloatArray]] = ()


NOTHING = Over()


class Box(NamedTuple):
    """A part of the chart by its middle and size, in pixels."""

    x: float
    y: float
    width: float
    height: float

    def covers(self, other: Box) -> bool:
        """Whether the two have anything in common."""
        wide, high = self.width + other.width, self.height + other.height
        return 2 * abs(self.x - other.x) < wide and 2 * abs(self.y - other.y) < high


def add_over(figure: go.Figure, points: FloatArray, over: Over) -> None:
    """Draws all of it over ``points`` ``(n, 2 or 3)``; pictures and names on a plane only."""
    if over.lines is not None and len(over.lines):
        _add_lines(figure, over.lines)
    for mark in over.marks:
        _add_mark(figure, mark)
    if points.shape[1] == 2:
        _add_sprites(figure, points, over.sprites)
        _add_labels(figure, points, over.labels)


def _add_lines(figure: go.Figure, lines: FloatArray) -> None:
    gaps = np.full((len(lines), 1, lines.shape[2]), np.nan, dtype=np.float32)
    path = np.concatenate([lines, gaps], axis=1).reshape(-1, lines.shape[2]).T
    style = {
        "mode": "lines",
        "hoverinfo": "skip",
        "showlegend": False,
        "name": "lines",
        "line": {"color": STAR, "width": 1.5},
    }
    if len(path) == 3:
        figure.add_scatter3d(x=path[0], y=path[1], z=path[2], **style)
    else:
        figure.add_scattergl(x=path[0], y=path[1], **style)


def _add_mark(figure: go.Figure, mark: Mark) -> None:
    places = mark.points.T
    labels = no_markup([shorten(label, 40) for label in mark.labels])
    style: dict[str, Any] = {
        "mode": "markers+text" if labels else "markers",
        "name": mark.name,
        "text": labels or None,
        "textposition": "top center",
        "hoverinfo": "text" if labels else "skip",
        "marker": {
            "symbol": mark.symbol,
            "size": mark.size,
            "color": mark.color,
            "line": {"width": 1.5, "color": mark.color},
        },
    }
    if len(places) == 3:
        symbol = IN_SPACE.get(mark.symbol, mark.symbol)
        style["marker"] |= {"symbol": symbol, "size": max(4, mark.size // 2)}
        style["textfont"] = {"color": INK}
        figure.add_scatter3d(x=places[0], y=places[1], z=places[2], **style)
    else:
        figure.add_scatter(x=places[0], y=places[1], **style)


def _add_sprites(figure: go.Figure, points: FloatArray, sprites: Sequence[Sprite]) -> None:
    side = float(np.ptp(points, axis=0).max(initial=0.0)) / 18 or 1.0
    for sprite in sprites:
        figure.add_layout_image(
            source=as_address(sprite.data),
            x=float(sprite.place[0]),
            y=float(sprite.place[1]),
            xref="x",
            yref="y",
            sizex=side,
            sizey=side,
            xanchor="center",
            yanchor="middle",
            layer="above",
        )


def _add_labels(
    figure: go.Figure, points: FloatArray, labels: Sequence[tuple[str, FloatArray]]
) -> None:
    names = no_markup([shorten(name, 40) for name, _ in labels])
    places = [place for _, place in labels]
    lines = sum(trace.showlegend is not False for trace in figure.data) / _ABREAST
    shifts = _apart(points, places, names, _HIGH - _LINE * lines)
    for name, place, shift in zip(names, places, shifts, strict=True):
        figure.add_annotation(
            x=float(place[0]),
            y=float(place[1]),
            text=name,
            showarrow=False,
            yshift=shift,
            bgcolor="rgba(255,255,255,0.8)",
            font={"color": "#222", "size": 12},
        )


def _apart(
    points: FloatArray, places: Sequence[FloatArray], names: Sequence[str], high: float
) -> Iterator[float]:
    """How far above its place, in pixels, each name lies so as to cover no other one or its point.

    The first ones, of the largest clusters, stay where they are. Where all is taken a name covers
    a point, or another name.
    """
    width, height = (_AROUND * float(size) or 1.0 for size in np.ptp(points, axis=0))
    scale = min(_WIDE / width, high / height)  # of both axes
    spots = [Box(float(x) * scale, float(y) * scale, _DOT, _DOT) for x, y in places]
    drawn = {(x, y) for x, y in points.tolist()}  # the middle of a cluster is no point
    dots = [
        spot for spot, (x, y) in zip(spots, places, strict=True) if (float(x), float(y)) in drawn
    ]
    taken: list[Box] = []
    for own, name in zip(spots, names, strict=True):
        others = [dot for dot in dots if not dot.covers(own)]
        rooms = {shift: Box(own.x, own.y + shift, len(name) * _LETTER, _LINE) for shift in _SHIFTS}
        free = [shift for shift in _SHIFTS if not any(map(rooms[shift].covers, taken))]
        best = (shift for shift in free if not any(map(rooms[shift].covers, others)))
        shift = next(best, free[0] if free else _SHIFTS[0])
        taken.append(rooms[shift])
        yield shift
