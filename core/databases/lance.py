"""LanceDB folders (https://lancedb.com)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.databases import protocol, refusals, row_pages
from core.databases.conditions import Wanted, comparisons
from core.databases.protocol import Answer, Collection, Field, Page

if TYPE_CHECKING:
    import pyarrow as pa

ENDING = ".lance"  # of a table's folder
_DISTANCE = "_distance"


class LanceDatabase:
    """A folder of LanceDB."""

    kind = "LanceDB"

    def __init__(self, path: Path, *, write: bool = False) -> None:
        """Opens it; reading changes nothing.

        Raises:
            NotReadyError: LanceDB is not installed.
        """
        try:
            import lancedb
        except ImportError as error:
            raise refusals.missing("LanceDB", "lancedb") from error
        self.address = str(path)
        self._write = write
        # Its errors are Python's own.
        self._errors = (ValueError, RuntimeError, OSError)
        with refusals.told_errors(self.address, (), self._errors):
            self._opened = lancedb.connect(str(path))

    def collections(self) -> list[str]:
        """As of ``Database``."""
        names: list[str] = []
        token = None
        with refusals.told_errors(self.address, (), self._errors):
            while True:
                answer = self._opened.list_tables(page_token=token)
                names += answer.tables
                token = answer.page_token
                if not token:
                    return names

    def _table(self, name: str) -> Any:
        refusals.require_known(name, self.collections())
        with refusals.told_errors(self.address, (), self._errors):
            return self._opened.open_table(name)

    def describe(self, name: str) -> Collection:
        """As of ``Database``; its key is the column ``id``, where it has one.

        Raises:
            InputError: there is no such table.
        """
        import pyarrow as pa

        table = self._table(name)
        with refusals.told_errors(self.address, (), self._errors):
            fields = [
                Field(
                    one.name,
                    str(one.type),
                    one.type.list_size
                    if pa.types.is_fixed_size_list(one.type)
                    and pa.types.is_floating(one.type.value_type)
                    else 0,
                )
                for one in table.schema
            ]
            rows = int(table.count_rows())
        named = {one.name for one in fields}
        key = protocol.NEW_KEY if protocol.NEW_KEY in named else ""
        return Collection(name, rows, tuple(fields), key)

    def pages(self, name: str, vectors: str) -> Iterator[Page]:
        """As of ``Database``.

        Raises:
            InputError: there is no such table or field of vectors.
        """
        collection = self.describe(name)
        field = collection.vector(vectors)
        with refusals.told_errors(self.address, (), self._errors):
            asked = self._table(name).search().select([*collection.others(), field.name])
            batches = asked.to_batches(batch_size=protocol.PAGE)
            yield from row_pages.pages_of_batches(batches, field.name, field.dim)

    def search(
        self, name: str, vectors: str, query: FloatArray, k: int, where: Mapping[str, Wanted]
    ) -> Answer:
        """By cosine, through its index where it has one; as of ``Database``, ``query`` ``(dim,)``.

        Raises:
            InputError: there is no such table or field.
        """
        collection = self.describe(name)
        field = collection.vector(vectors)
        refusals.require_dim(name, field, len(query))
        table = self._table(name)
        asked = table.search(query, vector_column_name=field.name).metric("cosine")
        if where:
            limits = [
                f"{_quoted(one)} {sign} ({', '.join(map(_literal, operands))})"
                for one, sign, operands in comparisons(where)
            ]
            asked = asked.where(" AND ".join(limits), prefilter=True)
        with refusals.told_errors(self.address, (), self._errors):
            found = asked.select([*collection.others(), _DISTANCE]).limit(k).to_list()
            indexes = table.list_indices()
        distances = [float(row.pop(_DISTANCE)) for row in found]
        hits = [
            protocol.hit(collection, 1 - far, row)
            for far, row in zip(distances, found, strict=True)
        ]
        return Answer("cosine", hits, _index_of(indexes, field.name))

    def create(self, name: str, columns: Mapping[str, pa.DataType], dim: int) -> None:
        """As of ``Database``.

        Raises:
            InputError: it was opened for reading, or has such a table.
        """
        import pyarrow as pa

        self._require_write()
        lists = pa.list_(pa.float32(), dim)
        own = [(protocol.NEW_KEY, pa.string()), (protocol.NEW_VECTORS, lists)]
        with refusals.told_errors(self.address, (), self._errors):
            self._opened.create_table(name, schema=pa.schema([*own, *columns.items()]))

    def upsert(self, collection: Collection, ids: Sequence[str], page: Page) -> None:
        """As of ``Database``.

        Raises:
            InputError: it was opened for reading.
        """
        import pyarrow as pa

        self._require_write()
        rows = row_pages.as_rows(collection, ids, page)
        table = self._table(collection.name)
        with refusals.told_errors(self.address, (), self._errors):
            merge = table.merge_insert(collection.key)
            merge.when_matched_update_all().when_not_matched_insert_all().execute(pa.table(rows))

    def _require_write(self) -> None:
        if not self._write:
            raise InputError(
                f"{shorten(self.address)} was opened in read-only mode.",
                "Sending rows opens it for writing.",
                "Send them with the verb send, or from the app.",
            )

    def close(self) -> None:
        """As of ``Database``; nothing stays open."""


def _index_of(indexes: Sequence[Any], field: str) -> str:
    """The kind of the index over a field of vectors; empty for none."""
    kinds = [str(one.index_type) for one in indexes if list(one.columns) == [field]]
    return kinds[0] if kinds else ""


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"
