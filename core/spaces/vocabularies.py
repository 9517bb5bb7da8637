"""Loading and building a space's vocabulary, and files of vectors of a person's own."""

from __future__ import annotations

from pathlib import Path

from core.base import vectors as vec
from core.base.errors import DamagedError, InputError
from core.base.types import Encoder, Modality, Progress, Space, no_progress
from core.knn.exact import ExactIndex
from core.knn.fast_scan import FastScanIndex, build_index
from core.readers.vector_files import read_vectors
from core.spaces import (
    frequent_words,
    vocabulary_files,
)
from core.spaces.catalog import Source
from core.spaces.encoders import spacy_vectors
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.entry import SpaceEntry
from core.spaces.registry import find_space, list_spaces, own_folder
from core.spaces.vocabulary import Vocabulary
from core.storage import data_home

Loaded = tuple[Vocabulary, ExactIndex | FastScanIndex]


WITH_WORDS = (Source.MINILM, Source.SPACY, Source.OWN)


def load(entry: SpaceEntry, progress: Progress = no_progress) -> Loaded:
    """The vocabulary of a space and its index; built first where that has not been done.

    Raises:
        InputError: the space has no words.
        StorageError: an imported vocabulary is damaged. (A built one is built again.)
        Cancelled: by ``progress``; a later call goes on where this one stopped.
    """
    if entry.source not in WITH_WORDS:  # its folder is a model's, often the person's own
        raise InputError(
            f"{entry.space.title} has no words.",
            "A space with a list of words is needed: MiniLM, a spaCy package or your own vectors.",
            "Choose one of these; use this one on the pages Sentences and Images.",
        )
    if entry.folder is None:
        raise InputError(f"{entry.space.title} has no folder.", "", "Choose another space.")
    if entry.source is Source.SPACY:
        return _load_spacy(spacy_vectors.open_folder(entry.folder), entry.space)
    if entry.source is Source.OWN:
        return vocabulary_files.load(entry.folder, entry.space)
    if entry.folder.exists():
        try:
            return vocabulary_files.load(entry.folder)
        except DamagedError:
            data_home.delete(entry.folder)  # made by us from what is installed: made again below
    words = frequent_words.frequent_words()
    encoder = MiniLMEncoder(entry.space, entry.layer)
    vocabulary_files.build(entry.space, words, encoder, entry.folder, progress)
    return vocabulary_files.load(entry.folder)


def build(entry: SpaceEntry, progress: Progress = no_progress) -> bool:
    """Makes a space ready to load; true once it is. Holds nothing of it in memory."""
    load(entry, progress)
    return True


def word_encoder(entry: SpaceEntry) -> Encoder | None:
    """What encodes words that the vocabulary lacks; ``None`` where the space cannot."""
    if entry.source is Source.MINILM:
        return MiniLMEncoder(entry.space, entry.layer)
    return None


def load_path(
    path: Path,
    words_path: Path | None = None,
    *,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> Loaded:
    """The vocabulary in a file of vectors or a spaCy folder, without keeping it."""
    if path.is_dir():
        package = spacy_vectors.open_folder(path)
        space = Space(package.name, f"spaCy {package.name}", package.dim, (Modality.WORD,))
        return _load_spacy(package, space)
    found = read_vectors(path, words_path, limit=limit, progress=progress)
    space = Space(path.stem, path.stem, found.vectors.shape[1], (Modality.WORD,))
    unit = vec.normalize(found.vectors)
    digest = data_home.digest_file(path)
    return Vocabulary(space, found.words, unit, digest, notes=found.notes), build_index(unit)


def import_file(
    path: Path,
    name: str,
    words_path: Path | None = None,
    *,
    limit: int | None = None,
    progress: Progress = no_progress,
) -> SpaceEntry:
    """Reads a file of vectors and keeps it as a space in the data home.

    Raises:
        VectorFileError: the file cannot be used; nothing is kept then.
        InputError: the name is taken.
    """
    chosen = data_home.safe_name(name)
    folder = own_folder() / chosen
    if chosen in {entry.space.name for entry in list_spaces()}:
        raise InputError(
            f"There is a space called “{chosen}” already.",
            "Names are distinct.",
            "Give another name, or remove that space first.",
        )
    found = read_vectors(path, words_path, limit=limit, progress=progress)
    space = Space(chosen, name.strip() or chosen, found.vectors.shape[1], (Modality.WORD,))
    notes = (f"Read as {found.format}.", *found.notes)
    vocabulary_files.save(space, found.words, found.vectors, folder, notes, exclusive=True)
    return find_space(chosen)


def remove(entry: SpaceEntry) -> None:
    """Deletes an imported space from the data home."""
    if entry.source is not Source.OWN or entry.folder is None:
        raise InputError(
            f"{entry.space.title} was not imported.", "Only imported spaces are removed here.", ""
        )
    data_home.delete(entry.folder)


def _load_spacy(package: spacy_vectors.SpacyPackage, space: Space) -> Loaded:
    found = spacy_vectors.load_vectors(package)
    vocabulary = Vocabulary(
        space, found.words, found.vectors, package.digest, aliases=found.aliases
    )
    return vocabulary, build_index(found.vectors)
