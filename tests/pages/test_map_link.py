"""The page Map and its links: the part that is mapped alone and the selection travel with them."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.maps import long_selections, row_ranges, selection_reports
from core.readers.tables import Table
from core.sentences import datasets
from core.shelf.store import StoredShelf, new_id
from core.spaces.vocabulary_files import Loaded
from core.ui.map import link, selection
from tests.pages.test_links import click, told
from tests.support.app_page import APP, checked, open_page

WORDS = "dog, cat, horse, cow, lion, wolf, apple, pear, plum"
LIST = {"of": "Custom words", "method": "PCA", "list": WORDS}


def of_link(page: AppTest) -> dict[str, str]:
    """The parameters of the address that “Link” shows."""
    checked(click(page, "link"))
    [address] = [one.value for one in page.code if "?" in one.value or "://" in one.value]
    return dict(parse_qsl(urlsplit(address).query))


def select(page: AppTest, words: list[str], among: str = WORDS) -> None:
    """Selects words, as the lasso's callback does."""
    listed = among.split(", ")
    rows = np.array(sorted(listed.index(word) for word in words))
    page.session_state[selection.CHOSEN] = (page.session_state["digest-test"], rows)
    checked(page)


@pytest.fixture(autouse=True)
def noted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is mapped is noted in the session, where a test selects as the lasso would."""
    import streamlit as st

    original = selection.narrowed

    def narrowed(source):  # type: ignore[no-untyped-def]
        data = original(source)
        st.session_state["digest-test"] = data.digest
        return data

    monkeypatch.setattr(selection, "narrowed", narrowed)


def selected(page: AppTest) -> list[str]:
    """The words in the table of what is selected."""
    return list(page.dataframe[0].value["text"])


def in_address(page: AppTest) -> str:
    """The selection that the address holds."""
    held = page.query_params[link.SELECTED]
    return held if isinstance(held, str) else held[0]


def test_a_part_and_a_selection_in_it_come_back_from_the_link() -> None:
    page = open_page("map", **LIST)
    select(page, ["dog", "cat", "wolf", "plum"])
    checked(click(page, "only"))
    assert "Only 4 items of 9 are projected" in told(page)
    select(page, ["wolf", "plum"], "dog, cat, wolf, plum")
    assert selected(page) == ["wolf", "plum"]
    address = of_link(page)
    assert {link.PART, link.SELECTED} <= set(address)

    again = open_page("map", **address)
    assert "Only 4 items of 9 are projected" in told(again)
    assert selected(again) == ["wolf", "plum"]
    checked(click(again, "map-all"))
    assert "are projected" not in told(again)  # and the address does not bring it back
    assert selected(again) == ["wolf", "plum"]
    checked(click(again, "select-none"))
    assert not {link.PART, link.SELECTED} & set(of_link(again))


def test_what_is_selected_stands_in_the_address_and_back_undoes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page("map", **LIST)
    assert link.SELECTED not in page.query_params
    addresses = []
    for words in (["dog", "cat"], ["plum"]):
        select(page, words)
        entry = in_address(page)
        assert row_ranges.unpack(entry, WORDS.split(", "), WORDS.split(", ")).tolist() == [
            WORDS.split(", ").index(word) for word in words
        ]
        addresses.append(entry)
    page.query_params[link.SELECTED] = addresses[0]  # left behind: the browser is late
    assert selected(checked(page)) == ["plum"]
    monkeypatch.setattr(link, "_has_stepped", lambda: True)
    page.query_params[link.SELECTED] = addresses[0]
    assert selected(checked(page)) == ["dog", "cat"]
    del page.query_params[link.SELECTED]
    assert "items selected" not in told(checked(page))
    page.query_params[link.SELECTED] = addresses[1]
    assert selected(checked(page)) == ["plum"]
    monkeypatch.setattr(link, "_has_stepped", lambda: False)
    checked(click(page, "select-none"))
    assert link.SELECTED not in page.query_params


def test_back_undoes_a_part_that_is_mapped_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    page = open_page("map", **LIST)
    select(page, ["dog", "cat", "wolf", "plum"])
    before = in_address(page)
    checked(click(page, "only"))
    assert link.PART in page.query_params
    assert link.SELECTED not in page.query_params
    monkeypatch.setattr(link, "_has_stepped", lambda: True)
    del page.query_params[link.PART]
    page.query_params[link.SELECTED] = before
    assert selected(checked(page)) == ["dog", "cat", "wolf", "plum"]
    assert "are projected" not in told(page)


def test_a_selection_too_large_for_an_address_is_found_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(link, "MAX_CHARACTERS", 20)
    monkeypatch.setattr(long_selections, "_folder", lambda: tmp_path / "kept")
    page = open_page("map", **LIST)
    addresses = []
    for words in (["dog", "cat"], ["plum"]):
        select(page, words)
        addresses.append(in_address(page))
    assert all(len(entry) < 40 for entry in addresses)
    monkeypatch.setattr(link, "_has_stepped", lambda: True)
    page.query_params[link.SELECTED] = addresses[0]
    assert selected(checked(page)) == ["dog", "cat"]
    assert not of_link(page)[link.SELECTED].startswith(long_selections.MARK)  # its rows
    monkeypatch.setattr(link, "MAX_IN_LINK", 20)
    assert of_link(page)[link.SELECTED] == addresses[0]
    assert "Not in the link: the rows of the selection" in told(page)

    other = open_page("map", **LIST, selected=addresses[0])
    assert selected(other) == ["dog", "cat"]
    for file in (tmp_path / "kept").iterdir():
        file.write_text("9~another~text", encoding="utf-8")
    other = open_page("map", **LIST, selected=addresses[0])
    assert "too large to stand in it, and is not here" in told(other)


def test_a_link_for_other_items_says_so_and_all_are_shown() -> None:
    entry = row_ranges.pack(np.array([1, 2]), ["a", "b", "c"], ["a", "b", "c"])
    page = open_page("map", **LIST, part=entry)
    assert "The link names a part of other items" in told(page)
    assert "It names some of 3 items" in told(page)
    assert "9 points by PCA" in told(page)
    page.text_area(key="list").set_value("dog, cat, horse")  # of other data the link says nothing
    assert "The link names a part" not in told(checked(page))


def test_a_selection_that_can_neither_stand_in_a_link_nor_be_kept_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(link, "MAX_IN_LINK", 20)
    monkeypatch.setattr(long_selections, "_folder", lambda: tmp_path / "kept")
    (tmp_path / "kept").write_bytes(b"")  # no folder can be made there
    page = open_page("map", **LIST)
    select(page, ["dog", "cat"])
    assert link.SELECTED not in of_link(page)
    assert "Not in the link: the selection" in told(page)


def test_the_map_of_the_shelf_travels_as_its_vectors(minilm: Loaded) -> None:
    shelf = StoredShelf()
    for word in ("dog", "cat", "plum"):
        row = minilm[0].row(word)
        assert row is not None
        shelf.keep("minilm", minilm[0].vectors[row], f"the word {word}", word, title="MiniLM")
    page = AppTest.from_file(APP, default_timeout=120)
    page.session_state["shelf"] = shelf
    page.session_state["shelf-browser"] = new_id()
    page.query_params.update({"of": "Saved vectors", "method": "PCA"})
    checked(page)
    page.switch_page("pages/map.py")
    checked(page)
    checked(click(page, "link"))
    [address] = [one.value for one in page.code if "with=" in one.value]
    terms = [value for name, value in parse_qsl(urlsplit(address).query) if name == "with"]
    assert len(terms) == 3

    again = AppTest.from_file(APP, default_timeout=120)
    again.switch_page("pages/map.py")
    for name, value in {"of": "Saved vectors", "method": "PCA", "with": terms}.items():
        again.query_params[name] = value
    checked(again)
    assert "3 vectors of the embedding model minilm" in told(again)
    assert "3 points by PCA" in told(again)


def test_kept_vectors_of_a_space_that_is_gone_are_still_mapped() -> None:
    shelf = StoredShelf()
    for at in range(3):
        shelf.keep("gone", np.eye(3, dtype=np.float32)[at], "made", f"v{at}", title="Gone")
    page = AppTest.from_file(APP, default_timeout=120)
    page.session_state["shelf"] = shelf
    page.session_state["shelf-browser"] = new_id()
    page.switch_page("pages/map.py")
    page.query_params.update({"of": "Saved vectors", "method": "PCA"})
    assert "3 points by PCA" in told(checked(page))


def test_a_part_of_the_shelf_tells_how_its_own_vectors_were_made() -> None:
    shown = []
    for how in ("first", "second"):
        shelf = StoredShelf()
        for at in range(3):
            vector = np.eye(3, dtype=np.float32)[at]
            shelf.keep("gone", vector, f"{how} {at}", f"v{at}", title="Gone")
        page = AppTest.from_file(APP, default_timeout=120)
        page.session_state["shelf"] = shelf
        page.session_state["shelf-browser"] = new_id()
        page.switch_page("pages/map.py")
        page.query_params.update({"of": "Saved vectors", "method": "PCA"})
        checked(page)
        page.session_state[selection.CHOSEN] = (page.session_state["digest-test"], np.arange(2))
        checked(page)
        checked(click(page, "only"))
        page.session_state[selection.CHOSEN] = (page.session_state["digest-test"], np.arange(2))
        shown.append(selected(checked(page)))
    assert shown == [["first 0", "first 1"], ["second 0", "second 1"]]


def test_who_opened_the_page_is_told_what_is_selected(own_home: Path) -> None:
    table = Table(
        pd.DataFrame({"text": ["one dog", "", "two cats", "a red car"]}),
        (),
        vectors={"vector": np.eye(4, dtype=np.float32)},
    )
    entry = datasets.keep_table("mine", table)
    token, report = selection_reports.make()
    page = open_page("map", of="Texts", data=entry.name, method="PCA", report=token)
    assert json.loads(report.read_text()) == {"rows": []}
    page.session_state[selection.CHOSEN] = (page.session_state["digest-test"], np.array([0, 2]))
    checked(page)
    assert json.loads(report.read_text()) == {"rows": [1, 3]}
    page.session_state[selection.CHOSEN] = ("other items", np.array([1]))
    checked(page)
    assert json.loads(report.read_text()) == {"rows": []}
