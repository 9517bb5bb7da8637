"""Sentences → Near-duplicates: groups of rows that say nearly the same, and what to keep."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base.columns import join_columns
from core.base.errors import counted, shorten
from core.base.types import FloatArray, Metric
from core.cache import sentences as sentences_cache
from core.charts import basic as charts
from core.review.near_duplicates import Group, kept_rows, suggest_threshold
from core.sentences.dataset import EncodedTexts
from core.sentences.differences import mark_differences
from core.ui.choosers import review
from core.ui.common import frame, jobs, tables
from core.ui.common.markdown import plain
from core.ui.sentences import cards
from core.ui.sentences.neighbors import find

PAGE = 20  # groups on screen; the downloads have all
SHOWN = 12  # rows of a group on screen
CHARACTERS = 1_500  # of a text in a group
THRESHOLD = "threshold"


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    if len(texts.dataset) < 2:
        st.info("There is one text. Near-duplicates need two or more.")
        return
    near = find(texts, 1, Metric.COSINE)
    if near is None:
        return
    nearest = near.scores[:, 0]
    threshold = _choose_threshold(texts, nearest)
    groups: list[Group] | None = jobs.run_job(
        f"groups {texts.key} {threshold}",
        "Looking for near-duplicates",
        lambda progress: sentences_cache.groups(texts, threshold, progress),
    )  # who has begun to compare is not asked again
    if groups is None:
        return
    with frame.result():
        left, right = st.columns([3, 2])
        with right:
            _show_histogram(texts, nearest, threshold, groups)
        with left:
            _show_groups(texts, groups, threshold)


def _choose_threshold(texts: EncodedTexts, nearest: FloatArray) -> float:
    suggested = suggest_threshold(nearest, texts.vectors.vectors)
    with frame.settings():
        threshold = review.choose_cosine(
            texts.key,
            suggested,
            "Each row of a group is at least as alike its medoid.",
            THRESHOLD,
        )
        st.caption(
            f"{suggested:.2f} is where rows with a near twin part from those without "
            "(Otsu's threshold)."
        )
    return threshold


def _show_histogram(
    texts: EncodedTexts, nearest: FloatArray, threshold: float, groups: list[Group]
) -> None:
    st.plotly_chart(
        charts.similarity_histogram(nearest, threshold),
        key="nearest-histogram",
        alt="Histogram of each row's similarity to its nearest other row, with the threshold",
    )
    if not groups:
        return
    rows = sum(len(group.rows) for group in groups)
    st.markdown(f"**{len(groups):,} groups** hold {rows:,} of {len(texts.dataset):,} rows.")
    choices = _choices(texts)
    kept = kept_rows(groups, choices, len(texts.dataset))
    st.caption(
        f"Kept are {counted(len(kept), 'row')}; {counted(len(texts.dataset) - len(kept), 'row')} "
        "would be dropped. Of each group its medoid is kept unless you choose otherwise."
    )
    with st.container(horizontal=True):
        tables.download_csv(
            lambda: join_columns(
                {"row": [texts.dataset.numbers[row] for row in kept]}, texts.dataset.told(kept)
            ),
            file_name="without-duplicates.csv",
            label="Kept rows (CSV)",
        )
        tables.download_csv(
            lambda: _columns(texts, groups, {*kept}),
            file_name="near-duplicates.csv",
            label="Groups (CSV)",
        )
    st.caption(
        "Groups are made around a medoid, the row that has the most others near, so two rows "
        "that only a chain of others joins are not grouped. Rows with the very same text have "
        "similarity 1. Words that the medoid has otherwise are marked."
    )


def _show_groups(texts: EncodedTexts, groups: list[Group], threshold: float) -> None:
    if not groups:
        st.info(f"No two rows are alike by {threshold:.2f} or more. Lower the threshold.")
        return
    pages = -(-len(groups) // PAGE)
    first = 0
    if pages > 1:
        key = "groups-page"
        st.session_state[key] = min(st.session_state.get(key, 1), pages)
        first = PAGE * (int(st.session_state[key]) - 1)
    for at, group in enumerate(groups[first : first + PAGE], first + 1):
        with st.container(border=True, gap="xsmall", key=f"group-{at}"):
            st.caption(f"Group {at} · {counted(len(group.rows), 'row')}")
            _show_group(texts, group)
    if pages > 1:
        st.pagination(pages, key="groups-page", max_visible_pages=7)


def _show_group(texts: EncodedTexts, group: Group) -> None:
    choices = _choices(texts)
    for row, similarity in list(zip(group.rows.tolist(), group.similarity, strict=True))[:SHOWN]:
        number = texts.dataset.numbers[row]
        box, text = st.columns([1, 9], gap="small")
        key = f"stays {texts.key} {row}"
        box.checkbox(
            f"Keep row {number}",
            choices.get(row, row == group.medoid),
            key=key,
            on_change=_choose,
            args=(texts, row, key),
            label_visibility="collapsed",
        )
        with text:
            said = ["medoid"] if row == group.medoid else [f"cosine {similarity:.3f}"]
            st.markdown(f"{_marked(texts, row, group.medoid)}  \n{cards.chips(texts, row, said)}")
    if len(group.rows) > SHOWN:
        st.caption(f"And {len(group.rows) - SHOWN:,} more, which the download has.")


def _marked(texts: EncodedTexts, row: int, medoid: int) -> str:
    """A text as Markdown, with what the medoid has otherwise on a ground of its own."""
    text = shorten(texts.dataset.texts[row], CHARACTERS)
    if row == medoid:
        return plain(text)
    other = shorten(texts.dataset.texts[medoid], CHARACTERS)
    parts = []
    for piece, differs in mark_differences(text, other):
        body = plain(piece)
        before = " " if piece[:1].isspace() else ""
        after = " " if piece[-1:].isspace() else ""
        parts.append(
            f"{before}:orange-background[{body}]{after}"
            if differs and body
            else f"{before}{body}{after}"
        )
    return "".join(parts)


def _choices(texts: EncodedTexts) -> dict[int, bool]:
    """Which rows of these texts a person has chosen to keep or to drop."""
    found: dict[int, bool] = st.session_state.setdefault(f"duplicates {texts.key}", {})
    return found


def _choose(texts: EncodedTexts, row: int, key: str) -> None:
    _choices(texts)[row] = bool(st.session_state[key])


def _columns(texts: EncodedTexts, groups: list[Group], kept: set[int]) -> dict[str, list[Any]]:
    rows = [int(row) for group in groups for row in group.rows]
    found: dict[str, list[Any]] = {
        "group": [at for at, group in enumerate(groups, 1) for _ in group.rows],
        "row": [texts.dataset.numbers[row] for row in rows],
        "similarity to medoid": [
            round(float(one), 4) for group in groups for one in group.similarity
        ],
        "keep": [row in kept for row in rows],
    }
    return join_columns(found, {texts.dataset.column: [texts.dataset.texts[row] for row in rows]})
