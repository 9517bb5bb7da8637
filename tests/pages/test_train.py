"""The page Train on the emoji and the bundled texts."""

from __future__ import annotations

from pathlib import Path

from tests.support.app_page import checked, open_page


def test_classes_of_the_chosen_columns_are_counted(own_home: Path) -> None:
    page = open_page("train")
    assert page.multiselect(key="characteristics").value == ["group"]
    [classes] = [one.value for one in page.dataframe]
    assert classes["class"][0] == "people-body"
    assert classes["items"].sum() == sum(classes["items"]) > 1_000
    page.multiselect(key="characteristics").set_value(["group", "subgroup"])
    checked(page)
    assert len(page.dataframe) == 2
    page.multiselect(key="characteristics").set_value([])
    assert "Choose a column that says what is alike" in checked(page).info[0].value


def test_texts_are_chosen_with_their_columns(own_home: Path) -> None:
    page = open_page("train", **{"train-of": "Texts"})
    assert page.selectbox(key="data").value == "descriptions"
