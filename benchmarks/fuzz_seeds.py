"""What the small whole files that `fuzz` changes are made of, and what a reader of them is."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

WORDS = ["king", "queen", "New York", "été", "猫"]
Files = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader.

    Attributes:
        files: makes whole files, from which the changes begin.
        read: reads a file of this content in a folder, as the pages do; true where rows were lost
            without a word.
    """

    files: Callable[[], Files]
    read: Callable[[bytes, Path], bool]


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    """What a function writes."""
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def as_zip(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive that is always the same."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def as_tar(parts: Mapping[str, bytes], kind: int = tarfile.GNU_FORMAT) -> bytes:
    """A tar archive that is always the same."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=kind) as archive:
        for name, data in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


@cache
def vectors() -> npt.NDArray[np.float32]:
    """``(5, 6)`` numbers."""
    return np.random.default_rng(0).normal(size=(len(WORDS), 6)).astype(np.float32)


def numbers(separator: str) -> list[str]:
    """The same as lines of text."""
    return [separator.join(f"{x:.6f}" for x in row) for row in vectors()]
