"""Images → Report: a second encoder beside the first, class by class and picture by picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base.types import Modality
from core.cache.images import OpenGallery
from core.images.report import GalleryReport
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.ui.choosers import gallery as gallery_chooser
from core.ui.choosers.picture_grid import show_grid
from core.ui.common import frame
from core.ui.common.markdown import plain

NONE = "no other"
SHOWN = 12
Reported = tuple[SpaceEntry, GalleryReport]


def choose(choice: gallery_chooser.Choice) -> SpaceEntry | None:
    """A second space that takes pictures, kept in the URL."""
    entries = {
        entry.space.name: entry
        for entry in registry.list_spaces()
        if Modality.IMAGE in entry.space.modalities
        and entry.ready
        and entry.space.name != choice.space.space.name
    }
    if st.session_state.get("beside", NONE) not in (NONE, *entries):
        st.session_state["beside"] = NONE
    chosen = frame.settings().selectbox(
        "Compare with",
        [NONE, *entries],
        key="beside",
        bind="query-params",
        help="Another encoder of pictures, on the same gallery: where does each do better?",
    )
    return entries.get(str(chosen))


def open_gallery(choice: gallery_chooser.Choice, space: SpaceEntry) -> OpenGallery | None:
    """The same gallery in the second space."""
    other = gallery_chooser.Choice(space, choice.entry, choice.language)
    encoded = gallery_chooser.open_encoded(space, choice.entry, choice.language, told=False)
    return None if encoded is None else other.blended(encoded)


def show(opened: OpenGallery, first: Reported, second: Reported) -> None:
    """The two reports side by side."""
    names = [entry.space.name for entry, _ in (first, second)]
    st.subheader("Comparison", anchor=False)
    with st.container(horizontal=True):
        for name, (_, found) in zip(names, (first, second), strict=True):
            label = f"{plain(name)}: precision at {found.k}"
            st.metric(label, f"{found.mean_precision:.3f}", border=True, width=300)
    one, other = first[1].per_class(), second[1].per_class()
    order = np.argsort(one - other, kind="stable")
    columns: dict[str, list[Any]] = {
        "class": [first[1].classes[at] for at in order],
        names[0]: [float(one[at]) for at in order],
        names[1]: [float(other[at]) for at in order],
        "difference": [float(one[at] - other[at]) for at in order],
    }
    st.dataframe(
        columns,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="%.3f") for name in [*names, "difference"]
        },
        alt="Precision of each class by both encoders, where the second is better first",
    )
    for better, (winner, right), (loser, wrong) in (
        ("first", first, second),
        ("second", second, first),
    ):
        _show_won(opened, better, (winner, right), (loser, wrong))


def _show_won(opened: OpenGallery, key: str, winner: Reported, loser: Reported) -> None:
    right = winner[1].voted == winner[1].labels
    wrong = loser[1].voted != loser[1].labels
    rows = np.flatnonzero(right & wrong)
    title = (
        f"Right by {winner[0].space.name}, wrong by {loser[0].space.name}: "
        f"{len(rows):,} of {len(right):,}"
    )
    with st.expander(title):
        gain = winner[1].precision[rows] - loser[1].precision[rows]
        shown = rows[np.argsort(-gain, kind="stable")][:SHOWN]
        show_grid(opened.gallery, shown.tolist(), key=f"won-{key}")
        if len(rows) > SHOWN:
            st.caption(f"The {SHOWN} where the two differ most.")
