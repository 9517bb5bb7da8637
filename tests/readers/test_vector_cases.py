"""Vectors as people have them: every kind of file gives its words, rows and numbers."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from core.base.errors import VectorFileError
from core.base.types import FloatArray
from core.readers.vector_files import holds_vectors, read_here, read_rows, read_vectors

CASES = Path(__file__).parent.parent / "cases" / "vectors"
FIRST = [0.1257, -0.1321, 0.6404, 0.1049, -0.5357, 0.3616, 1.3040, 0.9471, -0.7037, -1.2654]
WORDS = ["cat", "dog", "car", "bus", "red", "blue", "king", "queen", "man", "woman"]
WORDS += ["paris", "berlin"]
VECTORS: FloatArray = np.load(CASES / "x.npy").astype(np.float32)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("aligned.vec", ["New_York", "Los_Angeles", "San_Francisco"]),
        ("aligned_nohdr.txt", ["New_York", "Los_Angeles", "San_Francisco"]),
        ("bom_header.txt", ["cat", "dog", "car"]),
        ("latin1.vec", ["größe", "müller", "straße"]),
        ("phrase_digits.txt", ["cat", "dog", "car", "windows 95"]),
        ("glove.mini.zip", ["cat", "dog", "car"]),
        ("words.csv", ["cat", "dog", "car"]),
        ("decimal_comma.txt", ["cat", "dog", "car"]),
        ("conceptnet.vec", ["/c/en/new_york", "/c/en/los_angeles"]),
    ],
)
def test_every_kind_of_text_gives_twelve_words_of_twelve_numbers(
    name: str, words: list[str]
) -> None:
    found = read_vectors(CASES / name)
    assert found.words[: len(words)] == words
    assert found.vectors.shape == (12, 12)
    assert found.vectors[0, :10] == pytest.approx(FIRST)
    assert found.vectors == pytest.approx(VECTORS, abs=1e-4)


def test_what_is_unusual_is_told() -> None:
    assert "Windows-1252" in " ".join(read_vectors(CASES / "latin1.vec").notes)
    assert "decimal commas" in " ".join(read_vectors(CASES / "decimal_comma.txt").notes)
    assert "glove.mini.12d.txt" in " ".join(read_vectors(CASES / "glove.mini.zip").notes)


def test_rows_are_kept_by_number_and_labels_may_repeat() -> None:
    found = read_rows(CASES / "p_vectors.tsv", CASES / "p_meta_dups.tsv")
    assert found.vectors == pytest.approx(VECTORS, abs=1e-4)
    assert found.labels == ["a", "b", "c"] * 4
    assert [*found.frame.iloc[:, 0]] == ["a", "b", "c"] * 4
    assert len(read_vectors(CASES / "p_vectors.tsv", CASES / "p_meta_dups.tsv").words) == 3


def test_all_columns_beside_vectors_are_kept() -> None:
    found = read_rows(CASES / "p_vectors.tsv", CASES / "p_meta.tsv")
    assert found.labels == WORDS
    assert [*found.frame.columns] == ["name", "group"]
    assert [*found.frame["group"]] == ["g0", "g1", "g2"] * 4
    found = read_rows(CASES / "x.npy", CASES / "meta.csv")
    assert found.labels == WORDS
    assert [*found.frame["id"]] == [*range(12)]
    assert [*found.frame["class"]] == ["c0", "c1", "c2"] * 4
    assert read_vectors(CASES / "x.npy", CASES / "meta.csv").words == WORDS


def test_one_line_too_many_in_one_column_is_its_name() -> None:
    found = read_rows(CASES / "p_vectors.tsv", CASES / "p_meta_single_hdr.tsv")
    assert found.labels == WORDS
    assert [*found.frame.columns] == ["label"]
    assert "one line more" in " ".join(found.notes)
    assert read_vectors(CASES / "p_vectors.tsv", CASES / "p_meta_single_hdr.tsv").words == WORDS


def test_an_array_without_words_is_rows() -> None:
    found = read_rows(CASES / "arr0.npz")
    assert found.vectors == pytest.approx(VECTORS, abs=1e-4)
    assert found.labels == [str(number) for number in range(1, 13)]
    assert read_vectors(CASES / "arr0.npz", CASES / "meta.csv").words == WORDS


def test_a_model_of_fasttext_says_which_file_to_take(tmp_path: Path) -> None:
    model = tmp_path / "cc.de.300.bin"
    model.write_bytes((793_712_314).to_bytes(4, "little") + bytes(500))
    with pytest.raises(VectorFileError, match=r"fastText model.*\.vec"):
        read_vectors(model)


def test_archives_and_tables_are_told_from_vectors(tmp_path: Path) -> None:
    packed = tmp_path / "glove.txt.gz"
    packed.write_bytes(gzip.compress((CASES / "aligned_nohdr.txt").read_bytes()))
    assert holds_vectors(packed)
    packed.write_bytes(gzip.compress(b"a text of a line\nanother\n"))
    assert not holds_vectors(packed)
    assert holds_vectors(CASES / "glove.mini.zip")
    pictures = tmp_path / "pictures.zip"
    with zipfile.ZipFile(pictures, "w") as archive:
        archive.writestr("a.png", b"")
    assert not holds_vectors(pictures)


# What any program writes comes back

WORD = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=5)
PHRASE = st.lists(WORD, min_size=1, max_size=3).map(" ".join)
NUMBER = st.integers(-9_999, 9_999).map(lambda number: number / 1_000)


@given(
    st.lists(PHRASE.filter(lambda p: not p.split()[0].isdigit()), min_size=4, unique=True),
    st.integers(0, 2**31),
    st.sampled_from([" ", "  ", "\t", " \t "]),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["\n", "\r\n", " \n"]),
)
@settings(max_examples=60, deadline=None)
def test_words_and_phrases_come_back(
    phrases: list[str],
    seed: int,
    blank: str,
    header: bool,
    commas: bool,
    mark: str,
    end: str,
) -> None:
    import tempfile

    phrases = ["word", "other", "third", *phrases]
    rows = np.random.default_rng(seed).normal(size=(len(phrases), 12)).astype(np.float32)
    lines = [
        blank.join([p, *(f"{x:.6f}" for x in row)]) for p, row in zip(phrases, rows, strict=True)
    ]
    if commas:
        lines = [
            blank.join([p, *(f"{x:.6f}".replace(".", ",") for x in row)])
            for p, row in zip(phrases, rows, strict=True)
        ]
    if header:
        lines = [f"{len(phrases)} 12", *lines]
    data = (mark + "".join(line + end for line in lines)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.txt"
        path.write_bytes(data)
        found = read_here(path, None, Path(folder))
    kept = [*dict.fromkeys(phrases)]
    assert found.words == kept
    assert found.vectors[:3] == pytest.approx(rows[:3], abs=1e-5)


@given(st.lists(st.lists(WORD, min_size=2, max_size=2), min_size=2, max_size=8))
@settings(max_examples=30, deadline=None)
def test_metadata_of_any_cells_keeps_its_rows(rows: list[list[str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        stream = io.BytesIO()
        np.save(stream, np.ones((len(rows), 3)))
        (Path(folder) / "v.npy").write_bytes(stream.getvalue())
        table = "one\ttwo\n" + "".join("\t".join(row) + "\n" for row in rows)
        (Path(folder) / "m.tsv").write_text(table, encoding="utf-8")
        found = read_rows(Path(folder) / "v.npy", Path(folder) / "m.tsv")
    assert len(found.frame) == len(rows)
    # Labels are the first column of texts, where there is one: digits alone are numbers.
    assert found.labels in ([row[at] for row in rows] for at in range(2))
