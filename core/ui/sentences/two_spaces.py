"""Sentences → Two spaces: how many neighbours two spaces share on the same texts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.base.columns import join_columns
from core.base.types import FloatArray, Metric, Modality
from core.charts import basic as charts
from core.knn import all_pairs
from core.knn.all_pairs import Neighbors
from core.sentences.dataset import EncodedTexts
from core.ui.choosers.texts import open_vectors
from core.ui.common import frame, next_steps, spaces, tables
from core.ui.sentences.neighbors import find

SECOND = "minilm-layer2"


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    if len(texts.dataset) < 2:
        st.info("There is one text. Neighbours need two or more.")
        return
    settings = frame.settings()
    entry = spaces.choose_space(
        settings, Modality.TEXT, key="other", label="Compare with", default=SECOND
    )
    k = int(settings.number_input("Neighbours", 1, 100, 5, key="near", bind="query-params"))
    if entry.space.name == texts.entry.space.name:
        st.info("Both are the same model. Choose another one to compare with.")
        return
    other = open_vectors(entry, texts.dataset, key="other-key")
    if other is None:
        return
    k = min(k, len(texts.dataset) - 1)
    first, second = find(texts, k, Metric.COSINE), find(other, k, Metric.COSINE)
    if first is None or second is None:
        return
    shared = all_pairs.shared_neighbors(first, second)
    chance = k / (len(texts.dataset) - 1)
    with frame.result():
        left, right = st.columns([2, 3])
        with left:
            st.metric("Shared neighbours", f"{shared.mean():.1%}", border=True, width="content")
            st.caption(
                f"Of the {k} nearest of a row by cosine similarity in one model, this part is "
                f"among those of the other, on average. Random rows would share {chance:.1%}."
            )
            counts = np.rint(shared * k).astype(int)
            rows = np.bincount(counts, minlength=k + 1).tolist()
            st.plotly_chart(
                charts.count_bars(list(range(k + 1)), rows, f"shared of {k} neighbours", "rows"),
                key="shared",
                alt=f"Bar chart: how many rows share 0 to {k} neighbours",
            )
        with right:
            _show_rows(texts, other, first, second, shared)
    next_steps.both_on_map(texts, other)


def _show_rows(
    texts: EncodedTexts,
    other: EncodedTexts,
    first: Neighbors,
    second: Neighbors,
    shared: FloatArray,
) -> None:
    numbers = texts.dataset.numbers
    order = np.argsort(shared, kind="stable").tolist()

    def listed(found: Neighbors) -> list[str]:
        return [", ".join(str(numbers[at]) for at in found.rows[row]) for row in order]

    columns = join_columns(
        {
            "row": [numbers[row] for row in order],
            "shared": [float(shared[row]) for row in order],
        },
        {texts.entry.space.title: listed(first)},
        {other.entry.space.title: listed(second)},
        {texts.dataset.column: [texts.dataset.texts[row] for row in order]},
    )
    import pandas as pd

    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        height=540,
        lazy=True,
        column_config={
            "row": st.column_config.NumberColumn(width="small", format="%d"),
            "shared": st.column_config.NumberColumn(width="small", format="percent"),
            texts.dataset.column: st.column_config.TextColumn(width="large"),
        },
        alt="Rows with their neighbours in both models, those that share least first",
    )
    tables.download_csv(columns, file_name="shared-neighbors.csv")
