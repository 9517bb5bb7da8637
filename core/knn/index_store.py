"""Indexes that took long to build, kept in the data home and opened by memory map.

Each is a folder named by what decides it (vectors, kind, parameters), with the index in FAISS's
own format and ``about.json`` with its SHA-256: FAISS trusts what it reads, so we check first.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.base.errors import StorageError
from core.base.types import FloatArray, Progress, no_progress
from core.knn.faiss_indexes import FaissIndex, IndexSettings
from core.storage import data_home

FOLDER, INDEX, ABOUT = "indexes", "index.faiss", "about.json"
LONG = 5.0  # seconds; what was built faster is built again
_SEARCH_ONLY = ("probes", "search_width")


@dataclass(frozen=True, slots=True)
class FoundIndex:
    """An index, how long building it took, and whether it was on the disk."""

    index: FaissIndex
    build_seconds: float
    kept: bool


def key_of(vectors: FloatArray) -> str:
    """What stands for vectors ``(n, dim)`` in the names of their indexes."""
    told = [(vectors.shape, vectors.dtype.str, data_home.sha256(vectors.tobytes()))]
    return data_home.sha256(repr(told).encode())


def open_or_build(
    key: str,
    vectors: FloatArray,
    settings: IndexSettings,
    progress: Progress = no_progress,
    *,
    long: float = LONG,
) -> FoundIndex:
    """The index over vectors ``(n, dim)``; from the disk where it is there and whole.

    Args:
        key: stands for the vectors; empty where nothing is to be kept.
        long: seconds from which an index is kept.

    Raises:
        InputError: the parameters do not fit the vectors.
        Cancelled: by ``progress``.
    """
    folder = _folder(key, settings) if key else None
    if folder is not None and (found := _open(folder, settings)) is not None:
        return found
    began = time.perf_counter()
    index = FaissIndex.build(vectors, settings, progress)
    taken = time.perf_counter() - began
    if folder is None or taken < long:
        return FoundIndex(index, taken, kept=False)
    with suppress(StorageError), data_home.write_folder(folder) as beside:  # it serves unkept too
        index.save(beside / INDEX)
        _tell(beside, taken)
    return FoundIndex(index, taken, kept=False)


def keep(key: str, settings: IndexSettings, index: bytes, seconds: float) -> None:
    """Keeps an index that was written here before, in FAISS's own format.

    Args:
        seconds: that building it took.

    Raises:
        StorageError: it cannot be written.
    """
    with data_home.write_folder(_folder(key, settings)) as beside:
        (beside / INDEX).write_bytes(index)
        _tell(beside, seconds)


def _tell(folder: Path, seconds: float) -> None:
    about = {"format": 1, "sha256": data_home.digest_file(folder / INDEX), "seconds": seconds}
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _open(folder: Path, settings: IndexSettings) -> FoundIndex | None:
    """The index in a folder; one that is not what was written is deleted, and built again."""
    if not folder.is_dir():
        return None
    try:
        about = json.loads((folder / ABOUT).read_bytes())
        seconds, expected = float(about["seconds"]), about["sha256"]
        whole = data_home.digest_file(folder / INDEX) == expected
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        data_home.delete(folder)
        return None
    return FoundIndex(FaissIndex.open(folder / INDEX, settings), seconds, kept=True)


def _folder(key: str, settings: IndexSettings) -> Path:
    import faiss

    parts = {k: v for k, v in asdict(settings).items() if k not in _SEARCH_ONLY}
    written = json.dumps([key, faiss.__version__, parts], sort_keys=True)
    name = f"{data_home.safe_name(settings.kind.value)}-{data_home.sha256(written.encode())[:24]}"
    return data_home.data_home() / FOLDER / name
