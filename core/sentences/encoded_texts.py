"""A dataset of texts in one space: what the tools of the page Sentences work on."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.types import Encoded, TextEncoder
from core.sentences.dataset import TextDataset
from core.spaces.entry import SpaceEntry


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Texts, their vectors, and the encoder that questions go through."""

    entry: SpaceEntry
    dataset: TextDataset
    encoder: TextEncoder
    vectors: Encoded

    @property
    def key(self) -> str:
        """Stands for the vectors and the texts; caches are keyed by it."""
        return f"{self.entry.digest} {self.dataset.digest}"
