"""What the chart of a map is sent: its columns as files, and few words about them.

The chart itself is ``assets/scatter``: Plotly's scatter with hover cards, lasso,
filters, search, names and pictures in the browser. Columns travel as binary files whose address
names their content, so that a change of colour sends the colours alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from core.base.types import FloatArray, IntArray
from core.maps.colors import BEFORE, NEW, PLAIN, Coloring
from core.maps.grains import Grain

# After Okabe & Ito 2008, then the farthest of what is left by CIEDE2000 (at least 14.6 from each
# other); all have a contrast of 3 to 1 on light ground and on dark.
PALETTE = (
    *("#0072B2", "#BF7A00", "#009E73", "#CC79A7", "#3D96CC", "#D55E00"),
    *("#8C8000", "#6E6E6E", "#8811FF", "#CC0044", "#227700", "#AA77FF"),
    *("#007777", "#994488", "#FF5555", "#666699", "#33AA00", "#996655"),
    *("#EE00DD", "#889966", "#CC1100", "#669999", "#666633", "#FF0088"),
)
BLANK = "#949494"
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star")
STEPS = 32  # of a scale of numbers
# Viridis (Smith & van der Walt 2015) without the end that cannot be seen on the ground.
VIRIDIS = {"light": (0.0, 0.85), "dark": (0.25, 1.0)}
TEXT = 200  # characters of a text
_SIZES = ((200, 11), (3_000, 8), (20_000, 5), (200_000, 3), (10**9, 2))

BINARY, JSON = "application/octet-stream", "application/json"

STAR = "#D55E00"

Put = Callable[[bytes, str], str]  # keeps bytes of a media type and gives the address


@dataclass(frozen=True, slots=True)
class Mark:
    """Stars ``(m, 2 or 3)`` over the map, with labels where given."""

    name: str
    points: FloatArray
    color: str
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Over:
    """What is drawn over the points of a map.

    Attributes:
        lines: ``(m, 2, dims)`` ends.
        labels: names with their places.
        grains: names of a tree of clusters, of which the zoom decides what is written.
    """

    marks: Sequence[Mark] = ()
    lines: FloatArray | None = None
    labels: Sequence[tuple[str, FloatArray]] = ()
    grains: Sequence[Grain] = ()


NOTHING = Over()


def payload(  # noqa: PLR0913
    points: FloatArray,
    put: Put,
    coloring: Coloring = PLAIN,
    *,
    texts: bytes | None = None,
    columns: Mapping[str, Coloring] | None = None,
    over: Over = NOTHING,
    named: Sequence[int] = (),
    axes: tuple[str, ...] = (),
    size: float = 1.0,
    height: int = 0,
    panel: bool = True,
    contours: bool = False,
    recolor: bool = False,
    theme: str = "light",
    alt: str = "",
) -> dict[str, Any]:
    """Points ``(n, 2 or 3)`` and what is told of each, as the chart takes them.

    Args:
        points: places; rows with NaN or infinity are not drawn.
        put: where the columns' bytes go.
        coloring: ``(n,)`` kinds or numbers.
        texts: ``n`` titles, as ``chart_texts`` gives them.
        columns: ``(n,)`` each, what the chart can be filtered by.
        over: marks, lines and names over the points.
        named: points whose names come before those of others.
        axes: titles, where the axes mean something.
        size: of the points, times that which suits their number.
        height: in pixels; 0 fills the window.
        panel: whether legend, search and filters stand beside it.
        contours: whether lines of equal density are drawn, on a plane.
        recolor: whether the panel colours by a column at a press.
        alt: what the chart is, for who does not see it.
        theme: "light" or "dark": the ground that colours of numbers are seen on.
    """
    filters = columns or {}
    told = {name: _column(name, one, put) for name, one in filters.items()}
    same = filters.get(coloring.title) is coloring  # told once then
    return {
        "points": {
            "url": put(np.ascontiguousarray(points.T, dtype="<f4").tobytes(), BINARY),
            "n": len(points),
            "dims": points.shape[1],
        },
        "colors": told[coloring.title] if same else _column(coloring.title, coloring, put),
        "plain": _column("", PLAIN, put),
        "steps": scale(theme),
        "recolor": recolor,
        "texts": None if texts is None else put(texts, JSON),
        "columns": list(told.values()),
        "marks": [
            {
                "name": mark.name,
                "points": mark.points[:, :2].tolist(),
                "color": mark.color,
                "labels": list(mark.labels),
            }
            for mark in over.marks
        ],
        "lines": [] if over.lines is None else over.lines[:, :, :2].reshape(-1, 4).tolist(),
        "labels": [
            {"text": text, "x": float(place[0]), "y": float(place[1])}
            for text, place in over.labels
        ],
        "grains": [
            {
                "text": one.name,
                "x": float(one.place[0]),
                "y": float(one.place[1]),
                "radius": one.radius,
                "parent": one.parent,
            }
            for one in over.grains
        ],
        "named": list(named),
        "alt": alt,
        "axes": list(axes) or None,
        "size": max(1.0, round(marker_size(len(points)) * size, 1)),
        "height": height,
        "panel": panel,
        "contours": contours,
    }


def marker_size(count: int) -> int:
    """The diameter in pixels that suits so many points."""
    return next(pixels for most, pixels in _SIZES if count <= most)


def color_of(code: int, blank: int | None) -> str:
    """The colour of a kind: 24 hues, then from the first again."""
    return BLANK if code == blank else PALETTE[code % len(PALETTE)]


@cache
def scale(theme: str) -> list[str]:
    """Colours ``#rrggbb`` from the least number to the greatest."""
    from plotly.colors import sample_colorscale, unlabel_rgb

    low, high = VIRIDIS[theme]
    sampled = sample_colorscale("viridis", np.linspace(low, high, STEPS).tolist())
    return ["#{:02x}{:02x}{:02x}".format(*map(round, unlabel_rgb(one))) for one in sampled]


def _ticks(coloring: Coloring, low: float, high: float) -> list[str]:
    """What the colour bar is marked with, from its left end to its right."""
    if coloring.ticks:
        return [coloring.ticks[0][1], coloring.ticks[-1][1]]
    return [f"{low:.4g}", f"{(low + high) / 2:.4g}", f"{high:.4g}"]


def _column(name: str, column: Coloring, put: Put) -> dict[str, Any]:
    """What the chart filters and colours by: with the colours of kinds, or the ends of a scale."""
    told: dict[str, Any] = {"name": name}
    if column.codes is not None:
        names = list(column.names)
        shapes = [SYMBOLS[code // len(PALETTE) % len(SYMBOLS)] for code in range(len(names))]
        told |= {
            "kind": "category",
            "url": put(column.codes.astype("<u2").tobytes(), BINARY),
            "names": names,
            "palette": [color_of(code, column.blank) for code in range(len(names))],
            # Where hues come again, shapes differ.
            "symbols": shapes if len(names) > len(PALETTE) else None,
            "raised": _raised(column.names),
        }
        if column.members:
            told |= {"members": list(column.members), "parts": [list(one) for one in column.parts]}
        return told
    if column.numbers is None:
        return told | {"kind": "none", "palette": [PALETTE[0]]}
    low, high = _range(column.numbers)
    return told | {
        "kind": "date" if column.ticks else "number",
        "url": put(column.numbers.astype("<f4").tobytes(), BINARY),
        "low": low,
        "high": high,
        "ticks": _ticks(column, low, high),
    }


def _raised(names: Sequence[str]) -> int:
    """The kind of new rows, whose points no picture of those before covers; -1 for no such kind."""
    return names.index(NEW) if {*names} == {BEFORE, NEW} else -1


def _range(numbers: FloatArray) -> tuple[float, float]:
    """The least and the greatest that are finite; 0 and 1 where none is."""
    finite = numbers[np.isfinite(numbers)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)


def chart_texts(texts: Sequence[str]) -> bytes:
    """Titles of points as JSON, each on one line and cut to 200 characters."""
    shown = [" ".join(text[: 2 * TEXT].split())[:TEXT] for text in texts]
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "replace")


def pack(points: IntArray, count: int) -> str:
    """Points ``(m,)`` of ``count`` as the chart tells them: a bit each, in base64; "" for none."""
    import base64

    if not len(points):
        return ""
    mask = np.zeros(count, dtype=bool)
    mask[points] = True
    return base64.b64encode(np.packbits(mask, bitorder="little").tobytes()).decode()


def unpack(bits: str, count: int) -> IntArray:
    """The points ``(m,)`` of ``count``, ascending, that ``pack`` told; none of another text."""
    import base64
    import binascii

    try:
        raw = base64.b64decode(bits, validate=True)
    except (binascii.Error, ValueError):
        return np.array([], dtype=np.int64)
    mask = np.unpackbits(np.frombuffer(raw, dtype=np.uint8), bitorder="little")[:count]
    found: IntArray = np.flatnonzero(mask).astype(np.int64)
    return found
