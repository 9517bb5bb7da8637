"""Where galleries come from: OpenMoji, folders, ZIP archives, Parquet files, lists of pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from core.base.errors import InputError, PictureError, StorageError, TableError, shorten
from core.base.types import Progress, no_progress
from core.images import coco as coco_boxes, openmoji, own_vectors, picture_tables, tars
from core.images.gallery import Gallery, Skipped, require_column
from core.images.picture_tables import PictureTable
from core.images.shards import SPLIT, join
from core.images.uploads import VECTORS
from core.readers import (
    isolated,
    object_stores,
    parquet,
    picture_folders,
    table_vectors,
    tables,
    webdataset,
)
from core.readers.picture_folders import PictureFiles
from core.readers.picture_parquet import holds_pictures, read_picture_table
from core.readers.picture_parquet_rows import PictureRows
from core.readers.pictures import open_picture
from core.readers.table_columns import load_table, to_frame, write_table
from core.spaces.vector_store import item_digest
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

DRAWN = 192  # side of the emoji's drawings
LISTS = (".csv", ".tsv", ".json", ".jsonl")
MAX_LIST = 500_000_000  # bytes of a table that names pictures
KNOWN = (
    f"{openmoji.NAME}, a gallery or public set by its name, a folder of pictures, a ZIP archive, "
    "a Parquet file, a table of paths, annotations of COCO, s3://… or gs://…"
)
_COLUMNS = "columns.arrow"
_READERS = 16  # objects that are read at once: each is waited for
_SPLIT = re.compile(
    r"(?:seg_)?(?:train|training|val|valid|validation|dev|test|testing)(?:_?(?:set|data|images)|\d{4})?",
    re.IGNORECASE,
)
_CAPTIONS = re.compile("(caption|title|text|description|productdisplayname)s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """How a gallery is read, as far as a person says.

    Attributes:
        captions: the column with the captions; ``None`` takes one called so.
        vectors: a file of vectors of its pictures, or the column of its table that has them;
            ``none`` takes none, and empty those that lie there.
        boxes: of pictures with annotations, each box is a picture.
    """

    captions: str | None = None
    vectors: str = ""
    boxes: bool = False

    @property
    def file(self) -> Path | None:
        """The file of vectors that is named."""
        if self.vectors in ("", table_vectors.NONE):
            return None
        path = data_home.given_path(self.vectors)
        return path if path.is_file() else None

    @property
    def column(self) -> str | None:
        """The column of vectors that is named."""
        return None if self.file is not None else self.vectors or None


DEFAULT = Choice()


def load_gallery(
    source: str,
    language: str = "en",
    choice: Choice = DEFAULT,
    progress: Progress = no_progress,
) -> Gallery:
    """The gallery called ``source``, or in the folder, ZIP archive or Parquet file of this path.

    Pictures may lie in an object store as well.

    Args:
        language: of the captions that are shown, for ``openmoji``.

    Raises:
        InputError: there is nothing of this name, or it cannot be used.
        ServiceError: the object store does not answer.
        Cancelled: by ``progress``.
    """
    if source == openmoji.NAME:
        _require_none(choice)
        return _openmoji(language)
    if object_stores.is_address(source):
        return from_store(object_stores.listing(source), choice, progress)
    path = data_home.given_path(source)
    if not path.exists():
        raise InputError(
            f"There is no gallery called “{shorten(source)}” and no such file.",
            f"Known: {KNOWN}.",
            "Check the name.",
        )
    return from_path(path, choice, progress)


def from_store(
    found: object_stores.Listing, choice: Choice = DEFAULT, progress: Progress = no_progress
) -> Gallery:
    """The pictures in a folder of an object store, each read once now for its digest.

    Raises:
        InputError: there is none, or one that was chosen beside them cannot be used.
        ServiceError: the store does not answer.
        Cancelled: by ``progress``.
    """
    files = object_stores.picture_files(found)
    digests: list[bytes | None] = []
    with ThreadPoolExecutor(_READERS) as pool:
        try:
            for digest in pool.map(partial(_digest, files), range(len(files.ids))):
                digests.append(digest)
                progress(len(digests), len(files.ids), "pictures read")
        finally:
            pool.shutdown(cancel_futures=True)
    return _from_folder(found.name, files, digests, choice, progress)


def open_place(place: str, digest: bytes) -> Image.Image:
    """The picture at a path or address of a gallery's ``places``, as it was when it was listed.

    Raises:
        PictureError: it is damaged.
        StorageError: it is another one by now.
    """
    name = PurePosixPath(place.partition("?")[0]).name
    if not place:
        raise PictureError("A picture could not be read.", "It was not when it was listed.", "")
    try:
        data = object_stores.read(place, picture_folders.MAX_BYTES)
    except PictureError as error:
        raise _changed(name) from error
    if item_digest(data) != digest:
        raise _changed(name)
    return open_picture(data, name)


def _require_none(choice: Choice) -> None:
    if choice.boxes:
        raise InputError(
            f"Boxes of {openmoji.NAME} were asked for, and it has none.",
            "Pictures with annotations of COCO have boxes.",
            "Leave that out.",
        )
    if choice.vectors not in ("", table_vectors.NONE):
        raise InputError(
            f"Vectors of {openmoji.NAME} were named: “{shorten(choice.vectors)}”.",
            "They are of a gallery of your own.",
            "Leave them out.",
        )


def from_path(path: Path, choice: Choice = DEFAULT, progress: Progress = no_progress) -> Gallery:
    """The gallery in a folder, ZIP archive, Parquet file, or CSV beside its pictures.

    Raises:
        InputError: it cannot be used.
        Cancelled: by ``progress``.
    """
    if path.is_dir():
        if shards := _shards(path):
            return _from_shards(path, shards, choice, progress)
        files = picture_folders.read_folder(path)
        name = path.resolve().name or str(path)
        return _from_folder(name, files, _digests(files, progress), choice, progress)
    if path.suffix.lower() == ".zip":
        return from_archive(path, choice=choice, progress=progress)
    if webdataset.is_tar(path.name):
        return _from_tars(path, [path], choice, progress)
    if path.suffix.lower() == ".parquet":
        return _of_parquet(path, choice, progress)
    if path.suffix.lower() in LISTS:
        return _from_list(path, choice, progress)
    raise InputError(f"“{shorten(str(path))}” is no gallery.", f"Known: {KNOWN}.", "Name one.")


def _of_parquet(path: Path, choice: Choice, progress: Progress) -> Gallery:
    """The pictures in a Parquet file, or those beside it that its rows name."""
    try:
        return _from_parquet(path, choice, progress)
    except TableError:
        if holds_pictures(path):
            raise
        with suppress(InputError):  # it is no list of paths either, then
            return _from_list(path, choice, progress)
        raise


def _shards(folder: Path) -> list[Path]:
    """The tar archives or Parquet files below a folder that has no pictures of its own."""
    files = sorted(picture_folders.files_below(folder))
    if any(path.suffix.lower() in picture_folders.SUFFIXES for path in files):
        return []
    tars = [path for path in files if webdataset.is_tar(path.name)]
    return tars or [path for path in files if path.suffix.lower() == ".parquet"]


def _from_shards(
    folder: Path, shards: Sequence[Path], choice: Choice, progress: Progress
) -> Gallery:
    """The pictures of tar archives, or of Parquet files, below a folder."""
    if webdataset.is_tar(shards[0].name):
        return _from_tars(folder, shards, choice, progress)
    parts = []
    for done, path in enumerate(shards):
        progress(done, len(shards), "files read")
        part = _from_parquet(path, choice, progress)
        parts.append(replace(part, name=path.relative_to(folder).as_posix()))
    return join(folder.resolve().name or str(folder), parts)


def _from_tars(source: Path, paths: Sequence[Path], choice: Choice, progress: Progress) -> Gallery:
    """The samples of WebDataset's archives, which are read where they lie."""
    found = tars.open_tars(source, paths, progress)
    name = source.resolve().name or str(source)
    digests: list[bytes | None] = [*found.digests]
    if found.table is None:
        gallery = _from_folder(name, found.files, digests, choice, progress)
    else:
        gallery = _with_table(
            name, found.files, digests, (webdataset.TABLE, found.table), choice, progress
        )
    left_out = (Skipped(one, why) for one, why in found.left_out)
    return replace(gallery, name=name, skipped=(*gallery.skipped, *left_out))


def _from_list(path: Path, choice: Choice, progress: Progress) -> Gallery:
    """The pictures that a table beside them, or beside their folder, names."""
    data = data_home.read_given(path, MAX_LIST)
    try:
        base, files = path.parent, picture_folders.read_folder(path.parent)
    except PictureError:
        if not path.resolve().parent.name.lower().startswith("annotation"):
            raise
        base = path.resolve().parent.parent  # as COCO has it: images/ beside annotations/
        files = picture_folders.read_folder(base)
    own = path.resolve().relative_to(base.resolve()).as_posix()
    named = picture_tables.read_table(own, data, files, choice.column, progress)
    kept = picture_tables.kept_files(files, named)
    gallery = _with_rows(_from_files(path.name, kept, _digests(kept, progress)), named, choice)
    others = tuple(one for one in gallery.skipped if one.id != own)
    return _with_vectors(replace(gallery, skipped=others), files, named, choice, progress)


def _from_folder(
    name: str,
    files: PictureFiles,
    digests: Sequence[bytes | None],
    choice: Choice,
    progress: Progress,
) -> Gallery:
    """The pictures of a folder or archive, with the table in it and its vectors, if any."""
    if (named := picture_tables.find_table(files, choice.column, progress)) is None:
        gallery = _from_files(name, files, digests)
    else:
        gallery = _of_table(name, files, digests, named, choice)
    return _with_vectors(gallery, files, named, choice, progress)


def _with_vectors(
    gallery: Gallery,
    files: PictureFiles,
    named: PictureTable | None,
    choice: Choice,
    progress: Progress,
) -> Gallery:
    """A gallery with the vectors that lie beside its pictures, or that were named; or its boxes.

    Raises:
        InputError: those that were named are not there, or do not fit.
    """
    if choice.boxes:
        rows = named.found.rows if named is not None and named.boxes else ()
        return coco_boxes.crops(gallery, [named.boxes[row] for row in rows] if named else [])
    if choice.vectors == table_vectors.NONE:
        return gallery
    table = None
    if named is not None:
        rows = named.found.rows
        table = own_vectors.TableRows(len(named.frame), rows, named.vectors, named.model)
    if choice.file is not None:
        return own_vectors.from_file(gallery, files.ids, choice.file, table, progress)
    if choice.column is None:
        return own_vectors.attach(gallery, files.ids, files.arrays, table, progress)
    if table is None or table.chosen is None:
        raise InputError(
            f"There are no vectors “{shorten(choice.vectors)}”.",
            "A file of vectors is needed, or the column of a table that names the pictures.",
            "Check the name.",
        )
    return own_vectors.from_column(gallery, table)


def from_archive(
    path: Path,
    table: Path | None = None,
    choice: Choice = DEFAULT,
    progress: Progress = no_progress,
) -> Gallery:
    """The gallery in a ZIP archive, with the rows of a table that names its pictures.

    Raises:
        InputError: one of them cannot be used.
        Cancelled: by ``progress``.
    """
    files, digests = _scan_archive(path, progress)
    if table is None:
        return _from_folder(path.name, files, digests, choice, progress)
    given = (table.name, data_home.read_given(table, MAX_LIST))
    return _with_table(table.name, files, digests, given, choice, progress)


def _with_table(  # noqa: PLR0913, PLR0917
    name: str,
    files: PictureFiles,
    digests: Sequence[bytes | None],
    table: tuple[str, bytes],
    choice: Choice,
    progress: Progress,
) -> Gallery:
    """The pictures that a table, by its name and bytes, names, with their vectors if any."""
    found = picture_tables.read_table(*table, files, choice.column, progress)
    gallery = _of_table(name, files, digests, found, choice)
    return _with_vectors(gallery, files, found, choice, progress)


def _of_table(
    name: str,
    files: PictureFiles,
    digests: Sequence[bytes | None],
    named: PictureTable,
    choice: Choice,
) -> Gallery:
    """The pictures that a table names, with its other columns."""
    kept = picture_tables.kept_files(files, named)
    gallery = _from_files(name, kept, [digests[at] for at in named.found.files])
    gallery = _with_rows(gallery, named, choice)
    ids = set(gallery.ids)
    others = [one for one in gallery.skipped if one.id not in named.names]
    unnamed = [Skipped(one, "no row of the table names it") for one in files.ids if one not in ids]
    return replace(gallery, skipped=(*others, *unnamed))


def from_parts(
    folder: Path,
    parts: Sequence[str],
    choice: Choice = DEFAULT,
    progress: Progress = no_progress,
) -> Gallery:
    """The gallery in kept files: a Parquet file, or an archive, the table of it, if any, and a
    file of vectors, if any.

    Raises:
        InputError: as ``from_path`` and ``from_archive``.
    """
    pictures, *table = [folder / part for part in parts if part not in VECTORS]
    array = next((part for part in parts if part in VECTORS), None)
    if array is not None and not choice.vectors:
        choice = replace(choice, vectors=str(folder / array))
    if pictures.suffix == ".parquet":
        return from_path(pictures, choice, progress)
    return from_archive(pictures, table[0] if table else None, choice, progress)


def _with_rows(gallery: Gallery, named: PictureTable, choice: Choice) -> Gallery:
    """A gallery with the other columns of the table that names its pictures."""
    found = named.found
    rows = named.frame.iloc[found.rows].reset_index(drop=True).drop(columns=found.column)
    if SPLIT in gallery.frame.columns and SPLIT not in rows.columns:
        rows[SPLIT] = gallery.frame[SPLIT]
    captions = _captions(gallery.name, rows, choice.captions)
    missing = (Skipped(path, reason) for path, reason in (*found.missing, *named.left_out))
    return replace(
        gallery,
        captions=captions,
        texts=() if captions is None else (captions,),
        frame=rows,
        skipped=(*gallery.skipped, *missing),
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
        ([item.with_kind for item in english],),
        frame,
        openmoji.ATTRIBUTION,
    )


def _digests(files: PictureFiles, progress: Progress) -> list[bytes | None]:
    """The digest of each picture's file; ``None`` for one that cannot be read."""
    digests: list[bytes | None] = []
    for number in range(len(files.ids)):
        progress(number, len(files.ids), "pictures read")
        digests.append(_digest(files, number))
    return digests


def _digest(files: PictureFiles, number: int) -> bytes | None:
    try:
        return item_digest(files.read(number))
    except PictureError:  # one of many: it is named among the damaged
        return None


def _scan_archive(path: Path, progress: Progress) -> tuple[PictureFiles, list[bytes | None]]:
    """The pictures of a ZIP archive, once a child has unpacked all of them."""
    answer = isolated.run(
        f"{__name__}:scan_archive_in_child",
        {"path": str(path.absolute())},
        name=path.name,
        limits=isolated.limits_for(path.stat().st_size),
        progress=progress,
        error=PictureError,
    )
    files = picture_folders.read_zip(path)
    if files.ids != answer["ids"]:
        raise _changed(path.name)
    return files, [None if one is None else bytes.fromhex(one) for one in answer["digests"]]


def scan_archive_in_child(path: str, progress: Progress) -> dict[str, list[Any]]:
    """What ``from_archive`` has a child do."""
    files = picture_folders.read_zip(Path(path))
    digests = _digests(files, progress)
    return {"ids": files.ids, "digests": [None if one is None else one.hex() for one in digests]}


def _from_files(name: str, files: PictureFiles, found: Sequence[bytes | None]) -> Gallery:
    import pandas as pd

    unreadable = {number for number, digest in enumerate(found) if digest is None}
    digests = [
        item_digest(f"unreadable {name} {path}".encode()) if digest is None else digest
        for path, digest in zip(files.ids, found, strict=True)
    ]

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
        pd.DataFrame(_folders(files.ids)),
        skipped=tuple(Skipped(path, reason) for path, reason in files.passed_over),
        places=tuple("" if at in unreadable else one for at, one in enumerate(files.places)),
    )


def _folders(ids: Sequence[str]) -> dict[str, list[str]]:
    """The folder of each picture; where folders say its split, such as train, that apart."""
    parents = [PurePosixPath(name).parent.parts for name in ids]
    depth = _split_depth(parents)
    if depth is None:
        return {"folder": ["/".join(parts) or "." for parts in parents]}
    rest = []
    for parts in parents:
        below = parts if len(parts) <= depth else parts[depth + 1 :]
        doubled = below[:1] == parts[depth : depth + 1]  # as in training_set/training_set/cat
        rest.append("/".join(below[doubled:]) or ".")
    splits = [parts[depth] if len(parts) > depth else "" for parts in parents]
    return {"folder": rest, SPLIT: splits}


def _split_depth(parents: Sequence[tuple[str, ...]]) -> int | None:
    """At which depth all folders say a split; pictures above them may be few."""
    for depth in range(max(map(len, parents), default=0)):
        at = [parts[depth] for parts in parents if len(parts) > depth]
        if 2 * len(at) < len(parents):
            return None
        if all(_SPLIT.fullmatch(one) for one in at):
            return depth
    return None


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


def _from_parquet(path: Path, choice: Choice, progress: Progress) -> Gallery:
    with isolated.folder_with({}) as folder:
        answer = isolated.run(
            f"{__name__}:scan_parquet_in_child",
            {"path": str(path.absolute()), "folder": str(folder)},
            name=path.name,
            limits=isolated.limits_for(path.stat().st_size),
            progress=progress,
            error=TableError,
        )
        table = load_table(folder / _COLUMNS)
        vectors = {
            str(name): table_vectors.load(folder / file) for name, file in answer["vectors"].items()
        }
    ids = [str(one) for one in answer["ids"]]
    frame = to_frame(table, len(ids))
    pictures = PictureRows(path, answer["column"], answer["groups"])
    digests = [bytes.fromhex(one) for one in answer["digests"]]
    chosen = table_vectors.choose(frame, vectors, choice.column)
    frame = frame if chosen is None else chosen.frame
    captions = _captions(path.name, frame, choice.captions)

    def read(number: int) -> Image.Image:
        data = pictures[number]
        if item_digest(data) != digests[number]:
            raise _changed(ids[number])
        return open_picture(data, ids[number])

    texts = () if captions is None else (captions,)
    gallery = Gallery(path.name, ids, digests, read, captions, texts, frame)
    rows = own_vectors.TableRows(len(ids), range(len(ids)), chosen, answer["model"])
    if choice.file is not None:
        return own_vectors.from_file(gallery, ids, choice.file, rows, progress)
    return own_vectors.from_column(gallery, rows)


def scan_parquet_in_child(path: str, folder: str, progress: Progress) -> dict[str, Any]:
    """What ``from_path`` has a child do for a Parquet file: its columns go to a file."""
    pictures = read_picture_table(Path(path), item_digest, progress)
    rest, vectors = table_vectors.write(pictures.table, Path(folder))
    write_table(rest, Path(folder) / _COLUMNS)
    return {
        "ids": pictures.ids,
        "vectors": vectors,
        "model": parquet.stated_space(path, Path(path)),
        "digests": [one.hex() for one in pictures.digests],
        "column": pictures.column,
        "groups": pictures.groups,
    }


def _captions(name: str, frame: pd.DataFrame, column: str | None) -> list[str] | None:
    if column is None:
        column = next((c for c in map(str, frame.columns) if _CAPTIONS.fullmatch(c)), None)
        if column is None:
            return None
    require_column(name, frame, column)
    return [tables.cell_text(value) for value in frame[column]]
