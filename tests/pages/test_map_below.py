"""What stands below the map: what is selected, filtered or found, in step with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.ui.map import scatter, selection
from tests.pages.test_map import charts, emoji_map, select, told
from tests.support.app_page import checked

__all__ = ["charts", "emoji_map"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the chart's search tells: words, and the points that it has found."""
    said: dict[str, Any] = {"words": "", "found": None}
    monkeypatch.setattr(scatter, "query", lambda key: said["words"])
    monkeypatch.setattr(
        scatter, "matches", lambda key, count: None if said["found"] is None else said["found"]
    )
    return said


def find(page: AppTest, typed: dict[str, Any], words: str) -> None:
    """Types words into the chart's search, which finds points as the browser does."""
    texts = page.session_state["of-test"][1]
    found = np.array([row for row, text in enumerate(texts) if words in text], dtype=np.int64)
    typed.update(words=words, found=found if len(found) else None)
    checked(page)


def test_what_is_found_is_listed_and_narrows_what_is_selected(
    emoji_map: AppTest, typed: dict[str, Any]
) -> None:
    page = emoji_map
    find(page, typed, "apple")
    assert "3 items with “apple”" in told(page)
    assert "3 of 1,914 points of the map" in told(page)
    assert sorted(page.dataframe[0].value["text"]) == ["green apple", "pineapple", "red apple"]
    assert page.button(key="select-none").disabled
    select(page, ["red apple", "pear", "pineapple"])
    checked(page)
    assert "2 of 3 items selected with “apple”" in told(page)
    assert sorted(page.dataframe[0].value["text"]) == ["pineapple", "red apple"]
    find(page, typed, "no such words")  # meant, not written: nothing is narrowed
    assert "3 items selected" in told(page)
    assert "3 of 1,914 points of the map" in told(page)


def test_of_what_is_selected_none_may_be_found(emoji_map: AppTest, typed: dict[str, Any]) -> None:
    select(emoji_map, ["pear"])
    find(emoji_map, typed, "apple")
    assert "0 of 1 item selected with “apple”" in told(emoji_map)
    assert not len(emoji_map.dataframe[0].value)


def test_pictures_stand_in_place_of_the_table(emoji_map: AppTest) -> None:
    page = emoji_map
    select(page, ["red apple", "pear"])
    checked(page)
    page.segmented_control(key="below").set_value("Pictures")
    checked(page)
    shown = [one.label for one in page.button if one.label == "Open"]
    assert len(shown) == 2
    assert not [one for one in page.dataframe if "text" in one.value]


def test_a_row_that_is_pointed_at_marks_its_point(
    emoji_map: AppTest, charts: list[dict[str, Any]]
) -> None:
    page = emoji_map
    select(page, ["red apple", "pear"])
    checked(page)
    assert charts[-1]["pointed"] == -1
    digest, texts = page.session_state["of-test"]
    page.session_state[selection.POINTED] = (digest, texts.index("pear"))
    checked(page)
    assert texts[charts[-1]["pointed"]] == "pear"
    page.button(key="select-none").click()
    checked(page)
    assert charts[-1]["pointed"] == -1


def test_matches_of_points_that_are_gone_count_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import streamlit as st

    from core.charts.scatter import pack

    said = {"words": "apple", "found": pack(np.array([1, 4]), 9), "points": "/media/a.bin"}
    monkeypatch.setattr(
        st, "session_state", {"chart": {"query": said}, "chart-points": "/media/a.bin"}
    )
    found = scatter.matches("chart", 9)
    assert found is not None
    assert found.tolist() == [1, 4]
    assert scatter.query("chart") == "apple"
    st.session_state["chart-points"] = "/media/b.bin"
    assert scatter.matches("chart", 9) is None
