"""Pictures as people have them: formats, tables beside them, splits; what is left out is named."""

from __future__ import annotations

import io
import json
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pillow_heif import register_heif_opener

from core.base.errors import PictureError
from core.images.sources import load_gallery
from core.readers import picture_folders, pictures
from core.readers.picture_lists import match_files
from core.readers.pictures import open_picture, to_rgb
from tests.support.picture_files import encoded

RED, BLUE = (200, 30, 40), (30, 40, 200)


def _saved(kind: str, **options: object) -> bytes:
    register_heif_opener()
    stream = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 30, 40)).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.heic", "HEIF"),
        ("a.ico", "ICO"),
        ("a.tga", "TGA"),
        ("a.ppm", "PPM"),
        ("a.jp2", "JPEG2000"),
        ("a.jpe", "JPEG"),
        ("a.mpo", "MPO"),
    ],
)
def test_formats_of_phones_scanners_and_old_programs(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(_saved(kind))
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == [name]
    assert gallery.skipped == ()
    middle = np.asarray(to_rgb(gallery.open(0)))[8, 8]
    assert middle == pytest.approx([200, 30, 40], abs=6)


def _pdf(*colors: tuple[int, int, int]) -> bytes:
    pages = [Image.new("RGB", (60, 30), color) for color in colors]
    stream = io.BytesIO()
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:])
    return stream.getvalue()


def test_of_a_pdf_the_first_page_is_the_picture(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(_pdf(BLUE, RED))
    (tmp_path / "b.pdf").write_bytes(_pdf(RED)[:200])
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF")
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["a.pdf", "b.pdf", "c.pdf"]
    picture = gallery.open(0)
    assert picture.size == (1024, 512)
    assert np.asarray(picture)[256, 512] == pytest.approx(BLUE, abs=6)
    for row in (1, 2):
        with pytest.raises(PictureError, match="no PDF that can be read"):
            gallery.open(row)


def test_twelve_bits_in_sixteen_are_scaled_by_what_they_are() -> None:
    stream = io.BytesIO()
    Image.fromarray(np.array([[0, 2048, 4095]] * 3, dtype=np.uint16)).save(stream, "PNG")
    shown = np.asarray(to_rgb(open_picture(stream.getvalue())))[0, :, 0]
    assert shown.tolist() == pytest.approx([0, 127, 255], abs=1)


def test_jpeg_xl_is_read_where_its_decoder_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pylibjxl = pytest.importorskip("pylibjxl")
    pixels = np.zeros((6, 9, 4), np.uint8)
    pixels[:, :, 0] = pixels[:, :, 3] = 255
    pixels[3:] = (0, 0, 255, 128)
    data = pylibjxl.encode(pixels, lossless=True)
    (tmp_path / "a.jxl").write_bytes(data)
    (tmp_path / "half.jxl").write_bytes(data[: len(data) // 2])
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["a.jxl", "half.jxl"]
    assert np.array_equal(np.asarray(gallery.open(0)), pixels)
    with pytest.raises(PictureError, match="is damaged"):
        gallery.open(1)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 53)
    with pytest.raises(PictureError, match="9 x 6 pixels"):
        pictures.open_here(data)


def test_whatever_is_left_out_of_a_folder_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.png").write_bytes(encoded(RED))
    monkeypatch.setattr(picture_folders, "SUFFIXES", picture_folders.SUFFIXES - {".jxl"})
    for name in ("live.mov", "b.svg", "notes.txt", "c.jxl", "d.dng"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    gallery = load_gallery(str(tmp_path))
    left = {one.id: one.reason for one in gallery.skipped}
    assert left.keys() == {"live.mov", "b.svg", "notes.txt", "c.jxl", "d.dng"}
    assert "not of pixels" in left["b.svg"]
    assert "pip install pylibjxl" in left["c.jxl"]
    assert "raw" in left["d.dng"]


@pytest.mark.parametrize(
    "cell",
    [
        "/kaggle/input/flowers/images/röse.jpg",
        "C:\\Users\\me\\images\\röse.jpg",
        "other/folder/röse.jpg",
        unicodedata.normalize("NFD", "images/röse.jpg"),
        "IMAGES/RÖSE.JPG",
        "röse",
    ],
)
def test_paths_of_other_computers_find_their_pictures(cell: str) -> None:
    paths = ["images/other.jpg", "images/röse.jpg"]
    found = match_files(pd.DataFrame({"file": ["images/other.jpg", cell]}), paths, "l.csv")
    assert found.files == [0, 1]
    assert found.missing == []


def test_of_several_files_of_a_name_the_folders_decide() -> None:
    paths = ["train/cat/1.jpg", "train/dog/1.jpg", "test/dog/1.jpg"]
    cells = ["/data/train/dog/1.jpg", "/data/cat/1.jpg", "/data/dog/1.jpg"]
    found = match_files(pd.DataFrame({"file": cells}), paths, "l.csv")
    assert found.files == [1, 0]
    assert [path for path, _ in found.missing] == ["/data/dog/1.jpg"]


def test_a_table_without_a_row_of_names(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(RED))
    (tmp_path / "b.png").write_bytes(encoded(BLUE))
    (tmp_path / "labels.csv").write_text("a.png,red\nb.png,blue\n")
    gallery = load_gallery(str(tmp_path / "labels.csv"))
    assert gallery.ids == ["a.png", "b.png"]
    assert gallery.labels("column 2") == ["red", "blue"]


def test_a_table_inside_a_folder_or_an_archive_names_its_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    files = {"images/1.jpg": encoded(RED), "images/2.jpg": encoded(BLUE)}
    files["styles.csv"] = b"id,colour,productDisplayName\n1,red,A red one\n2,blue,A blue one\n"
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    for source in (folder, tmp_path / "set.zip"):
        gallery = load_gallery(str(source))
        assert gallery.labels("colour") == ["red", "blue"]
        assert gallery.captions == ["A red one", "A blue one"]
        assert gallery.skipped == ()
    (folder / "styles.csv").unlink()
    rows = [{"file_name": "1.jpg", "text": "one"}, {"file_name": "2.jpg", "text": "two"}]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "images" / "metadata.jsonl").write_text(lines)
    assert load_gallery(str(folder)).captions == ["one", "two"]


def test_folders_of_a_split_are_no_classes(tmp_path: Path) -> None:
    for name in ("train/cat/1.png", "train/dog/2.png", "val/cat/3.png"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(RED))
    gallery = load_gallery(str(tmp_path))
    assert gallery.labels("split") == ["train", "train", "val"]
    assert gallery.labels("folder") == ["cat", "dog", "cat"]


@pytest.mark.parametrize("names", [("train_set", "test_set"), ("seg_train", "seg_test")])
def test_splits_are_found_beside_a_sample_and_doubled(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    one, other = names
    for name in (f"{one}/{one}/cat/1.png", f"{other}/{other}/dog/2.png", "sample.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(RED))
    gallery = load_gallery(str(tmp_path))
    known = dict(zip(gallery.ids, gallery.frame.to_dict("records"), strict=True))
    assert known["sample.png"] == {"folder": ".", "split": ""}
    assert known[f"{one}/{one}/cat/1.png"] == {"folder": "cat", "split": one}
    assert known[f"{other}/{other}/dog/2.png"] == {"folder": "dog", "split": other}


def test_each_split_has_metadata_of_its_own(tmp_path: Path) -> None:
    for at, split in enumerate(("train", "test")):
        (tmp_path / split / "images").mkdir(parents=True)
        (tmp_path / split / "images" / "1.png").write_bytes(encoded((at, 0, 0)))
        line = {"file_name": "images/1.png", "text": f"of {split}"}
        (tmp_path / split / "metadata.jsonl").write_text(json.dumps(line) + "\n")
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for path in sorted(tmp_path.rglob("*/*.*")):
            archive.write(path, path.relative_to(tmp_path).as_posix())
    archived = load_gallery(str(tmp_path / "set.zip"))
    (tmp_path / "set.zip").unlink()
    for gallery in (load_gallery(str(tmp_path)), archived):
        assert dict(zip(gallery.ids, gallery.captions or [], strict=True)) == {
            "train/images/1.png": "of train",
            "test/images/1.png": "of test",
        }
        assert gallery.skipped == ()
        assert sorted(gallery.labels("split")) == ["test", "train"]


def test_of_several_tables_the_one_that_says_most_is_taken(tmp_path: Path) -> None:
    for name in ("images/1.jpg", "images/2.jpg", "mynt/images/1.jpg", "mynt/images/2.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(RED))
    (tmp_path / "images.csv").write_text("filename,link\n1.jpg,http://x/1\n2.jpg,http://x/2\n")
    (tmp_path / "styles.csv").write_text("id,kind,year\n1,shoe,2011\n2,hat,2012\n")
    (tmp_path / "styles").mkdir()
    for at in range(30):  # what is said of each picture by itself is no table of all
        (tmp_path / "styles" / f"{at}.json").write_text('{"id": 1, "other": 2, "a": 1, "b": 2}')
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["images/1.jpg", "images/2.jpg"]
    assert gallery.labels("kind") == ["shoe", "hat"]
    left = {one.id: one.reason for one in gallery.skipped}
    assert left["mynt/images/1.jpg"] == "no row of the table names it"
    assert left["images.csv"] == "a table, not a picture"


@pytest.mark.parametrize("alpha", [False, True])
def test_twelve_bits_in_sixteen_of_colours_are_scaled(alpha: bool) -> None:
    channels = 4 if alpha else 3
    values = np.zeros((2, 3, channels), dtype=">u2")
    values[:, :, 0] = [0, 2048, 4095]
    values[:, :, 2] = 1024
    values[:, :, 3:] = 65_535
    lines = b"".join(b"\0" + row.tobytes() for row in values)
    head = struct.pack(">IIBBBBB", 3, 2, 16, 6 if alpha else 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    shown = np.asarray(to_rgb(open_picture(data)))[0]
    assert shown[:, 0].tolist() == pytest.approx([0, 127, 255], abs=1)
    assert shown[:, 1].tolist() == [0, 0, 0]
    assert shown[:, 2].tolist() == pytest.approx([64, 64, 64], abs=1)
