"""Texts as items of a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.base.types import FloatArray, Modality
from core.maps.items import MapData, with_digest
from core.sentences.dataset import TextDataset

if TYPE_CHECKING:
    pass


def from_texts(dataset: TextDataset, vectors: FloatArray, space: str) -> MapData:
    """The rows of a dataset of texts."""
    return with_digest(
        MapData(
            dataset.name,
            [str(number) for number in dataset.numbers],
            dataset.texts,
            dataset.metadata,
            vectors,
            "",
            space,
            Modality.TEXT,
            notes=dataset.notes,
        )
    )
