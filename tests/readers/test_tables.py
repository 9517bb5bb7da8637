"""Tables of texts: the format by the bytes, the column of texts, and anything at all as a file."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings, strategies as st

from core.base.errors import TableError
from core.readers.tables import (
    SUFFIXES,
    Table,
    cell_text,
    guess_text_column,
    read_table,
    text_columns,
)
from tests.support.table_files import as_csv, as_parquet, as_xlsx, cells, fails, read_here, told

# What the bytes are


def test_the_bytes_decide_not_the_suffix() -> None:
    rows = [["text", "kind"], ["a b", "x"], ["c d", "y"]]
    table = read_table("a.xlsx", as_csv(rows).encode())
    assert cells(table) == rows
    assert told(table) == "Despite .xlsx it was read as text."
    table = read_table("a.parquet", as_csv(rows, "\t").encode("utf-16"))
    assert cells(table) == rows
    table = read_table("a.csv", as_xlsx(a=rows))
    assert cells(table) == rows
    assert told(table) == "Despite .csv it was read as an Excel workbook."
    table = read_table("a.csv", as_parquet(text=["a b"], kind=["x"]))
    assert cells(table) == [["text", "kind"], ["a b", "x"]]
    assert told(table) == "Despite .csv it was read as a Parquet file."
    assert [*read_table("a.txt", b"PAR1 is a gene.\n").frame["text"]] == ["PAR1 is a gene."]


@pytest.mark.parametrize("name", ["a.docx", "a.png", "a.csv.gz", "csv", "", "a.xls"])
def test_other_suffixes_are_told_what_can_be_read(name: str) -> None:
    assert "CSV, TSV, JSON, JSON Lines, Parquet" in fails(name, b"text\na\n")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_without_a_row_are_told(suffix: str) -> None:
    for data in (b"", b"\n\n", b"  \r\n", b"\xef\xbb\xbf", b"\xff\xfe"):
        assert fails(f"a.{suffix}", data)


def test_a_header_alone_and_pictures_are_told() -> None:
    assert "has no rows" in fails("a.csv", "text,kind\n")
    assert "has no rows" in fails("a.tsv", "text\tkind\n")
    assert "is a picture (PNG)" in fails("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)


# Columns


def test_the_real_files_read(shared_data: Callable[[str], Path]) -> None:
    def read(name: str) -> Table:
        return read_table(name, shared_data(f"text/{name}").read_bytes())

    movies = read("movie_descriptions.parquet")
    assert movies.frame.shape == (12_000, 4)
    assert guess_text_column(movies.frame) == "description"
    some = read("movie_descriptions_400.csv")
    assert guess_text_column(some.frame) == "description"
    assert some.frame["title"][0] == "Clowns Spinning Hats"
    assert some.frame["year"][0] == 1900
    banking = read("banking77.csv")
    assert len(banking.frame) == 13_083
    assert text_columns(banking.frame) == ["text", "category"]
    assert banking.frame["text"][0] == "I am still waiting on my card?"
    pairs = read("stsb-en-test.csv")
    assert cells(pairs)[1] == ["A girl is styling her hair.", "A girl is brushing her hair.", 2.5]
    assert len(pairs.frame) == 1379
    assert text_columns(pairs.frame) == ["column 1", "column 2"]
    prompts = read("PartiPrompts.tsv")
    assert len(prompts.frame) == 1632
    assert guess_text_column(prompts.frame) == "Prompt"
    assert prompts.frame["Prompt"][1560].startswith('"G I G G L E" painted in')
    assert guess_text_column(read("wga_paintings.csv").frame) == "TITLE"


def test_ids_addresses_numbers_dates_and_categories_lose() -> None:
    frame = pd.DataFrame(
        {
            "id": [f"{i:032x}" for i in range(40)],
            "url": [f"https://example.org/a/long/path/to/{i}" for i in range(40)],
            "date": [f"2020-01-{i % 28 + 1:02}" for i in range(40)],
            "n": range(40),
            "label": ["good", "bad"] * 20,
            "notes": [f"The film number {i} was rather long for me" for i in range(40)],
        }
    )
    assert text_columns(frame) == ["notes", "label"]
    assert guess_text_column(frame) == "notes"
    with pytest.raises(TableError, match="“id”, “url”, “date”, “n”"):
        guess_text_column(frame[["id", "url", "date", "n"]])


def test_words_beside_long_numbers_are_what_a_column_called_text_holds() -> None:
    texts = [f"Order {number:030}" for number in range(40)]
    frame = pd.DataFrame({"text": texts, "kind": ["k"] * 40})
    assert guess_text_column(frame) == "text"
    assert text_columns(pd.DataFrame({"text": ["12", "3.5 %"], "kind": ["k", "l"]})) == ["kind"]


def test_single_words_and_other_scripts_are_text() -> None:
    for words in (["cat", "dog"], ["猫が好きです", "犬"], ["кошка", "собака"]):
        assert text_columns(pd.DataFrame({"w": words, "n": ["1", "2"]})) == ["w"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (math.nan, ""),
        (np.float32("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (12.0, "12"),
        (np.float64(-3.0), "-3"),
        (1.5, "1.5"),
        (np.float32(0.1), "0.1"),
        (math.inf, "inf"),
        (1e300, "1e+300"),
        (7, "7"),
        (True, "True"),
        (" a\0b \n", "ab"),
        ("nan", "nan"),
    ],
)
def test_a_cell_as_text(value: Any, text: str) -> None:
    assert cell_text(value) == text


# Anything at all

CELL = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r\t"))


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=6)
    ),
    st.sampled_from([",", ";", "|", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(max_examples=250, deadline=None)
def test_what_is_written_comes_back(
    rows: list[list[str]], delimiter: str, encoding: str, quoting: Any
) -> None:
    names = ["one", "two", "three", "four"][: len(rows[0]) if rows else 1]
    rows = [names, *rows, ["word"] * len(names)]  # so that no column is one of numbers
    data = as_csv(rows, delimiter, quoting).encode(encoding)
    assert cells(read_table("a.tsv" if delimiter == "\t" else "a.csv", data)) == rows


@given(st.sampled_from(SUFFIXES), st.one_of(st.binary(max_size=200), st.text(max_size=60)))
@settings(max_examples=500, deadline=None)
@example("csv", '"')
@example("jsonl", '{"a": 1e999}')
@example("json", '{"a": {"b": []}}')
def test_anything_gives_a_table_or_a_clear_error(suffix: str, data: bytes | str) -> None:
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    _table_or_error(f"a.{suffix}", raw)


@given(st.integers(0, 2**31))
@settings(max_examples=150, deadline=None)
def test_flipped_bytes_give_a_table_or_a_clear_error(seed: int) -> None:
    random = np.random.default_rng(seed)
    data = bytearray(PACKED[seed % 2])
    for at in random.integers(4, len(data), 3):
        data[at] = int(random.integers(0, 256))
    _table_or_error("a.parquet", bytes(data))


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_json_gives_a_table_or_a_clear_error(value: Any) -> None:
    _table_or_error("a.json", json.dumps(value).encode())


PACKED = (
    as_parquet(text=["a b", "c d"], n=[1, 2], tags=[["x"], []]),
    as_xlsx(a=[["text", "n"], ["a b", 1], ["c d", 2]]),
)


def _table_or_error(name: str, data: bytes) -> None:
    try:
        table = read_here(name, data)
    except TableError as error:
        assert str(error)
        return
    frame = table.frame
    assert len(frame) > 0
    assert frame.index.equals(pd.RangeIndex(len(frame)))
    assert all(isinstance(column, str) and column for column in frame.columns)
    assert len({*frame.columns}) == len(frame.columns) > 0
    assert {*text_columns(frame)} <= {*frame.columns}
    assert all("\0" not in cell_text(cell) for column in frame for cell in frame[column])
