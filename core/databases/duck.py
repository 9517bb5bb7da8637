"""DuckDB files, and SQL over any Parquet file or folder of them (https://duckdb.org)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.databases import protocol, refusals, row_pages
from core.databases.conditions import Value, Wanted, comparisons
from core.databases.protocol import Answer, Collection, Field, Page

if TYPE_CHECKING:
    import pyarrow as pa

ENDINGS = (".duckdb", ".ddb")
QUERY = "query"  # what the answer of a person's SQL is called
_LIST = re.compile(r"(?:FLOAT|DOUBLE|REAL)\[(\d*)\]")
_OWN = "main"


def quoted(name: str) -> str:
    """A name as an SQL identifier, whatever it holds.

    Raises:
        InputError: it holds a NUL, which no identifier may.
    """
    if "\0" in name:
        raise InputError("A name holds a NUL.", "No name of a table may.", "Take it out.")
    return '"' + name.replace('"', '""') + '"'


class DuckDatabase:
    """A DuckDB file, or Parquet files as its views."""

    kind = "DuckDB"

    def __init__(self, path: Path, *, write: bool = False, query: str = "") -> None:
        """Opens it, only for reading unless ``write``.

        Args:
            query: a SELECT, whose answer is a collection of its own.

        Raises:
            NotReadyError: DuckDB is not installed.
            InputError: it is no such file, or ``query`` is not one SELECT.
        """
        try:
            import duckdb
        except ImportError as error:
            raise refusals.missing("DuckDB", "duckdb") from error
        self._errors = (duckdb.Error,)
        self.address = str(path)
        self._made: dict[tuple[str, str], Collection] = {}
        with refusals.told_errors(self.address, (), self._errors):
            if path.suffix.lower() in ENDINGS:
                self._opened = duckdb.connect(str(path), read_only=not write)
                views: dict[str, Path] = {}
            else:
                self._opened = duckdb.connect(":memory:")
                self.kind = "Parquet by DuckDB"
                files = [path] if path.is_file() else sorted(path.glob("*.parquet"))
                views = {one.stem: one for one in files}
                paths = ", ".join(_text(str(one)) for one in files)
                self._run(f"SET allowed_paths = [{paths}]")
            # What SQL may reach is what was named, whatever a query says.
            self._run("SET enable_external_access = false")
            self._run("SET lock_configuration = true")
            for name, one in views.items():
                self._opened.read_parquet(str(one)).create_view(name)
            if query:
                self._view(query)

    def _run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of an answer: an unread one keeps the connection busy."""
        rows: list[tuple[Any, ...]] = self._opened.execute(sql, list(values)).fetchall()
        return rows

    def _view(self, query: str) -> None:
        import duckdb

        statements = self._opened.extract_statements(query)
        if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
            raise InputError(
                f"“{shorten(query)}” is not one SELECT.",
                "What is opened is the answer of one SELECT, which changes nothing.",
                "Write SELECT … FROM …",
            )
        selected = statements[0].query.strip().rstrip(";")
        self._run(f"CREATE TEMP VIEW {quoted(QUERY)} AS {selected}")

    def _tables(self) -> dict[str, str]:
        """Names for a person, and the same as quoted SQL."""
        with refusals.told_errors(self.address, (), self._errors):
            rows = self._run(
                "SELECT table_schema, table_name FROM information_schema.tables "
                "WHERE table_schema <> 'information_schema' "
                "ORDER BY table_schema, table_name"
            )
        return {
            name if schema == _OWN else f"{schema}.{name}": f"{quoted(schema)}.{quoted(name)}"
            if schema != _OWN
            else quoted(name)
            for schema, name in rows
        }

    def collections(self) -> list[str]:
        """Its tables and views."""
        return list(self._tables())

    def _table(self, name: str) -> str:
        tables = self._tables()
        refusals.require_known(name, list(tables))
        return tables[name]

    def describe(self, name: str) -> Collection:
        """As of ``Database``; lists of fractions are vectors.

        Raises:
            InputError: there is no such table.
        """
        table = self._table(name)
        with refusals.told_errors(self.address, (), self._errors):
            columns = self._run(f"DESCRIBE {table}")
            [(rows,)] = self._run(f"SELECT count(*) FROM {table}")
            fields = tuple(
                Field(str(column), str(kind), self._dim(table, str(column), str(kind)))
                for column, kind, *_ in columns
            )
        keys = [str(column) for column, _, _, key, *_ in columns if key == "PRI"]
        return Collection(name, int(rows), fields, keys[0] if len(keys) == 1 else "")

    def _dim(self, table: str, column: str, kind: str) -> int:
        match = _LIST.fullmatch(kind)
        if match is None:
            return 0
        if match[1]:
            return int(match[1])
        first = self._run(
            f"SELECT len({quoted(column)}) FROM {table} WHERE len({quoted(column)}) > 1 LIMIT 1"
        )
        return int(first[0][0]) if first else 0

    def pages(self, name: str, vectors: str) -> Iterator[Page]:
        """As of ``Database``.

        Raises:
            InputError: there is no such table or field of vectors.
        """
        collection = self.describe(name)
        field = collection.vector(vectors)
        wanted = ", ".join(map(quoted, [*collection.others(), field.name]))
        with refusals.told_errors(self.address, (), self._errors):
            found = self._opened.sql(f"SELECT {wanted} FROM {self._table(name)}")
            batches = found.to_arrow_reader(protocol.PAGE)
            yield from row_pages.pages_of_batches(batches, field.name, field.dim)

    def search(
        self, name: str, vectors: str, query: FloatArray, k: int, where: Mapping[str, Wanted]
    ) -> Answer:
        """Exact, by cosine; as of ``Database``, ``query`` ``(dim,)``.

        Raises:
            InputError: there is no such table or field.
        """
        collection = self.describe(name)
        field = collection.vector(vectors)
        refusals.require_dim(name, field, len(query))
        column, dim = quoted(field.name), field.dim
        score = (
            f"CASE WHEN len({column}) = {dim} THEN "
            f"list_cosine_similarity({column}::FLOAT[], ?::FLOAT[]) END"
        )
        wanted = "".join(f", {quoted(one)}" for one in collection.others())
        limits, values = "", list[Value]()
        for one, sign, operands in comparisons(where):
            limits += f" AND {quoted(one)} {sign} ({', '.join('?' * len(operands))})"
            values += operands
        with refusals.told_errors(self.address, (), self._errors):
            found = self._run(
                f"SELECT * FROM (SELECT {score} AS score{wanted} FROM {self._table(name)} "
                f"WHERE {column} IS NOT NULL{limits}) WHERE score IS NOT NULL "
                f"ORDER BY score DESC LIMIT {int(k)}",
                [query.tolist(), *values],
            )
        names = collection.others()
        hits = [
            protocol.hit(collection, float(similarity), dict(zip(names, cells, strict=True)))
            for similarity, *cells in found
        ]
        return Answer("cosine", hits)

    def create(self, name: str, columns: Mapping[str, pa.DataType], dim: int) -> None:
        """As of ``Database``."""
        key, vectors = quoted(protocol.NEW_KEY), quoted(protocol.NEW_VECTORS)
        others = "".join(
            f", {quoted(one)} {row_pages.sql_type(kind)}" for one, kind in columns.items()
        )
        with refusals.told_errors(self.address, (), self._errors):
            self._run(
                f"CREATE TABLE {quoted(name)} "
                f"({key} VARCHAR PRIMARY KEY, {vectors} FLOAT[{int(dim)}]{others})"
            )

    def upsert(self, collection: Collection, ids: Sequence[str], page: Page) -> None:
        """As of ``Database``."""
        import pyarrow as pa

        arrays = row_pages.as_rows(collection, ids, page)
        names = ", ".join(map(quoted, arrays))
        changed = [f"{quoted(one)} = excluded.{quoted(one)}" for one in arrays]
        with refusals.told_errors(self.address, (), self._errors):
            self._opened.register("incoming rows", pa.table(arrays))
            table, key = self._table(collection.name), quoted(collection.key)
            insert = f'INSERT INTO {table} ({names}) SELECT {names} FROM "incoming rows"'
            known = f'SELECT 1 FROM {table} WHERE {key} IN (SELECT {key} FROM "incoming rows")'
            if self._run(f"{known} LIMIT 1"):  # the way with conflicts changes the rows' order
                insert += f" ON CONFLICT ({key}) DO UPDATE SET {', '.join(changed[1:])}"
            self._run(insert)
            self._opened.unregister("incoming rows")

    def close(self) -> None:
        """As of ``Database``."""
        self._opened.close()


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
