"""Galleries: emoji, folders, archives, tables; what is damaged is told or left out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from core.base import vectors as vec
from core.base.errors import ExplorerError, InputError, PictureError, StorageError, TableError
from core.base.types import Encoded, FloatArray, Modality
from core.images.sources import Choice, load_gallery
from core.images.vectors import choose_blend, encode_gallery, rank_pictures
from core.readers import picture_parquet_rows
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from tests.support.picture_files import encoded, write_parquet

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


class ColorEncoder:
    """A picture's mean colour as its vector; counts the pictures."""

    chunk = 4

    def __init__(self, entry: SpaceEntry) -> None:
        self.space = entry.space
        self.asked = 0

    def encode_pictures(self, given: Iterable[Image.Image]) -> FloatArray:
        pictures = list(given)
        assert len(pictures) <= self.chunk
        self.asked += len(pictures)
        rows = np.zeros((len(pictures), self.space.dim), dtype=np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            row[:3] = np.asarray(picture.convert("RGB")).mean((0, 1))
        return vec.normalize(rows)


class WordEncoder:
    """Colour words as vectors of ``ColorEncoder``."""

    chunk = 4

    def __init__(self, entry: SpaceEntry) -> None:
        self.space = entry.space

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        rows = np.zeros((len(texts), self.space.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[["red", "green", "blue", ""].index(text)] = 1
        return Encoded(rows, np.ones(len(texts), np.float32), np.zeros(len(texts), np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


@pytest.fixture
def entry(own_home: Path) -> SpaceEntry:
    return registry.find_space("minilm", Modality.IMAGE)


def test_openmoji_shows_captions_in_the_language_asked_for_and_encodes_english() -> None:
    gallery = load_gallery("openmoji", "de")
    assert len(gallery) == 1_914
    row = gallery.ids.index("1F34E")
    assert gallery.captions is not None
    assert gallery.captions[row] == "roter apfel"
    assert gallery.texts[0][row] == "red apple, food fruit"
    assert gallery.open(row).size == (192, 192)
    assert gallery.frame["subgroup"][row] == "food-fruit"
    assert gallery.digest == load_gallery("openmoji").digest


def test_a_folders_pictures_are_found_by_their_paths(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("b.png", "a/c.JPG", ".hidden/d.png", "notes.txt"):
        (tmp_path / name).write_bytes(encoded(RED))
    outside = tmp_path.parent / "outside.png"
    outside.write_bytes(encoded(BLUE))
    (tmp_path / "link.png").symlink_to(outside)
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["a/c.JPG", "b.png"]
    assert gallery.digests[0] == gallery.digests[1]  # the same bytes
    assert gallery.captions is None
    assert list(gallery.frame["folder"]) == ["a", "."]
    assert gallery.open(1).getpixel((0, 0)) == RED


def test_an_archives_pictures_never_touch_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.png", encoded(GREEN))
        archive.writestr("in/red.png", encoded(RED))
        archive.writestr("__MACOSX/in/red.png", b"resource fork")
        archive.writestr("readme.txt", "no picture")
    gallery = load_gallery(str(path))
    assert gallery.ids == ["in/red.png"]
    assert gallery.open(0).getpixel((0, 0)) == RED
    assert sorted(found.name for found in tmp_path.iterdir()) == ["pictures.zip"]


def test_a_tables_pictures_come_with_paths_captions_and_columns(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "t.parquet",
        [encoded(RED), encoded(BLUE)],
        productDisplayName=["red", "blue"],
        label=["x", "y"],
    )
    gallery = load_gallery(str(path))
    assert gallery.ids == ["p0.png", "p1.png"]
    assert gallery.captions == ["red", "blue"]
    assert gallery.labels("label") == ["x", "y"]
    assert load_gallery(str(path), choice=Choice("label")).captions == ["x", "y"]
    with pytest.raises(InputError, match="It has: productDisplayName, label"):
        gallery.labels("class")
    with pytest.raises(InputError, match="nothing"):
        load_gallery(str(path), choice=Choice("nothing"))
    with pytest.raises(InputError, match="split all"):
        gallery.held_out()


@pytest.mark.parametrize(
    ("values", "captions"),
    [
        ([1999.0, None], ["1999", ""]),
        ([1.5, 2.0], ["1.5", "2"]),
        ([7, 8], ["7", "8"]),
        ([" red ", None], ["red", ""]),
    ],
)
def test_numbers_are_captions_as_they_are_written_and_missing_ones_are_empty(
    tmp_path: Path, values: list[Any], captions: list[str]
) -> None:
    path = write_parquet(tmp_path / "t.parquet", [encoded(RED), encoded(BLUE)], year=values)
    gallery = load_gallery(str(path), choice=Choice("year"))
    assert gallery.captions == captions
    assert gallery.texts == (captions,)


def test_bare_bytes_are_numbered_and_labels_must_be_whole(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", [encoded(RED)] * 2, bare=True, label=["x", None])
    gallery = load_gallery(str(path))
    assert gallery.ids == ["1", "2"]
    assert gallery.captions is None
    with pytest.raises(InputError, match="1 of 2 pictures have no"):
        gallery.labels("label")


def test_numbers_of_classes_become_their_names_and_several_captions_one(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "t.parquet", [encoded(RED)] * 3, label=[1, 0, -1], caption=[["a", "b"], [], None]
    )
    features = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["cat", "dog"]}}}}
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({"huggingface": json.dumps(features)}), path)
    gallery = load_gallery(str(path))
    assert list(gallery.frame["label"]) == ["dog", "cat", ""]
    assert gallery.captions == ["a. b", "", ""]


def test_an_index_of_pandas_is_a_column_and_structs_come_before_bare_bytes(tmp_path: Path) -> None:
    rows = [{"bytes": encoded(RED), "path": "a.png"}]
    index = pd.Index(["x"], name="label")
    frame = pd.DataFrame({"md5": [b"no picture"], "image": rows}, index=index)
    frame.to_parquet(tmp_path / "t.parquet")
    gallery = load_gallery(str(tmp_path / "t.parquet"))
    assert gallery.ids == ["a.png"]
    assert gallery.labels("label") == ["x"]


def test_a_large_parquet_file_is_read_as_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bytes | None] = [encoded((number, 0, 0)) for number in range(7)]
    made[2] = None
    rows = [{"bytes": data, "path": f"p{at}.png"} for at, data in enumerate(made)]
    table = pa.table({"image": rows, "image.size": list("abcdefg"), "label": [1, 2] * 3 + [1]})
    path = tmp_path / "t.parquet"
    pq.write_table(table, path, row_group_size=3)
    whole = load_gallery(str(path))
    monkeypatch.setattr(picture_parquet_rows, "HELD", 1)
    lazy = load_gallery(str(path))
    assert lazy.digest == whole.digest
    assert lazy.frame.equals(whole.frame)
    assert list(lazy.frame.columns) == ["image.size", "label"]
    for number in (6, 0, 3, 1, 5):
        assert lazy.open(number).getpixel((0, 0)) == (number, 0, 0)
    with pytest.raises(PictureError):
        lazy.open(2)
    pq.write_table(table.slice(1), path, row_group_size=3)  # other pictures under the same name
    with pytest.raises(StorageError, match="changed or vanished"):
        lazy.open(4)
    path.unlink()
    with pytest.raises(StorageError, match="changed or vanished"):
        lazy.open(0)


@pytest.mark.parametrize(
    "columns",
    [
        {"image": [encoded(RED)], "label": ["a"]},
        {"image": [{"bytes": "text", "path": 1}]},
        {"image": [{"bytes": 3}]},
        {"image": [["list"]]},
    ],
)
def test_odd_tables_are_told(tmp_path: Path, columns: dict[str, list[Any]]) -> None:
    table = pa.table(columns)
    if "label" in columns:
        table = table.append_column("label", pa.array(["b"]))  # a second of the name
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(TableError, match=r"t\.parquet"):
        load_gallery(str(tmp_path / "t.parquet"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.zip", b"PK\x03\x04 half an archive", "ZIP archive"),
        ("a.parquet", b"PAR1 half a table", "Parquet"),
        ("a.txt", b"words", "is no gallery"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=says):
        load_gallery(str(tmp_path / name))


def test_labels_that_are_numbers_are_told_as_they_are_written() -> None:
    gallery = load_gallery("openmoji").take(range(3))
    years = replace(gallery, frame=pd.DataFrame({"year": [1999.0, 2001.0, 2001.5]}))
    assert years.labels("year") == ["1999", "2001", "2001.5"]
    empty = replace(gallery, frame=pd.DataFrame({"kind": ["a", "  ", None]}))
    with pytest.raises(InputError, match="2 of 3 pictures have no"):
        empty.labels("kind")


def test_nothing_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_gallery(str(tmp_path / "missing"))
    with pytest.raises(InputError, match="is no path"):
        load_gallery("a\0b")
    with pytest.raises(PictureError, match="holds no pictures"):
        load_gallery(str(tmp_path))


def test_a_table_without_pictures_is_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "t.parquet")
    with pytest.raises(TableError, match="no column of pictures"):
        load_gallery(str(tmp_path / "t.parquet"))


def test_each_picture_is_encoded_once_and_damaged_ones_are_left_out_and_named(
    tmp_path: Path, entry: SpaceEntry
) -> None:
    made = [encoded(RED), b"damaged", encoded(GREEN), encoded(RED), None, encoded(BLUE)]
    words = ["red", "red", "green", "red", "blue", "blue"]
    gallery = load_gallery(str(write_parquet(tmp_path / "t.parquet", made, caption=words)))
    encoder = ColorEncoder(entry)
    found = encode_gallery(gallery, entry, encoder, WordEncoder(entry))
    assert found.damaged == ("p1.png", "p4.png")
    assert found.gallery.ids == ["p0.png", "p2.png", "p3.png", "p5.png"]
    assert found.pictures[:, :3].tolist() == [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert found.captions is not None
    assert np.array_equal(found.captions, found.pictures)
    assert encoder.asked == 3  # the red one stands twice
    encode_gallery(gallery, entry, encoder, None)
    assert encoder.asked == 3
    hits = rank_pictures(found.pictures, found.gallery.ids, found.pictures[1], 2)
    assert [(hit.id, hit.score, hit.rank) for hit in hits] == [("p2.png", 1, 1), ("p0.png", 0, 2)]


def test_a_gallery_of_damaged_pictures_is_told(tmp_path: Path, entry: SpaceEntry) -> None:
    gallery = load_gallery(str(write_parquet(tmp_path / "t.parquet", [b"no", b"none"])))
    with pytest.raises(PictureError, match="None of the 2 pictures"):
        encode_gallery(gallery, entry, ColorEncoder(entry), None)


def test_a_blend_lies_between_picture_and_caption(tmp_path: Path, entry: SpaceEntry) -> None:
    path = write_parquet(tmp_path / "t.parquet", [encoded(RED)], caption=["blue"])
    found = encode_gallery(load_gallery(str(path)), entry, ColorEncoder(entry), WordEncoder(entry))
    assert choose_blend(found.gallery, None) == 0.5
    assert choose_blend(found.gallery, 0.2) == 0.2
    assert found.blend(0)[0, :3].tolist() == [1, 0, 0]
    assert found.blend(1)[0, :3].tolist() == [0, 0, 1]
    assert found.blend(0.5)[0, :3].tolist() == pytest.approx([0.5**0.5, 0, 0.5**0.5])
    assert found.blend(0.25)[0, 0] == pytest.approx(0.75 / (0.75**2 + 0.25**2) ** 0.5)
    with pytest.raises(InputError, match="0, the picture, to 1"):
        found.blend(1.5)
    bare = load_gallery(str(write_parquet(tmp_path / "b.parquet", [encoded(RED)])))
    assert choose_blend(bare, None) == 0
    with pytest.raises(InputError, match="no captions"):
        choose_blend(bare, 0.5)


def test_a_picture_without_a_caption_is_searched_by_itself(
    tmp_path: Path, entry: SpaceEntry
) -> None:
    path = write_parquet(
        tmp_path / "t.parquet", [encoded(RED), encoded(BLUE)], caption=["green", None]
    )
    gallery = load_gallery(str(path))
    found = encode_gallery(gallery, entry, ColorEncoder(entry), WordEncoder(entry))
    for share in (0.5, 1.0):
        assert found.blend(share)[1, :3].tolist() == [0, 0, 1]
    assert found.blend(1)[0, :3].tolist() == [0, 1, 0]


def test_one_damaged_member_of_an_archive_is_left_out_and_named(
    tmp_path: Path, entry: SpaceEntry
) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", encoded(RED))
        archive.writestr("b.png", encoded(GREEN, (40, 40), "BMP"))
        archive.writestr("c.png", encoded(BLUE), zipfile.ZIP_LZMA)
        archive.writestr("d.png/", b"")
    data = path.read_bytes()
    at = data.index(b"b.png") + 200
    path.write_bytes(data[:at] + b"\x7f" + data[at + 1 :])  # its checksum no longer fits
    found = encode_gallery(load_gallery(str(path)), entry, ColorEncoder(entry), None)
    assert found.gallery.ids == ["a.png"]
    assert found.damaged == ("b.png", "c.png")


def test_a_file_that_changes_meanwhile_is_told_and_not_kept(
    tmp_path: Path, entry: SpaceEntry
) -> None:
    path = tmp_path / "pictures" / "a.png"
    path.parent.mkdir()
    path.write_bytes(encoded(RED))
    gallery = load_gallery(str(path.parent))
    path.write_bytes(encoded(BLUE))
    with pytest.raises(StorageError, match="changed or vanished"):
        encode_gallery(gallery, entry, ColorEncoder(entry), None)
    path.unlink()
    with pytest.raises(StorageError, match="changed or vanished"):
        gallery.open(0)
    path.write_bytes(encoded(RED))
    assert encode_gallery(gallery, entry, ColorEncoder(entry), None).pictures[0, 0] == 1


def test_names_that_are_not_unicode_and_the_folder_one_is_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.png")).write_bytes(encoded(RED))
    monkeypatch.chdir(tmp_path)
    gallery = load_gallery(".")
    assert gallery.name == tmp_path.name
    assert gallery.ids == ["caf\\udce9.png"]
    assert gallery.open(0).getpixel((0, 0)) == RED


def valid_files() -> dict[str, bytes]:
    """Archives by each way of packing, and a table."""
    made = {}
    for way in ("STORED", "DEFLATED", "BZIP2", "LZMA"):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", getattr(zipfile, f"ZIP_{way}")) as archive:
            archive.writestr("a.png", encoded(RED))
        made[f"{way}.zip"] = stream.getvalue()
    stream = io.BytesIO()
    rows = [{"bytes": encoded(RED), "path": "a.png"}]
    pq.write_table(pa.table({"image": rows, "label": ["x"]}), stream)
    return made | {"table.parquet": stream.getvalue()}


VALID = valid_files()


@pytest.mark.slow
@given(
    name=st.sampled_from(sorted(VALID)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4),
)
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_files_with_a_few_bytes_changed_open_or_give_a_clear_message(
    tmp_path: Path, name: str, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(VALID[name])
    for at, value in changes:
        data[at % len(data)] = value
    path = tmp_path / name
    path.write_bytes(data)
    with contextlib.suppress(ExplorerError):
        load_gallery(str(path)).open(0)
    if not changes and not name.startswith(("BZIP2", "LZMA")):  # those are refused
        assert load_gallery(str(path)).open(0).getpixel((0, 0)) == RED


def test_real_tables_of_pictures(shared_data: Callable[[str], Path]) -> None:
    gallery = load_gallery(str(shared_data("images/fashion_products.parquet")))
    assert len(gallery) == 8_193
    assert gallery.captions is not None
    assert gallery.captions[0] == "Turtle Check Men Navy Blue Shirt"
    assert gallery.open(0).size == (112, 112)
    assert len(gallery.held_out()) == 728
