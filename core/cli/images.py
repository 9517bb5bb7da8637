"""``python -m core images``: search a gallery, zero-shot accuracy, and a report of its classes."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError
from core.base.types import Modality
from core.cli import (
    files,
    images_gallery,
    images_index,
    images_review,
    images_why,
    index_options,
)
from core.cli.images_output import show
from core.cli.images_work import SPLITS, Work
from core.formula import question
from core.images import aspects, zero_shot
from core.spaces import registry
from core.spaces.catalog import DEFAULT_PICTURES

__all__ = ["HELP", "add_arguments", "run", "show"]

HELP = "Image search by text, images or formulas; zero-shot classification; evaluation."
MAX_K = 10_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is asked, of which pictures and in which space."""
    images_gallery.add_arguments(parser)
    parser.add_argument(
        "--space",
        help="an embedding model's name; with --vectors the model that made them (default: the "
        f"vectors that lie beside the pictures, else {DEFAULT_PICTURES})",
    )
    parser.add_argument("-k", type=int, default=10, help="neighbours (default: %(default)s)")
    parser.add_argument(
        "--blend",
        type=float,
        help="caption weight in a picture's vector, 0 to 1 (default: 0.5 where there are captions)",
    )
    parser.add_argument("--language", default="en", help="of the emoji's captions")
    parser.add_argument("--caption-column", metavar="NAME", help="the column with the captions")
    parser.add_argument("--label-column", metavar="NAME", help="the column with the right labels")
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="only these pictures; also COLUMN=A|B and COLUMN=LOW..HIGH; may be given again",
    )
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
        "--query",
        metavar="FORMULA",
        help='rank by a formula: "[photo.jpg] + night - people"; in square brackets the id of a '
        "picture of the gallery, or a picture's file",
    )
    asked.add_argument(
        "--zero-shot", metavar="TEMPLATE", help='tell the classes apart, as in "a photo of a {}"'
    )
    asked.add_argument(
        "--report",
        action="store_true",
        help="evaluation: precision at k and confusion of classes, by nearest neighbours",
    )
    asked.add_argument(
        "--review",
        action="store_true",
        help="near-duplicates, outliers, likely wrong labels (--label-column), leaks between "
        "splits (--split-column) and a subset: keep, drop or look for each picture",
    )
    images_review.add_arguments(parser)
    images_why.add_arguments(parser)
    index_options.add_arguments(parser, "pictures")
    parser.add_argument(
        "--aspects",
        metavar="WEIGHTS",
        help="with --image: rank by its subject, style and colour, weighed: "
        "subject=1,style=0.5,colour=0.5",
    )
    parser.add_argument(
        "--verdict",
        action="store_true",
        help="with --image: what the picture is, by a vote of its neighbours for each column of "
        "the gallery, and by ImageNet's classes",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Answers as plain data, in the form that the docs state.

    Raises:
        InputError: the options do not go together, or what they name cannot be used.
    """
    if not 1 <= options.k <= MAX_K:
        raise InputError(
            f"-k is {options.k}.", f"It is a number from 1 to {MAX_K:,}.", "Change -k."
        )
    registry.find_space(options.space or registry.default_of_pictures(), Modality.IMAGE)
    _check_question(options)
    work = Work(options)
    if options.verdict:
        return work.verdict()
    if options.zero_shot is not None:
        return work.zero_shot()
    if options.review:
        return work.review()
    return work.report() if options.report else work.search()


def _check_question(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work."""
    if options.text is not None and question.says_nothing(options.text):
        raise InputError("The words are empty.", "Words to search for are needed.", "Type some.")
    if options.query is not None:
        question.read_query(options.query)
    if options.verdict and options.image is None:
        raise InputError("--verdict says what a picture is.", "", "Name it with --image.")
    if options.aspects is not None:
        if options.image is None or options.verdict:
            raise InputError(
                "--aspects ranks by what is near a picture.", "", "Name it with --image, alone."
            )
        aspects.read_weights(options.aspects)
    if options.image is not None:
        files.read_picture(options.image)
    images_why.check(options)
    images_index.check(options)
    if options.zero_shot is not None:
        zero_shot.fill_template(options.zero_shot, "")
    if options.review:
        images_review.check(options)
    labelled = {"--zero-shot": options.zero_shot is not None, "--report": options.report}
    for verb, asked in labelled.items():
        if asked and options.label_column is None:
            raise InputError(
                f"{verb} needs the right labels to compare with.",
                "",
                "Name their column with --label-column.",
            )
