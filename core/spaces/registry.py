"""The spaces that are here: listing them with their state, and loading their vocabularies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from core.base import vectors as vec
from core.base.errors import DamagedError, InputError, NotReadyError, StorageError, shorten
from core.base.types import Encoder, Modality, Progress, Space, no_progress
from core.knn.exact import ExactIndex
from core.knn.fast_scan import FastScanIndex, build_index
from core.readers.vector_files import read_vectors
from core.spaces import (
    catalog,
    frequent_words,
    texts as text_spaces,
    vocabulary_files,
)
from core.spaces.catalog import SPACES, Source
from core.spaces.encoders import classical, spacy_vectors
from core.spaces.encoders.minilm import MiniLMEncoder, recipe as minilm_recipe
from core.spaces.entry import READY, SpaceEntry
from core.spaces.vocabulary import Vocabulary
from core.storage import data_home

Loaded = tuple[Vocabulary, ExactIndex | FastScanIndex]
WITH_WORDS = (Source.MINILM, Source.SPACY, Source.OWN)


def list_spaces() -> list[SpaceEntry]:
    """Every space: the catalog's, installed spaCy packages, added models and imported files."""
    installed = {package.name: package for package in spacy_vectors.installed_packages()}
    entries = [_catalog_entry(spec, installed) for spec in SPACES]
    known = {entry.space.name for entry in entries}
    entries += [_spacy_entry(package) for name, package in installed.items() if name not in known]
    entries += text_spaces.added_entries()
    taken = {entry.space.name for entry in entries}
    for entry in _own_entries():  # a folder that was put there by hand may be called as another
        called = data_home.distinct_name(entry.space.name, taken, "{}-{}")
        taken.add(called)
        entries.append(replace(entry, space=replace(entry.space, name=called)))
    return entries


def find_space(name: str, modality: Modality | None = None) -> SpaceEntry:
    """The space called ``name``, ready to load; with ``modality``, one that takes such inputs.

    Raises:
        InputError: there is none of this name, or it does not take such inputs.
        NotReadyError: it must be installed first.
    """
    entries = {
        entry.space.name: entry
        for entry in list_spaces()
        if modality is None or modality in entry.space.modalities or not entry.space.modalities
    }  # what a damaged one takes is not known
    if name not in entries:
        of_kind = f" of {modality.value}s" if modality is not None else ""
        raise InputError(
            f"There is no space{of_kind} called “{shorten(name)}”.",
            f"Known: {', '.join(entries)}.",
            "Choose one of these, or bring your own.",
        )
    entry = entries[name]
    if not entry.ready:
        raise NotReadyError(
            f"The space {entry.space.title} is not ready: {entry.state}.", "", entry.remedy
        )
    return entry


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
    folder = _own_folder() / chosen
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


def _catalog_entry(
    spec: catalog.SpaceSpec, installed: dict[str, spacy_vectors.SpacyPackage]
) -> SpaceEntry:
    if spec.source is Source.MINILM:
        recipe = f"{minilm_recipe(spec.layer)} | {frequent_words.recipe()}"
        digest = data_home.digest_bytes(recipe.encode())
        folder = data_home.data_home() / "vocabularies" / f"{spec.space.name}-{digest[:12]}"
        return SpaceEntry(
            spec.space, spec.source, spec.about, READY, digest, folder, layer=spec.layer
        )
    if spec.source in (Source.HUB, Source.API, Source.CLIP):
        return text_spaces.catalog_entry(spec)
    if spec.source is Source.CLASSICAL:
        digest = data_home.sha256(classical.recipe().encode())
        return SpaceEntry(spec.space, spec.source, spec.about, READY, digest)
    package = installed.get(spec.space.name)
    if package is not None:
        return _spacy_entry(package, spec.about)
    command = spec.install.replace("python", sys.executable, 1)
    remedy = f"Install it ({spec.size} to download): {command}"
    return SpaceEntry(
        spec.space,
        spec.source,
        spec.about,
        f"needs package ({spec.install})",
        "",
        remedy=remedy,
    )


def _spacy_entry(package: spacy_vectors.SpacyPackage, about: str = "") -> SpaceEntry:
    space = Space(package.name, f"spaCy {package.name}", package.dim, (Modality.WORD,))
    about = about or f"Vectors of the installed spaCy package {package.name} {package.version}."
    return SpaceEntry(space, Source.SPACY, about, READY, package.digest, package.folder)


def _own_folder() -> Path:
    return data_home.data_home() / data_home.OWN


def _own_entries() -> Iterator[SpaceEntry]:
    if not _own_folder().is_dir():
        return
    for folder in sorted(_own_folder().iterdir()):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        try:
            about = vocabulary_files.read_about(folder)
        except StorageError as error:
            space = Space(folder.name, folder.name, 0, ())
            yield SpaceEntry(
                space, Source.OWN, str(error), "damaged", "", folder, remedy=error.remedy
            )
            continue
        text = f"Your own {about.count:,} words. {' '.join(about.notes)}"
        space = replace(about.space, name=folder.name)  # which may be a renamed copy of another's
        yield SpaceEntry(space, Source.OWN, text, READY, about.digest, folder)


def _load_spacy(package: spacy_vectors.SpacyPackage, space: Space) -> Loaded:
    found = spacy_vectors.load_vectors(package)
    vocabulary = Vocabulary(
        space, found.words, found.vectors, package.digest, aliases=found.aliases
    )
    return vocabulary, build_index(found.vectors)
