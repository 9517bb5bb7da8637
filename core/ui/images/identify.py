"""Images → Identify: what a picture is, by its neighbours in the gallery and by ImageNet."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError
from core.cache import image_classes as classes_cache, images as images_cache
from core.cache.images import OpenGallery
from core.charts import images as images_charts
from core.images.imagenet import ClassScore, ImageNetClass
from core.images.vectors import EncodedGallery
from core.images.verdict import (
    NOT_SURE,
    KindVerdict,
    Leave,
    NumberVerdict,
    Verdict,
    as_columns,
    judge,
    written,
)
from core.ui.choosers import gallery as gallery_chooser
from core.ui.choosers.picture_grid import show_grid
from core.ui.common import frame, jobs, page, tables
from core.ui.common.markdown import plain
from core.ui.images import asked_picture
from core.ui.images.asked_picture import AskedPicture

PICTURE = "what"
_TOLD = 0.01  # of the weights, for a value beside the first


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    name = asked_picture.ask(PICTURE, "Identify", ":material/search:", opened, choice.space)
    with frame.result():
        leave: Leave | None = jobs.run_job(
            f"leave {opened.key}",
            f"Comparing the pictures of {opened.gallery.name}",
            lambda progress: images_cache.gallery_leave(opened, progress),
            seconds=lambda: durations.of_pairs(*opened.vectors.shape),
            begin="Compare them",
            height=frame.TALL,
        )
        if leave is None:
            return
        try:
            asked = asked_picture.find(name, opened, choice.space)
            found = judge(opened.gallery, leave, asked.vector, itself=asked.row)
        except ExplorerError as error:
            page.show_error(error)
            return
        _show(asked, found, opened)


def _show(asked: AskedPicture, found: Verdict, opened: OpenGallery) -> None:
    left, middle, right = st.columns([2, 5, 5], gap="medium")
    with left:
        if asked.small is not None:
            st.image(asked.small, alt=asked.name, width="stretch")
    with middle:
        if not found.near:
            st.warning(
                f"**None of these.** The nearest picture has similarity "
                f"{found.similarities[0]:.3f}; of the gallery's own pictures 99 in 100 have one of "
                f"{found.threshold:.3f} or more. What follows is the best guess all the same."
            )
        for one in found.columns:
            _tell(one)
        if not found.columns:
            st.info("No column of this gallery can be told by neighbours.")
        if found.left_out:
            told = "; ".join(f"{plain(one.name)} ({one.reason})" for one in found.left_out)
            st.caption(f"Left out: {told}.")
    with right:
        _show_imagenet(asked, opened)
    _show_deciding(found, opened)


def _tell(one: KindVerdict | NumberVerdict) -> None:
    if isinstance(one, NumberVerdict):
        _tell_number(one)
        return
    if not one.votes:
        st.markdown(f"{plain(one.name)}: no neighbour has a value.")
        return
    first = one.votes[0]
    voted = f"{first.neighbors} of {one.asked} neighbours"
    told = [f"{voted}, with {first.share:.0%} of the votes (near ones count more)"]
    if one.sure:
        st.markdown(f"{plain(one.name)}: **{plain(first.value)}**")
    else:
        st.markdown(f"{plain(one.name)}: **{NOT_SURE}**, most likely {plain(first.value)}")
    if one.certainty is not None:
        told.append(f"certainty {one.certainty:.0%}")
    if one.accuracy is not None:
        told.append(
            f"right for {one.accuracy:.0%} of the gallery "
            f"(the commonest value: {one.commonest:.0%})"
        )
    st.caption(" · ".join(told))
    others = [
        f"{plain(vote.value)} {vote.share:.0%}" for vote in one.votes[1:] if vote.share >= _TOLD
    ]
    if others:
        st.caption(f"Also: {', '.join(others)}")


def _tell_number(one: NumberVerdict) -> None:
    if one.median is None:
        st.markdown(f"{plain(one.name)}: no neighbour has a value.")
        return
    st.markdown(f"{plain(one.name)}: **{written(one.median)}**")
    told = [f"half of the weight from {written(one.low)} to {written(one.high)}"]
    if one.error is not None:
        told.append(
            f"off by {written(one.error)} in this gallery "
            f"(always saying its median: {written(one.guessing)})"
        )
    st.caption(" · ".join(told))
    st.plotly_chart(
        images_charts.timeline(one),
        key=f"timeline-{one.name}",
        alt=f"Values of {one.name} among the neighbours by weight",
    )


def _show_imagenet(asked: AskedPicture, opened: OpenGallery) -> None:
    st.markdown("ImageNet’s classes")
    try:
        scores: list[ClassScore] = []
        if asked.data is not None:
            scores = classes_cache.imagenet_classes(asked.data)
        elif asked.row is not None:
            scores = classes_cache.imagenet_of_row(opened, asked.row)
    except ExplorerError as error:
        page.show_error(error)
        return
    if not scores:
        st.caption("A saved vector has no pixels to look at.")
        return
    st.table(  # whose cells break into lines: a meaning is longer than the column is wide
        {
            "probability": [f"{one.probability:.2f}" for one in scores],
            "class": [_called(one.kind) for one in scores],
        },
        border="horizontal",
        hide_index=True,
        alt=f"ImageNet's likeliest classes for {asked.name}",
    )


def _called(kind: ImageNetClass) -> str:
    """A class with its meaning, as Markdown."""
    name = f"**{plain(kind.name)}**"
    return f"{name}: {plain(kind.definition)}" if kind.definition else name


def _show_deciding(found: Verdict, opened: OpenGallery) -> None:
    by_name: dict[str, Any] = {one.name: one for one in found.columns if len(one.deciding)}
    every = "all neighbours"
    chosen = every
    if by_name:
        chosen = str(
            st.selectbox(
                "Pictures that decided",
                [*by_name, every],
                key="what-decided",
                help="The neighbours that have the value that was told, the nearest first.",
                width=300,
            )
        )
    rows = found.rows if chosen == every else by_name[chosen].deciding
    scores = dict(zip(found.rows.tolist(), found.similarities.tolist(), strict=True))
    show_grid(opened.gallery, rows.tolist(), [scores[row] for row in rows.tolist()], key="decided")
    tables.download_csv(lambda: as_columns(found), file_name="identified.csv")
