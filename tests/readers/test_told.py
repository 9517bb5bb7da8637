"""What is told of files that are damaged, cut off, or hold nothing that can be used."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.base.errors import ExplorerError, TableError, VectorFileError
from core.readers import vector_files
from core.readers.tables import read_table
from tests.support.packed_files import as_zip

TABLE = pd.DataFrame({"title": ["the first", "the second"] * 20, "year": range(40)})


def told(name: str, data: bytes) -> str:
    with pytest.raises(ExplorerError) as caught:
        read_table(name, data)
    return str(caught.value)


def test_json_that_was_cut_is_told_so() -> None:
    whole = TABLE.to_json(orient="records").encode()
    for end in (len(whole) // 2, len(whole) // 2 + 5, len(whole) - 1):
        assert "is JSON that ends too early" in told("t.json", whole[:end])


def test_a_parquet_file_that_was_cut_is_told_in_whole_words() -> None:
    stream = io.BytesIO()
    TABLE.to_parquet(stream)
    found = told("t.parquet", stream.getvalue()[:-50])
    assert "it ends too early." in found


def test_parts_of_a_graph_that_hold_no_triples_are_told_what_they_need() -> None:
    with pytest.raises(TableError, match="each line is a triple"):
        read_table("g.zip", as_zip({"train.txt": "a b\n", "valid.txt": "", "test.txt": "a b\n"}))
    with pytest.raises(TableError) as caught:
        read_table("t.zip", as_zip({"one.txt": "a b\n", "two.txt": "a b\n"}))
    assert "triple" not in str(caught.value)


def test_rows_without_a_finite_vector_are_told(tmp_path: Path) -> None:
    vectors = np.ones((5, 4), np.float32)
    vectors[1, 2], vectors[3] = np.nan, np.inf
    np.save(tmp_path / "some.npy", vectors)
    found = vector_files.read_rows(tmp_path / "some.npy")
    assert len(found.vectors) == 5
    assert found.notes[-1] == "Without a vector, for NaN or infinite numbers: 2 rows."
    np.save(tmp_path / "none.npy", vectors[[1, 3]])
    with pytest.raises(VectorFileError, match="NaN or infinite numbers in 2 rows, in each"):
        vector_files.read_rows(tmp_path / "none.npy")
