"""Leaving words out of a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st

from core.attribution.words import leave_out_words, without, word_spans
from core.base.types import FloatArray


def words_of(text: str, most: int = 48) -> list[str]:
    return [text[start:end] for start, end in word_spans(text, most)]


def cats(texts: Sequence[str]) -> FloatArray:
    """How many of the words are a cat."""
    shares = [text.split().count("cat") / len(text.split()) for text in texts]
    return np.array(shares, np.float32)


def test_each_word_carries_what_is_lost_without_it() -> None:
    parts = leave_out_words("a cat sat", 1 / 3, cats)
    assert [(one.text, one.start) for one in parts] == [("a", 0), ("cat", 2), ("sat", 6)]
    assert [one.drop for one in parts] == pytest.approx([-1 / 6, 1 / 3, -1 / 6])


def test_words_are_runs_of_letters_and_single_characters_of_unbroken_scripts() -> None:
    assert words_of("The cat's well-known; 3 mice!") == ["The", "cat's", "well-known", "3", "mice"]
    assert words_of("猫が好き") == ["猫", "が", "好", "き"]
    assert words_of("... 😀 ") == []
    assert without("a  red apple ", 3, 6) == "a apple"
    assert leave_out_words("cat!", 1.0, cats) == []


@pytest.mark.slow
@given(st.text(max_size=200), st.integers(1, 9))
def test_parts_stand_in_order_and_are_not_more_than_asked(text: str, most: int) -> None:
    spans = word_spans(text, most)
    assert len(spans) <= most
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)


def test_of_a_long_text_neighbours_go_together() -> None:
    assert words_of("a b c d e", 2) == ["a b c", "d e"]
