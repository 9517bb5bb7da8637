"""Rows of a dataset as cards: the whole text, its metadata, and its neighbours inline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.base import vectors as vec
from core.base.errors import shorten
from core.knn.top_k import top_k
from core.sentences.dataset import EncodedTexts
from core.ui.choosers import why
from core.ui.common.markdown import plain

CHARACTERS = 4_000  # of a text
CHIPS = 6  # of what else is known of a row
NEIGHBORS = 5


def show(
    texts: EncodedTexts,
    rows: Sequence[int],
    told: Sequence[Sequence[str]],
    explain: Callable[[int], None] | None = None,
    *,
    key: str,
) -> None:
    """A card for each of ``rows``; ``told`` says what is to be said of it, such as a similarity.

    Args:
        explain: says in the card why the row was found.
        key: the page's own name for these cards.
    """
    for place, (row, said) in enumerate(zip(rows, told, strict=True)):
        with st.container(border=True, gap="xsmall", key=f"{key}-{place}"):
            st.markdown(plain(shorten(texts.dataset.texts[row], CHARACTERS)))
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(chips(texts, row, said))
                opened = st.session_state.get(f"{key}-opened")
                st.button(
                    "Hide neighbours" if opened == row else "Neighbours",
                    key=f"{key}-near-{place}",
                    icon=":material/unfold_less:" if opened == row else ":material/unfold_more:",
                    type="tertiary",
                    on_click=_open,
                    args=(key, row),
                )
                explained = why.named() == str(texts.dataset.numbers[row])
                if explain is not None:
                    st.button(
                        "Hide why" if explained else "Why this result?",
                        key=f"{key}-why-{place}",
                        icon=":material/troubleshoot:",
                        type="tertiary",
                        on_click=why.ask,
                        args=("" if explained else str(texts.dataset.numbers[row]),),
                    )
            if explained and explain is not None:
                explain(row)
            if opened == row:
                _show_neighbors(texts, row)


def _open(key: str, row: int) -> None:
    name = f"{key}-opened"
    st.session_state[name] = None if st.session_state.get(name) == row else row


def chips(texts: EncodedTexts, row: int, told: Sequence[str] = ()) -> str:
    """The number of a row, what is told of it, and its metadata, as Markdown."""
    known = texts.dataset.metadata
    values = {
        str(name): known[name].iloc[row]
        for name in list(known.columns)[:CHIPS]
        if known[name].notna().iloc[row]
    }
    return badges(told, f"row {texts.dataset.numbers[row]}", values)


def badges(told: Sequence[str], name: str, known: Mapping[str, Any]) -> str:
    """What is told of a row, its name, and what else is known of it, as Markdown."""
    found = [f":blue-badge[{plain(one)}]" for one in told]
    found += [f":gray-badge[{plain(name)}]"] if name else []
    for column, value in known.items():
        if cell := str(value).strip():
            shown = f"{shorten(column, 20)}: {shorten(cell, 40)}"
            found.append(f":gray-badge[{plain(shown)}]")
    return " ".join(found)


def _show_neighbors(texts: EncodedTexts, row: int) -> None:
    vectors = texts.vectors.vectors
    similarity = vec.similarity(vectors[row][None, :], vectors)[0].copy()
    similarity[row] = -np.inf
    near = top_k(similarity, min(NEIGHBORS, len(vectors) - 1)).tolist()
    lines = [
        f"- {similarity[other]:.3f} · row {texts.dataset.numbers[other]} · "
        f"{plain(shorten(texts.dataset.texts[other], 400))}"
        for other in near
    ]
    st.markdown("\n".join(lines))
