"""Some of many items, as text short enough for a link or a recipe.

A bit for each item, deflated: any part of 20,000 items takes at most 3,400 characters, and far
fewer where its items stand one after another. What is read may come from anybody: it is for
exactly these items or refused, and no more is unpacked than there are items.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.errors import InputError, shorten
from core.base.types import IntArray
from core.storage import data_home

_MARK, _DIGEST = "~", 12
_ENTRY = re.compile(rf"(\d{{1,9}}){_MARK}([0-9a-f]{{{_DIGEST}}}){_MARK}([A-Za-z0-9_-]+)")


def items_digest(ids: Sequence[str], texts: Sequence[str]) -> str:
    """Stands for items by their names and texts, whatever space their vectors are of."""
    return data_home.digest_bytes(*data_home.as_bytes((*ids, *texts)))[:_DIGEST]


def pack(
    rows: IntArray, ids: Sequence[str], texts: Sequence[str], digest: str | None = None
) -> str:
    """Rows ``(m,)`` of the items, in any order and each meant once, as text.

    ``digest`` is that of the items, where it is known already: of many it takes a while.
    """
    bits = np.zeros(len(ids), dtype=bool)
    bits[rows] = True
    packed = base64.urlsafe_b64encode(zlib.compress(np.packbits(bits).tobytes(), 9)).decode()
    own = digest or items_digest(ids, texts)
    return _MARK.join((str(len(ids)), own, packed.rstrip("=")))


def unpack(
    entry: str, ids: Sequence[str], texts: Sequence[str], digest: str | None = None
) -> IntArray:
    """The rows ``(m,)`` of ``pack``, in ascending order, among the same items.

    Raises:
        InputError: it was made for other items, or was cut or changed.
    """
    found = _ENTRY.fullmatch(entry)
    if found is None:
        raise _damaged(entry)
    count, of_items, packed = found.groups()
    if (int(count), of_items) != (len(ids), digest or items_digest(ids, texts)):
        raise InputError(
            f"It names some of {int(count):,} items.",
            f"Here are {len(ids):,}, and they are others: data, column or language differ.",
            "Open the same data, or select anew.",
        )
    return np.flatnonzero(_bits(packed, len(ids), entry))


def _bits(packed: str, count: int, entry: str) -> NDArray[np.uint8]:
    """The ``count`` bits of an entry."""
    size = -(-count // 8)
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        stream = zlib.decompressobj()
        whole = stream.decompress(data, size + 1)
    except (ValueError, binascii.Error, zlib.error) as error:
        raise _damaged(entry) from error
    bits = np.unpackbits(np.frombuffer(whole, dtype=np.uint8))
    ended = stream.eof and not stream.unused_data and len(whole) == size
    if not ended or not bits[:count].any() or bits[count:].any():
        raise _damaged(entry)
    return bits[:count]


def _damaged(entry: str) -> InputError:
    return InputError(
        f"“{shorten(entry, 40)}” names no part of the items.",
        "It was cut or changed: long links are often cut where they are pasted.",
        "Copy it again, whole.",
    )
