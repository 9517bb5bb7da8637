"""Tables as programs of every country write them: read by their content, and told how."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st
from pyarrow import feather

from core.readers.table_layout import Given, LeftOut
from core.readers.tables import Table, read_table
from tests.support.table_files import as_xlsx, cells, fails, told

CASES = Path(__file__).parent.parent / "cases" / "tables"


def _read(name: str, given: Given = Given()) -> Table:  # noqa: B008
    return read_table(name, (CASES / name).read_bytes(), given=given)


@pytest.mark.parametrize(
    ("name", "codec", "rows"),
    [
        (
            "ru_cp1251.csv",
            "cp1251",
            [
                ["id", "отзыв", "оценка"],
                [1, "Очень вкусный суп и добрый персонал", 5],
                [2, "Долго ждали, еда была холодной", 2],
                [3, "Хорошее место для ужина с семьёй", 4],
            ],
        ),
        (
            "ja_sjis.csv",
            "cp932",
            [
                ["番号", "感想"],
                [1, "とても美味しいラーメンでした"],
                [2, "店員さんが親切でした"],
                [3, "少し待ち時間が長かったです"],
            ],
        ),
        (
            "zh_gbk.csv",
            "gb18030",
            [
                ["编号", "评论"],
                [1, "这家餐厅的面条非常好吃"],
                [2, "服务员态度很好"],
                [3, "等待时间太长了"],
            ],
        ),
        (
            "pl_cp1250.csv",
            "cp1250",
            [
                ["id", "opinia"],
                [1, "Świetna zupa i miła obsługa"],
                [2, "Długo czekaliśmy na jedzenie"],
                [3, "Łódź jest piękna jesienią"],
            ],
        ),
        (
            "el_cp1253.csv",
            "cp1253",
            [
                ["id", "κείμενο"],
                [1, "Πολύ ωραίο φαγητό"],
                [2, "Αργήσαμε πολύ"],
                [3, "Καλή τιμή για το μέρος"],
            ],
        ),
        (
            "de_macroman.csv",
            "mac_roman",
            [
                ["id", "text"],
                [1, "Größe und Straße überall"],
                [2, "Müller kauft Äpfel"],
                [3, "Schöne Grüße aus Köln"],
            ],
        ),
    ],
)
def test_encodings_are_detected_and_told(name: str, codec: str, rows: list[list[Any]]) -> None:
    table = _read(name)
    assert cells(table) == rows
    assert table.detected is not None
    assert table.detected.encoding == codec
    assert "not UTF-8" in told(table)
    again = _read(name, Given(encoding=codec))
    assert cells(again) == rows


def test_a_header_is_told_by_the_cells_below_it() -> None:
    table = _read("num_header.csv")
    assert [*table.frame.columns] == ["0", "1", "2", "3", "4", "text"]
    assert table.frame.iloc[0].tolist() == [0.126, -0.132, 0.64, 0.105, -0.536, "soup was great"]
    assert len(table.frame) == 6
    table = _read("question_header.csv")
    assert cells(table)[0] == ["Timestamp", "What did you like?", "What should we change?"]
    assert cells(table)[1] == [
        dt.datetime(2024, 1, 1),
        "The examples were clear",
        "More time for questions",
    ]
    assert len(table.frame) == 3
    assert cells(_read("abbrev_header.csv")) == [
        ["Nr.", "Text", "Bew."],
        [1, "Das Essen war gut", 5],
        [2, "Der Service war langsam", 2],
    ]


def test_repeated_and_empty_names_are_made_distinct_and_told() -> None:
    table = _read("dup_cols.csv")
    assert cells(table) == [
        ["text", "text (2)", "score", "column 4"],
        ["alpha beta", "gamma delta", 1, "x"],
        ["foo bar", "baz qux", 2, "y"],
    ]
    assert "text (2)" in told(table)
    assert "column 4" in told(table)


def test_decimal_commas_are_numbers_and_leading_zeros_stay() -> None:
    table = _read("de_excel.csv")
    assert cells(table) == [
        ["Kundennr.", "Bewertung", "Preis", "Umsatz", "Datum"],
        ["00123", "Sehr gutes Essen; gerne wieder", 12.5, 1234.56, dt.datetime(2024, 2, 1)],
        ["00124", "Der Service war langsam", 8.9, 987.0, dt.datetime(2024, 3, 15)],
        ["00125", 'Er sagte "lecker" und ging', 9.75, 12345.1, dt.datetime(2023, 12, 30)],
    ]
    assert table.detected is not None
    assert table.detected.decimal == ","
    assert "Preis, Umsatz" in told(table)
    assert cells(_read("decimal_comma.csv")) == [
        ["ort", "x", "y"],
        ["Berlin", 1.1, 2.2],
        ["Köln", 3.3, 4.1],
        ["Bonn", 0.5, 2.0],
    ]
    assert cells(_read("decimal_comma.csv", Given(decimal=".")))[1] == ["Berlin", "1,1", "2,2"]


def test_what_stands_before_a_table_is_found_and_told() -> None:
    table = _read("de_sep.csv")
    assert cells(table) == [
        ["id", "text", "preis"],
        [1, "Das ist gut", 1.5],
        [2, "Das ist schlecht", 2.5],
    ]
    assert table.detected is not None
    assert table.detected.separator == ";"
    table = _read("preamble.csv")
    assert cells(table)[:2] == [["id", "comment"], [1, "I liked the lesson very much"]]
    assert len(table.frame) == 3
    assert table.left_out == (LeftOut(3, "lines before the table"),)
    assert "3 lines before the table were left out" in told(table)
    table = _read("comments.csv")
    assert cells(table) == [
        ["id", "comment"],
        [1, "I liked the lesson very much"],
        [2, "Too fast for me to follow"],
    ]
    assert table.left_out == (LeftOut(2, "lines before the table"),)
    assert cells(_read("preamble.csv", Given(skip=4, header=False, separator="comma")))[1] == [
        1,
        "I liked the lesson very much",
    ]


def test_a_table_of_numbers_alone_is_read() -> None:
    assert cells(_read("xy_only.csv")) == [
        ["x", "y"],
        [1.5, 2.5],
        [3.5, 1.0],
        [0.2, 0.9],
        [2.2, 2.1],
    ]


def test_json_in_the_shapes_that_programs_write() -> None:
    assert cells(_read("wrapped.json")) == [
        ["text", "y"],
        ["one two three", 1],
        ["four five six", 2],
    ]
    assert cells(_read("pandas_columns.json")) == [
        ["text", "y"],
        ["a text of a row", 1],
        ["another text", 2],
    ]
    assert cells(_read("hf_viewer.json")) == [["text"], ["a text of a row"], ["another text"]]
    assert len(_read("ragged.jsonl").frame) == 3
    assert cells(_read("nested.jsonl"))[1] == [1, '{"text": "the nested text one", "lang": "en"}']


FRAME = pd.DataFrame({"text": ["a b", "c d", "e f"], "n": [1, 2, 3], "x": [0.5, 1.5, 2.5]})


@pytest.mark.parametrize("orient", ["records", "columns", "index", "split", "table", "values"])
def test_every_orient_of_pandas_reads_back(orient: Any) -> None:
    table = read_table("a.json", str(FRAME.to_json(orient=orient)).encode())
    names = [*FRAME.columns] if orient != "values" else ["column 1", "column 2", "column 3"]
    assert cells(table) == [names, ["a b", 1, 0.5], ["c d", 2, 1.5], ["e f", 3, 2.5]]


@pytest.mark.parametrize("orient", ["columns", "index", "split"])
def test_an_index_of_names_is_a_column(orient: Any) -> None:
    frame = FRAME.set_axis(["k", "l", "m"])
    table = read_table("a.json", str(frame.to_json(orient=orient)).encode())
    assert cells(table)[:2] == [["index", "text", "n", "x"], ["k", "a b", 1, 0.5]]


def test_bytes_that_are_utf8_are_text() -> None:
    table = _read("pq_bytes_text.parquet")
    assert cells(table)[:2] == [["text", "label"], ["this is text number 0", "a"]]
    assert len(table.frame) == 6


ROWS = [["text", "n"], ["one two", 1], ["three four", 2], ["five six", 3]]


def _packed(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
        archive.writestr("__MACOSX/._" + name, b"\0\5")
    return stream.getvalue()


def _csv(delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(map(str, row)) + "\n" for row in ROWS).encode()


def _jsonl() -> bytes:
    return "".join(json.dumps({"text": t, "n": n}) + "\n" for t, n in ROWS[1:]).encode()


def _arrow(stream: bool) -> bytes:
    table = pa.table({"text": [row[0] for row in ROWS[1:]], "n": [row[1] for row in ROWS[1:]]})
    sink = io.BytesIO()
    if stream:
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
    else:
        feather.write_feather(table, sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", _csv("\t")),
        ("a.txt", _csv(";")),
        ("a.xlsx", _csv()),
        ("a.parquet", _csv("\t")),
        ("a.json", _csv()),
        ("a.csv", _jsonl()),
        ("a.txt", _jsonl()),
        ("a.ndjson", _jsonl()),
        ("a.jsonl.gz", gzip.compress(_jsonl())),
        ("a.csv.gz", gzip.compress(_csv())),
        ("a.csv", gzip.compress(_csv())),
        ("a.zip", _packed("inner.tsv", _csv("\t"))),
        ("a.csv", _packed("inner.csv", _csv())),
        ("a.zip", _packed("inner.jsonl", _jsonl())),
        ("a.feather", _arrow(stream=False)),
        ("a.arrow", _arrow(stream=True)),
        ("a.csv", _arrow(stream=False)),
        ("a.zip", _packed("book.xlsx", as_xlsx(a=ROWS))),
    ],
)
def test_content_decides_and_not_the_suffix(name: str, data: bytes) -> None:
    assert cells(read_table(name, data)) == ROWS


def test_an_archive_of_several_tables_names_them() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", _csv())
        archive.writestr("b.csv", _csv())
    assert "a.csv, b.csv" in fails("many.zip", stream.getvalue())


def test_titles_above_a_sheet_are_left_out_and_told() -> None:
    rows = [["Sales 2024", "", ""], ["", "", ""], ["item", "price", "count"], ["a b", 1.5, 2]]
    table = read_table("a.xlsx", as_xlsx(a=rows))
    assert cells(table) == [["item", "price", "count"], ["a b", 1.5, 2]]
    assert "left out" in told(table)


# What is written by the habits of any country comes back

WORDS = st.sampled_from(
    ["soup", "Käse", "zu spät", "très bien", "good, but late", "a; b", "#1", "x"]
)
NUMBERS = st.integers(-99_999, 99_999).map(lambda number: number / 4)


def _german(number: float) -> str:
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


@given(
    st.lists(st.tuples(WORDS, NUMBERS, NUMBERS), min_size=2, max_size=8),
    st.sampled_from([_german, lambda number: f"{number:.2f}".replace(".", ",")]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["", "sep=;\n", "# one\n# two\n", "Export\nof today\n\n"]),
)
@settings(max_examples=40, deadline=None)
def test_semicolons_and_commas_come_back(
    rows: list[tuple[str, float, float]], write: Any, encoding: str, head: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\n")
    writer.writerows([["was?", "Preis", "Summe"], *([t, write(x), write(y)] for t, x, y in rows)])
    table = read_table("a.csv", (head + stream.getvalue()).encode(encoding))
    assert cells(table) == [["was?", "Preis", "Summe"], *([t, x, y] for t, x, y in rows)]
    left = sum(one.count for one in table.left_out)
    lines = head.count("\n")
    assert left == lines


@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_rows_under_a_key_are_found_however_deep(depth: int) -> None:
    value: Any = json.loads(str(FRAME.to_json(orient="records")))
    for level in range(depth):
        value = {"status": "ok", f"level{level}": value}
    table = read_table("a.json", json.dumps(value).encode())
    assert cells(table) == [["text", "n", "x"], ["a b", 1, 0.5], ["c d", 2, 1.5], ["e f", 3, 2.5]]


@pytest.mark.parametrize(
    "data",
    [
        b"12,5\n13,5\n",  # could be two columns of whole numbers, and no semicolon says otherwise
        b"x,y\n1,5\n2,6\n",
    ],
)
def test_commas_between_columns_stay_separators(data: bytes) -> None:
    assert len(read_table("a.csv", data).frame.columns) == 2


def test_objects_over_several_lines_one_after_another_are_rows() -> None:
    data = b'{\n "a": "x y",\n "b": 1\n}\n{\n "a": "z w",\n "b": 2\n}\n'
    assert cells(read_table("a.json", data)) == [["a", "b"], ["x y", 1], ["z w", 2]]


@pytest.mark.parametrize(
    ("encoding", "rows"),
    [
        ("cp949", [["번호", "후기"], [1, "음식이 정말 맛있어요"], [2, "서비스가 너무 느려요"]]),
        ("big5", [["編號", "評論"], [1, "這家餐廳的麵非常好吃"], [2, "服務態度很好"]]),
        ("koi8-r", [["id", "отзыв"], [1, "Очень вкусно было сегодня"], [2, "Долго ждали заказ"]]),
        ("cp1254", [["no", "yorum"], [1, "Yemekler çok güzeldi, teşekkürler"], [2, "Servis"]]),
        ("cp1256", [["رقم", "تعليق"], [1, "الطعام لذيذ جدا"], [2, "الخدمة بطيئة"]]),
        ("cp1255", [["מספר", "ביקורת"], [1, "האוכל היה טעים מאוד"], [2, "השירות היה איטי"]]),
        ("utf-16", [["id", "text"], [1, "für alle"], [2, "schön"]]),
    ],
)
def test_other_scripts_and_encodings(encoding: str, rows: list[list[Any]]) -> None:
    text = "".join(";".join(map(str, row)) + "\n" for row in rows)
    assert cells(read_table("a.csv", text.encode(encoding))) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("ville;prix\nParis;1 234,56\nLyon;12,5\n", [["Paris", 1234.56], ["Lyon", 12.5]]),
        ("ort\tx\nBerlin\t12,5\nBonn\t0,75\n", [["Berlin", 12.5], ["Bonn", 0.75]]),
        ("ort\tx\nBerlin\t1,234\nBonn\t2,345\n", [["Berlin", "1,234"], ["Bonn", "2,345"]]),
        ("#id,comment\n1,good stuff\n2,bad\n", [[1, "good stuff"], [2, "bad"]]),
        ("# v1\nid,comment\n1,good\n# between\n2,bad\n", [[1, "good"], [2, "bad"]]),
        ("Report 2024,,\n,,\nid,name,score\n1,ann b,3\n", [[1, "ann b", 3]]),
        ("country,2019,2020,2021\nFrance,1.5,2.5,3.1\n", [["France", 1.5, 2.5, 3.1]]),
    ],
)
def test_habits_of_programs(text: str, rows: list[list[Any]]) -> None:
    assert cells(read_table("a.csv", text.encode()))[1:] == rows


def test_json_of_one_row_stays_one_row() -> None:
    line = b'{"text": "only", "entities": [{"start": 0}]}'
    assert [*read_table("a.jsonl", line).frame["text"]] == ["only"]


def test_lines_of_prose_are_not_taken_for_a_table() -> None:
    text = "Dear Ann,\nIt is late, and I am tired.\nHere it rained, as ever.\nYours,\nBen\n"
    assert [*read_table("a.txt", text.encode()).frame["text"]] == text.splitlines()
