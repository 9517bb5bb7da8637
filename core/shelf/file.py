"""A shelf as one file: what is exported, imported, and lies on the disk.

A ZIP archive of ``shelf.json`` (what each vector is), ``vectors.safetensors`` (one tensor an item,
by its number) and ``sha256sums.txt`` (the digests of both, as ``sha256sum`` writes them). What is
read may come from anybody: every size is bounded before anything is unpacked, every value checked.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.base.errors import InputError, PictureError, shorten
from core.base.types import FloatArray
from core.formula.tokens import clean
from core.images.thumbnails import MARK_BYTES, check_mark
from core.shelf.shelf import MAX_KEPT, Kept, clean_name
from core.storage import data_home

FORMAT, VERSION = "embedding-explorer shelf", 1
ABOUT, VECTORS, SUMS = "shelf.json", "vectors.safetensors", "sha256sums.txt"
MAX_BYTES = 16_000_000
MAX_DIM = 16_384
MAX_TEXT = 400  # characters of how it was made, and of a space's name
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same shelf gives the same bytes
_KEY = re.compile(r"[0-9a-f]{16}")
_LENGTH = 1e-3  # how far a unit vector's length may be from 1
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def pack(items: Sequence[Kept]) -> bytes:
    """``items`` as the bytes of a file; the same items give the same bytes."""
    from safetensors.numpy import save

    about = {"format": FORMAT, "version": VERSION, "kept": [_told(item) for item in items]}
    parts = {
        ABOUT: json.dumps(about, ensure_ascii=False, indent=1).encode(),
        VECTORS: save(
            {str(at): np.ascontiguousarray(item.vector) for at, item in enumerate(items)}
        ),
    }
    sums = [f"{data_home.sha256(data)}  {name}\n" for name, data in parts.items()]
    parts[SUMS] = "".join(sums).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    return stream.getvalue()


def _told(item: Kept) -> dict[str, str]:
    return {
        "key": item.key,
        "name": item.name,
        "space": item.space,
        "title": item.title,
        "made": item.made,
        "picture": base64.b64encode(item.picture).decode(),
    }


def unpack(data: bytes, name: str) -> list[Kept]:
    """The items of a file called ``name``.

    Raises:
        InputError: it is no file of a shelf, damaged, too large, or holds what no shelf can hold;
            nothing of it is to be used then.
    """
    parts = _members(data, name)
    lines = parts[SUMS].decode("utf-8", "replace").splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    for part in (ABOUT, VECTORS):
        if sums.get(part) != data_home.sha256(parts[part]):
            raise _unusable(name, f"{part} is not what was written")
    told = _about(parts[ABOUT], name)
    vectors = _vectors(parts[VECTORS], len(told), name)
    return [_item(one, vector, name) for one, vector in zip(told, vectors, strict=True)]


def _members(data: bytes, name: str) -> dict[str, bytes]:
    """The three parts, none unpacked to more than ``MAX_BYTES``."""
    if len(data) > MAX_BYTES:
        raise _unusable(name, f"it has {len(data):,} bytes, and a shelf at most {MAX_BYTES:,}")
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = [info.filename for info in archive.infolist()]
            if sorted(listed) != sorted((ABOUT, VECTORS, SUMS)):
                raise _unusable(name, f"it holds {shorten(', '.join(listed)) or 'nothing'}")
            for part in listed:
                with archive.open(part) as stream:
                    found[part] = stream.read(MAX_BYTES + 1)
                if len(found[part]) > MAX_BYTES:
                    raise _unusable(name, f"{part} is larger than {MAX_BYTES:,} bytes")
    except _BROKEN as error:
        raise _unusable(name, shorten(str(error)) or type(error).__name__) from error
    return found


def _about(data: bytes, name: str) -> list[Mapping[str, Any]]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _unusable(name, f"{ABOUT} is no JSON") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise _unusable(name, f"{ABOUT} is not of a shelf")
    if told.get("version") != VERSION:
        version = shorten(str(told.get("version")), 20)
        raise _unusable(name, f"it is of version {version}, and {VERSION} is read here")
    kept = told.get("kept")
    if not isinstance(kept, list) or not all(isinstance(one, dict) for one in kept):
        raise _unusable(name, f"{ABOUT} lists no vectors")
    if len(kept) > MAX_KEPT:
        raise _unusable(name, f"it holds {len(kept):,} vectors, and a shelf {MAX_KEPT} at most")
    names = [one.get("name") for one in kept]
    if not all(isinstance(one, str) for one in names) or len(set(names)) < len(names):
        raise _unusable(name, "its names are no distinct texts")
    return kept


def _vectors(data: bytes, count: int, name: str) -> list[FloatArray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(name, f"{VECTORS} cannot be read ({shorten(str(error))})") from error
    if arrays.keys() != {str(at) for at in range(count)}:
        raise _unusable(name, f"{VECTORS} has {len(arrays):,} vectors where {count:,} are listed")
    found = []
    for at in range(count):
        vector = arrays[str(at)]
        if vector.dtype != np.float32 or vector.ndim != 1 or not 1 <= vector.size <= MAX_DIM:
            raise _unusable(name, f"vector {at} is no float32 row of 1 to {MAX_DIM:,} numbers")
        length = float(np.linalg.norm(vector.astype(np.float64)))
        if not abs(length - 1) <= _LENGTH:  # so that NaN is refused as well
            raise _unusable(name, f"vector {at} has length {length:.4g}, where 1 is needed")
        found.append(vector)
    return found


def _item(told: Mapping[str, Any], vector: FloatArray, name: str) -> Kept:
    texts = {}
    for field in ("name", "space", "title", "made", "picture", "key"):
        value = told.get(field, "")
        if not isinstance(value, str):
            raise _unusable(name, f"“{field}” is no text in {ABOUT}")
        texts[field] = value
    if not texts["space"].strip():
        raise _unusable(name, f"[{shorten(texts['name'])}] names no space")
    picture = _picture(texts["picture"], name)
    space, title, made = (
        shorten(clean(texts[field]), MAX_TEXT) for field in ("space", "title", "made")
    )
    try:
        called = clean_name(texts["name"])
    except InputError as error:
        raise _unusable(name, "a vector has no name") from error
    item = Kept(called, space, vector, made, title, picture)
    if _KEY.fullmatch(texts["key"]):
        return Kept(called, space, vector, made, title, picture, texts["key"])
    return item


def _picture(text: str, name: str) -> bytes:
    if len(text) > 2 * MARK_BYTES:
        raise _unusable(name, f"a picture is larger than {MARK_BYTES:,} bytes")
    try:
        data = base64.b64decode(text, validate=True)
        if data:
            check_mark(data)
    except (binascii.Error, ValueError, PictureError) as error:
        raise _unusable(name, "a picture cannot be read") from error
    return data


def _unusable(name: str, why: str) -> InputError:
    return InputError(
        f"“{shorten(name)}” cannot be used as a shelf: {why}.",
        "A file is needed as “Export” writes it, unchanged.",
        "Export it again.",
    )
