"""Vectors on disk, each with the digest of what it stands for; made once, whoever asks.

A space has a folder of chunks. A chunk is a safetensors file, written once and named by the
SHA-256 of its bytes, with the digests of its items beside their vectors. So encoding goes on where
it stopped, also after ``kill -9``, and a dataset with ten new items encodes ten.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from core.base.errors import DamagedError
from core.base.types import BoolArray, Encoded, FloatArray, Progress, no_progress
from core.storage import data_home

DIGEST_BYTES = 16
TEXTS, PICTURES = "texts", "pictures"  # folders of the data home
_SUFFIX = ".safetensors"
_ROUNDS = 3  # a damaged chunk is deleted and its items encoded again; more than once is the disk
_Item = TypeVar("_Item")
Places = dict[bytes, tuple[Path, int]]  # digest of an item -> chunk and row
Chunks = Sequence[Sequence[int]]  # of items, by number
Engine = Callable[[Chunks], Iterator[tuple[Sequence[int], Encoded]]]
# The same of what items are told by: texts, or where pictures lie; with the number of each chunk.
NamedEngine = Callable[[Sequence[Sequence[str]]], Iterator[tuple[int, Encoded]]]


def space_folder(kind: str, name: str, digest: str) -> Path:
    """Where a space's vectors of ``TEXTS`` or ``PICTURES`` lie.

    ``digest`` stands for all that decides them.
    """
    return data_home.data_home() / kind / f"{data_home.safe_name(name)}-{digest[:12]}"


def item_digest(data: bytes) -> bytes:
    """The first ``DIGEST_BYTES`` of the SHA-256 of what an item is made from."""
    return hashlib.sha256(data).digest()[:DIGEST_BYTES]


@dataclass(frozen=True, slots=True)
class Items:
    """What is to be encoded, by number.

    Attributes:
        digests: ``DIGEST_BYTES`` for each item; items of one digest have one vector.
        sizes: how long each is; those of like size share a chunk, which saves padding.
        noun: what they are called, in the plural.
    """

    digests: Sequence[bytes]
    sizes: Sequence[int]
    noun: str


@dataclass(frozen=True, slots=True)
class Work:
    """How items are encoded.

    Attributes:
        encode: the vectors of items by their numbers, ``chunk`` of them at most.
        dim: numbers in a vector.
        chunk: what is lost when the process is killed in the middle.
        engine: encodes all chunks, where that is not done here one after the other.
    """

    encode: Callable[[Sequence[int]], Encoded]
    dim: int
    chunk: int
    engine: Engine | None = None

    def encoded(self, chunks: Chunks) -> Iterator[tuple[Sequence[int], Encoded]]:
        """The items of each chunk and their vectors ``(m, dim)``, as they are finished."""
        if self.engine is not None:
            return self.engine(chunks)
        return ((numbers, self.encode(numbers)) for numbers in chunks)


def by_number(told: Sequence[str], engine: NamedEngine) -> Engine:
    """An engine of numbered items, each of which is ``told`` to ``engine`` by a string."""

    def encode(chunks: Chunks) -> Iterator[tuple[Sequence[int], Encoded]]:
        if chunks:  # an engine takes a while to start
            for at, encoded in engine([[told[number] for number in chunk] for chunk in chunks]):
                yield chunks[at], encoded

    return encode


def count_missing(digests: Collection[bytes], folder: Path) -> int:
    """How many different items would have to be encoded."""
    wanted = set(digests)
    return len(wanted) - len(_find(wanted, folder))


def find_unusable(digests: Collection[bytes], folder: Path) -> set[bytes]:
    """Items of which it is kept that they have no vector, as of a picture that is damaged."""
    from safetensors import safe_open

    found = set()
    for path, rows in _by_chunk(_find(set(digests), folder).items()).items():
        with data_home.storage_errors("read", path), safe_open(path, framework="numpy") as chunk:
            lengths = chunk.get_tensor("lengths")
        found |= {digest for digest, row in rows if lengths[row] == 0}
    return found


def load_or_encode(
    items: Items, work: Work, folder: Path, progress: Progress = no_progress
) -> Encoded:
    """The vectors ``(n, dim)`` of ``items``; those not in ``folder`` are encoded and kept there.

    Raises:
        DamagedError: what is read is not what was written, three times over.
        Cancelled: by ``progress``; a later call goes on where this one stopped.
        ExplorerError: whatever ``work.encode`` raises; what was finished is kept.
    """
    wanted = {digest: number for number, digest in enumerate(items.digests)}
    result = _empty(len(items.digests), work.dim)
    for _ in range(_ROUNDS):
        places = _find(wanted, folder)
        missing = [number for digest, number in wanted.items() if digest not in places]
        done = len(wanted) - len(missing)
        if missing:
            progress(done, len(wanted), f"{items.noun} encoded")
        for numbers, encoded in work.encoded(_chunks(missing, items.sizes, work.chunk)):
            digests = [items.digests[number] for number in numbers]
            path = _write(folder, digests, encoded)
            places.update({digest: (path, row) for row, digest in enumerate(digests)})
            done += len(numbers)
            if done < len(wanted):
                progress(done, len(wanted), f"{items.noun} encoded")
        if _gather(items.digests, places, result):
            progress(len(wanted), len(wanted), f"{items.noun} encoded")
            return result
    raise DamagedError(
        f"The vectors in “{folder}” are damaged each time they are written.",
        "What is read must be what was written.",
        "Check the disk, or choose another data folder.",
    )


def _empty(count: int, dim: int) -> Encoded:
    return Encoded(
        np.empty((count, dim), dtype=np.float32),
        np.empty(count, dtype=np.float32),
        np.empty(count, dtype=np.bool_),
    )


def _chunks(missing: Sequence[int], sizes: Sequence[int], chunk: int) -> list[list[int]]:
    """The missing items in chunks of like size.

    The chunks come in any order, so that the time left can be told from the rate so far.
    """
    order = sorted(missing, key=lambda number: -sizes[number])
    found = [order[at : at + chunk] for at in range(0, len(order), chunk)]
    random.Random(0).shuffle(found)  # noqa: S311  # no secret
    return found


def _write(folder: Path, digests: Sequence[bytes], found: Encoded) -> Path:
    from safetensors.numpy import save

    data = save(
        {
            "digests": np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, DIGEST_BYTES),
            "vectors": np.ascontiguousarray(found.vectors),
            "lengths": np.ascontiguousarray(found.lengths),
            "cut": np.ascontiguousarray(found.cut),
        }
    )
    path = folder / f"{data_home.sha256(data)}{_SUFFIX}"
    data_home.write_file(path, data)
    return path


def _find(wanted: Collection[bytes], folder: Path) -> Places:
    """Where the wanted items lie, of those that are there."""
    from safetensors import SafetensorError, safe_open

    places: Places = {}
    if not folder.is_dir():
        return places
    for path in sorted(folder.glob(f"[!.]*{_SUFFIX}")):
        try:
            with (
                data_home.storage_errors("read", path),
                safe_open(path, framework="numpy") as chunk,
            ):
                digests = chunk.get_tensor("digests").tobytes()
        except SafetensorError:
            path.unlink(missing_ok=True)  # not as it was written: its items are encoded again
            continue
        for row in range(len(digests) // DIGEST_BYTES):
            digest = digests[row * DIGEST_BYTES : (row + 1) * DIGEST_BYTES]
            if digest in wanted:
                places[digest] = (path, row)
    return places


def _by_chunk(
    placed: Iterable[tuple[_Item, tuple[Path, int]]],
) -> dict[Path, list[tuple[_Item, int]]]:
    """The items of each chunk with their rows in it."""
    found: dict[Path, list[tuple[_Item, int]]] = {}
    for item, (path, row) in placed:
        found.setdefault(path, []).append((item, row))
    return found


def _gather(digests: Sequence[bytes], places: Places, result: Encoded) -> bool:
    """Fills ``result`` from the chunks; false where some were damaged, which are deleted."""
    whole = True
    placed = enumerate(places[digest] for digest in digests)
    for path, pairs in _by_chunk(placed).items():
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
    with data_home.storage_errors("read", path):
        data = path.read_bytes()
    if data_home.sha256(data) != path.stem:
        return None
    found = load(data)
    vectors: FloatArray = found["vectors"]
    cut: BoolArray = found["cut"]
    return Encoded(vectors, found["lengths"], cut) if vectors.shape[1] == dim else None
