"""Sentences → Semantic search: the rows that fit a query, by vectors, by BM25, or by both."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.base import vectors as vec
from core.base.columns import join_columns
from core.base.errors import ExplorerError, shorten
from core.base.types import FloatArray
from core.cache import sentences as sentences_cache
from core.knn.serving import Served
from core.sentences.dataset import EncodedTexts
from core.sentences.datasets import BUNDLED
from core.sentences.search import Hit, SearchMode, as_hits, rank_rows
from core.spaces.own_vectors import OwnEncoder
from core.ui.choosers import query_bar, served_index, why
from core.ui.common import frame, keep, page, tables
from core.ui.common.markdown import plain
from core.ui.sentences import cards, index, question, why as sentences_why
from core.ui.session import link_values, names

EXAMPLES = (
    "someone ill is being examined",
    "music made with strings",
    "how do animals survive the cold?",
)
HELP = (
    "A sentence or some words, taken whole: **someone ill is being examined**. Or a formula: "
    "**[saved vector] + night - people**. Names in square brackets stand for saved vectors and for "
    "pictures of yours."
)
MODES = {
    "Semantic": SearchMode.SEMANTIC,
    "BM25": SearchMode.BM25,
    "Hybrid": SearchMode.HYBRID,
}
_HELP = {
    SearchMode.SEMANTIC: "**Semantic**: cosine similarity of the vectors. Finds other words for "
    "the same thing; an index may serve it.",
    SearchMode.BM25: "**BM25** counts the query's words, rare ones "
    "more and very common English ones not at all. Rows without any of them are no results.",
    SearchMode.HYBRID: "**Hybrid**: reciprocal rank fusion of the two rankings, "
    "1 / (60 + rank) each.",
}


def show(texts: EncodedTexts) -> None:
    """The whole tool."""
    bundled = texts.dataset.name == BUNDLED
    bar = query_bar.Bar(
        "ask",
        "Query",
        first=EXAMPLES[0] if bundled else "",
        placeholder="What are you looking for?",
        help=HELP,
        examples=EXAMPLES if bundled else (),
    )
    asked, _ = query_bar.ask(bar, texts.entry)
    mode, k = _choose_options()
    settings = _choose_index(texts, mode)
    if not asked.strip():
        st.info("Type a query: a sentence or a few words. The rows that fit best are listed.")
        return
    query, formula = None, ""
    if mode is not SearchMode.BM25 or not isinstance(texts.encoder, OwnEncoder):
        try:
            query, formula = question.resolve(texts.entry, texts.encoder, asked.strip())
        except ExplorerError as error:
            page.show_error(error)
            return
    vector = None if query is None else query.vector
    keywords = sentences_cache.keywords(texts.dataset).scores(asked)
    served = served_index.open_index(index.searched(texts), settings) if settings else None
    hits = _rank(texts, vector, keywords, (mode, k), served)
    if not hits:
        st.info(
            "No row holds a word of the query. Very common English words, such as “the”, "
            "are not counted, and only whole words match. Choose “Semantic” to see the "
            "nearest rows."
        )
        return
    numbers = {str(texts.dataset.numbers[hit.row]) for hit in hits}
    if query is not None and (name := why.named()) and name not in numbers:
        st.caption(f"No row {plain(shorten(name))} is among these results, so none is explained.")
    with frame.result():
        told = [
            [f"{at}"]
            + ([] if vector is None else [f"cosine {hit.similarity:.3f}"])
            + ([] if mode is SearchMode.SEMANTIC else [f"BM25 {hit.keywords:.2f}"])
            for at, hit in enumerate(hits, 1)
        ]
        explain = None
        if query is not None:
            explain = partial(
                sentences_why.show, sentences_why.Question(texts, asked.strip(), query)
            )
        cards.show(texts, [hit.row for hit in hits], told, explain, key="result-card")
    names.tell([asked])
    names.tell_reading(asked)
    columns = _columns(texts, hits)
    if vector is None:
        del columns["similarity"]
    with st.container(horizontal=True):
        if vector is not None:
            keep.keep_button(
                texts.entry.space.name,
                vector,
                f"query: {shorten(asked, 60)}",
                key="keep-question",
                formula=formula,
            )
        tables.download_csv(columns, file_name="results.csv")
    with st.expander("As a table"):
        _show_table(texts, columns, asked)
    if mode is SearchMode.SEMANTIC:
        st.caption(served_index.told(index.searched(texts), served, settings))


def _choose_options() -> tuple[SearchMode, int]:
    with frame.settings():
        mode = MODES[
            link_values.one_of(
                st,
                "Rank by",
                list(MODES),
                default="Semantic",
                key="by",
                bind="query-params",
                help="  \n".join(_HELP.values()),
            )
        ]
        k = int(st.number_input("Results", 1, 200, 10, key="answers", bind="query-params"))
    return mode, k


def _choose_index(texts: EncodedTexts, mode: SearchMode) -> str:
    """The index that serves; other rankings need the scores of all rows."""
    if mode is not SearchMode.SEMANTIC:
        return ""
    with frame.settings():
        return served_index.choose(index.searched(texts))


def _rank(
    texts: EncodedTexts,
    vector: FloatArray | None,
    keywords: FloatArray,
    by: tuple[SearchMode, int],
    served: Served | None,
) -> list[Hit]:
    """The rows nearest to a unit vector ``(dim,)``; without one, by ``keywords`` ``(n,)`` alone."""
    mode, k = by
    if vector is None:
        return rank_rows(np.zeros_like(keywords), keywords, mode, k)
    if served is not None:
        return as_hits(*served.search(vector, k), keywords)
    similarity = vec.similarity(vector[None, :], texts.vectors.vectors)[0]
    return rank_rows(similarity, keywords, mode, k)


def _show_table(texts: EncodedTexts, columns: dict[str, list[Any]], asked: str) -> None:
    st.dataframe(
        columns,
        hide_index=True,
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


def _columns(texts: EncodedTexts, hits: list[Hit]) -> dict[str, list[Any]]:
    rows = [hit.row for hit in hits]
    found: dict[str, list[Any]] = {
        "rank": list(range(1, len(hits) + 1)),
        "row": [texts.dataset.numbers[row] for row in rows],
        "similarity": [hit.similarity for hit in hits],
        "BM25": [hit.keywords for hit in hits],
    }
    return join_columns(found, texts.dataset.told(rows))
