"""A knowledge graph in memory: entities, relations, and triples of their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.base.errors import UnknownTermError, counted, shorten
from core.base.types import IntArray
from core.storage import data_home

PARTS = ("train", "valid", "test")
Triple = tuple[str, str, str]
_SHARE = 10  # of graphs that come unsplit, one in so many is for validation, and one for testing
# How parts are called in front of “MRR” and “triples”.
PART_NAMES = {"train": "training", "valid": "validation", "test": "test"}
NOT_HELD_OUT = (
    "No triple is held out for testing: figures are taken on the training triples, and tell how "
    "well a model remembers them, not how well it finds new ones."
)
_LEAST = 20  # triples below which nothing is set aside


@dataclass(frozen=True, slots=True)
class Graph:
    """Triples (head, relation, tail), split into three parts.

    Attributes:
        entities: their ids, sorted; all of them occur in ``train``.
        relations: the same for relations.
        train, valid, test: ``(n, 3)`` numbers of head, relation, tail; no triple is in two parts.
        labels: readable names of entities, where the ids are none.
        notes: what was done to read it, a sentence each.
        digest: stands for ids and triples.
        detected: what each file was taken for, where it was just read: its ``file``, ``kind``,
            ``encoding``, ``rows``, first rows (``table``) and the ``roles`` of their columns.
        left_out: rows of its files that are no triple of it, where it was just read; ``notes`` say
            why.
    """

    name: str
    entities: list[str]
    relations: list[str]
    train: IntArray
    valid: IntArray
    test: IntArray
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    digest: str = ""
    detected: tuple[Mapping[str, Any], ...] = ()
    left_out: int = 0

    @property
    def triples(self) -> IntArray:
        """All triples, ``(n, 3)``: train, valid, test."""
        return np.concatenate([self.train, self.valid, self.test])

    @property
    def parts(self) -> dict[str, IntArray]:
        """The three parts by name, triples ``(m, 3)`` each."""
        return {name: getattr(self, name) for name in PARTS}

    @property
    def measured(self) -> str:
        """The part that figures are taken on: test, else valid, else train."""
        return next((part for part in reversed(PARTS) if len(getattr(self, part))), "train")

    def label(self, entity: int) -> str:
        """The readable name of an entity, or its id."""
        name = self.entities[entity]
        return self.labels.get(name, name)

    def all_labels(self) -> list[str]:
        """The readable names of all entities, or their ids, in their order."""
        return [self.label(entity) for entity in range(len(self.entities))]

    def entity(self, text: str) -> int:
        """The number of an entity, by its id or its readable name.

        Raises:
            UnknownTermError: there is none; near spellings are named.
        """
        found = _find(text, self.entities)
        wanted = " ".join(text.casefold().split())
        if found is None and wanted:
            named = (self.labels.get(name, "") for name in self.entities)
            found = next((at for at, name in enumerate(named) if name.casefold() == wanted), None)
        if found is None:
            names = [*self.entities, *self.labels.values()]
            raise _unknown("an entity", text, names, self.name)
        return found

    def relation(self, text: str) -> int:
        """The number of a relation.

        Raises:
            UnknownTermError: there is none; near spellings are named.
        """
        found = _find(text, self.relations)
        if found is None:
            raise _unknown("a relation", text, self.relations, self.name)
        return found


def _find(text: str, names: Sequence[str]) -> int | None:
    """The place of a name: as it is written, else with other capitals, spaces or underscores."""
    if text in names:
        return names.index(text)
    wanted = _plain(text)
    if not wanted:
        return None
    return next((at for at, name in enumerate(names) if _plain(name) == wanted), None)


def _plain(text: str) -> str:
    return "_".join(text.casefold().split())


def near_names(text: str, names: Sequence[str], count: int = 5) -> list[str]:
    """The names whose spelling is nearest to ``text``, best first."""
    from rapidfuzz import fuzz, process

    found = process.extract(text, names, scorer=fuzz.WRatio, limit=count, score_cutoff=60)
    return [name for name, _, _ in found]


def _unknown(kind: str, text: str, names: Sequence[str], graph: str) -> UnknownTermError:
    near = near_names(text, names)
    told = ", ".join(shorten(name) for name in near or names[:3])
    return UnknownTermError(
        f"“{shorten(text)}” is not {kind} of {graph}.",
        f"It has {counted(len(names), 'name')} of that kind.",
        f"Did you mean {told}?" if near else f"Choose one of these, such as {told}.",
        text,
    )


def build_graph(  # noqa: PLR0913
    name: str,
    parts: Mapping[str, Iterable[Triple]],
    notes: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    seed: int = 0,
    *,
    whole: bool = False,
) -> Graph:
    """A graph of triples of ids: numbered, duplicates left out, split where it comes unsplit.

    What is in ``valid`` or ``test`` only, entity or relation, would never be trained: such
    triples are left out, and told.

    Args:
        parts: triples by the names of ``PARTS``; ``train`` alone is split by ``seed``.
        whole: leave it in the parts that it has.
    """
    seen: set[Triple] = set()
    kept: dict[str, list[Triple]] = {}
    doubles = 0
    for part in PARTS:
        given = list(parts.get(part, ()))
        fresh = [triple for triple in dict.fromkeys(given) if triple not in seen]
        doubles += len(given) - len(fresh)
        seen.update(fresh)
        kept[part] = fresh
    told = list(notes)
    if doubles:
        told.append(f"Left out as given twice: {counted(doubles, 'triple')}.")
    entities = sorted({end for head, _, tail in kept["train"] for end in (head, tail)})
    relations = sorted({relation for _, relation, _ in kept["train"]})
    numbers = (
        {name: at for at, name in enumerate(entities)},
        {name: at for at, name in enumerate(relations)},
    )
    arrays = {part: _numbered(triples, *numbers) for part, triples in kept.items()}
    lost = sum(len(kept[part]) - len(arrays[part]) for part in PARTS)
    if lost:
        told.append(
            f"Left out for an entity or relation that is in no training triple: "
            f"{counted(lost, 'triple')}."
        )
    one = not whole and not len(arrays["valid"]) and not len(arrays["test"])
    if one and len(arrays["train"]) >= _LEAST:
        arrays = split(arrays["train"], seed)
        told.append(
            f"It came in one part: {len(arrays['valid']):,} of its triples are set aside for "
            f"validation and {len(arrays['test']):,} for testing, at random but always the same."
        )
    held_out = len(arrays["valid"]) or len(arrays["test"])
    if not held_out and NOT_HELD_OUT not in told:
        told.append(NOT_HELD_OUT)
    words = data_home.as_bytes((*entities, *relations))
    digest = data_home.digest_bytes(*words, *(arrays[part].tobytes() for part in PARTS))
    known = {name: text for name, text in (labels or {}).items() if name in numbers[0]}
    return Graph(
        name,
        entities,
        relations,
        train=arrays["train"],
        valid=arrays["valid"],
        test=arrays["test"],
        labels=known,
        notes=tuple(told),
        digest=digest,
    )


def _numbered(
    triples: Sequence[Triple], entities: Mapping[str, int], relations: Mapping[str, int]
) -> IntArray:
    found = [
        (entities[head], relations[relation], entities[tail])
        for head, relation, tail in triples
        if head in entities and tail in entities and relation in relations
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def split(triples: IntArray, seed: int = 0) -> dict[str, IntArray]:
    """Triples ``(n, 3)`` as three parts of eight, one and one tenths.

    Each entity and relation stays in a training triple: those triples are set aside whose three
    members all occur again among the others.
    """
    order = np.random.default_rng(seed).permutation(len(triples))
    ends = np.bincount(triples[:, [0, 2]].ravel())
    uses = np.bincount(triples[:, 1])
    wanted = 2 * (len(triples) // _SHARE)
    aside: list[int] = []
    for at in order.tolist():
        if len(aside) == wanted:
            break
        head, relation, tail = triples[at].tolist()
        need = 2 if head == tail else 1  # a loop counts twice at its one entity
        if uses[relation] > 1 and ends[head] > need and ends[tail] > need:
            uses[relation] -= 1
            ends[head] -= 1
            ends[tail] -= 1
            aside.append(at)
    rest = np.setdiff1d(np.arange(len(triples)), aside)
    half = len(aside) // 2
    return {
        "train": triples[rest],
        "valid": triples[np.sort(np.array(aside[:half], dtype=np.int64))],
        "test": triples[np.sort(np.array(aside[half:], dtype=np.int64))],
    }
