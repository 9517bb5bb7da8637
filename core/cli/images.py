"""``python -m core images``: search a gallery by words or a picture, and zero-shot accuracy."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core import gallery_vectors, picture_spaces, spaces, text_spaces
from core.catalog import DEFAULT_SPACE
from core.cli.progress import StderrProgress
from core.datasets import openmoji
from core.errors import InputError, PictureError, counted, shorten
from core.galleries import Gallery, load_gallery
from core.gallery_vectors import EncodedGallery
from core.pictures import ImageEncoder, open_picture
from core.space_entry import SpaceEntry
from core.types import FloatArray, Modality, TextEncoder
from core.zero_shot import class_names, classify, fill_template

HELP = "Search pictures by words or by a picture; zero-shot classification."
MAX_K = 10_000
SPLITS = ("all", "validation")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is asked, of which pictures and in which space."""
    parser.add_argument(
        "--gallery",
        default=openmoji.NAME,
        help="openmoji, a folder of pictures, a ZIP archive, or a Parquet file with pictures "
        "(default: %(default)s)",
    )
    parser.add_argument("--space", default=DEFAULT_SPACE, help="default: %(default)s")
    parser.add_argument("-k", type=int, default=10, help="neighbours (default: %(default)s)")
    parser.add_argument(
        "--blend",
        type=float,
        help="share of the caption in a picture's vector, 0 to 1 (default: 0.5 where there are "
        "captions)",
    )
    parser.add_argument("--language", default="en", help="of the emoji's captions")
    parser.add_argument("--caption-column", metavar="NAME", help="the column with the captions")
    parser.add_argument("--label-column", metavar="NAME", help="the column with the right labels")
    parser.add_argument(
        "--split",
        choices=SPLITS,
        default=SPLITS[0],
        help="validation: only the pictures that our encoder was never trained on",
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--text", help="rank the pictures by these words")
    asked.add_argument("--image", metavar="FILE", help="rank the pictures by this picture")
    asked.add_argument(
        "--zero-shot", metavar="TEMPLATE", help='tell the classes apart, as in "a photo of a {}"'
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Answers as plain data, in the form that the docs state."""
    if not 1 <= options.k <= MAX_K:
        raise InputError(
            f"-k is {options.k}.", f"It is a number from 1 to {MAX_K:,}.", "Change -k."
        )
    entry = spaces.find_space(options.space, Modality.IMAGE)
    encoder = picture_spaces.open_encoder(entry)
    texts = text_spaces.open_encoder(entry)
    if options.zero_shot is not None:
        return _zero_shot(options, entry, encoder, texts)
    # What is wrong is told before any long work.
    query = _query(options, encoder, texts)
    gallery = _gallery(options)
    blend = gallery_vectors.choose_blend(gallery, options.blend)
    encoded = gallery_vectors.encode_gallery(
        gallery, entry, encoder, texts if blend else None, StderrProgress()
    )
    hits = gallery_vectors.rank_pictures(
        encoded.blend(blend), encoded.gallery.ids, query, options.k
    )
    captions = encoded.gallery.captions
    result = {
        "gallery": encoded.gallery.name,
        "count": len(encoded.gallery),
        "space": entry.space.name,
        "blend": blend,
        "neighbors": [
            {"id": hit.id, "score": hit.score}
            | ({} if captions is None else {"caption": captions[hit.row]})
            for hit in hits
        ],
    }
    if gallery.attribution:
        result["attribution"] = gallery.attribution
    return result | _notes(encoded)


def _gallery(options: argparse.Namespace) -> Gallery:
    gallery = load_gallery(options.gallery, options.language, options.caption_column)
    return gallery if options.split == SPLITS[0] else gallery.held_out()


def _query(options: argparse.Namespace, encoder: ImageEncoder, texts: TextEncoder) -> FloatArray:
    if options.image is not None:
        vector: FloatArray = encoder.encode_pictures([open_picture(*_read(options.image))])[0]
        return vector
    if not options.text.strip():
        raise InputError("The words are empty.", "Words to search for are needed.", "Type some.")
    words: FloatArray = texts.encode_query(options.text.strip()).vectors[0]
    return words


def _read(name: str) -> tuple[bytes, str]:
    try:
        path = Path(name).expanduser()
        return path.read_bytes(), path.name
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PictureError(
            f"“{shorten(name)}” could not be read: {reason}.",
            "A picture's file is needed.",
            "Check the path.",
        ) from error


def _zero_shot(
    options: argparse.Namespace, entry: SpaceEntry, encoder: ImageEncoder, texts: TextEncoder
) -> dict[str, Any]:
    if options.label_column is None:
        raise InputError(
            "--zero-shot needs the right labels to compare with.",
            "",
            "Name their column with --label-column.",
        )
    fill_template(options.zero_shot, "")
    gallery = _gallery(options)
    class_names(gallery.labels(options.label_column))
    # Captions, which may tell the labels, count only where they are asked for.
    blend = gallery_vectors.choose_blend(gallery, options.blend or 0.0)
    encoded = gallery_vectors.encode_gallery(
        gallery, entry, encoder, texts if blend else None, StderrProgress()
    )
    labels = encoded.gallery.labels(options.label_column)
    found = classify(encoded.blend(blend), labels, options.zero_shot, texts)
    return {
        "gallery": gallery.name,
        "space": entry.space.name,
        "split": options.split,
        "blend": blend,
        "accuracy": found.accuracy,
        "count": found.count,
        "classes": len(found.per_class),
        "per_class": found.per_class,
    } | _notes(encoded)


def _notes(encoded: EncodedGallery) -> dict[str, Any]:
    return {"damaged": list(encoded.damaged)} if encoded.damaged else {}


def show(result: dict[str, Any]) -> str:
    """The answer for a person."""
    lines = []
    if "accuracy" in result:
        lines = [f"{share:.3f}  {label}" for label, share in result["per_class"].items()]
        lines.append(f"{result['accuracy']:.4f}  of {counted(result['count'], 'picture')}")
    else:
        lines = [
            f"{hit['score']:.3f}  {hit['id']:<16}  {hit.get('caption', '')}".rstrip()
            for hit in result["neighbors"]
        ]
    if "damaged" in result:
        lines.append(f"(could not be opened: {counted(len(result['damaged']), 'picture')})")
    if "attribution" in result:
        lines.append(result["attribution"])
    return "\n".join(lines)
