"""Files that verbs read and write, with errors that name the option."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import InputError, PictureError, StorageError, shorten
from core.base.reasons import reason_of
from core.storage import data_home

# Bytes that are read at most, as on the pages; a table besides to what the memory holds.
PICTURE, TEXT, TABLE = 50_000_000, 20_000_000, 2_000_000_000


def read_picture(name: str) -> tuple[bytes, str]:
    """The bytes of a picture's file, and its name.

    Raises:
        InputError: it is no path.
        PictureError: it cannot be read, or is too large for a picture.
    """
    path = data_home.given_path(name)
    try:
        return data_home.read_given(path, PICTURE), path.name
    except InputError as error:
        raise PictureError(error.given, error.expected, error.remedy) from error


def read_text(name: str) -> str:
    """The text in a file.

    Raises:
        InputError: it is no path, cannot be read, or is no UTF-8.
    """
    try:
        return data_home.read_given(data_home.given_path(name), TEXT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"“{shorten(name)}” could not be read: {reason_of(error)}.",
            "A UTF-8 text file is needed.",
            "Save it as UTF-8.",
        ) from error


def read_table(name: str) -> tuple[Path, bytes]:
    """The path and the bytes of a table's file.

    Raises:
        InputError: it is no path, or cannot be read.
    """
    path = data_home.given_path(name)
    return path, data_home.read_given(path, TABLE)


def parts_in(folder: Path) -> list[Path]:
    """The files of a folder that holds nothing but parts of one table, in the order of their names.

    Empty for a path that is no such folder.
    """
    if not folder.is_dir():
        return []
    found = sorted(one for one in folder.iterdir() if one.name[0] not in "._")
    suffixes = {one.suffix.lower().lstrip(".") for one in found}
    alike = len(suffixes) == 1 and suffixes <= {"parquet", "arrow", "feather", "csv", "jsonl"}
    return found if alike and all(one.is_file() for one in found) else []


def is_file(name: str) -> bool:
    """Whether what may be a name of something else is the path of a file."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # longer than any path, or with a NUL
        return False


def out_file(text: str, ending: str, option: str = "--out") -> Path:
    """The path that ``option`` names.

    Raises:
        InputError: it does not end in ``ending``, or is a folder.
    """
    out = data_home.given_path(text)
    if out.suffix.lower() != ending or out.is_dir():
        raise InputError(
            f"{option} is “{shorten(text)}”.", f"It is a file that ends in {ending}.", "Name one."
        )
    return out


def write_out(out: Path, data: bytes, option: str = "--out") -> None:
    """Writes what ``option`` names, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    try:
        data_home.write_file(out, data)
    except StorageError as error:
        raise InputError(
            error.given, "A file that can be written to.", f"Change {option}."
        ) from error
