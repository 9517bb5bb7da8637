"""What a killed process left is swept away; what another is writing, and finished pieces, stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.base.types import FloatArray, Modality, Space
from core.spaces import vocabulary_files
from core.storage import cleanup, data_home, locks
from tests.conftest import ROOT, FakeEncoder

WRITER = """
import sys, time
from core.storage import data_home
home = data_home.data_home()
with data_home.write_folder(home / "maps" / "made") as beside:
    (beside / "a").write_text("half")
    print("writing", flush=True)
    time.sleep(600)
"""


def start_writer(home: Path) -> subprocess.Popen[str]:
    """A process in the middle of writing a folder."""
    env = {**os.environ, "EMBEDDING_EXPLORER_HOME": str(home)}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    return writer


def kill(writer: subprocess.Popen[str]) -> None:
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()


def test_what_another_process_writes_stays_until_it_is_killed(own_home: Path) -> None:
    writer = start_writer(own_home)
    try:
        (left,) = cleanup.unfinished(own_home)
        assert cleanup.belongs(left, own_home)
        assert cleanup.sweep().count == 0
        assert (left / "a").read_text() == "half"
    finally:
        kill(writer)
    assert cleanup.sweep(quick=True).count == 1
    assert list((own_home / "maps").iterdir()) == []
    assert list((own_home / locks.FOLDER).iterdir()) == []  # its lock went too


def test_what_this_process_writes_stays(own_home: Path) -> None:
    target = own_home / "maps" / "made"
    with data_home.write_folder(target) as beside:
        (beside / "a").write_text("half")
        assert cleanup.sweep().count == 0
    assert (target / "a").read_text() == "half"


def test_a_process_that_ended_well_leaves_no_lock(own_home: Path) -> None:
    code = (
        "from core.storage import data_home\n"
        "data_home.write_file(data_home.data_home() / 'x' / 'y', b'whole')\n"
    )
    env = {**os.environ, "EMBEDDING_EXPLORER_HOME": str(own_home)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, check=True)
    assert list((own_home / locks.FOLDER).iterdir()) == []
    assert (own_home / "x" / "y").read_bytes() == b"whole"


def test_a_quick_sweep_looks_only_where_a_process_died(own_home: Path) -> None:
    left = own_home / "maps" / ".made.0123456789abcdef.partial"
    left.mkdir(parents=True)
    assert cleanup.sweep(quick=True).count == 0
    assert left.is_dir()
    assert cleanup.sweep().count == 1  # no process has this mark
    assert not left.exists()


def test_names_of_earlier_versions_are_swept_when_they_are_old(own_home: Path) -> None:
    new, old = own_home / ".a.01234567.partial", own_home / ".b.01234567.partial"
    own_home.mkdir()
    for path in (new, old):
        path.write_text("half")
    os.utime(old, (time.time() - 2 * 86_400,) * 2)
    assert cleanup.sweep().count == 1
    assert new.exists() and not old.exists()


def test_pieces_that_are_gone_on_from_stay(own_home: Path) -> None:
    commit = own_home / "hub" / "models--a--b" / "snapshots" / "0123456789abcdef.partial"
    kept = [
        commit / "model.safetensors.part",
        own_home / "downloads" / "wn18rr" / "files" / "train.txt.part",
        own_home / "vocabularies" / "minilm-0.parts" / "000000000.00.npy",
        own_home / "text-vectors" / "minilm-0" / "00.safetensors",
    ]
    for path in kept:
        path.parent.mkdir(parents=True)
        path.write_text("a piece")
    assert cleanup.sweep().count == 0
    assert all(path.exists() for path in kept)


def test_parts_beside_a_whole_vocabulary_are_swept(own_home: Path) -> None:
    whole = own_home / "vocabularies" / "minilm-0"
    parts = own_home / "vocabularies" / "minilm-0.parts"
    for folder in (whole, parts):
        folder.mkdir(parents=True)
    (whole / "about.json").write_text("{}")
    assert cleanup.sweep().count == 1
    assert whole.is_dir() and not parts.exists()


def test_selections_for_programs_that_were_killed_are_swept_when_they_are_old(
    own_home: Path,
) -> None:
    own, reports = locks.own_mark(own_home), own_home / "reports"
    old = time.time() - cleanup._LEFT - 60
    names = {f"{24 * '0'}{own}": old, 32 * "1": old, 32 * "2": time.time()}
    for name, written in names.items():
        data_home.write_file(reports / f"{name}.json", b'{"rows": []}')
        os.utime(reports / f"{name}.json", (written, written))
    cleanup.sweep()
    left = {path.stem for path in reports.iterdir()}
    assert left == {f"{24 * '0'}{own}", 32 * "2"}  # its maker lives; it is new


def test_no_link_is_followed(own_home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    left = outside / ".x.0123456789abcdef.partial"
    left.mkdir(parents=True)
    (left / "a").write_text("not ours")
    own_home.mkdir()
    (own_home / "maps").symlink_to(outside)
    (own_home / ".y.0123456789abcdef.partial").symlink_to(outside)
    assert cleanup.sweep().count == 1  # the link itself
    assert (left / "a").read_text() == "not ours"


def test_after_the_data_home_was_deleted_writing_goes_on_under_a_new_mark(own_home: Path) -> None:
    data_home.write_file(own_home / "a", b"1")
    before = locks.own_mark(own_home)
    data_home.delete(own_home / locks.FOLDER)
    with data_home.write_folder(own_home / "made"):
        assert locks.own_mark(own_home) != before
        assert cleanup.sweep().count == 0
    assert (own_home / "made").is_dir()


def test_deleting_is_whole_and_a_link_leads_nowhere(own_home: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a").write_text("not ours")
    own_home.mkdir()
    (own_home / "link").symlink_to(outside)
    data_home.delete(own_home / "link")
    data_home.delete(own_home / "was never there")
    assert (outside / "a").read_text() == "not ours"
    assert [path.name for path in own_home.iterdir()] == [locks.FOLDER]


class KilledError(Exception):
    """Stands for a kill between two chunks."""


def test_a_vocabulary_goes_on_from_whole_parts_only(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary_files, "CHUNK", 2)
    space = Space("small", "Small", 4, (Modality.WORD,))
    words = ["a", "b", "c", "d", "e"]

    class Dies(FakeEncoder):
        def encode(self, inputs: list[str]) -> FloatArray:  # type: ignore[override]
            if "e" in inputs:
                raise KilledError
            return super().encode(inputs)

    folder = own_home / "vocabularies" / "small"
    with pytest.raises(KilledError):
        vocabulary_files.build(space, words, Dies(), folder)
    first, second = sorted(folder.with_name("small.parts").iterdir())
    data = bytearray(first.read_bytes())
    data[-1] ^= 1  # one bit of a vector
    first.write_bytes(data)
    encoder = FakeEncoder()
    vocabulary_files.build(space, words, encoder, folder)
    assert encoder.asked == ["a", "b", "e"]  # the damaged part again, the whole one not
    found, _ = vocabulary_files.load(folder)
    assert np.allclose(found.vectors, FakeEncoder().encode(words), atol=1e-6)
    assert not second.parent.exists()
