"""Triples from files of any usual kind: delimited text, JSON, RDF.

Delimited text has head, relation, tail in a line, in any order that a header tells, and where it
is wanted a column with the part (train, valid or test).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from core.base.errors import InputError, counted, shorten
from core.base.memory import format_bytes
from core.graphs import rdf
from core.graphs.columns import PART_NAMES, Columns, find_columns, is_literal, read_chosen
from core.graphs.graph import PARTS, Triple
from core.graphs.records import Records, read_delimited, read_json
from core.readers.encodings import decode

MAX_LINES = 2_000_000
MAX_BYTES = 400_000_000
MAX_LABEL = 1_000  # characters
LINKED = "linked to"  # the relation of triples whose table names none
_NAMED = 3  # line numbers in a note
_PREVIEW = 6  # rows
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a person wants triples read; what is ``None`` is found out.

    Attributes:
        columns: those of head, relation, tail by name or number from 1, parted by commas.
        header: whether the first row holds names.
        separator: what parts cells.
        encoding: a name that Python has for one.
        language: of the names in RDF.
    """

    columns: str | None = None
    header: bool | None = None
    separator: str | None = None
    encoding: str | None = None
    language: str = "en"

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, as JSON holds them."""
        return asdict(self)


FOUND_OUT = ReadAs()


@dataclass(slots=True)
class Reading:
    """What was read from a file.

    Attributes:
        parts: triples by the names of ``PARTS``.
        notes: what was done to read it, a sentence each.
        labels: readable names of entities.
        rows: how many rows (lines, objects, statements) there were, without header and blanks.
        kind: what the file was taken for.
        encoding: what people call the encoding.
        table: the first rows, and for each column the role that it has, or ``""``.
        columns: the names of the columns that have a role, by it.
    """

    parts: dict[str, list[Triple]]
    notes: list[str]
    labels: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    kind: str = ""
    encoding: str = ""
    table: tuple[list[list[str]], list[str]] = field(default_factory=lambda: ([], []))
    columns: dict[str, str] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """What the file was taken for, as JSON holds it."""
        rows, roles = self.table
        return {
            "kind": self.kind,
            "encoding": self.encoding,
            "rows": self.rows,
            "triples": self.taken,
            "table": rows,
            "roles": roles,
            "columns": self.columns,
        }

    @property
    def taken(self) -> int:
        """How many triples were read."""
        return sum(map(len, self.parts.values()))


def read_triples(name: str, data: bytes, read_as: ReadAs = FOUND_OUT) -> Reading:
    """The triples of a file by their parts, and what was done to read them.

    Lines with too few or too many cells, an empty cell or one of more than ``MAX_LABEL``
    characters are left out and told.

    Raises:
        InputError: it is too large, or holds no triple.
    """
    if len(data) > MAX_BYTES or data.count(b"\n") > MAX_LINES:
        size = f"{data.count(bytes([10])):,} lines and {format_bytes(len(data))}"
        raise InputError(
            f"“{shorten(name)}” has {size}.",
            f"At most {MAX_LINES:,} lines and {format_bytes(MAX_BYTES)} are read.",
            "Take a part of it.",
        )
    text, encoding, notes = decode(name, data, read_as.encoding)
    if nuls := text.count("\0"):
        text = text.replace("\0", "")
        notes.append(f"Taken away: {counted(nuls, 'NUL character')}.")
    kind = rdf.find_format(name, text)
    if kind is not None:
        reading = _from_rdf(name, text, kind, read_as.language)
    else:
        reading = _from_rows(name, text, read_as)
    reading.notes[:0] = notes
    reading.encoding = encoding.label
    return reading


def _from_rdf(name: str, text: str, kind: str, language: str) -> Reading:
    read = rdf.read_rdf(name, text, kind, language)
    long = [triple for triple in read.triples if max(map(len, triple)) > MAX_LABEL]
    kept = [triple for triple in read.triples if max(map(len, triple)) <= MAX_LABEL]
    notes = [*read.notes, *([_too_long(len(long), "triple")] if long else [])]
    if not kept:
        told = f" {notes[0]}" if notes else ""
        raise _no_triple(name, f" between two things.{told}".removesuffix("."))
    parts: dict[str, list[Triple]] = {part: [] for part in PARTS} | {"train": kept}
    shown = [list(triple) for triple in kept[:_PREVIEW]]
    names = (
        kind.replace("_", "-").replace("RDF-XML", "RDF/XML").title().replace("Rdf/Xml", "RDF/XML")
    )
    return Reading(
        parts, notes, read.labels, read.rows, names, table=(shown, ["head", "relation", "tail"])
    )


def _from_rows(name: str, text: str, read_as: ReadAs) -> Reading:
    records = read_json(name, text)
    kind = "JSON"
    if records is None:
        records = read_delimited(text, read_as.separator)
        kind = "table"
    elif not text.lstrip().startswith("[") and "\n" in text.strip():
        kind = "JSON Lines"
    header = records.header if read_as.header is None else read_as.header
    chosen = None if read_as.columns is None else read_chosen(read_as.columns)
    columns = find_columns(records.rows, header=header, chosen=chosen)
    if columns is None:
        raise _no_triple(name, _first(records))
    return _take(name, records, columns, kind)


def _take(name: str, records: Records, columns: Columns, kind: str) -> Reading:
    parts: dict[str, list[Triple]] = {part: [] for part in PARTS}
    wrong: list[int] = list(records.broken)
    long = 0
    width = len(columns.names)
    start = 1 if columns.header else 0
    for number, row in zip(records.lines[start:], records.rows[start:], strict=True):
        triple = _triple(row, columns, width)
        part = "" if triple is None else _part(row, columns, width)
        if triple is None or not part:
            wrong.append(number)
        elif max(map(len, triple)) > MAX_LABEL:
            long += 1
        else:
            parts[part].append(triple)
    reading = Reading(parts, [*columns.notes], kind=kind)
    reading.rows = len(records.rows) - start + len(records.broken)
    reading.notes += _notes(records, sorted(wrong), long)
    if not reading.taken:
        raise _no_triple(name, _first(records))
    if note := _literals(parts):
        reading.notes.append(note)
    roles = columns.roles()
    reading.columns = {role: columns.names[at] for at, role in roles.items()}
    shown = [list(columns.names)] * columns.header + records.rows[start : start + _PREVIEW]
    reading.table = (shown, [roles.get(at, "") for at in range(width)])
    return reading


def _triple(row: Sequence[str], columns: Columns, width: int) -> Triple | None:
    """The three members of a row; ``None`` where it has other columns than the rest."""
    head, relation, tail = columns.places
    if len(row) > width + (columns.part < 0 and width == 3) or len(row) <= max(columns.places):
        return None
    triple = (row[head], row[relation] if relation >= 0 else LINKED, row[tail])
    return triple if all(triple) else None


def _part(row: Sequence[str], columns: Columns, width: int) -> str:
    """The part that a row names, ``""`` for one that is none.

    A fourth cell behind three columns may name it in some rows alone.
    """
    place = columns.part if columns.part >= 0 else width if width == 3 else -1
    if place < 0 or place >= len(row):
        return "train"
    return PART_NAMES.get(row[place].casefold(), "")


def _literals(parts: dict[str, list[Triple]]) -> str:
    """A note on tails that are numbers or dates, unless the entities are numbers throughout."""
    triples = [triple for part in parts.values() for triple in part]
    if 2 * sum(is_literal(head) for head, _, _ in triples) > len(triples):
        return ""
    literals = [tail for _, _, tail in triples if is_literal(tail)]
    if not literals:
        return ""
    return (
        f"Numbers or dates stand as tails, and each became an entity: "
        f"{counted(len(literals), 'triple')} (such as “{shorten(literals[0], 40)}”). Take them "
        "out of the file if they should be none."
    )


def _notes(records: Records, wrong: Sequence[int], long: int) -> list[str]:
    notes = []
    if records.blank:
        notes.append(f"Skipped: {counted(records.blank, 'blank line')}.")
    if records.comments:
        notes.append(f"Skipped: {counted(records.comments, 'line')} with a comment (#).")
    if wrong:
        named = ", ".join(f"{number:,}" for number in wrong[:_NAMED])
        more = " ..." if len(wrong) > _NAMED else ""
        notes.append(
            f"Left out for not having three cells, or an unknown part: "
            f"{counted(len(wrong), 'line')} ({named}{more})."
        )
    if records.others:
        notes.append(f"Read by another separator than the rest: {counted(records.others, 'line')}.")
    if long:
        notes.append(_too_long(long, "line"))
    return notes


def _too_long(count: int, what: str) -> str:
    return f"Left out for a name of more than {MAX_LABEL:,} characters: {counted(count, what)}."


def _first(records: Records) -> str:
    if not records.rows:
        return ""
    return f": line {records.lines[0]} is “{shorten(' '.join(records.rows[0]), 40)}”"


def _no_triple(name: str, told: str) -> InputError:
    return InputError(
        f"“{shorten(name)}” holds no triple{told}.",
        "Each line has head, relation and tail, parted by tabs or commas; or RDF, or JSON.",
        "Check the file.",
    )
