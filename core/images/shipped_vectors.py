"""Vectors of the emoji and their captions that come with the app: encoding them takes a minute.

They are of one embedding model, in half precision, and were made by
``python -m core.training.emoji_vectors``. What they are of is told beside them: the digest of all
that decides the model's vectors, and that of the drawings. With other weights, other code or
another version of the drawings they are not used, and the pictures are encoded as any others. So
are captions: each is told by the digest of its text.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.base import vectors as vec
from core.base.errors import NotReadyError
from core.base.paths import ASSETS
from core.base.types import Encoded, FloatArray
from core.images import openmoji
from core.spaces import text_vectors, vector_store
from core.spaces.entry import SpaceEntry
from core.spaces.text_vectors import ReadyTexts
from core.spaces.vector_store import DIGEST_BYTES
from core.storage import data_home
from core.storage.bundled_weights import Shipped

FOLDER = ASSETS / "models"
VECTORS, ABOUT = "emoji-vectors.safetensors", "emoji-vectors.json"
CAPTIONS, CAPTIONS_ABOUT = "emoji-captions.safetensors", "emoji-captions.json"
SHIPPED = Shipped("emoji gallery", "core.training.emoji_vectors")


def of_space(entry: SpaceEntry) -> Mapping[bytes, FloatArray]:
    """Unit vectors ``(dim,)`` by the digests of their pictures; none of another space.

    Raises:
        StorageError: the files that came with the app are missing or damaged.
    """
    kept = entry.source.kept_by(entry)  # of a head its base
    return read(kept.image_digest, FOLDER)


def of_captions(entry: SpaceEntry) -> ReadyTexts:
    """Unit vectors and their lengths by the digests of the English captions; none of another space.

    Raises:
        StorageError: the files that came with the app are missing or damaged.
    """
    return read_captions(entry.text_digest, FOLDER)


def count_missing(digests: Collection[bytes], entry: SpaceEntry) -> int:
    """How many different pictures would have to be encoded in a space.

    Raises:
        StorageError: as ``of_space``.
    """
    here = of_space(entry)
    wanted = [digest for digest in digests if digest not in here]
    return vector_store.count_missing(wanted, entry.image_folder)


@lru_cache(maxsize=32)  # by space; of one of them there is anything
def read(image_digest: str, folder: Path) -> Mapping[bytes, FloatArray]:
    """As ``of_space``, ``(dim,)`` each, by what decides the vectors of a space's pictures."""
    about = SHIPPED.read_json(folder / ABOUT)
    if about.get("image_digest") != image_digest:
        return {}
    try:
        if about.get("drawings") != openmoji.drawings_digest():
            return {}
    except NotReadyError:  # then there are no emoji to be encoded
        return {}
    tensors = SHIPPED.read_arrays(folder / VECTORS, str(about.get("sha256")))
    return dict(zip(_digests(tensors), _vectors(tensors), strict=True))


@lru_cache(maxsize=32)
def read_captions(text_digest: str, folder: Path) -> ReadyTexts:
    """As ``of_captions``, by what decides the vectors of a space's texts."""
    about = SHIPPED.read_json(folder / CAPTIONS_ABOUT)
    if about.get("text_digest") != text_digest:
        return {}
    tensors = SHIPPED.read_arrays(folder / CAPTIONS, str(about.get("sha256")))
    rows = zip(_vectors(tensors), tensors["lengths"].tolist(), strict=True)
    return dict(zip(_digests(tensors), rows, strict=True))


def _digests(tensors: Mapping[str, np.ndarray]) -> list[bytes]:
    return [row.tobytes() for row in tensors["digests"]]


def _vectors(tensors: Mapping[str, np.ndarray]) -> FloatArray:
    return vec.normalize(tensors["vectors"].astype(np.float32))


def write(
    digests: Collection[bytes], vectors: FloatArray, image_digest: str, folder: Path = FOLDER
) -> None:
    """Writes vectors ``(n, dim)`` of pictures by their digests, and what they are of beside them.

    Raises:
        NotReadyError: the package with the drawings is not installed.
        StorageError: they cannot be written.
    """
    told = {"image_digest": image_digest, "drawings": openmoji.drawings_digest()}
    _write(_as_tensors(digests, vectors), told, folder / VECTORS, folder / ABOUT)


def write_captions(
    texts: Sequence[str], encoded: Encoded, text_digest: str, folder: Path = FOLDER
) -> None:
    """Writes the vectors ``(n, dim)`` of captions that were not cut, with what they are of.

    Raises:
        StorageError: they cannot be written.
    """
    digests = [text_vectors.text_digest(text) for text in texts]
    tensors = _as_tensors(digests, encoded.vectors) | {"lengths": encoded.lengths}
    _write(tensors, {"text_digest": text_digest}, folder / CAPTIONS, folder / CAPTIONS_ABOUT)


def _as_tensors(digests: Collection[bytes], vectors: FloatArray) -> dict[str, np.ndarray]:
    told = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES)
    return {"digests": told, "vectors": vectors.astype(np.float16)}


def _write(
    tensors: Mapping[str, np.ndarray], of: Mapping[str, str], file: Path, about: Path
) -> None:
    from safetensors.numpy import save

    data = save({**tensors})
    told = {"format": 1, "sha256": data_home.sha256(data), **of}
    data_home.write_file(file, data)
    data_home.write_file(about, json.dumps(told, indent=1).encode() + b"\n")
