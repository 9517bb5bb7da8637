"""Words → Semantic axis: words laid along the line between two words or groups of words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base.axes import lay_along_axis
from core.base.errors import ExplorerError
from core.charts import basic as charts
from core.spaces.entry import SpaceEntry
from core.ui.choosers.words import centered_toggle, read_words, words_area
from core.ui.common import frame, page, spaces, tables

WORDS = "king, queen, actor, actress, nurse, engineer, uncle, aunt, prince, princess, monk, nun"

HEIGHT = 540  # pixels: the least that most of a screen takes


def show(entry: SpaceEntry) -> None:
    """The whole tool for the space ``entry``."""
    left, right = st.columns(2)
    low_text = left.text_input("From", "he, man, boy", key="low", bind="query-params")
    high_text = right.text_input("To", "she, woman, girl", key="high", bind="query-params")
    with frame.settings():
        st.caption("Words to lay along the axis")
        text = words_area("Words to lay along it", WORDS, key="along", height=180)
        centered = centered_toggle()
    loaded = spaces.open_vocabulary(entry, centered=centered)
    if loaded is None:
        return
    low, high, found = (read_words(part, entry, loaded[0]) for part in (low_text, high_text, text))
    if low is None or high is None or found is None:
        return
    try:
        scores = lay_along_axis(low.vectors, high.vectors, found.vectors)
    except ExplorerError as error:
        page.show_error(error)
        return
    names = ", ".join(low.words), ", ".join(high.words)
    height = max(HEIGHT, 120 + 24 * len(found.words))
    with frame.result():
        st.plotly_chart(
            charts.axis_strip(found.words, scores, *names).update_layout(height=height),
            key="axis",
            alt=f"Words along the axis from {low_text} to {high_text}",
        )
    st.caption(
        "The axis is the difference of the two groups' means; -1 and +1 are where the means lie. "
        "It shows what the texts that the model learned from say, stereotypes included, and one "
        "axis never tells all of a word."
    )
    order = sorted(range(len(found.words)), key=lambda at: float(scores[at]))
    columns: dict[str, list[Any]] = {
        "word": [found.words[at] for at in order],
        "score": [round(float(scores[at]), 4) for at in order],
    }
    st.dataframe(columns, hide_index=True, height="content", alt="Scores of the words on the axis")
    tables.download_csv(columns, file_name="axis.csv")
