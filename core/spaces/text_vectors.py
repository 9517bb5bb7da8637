"""The vectors of texts on disk: each text is encoded once in a space, whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.base.types import Encoded, Progress, TextEncoder, no_progress
from core.spaces import vector_store
from core.spaces.encoders.head import HeadTextEncoder
from core.spaces.vector_store import Items, NamedEngine, Work, item_digest

LARGE = 1024  # texts in a chunk for an engine, to each of which some work is added


def text_digest(text: str) -> bytes:
    """What a text's vector is kept under."""
    return item_digest(text.encode("utf-8", "surrogatepass"))


def count_missing(texts: Sequence[str], folder: Path) -> int:
    """How many different texts would have to be encoded."""
    return vector_store.count_missing([text_digest(text) for text in texts], folder)


def load_or_encode(
    texts: Sequence[str],
    encoder: TextEncoder,
    folder: Path,
    progress: Progress = no_progress,
    engine: NamedEngine | None = None,
) -> Encoded:
    """The vectors ``(n, dim)`` of ``texts``; those not in ``folder`` are encoded and kept there.

    Args:
        engine: encodes chunks of texts, where that is not done here.

    Raises:
        as ``vector_store.load_or_encode``, and what the encoder raises.
    """
    if isinstance(encoder, HeadTextEncoder):  # ``folder`` is the base's
        return encoder.of(load_or_encode(texts, encoder.base, folder, progress, engine))
    items = Items([text_digest(text) for text in texts], [len(text) for text in texts], "texts")
    return vector_store.load_or_encode(
        items,
        Work(
            lambda numbers: encoder.encode_texts([texts[number] for number in numbers]),
            encoder.space.dim,
            encoder.chunk if engine is None else LARGE,
            None if engine is None else vector_store.by_number(texts, engine),
        ),
        folder,
        progress,
    )
