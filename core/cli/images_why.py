"""``python -m core images … --why PICTURE``: why a picture is found, as plain data and as lines."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.attribution.agreement import Agreement, agree
from core.attribution.occlusion import Occlusion, occlude
from core.base.errors import InputError, shorten
from core.base.types import FloatArray, Modality, TermKind
from core.cli import files, images_question, other_models
from core.cli.images_question import Model
from core.cli.progress import StderrProgress
from core.formula import names as formula_names
from core.formula.leave_out import leave_out, with_term
from core.formula.resolve import ResolvedQuery
from core.images import shipped_vectors, vectors as gallery_vectors
from core.images.vectors import EncodedGallery
from core.images.why import score_result
from core.readers.pictures import open_picture
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import known_name

if TYPE_CHECKING:
    from PIL import Image


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of which result it is asked, and which other models are asked too."""
    parser.add_argument(
        "--why",
        metavar="ID",
        help="with --text, --image or --query: which regions and words carry the similarity of "
        "this picture of the gallery, and how other models rank it",
    )
    other_models.add_arguments(parser)


def check(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: nothing is asked that a picture could be the answer to, or a model is not here.
    """
    other_models.check(options, Modality.IMAGE)
    if options.why is None:
        return
    asks = any(one is not None for one in (options.text, options.image, options.query))
    if not asks or options.verdict or options.aspects is not None:
        raise InputError(
            "--why explains a result of a search.",
            "It goes with --text, --image or --query alone.",
            "Say what was searched for.",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, in which model, and the share of the captions."""

    options: argparse.Namespace
    model: Model
    blend: float


def answer(asked: Asked, encoded: EncodedGallery, query: ResolvedQuery) -> dict[str, Any]:
    """Regions, words and other models, for the picture that ``--why`` names.

    Raises:
        InputError: it is not in the gallery, or its vectors came without their model.
        PictureError: a picture cannot be opened.
    """
    options, gallery = asked.options, encoded.gallery
    row = formula_names.name_pictures(gallery.ids).find(options.why)
    if row is None:
        raise InputError(
            f"“{shorten(options.why)}” is no picture of {gallery.name}.",
            "The id of a picture is needed.",
            "Search first: each result has its id.",
        )
    vectors = encoded.blend(asked.blend)
    found = occlude(
        gallery.open(row),
        asked.model.pictures,
        score_result(encoded, row, asked.blend, query.vector),
        StderrProgress(),
    )
    own, best = agree(vectors @ query.vector, gallery.ids, gallery.ids[row])
    return {
        "why": gallery.ids[row],
        "rank": own.rank,
        "of": own.of,
        "similarity": own.similarity,
        "regions": {
            "result": _regions(found),
            "query": _query_regions(asked, encoded, query, row),
        },
        "words": [
            {"text": one.text, "term": one.term + 1, "whole": one.span is None, "drop": one.drop}
            for one in leave_out(query, asked.model.texts, vectors[row])
        ],
    } | other_models.ask(
        options.why_spaces,
        Modality.IMAGE,
        known_name(asked.model.entry),
        lambda entry: not shipped_vectors.count_missing(gallery.digests, entry),
        lambda entry: _ask(asked, encoded, entry, gallery.ids[row], best),
    )


def _regions(found: Occlusion) -> dict[str, Any]:
    return {"similarity": found.similarity, "drops": found.drops.tolist()}


def _query_regions(
    asked: Asked, encoded: EncodedGallery, query: ResolvedQuery, row: int
) -> dict[str, Any]:
    """The same of each picture that was asked with, by its name."""
    target = encoded.blend(asked.blend)[row]
    names = formula_names.name_pictures(encoded.gallery.ids)
    found = {}
    for at, term in enumerate(query.terms):
        if term.term.kind is not TermKind.ITEM:
            continue
        name = term.term.text
        of_gallery = None if asked.options.image is not None else names.find(name)
        picture: Image.Image
        if of_gallery is None:
            picture = open_picture(*files.read_picture(name))
        else:
            picture = encoded.gallery.open(of_gallery)

        def score(
            pictures: FloatArray, at: int = at, of_gallery: int | None = of_gallery
        ) -> FloatArray:
            if of_gallery is not None:
                pictures = encoded.blend_other(of_gallery, pictures, asked.blend)
            scores: FloatArray = with_term(query, at, pictures) @ target
            return scores

        found[name] = _regions(occlude(picture, asked.model.pictures, score, StderrProgress()))
    return found


def _ask(
    asked: Asked, encoded: EncodedGallery, entry: SpaceEntry, result: str, best: list[str]
) -> Agreement:
    """What another model says of the result, its pictures encoded where that has not been done."""
    model = images_question.open_model(entry)
    alone = images_question.resolve_alone(asked.options, model)  # what it does not take is told
    texts = model.texts if asked.blend else None
    other = gallery_vectors.encode_gallery(
        encoded.gallery, entry, model.pictures, texts, StderrProgress()
    )
    vectors = other.pictures if other.captions is None else other.blend(asked.blend)
    query = alone or images_question.resolve(asked.options, model, other, vectors)
    return agree(vectors @ query.vector, other.gallery.ids, result, best)[0]


def lines(result: dict[str, Any]) -> list[str]:
    """The answer for a person."""
    told = [
        f"{result['why']}: rank {result['rank']:,} of {result['of']:,}, "
        f"similarity {result['similarity']:.3f}",
        "what covering each region takes from it:",
        *_grid(result["regions"]["result"]),
    ]
    for name, regions in result["regions"]["query"].items():
        told += [f"the same in {shorten(name, 60)}:", *_grid(regions)]
    if result["words"]:
        told.append("what leaving out takes from it:")
        told += [f"{one['drop']:+.3f}  {one['text']}" for one in result["words"]]
    return told + other_models.lines(result)


def _grid(regions: dict[str, Any]) -> list[str]:
    return ["  ".join(f"{one:+.3f}" for one in row) for row in np.array(regions["drops"])]
