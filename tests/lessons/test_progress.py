"""What a browser has done is found again by its id alone."""

from __future__ import annotations

import os
from pathlib import Path

from core.lessons import progress
from core.lessons.progress import Progress


def test_steps_are_found_again_by_the_id_and_by_no_other(own_home: Path) -> None:
    before = Progress()
    before.add("words", 1)  # before the browser has said that it holds its id
    before.attach("a" * 43)
    before.add("context", 2)
    again, other = Progress(), Progress()
    again.attach("a" * 43)
    other.attach("b" * 43)
    assert again.done == {"words": {1}, "context": {2}}
    assert other.done == {}
    [path] = (own_home / progress.FOLDER).iterdir()
    assert "a" * 43 not in path.name


def test_two_tabs_add_up(own_home: Path) -> None:
    one, two = Progress(), Progress()
    one.attach("a" * 43)
    two.attach("a" * 43)
    one.add("words", 1)
    two.add("words", 3)
    one.refresh()
    assert one.done == {"words": {1, 3}}


def test_a_damaged_file_is_as_none_and_written_anew(own_home: Path) -> None:
    held = Progress()
    held.attach("a" * 43)
    held.add("words", 1)
    assert held.path is not None
    for damaged in (b"[", b'{"words": 3}', b'[["words"]]', b"\xff"):
        held.path.write_bytes(damaged)
        again = Progress()
        again.attach("a" * 43)
        assert again.done == {}
        again.add("words", 2)
        assert again.done == {"words": {2}}


def test_what_was_not_used_for_long_goes(own_home: Path) -> None:
    held = Progress()
    held.attach("a" * 43)
    held.add("words", 1)
    assert held.path is not None
    os.utime(held.path, (0, 0))
    progress.expire()
    assert not held.path.exists()


def test_all_can_be_forgotten(own_home: Path) -> None:
    held = Progress()
    held.attach("a" * 43)
    held.add("words", 1)
    held.clear()
    again = Progress()
    again.attach("a" * 43)
    assert held.done == again.done == {}
