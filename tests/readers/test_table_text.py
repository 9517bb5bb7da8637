"""Tables of text: every encoding, delimiter, header and shape of JSON reads back or is told."""

from __future__ import annotations

import csv
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from core.base.columns import to_csv
from core.readers.tables import guess_text_column, read_table
from tests.support.table_files import as_csv, cells, fails, told

ROWS = [["text", "kind"], ["A “café”, twice", "x"], ["line one\nline two", "y"], ['say "hi"', ""]]


# Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_every_encoding_reads_back(encoding: str, name: str, delimiter: str) -> None:
    table = read_table(name, as_csv(ROWS, delimiter).encode(encoding))
    assert cells(table) == ROWS
    assert bool(table.notes) == (encoding == "cp1252")


def test_utf16_big_endian_with_a_mark_reads() -> None:
    data = b"\xfe\xff" + "text\ngrün\n".encode("utf-16-be")
    assert cells(read_table("a.csv", data)) == [["text"], ["grün"]]


def test_lines_in_two_encodings_are_read_each_in_its_own_and_counted() -> None:
    data = "text\ncafé\n".encode() + "thé – 5 €\n".encode("cp1252") + b"odd \x81\xe9\n"
    table = read_table("a.csv", data)
    assert cells(table) == [["text"], ["café"], ["thé – 5 €"], ["odd \x81é"]]
    assert told(table).startswith("2 lines were not in UTF-8, read as Windows-1252")


@settings(deadline=None)
@given(st.lists(st.text("='+-@x ", min_size=1, max_size=6).filter(str.strip), min_size=1))
def test_what_is_exported_as_csv_reads_back(texts: list[str]) -> None:
    texts = ["".join(text.split()) for text in texts]
    numbers = [str(at) for at in range(len(texts))]
    table = read_table("a.csv", to_csv({"text": texts, "id": numbers}), header=True)
    assert [*table.frame["text"]] == texts
    guarded = sum(text.lstrip("'")[:1] in ("=", "+", "-", "@") and bool(text) for text in texts)
    assert ("apostrophe" in told(table)) == (guarded > 0)


def test_apostrophes_against_formulas_are_taken_away_and_told() -> None:
    table = read_table("a.csv", b"text,kind\n'=1+1,a\n'tis a card,'-x\n''@me,b\n")
    assert cells(table) == [["text", "kind"], ["=1+1", "a"], ["'tis a card", "-x"], ["'@me", "b"]]
    assert told(table).startswith("3 cells had an apostrophe before a sign")


def test_cut_utf16_reads_with_a_note() -> None:
    table = read_table("a.txt", "hello\nworld".encode("utf-16")[:-1])
    assert [*table.frame["text"]] == ["hello", "worl\ufffd"]
    assert "damaged UTF-16" in told(table)


def test_nuls_are_removed_and_told() -> None:
    table = read_table("a.csv", b"text\nhe\0llo there\nand more text\n")
    assert cells(table) == [["text"], ["hello there"], ["and more text"]]
    assert told(table) == "1 NUL character was removed."


# Delimited text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_guessed_past_quoted_others(delimiter: str) -> None:
    rows = [["name", "quote"], *([f"n{i}", f"a, b; c | d\te{i}"] for i in range(5))]
    assert cells(read_table("a.csv", as_csv(rows, delimiter, csv.QUOTE_ALL).encode())) == rows
    assert cells(read_table("a.csv", as_csv(rows, delimiter).encode())) == rows


def test_sentences_with_commas_stay_one_column() -> None:
    lines = ["Well, hello.", "No comma here", "One, two, three.", "Yes, again!", "So, it is."]
    for start in (["text"], []):
        table = read_table("a.csv", "\n".join([*start, *lines]).encode())
        assert cells(table) == [["text"], *([line] for line in lines)]
        assert "commas do not part columns" in told(table)


def test_one_column_with_quoted_cells_reads() -> None:
    rows = [["text"], ["a, b"], ['say "no"'], [""], ["end"]]
    assert cells(read_table("a.csv", as_csv(rows).encode())) == rows


def test_blank_lines_of_csv_are_no_rows_and_html_stays() -> None:
    table = read_table("a.csv", b"text,kind\n\n<b>bold</b> &amp; x,y\n\n\nlast one,z\n\n")
    assert cells(table) == [["text", "kind"], ["<b>bold</b> &amp; x", "y"], ["last one", "z"]]
    assert table.notes == ()


def test_rows_of_the_wrong_length_are_mended_and_counted() -> None:
    table = read_table("a.csv", b"text,kind\na b,x\nlonely\nc d,y,z,w\ne f,g\nh i,j,,\n")
    assert cells(table) == [
        ["text", "kind"],
        ["a b", "x"],
        ["lonely", ""],
        ["c d", "y,z,w"],
        ["e f", "g"],
        ["h i", "j"],
    ]
    assert "2 rows were not of 2 cells (first: line 3)" in told(table)


def test_an_unclosed_quotation_mark_spoils_only_what_follows() -> None:
    data = 'text,kind\n"a, b",x\n"two\nlines",y\n"never closed,z\nlast,w\n'
    table = read_table("a.csv", data.encode())
    assert cells(table)[1:] == [
        ["a, b", "x"],
        ["two\nlines", "y"],
        ['"never closed', "z"],
        ["last", "w"],
    ]
    assert "never closed, so from line 5 on" in told(table)


def test_an_unclosed_mark_that_paired_up_wrongly_turns_quoting_off() -> None:
    data = 'text,kind\n"stray,x\n"good one",y\nmore,z\n"again,w\n'
    table = read_table("a.csv", data.encode())
    assert [*table.frame["text"]] == ['"stray', '"good one"', "more", '"again']
    assert [*table.frame["kind"]] == ["x", "y", "z", "w"]
    assert "never closed" in told(table)


def test_quotation_marks_within_tabbed_text_stay() -> None:
    table = read_table("a.tsv", b'text\tn\n"Hello" she said\t1\nplain\t2\n')
    assert cells(table) == [["text", "n"], ['"Hello" she said', 1], ["plain", 2]]
    assert "read as text" in told(table)


def test_a_mark_that_is_not_doubled_is_told_in_csv() -> None:
    table = read_table("a.csv", b'text,n\n"a, b",1\n"c "d", e",2\nplain,3\n')
    assert "Line 3 has a quotation mark that is not doubled." in told(table)
    assert table.frame["text"][0] == "a, b"


@pytest.mark.slow
def test_a_cell_of_a_megabyte_reads() -> None:
    big = "word, " * 400_000
    table = read_table("a.csv", as_csv([["text", "n"], [big, "1"], ["short", "2"]]).encode())
    assert table.frame["text"][0] == big
    assert guess_text_column(table.frame) == "text"


def test_numbers_become_numbers_only_where_nothing_is_lost() -> None:
    head = "text,whole,gap,part,zeros,big,exp,nan,mixed,plus,phone"
    rows = [
        "one word,1,3,2.50,007,12345678901234567890,1e5,nan,1,+1,1-2",
        "two words,-20,,-1.25,008,1,2e5,1,NA,2,3-4",
    ]
    frame = read_table("a.csv", "\n".join([head, *rows]).encode()).frame
    assert [*frame["whole"]] == [1, -20]
    assert frame["whole"].dtype == np.int64
    assert frame["gap"][0] == 3.0
    assert math.isnan(frame["gap"][1])
    assert [*frame["part"]] == [2.5, -1.25]
    assert [*frame["zeros"]] == ["007", "008"]
    assert [*frame["big"]] == ["12345678901234567890", "1"]
    assert [*frame["exp"]] == ["1e5", "2e5"]
    assert [*frame["nan"]] == ["nan", "1"]
    assert [*frame["mixed"]] == ["1", "NA"]
    assert [*frame["plus"]] == ["+1", "2"]
    assert [*frame["phone"]] == ["1-2", "3-4"]


@pytest.mark.parametrize(
    "cell",
    [
        "0.009999999776482582",  # a float32 near 0, as Python writes it
        "0.00012345678901234567",
        "-0.43643524714322124",
        "1.000000000000000000e+00",  # numpy.savetxt
        "1e-05",
        "-4E-07",
        "2.5e-7",  # JavaScript
        "6.02e+23",
    ],
)
def test_fractions_are_numbers_however_programs_write_them(cell: str) -> None:
    frame = read_table(
        "a.csv", f"text,x\none word,{cell}\ntwo words,0.5\nno more,\n".encode()
    ).frame
    assert [*frame["x"][:2]] == [float(cell), 0.5]
    assert math.isnan(frame["x"][2])


@pytest.mark.parametrize("cell", ["12345678901234567890.5", f"{'9' * 400}.0", "1e+999"])
def test_numbers_that_a_float_does_not_hold_stay_text(cell: str) -> None:
    frame = read_table("a.csv", f"text,x\none word,{cell}\ntwo words,0.5\n".encode()).frame
    assert [*frame["x"]] == [cell, "0.5"]


@pytest.mark.parametrize("missing", ["nan", "NaN", "NA"])
def test_among_fractions_missing_ones_may_be_named(missing: str) -> None:
    frame = read_table("a.csv", f"text,x\none word,0.25\ntwo words,{missing}\n".encode()).frame
    assert frame["x"][0] == 0.25
    assert math.isnan(frame["x"][1])


@given(st.lists(st.floats(-1e290, 1e290), min_size=1, max_size=20))
def test_fractions_come_back_as_they_were_written(numbers: list[float]) -> None:
    written = [number for number in numbers if abs(number) > 1e-290] + [0.5]
    rows = "".join(f"one word,{number}\n" for number in written)
    frame = read_table("a.csv", f"text,x\n{rows}".encode()).frame
    assert [*frame["x"]] == written


def test_words_that_mean_missing_elsewhere_stay_text() -> None:
    frame = read_table("a.csv", b"text,n\nnan,1\nNA,2\nNULL,3\nNone,4\n,5\n").frame
    assert [*frame["text"]] == ["nan", "NA", "NULL", "None", ""]


# Headers


@pytest.mark.parametrize(
    "first",
    [
        "a,,c",
        "a,2.5,c",
        "a,a,c",
        "a,Is it so?,c",
        "a,It is.,c",
        f"a,{'x' * 41},c",
        "a,2020-01-01,c",
    ],
)
def test_a_first_row_that_is_no_header_is_a_row(first: str) -> None:
    table = read_table("a.csv", f"{first}\nq,r,s\n".encode())
    assert cells(table) == [["column 1", "column 2", "column 3"], first.split(","), ["q", "r", "s"]]
    assert "first row was read as a row" in told(table)


def test_a_value_that_stands_again_below_is_no_header() -> None:
    triples = "berlin\tcapital_of\tgermany\nparis\tcapital_of\tfrance\nrome\tcapital_of\titaly\n"
    assert cells(read_table("a.tsv", triples.encode()))[1] == ["berlin", "capital_of", "germany"]
    labels = "good,A fine film\nbad,Too long\ngood,Well played\ngood,Again\n"
    assert cells(read_table("a.csv", labels.encode()))[1] == ["good", "A fine film"]
    classes = "a\nb\nc\na\nb\nc\na\n"
    assert cells(read_table("a.tsv", classes.encode()))[1:] == [[one] for one in "abcabca"]
    # A dictionary may have an entry for its own column, and joined tables their names twice.
    words = "word,meaning\n" + "".join(f"w{n},m{n}\n" for n in range(20)) + "word,a sign\n"
    assert cells(read_table("a.csv", words.encode()))[0] == ["word", "meaning"]
    joined = "name,town\nAnn,Rome\nname,town\nBob,Oslo\nname,town\nCy,Bern\n"
    assert cells(read_table("a.csv", joined.encode()))[0] == ["name", "town"]


def test_the_header_can_be_told() -> None:
    data = b"x,x,,x (2)\na,b,c,d\n"
    assert cells(read_table("a.csv", data, header=True)) == [
        ["x", "x (3)", "column 3", "x (2)"],
        ["a", "b", "c", "d"],
    ]
    assert cells(read_table("a.csv", b"x,y\na,b\n", header=False)) == [
        ["column 1", "column 2"],
        ["x", "y"],
        ["a", "b"],
    ]


def test_the_index_that_pandas_writes_is_a_column_without_a_name() -> None:
    data = pd.DataFrame({"text": ["a b", "c d"]}).to_csv().encode()
    assert cells(read_table("a.csv", data)) == [["column 1", "text"], [0, "a b"], [1, "c d"]]


def test_lines_are_texts() -> None:
    data = b"1984\r\nA, b; c\r\n\r\n   \r\n  007\rlast"
    table = read_table("a.txt", data)
    assert cells(table) == [["text"], ["1984"], ["A, b; c"], ["  007"], ["last"]]
    assert told(table) == "2 blank lines were skipped."
    assert cells(read_table("a.TXT", b"Title\nx y\n", header=True)) == [["Title"], ["x y"]]
    assert [*read_table("a.txt", "a\u2028b\x85c".encode()).frame["text"]] == ["a\u2028b\x85c"]


# JSON


def test_json_lines_of_objects_and_strings_read() -> None:
    data = (
        b'{"text": "a", "n": 1, "tags": ["x", {"y": "\\u00fc"}]}\n\n'
        b'{"n": 2.5, "text": null, "b": true}\n'
    )
    table = read_table("a.jsonl", data)
    assert cells(table) == [
        ["text", "n", "tags", "b"],
        ["a", 1.0, '["x", {"y": "ü"}]', ""],
        ["", 2.5, "", "True"],
    ]
    assert cells(read_table("a.jsonl", b'"one"\n"two"\n')) == [["text"], ["one"], ["two"]]
    assert cells(read_table("a.jsonl", b'{"text": "only"}')) == [["text"], ["only"]]


@pytest.mark.parametrize(
    "data",
    [
        '[{"a": "x", "b": 1}, {"a": "y", "b": 2}]',
        '{"a": ["x", "y"], "b": [1, 2]}',
        '{"a": "x", "b": 1}\n{"a": "y", "b": 2}',
    ],
)
def test_every_shape_of_json_reads(data: str) -> None:
    for name in ("a.json", "a.jsonl"):
        assert cells(read_table(name, data.encode())) == [["a", "b"], ["x", 1], ["y", 2]]
    assert cells(read_table("a.json", b'["x", "y"]')) == [["text"], ["x"], ["y"]]


def test_odd_json_values_survive() -> None:
    table = read_table("a.json", b'[{"": "x\\ud800", "n": 12345678901234567890, "z": NaN}]')
    assert [*table.frame.columns] == ["column 1", "n", "z"]
    assert table.frame["column 1"][0] == "x?"
    assert table.frame["n"][0] == "12345678901234567890"


def test_bad_json_is_told() -> None:
    assert "line 2" in fails("a.jsonl", '{"a": 1}\nnonsense\n')
    assert "line 3" in fails("a.jsonl", '{"a": 1}\n\n[1, 2]\n')
    assert "ends too early" in fails("a.json", '[{"a": 1}')
    assert "no table" in fails("a.json", '{"a": [1, 2], "b": [1]}')
    assert "no table" in fails("a.json", "[1, 2]")
    assert "no table" in fails("a.json", "3")
    assert "nested too deeply" in fails("a.json", "[" * 200_000)
    assert "nested too deeply" in fails("a.jsonl", '{"a": 1}\n' + "[" * 200_000)
    for empty in ("[]", "{}", "[{}]", '{"a": []}'):
        assert fails("a.json", empty)
