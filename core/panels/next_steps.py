"""Where to go on from here with the same texts or the same vector: links to the other pages."""

from __future__ import annotations

import streamlit as st

from core.encoded_texts import EncodedTexts

MAP = ":material/scatter_plot:"


def texts_on_map(texts: EncodedTexts) -> None:
    """A link to the map of these texts."""
    st.page_link(
        "pages/map.py", label="See these texts as a map", icon=MAP, query_params=_texts(texts)
    )


def both_on_map(texts: EncodedTexts, other: EncodedTexts) -> None:
    """A link to the maps of the same texts in two spaces, side by side.

    Both by PCA: it has no chance in it, so that what differs comes of the spaces.
    """
    spaces = {"view": "Two maps", "method": "PCA", "b-space": other.entry.space.name}
    st.page_link(
        "pages/map.py",
        label="See both spaces as maps, side by side",
        icon=MAP,
        query_params=_texts(texts) | spaces,
    )


def _texts(texts: EncodedTexts) -> dict[str, str]:
    return {
        "of": "Texts",
        "data": texts.dataset.name,
        "column": texts.dataset.column,
        "space": texts.entry.space.name,
    }
