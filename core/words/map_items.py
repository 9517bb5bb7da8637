"""Words as items of a map."""

from __future__ import annotations

import numpy as np

from core.base.types import Modality
from core.maps.items import MapData, with_digest
from core.spaces.vocabulary import Vocabulary


def from_vocabulary(vocabulary: Vocabulary, limit: int | None = None) -> MapData:
    """The words of a vocabulary, or its first so many, with their place in it."""
    import pandas as pd

    words = vocabulary.words[:limit]
    return with_digest(
        MapData(
            f"{vocabulary.space.title} words",
            words,
            words,
            pd.DataFrame({"place": np.arange(1, len(words) + 1)}),
            vocabulary.vectors[: len(words)],
            "",
            vocabulary.space.name,
            Modality.WORD,
            notes=vocabulary.notes,
        )
    )
