"""What is asked of words, kept while the server runs."""

from __future__ import annotations

import streamlit as st

from core.base.types import Progress
from core.cache.spaces import vocabulary
from core.spaces.entry import SpaceEntry
from core.spaces.vocabulary import Vocabulary
from core.words.analogies import AnalogyResult, Question, evaluate_analogies


@st.cache_resource(max_entries=20, show_spinner=False)
def _analogies(
    space_digest: str,
    questions_digest: str,
    _vocabulary: Vocabulary,
    _questions: dict[str, list[Question]],
    _progress: Progress,
) -> AnalogyResult:
    return evaluate_analogies(_vocabulary, _questions, _progress)


def analogies(
    entry: SpaceEntry,
    questions: dict[str, list[Question]],
    questions_digest: str,
    progress: Progress,
) -> AnalogyResult:
    """The result of these questions in this space, measured once; meant to be called in a job."""
    words = vocabulary(entry)[0]
    result: AnalogyResult = _analogies(entry.digest, questions_digest, words, questions, progress)
    return result
