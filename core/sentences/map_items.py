"""Texts as items of a map."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.types import FloatArray, Modality
from core.maps.items import MapData, Origin, with_digest
from core.sentences.dataset import TextDataset


@dataclass(frozen=True, slots=True)
class TextOrigin(Origin):
    """Texts of one column of a dataset."""

    dataset: TextDataset


def from_texts(dataset: TextDataset, vectors: FloatArray, space: str) -> MapData:
    """The rows of a dataset of texts with their unit vectors ``(n, dim)``.

    ``space`` is "" for vectors that the dataset came with and whose model is not here.
    """
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
            origin=TextOrigin(dataset),
        )
    )
