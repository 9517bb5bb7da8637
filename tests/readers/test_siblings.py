"""Siblings of the cases: other files of the same kinds, as people have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.readers import vector_files
from tests.support.table_files import read_here

NUMBERS = np.random.default_rng(0).normal(size=(4, 9)).round(4)
AS_TEXT = {
    "pgvector": ("{", ",", "}"),
    "numpy": ("array([", ", ", "], dtype=float32)"),
    "torch": ("tensor([", ", ", "])"),
    "bars": ("", "|", ""),
    "semicolons": ("", ";", ""),
}


@pytest.mark.parametrize("kind", AS_TEXT)
def test_vectors_as_text_of_any_program(kind: str) -> None:
    begin, mark, end = AS_TEXT[kind]
    cells = [f"{begin}{mark.join(map(str, row))}{end}" for row in NUMBERS]
    text = "name,emb\n" + "".join(f'the word {at},"{cell}"\n' for at, cell in enumerate(cells))
    found = read_here("a.csv", text.encode()).vectors["emb"]
    assert np.allclose(found, NUMBERS, atol=1e-6)


def test_a_vector_with_a_missing_number_is_one_all_the_same() -> None:
    rows = ["[0.1, nan, 0.2]", "[null, 0.5, 1e-3]", ""]
    text = "name,embedding\n" + "".join(f'a word {at},"{row}"\n' for at, row in enumerate(rows))
    found = read_here("a.csv", text.encode()).vectors["embedding"]
    nan = float("nan")
    wanted = np.array([[0.1, nan, 0.2], [nan, 0.5, 0.001], [nan] * 3], dtype=np.float32)
    assert np.array_equal(found, wanted, equal_nan=True)


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        (
            "movies.dat",
            "1::Toy Story (1995)::Animation|Comedy\n2::Jumanji (1995)::Adventure\n",
            [[1, 2], ["Toy Story (1995)", "Jumanji (1995)"], ["Animation|Comedy", "Adventure"]],
        ),
        ("a.csv", "id^text\n1^one two\n2^three\n", [[1, 2], ["one two", "three"]]),
        (
            "ch.csv",
            "name;preis\neins zwei;1'234.56\ndrei;987.00\n",
            [["eins zwei", "drei"], [1234.56, 987.0]],
        ),
        (
            "us.csv",
            'name,price\none two,"1,234.56"\nthree,987.00\n',
            [["one two", "three"], [1234.56, 987.0]],
        ),
        ("codes.csv", 'name,code\none two,"1,234"\nthree,"5,678"\n', [None, ["1,234", "5,678"]]),
        (
            "only.csv",
            "I like tea\nI like coffee\nIt is nice\n",
            [["I like tea", "I like coffee", "It is nice"]],
        ),
        (
            "head.csv",
            "review text of all\nI like tea very much indeed, and also the rest of it\n",
            None,
        ),
        (
            "labels.tsv",
            "pos\tI liked the film\nneg\tI hated it\npos\tGreat evening\n",
            [["pos", "neg", "pos"], ["I liked the film", "I hated it", "Great evening"]],
        ),
        ("files.csv", "a.jpg,cat\nb.jpg,dog\n", [["a.jpg", "b.jpg"], ["cat", "dog"]]),
        (
            "captions.txt",
            "image,caption\n1.jpg,a dog runs\n2.jpg,a cat\n",
            [["1.jpg", "2.jpg"], ["a dog runs", "a cat"]],
        ),
    ],
)
def test_tables_are_read_with_all_their_rows(
    name: str, text: str, columns: list[list[Any] | None] | None
) -> None:
    frame = read_here(name, text.encode()).frame
    if columns is None:
        assert len(frame) == 1
        return
    for column, wanted in zip(frame.columns, columns, strict=True):
        if wanted is not None:
            assert frame[column].tolist() == wanted


def test_an_object_of_words_and_their_vectors_is_a_row_a_word() -> None:
    words = {f"word{at}": row.tolist() for at, row in enumerate(np.tile(NUMBERS, (3, 1)))}
    table = read_here("a.json", json.dumps(words).encode())
    assert table.frame["word"].tolist() == [*words]
    assert np.allclose(table.vectors["vector"], [*words.values()])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["0.5 -1.5 2e-3", "1.5 2.5 3.5"], None),
        (["12 0.5 1.5", "13 2.5 0.1"], ["12", "13"]),
        ([" ".join(f"{n / 7:.18e}" for n in range(at, at + 300)) for at in range(2)], None),
    ],
)
def test_rows_of_numbers_lose_none_to_a_word(
    tmp_path: Path, lines: list[str], words: list[str] | None
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n".join(lines) + "\n")
    rows = vector_files.read_rows(path)
    wanted = np.array([line.split() for line in lines], dtype=np.float32)
    assert np.array_equal(rows.vectors, wanted if words is None else wanted[:, 1:])
    assert rows.frame.to_dict("list") == ({} if words is None else {"word": words})


@pytest.mark.parametrize(
    ("array", "table"),
    [
        ("vecs.tsv", "meta.tsv"),
        ("iris_tensors.tsv", "iris_metadata.tsv"),
        ("embeddings.npy", "labels.csv"),
        ("emb.npy", "emb.txt"),
    ],
)
def test_the_table_beside_an_array_is_found_by_usual_names(
    tmp_path: Path, array: str, table: str
) -> None:
    path = tmp_path / array
    if array.endswith(".npy"):
        np.save(path, NUMBERS)
    else:
        np.savetxt(path, NUMBERS, delimiter="\t")
    assert vector_files.find_beside(path) is None
    (tmp_path / table).write_text("a\nb\nc\nd\n")
    assert vector_files.find_beside(path) == tmp_path / table
    assert vector_files.pair_in(tmp_path) == (path, tmp_path / table)
    (tmp_path / "more.csv").write_text("x\n")
    assert vector_files.pair_in(tmp_path) is None
