"""A shelf on the disk: found again by its id, shared by tabs, safe from damage, gone in time."""

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import InputError, StorageError
from core.base.types import FloatArray
from core.shelf.file import pack
from core.shelf.kept import MAX_DIM, Kept
from core.shelf.shelf import MAX_KEPT
from core.shelf.store import DAYS, FOLDER, StoredShelf, expire, is_id, new_id, path_of
from core.storage import data_home

pytestmark = pytest.mark.usefixtures("own_home")


def axis(at: int) -> FloatArray:
    return np.eye(3, dtype=np.float32)[at]


def opened(browser: str) -> StoredShelf:
    shelf = StoredShelf()
    shelf.attach(browser)
    return shelf


def names(shelf: StoredShelf) -> list[str]:
    return [item.name for item in shelf.items]


def make_old(path: Path, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


def test_ids_cannot_be_guessed_and_are_told_by_their_form() -> None:
    ids = {new_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(is_id(one) for one in ids)
    for wrong in ("", "a" * 42, "a" * 44, "../" + "a" * 40, "a" * 42 + "\n", "é" * 43, None, 5):
        assert not is_id(wrong)


def test_a_shelf_is_found_again_by_its_id_alone(own_home: Path) -> None:
    browser = new_id()
    shelf = opened(browser)
    shelf.keep("a", axis(0), "x", title="The space A", picture=b"")
    shelf.keep("b", axis(1), "y")
    again = opened(browser)
    assert names(again) == ["x", "y"]
    assert again.items[0].title == "The space A"
    np.testing.assert_array_equal(again.items[1].vector, axis(1))
    assert names(opened(new_id())) == []
    held = [path.name for path in (own_home / FOLDER).iterdir()]
    assert sorted(held) == [".lock", f"{data_home.sha256(browser.encode())}.zip"]
    assert browser.encode() not in path_of(browser).read_bytes()


def test_nothing_is_written_before_the_browser_holds_the_id(own_home: Path) -> None:
    shelf = StoredShelf()
    shelf.keep("a", axis(0), "x")
    assert not own_home.exists()
    browser = new_id()
    shelf.attach(browser)
    assert names(opened(browser)) == ["x"]


def test_tabs_see_each_other_and_lose_nothing() -> None:
    browser = new_id()
    one, two = opened(browser), opened(browser)
    one.keep("a", axis(0), "x")
    two.keep("a", axis(1), "x")  # has not looked since
    assert names(two) == ["x", "x (2)"]
    one.refresh()
    assert names(one) == ["x", "x (2)"]
    two.rename("x", "first")
    one.move("x (2)", -1)
    two.refresh()
    assert names(one) == names(two) == ["x (2)", "first"]
    one.clear()
    two.refresh()
    assert names(two) == []
    assert not path_of(browser).exists()
    one.undo()
    two.refresh()
    assert names(two) == ["x (2)", "first"]


@pytest.mark.slow
def test_two_writers_at_once_lose_nothing() -> None:
    browser = new_id()
    shelves = [opened(browser) for _ in range(4)]

    def work(shelf: StoredShelf) -> None:
        for number in range(20):
            shelf.keep("a", axis(number % 3), f"{id(shelf)} {number}")

    threads = [threading.Thread(target=work, args=(shelf,)) for shelf in shelves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = opened(browser)
    assert sorted(names(found)) == sorted(
        f"{id(shelf)} {number}" for shelf in shelves for number in range(20)
    )
    assert all(shelf.trouble is None for shelf in shelves)


@pytest.mark.slow
def test_the_other_tab_may_have_filled_the_shelf() -> None:
    browser = new_id()
    one, two = opened(browser), opened(browser)
    for number in range(MAX_KEPT):
        one.keep("a", axis(0), str(number))
    with pytest.raises(InputError, match="full"):
        two.keep("a", axis(0), "one more")
    assert len(opened(browser).items) == MAX_KEPT
    assert two.trouble is None


def test_what_a_session_kept_before_is_added_to_the_browsers_shelf() -> None:
    browser = new_id()
    opened(browser).keep("a", axis(0), "x")
    late = StoredShelf()
    late.keep("a", axis(1), "x")
    late.attach(browser)
    assert names(late) == names(opened(browser)) == ["x", "x (2)"]
    late.attach(browser)
    assert names(late) == ["x", "x (2)"]


@pytest.mark.parametrize("cut", [0, 10, 400, -30])
def test_a_damaged_shelf_is_set_aside_and_said(cut: int) -> None:
    browser = new_id()
    opened(browser).keep("a", axis(0), "x")
    path = path_of(browser)
    path.write_bytes(path.read_bytes()[:cut])
    found = opened(browser)
    assert names(found) == []
    assert "damaged" in found.note
    assert found.trouble is None
    assert [file.path.suffix for file in found.aside] == [".damaged"]
    found.keep("a", axis(1), "y")
    assert names(opened(browser)) == ["y"]


def wide(dim: int) -> FloatArray:
    row = np.random.default_rng(dim).normal(size=dim)
    return (row / np.linalg.norm(row)).astype(np.float32)


def test_wide_vectors_are_kept_beside_narrow_ones() -> None:
    browser = new_id()
    shelf = opened(browser)
    shelf.keep("minilm", wide(384), "king")
    for dim in (20_000, MAX_DIM):
        shelf.keep("own", wide(dim), str(dim))
    again = opened(browser)
    assert (names(again), again.note) == (["king", "20000", "65536"], "")
    np.testing.assert_array_equal(again.items[1].vector, wide(20_000))


def test_what_cannot_be_kept_leaves_the_shelf_as_it_is() -> None:
    browser = new_id()
    shelf = opened(browser)
    shelf.keep("a", axis(0), "x")
    with pytest.raises(InputError, match="names no embedding model"):
        shelf.keep(" ", axis(1), "y")
    with pytest.raises(InputError, match="has length 2"):
        shelf.keep("a", 2 * axis(1), "y")
    assert names(shelf) == names(opened(browser)) == ["x"]


def forged(browser: str, *items: Kept) -> bytes:
    """A shelf's file on the disk as a program without our rules would write it."""
    path_of(browser).parent.mkdir(parents=True, exist_ok=True)
    data = pack(items)
    path_of(browser).write_bytes(data)
    return data


def test_one_bad_item_costs_one_item_and_the_file_is_set_aside() -> None:
    browser = new_id()
    good = Kept("x", "a", axis(0), "x"), Kept("z", "a", axis(2), "z")
    data = forged(browser, good[0], Kept("y", " ", axis(1), "y"), good[1])
    shelf = opened(browser)
    assert names(shelf) == ["x", "z"]
    assert "1 vector of those saved cannot be used" in shelf.note
    assert "[y] names no embedding model" in shelf.note
    [file] = shelf.aside
    assert file.read() == data
    assert file.since > time.time() - 60
    assert names(opened(browser)) == ["x", "z"]
    assert opened(browser).note == ""  # the file on the shelf's place is whole again
    shelf.keep("a", axis(1), "new")
    assert names(opened(browser)) == ["x", "z", "new"]


def test_what_is_set_aside_can_be_looked_into_restored_and_deleted() -> None:
    browser = new_id()
    first = opened(browser)
    for name, at in (("x", 0), ("y", 1), ("z", 2)):
        first.keep("a", axis(at), name)
    path = path_of(browser)
    data = bytearray(path.read_bytes())
    data[bytes(data).index(axis(1).tobytes()) + 7] ^= 0x40  # of [y], in the middle
    path.write_bytes(data)
    shelf = opened(browser)
    assert names(shelf) == []
    shelf.keep("a", axis(0), "x")
    [file] = shelf.aside
    found = file.contents()
    assert [item.name for item in found.items] == ["x", "z"]
    assert found.changed == ("vectors.safetensors",)
    assert "[y] has length" in found.left_out[0]
    assert file.read() == data
    added, _ = shelf.restore(file)
    assert added == 1  # the other is here already
    assert names(shelf) == names(opened(browser)) == ["x", "z"]
    assert shelf.note == ""
    shelf.drop(file)
    assert shelf.aside == opened(browser).aside == []
    assert not file.path.exists()
    assert names(opened(browser)) == ["x", "z"]


def test_a_second_damage_takes_nothing_of_the_first() -> None:
    browser = new_id()
    for cut in (400, 300):
        opened(browser).keep("a", axis(0), str(cut))
        path_of(browser).write_bytes(path_of(browser).read_bytes()[:cut])
        opened(browser)
    aside = opened(browser).aside
    assert sorted(file.size for file in aside) == [300, 400]
    for file in aside:
        with pytest.raises(InputError, match="cannot be used as saved vectors"):
            file.contents()


def test_only_a_browsers_own_file_is_deleted_and_a_deleted_one_is_told() -> None:
    one, two = new_id(), new_id()
    for browser in (one, two):
        forged(browser, Kept("y", " ", axis(1), "y"))
    shelf, other = opened(one), opened(two)
    shelf.drop(other.aside[0])
    assert other.aside[0].path.exists()
    other.aside[0].path.unlink()
    with pytest.raises(StorageError):
        other.restore(other.aside[0])


def test_what_was_set_aside_goes_after_a_month_and_not_before() -> None:
    browser = new_id()
    forged(browser, Kept("y", " ", axis(1), "y"))
    make_old(path_of(browser), DAYS - 1)
    [file] = opened(browser).aside
    make_old(file.path, DAYS - 1)
    expire()
    assert file.path.exists()
    make_old(file.path, DAYS + 1)
    expire()
    assert not file.path.exists()


def test_a_shelf_goes_when_it_was_not_used_for_a_month() -> None:
    old, used = new_id(), new_id()
    for browser, days in ((old, DAYS + 1), (used, DAYS - 1)):
        opened(browser).keep("a", axis(0), "x")
        make_old(path_of(browser), days)
    opened(new_id())
    assert not path_of(old).exists()
    assert names(opened(used)) == ["x"]  # and its time begins anew
    assert path_of(used).stat().st_mtime > time.time() - 60
    assert names(opened(old)) == []


def test_expiry_touches_nothing_else(own_home: Path) -> None:
    opened(new_id()).keep("a", axis(0), "x")
    names = ("notes.txt", "thesis.zip", "photo.damaged", f"{'a' * 64}.zip.zip")
    for name in names:
        other = own_home / FOLDER / name  # also where a person's folder is the data home
        other.write_text("mine")
        make_old(other, 2 * DAYS)
    expire()
    assert all((own_home / FOLDER / name).read_text() == "mine" for name in names)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """A disk that is full while ``full`` is true."""
    state = {"full": False}
    write = data_home.write_file

    def write_file(target: Path, data: bytes) -> None:
        if state["full"]:
            with data_home.storage_errors("write", target):
                raise OSError(28, "No space left on device")
        write(target, data)

    monkeypatch.setattr(data_home, "write_file", write_file)
    return state


def test_a_full_disk_leaves_the_shelf_working_in_the_session(disk: dict[str, bool]) -> None:
    browser = new_id()
    one, two = opened(browser), opened(browser)
    one.keep("a", axis(0), "x")
    one.keep("a", axis(0), "y")
    disk["full"] = True
    one.keep("a", axis(1), "z")
    one.remove("x")
    assert isinstance(one.trouble, StorageError)
    assert "No space left" in str(one.trouble)
    one.refresh()
    assert names(one) == ["y", "z"]
    assert names(opened(browser)) == ["x", "y"]
    disk["full"] = False
    two.keep("a", axis(2), "of the other tab")
    one.keep("a", axis(2), "last")
    assert one.trouble is None
    assert names(one) == ["y", "z", "of the other tab", "last"]
    two.refresh()
    assert names(two) == names(one)


def test_on_a_full_disk_what_is_sound_of_a_file_serves_all_the_same(disk: dict[str, bool]) -> None:
    browser = new_id()
    data = forged(browser, Kept("x", "a", axis(0), "x"), Kept("y", " ", axis(1), "y"))
    disk["full"] = True
    shelf = opened(browser)
    assert names(shelf) == ["x"]
    shelf.keep("a", axis(2), "z")
    assert names(shelf) == ["x", "z"]
    assert isinstance(shelf.trouble, StorageError)
    assert path_of(browser).read_bytes() == data
    disk["full"] = False
    shelf.keep("a", axis(1), "w")
    assert names(shelf) == names(opened(browser)) == ["x", "z", "w"]
    assert [file.read() for file in shelf.aside] == [data]


def test_a_data_home_that_cannot_be_written_is_trouble_not_a_fault(own_home: Path) -> None:
    own_home.parent.mkdir(exist_ok=True)
    own_home.write_text("a file stands where the folder should be")
    shelf = opened(new_id())
    shelf.keep("a", axis(0), "x")
    assert names(shelf) == ["x"]
    assert isinstance(shelf.trouble, StorageError)
    shelf.refresh()
    assert names(shelf) == ["x"]


def test_a_shelf_that_cannot_be_locked_can_still_be_read(own_home: Path) -> None:
    browser = new_id()
    opened(browser).keep("a", axis(0), "x")
    (own_home / FOLDER / ".lock").unlink()
    (own_home / FOLDER / ".lock").mkdir()  # no file can be opened for writing there
    again = opened(browser)
    assert names(again) == ["x"]
    assert again.trouble is None
    again.keep("a", axis(1), "y")
    assert names(again) == ["x", "y"]
    assert isinstance(again.trouble, StorageError)
    assert names(opened(browser)) == ["x"]


def test_the_folder_may_vanish_while_the_app_runs(own_home: Path) -> None:
    browser = new_id()
    shelf = opened(browser)
    shelf.keep("a", axis(0), "x")
    path_of(browser).unlink()
    (own_home / FOLDER / ".lock").unlink()
    (own_home / FOLDER).rmdir()
    shelf.refresh()
    assert names(shelf) == []
    shelf.keep("a", axis(0), "y")
    assert names(opened(browser)) == ["y"]
