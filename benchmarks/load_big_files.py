"""The large files that `load_big` brings: a table of many rows, a large CSV, many pictures."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

WORDS = [
    "the",
    "a",
    "red",
    "small",
    "old",
    "house",
    "river",
    "goes",
    "sings",
    "under",
    "bright",
    "while",
    "nobody",
    "night",
    "window",
]


def write_rows(path: Path, rows: int) -> None:
    """A table of texts of twelve words, a label and a number."""
    with path.open("w", encoding="utf-8") as file:
        file.write("text,kind,size\n")
        for row in range(rows):
            text = " ".join(WORDS[(row * step + step) % len(WORDS)] for step in range(1, 12))
            file.write(f"{text} {row},kind {row % 7},{row % 1000 / 10}\n")


def write_bytes(path: Path, size: int) -> int:
    """A CSV of about ``size`` bytes, a kilobyte a row; how many rows it has."""
    text = " ".join(WORDS * 11)
    rows = max(1, size // (len(text) + 12))
    with path.open("w", encoding="utf-8") as file:
        file.write("number,text\n")
        file.writelines(f"{row},{text} {row}\n" for row in range(rows))
    return rows


def tiny_png(number: int) -> bytes:
    """A PNG of one pixel whose colour is the number."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" + number.to_bytes(3, "big"))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def write_pictures(path: Path, count: int) -> None:
    """An archive of tiny pictures, all different, in a hundred folders."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(count):
            archive.writestr(f"{number % 100:02}/{number:06}.png", tiny_png(number))
