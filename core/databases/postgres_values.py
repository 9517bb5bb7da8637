"""Values of PostgreSQL and pgvector as ours, and ours as theirs."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.base.types import FloatArray
from core.databases.protocol import Collection

_HEADER = 4  # bytes before the numbers that vector_send gives: dim and flags, 16 bits each
# What psycopg gives as Python's own values; everything else is asked for as text.
_PLAIN = (
    *("smallint", "integer", "bigint", "real", "double precision", "numeric", "boolean"),
    *("text", "date", "timestamp"),
)


def numbers(sent: bytes | None) -> FloatArray | None:
    """A vector ``(dim,)`` from ``vector_send``: big-endian float32 after its header."""
    if sent is None:
        return None
    return np.frombuffer(sent, dtype=">f4", offset=_HEADER).astype(np.float32)


def version(told: str) -> tuple[int, ...]:
    """The first two numbers of a version, such as ``(0, 8)``."""
    return tuple(int(part) for part in told.split(".")[:2] if part.isdigit())


def told_vector(vector: FloatArray) -> str:
    """A vector ``(dim,)`` as pgvector reads it from text."""
    return "[" + ",".join(map(repr, vector.tolist())) + "]"


def plain_columns(collection: Collection) -> list[Any]:
    """The other columns than the vectors, as SQL; those that are no plain values as text."""
    from psycopg import sql

    kinds = {field.name: field.kind for field in collection.fields}
    form = {True: sql.SQL("{}"), False: sql.SQL("{}::text")}
    return [
        form[kind.startswith(_PLAIN) and not kind.endswith("[]")].format(sql.Identifier(name))
        for name, kind in ((name, kinds[name]) for name in collection.others())
    ]
