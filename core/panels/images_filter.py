"""Images: filters by what is known of the pictures, written in the URL."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core import resources_pictures, widgets
from core.errors import ExplorerError
from core.galleries import Gallery
from core.gallery_entries import GalleryEntry
from core.gallery_filters import apply_filters, parse_filter
from core.types import IntArray

WHERE = "where"


def choose_rows(entry: GalleryEntry, gallery: Gallery) -> IntArray | None:
    """Rows that pass the filters; ``None`` after an error was shown."""
    known = resources_pictures.gallery_facets(entry, gallery)
    values, numbers = known.values, known.numbers
    with st.popover("Filter", icon=":material/filter_alt:"):
        if values or numbers:
            _offer(values, numbers)
        else:
            st.caption("Nothing is known of these pictures that could filter them.")
        text = st.text_input(
            "Filters",
            key=WHERE,
            bind="query-params",
            placeholder="group=animals-nature; year=1990..2010",
            help="COLUMN=VALUE, COLUMN=A|B or COLUMN=LOW..HIGH, joined by ; and all must hold.",
        )
        st.button("Take all away", on_click=_clear, disabled=not text)
    parts = [part.strip() for part in text.split(";") if part.strip()]
    if not parts:
        return np.arange(len(gallery))
    try:
        rows = apply_filters(gallery.name, gallery.frame, [parse_filter(part) for part in parts])
    except ExplorerError as error:
        widgets.show_error(error)
        return None
    st.caption(f"Filtered by {widgets.plain('; '.join(parts))}: {len(rows):,} of {len(gallery):,}.")
    return rows


def _offer(values: dict[str, list[str]], numbers: dict[str, tuple[float, float]]) -> None:
    column = str(st.selectbox("By", list(dict.fromkeys([*values, *numbers])), key="filter-column"))
    if column in numbers and len(values.get(column, ())) != 2:
        low, high = numbers[column]
        chosen = st.slider("From and to", low, high, (low, high), key=f"filter-range-{column}")
        written = f"{column}={chosen[0]:g}..{chosen[1]:g}"
        ready = True
    else:
        picked = st.multiselect("Is one of", values[column], key=f"filter-values-{column}")
        written = f"{column}={'|'.join(picked)}"
        ready = bool(picked)
    st.button("Add this filter", on_click=_add, args=(written,), disabled=not ready)


def _add(written: str) -> None:
    """Adds a filter, in place of one by the same column."""
    column = written.partition("=")[0]
    before = [part.strip() for part in st.session_state.get(WHERE, "").split(";")]
    kept = [part for part in before if part and part.partition("=")[0].strip() != column]
    st.session_state[WHERE] = "; ".join([*kept, written])


def _clear() -> None:
    st.session_state[WHERE] = ""
