"""A demo writes only what is computed again or a browser's own, and deletes it after a day."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.base import demo
from core.base.errors import InputError, StorageError
from core.sentences import datasets
from core.storage import data_home, demo_home
from core.storage.downloads import Host


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(data_home.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setenv(demo.VARIABLE, "1")
    return tmp_path


@pytest.mark.parametrize(
    "place", ["datasets/a/b", "galleries/a", "graphs/a", "spaces/a", "history/a", "tags/a", "hub/a"]
)
def test_what_people_add_is_not_written(home: Path, place: str) -> None:
    with pytest.raises(StorageError, match="demo keeps nothing"):
        data_home.write_file(home / place, b"x")
    with (
        pytest.raises(StorageError, match="demo keeps nothing"),
        data_home.write_folder(home / place),
    ):
        pass
    assert not (home / place).exists()


def test_no_door_leads_around_it(home: Path) -> None:
    with pytest.raises(StorageError, match="demo keeps nothing"):
        datasets.import_table("a.csv", b"text,n\nA sentence of some words,1\nAnother of them,2\n")
    with pytest.raises(InputError, match="Downloading is off in this demo"):
        Host.fetch(object(), [], home / "vocabularies", lambda *_: None)  # type: ignore[arg-type]
    assert not (home / "datasets").exists()


def test_what_a_visit_left_is_deleted_after_a_day(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = time.time() - demo.HOURS * 3600 - 60
    for name in ("texts/minilm/a", "maps/one/b", "shelves/c.zip", "vocabularies/words/d"):
        data_home.write_file(home / name, b"x")
        os.utime(home / name, (old, old))
    data_home.write_file(home / "texts/minilm/new", b"x")
    monkeypatch.delenv(demo.VARIABLE)
    assert demo_home.expire(home) == 0
    monkeypatch.setenv(demo.VARIABLE, "1")
    assert demo_home.expire(home) == 3
    left = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    assert {one for one in left if not one.startswith("locks")} == {
        "texts/minilm/new",
        "vocabularies/words/d",
    }
    assert not (home / "maps" / "one").exists()
