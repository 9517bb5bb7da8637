"""Vocabularies of a person's own, imported from files of vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from core.base.errors import StorageError
from core.base.types import Modality, Progress, Space
from core.spaces import vocabulary_files
from core.spaces.entry import DAMAGED, READY, Source, SpaceEntry, SpaceSpec
from core.spaces.vocabulary_files import Loaded
from core.storage import data_home


class ImportedSource(Source):
    """Kept in the data home, a folder each."""

    name = "own"

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """The vocabulary in the folder of this name; damaged where its description is."""
        folder = own_folder() / spec.space.name
        try:
            vocabulary = vocabulary_files.read_about(folder)
        except StorageError as error:
            spec = replace(spec, about=str(error))
            return SpaceEntry(spec, self, DAMAGED, folder=folder, remedy=error.remedy)
        about = f"Your own {vocabulary.count:,} words. {' '.join(vocabulary.notes)}"
        # A folder may be a renamed copy of another's, and of one that took more than words.
        space = replace(vocabulary.space, name=folder.name, modalities=(Modality.WORD,))
        return SpaceEntry(SpaceSpec(space, about), self, READY, vocabulary.digest, folder)

    def others(self) -> Iterator[SpaceEntry]:
        """All of them."""
        if not own_folder().is_dir():
            return
        for folder in sorted(own_folder().iterdir()):
            if not folder.name.startswith(".") and folder.is_dir():
                yield self.entry(SpaceSpec(Space(folder.name, folder.name, 0, ())))

    def vocabulary(self, entry: SpaceEntry, progress: Progress) -> Loaded:
        """What was imported."""
        return vocabulary_files.load(entry.require_folder(), entry.space)

    def removable(self, entry: SpaceEntry) -> bool:
        """Always."""
        return entry.folder is not None

    def remove(self, entry: SpaceEntry) -> None:
        """Deletes it from the data home."""
        if entry.folder is not None:
            data_home.delete(entry.folder)


def own_folder() -> Path:
    """Where a person's own vector files lie, one folder a space."""
    return data_home.data_home() / data_home.OWN


IMPORTED = ImportedSource()
