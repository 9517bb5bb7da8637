"""Tables that name pictures by their paths: which row belongs to which file.

Files are only looked up among those that were found in the folder or archive, so no path of a
table can lead out of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from core.base.errors import InputError, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


@dataclass(frozen=True, slots=True)
class PictureList:
    """Rows with a file each.

    Attributes:
        column: the column with the paths.
        rows: rows of the table, in its order.
        files: for each of ``rows`` the number of its file.
        missing: ``(path, reason)`` of the rows that are left out.
    """

    column: str
    rows: list[int]
    files: list[int]
    missing: list[tuple[str, str]]


def match_files(frame: pd.DataFrame, paths: Sequence[str], name: str) -> PictureList:
    """The rows of ``frame`` that name one of ``paths``, by the column that names most of them.

    A cell names a file by its path, by its name where only one file has that, or by its name
    without the ending, as in ``1163`` for ``1163.jpg``.

    Raises:
        InputError: no column names any of the files.
    """
    known = _Names(paths)
    found = {
        str(column): [known.find(_cell(value)) for value in frame[column]]
        for column in frame.columns
    }
    counts = {column: sum(at is not None for at in files) for column, files in found.items()}
    column = max(counts, key=lambda key: counts[key], default="")
    if not counts.get(column):
        example = next(iter(paths), "")
        raise InputError(
            f"No column of “{shorten(name)}” names a picture that is there.",
            f"The pictures that are there: {len(paths):,}, such as “{shorten(example)}”.",
            "Give a column with their paths, relative to the table or to the archive.",
        )
    rows, files, missing, seen = [], [], [], set()
    for row, at in enumerate(found[column]):
        cell = _cell(frame[column].iloc[row])
        if at is None:
            missing.append((cell or f"row {row + 1}", known.reason(cell)))
        elif at in seen:
            missing.append((cell, "another row names the same file"))
        else:
            seen.add(at)
            rows.append(row)
            files.append(at)
    return PictureList(column, rows, files, missing)


class _Names:
    """Files by all that may stand for them; what stands for two stands for none."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = {path: at for at, path in enumerate(paths)}
        self.names = self._unique([PurePosixPath(path).name for path in paths])
        self.stems = self._unique([PurePosixPath(path).stem for path in paths])

    @staticmethod
    def _unique(names: list[str]) -> dict[str, int]:
        counts = Counter(names)
        return {name: at for at, name in enumerate(names) if counts[name] == 1}

    def find(self, cell: str) -> int | None:
        """The number of the file that a cell stands for."""
        path = cell.replace("\\", "/").removeprefix("./")
        if path in self.paths:
            return self.paths[path]
        if _leads_out(path):
            return None
        name = PurePosixPath(path).name
        # A path with folders must be right; a bare name may be in any of them.
        if "/" in path:
            return None
        return self.names.get(name, self.stems.get(name))

    def reason(self, cell: str) -> str:
        """Why a cell stands for no file."""
        path = cell.replace("\\", "/")
        if not path:
            return "no path is given"
        if _leads_out(path):
            return "the path leads out of the folder"
        return "there is no such picture"


def _leads_out(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"


def _cell(value: Any) -> str:
    """A cell as the text of a path; numbers as they are written, ``1163`` and not ``1163.0``."""
    import pandas as pd

    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
