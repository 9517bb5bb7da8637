"""Names of classes in the metadata of Parquet files, which anyone may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from core.base.errors import TableError
from core.readers.picture_parquet import holds_pictures, join_picture_tables, read_picture_table
from core.readers.table_columns import to_frame
from tests.support.picture_files import encoded, write_parquet

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
LABELS = st.fixed_dictionaries({"_type": st.just("ClassLabel") | JSON, "names": JSON})


def written(folder: Path, metadata: bytes, labels: list[Any]) -> Path:
    path = write_parquet(folder / "t.parquet", [encoded("red")] * len(labels), label=labels)
    table = pq.read_table(path).replace_schema_metadata({b"huggingface": metadata})
    pq.write_table(table, path)
    return path


def read(path: Path) -> tuple[list[bytes], list[Any]]:
    """The pictures of a file, and its labels."""
    found = read_picture_table(path, bytes)  # a picture's digest is the picture
    return found.digests, list(to_frame(found.table)["label"])


def features(label: Any) -> bytes:
    return json.dumps({"info": {"features": {"label": label}}}).encode()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=60) | JSON.map(json.dumps).map(str.encode) | LABELS.map(features))
def test_any_metadata_is_read_or_passed_over(tmp_path: Path, metadata: bytes) -> None:
    pictures, labels = read(written(tmp_path, metadata, [0, 1, 7]))
    assert pictures == [encoded("red")] * 3
    assert labels == [0, 1, 7] or all(isinstance(label, str) for label in labels)


@pytest.mark.parametrize(
    "metadata",
    [
        b"[" * 100_000,
        b'{"info": {"features": {"label": {"_type": "ClassLabel"}}}}',
        b'{"info": {"features": [1]}}',
        features({"_type": "ClassLabel", "names": "cat"}),
        features({"_type": "ClassLabel", "names": {"0": "cat"}}),
        features({"_type": "Value", "names": ["cat"]}),
    ],
)
def test_metadata_that_names_nothing_leaves_numbers(tmp_path: Path, metadata: bytes) -> None:
    assert read(written(tmp_path, metadata, [1, 0]))[1] == [1, 0]


def test_half_a_character_and_markup_are_only_text(tmp_path: Path) -> None:
    names = ["\ud800", "<script>\n"]
    label = b'{"_type": "ClassLabel", "names": ["\\ud800", "<script>\\n", null]}'
    metadata = b'{"info": {"features": {"label": ' + label + b"}}}"
    assert json.loads(metadata)["info"]["features"]["label"]["names"][:2] == names
    _, labels = read(written(tmp_path, metadata, [0, 1, 2, 3, -1]))
    assert labels == ["?", "<script>\n", "None", "", ""]


def test_one_file_that_names_its_classes_stays_as_it_is(tmp_path: Path) -> None:
    named = written(tmp_path, features({"_type": "ClassLabel", "names": ["cat", "dog"]}), [1])
    assert join_picture_tables([named], tmp_path, {"label": ("a", "b")}) == named
    assert join_picture_tables([named], tmp_path, {"other": ("a",)}) == named


def test_joined_tables_keep_their_own_names_and_metadata(tmp_path: Path) -> None:
    metadata = features({"_type": "ClassLabel", "names": ["cat", "dog"]})
    paths = []
    for at in range(3):
        folder = tmp_path / str(at)
        folder.mkdir()
        paths.append(written(folder, metadata, [at % 2] * (at + 1)))
    joined = join_picture_tables(paths, tmp_path, {"label": ("x", "y")})
    pictures, labels = read(joined)
    assert labels == ["cat", "dog", "dog", "cat", "cat", "cat"]
    assert len(pictures) == 6


def test_text_labels_are_not_renamed(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", [encoded("red")], label=["mine"])
    assert join_picture_tables([path], tmp_path, {"label": ("x",)}) == path


def test_what_is_no_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 no table")
    with pytest.raises(TableError, match="could not be read"):
        join_picture_tables([path, path], tmp_path, {})
    fine = write_parquet(tmp_path / "fine.parquet", [encoded("red")], label=[1])
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"label": [1]}), other)
    with pytest.raises(TableError):
        join_picture_tables([fine, other], tmp_path, {})


def test_bytes_that_are_text_are_no_pictures(tmp_path: Path) -> None:
    texts = [b"a note", "zwei Wörter".encode()]
    pq.write_table(pa.table({"text": texts}), tmp_path / "texts.parquet")
    assert not holds_pictures(tmp_path / "texts.parquet")
    with pytest.raises(TableError, match="has no column of pictures: text"):
        read_picture_table(tmp_path / "texts.parquet", bytes)
    pictures = [encoded("red"), encoded("blue")]
    pq.write_table(pa.table({"text": texts, "image": pictures}), tmp_path / "both.parquet")
    assert holds_pictures(tmp_path / "both.parquet")
    assert read_picture_table(tmp_path / "both.parquet", bytes).digests == pictures
