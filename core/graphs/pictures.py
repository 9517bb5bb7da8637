"""Pictures of entities: a gallery whose ids, captions or a column name the entities of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from core.base.errors import InputError, counted, shorten
from core.base.types import FloatArray, Progress, no_progress
from core.graphs.graph import Graph
from core.graphs.sentence_query import letters
from core.images import vectors as gallery_vectors
from core.images.gallery import Gallery
from core.images.thumbnails import thumbnail
from core.readers.picture_folders import SUFFIXES
from core.readers.pictures import ImageEncoder
from core.readers.tables import cell_text
from core.spaces.entry import SpaceEntry

ID, CAPTION, FOLDER = "id", "caption", "folder"  # what a picture is matched by, beside its columns


@dataclass(frozen=True, slots=True)
class EntityPictures:
    """Which picture of a gallery each entity has.

    Attributes:
        rows: of the gallery, by the number of the entity; an entity without a picture is not there.
        by: what they were matched by: ``ID``, ``CAPTION``, ``FOLDER`` or a column.
        several: how many entities have further pictures, of which the first one is taken.
        entities: how many the graph has.
    """

    gallery: Gallery
    rows: Mapping[int, int]
    by: str
    several: int
    entities: int

    def id(self, entity: int) -> str:
        """The id of an entity's picture; empty where it has none."""
        return self.gallery.ids[self.rows[entity]] if entity in self.rows else ""

    def small(self, entity: int) -> bytes | None:
        """An entity's picture as a small WebP; ``None`` where it has none that can be opened."""
        return thumbnail(self.gallery, self.rows[entity]) if entity in self.rows else None

    def told(self) -> str:
        """How many entities have a picture, and how many not."""
        none = self.entities - len(self.rows)
        more = f" {self.several:,} have several, of which the first is taken." * bool(self.several)
        return (
            f"{len(self.rows):,} of {counted(self.entities, 'entity')} have a picture, by the "
            f"{shorten(self.by, 40)}; {none:,} have none.{more}"
        )


def encode(
    found: EntityPictures,
    entry: SpaceEntry,
    encoder: ImageEncoder,
    progress: Progress = no_progress,
) -> FloatArray:
    """Unit vectors ``(n, dim)`` of the entities' pictures; zeros where one has none that opens.

    Raises:
        PictureError: not one of them can be opened.
        Cancelled: by ``progress``.
    """
    held = sorted(found.rows)
    some = found.gallery.take([found.rows[entity] for entity in held])
    encoded = gallery_vectors.encode_gallery(some, entry, encoder, None, progress)
    by_id = dict(zip(encoded.gallery.ids, encoded.pictures, strict=True))
    vectors = np.zeros((found.entities, encoded.pictures.shape[1]), dtype=np.float32)
    for entity in held:
        if (own := by_id.get(found.id(entity))) is not None:
            vectors[entity] = own
    return vectors


def fields(gallery: Gallery) -> list[str]:
    """What the pictures of a gallery can be matched by."""
    own = [ID] + [CAPTION] * (gallery.captions is not None)
    own += [FOLDER] * any("/" in one for one in gallery.ids)
    return [*dict.fromkeys((*own, *map(str, gallery.frame.columns)))]


def join(graph: Graph, gallery: Gallery, by: str = "") -> EntityPictures:
    """The pictures of a graph's entities: those that are called by an entity's id or name.

    Letters and digits count, not their case, nor the ending of a picture's file.

    Args:
        by: one of ``fields``; empty takes that which gives most entities a picture.

    Raises:
        InputError: the gallery has nothing of this name, or no entity has a picture.
    """
    known = fields(gallery)
    if by and by not in known:
        raise InputError(
            f"The pictures of “{shorten(gallery.name)}” have no “{shorten(by)}”.",
            f"They have: {', '.join(shorten(one, 30) for one in known[:30])}.",
            "Name one of these.",
        )
    names = [
        [letters(name) for name in dict.fromkeys((entity, graph.labels.get(entity, entity)))]
        for entity in graph.entities
    ]
    found = [_match(graph, gallery, one, names) for one in ([by] if by else known)]
    best = max(found, key=lambda one: len(one.rows))
    if not best.rows:
        raise InputError(
            f"No picture of “{shorten(gallery.name)}” is called as an entity of {graph.name}.",
            f"Looked at: {', '.join(shorten(one.by, 30) for one in found)}; an entity is such as "
            f"“{shorten(graph.label(0))}”.",
            "Take another gallery, or one with a column of the entities' ids or names.",
        )
    return best


def _match(
    graph: Graph, gallery: Gallery, by: str, names: Sequence[Sequence[str]]
) -> EntityPictures:
    held: dict[str, list[int]] = {}
    for row, value in enumerate(_values(gallery, by)):
        if key := letters(value):
            held.setdefault(key, []).append(row)
    found = {
        entity: next((held[key] for key in keys if key in held), [])
        for entity, keys in enumerate(names)
    }
    rows = {entity: own[0] for entity, own in found.items() if own}
    several = sum(len(own) > 1 for own in found.values())
    return EntityPictures(gallery, rows, by, several, len(graph.entities))


def _values(gallery: Gallery, by: str) -> list[str]:
    """What each picture is called by one of ``fields``."""
    if by == ID:
        return [_stem(one) for one in gallery.ids]
    if by == CAPTION and gallery.captions is not None:
        return gallery.captions
    if by == FOLDER and by not in gallery.frame.columns:
        return [PurePosixPath(one).parent.name for one in gallery.ids]
    column: list[Any] = gallery.frame[by].tolist()
    return [cell_text(value) for value in column]


def _stem(name: str) -> str:
    """The name of a file without its folders and ending; what is no file as it is."""
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in SUFFIXES else name
