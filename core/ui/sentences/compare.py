"""Sentences → Compare: how alike some sentences are, as a heat map."""

from __future__ import annotations

import streamlit as st

from core.base import vectors as vec
from core.base.columns import join_columns
from core.base.errors import ExplorerError, InputError, shorten
from core.cache import sentences as sentences_cache
from core.charts import basic as charts
from core.sentences.dataset import EncodedTexts
from core.ui.common import frame, page, tables
from core.ui.sentences import why

DEFAULT = (
    "The doctor listens to her heart.\n"
    "A physician checks the patient's pulse.\n"
    "The nurse is in hospital.\n"
    "He heard the engine beating.\n"
    "It rained all day."
)
MAX_LINES = 60
HEIGHT = 540  # pixels: the least that most of a screen takes


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    typed = frame.settings().text_area(
        "Sentences, one a line; a number stands for that row of the dataset",
        DEFAULT,
        key="lines",
        bind="query-params",
        height=240,
    )
    try:
        lines = _read(typed, texts)
        vectors = sentences_cache.sentences(texts.entry, lines, texts.encoder).vectors
    except ExplorerError as error:
        page.show_error(error)
        return
    similarity = vec.similarity(vectors, vectors)
    height = max(HEIGHT, 120 + 26 * len(lines))
    with frame.result():
        st.plotly_chart(
            charts.heat_map(lines, similarity).update_layout(height=height),
            key="sentences-heat",
            alt=f"Heat map of the cosine similarities of {len(lines)} sentences",
        )
    labels = [f"{at}. {shorten(line, 40)}" for at, line in enumerate(lines, 1)]
    columns = join_columns(
        {"sentence": lines},
        {
            f"to {label}": [round(float(value), 4) for value in similarity[:, at]]
            for at, label in enumerate(labels)
        },
    )
    if st.toggle("Which words carry it?", key="pair", bind="query-params"):
        why.show_pair(texts, lines, vectors)
    with st.expander("The same as a table"):
        st.dataframe(columns, hide_index=True, alt="Cosine similarities of the sentences")
    tables.download_csv(columns, file_name="sentence-similarity.csv")


def _read(typed: str, texts: EncodedTexts) -> list[str]:
    """The sentences of the lines, numbers replaced by the texts of those rows.

    Raises:
        InputError: fewer than two lines, too many, or a number that no row has.
    """
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if not 2 <= len(lines) <= MAX_LINES:
        raise InputError(
            f"{len(lines)} {'sentence was' if len(lines) == 1 else 'sentences were'} given.",
            f"From 2 to {MAX_LINES} can be compared.",
            "Type one a line.",
        )
    found = []
    for line in lines:
        if not line.isascii() or not line.isdigit():
            found.append(line)
            continue
        row = texts.dataset.row(int(line[:12]))
        if row is None:
            raise InputError(
                f"There is no row {shorten(line, 20)} in {texts.dataset.name}.",
                f"Its rows are numbered up to {texts.dataset.numbers[-1]:,}.",
                "Change the number.",
            )
        found.append(texts.dataset.texts[row])
    return found
