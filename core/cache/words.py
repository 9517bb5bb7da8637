"""What was measured of words."""

from __future__ import annotations

import streamlit as st

from core.base.types import Progress
from core.cache.digests import DIGESTS
from core.cache.spaces import vocabulary
from core.spaces.entry import SpaceEntry
from core.words.analogies import AnalogyResult, Question, evaluate_analogies
from core.words.inflections import Forms


@st.cache_resource(max_entries=4, hash_funcs=DIGESTS, show_spinner=False)
def forms(entry: SpaceEntry) -> Forms:
    """Which words of a space that is built are forms of one word."""
    return Forms(vocabulary(entry)[0])


@st.cache_resource(max_entries=20, hash_funcs=DIGESTS, show_spinner=False)
def analogies(
    entry: SpaceEntry,
    _questions: dict[str, list[Question]],
    questions_digest: str,
    _progress: Progress,
) -> AnalogyResult:
    """The result of these questions in this space; meant to be called in a job."""
    return evaluate_analogies(vocabulary(entry)[0], _questions, _progress)
