"""Tables that name pictures by their paths: which row belongs to which file.

Files are only looked up among those that were found in the folder or archive, so no path of a
table can lead out of it.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
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
    without the ending, as in ``1163`` for ``1163.jpg``. A path may be of another computer
    (``/kaggle/input/set/images/1163.jpg``), and accents and case may be written otherwise.

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


def names_a_file(cells: Sequence[str], paths: Sequence[str]) -> bool:
    """Whether one of some cells names a picture by its path or name."""
    suffixes = {PurePosixPath(path).suffix for path in paths}
    likely = [cell for cell in cells if PurePosixPath(cell).suffix in suffixes and "." in cell]
    known = _Names(paths) if likely else None
    return known is not None and any(known.find(cell) is not None for cell in likely)


class _Names:
    """Files by all that may stand for them.

    What stands for two stands for the one in fewer folders, as of an archive that holds a copy of
    itself; for none where there are as many.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = {path: at for at, path in enumerate(paths)}
        self.names = self._unique([PurePosixPath(path).name for path in paths])
        self.stems = self._unique([PurePosixPath(path).stem for path in paths])
        self.alike = self._unique([_alike(path) for path in paths])
        self.by_name: dict[str, list[tuple[int, list[str]]]] = {}
        for at, path in enumerate(paths):
            parts = _alike(path).split("/")
            self.by_name.setdefault(parts[-1], []).append((at, parts))
        self.stems_alike = self._unique([_alike(PurePosixPath(path).stem) for path in paths])

    def _unique(self, names: list[str]) -> dict[str, int]:
        depths = [path.count("/") for path in self.paths]
        least = dict[str, int]()
        for name, depth in zip(names, depths, strict=True):
            least[name] = min(depth, least.get(name, depth))
        counts = Counter(
            name for name, depth in zip(names, depths, strict=True) if depth == least[name]
        )
        return {
            name: at
            for at, (name, depth) in enumerate(zip(names, depths, strict=True))
            if depth == least[name] and counts[name] == 1
        }

    def find(self, cell: str) -> int | None:
        """The number of the file that a cell stands for."""
        path = cell.replace("\\", "/").removeprefix("./")
        if path in self.paths:
            return self.paths[path]
        if not path or ".." in path.split("/"):
            return None
        if (at := self.alike.get(_alike(path))) is not None:
            return at
        if "/" in path:
            return self._elsewhere(_alike(path).split("/"))
        exact = self.names.get(path, self.stems.get(path))
        if exact is not None:
            return exact
        held = self.by_name.get(_alike(path), [])
        return held[0][0] if len(held) == 1 else self.stems_alike.get(_alike(path))

    def _elsewhere(self, parts: list[str]) -> int | None:
        """The file of a path that was written on another computer or for another folder.

        The one that alone has this name; of several the one that shares most of its last folders.
        """
        held = self.by_name.get(parts[-1], [])
        if len(held) == 1:
            return held[0][0]
        shared = [(_same_at_end(parts, known), at) for at, known in held]
        best = max(shared, default=(0, -1))
        alone = sum(count == best[0] for count, _ in shared) == 1
        return best[1] if alone and best[0] > 1 else None

    def reason(self, cell: str) -> str:
        """Why a cell stands for no file."""
        path = cell.replace("\\", "/")
        if not path:
            return "no path is given"
        if _leads_out(path):
            return "the path leads out of the folder"
        return "there is no such picture"


def _alike(path: str) -> str:
    """A path however its accents and case are written (NFC and NFD; other file systems)."""
    return unicodedata.normalize("NFC", path).casefold()


def _same_at_end(first: Sequence[str], second: Sequence[str]) -> int:
    """How many of the last parts of two paths are the same."""
    pairs = zip(reversed(first), reversed(second), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


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
