"""Files of word vectors kept as embedding models, as Add data keeps them."""

from __future__ import annotations

from pathlib import Path

from core.readers.vector_files import read_vectors
from core.spaces import vocabularies
from core.spaces.entry import SpaceEntry


def keep_words(path: Path, name: str, *, limit: int | None = None) -> SpaceEntry:
    """The words of a file as the space called ``name``."""
    vocabularies.require_free(name)
    return vocabularies.keep_read(read_vectors(path, limit=limit), name)
