"""Spaces that take pictures: their encoders, where the pictures' vectors are kept, adding one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from core import added_spaces, store
from core.catalog import Source
from core.encoders import classical, cnn, pictures
from core.encoders.cnn import CnnEncoder, CnnRecipe
from core.errors import InputError, shorten
from core.pictures import ImageEncoder
from core.space_entry import SpaceEntry
from core.types import Modality, Space

FOLDER = "pictures"


def digest(entry: SpaceEntry) -> str:
    """Stands for all that decides the vectors of pictures in this space."""
    _require(entry)
    if entry.source is Source.MINILM:
        return store.sha256(pictures.recipe().encode())
    return entry.digest


def vectors_folder(entry: SpaceEntry) -> Path:
    """Where the vectors of pictures in this space are kept."""
    return store.data_home() / FOLDER / f"{store.safe_name(entry.space.name)}-{digest(entry)[:12]}"


def open_encoder(entry: SpaceEntry) -> ImageEncoder:
    """What encodes pictures in this space.

    Raises:
        InputError: the space does not take pictures.
    """
    _require(entry)
    if entry.source is Source.CLASSICAL:
        return classical.ClassicalEncoder(entry.space)
    if entry.source is Source.CNN:
        return CnnEncoder(entry.space, read_recipe(entry), Path(entry.model))
    return pictures.PictureEncoder(entry.space)


def read_recipe(entry: SpaceEntry) -> CnnRecipe:
    """How the network of a space is built."""
    return CnnRecipe(**json.loads(entry.recipe))


def add_cnn(weights: str, recipe: CnnRecipe) -> str:
    """Lists a layer of a network with weights of this computer as a space; the space's name.

    The network runs once, which shows that it can be used and how long its vectors are.

    Raises:
        InputError: the file or the recipe cannot be used.
    """
    path = store.given_path(weights)
    if not path.is_file():
        raise InputError(
            f"There is no file “{shorten(weights)}” on this computer.",
            "A file of weights is needed: safetensors, or a PyTorch state_dict.",
            "Check the path.",
        )
    path = path.resolve()
    written = json.dumps(asdict(recipe), sort_keys=True)
    dim = CnnEncoder(Space("new", "new", 0, (Modality.IMAGE,)), recipe, path).measure()
    stem = f"{recipe.architecture}-{recipe.layer}"
    identity = f"{path} {written}"
    return added_spaces.add(
        added_spaces.free_name(stem, identity),
        Source.CNN,
        dim,
        model=str(path),
        recipe=written,
        digest=store.digest_bytes(written.encode(), store.digest_file(path).encode()),
        signature=added_spaces.signature(path),
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
