"""Tables of texts and of vectors in all formats, for `fuzz` to change."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

from benchmarks.fuzz_seeds import WORDS, Files, as_zip, numbers, saved, vectors

ROWS = [
    ("text", "kind", "n"),
    ("A girl sings in the rain.", "x", "1"),
    ("Zwölf Boxkämpfer jagen Viktor.", "y", "2.5"),
    ("a=b; c|d", "", "-3"),
    ("猫が好きです", "x", "1e-05"),
]


def as_csv(delimiter: str, encoding: str = "utf-8", quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    """The table as text."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=quoting).writerows(ROWS)
    return stream.getvalue().encode(encoding, "replace")


def texts() -> Files:
    """Lines."""
    return ["\n".join(row[0] for row in ROWS).encode(), "a b\r\nc d\r\n".encode("utf-16")]


def commas() -> Files:
    """CSV."""
    return [as_csv(","), as_csv(";", "cp1252"), as_csv("|", quoting=csv.QUOTE_ALL)]


def tabs() -> Files:
    """TSV."""
    return [as_csv("\t"), as_csv("\t", "utf-16")]


def _objects() -> list[dict[str, Any]]:
    return [dict(zip(ROWS[0], row, strict=True)) | {"nested": {"a": [1]}} for row in ROWS[1:]]


def objects() -> Files:
    """JSON."""
    columns = {"a": ["x", "y"], "b": [1, None]}
    return [json.dumps(_objects()).encode(), json.dumps(columns).encode()]


def object_lines() -> Files:
    """JSON Lines."""
    return ["\n".join(map(json.dumps, _objects())).encode()]


def parquet_tables() -> Files:
    """Parquet of all kinds of columns, packed in all ways."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = dict(zip(ROWS[0], zip(*ROWS[1:], strict=True), strict=True))
    times = pa.array([0, 1, 2, None], pa.timestamp("ms"))
    repeated = pa.array([*columns["text"]] * 9).dictionary_encode()
    tables = [
        pa.table({**columns, "tags": [["a"], [], None, ["b", "c"]], "when": times}),
        pa.table({"text": repeated, "raw": [b"\xff"] * 36, "ok": [True, None] * 18}),
    ]
    return [
        saved(lambda out, table=table, how=how: pq.write_table(table, out, 5, compression=how))
        for table in tables
        for how in ("none", "zstd", "gzip", "snappy")
    ]


def workbooks() -> Files:
    """A workbook, written by hand, so that only what readers look at is in it."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = (f'<row r="{y}">{_cells(y, row)}</row>' for y, row in enumerate(ROWS, start=1))
    relations = f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/'
        'vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'{relations}Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="one" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{relations}Type="{office}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>'
        f"{''.join(rows)}</sheetData></worksheet>",
    }
    return [as_zip({name: text.encode() for name, text in parts.items()})]


def _cells(y: int, row: Sequence[str]) -> str:
    cells = []
    for x, text in zip("ABC", row, strict=True):
        if text.strip("-").replace(".", "").isdigit():
            cells.append(f'<c r="{x}{y}"><v>{text}</v></c>')
        else:
            cells.append(f'<c r="{x}{y}" t="inlineStr"><is><t>{text}</t></is></c>')
    return "".join(cells)


def vector_cells() -> Files:
    """CSV with vectors in a column, as NumPy and as JSON write them, and in many columns."""
    rows = numbers(" ")
    plain = [f"{at},{word},[{row}]" for at, (word, row) in enumerate(zip(WORDS, rows, strict=True))]
    lists = zip(WORDS, vectors().tolist(), strict=True)
    quoted = [f'{word},"{json.dumps(row)}"' for word, row in lists]
    names = ",".join(f"dim_{at}" for at in range(12))
    many = zip(WORDS, vectors().tolist(), strict=True)
    apart = [",".join([word, *map(str, row + row)]) for word, row in many]
    tables = (["id,text,embedding", *plain], ["text,vector", *quoted], [f"text,{names}", *apart])
    return ["\n".join(lines).encode() for lines in tables]


def vector_objects() -> Files:
    """JSON and JSON Lines with lists of numbers."""
    pairs = zip(WORDS, vectors().tolist(), strict=True)
    rows = [{"text": word, "embedding": row} for word, row in pairs]
    return [json.dumps(rows).encode(), "\n".join(map(json.dumps, rows)).encode()]


def _vector_tables() -> list[Any]:
    """Arrow tables with vectors in lists, of one length and of any, some of them missing."""
    import pyarrow as pa

    rows = vectors().tolist()
    fixed = pa.array([*rows[:-1], None], pa.list_(pa.float32(), 6))
    free = pa.array([None, *rows[1:]], pa.list_(pa.float64()))
    large = pa.array([list(range(16))] * len(rows), pa.large_list(pa.int32()))
    return [
        pa.table({"text": WORDS, "embedding": fixed}),
        pa.table({"text": WORDS, "vector": free, "ids": large}),
    ]


def vector_parquet() -> Files:
    """Parquet with lists of numbers."""
    import pyarrow.parquet as pq

    return [
        saved(lambda out, table=table, how=how: pq.write_table(table, out, 3, compression=how))
        for table in _vector_tables()
        for how in ("none", "zstd")
    ]


def arrow_files() -> Files:
    """Feather and Arrow's files and streams, with vectors and other columns."""
    import pyarrow as pa
    from pyarrow import feather, ipc

    columns = dict(zip(ROWS[0], zip(*ROWS[1:], strict=True), strict=True))
    repeated = pa.array([*columns["text"]]).dictionary_encode()
    plain = pa.table({**columns, "again": repeated, "tags": [["a"], [], None, ["b"]]})
    tables = [*_vector_tables(), plain]

    def write(out: io.BytesIO, table: Any, way: Any) -> None:
        with way(out, table.schema) as writer:
            writer.write_table(table, 3)

    return [
        *(
            saved(lambda out, t=table, how=how: feather.write_feather(t, out, compression=how))
            for table in tables
            for how in ("uncompressed", "zstd")
        ),
        *(saved(lambda out, table=table: write(out, table, ipc.new_stream)) for table in tables),
    ]


def anndata() -> Files:
    """AnnData's HDF5 as its three kinds of versions write it."""
    from tests.support import anndata_files as made

    return [made.packed(write) for write in (made.current, made.middle, made.old)]


def packed_tables() -> Files:
    """CSV, gzipped."""
    return [gzip.compress(data, mtime=0) for data in (*commas(), *vector_cells())]


def zipped_tables() -> Files:
    """An archive of one table, beside other files and alone."""
    return [
        as_zip({"a.csv": commas()[0]}),
        as_zip({"data/a.jsonl": object_lines()[0], "readme.md": b"# Read me\n"}),
        as_zip({"a.parquet": parquet_tables()[0]}, zipfile.ZIP_STORED),
    ]
