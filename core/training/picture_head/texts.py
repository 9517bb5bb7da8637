"""What pictures are told to be: one pool of names that photos, emoji and ImageNet's classes share.

Each name in three templates, encoded by MiniLM, which is frozen; titles of products as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import load, save

from core.base import vectors as vec
from core.base.types import FloatArray
from core.images import imagenet, openmoji
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.sources.minilm import MINILM
from core.storage import data_home
from core.training.picture_encoder.data import cache_folder

TEMPLATES = ("{}", "a photo of a {}", "a picture of a {}")


@dataclass(frozen=True, slots=True)
class Pool:
    """Every name once.

    Attributes:
        row: the place of each.
        names: how many they are; titles come after them.
        vectors: ``(templates, n, dim)``, unit.
        targets: ``(n, dim)``, unit: the mean of a name's templates, for emoji with their keywords.
    """

    row: dict[str, int]
    names: int
    vectors: FloatArray
    targets: FloatArray


def make_pool(names: Sequence[str], titles: Sequence[str]) -> Pool:
    """The pool of all emoji, of ``names``, and of ``titles``, which no template changes."""
    emoji = openmoji.list_emoji()
    templated = list(dict.fromkeys([*(one.caption for one in emoji), *names]))
    plain = [one for one in dict.fromkeys(titles) if one not in set(templated)]
    inside = encode([text.format(name) for text in TEMPLATES for name in templated])
    inside = inside.reshape(len(TEMPLATES), len(templated), -1)
    outside = np.broadcast_to(encode(plain), (len(TEMPLATES), len(plain), inside.shape[-1]))
    vectors = np.concatenate([inside, outside], axis=1)
    targets = vec.normalize(vectors.mean(axis=0))
    targets[: len(emoji)] += encode([one.described for one in emoji])
    rows = {name: row for row, name in enumerate([*templated, *plain])}
    return Pool(rows, len(templated), vectors, vec.normalize(targets))


def class_texts() -> list[str]:
    """What is encoded of each of ImageNet's classes, in the classifier's order."""
    return [
        f"{one.name}, {one.definition}" if one.definition else one.name
        for one in imagenet.classes()
    ]


def encode(texts: Sequence[str]) -> FloatArray:
    """MiniLM's vectors ``(n, dim)``, kept on the disk."""
    digest = data_home.digest_bytes(*(text.encode() for text in texts))
    path = cache_folder() / "picture-head" / f"texts-{digest[:16]}.safetensors"
    if not path.is_file():
        vectors = MiniLMEncoder(MINILM.known[0].space, None).encode(list(texts))
        data_home.write_file(path, save({"vectors": np.ascontiguousarray(vectors)}))
    found: FloatArray = load(path.read_bytes())["vectors"]
    return found
