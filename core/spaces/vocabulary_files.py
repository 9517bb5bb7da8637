"""Vocabularies on disk: building the default ones, importing files, loading both back.

A vocabulary is a folder of four files: ``about.json`` (what it is, and the SHA-256 of the
others), ``words.json``, ``vectors.npy`` and, for larger ones, ``codes.faiss``.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import numpy as np

from core.base import vectors as vec
from core.base.errors import NOT_AS_WRITTEN, DamagedError
from core.base.reasons import reason_of
from core.base.types import Encoder, FloatArray, Modality, Progress, Space, no_progress
from core.knn.exact import ExactIndex
from core.knn.fast_scan import FastScanIndex, build_index, load_index
from core.spaces.vocabulary import Vocabulary
from core.storage import data_home

ABOUT, WORDS, VECTORS, CODES = "about.json", "words.json", "vectors.npy", "codes.faiss"
FIRST, CHUNK = 500, 2_000  # words encoded at a time: few at first, which answer within a second
FORMAT = 1
Loaded = tuple[Vocabulary, ExactIndex | FastScanIndex]


@dataclass(frozen=True, slots=True)
class About:
    """What ``about.json`` tells about a vocabulary without loading it."""

    space: Space
    count: int
    digest: str
    folder: Path
    notes: tuple[str, ...]


def build(
    space: Space,
    words: Sequence[str],
    encoder: Encoder,
    folder: Path,
    progress: Progress = no_progress,
) -> None:
    """Encodes ``words`` into the vocabulary ``folder``; goes on where an earlier try stopped.

    Finished chunks lie in ``folder`` + ``.parts``, each named by its SHA-256, until the whole is
    there. The caller names ``folder`` by a digest of everything that decides the vectors.
    """
    parts = _parts(folder)
    chunks: list[FloatArray] = []
    for at, end in _bounds(len(words)):
        found = _read_part(parts, at, (end - at, space.dim))
        if found is None:  # what is read is not reported: rate and time left are of encoding
            progress(at, len(words), "words encoded")
            found = encoder.encode(words[at:end])
            data = _npy(found)
            data_home.write_file(parts / f"{at:09d}.{data_home.sha256(data)}.npy", data)
        chunks.append(found)
    progress(len(words), len(words), "words encoded")
    save(space, words, np.concatenate(chunks), folder)
    shutil.rmtree(parts, ignore_errors=True)


def read_finished(
    space: Space, words: Sequence[str], folder: Path, more_than: int = 0
) -> Vocabulary | None:
    """The first of ``words`` whose vectors ``build`` has finished so far.

    Returns:
        ``None`` where they are not more than ``more_than``.

    Raises:
        StorageError: a part cannot be read.
    """
    parts = _parts(folder)
    starts = {path.name[:9] for path in parts.glob("*.npy")}
    ready = list(takewhile(lambda one: f"{one[0]:09d}" in starts, _bounds(len(words))))
    if not ready or ready[-1][1] <= more_than:
        return None
    chunks: list[FloatArray] = []
    for at, end in ready:
        found = _read_part(parts, at, (end - at, space.dim))
        if found is None:  # the vocabulary was finished meanwhile, and its parts are gone
            break
        chunks.append(found)
    count = sum(len(chunk) for chunk in chunks)
    if count <= more_than:
        return None
    vectors = vec.normalize(np.concatenate(chunks))
    return Vocabulary(space, words[:count], vectors, f"{folder.name} {count}")


def _parts(folder: Path) -> Path:
    return folder.with_name(folder.name + ".parts")


def _bounds(count: int) -> Iterator[tuple[int, int]]:
    """Where each chunk of ``count`` words begins and ends: they double up to ``CHUNK``."""
    at, size = 0, min(FIRST, CHUNK)
    while at < count:
        end = min(count, at + size)
        yield at, end
        at, size = end, min(CHUNK, max(size, end))


def save(  # noqa: PLR0913
    space: Space,
    words: Sequence[str],
    vectors: FloatArray,
    folder: Path,
    notes: Sequence[str] = (),
    *,
    exclusive: bool = False,
) -> None:
    """Writes a vocabulary with unit vectors ``(n, dim)`` and its index, whole or not at all.

    With ``exclusive`` it is an error if ``folder`` is there.
    """
    unit = vec.normalize(vectors)
    with data_home.write_folder(folder, exclusive=exclusive) as beside:
        np.save(beside / VECTORS, unit, allow_pickle=False)
        written = json.dumps(list(words), ensure_ascii=False)
        (beside / WORDS).write_bytes(written.encode("utf-8", "surrogatepass"))
        index = build_index(unit)
        if isinstance(index, FastScanIndex):
            index.save(beside / CODES)
        digests = {path.name: data_home.digest_file(path) for path in sorted(beside.iterdir())}
        about = {
            "format": FORMAT,
            "space": space.name,
            "title": space.title,
            "dim": space.dim,
            "modalities": [modality.value for modality in space.modalities],
            "count": len(words),
            "digest": data_home.sha256((digests[WORDS] + digests[VECTORS]).encode()),
            "sha256": digests,
            "notes": list(notes),
        }
        (beside / ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")


def read_about(folder: Path) -> About:
    """What a vocabulary is.

    Raises:
        DamagedError: its description is not what was written.
        StorageError: there is none, or it cannot be read.
    """
    found = _about(folder)
    try:
        modalities = tuple(Modality(name) for name in found["modalities"])
        space = Space(found["space"], found["title"], int(found["dim"]), modalities)
        notes = tuple(str(note) for note in found["notes"])
        return About(space, int(found["count"]), str(found["digest"]), folder, notes)
    except NOT_AS_WRITTEN as error:
        raise damaged(folder, f"{ABOUT}: {reason_of(error)}") from error


def load(folder: Path, space: Space | None = None) -> Loaded:
    """A vocabulary and its index, every file checked against its digest.

    Args:
        space: what to call it; ``None`` for what it was called when it was written.

    Raises:
        DamagedError: a file is not what was written.
        StorageError: a file is missing or cannot be read.
    """
    about = read_about(folder)
    digests = _about(folder)["sha256"]
    with data_home.storage_errors("read", folder):
        for name, digest in digests.items():
            if data_home.digest_file(folder / name) != digest:
                raise damaged(folder, f"{name} is not what was written")
        words = json.loads((folder / WORDS).read_bytes())
        vectors = np.load(folder / VECTORS, allow_pickle=False)
    vocabulary = Vocabulary(space or about.space, words, vectors, about.digest, notes=about.notes)
    return vocabulary, load_index(vectors, folder / CODES)


def damaged(folder: Path, what: str) -> DamagedError:
    """The error for a vocabulary folder that cannot be trusted."""
    return DamagedError(
        f"The vocabulary in “{folder}” is damaged: {what}.",
        "Its files must be as they were written.",
        "Delete the folder; it is built again, or import the file again.",
    )


def _about(folder: Path) -> dict:  # type: ignore[type-arg]  # JSON, checked by the reader
    with data_home.storage_errors("read", folder / ABOUT):
        text = (folder / ABOUT).read_bytes()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(folder, f"{ABOUT} is not JSON") from error
    if not isinstance(found, dict) or not isinstance(found.get("sha256"), dict):
        raise damaged(folder, f"{ABOUT} has no digests")
    return found


def _npy(array: FloatArray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _read_part(parts: Path, at: int, shape: tuple[int, int]) -> FloatArray | None:
    """A chunk that an earlier run finished; ``None`` if it is not there, or not as written."""
    for path in sorted(parts.glob(f"{at:09d}.*.npy")):
        with data_home.storage_errors("read", path):
            data = path.read_bytes()
        if data_home.sha256(data) == path.name.split(".")[1]:
            found: FloatArray = np.load(io.BytesIO(data), allow_pickle=False)
            if found.shape == shape and found.dtype == np.float32:
                return found
        path.unlink(missing_ok=True)
    return None
