"""A graph from files: which of them are its parts, what they hold, how many rows were taken."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from core.base.errors import InputError, counted, listed, shorten
from core.graphs import openke
from core.graphs.columns import PART_NAMES
from core.graphs.graph import PARTS, Graph, Triple, build_graph
from core.graphs.names import distinct, read_names
from core.graphs.triples import FOUND_OUT, ReadAs, read_triples

_NEGATIVES = frozenset(("neg", "negs", "negative", "negatives", "corrupt", "corrupted", "false"))
_STARTS = ("train", "valid", "test")
Named = tuple[str, bytes]  # a file's name and bytes


def read_parts(  # noqa: PLR0913
    name: str,
    files: Mapping[str, bytes],
    read_as: ReadAs = FOUND_OUT,
    labels: Named | None = None,
    *,
    left_out: list[str] | None = None,
    count: bool = False,
) -> Graph:
    """A graph from files; those with train, valid (or dev) and test in their names are its parts.

    Files of negatives, which are no facts, are left out; those that OpenKE writes are read by its
    rules.

    Args:
        labels: name and bytes of a file with readable names of entities and relations.
        left_out: names of further files that came with them and are none of triples.
        count: whether the last note says how many rows there were, and how many were taken.

    Raises:
        InputError: they hold no triple to train on, or are too large.
    """
    notes = [f"Left out, since they are no triples: {listed(left_out)}."] if left_out else []
    if openke.is_openke(files):
        parts, told, rows = openke.read_openke(files, read_as.encoding)
        detected = [{"file": file, "kind": "OpenKE"} for file in files if openke.belongs(file)]
        graph = _built(name, parts, notes + told, labels, {})
    else:
        chosen = _choose(name, files, notes)
        parts = {part: [] for part in PARTS}
        known: dict[str, str] = {}
        rows = 0
        detected = []
        for file, own in chosen.items():
            reading = read_triples(file, files[file], read_as)
            for part, triples in reading.parts.items():
                parts[own if own and part == "train" else part] += triples
            prefix = f"{file}: " if len(chosen) > 1 else ""
            notes += [f"{prefix}{note}" for note in reading.notes]
            known |= reading.labels
            rows += reading.rows
            detected.append({"file": file, **reading.told()})
        graph = _built(name, parts, notes, labels, known)
    if not len(graph.train):
        raise InputError(
            f"“{shorten(name)}” has no training triple.", "One or more.", "Add triples."
        )
    if not count:
        return graph
    taken = len(graph.triples)
    told_count = f"Rows: {rows:,}; triples taken: {taken:,}; left out: {rows - taken:,}."
    notes_all = (*graph.notes, told_count)
    return replace(graph, notes=notes_all, detected=tuple(detected), left_out=rows - taken)


def is_part(file: str) -> bool:
    """Whether a file, by its name, is one of a graph that comes in several."""
    return bool(_part_of(file)) or openke.belongs(file)


def _built(
    name: str,
    parts: dict[str, list[Triple]],
    notes: list[str],
    labels: Named | None,
    known: Mapping[str, str],
) -> Graph:
    """The graph; relations are called by the names that ``labels`` has for them."""
    names = dict(known)
    if labels is not None:
        triples = [triple for part in parts.values() for triple in part]
        relations = {relation for _, relation, _ in triples}
        entities = {end for head, _, tail in triples for end in (head, tail)}
        given = read_names(*labels, entities | relations)
        names |= given
        if any(relation in given for relation in relations):
            called = distinct(relations, given)
            parts = {
                part: [(head, called[relation], tail) for head, relation, tail in rows]
                for part, rows in parts.items()
            }
            number = counted(sum(relation in given for relation in relations), "relation")
            notes = [*notes, f"Called by the names that were given: {number}."]
    return build_graph(name, parts, notes, names)


def _choose(name: str, files: Mapping[str, bytes], notes: list[str]) -> dict[str, str]:
    """The files that are read, each with the part that its name tells; the rest is told."""
    negatives = [file for file in files if len(files) > 1 and _is_negative(file)]
    if negatives:
        notes.append(f"Left out, since negatives are no facts: {listed(negatives)}.")
    rest = [file for file in files if file not in negatives]
    if len(rest) == 1:
        return {rest[0]: ""}
    chosen = {file: part for file in rest if (part := _part_of(file))}
    others = [file for file in rest if file not in chosen]
    if others:
        reason = "Left out, since their names tell neither train, valid nor test"
        notes.append(f"{reason}: {listed(others)}.")
    if "train" not in chosen.values():
        raise InputError(
            f"“{shorten(name)}” holds no file of training triples.",
            "Files called train, valid and test, or one file alone.",
            "Check what it holds.",
        )
    return chosen


def _words(file: str) -> list[str]:
    stem = PurePosixPath(file).name.partition(".")[0]
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", stem)]


def _is_negative(file: str) -> bool:
    return not _NEGATIVES.isdisjoint(_words(file))


def _part_of(file: str) -> str:
    """The part that a word of a file's name tells, or ``""``."""
    for word in _words(file):
        if part := PART_NAMES.get(word):
            return part
        if start := next((start for start in _STARTS if word.startswith(start)), ""):
            return start
        if word.endswith(_STARTS[:2]):  # "latest" is no test
            return word[-5:]
    return ""
