"""The pictures the generator learns from: OpenMoji as drawn, recoloured, and made smaller.

An emoji whose fills are painted in another colour is captioned with that colour, and one drawn
small or to a side says so, so that colour, size and place of a prompt mean something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load, save

from core.generation.small.autoencoder import SHRINK
from core.images import openmoji
from core.readers.pictures import Pixels
from core.storage import data_home
from core.training.generator.dataset import Dataset
from core.training.picture_encoder.data import cache_folder

SIDE = 8 * SHRINK
_DRAWN = 2 * SIDE  # twice as large, then halved, for clean edges
# Each colour's dark and light, those of OpenMoji's own palette.
COLORS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "red": ((160, 25, 25), (234, 90, 71)),
    "orange": ((200, 90, 20), (244, 170, 65)),
    "yellow": ((230, 170, 20), (252, 234, 43)),
    "green": ((55, 110, 25), (150, 200, 50)),
    "blue": ((25, 70, 150), (97, 178, 228)),
    "purple": ((90, 50, 130), (179, 140, 210)),
    "pink": ((220, 90, 130), (255, 175, 205)),
    "brown": ((95, 60, 35), (165, 115, 60)),
    "black": ((25, 25, 25), (75, 75, 75)),
    "white": ((225, 225, 225), (255, 255, 255)),
}
_SATURATED = 0.18  # from here a pixel has a colour to change
_PAINTED_SHARE = 0.04  # of the drawing: below it there is nothing to paint
# Scale and shift (shares of the side, right and down) of what captions call by these words.
PLACES = {
    "a small {}": (0.5, 0.0, 0.0),
    "{} on the left": (0.55, -0.22, 0.0),
    "{} on the right": (0.55, 0.22, 0.0),
    "{} at the top": (0.55, 0.0, -0.22),
    "{} at the bottom": (0.55, 0.0, 0.22),
}

# How often pictures as drawn, recoloured, and small or aside are shown.
SHARES = {"drawn": 0.55, "colors": 0.33, "places": 0.12}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture to learn from: which emoji, and how it differs from it.

    Attributes:
        emoji: number in ``openmoji.list_emoji()``.
        change: "" as drawn, a colour's name, or a key of ``PLACES``.
    """

    emoji: int
    change: str


def draw_originals() -> Pixels:
    """Every emoji, ``(n, 2 SIDE, 2 SIDE, 4)`` uint8, straight alpha."""
    items = openmoji.list_emoji()
    return np.stack([np.asarray(openmoji.draw(item.id, _DRAWN)) for item in items])


def paint(picture: Pixels, color: str) -> Pixels | None:
    """A drawing ``(s, s, 4)`` with its coloured fills in ``color``; None where it has none.

    A fill's brightness decides between the colour's dark and light; lines and white stay.
    """
    rgb = picture[..., :3].astype(np.float32) / 255
    high, low = rgb.max(-1), rgb.min(-1)
    saturation = (high - low) / np.maximum(high, 1e-6)
    solid = picture[..., 3] > 127
    fills = (saturation > _SATURATED) & (high > 0.3) & solid
    if fills.sum() < _PAINTED_SHARE * max(solid.sum(), 1):
        return None
    luma = rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    darkest, lightest = np.percentile(luma[fills], [5, 95])
    spread = max(float(lightest - darkest), 0.25)
    share = np.clip((luma - (lightest - spread)) / spread, 0, 1)[..., None]
    dark, light = (np.array(value, dtype=np.float32) for value in COLORS[color])
    painted = picture.copy()
    painted[..., :3] = np.where(fills[..., None], dark + (light - dark) * share, picture[..., :3])
    return painted


def finish(picture: Pixels, scale: float = 1.0, right: float = 0.0, down: float = 0.0) -> Pixels:
    """A drawing on white, ``(SIDE, SIDE, 3)``, scaled and shifted by shares of the side."""
    side = round(SIDE * scale)
    premultiplied = Image.fromarray(picture, "RGBA").convert("RGBa")
    small = premultiplied.resize((side, side), Image.Resampling.BOX).convert("RGBA")
    canvas = Image.new("RGBA", (SIDE, SIDE), "white")
    corner = (SIDE - side) / 2
    canvas.alpha_composite(small, (round(corner + right * SIDE), round(corner + down * SIDE)))
    return np.asarray(canvas.convert("RGB"))


def load_emoji(unused: Sequence[Drawn]) -> Dataset:
    """All that is trained on, less what is held out."""
    drawn, pixels = load_drawn(unused)
    captions = [captions_of(one) for one in drawn]
    return Dataset("emoji", pixels, captions, [_kind(one) for one in drawn], SHARES, white=True)


def _kind(one: Drawn) -> str:
    if not one.change:
        return "drawn"
    return "colors" if one.change in COLORS else "places"


def load_drawn(unused: Sequence[Drawn]) -> tuple[list[Drawn], Pixels]:
    """As ``draw_all``, pixels ``(n, SIDE, SIDE, 3)``; drawn once and kept in the data home."""
    told = [openmoji.version(), *(f"{one.emoji} {one.change}" for one in unused)]
    digest = data_home.digest_bytes(*(text.encode() for text in told), Path(__file__))[:16]
    path = cache_folder() / f"generator-drawn-{digest}.safetensors"
    if not path.is_file():
        drawn, pixels = draw_all(unused)
        changes = ["", *COLORS, *PLACES]
        rows = np.array([(one.emoji, changes.index(one.change)) for one in drawn])
        data_home.write_file(path, save({"rows": rows, "pixels": pixels}))
    found = load(path.read_bytes())
    changes = ["", *COLORS, *PLACES]
    drawn = [Drawn(int(emoji), changes[change]) for emoji, change in found["rows"]]
    return drawn, found["pixels"]


def draw_all(unused: Sequence[Drawn] = ()) -> tuple[list[Drawn], Pixels]:
    """Everything to learn from, and its pixels ``(n, SIDE, SIDE, 3)``, less what is held out."""
    left_out = set(unused)
    whole = {one.emoji for one in unused if not one.change}
    items = openmoji.list_emoji()
    drawn: list[Drawn] = []
    pixels: list[Pixels] = []
    for number, picture in enumerate(draw_originals()):
        if number in whole:
            continue
        drawn.append(Drawn(number, ""))
        pixels.append(finish(picture))
        if items[number].group not in openmoji.UNPAINTED:
            for color in COLORS:
                one = Drawn(number, color)
                painted = None if one in left_out else paint(picture, color)
                if painted is not None:
                    drawn.append(one)
                    pixels.append(finish(painted))
        if items[number].group != "flags":
            for words, place in PLACES.items():
                drawn.append(Drawn(number, words))
                pixels.append(finish(picture, *place))
    return drawn, np.stack(pixels)


def captions_of(one: Drawn) -> list[str]:
    """What a picture may be called, the plainest first."""
    item = openmoji.list_emoji()[one.emoji]
    if one.change in COLORS:
        name = openmoji.plain_name(item.caption)
        return [f"{one.change} {name}", f"a {one.change} {name}", f"a {name} that is {one.change}"]
    if one.change:
        return [one.change.format(item.caption)]
    found = [
        item.caption,
        f"a {item.caption}",
        f"a picture of a {item.caption}",
        f"{item.caption} emoji",
        item.with_kind,
        item.described,
    ]
    others = [word for word in item.keywords if word not in item.caption.lower()]
    return found + [f"{item.caption}, {word}" for word in others[:3]]
