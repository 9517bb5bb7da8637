"""Images: filters by what is known of the pictures, written in the URL."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError
from core.base.filters import Filter, example_filters, format_filter, parse_filter, split_filters
from core.base.types import IntArray
from core.cache import images as images_cache
from core.images.filters import apply_filters
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.ui.common import frame, page
from core.ui.common.markdown import plain

WHERE = "where"


def choose_rows(entry: GalleryEntry, gallery: Gallery) -> IntArray | None:
    """Rows ``(m,)`` that pass the filters; ``None`` after an error was shown."""
    known = images_cache.gallery_facets(entry, gallery)
    values, numbers = known.values, known.numbers
    example = example_filters({**values, **numbers})
    with frame.group("Filter", expanded=bool(st.session_state.get(WHERE))):
        if values or numbers:
            _offer(values, numbers)
        else:
            st.caption("Nothing is known of these pictures that could filter them.")
        text = st.text_input(
            "Filters",
            key=WHERE,
            bind="query-params",
            placeholder=example,
            help="COLUMN=VALUE, COLUMN=A|B or COLUMN=LOW..HIGH, joined by ; and all must hold. "
            'Text that holds such signs stands in quotation marks: kind="cats|dogs".',
        )
        st.button("Clear filters", on_click=_clear, disabled=not text)
    parts = split_filters(text)
    if not parts:
        return np.arange(len(gallery))
    try:
        rows = apply_filters(
            gallery.name, gallery.frame, [parse_filter(part, example) for part in parts]
        )
    except ExplorerError as error:
        page.show_error(error)
        return None
    st.caption(f"Filtered by {plain('; '.join(parts))}: {len(rows):,} of {len(gallery):,}.")
    return rows


def _offer(values: dict[str, list[str]], numbers: dict[str, tuple[float, float]]) -> None:
    column = str(st.selectbox("By", list(dict.fromkeys([*values, *numbers])), key="filter-column"))
    if column in numbers and len(values.get(column, ())) != 2:
        low, high = numbers[column]
        chosen = st.slider("From and to", low, high, (low, high), key=f"filter-range-{column}")
        made = Filter(column, low=chosen[0], high=chosen[1])
        ready = True
    else:
        picked = st.multiselect("is any of", values[column], key=f"filter-values-{column}")
        made = Filter(column, tuple(picked))
        ready = bool(picked)
    st.button("Add this filter", on_click=_add, args=(made,), disabled=not ready)


def _add(made: Filter) -> None:
    """Adds a filter, in place of one by the same column."""
    before = split_filters(st.session_state.get(WHERE, ""))
    kept = [part for part in before if not _is_of(part, made.column)]
    st.session_state[WHERE] = "; ".join([*kept, format_filter(made)])


def _is_of(part: str, column: str) -> bool:
    try:
        return parse_filter(part).column == column
    except ExplorerError:
        return False  # it stays, and is told to be none


def _clear() -> None:
    st.session_state[WHERE] = ""
