"""Train: a head on the vectors of pictures or texts."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.base.errors import counted
from core.heads.labels import Labels
from core.ui.common import frame
from core.ui.common.markdown import plain
from core.ui.train import data

LISTED = 200  # classes of a column


def show() -> None:
    """The whole tool."""
    chosen = data.choose()
    if chosen is None:
        return
    labels = data.choose_labels(chosen)
    if labels:
        with frame.result():
            _show_classes(len(chosen.data), labels)


def _show_classes(count: int, labels: Sequence[Labels]) -> None:
    """How many items each class has, the commonest first."""
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
