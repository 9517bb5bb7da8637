"""Images → Key points: the pictures nearest to A by their vectors, ranked by key points instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.base.types import IntArray, Neighbor, Progress
from core.cache import images as images_cache, keypoints as keypoints_cache
from core.cache.images import OpenGallery
from core.cache.keypoints import Source
from core.images.keypoint_matching import Matches, rank_by_key_points
from core.images.keypoints import Detector
from core.images.vectors import rank_pictures
from core.ui.choosers import gallery as gallery_chooser
from core.ui.choosers.picture_grid import show_grid
from core.ui.common import jobs, tables
from core.ui.session import own_pictures

COUNT = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The picture, and how its key points are found and matched."""

    source: Source
    detector: Detector
    ratio: float


def show(choice: gallery_chooser.Choice, opened: OpenGallery, name: str, asked: Asked) -> None:
    """A switch, and behind it the gallery's nearest in their new order."""
    st.subheader("A against the gallery", anchor=False)
    if not st.toggle(
        f"Re-rank the {COUNT} nearest by keypoint inliers",
        key="rerank",
        bind="query-params",
        help="The encoder finds them; keypoints say in which of them the same thing is seen.",
    ):
        return
    data = own_pictures.find(name)
    vector = opened.find(name) if data is None else images_cache.picture_vector(choice.space, data)
    if vector is None:
        return
    hits = rank_pictures(opened.vectors, opened.gallery.ids, vector, COUNT + 1)
    own = opened.names.find(name) if data is None else None
    hits = [hit for hit in hits if hit.row != own][:COUNT]
    ranked: tuple[IntArray, list[Matches]] | None = jobs.run_job(
        f"rerank {opened.key} {asked.source.digest} {asked.detector} {asked.ratio}",
        f"Finding keypoints in {len(hits)} pictures",
        lambda progress: _rank(opened, hits, asked, progress),
    )
    if ranked is not None:
        _show_ranked(opened, hits, *ranked)


def _rank(
    opened: OpenGallery, hits: list[Neighbor], asked: Asked, progress: Progress
) -> tuple[IntArray, list[Matches]]:
    others = []
    for done, hit in enumerate(hits):
        progress(done, len(hits), "pictures")
        source = keypoints_cache.gallery_source(opened.gallery, hit.row)
        others.append(keypoints_cache.key_points(source, asked.detector))
    query = keypoints_cache.key_points(asked.source, asked.detector)
    return rank_by_key_points(query, others, asked.ratio)


def _show_ranked(
    opened: OpenGallery, hits: list[Neighbor], order: IntArray, found: list[Matches]
) -> None:
    kept = [hits[at] for at in order]
    agreeing = [found[at].score for at in order]
    show_grid(opened.gallery, [hit.row for hit in kept], key="reranked")
    columns: dict[str, list[Any]] = {
        "rank": list(range(1, len(kept) + 1)),
        "id": [hit.id for hit in kept],
        "inliers": agreeing,
        "matches": [len(found[at]) for at in order],
        "similarity": [hit.score for hit in kept],
        "rank by similarity": [int(at) + 1 for at in order],
    }
    if opened.gallery.captions is not None:
        columns["caption"] = [opened.gallery.captions[hit.row] for hit in kept]
    st.dataframe(
        columns,
        hide_index=True,
        column_config={"similarity": st.column_config.NumberColumn(format="%.3f")},
        alt="The nearest pictures by their number of inliers",
    )
    tables.download_csv(columns, file_name="keypoints-ranked.csv")
    share = sum(score > 0 for score in agreeing)
    st.caption(
        f"{share} of {len(kept)} have inliers; where none are, the number of matches and "
        "then the encoder's order decide, and that order means little."
    )
