"""What all vector databases are to the app: collections of rows with vectors, page by page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from core.base.errors import InputError, listed, shorten
from core.base.filters import Filter
from core.base.types import FloatArray
from core.databases.conditions import Range, Value, Wanted

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 1_000  # rows that are held at a time
TIMEOUT = 20.0  # seconds that one answer may take
WRITING = 300.0  # seconds that taking rows may take: Milvus Lite builds its index meanwhile
CONNECTING = 5.0  # seconds until a server must have answered at all
MAX_HITS = 1_000
NEW_KEY, NEW_VECTORS = "id", "vector"  # of a collection that is made here


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a collection: its name, its type in the database's words.

    Attributes:
        dim: how many numbers a vector has; 0 for what is no vector.
    """

    name: str
    kind: str
    dim: int = 0


@dataclass(frozen=True, slots=True)
class Collection:
    """What a database tells of a collection (a table, where it calls them so).

    Attributes:
        rows: how many it says that it has.
        key: the field that names a row; empty for none.
        open_ended: whether rows may have fields that are not listed.
    """

    name: str
    rows: int
    fields: tuple[Field, ...]
    key: str = ""
    open_ended: bool = False

    @property
    def vectors(self) -> tuple[Field, ...]:
        """Its fields of vectors."""
        return tuple(field for field in self.fields if field.dim)

    def vector(self, wanted: str = "") -> Field:
        """The field of vectors called ``wanted``, or the only one, or the first.

        Raises:
            InputError: there is none, or none of that name.
        """
        named = [one for one in self.vectors if not wanted or one.name == wanted]
        if named:
            return named[0]
        has = [f"{one.name} ({one.kind})" for one in self.fields]
        if self.rows == 0 and not wanted:
            raise empty(self.name)
        raise InputError(
            f"“{shorten(self.name)}” has no field of vectors"
            + (f" called “{shorten(wanted)}”." if wanted else "."),
            f"It has: {listed(has, 20) or 'no fields'}.",
            "Name another field, or choose another collection.",
        )

    def others(self) -> list[str]:
        """The fields that are no vectors."""
        return [field.name for field in self.fields if not field.dim]

    def condition(self, filters: Iterable[Filter]) -> dict[str, Wanted]:
        """What fields must have, as what the fields hold.

        Raises:
            InputError: there is no such field, it is named twice, or it holds numbers and a value
                is none.
        """
        kinds = {field.name: field.kind for field in self.fields if not field.dim}
        found: dict[str, Wanted] = {}
        for one in filters:
            name, kind = one.column, kinds.get(one.column)
            if kind is None and not self.open_ended:
                raise InputError(
                    f"“{shorten(self.name)}” has no field “{shorten(name)}” to filter by.",
                    f"It has: {listed([*kinds], 20)}.",
                    "Name one of these.",
                )
            if name in found:
                raise InputError(
                    f"“{shorten(name)}” is filtered twice.",
                    "Several values are joined by |, the ends of a range by two dots.",
                    "For example: year=1990..1999",
                )
            values = tuple(_as_held(name, kind, text) for text in one.values)
            if not values:
                found[name] = _range(kind, one)
            else:
                found[name] = values if len(values) > 1 else values[0]
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a collection.

    Attributes:
        vectors: ``(n, dim)`` float32.
        columns: the other fields, each an Arrow array of ``n`` values.
        left_out: how many rows were left out since they have no whole vector.
    """

    vectors: FloatArray
    columns: Mapping[str, pa.Array]
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found; a higher score is nearer, by the answer's metric."""

    id: str
    score: float
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found, the nearest first.

    Attributes:
        metric: ``cosine``, ``ip``, ``l2`` and the like, as the database calls it.
        index: the approximate index that it asks, by the database's name for its kind; empty where
            it compares with every row.
    """

    metric: str
    hits: list[Hit]
    index: str = ""


class Database(Protocol):
    """One open database. Names are its own, taken from ``collections``."""

    @property
    def kind(self) -> str:
        """What it is, for a person."""
        ...

    @property
    def address(self) -> str:
        """Where it is; no secret stands in it."""
        ...

    def collections(self) -> list[str]:
        """The names of its collections."""
        ...

    def describe(self, name: str) -> Collection:
        """What is known of a collection."""
        ...

    def pages(self, name: str, vectors: str) -> Iterator[Page]:
        """All rows, ``PAGE`` at most at a time; ``vectors`` is a field of vectors."""
        ...

    def search(
        self, name: str, vectors: str, query: FloatArray, k: int, where: Mapping[str, Wanted]
    ) -> Answer:
        """The ``k`` rows nearest to ``query`` ``(dim,)`` of those whose fields are as wanted."""
        ...

    def create(self, name: str, columns: Mapping[str, pa.DataType], dim: int) -> None:
        """Makes a collection with a key of text, vectors and other columns."""
        ...

    def upsert(self, collection: Collection, ids: Sequence[str], page: Page) -> None:
        """Writes a page; a row whose id is there is replaced."""
        ...

    def close(self) -> None:
        """Ends the connection."""
        ...


def hit(collection: Collection, score: float, row: Mapping[str, Any]) -> Hit:
    """A row that was found, named by the collection's key where it has one."""
    return Hit(str(row.get(collection.key, "")), score, row)


def _as_held(name: str, kind: str | None, text: str) -> Value:
    """A value as text, a number or a truth value, by the type of its field."""
    told = (kind or "").lower()
    number = any(word in told for word in ("int", "float", "double", "numeric", "real", "decimal"))
    if "bool" in told and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    try:
        value = float(text) if number or kind is None else None
    except ValueError:
        value = None
    if number and value is None:
        raise InputError(
            f"“{shorten(name)}” holds numbers, and “{shorten(text)}” is none.",
            "A filter compares with a number there.",
            "Give a number, such as year=1999.",
        )
    if value is None or not math.isfinite(value):
        return text
    return int(value) if value.is_integer() else value


def _range(kind: str | None, asked: Filter) -> Range:
    """A range in numbers as the field holds them: not all databases compare 3 with 2.5."""
    low, high = asked.low, asked.high
    if "int" in (kind or "").lower():
        low = low if low is None or math.isinf(low) else math.ceil(low)
        high = high if high is None or math.isinf(high) else math.floor(high)
    return Range(low, high)


def empty(name: str) -> InputError:
    """The error for a collection without a row."""
    return InputError(
        f"“{shorten(name)}” has no rows.",
        "A collection with at least one row that has a vector is needed.",
        "Choose another collection.",
    )
