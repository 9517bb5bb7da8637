"""``python -m core encode``: the vectors of texts or pictures as a file."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.columns import Columns, export_columns
from core.base.errors import InputError, StorageError
from core.base.types import FloatArray
from core.cli import engines, files, images_gallery, map_items, source_kinds, table_options
from core.cli.progress import StderrProgress
from core.cli.texts import find_space, open_texts
from core.export import picture_parquet, vector_files as exported
from core.images import (
    shipped_vectors,
    sources as image_sources,
    vectors as gallery_vectors,
)
from core.images.gallery import Gallery
from core.images.sources import Choice
from core.readers import isolated, object_stores, table_vectors
from core.spaces import text_vectors, vector_store
from core.spaces.catalog import DEFAULT_PICTURES, DEFAULT_SPACE
from core.spaces.own_vectors import OwnSource, known_name
from core.storage import data_home

HELP = "The vectors of texts or pictures as Parquet, NPY and CSV, FAISS, or projector files."


@dataclass(frozen=True, slots=True)
class Encoded:
    """What is written: vectors ``(n, dim)``, a row of columns for each, and their space."""

    vectors: FloatArray
    columns: Columns
    space: str
    encoded: int
    told: dict[str, Any]
    gallery: Gallery | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is encoded, in which space, and where to."""
    add_source(parser)
    parser.add_argument(
        "--out",
        metavar="FILE",
        required=True,
        help="ends in .parquet, .npy (with a CSV beside it), .faiss (the same), or is a folder for "
        "the Embedding Projector",
    )
    parser.add_argument(
        "--with-pictures",
        action="store_true",
        help="of pictures in a folder or object store: put their files into the Parquet file, "
        "which then opens as a gallery wherever it is",
    )


def add_source(parser: argparse.ArgumentParser) -> None:
    """What is encoded, and in which space."""
    parser.add_argument("source", help=source_kinds.KNOWN)
    parser.add_argument(
        "--space",
        help="an embedding model's name (default: the vectors that a table or gallery has, else "
        f"{DEFAULT_SPACE}, of pictures {DEFAULT_PICTURES})",
    )
    engines.add_arguments(parser)
    map_items.add_arguments(parser)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Writes the vectors, in the form that the docs state.

    Raises:
        InputError: the options do not go together, or what they name cannot be used.
    """
    out = data_home.given_path(options.out)
    if out.suffix and out.suffix.lower() not in exported.ENDINGS:
        raise InputError(
            f"--out ends in {out.suffix}.",
            f"It ends in {', '.join(exported.ENDINGS)}, or is a folder.",
            "Change --out.",
        )
    found = encode(options)
    try:
        written = _write(out, found, whole=options.with_pictures)
    except (StorageError, OSError) as error:
        given = error.given if isinstance(error, StorageError) else f"{out}: {error.strerror}."
        raise InputError(given, "A place that can be written to.", "Change --out.") from error
    count = len(found.vectors)
    return {
        "count": count,
        "dim": int(found.vectors.shape[1]),
        "space": found.space,
        "encoded": found.encoded,
        "from_store": count - found.encoded,
        "files": [str(path) for path in written],
    } | found.told


def _write(out: Path, found: Encoded, *, whole: bool) -> list[Path]:
    if whole:
        gallery = found.gallery
        if out.suffix.lower() != ".parquet" or gallery is None:
            raise InputError(
                "--with-pictures was given.",
                "Pictures go into a Parquet file.",
                "Leave it out, or let --out end in .parquet and name pictures.",
            )
        places = gallery_vectors.require_places(gallery)
        picture_parquet.write(out, places, found.columns, found.vectors, found.space)
        return [out]
    opened = None if found.gallery is None else found.gallery.open
    return exported.write(out, found.vectors, found.columns, found.space, pictures=opened)


def encode(options: argparse.Namespace) -> Encoded:
    """The vectors ``(n, dim)`` that the options of ``add_source`` ask for.

    Raises:
        InputError: they do not go together, or what they name cannot be used.
    """
    engines.require(options)
    if object_stores.is_address(options.source):
        return _stored(options)
    path = data_home.given_path(options.source)
    if source_kinds.is_pictures(options.source, path):
        return _pictures(options)
    images_gallery.require_no_boxes(options.source, boxes=options.boxes)
    if source_kinds.is_table(options.source, path):
        return _texts(options)
    if options.engine != engines.HERE:
        raise engines.not_by(options)
    words = None if options.word_list is None else data_home.given_path(options.word_list)
    chosen = map_items.Options(options.column, words, table=table_options.choice(options))
    data = map_items.load(options.source, options.space, chosen, StderrProgress()).data
    frame = {str(name): data.frame[name].tolist() for name in data.frame.columns}
    columns = export_columns({"id": data.ids, "text": data.texts}, frame)
    return Encoded(data.vectors, columns, data.space, 0, {})


def _texts(options: argparse.Namespace) -> Encoded:
    chosen = table_options.choice(options)
    source = table_options.read(options.source, chosen)
    own = table_vectors.choose(source.table.frame, source.table.vectors, chosen.vectors)
    missing = 0
    if own is None or (options.space is not None and chosen.vectors is None):
        entry = find_space(DEFAULT_SPACE if options.space is None else options.space)
        plain = table_options.Choice(chosen.given, chosen.text, table_vectors.NONE)
        texts = table_options.texts(source, plain).texts
        missing = text_vectors.count_missing(texts, entry.text_folder)
    engine = None if missing == 0 else engines.of_texts(options)
    found = open_texts(source, chosen, options.space, StderrProgress(), engine=engine)
    name = known_name(found.entry)
    told = table_options.told(source, chosen, found.dataset)
    if found.dataset.notes:
        told["notes"] = list(found.dataset.notes)
    return Encoded(found.vectors.vectors, found.dataset.columns(), name, missing, told)


def _stored(options: argparse.Namespace) -> Encoded:
    """Pictures of an object store where they lie; else a table, or the parts of one, is fetched."""
    found = object_stores.listing(options.source)
    if found.holds_pictures:
        return _pictures(options, found)
    with isolated.folder_with({}) as folder:
        path = object_stores.fetch(found, folder, files.TABLE)
        return encode(argparse.Namespace(**{**vars(options), "source": str(path)}))


def _pictures(options: argparse.Namespace, stored: object_stores.Listing | None = None) -> Encoded:
    choice = Choice(options.column, options.vectors or "", boxes=options.boxes)
    progress = StderrProgress()
    if stored is None:
        gallery = image_sources.load_gallery(options.source, options.language, choice, progress)
    else:
        gallery = image_sources.from_store(stored, choice, progress)
    entry = images_gallery.open_space(gallery, options.vectors, options.space)
    own = isinstance(entry.source, OwnSource)
    missing = 0 if own else shipped_vectors.count_missing(gallery.digests, entry)

    def unusable() -> set[bytes]:
        return vector_store.find_unusable(gallery.digests, entry.image_folder)

    known = unusable() if missing else set()
    engine = None if missing == 0 else engines.of_pictures(options, entry)
    found = gallery_vectors.encode_gallery(
        gallery, entry, entry.image_encoder(), None, progress, engine
    )
    if missing:  # what proved to be no picture was not encoded
        missing -= len(unusable() - known)
    kept = found.gallery
    captions = {} if kept.captions is None else {"caption": kept.captions}
    frame = {str(name): kept.frame[name].tolist() for name in kept.frame.columns}
    columns = export_columns({"id": kept.ids} | captions, frame)
    left_out = [{"count": 1, "reason": f"{one.id}: {one.reason}"} for one in kept.skipped]
    left_out += [{"count": 1, "reason": f"{one}: it could not be opened"} for one in found.damaged]
    name = known_name(entry)
    return Encoded(found.pictures, columns, name, missing, {"left_out": left_out}, kept)


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = [f"({note})" for note in result.get("notes", ())]
    lines += [f"(left out: {one['count']:,} {one['reason']})" for one in result.get("left_out", ())]
    lines.append(
        f"{result['count']:,} vectors of {result['dim']} numbers, {result['encoded']:,} encoded now"
    )
    return "\n".join([*lines, *(f"wrote {name}" for name in result["files"])])
