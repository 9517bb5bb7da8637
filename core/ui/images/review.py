"""Images → Review: a gallery put in order, as advice for each picture that can be changed."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base import durations
from core.base.errors import shorten
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.images.perceptual_hash import as_cosine
from core.images.vectors import EncodedGallery
from core.knn.all_pairs import Neighbors
from core.review.near_duplicates import copies_threshold
from core.review.nearest import NEIGHBORS
from core.review.review import Review
from core.ui.choosers import gallery as gallery_chooser, review
from core.ui.choosers.picture_grid import show_grid, show_picture
from core.ui.choosers.review import Reviewed
from core.ui.common import frame, jobs
from core.ui.common.markdown import plain
from core.ui.session import link_values

EMBEDDING, HASH = "Embedding", "Perceptual hash"


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    if len(opened.gallery) < 2:
        st.info("There is one picture. A review compares two or more.")
        return
    near: Neighbors | None = jobs.run_job(
        f"review near {opened.key}",
        f"Comparing the pictures of {opened.gallery.name}",
        lambda progress: images_cache.gallery_near(opened, NEIGHBORS, progress),
        seconds=lambda: durations.of_pairs(*opened.vectors.shape),
        begin="Compare them",
        height=frame.TALL,
    )
    if near is None:
        return
    with frame.settings():
        hashed, threshold = _choose_threshold(opened, near)
        values = images_cache.gallery_facets(choice.entry, opened.gallery).values
        labels, splits = review.choose_columns(values, "picture")
        limits = review.choose_limits(threshold, "picture")
    found: Review | None = jobs.run_job(
        f"review {opened.key} {hashed} {labels} {splits} {limits}",
        f"Reviewing {opened.gallery.name}",
        lambda progress: images_cache.review_of_gallery(
            opened, hashed, labels, splits, limits, near, progress
        ),
        seconds=lambda: _seconds(opened, hashed),
        begin="Review them",
        slot="review",
        height=frame.TALL,
    )
    if found is not None:
        with frame.result():
            review.show(_reviewed(opened), found)


def _seconds(opened: OpenGallery, hashed: bool) -> float:
    hashing = durations.of_pictures(len(opened.gallery), own=True) if hashed else 0
    return review.seconds(*opened.vectors.shape) + hashing


def _choose_threshold(opened: OpenGallery, near: Neighbors) -> tuple[bool, float]:
    """Whether hashes tell near-duplicates, and the cosine from which on pictures are some."""
    by = link_values.one_of(
        st,
        "Near-duplicates by",
        [EMBEDDING, HASH],
        default=EMBEDDING,
        key="review-by",
        bind="query-params",
    )
    if by == HASH:
        bits = st.slider(
            "Bits that differ, at most",
            0,
            16,
            4,
            key="review-bits",
            bind="query-params",
            help="Of the 64 of a picture's hash (pHash), which sees shapes in grey.",
        )
        return True, as_cosine(int(bits))
    return False, review.choose_cosine(
        opened.key,
        copies_threshold(near.scores[:, 0], opened.vectors),
        "Each picture of a group is at least as alike the one that is kept. At first "
        "0.95, or where pictures with a near twin part from those without if that is more.",
    )


def _reviewed(opened: OpenGallery) -> Reviewed:
    gallery = opened.gallery

    def draw(row: int, said: str) -> None:
        name = gallery.title(row)
        show_picture(gallery, row, alt=name)
        st.caption(f"{said} {plain(shorten(name, 48))}".strip())

    def draw_all(rows: Sequence[int], scores: Sequence[float] | None, key: str) -> None:
        show_grid(gallery, rows, scores, key=key)

    return Reviewed(opened.key, gallery.ids, gallery.title, "picture", draw, draw_all, grid=True)
