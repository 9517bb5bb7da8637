"""Train: a head on the vectors of pictures or texts, watched while it forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError, counted
from core.cache import heads as heads_cache
from core.cache.digests import digest
from core.cache.heads import Learnt, Task
from core.charts import heads as head_charts
from core.heads.data import prepare
from core.heads.labels import Labels, read_labels
from core.heads.settings import Settings
from core.heads.store import Origin
from core.images import views
from core.images.gallery import Gallery
from core.ui.common import frame, jobs, page
from core.ui.common.markdown import plain
from core.ui.train import data, head_result, head_settings
from core.ui.train.data import Chosen
from core.ui.train.start import Slot

LISTED = 200  # classes of a column
SLOT = Slot("head")


def show() -> None:
    """The whole tool."""
    chosen = data.choose()
    if chosen is None:
        return
    lacking = st.empty()
    labels = data.choose_labels(chosen, place=lacking)
    settings = head_settings.choose(SLOT, chosen)
    label_free = settings is not None and settings.label_free
    with_texts = not label_free and head_settings.choose_texts(chosen)
    groups = data.choose_groups(chosen)
    told = " ".join([chosen.data.name, *(one.column for one in labels)])
    name = data.choose_name(told, key="head-name")
    if label_free:
        lacking.empty()
    elif not labels:
        return
    if settings is None:
        return
    columns = [one.column for one in (*labels, *([] if groups is None else [groups]))]
    asked = (columns, repr(settings), with_texts, name)
    key = f"train head {digest(chosen.base, chosen.data, *asked)}"
    if label_free:
        _tell_views(chosen, settings.views)
    if SLOT.goes_on(key):
        _run(key, chosen, labels, groups, settings, name, with_texts=with_texts)
    else:
        _show_last(chosen, labels)


def _tell_views(chosen: Chosen, count: int) -> None:
    """What encoding the views takes, before it is begun."""
    if not isinstance(chosen.data, Gallery):
        return
    pictures = counted(len(chosen.openable.data), "picture")
    told = f"No label decides anything: {count} augmented views of each of {pictures} do."
    missing = views.count_missing(chosen.data.digests, chosen.base, count)
    if missing:
        seconds = durations.of_views(missing, own=chosen.base.source.bundled)
        told += f" {missing:,} of them are encoded first, once: {durations.phrase(seconds)}."
    st.caption(told)


def _run(  # noqa: PLR0913, PLR0917
    key: str,
    chosen: Chosen,
    labels: Sequence[Labels],
    groups: Labels | None,
    settings: Settings,
    name: str,
    *,
    with_texts: bool,
) -> None:
    opened = data.open_vectors(chosen, labels, groups)
    if opened is None:
        return
    SLOT.start(key, "The training has ended: its head is among the embedding models.")
    try:
        items = prepare(
            opened.vectors, opened.labels, opened.groups, label_free=settings.label_free
        )
    except ExplorerError as error:
        page.show_error(error)
        SLOT.leave()
        return
    watch = heads_cache.watch(key)
    st.caption(
        "**Stop early and keep** keeps the best head so far; **Cancel** keeps none, and the same "
        "training goes on from there when it is begun again."
    )
    st.button("Stop early and keep", icon=":material/stop:", on_click=watch.stop.set)
    origin = Origin(chosen.base, chosen.modality, chosen.data.name)
    gallery = opened.items if isinstance(opened.items, Gallery) else None
    task = Task(items, settings, origin, name, with_texts, opened.captions, gallery)
    shown = [0]

    def so_far() -> Any:
        points = list(watch.points)
        if len(points) == shown[0] or watch.matrix is None or watch.shown is None:
            return None
        shown[0] = len(points)
        first = items.first
        numbers = first.numbers[watch.shown]
        return head_charts.live(
            list(watch.losses),
            points,
            first.classes,
            numbers,
            watch.matrix,
            of_views=settings.label_free,
        )

    made: Learnt | None = jobs.run_job(
        key,
        f"Training a head on {chosen.data.name}",
        lambda progress: heads_cache.train(key, task, progress),
        watching=so_far,
        alt="Loss, P@10, the map and similarities so far",
        height=frame.TALL,
    )
    if made is None:
        if SLOT.how_it_ended(key) == "cancelled":
            SLOT.end("Cancelled. No head of this training is kept.")
        return
    st.session_state[SLOT.made] = (_of(chosen), opened, made)
    SLOT.end(None)


def _of(chosen: Chosen) -> str:
    return digest(chosen.base, chosen.data)


def _show_last(chosen: Chosen, labels: Sequence[Labels]) -> None:
    """What was trained last on this data, or what its columns hold."""
    of, opened, made = st.session_state.get(SLOT.made, ("", None, None))
    with frame.result():
        if made is None or of != _of(chosen):
            _show_classes(chosen, labels)
        else:
            head_result.show(chosen, opened, made)


def _show_classes(chosen: Chosen, labels: Sequence[Labels]) -> None:
    """How many items each class has, the commonest first."""
    openable = chosen.openable
    count = len(openable.data)
    if lost := len(chosen.data) - count:
        st.caption(f"{counted(lost, 'picture')} that cannot be opened left out.")
        labels = [read_labels(openable.table, one.column) for one in labels]
    for one in labels:
        unlabelled = f"; {one.missing:,} have no value and are left out" if one.missing else ""
        st.markdown(
            f"**{plain(one.column)}**: {len(one.classes):,} classes of "
            f"{counted(count - one.missing, 'item')}{unlabelled}"
        )
        order = (-one.counts).argsort(kind="stable")[:LISTED]
        st.dataframe(
            {
                "class": [one.classes[at] for at in order],
                "items": one.counts[order],
            },
            hide_index=True,
            column_config={
                "items": st.column_config.ProgressColumn(
                    format="%d", min_value=0, max_value=int(one.counts.max())
                )
            },
            alt=f"Items of each class of {one.column}",
        )
        if len(one.classes) > LISTED:
            st.caption(f"The {LISTED} commonest of {len(one.classes):,}.")
