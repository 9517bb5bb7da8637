"""A shelf as one file: what is exported, imported, and lies on the disk.

A ZIP archive of ``shelf.json`` (what each vector is), ``vectors.safetensors`` (one tensor an item,
by its number) and ``sha256sums.txt`` (the digests of both, as ``sha256sum`` writes them). What is
read may come from anybody: every size is bounded before anything is unpacked, every value checked.
An item that cannot be kept is left out and told, the others are read.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import InputError, counted, shorten
from core.base.reasons import reason_of
from core.base.types import Progress, no_progress
from core.images.thumbnails import MARK_BYTES
from core.readers import isolated
from core.readers.archives import PackedError, TooLargeError, Zip
from core.shelf.kept import MAX_DIM, Kept, checked, clean_name, new_key
from core.shelf.shelf import MAX_KEPT, joined
from core.storage import data_home

FORMAT, VERSION = "embedding-explorer shelf", 1
ABOUT, VECTORS, SUMS = "shelf.json", "vectors.safetensors", "sha256sums.txt"
# A full shelf of the widest vectors, with room for their texts and pictures.
MAX_BYTES = MAX_KEPT * MAX_DIM * 4 + 12_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same shelf gives the same bytes
_KEY = re.compile(r"[0-9a-f]{16}")
_LIMITS = isolated.Limits(memory=1_500_000_000, seconds=60, output=2 * MAX_BYTES)
_GIVEN, _READ = "given.zip", "read.zip"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file of a shelf holds.

    Attributes:
        items: with distinct names and keys, ``MAX_KEPT`` at most.
        left_out: what cannot be kept, each with the reason, a sentence each.
        changed: the parts of the file that are not what was written, by their digests.
    """

    items: list[Kept]
    left_out: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


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
        "formula": item.formula,
        "picture": base64.b64encode(item.picture).decode(),
    }


def unpack_given(data: bytes, name: str, progress: Progress = no_progress) -> Contents:
    """As ``unpack``, for a file that a person brought: a child reads it, and writes it anew.

    Raises:
        InputError: as ``unpack``.
        StorageError: there is no room on the disk for what is read.
        Cancelled: by ``progress``.
    """
    with isolated.folder_with({_GIVEN: data}) as folder:
        left_out = isolated.run(
            f"{__name__}:unpack_in_child",
            {"folder": str(folder), "name": name},
            name=name,
            limits=_LIMITS,
            progress=progress,
        )
        return replace(unpack((folder / _READ).read_bytes(), name), left_out=tuple(left_out))


def unpack_in_child(folder: str, name: str, progress: Progress) -> list[str]:
    """What ``unpack_given`` has a child do: what can be kept goes to a file."""
    found = unpack((Path(folder) / _GIVEN).read_bytes(), name)
    (Path(folder) / _READ).write_bytes(pack(found.items))
    return list(found.left_out)


def unpack(data: bytes, name: str) -> Contents:
    """The items of a file called ``name``, none of its parts changed.

    Raises:
        InputError: it is no file of a shelf, damaged, or too large; nothing of it is to be used.
    """
    found = salvage(data, name)
    if found.changed:
        raise _unusable(name, f"{found.changed[0]} is not what was written")
    return found


def salvage(data: bytes, name: str) -> Contents:
    """The same, with whatever can still be read where a part is not what was written.

    Raises:
        InputError: nothing of it can be read.
    """
    parts = _members(data, name)
    lines = parts[SUMS].decode("utf-8", "replace").splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    changed = [part for part in (ABOUT, VECTORS) if sums.get(part) != data_home.sha256(parts[part])]
    told = _about(parts[ABOUT], name)
    vectors = _vectors(parts[VECTORS], name)
    items: list[Kept] = []
    left_out = []
    for at, one in enumerate(told[:MAX_KEPT]):
        try:
            item = _item(one, vectors.get(str(at)), at)
        except InputError as error:
            left_out.append(error.given)
            continue
        twice = any(item.key == other.key for other in items)
        items.append(replace(item, key=new_key()) if twice else item)
    if (more := len(told) - MAX_KEPT) > 0:
        left_out.append(f"More than can be saved: {counted(more, 'vector')}.")
    if unnamed := vectors.keys() - {str(at) for at in range(len(told))}:
        left_out.append(
            f"Without a name and an embedding model: {counted(len(unnamed), 'vector')}."
        )
    return Contents(joined([], items), tuple(left_out), tuple(changed))


def _members(data: bytes, name: str) -> dict[str, bytes]:
    """The three parts, none unpacked to more than ``MAX_BYTES``."""
    if len(data) > MAX_BYTES:
        raise _unusable(
            name, f"it has {len(data):,} bytes, and a file of saved vectors at most {MAX_BYTES:,}"
        )
    try:
        with Zip(data) as archive:
            listed = [member.filename for member in archive.members]
            if sorted(listed) != sorted((ABOUT, VECTORS, SUMS)):
                raise _unusable(name, f"it holds {shorten(', '.join(listed)) or 'nothing'}")
            for member in archive.members:
                # Without its checksum zipfile gives changed bytes too; our digests tell them.
                del member.CRC
            return {member.filename: archive.read(member, MAX_BYTES) for member in archive.members}
    except TooLargeError as error:
        raise _unusable(name, f"a part of it is larger than {MAX_BYTES:,} bytes") from error
    except PackedError as error:
        raise _unusable(name, shorten(str(error))) from error


def _about(data: bytes, name: str) -> list[Mapping[str, Any]]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _unusable(name, f"{ABOUT} is no JSON") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise _unusable(name, f"{ABOUT} is not of saved vectors")
    if told.get("version") != VERSION:
        version = shorten(str(told.get("version")), 20)
        raise _unusable(name, f"it is of version {version}, and {VERSION} is read here")
    kept = told.get("kept")
    if not isinstance(kept, list) or not all(isinstance(one, dict) for one in kept):
        raise _unusable(name, f"{ABOUT} lists no vectors")
    return kept


def _vectors(data: bytes, name: str) -> dict[str, Any]:
    """Arrays by their number, as they are in the file."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(name, f"{VECTORS} cannot be read ({shorten(reason_of(error))})") from error


def _item(told: Mapping[str, Any], vector: Any, at: int) -> Kept:
    texts = {}
    for field in ("name", "space", "title", "made", "picture", "key", "formula"):
        value = told.get(field, "")
        if not isinstance(value, str):
            raise _left_out(f"Vector {at + 1} has a “{field}” that is no text")
        texts[field] = value
    try:
        name = clean_name(texts["name"])
    except InputError as error:
        raise _left_out(f"Vector {at + 1} has no name") from error
    if vector is None:
        raise _left_out(f"[{name}] has no vector in {VECTORS}")
    picture = _picture(texts["picture"], name)
    key = texts["key"] if _KEY.fullmatch(texts["key"]) else new_key()
    made, title, formula = texts["made"], texts["title"], texts["formula"]
    return checked(Kept(name, texts["space"], vector, made, title, picture, key, formula))


def _picture(text: str, name: str) -> bytes:
    if len(text) > 2 * MARK_BYTES:
        raise _left_out(f"[{name}] has a picture that is larger than {MARK_BYTES:,} bytes")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _left_out(f"[{name}] has a picture that cannot be read") from error


def _left_out(given: str) -> InputError:
    return InputError(f"{given}.", "", "")


def _unusable(name: str, why: str) -> InputError:
    return InputError(
        f"“{shorten(name)}” cannot be used as saved vectors: {why}.",
        "A file is needed as “Export” writes it, unchanged.",
        "Export it again.",
    )
