"""Sentences → Semantic search: the rows that fit a query, by vectors, by BM25, or by both."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base import vectors as vec
from core.base.columns import join_columns
from core.base.errors import ExplorerError, shorten
from core.base.types import FloatArray
from core.cache import sentences as sentences_cache
from core.sentences.dataset import EncodedTexts
from core.sentences.datasets import BUNDLED
from core.sentences.search import Hit, SearchMode, rank_rows
from core.ui.common import keep, page, tables
from core.ui.session import link_values

EXAMPLES = (
    "someone ill is being examined",
    "music made with strings",
    "how do animals survive the cold?",
)
MODES = {
    "Semantic": SearchMode.MEANING,
    "BM25": SearchMode.KEYWORDS,
    "Hybrid": SearchMode.BOTH,
}
_HELP = {
    SearchMode.MEANING: "**Semantic**: cosine similarity of the vectors. Finds other words for "
    "the same thing.",
    SearchMode.KEYWORDS: "**BM25** counts the query's words, rare ones "
    "more and very common English ones not at all. Rows without any of them are no results.",
    SearchMode.BOTH: "**Hybrid**: reciprocal rank fusion of the two rankings, "
    "1 / (60 + rank) each.",
}


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    question = st.text_input(
        "Query",
        EXAMPLES[0] if texts.dataset.name == BUNDLED else "",
        key="ask",
        bind="query-params",
        placeholder="What are you looking for?",
    )
    if texts.dataset.name == BUNDLED:
        _show_examples()
    kept = keep.shelf().of_space(texts.entry.space.name, texts.entry.space.dim)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = MODES[
            link_values.one_of(
                st, "Rank by", list(MODES), default="Semantic", key="by", bind="query-params"
            )
        ]
        k = int(st.number_input("Results", 1, 200, 10, key="answers", bind="query-params"))
        name = st.selectbox(
            "Or nearest to a saved vector",
            list(kept),
            index=None,
            key="kept",
            placeholder="saved vectors" if kept else "none saved of this embedding model",
            disabled=not kept,
        )
    st.caption(_HELP[mode])
    if name is not None:
        _answer(texts, f"[{name}]", kept[name], np.zeros(len(texts.dataset), np.float32), k)
        return
    if not question.strip():
        st.info("Type a query: a sentence or a few words. The rows that fit best are listed.")
        return
    try:
        asked = sentences_cache.question(texts.entry, question.strip(), texts.encoder)
    except ExplorerError as error:
        page.show_error(error)
        return
    if asked.cut[0]:
        st.caption("The query is longer than the model reads: only its beginning counts.")
    keywords = sentences_cache.keywords(texts.dataset).scores(question)
    _answer(texts, question, asked.vectors[0], keywords, k, mode)


def _answer(  # noqa: PLR0913, PLR0917
    texts: EncodedTexts,
    asked: str,
    vector: FloatArray,
    keywords: FloatArray,
    k: int,
    mode: SearchMode = SearchMode.MEANING,
) -> None:
    similarity = vec.similarity(vector[None, :], texts.vectors.vectors)[0]
    hits = rank_rows(similarity, keywords, mode, k)
    if not hits:
        st.info(
            "No row holds a word of the query. Very common English words, such as “the”, "
            "are not counted, and only whole words match. Choose “Semantic” to see the "
            "nearest rows."
        )
        return
    columns = _columns(texts, hits)
    st.dataframe(
        columns,
        hide_index=True,
        height="content" if len(hits) <= 20 else "auto",
        column_config={
            "rank": st.column_config.NumberColumn(width="small"),
            "row": st.column_config.NumberColumn(width="small", format="%d"),
            "similarity": st.column_config.NumberColumn(
                width="small", format="%.3f", help="Cosine similarity with the query."
            ),
            "BM25": st.column_config.NumberColumn(
                width="small", format="%.2f", help="0 where no word of the query occurs."
            ),
            texts.dataset.column: st.column_config.TextColumn(width="large"),
        },
        alt=f"Results for {shorten(asked)}, best first",
    )
    with st.container(horizontal=True):
        keep.keep_button(
            texts.entry.space.name, vector, f"query: {shorten(asked, 60)}", key="keep-question"
        )
        tables.download_csv(columns, file_name="results.csv")


def _columns(texts: EncodedTexts, hits: list[Hit]) -> dict[str, list[Any]]:
    rows = [hit.row for hit in hits]
    found: dict[str, list[Any]] = {
        "rank": list(range(1, len(hits) + 1)),
        "row": [texts.dataset.numbers[row] for row in rows],
        "similarity": [hit.similarity for hit in hits],
        "BM25": [hit.keywords for hit in hits],
    }
    return join_columns(found, texts.dataset.told(rows))


def _show_examples() -> None:
    def use(example: str) -> None:
        st.session_state["ask"] = example

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Try")
        for example in EXAMPLES:
            st.button(example, key=f"ask-{example}", on_click=use, args=(example,))
