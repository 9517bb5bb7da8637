"""RDF as triples of ids: N-Triples, N-Quads, Turtle, TriG, RDF/XML and JSON-LD, by ``pyoxigraph``.

IRIs are the entities' ids. What ``rdfs:label`` and its like say are their readable names, in the
wished language; other literals are no entities, so they are left out and counted. Relations are
called by their label, else by the last part of their IRI, where no two are called alike.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from core.base.errors import InputError, counted, shorten
from core.base.reasons import reason_of
from core.graphs.graph import Triple

_LABELS = (
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://schema.org/name",
    "https://schema.org/name",
    "http://xmlns.com/foaf/0.1/name",
    "http://purl.org/dc/terms/title",
    "http://purl.org/dc/elements/1.1/title",
)
_SUFFIXES = {
    "nt": "N_TRIPLES",
    "nq": "N_QUADS",
    "ttl": "TURTLE",
    "turtle": "TURTLE",
    "n3": "N3",
    "trig": "TRIG",
    "rdf": "RDF_XML",
    "owl": "RDF_XML",
    "jsonld": "JSON_LD",
}
SUFFIXES = tuple(f".{suffix}" for suffix in _SUFFIXES)
_BY_LINES = ("N_TRIPLES", "N_QUADS")
_LINE = re.compile(r"\s*(<[^<>\s]+>|_:\S+)\s+<[^<>\s]+>\s+(<[^<>\s]+>|_:\S+|\".*).*\.\s*(#.*)?")
_TURTLE = re.compile(r"\s*(@prefix\s|@base\s|PREFIX\s+\S*:\s*<|BASE\s+<)", re.IGNORECASE)
# Blank lines are passed over in one go: with \s* before it, each would be tried as a start.
_GRAPH = re.compile(r"^[^\S\n]*(GRAPH\s+)?\S+\s*\{", re.MULTILINE)
_NAMED = 3  # line numbers in a note
_BASE = "file:///graph#"


@dataclass(slots=True)
class RdfTriples:
    """What a file of RDF holds: triples, names of entities, notes, how many statements."""

    triples: list[Triple]
    labels: dict[str, str]
    notes: list[str]
    rows: int


@dataclass(slots=True)
class _Statements:
    triples: list[Triple] = field(default_factory=list)
    names: dict[str, list[tuple[int, str, str]]] = field(default_factory=lambda: defaultdict(list))
    literals: Counter[str] = field(default_factory=Counter)
    blank: int = 0
    nested: int = 0
    graphs: set[str] = field(default_factory=set)
    rows: int = 0


def find_format(name: str, text: str) -> str | None:
    """The format of RDF of a file, as ``pyoxigraph`` calls it; ``None`` for another kind."""
    suffix = name.lower().rpartition(".")[2]
    start = text[:4096].lstrip()
    if start.startswith("<?xml") or start.startswith("<rdf:RDF"):
        return "RDF_XML" if "RDF" in text[:65536] else None
    lines = [line for line in start.splitlines() if line.strip() and not line.startswith("#")]
    if lines and _LINE.fullmatch(lines[0]) and suffix not in ("ttl", "turtle", "n3", "trig"):
        return "N_QUADS" if suffix == "nq" or _has_graph(lines[0]) else "N_TRIPLES"
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    if lines and _TURTLE.match(lines[0]):
        return "TRIG" if _GRAPH.search(text) else "TURTLE"
    if start.startswith(("{", "[")) and '"@context"' in start:
        return "JSON_LD"
    return None


def _has_graph(line: str) -> bool:
    """Whether a statement names a graph behind its object."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"(\^\^<[^>]*>|@[\w-]+)?', "_:l", line.partition(" #")[0])
    return len(plain.rstrip(" .\t").split()) > 3


def read_rdf(name: str, text: str, kind: str, language: str = "en") -> RdfTriples:
    """The triples between IRIs (and blank nodes) of RDF in ``kind``, one of ``find_format``.

    Args:
        language: that of the names, where there are several, such as ``en`` or ``de``.

    Raises:
        InputError: it is not as the format asks.
    """
    found = _Statements()
    broken: list[int] = []
    quads = _by_lines(text, kind, broken) if kind in _BY_LINES else _whole(name, text, kind)
    for quad in quads:
        _take(found, quad)
    labels = {key: _best_name(names, language) for key, names in found.names.items()}
    relations = _relation_names({relation for _, relation, _ in found.triples}, labels)
    triples = [(head, relations[relation], tail) for head, relation, tail in found.triples]
    entities = dict.fromkeys(end for head, _, tail in triples for end in (head, tail))
    names = {entity: labels[entity] for entity in entities if entity in labels}
    local = _local_names(entity for entity in entities if entity not in labels)
    return RdfTriples(
        triples, local | names, _notes(found, broken, relations), found.rows + len(broken)
    )


def _by_lines(text: str, kind: str, broken: list[int]) -> Iterator[Any]:
    """Statements of a format with one a line; lines that are none are noted."""
    import pyoxigraph

    rdf = getattr(pyoxigraph.RdfFormat, kind)
    try:
        yield from list(pyoxigraph.parse(text, format=rdf))
        return
    except SyntaxError:
        pass
    for number, line in enumerate(text.splitlines(), 1):
        try:
            yield from list(pyoxigraph.parse(line, format=rdf))
        except SyntaxError:
            broken.append(number)


def _whole(name: str, text: str, kind: str) -> Iterator[Any]:
    import pyoxigraph

    rdf = getattr(pyoxigraph.RdfFormat, kind)
    try:
        yield from pyoxigraph.parse(text, format=rdf, base_iri=_BASE)
    except SyntaxError as error:
        raise InputError(
            f"“{shorten(name)}” is not whole {rdf.name}: {shorten(reason_of(error), 120)}.",
            f"{rdf.name} as its standard has it.",
            "Mend the file, or convert it to N-Triples, which is read line by line.",
        ) from error


def _take(found: _Statements, quad: Any) -> None:
    import pyoxigraph as ox

    found.rows += 1
    head, relation, tail = quad.subject, quad.predicate.value, quad.object
    if isinstance(quad.graph_name, ox.NamedNode):
        found.graphs.add(quad.graph_name.value)
    if isinstance(tail, ox.Literal):
        if relation in _LABELS and tail.value.strip() and not isinstance(head, ox.Triple):
            place = _LABELS.index(relation)
            named = (place, tail.language or "", " ".join(tail.value.split()))
            found.names[_id(head)].append(named)
            found.literals["names"] += 1
        else:
            found.literals[relation] += 1
    elif isinstance(head, ox.Triple) or isinstance(tail, ox.Triple):
        found.nested += 1
    else:
        found.blank += isinstance(head, ox.BlankNode) or isinstance(tail, ox.BlankNode)
        found.triples.append((_id(head), relation, _id(tail)))


def _id(term: Any) -> str:
    import pyoxigraph as ox

    return str(term) if isinstance(term, ox.BlankNode) else str(term.value)


def _best_name(names: Iterable[tuple[int, str, str]], language: str) -> str:
    """The name in the wished language, else without one, else English, else the first given."""
    wanted = language.lower()

    def rank(named: tuple[int, str, str]) -> tuple[int, int]:
        place, tag, _ = named
        tag = tag.lower()
        for at, match in enumerate(
            (tag == wanted, tag.startswith(f"{wanted}-"), not tag, tag.partition("-")[0] == "en")
        ):
            if match:
                return at, place
        return 9, place

    return min(names, key=rank)[2]


def local_name(iri: str) -> str:
    """The last part of an IRI, as a person would read it."""
    part = re.split(r"[/#]", iri.rstrip("/#"))[-1]
    return " ".join(unquote(part).split())


def _local_names(iris: Iterable[str]) -> dict[str, str]:
    """Last parts as names, where they stand for one IRI alone."""
    named = {iri: local_name(iri) for iri in iris if not iri.startswith("_:")}
    counts = Counter(named.values())
    return {iri: name for iri, name in named.items() if name and counts[name] == 1}


def _relation_names(iris: Iterable[str], labels: Mapping[str, str]) -> dict[str, str]:
    called = {iri: labels.get(iri) or local_name(iri) or iri for iri in iris}
    counts = Counter(called.values())
    return {iri: name if counts[name] == 1 else iri for iri, name in called.items()}


def _notes(found: _Statements, broken: list[int], relations: Mapping[str, str]) -> list[str]:
    notes = []
    if names := found.literals.pop("names", 0):
        notes.append(f"Read as names, not as triples: {counted(names, 'label')}.")
    if literals := sum(found.literals.values()):
        most = ", ".join(
            f"{local_name(iri)} {count:,}" for iri, count in found.literals.most_common(3)
        )
        notes.append(
            f"Left out, since a literal (a text, number or date) is no entity: "
            f"{counted(literals, 'statement')} ({most})."
        )
    if found.nested:
        notes.append(f"Left out, since they are about statements: {counted(found.nested, 'row')}.")
    if found.blank:
        notes.append(f"With a node that has no name (_:…): {counted(found.blank, 'triple')}.")
    if found.graphs:
        notes.append(f"Triples of {counted(len(found.graphs), 'named graph')} were put together.")
    if any(iri != name for iri, name in relations.items()):
        iri = next(iri for iri in sorted(relations) if relations[iri] != iri)
        notes.append(
            f"Relations are called by their names: {shorten(iri, 80)} is "
            f"“{shorten(relations[iri], 40)}”."
        )
    if broken:
        named = ", ".join(f"{number:,}" for number in broken[:_NAMED])
        more = " ..." if len(broken) > _NAMED else ""
        lines = counted(len(broken), "line")
        notes.append(f"Left out, since they are no statement: {lines} ({named}{more}).")
    return notes
