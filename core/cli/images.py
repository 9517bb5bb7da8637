"""``python -m core images``: search a gallery, zero-shot accuracy, and a report of its classes."""

from __future__ import annotations

import argparse
from typing import Any

from core.base.errors import InputError
from core.base.filters import parse_filter
from core.base.types import FloatArray, Modality
from core.cli import (
    files,
    images_aspects,
    images_gallery,
    images_index,
    images_question,
    images_review,
    images_verdict,
    images_why,
    index_options,
)
from core.cli.images_output import notes, show
from core.cli.progress import StderrProgress
from core.formula import question
from core.images import (
    aspects,
    filters as image_filters,
    report as image_report,
    vectors as gallery_vectors,
    verdict as image_verdict,
    zero_shot,
)
from core.images.gallery import Gallery
from core.images.vectors import EncodedGallery
from core.spaces import own_vectors, registry
from core.spaces.catalog import DEFAULT_PICTURES

__all__ = ["HELP", "add_arguments", "run", "show"]

HELP = "Image search by text, images or formulas; zero-shot classification; evaluation."
MAX_K = 10_000
SPLITS = ("all", "validation")
CONFUSED = 20  # pairs of classes that are told


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
    work = _Work(options)
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


class _Work:
    """One run of the verb."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.gallery = self._gallery()
        self.entry = images_gallery.open_space(self.gallery, options.vectors, options.space)
        self.model = images_question.open_model(self.entry)

    def search(self) -> dict[str, Any]:
        """The pictures nearest to words, a picture or a formula."""
        options, gallery = self.options, self.gallery
        alone = images_question.resolve_alone(options, self.model)
        only_pictures = self.model.texts is None and options.blend is None
        blend = 0.0 if only_pictures else gallery_vectors.choose_blend(gallery, options.blend)
        encoded = self._encode(gallery, blend)
        vectors = encoded.blend(blend)
        query = alone or images_question.resolve(options, self.model, encoded, vectors)
        known = {
            "gallery": encoded.gallery.name,
            "count": len(encoded.gallery),
            "space": own_vectors.known_name(self.entry),
            "blend": blend,
        }
        if options.aspects is not None:
            cosines: FloatArray = vectors @ query.vector
            nearest = images_aspects.nearest(
                encoded, cosines, options.image, options.aspects, options.k
            )
            return known | nearest | notes(encoded)
        if options.why is not None:
            asked = images_why.Asked(options, self.model, blend)
            return known | images_why.answer(asked, encoded, query) | notes(encoded)
        hits, told = images_index.search(encoded.gallery, vectors, query.vector, options, known)
        known |= told
        captions = encoded.gallery.captions
        return (
            known
            | {
                "neighbors": [
                    {"id": hit.id, "score": hit.score}
                    | ({} if captions is None else {"caption": captions[hit.row]})
                    for hit in hits
                ],
            }
            | notes(encoded)
        )

    def zero_shot(self) -> dict[str, Any]:
        """Accuracy of the nearest label."""
        template = self.options.zero_shot
        if self.model.texts is None:
            what = f"{self.entry.space.title} takes pictures only."
            raise InputError(what, "Zero-shot compares pictures with texts.", "Choose minilm.")
        encoded, labels, blend = self._labelled()
        found = zero_shot.classify(encoded.blend(blend), labels, template, self.model.texts)
        return {
            "gallery": encoded.gallery.name,
            "space": own_vectors.known_name(self.entry),
            "split": self.options.split,
            "blend": blend,
            "accuracy": found.accuracy,
            "count": found.count,
            "classes": len(found.per_class),
            "per_class": found.per_class,
        } | notes(encoded)

    def report(self) -> dict[str, Any]:
        """Precision at k of every class, and what is taken for what."""
        encoded, labels, blend = self._labelled()
        found = image_report.report(encoded.blend(blend), labels, self.options.k, StderrProgress())
        return {
            "gallery": encoded.gallery.name,
            "space": own_vectors.known_name(self.entry),
            "split": self.options.split,
            "blend": blend,
            "k": found.k,
            "count": len(labels),
            "classes": len(found.classes),
            "precision_at_k": found.mean_precision,
            "accuracy": found.accuracy,
            "per_class": dict(zip(found.classes, found.per_class().tolist(), strict=True)),
            "confusion": [
                {"class": one, "taken_for": other, "count": count}
                for one, other, count in found.confused()[:CONFUSED]
            ],
        } | notes(encoded)

    def verdict(self) -> dict[str, Any]:
        """What the picture is, by the gallery's columns and by ImageNet's classes."""
        gallery, options = self.gallery, self.options
        blend = gallery_vectors.choose_blend(gallery, options.blend or 0.0)
        query = self.model.picture(options.image)
        encoded = self._encode(gallery, blend)
        leave = image_verdict.leave_one_out(
            encoded.gallery, encoded.blend(blend), progress=StderrProgress()
        )
        found = image_verdict.judge(encoded.gallery, leave, query)
        return (
            {
                "gallery": encoded.gallery.name,
                "count": len(encoded.gallery),
                "space": own_vectors.known_name(self.entry),
                "blend": blend,
            }
            | images_verdict.told(found, encoded.gallery, options.image)
            | notes(encoded)
        )

    def review(self) -> dict[str, Any]:
        """What to do with each picture, and why."""
        blend = gallery_vectors.choose_blend(self.gallery, self.options.blend or 0.0)
        encoded = self._encode(self.gallery, blend)
        return (
            {
                "gallery": encoded.gallery.name,
                "count": len(encoded.gallery),
                "space": own_vectors.known_name(self.entry),
                "blend": blend,
            }
            | images_review.answer(encoded.gallery, encoded.blend(blend), self.options)
            | notes(encoded)
        )

    def _labelled(self) -> tuple[EncodedGallery, list[str], float]:
        """The gallery with a label for each picture; captions, which may tell the labels, count
        only where that is asked for."""
        column, gallery = self.options.label_column, self.gallery
        zero_shot.class_names(gallery.labels(column))
        blend = gallery_vectors.choose_blend(gallery, self.options.blend or 0.0)
        encoded = self._encode(gallery, blend)
        return encoded, encoded.gallery.labels(column), blend

    def _gallery(self) -> Gallery:
        options = self.options
        filters = [parse_filter(text) for text in options.filter]
        gallery = images_gallery.open_gallery(options)
        if options.split != SPLITS[0]:
            gallery = gallery.held_out()
        if not filters:
            return gallery
        return gallery.take(image_filters.apply_filters(gallery.name, gallery.frame, filters))

    def _encode(self, gallery: Gallery, blend: float) -> EncodedGallery:
        texts = self.model.texts if blend else None
        return gallery_vectors.encode_gallery(
            gallery, self.entry, self.model.pictures, texts, StderrProgress()
        )
