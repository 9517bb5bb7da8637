"""Sentences → Semantic search → Why this result: words of both texts, and other models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from core.attribution.agreement import Agreement, agree
from core.attribution.words import MOST, TextPart, word_spans
from core.base.errors import ExplorerError
from core.base.types import FloatArray, Modality
from core.cache import why as why_cache
from core.cache.digests import digest
from core.formula.question import read_query, resolve_query
from core.formula.resolve import ResolvedQuery
from core.sentences.dataset import EncodedTexts
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry
from core.ui.choosers import texts as texts_chooser, why
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.session import names

SHOWN = 12  # bars of a text's words, those that change most
MARKED = 0.5  # of the largest drop, from which on a word is marked
LIMITS = (
    "Each word is left out once; orange is what the cosine loses without it, blue what it gains. "
    "This shows what the model's answer hangs on, not why: without a word the rest may read "
    "differently, and of two words that say the same neither seems to matter."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of some texts, as it was typed, and its vector."""

    texts: EncodedTexts
    text: str
    query: ResolvedQuery


def show(question: Question, row: int) -> None:
    """Explains why a row was found."""
    texts, query = question.texts, question.query
    ids = list(map(str, texts.dataset.numbers))
    vectors = texts.vectors.vectors
    own, best = agree(vectors @ query.vector, ids, ids[row])
    st.markdown(f"Rank {own.rank:,} of {own.of:,} by cosine, {own.similarity:.3f}")
    if _may_ask(texts.entry, [question.text, texts.dataset.texts[row]]):
        try:
            _show_words(question, row)
        except ExplorerError as error:
            page.show_error(error)
    _show_models(question, row, own, best)
    st.caption(LIMITS)


def show_pair(texts: EncodedTexts, lines: Sequence[str], vectors: FloatArray) -> None:
    """Which words of two of ``lines``, with unit ``vectors`` ``(n, dim)``, carry their cosine."""
    first, second = (
        int(st.number_input(label, 1, len(lines), at, key=key, bind="query-params", width=160)) - 1
        for at, (label, key) in enumerate((("Sentence", "pair-a"), ("And sentence", "pair-b")), 1)
    )
    if not _may_ask(texts.entry, [lines[first], lines[second]]):
        return
    found = {}
    for own, other in ((first, second), (second, first)):
        found[own] = why_cache.text_parts(
            texts.entry, lines[own], vectors[own], vectors[other], texts.encoder
        )
    with st.container(horizontal=True, key="why-pair"):
        for at, (line, parts) in enumerate(found.items()):
            if parts:
                with st.container(width=why.WIDE + 80, gap="xsmall"):
                    st.markdown(mark(lines[line], parts))
                    bars = [(one.text, one.drop) for one in parts]
                    why.show_words(f"Sentence {line + 1}", bars, f"why-pair-{at}")
    st.caption(LIMITS)


def _may_ask(entry: SpaceEntry, texts: Sequence[str]) -> bool:
    """Whether texts may be sent to the model without each word: to a service after a click."""
    key = f"why agreed {digest(entry, *texts)}"
    if not entry.source.is_service or st.session_state.get(key):
        return True
    count = sum(len(word_spans(one)) for one in texts)
    st.info(f"{count:,} texts, each without a word, would be sent to {plain(entry.spec.url)}.")
    if st.button(f"Send {count:,} texts", key="why-agree"):
        st.session_state[key] = True
        st.rerun()
    return False


def _show_words(question: Question, row: int) -> None:
    texts, query = question.texts, question.query
    text, vector = texts.dataset.texts[row], texts.vectors.vectors[row]
    asked = why_cache.query_parts(
        texts.entry, question.text, query.vector, vector, query, texts.encoder
    )
    parts = why_cache.text_parts(texts.entry, text, vector, query.vector, texts.encoder)
    if parts:
        st.markdown(mark(text, parts))
    with st.container(horizontal=True, key="why-parts"):
        if asked:
            why.show_words("The query", [(one.text, one.drop) for one in asked], "why-query")
        if parts:
            most = sorted(parts, key=lambda one: -abs(one.drop))[:SHOWN]
            told = sorted(most, key=lambda one: one.start)
            title = "The result" if len(parts) <= SHOWN else f"The result: its {SHOWN} strongest"
            why.show_words(title, [(one.text, one.drop) for one in told], "why-result")
    if not asked and not parts:
        st.caption("Both are one word: there is nothing to leave out.")
    if len(parts) == MOST:
        st.caption("Of a long text neighbouring words are left out together.")


def mark(text: str, parts: list[TextPart]) -> str:
    """A text as Markdown in which the words that carry most stand on a ground of their own."""
    largest = max(one.drop for one in parts)
    pieces, at = [], 0
    for one in parts:
        if one.drop <= 0 or one.drop < MARKED * largest:
            continue
        pieces += [_spaced(text[at : one.start]), f":orange-background[{plain(one.text)}]"]
        at = one.end
    return "".join([*pieces, _spaced(text[at:])])


def _spaced(text: str) -> str:
    """As Markdown, with the blanks at its ends, which ``plain`` takes away."""
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and text.strip() else ""
    return f"{before}{plain(text)}{after}"


def _show_models(question: Question, row: int, own: Agreement, best: list[str]) -> None:
    texts = question.texts
    why.ask_models(
        texts.entry.space.name,
        own,
        Modality.TEXT,
        lambda entry: not text_vectors.count_missing(texts.dataset.texts, entry.text_folder),
        lambda entry: _ask_model(question, entry, row, best),
    )


def _ask_model(
    question: Question, entry: SpaceEntry, row: int, best: list[str]
) -> Agreement | str | None:
    """What another model says; why it cannot; ``None`` while its vectors are waited for."""
    texts = texts_chooser.encode(entry, question.texts.dataset)
    if texts is None:
        return None

    def ask() -> Agreement:
        find = names.finder(entry, lambda _: None)
        query = resolve_query(read_query(question.text), texts.encoder, find)
        ids = list(map(str, texts.dataset.numbers))
        return agree(texts.vectors.vectors @ query.vector, ids, ids[row], best)[0]

    key = digest(entry, question.texts, question.query.vector, row)
    return why.remembered(key, ask)
