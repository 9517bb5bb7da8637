"""Sentences → Semantic search → Why this result?"""

from __future__ import annotations

import re

from tests.support.app_page import checked, open_page


def test_a_click_marks_the_words_that_carry_a_row() -> None:
    page = open_page("sentences", do="Semantic search", ask="music made with strings")
    number = page.dataframe[0].value["row"][0]
    page.button(key="result-card-why-0").click()
    checked(page)
    assert page.query_params["why"] == str(number)
    said = [str(one.value) for one in page.markdown]
    assert any(re.match(r"Rank 1 of [\d,]+ by cosine", one) for one in said)
    assert any(":orange-background[" in one for one in said)
    page.button(key="result-card-why-0").click()
    checked(page)
    assert "why" not in page.query_params
    assert not any(":orange-background[" in str(one.value) for one in page.markdown)
    page = open_page("sentences", do="Semantic search", ask="music made with strings", why="9999")
    assert any("No row 9999 is among these" in str(one.value) for one in page.caption)


def test_the_words_of_a_pair_are_marked() -> None:
    page = open_page("sentences", do="Similarity matrix", pair="True", **{"pair-b": "3"})
    assert page.number_input(key="pair-b").value == 3
    said = [str(one.value) for one in page.markdown if ":orange-background[" in str(one.value)]
    assert len(said) == 2
    assert ":orange-background[doctor]" in said[0]
    assert ":orange-background[nurse]" in said[1]
