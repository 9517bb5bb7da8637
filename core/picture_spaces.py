"""Spaces that take pictures: their encoders, and where the pictures' vectors are kept."""

from __future__ import annotations

from pathlib import Path

from core import store
from core.catalog import Source
from core.encoders import pictures
from core.errors import InputError
from core.pictures import ImageEncoder
from core.space_entry import SpaceEntry
from core.types import Modality

FOLDER = "pictures"


def digest(entry: SpaceEntry) -> str:
    """Stands for all that decides the vectors of pictures in this space."""
    _require(entry)
    return store.sha256(pictures.recipe().encode())


def vectors_folder(entry: SpaceEntry) -> Path:
    """Where the vectors of pictures in this space are kept."""
    return store.data_home() / FOLDER / f"{store.safe_name(entry.space.name)}-{digest(entry)[:12]}"


def open_encoder(entry: SpaceEntry) -> ImageEncoder:
    """What encodes pictures in this space.

    Raises:
        InputError: the space does not take pictures.
    """
    _require(entry)
    return pictures.PictureEncoder(entry.space)


def _require(entry: SpaceEntry) -> None:
    takes = Modality.IMAGE in entry.space.modalities and entry.source is Source.MINILM
    if not takes:
        raise InputError(
            f"{entry.space.title} takes no pictures.",
            "A space with an encoder of pictures is needed.",
            "Choose another space, such as minilm.",
        )
