"""Sentences → Neighbours: for each row the nearest others, by cosine and Euclidean distance."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base import durations
from core.base.columns import join_columns
from core.base.errors import shorten
from core.base.types import BoolArray, Metric
from core.cache import sentences as sentences_cache
from core.knn import all_pairs
from core.knn.all_pairs import Neighbors
from core.sentences.dataset import EncodedTexts
from core.ui.common import frame, jobs, keep, next_steps, tables
from core.ui.common.markdown import plain
from core.ui.sentences import cards
from core.ui.session import link_values

TABLE = "neighbors-table"
PAGE = 500
HEIGHT = 560  # pixels
MEASURES = {"Cosine": Metric.COSINE, "Euclidean": Metric.EUCLIDEAN}


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    dataset = texts.dataset
    if len(dataset) < 2:
        st.info("There is one text. Neighbours need two or more: import more under “Datasets”.")
        return
    k = int(frame.settings().number_input("Neighbours", 1, 100, 5, key="near", bind="query-params"))
    if k > len(dataset) - 1:
        st.caption(f"Each row has only {len(dataset) - 1} others, so that many are shown.")
        k = len(dataset) - 1
    cosine = find(texts, k, Metric.COSINE)
    euclidean = None if cosine is None else find(texts, k, Metric.EUCLIDEAN)
    if cosine is None or euclidean is None:
        return
    differs = all_pairs.differing(cosine, euclidean)
    metric, only = _choose_measure(differs)
    shown = differs.nonzero()[0].tolist() if only else list(range(len(dataset)))
    with frame.result():
        left, right = st.columns([2, 3])
        with left:
            _show_table(texts, cosine, euclidean, shown, both=bool(differs.any()))
        with right:
            _show_row(texts, cosine, euclidean, metric)
    _tell_agreement(texts, int(differs.sum()))
    tables.download_csv(
        lambda: _columns(texts, cosine, euclidean, shown), file_name="neighbors.csv"
    )


def _choose_measure(differs: BoolArray) -> tuple[Metric, bool]:
    """The measure whose neighbours are shown, and whether only rows where the two differ are.

    Where they differ in no row there is nothing to choose.
    """
    if not differs.any():
        return Metric.COSINE, False
    with frame.settings():
        metric = link_values.one_of(
            st, "Measure", list(MEASURES), default="Cosine", key="measure", bind="query-params"
        )
        only = st.toggle(
            "Only where cosine and Euclidean differ",
            key="disagree",
            bind="query-params",
            help="Rows whose nearest are not the same, in the same order, by both measures.",
        )
    return MEASURES[metric], only


def find(texts: EncodedTexts, k: int, metric: Metric) -> Neighbors | None:
    """The neighbours of all rows, behind a progress bar where that takes time."""
    found: Neighbors | None = jobs.run_job(
        f"neighbors {texts.key} {k} {metric}",
        f"Comparing {texts.dataset.name} in {texts.entry.space.title}",
        lambda progress: sentences_cache.neighbors(texts, k, metric, progress),
        # Who has begun to compare by cosine is not asked again.
        seconds=(lambda: durations.of_pairs(len(texts.dataset), texts.entry.space.dim))
        if metric is Metric.COSINE
        else None,
        begin="Compare them",
    )
    return found


def _tell_agreement(texts: EncodedTexts, differing: int) -> None:
    title = plain(texts.entry.space.title)
    if all_pairs.has_unit_length(texts.vectors):
        st.caption(
            f"{title} gives vectors of length 1, where both measures always give the same order: "
            "distance² = 2 − 2 · cosine."
        )
        return
    low, high = texts.vectors.lengths.min(), texts.vectors.lengths.max()
    st.caption(
        f"{title} gives vectors of lengths {low:.2f} to {high:.2f}. Cosine looks at directions "
        f"only, Euclidean distance at lengths too: they disagree in {differing:,} of "
        f"{len(texts.dataset):,} rows."
    )


def _columns(
    texts: EncodedTexts,
    cosine: Neighbors,
    euclidean: Neighbors,
    shown: list[int],
    *,
    both: bool = True,
) -> dict[str, list[Any]]:
    numbers = texts.dataset.numbers

    def listed(found: Neighbors, row: int) -> str:
        return ", ".join(str(numbers[other]) for other in found.rows[row])

    found = {"nearest by cosine": [listed(cosine, row) for row in shown]}
    if both:
        found["nearest by distance"] = [listed(euclidean, row) for row in shown]
    told = texts.dataset.told(shown)
    text = {texts.dataset.column: told.pop(texts.dataset.column)}
    return join_columns({"row": [numbers[row] for row in shown]}, text, found, told)


def _show_table(
    texts: EncodedTexts,
    cosine: Neighbors,
    euclidean: Neighbors,
    shown: list[int],
    *,
    both: bool,
) -> None:
    def choose() -> None:
        rows = st.session_state[TABLE]["selection"]["rows"]
        if rows:
            st.session_state["row"] = texts.dataset.numbers[shown[rows[0]]]

    shown = _page(shown)
    st.dataframe(
        _columns(texts, cosine, euclidean, shown, both=both),
        key=TABLE,
        on_select=choose,
        selection_mode="single-row",
        hide_index=True,
        height=HEIGHT,
        column_config={
            "row": st.column_config.NumberColumn(width=50, format="%d"),
            texts.dataset.column: st.column_config.TextColumn(width="medium"),
        },
        alt=f"Rows of {texts.dataset.name} with their nearest rows",
    )
    st.caption("Click at the left of a row to see its neighbours beside it.")


def _page(rows: list[int]) -> list[int]:
    """The part of ``rows`` that is on screen: a browser is sent no more than that."""
    pages = -(-len(rows) // PAGE)
    if pages == 1:
        return rows
    if not 1 <= st.session_state.get("page", 1) <= pages:
        st.session_state["page"] = 1
    page = int(
        st.number_input(
            f"Page (of {pages:,}, {PAGE} rows each)",
            1,
            pages,
            key="page",
            bind="query-params",
            width=220,
        )
    )
    return rows[(page - 1) * PAGE : page * PAGE]


def _show_row(texts: EncodedTexts, cosine: Neighbors, euclidean: Neighbors, metric: Metric) -> None:
    dataset = texts.dataset
    row = _choose_row(texts)
    if row is None:
        return
    number = dataset.numbers[row]
    listed = ", ".join(str(dataset.numbers[other]) for other in cosine.rows[row])
    st.markdown(f"**{number} → {listed}**")
    st.markdown(f"> {plain(shorten(dataset.texts[row], cards.CHARACTERS))}")
    found = euclidean if metric is Metric.EUCLIDEAN else cosine
    measure, sign = ("distance", -1) if metric is Metric.EUCLIDEAN else ("cosine", 1)
    told = [[f"{measure} {sign * float(score):.3f}"] for score in found.scores[row]]
    cards.show(texts, found.rows[row].tolist(), told, key="neighbor-card")
    made = f"row {number} of {dataset.name}: {shorten(dataset.texts[row], 40)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        keep.keep_button(texts.entry.space.name, texts.vectors.vectors[row], made, key="keep-row")
        next_steps.look_inside(dataset.texts[row])
    with st.expander("As tables"):
        _show_nearest(texts, row, cosine, "similarity")
        _show_nearest(texts, row, euclidean, "distance")


def _choose_row(texts: EncodedTexts) -> int | None:
    """The place of the row that was chosen; ``None`` where it has no text."""
    dataset = texts.dataset
    first, last = dataset.numbers[0], dataset.numbers[-1]
    if not first <= st.session_state.get("row", first) <= last:  # chosen in other texts
        st.session_state["row"] = first
    number = int(
        frame.settings().number_input(
            "Row", first, last, key="row", bind="query-params", help="Its number in the table."
        )
    )
    row = dataset.row(number)
    if row is None:
        st.info(f"Row {number} has no text, so it has no neighbours.")
    return row


def _show_nearest(texts: EncodedTexts, row: int, found: Neighbors, measure: str) -> None:
    others = found.rows[row].tolist()
    sign = -1 if found.metric is Metric.EUCLIDEAN else 1
    columns = join_columns(
        {
            "row": [texts.dataset.numbers[other] for other in others],
            measure: [sign * float(score) for score in found.scores[row]],
        },
        {texts.dataset.column: [texts.dataset.texts[other] for other in others]},
    )
    st.dataframe(
        columns,
        hide_index=True,
        height="content",
        column_config={
            "row": st.column_config.NumberColumn(width="small", format="%d"),
            measure: st.column_config.NumberColumn(width="small", format="%.3f"),
            texts.dataset.column: st.column_config.TextColumn(width="large"),
        },
        alt=f"The rows nearest to row {texts.dataset.numbers[row]} by {measure}",
    )
