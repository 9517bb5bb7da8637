"""Texts of a table, the datasets that are kept, and pairs of sentences with a score."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.base.errors import DamagedError, InputError, StorageError, TableError
from core.readers import table_roles, tables
from core.sentences import datasets, opened_as
from core.sentences.dataset import TextDataset, from_table
from core.sentences.datasets import (
    find_dataset,
    import_table,
    keep_table,
    list_datasets,
    load_texts,
    read_table,
    remove,
)
from core.sentences.similarity_benchmark import read_pairs, spearman

SMALL = b"sentence,topic,score\nA cat sleeps.,animals,1\n,none,2\nA dog runs.,animals,3\n"


def texts_of(data: bytes, column: str | None = None, name: str = "small.csv") -> TextDataset:
    return from_table(name, tables.read_table(name, data), column, "digest")


def test_rows_without_a_text_are_left_out_and_the_others_keep_their_numbers() -> None:
    found = texts_of(SMALL + b"  ,none,4\nA cat sleeps.,animals,5\n")
    assert found.column == "sentence"
    assert found.texts == ["A cat sleeps.", "A dog runs.", "A cat sleeps."]
    assert found.numbers == [1, 3, 5]
    assert [found.row(number) for number in range(7)] == [None, 0, None, 1, None, 2, None]
    assert found.metadata.to_dict("list") == {"topic": ["animals"] * 3, "score": [1, 3, 5]}
    assert len(found) == 3
    assert found.notes == (
        "Left out for having no text: 2 rows of 5; the others keep their numbers.",
        "The text of another row is repeated by 1 row.",
    )
    assert found.columns() == {
        "row": [1, 3, 5],
        "sentence": found.texts,
        "topic": ["animals"] * 3,
        "score": [1, 3, 5],
    }


def test_a_column_is_chosen_by_name() -> None:
    found = texts_of(SMALL, "score")
    assert found.texts == ["1", "2", "3"]
    assert found.notes == ()
    with pytest.raises(TableError, match=r"no column “title” in small.csv.*sentence, topic, score"):
        texts_of(SMALL, "title")
    with pytest.raises(TableError, match=r"“empty” of small.csv holds no text"):
        texts_of(b"text,empty\none cat,\ntwo dogs, \n", "empty")


def test_the_digest_stands_for_table_and_column() -> None:
    table = tables.read_table("small.csv", SMALL)
    keys = [("sentence", "1"), ("topic", "1"), ("sentence", "2")]
    digests = {from_table("x", table, column, digest).digest for column, digest in keys}
    assert len(digests) == 3
    assert from_table("y", table, None, "1").digest in digests


@pytest.mark.parametrize(
    "header",
    [
        "number,topic,number (file)",
        "sentence,number,number (file)",
        "sentence,number (file),number",
    ],
)
def test_columns_called_number_do_not_hide_each_other(header: str) -> None:
    data = f"{header}\nA cat sleeps.,apples,pears\nA dog runs.,plums,grapes\n".encode()
    found = texts_of(data, header.split(",", maxsplit=1)[0]).columns()
    columns = list(found.values())
    assert found["row"] == [1, 2]
    for values in (["A cat sleeps.", "A dog runs."], ["apples", "plums"], ["pears", "grapes"]):
        assert values in columns
    assert len(columns) == 4


def test_the_bundled_descriptions_have_many_rows_and_topics() -> None:
    entry = find_dataset("descriptions")
    found = load_texts(entry)
    assert len(found) == entry.rows >= 240
    assert found.column == "text"
    assert len(set(found.metadata["topic"])) >= 12
    assert min(found.metadata["topic"].value_counts()) > 1
    assert len(set(found.texts)) == len(found)
    assert not found.notes
    assert found.texts[0] == "Fire insurance pays for the damage if a house burns down."
    with pytest.raises(InputError, match="is bundled"):
        remove(entry)


def test_a_table_is_kept_once_and_another_of_its_name_gets_a_number(own_home: Path) -> None:
    first = import_table("small.csv", SMALL)
    assert import_table("small.csv", SMALL) == first
    table = tables.read_table("small.csv", SMALL)
    likely = table_roles.find_roles(table.frame, table.vectors)
    assert opened_as.keep("small.csv", table, likely) == first  # as after a preview
    other = import_table("small.csv", SMALL.replace(b"cat", b"bird"))
    assert (first.name, other.name) == ("small", "small-2")
    assert import_table("small.csv", SMALL.replace(b"cat", b"bird")) == other
    assert [entry.name for entry in list_datasets()] == ["descriptions", "small", "small-2"]
    assert load_texts(find_dataset("small")).texts == ["A cat sleeps.", "A dog runs."]
    assert load_texts(find_dataset("small-2")).texts == ["A bird sleeps.", "A dog runs."]
    assert import_table("descriptions.csv", SMALL).name == "descriptions-2"
    remove(first)
    assert [entry.name for entry in list_datasets()][1:] == ["descriptions-2", "small-2"]
    with pytest.raises(InputError, match="no dataset called “small”"):
        find_dataset("small")


def test_what_is_kept_reads_as_what_was_brought(own_home: Path) -> None:
    data = "text,n,half,day,yes\nA <b>cat</b>,1,0.5,2024-01-02,true\nÉt\0é & co,2,,,false\n"
    brought = texts_of(data.encode(), name="mixed.csv")
    kept = load_texts(import_table("mixed.csv", data.encode()))
    assert kept.texts == brought.texts == ["A <b>cat</b>", "Été & co"]
    assert kept.metadata.equals(brought.metadata)
    assert kept.metadata["n"].tolist() == [1, 2]
    assert math.isnan(kept.metadata["half"].tolist()[1])
    assert kept.notes == brought.notes


def test_half_a_character_in_a_table_is_no_fault(own_home: Path) -> None:
    data = json.dumps([{"text": "a \ud83d cat sleeps"}, {"text": "the dog runs"}]).encode()
    found = load_texts(import_table("half.json", data))
    assert found.texts[1] == "the dog runs"
    found.texts[0].encode()


@pytest.mark.parametrize("name", ["../../x.csv", "/etc/x.csv", "..\\..\\x.csv", "....csv", "?.csv"])
def test_a_name_cannot_lead_out_of_the_data_home(own_home: Path, name: str) -> None:
    entry = import_table(name, SMALL)
    assert entry.folder is not None
    assert entry.folder.parent == own_home / "datasets"
    assert {path.name for path in own_home.parent.iterdir()} == {"home"}
    assert load_texts(find_dataset(entry.name)).texts == ["A cat sleeps.", "A dog runs."]


@pytest.mark.parametrize("data", [b"", b"sentence\n", b"\0\1\2\3"])
def test_a_table_without_rows_is_not_kept(own_home: Path, data: bytes) -> None:
    with pytest.raises(TableError):
        import_table("x.csv", data, header=True)
    assert not list(own_home.rglob("*"))


def test_a_table_of_numbers_is_kept_and_says_where_text_is_needed(own_home: Path) -> None:
    entry = import_table("x.csv", b"a,b\n1,2\n3,4\n", header=True)
    assert read_table(entry).frame.to_dict("list") == {"a": [1, 3], "b": [2, 4]}
    with pytest.raises(TableError, match="None of the columns holds text"):
        load_texts(entry)


def test_vectors_of_a_table_are_kept_with_what_was_chosen(own_home: Path) -> None:
    vectors = [[1.5, 2.0], [0.5, -1.0], [3.0, 1.0]]
    rows = {"t": ["a b", "c d", ""], "u": ["x", "y", "z"], "v": vectors}
    table = tables.read_table("x.jsonl", pd.DataFrame(rows).to_json(orient="records").encode())
    entry = keep_table("x.jsonl", table, {"text": "u", "vectors": "v"})
    assert entry == find_dataset("x")
    found = load_texts(entry)
    assert found.texts == ["x", "y", "z"]
    assert found.metadata["t"].tolist() == ["a b", "c d", ""]
    assert found.own is not None
    assert found.own.vectors.tolist() == vectors
    again = keep_table("x.jsonl", table, {"text": "t", "vectors": "v"})
    assert again.name == "x-2"
    assert load_texts(again).texts == ["a b", "c d", "row 3"]


@pytest.mark.parametrize("about", ["", "[]", "null", '{"rows": 3}', '{"rows": 1e999}', "\udcff"])
def test_a_damaged_description_is_listed_and_can_be_removed(own_home: Path, about: str) -> None:
    folder = import_table("small.csv", SMALL).folder
    assert folder is not None
    told = {"format": 1, "file": "small.csv", "sha256": "0", "notes": []}
    text = about.replace("}", f", {json.dumps(told)[1:]}") if "1e999" in about else about
    (folder / "about.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    entry = find_dataset("small")
    assert entry.about.startswith("Damaged")
    assert entry.rows == 0
    with pytest.raises(DamagedError, match=r"damaged.*Remove it"):
        load_texts(entry)
    remove(entry)
    assert [found.name for found in list_datasets()] == ["descriptions"]


def test_a_damaged_table_is_never_read(own_home: Path) -> None:
    entry = import_table("small.csv", SMALL)
    assert entry.folder is not None
    path = entry.folder / "table.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedError, match="its table is not what was written"):
        load_texts(entry)
    path.unlink()
    with pytest.raises(StorageError, match="No such file"):
        load_texts(entry)


def test_folders_that_are_no_datasets_are_not_listed(own_home: Path) -> None:
    import_table("small.csv", SMALL)
    (own_home / datasets.FOLDER / ".small.1234.partial").mkdir()
    (own_home / datasets.FOLDER / "file").write_text("x")
    assert [entry.name for entry in list_datasets()] == ["descriptions", "small"]


PAIRS = b"A cat.,A dog.,1\nRed fish.,A red fish.,4.5\nOne.,Another one here.,3\n"


def test_pairs_are_the_first_two_columns_of_text_and_the_column_of_numbers() -> None:
    found = read_pairs("pairs.csv", tables.read_table("pairs.csv", PAIRS))
    assert found.first == ["A cat.", "Red fish.", "One."]
    assert found.second == ["A dog.", "A red fish.", "Another one here."]
    assert found.scores.tolist() == [1, 4.5, 3]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"one,score\nA cat.,1\nA dog.,2\n", "Two columns of text and one of numbers"),
        (b"one,two\nA cat.,A dog.\nA red fish.,A fish.\n", "Two columns of text and one of num"),
        (PAIRS + b"A bird.,,2\n", "Row 4 of pairs.csv lacks a cell"),
        (PAIRS + b"A bird.,A fish.,\n", "Row 4 of pairs.csv lacks a cell"),
        (b"one,two,score\nA cat.,A dog.,1\n", "has one pair"),
    ],
)
def test_pairs_that_cannot_be_read(data: bytes, told: str) -> None:
    with pytest.raises(TableError, match=told):
        read_pairs("pairs.csv", tables.read_table("pairs.csv", data))


def test_spearman_by_hand() -> None:
    angles = np.radians([0, 0, 0, 0, 10, 50, 30, 80])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    # Cosines fall with the angles 10 50 30 80: ranks 4 2 3 1.
    assert spearman(vectors, np.array([4, 2, 3, 1])) == pytest.approx(1)
    assert spearman(vectors, np.array([1, 3, 2, 4])) == pytest.approx(-1)
    # Ranks 4 2 3 1 against 4 3 2 1: 1 - 6 * 2 / (4 * 15)
    assert spearman(vectors, np.array([9, 5, 4, 0])) == pytest.approx(0.8)
    assert spearman(vectors, np.array([2, 2, 2, 2])) is None
    assert spearman(np.ones((8, 2), dtype=np.float32), np.array([4, 2, 3, 1])) is None


def test_the_score_of_pairs_is_found_beside_other_numbers() -> None:
    data = b"id,s1,s2,score\n10,A cat.,A dog.,4.8\n7,A car.,A bus.,1\n"
    pairs = read_pairs("pairs.csv", tables.read_table("pairs.csv", data))
    assert pairs.columns == ("s1", "s2", "score")
    assert pairs.scores.tolist() == pytest.approx([4.8, 1.0])


def test_two_columns_that_could_be_the_score_are_told() -> None:
    table = tables.read_table("pairs.csv", b"s1,s2,a,b\nA cat.,A dog.,4.8,2\nA car.,A bus.,1,2\n")
    with pytest.raises(TableError, match=r"a, b could be it"):
        read_pairs("pairs.csv", table)
