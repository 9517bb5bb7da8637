"""What a table that somebody brought is kept as, and the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from core.readers import table_roles
from core.readers.table_roles import ColumnRole, Role
from core.readers.tables import Table
from core.sentences import datasets
from core.sentences.datasets import DatasetEntry

Link = tuple[str, Mapping[str, str]]  # a page, and what its address says


def keep(name: str, table: Table, roles: Sequence[ColumnRole], model: str = "") -> DatasetEntry:
    """Keeps a table from a file called ``name`` as a dataset.

    Args:
        roles: what each of its columns is for; those to be ignored are left out.
        model: the space that its vectors are said to be of.

    Raises:
        TableError: as ``datasets.keep_table``.
    """
    ignored = [one.name for one in roles if one.role is Role.IGNORE]
    kept = _without(table, ignored)
    chosen = table_roles.kept(roles, kept) | ({"model": model} if model else {})
    return datasets.keep_table(name, kept, chosen)


def address(link: Link) -> str:
    """A link as what follows the server's name."""
    page, says = link
    return f"{page}?{urlencode(says)}"


def shown_first(roles: Sequence[ColumnRole]) -> str:
    """What a table is opened as where nobody chose: its own coordinates, where it brings them."""
    return "places" if {Role.X, Role.Y} <= {one.role for one in roles} else "map"


def link(target: str, name: str, roles: Sequence[ColumnRole]) -> Link:
    """The page that shows the dataset ``name``, and what its address says.

    Args:
        target: ``map``, ``places`` (a map at its own coordinates), ``search``, ``duplicates``.
    """
    named = table_roles.by_role(roles)
    data = {"data": name}
    if target in ("map", "places"):
        plain_numbers = target == "places" or ("text" not in named and "vectors" not in named)
        color = {"color": named["label"]} if "label" in named else {}
        return "map", {"of": "Numeric columns" if plain_numbers else "Texts"} | data | color
    tool = {"search": "Semantic search", "duplicates": "Near-duplicates"}.get(target)
    return "sentences", data | ({"do": tool} if tool else {})


def _without(table: Table, names: Sequence[str]) -> Table:
    frame = table.frame.drop(columns=[name for name in names if name in table.frame.columns])
    vectors = {name: rows for name, rows in table.vectors.items() if name not in names}
    return replace(table, frame=frame, vectors=vectors)
