"""Texts before they are encoded: whether they are Unicode, and in which batches they go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.base.errors import InputError, shorten

# Characters in a batch: about 1,000 tokens, which keeps the activations in the processor's caches.
# Larger batches were slower on the CPU, not faster (benchmarks/sentences_encode).
BATCH_CHARACTERS = 4_000
BATCH_TEXTS = 256


def batches(sizes: Sequence[int]) -> Iterator[list[int]]:
    """Rows in batches of like length, the longest first, each of limited size in characters."""
    order = sorted(range(len(sizes)), key=lambda row: -sizes[row])
    at = 0
    while at < len(order):
        count = max(1, BATCH_CHARACTERS // max(1, sizes[order[at]]))
        rows = order[at : at + min(count, BATCH_TEXTS)]
        yield rows
        at += len(rows)


def require_unicode(texts: Sequence[str]) -> None:
    """Raises ``InputError`` where a text holds half a character (a lone surrogate)."""
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                f"A text is not valid Unicode: {shorten(text)!a}.",
                "",
                "Save its file as UTF-8 and load it again.",
            ) from error
