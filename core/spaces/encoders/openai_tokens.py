"""Cutting a text at what OpenAI's embedding models read: 8,191 tokens."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from core.base.errors import InputError, shorten

if TYPE_CHECKING:
    from tiktoken import Encoding

MAX_TOKENS = 8_191
LOAD_SECONDS = 10.0
_tables_lock = threading.Lock()


def cut_text(text: str, model: str) -> tuple[str, bool]:
    """The part of ``text`` that ``model`` reads, at most 8,191 tokens, and whether it was cut.

    A token has at least one byte, so a text of as many UTF-8 bytes always fits. A longer one is
    counted with tiktoken's tables; without them, or for a model it does not know, that many bytes
    are kept. Raises InputError for half a character (a lone surrogate), which UTF-8 cannot hold.
    """
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        given = f"A text is not valid Unicode: {shorten(text)!a}."
        raise InputError(given, "", "Save its file as UTF-8 and load it again.") from None
    if len(raw) <= MAX_TOKENS:
        return text, False
    with _tables_lock:
        tables = _tables(model)
    if tables is None:
        return raw[:MAX_TOKENS].decode(errors="ignore"), True
    encoding, longest = tables
    # What is longer than this has too many tokens for sure: megabytes need not be counted.
    head = raw[: MAX_TOKENS * longest]
    tokens = encoding.encode(head.decode(errors="ignore"), disallowed_special=())
    if len(tokens) <= MAX_TOKENS and len(head) == len(raw):
        return text, False
    keep, over = MAX_TOKENS, 1
    while over > 0:  # a border inside a character splits a token, whose rest can be several
        part = encoding.decode_bytes(tokens[:keep]).decode(errors="ignore")
        over = len(encoding.encode(part, disallowed_special=())) - MAX_TOKENS
        keep -= over
    return part, True


@lru_cache  # a failure stays one until the process ends, so that it cuts all texts in one way
def _tables(model: str) -> tuple[Encoding, int] | None:
    """Encoding and bytes of its longest token; a thread, as tiktoken sets downloads no limit."""
    import tiktoken

    found: list[tuple[Encoding, int]] = []

    def load() -> None:
        with suppress(KeyError, OSError, ValueError):  # the errors of requests are OSErrors
            encoding = tiktoken.encoding_for_model(model)
            found.append((encoding, max(map(len, encoding.token_byte_values()))))

    thread = threading.Thread(target=load, name="tiktoken tables", daemon=True)
    thread.start()
    thread.join(LOAD_SECONDS)
    return found[0] if found else None
