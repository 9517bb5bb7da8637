"""Ids, vectors' dimensions and filters as Milvus takes and tells them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.base.errors import InputError, shorten
from core.databases.conditions import Sign, Wanted, comparisons
from core.databases.protocol import Collection

LONGEST_KEY = 512  # signs
_SIGNS: Mapping[Sign, str] = {"=": "==", "IN": "in"}
_DENSE = ("FLOAT_VECTOR", "FLOAT16_VECTOR", "BFLOAT16_VECTOR")


def keys(collection: Collection, ids: Sequence[str]) -> Sequence[str] | list[int]:
    """Ids as a collection's key has them.

    Raises:
        InputError: an id is too long, or it has whole numbers and an id is none.
    """
    longest = max(map(len, ids), default=0)
    if longest > LONGEST_KEY:
        raise InputError(
            f"An id has {longest:,} signs.",
            f"Milvus takes ids of at most {LONGEST_KEY:,}.",
            "Name another column of ids.",
        )
    [kind] = [field.kind for field in collection.fields if field.name == collection.key]
    if not kind.startswith("INT"):
        return ids
    try:
        return [int(one) for one in ids]
    except ValueError:
        other = next(one for one in ids if not one.lstrip("-").isdigit())
        raise InputError(
            f"The id “{shorten(other)}” is no whole number.",
            f"The key “{shorten(collection.key)}” of “{shorten(collection.name)}” is one.",
            "Name another column of ids, or send to a new collection.",
        ) from None


def dim(field: Mapping[str, Any]) -> int:
    """How many numbers the vectors of a field have; 0 where it holds none that are searched."""
    dense = field["type"].name in _DENSE
    return int(field["params"].get("dim", 0)) if dense else 0


def expression(where: Mapping[str, Wanted]) -> str:
    """Milvus's boolean expression: names by their own rule, values as JSON.

    https://milvus.io/docs/boolean.md

    Raises:
        InputError: a name cannot stand in one.
    """
    parts = []
    for name, sign, operands in comparisons(where):
        if not name.isidentifier():
            raise InputError(
                f"“{shorten(name)}” cannot stand in a filter of Milvus.",
                "Letters, digits and _ may.",
                "Filter by another field.",
            )
        told = [str(one).lower() if isinstance(one, bool) else json.dumps(one) for one in operands]
        operand = f"[{', '.join(told)}]" if sign == "IN" else told[0]
        parts.append(f"{name} {_SIGNS.get(sign, sign)} {operand}")
    return " and ".join(parts)
