"""A graph in a table of any kind, by what its columns are for."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.base.types import Progress, no_progress
from core.graphs import sources
from core.graphs.graph import Graph
from core.graphs.triples import ReadAs
from core.readers.table_columns import cell_text
from core.readers.table_roles import ColumnRole, Role

if TYPE_CHECKING:
    import pandas as pd

_WRITTEN = ReadAs("1,2,3", header=True, separator=",", encoding="utf-8")


def read_graph(
    name: str, frame: pd.DataFrame, roles: Sequence[ColumnRole], progress: Progress = no_progress
) -> Graph:
    """The graph whose triples are the rows of a table, with their split where a column has it.

    Args:
        roles: of its columns; head, relation and tail are among them.

    Raises:
        InputError: the triples cannot be used.
        Cancelled: by ``progress``.
    """
    by_role = {one.role: one.name for one in reversed(roles)}
    names = [by_role[role] for role in (Role.HEAD, Role.RELATION, Role.TAIL)]
    names += [name for name in frame.columns if str(name).strip().lower() == "split"]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["head", "relation", "tail", "split"][: len(names)])
    columns = [[cell_text(cell) for cell in frame[name]] for name in names]
    writer.writerows(zip(*columns, strict=True))
    triples = stream.getvalue().encode("utf-8", "replace")
    return sources.read_files(name, {f"{name}.csv": triples}, None, _WRITTEN, progress)
