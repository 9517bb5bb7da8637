"""Completion of words in the formula box, by the browser's own list of suggestions."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from core.base.paths import ASSETS
from core.spaces.vocabulary import Vocabulary

WORDS = 10_000
_SCRIPT = ASSETS / "completion.js"


@cache
def _script() -> str:
    return _SCRIPT.read_text(encoding="utf-8")


def complete_words(vocabulary: Vocabulary, label: str = "Formula") -> None:
    """Suggests the vocabulary's most frequent words while a person types in the box ``label``.

    Only adds to the text input that is there already: without it, everything works as before.
    """
    component: Any = st.components.v2.component("word_completion", js=_script())
    component(key="completion", data={"label": label, "words": vocabulary.head(WORDS)}, height=1)
