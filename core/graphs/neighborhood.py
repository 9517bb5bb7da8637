"""What is drawn of a graph: the facts around entities that are expanded one by one, or all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from core.base.types import IntArray
from core.graphs import statistics as graph_statistics
from core.graphs.graph import PARTS, Graph
from core.graphs.layout import Places, force_layout, spiral

Fact = tuple[int, int, int, str]  # head, relation, tail, split
MOST = 2_000  # entities of a graph that is drawn whole
MOST_LINKS = 20_000  # pairs of entities with a link that are drawn
MOST_PARTS = 30  # components that are drawn


@dataclass(frozen=True, slots=True)
class Drawing:
    """Entities, facts between them, and where they stand.

    Attributes:
        entities: their numbers, in the order in which they came.
        facts: each once.
        places: ``(n, 2)``, of each entity; a link is about 1 long.
        left_out: how many more facts an expanded entity has.
    """

    entities: tuple[int, ...]
    facts: tuple[Fact, ...]
    places: Places
    left_out: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whole:
    """A graph that is drawn as far as can be seen.

    Attributes:
        entities, components: how many there are; the drawing may have fewer.
        drawn_components: how many are drawn, the largest.
        by_degree: how many entities, those of most facts, were looked at; all where that suffices.
    """

    drawing: Drawing
    entities: int
    by_degree: int
    components: int
    drawn_components: int


def only(graph: Graph, relations: Iterable[int]) -> Graph:
    """The graph with the facts of some relations alone; whole where none is named."""
    wanted = sorted(set(relations))
    if not wanted:
        return graph
    kept = {part: rows[np.isin(rows[:, 1], wanted)] for part, rows in graph.parts.items()}
    return replace(graph, train=kept["train"], valid=kept["valid"], test=kept["test"])


EMPTY = Drawing((), (), spiral(0))


def expand(graph: Graph, steps: Sequence[int], limit: int) -> Drawing:
    """The facts around ``steps``, entities that are expanded one after the other."""
    drawing = EMPTY
    for entity in steps:
        drawing = extend(graph, drawing, entity, limit)
    return drawing


def extend(graph: Graph, drawing: Drawing, entity: int, limit: int) -> Drawing:
    """The drawing with up to ``limit`` neighbours of an entity, and all facts between them and it.

    What stands there already is pushed aside, not drawn anew, so that it is found again; the same
    steps give the same drawing.
    """
    around, left_out = neighbors(graph, entity, limit)
    facts = dict.fromkeys((*drawing.facts, *around))
    entities = {held: row for row, held in enumerate(drawing.entities)}
    ends = [end for head, _, tail, _ in around for end in (head, tail)]
    places = _with_room(drawing.places, entities, [entity, *ends])
    places = force_layout(linked_rows(facts, entities), places)
    return Drawing(tuple(entities), tuple(facts), places, {**drawing.left_out, entity: left_out})


def neighbors(graph: Graph, entity: int, limit: int) -> tuple[list[Fact], int]:
    """The facts between an entity and up to ``limit`` neighbours; how many more facts it has.

    The relations of the entity choose neighbours in turns, so that each is seen.
    """
    facts = graph_statistics.around(graph, entity, len(graph.triples)).triples
    ends = [tail if head == entity else head for head, _, tail, _ in facts]
    chosen = set(list(dict.fromkeys(end for end in ends if end != entity))[:limit])
    shown = [fact for fact, end in zip(facts, ends, strict=True) if end in chosen or end == entity]
    return shown, len(facts) - len(shown)


def collapse(graph: Graph, steps: Sequence[int], entity: int, limit: int) -> list[int]:
    """The steps without one entity, and without those that only its facts had brought."""
    kept: list[int] = []
    drawn: set[int] = set(steps[:1])
    for step in steps:
        if step != entity and step in drawn:
            kept.append(step)
            drawn |= _ends(neighbors(graph, step, limit)[0])
    return kept


def _ends(facts: Iterable[Fact]) -> set[int]:
    return {end for head, _, tail, _ in facts for end in (head, tail)}


def add(drawing: Drawing, facts: Sequence[Fact]) -> Drawing:
    """The drawing with further facts, their new entities beside those that they lead from."""
    entities = {entity: row for row, entity in enumerate(drawing.entities)}
    places = drawing.places
    for head, _, tail, _ in facts:
        places = _with_room(places, entities, [head, tail] if head in entities else [tail, head])
    held = dict.fromkeys((*drawing.facts, *facts))
    places = force_layout(linked_rows(held, entities), places)
    return Drawing(tuple(entities), tuple(held), places, drawing.left_out)


def reach(graph: Graph, entity: int, depth: int, limit: int) -> list[int]:
    """The entities to expand so that all within ``depth`` links of one come, nearest first."""
    steps, border = [entity], [entity]
    for _ in range(depth - 1):
        facts = [fact for one in border for fact in neighbors(graph, one, limit)[0]]
        ends = dict.fromkeys(end for head, _, tail, _ in facts for end in (head, tail))
        border = [end for end in ends if end not in steps]
        steps += border
    return steps


def whole(graph: Graph, most: int = MOST, most_links: int = MOST_LINKS) -> Whole:
    """All entities and facts; of more than can be seen, those of the entities with most facts.

    Of more than ``MOST_PARTS`` components the largest are drawn. An entity without a fact, as
    where relations were chosen, counts as none.
    """
    out, into = graph_statistics.degrees(graph)
    degrees = out + into
    order = np.argsort(-degrees, kind="stable")
    count = int((degrees > 0).sum())
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order))
    pairs = np.unique(np.sort(graph.triples[:, [0, 2]], axis=1), axis=0)
    needed = np.sort(ranks[pairs].max(axis=1))  # the entities that a link needs, by degree
    taken = min(count, most)
    if len(needed) > most_links:
        taken = min(taken, int(needed[most_links]))
    pairs = ranks[pairs]
    pairs = pairs[pairs.max(axis=1) < taken]
    parts, part_of = _components(pairs, taken)
    sizes = np.bincount(part_of, minlength=parts)
    largest = np.argsort(-sizes, kind="stable")[:MOST_PARTS]
    rows = order[:taken][np.isin(part_of, largest)]
    entities = {int(entity): row for row, entity in enumerate(rows.tolist())}
    facts = [
        (head, relation, tail, part)
        for part in PARTS
        for head, relation, tail in graph.parts[part].tolist()
        if head in entities and tail in entities
    ]
    places = force_layout(linked_rows(facts, entities), spiral(len(entities)))
    drawing = Drawing(tuple(entities), tuple(facts), places)
    return Whole(drawing, count, taken, parts, min(parts, MOST_PARTS))


def _components(pairs: IntArray, count: int) -> tuple[int, IntArray]:
    """How many components there are, and of which one each of ``count`` points is."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(count, count))
    found = connected_components(links, directed=False)
    return int(found[0]), found[1].astype(np.int64)


def linked_rows(facts: Iterable[Fact], rows: Mapping[int, int]) -> IntArray:
    """The ends of facts, ``(m, 2)``, by the rows of their entities."""
    found = [(rows[head], rows[tail]) for head, _, tail, _ in facts]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _with_room(places: Places, entities: dict[int, int], ends: Sequence[int]) -> Places:
    """Places with those of new entities, which are added to ``entities``, around the first."""
    new = [end for end in dict.fromkeys(ends) if end not in entities]
    entities.update({end: len(entities) + at for at, end in enumerate(new)})
    if not new:
        return places
    if new[0] == ends[0]:  # the first itself is new: beside all others
        beside = np.array([places[:, 0].max() + 2, 0.0]) if len(places) else np.zeros(2)
        return np.concatenate([places, beside + spiral(len(new))])
    around = spiral(len(new) + 1)[1:]
    first = places[entities[ends[0]]]
    away = first - places.mean(axis=0)
    outside = first + away / max(1.0, float(np.linalg.norm(away)))
    return np.concatenate([places, outside + 0.5 * around])
