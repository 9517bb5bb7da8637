"""What stands for a value of ours in the key of a cache: names and digests, never arrays.

Each cached function with parameters has ``hash_funcs=DIGESTS``. Streamlit finds a type there by its
full name: a subclass or a Protocol is not found, and of what it does not find it hashes all fields,
of a large array a sample. So a parameter has a type that is in the table, a plain one (numbers,
enumerations, bytes), or a name that begins with ``_``: such a one takes no part in the key, and
only what the others decide, or what changes no result (progress), has one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import StorageError
from core.base.types import Modality
from core.generation.request import Request
from core.graphs.graph import Graph
from core.graphs.models import GraphModel
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.images.keypoints import KeyPoints
from core.images.map_items import GalleryOrigin
from core.maps.clusters import Grouping
from core.maps.growth import Grown
from core.maps.items import MapData, Origin
from core.maps.recipe import Recipe
from core.sentences.dataset import EncodedTexts, TextDataset
from core.sentences.datasets import DatasetEntry
from core.spaces.entry import SpaceEntry
from core.storage import data_home


def _space(entry: SpaceEntry) -> tuple[str, str]:
    """All that the list says, and what decides pictures: an entry of MiniLM tells of texts only.

    The kind by its name: as an object it would tell where it lies in memory.
    """
    pictures = ""
    if Modality.IMAGE in entry.space.modalities:
        with suppress(StorageError):  # whoever encodes pictures meets it, and can tell of it
            pictures = entry.image_digest
    told = [getattr(entry, field.name) for field in fields(entry) if field.name != "source"]
    return repr([type(entry.source).__qualname__, *told]), pictures


def _origin(origin: Origin | None) -> tuple[object, ...]:
    """Its kind and its fields: what is taken of a map's items is made from the same."""
    if origin is None:
        return ()
    values = [getattr(origin, field.name) for field in fields(origin)]  # all are dataclasses
    return type(origin).__name__, *(DIGESTS.get(type(value), repr)(value) for value in values)


def _request(request: Request) -> tuple[object, ...]:
    """Its fields; of the pictures to begin from, what is on them."""
    plain = repr(replace(request, vector=None, negative_vector=None, source=None))
    if request.source is None:
        return plain, request.vector, request.negative_vector
    pictures = [
        (picture.size, data_home.sha256(picture.convert("RGBA").tobytes()))
        for picture in (request.source.image, request.source.mask)
        if picture is not None
    ]
    return plain, request.vector, request.negative_vector, request.source.strength, pictures


def _text(text: str) -> bytes:
    """With its length: Streamlit sets the parts of a list side by side without a border."""
    return f"{len(text)}:".encode() + text.encode("utf-8", "surrogatepass")


# Entries by all they say: what a person reads of them is in results as well. The types of the
# caches' own modules by their names, since these modules import this one.
DIGESTS: dict[str | type[Any], Callable[[Any], object]] = {
    str: _text,
    type(Path()): str,
    np.ndarray: lambda array: (array.shape, array.dtype.str, data_home.sha256(array.tobytes())),
    SpaceEntry: _space,
    DatasetEntry: repr,
    TextDataset: lambda dataset: (dataset.name, dataset.digest, dataset.notes),
    EncodedTexts: lambda texts: (texts.entry, texts.dataset),
    GalleryEntry: repr,
    Gallery: lambda gallery: (gallery.name, gallery.digest),
    KeyPoints: lambda points: [getattr(points, field.name) for field in fields(points)],
    GalleryOrigin: repr,
    MapData: lambda data: (
        data.digest,
        data.space,
        data.modality,
        data.notes,
        data.tags,
        _origin(data.origin),
    ),
    Grown: lambda grown: (grown.old.digest, grown.data.digest),
    Recipe: repr,
    Grouping: repr,
    Graph: lambda graph: (graph.name, graph.digest),
    GraphModel: lambda model: (model.graph.name, model.digest),
    Request: _request,
    "core.cache.images.OpenGallery": lambda opened: opened.key,
    "core.cache.keypoints.Source": lambda source: source.digest,
    "core.cache.maps.Made": lambda made: made.key,
    "core.graphs.pictures.EntityPictures": lambda found: (  # it is not imported for the first page
        found.gallery.digest,
        sorted(found.rows.items()),
        found.entities,
    ),
}


def digest(*values: object) -> str:
    """One text that stands for several values, for the names of jobs and widgets."""
    return data_home.sha256(
        repr([DIGESTS.get(type(value), repr)(value) for value in values]).encode()
    )
