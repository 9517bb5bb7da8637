"""Whether files, a folder or an archive are a graph, by their names and first lines."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from pathlib import Path

from core.graphs import openke, store as graph_store
from core.graphs.archives import is_packed, is_triples, members
from core.graphs.parts import is_part
from core.graphs.rdf import SUFFIXES as RDF_SUFFIXES
from core.readers.archives import PackedError
from core.readers.table_triples import are_short
from core.storage import data_home

MOST = 30  # files of a graph: one of pictures may have 100,000, none of which is read here
_FIRST = 10_000  # bytes that tell what a file is
_LINES, _CELLS = 50, 3


def is_graph(path: Path) -> bool:
    """Whether the file, archive or folder at a path is a graph."""
    if (path / graph_store.ABOUT).is_file():
        return True
    if not path.is_dir():
        return _are_graph(_look_into(path.name, path))
    with data_home.storage_errors("read", path):
        found = islice((one for one in path.iterdir() if one.name[0] not in "._"), MOST + 1)
        files = sorted(one for one in found if one.is_file())
    names = [file.name for file in files]
    if len(files) > MOST or not (_are_rdf(names) or _are_parts(names)):
        return False
    return _are_graph(_all_of({file.name: file for file in files}))


def are_graph(files: Mapping[str, bytes]) -> bool:
    """Whether files by name, or the archive that a single one is, are those of a graph.

    They are where all are RDF, where they are OpenKE's, and where several are called train, valid
    and test and hold triples parted by tabs.
    """
    return len(files) <= MOST and _are_graph(_all_of(files))


def _all_of(files: Mapping[str, bytes | Path]) -> dict[str, bytes]:
    firsts: dict[str, bytes] = {}
    for name, source in files.items():
        firsts |= _look_into(name, source)
    return firsts


def _look_into(name: str, source: bytes | Path) -> dict[str, bytes]:
    """The first bytes of a file, or of those that are packed in it; nothing of a damaged one."""
    if isinstance(source, Path):
        with data_home.storage_errors("read", source), source.open("rb") as stream:
            first = stream.read(_FIRST)
    else:
        first = source[:_FIRST]
    if not is_packed(name, first):
        return {name: first}
    try:
        return members(name, source, _FIRST, MOST)
    except PackedError:
        return {}


def _are_graph(firsts: Mapping[str, bytes]) -> bool:
    """Whether files are those of a graph by the bytes with which each begins."""
    if _are_rdf([name for name in firsts if is_triples(name)]):
        return True
    if not _are_parts(firsts):
        return False
    if openke.is_openke(firsts):
        return True
    return all(_begins_with_triples(first) for name, first in firsts.items() if is_part(name))


def _begins_with_triples(first: bytes) -> bool:
    """Whether the first line has three cells, and middle ones are names: of texts they are none."""
    text = first.decode("utf-8", "replace")  # tabs stand alike in all encodings
    rows = [line.split("\t") for line in text.splitlines()[:_LINES]]
    relations = [row[1].strip() for row in rows if len(row) == _CELLS]
    return bool(rows) and len(rows[0]) == _CELLS and are_short(relations)


def _are_rdf(names: Collection[str]) -> bool:
    return bool(names) and all(
        name.lower().removesuffix(".gz").endswith(RDF_SUFFIXES) for name in names
    )


def _are_parts(names: Collection[str]) -> bool:
    """Whether several files are parts of a graph; what tells of them may lie beside them."""
    return len([name for name in names if is_part(name)]) > 1
