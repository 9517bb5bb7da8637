"""Readers of pictures, galleries and what is written into PNGs, for `fuzz`."""

from __future__ import annotations

import json
import tarfile
import zipfile
from functools import partial
from pathlib import Path, PurePosixPath

from benchmarks import (
    fuzz_seeds_kept as seeds_kept,
    fuzz_seeds_pictures as seeds,
)
from benchmarks.fuzz_seeds import Files, Reader

LARGE = 1_000_000  # pixels of a picture that is opened and no more, since using it takes long


def _picture(data: bytes, folder: Path) -> bool:
    from core.images.thumbnails import shrink
    from core.readers.pictures import open_picture, to_square

    picture = open_picture(data, "a picture")
    if picture.width * picture.height <= LARGE:
        to_square(picture, 16)
        shrink(picture)
    return False


def _gallery(name: str, data: bytes, folder: Path) -> bool:
    from core.base.errors import PictureError
    from core.images import sources

    (folder / name).write_bytes(data)
    gallery = sources.from_path(folder / name)
    for row in range(len(gallery)):
        try:
            gallery.open(row)
        except PictureError:
            continue
    return False


def _picture_list(data: bytes, folder: Path) -> bool:
    for path, picture in seeds.picture_parts().items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(picture)
    return _gallery("list.csv", data, folder)


def _record(data: bytes, folder: Path) -> bool:
    from core.generation.png_metadata import read_record

    read_record(data, "a.png")
    return False


def _other_tools(data: bytes, folder: Path) -> bool:
    from core.generation.other_tools import read_settings

    if (found := read_settings(data, "a.png")) is not None:
        found.rows()
    return False


def _other_texts(data: bytes, folder: Path) -> bool:
    from tests.support.other_tools_texts import png

    key, _, text = data.decode("utf-8", "replace").partition("\n")
    return _other_tools(png(**{key: text} if key.isidentifier() and key.isascii() else {}), folder)


def _tar(data: bytes, folder: Path) -> bool:
    """Pictures of WebDataset's archives, and every file of theirs is used or told."""
    from core.readers import webdataset

    lost = _gallery("a.tar", data, folder)
    (folder / "unpacked").mkdir()
    packed = webdataset.repack([folder / "a.tar"], folder / "unpacked", lambda *_: None)
    with tarfile.open(folder / "a.tar") as archive:
        names = {one.name for one in archive if one.isreg() and not one.issparse()}
    with zipfile.ZipFile(packed.archive) as archive:
        taken = {one.filename for one in archive.infolist()}
    told = {name for name, _ in packed.left_out}
    pictures = {name for name in names if _is_picture(name)}
    return lost or len(pictures) > len(taken) + len(told)


def _is_picture(name: str) -> bool:
    from core.readers.picture_folders import SUFFIXES

    path = PurePosixPath(name)
    hidden = any(part.startswith(".") for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def _coco(data: bytes, folder: Path) -> bool:
    """Annotations, each of which is taken or told."""
    from core.images.coco import as_table
    from core.readers import coco

    found = coco.read("a.json", data, lambda *_: None)
    as_table(found)
    whole = json.loads(data)
    told = len(found.left_out)
    boxes = sum(len(one.boxes) for one in found.pictures)
    captions = sum(
        isinstance(one, dict) and "bbox" not in one and bool(one.get("caption"))
        for one in whole["annotations"]
    )
    given = len(whole["images"]) + len(whole["annotations"])
    return len(found.pictures) + boxes + captions + told < given


def _pictures_of(kind: str) -> Files:
    return seeds.pictures()[kind]


READERS: dict[str, Reader] = {
    **{f"picture {kind}": Reader(partial(_pictures_of, kind), _picture) for kind in seeds.FORMATS},
    "gallery zip": Reader(seeds.picture_zips, partial(_gallery, "a.zip")),
    "gallery parquet": Reader(seeds.picture_tables, partial(_gallery, "a.parquet")),
    "gallery list": Reader(seeds.picture_lists, _picture_list),
    "gallery webdataset": Reader(seeds.sample_tars, _tar),
    "gallery coco": Reader(seeds.coco_files, _coco),
    "PNG record": Reader(seeds_kept.records, _record),
    "PNG other tools": Reader(seeds.other_tools, _other_tools),
    "PNG other texts": Reader(seeds.other_texts, _other_texts),
}
