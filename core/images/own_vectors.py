"""Vectors that pictures came with: in an array beside them, or in a column of their table.

The rows of an array belong to pictures by the names that it holds; else they are the rows of the
table that names the pictures, or the pictures in the order of their paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import ExplorerError, InputError, counted, shorten
from core.base.types import FloatArray, Modality, Progress
from core.images.gallery import Gallery, Skipped
from core.readers import isolated, picture_lists, table_vectors, vector_files
from core.spaces import own_vectors, registry
from core.spaces.entry import READY, SpaceEntry, SpaceSpec
from core.spaces.own_vectors import OwnSource, OwnVectors
from core.storage import data_home

if TYPE_CHECKING:
    from core.readers.picture_folders import PackedFile
    from core.readers.vector_files import VectorRows


@dataclass(frozen=True, slots=True)
class TableRows:
    """Which rows of a table are a gallery's pictures.

    Attributes:
        count: rows of the whole table.
        rows: the row of each picture.
        chosen: the vectors that the table brings, if it does.
        model: the space that they are of, as the file says.
    """

    count: int
    rows: Sequence[int]
    chosen: table_vectors.Chosen | None
    model: str


def attach(
    gallery: Gallery,
    every: Sequence[str],
    arrays: Sequence[PackedFile],
    table: TableRows | None,
    progress: Progress,
) -> Gallery:
    """A gallery with the vectors that came with it, if some did; arrays that do not fit are named.

    Args:
        every: the paths of all pictures, in their order.
        arrays: files of vectors beside the pictures; the first that fits is taken.
    """
    if table is not None and table.chosen is not None:
        return replace(gallery, own=_of_rows(table, table.chosen))
    reasons = {}
    for array in arrays:
        try:
            own = _read(array, gallery, every, table, progress)
        except ExplorerError as error:
            reasons[array.name] = error.given.rstrip(".")
            continue
        skipped = tuple(one for one in gallery.skipped if one.id != array.name)
        gallery = replace(gallery, own=own, skipped=skipped)
        break
    named = (replace(one, reason=reasons.get(one.id, one.reason)) for one in gallery.skipped)
    return replace(gallery, skipped=tuple(named))


def from_file(
    gallery: Gallery,
    every: Sequence[str],
    path: Path,
    table: TableRows | None,
    progress: Progress,
) -> Gallery:
    """A gallery with the vectors in the file of this path; arguments as of ``attach``.

    Raises:
        InputError: it cannot be read, or its rows are not those of the pictures.
    """
    rows = vector_files.read_rows(path, vector_files.find_beside(path), progress=progress)
    return replace(gallery, own=_fitted(path.name, rows, gallery, every, table))


def from_column(gallery: Gallery, table: TableRows) -> Gallery:
    """A gallery with the vectors of its table, if it has some."""
    if table.chosen is None:
        return gallery
    return replace(gallery, own=_of_rows(table, table.chosen))


def _of_rows(table: TableRows, chosen: table_vectors.Chosen) -> OwnVectors:
    vectors = chosen.vectors
    if len(table.rows) != table.count or list(table.rows) != [*range(table.count)]:
        vectors = vectors[list(table.rows)]
    return OwnVectors(chosen.name, vectors, stated=table.model)


def _read(
    array: PackedFile,
    gallery: Gallery,
    every: Sequence[str],
    table: TableRows | None,
    progress: Progress,
) -> OwnVectors:
    with isolated.folder_with({}) as folder:
        path = array.unpacked(folder)
        rows = vector_files.read_rows(path, progress=progress)
        return _fitted(array.name, rows, gallery, every, table)


def _fitted(
    name: str,
    rows: VectorRows,
    gallery: Gallery,
    every: Sequence[str],
    table: TableRows | None,
) -> OwnVectors:
    """The vectors of a file in the order of the gallery's pictures.

    Raises:
        InputError: they are not as many, and not called like them.
    """
    count = len(rows.vectors)
    if len(rows.frame.columns):
        return OwnVectors(name, _by_name(name, rows, gallery))
    if table is not None and count == table.count:
        return OwnVectors(name, rows.vectors[list(table.rows)])
    if count == len(every):
        places = {path: at for at, path in enumerate(every)}
        return OwnVectors(name, rows.vectors[[places[one] for one in gallery.ids]])
    listed = "" if table is None else f", and their table {counted(table.count, 'row')}"
    raise InputError(
        f"“{shorten(name)}” holds {counted(count, 'vector')}, and there are "
        f"{counted(len(every), 'picture')}{listed}.",
        "A vector for each picture is needed, in the order of their paths or of the table beside "
        "them, or with their names.",
        "Save the vectors with the pictures' names: an .npz file with an array “words” beside "
        "“vectors”, or a Parquet file with their paths in a column.",
    )


def _by_name(name: str, rows: VectorRows, gallery: Gallery) -> FloatArray:
    """Vectors in the order of the pictures; NaN for one that is not named."""
    named = picture_lists.match_files(rows.frame, gallery.ids, name)
    vectors = np.full((len(gallery), rows.vectors.shape[1]), np.nan, dtype=np.float32)
    vectors[named.files] = rows.vectors[named.rows]
    return vectors


def open_own(gallery: Gallery, model: str = "") -> SpaceEntry:
    """The vectors that a gallery came with as a space, in which ``encode_gallery`` takes them.

    Args:
        model: the name of the space that they are of, as a person says; empty for none, or for
            the one that the file states.

    Raises:
        InputError: it came without, or the model is of another dimension or unknown.
    """
    if gallery.own is None:
        raise InputError(
            f"{shorten(gallery.name)} came without vectors.",
            "A file or column of vectors is needed.",
            "Have its pictures encoded in a space.",
        )
    own = replace(gallery.own, model=model or gallery.own.model)
    made = own_vectors.model_of(own, Modality.IMAGE)
    if made is None:
        return own_vectors.own_entry(own, gallery.name, Modality.IMAGE, gallery.own_digest)
    digest = data_home.digest_bytes(gallery.own_digest.encode(), made.image_digest.encode())
    about = f"The vectors that {gallery.name} came with. {made.about}"
    return SpaceEntry(SpaceSpec(made.space, about), OwnSource(made), READY, digest)


def possible_models(own: OwnVectors) -> list[str]:
    """Names of the spaces of pictures that vectors of this length may be of."""
    return [
        entry.space.name
        for entry in registry.list_spaces()
        if Modality.IMAGE in entry.space.modalities and entry.ready and entry.space.dim == own.dim
    ]


def lacking(gallery: Gallery, whole: Sequence[int]) -> list[Skipped]:
    """The pictures that are not among the rows with a whole vector."""
    there = set(whole)
    return [
        Skipped(one, "it has no whole vector")
        for row, one in enumerate(gallery.ids)
        if row not in there
    ]
