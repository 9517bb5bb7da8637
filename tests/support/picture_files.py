"""Picture files made by the tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.images import openmoji

COLORS = {"a.png": (255, 0, 0), "b.png": (0, 255, 0), "c.png": (0, 0, 255)}


def encoded(color: Any, size: tuple[int, int] = (20, 16), kind: str = "PNG") -> bytes:
    """A picture of one colour, as a file's bytes."""
    stream = io.BytesIO()
    Image.new("RGB", size, color).save(stream, kind)
    return stream.getvalue()


def write_colors(folder: Path) -> Path:
    """A new folder with a picture of each of ``COLORS``."""
    folder.mkdir()
    for name, color in COLORS.items():
        (folder / name).write_bytes(encoded(color))
    return folder


def write_parquet(
    path: Path, pictures: Sequence[bytes | None], *, bare: bool = False, **columns: Sequence[Any]
) -> Path:
    """A table of pictures as Hugging Face datasets have them, or of ``bare`` bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Any] = list(pictures)
    if not bare:
        rows = [{"bytes": data, "path": f"p{at}.png"} for at, data in enumerate(pictures)]
    pq.write_table(pa.table({"image": rows, **columns}), path)
    return path


def five_pictures() -> list[Image.Image]:
    """A slope of colours, stripes, noise, an emoji, and a wide grey picture."""
    slope = np.indices((60, 90)).transpose(1, 2, 0) * 2
    colors = np.dstack([slope, np.full((60, 90), 120)]).astype(np.uint8)
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::8] = (200, 40, 90)
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    return [
        Image.fromarray(colors),
        Image.fromarray(stripes),
        Image.fromarray(noise),
        openmoji.draw("1F34E", 96),
        Image.new("L", (200, 20), 90),
    ]
