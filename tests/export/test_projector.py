"""Exports for the Embedding Projector and Parquet, and TensorBoard's child process."""

from __future__ import annotations

import http.client
import importlib.util
import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from google.protobuf import text_format
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp
from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

from core.base.errors import InputError, NotReadyError, ServiceError, StorageError
from core.base.types import FloatArray
from core.export import projector, tensorboard
from tests.conftest import ROOT

VECTORS = np.array([[1, -0.5], [1e-5, 3.4e38], [0.1, -0.0]], dtype=np.float32)
COLUMNS = {"word": ["a", "b", "c"], "count": [1, 2, 3]}
FILES = {projector.VECTORS, projector.METADATA, projector.CONFIG}


def read_vectors(data: bytes) -> FloatArray:  # as TensorBoard does: through doubles
    rows = [list(map(float, line.split("\t"))) for line in data.decode("ascii").splitlines()]
    return np.array(rows, dtype="float32")


@settings(deadline=None)
@given(hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1)))
def test_every_number_reads_back_the_same(vectors: FloatArray) -> None:
    np.testing.assert_array_equal(read_vectors(projector.vectors_tsv(vectors)), vectors)


def test_numbers_are_short_and_also_the_odd_ones_read_back() -> None:
    assert projector.vectors_tsv(VECTORS) == b"1\t-0.5\n0.00001\t3.4e+38\n0.1\t-0\n"
    twice = np.array([[0x15AE43FD, 1, 0x80000000, 0x7F7FFFFF]], np.uint32).view(np.float32)
    back = read_vectors(projector.vectors_tsv(twice))
    assert back.tobytes() == twice.tobytes()


def test_rows_stay_rows_over_the_borders_of_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    for numbers in (1, 10, 1000):
        monkeypatch.setattr(projector, "_CHUNK", numbers)
        assert np.array_equal(read_vectors(projector.vectors_tsv(vectors)), vectors)
    assert np.array_equal(read_vectors(projector.vectors_tsv(vectors.T)), vectors.T)


def test_a_header_stands_over_two_columns_but_not_over_one() -> None:
    assert projector.metadata_tsv(COLUMNS) == b"word\tcount\na\t1\nb\t2\nc\t3\n"
    assert projector.metadata_tsv({"word": ["a", "é"]}) == "a\né\n".encode()


def test_cells_keep_their_text_but_not_their_lines() -> None:
    odd = ["a\tb", "a\r\nb", "a\u2028b\u0085c\x0bd", "<b>x</b>", "=1+1", 'say "x"', "\ud800"]
    plain = 'a b\na  b\na b c d\n<b>x</b>\n=1+1\nsay "x"\n?\n'
    assert projector.metadata_tsv({"x": odd}).decode() == plain


def test_no_line_is_blank_because_the_projector_skips_those() -> None:
    assert projector.metadata_tsv({"x": ["a", "", " \t", None]}) == b"a\n" + b"(empty)\n" * 3
    assert projector.metadata_tsv({"x": [1, None]}) == b"1\n(empty)\n"
    both = projector.metadata_tsv({"": ["a", ""], "n": [float("nan"), 2]})
    assert both == b"(empty)\tn\na\t\n(empty)\t2\n"
    numbers = projector.metadata_tsv({"a": [1, None], "b": [2, np.float32("nan")]})
    assert numbers == b"a\tb\n1\t2\n(empty)\t\n"


def read_config(name: str) -> tuple[str, str, str]:
    (found,) = text_format.Parse(
        projector.config_pbtxt(name).decode(), ProjectorConfig()
    ).embeddings
    return found.tensor_name, found.tensor_path, found.metadata_path


@given(st.text())
def test_tensorboard_reads_any_name_as_an_address_can_hold_it(name: str) -> None:
    found, *paths = read_config(name)
    assert paths == ["vectors.tsv", "metadata.tsv"]
    assert not set("&#+%\n") & set(found)
    assert read_config('my "é" \\n R&D\n#1')[0] == 'my "é" \\n R-D -1'


def test_an_export_is_three_files_and_replaces_only_those(tmp_path: Path) -> None:
    target = tmp_path / "new" / "export"
    projector.write_projector(target, "one", VECTORS, COLUMNS)
    assert {path.name for path in target.iterdir()} == FILES
    (target / "mine.txt").write_text("mine")
    projector.write_projector(target, "two", VECTORS[:1], {"word": ["z"]})
    assert {path.name for path in target.iterdir()} == {*FILES, "mine.txt"}
    assert (target / projector.METADATA).read_bytes() == b"z\n"
    assert (target / projector.VECTORS).read_bytes() == b"1\t-0.5\n"
    assert b'"two"' in (target / projector.CONFIG).read_bytes()


def test_an_export_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for target in (tmp_path / "file", tmp_path / "file" / "export"):
        with pytest.raises(StorageError, match="Could not write"):
            projector.write_projector(target, "x", VECTORS, COLUMNS)
    for vectors, columns in ((VECTORS[:2], COLUMNS), (VECTORS, {}), (VECTORS[:0], {"a": []})):
        with pytest.raises(InputError):
            projector.write_projector(tmp_path / "export", "x", vectors, columns)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_archive_holds_the_same_files(tmp_path: Path) -> None:
    projector.write_projector(tmp_path / "e", "x", VECTORS, COLUMNS)
    data = projector.projector_zip("x", VECTORS, COLUMNS)
    assert data == projector.projector_zip("x", VECTORS, COLUMNS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    assert found == {path.name: path.read_bytes() for path in (tmp_path / "e").iterdir()}


def test_parquet_reads_back_equal() -> None:
    columns = {**COLUMNS, "vector": ["x", None, "z"], "mixed": [1, "b\ud800", None]}
    table = pq.read_table(io.BytesIO(projector.to_parquet(columns, VECTORS, "minilm é")))
    assert table.schema.metadata[projector.SPACE_KEY].decode() == "minilm é"
    assert str(table.schema.field("vector").type) == "fixed_size_list<element: float>[2]"
    assert np.array_equal(np.array(table["vector"].to_pylist(), np.float32), VECTORS)
    rest = {**COLUMNS, "vector_": ["x", None, "z"], "mixed": ["1", "b?", None]}
    assert table.drop_columns("vector").to_pydict() == rest


@pytest.fixture
def export(tmp_path: Path) -> Path:
    projector.write_projector(tmp_path / "my export", "x", VECTORS, COLUMNS)
    return tmp_path / "my export"


def get(url: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=60)
    connection.request("GET", f"/data/plugin/projector/{path}")
    return connection.getresponse().read()


def test_tensorboard_serves_the_export_until_it_is_stopped(export: Path) -> None:
    server = tensorboard.start(export)
    assert server.running
    assert get(server.url, "tensor?run=.&name=x") == VECTORS.tobytes()
    assert get(server.url, "metadata?run=.&name=x") == projector.metadata_tsv(COLUMNS)
    server.stop()
    server.stop()
    assert not server.running
    with pytest.raises(ConnectionRefusedError):
        get(server.url, "runs")


def test_the_child_ends_when_its_stdin_ends(export: Path) -> None:
    server = tensorboard.start(export)
    assert server._process.stdin is not None
    server._process.stdin.close()
    assert server._process.wait(60) == 0
    assert not server.running
    server.stop()


@pytest.mark.slow
def test_the_child_ends_with_a_killed_parent(export: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from core.export import tensorboard\n"
        "print(tensorboard.start(Path(sys.argv[1])).url, flush=True); time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code, str(export)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline()
        assert get(url, "runs") == b'["."]'
        parent.kill()
    for _ in range(600):
        try:
            get(url, "runs")
        except OSError:
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")


def test_what_keeps_it_from_starting_is_said(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"lacks vectors\.tsv and metadata\.tsv and"):
        tensorboard.start(export.parent)
    with monkeypatch.context() as patch, pytest.raises(ServiceError, match="did not answer within"):
        patch.setattr(tensorboard, "START_SECONDS", 0.01)
        tensorboard.start(export)
    (export / projector.VECTORS).write_text("1\tx\n")
    with pytest.raises(ServiceError, match="ValueError: could not convert string to float: 'x'"):
        tensorboard.start(export)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(NotReadyError, match="pip install tensorboard"):
        tensorboard.start(export)
