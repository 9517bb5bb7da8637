"""The vectors of texts on disk: each text is encoded once in a space, whoever asks.

A space has a folder of chunks. A chunk is a safetensors file, written once and named by the
SHA-256 of its bytes, with the digests of its texts beside their vectors. So encoding goes on where
it stopped, also after ``kill -9``, and a dataset with ten new rows encodes ten.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from core import store
from core.errors import DamagedError
from core.types import BoolArray, Encoded, FloatArray, Progress, TextEncoder, no_progress

FOLDER = "texts"
_SUFFIX = ".safetensors"
_DIGEST_BYTES = 16
_ROUNDS = 3  # a damaged chunk is deleted and its texts encoded again; more than once is the disk
Places = dict[bytes, tuple[Path, int]]  # digest of a text -> chunk and row


def space_folder(name: str, digest: str) -> Path:
    """Where the vectors of a space lie; ``digest`` stands for all that decides them."""
    return store.data_home() / FOLDER / f"{store.safe_name(name)}-{digest[:12]}"


def text_digest(text: str) -> bytes:
    """The first 16 bytes of the SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_DIGEST_BYTES]


def count_missing(texts: Sequence[str], folder: Path) -> int:
    """How many different texts would have to be encoded."""
    wanted = {text_digest(text) for text in texts}
    return len(wanted) - len(_find(wanted, folder))


def load_or_encode(
    texts: Sequence[str],
    encoder: TextEncoder,
    folder: Path,
    progress: Progress = no_progress,
) -> Encoded:
    """The vectors of ``texts`` in their order; those not in ``folder`` are encoded and kept there.

    Raises:
        DamagedError: what is read is not what was written, three times over.
        Cancelled: by ``progress``; a later call goes on where this one stopped.
        ExplorerError: whatever the encoder raises; what was finished is kept.
    """
    digests = [text_digest(text) for text in texts]
    wanted = dict(zip(digests, texts, strict=True))
    result = _empty(len(texts), encoder.space.dim)
    for _ in range(_ROUNDS):
        places = _find(wanted, folder)
        missing = [digest for digest in wanted if digest not in places]
        for chunk in _encode(missing, wanted, encoder, folder, progress):
            places.update(chunk)
        if _gather(digests, places, result):
            progress(len(wanted), len(wanted), "texts encoded")
            return result
    raise DamagedError(
        f"The vectors in “{folder}” are damaged each time they are written.",
        "What is read must be what was written.",
        "Check the disk, or choose another data home.",
    )


def _empty(count: int, dim: int) -> Encoded:
    return Encoded(
        np.empty((count, dim), dtype=np.float32),
        np.empty(count, dtype=np.float32),
        np.empty(count, dtype=np.bool_),
    )


def _encode(
    missing: Sequence[bytes],
    texts: dict[bytes, str],
    encoder: TextEncoder,
    folder: Path,
    progress: Progress,
) -> Iterator[Places]:
    """Encodes and keeps the missing texts, chunk by chunk; gives the places of each chunk."""
    order = sorted(missing, key=lambda digest: -len(texts[digest]))
    chunks = [order[at : at + encoder.chunk] for at in range(0, len(order), encoder.chunk)]
    # Texts of like length share a chunk, which saves padding; the chunks come in any order, so
    # that the time left can be told from the rate so far.
    random.Random(0).shuffle(chunks)  # noqa: S311  # no secret
    done = len(texts) - len(missing)
    for chunk in chunks:
        progress(done, len(texts), "texts encoded")
        path = _write(folder, chunk, encoder.encode_texts([texts[digest] for digest in chunk]))
        yield {digest: (path, row) for row, digest in enumerate(chunk)}
        done += len(chunk)


def _write(folder: Path, digests: Sequence[bytes], found: Encoded) -> Path:
    from safetensors.numpy import save

    data = save(
        {
            "digests": np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, _DIGEST_BYTES),
            "vectors": np.ascontiguousarray(found.vectors),
            "lengths": np.ascontiguousarray(found.lengths),
            "cut": np.ascontiguousarray(found.cut),
        }
    )
    path = folder / f"{store.sha256(data)}{_SUFFIX}"
    store.write_file(path, data)
    return path


def _find(wanted: Collection[bytes], folder: Path) -> Places:
    """Where the wanted texts lie, of those that are there."""
    from safetensors import SafetensorError, safe_open

    places: Places = {}
    if not folder.is_dir():
        return places
    for path in sorted(folder.glob(f"[!.]*{_SUFFIX}")):
        try:
            with store.storage_errors("read", path), safe_open(path, framework="numpy") as chunk:
                digests = chunk.get_tensor("digests").tobytes()
        except SafetensorError:
            path.unlink(missing_ok=True)  # not as it was written: its texts are encoded again
            continue
        for row in range(len(digests) // _DIGEST_BYTES):
            digest = digests[row * _DIGEST_BYTES : (row + 1) * _DIGEST_BYTES]
            if digest in wanted:
                places[digest] = (path, row)
    return places


def _gather(digests: Sequence[bytes], places: Places, result: Encoded) -> bool:
    """Fills ``result`` from the chunks; false where some were damaged, which are deleted."""
    by_chunk: dict[Path, list[tuple[int, int]]] = {}
    for at, digest in enumerate(digests):
        path, row = places[digest]
        by_chunk.setdefault(path, []).append((at, row))
    whole = True
    for path, pairs in by_chunk.items():
        chunk = _read(path, result.vectors.shape[1])
        if chunk is None:
            path.unlink(missing_ok=True)
            whole = False
            continue
        targets = np.array([at for at, _ in pairs])
        rows = np.array([row for _, row in pairs])
        result.vectors[targets] = chunk.vectors[rows]
        result.lengths[targets] = chunk.lengths[rows]
        result.cut[targets] = chunk.cut[rows]
    return whole


def _read(path: Path, dim: int) -> Encoded | None:
    """A chunk whose bytes are what was written; ``None`` for any other."""
    from safetensors.numpy import load

    if not path.is_file():
        return None
    with store.storage_errors("read", path):
        data = path.read_bytes()
    if store.sha256(data) != path.stem:
        return None
    found = load(data)
    vectors: FloatArray = found["vectors"]
    cut: BoolArray = found["cut"]
    return Encoded(vectors, found["lengths"], cut) if vectors.shape[1] == dim else None
