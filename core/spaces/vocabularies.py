"""Files of vectors of a person's own: reading one as a vocabulary, keeping one as a space."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, Modality, Progress, Space, no_progress
from core.knn.fast_scan import build_index
from core.readers.vector_files import WordVectors, read_vectors
from core.spaces import vocabulary_files
from core.spaces.encoders import spacy_vectors
from core.spaces.entry import SpaceEntry, SpaceSpec
from core.spaces.registry import list_spaces
from core.spaces.sources import spacy
from core.spaces.sources.imported import IMPORTED, own_folder
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded
from core.storage import data_home


def load_path(
    path: Path,
    words_path: Path | None = None,
    *,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> Loaded:
    """The vocabulary in a file of vectors or a spaCy folder, without keeping it.

    Raises:
        InputError: it is no spaCy folder with vectors, or its file cannot be used.
        Cancelled: by ``progress``.
    """
    if path.is_dir():
        return spacy.load_given(spacy_vectors.open_folder(path), progress)
    found = read_vectors(path, words_path, limit=limit, progress=progress)
    space = Space(path.stem, path.stem, found.vectors.shape[1], (Modality.WORD,))
    unit = vec.normalize(found.vectors)
    digest = data_home.digest_file(path)
    reading = {
        "detected": {"format": found.format, "dim": space.dim},
        "rows": len(found.words),
        "left_out": [{"count": one.count, "reason": one.reason} for one in found.left_out],
    }
    vocabulary = Vocabulary(space, found.words, unit, digest, notes=found.notes, reading=reading)
    return vocabulary, build_index(unit)


def keep_read(found: WordVectors, name: str) -> SpaceEntry:
    """Keeps words as they were read from a file; as ``keep``, with how that was as the notes.

    Raises:
        InputError, StorageError: as ``keep``.
    """
    return keep(found.words, found.vectors, name, (f"Read as {found.format}.", *found.notes))


def require_free(name: str) -> None:
    """Refuses a name that a space has already.

    Raises:
        InputError: the name is taken.
    """
    chosen = data_home.safe_name(name)
    if chosen in {entry.space.name for entry in list_spaces()}:
        raise InputError(
            f"There is an embedding model called “{chosen}” already.",
            "Names are distinct.",
            "Give another name, or remove that one first.",
        )


def keep(
    words: Sequence[str], vectors: FloatArray, name: str, notes: Sequence[str] = ()
) -> SpaceEntry:
    """Keeps words with vectors ``(n, dim)`` of any length as a space in the data home.

    Args:
        notes: how they came about, a sentence each.

    Raises:
        InputError: the name is taken.
        StorageError: it cannot be written.
    """
    require_free(name)
    chosen = data_home.safe_name(name)
    space = Space(chosen, name.strip() or chosen, vectors.shape[1], (Modality.WORD,))
    folder = own_folder() / chosen
    vocabulary_files.save(space, words, vectors, folder, notes, exclusive=True)
    return IMPORTED.entry(SpaceSpec(space))
