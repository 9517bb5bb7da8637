"""Words → Vectors: the numbers of words as strips of colours, one below the other."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.charts import basic as charts
from core.spaces.entry import SpaceEntry
from core.ui.choosers.words import centered_toggle, read_words, words_area
from core.ui.common import frame, spaces, tables

DEFAULT = "king, queen, man, woman, prince, princess, apple, pear, banana, London, Paris, Berlin"


def show(entry: SpaceEntry) -> None:
    """The whole tool for the space ``entry``."""
    text = words_area("Words", DEFAULT, key="shown")
    with frame.settings():
        centered = centered_toggle()
    loaded = spaces.open_vocabulary(entry, centered=centered)
    found = None if loaded is None else read_words(text, entry, loaded[0])
    if found is None:
        return
    with frame.result():
        st.plotly_chart(
            charts.vector_strips(found.words, found.vectors),
            key="strips",
            alt=f"The {entry.space.dim} numbers of {len(found.words)} words as colours",
        )
    st.caption(
        f"One row a word, one column for each of the {entry.space.dim} dimensions. Words that are "
        "alike have colours in common; what one dimension means cannot be said."
    )
    columns: dict[str, list[Any]] = {"dimension": list(range(1, entry.space.dim + 1))}
    columns |= {
        word: [round(float(number), 6) for number in vector]
        for word, vector in zip(found.words, found.vectors, strict=True)
    }
    tables.download_csv(columns, file_name="vectors.csv")
