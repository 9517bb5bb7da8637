"""Where the items of a map come from: the vocabulary, datasets, galleries, files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import InputError, VectorFileError, listed, shorten
from core.base.types import Modality, Progress, no_progress
from core.cli import images_gallery, source_kinds, table_options
from core.cli.progress import StderrProgress
from core.cli.texts import open_texts
from core.graphs import map_items, models as graph_models
from core.images import sources as image_sources, vectors as gallery_vectors
from core.images.gallery import Gallery
from core.images.map_items import from_gallery
from core.images.vectors import EncodedGallery
from core.maps.colors import numeric_columns
from core.maps.items import MapData, from_columns, from_rows, with_digest
from core.readers import table_vectors, tables, vector_files
from core.readers.vector_files import VectorRows
from core.sentences import datasets
from core.sentences.map_items import from_texts
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import known_name
from core.storage import data_home
from core.words.map_items import from_vocabulary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How a source is read, whatever it is: which columns and words, and of tables all the rest."""
    table_options.add_column(parser, "the column with the texts or captions")
    parser.add_argument("--word-list", metavar="FILE", help="the words beside an array of vectors")
    parser.add_argument("--language", default="en", help="of the emoji's captions")
    images_gallery.add_boxes(parser)
    table_options.add_arguments(parser)


@dataclass(frozen=True, slots=True)
class Options:
    """What is chosen about a source.

    Attributes:
        column: the column with the texts, or with the captions.
        words: the word list or metadata beside a file of vectors.
        limit: only the first so many items.
        blend: share of the caption in a picture's vector; ``None`` as for searching.
            Given for what has no pictures it is an error.
        language: of the emoji's captions.
        boxes: each box of a picture is one. Given for what has no pictures it is an error.
        table: how a table is read, and what its columns are for.
    """

    column: str | None = None
    words: Path | None = None
    limit: int | None = None
    blend: float | None = None
    language: str = "en"
    boxes: bool = False
    table: table_options.Choice = table_options.DEFAULT


DEFAULTS = Options()


def load_source(
    source: str,
    space: str | None = None,
    options: Options = DEFAULTS,
    progress: Progress = no_progress,
) -> MapData:
    """The items called ``source``, or in the file or folder of this path, in a space.

    Vectors that were encoded before are read from the disk. A file of vectors has its own space,
    and so have the rows of a table that brings its vectors, unless ``space`` says otherwise.

    Raises:
        InputError: there is nothing of this name, it cannot be used, or an option is not for it.
        Cancelled: by ``progress``; a later call goes on where this one stopped.
    """
    return load(source, space, options, progress).data


@dataclass(frozen=True, slots=True)
class Loaded:
    """Items of a map, and what was detected of the table or file that they are from."""

    data: MapData
    told: dict[str, Any] = field(default_factory=dict)


def load(
    source: str,
    space: str | None = None,
    options: Options = DEFAULTS,
    progress: Progress = no_progress,
) -> Loaded:
    """As ``load_source``, with what was detected.

    Raises:
        InputError, Cancelled: as ``load_source``.
    """
    path = data_home.given_path(source)
    if (pair := vector_files.pair_in(path)) is not None:
        path, options = pair[0], replace(options, words=options.words or pair[1])
        source = str(path)
    _require_words(source, path, options)
    if not _is_other(source, path, options):
        if vector_files.holds_vectors(path):
            found = _vectors(path, options, progress)
        else:
            found = _table(source, space, options, progress)
    else:
        found = Loaded(_other(source, path, space, options, progress))
    if options.limit is None or len(found.data) <= options.limit:
        return found
    return replace(found, data=found.data.take(np.arange(options.limit)))


def _require_words(source: str, path: Path, options: Options) -> None:
    if options.words is not None and (
        source == source_kinds.WORDS or not vector_files.holds_vectors(path)
    ):
        raise InputError(
            f"A word list was given, and “{shorten(source)}” is no file of vectors.",
            "It names the rows of an array of vectors.",
            "Leave it out.",
        )


def _is_other(source: str, path: Path, options: Options) -> bool:
    """Whether a source is neither a table nor a file of vectors."""
    pictures = source_kinds.is_pictures(source, path)
    if options.blend is not None and not pictures:
        raise InputError(
            f"A blend of {options.blend:g} was asked for, and “{shorten(source)}” has no pictures.",
            "It is the caption weight in a picture's vector.",
            "Leave it out.",
        )
    if not pictures:
        images_gallery.require_no_boxes(source, boxes=options.boxes)
    return source == source_kinds.WORDS or pictures or (path / graph_models.ABOUT).is_file()


def _other(
    source: str, path: Path, space: str | None, options: Options, progress: Progress
) -> MapData:
    if source == source_kinds.WORDS:
        entry = registry.find_space(space or DEFAULT_SPACE, Modality.WORD)
        return from_vocabulary(entry.vocabulary(progress)[0], options.limit)
    if (path / graph_models.ABOUT).is_file():
        return map_items.map_data(graph_models.load(path))
    return _pictures(source, space, options, progress)


def read_rows(path: Path, options: Options, progress: Progress) -> VectorRows:
    """The vectors of a file, with the table that lies beside it where it has as many rows."""
    if options.words is None and (beside := vector_files.find_beside(path)) is not None:
        try:
            rows = vector_files.read_rows(path, beside, limit=options.limit, progress=progress)
        except VectorFileError:  # it is of something else
            return vector_files.read_rows(path, limit=options.limit, progress=progress)
        note = f"“{shorten(beside.name)}” beside it says what is known of each row."
        return replace(rows, notes=(note, *rows.notes))
    return vector_files.read_rows(path, options.words, limit=options.limit, progress=progress)


def _vectors(path: Path, options: Options, progress: Progress) -> Loaded:
    rows = read_rows(path, options, progress)
    told = {
        "detected": {"format": rows.format, "columns": {"label": rows.label}},
        "rows": len(rows.labels),
        "left_out": [],
    }
    return Loaded(from_rows(path.stem, rows), told)


def load_columns(
    source: str,
    columns: Sequence[str],
    *,
    standardize: bool = False,
    choice: table_options.Choice = table_options.DEFAULT,
) -> Loaded:
    """Columns of numbers of the table in a file, or of a dataset of this name, as vectors.

    ``standardize`` as in ``map_data.from_columns``.

    Raises:
        InputError: it cannot be used.
    """
    found = table_options.read(source, choice)
    chosen = [column.strip() for column in columns]
    frame, called = found.table.frame, choice.text
    data = from_columns(found.name, frame, chosen, standardize=standardize, called=called)
    return Loaded(data, table_options.told(found, choice))


def load_chosen(
    options: argparse.Namespace, source: str, space: str | None, *, standardize: bool
) -> Loaded:
    """As ``load``, by the options of the verb ``map``; ``standardize`` as of ``load_columns``.

    Raises:
        InputError, Cancelled: as ``load`` and ``load_columns``.
    """
    chosen = Options(
        options.column,
        None if options.word_list is None else data_home.given_path(options.word_list),
        options.limit,
        options.blend,
        options.language,
        options.boxes,
        table_options.choice(options),
    )
    if options.columns is not None:
        columns = options.columns.split(",")
        return load_columns(source, columns, standardize=standardize, choice=chosen.table)
    if standardize:
        raise InputError("--standardize was given without --columns.", "", "Name the columns.")
    return load(source, space, chosen, StderrProgress())


def _pictures(source: str, space: str | None, options: Options, progress: Progress) -> MapData:
    vectors = options.table.vectors
    choice = image_sources.Choice(options.column, vectors or "", boxes=options.boxes)
    gallery = image_sources.load_gallery(source, options.language, choice)
    entry = images_gallery.open_space(gallery, vectors, space)
    blend = _blend(gallery, entry, options)
    return from_gallery(_encode(gallery, entry, blend, progress), known_name(entry), blend)


def _encode(
    gallery: Gallery, entry: SpaceEntry, blend: float, progress: Progress
) -> EncodedGallery:
    texts = entry.text_encoder() if blend else None
    encoder = entry.image_encoder()
    return gallery_vectors.encode_gallery(gallery, entry, encoder, texts, progress)


def _blend(gallery: Gallery, entry: SpaceEntry, options: Options) -> float:
    if Modality.TEXT not in entry.space.modalities and options.blend is None:
        return 0.0
    return gallery_vectors.choose_blend(gallery, options.blend)


def _table(source: str, space: str | None, options: Options, progress: Progress) -> Loaded:
    """The rows of a table: by its vectors, by its texts, or by its numbers where it has no text."""
    if not data_home.given_path(source).exists():
        names = [entry.name for entry in datasets.list_datasets()]
        if source not in names:
            raise InputError(
                f"There is nothing called “{shorten(source)}” and no such file.",
                f"Known: {source_kinds.KNOWN}.",
                "Check the name.",
            )
    choice = options.table
    found = table_options.read(source, choice)
    frame = found.table.frame
    numbers = numeric_columns(frame)
    plain = not tables.text_columns(frame) and choice.text is None
    has_vectors = table_vectors.choose(frame, found.table.vectors, choice.vectors) is not None
    if plain and numbers and not has_vectors:
        data = from_columns(found.name, frame, numbers)
        note = f"No column holds text: the numbers of {listed(numbers)} are the vectors."
        data = replace(data, notes=(*found.table.notes, *data.notes, note))
        return Loaded(data, table_options.told(found, choice))
    texts = open_texts(found, choice, space, progress)
    name = known_name(texts.entry)
    data = from_texts(texts.dataset, texts.vectors.vectors, name)
    if choice.row_id is not None:
        ids = table_options.row_ids(found, choice, texts.dataset)
        data = with_digest(replace(data, ids=ids))
    return Loaded(data, table_options.told(found, choice, texts.dataset))
