"""Galleries of several files: WebDataset's tars, Parquet shards, Parquet files of paths."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import InputError, PictureError, StorageError
from core.images import galleries, tars
from core.images.sources import load_gallery
from core.inventory import data_home
from core.readers import isolated
from tests.support.packed_files import as_tar
from tests.support.picture_files import COLORS, encoded, write_colors, write_parquet

pytestmark = pytest.mark.usefixtures("own_home")

RED, GREEN, BLUE = COLORS.values()


def shard(*colors: tuple[int, int, int]) -> bytes:
    files = {}
    for at, color in enumerate(colors):
        files[f"{at}.png"] = encoded(color)
        files[f"{at}.cls"] = f"{at}\n".encode()
        files[f"{at}.txt"] = f"picture {at}".encode()
        files[f"{at}.json"] = json.dumps({"year": 2000 + at, "file_name": "x"}).encode()
    return as_tar(files | {"0.npy": b"x", "9.txt": b"alone"})


@pytest.mark.parametrize("packed", [False, True])
def test_the_files_of_a_sample_belong_to_its_picture(tmp_path: Path, packed: bool) -> None:
    data = shard(RED, GREEN)
    path = tmp_path / ("s.tar.gz" if packed else "s.tar")
    path.write_bytes(gzip.compress(data) if packed else data)
    gallery = load_gallery(str(path))
    assert gallery.ids == ["0.png", "1.png"]
    assert gallery.labels("class") == ["0", "1"]
    assert gallery.captions == ["picture 0", "picture 1"]
    assert gallery.labels("year") == ["2000", "2001"]
    assert gallery.open(1).getpixel((0, 0)) == GREEN
    assert {(one.id, one.reason) for one in gallery.skipped} == {
        ("0.npy", "vectors, not a picture"),
        ("9", "it has no picture"),
    }


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_is_read_once_and_again_when_it_changed(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    path = tmp_path / "s.tar"

    def write(*colors: tuple[int, int, int]) -> None:
        data = shard(*colors)
        path.write_bytes(gzip.compress(data) if packed else data)

    write(RED, GREEN)
    entry, first = galleries.link(str(path))
    with monkeypatch.context() as patch:
        patch.setattr(isolated, "run", lambda *_, **__: pytest.fail("it is read again"))
        again = galleries.load(entry)
        assert [again.open(at).getpixel((0, 0)) for at in range(2)] == [RED, GREEN]
        assert (again.ids, again.captions, again.digests) == (
            first.ids,
            first.captions,
            first.digests,
        )
        assert again.skipped == first.skipped
    held = [one for one in data_home.list_held() if one.path.parent.name == tars.FOLDER]
    assert len(held) == 1
    write(BLUE, GREEN, RED)
    if not packed:  # of which the picture is no more where it was
        with pytest.raises(StorageError, match="changed or vanished"):
            again.open(0)
    found = galleries.load(galleries.read_again(entry))
    assert found.open(0).getpixel((0, 0)) == BLUE
    assert len(found) == 3
    galleries.remove(entry)
    assert not [*(own_home / tars.FOLDER).iterdir()]


def test_an_archive_of_which_nothing_can_be_kept_is_shown_all_the_same(
    tmp_path: Path, own_home: Path
) -> None:
    path = tmp_path / "s.tgz"
    path.write_bytes(gzip.compress(shard(RED, GREEN)))
    (own_home / tars.FOLDER).parent.mkdir(parents=True, exist_ok=True)
    (own_home / tars.FOLDER).write_text("a file where the folder should be")
    gallery = load_gallery(str(path))
    assert [gallery.open(at).getpixel((0, 0)) for at in range(2)] == [RED, GREEN]


def test_a_folder_of_tars_is_one_gallery(tmp_path: Path) -> None:
    (tmp_path / "train-0.tar").write_bytes(shard(RED, GREEN))
    (tmp_path / "train-1.tar").write_bytes(shard(BLUE))
    gallery = load_gallery(str(tmp_path))
    assert gallery.ids == ["train-0/0.png", "train-0/1.png", "train-1/0.png"]
    assert [gallery.open(row).getpixel((0, 0)) for row in range(3)] == [RED, GREEN, BLUE]
    assert gallery.labels("year") == ["2000", "2001", "2000"]


def test_a_tar_of_class_folders_has_its_folders(tmp_path: Path) -> None:
    files = {"cat/a.png": encoded(RED), "dog/b.png": encoded(BLUE), "../out.png": encoded(RED)}
    (tmp_path / "p.tar").write_bytes(as_tar(files))
    gallery = load_gallery(str(tmp_path / "p.tar"))
    assert gallery.ids == ["cat/a.png", "dog/b.png"]
    assert gallery.labels("folder") == ["cat", "dog"]
    assert [(one.id, one.reason) for one in gallery.skipped] == [
        ("../out.png", "its path leads out of the archive")
    ]
    (tmp_path / "p.tar").write_bytes(as_tar(files)[:900])
    with pytest.raises(PictureError, match="could not be unpacked"):
        load_gallery(str(tmp_path / "p.tar"))


def test_a_file_without_a_name_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "some.tar"
    path.write_bytes(as_tar({"a.png": encoded(RED), ".": b"no name"}))
    gallery = load_gallery(str(path))
    assert gallery.ids == ["a.png"]
    assert [(one.id, one.reason) for one in gallery.skipped] == [(".", "it has no name")]


def test_tars_are_uploaded(own_home: Path) -> None:
    files = [("a.tar", shard(RED, GREEN)), ("b.tar", shard(BLUE))]
    brought = galleries.import_files("shards", files)
    gallery = galleries.load(brought.entry)
    assert gallery.ids == ["a/0.png", "a/1.png", "b/0.png"]
    assert gallery.captions == ["picture 0", "picture 1", "picture 0"]
    assert ("a/0.npy", "vectors, not a picture") in [(o.id, o.reason) for o in brought.skipped]


def test_a_folder_of_parquet_shards_is_one_gallery(tmp_path: Path, own_home: Path) -> None:
    (tmp_path / "data").mkdir()
    names = ("train-00000-of-00002", "train-00001-of-00002", "test-00000-of-00001")
    for at, (name, color) in enumerate(zip(names, COLORS.values(), strict=True)):
        path = tmp_path / "data" / f"{name}.parquet"
        write_parquet(path, [encoded(color)], caption=[f"c{at}"], emb=[[at, 1.5]])
    (tmp_path / "README.md").write_text("about")
    gallery = load_gallery(str(tmp_path))
    assert len(set(gallery.ids)) == 3
    assert gallery.labels("split") == ["test", "train", "train"]
    assert gallery.captions == ["c2", "c0", "c1"]
    assert [gallery.open(row).getpixel((0, 0)) for row in range(3)] == [BLUE, RED, GREEN]
    assert gallery.own is not None
    assert gallery.own.vectors.tolist() == [[2, 1.5], [0, 1.5], [1, 1.5]]
    files = [(f"{n}.parquet", (tmp_path / "data" / f"{n}.parquet").read_bytes()) for n in names]
    uploaded = galleries.load(galleries.import_files("up", files).entry)
    assert uploaded.captions == ["c0", "c1", "c2"]


def test_a_parquet_file_of_paths_names_pictures_beside_it(tmp_path: Path, own_home: Path) -> None:
    folder = write_colors(tmp_path / "set")
    table = pa.table({"path": ["/data/b.png", "a.png"], "label": ["x", "y"]})
    pq.write_table(table, folder / "list.parquet")
    for source in (folder, folder / "list.parquet"):
        gallery = load_gallery(str(source))
        assert gallery.ids == ["b.png", "a.png"]
        assert gallery.labels("label") == ["x", "y"]
    files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    brought = galleries.import_files("paths", files)
    assert galleries.load(brought.entry).ids == ["b.png", "a.png"]
    (folder / "list.parquet").unlink()
    pq.write_table(pa.table({"text": ["q"]}), folder / "list.parquet")
    with pytest.raises(InputError, match="no column of pictures"):
        load_gallery(str(folder / "list.parquet"))
    assert np.array(load_gallery(str(folder)).frame["folder"]).tolist() == ["."] * 3
