"""The small types every module shares. numpy is the heaviest thing imported here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Modality(StrEnum):
    """What an encoder can take."""

    WORD = "word"
    TEXT = "text"
    IMAGE = "image"


class Metric(StrEnum):
    """How two vectors of a space are compared. A score is higher for nearer vectors."""

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"


class TermKind(StrEnum):
    """What a term of a query names."""

    WORD = "word"  # a word or phrase, looked up in the vocabulary or encoded
    ITEM = "item"  # something kept or loaded under a name, written [name]


@dataclass(frozen=True, slots=True)
class Term:
    """One weighted part of a query: ``weight * text``."""

    weight: float
    text: str
    kind: TermKind = TermKind.WORD


@dataclass(frozen=True, slots=True)
class Neighbor:
    """An item near a query: its id, its score, its rank among all items (from 1), its row."""

    id: str
    score: float
    rank: int
    row: int


@dataclass(frozen=True, slots=True)
class Space:
    """A named vector space. Vectors of one space can be compared, of two spaces never."""

    name: str
    title: str
    dim: int
    modalities: tuple[Modality, ...]
    metric: Metric = Metric.COSINE


class Progress(Protocol):
    """Called by long work as it goes; raises ``errors.Cancelled`` to stop it."""

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """``done`` of ``total`` units are finished; ``note`` names the unit."""


def no_progress(done: int, total: int, note: str = "") -> None:
    """The progress of someone who does not want to know."""


class Encoder(Protocol):
    """Turns inputs into unit vectors of one space."""

    space: Space

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        """Vectors of ``inputs``, shape ``(len(inputs), space.dim)``, float32, unit length."""
        ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors of ``n`` texts, as their encoder gave them.

    Attributes:
        vectors: ``(n, dim)`` float32, unit length.
        lengths: ``(n,)`` float32, the length each vector had before; all 1 where the encoder
            itself gives unit vectors. Euclidean distances are those of ``vectors * lengths``.
        cut: ``(n,)`` bool, true where a text was longer than the encoder reads.
    """

    vectors: FloatArray
    lengths: FloatArray
    cut: BoolArray

    def __len__(self) -> int:
        return len(self.vectors)


class TextEncoder(Protocol):
    """Turns texts into vectors of one space, some at a time.

    ``chunk`` is how many texts a call of ``encode_texts`` is given at most: what is lost when the
    process is killed in the middle.
    """

    space: Space
    chunk: int

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """The vectors ``(len(texts), dim)`` of rows of a dataset."""
        ...

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question; some models encode questions in their own way."""
        ...


class Index(Protocol):
    """Finds the nearest of many vectors."""

    def search(self, queries: FloatArray, k: int) -> tuple[FloatArray, IntArray]:
        """Scores ``(m, k)`` and row ids ``(m, k)`` for ``queries`` ``(m, dim)``, best first."""
        ...


class Pictures(Protocol):
    """Pictures by number, as a gallery has them."""

    @property
    def digests(self) -> list[bytes]:
        """The first bytes of the SHA-256 of what each picture is made from."""
        ...

    @property
    def open(self) -> Callable[[int], Image.Image]:
        """Gives a picture by its number; raises ``PictureError`` for a damaged one."""
        ...

    def take(self, rows: Sequence[int] | IntArray) -> Pictures:
        """Some of them, in the order of ``rows`` ``(m,)``."""
        ...

    def join(self, other: Pictures) -> Pictures:
        """These, and those of another of the same kind behind them."""
        ...
