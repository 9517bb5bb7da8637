"""Vectors with their rows as files that other programs read, and that open here again.

``.parquet`` is one table; ``.npy`` has a CSV of the columns beside it; ``.faiss`` is a FAISS index
of inner products with the rows' numbers from 1 as ids, and a CSV beside it; a folder gets the
Embedding Projector's files, with a sprite of the pictures where there are some.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.base.columns import Columns, to_csv
from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.export import projector
from core.storage import data_home

if TYPE_CHECKING:
    from PIL import Image

ENDINGS = (".parquet", ".npy", ".faiss")
SPRITE = "sprite.png"
_SPRITE_SIDE = 8_192  # pixels that TensorBoard shows at most
_PICTURE_SIDE = 64
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a fixed date: the same vectors give the same archive

Opener = Callable[[int], "Image.Image"]


def npy(vectors: FloatArray) -> bytes:
    """``vectors`` ``(n, dim)`` as a NumPy file of float32."""
    stream = io.BytesIO()
    np.save(stream, np.ascontiguousarray(vectors, dtype=np.float32), allow_pickle=False)
    return stream.getvalue()


def faiss_index(vectors: FloatArray) -> bytes:
    """``vectors`` ``(n, dim)`` as a flat index of inner products; ids are rows from 1."""
    import faiss

    index = faiss.IndexIDMap2(faiss.IndexFlatIP(vectors.shape[1]))
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    index.add_with_ids(rows, np.arange(1, len(rows) + 1, dtype=np.int64))
    return bytes(faiss.serialize_index(index))


def sprite(count: int, opened: Opener) -> tuple[bytes, int]:
    """The pictures in a square grid, row by row, as PNG, and the side of each in pixels.

    ``opened`` gives a picture by its number; one that fails is left white.
    """
    from PIL import Image, ImageOps

    from core.base.errors import PictureError

    grid = max(1, ceil(sqrt(count)))
    side = max(1, min(_PICTURE_SIDE, _SPRITE_SIDE // grid))
    sheet = Image.new("RGB", (grid * side, grid * side), "white")
    for number in range(count):
        try:
            picture = ImageOps.pad(opened(number).convert("RGB"), (side, side), color="white")
        except PictureError:
            continue
        sheet.paste(picture, (number % grid * side, number // grid * side))
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue(), side


def archive(files: Mapping[str, bytes]) -> bytes:
    """Files as a ZIP archive, always the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, data in files.items():
            target.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED, 1)
    return stream.getvalue()


def files_for(  # noqa: PLR0913
    ending: str,
    stem: str,
    vectors: FloatArray,
    columns: Columns,
    space: str,
    *,
    pictures: Opener | None = None,
) -> dict[str, bytes]:
    """The files of an export by their names.

    Args:
        ending: one of ``ENDINGS``, or empty for the Embedding Projector's files.
        stem: what they are called.
        vectors: ``(n, dim)``.
        space: the name of the embedding model, which is kept where the format can.
        pictures: gives the picture of a row, where there are some.

    Raises:
        InputError: there is nothing to export, or a column has other rows.
    """
    if ending == ".parquet":
        return {f"{stem}.parquet": projector.to_parquet(columns, vectors, space)}
    if ending == ".npy":
        return {f"{stem}.npy": npy(vectors), f"{stem}.csv": to_csv(columns)}
    if ending == ".faiss":
        return {f"{stem}.faiss": faiss_index(vectors), f"{stem}.csv": to_csv(columns)}
    files = projector.files(stem, vectors, columns)
    if pictures is not None:
        sheet, side = sprite(len(vectors), pictures)
        config = projector.config_pbtxt(stem, sprite=(SPRITE, side))
        files |= {SPRITE: sheet, projector.CONFIG: config}
    return files


def write(
    out: Path,
    vectors: FloatArray,
    columns: Columns,
    space: str,
    *,
    pictures: Opener | None = None,
) -> list[Path]:
    """Writes what ``out`` ends in, a folder for the projector; the files that were written.

    Args:
        vectors: ``(n, dim)``, a row for each of the columns.

    Raises:
        InputError: it ends in something else, or there is nothing to export.
        StorageError: the disk refuses.
    """
    ending = out.suffix.lower()
    if ending and ending not in ENDINGS:
        raise InputError(
            f"“{shorten(str(out))}” ends in {ending}.",
            f"Vectors are written to {', '.join(ENDINGS)}, or to a folder.",
            "Change the ending.",
        )
    made = files_for(ending, out.stem, vectors, columns, space, pictures=pictures)
    folder = out.parent if ending else out
    if not ending:
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        data_home.write_file(folder / name, data)
    return [folder / name for name in made]
