"""Options of verbs that read a table: what was detected wrongly, and what columns are for."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.base.errors import InputError, counted, listed, shorten
from core.cli import files
from core.readers import table_roles, tables
from core.readers.table_layout import Given
from core.readers.tables import Table
from core.sentences import dataset as text_dataset, datasets
from core.sentences.dataset import TextDataset
from core.storage import data_home


def add_column(parser: argparse.ArgumentParser, help: str) -> None:
    """The column with the texts, by either of its names."""
    parser.add_argument("--column", "--text", dest="column", metavar="COLUMN", help=help)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How a table is read, where it was detected wrongly, and which columns are what."""
    group = parser.add_argument_group("tables", "what is not given is detected, and told by --json")
    group.add_argument("--encoding", metavar="NAME", help="such as utf-8, cp1251, shift_jis")
    group.add_argument("--separator", metavar="SIGN", help="comma, tab, semicolon, or the sign")
    group.add_argument(
        "--header", choices=["yes", "no"], help="whether the first row names columns"
    )
    group.add_argument("--decimal", choices=[".", ","], help="the sign before fractions")
    group.add_argument("--skip", type=int, metavar="N", help="lines before the table")
    group.add_argument(
        "--vectors",
        metavar="COLUMN",
        help="the column of vectors; PREFIX* or FIRST..LAST for several, none for none",
    )
    group.add_argument("--label", metavar="COLUMN", help="the column of labels")
    group.add_argument("--id", metavar="COLUMN", help="the column whose values name the rows")


LARGE = 100_000_000  # bytes from which a file that can be is read by parts


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person says of a table.

    Attributes:
        given: how it is laid out, where that was detected wrongly.
        text: the column with the texts.
        vectors: those with the vectors, as ``table_vectors.choose`` takes them.
        label: the column of labels.
        row_id: the column whose values name the rows.
    """

    given: Given = Given()  # noqa: RUF009  # frozen
    text: str | None = None
    vectors: str | None = None
    label: str | None = None
    row_id: str | None = None


DEFAULT = Choice()


@dataclass(frozen=True, slots=True)
class Source:
    """A table as it was named, with what was detected.

    Attributes:
        digest: of the file's bytes, or of what is kept.
        roles: what was chosen when a dataset was imported, as of ``DatasetEntry``.
    """

    name: str
    table: Table
    digest: str
    roles: Mapping[str, str] = field(default_factory=dict)


def choice(options: argparse.Namespace) -> Choice:
    """What the options say of a table."""
    header = "no" if getattr(options, "no_header", False) else options.header
    given = Given(
        options.encoding,
        options.separator,
        None if header is None else header == "yes",
        options.decimal,
        options.skip,
    )
    return Choice(given, options.column, options.vectors, options.label, options.id)


def read(source: str, chosen: Choice = DEFAULT) -> Source:
    """The table in a file, or of a dataset of this name.

    Raises:
        InputError: there is none, it cannot be read, or an option is wrong.
    """
    path = data_home.given_path(source)
    if not path.exists():
        entry = datasets.find_dataset(source)
        return Source(entry.name, datasets.read_table(entry), entry.digest, entry.roles)
    if parts := files.parts_in(path):
        table = tables.read_parts([(one.name, one) for one in parts], given=chosen.given)
        digests = [data_home.digest_file(one).encode() for one in parts]
        return Source(path.name, table, data_home.digest_bytes(*digests))
    if path.is_file() and path.stat().st_size > LARGE and tables.kind_by_parts(path):
        table = tables.read_table(path.name, path, given=chosen.given)  # by parts
        return Source(path.name, table, data_home.digest_file(path))
    path, data = files.read_table(source)
    table = tables.read_table(path.name, data, given=chosen.given)
    return Source(path.name, table, data_home.sha256(data))


def only(source: Source, columns: str | None) -> Source:
    """The same with some of its columns, named with commas between; ``None`` for all.

    Raises:
        InputError: there is no such column.
    """
    if columns is None:
        return source
    names = [name.strip() for name in columns.split(",")]
    for name in names:
        require_column(source, name)
    frame = source.table.frame[[name for name in names if name in source.table.frame.columns]]
    vectors = {n: v for n, v in source.table.vectors.items() if n in names}
    table = replace(source.table, frame=frame, vectors=vectors)
    return replace(source, table=table, roles={})  # which may be of other columns


def require_column(source: Source, name: str) -> None:
    """Checks that a table has a column.

    Raises:
        InputError: it has not.
    """
    known = [*map(str, source.table.frame.columns), *source.table.vectors]
    if name not in known:
        raise InputError(
            f"{shorten(source.name)} has no column “{shorten(name)}”.",
            f"It has: {listed(known, 30)}.",
            "Name one of these.",
        )


def texts(source: Source, chosen: Choice = DEFAULT, model: str = "") -> TextDataset:
    """The texts of a table, with its vectors where it has some.

    Raises:
        InputError: a column that is named is not there, or none holds text.
    """
    for name in (chosen.label, chosen.row_id):
        if name is not None:
            require_column(source, name)
    roles = source.roles
    text = roles.get("text") if chosen.text is None else chosen.text
    vectors = roles.get("vectors") if chosen.vectors is None else chosen.vectors
    model = model or roles.get("model", "")
    return text_dataset.from_table(source.name, source.table, text, source.digest, vectors, model)


def told(
    source: Source, chosen: Choice = DEFAULT, dataset: TextDataset | None = None
) -> dict[str, Any]:
    """What was detected, and what was left out, as ``--json`` says it."""
    table = source.table
    roles = table_roles.by_role(table_roles.find_roles(table.frame, table.vectors))
    if dataset is not None:
        roles.pop("vectors", None)
        roles["text"] = dataset.column
        if dataset.own is not None:
            roles["vectors"] = dataset.own.column
    roles |= {
        role: name
        for role, name in (("label", chosen.label), ("id", chosen.row_id))
        if name is not None
    }
    detected = {} if table.detected is None else table.detected.as_dict()
    left_out = [{"count": one.count, "reason": one.reason} for one in table.left_out]
    if dataset is not None and len(dataset) < len(table.frame):
        reason = "no whole vector" if dataset.own is not None else "no text"
        left_out.append({"count": len(table.frame) - len(dataset), "reason": f"rows with {reason}"})
    return {
        "detected": detected | {"columns": roles},
        "rows": len(table.frame),
        "left_out": left_out,
    }


def row_ids(source: Source, chosen: Choice, dataset: TextDataset) -> list[Any]:
    """What the rows are called in an answer: their numbers, or the values of ``--id``.

    Raises:
        InputError: a value stands twice.
    """
    if chosen.row_id is None:
        return dataset.numbers
    column = source.table.frame[chosen.row_id]
    values = [tables.cell_text(column.iloc[number - 1]) for number in dataset.numbers]
    if len(set(values)) < len(values):
        again = counted(len(values) - len(set(values)), "value")
        raise InputError(
            f"In the column “{shorten(chosen.row_id)}” {again} had come before.",
            "What names the rows is distinct.",
            "Name another column, or leave --id out.",
        )
    return values
