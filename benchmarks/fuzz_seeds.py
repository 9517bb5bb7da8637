"""The small whole files that `fuzz` changes, made here."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

WORDS = ["king", "queen", "New York", "été", "猫"]
ROWS = [
    ("text", "kind", "n"),
    ("A girl sings in the rain.", "x", "1"),
    ("Zwölf Boxkämpfer jagen Viktor.", "y", "2.5"),
    ("a=b; c|d", "", "-3"),
    ("猫が好きです", "x", "1e-05"),
]
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "ICO", "PPM")
Files = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader.

    Attributes:
        files: makes whole files, from which the changes begin.
        read: reads a file of this content in a folder, as the pages do; true where rows were lost
            without a word.
    """

    files: Callable[[], Files]
    read: Callable[[bytes, Path], bool]


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    """What a function writes."""
    stream = io.BytesIO()
    save(stream)
    return stream.getvalue()


def as_zip(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive that is always the same."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def as_tar(parts: Mapping[str, bytes], kind: int = tarfile.GNU_FORMAT) -> bytes:
    """A tar archive that is always the same."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=kind) as archive:
        for name, data in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


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


@cache
def vectors() -> npt.NDArray[np.float32]:
    """``(5, 6)`` numbers."""
    return np.random.default_rng(0).normal(size=(len(WORDS), 6)).astype(np.float32)


def _numbers(separator: str) -> list[str]:
    return [separator.join(f"{x:.6f}" for x in row) for row in vectors()]


def vector_texts() -> Files:
    """GloVe's and word2vec's text."""
    rows = [f"{word} {row}" for word, row in zip(WORDS, _numbers(" "), strict=True)]
    return ["\n".join([*top, *rows, ""]).encode() for top in ([f"{len(WORDS)} 6"], [])]


def vector_cells() -> Files:
    """CSV with vectors in a column, as NumPy and as JSON write them, and in many columns."""
    rows = _numbers(" ")
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


def word2vec() -> Files:
    """word2vec's binary format."""
    pairs = zip(WORDS, vectors(), strict=True)
    rows = (word.encode() + b" " + row.tobytes() for word, row in pairs)
    return [f"{len(WORDS)} 6\n".encode() + b"".join(rows)]


def packed_vectors() -> Files:
    """Both, gzipped."""
    return [gzip.compress(data, mtime=0) for data in (*word2vec(), *vector_texts())]


def npy() -> Files:
    """Arrays of several types."""
    arrays = [vectors().astype(kind) for kind in ("f4", "f8", "f2", "i2", ">f4")]
    return [saved(lambda out, array=array: np.save(out, array)) for array in arrays]


def npz() -> Files:
    """Arrays with words of text and of bytes."""
    words = np.array(WORDS), np.array([word.encode() for word in WORDS])
    return [
        saved(lambda out: np.savez_compressed(out, vectors=vectors(), words=words[0])),
        saved(lambda out: np.savez(out, vectors=vectors(), words=words[1])),
    ]


def safetensors() -> Files:
    """One tensor and two."""
    from safetensors.numpy import save

    words = {"words": "\n".join(WORDS)}
    two: dict[str, npt.NDArray[Any]] = {
        "vectors": vectors().astype(np.float16),
        "other": vectors(),
    }
    return [save({"vectors": vectors()}, words), save(two, words)]


def safetensors_alone() -> Files:
    """A tensor without words, whose list lies beside it."""
    from safetensors.numpy import save

    return [save({"embeddings": vectors().astype(kind)}) for kind in ("f4", "f2", "i4")]


def faiss_indexes() -> Files:
    """Flat indexes of FAISS, with ids and without."""
    import faiss

    plain = faiss.IndexFlatIP(vectors().shape[1])
    named = faiss.IndexIDMap(faiss.IndexFlatL2(vectors().shape[1]))
    plain.add(vectors())
    named.add_with_ids(vectors(), np.arange(len(WORDS))[::-1].astype(np.int64))
    return [faiss.serialize_index(one).tobytes() for one in (plain, named)]


def vector_tabs() -> Files:
    """Numbers alone."""
    return ["\n".join(_numbers("\t")).encode()]


@cache
def pictures() -> dict[str, list[bytes]]:
    """Pictures in all formats that are read, of several modes and packings."""
    from PIL import Image

    def file(picture: Image.Image, kind: str, **options: Any) -> bytes:
        return saved(lambda out: picture.save(out, kind, **options))

    draw = np.random.default_rng(0)
    rgb = Image.fromarray(draw.integers(0, 256, (12, 16, 3), dtype=np.uint8))
    palette, exif = rgb.quantize(16), rgb.getexif()
    exif[0x0112] = 6
    deep = Image.fromarray(draw.integers(0, 65_536, (8, 8), dtype=np.uint16))
    real = Image.fromarray(np.eye(8, dtype=np.float32))
    two = {"save_all": True, "append_images": [palette.rotate(90)]}
    packings = ("tiff_lzw", "tiff_adobe_deflate", "jpeg")
    return {
        "JPEG": [
            file(rgb, "JPEG", exif=exif),
            file(rgb.convert("CMYK"), "JPEG"),
            file(rgb, "JPEG", progressive=True),
        ],
        "PNG": [
            file(rgb, "PNG", exif=exif),
            file(palette, "PNG", transparency=0),
            file(deep, "PNG"),
        ],
        "WEBP": [file(rgb, "WEBP", exif=exif), file(rgb, "WEBP", lossless=True)],
        "GIF": [file(palette, "GIF"), file(palette, "GIF", transparency=1, **two)],
        "TIFF": [
            *(file(one, "TIFF") for one in (rgb, palette, real, deep)),
            *(file(rgb, "TIFF", compression=one) for one in packings),
        ],
        "BMP": [file(rgb, "BMP"), file(palette, "BMP")],
        "AVIF": [file(rgb, "AVIF")],
        "ICO": [file(rgb, "ICO"), file(rgb, "ICO", bitmap_format="bmp")],
        "PPM": [file(rgb, "PPM"), file(real, "PPM"), b"P3\n2 1\n255\n255 0 0 0 255 9\n"],
    }


def picture_parts() -> dict[str, bytes]:
    """Pictures by their paths in an archive."""
    kinds = pictures()
    return {"x/a.png": kinds["PNG"][0], "x/b.jpg": kinds["JPEG"][0], "y/c.gif": kinds["GIF"][0]}


def picture_zips() -> Files:
    """Pictures in an archive, packed and as they are."""
    return [as_zip(picture_parts()), as_zip(picture_parts(), zipfile.ZIP_STORED)]


def picture_tables() -> Files:
    """Pictures in Parquet, as structs with labels and captions, and as bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = [pictures()["PNG"][0], None, pictures()["JPEG"][0]]
    rows = [{"bytes": data, "path": f"p{at}.png"} for at, data in enumerate(files)]
    label = {"_type": "ClassLabel", "names": ["cat", "dog"]}
    features = json.dumps({"info": {"features": {"label": label}}})
    named = pa.table({"image": rows, "label": [0, 1, 0], "caption": [["a", "b"], [], None]})
    tables = (
        named.replace_schema_metadata({"huggingface": features}),
        pa.table({"image": [data or b"" for data in files]}),
    )
    return [saved(lambda out, table=table: pq.write_table(table, out, 2)) for table in tables]


def picture_lists() -> Files:
    """A table of paths."""
    return [b"file,caption\nx/a.png,red\nb.jpg,blue\nc,\n"]
