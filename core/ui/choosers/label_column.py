"""Images: choosing the column that says what is on each picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.cache import images as images_cache
from core.images.galleries import GalleryEntry
from core.images.gallery import Gallery
from core.ui.common import page, tables

_LIKELY = re.compile("(label|class|category|kind|group|type)", re.IGNORECASE)


def choose_labels(
    entry: GalleryEntry, gallery: Gallery, place: Any = st, *, key: str = "label"
) -> tuple[str, list[str]] | None:
    """The column, chosen in ``place``, and its values; ``None`` where there is none: it is said."""
    columns = list(images_cache.gallery_facets(entry, gallery).values)
    if not columns:
        st.info(
            "Nothing says what is on these pictures. A gallery with a column of labels is needed: "
            "a Parquet file, a CSV, or a folder with one folder for each class."
        )
        return None
    first = likely(columns)
    if st.session_state.get(key, columns[0]) not in columns:
        st.session_state[key] = first
    chosen = str(
        place.selectbox(
            "Labels",
            columns,
            index=columns.index(first),
            key=key,
            bind="query-params",
            help="The column that says what each picture shows.",
        )
    )
    try:
        return chosen, gallery.labels(chosen)
    except ExplorerError as error:
        page.show_error(error)
        return None


def common_labels(entry: GalleryEntry, gallery: Gallery, limit: int = 12) -> list[str]:
    """The most frequent values of the likeliest column; none where there is no such column."""
    columns = list(images_cache.gallery_facets(entry, gallery).values)
    if not columns:
        return []
    counts = gallery.frame[likely(columns)].value_counts()
    return [str(label) for label in counts.index[:limit]]


def show_shares(
    shares: Mapping[str, float], counts: Mapping[str, int] | None = None, *, file_name: str
) -> None:
    """How many pictures of each class were told right, the lowest first, and its download.

    Args:
        shares: from 0 to 1, by class.
        counts: of how many pictures; left out where that is not known.
    """
    order = sorted(shares, key=lambda name: shares[name])
    columns: dict[str, list[Any]] = {
        "class": order,
        "accuracy": [shares[name] for name in order],
    }
    if counts is not None:
        columns["pictures"] = [counts[name] for name in order]
    st.dataframe(
        columns,
        hide_index=True,
        column_config={
            "accuracy": st.column_config.ProgressColumn(format="%.3f", min_value=0, max_value=1)
        },
        alt="Accuracy of each class, the lowest first",
    )
    tables.download_csv(columns, file_name=file_name)


def likely(columns: list[str]) -> str:
    """The column that most likely says what an item is, by its name; else the first."""
    return next((name for name in columns if _LIKELY.fullmatch(name)), columns[0])
