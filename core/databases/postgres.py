"""PostgreSQL with the extension pgvector (https://github.com/pgvector/pgvector)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.base.types import FloatArray
from core.databases import postgres_values, protocol, refusals, row_pages
from core.databases.conditions import Value, Wanted, comparisons
from core.databases.protocol import Answer, Collection, Field, Page

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMES = ("postgresql://", "postgres://")
_NOT_COUNTED = -1
_TABLES = """
SELECT n.nspname, c.relname, c.oid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND has_table_privilege(c.oid, 'SELECT')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%%'
ORDER BY n.nspname <> 'public', n.nspname, c.relname
"""
_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), t.typname, a.atttypmod,
  a.attnum = ANY (SELECT unnest(i.indkey) FROM pg_index i
    WHERE i.indrelid = a.attrelid AND i.indisprimary AND i.indnatts = 1)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_VECTOR_INDEXES = """
SELECT quote_ident(c.relname), m.amname FROM pg_class c JOIN pg_am m ON m.oid = c.relam
WHERE m.amname IN ('hnsw', 'ivfflat')
"""


class PostgresDatabase:
    """A PostgreSQL server; tables and views with a column of type vector or halfvec."""

    kind = "PostgreSQL"

    def __init__(self, address: str, key: str = "", *, write: bool = False) -> None:
        """Connects, only for reading unless ``write``.

        Args:
            address: ``postgresql://USER@HOST/DATABASE`` without a password.
            key: the password; where it is empty libpq looks in its own places (``PGPASSWORD``,
                ``~/.pgpass``).

        Raises:
            NotReadyError: psycopg is not installed.
            ServiceError: the server does not answer, or not to this user.
        """
        try:
            import psycopg
        except ImportError as error:
            raise refusals.missing("PostgreSQL's client", "psycopg[binary]") from error
        self.address = address
        with refusals.told_errors(address, (psycopg.Error,)):
            self._opened = psycopg.connect(
                address,
                connect_timeout=int(protocol.CONNECTING),
                application_name="Embedding Explorer",
                options=f"-c statement_timeout={int(protocol.TIMEOUT * 1000)}",
                # seconds until a peer that is gone counts as gone
                keepalives_idle=int(protocol.TIMEOUT),
                tcp_user_timeout=int(protocol.TIMEOUT * 1000),
                **({"password": key} if key else {}),
            )
            self._opened.read_only = not write

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Its errors as ours; what was begun is undone."""
        import psycopg

        with refusals.told_errors(
            self.address, (psycopg.OperationalError, psycopg.InterfaceError), (psycopg.Error,)
        ):
            try:
                yield
            except psycopg.Error:
                if not self._opened.closed:
                    self._opened.rollback()
                raise

    def _run(self, statement: Any, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._told(), self._opened.transaction():
            rows: list[tuple[Any, ...]] = self._opened.execute(statement, list(values)).fetchall()
            return rows

    def _tables(self) -> dict[str, tuple[str, str, int]]:
        """Names for a person; schema, table and number of each."""
        return {
            table if schema == "public" else f"{schema}.{table}": (schema, table, int(number))
            for schema, table, number in self._run(_TABLES)
        }

    def collections(self) -> list[str]:
        """Its tables and views that this user may read, those of ``public`` first."""
        return list(self._tables())

    def _table(self, name: str) -> tuple[Any, int]:
        """A table as quoted SQL, and its number."""
        from psycopg import sql

        tables = self._tables()
        refusals.require_known(name, list(tables))
        schema, table, number = tables[name]
        return sql.Identifier(schema, table), number

    def describe(self, name: str) -> Collection:
        """As of ``Database``.

        Raises:
            InputError: there is no such table.
        """
        from psycopg import sql

        described = self._described(name)
        table, _ = self._table(name)
        [(rows,)] = self._run(sql.SQL("SELECT count(*) FROM {}").format(table))
        return replace(described, rows=int(rows))

    def _described(self, name: str) -> Collection:
        """The same without counting the rows, which reads all of them."""
        table, number = self._table(name)
        fields, keys = [], []
        for column, kind, base, modifier, is_key in self._run(_COLUMNS, [number]):
            dim = int(modifier) if base in {"vector", "halfvec"} else 0
            if dim < 0:  # a column of vectors of any length
                dim = self._first_dim(table, column)
            fields.append(Field(column, kind, dim))
            keys += [column] if is_key else []
        return Collection(name, _NOT_COUNTED, tuple(fields), keys[0] if keys else "")

    def _first_dim(self, table: Any, column: str) -> int:
        from psycopg import sql

        first = self._run(
            sql.SQL("SELECT vector_dims({0}) FROM {1} WHERE {0} IS NOT NULL LIMIT 1").format(
                sql.Identifier(column), table
            )
        )
        return int(first[0][0]) if first else 0

    def pages(self, name: str, vectors: str) -> Iterator[Page]:
        """By a cursor of the server, which sends ``PAGE`` rows at a time; as of ``Database``.

        Raises:
            InputError: there is no such table or field of vectors.
        """
        from psycopg import sql

        collection = self.describe(name)
        field = collection.vector(vectors)
        table, _ = self._table(name)
        # binary, and as bytes: text would have each number parsed
        sent = sql.SQL("vector_send({}::vector)").format(sql.Identifier(field.name))
        wanted = sql.SQL(", ").join([sent, *postgres_values.plain_columns(collection)])
        statement = sql.SQL("SELECT {} FROM {}").format(wanted, table)
        cursor = self._opened.cursor(name="embedding_explorer")
        with self._told(), self._opened.transaction(), cursor:
            cursor.execute(statement)
            while rows := cursor.fetchmany(protocol.PAGE):
                cells = list(zip(*rows, strict=True))
                columns = dict(zip(collection.others(), cells[1:], strict=True))
                vector_cells = [postgres_values.numbers(cell) for cell in cells[0]]
                yield row_pages.page_of_cells(vector_cells, field.dim, columns)

    def search(
        self, name: str, vectors: str, query: FloatArray, k: int, where: Mapping[str, Wanted]
    ) -> Answer:
        """By cosine distance, through its index where it has one; ``query`` ``(dim,)``.

        Raises:
            InputError: there is no such table or field.
        """
        from psycopg import sql

        collection = self._described(name)
        field = collection.vector(vectors)
        refusals.require_dim(name, field, len(query))
        table, _ = self._table(name)
        kind = sql.SQL("halfvec" if field.kind.startswith("halfvec") else "vector")
        column = sql.Identifier(field.name)
        distance = sql.SQL("{} <=> %s::{}").format(column, kind)
        limits, operands = [], list[Value]()
        for one, sign, wanted in comparisons(where):
            marks = sql.SQL(", ").join(sql.Placeholder() * len(wanted))
            limits.append(
                sql.SQL(" AND {} {} ({})").format(sql.Identifier(one), sql.SQL(sign), marks)
            )
            operands += wanted
        told = postgres_values.told_vector(query)
        plain = postgres_values.plain_columns(collection)
        statement = sql.SQL(
            "SELECT {distance}, {wanted} FROM {table} WHERE {column} IS NOT NULL{limits} "
            "ORDER BY {distance} LIMIT %s"
        ).format(
            distance=distance,
            wanted=sql.SQL(", ").join([*plain, sql.SQL("NULL")]),
            table=table,
            column=column,
            limits=sql.SQL("").join(limits),
        )
        values = [told, *operands, told, k]
        with self._told(), self._opened.transaction():
            self._look_on()
            rows = self._run(statement, values)
        names = collection.others()
        hits = [
            protocol.hit(collection, 1 - float(far), dict(zip(names, cells, strict=True)))
            for far, *cells, _ in rows
        ]
        return Answer("cosine", hits, self._asked_index(statement, values))

    def _look_on(self) -> None:
        """Has HNSW look on, until the transaction ends, where a filter left fewer than were asked.

        From pgvector 0.8 on; before, or with IVFFlat, fewer rows than ``k`` may come.
        https://github.com/pgvector/pgvector#iterative-index-scans
        """
        versions = self._run("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        if any(postgres_values.version(told) >= (0, 8) for (told,) in versions):
            self._run("SELECT set_config('hnsw.iterative_scan', 'strict_order', true)")

    def _asked_index(self, statement: Any, values: Sequence[Any]) -> str:
        """The approximate index by which a statement is answered; empty where all are compared.

        A planner decides that, by the table's size and the filter.
        """
        from psycopg import sql

        lines = self._run(sql.SQL("EXPLAIN {}").format(statement), values)
        used = re.findall(r"Index Scan using (\S+) on", "\n".join(line for (line,) in lines))
        kinds = [kind for name, kind in self._run(_VECTOR_INDEXES) if name in used]
        return kinds[0] if kinds else ""

    def create(self, name: str, columns: Mapping[str, pa.DataType], dim: int) -> None:
        """As of ``Database``.

        Raises:
            InputError: the extension is not there, or this user may not make a table.
        """
        from psycopg import sql

        key, vectors = sql.Identifier(protocol.NEW_KEY), sql.Identifier(protocol.NEW_VECTORS)
        others = [
            sql.SQL(", {} {}").format(sql.Identifier(one), sql.SQL(row_pages.sql_type(kind)))
            for one, kind in columns.items()
        ]
        with self._told(), self._opened.transaction():
            self._opened.execute(
                sql.SQL("CREATE TABLE {} ({} text PRIMARY KEY, {} vector({}){})").format(
                    sql.Identifier(name), key, vectors, sql.Literal(dim), sql.SQL("").join(others)
                )
            )

    def upsert(self, collection: Collection, ids: Sequence[str], page: Page) -> None:
        """As of ``Database``."""
        from psycopg import sql

        table, _ = self._table(collection.name)
        names = [collection.key, collection.vector().name, *page.columns]
        changed = [sql.SQL("{0} = excluded.{0}").format(sql.Identifier(one)) for one in names[1:]]
        statement = sql.SQL(
            "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET {}"
        ).format(
            table,
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join([sql.Placeholder()] * len(names)),
            sql.Identifier(collection.key),
            sql.SQL(", ").join(changed),
        )
        cells = [array.to_pylist() for array in page.columns.values()]
        vectors = [postgres_values.told_vector(row) for row in page.vectors]
        with self._told(), self._opened.transaction(), self._opened.cursor() as cursor:
            cursor.executemany(statement, list(zip(ids, vectors, *cells, strict=True)))

    def close(self) -> None:
        """As of ``Database``."""
        self._opened.close()
