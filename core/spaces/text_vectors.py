"""The vectors of texts on disk: each text is encoded once in a space, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from core.base.types import Encoded, FloatArray, Progress, TextEncoder, no_progress
from core.spaces import vector_store
from core.spaces.encoders.head import HeadTextEncoder
from core.spaces.vector_store import Items, NamedEngine, Work, item_digest

ReadyTexts = Mapping[bytes, tuple[FloatArray, float]]  # by digest: a vector and the length it had
LARGE = 1024  # texts in a chunk for an engine, to each of which some work is added


def text_digest(text: str) -> bytes:
    """What a text's vector is kept under."""
    return item_digest(text.encode("utf-8", "surrogatepass"))


def count_missing(texts: Sequence[str], folder: Path) -> int:
    """How many different texts would have to be encoded."""
    return vector_store.count_missing([text_digest(text) for text in texts], folder)


def load_or_encode(  # noqa: PLR0913, PLR0917
    texts: Sequence[str],
    encoder: TextEncoder,
    folder: Path,
    progress: Progress = no_progress,
    engine: NamedEngine | None = None,
    ready: ReadyTexts = MappingProxyType({}),
) -> Encoded:
    """The vectors ``(n, dim)`` of ``texts``; those not in ``folder`` are encoded and kept there.

    Args:
        engine: encodes chunks of texts, where that is not done here.
        ready: vectors that come with the app; they stand for the encoder, and are kept as its own.

    Raises:
        as ``vector_store.load_or_encode``, and what the encoder raises.
    """
    if isinstance(encoder, HeadTextEncoder):  # ``folder`` is the base's
        return encoder.of(load_or_encode(texts, encoder.base, folder, progress, engine, ready))
    items = Items([text_digest(text) for text in texts], [len(text) for text in texts], "texts")
    return vector_store.load_or_encode(
        items,
        Work(
            lambda numbers: _encode([texts[number] for number in numbers], encoder, ready),
            encoder.space.dim,
            encoder.chunk if engine is None else LARGE,
            None if engine is None else vector_store.by_number(texts, engine),
        ),
        folder,
        progress,
    )


def _encode(texts: Sequence[str], encoder: TextEncoder, ready: ReadyTexts) -> Encoded:
    """The vectors ``(n, dim)`` of texts: those that are ready, and of the others by the encoder."""
    digests = [text_digest(text) for text in texts]
    rows = [row for row, digest in enumerate(digests) if digest not in ready]
    if len(rows) == len(texts):
        return encoder.encode_texts(texts)
    count, dim = len(texts), encoder.space.dim
    vectors, lengths = np.zeros((count, dim), np.float32), np.zeros(count, np.float32)
    cut = np.zeros(count, np.bool_)
    for row in {*range(count)} - {*rows}:
        vectors[row], lengths[row] = ready[digests[row]]
    if rows:
        found = encoder.encode_texts([texts[row] for row in rows])
        vectors[rows], lengths[rows], cut[rows] = found.vectors, found.lengths, found.cut
    return Encoded(vectors, lengths, cut)
