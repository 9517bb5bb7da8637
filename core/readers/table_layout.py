"""How a table of delimited text is laid out: what parts its cells, and where it begins.

Pure functions of decoded text, so that a preview can ask them again with what a person changed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from core.base.errors import InputError, shorten
from core.readers.table_cells import CellKind, is_header, kind_of_column

# A tab in every line is hardly chance, a comma in every line may be.
DELIMITERS = "\t|;,^\x01"
DOUBLE = {"::": "\x1f", "||": "\x1e"}  # two signs, as of MovieLens, read as one that texts have not
NONE = "\x00"  # a delimiter that cannot occur, since NULs are taken out
SEPARATORS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " ", "none": NONE}
_SAMPLE = 300  # rows
_PREAMBLE = 40  # lines at most before the names of the columns
_COMMENT = ("#", "%", "//")
_SEPARATOR_LINE = re.compile(r'"?sep=(.|\\t)"?[;,\t]*', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many rows or lines were not taken, and why."""

    count: int
    reason: str

    @property
    def told(self) -> str:
        """Both as a person reads them: “1 row with no word”, “3 lines before the table”."""
        what, _, why = self.reason.partition(" ")
        one = self.count == 1 and what in ("rows", "lines")
        return f"{self.count:,} {what[:-1] if one else what} {why}"


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says of a table; ``None`` where it is to be detected.

    Attributes:
        encoding: a name that Python knows.
        separator: one character, or a name of ``SEPARATORS``.
        header: whether the first row names the columns.
        decimal: the sign before fractions, ``.`` or ``,``.
        skip: lines before the table.
    """

    encoding: str | None = None
    separator: str | None = None
    header: bool | None = None
    decimal: str | None = None
    skip: int | None = None

    def checked(self) -> Given:
        """The same with the separator as a character.

        Raises:
            InputError: a value is none that can be.
        """
        separator = self.separator
        if separator is not None:
            separator = SEPARATORS.get(separator.lower(), separator.replace("\\t", "\t"))
            if len(separator) != 1 or separator in '"\r\n':
                raise InputError(
                    f"The separator is “{shorten(separator)}”.",
                    f"It is one character, or one of {', '.join(SEPARATORS)}.",
                    "Change it, or leave it out to have it detected.",
                )
        if self.decimal not in (None, ".", ","):
            raise InputError(
                f"The decimal sign is “{shorten(str(self.decimal))}”.",
                "It is . or ,",
                "Change it, or leave it out to have it detected.",
            )
        if self.skip is not None and self.skip < 0:
            raise InputError(
                f"{self.skip} lines are to be skipped.", "It is 0 or more.", "Change it."
            )
        return replace(self, separator=separator)


@dataclass(frozen=True, slots=True)
class Detected:
    """How a table was read.

    Attributes:
        format: what kind of file it is.
        encoding: of its text, as Python names it; empty where it is none.
        separator: the sign between cells; empty where there is none.
        header: whether its first row names the columns; ``None`` where the format says it.
        decimal: the sign before fractions.
        skip: lines before the names of the columns or the first row.
        why: for each of these, by its name, what it was told by.
    """

    format: str = ""
    encoding: str = ""
    separator: str = ""
    header: bool | None = None
    decimal: str = "."
    skip: int = 0
    why: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "format": self.format,
            "encoding": self.encoding,
            "separator": self.separator,
            "header": self.header,
            "decimal": self.decimal,
            "skip": self.skip,
            "why": dict(self.why),
        }


@dataclass(frozen=True, slots=True)
class Layout:
    """What parts a text's cells, and how many of its lines come before the table.

    Attributes:
        comment: the sign that comments begin with, where there are some.
        named: the line of comments that names the columns, without its sign; empty for none.
    """

    separator: str
    skip: int = 0
    comments: int = 0
    comment: str = ""
    named: str = ""
    why: dict[str, str] = field(default_factory=dict)


def find_layout(text: str, given: Given, delimiter: str | None = None) -> Layout:
    """How a text is laid out; ``delimiter`` is what its suffix says."""
    lines = list(islice(io.StringIO(text, newline=""), _PREAMBLE + _SAMPLE))
    chosen, why = given.separator, {}
    start = 0
    if given.skip is not None:
        separator = chosen or delimiter or guess_delimiter("".join(lines[given.skip :]))
        return Layout(separator, given.skip, why={"skip": "Chosen.", **_chosen(given)})
    if lines and (stated := _SEPARATOR_LINE.fullmatch(lines[0].strip())):
        start = 1
        why["skip"] = "The first line states the separator."
        if chosen is None:
            chosen = "\t" if stated[1] == "\\t" else stated[1]
            why["separator"] = f"The first line says “{stated[0]}”."
    comments, sign = _comments(lines[start:])
    rest = start + comments
    separator, skip, reason = _begin(lines, rest, chosen or delimiter)
    if comments and separator == NONE:  # texts may begin with any sign
        separator, skip, reason = _begin(lines, start, chosen or delimiter)
        comments, rest = 0, start
    named = _named_by_comment(lines[start:rest], lines[skip:], separator, sign)
    if reason:
        why["skip"] = reason
    elif comments:
        why["skip"] = f"The first lines begin with “{sign}”."
    return Layout(
        separator,
        skip,
        comments if comments else 0,
        sign if comments else "",
        named,
        why | _chosen(given),
    )


def _chosen(given: Given) -> dict[str, str]:
    return {} if given.separator is None else {"separator": "Chosen."}


def _comments(lines: Sequence[str]) -> tuple[int, str]:
    """How many of the first lines are comments or blank between them, and their sign."""
    for sign in _COMMENT:
        last = 0
        for number, line in enumerate(lines, start=1):
            if line.startswith(sign):
                last = number
            elif line.strip():
                break
        if last and last < len(lines):
            return last, sign
    return 0, ""


def _named_by_comment(
    comments: Sequence[str], body: Sequence[str], separator: str, sign: str
) -> str:
    """The last of the comments, where it has as many cells as the rows that follow."""
    if not comments or separator == NONE or not comments[-1].strip():
        return ""
    line = comments[-1].strip("\r\n").removeprefix(sign).lstrip(" ")
    rows = [row for row in islice(reader("".join(body), separator), _SAMPLE) if row]
    names: list[str] = next(reader(line, separator), [])
    usual = max((len(row) for row in rows), default=0)
    if len(names) < 2 or len(names) != usual or not all(name.strip() for name in names):
        return ""
    kinds = [kind_of_column([row[at] for row in rows if len(row) > at]) for at in range(usual)]
    first = [kind_of_column([cell]) for cell in (rows[0] if rows else [])]
    own = all(kind is CellKind.TEXT for kind in map(kind_of_column, ([name] for name in names)))
    # Where the first row is of other kinds than the rest, it names the columns itself.
    again = any(
        one is CellKind.TEXT and kind is not CellKind.TEXT
        for one, kind in zip(first, kinds, strict=False)
    )
    return line if own and not again else ""


def _begin(lines: Sequence[str], start: int, delimiter: str | None) -> tuple[str, int, str]:
    """Separator, lines before the table, and why where there are more than ``start``."""
    body = "".join(lines[start:])
    marks = [delimiter] if delimiter else list(DELIMITERS)
    scores = {mark: evenness(body, mark) for mark in marks}
    if max(scores.values(), default=0) >= 0.9 or delimiter == NONE:
        return delimiter or guess_delimiter(body), start, ""
    for at in _starts(lines, start):
        part = "".join(lines[at:])
        for mark in marks:
            if _begins(lines[start:at], part, mark):
                count = at - start
                told = f"{count} lines" if count > 1 else "1 line"
                return mark, at, f"{told} before the table had fewer cells than its rows."
    return delimiter or guess_delimiter(body), start, ""


def _starts(lines: Sequence[str], start: int) -> Iterator[int]:
    """Lines that a table may begin at: first those after a blank one, then all."""
    last = min(len(lines) - 1, start + _PREAMBLE)
    after = [at for at in range(start + 1, last) if not lines[at - 1].strip() and lines[at].strip()]
    yield from after[:1]
    yield from (at for at in range(start + 1, last) if lines[at].strip())


def _begins(before: Sequence[str], body: str, mark: str) -> bool:
    """Whether a table begins after some lines: evenly, and wider than what is before."""
    if evenness(body, mark) < 0.95:
        return False
    rows = [row for row in islice(reader(body, mark), _SAMPLE) if row]
    heads = [row for row in reader("".join(before), mark) if _full(row)]
    later = [cell for row in rows for cell in row[1:]]
    prose = 2 * sum(cell.startswith(" ") for cell in later) > len(later)
    if prose or len(rows) < 2 or 2 * len(rows) < len(heads):
        return False
    return is_header(rows)[0] and all(len(_full(row)) < len(rows[0]) for row in heads)


def reader(text: str, delimiter: str, *, strict: bool = False, quotes: bool = True) -> Any:
    """Rows of cells of a text."""
    csv.field_size_limit(2**31 - 1)  # the module's own is 128 kB; a C long on Windows has 32 bits
    # The empty line at the end is swallowed by a quotation mark that was never closed.
    return csv.reader(
        chain(io.StringIO(text, newline=""), [] if strict else ["\n"]),
        delimiter=delimiter,
        strict=strict,
        quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
    )


def doubled(text: str) -> str | None:
    """The separator of two signs that parts all of the first lines alike, if one does."""
    lines = [line for line in islice(io.StringIO(text), _SAMPLE) if line.strip()]
    for mark in DOUBLE:
        counts = {line.count(mark) for line in lines}
        if len(counts) == 1 and counts != {0} and len(lines) > 1:
            return mark
    return None


def guess_delimiter(text: str) -> str:
    """The delimiter that parts the first rows as evenly as the first of them."""
    found = {mark: score for mark in DELIMITERS if (score := evenness(text, mark))}
    even = next((mark for mark, score in found.items() if score >= 0.9), None)
    return even or max(found, key=found.__getitem__, default=NONE)


def evenness(text: str, delimiter: str) -> float:
    """Share of the first rows that have as many cells as the very first; 0 for no table."""
    rows, clean = [], True
    try:
        for row in islice(reader(text, delimiter, strict=True), _SAMPLE):
            rows.append(row)
    except csv.Error:
        clean = False
        rows = list(islice(reader(text, delimiter), _SAMPLE))
    rows = [row for row in rows if row]
    if not rows or len(rows[0]) < 2:
        return 0
    share = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    later = [cell for row in rows for cell in row[1:]]
    spaced = 2 * sum(cell.startswith(" ") for cell in later) > len(later)
    prose = 2 * sum(row[-1].rstrip().endswith((".", "!", "?")) for row in rows) > len(rows)
    # A delimiter with a space after it is most likely a comma within a sentence.
    if (spaced and prose) or share < (0.9 if spaced else 0.5):
        return 0
    return share if clean else share / 2


def rows_before_names(rows: Sequence[Sequence[Any]]) -> int:
    """How many rows of one length stand above the names of the columns: titles, notes, gaps.

    Such rows have at most one cell, or half of them; below them is a row that is full.
    """
    width = len(rows[0]) if rows else 0
    if width < 2 or len(_full(rows[0])) == width:
        return 0
    for at, row in enumerate(rows[: _PREAMBLE + 1]):
        filled = len(_full(row))
        if filled == width or (at and filled > max(1, width // 2)):
            return at if _is_head(rows, at) else 0
        if filled > max(1, width // 2):
            return 0
    return 0


def _is_head(rows: Sequence[Sequence[Any]], at: int) -> bool:
    """Whether row ``at`` names columns: it has text above other kinds, or the table is wide."""
    body = rows[at + 1 : at + 1 + _SAMPLE]
    if not body:
        return False
    kinds = [kind_of_column([row[i] for row in body]) for i in range(len(rows[0]))]
    plain = (CellKind.TEXT, CellKind.MISSING)
    typed = [i for i, kind in enumerate(kinds) if kind not in plain]
    if typed:
        return any(kind_of_column([rows[at][i]]) is CellKind.TEXT for i in typed)
    return len(rows[0]) > 2


def _full(row: Sequence[Any]) -> list[Any]:
    return [cell for cell in row if cell is not None and str(cell).strip()]
