"""A map that grows: new rows are placed on it while the points that were there stay.

What that costs is measured: how many of their true neighbours the placed points have beside them,
against a fresh map of all rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from core.base.errors import InputError, counted, shorten
from core.base.types import BoolArray, IntArray, Pictures, Progress, no_progress
from core.maps import project, quality
from core.maps.colors import BEFORE, NEW
from core.maps.items import MapData, with_digest
from core.maps.recipe import Projection
from core.maps.store import StoredMap
from core.storage import data_home

COLUMN = "added"  # of tables: whether a row was there before


@dataclass(frozen=True, slots=True)
class Grown:
    """Items of a map, and those that came later.

    Attributes:
        old: those that the map is made of.
        data: all, the new ones behind the old, with a first column that tells them apart.
    """

    old: MapData
    data: MapData

    @property
    def added(self) -> int:
        """How many are new."""
        return len(self.data) - len(self.old)


@dataclass(frozen=True, slots=True)
class Loss:
    """How many of their true neighbours new points have beside them, 0 to 1, on average.

    Attributes:
        placed: on the map that they were placed on.
        fresh: on a map that was made of all rows anew.
        count: of new points on both maps.
        k: neighbours of each.
    """

    placed: float
    fresh: float
    count: int
    k: int


def new_rows(old: MapData, other: MapData) -> IntArray:
    """The rows ``(m,)`` of ``other`` that are not among ``old``, by text and vector.

    Of equal rows as many count as there are more of: one that stands twice in ``other`` and once in
    ``old`` is new once.
    """
    known = Counter(_marks(old))
    found = []
    for row, mark in enumerate(_marks(other)):
        if known[mark]:
            known[mark] -= 1
        else:
            found.append(row)
    return np.array(found, dtype=np.int64)


def _marks(data: MapData) -> list[tuple[str, bytes]]:
    vectors = np.ascontiguousarray(data.vectors, dtype=np.float32)
    return [(text, vector.tobytes()) for text, vector in zip(data.texts, vectors, strict=True)]


def join(old: MapData, other: MapData) -> Grown:
    """``old`` with the rows of ``other`` that are not in it.

    Raises:
        InputError: the vectors are of another kind, or there is no new row.
    """
    import pandas as pd

    if (old.space, old.metric, old.vectors.shape[1]) != (
        other.space,
        other.metric,
        other.vectors.shape[1],
    ):
        raise InputError(
            f"{shorten(other.name)} has {other.vectors.shape[1]} numbers a row, "
            f"{shorten(old.name)} {old.vectors.shape[1]}.",
            "New rows need the same columns and embedding model as those of the map.",
            "Choose others.",
        )
    rows = new_rows(old, other)
    if not len(rows):
        raise InputError(
            f"All {counted(len(other), 'row')} of {shorten(other.name)} are on the map.",
            "Rows are new whose text and vector are not there.",
            "Choose a file that has grown, or another one with the same columns.",
        )
    taken = set(old.ids)
    ids = [
        other.ids[row] if other.ids[row] not in taken else f"{other.name} {other.ids[row]}"
        for row in rows
    ]
    if len(taken.union(ids)) < len(taken) + len(ids):
        ids = [f"{NEW} {number}" for number in range(1, len(ids) + 1)]
    frame = pd.concat([old.frame, other.frame.iloc[rows]], ignore_index=True)
    name = data_home.distinct_name(COLUMN, [str(held) for held in frame.columns])
    frame.insert(0, name, [BEFORE] * len(old) + [NEW] * len(rows))
    data = replace(
        old,
        name=f"{old.name} and {other.name}",
        ids=[*old.ids, *ids],
        texts=[*old.texts, *(other.texts[row] for row in rows)],
        frame=frame,
        vectors=np.concatenate([old.vectors, other.vectors[rows]]),
        gallery=_pictures(old, other, rows),
    )
    return Grown(old, with_digest(data))


def _pictures(old: MapData, other: MapData, rows: IntArray) -> Pictures | None:
    if old.gallery is None or other.gallery is None:
        return None
    return old.gallery.join(other.gallery.take(rows))


def place_new(grown: Grown, stored: StoredMap, progress: Progress = no_progress) -> StoredMap:
    """The map ``stored`` of the old items with the new ones placed on it, judged as a whole.

    Raises:
        InputError: it is not a map of these items, or no new row has finite numbers only.
        Cancelled: by ``progress``.
    """
    projection, vectors = stored.projection, grown.data.vectors
    new = np.arange(len(grown.old), len(grown.data))
    finite, left_out = project.usable(vectors[new], "new row")
    usable = new[finite]
    progress(0, 2, "steps")
    placement = project.place(projection, grown.old.vectors, vectors[usable])
    notes = [f"Placed on it afterwards: {counted(len(usable), 'new row')}.", *left_out]
    whole: Projection = replace(
        projection,
        coordinates=np.concatenate([projection.coordinates, placement.coordinates]),
        rows=np.concatenate([projection.rows, usable]),
        given=len(vectors),
        digest=project.vectors_digest(vectors),
        near=None,
        notes=(*projection.notes, *notes),
    )
    progress(1, 2, "steps")
    measured = None
    if len(whole) >= quality.LEAST:
        measured = quality.map_quality(
            vectors[whole.rows],
            whole.coordinates,
            metric=projection.recipe.compared,
            progress=progress,
        )
    return StoredMap(whole, measured, stored.opened)


def kept_of_new(grown: Grown, placed: StoredMap) -> float | None:
    """The share of their true neighbours that new points have beside them, 0 to 1.

    ``None`` where there are too few points to tell.
    """
    if placed.quality is None:
        return None
    new = placed.projection.rows >= len(grown.old)
    lost = placed.quality.lost[new]
    lost = lost[np.isfinite(lost)]  # of many points they are known at some alone
    return float(1 - lost.mean(dtype=np.float64)) if len(lost) else None


def compare(grown: Grown, placed: StoredMap, fresh: StoredMap) -> Loss | None:
    """What placing cost; ``None`` where one of the maps has too few points to tell."""
    if placed.quality is None or fresh.quality is None:
        return None
    shared = np.intersect1d(placed.projection.rows, fresh.projection.rows)
    shared = shared[shared >= len(grown.old)]
    lost = []
    for one, measured in ((placed, placed.quality), (fresh, fresh.quality)):
        at: BoolArray = np.isin(one.projection.rows, shared)
        lost.append(measured.lost[at])
    known = np.isfinite(lost).all(axis=0)  # of many points it is known at some alone
    if not known.any():
        return None
    of_placed, of_fresh = (float(1 - part[known].mean(dtype=np.float64)) for part in lost)
    return Loss(of_placed, of_fresh, int(known.sum()), placed.quality.k)
