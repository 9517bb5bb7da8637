"""What tells the generator what to draw: vectors of captions and of the pictures themselves."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from safetensors.numpy import load, save

from core.base.paths import ASSETS
from core.base.types import FloatArray, IntArray, Space
from core.images import openmoji
from core.readers.pictures import Pixels
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.minilm_pictures import PictureEncoder, recipe
from core.spaces.sources.minilm import MINILM
from core.storage import data_home
from core.training.generator.pictures import Drawn
from core.training.picture_encoder.data import cache_folder

HELD_OUT = ASSETS / "splits" / "generator-held-out.tsv"


@lru_cache(maxsize=1)
def held_out() -> tuple[Drawn, ...]:
    """What is never trained on: emoji in every form, and colours of emoji."""
    place = {item.id: number for number, item in enumerate(openmoji.list_emoji())}
    with HELD_OUT.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    return tuple(Drawn(place[row["id"]], row["color"]) for row in rows)


def text_space() -> Space:
    """The space of captions, MiniLM's."""
    return MINILM.known[0].space


@dataclass(frozen=True, slots=True)
class Captions:
    """Vectors of all captions, and which belong to which picture.

    Attributes:
        vectors: ``(m, dim)`` unit rows.
        starts: ``(n + 1,)``; picture ``i`` has rows ``starts[i]`` to ``starts[i + 1]``.
    """

    vectors: FloatArray
    starts: IntArray


def encode_captions(texts: Sequence[Sequence[str]]) -> Captions:
    """Captions of every picture; encoded once and kept in the data home."""
    flat = [text for of_one in texts for text in of_one]
    row = {text: at for at, text in enumerate(dict.fromkeys(flat))}  # many are said of many
    path = cache_folder() / f"generator-captions-{_digest(list(row))}.safetensors"
    if not path.is_file():
        vectors = MiniLMEncoder(text_space()).encode(list(row))
        data_home.write_file(path, save({"vectors": vectors}))
    starts = np.cumsum([0, *(len(of_one) for of_one in texts)])
    vectors = load(path.read_bytes())["vectors"]
    return Captions(vectors[[row[text] for text in flat]], starts)


def encode_pictures(pixels: Pixels) -> FloatArray:
    """Each picture's own vector ``(n, dim)``; encoded once and kept in the data home."""
    from PIL import Image

    digest = data_home.digest_bytes(pixels.tobytes(), recipe().encode())[:16]
    path = cache_folder() / f"generator-pictures-{digest}.safetensors"
    if not path.is_file():
        encoder = PictureEncoder(text_space())
        vectors = encoder.encode_pictures(Image.fromarray(one) for one in pixels)
        data_home.write_file(path, save({"vectors": vectors}))
    found: FloatArray = load(path.read_bytes())["vectors"]
    return found


def _digest(texts: Sequence[str]) -> str:
    return data_home.digest_bytes(*(text.encode() for text in texts))[:16]
