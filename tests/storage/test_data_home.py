"""What is written is there whole or not at all."""

import errno
from pathlib import Path

import pytest

from core.base.errors import InputError, StorageError
from core.storage import data_home


def test_a_folder_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "made"
    with pytest.raises(ZeroDivisionError), data_home.write_folder(target) as beside:
        (beside / "a").write_text("half")
        assert not target.exists()
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with data_home.write_folder(target) as beside:
        (beside / "a").write_text("whole")
    assert (target / "a").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_two_that_make_the_same_folder_leave_the_first(tmp_path: Path) -> None:
    target = tmp_path / "made"
    with data_home.write_folder(target) as late:
        (late / "a").write_text("late")
        with data_home.write_folder(target) as early:
            (early / "a").write_text("early")
    assert (target / "a").read_text() == "early"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "file"
    data_home.write_file(target, b"one")
    data_home.write_file(target, b"two")
    assert target.read_bytes() == b"two"
    assert [path.name for path in target.parent.iterdir()] == ["file"]


def test_a_full_disk_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="No space left") as caught:
        data_home.write_file(tmp_path / "file", b"data")
    assert data_home.HOME_VARIABLE in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_digests_tell_where_one_part_ends(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"ab" * 2_000_000)
    (tmp_path / "b").write_bytes(b"c")
    found = data_home.digest_bytes(tmp_path / "a", tmp_path / "b")
    assert found == data_home.digest_bytes(b"ab" * 2_000_000, b"c")
    assert data_home.digest_bytes(b"ab", b"c") != data_home.digest_bytes(b"a", b"bc")
    assert data_home.sha256(b"abc").startswith("ba7816bf8f01cfea")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My vectors", "My-vectors"),
        ("../../etc/passwd", "etc-passwd"),
        ("...", "unnamed"),
        ("", "unnamed"),
        ("a/b\\c\x00d", "a-b-c-d"),
        ("über.300d", "über.300d"),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_safe_name_cannot_leave_its_folder(text: str, name: str) -> None:
    assert data_home.safe_name(text) == name


def test_nothing_outside_the_data_home_is_ever_deleted(own_home: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").write_text("kept")
    way_out = own_home / "own" / ".." / ".." / "mine"
    for path in (mine, mine / "letter", way_out, own_home, own_home / "own" / "..", tmp_path):
        with pytest.raises(StorageError, match="not in the data folder"):
            data_home.delete(path)
    assert (mine / "letter").read_text() == "kept"


def test_a_data_home_that_is_no_path_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(data_home.HOME_VARIABLE, "~nobody-of-this-name/x")
    with pytest.raises(StorageError, match=data_home.HOME_VARIABLE):
        data_home.data_home()


def test_what_is_no_path_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for text in ("~nobody-of-this-name/x", str(tmp_path / "loop" / "x"), "a" * 999, "a\0b"):
        with pytest.raises(InputError, match="is no path") as caught:
            data_home.given_path(text)
        assert not caught.value.given.endswith("..")
    assert data_home.given_path("~/x") == Path.home() / "x"
