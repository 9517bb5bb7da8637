"""Whole files of triples and RDF that `fuzz` changes."""

from __future__ import annotations

import gzip
import json
import tarfile
import zipfile

from benchmarks.fuzz_seeds import Files, as_tar, as_zip

TRIPLES = "".join(f"e{a}\tr{a % 2}\te{(a + 1) % 7}\n" for a in range(24))


def triple_tabs() -> Files:
    """Triples with a header and without."""
    return [TRIPLES.encode(), f"head\trelation\ttail\n{TRIPLES}".encode()]


def triple_commas() -> Files:
    """Triples, some with their part."""
    return [TRIPLES.replace("\t", ",").replace("\n", ",test\n", 4).encode()]


def _parts() -> dict[str, bytes]:
    lines = TRIPLES.encode().splitlines(keepends=True)
    parts = {"train": lines[:16], "valid": lines[16:20], "test": lines[20:]}
    return {f"kg/{part}.tsv": b"".join(some) for part, some in parts.items()}


def triple_zips() -> Files:
    """Parts in a ZIP archive."""
    return [as_zip(_parts())]


def triple_tars() -> Files:
    """Parts in a packed tar archive, of two formats."""
    return [
        gzip.compress(as_tar(_parts(), kind), mtime=0)
        for kind in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT)
    ]


def packed_triples() -> Files:
    """One file, gzipped."""
    return [gzip.compress(TRIPLES.encode(), mtime=0)]


def _statements() -> list[str]:
    """N-Triples, with names, a literal and a blank node among them."""
    rows = [line.split("\t") for line in TRIPLES.splitlines()]
    return [
        *(f"<u:{head}> <u:{relation}> <u:{tail}> ." for head, relation, tail in rows),
        '<u:e1> <http://www.w3.org/2000/01/rdf-schema#label> "One"@en .',
        '<u:e1> <u:r0> "3"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        "_:b <u:r1> <u:e2> .",
    ]


def n_triples() -> Files:
    """RDF, a statement a line."""
    return ["\n".join([*_statements(), ""]).encode()]


def n_quads() -> Files:
    """RDF, a statement a line with its graph."""
    return ["\n".join(f"{one[:-1]}<u:g> ." for one in _statements()).encode()]


def turtle() -> Files:
    """Turtle and TriG with prefixes, lists and nested nodes."""
    rows = [f"u:{line} .".replace("\t", " u:") for line in TRIPLES.splitlines()]
    prefix = "@prefix u: <http://u.org/> .\n"
    more = 'u:e1 u:r0 u:e3, u:e4 ; u:r1 [ u:r0 u:e5 ] ; u:name """a\nb"""@de .\nu:e2 u:r1 (u:e1) .'
    whole = "\n".join([prefix, *rows, more])
    return [whole.encode(), f"{prefix}u:g {{\n{' '.join(rows)}\n}}".encode()]


def rdf_trees() -> Files:
    """RDF/XML and JSON-LD."""
    parts = [line.split("\t") for line in TRIPLES.splitlines()]
    syntax = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    rows = (
        f'<r:Description r:about="u:{head}"><u:{relation} r:resource="u:{tail}"/></r:Description>'
        for head, relation, tail in parts
    )
    nodes = [
        {"@id": f"u:{head}", f"u:{relation}": {"@id": f"u:{tail}"}}
        for head, relation, tail in parts
    ]
    return [
        f'<?xml version="1.0"?>\n<r:RDF xmlns:r="{syntax}" xmlns:u="http://u.org/">'
        f"{''.join(rows)}</r:RDF>".encode(),
        json.dumps({"@context": {"u": "http://u.org/"}, "@graph": nodes}).encode(),
    ]


def _triple_objects() -> list[dict[str, str]]:
    keys = ("head", "relation", "tail")
    return [dict(zip(keys, line.split("\t"), strict=True)) for line in TRIPLES.splitlines()]


def triple_objects() -> Files:
    """JSON: objects, lists, columns, nodes with links."""
    rows = _triple_objects()
    lists = [[*row.values()] for row in rows]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    links = [{"source": row["head"], "target": {"id": row["tail"]}} for row in rows]
    shapes = (rows, {"triples": lists}, columns, {"nodes": [{"id": "e1"}], "links": links})
    return [json.dumps(shape).encode() for shape in shapes]


def triple_object_lines() -> Files:
    """JSON Lines: objects and lists."""
    rows = _triple_objects()
    return [
        "\n".join(map(json.dumps, rows)).encode(),
        "\n".join(json.dumps([*row.values()]) for row in rows).encode(),
    ]


def openke() -> Files:
    """The files of OpenKE in an archive, packed and as they are."""
    names = "\n".join(["7", *(f"e{at}\t{at}" for at in range(7))])
    numbers = TRIPLES.replace("e", "").replace("r", "").splitlines()
    rows = [" ".join((head, tail, relation)) for head, relation, tail in map(str.split, numbers)]
    parts = {
        "kg/entity2id.txt": names,
        "kg/relation2id.txt": "2\nr0\t0\nr1\t1",
        "kg/train2id.txt": "\n".join(["20", *rows[:20]]),
        "kg/valid2id.txt": "\n".join(["2", *rows[20:22]]),
        "kg/test2id.txt": "\n".join(["2", *rows[22:]]),
    }
    files = {name: text.encode() for name, text in parts.items()}
    return [as_zip(files), as_zip(files, zipfile.ZIP_STORED)]


def labels() -> Files:
    """Readable names."""
    return [json.dumps({"e1": "One", "e2": {"label": "Two"}}).encode(), b"e1\tOne\ne2\tTwo\n"]
