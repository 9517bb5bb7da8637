"""Train: a space adapted to pairs that a person marks as alike or not, at once."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, InputError, shorten
from core.base.types import FloatArray
from core.cache import heads as heads_cache
from core.cache.digests import digest
from core.heads import marks as heads_marks, metric
from core.heads.draws import draw_pair
from core.heads.metric_effect import Effect
from core.ui.common import frame, page
from core.ui.common.markdown import plain
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew
from core.ui.train import clicks_items, clicks_marks, clicks_result, data
from core.ui.train.clicks_items import Marking

BY_NEIGHBORS, BY_PAIRS = "Neighbours", "Drawn pairs"
ITEM, SKIPPED = "clicks-item", "clicks-skipped"
SHOWN, ALONE = 9, 18  # neighbours before and after, and where nothing is marked yet
LABELS = 6  # columns that P@10 is told of


def show() -> None:
    """The whole tool."""
    chosen = data.choose()
    if chosen is None:
        return
    how = link_values.one_of(
        frame.settings(),
        "Mark",
        (BY_NEIGHBORS, BY_PAIRS),
        default=BY_NEIGHBORS,
        key="clicks-by",
        bind="query-params",
    )
    strength = _choose_strength()
    opened = data.open_vectors(chosen, (), None)
    if opened is None:
        return
    of = clicks_items.collection(opened)
    name = data.choose_name(f"{chosen.data.name} by clicks", key="clicks-name")
    try:
        marks = heads_marks.load(of)
        pairs, gone = heads_marks.locate(marks, of)
        known = digest(opened.items, chosen.gallery)
        labels = heads_cache.labels(known, clicks_items.table(opened))[:LABELS]
        key = digest(chosen.base, known, pairs.rows, pairs.alike)
        effect = heads_cache.adapted(key, strength, opened.vectors, pairs, labels)
    except ExplorerError as error:
        page.show_error(error)
        return
    marking = Marking(of, opened, marks, pairs)
    with frame.result():
        if how == BY_PAIRS:
            _ask_pair(marking, effect)
        else:
            _ask_neighbors(marking, effect)
    clicks_result.show(chosen, marking, effect, name)
    clicks_marks.show(marking, gone)


def _choose_strength() -> float:
    value = frame.settings().select_slider(
        "Strength of the marks",
        [0.03, 0.1, 0.3, 1.0, 3.0],
        metric.STRENGTH,
        key="clicks-strength",
        bind="query-params",
        help="How much the marks count against the space as it was. A strong one does what the "
        "marks say and may spoil what no mark is of.",
    )
    return float(value)


def _ask_neighbors(marking: Marking, effect: Effect) -> None:
    """The neighbours of one item, before and after, each to be marked."""
    row = _choose_item(marking)
    if row is None:
        return
    _show_sides(marking, effect, row)


def _choose_item(marking: Marking) -> int | None:
    """The row of the item that is asked with; ``None`` after an error was shown."""
    items = marking.of.items
    if "clicks-next" in st.session_state:
        st.session_state[ITEM] = st.session_state.pop("clicks-next")
    begin_anew(ITEM, marking.of.path.name, items[0].id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.container(width=64)  # left of its box, whose value is known below
        typed = st.text_input(
            "Query",
            items[0].id,
            key=ITEM,
            bind="query-params",
            help="The id of an item.",
            width=220,
        )
        st.button(
            "Another",
            icon=":material/shuffle:",
            on_click=_draw_item,
            args=(marking,),
            help="An item by chance",
        )
    row = marking.row(str(typed).strip())
    if row is None:
        page.show_error(
            InputError(
                f"There is no item “{shorten(str(typed))}”.",
                f"{plain(marking.of.name)} has items such as “{shorten(items[0].id)}”.",
                "Type another id, or choose “Another”.",
            )
        )
    else:
        with shown:
            clicks_items.show_small(marking.opened, row)
    return row


def _ask_with(marking: Marking, row: int) -> None:
    st.session_state["clicks-next"] = marking.of.items[row].id  # before its box is drawn


def _draw_item(marking: Marking) -> None:
    row = int(np.random.default_rng().integers(len(marking.of.items)))
    st.session_state[ITEM] = marking.of.items[row].id


def _ask_pair(marking: Marking, effect: Effect) -> None:
    """Two items, to be marked; then the neighbours of the first, before and after."""
    skipped = int(st.session_state.get(SKIPPED, 0))
    moved = effect.metric.apply(marking.opened.vectors)
    drawn = draw_pair(moved, marking.pairs, len(marking.marks) + 10_007 * skipped)
    if drawn is None:
        st.info(f"Every pair that was drawn is marked: choose “{BY_NEIGHBORS}”.")
        return
    first, second = drawn
    with st.container(horizontal=True, key="clicks-pair"):
        for row in drawn:
            clicks_items.show_item(marking.opened, row)
    with st.container(horizontal=True):
        for label, icon, alike in (
            ("Alike", ":material/add:", True),
            ("Not alike", ":material/remove:", False),
        ):
            st.button(
                label,
                icon=icon,
                key=f"clicks-{label}",
                on_click=clicks_marks.mark,
                args=(marking, first, second, alike),
            )
        st.button("Skip", key="clicks-skip", on_click=_skip)
    _show_sides(marking, effect, first)


def _skip() -> None:
    st.session_state[SKIPPED] = st.session_state.get(SKIPPED, 0) + 1


def _show_sides(marking: Marking, effect: Effect, row: int) -> None:
    """The neighbours of an item in the space as it was and, with marks, as it is by them."""
    vectors = marking.opened.vectors
    sides: list[tuple[str, FloatArray]] = [("Before", vectors)]
    if len(marking.pairs):
        sides.append(("After", effect.metric.apply(vectors)))
    asked = plain(clicks_items.title(marking.opened, row))
    count = SHOWN if len(sides) > 1 else ALONE
    for place, (title, space) in zip(st.columns(len(sides)), sides, strict=True):
        with place:
            when = f"**{title}**: nearest" if len(sides) > 1 else "Nearest"
            st.markdown(f"{when} to {asked}")
            cosines = space @ space[row]
            cosines[row] = np.inf  # itself is the first, also among equal ones
            near = np.argsort(-cosines, kind="stable")[1 : count + 1]
            clicks_items.show_neighbors(
                marking,
                row,
                near.tolist(),
                cosines[near].tolist(),
                key=f"clicks-{title}",
                mark=clicks_marks.mark,
                search=lambda found: _ask_with(marking, found),
            )
