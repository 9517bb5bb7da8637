"""What each column of a table is for: its text, vectors, label, id, place, picture or nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.base.types import FloatArray
from core.readers import table_triples, table_vectors
from core.readers.table_cells import CellKind, kind_of_column
from core.readers.tables import Table, cell_text, text_columns

if TYPE_CHECKING:
    import pandas as pd

CHOSEN = "Chosen."  # why a column is for what a person says that it is
_SAMPLE = 300
_FEW = 50  # values at most of a label
_WORDS = "word"  # as the readers of word vectors call them
_ID = re.compile(r"(.*[_ .-])?(id|key|index|number|nr|no|code|uuid|guid|isbn|asin|sku)\.?", re.I)
_LABEL = re.compile(
    r"(.*[_ .-])?(label|class|category|target|group|topic|genre|type|kind|species|sentiment|gold|y)"
    r"(es|ies|s)?",
    re.IGNORECASE,
)
_PICTURE = re.compile(r".*\.(jpe?g|png|webp|gif|tiff?|bmp|avif|heic)", re.IGNORECASE)
_HEAD = re.compile(
    r"(head|subj(ect)?|source|src|from|h|s|(node|entity|arg)_?[1a])(_id|_name)?", re.IGNORECASE
)
_RELATION = re.compile(
    r"(rel(ation)?|pred(icate)?|property|edge|r|p)(_id|_name|_type)?", re.IGNORECASE
)
_TAIL = re.compile(
    r"(tail|obj(ect)?|target|dst|to|t|o|(node|entity|arg)_?[2b])(_id|_name)?", re.IGNORECASE
)
_PLACES = (("x", "y"), ("lon", "lat"), ("longitude", "latitude"), ("lng", "lat"))
# The columns of a map: UMAP_1 as of Seurat, “X_umap 1” as here of AnnData, tsne-x.
_MAPPED = re.compile(
    r"(.*(?:umap|t-?sne|phate|pacmap|trimap|draw_graph|mds|spatial).*?)[ _-]?([12xy])",
    re.IGNORECASE,
)


class Role(StrEnum):
    """What a column is for."""

    TEXT = "text"
    VECTORS = "vectors"
    LABEL = "label"
    ID = "id"
    X = "x"
    Y = "y"
    PICTURE = "picture"
    HEAD = "head"
    RELATION = "relation"
    TAIL = "tail"
    OTHER = "metadata"
    IGNORE = "ignore"


_MEMBERS = (Role.HEAD, Role.RELATION, Role.TAIL)


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """What a column is for, and why; ``holds`` says what its cells are."""

    name: str
    role: Role
    holds: str
    why: str


def find_roles(frame: pd.DataFrame, vectors: Mapping[str, FloatArray]) -> list[ColumnRole]:
    """What each column is most likely for, in their order, those of vectors ``(n, dim)`` last."""
    chosen = table_vectors.choose(frame, vectors)
    family = set() if chosen is None else set(frame.columns) - set(chosen.frame.columns)
    texts = text_columns(frame)
    if chosen is not None:
        named = names_rows(frame, texts)
        texts = [] if named is None else [named]
    names = [str(name) for name in frame.columns]
    known_by = {
        name: (role, "By its name.") for name, role in (_triple(names) | _places(names)).items()
    }
    if not (vectors or known_by):
        triple = zip(_MEMBERS, table_triples.find_triple(frame), strict=False)
        known_by = {name: (role, table_triples.WHY) for role, name in triple}
    found = [_role(name, frame[name], texts, known_by, name in family) for name in frame.columns]
    for name, array in vectors.items():
        own = chosen is not None and chosen.name == name
        why = chosen.why if own and chosen is not None else "Another column of vectors was taken."
        role = Role.VECTORS if own else Role.IGNORE
        found.append(ColumnRole(name, role, f"lists of {array.shape[1]} numbers", why))
    return _one_each(found)


def _role(
    name: str,
    column: pd.Series[Any],
    texts: Sequence[str],
    known_by: Mapping[str, tuple[Role, str]],
    member: bool,
) -> ColumnRole:
    cells = column.iloc[:: max(1, len(column) // _SAMPLE)].tolist()
    kind = kind_of_column(cells)
    there = [cell_text(cell) for cell in cells if cell_text(cell)]
    pictures = kind is CellKind.TEXT and bool(there) and all(map(_PICTURE.fullmatch, there))
    distinct = column.nunique()
    few = _is_few(column)
    labels = _LABEL.fullmatch(str(name)) and 1 < distinct <= max(_FEW, len(column) // 20)
    known = (
        (member, Role.VECTORS, "Its name and its neighbours' count up."),
        (name in known_by, *known_by.get(name, (Role.OTHER, ""))),
        (pictures, Role.PICTURE, "Its cells end as pictures do."),
        (name in texts[:1], Role.TEXT, "It looks most like text."),
        (labels, Role.LABEL, f"By its name; {distinct:,} values."),
        (
            distinct == len(column) and _ID.fullmatch(str(name)),
            Role.ID,
            "By its name; no value stands twice.",
        ),
        (few and kind in (CellKind.TEXT, CellKind.TRUTH), Role.LABEL, f"Only {distinct:,} values."),
        (True, Role.OTHER, "It comes along."),
    )
    role, why = next((role, why) for fits, role, why in known if fits)
    return ColumnRole(name, role, str(kind), why)


def _triple(names: Sequence[str]) -> dict[str, Role]:
    """Head, relation and tail, where all three are there by name."""
    forms = ((Role.HEAD, _HEAD), (Role.RELATION, _RELATION), (Role.TAIL, _TAIL))
    found = {role: [name for name in names if form.fullmatch(name.strip())] for role, form in forms}
    if not all(found.values()) or len(names) > 8:
        return {}
    return {columns[0]: role for role, columns in found.items()}


def _places(names: Sequence[str]) -> dict[str, Role]:
    """Columns that are ready coordinates by their names: x and y, or those of a map."""
    plain = {name.strip().lower(): name for name in names}
    stems = [match[1] for name in plain if (match := _MAPPED.fullmatch(name))]
    mapped = [
        pair
        for stem in stems
        for sign in (" ", "_", "-", "")
        for pair in ((f"{stem}{sign}1", f"{stem}{sign}2"), (f"{stem}{sign}x", f"{stem}{sign}y"))
    ]
    for first, second in (*_PLACES, *mapped):
        if first in plain and second in plain:
            return {plain[first]: Role.X, plain[second]: Role.Y}
    return {}


def find_places(names: Sequence[str]) -> list[str]:
    """The two columns of these that are ready coordinates by their names; none of others."""
    return [*_places(names)]


def names_rows(frame: pd.DataFrame, texts: Sequence[str]) -> str | None:
    """What rows with vectors are called by: a column of ``texts``, as ``text_columns`` has them.

    One of few values is a label, such as the kind of a cell, and no text. The words of a file of
    word vectors are, also where they are paths, numbers or signs.
    """
    words = [_WORDS] if _WORDS in frame.columns else []
    same = {name for name in texts if len(frame) > 1 and frame[name].nunique() == 1}
    named = [name for name in (*texts, *words) if name not in same]
    return next((name for name in named if not _is_few(frame[name])), None)


def _is_few(column: pd.Series[Any]) -> bool:
    return bool(1 < column.nunique() <= min(_FEW, len(column) // 2))


def _one_each(found: list[ColumnRole]) -> list[ColumnRole]:
    """The same with one label and one id at most, the first."""
    seen: set[Role] = set()
    result = []
    for one in found:
        single = one.role in (Role.LABEL, Role.ID, Role.PICTURE)
        again = single and one.role in seen
        seen.add(one.role)
        result.append(
            ColumnRole(one.name, Role.OTHER, one.holds, "It comes along.") if again else one
        )
    return result


def by_role(found: Sequence[ColumnRole]) -> dict[str, str]:
    """Columns by their roles, as the command line tells them; of vectors in several all."""
    told: dict[str, list[str]] = {}
    for one in found:
        if one.role not in (Role.OTHER, Role.IGNORE):
            told.setdefault(str(one.role), []).append(one.name)
    return {
        role: names[0] if len(names) == 1 else f"{names[0]}..{names[-1]}"
        for role, names in told.items()
    }


def kept(roles: Sequence[ColumnRole], table: Table) -> dict[str, str]:
    """The columns of text, vectors and labels of a table, as a dataset keeps them."""
    named: dict[str, list[str]] = {}
    for one in roles:
        named.setdefault(str(one.role), []).append(one.name)
    found: dict[str, str] = {
        role: named[role][0] for role in ("text", "label", "id", "x", "y") if role in named
    }
    vectors = named.get("vectors", [])
    if vectors:
        found["vectors"] = vectors[0] if len(vectors) == 1 else ",".join(vectors)
    elif table.vectors or table_vectors.find_family(table.frame):
        found["vectors"] = table_vectors.NONE  # they were set aside
    return found
