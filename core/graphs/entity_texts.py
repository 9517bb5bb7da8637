"""What is written about entities: readable names, and descriptions from a file."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.base.errors import InputError, counted, shorten
from core.graphs.graph import Graph
from core.graphs.records import read_delimited
from core.readers.encodings import decode

MOST = 2_000  # characters of a text: models of texts read some 250 words, and no more
_KEYS = ("description", "text", "abstract", "comment", "definition", "gloss")
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{2,}(?![^\W_])")  # letters alone, as codes hardly have


@dataclass(frozen=True, slots=True)
class EntityTexts:
    """A text for each entity of a graph, in their order.

    Attributes:
        texts: name and description; "" where an entity has neither.
        cut: how many were longer than ``MOST``, of which the beginning is taken.
    """

    texts: list[str]
    cut: int

    @property
    def missing(self) -> int:
        """How many entities have none."""
        return sum(not text for text in self.texts)

    @property
    def notes(self) -> list[str]:
        """What was left out, a sentence each."""
        of = f"of {counted(len(self.texts), 'entity')}"
        lost = f"Without a text, and so left out of the fit: {self.missing:,} {of}."
        long = f"Longer than {MOST:,} characters, so only their beginning is read: {self.cut:,}."
        return [lost] * bool(self.missing) + [long] * bool(self.cut)


def entity_texts(graph: Graph, descriptions: Mapping[str, str] | None = None) -> EntityTexts:
    """Names and descriptions of a graph's entities, where they have such.

    An id is a name where it has a word in it: ``united_kingdom`` is one, ``/m/07ssc`` is none.

    Args:
        descriptions: texts by the ids of entities.
    """
    told = descriptions or {}
    whole = []
    for key in graph.entities:
        name = graph.labels.get(key, key if _WORD.search(key) else "").replace("_", " ")
        whole.append(": ".join(part for part in (name, told.get(key, "")) if part))
    return EntityTexts([shortened(text) for text in whole], sum(len(text) > MOST for text in whole))


def shortened(text: str) -> str:
    """The first ``MOST`` characters, in one line."""
    return " ".join(text[: 2 * MOST].split())[:MOST]


def read_descriptions(name: str, data: bytes, ids: Collection[str]) -> dict[str, str]:
    """Descriptions of those of ``ids`` that a file describes.

    JSON from id to text, or to an object with ``description`` or ``text``; else a table with the id
    in its first column and the text in its last.

    Raises:
        InputError: it describes none of them.
    """
    text, _, _ = decode(name, data)
    known = frozenset(ids)
    pairs = _from_json(text) if text.lstrip().startswith("{") else _from_table(text)
    found = {key: " ".join(told.split()) for key, told in pairs if key in known and told.strip()}
    if not found:
        raise InputError(
            f"“{shorten(name)}” describes none of the {len(known):,} entities.",
            "A JSON object from id to text or to an object with “description”, or lines of id, "
            "tab, text.",
            "Check the file, and that its ids are those of the graph.",
        )
    return found


def _from_json(text: str) -> Iterable[tuple[str, str]]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return
    for key, value in whole.items() if isinstance(whole, dict) else ():
        yield str(key), _description(value)


def _description(value: Any) -> str:
    if isinstance(value, Mapping):
        value = next((value[key] for key in _KEYS if value.get(key)), "")
    return value if isinstance(value, str) else ""


def _from_table(text: str) -> Iterable[tuple[str, str]]:
    for row in read_delimited(text, "\t" if "\t" in text else None).rows:
        if len(row) > 1:
            yield row[0], row[-1]
