"""Inputs that several tools of the Words page share."""

from __future__ import annotations

import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.cache import spaces as spaces_cache
from core.spaces.entry import SpaceEntry
from core.spaces.vocabulary import Vocabulary
from core.ui.common import page
from core.ui.common.markdown import plain
from core.words.word_list import WordList, resolve_words, split_words


def words_area(label: str, default: str, *, key: str, height: int = 72) -> str:
    """A box for a list of words, kept in the address."""
    told = f"{label}, separated by commas or line ends"
    return st.text_area(
        told,
        default,
        key=key,
        bind="query-params",
        height=height,
        label_visibility="collapsed",
        placeholder=told,
    )


def centered_toggle() -> bool:
    """Whether the mean of all word vectors is taken away in this view."""
    return st.toggle(
        "Mean-center vectors",
        key="center",
        bind="query-params",
        help="Subtracts the mean of all word vectors from each, for this view only: words that "
        "are alike only because all words are alike come apart.",
    )


def read_words(text: str, entry: SpaceEntry, vocabulary: Vocabulary) -> WordList | None:
    """The words of ``text`` with their vectors; ``None`` after an error was shown."""
    try:
        words = split_words(text)
        encoder = spaces_cache.word_encoder(entry)
        if encoder is not None and any(word not in vocabulary for word in words):
            with st.spinner("Encoding what the vocabulary does not have …"):
                found = resolve_words(words, vocabulary, encoder)
        else:
            found = resolve_words(words, vocabulary, encoder)
    except ExplorerError as error:
        page.show_error(error)
        return None
    if found.encoded:
        names = ", ".join(plain(shorten(word)) for word in found.encoded)
        st.caption(f"Not among the {len(vocabulary):,} words, so encoded just now: {names}.")
    return found
