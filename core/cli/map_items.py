"""Where the items of a map come from: the vocabulary, datasets, galleries, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import Modality, Progress, no_progress
from core.cli import files
from core.graphs import map_items, models as graph_models
from core.images import openmoji, sources as image_sources, vectors as gallery_vectors
from core.images.gallery import Gallery
from core.images.map_items import from_gallery
from core.images.vectors import EncodedGallery
from core.maps.items import MapData, from_columns, from_rows
from core.readers import picture_parquet, tables, vector_files
from core.sentences import dataset as text_dataset, datasets
from core.sentences.dataset import TextDataset
from core.sentences.map_items import from_texts
from core.spaces import registry, text_vectors
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.words.map_items import from_vocabulary

WORDS = "words"
KNOWN = (
    f"{WORDS} (the vocabulary), {openmoji.NAME}, {datasets.BUNDLED}, a table or text file, a "
    "folder, ZIP archive or Parquet file of pictures, a file of vectors, a folder of graph train"
)


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
    """

    column: str | None = None
    words: Path | None = None
    limit: int | None = None
    blend: float | None = None
    language: str = "en"


DEFAULTS = Options()


def load_source(
    source: str,
    space: str = DEFAULT_SPACE,
    options: Options = DEFAULTS,
    progress: Progress = no_progress,
) -> MapData:
    """The items called ``source``, or in the file or folder of this path, in a space.

    Vectors that were encoded before are read from the disk. A file of vectors has its own space.

    Raises:
        InputError: there is nothing of this name, it cannot be used, or an option is not for it.
        Cancelled: by ``progress``; a later call goes on where this one stopped.
    """
    found = _load(source, space, options, progress)
    if options.limit is None or len(found) <= options.limit:
        return found
    return found.take(np.arange(options.limit))


def _load(source: str, space: str, options: Options, progress: Progress) -> MapData:
    path = data_home.given_path(source)
    if options.words is not None and (source == WORDS or not vector_files.holds_vectors(path)):
        raise InputError(
            f"A word list was given, and “{shorten(source)}” is no file of vectors.",
            "It names the rows of an array of vectors.",
            "Leave it out.",
        )
    if source != WORDS and (source == openmoji.NAME or _holds_pictures(path)):
        return _pictures(source, space, options, progress)
    if options.blend is not None:
        raise InputError(
            f"A blend of {options.blend:g} was asked for, and “{shorten(source)}” has no pictures.",
            "It is the caption weight in a picture's vector.",
            "Leave it out.",
        )
    if source == WORDS:
        entry = registry.find_space(space, Modality.WORD)
        return from_vocabulary(entry.vocabulary(progress)[0], options.limit)
    if (path / graph_models.ABOUT).is_file():
        return map_items.map_data(graph_models.load(path))
    if vector_files.holds_vectors(path):
        rows = vector_files.read_rows(path, options.words, limit=options.limit, progress=progress)
        return from_rows(path.stem, rows)
    entry = registry.find_space(space, Modality.TEXT)
    dataset = _texts(source, path, options.column)
    encoded = text_vectors.load_or_encode(
        dataset.texts, entry.text_encoder(), entry.text_folder, progress
    )
    return from_texts(dataset, encoded.vectors, entry.space.name)


def load_columns(source: str, columns: Sequence[str], *, standardize: bool = False) -> MapData:
    """Columns of numbers of the table in a file, or of a dataset of this name, as vectors.

    ``standardize`` as in ``map_data.from_columns``.

    Raises:
        InputError: it cannot be used.
    """
    path = data_home.given_path(source)
    if not path.exists():
        table = datasets.read_table(datasets.find_dataset(source))
    else:
        table = tables.read_table(path.name, files.read_table(source)[1])
    chosen = [column.strip() for column in columns]
    return from_columns(path.name, table.frame, chosen, standardize=standardize)


def _holds_pictures(path: Path) -> bool:
    if (path / graph_models.ABOUT).is_file():
        return False
    if path.suffix.lower() == ".parquet" and path.is_file():
        return picture_parquet.holds_pictures(path)
    archive = path.suffix.lower() == ".zip" and not vector_files.holds_vectors(path)
    return path.is_dir() or archive


def _pictures(source: str, space: str, options: Options, progress: Progress) -> MapData:
    entry = registry.find_space(space, Modality.IMAGE)
    gallery = image_sources.load_gallery(source, options.language, options.column)
    blend = _blend(gallery, entry, options)
    return from_gallery(_encode(gallery, entry, blend, progress), space, blend)


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


def _texts(source: str, path: Path, column: str | None) -> TextDataset:
    if not path.exists():
        names = [entry.name for entry in datasets.list_datasets()]
        if source not in names:
            raise InputError(
                f"There is nothing called “{shorten(source)}” and no such file.",
                f"Known: {KNOWN}.",
                "Check the name.",
            )
        return datasets.load_texts(datasets.find_dataset(source), column)
    _, data = files.read_table(source)
    table = tables.read_table(path.name, data)
    return text_dataset.from_table(path.name, table, column, data_home.sha256(data))
