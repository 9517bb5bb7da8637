"""Sentences → Review, on rows with a copy in another split and a wrong label."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.sentences import datasets
from tests.pages.test_sentences import open_page, told

ANIMALS = ("dog", "cat", "cow", "horse", "sheep", "goat", "pig")
WEATHER = ("rain", "snow", "wind", "fog", "hail", "thunder", "sunshine")


def bring_untidy() -> None:
    """Row 15 repeats row 1 in another split; row 14 is of the weather and called an animal."""
    rows = [(f"A {one} stands in the meadow.", "animals", "test") for one in ANIMALS]
    rows += [(f"Today there is much {one}.", "weather", "train") for one in WEATHER]
    rows[13] = (rows[13][0], "animals", "train")
    rows.append((rows[0][0], "animals", "train"))
    text = "text,topic,split\n" + "\n".join(",".join(row) for row in rows) + "\n"
    datasets.import_table("untidy.csv", text.encode())


def boxes(page: AppTest) -> dict[str, str]:
    """The action of each row on screen, by its number."""
    return {
        box.label.removeprefix("Action for "): str(box.value)
        for box in page.selectbox
        if box.label.startswith("Action for ")
    }


def test_each_check_shows_its_rows_and_an_action_can_be_changed(own_home: Path) -> None:
    bring_untidy()
    asked = {"do": "Review", "data": "untidy", "column": "text", "review-threshold": "1.0"}
    page = open_page(**asked, **{"review-view": "Leaks"})
    assert not page.exception
    assert page.selectbox(key="review-label").value == "topic"
    assert page.selectbox(key="review-split").value == "split"
    assert boxes(page) == {"15": "drop", "1": "keep"}
    assert "in “train”, its duplicate 1 in “test”" in told(page)
    assert "of 15 rows" in told(page)
    next(one for one in page.selectbox if one.label == "Action for 15").set_value("keep").run()
    assert "**0** drop" in told(page)
    page.session_state["review-view"] = "Labels"
    page.run()
    assert boxes(page) == {"14": "look"}
    assert "label “animals”, neighbours say “weather”" in told(page)
    page.session_state["review-view"] = "Subset"
    page.run()
    assert not page.exception


def test_one_text_is_told(own_home: Path) -> None:
    datasets.import_table("one.txt", b"Only one sentence.\n")
    assert "There is one text." in told(open_page(do="Review", data="one"))
