"""Files in which the Map says what is selected, for a program that opened it there.

Such a file is made by the program first, and named by a token that cannot be guessed: a link can
have none made and none written but one's own.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from core.storage import data_home, locks

FOLDER = "reports"
_TOKEN = re.compile(r"[0-9a-f]{32}")


def make() -> tuple[str, Path]:
    """A token, and the new file that it stands for, in which nothing is selected.

    Raises:
        StorageError: it cannot be written.
    """
    home = data_home.data_home()
    with data_home.storage_errors("write", home):
        mark = locks.own_mark(home)  # by which a sweep knows who made it
    token = f"{secrets.token_hex(12)}{mark}"
    path = _path(token)
    data_home.write_file(path, _packed([]))
    return token, path


def tell(token: str, rows: Sequence[int]) -> None:
    """Writes which ``rows``, counted from 1, are selected; nothing where no such file was made.

    Raises:
        StorageError: it cannot be written.
    """
    if not _TOKEN.fullmatch(token):
        return
    path = _path(token)
    if path.is_file() and path.read_bytes() != _packed(rows):
        data_home.write_file(path, _packed(rows))


def _path(token: str) -> Path:
    return data_home.data_home() / FOLDER / f"{token}.json"


def _packed(rows: Sequence[int]) -> bytes:
    return json.dumps({"rows": list(rows)}).encode()
