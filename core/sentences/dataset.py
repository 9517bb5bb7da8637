"""A dataset of texts: numbered rows with their metadata."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.base.columns import join_columns
from core.base.errors import TableError, counted, shorten
from core.base.types import Encoded, TextEncoder
from core.readers import tables
from core.spaces.entry import SpaceEntry
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
    """

    name: str
    numbers: list[int]
    texts: list[str]
    column: str
    metadata: pd.DataFrame
    digest: str
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def columns(self) -> dict[str, list[Any]]:
        """Number, text and metadata as columns, for tables and exports."""
        return join_columns({"row": self.numbers}, self.told(range(len(self))))

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


def from_table(
    name: str, table: tables.Table, column: str | None, table_digest: str
) -> TextDataset:
    """The texts of ``column`` of a table; ``None`` guesses the column.

    Rows without a text are left out, with a note.

    Raises:
        TableError: there is no such column, none that holds text, or no text in it.
    """
    chosen = tables.guess_text_column(table.frame) if column is None else column
    if chosen not in table.frame.columns:
        raise TableError(
            f"There is no column “{shorten(chosen)}” in {name}.",
            f"It has: {', '.join(shorten(str(c), 30) for c in table.frame.columns[:30])}.",
            "Name one of these.",
        )
    cells = [tables.cell_text(value) for value in table.frame[chosen]]
    rows = [row for row, text in enumerate(cells) if text]
    if not rows:
        raise TableError(
            f"The column “{shorten(chosen)}” of {name} holds no text.",
            "At least one text is needed.",
            "Choose another column.",
        )
    notes = list(table.notes)
    if len(rows) < len(cells):
        missing = len(cells) - len(rows)
        notes.append(
            f"Left out for having no text: {counted(missing, 'row')} of {len(cells):,}; "
            "the others keep their numbers."
        )
    texts = [cells[row] for row in rows]
    repeated = len(texts) - len(set(texts))
    if repeated:
        notes.append(f"The text of another row is repeated by {counted(repeated, 'row')}.")
    return TextDataset(
        name,
        [row + 1 for row in rows],
        texts,
        chosen,
        table.frame.drop(columns=[chosen]).iloc[rows].reset_index(drop=True),
        data_home.digest_bytes(table_digest.encode(), chosen.encode("utf-8", "surrogatepass")),
        tuple(notes),
    )


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
