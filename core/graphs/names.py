"""Readable names of entities and relations, from JSON, TSV, CSV or lists of names with ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from core.base.errors import InputError, shorten
from core.graphs.records import read_delimited
from core.readers.encodings import decode

_NAME_KEYS = ("label", "name", "title", "text")


def read_names(name: str, data: bytes, ids: Collection[str]) -> dict[str, str]:
    """Readable names of those of ``ids`` that a file names.

    JSON from id to name, or to an object with ``label`` or ``name``; else a table with the id in
    one column and the name in the next, or the other way round (as in ``entity2id.txt``),
    whichever names more of the ids.

    Raises:
        InputError: it names none of them.
    """
    text, _, _ = decode(name, data)
    known = frozenset(ids)
    if text.lstrip().startswith(("{", "[")):
        pairs = [*_from_json(text)]
    else:
        rows = read_delimited(text).rows
        cells = [(row[0], row[1]) for row in rows if len(row) > 1 and row[1]]
        ways = (
            cells,
            [(second, first) for first, second in cells],
            [(line[0], " ".join(line[1:])) for line in map(str.split, text.splitlines()) if line],
        )
        pairs = max(ways, key=lambda way: sum(key in known for key, _ in way))
    names = {key: label for key, label in pairs if key in known and label}
    if not names:
        raise InputError(
            f"“{shorten(name)}” names none of the {len(known):,} entities.",
            "A JSON object from id to name, or lines of id, tab, name.",
            "Check the file.",
        )
    return names


def distinct(ids: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """What each id is called: by its name, with the id behind it where two have the same."""
    called = {key: names.get(key, key) for key in ids}
    counts = Counter(called.values())
    return {
        key: name if counts[name] == 1 or name == key else f"{name} ({key})"
        for key, name in called.items()
    }


def _from_json(text: str) -> Iterable[tuple[str, str]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(whole, list):
        for one in whole:
            if isinstance(one, dict):
                keys = [one[key] for key in ("id", "uri", "@id", "entity") if key in one]
                yield from ((str(key), _label(one)) for key in keys[:1])
    elif isinstance(whole, dict):
        for key, value in whole.items():
            yield " ".join(key.split()), _label(value)


def _label(value: Any) -> str:
    if isinstance(value, Mapping):
        value = next((value[key] for key in _NAME_KEYS if key in value), "")
    return " ".join(value.split()) if isinstance(value, str) else ""
