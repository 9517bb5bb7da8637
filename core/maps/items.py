"""Items of a map: their vectors with ids, texts and metadata, of whatever kind they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, shorten
from core.base.types import FloatArray, IntArray, Metric, Modality, Pictures
from core.maps.project import vectors_digest
from core.readers import table_roles, tables
from core.readers.vector_files import VectorRows
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Origin:
    """What the items of a map were made from, enough to make them again in another space.

    Each kind of items has its own, beside what makes them (``map_items`` of its feature).
    """


@dataclass(frozen=True, slots=True)
class MapData:
    """Items with vectors: what is projected, coloured, searched and shown beside the map.

    Attributes:
        ids: distinct within the source, as text.
        texts: a caption, text or word for each.
        frame: the metadata, one row an item.
        vectors: ``(n, dim)`` float32; those of spaces at unit length.
        digest: stands for all of it; caches and selections are keyed by it.
        space: the name of the space that new vectors must be of; "" for vectors from a file.
        modality: what the items are; ``None`` where only their vectors are known.
        gallery: opens the pictures, where the items are pictures.
        notes: what was done to read it, a sentence each.
        metric: how the vectors are compared.
        origin: what all of them were made from, also where these are a part; ``None`` for items
            that are in one space only.
        tag_column: the column of ``frame`` that holds the items' tags; "" where none has any.
        tags: stands for them: they are no part of ``digest``.
    """

    name: str
    ids: list[str]
    texts: list[str]
    frame: pd.DataFrame
    vectors: FloatArray
    digest: str
    space: str
    modality: Modality | None
    gallery: Pictures | None = None
    notes: tuple[str, ...] = ()
    metric: Metric = Metric.COSINE
    origin: Origin | None = None
    tag_column: str = ""
    tags: str = ""

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int] | IntArray) -> MapData:
        """Some items of it, in the order of ``rows`` ``(m,)``."""
        chosen = [int(row) for row in rows]
        return with_digest(
            replace(
                self,
                ids=[self.ids[row] for row in chosen],
                texts=[self.texts[row] for row in chosen],
                frame=self.frame.iloc[chosen].reset_index(drop=True),
                vectors=self.vectors[chosen],
                gallery=None if self.gallery is None else self.gallery.take(chosen),
            )
        )


def from_vectors(  # noqa: PLR0913
    name: str,
    words: Sequence[str],
    vectors: FloatArray,
    notes: Sequence[str] = (),
    *,
    texts: Sequence[str] | None = None,
    frame: pd.DataFrame | None = None,
) -> MapData:
    """Named vectors ``(n, dim)``, at unit length as those of a vocabulary.

    Args:
        texts: shown for the names, where they are another.
        frame: the metadata; otherwise their places.
    """
    import pandas as pd

    if frame is None:
        frame = pd.DataFrame({"place": np.arange(1, len(words) + 1)})
    unit = vec.normalize(vectors)
    shown = list(words if texts is None else texts)
    return with_digest(
        MapData(name, list(words), shown, frame, unit, "", "", None, None, (*notes,))
    )


def from_rows(name: str, rows: VectorRows) -> MapData:
    """Vectors of a file by row, with all that is known of each.

    Their ids are their labels where these are distinct, else the rows' numbers from 1.
    """
    distinct = len(set(rows.labels)) == len(rows.labels) and all(rows.labels)
    numbers = [str(number) for number in range(1, len(rows.labels) + 1)]
    frame = rows.frame if rows.frame.shape[1] else None
    ids = rows.labels if distinct else numbers
    return from_vectors(name, ids, rows.vectors, rows.notes, texts=rows.labels, frame=frame)


def from_columns(  # noqa: PLR0913
    name: str,
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    metric: Metric = Metric.EUCLIDEAN,
    standardize: bool = False,
    called: str | None = None,
) -> MapData:
    """Columns of numbers of a table as vectors: ready coordinates, or features.

    Cells that are no numbers become NaN, and their rows are left off the map.

    Args:
        standardize: each column less its mean, divided by its standard deviation, so that units
            do not count; a column that is the same everywhere becomes 0.
        called: the column of the rows' texts, unless it has few values; else the likeliest.

    Raises:
        InputError: a column is not there, or holds no number.
    """
    import pandas as pd

    numbers = []
    for column in columns:
        require_column(name, frame, column)
        cells = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float32)
        if not np.isfinite(cells).any():
            raise InputError(
                f"The column “{shorten(column)}” of {name} holds no number.",
                "Coordinates and features are numbers.",
                "Choose another column.",
            )
        numbers.append(cells)
    rest = frame.drop(columns=list(columns))
    ids = [str(number) for number in range(1, len(frame) + 1)]
    # What differs from row to row names one best; of such the likeliest text.
    guessed = sorted(tables.text_columns(rest), key=lambda name: rest[name].nunique() < len(rest))
    likely = [name for name in (called or "", *guessed) if name in rest.columns]
    column = rest.get(
        table_roles.names_rows(rest, likely), rest.iloc[:, 0] if rest.shape[1] else pd.Series(ids)
    )
    texts = [tables.cell_text(cell) for cell in column]
    vectors = np.stack(numbers, axis=1)
    notes = ("Each column is standardised.",) if standardize else ()
    return with_digest(
        MapData(
            name,
            ids,
            texts,
            rest,
            _standardized(vectors) if standardize else vectors,
            "",
            "",
            None,
            notes=notes,
            metric=metric,
        )
    )


def require_column(name: str, frame: pd.DataFrame, column: str) -> None:
    """Checks that the table called ``name`` has a column.

    Raises:
        InputError: it has not.
    """
    if column not in frame.columns:
        known = ", ".join(shorten(str(other), 30) for other in frame.columns[:30])
        raise InputError(
            f"{name} has no column “{shorten(column)}”.",
            f"It has: {known}." if known else "It has none beside what is projected.",
            "Name one.",
        )


def standardized_as(data: MapData, others: FloatArray) -> MapData:
    """Items whose columns are scaled as those of ``others`` ``(n, dim)`` are by ``standardize``."""
    return with_digest(replace(data, vectors=_standardized(data.vectors, others)))


def _standardized(vectors: FloatArray, others: FloatArray | None = None) -> FloatArray:
    """Columns less the mean of ``others``, divided by their standard deviation.

    Those of ``vectors`` itself where none are given; cells that are not finite stay as they are.
    """
    held = vectors if others is None else others
    known = np.where(np.isfinite(held), held, np.nan).astype(np.float64)
    away = vectors - np.nanmean(known, axis=0)
    spread = np.nanstd(known, axis=0)
    found: FloatArray = np.divide(
        away, spread, out=np.where(np.isfinite(away), 0.0, away), where=spread > 0
    ).astype(np.float32)
    return found


def with_digest(data: MapData) -> MapData:
    """``data`` with the digest that stands for all of it; what gives a map its items calls it."""
    told = [data.name, data.space, data.metric.value, *data.ids, *data.texts]
    for name in data.frame.columns:  # the cells as a person sees them
        if data.tag_column and str(name) == data.tag_column:
            continue
        told += [str(name), *map(str, data.frame[name].tolist())]
    digest = data_home.digest_bytes(
        vectors_digest(data.vectors).encode(), *data_home.as_bytes(told)
    )
    return replace(data, digest=digest)
