"""What is wrong with a file, from what Python or a library raised, in words for a person."""

from __future__ import annotations

import json
import re
import struct

UNREADABLE = "it is not built as such files are"
_CUT = "it ends too early"
# Of libraries, where a file was cut: Parquet's end, NumPy's header, what XLSX is packed in.
_CUT_OFF = re.compile(r"truncated file: eof = |file not fully covered")  # of HDF5, safetensors
_CUT_SHORT = re.compile(r"magic bytes not found in footer|^EOF: |not a zip ?file", re.IGNORECASE)
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_BYTES = re.compile(r"\s*\(?\bb(['\"]).*?\1\)?")
# How Python tells faults of its own kind: it says nothing of the file to who does not know Python.
_PYTHON = re.compile(
    r"codec can't|unpack requires|invalid literal for|could not convert string|'\w+' object"
    r"|NoneType|index out of range|\bargument\b|\bint\(\)|\bunhashable\b|not subscriptable"
    r"|\bkeyword\b|__\w+__|not supported between|\bunpack \(|\bto unpack\b|\btype str\b"
    r"|[a-z]Error\b|<class |0x[0-9a-f]{6,}"
)
_QUOTED = re.compile(r"“.*?”", re.DOTALL)


def reason_of(error: BaseException, *, begins_right: bool = False) -> str:
    """Why a file could not be read, as the end of a sentence without a full stop.

    Args:
        begins_right: whether its first bytes are those of its format, so that it is no other.
    """
    for kind, told in _KINDS.items():
        if isinstance(error, kind):
            return told
    if isinstance(error, UnicodeDecodeError):
        return f"its byte {error.start + 1:,} is no text in {_encoding(error.encoding)}"
    if isinstance(error, UnicodeEncodeError):
        return "a name in it has a sign that cannot be written"
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON from line {error.lineno:,}, column {error.colno:,} on"
    if isinstance(error, KeyError):
        return _missing(error)
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    words = _BYTES.sub("", _ERRNO.sub("", " ".join(words.split()))).strip().rstrip(".…")
    if _CUT_OFF.search(words) or (begins_right and _CUT_SHORT.search(words)):
        words = _CUT
    elif _CUT_SHORT.search(words):
        words = f"{_CUT}, or is another kind of file"
    return UNREADABLE if not words or quotes_python(words) else words


def quotes_python(text: str) -> bool:
    """Whether a message repeats what Python says of itself, outside what it quotes in “ ”."""
    return bool(_PYTHON.search(_QUOTED.sub("", text)))


_KINDS: dict[type[BaseException], str] = {
    struct.error: _CUT,
    IndexError: _CUT,
    RecursionError: "it is nested too deeply",
    OverflowError: "a number in it is too large",
    AttributeError: UNREADABLE,
    TypeError: UNREADABLE,
}


def _encoding(codec: str) -> str:
    return codec.upper() if codec.lower().startswith("utf") else codec


def _missing(error: KeyError) -> str:
    """A key alone, or a sentence that a library puts in its place."""
    key = str(error.args[0]) if error.args else ""
    if " " in key.strip():
        return UNREADABLE if quotes_python(key) else key.rstrip(".")
    return f"“{key}” is missing in it" if key else UNREADABLE
