"""What the app keeps in pictures, saved vectors and links, which `fuzz` changes."""

from __future__ import annotations

import base64
import io
import zipfile

import numpy as np

from benchmarks.fuzz_seeds import Files, as_zip, vectors
from benchmarks.fuzz_seeds_pictures import pictures

NAMES = [str(at) for at in range(50)]


def records() -> Files:
    """PNG with what made them."""
    from PIL import Image

    from core.generation import png_metadata
    from core.generation.request import Generated, Request

    picture = Image.new("RGB", (8, 8), "red")
    requests = (
        Request("small", "a red cat", seed=7),
        Request("small", "a vector", vector=vectors()[0], steps=9),
    )
    return [png_metadata.to_png(Generated(picture, one, 4, 1.5)) for one in requests]


def shelves() -> Files:
    """A shelf as it is exported, and packed."""
    from core.base.vectors import normalize
    from core.images.thumbnails import shrink
    from core.readers.pictures import open_picture
    from core.shelf.file import pack
    from core.shelf.kept import Kept

    rows = normalize(vectors())
    mark = shrink(open_picture(pictures()["PNG"][0]))
    data = pack(
        [
            Kept("king", "small", rows[0], "made by hand", "Small", b"", "0" * 16),
            Kept("a picture", "small", rows[1], "dropped", "Small", mark, "1" * 16),
        ]
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [data, as_zip({one.filename: archive.read(one) for one in archive.infolist()})]


def link_terms() -> Files:
    """Vectors as links hold them, an entry a line."""
    packed = base64.urlsafe_b64encode(np.eye(1, 6, dtype="<f4").tobytes()).decode().rstrip("=")
    one, two = f"{packed}~minilm~a photo", f"{packed}~own%20space~x\n{packed}~minilm~y"
    return [one.encode(), two.encode()]


def link_rows() -> Files:
    """Parts of fifty items as links hold them."""
    from core.maps.row_ranges import pack

    return [pack(np.arange(0, 50, step), NAMES, NAMES).encode() for step in (1, 3, 49)]
