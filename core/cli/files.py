"""Files that verbs read and write, with errors that name the option."""

from __future__ import annotations

from pathlib import Path

from core.base.errors import InputError, PictureError, StorageError, shorten
from core.storage import data_home


def read_picture(name: str) -> tuple[bytes, str]:
    """The bytes of a picture's file, and its name.

    Raises:
        InputError: it is no path.
        PictureError: it cannot be read.
    """
    path = data_home.given_path(name)
    try:
        return path.read_bytes(), path.name
    except OSError as error:
        reason = error.strerror or str(error)
        raise PictureError(
            f"“{shorten(name)}” could not be read: {reason}.",
            "A picture's file is needed.",
            "Check the path.",
        ) from error


def is_file(name: str) -> bool:
    """Whether what may be a name of something else is the path of a file."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # longer than any path, or with a NUL
        return False


def out_file(text: str, ending: str) -> Path:
    """The path that ``--out`` names.

    Raises:
        InputError: it does not end in ``ending``, or is a folder.
    """
    out = data_home.given_path(text)
    if out.suffix.lower() != ending or out.is_dir():
        raise InputError(
            f"--out is “{shorten(text)}”.", f"It is a file that ends in {ending}.", "Name one."
        )
    return out


def write_out(out: Path, data: bytes) -> None:
    """Writes what ``--out`` names, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    try:
        data_home.write_file(out, data)
    except StorageError as error:
        raise InputError(error.given, "A file that can be written to.", "Change --out.") from error
