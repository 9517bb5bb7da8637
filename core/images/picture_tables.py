"""Tables and annotations that name pictures: which of their rows is of which picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import InputError
from core.base.types import Progress
from core.images import coco as coco_boxes
from core.readers import coco, picture_lists, table_vectors, tables
from core.readers.archives import PackedError
from core.readers.coco import Annotated, Box
from core.readers.picture_folders import PictureFiles
from core.readers.picture_lists import PictureList
from core.readers.tables import Table

if TYPE_CHECKING:
    import pandas as pd

METADATA, FILE = "metadata", "file_name"  # of the hub's ImageFolder


@dataclass(frozen=True, slots=True)
class PictureTable:
    """A table without its vectors, which of its rows name which pictures, and what else it has.

    Attributes:
        names: of the files that it was read from.
        boxes: those of each row, where it is of annotations.
        left_out: what of it is in no row, and why.
    """

    names: tuple[str, ...]
    frame: pd.DataFrame
    found: PictureList
    vectors: table_vectors.Chosen | None = None
    model: str = ""
    boxes: Sequence[Sequence[Box]] = ()
    left_out: tuple[tuple[str, str], ...] = ()


def find_table(files: PictureFiles, column: str | None, progress: Progress) -> PictureTable | None:
    """The table in a folder or archive that names most of its pictures; ``None`` for none.

    Args:
        column: of the table, that has the pictures' vectors; ``None`` for none in particular.

    Raises:
        Cancelled: by ``progress``.
    """
    with suppress(InputError, PackedError, OSError):  # it is something else, or damaged
        annotated = _annotations(files.tables, files, progress)
        if annotated is not None:
            return annotated
    usable = []
    for name, read in files.tables:
        with suppress(InputError, PackedError, OSError):  # as above
            named = read_table(name, read(), files, column, progress)
            usable.append(named)
    metadata = [one for one in usable if PurePosixPath(one.names[0]).stem.lower() == METADATA]
    if len(metadata) > 1:  # one for each split
        usable.append(_joined(metadata))
    naming = [
        one for one in usable if 2 * len(one.found.files) >= min(len(files.ids), len(one.frame))
    ]
    return max(naming, key=_rank, default=None)


def _rank(named: PictureTable) -> tuple[bool, int, int, int]:
    """What makes a table the one of the pictures: its name, and how much it says of how many."""
    paths = [PurePosixPath(one) for one in named.names]
    metadata = all(one.stem.lower() == METADATA for one in paths)
    columns = len(named.frame.columns) + (named.vectors is not None)
    return metadata, len(named.found.files), columns, -min(len(one.parts) for one in paths)


def _joined(tables_of_splits: Sequence[PictureTable]) -> PictureTable:
    """The tables of several folders as one; of their vectors those of one length."""
    import pandas as pd

    frames = [one.frame.rename(columns={one.found.column: FILE}) for one in tables_of_splits]
    rows, files, missing, start, seen = [], [], [], 0, set()
    for one in tables_of_splits:
        for row, file in zip(one.found.rows, one.found.files, strict=True):
            if file not in seen:
                seen.add(file)
                rows.append(start + row)
                files.append(file)
        missing += one.found.missing
        start += len(one.frame)
    held = [one.vectors for one in tables_of_splits if one.vectors is not None]
    vectors = None
    if len(held) == len(frames) and len({one.vectors.shape[1] for one in held}) == 1:
        vectors = replace(held[0], vectors=np.concatenate([one.vectors for one in held]))
    return PictureTable(
        tuple(name for one in tables_of_splits for name in one.names),
        pd.concat(frames, ignore_index=True),
        PictureList(FILE, rows, files, missing),
        vectors,
        tables_of_splits[0].model,
    )


def read_table(
    name: str, data: bytes, files: PictureFiles, column: str | None, progress: Progress
) -> PictureTable:
    """Which rows of the table or the annotations in a file name which pictures.

    ``column`` is as in ``find_table``.

    Raises:
        InputError: it cannot be used, or names none of them.
    """
    if coco.may_be_coco(name, data):
        named = _annotations([(name, partial(bytes, data))], files, progress)
        if named is not None:
            return named
    table = tables.read_table(PurePosixPath(name).name, data, progress=progress)
    return _named(name, table, data, files, column)


def _annotations(
    listed: Sequence[tuple[str, Callable[[], bytes]]], files: PictureFiles, progress: Progress
) -> PictureTable | None:
    """COCO's annotations in some files, those of several splits joined; ``None`` for none.

    Of several of the same pictures, such as boxes and key points, the boxes are taken.

    Raises:
        InputError: one cannot be used, or they name no picture that is there.
    """
    paths, names = set(files.ids), []
    pictures: dict[str, Annotated] = {}
    left_out: list[tuple[str, str]] = []
    for name, read in sorted(listed, key=lambda one: ("instances" not in one[0], one[0])):
        if not name.lower().endswith(".json") or not coco.may_be_coco(name, data := read()):
            continue
        found = coco.read(name, data, progress)
        inside = [PurePosixPath(name).parent / one.path for one in found.pictures]
        placed = {
            str(path) if str(path) in paths else one.path: one
            for path, one in zip(inside, found.pictures, strict=True)
        }
        names.append(name)
        if placed.keys() <= pictures.keys():
            continue
        pictures |= {path: one for path, one in placed.items() if path not in pictures}
        left_out += found.left_out
    if not names:
        return None
    joined = tuple(replace(one, path=path) for path, one in pictures.items())
    table, boxes = coco_boxes.as_table(coco.Annotations(joined, ()))
    matched = picture_lists.match_files(table.frame[[coco_boxes.FILE]], files.ids, names[0])
    return PictureTable(tuple(names), table.frame, matched, boxes=boxes, left_out=tuple(left_out))


def _named(
    name: str, table: Table, data: bytes, files: PictureFiles, column: str | None
) -> PictureTable:
    """Which rows of a table name which files.

    Where the names of its columns name a file themselves, it has no row of names.

    Raises:
        InputError: it names none of them.
    """
    frame = table.frame
    headed = table.detected is not None and table.detected.header
    if headed and picture_lists.names_a_file([str(one) for one in frame.columns], files.ids):
        table = tables.read_table(PurePosixPath(name).name, data, header=False)
        frame = table.frame
    vectors = table_vectors.choose(frame, table.vectors, column)
    frame = frame if vectors is None else vectors.frame
    return PictureTable((name,), frame, _matched(frame, files.ids, name), vectors, table.model)


def _matched(frame: pd.DataFrame, ids: Sequence[str], name: str) -> PictureList:
    """Which rows of a table name which files: those of its own folder first, as paths from there.

    Raises:
        InputError: it names none of them.
    """
    folder = PurePosixPath(name).parent
    numbers = [at for at, one in enumerate(ids) if PurePosixPath(one).is_relative_to(folder)]
    if folder.parts and len(numbers) < len(ids):
        inside = [PurePosixPath(ids[at]).relative_to(folder).as_posix() for at in numbers]
        with suppress(InputError):
            found = picture_lists.match_files(frame, inside, name)
            return replace(found, files=[numbers[at] for at in found.files])
    return picture_lists.match_files(frame, ids, name)


def kept_files(files: PictureFiles, named: PictureTable) -> PictureFiles:
    """The files that a table names, in its order."""
    numbers = named.found.files
    return PictureFiles(
        [files.ids[at] for at in numbers],
        lambda number: files.read(numbers[number]),
        files.passed_over,
        places=tuple(files.places[at] for at in numbers) if files.places else (),
    )
