"""What ``train head`` and ``train clicks`` share: the items, their vectors, where the head goes."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import InputError, NotReadyError, shorten
from core.base.types import FloatArray, Modality
from core.cli import files, table_options, texts, train_options
from core.cli.progress import StderrProgress
from core.heads import export, label_texts, store
from core.heads.label_texts import Encode
from core.heads.store import Origin
from core.images import galleries, openmoji, vectors as gallery_vectors
from core.images.gallery import Gallery
from core.images.sources import load_gallery
from core.sentences import datasets
from core.spaces import registry
from core.spaces.catalog import DEFAULT_PICTURES, DEFAULT_SPACE
from core.spaces.sources.head import HeadFile
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Items:
    """Items with their vectors ``(n, d)``, what is known of each, their ids, and pictures if any.

    ``captions`` ``(n, d)`` are those of pictures, zero for none, where the base takes texts and
    they have any; ``encode`` gives its vectors ``(m, d)`` of texts.
    """

    origin: Origin
    vectors: FloatArray
    frame: pd.DataFrame
    ids: list[str]
    captions: FloatArray | None = None
    encode: Encode | None = None
    gallery: Gallery | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The data, the base, and where the head goes."""
    parser.add_argument(
        "source",
        help="a gallery (openmoji, a folder, ZIP archive or Parquet file of pictures, one that is "
        "in the app), or a table of texts",
    )
    parser.add_argument("--out", metavar="DIR", help="the folder to write")
    parser.add_argument(
        "--name", help="keep the head under this name, as an embedding model of the app"
    )
    parser.add_argument(
        "--base",
        metavar="SPACE",
        help=f"default: {DEFAULT_PICTURES} of pictures, {DEFAULT_SPACE} of texts",
    )
    parser.add_argument("--texts", action="store_true", help="SOURCE is a table of texts")
    table_options.add_column(parser, "the column with the texts; default: the likeliest")
    table_options.add_arguments(parser)


def new_folder(options: argparse.Namespace) -> Path | None:
    """Where ``--out`` leads, and that ``--name`` is free, before anything is trained.

    Raises:
        InputError: one of them cannot be used, or neither is given.
    """
    out = train_options.given_out(options, "The head goes into a folder, or is kept in the app.")
    if out is not None and (out.is_file() or (out.is_dir() and any(out.iterdir()))):
        raise InputError(
            f"“{shorten(options.out)}” is there already.",
            "The head is written into a new folder.",
            "Change --out.",
        )
    if options.name is not None:
        store.require_free(options.name)
    return out


def open_items(
    options: argparse.Namespace, progress: StderrProgress, *, with_texts: bool = False
) -> Items:
    """The items of ``source`` in the space ``--base``, encoded where they have to be.

    Raises:
        InputError: the source or the space is not there.
        Cancelled: by ``progress``.
    """
    if options.texts or _is_table(options.source):
        chosen = table_options.choice(options)
        opened = texts.open_texts(
            table_options.read(options.source, chosen),
            chosen,
            options.base or DEFAULT_SPACE,
            progress,
        )
        dataset = opened.dataset
        ids = [str(number) for number in dataset.numbers]
        origin = Origin(opened.entry, Modality.TEXT, dataset.name)
        return Items(origin, opened.vectors.vectors, dataset.metadata, ids)
    gallery = find_gallery(options.source)
    base = registry.find_space(options.base or registry.default_of_pictures(), Modality.IMAGE)
    encoder = base.text_encoder() if with_texts and label_texts.takes_texts(base) else None
    encode = None if encoder is None else label_texts.encode_in(base, encoder, progress)
    encoded = gallery_vectors.encode_gallery(gallery, base, base.image_encoder(), encoder, progress)
    known = encoded.gallery
    origin = Origin(base, Modality.IMAGE, known.name)
    return Items(origin, encoded.pictures, known.frame, known.ids, encoded.captions, encode, known)


def find_gallery(source: str) -> Gallery:
    """The gallery in a file or folder if there is one, else that of the app of this name.

    Raises:
        InputError: there is none.
    """
    brought = {entry.name: entry for entry in galleries.list_galleries()}
    if source in brought and not data_home.given_path(source).exists():
        return galleries.load(brought[source])
    return load_gallery(source)


def _is_table(source: str) -> bool:
    """Whether a source is texts: by its ending, or as a dataset of the app."""
    if source == openmoji.NAME:
        return False
    endings = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx")
    named = {entry.name for entry in datasets.list_datasets()}
    return source in named or Path(source).suffix.lower() in endings


def put(kept: HeadFile, options: argparse.Namespace, out: Path | None) -> list[str]:
    """Writes a head with its exports into ``out``, and keeps it where it has a name.

    Returns:
        What could not be written, and why: the package onnx need not be installed.

    Raises:
        InputError: its name is taken.
        StorageError: it cannot be written.
    """
    notes = []
    if out is not None:
        store.write(kept, out)
        for name, make in export.files(kept):
            try:
                files.write_out(out / name, make())
            except NotReadyError as error:
                notes.append(f"{name} was left out. {error}")
    if options.name is not None:
        store.keep(kept)
    return notes
