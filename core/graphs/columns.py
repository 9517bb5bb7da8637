"""Which columns of a table hold head, relation and tail: by their names, else by what they hold.

A header is told by its names, or by cells that occur nowhere below in a table whose relations
repeat. Columns of numbers beside the three (an index, a weight) and columns of kinds
(``head_type``) are set aside. What is left open stays in the order head, relation, tail, as files
without a header have it, unless the cells say that the relation comes last.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from core.base.errors import InputError, listed, shorten

HEAD, RELATION, TAIL, PART = "head", "relation", "tail", "part"
ASIDE = "aside"
MEMBERS = (HEAD, RELATION, TAIL)
_NAMES: Mapping[str, tuple[str, ...]] = {
    HEAD: (
        "head", "h", "subject", "subj", "sub", "s", "source", "src", "from", "start", "startid",
        "node1", "nodea", "entity1", "entitya", "e1", "left", "lhs", "headentity", "headid",
        "headname", "sourceid", "sourcename", "subjectid", "subjectname", "subjectlabel", "fromid",
        "startnode", "sourcenode", "arg1", "parent", "xname", "subjecturi", "headlabel", "node",
    ),
    RELATION: (
        "relation", "rel", "r", "predicate", "pred", "p", "property", "prop", "relationship",
        "edge", "edgetype", "relationtype", "relationshiptype", "link", "linktype", "label",
        "edgelabel", "verb", "type", "relationid", "relationname", "relationlabel", "predicateid",
        "predicatelabel", "propertyid", "propertylabel", "interaction", "kind", "role",
    ),
    TAIL: (
        "tail", "t", "object", "obj", "o", "target", "tgt", "dst", "dest", "destination", "to",
        "end", "endid", "node2", "nodeb", "entity2", "entityb", "e2", "right", "rhs",
        "tailentity", "tailid", "tailname", "targetid", "targetname", "objectid", "objectname",
        "objectlabel", "toid", "endnode", "targetnode", "arg2", "child", "yname", "objecturi",
        "taillabel", "neighbor", "value",
    ),
    PART: ("split", "part", "partition", "subset", "fold", "set"),
    ASIDE: (
        "index", "idx", "id", "no", "nr", "number", "row", "rowid", "unnamed0", "weight", "score",
        "confidence", "count", "w", "probability", "prob", "headtype", "tailtype",
        "subjecttype", "objecttype", "sourcetype", "targettype", "key", "date", "year", "time",
        "timestamp", "provenance", "reference", "comment", "graph", "context", "directed",
    ),
}  # fmt: skip
_ROLES = {name: role for role, names in _NAMES.items() for name in names}
PART_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
}
_AFFIX = re.compile("^(kg|node|entity)|(id|name|label|uri|iri|entity|node|text|term|string)s?$")
_SAMPLE = 2_000
_CLEAR = 10  # rows from which what they have in common is no chance
_NUMBER = re.compile(r"[-+]?(\d+([.,]\d*)?|[.,]\d+)([eE][-+]?\d+)?%?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{4}")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the members of a triple stand in a row.

    Attributes:
        places: the columns of head, relation, tail; a relation of -1 is in no column.
        part: the column with train, valid or test, or -1.
        header: whether the first row holds names.
        names: the columns' names, or ``column 1`` and so on.
        notes: what was found and why, a sentence each; empty where it is as expected.
    """

    places: tuple[int, int, int]
    part: int
    header: bool
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def roles(self) -> dict[int, str]:
        """The role of each column that is used."""
        found = dict(zip(self.places, MEMBERS, strict=True))
        if self.part >= 0:
            found[self.part] = PART
        return {at: role for at, role in sorted(found.items()) if at >= 0}


def is_literal(cell: str) -> bool:
    """Whether a cell is a number or a date, rather than a name."""
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))


def role_of(name: str) -> str:
    """The role that a column's name tells, or ``""``."""
    plain = _plain(name)
    return _ROLES.get(plain) or _ROLES.get(_AFFIX.sub("", plain), "")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def read_chosen(text: str) -> tuple[str, str, str]:
    """The three columns that a person named, ``head,relation,tail``, by names or numbers from 1.

    Raises:
        InputError: they are not three, or one is named twice.
    """
    names = [name.strip() for name in text.split(",")]
    if len(names) != 3 or len(set(names)) != 3 or not all(names):
        raise InputError(
            f"“{shorten(text)}” does not name three columns.",
            "The columns of head, relation and tail, by name or by number from 1: 1,3,2.",
            "Give three, parted by commas.",
        )
    return names[0], names[1], names[2]


def find_columns(
    rows: Sequence[Sequence[str]],
    *,
    header: bool | None = None,
    chosen: tuple[str, str, str] | None = None,
) -> Columns | None:
    """The columns of a table, from its first rows; ``None`` where there are no three.

    Args:
        rows: cells, without blanks at their ends; they may differ in number.
        header: whether the first row holds names; ``None`` finds out.
        chosen: columns of head, relation, tail by name or by number from 1.

    Raises:
        InputError: a chosen column is not there, or the columns cannot be told apart.
    """
    rows = list(islice((row for row in rows if any(row)), _SAMPLE))
    if not rows:
        return None
    if chosen is not None:
        return _chosen(rows, header, chosen)
    named = _named(rows[0]) if header is not False else None
    if named is not None:
        return named
    width = _usual_width(rows)
    if width < 3:
        return None
    body = [row for row in rows if len(row) >= width]
    below = [row for row in body if row is not rows[0]]
    apart = header is None and len(rows[0]) == width and _occurs_once(rows[0], below)
    if header is None:
        header = apart and _is_of_names(rows[0], below)
    used, part, notes = _set_aside(below if header else body, width)
    if len(used) != 3:
        told = listed([shorten(cell, 40) for cell in rows[0]])
        raise InputError(
            f"Which of {width} columns hold head, relation and tail cannot be told: {told}.",
            "Three columns, or a header with names such as head, relation, tail.",
            "Name them: --columns head,relation,tail, by names or by numbers from 1.",
        )
    places, why = _in_order(below if header else body, used)
    names = _names(rows[0], width, header=header)
    if header and apart:
        listed_names = ", ".join(f"“{shorten(name, 40)}”" for name in rows[0][:width])
        notes.insert(0, f"Read as a header, since its words occur nowhere below: {listed_names}.")
    return Columns(places, part, header, names, (*notes, *why))


def _names(first: Sequence[str], width: int, *, header: bool) -> tuple[str, ...]:
    given = list(first[:width]) if header else []
    given += [""] * (width - len(given))
    return tuple(name or f"column {at}" for at, name in enumerate(given, 1))


def _chosen(
    rows: Sequence[Sequence[str]], header: bool | None, chosen: tuple[str, str, str]
) -> Columns:
    first = [cell.casefold() for cell in rows[0]]
    by_name = [name.casefold() in first for name in chosen]
    if header is None:
        header = any(by_name) or _named(rows[0]) is not None
    width = max(map(len, rows))
    places = []
    for name in chosen:
        if header and name.casefold() in first:
            places.append(first.index(name.casefold()))
        elif name.isdigit() and 1 <= int(name) <= width:
            places.append(int(name) - 1)
        else:
            there = ", ".join(f"“{shorten(cell, 40)}”" for cell in rows[0])
            raise InputError(
                f"There is no column “{shorten(name, 40)}”.",
                f"The first row has {there}.",
                "Name a column, or give its number from 1.",
            )
    if len(set(places)) != 3:
        raise InputError(
            "One column is named twice.", "Three columns.", "Name head, relation and tail."
        )
    roles = [role_of(cell) for cell in rows[0]] if header else []
    part = roles.index(PART) if PART in roles and roles.index(PART) not in places else -1
    head, relation, tail = places
    return Columns((head, relation, tail), part, header, _names(rows[0], width, header=header))


def _named(first: Sequence[str]) -> Columns | None:
    """Columns by a header's names: head and tail at least, of different columns."""
    roles = [role_of(cell) for cell in first]
    head, tail = (_best(first, roles, role) for role in (HEAD, TAIL))
    if head < 0 or tail < 0:
        return None
    relation = _best(first, roles, RELATION)
    if relation < 0 and len(first) == 3:
        relation = ({0, 1, 2} - {head, tail}).pop()
        if roles[relation]:
            relation = -1
    part = roles.index(PART) if PART in roles else -1
    used = {head, relation, tail, part}
    aside = [cell or "(no name)" for at, cell in enumerate(first) if at not in used]
    if relation < 0 and not aside and len(first) > 2:
        return None
    notes = []
    if (head, relation, tail) != (0, 1, 2) or aside:
        told = "".join(
            f", {role} from “{shorten(first[at], 40)}”"
            for role, at in ((RELATION, relation), (TAIL, tail))
            if at >= 0
        )
        notes.append(f"Columns by their names: head from “{shorten(first[head], 40)}”{told}.")
    if relation < 0:
        notes.append("No column names the relation, so all triples have the relation “linked to”.")
    if aside:
        notes.append(f"Columns set aside: {listed([shorten(name, 40) for name in aside])}.")
    return Columns(
        (head, relation, tail), part, True, _names(first, len(first), header=True), tuple(notes)
    )


def _best(first: Sequence[str], roles: Sequence[str], role: str) -> int:
    """The column of a role whose name comes first in the list of that role's names, or -1."""
    places = [at for at, told in enumerate(roles) if told == role]
    order = _NAMES[role]
    plain = [_plain(cell) for cell in first]
    return min(
        places,
        key=lambda at: order.index(plain[at]) if plain[at] in order else len(order),
        default=-1,
    )


def _usual_width(rows: Iterable[Sequence[str]]) -> int:
    counts: dict[int, int] = {}
    for row in rows:
        counts[len(row)] = counts.get(len(row), 0) + 1
    return max(counts, key=lambda width: (width in (3, 4), counts[width]), default=0)


def _occurs_once(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the words of the first row, none of them a number, occur nowhere below."""
    if not below or any(is_literal(cell) or not cell for cell in first):
        return False
    return not {cell for row in below for cell in row} & set(first)


def _is_of_names(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first row whose words occur nowhere below is a header by all signs.

    A true triple of that kind has a relation that is used once, where each of the others is used
    again and again.
    """
    columns = [Counter(row[at] for row in below) for at in range(len(first))]
    relations = min(columns, key=len)
    return (
        len(below) >= _CLEAR
        and len(relations) <= len(below) / 3
        and min(relations.values()) > 1
        and any(max(column.values()) > 1 for column in columns if column is not relations)
    )


def _set_aside(rows: Sequence[Sequence[str]], width: int) -> tuple[list[int], int, list[str]]:
    """The columns that are used, that of the parts, and what was set aside and why."""
    columns = {at: [row[at] for row in rows] for at in range(width)}
    used, notes, part = list(range(width)), [], -1
    for at, cells in columns.items():
        if width > 3 and {cell.casefold() for cell in cells} <= {*PART_NAMES, ""} and any(cells):
            part = at
            used.remove(at)
            break
    for at in list(used):
        if len(used) > 3 and columns[at] and _counts_up(columns[at]):
            used.remove(at)
            notes.append(f"Column {at + 1} counts the rows, so it was set aside.")
    for at in list(reversed(used)):
        if len(used) > 3 and columns[at] and all(map(is_literal, columns[at])):
            used.remove(at)
            notes.append(f"Column {at + 1} holds numbers (as a weight), so it was set aside.")
    return used, part, notes


def _counts_up(cells: Sequence[str]) -> bool:
    if not all(cell.isdecimal() for cell in cells):
        return False
    numbers = [int(cell) for cell in cells]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _in_order(
    rows: Sequence[Sequence[str]], used: Sequence[int]
) -> tuple[tuple[int, int, int], list[str]]:
    """Head, relation, tail, unless the last column has the relations by all signs."""
    first, middle, last = ({row[at] for row in rows} for at in used)
    a, b, c = used
    clear = len(rows) >= _CLEAR and len(last) <= len(middle) / 2 and len(last) <= len(rows) / 2
    if clear and len(middle & first) > len(last & (first | middle)):
        why = (
            f"Column {c + 1} has few names, none of which is a head, and column {b + 1} has "
            "heads again, so they were read as relation and tail."
        )
        return (a, c, b), [why]
    return (a, b, c), []
