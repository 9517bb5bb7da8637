"""Texts put in order: what ``core/review`` needs to know of the rows of a dataset."""

from __future__ import annotations

from collections import Counter

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.readers import tables
from core.review.review import Items
from core.sentences.dataset import TextDataset

MOST = 200  # values of a column that tells kinds apart, and not rows


def items_of(
    dataset: TextDataset, vectors: FloatArray, labels: str = "", splits: str = ""
) -> Items:
    """Rows with unit vectors ``(n, dim)``, called by their numbers.

    Args:
        labels: the column of these, and of the ``splits``; "" for none.

    Raises:
        InputError: there is no such column.
    """
    ids = list(map(str, dataset.numbers))
    kinds = _values(dataset, labels), _values(dataset, splits)
    return Items(ids, vectors, vectors, *kinds, dataset.texts)


def _values(dataset: TextDataset, column: str) -> list[str] | None:
    """A column as text, "" where a row has no value; ``None`` for no column."""
    if not column:
        return None
    if column not in dataset.metadata.columns:
        known = ", ".join(shorten(str(one), 30) for one in dataset.metadata.columns[:30])
        raise InputError(
            f"“{shorten(dataset.name)}” has no column “{shorten(column)}” beside its texts.",
            f"It has: {known or 'none'}.",
            "Name one of these.",
        )
    return [tables.cell_text(value) for value in dataset.metadata[column].tolist()]


def kinds(dataset: TextDataset) -> dict[str, list[str]]:
    """The columns that tell kinds apart, with their values, the commonest first.

    These have 2 to ``MOST`` values, and fewer than there are rows.
    """
    found = {}
    for name in map(str, dataset.metadata.columns):
        counts = Counter(_values(dataset, name) or [])
        del counts[""]
        if 2 <= len(counts) <= MOST and len(counts) < len(dataset):
            found[name] = [value for value, _ in counts.most_common()]
    return found
