"""Dropped pictures on the disk: found again by the browser's id for a day, few and small."""

import os
import time
from pathlib import Path

import pytest

from core.shelf import pictures
from core.shelf.pictures import FOLDER, HOURS, MOST, StoredPictures, expire
from core.shelf.store import new_id
from core.storage import data_home

pytestmark = pytest.mark.usefixtures("own_home")


def opened(browser: str) -> StoredPictures:
    held = StoredPictures()
    held.attach(browser)
    return held


def files(home: Path) -> list[Path]:
    return sorted(path for path in (home / FOLDER).glob("*/*") if path.is_file())


def make_old(path: Path, hours: float) -> None:
    then = time.time() - hours * 3_600
    os.utime(path, (then, then))


def test_pictures_are_found_again_by_the_id_alone_in_their_order() -> None:
    browser = new_id()
    held = opened(browser)
    assert held.add("b.png", b"\x89 two\nlines") == "b.png"
    assert held.add("a.png", b"first") == "a.png"
    again = opened(browser)
    assert list(again.items.items()) == [("b.png", b"\x89 two\nlines"), ("a.png", b"first")]
    assert opened(new_id()).items == {}


def test_a_look_at_the_disk_gives_no_id(own_home: Path) -> None:
    browser = new_id()
    opened(browser).add("a.png", b"a")
    (path,) = files(own_home)
    assert path.parent.name == data_home.sha256(browser.encode())
    assert path.name == data_home.sha256(b"a.png")


def test_names_are_made_distinct_and_equal_bytes_keep_theirs() -> None:
    held = opened(new_id())
    assert held.add("a.png", b"1") == "a.png"
    assert held.add("a.png", b"2") == "a.png (2)"
    assert held.add("c.png", b"1") == "a.png"
    assert held.add("x", b"3", taken={"x"}) == "x (2)"
    long = held.add("é" * 90, b"4")
    assert len(long) == 40
    assert len(held.add("é" * 90, b"5")) == 40


def test_nothing_is_written_before_the_browser_holds_its_id(own_home: Path) -> None:
    held = StoredPictures()
    held.add("a.png", b"a")
    assert held.items == {"a.png": b"a"}
    assert not (own_home / FOLDER).exists()
    browser = new_id()
    held.attach(browser)
    assert opened(browser).items == {"a.png": b"a"}


def test_tabs_see_what_others_add_and_remove() -> None:
    browser = new_id()
    one, two = opened(browser), opened(browser)
    one.add("a.png", b"a")
    assert two.add("a.png", b"b") == "a.png (2)"
    one.refresh()
    assert one.items == {"a.png": b"a", "a.png (2)": b"b"}
    one.remove("a.png")
    two.refresh()
    assert two.items == {"a.png (2)": b"b"}
    one.remove("gone")


def test_number_and_size_are_bounded_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = new_id()
    held = opened(browser)
    for at in range(MOST + 2):
        held.add(f"{at}.png", bytes([at]) * 100)
    assert list(held.items) == [f"{at}.png" for at in range(2, MOST + 2)]
    assert list(opened(browser).items) == list(held.items)
    monkeypatch.setattr(pictures, "MAX_BYTES", 350)
    held.add("large.png", b"l" * 200)
    assert list(held.items) == [f"{MOST + 1}.png", "large.png"]
    assert list(opened(browser).items) == list(held.items)


def test_a_picture_is_gone_after_its_time(own_home: Path) -> None:
    browser = new_id()
    held = opened(browser)
    for name in ("old.png", "new.png"):
        held.add(name, name.encode())
    make_old(own_home / FOLDER / path_name(browser) / data_home.sha256(b"old.png"), HOURS + 0.1)
    make_old(own_home / FOLDER / path_name(browser) / data_home.sha256(b"new.png"), HOURS - 0.1)
    assert list(opened(browser).items) == ["new.png"]
    held.refresh()
    assert list(held.items) == ["new.png"]
    assert [path.name for path in files(own_home)] == [data_home.sha256(b"new.png")]


def path_name(browser: str) -> str:
    return data_home.sha256(browser.encode())


def test_all_browsers_together_are_bounded(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for at, age in enumerate((3, 1, 2)):
        opened(new_id()).add(f"{at}.png", b"x" * 94)  # with its name and a line break 100 bytes
        for path in files(own_home):
            if path.name == data_home.sha256(f"{at}.png".encode()):
                make_old(path, age)
    monkeypatch.setattr(pictures, "ALL_BYTES", 200)
    expire()
    kept = {path.name for path in files(own_home)}
    assert kept == {data_home.sha256(b"1.png"), data_home.sha256(b"2.png")}
    assert len(list((own_home / FOLDER).iterdir())) == 2  # no empty folder is left


def test_what_was_deleted_on_the_disk_is_gone_in_the_session(own_home: Path) -> None:
    held = opened(new_id())
    held.add("a.png", b"a")
    data_home.delete(own_home / FOLDER)
    held.refresh()
    assert held.items == {}
    assert held.add("b.png", b"b") == "b.png"
    held.refresh()
    assert held.items == {"b.png": b"b"}


def test_a_disk_that_cannot_be_written_leaves_them_in_the_session(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / FOLDER).write_bytes(b"a file where the folder should be")
    held = opened(new_id())
    held.add("a.png", b"a")
    held.refresh()
    assert held.items == {"a.png": b"a"}
    assert held.trouble is not None
    assert FOLDER in held.trouble.given
