"""Images: choosing the column that says what is on each picture."""

from __future__ import annotations

import re

import streamlit as st

from core import resources_pictures, widgets
from core.errors import ExplorerError
from core.galleries import Gallery
from core.gallery_entries import GalleryEntry

_LIKELY = re.compile("(label|class|category|kind|group|type)", re.IGNORECASE)


def choose_labels(
    entry: GalleryEntry, gallery: Gallery, *, key: str = "label"
) -> tuple[str, list[str]] | None:
    """The column and its values; ``None`` where there is none, which is then said."""
    columns = list(resources_pictures.gallery_facets(entry, gallery).values)
    if not columns:
        st.info(
            "Nothing says what is on these pictures. A gallery with a column of labels is needed: "
            "a Parquet file, a CSV, or a folder with one folder for each class."
        )
        return None
    likely = [name for name in columns if _LIKELY.fullmatch(name)] or columns
    if st.session_state.get(key, columns[0]) not in columns:
        st.session_state[key] = likely[0]
    chosen = str(
        st.selectbox(
            "Labels",
            columns,
            index=columns.index(likely[0]),
            key=key,
            bind="query-params",
            help="The column that says what each picture shows.",
            width=260,
        )
    )
    try:
        return chosen, gallery.labels(chosen)
    except ExplorerError as error:
        widgets.show_error(error)
        return None
