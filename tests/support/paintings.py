"""Paintings made for tests: shapes by chance in four renderings, each by artists of its own."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.pictures_style import grain, mosaic, outlines

SIZE = 64
STYLES = {"plain": Image.Image.copy, "drawn": outlines, "mosaic": mosaic, "grainy": grain}
SCHOOLS = {"plain": "North", "drawn": "North", "mosaic": "South", "grainy": "South"}
PERIODS = {"plain": "early", "drawn": "late", "mosaic": "early", "grainy": "late"}
ARTISTS, WORKS = 3, 6  # artists of each style, works of each


def subject(seed: int) -> Image.Image:
    """Shapes in colours by chance."""
    random = np.random.default_rng(seed)

    def colour() -> tuple[int, ...]:
        return tuple(int(one) for one in random.integers(40, 256, 3))

    picture = Image.new("RGB", (SIZE, SIZE), colour())
    drawing = ImageDraw.Draw(picture)
    for at in range(6):
        left, top = (int(one) for one in random.integers(0, SIZE - 20, 2))
        wide, high = (int(one) for one in random.integers(12, 40, 2))
        shape = drawing.ellipse if at % 2 else drawing.rectangle
        shape((left, top, left + wide, top + high), fill=colour())
    return picture


def painting(style: str, seed: int) -> bytes:
    """A picture in a style, as PNG."""
    stream = io.BytesIO()
    STYLES[style](subject(seed)).save(stream, "PNG")
    return stream.getvalue()


def files() -> list[tuple[str, bytes]]:
    """The paintings and their catalogue, as they are uploaded."""
    made, rows = [], ["file,title,author,style,school,timeframe"]
    for at, style in enumerate(STYLES):
        for work in range(ARTISTS * WORKS):
            name = f"{style}{work}.png"
            made.append((name, painting(style, 1_000 * at + work)))
            known = f"{style}er {work // WORKS},{style},{SCHOOLS[style]},{PERIODS[style]}"
            rows.append(f"{name},Shapes {at} {work},{known}")
    return [*made, ("catalogue.csv", "\n".join(rows).encode())]
