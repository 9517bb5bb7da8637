"""Indexes as files: a ZIP archive with FAISS's own file and the ids of its vectors.

FAISS trusts what it reads, so no stranger's file is opened: what was exported is noted by its
SHA-256 in the data home, and only that is taken back. Its settings and vectors are those of the
note; what the archive says of them is for people and other programs.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import NOT_AS_WRITTEN, InputError
from core.knn import index_store
from core.knn.faiss_indexes import IndexSettings
from core.knn.index_settings import format_settings, read_settings
from core.knn.serving import Served
from core.readers.archives import PackedError, Zip
from core.storage import data_home

FOLDER = "exported-indexes"
INDEX, IDS, ABOUT = "index.faiss", "ids.json", "about.json"
_NOT_OURS = "Only what this app exported with this data folder is opened: FAISS trusts its files."


@dataclass(frozen=True, slots=True)
class Origin:
    """What an index is of.

    Attributes:
        key: stands for the vectors.
        ids: of the items, by row.
        digests: what each item is made from, in hexadecimal; may be empty.
        told: of where they come from, for who reads the file.
    """

    key: str
    ids: Sequence[str]
    digests: Sequence[str]
    told: Mapping[str, Any]


def export_index(served: Served, origin: Origin) -> bytes:
    """An index as a ZIP archive, noted so that ``restore_index`` takes it back.

    ``index.faiss`` is FAISS's own file, ``ids.json`` names its rows, ``about.json`` has settings,
    recall and the SHA-256 of both.

    Raises:
        StorageError: the note cannot be written.
    """
    stream = io.BytesIO()
    served.index.write(stream.write)
    index = stream.getvalue()
    ids = json.dumps({"ids": [*origin.ids], "digests": [*origin.digests]}).encode()
    trial, settings = served.trial, format_settings(served.index.settings)
    digest = data_home.sha256(index)
    about = {
        **origin.told,
        "format": 1,
        "settings": settings,
        "count": len(served.vectors),
        "dim": int(served.vectors.shape[1]),
        "recall": {"at": trial.k, "share": trial.recall},
        "sha256": {INDEX: digest, IDS: data_home.sha256(ids)},
    }
    note = {
        "key": origin.key,
        "settings": settings,
        "count": len(served.vectors),
        "seconds": trial.build_seconds,
        "ids": data_home.sha256(ids),
    }
    data_home.write_file(_note(digest), json.dumps(note).encode())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(ABOUT, json.dumps(about, indent=1))
        archive.writestr(IDS, ids)
        archive.writestr(INDEX, index)
    return packed.getvalue()


def restore_index(archive: bytes | Path, key: str) -> IndexSettings:
    """Puts an exported index where the one over the vectors of ``key`` is looked for.

    Returns:
        Its settings: who asks for an index of these is given it.

    Raises:
        InputError: it was not exported here, is damaged, or is of other vectors.
        StorageError: it cannot be written.
    """
    index, ids = _unpack(archive)
    digest = data_home.sha256(index)
    try:
        note = json.loads(_note(digest).read_bytes())
        count, seconds = int(note["count"]), float(note["seconds"])
        of, known_ids = str(note["key"]), str(note["ids"])
        settings = read_settings(str(note["settings"]), count)
    except (OSError, *NOT_AS_WRITTEN) as error:
        raise InputError(
            "This index was not exported here, or is not as it was written.",
            _NOT_OURS,
            "Build it under Index; its settings are in its about.json.",
        ) from error
    if data_home.sha256(ids) != known_ids:
        raise InputError(
            f"{IDS} is not what was exported with this index.",
            "Index and ids belong together.",
            "Take the archive as it was exported.",
        )
    if of != key:
        raise InputError(
            f"This index is over {count:,} other vectors.",
            "It fits the pictures, the embedding model and the caption weight it was built with.",
            "Choose these, or build an index of what is chosen.",
        )
    index_store.keep(key, settings, index, seconds)
    return settings


def _unpack(archive: bytes | Path) -> tuple[bytes, bytes]:
    try:
        # Nothing in it is packed when it is written, so all of it is not larger than the archive.
        size = archive.stat().st_size if isinstance(archive, Path) else len(archive)
        with Zip(archive, size) as packed:
            entries = {entry.filename: entry for entry in packed.members}
            missing = {INDEX, IDS} - {*entries}
            if missing:
                raise PackedError(f"it has no {sorted(missing)[0]}")
            return packed.read(entries[INDEX]), packed.read(entries[IDS])
    except PackedError as error:
        raise InputError(
            f"This is no exported index: {error}.",
            error.expected or f"A ZIP archive with {INDEX} and {IDS} is needed.",
            "Export one under Index.",
        ) from error


def _note(digest: str) -> Path:
    return data_home.data_home() / FOLDER / f"{digest}.json"
