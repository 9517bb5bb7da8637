"""Words → Compare: how alike the words of a list are, and which does not belong."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base import vectors as vec
from core.charts import basic as charts
from core.spaces.entry import SpaceEntry
from core.ui.choosers.words import centered_toggle, read_words, words_area
from core.ui.common import frame, spaces, tables
from core.ui.common.markdown import plain
from core.words.analysis import odd_one_out

DEFAULT = "breakfast, lunch, dinner, cereal, tractor"

HEIGHT = 540  # pixels: the least that most of a screen takes


def show(entry: SpaceEntry) -> None:
    """The whole tool for the space ``entry``."""
    text = words_area("Words", DEFAULT, key="words")
    with frame.settings():
        centered = centered_toggle()
    loaded = spaces.open_vocabulary(entry, centered=centered)
    if loaded is None:
        return
    found = read_words(text, entry, loaded[0])
    if found is None:
        return
    similarity = vec.similarity(found.vectors, found.vectors)
    means: dict[str, list[Any]] = {"word": found.words}
    with frame.result():
        if len(found.words) > 2:
            odd = odd_one_out(found.words, found.vectors)
            st.markdown(
                f"**Odd one out: {plain(odd.word)}**, the word with the lowest mean cosine "
                "similarity to the others."
            )
            means["mean similarity"] = [round(float(v), 4) for v in odd.similarity]
        else:
            st.info("With three words or more, the odd one out is named here.")
        height = max(HEIGHT, 120 + 26 * len(found.words))
        st.plotly_chart(
            charts.heat_map(found.words, similarity).update_layout(height=height),
            key="heat",
            alt=f"Heat map of the cosine similarities of {len(found.words)} words",
        )
    columns: dict[str, list[Any]] = means | {
        f"to {word}": [round(float(value), 4) for value in similarity[:, at]]
        for at, word in enumerate(found.words)
    }
    with st.expander("The same as a table"):
        st.dataframe(columns, hide_index=True, alt="Cosine similarities of the words")
    tables.download_csv(columns, file_name="similarity.csv")
