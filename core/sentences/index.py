"""A dataset's index: what is told of it in its file."""

from __future__ import annotations

from core.knn import index_store
from core.knn.index_files import Origin
from core.sentences.dataset import EncodedTexts


def origin_of(texts: EncodedTexts) -> Origin:
    """What an index over the vectors of texts is of; rows go by their numbers."""
    dataset = texts.dataset
    return Origin(
        index_store.key_of(texts.vectors.vectors),
        [str(number) for number in dataset.numbers],
        [],
        {"dataset": dataset.name, "column": dataset.column, "space": texts.entry.space.name},
    )
