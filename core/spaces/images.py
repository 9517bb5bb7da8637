"""Spaces that take pictures: their encoders, where the pictures' vectors are kept, adding one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten
from core.base.types import Modality, Space
from core.readers.pictures import ImageEncoder
from core.spaces import added, texts as text_spaces
from core.spaces.catalog import Source
from core.spaces.encoders import classical, cnn, minilm_pictures
from core.spaces.encoders.clip import ClipEncoder, ClipRecipe
from core.spaces.encoders.cnn import CnnEncoder, CnnRecipe
from core.spaces.entry import SpaceEntry
from core.storage import data_home

__all__ = [
    "ClipRecipe",
    "CnnRecipe",
    "add_clip",
    "add_cnn",
    "digest",
    "open_encoder",
    "read_recipe",
    "suggested_architectures",
    "vectors_folder",
]

FOLDER = "pictures"


def digest(entry: SpaceEntry) -> str:
    """Stands for all that decides the vectors of pictures in this space."""
    _require(entry)
    if entry.source is Source.MINILM:
        return data_home.sha256(minilm_pictures.recipe().encode())
    return entry.digest


def vectors_folder(entry: SpaceEntry) -> Path:
    """Where the vectors of pictures in this space are kept."""
    return (
        data_home.data_home()
        / FOLDER
        / f"{data_home.safe_name(entry.space.name)}-{digest(entry)[:12]}"
    )


def open_encoder(entry: SpaceEntry) -> ImageEncoder:
    """What encodes pictures in this space.

    Raises:
        InputError: the space does not take pictures.
    """
    _require(entry)
    if entry.source is Source.CLASSICAL:
        return classical.ClassicalEncoder(entry.space)
    if entry.source is Source.CLIP:
        return text_spaces.open_clip_encoder(entry)
    if entry.source is Source.CNN:
        return CnnEncoder(entry.space, read_recipe(entry), Path(entry.model))
    return minilm_pictures.PictureEncoder(entry.space)


def read_recipe(entry: SpaceEntry) -> CnnRecipe:
    """How the network of a space is built."""
    return CnnRecipe(**json.loads(entry.recipe))


def add_cnn(weights: str, recipe: CnnRecipe) -> str:
    """Lists a layer of a network with weights of this computer as a space; the space's name.

    The network runs once, which shows that it can be used and how long its vectors are.

    Raises:
        InputError: the file or the recipe cannot be used.
    """
    path = _given_file(weights)
    dim = CnnEncoder(Space("new", "new", 0, (Modality.IMAGE,)), recipe, path).measure()
    return _add(f"{recipe.architecture}-{recipe.layer}", Source.CNN, dim, path, asdict(recipe))


def add_clip(weights: str, recipe: ClipRecipe) -> str:
    """Lists an open_clip model with weights of this computer as a space; the space's name.

    Raises:
        InputError: the file or the architecture cannot be used.
    """
    path = _given_file(weights)
    space = Space("new", "new", 0, (Modality.TEXT, Modality.IMAGE))
    dim = ClipEncoder(space, recipe, path).measure()
    return _add(f"clip-{recipe.architecture}", Source.CLIP, dim, path, asdict(recipe))


def _given_file(weights: str) -> Path:
    path = data_home.given_path(weights)
    if not path.is_file():
        raise InputError(
            f"There is no file “{shorten(weights)}” on this computer.",
            "A file of weights is needed: safetensors, or a PyTorch state_dict.",
            "Check the path.",
        )
    return path.resolve()


def _add(stem: str, source: Source, dim: int, path: Path, recipe: dict[str, Any]) -> str:
    written = json.dumps(recipe, sort_keys=True)
    identity = f"{path} {written}"
    return added.add(
        added.free_name(stem, identity),
        source,
        dim,
        model=str(path),
        recipe=written,
        digest=data_home.digest_bytes(written.encode(), data_home.digest_file(path).encode()),
        signature=added.signature(path),
    )


def suggested_architectures() -> tuple[str, ...]:
    """Networks that are asked for most."""
    return cnn.SUGGESTED


def _require(entry: SpaceEntry) -> None:
    if Modality.IMAGE not in entry.space.modalities:
        raise InputError(
            f"{entry.space.title} takes no pictures.",
            "A space with an encoder of pictures is needed.",
            "Choose another space, such as minilm.",
        )
