"""Milvus: an embedded file (Milvus Lite) or a server, by the same client (https://milvus.io)."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import InputError, shorten
from core.base.types import FloatArray
from core.databases import milvus_values, protocol, refusals, row_pages
from core.databases.conditions import Wanted
from core.databases.protocol import Answer, Collection, Field, Hit, Page

if TYPE_CHECKING:
    import pyarrow as pa

ENDING = ".db"
_NO_CONNECTION = 2  # pymilvus.exceptions.ErrorCode.CONNECT_FAILED and the like
_EXACT = ("FLAT", "GPU_BRUTE_FORCE")
# How many of HNSW's candidates a file's search keeps (efSearch). By its own 64 a filter that lets a
# tenth of 20,000 rows pass left 0.65 of the ten nearest, by this all, in the same time.
_WIDTH = 2_048
_users: Counter[str] = Counter()  # of each file's server, which runs in this process
_starting = threading.Lock()


class MilvusDatabase:
    """A Milvus server, or a file of Milvus Lite, which this process serves to itself."""

    kind = "Milvus"

    def __init__(self, place: str | Path, key: str = "") -> None:
        """Connects.

        Args:
            place: a file of Milvus Lite, or a server's address.
            key: its token, or ``user:password``.

        Raises:
            NotReadyError: pymilvus, or for a file milvus-lite, is not installed.
            ServiceError: it does not answer.
        """
        try:
            import grpc
            import pymilvus

            if isinstance(place, Path):
                import milvus_lite  # noqa: F401  # what pymilvus looks for
        except ImportError as error:
            raise refusals.missing("Milvus's client", "pymilvus milvus-lite") from error
        # It writes whole tracebacks to standard error of what is told here in one line.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        logging.getLogger("milvus_lite").setLevel(logging.CRITICAL)
        self.address = str(place)
        self._written: set[str] = set()
        self._indexes: dict[tuple[str, str], tuple[str, str]] = {}  # by collection and field
        self._file = str(place.resolve()) if isinstance(place, Path) else ""
        if self._file:
            self.kind = "Milvus Lite"
        self._errors = (pymilvus.MilvusException, grpc.RpcError, grpc.FutureTimeoutError)
        with self._told(), _starting:
            self._client = pymilvus.MilvusClient(
                uri=self._file or self.address, token=key, timeout=protocol.CONNECTING
            )
            _users[self._file] += 1

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Its errors as ours."""
        import pymilvus

        with refusals.told_errors(self.address, (ConnectionError, *self._errors[1:]), self._errors):
            try:
                yield
            except pymilvus.MilvusException as error:
                if error.code == _NO_CONNECTION:
                    raise ConnectionError(error.message) from error
                raise

    def collections(self) -> list[str]:
        """As of ``Database``."""
        with self._told():
            return sorted(self._client.list_collections(timeout=protocol.TIMEOUT))

    def describe(self, name: str) -> Collection:
        """As of ``Database``.

        Raises:
            InputError: there is no such collection.
        """
        collection = self._fields(name)
        with self._told():
            counted = self._client.get_collection_stats(name, timeout=protocol.TIMEOUT)
        return replace(collection, rows=int(counted["row_count"]))

    def _fields(self, name: str) -> Collection:
        """What it is, its rows not counted: Milvus Lite goes through all of them for that."""
        refusals.require_known(name, self.collections())
        with self._told():
            told = self._client.describe_collection(name, timeout=protocol.TIMEOUT)
        fields = [
            Field(str(one["name"]), one["type"].name, milvus_values.dim(one))
            for one in told["fields"]
            if not one["type"].name.endswith("VECTOR") or milvus_values.dim(one)
        ]
        keys = [str(one["name"]) for one in told["fields"] if one.get("is_primary")]
        return Collection(
            name,
            0,
            tuple(fields),
            keys[0] if keys else "",
            bool(told.get("enable_dynamic_field")),
        )

    def pages(self, name: str, vectors: str) -> Iterator[Page]:
        """As of ``Database``.

        Raises:
            InputError: there is no such collection or field of vectors.
        """
        collection = self._fields(name)
        field = collection.vector(vectors)
        hidden = {one.name for one in collection.vectors}
        with self._told():
            self._client.load_collection(name, timeout=protocol.WRITING)
            rows = self._client.query_iterator(
                name,
                batch_size=protocol.PAGE,
                output_fields=self._wanted(collection, field),
                timeout=protocol.TIMEOUT,
            )
        try:
            while True:
                with self._told():
                    batch = rows.next()
                if not batch:
                    return
                names = dict.fromkeys(column for row in batch for column in row)
                columns = {
                    column: [row_pages.cell(row.get(column)) for row in batch]
                    for column in names
                    if column not in hidden
                }
                yield row_pages.page_of_cells(
                    [row.get(field.name) for row in batch], field.dim, columns
                )
        finally:
            rows.close()

    @staticmethod
    def _wanted(collection: Collection, field: Field) -> list[str]:
        """What is asked for: all, or where another field of vectors would come along, by name."""
        if len(collection.vectors) == 1:
            return ["*"]
        dynamic = ["$meta"] if collection.open_ended else []
        return [*collection.others(), field.name, *dynamic]

    def search(
        self, name: str, vectors: str, query: FloatArray, k: int, where: Mapping[str, Wanted]
    ) -> Answer:
        """By the field's own index and metric; as of ``Database``, ``query`` ``(dim,)``.

        Raises:
            InputError: there is no such collection or field, or a name cannot stand in a filter.
        """
        collection = self._fields(name)
        field = collection.vector(vectors)
        refusals.require_dim(name, field, len(query))
        metric, index = self._index(name, field.name)
        others = collection.others() + (["*"] if len(collection.vectors) == 1 else [])
        with self._told():
            self._client.load_collection(name, timeout=protocol.WRITING)
            [found] = self._client.search(
                name,
                [query.tolist()],
                anns_field=field.name,
                filter=milvus_values.expression(where),
                limit=k,
                output_fields=others,
                # A server weighs time against recall by its own settings.
                search_params={"params": {"ef": max(k, _WIDTH)}} if self._file else None,
                timeout=protocol.TIMEOUT,
            )
        hits = []
        for one in found:
            row = {key: cell for key, cell in one["entity"].items() if key != field.name}
            distance = float(one["distance"])
            score = -distance if metric == "l2" else distance
            hits.append(Hit(str(one.get(collection.key, one.get("id", ""))), score, row))
        return Answer(metric, hits, "" if index in _EXACT else index)

    def _index(self, name: str, field: str) -> tuple[str, str]:
        """The metric of a field's index, and what kind it is.

        Asked once: Milvus Lite counts the rows each time, 3 s of a million.
        """
        if (name, field) in self._indexes:
            return self._indexes[name, field]
        with self._told():
            for index in self._client.list_indexes(name, timeout=protocol.TIMEOUT):
                told = self._client.describe_index(name, index, timeout=protocol.TIMEOUT)
                if told.get("field_name", field) == field:
                    metric = str(told.get("metric_type", "COSINE")).lower()
                    self._indexes[name, field] = metric, str(told.get("index_type", ""))
                    return self._indexes[name, field]
        raise InputError(
            f"“{shorten(name)}” has no index of “{shorten(field)}”.",
            "Milvus searches fields with an index.",
            "Open the collection and search it here, or have an index made there.",
        )

    def create(self, name: str, columns: Mapping[str, pa.DataType], dim: int) -> None:
        """As of ``Database``; names that Milvus takes for none of a field stay in the rows."""
        import pymilvus

        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=True)
        text = pymilvus.DataType.VARCHAR
        schema.add_field(
            protocol.NEW_KEY, text, is_primary=True, max_length=milvus_values.LONGEST_KEY
        )
        schema.add_field(protocol.NEW_VECTORS, pymilvus.DataType.FLOAT_VECTOR, dim=dim)
        index = self._client.prepare_index_params()
        index.add_index(protocol.NEW_VECTORS, index_type="AUTOINDEX", metric_type="COSINE")
        with self._told():
            self._client.create_collection(
                name, schema=schema, index_params=index, timeout=protocol.TIMEOUT
            )

    def upsert(self, collection: Collection, ids: Sequence[str], page: Page) -> None:
        """As of ``Database``.

        Raises:
            InputError: an id or a text is longer than Milvus takes.
        """
        columns = {name: array.to_pylist() for name, array in page.columns.items()}
        field = collection.vector().name
        keys = milvus_values.keys(collection, ids)
        rows = [
            {
                collection.key: keys[at],
                field: page.vectors[at].tolist(),
                **{name: row_pages.sent(cells[at]) for name, cells in columns.items()},
            }
            for at in range(len(ids))
        ]
        with self._told():
            self._client.upsert(collection.name, rows, timeout=protocol.WRITING)
        self._written.add(collection.name)

    def close(self) -> None:
        """As of ``Database``; a file's server ends with its last user."""
        with contextlib.suppress(*self._errors):
            for name in self._written:  # rows that are not sealed have no index yet
                self._client.flush(name, timeout=protocol.WRITING)
            self._client.close()
        if not self._file:
            return
        from milvus_lite.server_manager import server_manager_instance

        with _starting:
            _users[self._file] -= 1
            if not _users[self._file]:
                server_manager_instance.release_server(self._file)
