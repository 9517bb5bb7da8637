"""Standard output and standard error of the commands; nothing that happens to them is a fault."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import suppress
from typing import Any, TextIO

from core.base.errors import StorageError
from core.base.reasons import reason_of


def prepare() -> None:
    """Lets standard output replace the signs that its encoding lacks, as standard error does."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def write(text: str) -> None:
    """A text as the last line of standard output.

    Where nobody reads it any more, as behind ``| head``, the rest is dropped.

    Raises:
        StorageError: it cannot be written, as on a full disk.
    """
    if sys.stdout is None:  # closed by whoever started the command
        return
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _let_go(sys.stdout)
    except OSError as error:
        _let_go(sys.stdout)
        raise StorageError(
            f"Standard output could not be written: {reason_of(error)}.",
            "It leads to a place with room.",
            "Free some space, or send it elsewhere.",
        ) from error


def write_json(result: dict[str, Any]) -> None:
    """The one object of ``--json``; signs that the encoding lacks as JSON's own escapes."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    text = json.dumps(result, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = json.dumps(result, allow_nan=False)
    write(text)


def tell(text: str) -> None:
    """A line of standard error; one that nobody reads ends no work."""
    if sys.stderr is None:
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        _let_go(sys.stderr)


def _let_go(stream: TextIO) -> None:
    """What is left in its buffer goes nowhere: the interpreter writes it out once more at its end.

    As the manual advises: https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    with suppress(OSError, ValueError):  # no file, as in tests
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
