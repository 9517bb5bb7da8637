"""Tags on the page Map: what is selected is named, found again, combined, coloured, exported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from core.cli.main import main
from core.maps import tags
from core.readers import tables as table_reader
from core.sentences import datasets
from core.ui.map import selection
from core.ui.session import shelf_cookie
from tests.pages.test_links import click
from tests.pages.test_map import told
from tests.pages.test_map_link import noted, selected
from tests.support.app_page import checked, open_page

__all__ = ["noted"]
PLACES = {"of": "Numeric columns", "data": "places"}


@pytest.fixture
def places(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Nine points of two kinds, on ready coordinates, in a browser that has said its id."""
    monkeypatch.setattr(shelf_cookie, "known_browser", lambda: "b" * 43)
    lines = ["name,x,y,kind", *(f"n{n},{n},{n * n},{'ab'[n % 2]}" for n in range(9))]
    datasets.import_table("places.csv", "\n".join(lines).encode())
    return open_page("map", **PLACES)


def select(page: AppTest, *rows: int) -> None:
    """Selects rows, as the lasso's callback does."""
    page.session_state[selection.CHOSEN] = (page.session_state["digest-test"], np.array(rows))
    checked(page)


def name_box(page: AppTest) -> TextInput:
    """The box for a tag's name, which is another one once a name was taken."""
    return next(box for box in page.text_input if str(box.key).startswith("tag-name"))


def tag(page: AppTest, name: str) -> None:
    """Tags what is selected."""
    name_box(page).set_value(name)
    checked(click(page, "tag-add"))


def test_tags_come_back_and_are_combined_with_what_is_selected(places: AppTest) -> None:
    page = places
    select(page, 1, 2, 3)
    tag(page, "low")
    select(page, 3, 4)
    tag(page, "middle")
    assert list(page.dataframe[0].value["tags"]) == ["low; middle", "middle"]

    again = open_page("map", **PLACES)  # another session
    page = again
    page.selectbox(key="tag-chosen").set_value("low")
    checked(page)
    checked(click(page, "tag-replace"))
    assert selected(page) == ["n1", "n2", "n3"]
    page.selectbox(key="tag-chosen").set_value("middle")
    checked(page)
    for action, expected in (
        ("tag-union", ["n1", "n2", "n3", "n4"]),
        ("tag-intersection", ["n3", "n4"]),
        ("tag-difference", []),
    ):
        checked(click(page, action))
        if expected:
            assert selected(page) == expected
    assert "items selected" not in told(page)


def test_what_was_tagged_is_undone_step_by_step(places: AppTest) -> None:
    page = places
    select(page, 1, 2)
    tag(page, "low")
    select(page, 5)
    tag(page, "low")  # one more
    entry = datasets.find_dataset("places")
    page.selectbox(key="tag-chosen").set_value("low")
    checked(page)
    checked(click(page, "tag-delete"))
    assert "tags" not in page.dataframe[0].value
    for expected in (["low"], [""]):
        checked(click(page, "tag-undo"))
        assert list(page.dataframe[0].value["tags"]) == expected
    checked(click(page, "tag-undo"))
    assert "tags" not in page.dataframe[0].value
    assert entry.name == "places"


def test_undo_that_is_clicked_twice_takes_back_one_change(places: AppTest) -> None:
    page = places
    select(page, 1)
    tag(page, "low")
    page.session_state["map-tags-undo"] = []  # the first click came before this page was shown
    checked(click(page, "tag-undo"))
    assert list(page.dataframe[0].value["tags"]) == ["low"]


def test_a_name_that_cannot_be_is_told_and_stays_to_be_changed(places: AppTest) -> None:
    page = places
    select(page, 1)
    tag(page, "a;b")
    assert "none of them a semicolon" in told(page)
    assert name_box(page).value == "a;b"


def test_points_are_coloured_by_tags_and_a_tag_keeps_the_selection(places: AppTest) -> None:
    page = places
    select(page, 1, 2)
    assert "tags" not in page.selectbox(key="color").options
    tag(page, "low")
    assert "2 items selected" in told(page)
    page.selectbox(key="color").set_value("tags")
    checked(page)
    assert "2 items selected" in told(page)


def test_a_part_that_is_mapped_alone_is_tagged_in_the_whole(places: AppTest) -> None:
    page = places
    select(page, 2, 4, 6, 8)
    checked(click(page, "only"))
    select(page, 1, 3)
    tag(page, "even")
    checked(click(page, "map-all"))
    page.selectbox(key="tag-chosen").set_value("even")
    checked(page)
    checked(click(page, "tag-replace"))
    assert selected(page) == ["n4", "n8"]


def test_a_map_without_a_browser_has_the_tags(places: AppTest, tmp_path: Path) -> None:
    select(places, 1, 2)
    tag(places, "low")
    table = tmp_path / "places.csv"
    lines = ["name,x,y,kind", *(f"n{n},{n},{n * n},{'ab'[n % 2]}" for n in range(9))]
    table.write_text("\n".join(lines))
    out = tmp_path / "map.parquet"
    assert main(["map", str(table), "--columns", "x,y", "--out", str(out)]) == 0
    frame = table_reader.read_table(out.name, out.read_bytes()).frame
    assert frame["tags"].fillna("").tolist() == ["", "low", "low", *[""] * 6]


def test_damaged_tags_are_told_and_the_map_is_there(places: AppTest, own_home: Path) -> None:
    select(places, 1)
    tag(places, "low")
    [path] = (own_home / tags.FOLDER).glob("*.json")
    path.write_text("{}")
    page = checked(places)
    assert "are damaged" in told(page)
    assert "1 item selected" in told(page)


def test_another_browser_has_none_of_the_tags(
    places: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(places, 1, 2)
    tag(places, "low")
    assert "tags" in places.dataframe[0].value
    monkeypatch.setattr(shelf_cookie, "known_browser", lambda: None)  # it has not said its id yet
    page = open_page("map", **PLACES)
    assert not [one for one in page.selectbox if one.key == "tag-chosen"]
    select(page, 4)
    tag(page, "own")
    assert list(page.dataframe[0].value["tags"]) == ["own"]
    monkeypatch.setattr(shelf_cookie, "known_browser", lambda: "c" * 43)
    checked(page)
    assert list(page.dataframe[0].value["tags"]) == ["own"]
    again = open_page("map", **PLACES)
    assert again.selectbox(key="tag-chosen").value == "own"
