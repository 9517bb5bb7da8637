"""A dataset of texts: numbered rows with their metadata."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base import vectors as vec
from core.base.columns import export_columns, join_columns
from core.base.errors import TableError, counted, shorten
from core.base.types import Encoded, FloatArray, TextEncoder
from core.readers import table_roles, table_vectors, tables
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import OwnVectors
from core.storage import data_home

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class TextDataset:
    """Texts with their numbers and what else is known of them.

    Attributes:
        numbers: the row of each text in its source, from 1; rows without a text have none here.
        texts: as long as ``numbers``.
        column: the column that the texts come from.
        metadata: the other columns, one row a text.
        digest: stands for the texts and what else is known of them.
        notes: what was done to read it, a sentence each.
        own: the vectors that it came with, if it did.
    """

    name: str
    numbers: list[int]
    texts: list[str]
    column: str
    metadata: pd.DataFrame
    digest: str
    notes: tuple[str, ...]
    own: OwnVectors | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def columns(self) -> dict[str, list[Any]]:
        """Number, text and metadata as columns, for tables and exports."""
        return export_columns({"row": self.numbers}, self.told(range(len(self))))

    def told(self, rows: Sequence[int]) -> dict[str, list[Any]]:
        """Text and metadata of some rows as columns, the text first."""
        chosen = list(rows)
        texts = {self.column: [self.texts[row] for row in chosen]}
        held = self.metadata.iloc[chosen]
        return join_columns(texts, {name: held[name].tolist() for name in held.columns})

    def row(self, number: int) -> int | None:
        """Where the text of this number stands; ``None`` if there is none."""
        at = bisect_left(self.numbers, number)
        return at if at < len(self.numbers) and self.numbers[at] == number else None


def from_table(  # noqa: PLR0913, PLR0917
    name: str,
    table: tables.Table,
    column: str | None,
    table_digest: str,
    wanted: str | None = None,
    model: str = "",
) -> TextDataset:
    """The texts of ``column`` of a table; ``None`` guesses the column.

    Rows without a text are left out, with a note; of a table with vectors those without a vector.

    Args:
        wanted: the columns of its vectors, as ``table_vectors.choose`` takes them.
        model: the space that the vectors are of.

    Raises:
        TableError: there is no such column, none that holds text, or no text in it.
        InputError: there are no such columns of vectors.
    """
    own = table_vectors.choose(table.frame, table.vectors, wanted)
    frame = table.frame if own is None else own.frame
    chosen, cells, rest = _texts(name, frame, column, own)
    notes = list(table.notes)
    if own is None:
        rows = [row for row, text in enumerate(cells) if text]
        missing, reason = "no text", "texts"
    else:
        rows = np.flatnonzero(vec.finite_rows(own.vectors)).tolist()
        missing, reason = "no whole vector", "vectors"
        told = f"The vectors come from the column “{shorten(own.name)}”."
        notes.append(f"{told} {own.why}".rstrip())
    if not rows:
        raise TableError(
            f"The column “{shorten(chosen)}” of {name} holds no {reason[:-1]}.",
            f"At least one {reason[:-1]} is needed.",
            "Choose another column.",
        )
    if len(rows) < len(cells):
        notes.append(
            f"Left out for having {missing}: {counted(len(cells) - len(rows), 'row')} of "
            f"{len(cells):,}; the others keep their numbers."
        )
    texts = [cells[row] for row in rows]
    repeated = len(texts) - len(set(texts))
    if repeated:
        notes.append(f"The text of another row is repeated by {counted(repeated, 'row')}.")
    taken = "" if own is None else f"{own.name}\0{model}"
    return TextDataset(
        name,
        [row + 1 for row in rows],
        texts,
        chosen,
        rest.iloc[rows].reset_index(drop=True),
        data_home.digest_bytes(
            table_digest.encode(), f"{chosen}{taken}".encode("utf-8", "surrogatepass")
        ),
        tuple(notes),
        None
        if own is None
        else OwnVectors(own.name, _taken(own.vectors, rows), model, table.model),
    )


def _taken(vectors: FloatArray, rows: Sequence[int]) -> FloatArray:
    return vectors if len(rows) == len(vectors) else vectors[list(rows)]


def _texts(
    name: str, frame: pd.DataFrame, column: str | None, own: table_vectors.Chosen | None
) -> tuple[str, list[str], pd.DataFrame]:
    """The column of the texts, its cells, and the other columns.

    Rows with vectors need no text: they are called by another column, or by their numbers.
    """
    chosen = column
    if chosen is None and own is None:
        chosen = tables.guess_text_column(frame)
    if chosen is None:
        chosen = table_roles.names_rows(frame, tables.text_columns(frame))
    if chosen is None:
        labels = [str(name) for name in frame.columns if frame[name].dtype.kind not in "fiub"]
        chosen = labels[0] if labels else ""
    if not chosen:
        return "row", [f"row {number}" for number in range(1, len(frame) + 1)], frame
    if chosen not in frame.columns:
        raise TableError(
            f"There is no column “{shorten(chosen)}” in {name}.",
            f"It has: {', '.join(shorten(str(c), 30) for c in frame.columns[:30])}.",
            "Name one of these.",
        )
    cells = [tables.cell_text(value) for value in frame[chosen]]
    if own is not None:
        cells = [text or f"row {number}" for number, text in enumerate(cells, start=1)]
    return chosen, cells, frame.drop(columns=[chosen])


@dataclass(frozen=True, slots=True)
class EncodedTexts:
    """Texts, their vectors, and the encoder that questions go through."""

    entry: SpaceEntry
    dataset: TextDataset
    encoder: TextEncoder
    vectors: Encoded

    @property
    def key(self) -> str:
        """Stands for the vectors and the texts, in the names of jobs and folders."""
        return f"{self.entry.digest} {self.dataset.digest}"
