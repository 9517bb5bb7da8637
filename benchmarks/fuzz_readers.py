"""What `fuzz` reads: every reader, and whether rows went without a word."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from benchmarks import (
    fuzz_readers_models,
    fuzz_readers_pictures,
    fuzz_seeds as seeds,
    fuzz_seeds_graphs as seeds_graphs,
    fuzz_seeds_kept as seeds_kept,
    fuzz_seeds_tables as seeds_tables,
    fuzz_seeds_vectors as seeds_vectors,
)
from benchmarks.fuzz_seeds import Files, Reader

NEWLINE = re.compile(r"\r\n|\n|\r")
LEFT_OUT = re.compile(r"(?:Left out[^:]*|Skipped): ([\d,]+) (?:blank )?(?:line|triple)")
ROWS_LEFT_OUT = re.compile(r"Left out ([\d,]+) row")
ALL_ROWS = re.compile(r"Rows: ([\d,]+);")
ENTITIES = [f"e{at}" for at in range(7)]


def _lines(data: bytes) -> list[str] | None:
    """The lines of plain text in UTF-8; ``None`` where they are counted in another way."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if set(text) & {"\0", '"', "\ufeff"} else NEWLINE.split(text)


def _sum(pattern: re.Pattern[str], notes: Sequence[str]) -> int:
    return sum(int(number.replace(",", "")) for note in notes for number in pattern.findall(note))


def _table(name: str, data: bytes, folder: Path) -> bool:
    from core.readers.table_roles import find_roles
    from core.readers.table_vectors import choose
    from core.readers.tables import read_table, text_columns

    table = read_table(name, data)
    text_columns(table.frame)
    find_roles(table.frame, table.vectors)
    choose(table.frame, table.vectors)
    if any(len(rows) != len(table.frame) for rows in table.vectors.values()):
        raise AssertionError("rows and vectors differ")
    lines = _lines(data)
    if lines is None or data[:4] in (b"PAR1", b"PK\3\4", b"\x89HDF"):
        return False
    if name == "a.txt":
        return len(table.frame) != sum(map(bool, map(str.strip, lines)))
    if name == "a.csv":
        headless = any(note.startswith("The first row was read") for note in table.notes)
        return len(table.frame) + (not headless) != sum(map(bool, lines))
    return False


def _json_lines(data: bytes, folder: Path) -> bool:
    from core.readers.tables import read_table

    rows = len(read_table("a.jsonl", data).frame)
    try:
        json.loads(data)  # one value: it may hold any number of rows
    except (ValueError, RecursionError):
        lines = _lines(data.replace(b'"', b"'"))
        return lines is not None and rows != sum(map(bool, map(str.strip, lines)))
    return False


def _vectors(name: str, data: bytes, folder: Path, *, words: bool = False) -> bool:
    from core.readers.vector_files import read_vectors

    (folder / name).write_bytes(data)
    beside = folder / "words.txt"
    beside.write_text("\n".join(seeds.WORDS), encoding="utf-8")
    vectors = read_vectors(folder / name, beside if words else None)
    if not len(vectors.words) == len(vectors.vectors) > 0 or not np.isfinite(vectors.vectors).all():
        raise AssertionError("words and vectors differ, or are not finite")
    if name != "a.txt" or "text" not in vectors.format:
        return False
    lines = sum(map(bool, map(bytes.strip, data.split(b"\n"))))
    header = vectors.format != "GloVe text"
    return len(vectors.words) + _sum(ROWS_LEFT_OUT, vectors.notes) != lines - header


def _graph(name: str, data: bytes, folder: Path) -> bool:
    from core.graphs import sources

    graph = sources.read_files("a", {name: data})
    rows = _sum(ALL_ROWS, graph.notes)
    if name in ("a.nt", "a.nq", "a.jsonl"):
        return rows < _filled(data if name != "a.jsonl" else data.replace(b"\r", b"?"))
    lines = _lines(data)
    if lines is None or name != "a.tsv":
        return False
    first = lines[0].lower()
    header = any(word in first for word in ("head", "h\t", "subject", "source", "from"))
    header |= any(note.startswith("Read as a header") for note in graph.notes)
    taken = len(graph.triples) + _sum(LEFT_OUT, graph.notes)
    total = len(lines) - (not lines[-1].strip())
    return taken not in ((total, total - 1) if header else (total,))


def _filled(data: bytes) -> int:
    """How many lines hold something but a comment; 0 where it is one value of JSON."""
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        lines = _lines(data.replace(b'"', b"'")) or []
        return sum(bool(line.strip()) and line.strip()[0] != "#" for line in lines)
    return 0


def _labels(data: bytes, folder: Path) -> bool:
    from core.graphs.names import read_names

    read_names("a.json", data, ENTITIES)
    return False


def _shelf(data: bytes, folder: Path) -> bool:
    from core.shelf.file import unpack_given

    unpack_given(data, "shelf.zip")
    return False


def _link_terms(data: bytes, folder: Path) -> bool:
    from core.shelf.link_vectors import read as read_terms

    read_terms(data.decode("utf-8", "replace").split("\n"))
    return False


def _link_rows(data: bytes, folder: Path) -> bool:
    from core.maps.row_ranges import unpack

    unpack(data.decode("utf-8", "replace"), seeds_kept.NAMES, seeds_kept.NAMES)
    return False


READERS: dict[str, Reader] = {
    "table txt": Reader(seeds_tables.texts, partial(_table, "a.txt")),
    "table csv": Reader(seeds_tables.commas, partial(_table, "a.csv")),
    "table tsv": Reader(seeds_tables.tabs, partial(_table, "a.tsv")),
    "table json": Reader(seeds_tables.objects, partial(_table, "a.json")),
    "table jsonl": Reader(seeds_tables.object_lines, _json_lines),
    "table parquet": Reader(seeds_tables.parquet_tables, partial(_table, "a.parquet")),
    "table xlsx": Reader(seeds_tables.workbooks, partial(_table, "a.xlsx")),
    "table vectors csv": Reader(seeds_tables.vector_cells, partial(_table, "a.csv")),
    "table vectors json": Reader(seeds_tables.vector_objects, partial(_table, "a.json")),
    "table vectors parquet": Reader(seeds_tables.vector_parquet, partial(_table, "a.parquet")),
    "table arrow": Reader(seeds_tables.arrow_files, partial(_table, "a.arrow")),
    "table h5ad": Reader(seeds_tables.anndata, partial(_table, "a.h5ad")),
    "table gzip": Reader(seeds_tables.packed_tables, partial(_table, "a.csv.gz")),
    "table zip": Reader(seeds_tables.zipped_tables, partial(_table, "a.zip")),
    "vectors word2vec": Reader(seeds_vectors.word2vec, partial(_vectors, "a.bin")),
    "vectors text": Reader(seeds_vectors.vector_texts, partial(_vectors, "a.txt")),
    "vectors gzip": Reader(seeds_vectors.packed_vectors, partial(_vectors, "a.vec.gz")),
    "vectors npy": Reader(seeds_vectors.npy, partial(_vectors, "a.npy", words=True)),
    "vectors npz": Reader(seeds_vectors.npz, partial(_vectors, "a.npz")),
    "vectors safetensors": Reader(seeds_vectors.safetensors, partial(_vectors, "a.safetensors")),
    "vectors safetensors pair": Reader(
        seeds_vectors.safetensors_alone, partial(_vectors, "a.safetensors", words=True)
    ),
    "vectors faiss": Reader(seeds_vectors.faiss_indexes, partial(_vectors, "a.faiss", words=True)),
    "vectors tsv": Reader(seeds_vectors.vector_tabs, partial(_vectors, "a.tsv", words=True)),
    "graph tsv": Reader(seeds_graphs.triple_tabs, partial(_graph, "a.tsv")),
    "graph csv": Reader(seeds_graphs.triple_commas, partial(_graph, "a.csv")),
    "graph zip": Reader(seeds_graphs.triple_zips, partial(_graph, "a.zip")),
    "graph tar": Reader(seeds_graphs.triple_tars, partial(_graph, "a.tar.gz")),
    "graph gzip": Reader(seeds_graphs.packed_triples, partial(_graph, "a.tsv.gz")),
    "graph nt": Reader(seeds_graphs.n_triples, partial(_graph, "a.nt")),
    "graph nq": Reader(seeds_graphs.n_quads, partial(_graph, "a.nq")),
    "graph ttl": Reader(seeds_graphs.turtle, partial(_graph, "a.txt")),
    "graph rdf": Reader(seeds_graphs.rdf_trees, partial(_graph, "a.txt")),
    "graph json": Reader(seeds_graphs.triple_objects, partial(_graph, "a.json")),
    "graph jsonl": Reader(seeds_graphs.triple_object_lines, partial(_graph, "a.jsonl")),
    "graph openke": Reader(seeds_graphs.openke, partial(_graph, "a.zip")),
    "graph labels": Reader(seeds_graphs.labels, _labels),
    **fuzz_readers_pictures.READERS,
    **fuzz_readers_models.READERS,
    "shelf": Reader(seeds_kept.shelves, _shelf),
    "link terms": Reader(seeds_kept.link_terms, _link_terms),
    "link rows": Reader(seeds_kept.link_rows, _link_rows),
}


@cache
def files(reader: str) -> Files:
    """The whole files of a reader."""
    return READERS[reader].files()


def read(reader: str, data: bytes) -> bool:
    """Reads a file in a folder of its own; true where rows were lost without a word."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        return READERS[reader].read(data, Path(folder))
