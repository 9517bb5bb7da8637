"""Sentences → Semantic search in a vector database: the rows that it found."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base.columns import join_columns
from core.base.errors import shorten
from core.databases import searching
from core.databases.protocol import Answer, Collection
from core.ui.common import frame, tables
from core.ui.common.markdown import plain
from core.ui.sentences import cards


def show(answer: Answer, collection: Collection, column: str, told: str) -> None:
    """The rows as cards, and below them how they were found.

    Args:
        column: the field that is a row's text; empty for none.
        told: who answered and by which filter, as Markdown.
    """
    with frame.result():
        if not answer.hits:
            st.info(f"No row was found: {told}.")
            return
        for rank, hit in enumerate(answer.hits, 1):
            row = searching.plain(hit.row)
            row.pop(collection.key, None)
            text = row.pop(column, None)
            known = {name: cell for name, cell in row.items() if cell is not None}
            with st.container(border=True, gap="xsmall", key=f"hit-{rank}"):
                if text is not None:
                    st.markdown(plain(shorten(str(text), cards.CHARACTERS)))
                badges = [f"{rank}", f"{answer.metric} {hit.score:.3f}"]
                few = dict(list(known.items())[: cards.CHIPS])
                named = f"{collection.key} {hit.id}" if hit.id else ""
                st.markdown(cards.badges(badges, named, few))
    st.caption(f"Ranked by {told}: {plain(searching.how(answer.metric, answer.index))}.")


def download(answer: Answer) -> None:
    """A button that downloads the rows."""
    tables.download_csv(_columns(answer), file_name="results.csv")


def show_table(answer: Answer, alt: str) -> None:
    """The rows as a table, folded."""
    with st.expander("As a table"):
        st.dataframe(
            _columns(answer),
            hide_index=True,
            column_config={
                "rank": st.column_config.NumberColumn(width="small"),
                "score": st.column_config.NumberColumn(
                    width="small", format="%.3f", help=f"{answer.metric}; higher is nearer."
                ),
            },
            alt=alt,
        )


def _columns(answer: Answer) -> dict[str, list[Any]]:
    rows = [searching.plain(hit.row) for hit in answer.hits]
    fields = dict.fromkeys(name for row in rows for name in row)
    found: dict[str, list[Any]] = {
        "rank": list(range(1, len(rows) + 1)),
        "score": [hit.score for hit in answer.hits],
    }
    return join_columns(found, {name: [row.get(name) for row in rows] for name in fields})
