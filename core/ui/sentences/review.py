"""Sentences → Review: texts put in order, as advice for each row that can be changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base import durations
from core.base.errors import shorten
from core.cache import sentences as sentences_cache
from core.knn.all_pairs import Neighbors
from core.review.near_duplicates import copies_threshold
from core.review.nearest import NEIGHBORS
from core.review.review import Review
from core.sentences.dataset import EncodedTexts
from core.ui.choosers import review
from core.ui.choosers.review import Reviewed
from core.ui.common import frame, jobs
from core.ui.common.markdown import plain
from core.ui.sentences import cards

CHARACTERS = 600  # of a text


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    if len(texts.dataset) < 2:
        st.info("There is one text. A review compares two or more.")
        return
    vectors = texts.vectors.vectors
    near: Neighbors | None = jobs.run_job(
        f"review near {texts.key}",
        f"Comparing the rows of {texts.dataset.name}",
        lambda progress: sentences_cache.near(texts, NEIGHBORS, progress),
        seconds=lambda: durations.of_pairs(*vectors.shape),
        begin="Compare them",
        height=frame.TALL,
    )
    if near is None:
        return
    with frame.settings():
        threshold = review.choose_cosine(
            texts.key,
            copies_threshold(near.scores[:, 0], vectors),
            "Each row of a group is at least as alike the one that is kept. At first 0.95, or "
            "where rows with a near twin part from those without if that is more.",
        )
        labels, splits = review.choose_columns(sentences_cache.kinds(texts.dataset), "row")
        limits = review.choose_limits(threshold, "row")
    found: Review | None = jobs.run_job(
        f"review {texts.key} {labels} {splits} {limits}",
        f"Reviewing {texts.dataset.name}",
        lambda progress: sentences_cache.review_of_texts(
            texts, labels, splits, limits, near, progress
        ),
        seconds=lambda: review.seconds(*vectors.shape),
        begin="Review them",
        slot="review",
        height=frame.TALL,
    )
    if found is not None:
        with frame.result():
            review.show(_reviewed(texts), found)


def _reviewed(texts: EncodedTexts) -> Reviewed:
    dataset = texts.dataset

    def draw(row: int, said: str) -> None:
        before = f"{said} " if said else ""
        st.markdown(f"{before}{plain(shorten(dataset.texts[row], CHARACTERS))}")
        st.markdown(cards.chips(texts, row))

    def draw_all(rows: Sequence[int], scores: Sequence[float] | None, key: str) -> None:
        told = [[]] * len(rows) if scores is None else [[f"{score:.3f}"] for score in scores]
        cards.show(texts, rows, told, key=key)

    ids = list(map(str, dataset.numbers))
    key = f"texts {texts.key}"
    return Reviewed(key, ids, ids.__getitem__, "row", draw, draw_all, grid=False)
