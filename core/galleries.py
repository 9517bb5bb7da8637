"""Galleries: pictures with ids, captions where they have them, and what else is known of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core import picture_splits, store
from core.datasets import openmoji, picture_folders
from core.datasets.picture_tables import read_picture_table
from core.errors import InputError, PictureError, StorageError, shorten
from core.pictures import open_picture
from core.vector_chunks import item_digest

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

    from core.types import IntArray

DRAWN = 192  # side of the emoji's drawings
_CAPTIONS = re.compile("(caption|title|text|description|productdisplayname)s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gallery:
    """A dataset of pictures.

    Attributes:
        digests: the first bytes of the SHA-256 of what each picture is made from.
        open: gives a picture by its number; raises ``PictureError`` for a damaged one.
        captions: what is written below each picture; ``None`` where there are none.
        texts: what is encoded for the captions: several texts a picture count alike.
        frame: the other columns, one row a picture.
        attribution: what its licence wants said where it is shown.
    """

    name: str
    ids: list[str]
    digests: list[bytes]
    open: Callable[[int], Image.Image]
    captions: list[str] | None
    texts: tuple[list[str], ...]
    frame: pd.DataFrame
    attribution: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def digest(self) -> str:
        """Stands for ids, pictures and what is encoded for captions: for all that is searched."""
        texts = [text.encode("utf-8", "surrogatepass") for column in self.texts for text in column]
        ids = [name.encode("utf-8", "surrogatepass") for name in self.ids]
        return store.digest_bytes(*ids, *self.digests, *texts)

    def take(self, rows: Sequence[int] | IntArray) -> Gallery:
        """Some pictures of it, in the order of ``rows``."""
        chosen = [int(row) for row in rows]
        return Gallery(
            self.name,
            [self.ids[row] for row in chosen],
            [self.digests[row] for row in chosen],
            lambda number: self.open(chosen[number]),
            None if self.captions is None else [self.captions[row] for row in chosen],
            tuple([column[row] for row in chosen] for column in self.texts),
            self.frame.iloc[chosen].reset_index(drop=True),
            self.attribution,
        )

    def labels(self, column: str) -> list[str]:
        """The values of a column.

        Raises:
            InputError: there is no such column, or a picture has no value in it.
        """
        _require_column(self.name, self.frame, column)
        values = self.frame[column]
        if empty := int((values.isna() | (values.astype(str) == "")).sum()):
            raise InputError(
                f"{empty:,} of {len(self):,} pictures have no “{shorten(column)}”.",
                "Each picture needs a label.",
                "Choose another column.",
            )
        return [str(value) for value in values]

    def held_out(self) -> Gallery:
        """The pictures that our picture encoder was never trained on.

        Raises:
            InputError: it knows none of them to be held out.
        """
        rows = np.flatnonzero(picture_splits.held_out(self.ids))
        if not len(rows):
            raise InputError(
                f"No picture of “{shorten(self.name)}” was set aside when the encoder was trained.",
                "Only the sets that it was trained on have a validation split.",
                "Take all: --split all.",
            )
        return self.take(rows)


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
    path = store.given_path(source)
    if not path.exists():
        raise InputError(
            f"There is no gallery called “{shorten(source)}” and no such file.",
            f"Known: {openmoji.NAME}, a folder of pictures, a ZIP archive, a Parquet file.",
            "Check the name.",
        )
    if path.is_dir():
        return _from_files(path.resolve().name or str(path), picture_folders.read_folder(path))
    if path.suffix.lower() == ".zip":
        return _from_files(path.name, picture_folders.read_zip(path))
    if path.suffix.lower() == ".parquet":
        return _from_parquet(path, caption_column)
    raise InputError(
        f"“{shorten(source)}” is no gallery.",
        f"Known: {openmoji.NAME}, a folder of pictures, a ZIP archive, a Parquet file.",
        "Name one of these.",
    )


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
        ([item.caption for item in english], [item.with_kind for item in english]),
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
    return Gallery(
        path.name,
        table.ids,
        [item_digest(picture) for picture in table.pictures],
        lambda number: open_picture(table.pictures[number], table.ids[number]),
        captions,
        () if captions is None else (captions,),
        table.frame,
    )


def _captions(name: str, frame: pd.DataFrame, column: str | None) -> list[str] | None:
    if column is None:
        column = next((c for c in map(str, frame.columns) if _CAPTIONS.fullmatch(c)), None)
        if column is None:
            return None
    _require_column(name, frame, column)
    return [str(value) for value in frame[column]]


def _require_column(name: str, frame: pd.DataFrame, column: str) -> None:
    if column not in frame.columns:
        known = ", ".join(shorten(str(found), 30) for found in frame.columns[:30]) or "none"
        raise InputError(
            f"“{shorten(name)}” has no column “{shorten(column)}”.",
            f"It has: {known}.",
            "Name one of these.",
        )
