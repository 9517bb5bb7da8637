"""``python -m core images --review``: a gallery put in order, as advice for each picture."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError
from core.base.types import FloatArray
from core.cli import review_options
from core.cli.progress import StderrProgress
from core.images import review as gallery_review
from core.images.gallery import Gallery
from core.images.perceptual_hash import BITS, as_cosine
from core.review.near_duplicates import copies_threshold
from core.review.nearest import nearest_others


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a review is to know; ``--review`` itself is one of the questions."""
    review_options.add_arguments(parser, "picture")
    parser.add_argument(
        "--hash-bits",
        type=int,
        metavar="N",
        help="with --review: near-duplicates by a perceptual hash of which at most N bits differ",
    )


def check(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: the options of a review are out of their ranges.
    """
    bits = options.hash_bits
    if bits is not None and not 0 <= bits <= BITS:
        raise InputError(f"--hash-bits is {bits}.", f"From 0 to {BITS}.", "Change it.")
    review_options.check(options)


def answer(gallery: Gallery, vectors: FloatArray, options: argparse.Namespace) -> dict[str, Any]:
    """A review of pictures with unit vectors ``(n, dim)``, as plain data; writes the CSV asked for.

    Raises:
        InputError: there is one picture, a column is missing, or the CSV cannot be written.
    """
    progress = StderrProgress()
    near = nearest_others(vectors, "picture", progress=progress)
    if options.hash_bits is not None:
        copies = gallery_review.hash_gallery(gallery, progress)
        threshold = as_cosine(options.hash_bits)
    else:
        copies = vectors
        threshold = options.threshold
        if threshold is None:
            threshold = copies_threshold(near.scores[:, 0], vectors)
    items = gallery_review.items_of(
        gallery, vectors, copies, options.label_column or "", options.split_column or ""
    )
    return review_options.answer(items, near, threshold, options)
