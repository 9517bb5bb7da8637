"""The words of a table with vectors: which column they are, and which rows can be words."""

from __future__ import annotations

from collections.abc import Sequence

from core.base.errors import VectorFileError, shorten
from core.readers import table_vectors, tables, vector_files
from core.readers.table_roles import CHOSEN, ColumnRole, Role
from core.readers.tables import Table
from core.readers.vector_files import WordVectors
from core.readers.vector_metadata import Metadata


def find_column(table: Table, roles: Sequence[ColumnRole]) -> str | None:
    """The column of the words: the text that a person chose, else one that is called so, else the
    first that is no numbers; ``None`` where no column is left beside the vectors."""
    chosen = [one.name for one in roles if one.role is Role.TEXT and one.why == CHOSEN]
    if chosen:
        return chosen[0]
    aside = {one.name for one in roles if one.role in (Role.VECTORS, Role.IGNORE)}
    rest = [name for name in table.frame.columns if name not in aside]
    return Metadata(table.frame[rest]).label if rest else None


def read_words(name: str, table: Table, roles: Sequence[ColumnRole]) -> WordVectors:
    """The words of the table in a file called ``name``, with their vectors ``(n, dim)``.

    Raises:
        VectorFileError: it has no vectors, nothing beside them, or no row that can be a word.
        InputError: its columns of vectors hold no numbers.
    """
    wanted = ",".join(one.name for one in roles if one.role is Role.VECTORS)
    own = table_vectors.choose(table.frame, table.vectors, wanted or table_vectors.NONE)
    column = find_column(table, roles)
    if own is None or column is None:
        raise VectorFileError(
            f"“{shorten(name)}” has {'no vectors' if own is None else 'vectors and no words'}.",
            "Word embeddings are words, each with its vector.",
            "Choose the columns of both, or add a word list as a second file.",
        )
    words = [tables.cell_text(cell) for cell in table.frame[column]]
    kind = "" if table.detected is None else table.detected.format
    told = (f"Left out {one.told}." for one in table.left_out)
    found = WordVectors(words, own.vectors, kind, (*table.notes, *told), table.left_out)
    return vector_files.usable(found, name)
