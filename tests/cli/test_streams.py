"""What commands write where nobody reads it, in encodings that lack its signs, on full disks."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from core.base.errors import StorageError
from core.cli import streams
from core.cli.progress import StderrProgress

ROOT = Path(__file__).resolve().parents[2]
POSIX = pytest.mark.skipif(os.name == "nt", reason="pipes and devices as POSIX has them")


def start(*arguments: str | bytes, encoding: str = "", **given: Any) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **({"PYTHONIOENCODING": encoding} if encoding else {})}
    return subprocess.Popen(
        [sys.executable, "-m", "core", *arguments],
        cwd=ROOT,
        env=environment,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **given},
    )


def done(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    """Exit status, standard output, standard error."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out or b"", err or b""


@contextmanager
def unread_pipe() -> Iterator[int]:
    """A pipe whose reader has gone already, as that of ``| head`` does."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vectors") / "v.txt"
    lines = "猫 1 0 0\ncafé 0.9 0.1 0\n🦊 0.8 0.2 0\ncat 0.7 0.3 0.1\n"
    path.write_text(lines, encoding="utf-8")
    return path


@pytest.mark.slow
@POSIX
@pytest.mark.parametrize(
    "arguments", [["spaces"], ["spaces", "--json"], ["--help"], ["words", "--help"]]
)
def test_where_nobody_reads_the_answer_the_command_ends_quietly(arguments: list[str]) -> None:
    with unread_pipe() as pipe:
        assert done(start(*arguments, stdout=pipe)) == (0, b"", b"")


@pytest.mark.slow
@POSIX
def test_where_nobody_reads_the_messages_the_status_still_tells() -> None:
    with unread_pipe() as pipe:
        status, out, _ = done(start("words", "king -", "--json", stderr=pipe))
        assert status == 2
        assert "ends with a sign" in json.loads(out)["error"]["message"]
        assert done(start("words", "king -", "--json", stdout=pipe, stderr=pipe))[0] == 2


@POSIX
def test_progress_that_nobody_reads_ends_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    with unread_pipe() as pipe, os.fdopen(os.dup(pipe), "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        progress = StderrProgress()
        progress._last = float("-inf")
        progress(1, 2, "rows")
        progress._last = float("-inf")
        progress(2, 2, "rows")


def test_progress_of_work_that_has_not_begun_is_no_count(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = StderrProgress()
    for told in ((0, 0), (0, 0, "waiting"), (1, 2), (1, 2, "rows")):
        progress._last = float("-inf")
        progress(*told)
    assert capsys.readouterr().err == "waiting\n1 of 2\n1 of 2 rows\n"


@pytest.mark.slow
@POSIX
def test_a_full_disk_and_closed_streams_are_told_by_message_or_status() -> None:
    with Path("/dev/full").open("wb") as full:
        status, _, err = done(start("spaces", stdout=full))
    assert status == 2
    assert err.decode().startswith("error: Standard output could not be written: No space left")
    assert b"Traceback" not in err
    command = f"exec '{sys.executable}' -m core spaces >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], cwd=ROOT, check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_signs_that_an_encoding_lacks_are_replaced_and_escaped_in_json(
    encoding: str, vectors: Path
) -> None:
    asked = ["words", "猫", "--space", str(vectors)]
    status, out, err = done(start(*asked, encoding=encoding))
    assert (status, err) == (0, b"")
    told = {
        "ascii": ["caf?", "?", "cat"],
        "cp1252": ["café", "?", "cat"],
        "utf-8": ["café", "🦊", "cat"],
    }
    words = [line.split("  ")[1] for line in out.decode(encoding).splitlines()]
    assert words == told[encoding]
    status, out, _ = done(start(*asked, "--json", encoding=encoding))
    answer = json.loads(out.decode(encoding))
    assert status == 0
    assert [one["id"] for one in answer["neighbors"]] == ["café", "🦊", "cat"]
    status, out, err = done(start("words", "“猫", "--space", str(vectors), encoding=encoding))
    assert (status, out) == (2, b"")
    assert err.startswith(b"error: A quotation mark is opened")


@pytest.mark.slow
@POSIX
def test_names_of_files_that_are_not_in_utf_8_are_told(vectors: Path) -> None:
    odd = os.fsencode(vectors.parent) + b"/\xff.txt"
    Path(os.fsdecode(odd)).write_bytes(vectors.read_bytes())
    status, out, err = done(start("words", "cat", "--space", odd, "--json"))
    assert (status, err) == (0, b"")
    assert json.loads(out)["space"] == "\udcff"
    status, out, err = done(start("words", "cat", "--space", odd + b".vec"))
    assert (status, out) == (2, b"")
    assert b"There is no file" in err


class Full(io.TextIOWrapper):
    """A stream that takes nothing."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_what_cannot_be_written_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Full(io.BytesIO()))
    with pytest.raises(StorageError, match="No space left on device"):
        streams.write("a")
    monkeypatch.setattr(sys, "stdout", None)
    streams.write("a")
    streams.write_json({"a": "猫"})
    monkeypatch.setattr(sys, "stderr", None)
    streams.tell("a")
