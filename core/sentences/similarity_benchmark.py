"""How well a space agrees with people's judgements of sentence pairs, as on the STS Benchmark.

Spearman's rank correlation of cosine similarity and score (Cer et al. 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import TableError, shorten
from core.base.types import FloatArray
from core.readers import tables
from core.readers.tables import Table

if TYPE_CHECKING:
    import pandas as pd


_SCORES = frozenset({"score", "similarity", "label", "gold", "rating", "judgement", "judgment"})
_IDS = frozenset({"id", "index", "key", "number", "no", "nr", "row", "pair"})


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of texts with the score of each, all ``n`` long, and the columns they come from."""

    first: list[str]
    second: list[str]
    scores: FloatArray
    columns: tuple[str, str, str]


def read_pairs(name: str, table: Table) -> Pairs:
    """The two text columns and the column of numbers of a table, in their order.

    Raises:
        TableError: there are not two text columns and one of numbers, a cell is empty, or there
            are fewer than two pairs.
    """
    frame = table.frame
    written = tables.text_columns(frame)
    text = [column for column in frame.columns if column in written]
    numeric = _score_columns(frame)
    if len(text) < 2 or len(numeric) != 1:
        among = (
            f" ({', '.join(shorten(c, 20) for c in numeric)} could be it)" if numeric[1:] else ""
        )
        raise TableError(
            f"{name} has the columns {', '.join(shorten(str(c), 20) for c in frame.columns[:10])}.",
            f"Two columns of text and one of numbers are needed, the score{among}.",
            "Leave out the others, or name the score’s column “score”.",
        )
    chosen = [[tables.cell_text(cell) for cell in frame[column]] for column in text[:2]]
    scores = frame[numeric[0]].to_numpy(dtype=np.float32)
    empty = [row for row, pair in enumerate(zip(*chosen, strict=True)) if not all(pair)]
    empty += [int(row) for row in np.flatnonzero(~np.isfinite(scores))]
    if empty or len(scores) < 2:
        what = f"Row {min(empty) + 1} of {name} lacks a cell." if empty else f"{name} has one pair."
        raise TableError(what, "Every pair has two texts and a number.", "Complete the file.")
    return Pairs(chosen[0], chosen[1], scores, (text[0], text[1], numeric[0]))


def _score_columns(frame: pd.DataFrame) -> list[str]:
    """The columns that may hold the score: by name, else all numbers that are no row numbers."""
    numeric = [column for column in frame.columns if frame[column].dtype.kind in "iuf"]
    named = [column for column in numeric if column.strip().lower() in _SCORES]
    if named:
        return named[:1]
    return [column for column in numeric if column.strip().lower() not in _IDS]


def spearman(vectors: FloatArray, scores: FloatArray) -> float | None:
    """Rank correlation of ``scores`` ``(n,)`` with the cosines of row i and row n + i.

    ``vectors`` is ``(2 n, dim)``, unit. ``None`` where all scores or all cosines are equal.
    """
    from scipy.stats import spearmanr

    count = len(scores)
    cosines = np.einsum("nd,nd->n", vectors[:count], vectors[count:])
    if np.ptp(cosines) == 0 or np.ptp(scores) == 0:
        return None
    return float(spearmanr(cosines, scores).statistic)
