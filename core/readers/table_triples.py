"""Whether a table without telling names is one of triples: head, relation, tail, by its cells.

Told are tables of exactly three columns of short names, the middle one's used again and again and
none of them an entity, where what is a tail is a head elsewhere. A table of texts with labels, a
dictionary (word, part of speech, lemma) and a survey are none of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.readers.table_cells import CellKind, kind_of_column
from core.readers.table_columns import cell_text

if TYPE_CHECKING:
    import pandas as pd

WHY = "Three columns of names: the middle one’s repeat, and tails are heads elsewhere."
_SAMPLE = 20_000  # rows
_LEAST, _KINDS = 4, 300  # rows: of any table, and whose cells' kinds are looked at
_NAMES = (CellKind.TEXT, CellKind.CODE, CellKind.ADDRESS)
_WORDS, _LETTERS = 5, 80  # of a name; what has no blank, such as an address, may be longer
_SHORT = 0.98  # of the names
_SHARED = 0.1  # of the tails or heads, whichever are fewer, that are both
_ALIKE = 0.05  # of the rows: those from a thing to itself, and those that stand twice


def find_triple(frame: pd.DataFrame) -> list[str]:
    """The columns of head, relation and tail; none where the table may be anything else."""
    if frame.shape[1] != 3 or len(frame) < _LEAST:
        return []
    columns = [[cell_text(cell) for cell in frame[name].iloc[:_SAMPLE]] for name in frame.columns]
    step = 1 + len(columns[0]) // _KINDS
    if any(kind_of_column(cells[::step]) not in _NAMES for cells in columns[:2]):
        return []
    heads, relations, tails = map(set, columns)
    rows = list(zip(*columns, strict=True))
    loops = sum(head == tail for head, _, tail in rows)
    again = len(rows) - len({*rows})
    shared = len(heads & tails)
    fits = (
        all(map(all, columns))
        and all(map(are_short, columns))
        and all(any(map(str.isalpha, relation)) for relation in relations)
        and len(relations) <= len(rows) / 2
        and not relations & (heads | tails)
        and shared >= max(1, _SHARED * min(len(heads), len(tails)))
        and max(loops, again) <= _ALIKE * len(rows)
    )
    return [str(name) for name in frame.columns] if fits else []


def are_short(cells: list[str]) -> bool:
    """Whether nearly all cells are names and no sentences."""
    short = sum(
        " " not in cell or (len(cell) <= _LETTERS and len(cell.split()) <= _WORDS) for cell in cells
    )
    return short >= _SHORT * len(cells)
