"""What Python and libraries raise of a file, in words for a person."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from core.base.reasons import UNREADABLE, quotes_python, reason_of


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (b"ab\xff".decode, "its byte 3 is no text in UTF-8"),
        (lambda: json.loads('{"a": 1,\n]'), "it is no JSON from line 2, column 1 on"),
        (lambda: {}["shape"], "“shape” is missing in it"),
        (lambda: struct.unpack("<I", b"a"), "it ends too early"),
        (lambda: b""[0], "it ends too early"),
        (lambda: int("x"), UNREADABLE),
        (lambda: len(None), UNREADABLE),  # type: ignore[arg-type]
        (lambda: float("1e"), UNREADABLE),
        (
            lambda: zipfile.ZipFile(io.BytesIO(b"PK")),
            "it ends too early, or is another kind of file",
        ),
    ],
)
def test_faults_of_python_are_told_of_the_file(fails: Callable[[], Any], told: str) -> None:
    with pytest.raises(
        (ValueError, LookupError, TypeError, struct.error, zipfile.BadZipFile)
    ) as raised:
        fails()
    assert reason_of(raised.value) == told


def test_what_a_library_says_stays_without_pythons_signs() -> None:
    assert reason_of(OSError(13, "Permission denied", "a")) == "Permission denied"
    assert reason_of(OSError("Not a gzipped file (b'no')")) == "Not a gzipped file"
    assert reason_of(KeyError("There is no item named 'a' in the archive")).startswith("There is")
    assert reason_of(ValueError("")) == UNREADABLE


def test_what_a_message_quotes_of_a_file_is_not_pythons() -> None:
    assert quotes_python("“a” could not be read: 'utf-8' codec can't decode byte 0xff.")
    assert not quotes_python("The column “ValueError: NoneType” of a.csv holds no number.")
