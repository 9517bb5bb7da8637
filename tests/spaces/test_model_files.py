"""Models in folders: only files of them are read, whatever else goes by such names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.spaces.sources.folder import FOLDER
from core.spaces.sources.model_files import model_files, signature
from tests.support.tiny_model import DIM, build_tiny_model

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and names as POSIX has them")


def with_odd_entries(folder: Path) -> Path:
    """Beside the model's files a folder and a pipe that are called so, and a name not in UTF-8."""
    (folder / "folder.json").mkdir()
    os.mkfifo(folder / "pipe.txt")
    Path(os.fsdecode(os.fsencode(folder) + b"/notes \xff.txt")).write_text("mine")
    return folder


def test_folders_and_pipes_are_no_files_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with_odd_entries(tmp_path)
    assert [path.name for path in model_files(tmp_path)] == ["config.json", "notes \udcff.txt"]
    assert signature(tmp_path)


def test_a_model_beside_which_they_lie_can_be_used(tmp_path: Path) -> None:
    plain = build_tiny_model(tmp_path / "model")
    other = with_odd_entries(Path(shutil.copytree(plain, tmp_path / "copy" / "model")))
    found = FOLDER.probe(other)
    assert (found.space.dim, found.ready) == (DIM, True)
    assert found.digest != FOLDER.probe(plain).digest  # the notes are a file too
