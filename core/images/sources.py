"""Where galleries come from: OpenMoji, folders, ZIP archives, Parquet files, lists of pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import InputError, PictureError, StorageError, shorten
from core.images import openmoji
from core.images.gallery import Gallery, Skipped, require_column
from core.readers import picture_folders, picture_lists, tables
from core.readers.picture_folders import PictureFiles
from core.readers.picture_parquet import read_picture_table
from core.readers.pictures import open_picture
from core.spaces.vector_store import item_digest
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

DRAWN = 192  # side of the emoji's drawings
LISTS = (".csv", ".tsv")
MAX_LIST = 500_000_000  # bytes of a table that names pictures
KNOWN = (
    f"{openmoji.NAME}, a gallery or public set by its name, a folder of pictures, a ZIP archive, "
    "a Parquet file, a CSV of paths"
)
_CAPTIONS = re.compile("(caption|title|text|description|productdisplayname)s?", re.IGNORECASE)


def load_gallery(source: str, language: str = "en", caption_column: str | None = None) -> Gallery:
    """The gallery called ``source``, or in the folder, ZIP archive or Parquet file of this path.

    Args:
        language: of the captions that are shown, for ``openmoji``.
        caption_column: the column with the captions; ``None`` takes one called so.

    Raises:
        InputError: there is nothing of this name, or it cannot be used.
    """
    if source == openmoji.NAME:
        return _openmoji(language)
    path = data_home.given_path(source)
    if not path.exists():
        raise InputError(
            f"There is no gallery called “{shorten(source)}” and no such file.",
            f"Known: {KNOWN}.",
            "Check the name.",
        )
    return from_path(path, caption_column)


def from_path(path: Path, caption_column: str | None = None) -> Gallery:
    """The gallery in a folder, ZIP archive, Parquet file, or CSV beside its pictures.

    Raises:
        InputError: it cannot be used.
    """
    if path.is_dir():
        return _from_files(path.resolve().name or str(path), picture_folders.read_folder(path))
    if path.suffix.lower() == ".zip":
        return _from_files(path.name, picture_folders.read_zip(path))
    if path.suffix.lower() == ".parquet":
        return _from_parquet(path, caption_column)
    if path.suffix.lower() in LISTS:
        files = picture_folders.read_folder(path.parent)
        return from_list(path.name, _read_list(path), files, caption_column)
    raise InputError(f"“{shorten(str(path))}” is no gallery.", f"Known: {KNOWN}.", "Name one.")


def from_archive(
    path: Path, table: Path | None = None, caption_column: str | None = None
) -> Gallery:
    """The gallery in a ZIP archive, with the rows of a table that names its pictures.

    Raises:
        InputError: one of them cannot be used.
    """
    files = picture_folders.read_zip(path)
    if table is None:
        return _from_files(path.name, files)
    gallery = from_list(table.name, _read_list(table), files, caption_column)
    named = set(gallery.ids)
    unnamed = (Skipped(name, "no row of the table names it") for name in files.ids)
    return replace(
        gallery, skipped=(*gallery.skipped, *(one for one in unnamed if one.id not in named))
    )


def from_parts(folder: Path, parts: Sequence[str], caption_column: str | None = None) -> Gallery:
    """The gallery in kept files: a Parquet file, or an archive and the table of it, if any.

    Raises:
        InputError: as ``from_path`` and ``from_archive``.
    """
    pictures, *table = [folder / part for part in parts]
    if pictures.suffix == ".parquet":
        return from_path(pictures, caption_column)
    return from_archive(pictures, table[0] if table else None, caption_column)


def from_list(
    name: str, frame: pd.DataFrame, files: PictureFiles, caption_column: str | None
) -> Gallery:
    """The pictures that a table names, with its other columns.

    Raises:
        InputError: it names none of the files.
    """
    found = picture_lists.match_files(frame, files.ids, name)
    kept = PictureFiles(
        [files.ids[at] for at in found.files],
        lambda number: files.read(found.files[number]),
        files.passed_over,
    )
    gallery = _from_files(name, kept)
    rows = frame.iloc[found.rows].reset_index(drop=True).drop(columns=found.column)
    captions = _captions(name, rows, caption_column)
    return replace(
        gallery,
        captions=captions,
        texts=() if captions is None else (captions,),
        frame=rows,
        skipped=(
            *gallery.skipped,
            *(Skipped(path, reason) for path, reason in found.missing),
        ),
    )


def _read_list(path: Path) -> pd.DataFrame:
    data = data_home.read_given(path, MAX_LIST)
    return tables.read_table(path.name, data, header=True).frame


def _openmoji(language: str) -> Gallery:
    import pandas as pd

    english = openmoji.list_emoji()
    shown = openmoji.list_emoji(language)
    version = openmoji.version()
    frame = pd.DataFrame(
        {
            "group": [item.group for item in english],
            "subgroup": [item.subgroup for item in english],
            "emoji": [item.text for item in english],
        }
    )
    return Gallery(
        openmoji.NAME,
        [item.id for item in english],
        [item_digest(f"openmoji {version} {item.id} {DRAWN}".encode()) for item in english],
        lambda number: openmoji.draw(english[number].id, DRAWN),
        [item.caption for item in shown],
        ([item.with_kind for item in english],),
        frame,
        openmoji.ATTRIBUTION,
    )


def _from_files(name: str, files: picture_folders.PictureFiles) -> Gallery:
    import pandas as pd

    digests: list[bytes] = []
    unreadable: set[int] = set()
    for number, path in enumerate(files.ids):
        try:
            digests.append(item_digest(files.read(number)))
        except PictureError:  # one of many: it is named among the damaged
            digests.append(item_digest(f"unreadable {name} {path}".encode()))
            unreadable.add(number)

    def read(number: int) -> Image.Image:
        data = files.read(number) if number in unreadable else _read_again(files, number)
        if number in unreadable or item_digest(data) != digests[number]:
            raise _changed(files.ids[number])
        return open_picture(data, files.ids[number])

    return Gallery(
        name,
        files.ids,
        digests,
        read,
        None,
        (),
        pd.DataFrame({"folder": [Path(name).parent.as_posix() for name in files.ids]}),
        skipped=tuple(Skipped(path, reason) for path, reason in files.passed_over),
    )


def _read_again(files: picture_folders.PictureFiles, number: int) -> bytes:
    """A file that could be read before: if not now, it is not damaged, and not kept as that."""
    try:
        return files.read(number)
    except PictureError as error:
        raise _changed(files.ids[number]) from error


def _changed(name: str) -> StorageError:
    return StorageError(
        f"“{shorten(name)}” changed or vanished while the gallery was read.",
        "The pictures must stay as they are meanwhile.",
        "Start again.",
    )


def _from_parquet(path: Path, caption_column: str | None) -> Gallery:
    table = read_picture_table(path)
    captions = _captions(path.name, table.frame, caption_column)
    digests = [item_digest(picture) for picture in table.pictures]

    def read(number: int) -> Image.Image:
        data = table.pictures[number]
        if item_digest(data) != digests[number]:
            raise _changed(table.ids[number])
        return open_picture(data, table.ids[number])

    return Gallery(
        path.name,
        table.ids,
        digests,
        read,
        captions,
        () if captions is None else (captions,),
        table.frame,
    )


def _captions(name: str, frame: pd.DataFrame, column: str | None) -> list[str] | None:
    if column is None:
        column = next((c for c in map(str, frame.columns) if _CAPTIONS.fullmatch(c)), None)
        if column is None:
            return None
    require_column(name, frame, column)
    return [tables.cell_text(value) for value in frame[column]]
