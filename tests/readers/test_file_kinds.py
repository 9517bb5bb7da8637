"""What files are by their first bytes, and what is told where another kind was needed."""

from __future__ import annotations

import io
import pickle
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import ExplorerError, TableError
from core.readers import file_kinds, vector_files
from core.readers.tables import read_table
from tests.support.packed_files import as_zip

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345678\n"
)
PAGE = b"<!DOCTYPE html>\n<html><head><title>404, Not Found</title></head><body>no</body></html>\n"


def picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(stream, kind)
    return stream.getvalue()


def sound() -> bytes:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(100))
    return stream.getvalue()


def array() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.ones((3, 4), np.float32))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (POINTER, "Git LFS pointer to a file of 12 MB"),
        (PAGE, "web page"),
        (b"\xef\xbb\xbf<html lang='en'>\n<head>", "web page"),
        (bytes(100), "zeros"),
        *((picture(kind), kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WebP")),
        (sound(), "WAV"),
        (b"%PDF-1.7\n%\xe2\xe3\n", "PDF"),
        (array(), "NumPy"),
        (pickle.dumps([1]), "pickle"),
        (struct.pack("<Q", 2) + b"{}", "safetensors"),
        (as_zip({"[Content_Types].xml": "", "word/document.xml": ""}), "Word"),
        (as_zip({"archive/data.pkl": "x"}), "PyTorch"),
        (as_zip({"a.csv": "x"}), "ZIP"),
        (b'{"error": "not found"}', "JSON"),
        ("ja, “nein”\n".encode(), "text"),
    ],
)
def test_a_file_is_told_by_its_bytes(data: bytes, told: str) -> None:
    found = file_kinds.kind_of(data)
    assert found is not None
    assert told in found.told


@pytest.mark.parametrize(
    "data",
    [
        b"BMI,age\n21,40\n",
        b"ID3 tags\n",
        b"MZ\n",
        b"<html> 0.25 0.5\n",
        "ÿØÿ привет\n".encode("cp1251", "replace"),
        "BZh\nпривет\n".encode("cp1251"),
        "слова\n".encode("utf-16"),
        ("a" * (file_kinds.START - 4) + "ß" * 9).encode(),
    ],
)
def test_texts_that_begin_as_other_files_do_stay_texts(data: bytes) -> None:
    found = file_kinds.kind_of(data)
    assert found is None or found.text


def told(name: str, data: bytes) -> str:
    with pytest.raises(ExplorerError) as caught:
        read_table(name, data)
    return str(caught.value)


@pytest.mark.parametrize("ending", ["parquet", "xlsx", "h5ad", "csv", "zip", "gz"])
def test_pointers_and_web_pages_are_taken_for_no_table(ending: str) -> None:
    assert "is a Git LFS pointer" in told(f"t.{ending}", POINTER)
    assert "git lfs pull" in told(f"t.{ending}", POINTER)
    assert "is a web page" in told(f"t.{ending}", PAGE)


def test_what_is_no_table_is_told_where_it_goes() -> None:
    assert "“photo.png” is a picture (PNG)." in told("photo.png", picture("PNG"))
    assert "images --query" in told("photo.csv", picture("PNG"))
    assert "transcript" in told("a.wav", sound())
    assert "Name it .npy." in told("t.parquet", array())
    assert "name it .txt or .csv" in told("notes.md", b"# Notes\n\nOf today.\n")


@pytest.mark.parametrize("ending", ["npy", "npz", "safetensors"])
def test_what_is_no_file_of_vectors_is_told(tmp_path: Path, ending: str) -> None:
    parquet = io.BytesIO()
    import pandas as pd

    pd.DataFrame({"a": [1]}).to_parquet(parquet)
    path = tmp_path / f"v.{ending}"
    for data, expected in (
        (POINTER, "is a Git LFS pointer"),
        (PAGE, "is a web page"),
        (picture("PNG"), "is a picture (PNG)"),
        (parquet.getvalue(), "is a Parquet file. Expected"),
        (b"only text\nof two lines\n", "is text. Expected"),
        (bytes(100), "is nothing but zeros"),
        (as_zip({"[Content_Types].xml": "", "xl/workbook.xml": ""}), "is an Excel workbook"),
    ):
        path.write_bytes(data)
        with pytest.raises(ExplorerError) as caught:
            vector_files.read_rows(path)
        assert expected in str(caught.value)


def test_a_file_that_was_cut_is_told_so_where_it_begins_as_it_should(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"title": ["one", "two"] * 99, "number": range(198)})
    for ending, write in (("parquet", frame.to_parquet), ("xlsx", frame.to_excel)):
        stream = io.BytesIO()
        write(stream)  # type: ignore[operator]
        whole = stream.getvalue()
        with pytest.raises(TableError) as caught:
            read_table(f"t.{ending}", whole[: len(whole) // 2])
        assert "it ends too early." in str(caught.value)
        assert "another kind" not in str(caught.value)
