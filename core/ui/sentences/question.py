"""What is asked of texts, as a vector: a sentence taken whole, or a formula."""

from __future__ import annotations

import streamlit as st

from core.base.types import TermKind, TextEncoder
from core.cache import sentences as sentences_cache
from core.formula.question import read_query, resolve_query
from core.formula.resolve import ResolvedQuery, ResolvedTerm, add_up
from core.spaces.entry import SpaceEntry
from core.ui.common import keep
from core.ui.session import names


def resolve(entry: SpaceEntry, encoder: TextEncoder, asked: str) -> tuple[ResolvedQuery, str]:
    """A query with its unit vector ``(dim,)``, and its formula where it is of words alone.

    Raises:
        ExplorerError: it cannot be read, or the model does not take what it names.
    """
    terms = read_query(asked)
    if len(terms) == 1 and terms[0].kind is TermKind.WORD and terms[0].weight == 1:
        found = sentences_cache.question(entry, terms[0].text, encoder)
        if found.cut[0]:
            st.caption("The query is longer than the model reads: only its beginning counts.")
        term = ResolvedTerm(terms[0], found.vectors[0], None, encoded=True)
        return add_up([term]), keep.words_alone(terms)
    find = names.finder(entry, lambda _: None)
    return resolve_query(terms, encoder, find), keep.words_alone(terms)
