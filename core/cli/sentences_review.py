"""``python -m core sentences FILE --review``: texts put in order, as advice for each row."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.cli import review_options
from core.cli.progress import StderrProgress
from core.review.near_duplicates import copies_threshold
from core.review.nearest import nearest_others
from core.sentences.dataset import EncodedTexts
from core.sentences.review import items_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a review is to know; ``--review`` itself is one of the questions."""
    group = parser.add_argument_group("a review", "with --review; --label names the labels")
    review_options.add_arguments(group, "row")


def answer(options: argparse.Namespace, texts: EncodedTexts, ids: Sequence[Any]) -> dict[str, Any]:
    """A review of rows that are called by ``ids``, as plain data; writes the CSV asked for.

    Raises:
        InputError: there is one row, a column is missing, or the CSV cannot be written.
    """
    vectors = texts.vectors.vectors
    near = nearest_others(vectors, "text", progress=StderrProgress())
    threshold = options.threshold
    if threshold is None:
        threshold = copies_threshold(near.scores[:, 0], vectors)
    items = items_of(texts.dataset, vectors, options.label or "", options.split_column or "")
    named = replace(items, ids=[str(one) for one in ids])
    return {"count": len(texts.dataset)} | review_options.answer(named, near, threshold, options)
