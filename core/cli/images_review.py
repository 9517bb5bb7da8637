"""``python -m core images --review``: a gallery put in order, as advice for each picture."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

from core.base.columns import to_csv
from core.base.errors import InputError
from core.base.types import FloatArray
from core.cli import files
from core.cli.progress import StderrProgress
from core.images import review as gallery_review
from core.images.gallery import Gallery
from core.images.perceptual_hash import BITS, as_cosine
from core.review import subsets
from core.review.findings import Action, as_table
from core.review.review import MARGIN, SUBSET, Limits, review


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a review is to know; ``--review`` itself is one of the questions."""
    parser.add_argument(
        "--split-column",
        metavar="NAME",
        help="with --review: the column of splits; duplicates in two of them are leaks",
    )
    parser.add_argument(
        "--threshold",
        type=float,
        help="with --review: the cosine of near-duplicates (default: 0.95, or Otsu's threshold "
        "if more)",
    )
    parser.add_argument(
        "--hash-bits",
        type=int,
        metavar="N",
        help="with --review: near-duplicates by a perceptual hash of which at most N bits differ",
    )
    parser.add_argument(
        "--subset",
        type=int,
        default=SUBSET,
        metavar="N",
        help="with --review: pictures in the subset (default: %(default)s)",
    )
    parser.add_argument(
        "--subset-method",
        choices=subsets.METHODS,
        default=subsets.REPRESENTATIVE,
        help="with --review: facility location or k-center (default: %(default)s)",
    )
    parser.add_argument("--out", metavar="FILE", help="with --review: the CSV to write")


def check(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: the options of a review are out of their ranges.
    """
    bits, threshold = options.hash_bits, options.threshold
    if bits is not None and not 0 <= bits <= BITS:
        raise InputError(f"--hash-bits is {bits}.", f"From 0 to {BITS}.", "Change it.")
    if threshold is not None and not -1 <= threshold <= 1:
        raise InputError(
            f"--threshold is {threshold}.", "It is a cosine, from -1 to 1.", "Change it."
        )
    if options.out is not None:
        files.out_file(options.out, ".csv")


def answer(gallery: Gallery, vectors: FloatArray, options: argparse.Namespace) -> dict[str, Any]:
    """A review of pictures with unit vectors ``(n, dim)``, as plain data; writes the CSV asked for.

    Raises:
        InputError: there is one picture, a column is missing, or the CSV cannot be written.
    """
    progress = StderrProgress()
    near = gallery_review.nearest_others(vectors, progress=progress)
    if options.hash_bits is not None:
        copies = gallery_review.hash_gallery(gallery, progress)
        threshold = as_cosine(options.hash_bits)
    else:
        copies = vectors
        threshold = options.threshold
        if threshold is None:
            threshold = gallery_review.default_threshold(near, vectors)
    items = gallery_review.items_of(
        gallery, vectors, copies, options.label_column or "", options.split_column or ""
    )
    limits = Limits(threshold, MARGIN, options.subset, options.subset_method)
    found = review(items, near, limits, progress)
    table = as_table(gallery.ids, found.findings, found.subset)
    if options.out is not None:
        files.write_out(files.out_file(options.out, ".csv"), to_csv(table))
    counts = Counter(table["action"])
    return {
        "threshold": threshold,
        "actions": {str(action): counts[action] for action in Action},
        "found": {check: len(findings) for check, findings in found.findings.items()},
        "failed": {check: str(error) for check, error in found.failed.items()},
        "subset": [gallery.ids[row] for row in found.subset.tolist()],
        "items": [
            dict(zip(("id", "action", "reason"), line, strict=True))
            for line in zip(table["id"], table["action"], table["reason"], strict=True)
        ],
    }


def lines(result: dict[str, Any]) -> list[str]:
    """The review for a person: what is to be dropped or looked at, and how many of each."""
    told = [
        f"{one['action']}  {one['id']:<16}  {one['reason']}"
        for one in result["items"]
        if one["action"] != Action.KEEP
    ]
    told += [f"({check} not checked: {why})" for check, why in result["failed"].items()]
    told.append(", ".join(f"{count:,} {action}" for action, count in result["actions"].items()))
    return told
