"""Qdrant by its REST interface (https://api.qdrant.tech); nothing needs to be installed for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from core.base.errors import InputError, ServiceError, shorten
from core.base.types import FloatArray
from core.databases import protocol, refusals, row_pages
from core.databases.conditions import Sign, Value, Wanted, comparisons
from core.databases.protocol import Answer, Collection, Field, Hit, Page

if TYPE_CHECKING:
    import pyarrow as pa

_POINT = "id"  # how the point's own id is called among the columns
_OWN_ID = "_id"  # where an id that Qdrant does not take stands in the payload
_UNNAMED = "vector"  # a collection's only field of vectors, which has no name there
_NAMESPACE = uuid.UUID("6f0d3c52-6d0e-5c3e-9a52-0d5a3f2f7f0e")  # of ids made from text
_MANHATTAN = ("euclid", "manhattan")  # smaller is nearer


class QdrantDatabase:
    """A Qdrant server."""

    kind = "Qdrant"

    def __init__(self, address: str, key: str = "") -> None:
        """Prepares the connection; the first question is the first request.

        Args:
            key: its API key, which goes along in a header.
        """
        import httpx2

        self.address = address.rstrip("/")
        self._client = httpx2.Client(
            base_url=self.address,
            headers={"api-key": key} if key else {},
            timeout=httpx2.Timeout(protocol.TIMEOUT, connect=protocol.CONNECTING),
            follow_redirects=False,  # the key goes where it was meant to
        )

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What Qdrant answers under ``result``.

        Raises:
            ServiceError: it does not answer, or what is no answer of Qdrant's.
            InputError: it refuses what was asked.
        """
        import httpx2

        with refusals.told_errors(self.address, (httpx2.HTTPError, httpx2.InvalidURL)):
            answer = self._client.request(method, path, json=body)
        try:
            told = answer.json()
            if answer.is_success:
                return told["result"]
            status = told["status"]
            reason = str(status["error"] if isinstance(status, dict) else status)
        except (ValueError, KeyError, TypeError):
            reason = f"HTTP status {answer.status_code}"
            if answer.is_success:
                raise ServiceError(
                    f"{self.address} answers what is none of Qdrant's answers.",
                    "The address of Qdrant's REST interface is needed, often at port 6333.",
                    "Check the address.",
                ) from None
        if answer.status_code in {401, 403}:
            raise ServiceError(
                f"{self.address} does not take this key.",
                "It wants an API key that may do this.",
                "Type the key, or set EMBEDDING_EXPLORER_DATABASE_KEY.",
            )
        raise InputError(
            f"{self.address} refuses: {shorten(reason, 160).rstrip('.')}.",
            "It takes what its collection is made for.",
            "Check the name and what this key may do.",
        )

    def collections(self) -> list[str]:
        """As of ``Database``."""
        return sorted(str(one["name"]) for one in self._ask("GET", "/collections")["collections"])

    def describe(self, name: str) -> Collection:
        """As of ``Database``: of the payload, fields that have an index.

        Raises:
            InputError: there is no such collection.
        """
        refusals.require_known(name, self.collections())
        told = self._ask("GET", _path(name))
        vectors = told["config"]["params"].get("vectors") or {}
        named = {_UNNAMED: vectors} if "size" in vectors else vectors
        fields = [
            Field(str(field), str(one["distance"]).lower(), int(one["size"]))
            for field, one in named.items()
            if not one.get("multivector_config")
        ]
        indexed = told.get("payload_schema") or {}
        payload = [Field(str(field), str(one["data_type"])) for field, one in indexed.items()]
        rows = int(told.get("points_count") or 0)
        point = Field(_POINT, "integer or UUID")
        return Collection(name, rows, (point, *fields, *payload), _POINT, open_ended=True)

    def pages(self, name: str, vectors: str) -> Iterator[Page]:
        """As of ``Database``.

        Raises:
            InputError: there is no such collection or field of vectors.
        """
        field = self.describe(name).vector(vectors)
        offset: Any = None
        while True:
            body = {
                "limit": protocol.PAGE,
                "with_payload": True,
                "with_vector": True if field.name == _UNNAMED else [field.name],
            }
            body |= {} if offset is None else {"offset": offset}
            told = self._ask("POST", _path(name, "/points/scroll"), body)
            rows = [_row(point) for point in told["points"]]
            names = dict.fromkeys(column for row in rows for column in row)
            columns = {
                column: [row_pages.cell(row.get(column)) for row in rows] for column in names
            }
            cells = [_vector(point, field.name) for point in told["points"]]
            if rows:
                yield row_pages.page_of_cells(cells, field.dim, columns)
            offset = told.get("next_page_offset")
            if offset is None:
                return

    def search(
        self, name: str, vectors: str, query: FloatArray, k: int, where: Mapping[str, Wanted]
    ) -> Answer:
        """By the collection's own index and metric; as of ``Database``, ``query`` ``(dim,)``.

        Raises:
            InputError: there is no such collection or field.
        """
        field = self.describe(name).vector(vectors)
        refusals.require_dim(name, field, len(query))
        body: dict[str, Any] = {"query": query.tolist(), "limit": k, "with_payload": True}
        body |= {} if field.name == _UNNAMED else {"using": field.name}
        if where:
            body["filter"] = {"must": [_condition(*one) for one in comparisons(where)]}
        found = self._ask("POST", _path(name, "/points/query"), body)["points"]
        sign = -1 if field.kind in _MANHATTAN else 1
        hits = []
        for point in found:
            row = _row(point)
            hits.append(Hit(str(row[_POINT]), sign * float(point["score"]), row))
        return Answer(field.kind, hits, self._index(name))

    def _index(self, name: str) -> str:
        """Qdrant has one kind of index, which it builds once a collection is large enough."""
        return "HNSW" if self._ask("GET", _path(name)).get("indexed_vectors_count") else ""

    def create(self, name: str, columns: Mapping[str, pa.DataType], dim: int) -> None:
        """As of ``Database``; columns go into the payload, which needs no description."""
        self._ask("PUT", _path(name), {"vectors": {"size": dim, "distance": "Cosine"}})

    def upsert(self, collection: Collection, ids: Sequence[str], page: Page) -> None:
        """As of ``Database``; an id that is no number or UUID gets one that is made from it."""
        field = collection.vector().name
        columns = {name: array.to_pylist() for name, array in page.columns.items()}
        points = []
        for at, given in enumerate(ids):
            point = _point_id(given)
            payload = {name: row_pages.sent(cells[at]) for name, cells in columns.items()}
            payload |= {} if str(point) == given else {_OWN_ID: given}
            row = page.vectors[at].tolist()
            vector = row if field == _UNNAMED else {field: row}
            points.append({"id": point, "vector": vector, "payload": payload})
        self._ask("PUT", _path(collection.name, "/points?wait=true"), {"points": points})

    def close(self) -> None:
        """As of ``Database``."""
        self._client.close()


def _path(name: str, rest: str = "") -> str:
    return f"/collections/{quote(name, safe='')}{rest}"


def _condition(key: str, sign: Sign, operands: Sequence[Value]) -> dict[str, Any]:
    """A comparison as Qdrant has it; it matches text and whole numbers, and has ranges for others.

    https://qdrant.tech/documentation/concepts/filtering/
    """
    if sign in (">=", "<="):
        return {"key": key, "range": {"gte" if sign == ">=" else "lte": operands[0]}}
    parts: list[dict[str, Any]] = [
        {"key": key, "range": {"gte": one, "lte": one}}
        if isinstance(one, float)
        else {"key": key, "match": {"value": one}}
        for one in operands
    ]
    return parts[0] if len(parts) == 1 else {"should": parts}


def _row(point: Mapping[str, Any]) -> dict[str, Any]:
    """A point's id, by which it was sent, and its payload."""
    payload = dict(point.get("payload") or {})
    given = payload.pop(_OWN_ID, point["id"])
    return {_POINT: str(given)} | {
        f"{name}_" if name == _POINT else name: cell for name, cell in payload.items()
    }


def _vector(point: Mapping[str, Any], field: str) -> Any:
    vector = point.get("vector")
    return vector.get(field) if isinstance(vector, dict) else vector


def _point_id(given: str) -> int | str:
    if given.isascii() and given.isdigit() and str(int(given)) == given and int(given) < 2**64:
        return int(given)
    try:
        if str(uuid.UUID(given)) == given:
            return given
    except ValueError:
        pass
    return str(uuid.uuid5(_NAMESPACE, given))
