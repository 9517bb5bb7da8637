"""Kinds of spaces that a person adds to the list: each added space is described by a JSON file."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from core.base.types import Modality
from core.spaces.entry import Source, SpaceEntry, SpaceSpec
from core.storage import data_home

FOLDER = "spaces"


class AddableSource(Source):
    """A kind whose spaces are added, by ``core.spaces.added``.

    Its method ``probe`` gives the space that a person asks for, without listing it.

    Attributes:
        modalities: what an added space takes.
    """

    modalities: ClassVar[tuple[Modality, ...]] = (Modality.TEXT,)

    @abstractmethod
    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """What a description says, checked, and with a sentence about it.

        Raises:
            ExplorerError, ValueError: it cannot be what was added.
        """

    def removable(self, entry: SpaceEntry) -> bool:
        """Whether there is a description to delete."""
        return description_path(entry.space.name).is_file()

    def remove(self, entry: SpaceEntry) -> None:
        """Takes an added space off the list; downloads and vectors stay."""
        path = description_path(entry.space.name)
        with data_home.storage_errors("delete", path):
            path.unlink(missing_ok=True)


def descriptions_folder() -> Path:
    """Where the descriptions of added spaces lie."""
    return data_home.data_home() / FOLDER


def description_path(name: str) -> Path:
    """The description of the added space of this name."""
    return descriptions_folder() / f"{name}.json"
