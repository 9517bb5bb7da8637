"""The column of the metadata that supervises a map, as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import InputError, counted, shorten
from core.maps.colors import color_by
from core.maps.items import MapData, require_column
from core.maps.recipe import Method, Recipe, Target

if TYPE_CHECKING:
    import pandas as pd


def target_of(data: MapData, recipe: Recipe) -> Target | None:
    """What supervises the map of ``data`` by ``recipe``; ``None`` where nothing does.

    Raises:
        InputError: the column is not there, or cannot supervise.
    """
    if recipe.method is not Method.UMAP_LEARN or recipe.target is None:
        return None
    return read_target(data.name, data.frame, recipe.target)


def read_target(name: str, frame: pd.DataFrame, column: str) -> Target:
    """A column as a target: numbers and dates by how far they are apart, all else by kind.

    What counts as a number is as in the colours of the map: few whole numbers are kinds. A row
    without a kind is of an unknown one, and stands where its neighbours do.

    Args:
        name: of the data, for messages.

    Raises:
        InputError: it is not there, tells no two rows apart or all of them, or is a column of
            numbers that lacks some.
    """
    import pandas as pd

    require_column(name, frame, column)
    cells = frame[column]
    numbers = color_by(column, cells).numbers
    if numbers is None:
        texts = cells.astype(str).where(cells.notna()).replace("", None)
        codes, kinds = pd.factorize(texts)
        if not 2 <= len(kinds) < len(cells):
            raise InputError(
                f"The column “{shorten(column)}” has {counted(len(kinds), 'kind')} in "
                f"{counted(len(cells), 'row')}.",
                "A target has at least two kinds, and several rows of one.",
                "Choose another column.",
            )
        return Target(codes.astype(np.float32), categorical=True)
    missing = int((~np.isfinite(numbers)).sum())
    if missing:
        raise InputError(
            f"The column “{shorten(column)}” has no number in {counted(missing, 'row')}.",
            "umap-learn needs one in each where numbers supervise it.",
            "Choose another column, or map the rows that have one.",
        )
    return Target(numbers, categorical=False)
