"""Texts that are trained along with pictures, so that questions in words work in the new space.

Of each class its name, and of each picture its caption where it has one, through the base's
encoder of texts: they are to lie with the pictures that share their labels. Frequent words, which
name no class, are to lie as near to each picture as they do in the base: without them the head
gives any text the place of a class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.base.types import FloatArray, IntArray, Modality, Progress, TextEncoder, no_progress
from core.heads.labels import Labels
from core.images.zero_shot import spoken
from core.spaces import text_vectors
from core.spaces.entry import SpaceEntry
from core.spaces.frequent_words import frequent_words
from core.storage import data_home

Encode = Callable[[Sequence[str]], FloatArray]  # unit vectors (m, d) of texts, in the base
WORDS = 2_000  # frequent ones that keep their place
_BLOCK = 2_000  # pictures that are compared with all classes at a time


@dataclass(frozen=True, slots=True)
class LabelTexts:
    """Texts in the base's space.

    Attributes:
        names: ``(t, d)`` unit vectors of the names of all columns' classes, column by column.
        numbers: ``(t, c)`` the class that each is the name of, -1 in the other columns.
        words: ``(w, d)`` unit vectors of frequent words.
        captions: ``(n, d)`` unit vectors of the items' captions, zero for none; ``None`` where no
            item has one.
    """

    names: FloatArray
    numbers: IntArray
    words: FloatArray
    captions: FloatArray | None = None

    @property
    def mean(self) -> FloatArray:
        """``(d,)``, of words and names: the middle of the base's texts, near enough."""
        middle: FloatArray = np.concatenate([self.words, self.names]).mean(axis=0)
        return middle

    @property
    def digest(self) -> bytes:
        """Stands for names, words and captions."""
        captions = b"" if self.captions is None else self.captions.tobytes()
        parts = (self.names.tobytes(), self.numbers.tobytes(), self.words.tobytes(), captions)
        return data_home.digest_bytes(*parts).encode()

    def take(self, rows: IntArray) -> LabelTexts:
        """With the captions of some items ``(m,)`` alone."""
        if self.captions is None:
            return self
        return replace(self, captions=self.captions[rows])

    def of_batch(self, rows: IntArray, numbers: IntArray) -> tuple[FloatArray, IntArray]:
        """The texts of a batch: the names of its classes, and its items' captions.

        Args:
            rows: ``(b,)`` of the items.
            numbers: ``(b, c)`` their classes.

        Returns:
            ``(m, d)`` vectors, and ``(m, c)`` the classes of each.
        """
        there = np.zeros(len(self.names), np.bool_)
        for column, own in zip(numbers.T, self.numbers.T, strict=True):
            there |= (own >= 0) & np.isin(own, column)
        vectors, classes = [self.names[there]], [self.numbers[there]]
        if self.captions is not None:
            said = self.captions[rows].any(axis=1)
            vectors.append(self.captions[rows[said]])
            classes.append(numbers[said])
        return np.concatenate(vectors), np.concatenate(classes)

    def of_column(self, at: int) -> FloatArray:
        """The names ``(k, d)`` of the classes of a column, in their order."""
        return self.names[self.numbers[:, at] >= 0]


def label_texts(
    labels: Sequence[Labels],
    encode: Encode,
    captions: FloatArray | None = None,
) -> LabelTexts:
    """Encodes the names of the columns' classes, as a person would write them, and the words.

    Args:
        encode: gives the base's unit vectors ``(m, d)`` of texts.
        captions: as ``LabelTexts.captions``.
    """
    counts = [len(one.classes) for one in labels]
    numbers = np.full((sum(counts), len(counts)), -1, dtype=np.int64)
    for at, count in enumerate(counts):
        first = sum(counts[:at])
        numbers[first : first + count, at] = np.arange(count)
    names = [spoken(name) for one in labels for name in one.classes]
    return LabelTexts(encode(names), numbers, encode(frequent_words(WORDS)), captions)


def takes_texts(base: SpaceEntry) -> bool:
    """Whether texts can be trained along with pictures; a service is not sent words unasked."""
    both = {Modality.TEXT, Modality.IMAGE} <= set(base.space.modalities)
    return both and not base.source.is_service


def encode_in(base: SpaceEntry, encoder: TextEncoder, progress: Progress = no_progress) -> Encode:
    """What gives the vectors of texts in a space; each is encoded once and kept."""
    return lambda texts: (
        text_vectors.load_or_encode(texts, encoder, base.text_folder, progress).vectors
    )


def zero_shot(vectors: FloatArray, numbers: IntArray, names: FloatArray) -> float | None:
    """The share of items whose class's name is the nearest of all by cosine; ``None`` of none.

    Args:
        vectors: ``(q, dim)``, unit.
        numbers: ``(q,)`` their classes.
        names: ``(k, dim)`` unit vectors of the classes' names.
    """
    import torch

    if not len(vectors):
        return None
    # By PyTorch, whose threads are those of its caller: numpy's wait for each other by spinning.
    of_names = torch.from_numpy(names).T
    found = [
        (torch.from_numpy(part) @ of_names).argmax(1).numpy()
        for part in np.array_split(vectors, -(-len(vectors) // _BLOCK))
    ]
    return float((np.concatenate(found) == numbers).mean())
