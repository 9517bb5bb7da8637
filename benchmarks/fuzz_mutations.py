"""Changes to small files for `fuzz`, drawn by a seed: in bytes, in numbers, in parts."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

EDGES = tuple(bytes([edge]) for edge in b'\x00\xff\x7f\x80\n\r\t ,"{[-')
NUMBERS = (
    *(b"0", b"-1", b"1", b"255", b"65536", b"2147483647", b"4294967296", b"-9223372036854775808"),
    *(b"99999999999999999999", b"1e999", b"nan", b"-inf", b"0x10", b"1_0", "٣".encode()),
)
WORDS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_BLOCK = 512  # of tar archives
_DIGITS = re.compile(rb"\d+")


def mutate(seeds: Sequence[bytes], draw: random.Random) -> bytes:
    """One of the files with some changes; every second archive is changed within."""
    data = bytearray(draw.choice(seeds))
    if data[:4] == b"PK\x03\x04" and draw.random() < 0.5:
        return _repacked(bytes(data), draw)
    for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
        draw.choice(CHANGES)(data, draw)
    if draw.random() < 0.1:
        other = draw.choice(seeds)
        data[draw.randint(0, len(data)) :] = other[draw.randint(0, len(other)) :]
    if data[:8] == b"\x89PNG\r\n\x1a\n" and draw.random() < 0.5:
        return with_right_sums(bytes(data))
    if b"ustar" in data[257:263] and draw.random() < 0.5:
        return with_right_headers(bytes(data))
    return bytes(data)


def _flip(data: bytearray, draw: random.Random) -> None:
    if data:
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def _put(data: bytearray, draw: random.Random) -> None:
    at, change = draw.randint(0, len(data)), draw.choice(EDGES) * draw.choice((1, 1, 4))
    data[at : at + len(change)] = change


def _insert(data: bytearray, draw: random.Random) -> None:
    at = draw.randint(0, len(data))
    data[at:at] = draw.choice((draw.choice(EDGES), draw.randbytes(4), draw.choice(NUMBERS)))


def _remove(data: bytearray, draw: random.Random) -> None:
    at = draw.randint(0, len(data))
    del data[at : at + draw.choice((1, 2, 8, 64))]


def _cut(data: bytearray, draw: random.Random) -> None:
    del data[draw.randint(0, len(data)) :]


def _repeat(data: bytearray, draw: random.Random) -> None:
    at = draw.randint(0, len(data))
    data[at:at] = data[at : at + draw.choice((1, 8, 64))] * draw.choice((1, 3, 50))


def _number(data: bytearray, draw: random.Random) -> None:
    """Another number in place of one that is written in digits."""
    numbers = [*_DIGITS.finditer(bytes(data))]
    if numbers:
        start, end = draw.choice(numbers).span()
        data[start:end] = draw.choice(NUMBERS)


def _word(data: bytearray, draw: random.Random) -> None:
    """Another number in place of one of two, four or eight bytes, mostly near an end."""
    kind = draw.choice(("<H", ">H", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(kind)
    if len(data) < size:
        return
    last = len(data) - size
    near = draw.randint(0, min(64, last))
    at = draw.choice((draw.randint(0, last), near, last - near))
    struct.pack_into(kind, data, at, draw.choice(WORDS) & (2 ** (8 * size) - 1))


CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip,
    _put,
    _insert,
    _remove,
    _cut,
    _repeat,
    _number,
    _word,
)


def _repacked(data: bytes, draw: random.Random) -> bytes:
    """An archive with one part changed, whole otherwise: what is behind the checksums is read."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {one.filename: archive.read(one) for one in archive.infolist()}
        method = archive.infolist()[0].compress_type
    chosen = draw.choice([*parts])
    part = bytearray(parts[chosen])
    for _ in range(draw.choice((1, 2, 4))):
        draw.choice(CHANGES)(part, draw)
    parts[chosen] = bytes(part)
    if draw.random() < 0.1:
        del parts[draw.choice([*parts])]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def with_right_sums(data: bytes) -> bytes:
    """A PNG whose checksums are those of what it holds, so that this is read at all."""
    mended, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        part = data[at + 4 : at + 8 + size]
        mended += struct.pack(">I", size) + part + struct.pack(">I", zlib.crc32(part))
        at += 12 + size
    return bytes(mended)


def with_right_headers(data: bytes) -> bytes:
    """A tar archive whose headers have the sums of what they hold, so that they are read at all."""
    mended = bytearray(data)
    for at in range(0, len(data) - _BLOCK + 1, _BLOCK):
        if data[at + 257 : at + 262] == b"ustar":
            mended[at + 148 : at + 156] = b" " * 8
            mended[at + 148 : at + 156] = b"%06o\0 " % sum(mended[at : at + _BLOCK])
    return bytes(mended)
