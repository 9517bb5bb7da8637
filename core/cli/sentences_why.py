"""``python -m core sentences FILE --query TEXT --why ROW``: why a row is found."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from core.attribution.agreement import Agreement, agree
from core.attribution.words import leave_out_words
from core.base.errors import InputError, shorten
from core.base.types import Modality, Term
from core.cli import other_models
from core.cli.progress import StderrProgress
from core.formula.leave_out import leave_out
from core.formula.question import resolve_query
from core.sentences.dataset import EncodedTexts
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of which result it is asked, and which other models are asked too."""
    parser.add_argument(
        "--why",
        metavar="ROW",
        help="with --query: which words of the query and of this row carry their similarity, and "
        "how other models rank it",
    )
    other_models.add_arguments(parser)


def check(options: argparse.Namespace) -> None:
    """What is wrong is told before any long work.

    Raises:
        InputError: there is no query, or a model is not here.
    """
    other_models.check(options, Modality.TEXT)
    if options.why is not None and not (options.query or "").strip():
        raise InputError(
            "--why explains a result of a search.", "It goes with --query.", "Say what was asked."
        )


def answer(options: argparse.Namespace, texts: EncodedTexts, ids: Sequence[Any]) -> dict[str, Any]:
    """Words and other models, for the row that ``--why`` names.

    Raises:
        InputError: there is no such row, or the vectors came without their model.
    """
    names = [str(one) for one in ids]
    if options.why not in names:
        raise InputError(
            f"There is no row “{shorten(options.why)}”.",
            f"The rows are {shorten(names[0], 20)} to {shorten(names[-1], 20)}.",
            "Search first: each result has its row.",
        )
    row = names.index(options.why)
    asked = (Term(1.0, options.query.strip()),)
    query = resolve_query(asked, texts.encoder, lambda _: None)
    vectors, text = texts.vectors.vectors, texts.dataset.texts[row]
    own, best = agree(vectors @ query.vector, names, options.why)
    parts = leave_out_words(
        text,
        float(vectors[row] @ query.vector),
        lambda variants: texts.encoder.encode_texts(variants).vectors @ query.vector,
    )

    def ask(entry: SpaceEntry) -> Agreement:
        encoder = entry.text_encoder()
        found = text_vectors.load_or_encode(
            texts.dataset.texts, encoder, entry.text_folder, StderrProgress()
        )
        other = resolve_query(asked, encoder, lambda _: None)
        return agree(found.vectors @ other.vector, names, options.why, best)[0]

    return {
        "query": options.query.strip(),
        "why": ids[row],
        "text": text,
        "rank": own.rank,
        "of": own.of,
        "similarity": own.similarity,
        "query_words": [
            {"text": one.text, "drop": one.drop}
            for one in leave_out(query, texts.encoder, vectors[row])
        ],
        "words": [{"text": one.text, "drop": one.drop} for one in parts],
    } | other_models.ask(
        options.why_spaces,
        Modality.TEXT,
        texts.entry.space.name,
        lambda entry: not text_vectors.count_missing(texts.dataset.texts, entry.text_folder),
        ask,
    )


def lines(result: dict[str, Any]) -> list[str]:
    """The answer for a person."""
    told = [
        f"row {result['why']}: rank {result['rank']:,} of {result['of']:,}, "
        f"similarity {result['similarity']:.3f}",
    ]
    for title, words in (("the query", result["query_words"]), ("the row", result["words"])):
        if words:
            told.append(f"what leaving out a word of {title} takes from it:")
            told += [f"{one['drop']:+.3f}  {one['text']}" for one in words]
    return told + other_models.lines(result)
