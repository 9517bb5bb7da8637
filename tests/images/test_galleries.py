"""Galleries that a person brings: what is kept, what is left out and why, what is refused."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from core.base.errors import DamagedError, InputError, PictureError, StorageError
from core.base.types import no_progress
from core.images import galleries, thumbnails
from core.images.galleries import ABOUT, GalleryEntry
from core.images.sources import load_gallery
from core.images.uploads import ARCHIVE
from core.readers import coco, picture_folders
from tests.support.picture_files import encoded, write_parquet

RED, BLUE, GREEN = (255, 0, 0), (0, 0, 255), (0, 255, 0)


@pytest.fixture(autouse=True)
def home(own_home: Path) -> Path:
    return own_home


def packed(**files: bytes) -> bytes:
    return packed_names([(name.replace("_dot_", "."), data) for name, data in files.items()])


def packed_names(files: list[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return stream.getvalue()


def names() -> list[str]:
    return [entry.name for entry in galleries.list_galleries()]


def entry(name: str) -> GalleryEntry:
    return next(one for one in galleries.list_galleries() if one.name == name)


def test_openmoji_is_always_there() -> None:
    assert names() == ["openmoji"]
    assert "1,914 emoji" in entry("openmoji").about
    assert galleries.load(entry("openmoji"), "de").captions is not None
    with pytest.raises(InputError, match="comes with the app"):
        galleries.remove(entry("openmoji"))


def test_where_no_temporary_file_can_be_written_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(StorageError, match="could not be laid aside"):
        galleries.import_files("x", [("a.png", encoded(RED))])
    annotated = json.dumps({"images": [], "annotations": []}).encode()
    with pytest.raises(StorageError, match="could not be laid aside"):
        coco.read("a.json", annotated, no_progress)


def test_pictures_are_kept_and_two_of_one_name_are_told_apart() -> None:
    files = [("a.png", encoded(RED)), ("sub/a.png", encoded(BLUE)), ("notes.txt", b"hello")]
    brought = galleries.import_files("my trip", files)
    assert [(one.id, one.reason) for one in brought.skipped] == [
        ("notes.txt", "it is no picture by its name")
    ]
    gallery = galleries.load(entry("my-trip"))
    assert gallery.name == "my-trip"
    assert gallery.ids == ["a (2).png", "a.png"]
    assert gallery.open(0).getpixel((0, 0)) == BLUE
    # The same again is the same gallery; another of the same name gets a number.
    assert galleries.import_files("other name", files[:2]).entry == brought.entry
    galleries.import_files("my trip", [("b.png", encoded(GREEN))])
    assert names() == ["openmoji", "my-trip", "my-trip-2"]
    galleries.remove(entry("my-trip"))
    assert names() == ["openmoji", "my-trip-2"]


def test_a_table_comes_along_with_pictures_and_with_an_archive() -> None:
    table = "file,colour,caption\na.png,red,a red square\nb.png,blue,a blue one\nc.png,,gone\n"
    pictures = [("a.png", encoded(RED)), ("b.png", encoded(BLUE))]
    galleries.import_files("one", [*pictures, ("list.csv", table.encode())])
    archive = packed_names([(f"deep/{name}", data) for name, data in pictures])
    galleries.import_files("two", [("x.zip", archive), ("list.csv", table.encode())])
    for name, ids in (("one", ["a.png", "b.png"]), ("two", ["deep/a.png", "deep/b.png"])):
        gallery = galleries.load(entry(name))
        assert gallery.ids == ids
        assert gallery.captions == ["a red square", "a blue one"]
        assert gallery.labels("colour") == ["red", "blue"]
        assert "file" not in gallery.frame
        assert [(one.id, one.reason) for one in gallery.skipped] == [
            ("c.png", "there is no such picture")
        ]


def test_a_parquet_file_is_kept(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x.parquet", [encoded(RED)], label=["red"])
    galleries.import_files("tables", [("x.parquet", path.read_bytes())])
    assert galleries.load(entry("tables")).labels("label") == ["red"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([], "none was given"),
        ([("a.txt", b"")], "cannot be one gallery"),
        ([("a.zip", packed(a_dot_png=b"")), ("b.png", b"")], "cannot be one gallery"),
        ([("a.zip", b""), ("b.zip", b"")], "cannot be one gallery"),
        ([("a.parquet", b""), ("b.csv", b"")], "beside a Parquet"),
        ([("a.parquet", b"no")], "Parquet"),
        ([("a.zip", b"no")], "could not be unpacked"),
        ([("a.zip", packed(notes_dot_txt=b"x"))], "holds no pictures"),
        ([("a.png", b""), ("list.csv", b"name\nother.png\n")], "names a picture that is there"),
    ],
)
def test_files_that_are_no_gallery_are_refused_and_nothing_is_kept(
    files: list[tuple[str, bytes]], told: str, home: Path
) -> None:
    with pytest.raises(InputError, match=told):
        galleries.import_files("bad", files)
    assert names() == ["openmoji"]
    assert not list(home.glob("galleries/.*"))


def test_what_an_archive_holds_beside_pictures_is_told(tmp_path: Path) -> None:
    inner = packed(a_dot_png=encoded(RED))
    files = [
        ("ok.png", encoded(RED)),
        ("inner.zip", inner),
        ("../../out.png", encoded(BLUE)),
        ("/etc/abs.png", encoded(BLUE)),
        ("readme.md", b"hello"),
        ("script.svg", b"<svg><script>alert(1)</script></svg>"),
        ("__MACOSX/ok.png", b"junk"),
    ]
    path = tmp_path / "mixed.zip"
    path.write_bytes(packed_names(files))
    gallery = load_gallery(str(path))
    assert gallery.ids == ["ok.png"]
    reasons = {one.id: one.reason for one in gallery.skipped}
    assert reasons == {
        "inner.zip": "an archive inside the archive is not opened",
        "../../out.png": "its path leads out of the archive",
        "/etc/abs.png": "its path leads out of the archive",
        "readme.md": "it is no picture by its name",
        "script.svg": "a drawing of lines, not of pixels: save it as PNG",
    }
    assert not (tmp_path.parent / "out.png").exists()


def test_of_two_files_of_one_name_in_an_archive_the_last_is_read_and_the_other_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "twice.zip"
    with pytest.warns(UserWarning, match="Duplicate name"):
        path.write_bytes(packed_names([("a.png", encoded(RED)), ("a.png", encoded(BLUE))]))
    gallery = load_gallery(str(path))
    assert gallery.ids == ["a.png"]
    assert gallery.open(0).getpixel((0, 0)) == BLUE
    assert [(one.id, one.reason) for one in gallery.skipped] == [
        ("a.png", "a later file of the archive has the same name")
    ]


def test_uploaded_pictures_that_the_table_does_not_name_are_told(home: Path) -> None:
    files = [("a.png", encoded(RED)), ("b.png", encoded(BLUE)), ("l.csv", b"file,kind\na.png,x\n")]
    brought = galleries.import_files("mine", files)
    gallery = galleries.load(brought.entry)
    assert gallery.ids == ["a.png"]
    assert [(one.id, one.reason) for one in gallery.skipped] == [
        ("b.png", "no row of the table names it")
    ]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ([("broken.zip", b"PK")], "“broken.zip”"),
        ([("broken.parquet", b"PAR1")], "“broken.parquet”"),
        ([("a.png", encoded(RED)), ("my list.csv", b"x,y\n1,2\n")], "“my list.csv”"),
    ],
)
def test_errors_name_uploaded_files_as_the_person_does(
    home: Path, files: list[tuple[str, bytes]], told: str
) -> None:
    with pytest.raises(InputError) as caught:
        galleries.import_files("mine", files)
    assert told in caught.value.given


def test_an_archive_that_grows_hundredfold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_folders, "MAX_GROWN", 1_000_000)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(3_000_000))
    with pytest.raises(PictureError, match="100 times its own size"):
        load_gallery(str(path))


def test_a_csv_beside_its_pictures_is_a_gallery_that_reads_nothing_outside(tmp_path: Path) -> None:
    (tmp_path / "outside.png").write_bytes(encoded(BLUE))
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a b\U0001f408.png").write_bytes(encoded(RED))
    (folder / "list.csv").write_text(
        "path,title\nsub/a b\U0001f408.png,a cat\n../outside.png,secret\n", encoding="utf-8"
    )
    gallery = load_gallery(str(folder / "list.csv"))
    assert gallery.captions == ["a cat"]
    assert gallery.texts == (["a cat"],)
    assert [(one.id, one.reason) for one in gallery.skipped] == [
        ("../outside.png", "the path leads out of the folder")
    ]


def test_a_linked_folder_is_read_where_it_is_and_again_when_asked(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "cats").mkdir(parents=True)
    (folder / "cats" / "1.png").write_bytes(encoded(RED))
    linked = galleries.link_folder(str(folder))
    assert linked.path == folder
    assert galleries.load(linked).labels("folder") == ["cats"]
    (folder / "cats" / "2.png").write_bytes(encoded(BLUE))
    again = galleries.link_folder(str(folder))  # the same folder: read again, not twice
    assert names() == ["openmoji", "photos"]
    assert again.digest != linked.digest
    assert "2 pictures" in again.about
    assert len(galleries.load(again)) == 2
    galleries.remove(again)
    assert (folder / "cats" / "1.png").exists()
    with pytest.raises(InputError, match="no folder"):
        galleries.link_folder(str(tmp_path / "nowhere"))


def test_damage_is_told(home: Path) -> None:
    galleries.import_files("mine", [("a.png", encoded(RED))])
    archive = home / "galleries" / "mine" / ARCHIVE
    archive.write_bytes(archive.read_bytes() + b"x")
    with pytest.raises(DamagedError, match="not what was written"):
        galleries.load(entry("mine"))
    for about in ("[" * 100_000, json.dumps({"count": "x"})):
        (home / "galleries" / "mine" / ABOUT).write_text(about)
        damaged = entry("mine")
        assert damaged.digest == ""
    with pytest.raises(DamagedError):
        galleries.load(damaged)
    galleries.remove(damaged)
    assert names() == ["openmoji"]


def test_thumbnails_are_made_once_and_small(home: Path) -> None:
    files = [("wide.png", encoded(RED, (800, 100))), ("bad.png", b"no picture")]
    gallery = galleries.load(galleries.import_files("t", files).entry)
    bad, wide = gallery.ids.index("bad.png"), gallery.ids.index("wide.png")
    made = thumbnails.thumbnail(gallery, wide)
    assert made is not None
    with Image.open(io.BytesIO(made)) as small:
        assert (small.format, small.size) == ("WEBP", (192, 24))
    kept = list(home.glob("thumbnails/**/*.thumbnail"))
    assert len(kept) == 1
    kept[0].write_bytes(hashlib.sha256(b"kept").digest() + b"kept")
    assert thumbnails.thumbnail(gallery, wide) == b"kept"
    assert thumbnails.thumbnail(gallery, bad) is None
