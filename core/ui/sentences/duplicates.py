"""Sentences → Near-duplicates: groups of rows that say nearly the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base import durations
from core.base.columns import join_columns
from core.base.types import IntArray
from core.cache import sentences as sentences_cache
from core.sentences.dataset import EncodedTexts
from core.ui.common import jobs, tables

MAX_TOLD = 500  # groups in the table on screen; the download has all


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    threshold = st.slider(
        "Cosine similarity of at least",
        0.30,
        1.00,
        0.80,
        0.01,
        key="threshold",
        bind="query-params",
        help="Two rows at or above it are linked; linked rows make a group.",
    )
    found: list[IntArray] | None = jobs.run_job(
        f"groups {texts.key} {threshold}",
        "Looking for near-duplicates",
        lambda progress: sentences_cache.groups(texts, threshold, progress),
        seconds=lambda: durations.of_pairs(len(texts.dataset), texts.entry.space.dim),
        begin="Look for them",
    )
    if found is None:
        return
    if not found:
        st.info(f"No two rows are alike by {threshold:.2f} or more. Lower the threshold.")
        return
    rows = sum(len(group) for group in found)
    st.markdown(f"**{len(found):,} groups** hold {rows:,} of {len(texts.dataset):,} rows.")
    if len(found[0]) > len(texts.dataset) / 2:
        st.caption(
            "The first group holds most rows: links chain, so a low threshold joins texts that "
            "are not alike. Raise it."
        )
    columns = _columns(texts, found)
    shown = sum(len(group) for group in found[:MAX_TOLD])
    st.dataframe(
        {name: cells[:shown] for name, cells in columns.items()},
        hide_index=True,
        column_config={
            "group": st.column_config.NumberColumn(width="small", format="%d"),
            "row": st.column_config.NumberColumn(width="small", format="%d"),
            "similarity to medoid": st.column_config.NumberColumn(
                width="small",
                format="%.3f",
                help="Cosine similarity to the group's medoid: the row that is most like the rest.",
            ),
            texts.dataset.column: st.column_config.TextColumn(width="large"),
        },
        alt="Groups of near-duplicate rows",
    )
    if len(found) > MAX_TOLD:
        st.caption(f"The {MAX_TOLD} largest groups are shown; the download has all.")
    tables.download_csv(columns, file_name="near-duplicates.csv")
    st.caption(
        "A group is held together by links between neighbours (single linkage): its two ends may "
        "be less alike than the threshold. Rows with the very same text have similarity 1."
    )


def _columns(texts: EncodedTexts, groups: list[IntArray]) -> dict[str, list[Any]]:
    numbers, held, place = [], [], []
    likeness: list[float] = []
    for at, group in enumerate(groups, 1):
        vectors = texts.vectors.vectors[group]
        middle = int(np.argmax(vectors @ vectors.sum(axis=0)))
        likeness += (vectors @ vectors[middle]).clip(-1, 1).tolist()
        place += [at] * len(group)
        numbers += [texts.dataset.numbers[row] for row in group]
        held += [texts.dataset.texts[row] for row in group]
    found = {"group": place, "row": numbers, "similarity to medoid": likeness}
    return join_columns(found, {texts.dataset.column: held})
