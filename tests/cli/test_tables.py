"""Tables and vectors of every country and program by the command line, by values."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.cli.main import main
from core.readers.tables import Table
from core.sentences import datasets
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from tests.support import anndata_files

CASES = Path(__file__).parent.parent / "cases"
Capture = pytest.CaptureFixture[str]


def _asked(capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def _case(name: str) -> str:
    return str(CASES / "tables" / name)


@pytest.mark.parametrize(
    ("name", "rows", "text", "detected"),
    [
        ("ru_cp1251.csv", 3, "отзыв", {"encoding": "cp1251", "separator": ";", "header": True}),
        ("ja_sjis.csv", 3, "感想", {"encoding": "cp932"}),
        ("zh_gbk.csv", 3, "评论", {"encoding": "gb18030"}),
        ("pl_cp1250.csv", 3, "opinia", {"encoding": "cp1250"}),
        ("el_cp1253.csv", 3, "κείμενο", {"encoding": "cp1253"}),
        ("de_macroman.csv", 3, "text", {"encoding": "mac_roman"}),
        ("num_header.csv", 6, "text", {"header": True}),
        ("question_header.csv", 3, "What did you like?", {"header": True}),
        ("abbrev_header.csv", 2, "Text", {"separator": ";", "header": True}),
        ("de_excel.csv", 3, "Bewertung", {"separator": ";", "decimal": ",", "header": True}),
        ("dup_cols.csv", 2, "text", {"header": True}),
        ("decimal_comma.csv", 3, "ort", {"decimal": ","}),
        ("de_sep.csv", 2, "text", {"separator": ";", "skip": 1}),
        ("preamble.csv", 3, "comment", {"skip": 3, "separator": ","}),
        ("comments.csv", 2, "comment", {"skip": 2, "separator": ","}),
        ("wrapped.json", 2, "text", {"format": "JSON"}),
        ("pandas_columns.json", 2, "text", {"format": "JSON"}),
        ("hf_viewer.json", 2, "text", {"format": "JSON"}),
        ("pq_bytes_text.parquet", 6, "text", {"format": "Parquet"}),
        ("t.csv.gz", 2, "text", {"format": "delimited text"}),
        ("ndjson.ndjson", 2, "text", {"format": "JSON Lines"}),
        ("ragged.jsonl", 3, "text", {"format": "JSON Lines"}),
        ("reviews_label.csv", 5, "text", {"header": True}),
    ],
)
def test_texts_are_found_and_what_was_detected_is_told(
    capsys: Capture, name: str, rows: int, text: str, detected: dict[str, Any]
) -> None:
    answer = _asked(capsys, "sentences", _case(name), "-k", "1")
    assert answer["count"] == rows
    assert answer["detected"]["columns"]["text"] == text
    assert {key: answer["detected"][key] for key in detected} == detected
    skipped = detected.get("skip", 0)
    assert sum(one["count"] for one in answer["left_out"]) == skipped
    assert all(one["reason"] for one in answer["left_out"])


@pytest.mark.parametrize(("name", "rows"), [("pq_list.parquet", 6), ("openai_embeddings.csv", 4)])
def test_vectors_that_a_table_brings_are_taken(
    capsys: Capture, tmp_path: Path, name: str, rows: int
) -> None:
    answer = _asked(capsys, "sentences", _case(name), "-k", "1")
    assert answer["detected"]["columns"]["vectors"] == "embedding"
    if name.endswith("parquet"):
        vectors = np.array(pq.read_table(_case(name))["embedding"].to_pylist())
    else:
        vectors = np.array([json.loads(cell) for cell in pd.read_csv(_case(name))["embedding"]])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = unit @ unit.T - 2 * np.eye(rows)
    for row in range(rows):
        best = int(near[row].argmax())
        found = answer["neighbors"][str(row + 1)][0]
        assert found["id"] == best + 1
        assert found["score"] == pytest.approx(near[row, best], abs=1e-5)
    out = tmp_path / "m.parquet"
    mapped = _asked(capsys, "map", _case(name), "--method", "pca", "--out", str(out))
    assert (mapped["count"], mapped["space"]) == (rows, "")


def test_vectors_need_their_model_for_questions_in_words(capsys: Capture) -> None:
    assert main(["sentences", _case("openai_embeddings.csv"), "--query", "soup"]) == 2
    assert "came with the data" in capsys.readouterr().err
    answer = _asked(
        capsys, "sentences", _case("openai_embeddings.csv"), "--query", "soup", "--mode", "bm25"
    )
    assert [hit["id"] for hit in answer["neighbors"]] == [1, 4]
    anew = _asked(
        capsys, "sentences", _case("openai_embeddings.csv"), "--query", "soup", "--space", "minilm"
    )
    assert anew["neighbors"][0]["id"] in (1, 4)
    assert "vectors" not in anew["detected"]["columns"]


def test_a_table_of_numbers_is_mapped_and_says_where_text_is_needed(
    capsys: Capture, tmp_path: Path
) -> None:
    out = tmp_path / "m.parquet"
    assert _asked(capsys, "map", _case("xy_only.csv"), "--out", str(out))["count"] == 4
    table = pq.read_table(out).to_pandas()
    assert table["x"].tolist() == pytest.approx([1.5, 3.5, 0.2, 2.2])
    assert table["y"].tolist() == pytest.approx([2.5, 1.0, 0.9, 2.1])
    assert main(["sentences", _case("xy_only.csv")]) == 2
    assert "None of the columns holds text" in capsys.readouterr().err


def test_options_say_what_was_detected_wrongly(capsys: Capture, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_bytes("a!Größe!1,5!k1\nb!Käse!2,5!k2\n".encode())
    answer = _asked(
        capsys,
        *("sentences", str(odd), "--separator", "!", "--header", "no", "--decimal", ","),
        *("--text", "column 2", "--id", "column 4", "-k", "1"),
    )
    assert answer["neighbors"].keys() == {"k1", "k2"}
    assert answer["neighbors"]["k1"][0]["id"] == "k2"
    assert answer["detected"]["decimal"] == ","
    assert answer["detected"]["columns"]["text"] == "column 2"
    wide = tmp_path / "wide.csv"
    names = [f"dim_{at}" for at in range(12)]
    rows = np.random.default_rng(0).normal(size=(5, 12)).round(4)
    frame = pd.DataFrame(rows, columns=names).assign(t=["one a", "two b", "three c", "d e", "f g"])
    frame.to_csv(wide, index=False)
    answer = _asked(capsys, "sentences", str(wide), "-k", "1")
    assert answer["detected"]["columns"]["vectors"] == "dim_0 … dim_11"
    few = _asked(capsys, "sentences", str(wide), "-k", "1", "--vectors", "dim_0..dim_3")
    assert few["detected"]["columns"]["vectors"] == "dim_0 … dim_3"
    assert main(["sentences", str(wide), "--vectors", "nothing*"]) == 2
    assert main(["sentences", str(wide), "--skip", "-1"]) == 2


def test_the_projectors_files_open_again(capsys: Capture, tmp_path: Path) -> None:
    folder = tmp_path / "tsv"
    _asked(capsys, "sentences", _case("reviews_label.csv"), "--tsv", str(folder))
    out = tmp_path / "m.parquet"
    answer = _asked(
        capsys,
        *("map", str(folder / "vectors.tsv"), "--word-list", str(folder / "metadata.tsv")),
        *("--method", "pca", "--out", str(out)),
    )
    table = pq.read_table(out).to_pandas()
    given = pd.read_csv(_case("reviews_label.csv"))
    assert answer["count"] == 5
    assert table["text"].tolist() == given["text"].tolist()
    assert table["label"].tolist() == given["label"].tolist()
    alone = ("map", str(folder / "vectors.tsv"), "--method", "pca", "--out", str(out))
    found = _asked(capsys, *alone)
    assert "metadata.tsv" in " ".join(found["notes"])
    assert pq.read_table(out)["text"].to_pylist() == given["text"].tolist()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("aligned.vec", "New_York"),
        ("aligned_nohdr.txt", "New_York"),
        ("bom_header.txt", "cat"),
        ("latin1.vec", "größe"),
        ("phrase_digits.txt", "windows 95"),
        ("glove.mini.zip", "cat"),
        ("words.csv", "cat"),
        ("decimal_comma.txt", "cat"),
        ("conceptnet.vec", '"/c/en/new_york"'),
    ],
)
def test_words_of_every_kind_of_file(capsys: Capture, name: str, word: str) -> None:
    answer = _asked(capsys, "words", word, "--space", str(CASES / "vectors" / name), "-k", "20")
    assert len(answer["neighbors"]) == 11


def test_words_of_arrays_with_lists_beside_them(capsys: Capture, tmp_path: Path) -> None:
    vectors = CASES / "vectors"
    for array, words, count in (
        ("x.npy", "meta.csv", 11),
        ("arr0.npz", "meta.csv", 11),
        ("p_vectors.tsv", "p_meta.tsv", 11),
        ("p_vectors.tsv", "p_meta_single_hdr.tsv", 11),
    ):
        given = ("--space", str(vectors / array), "--word-list", str(vectors / words))
        answer = _asked(capsys, "words", "cat", *given, "-k", "20")
        assert len(answer["neighbors"]) == count
    given = ("--space", str(vectors / "p_vectors.tsv"), "--word-list")
    answer = _asked(capsys, "words", "a", *given, str(vectors / "p_meta_dups.tsv"))
    assert len(answer["neighbors"]) == 2
    assert "9 rows" in " ".join(answer["notes"])
    assert answer["rows"] == 3
    assert [one["count"] for one in answer["left_out"]] == [9]
    assert answer["rows"] + answer["left_out"][0]["count"] == 12
    alone = tmp_path / "alone.npz"
    shutil.copy(vectors / "arr0.npz", alone)
    out = tmp_path / "m.parquet"
    assert _asked(capsys, "map", str(alone), "--method", "pca", "--out", str(out))["count"] == 12


def test_an_anndata_file_is_mapped_by_its_vectors_or_at_its_places(
    capsys: Capture, tmp_path: Path
) -> None:
    source, out = tmp_path / "cells.h5ad", tmp_path / "map.parquet"
    source.write_bytes(anndata_files.packed(anndata_files.current))
    given = ["map", str(source), "--out", str(out), "--method", "pca"]
    answer = _asked(capsys, *given)
    assert answer["detected"]["format"] == "AnnData"
    assert answer["detected"]["columns"]["vectors"] == "X_pca"
    assert answer["count"] == answer["rows"] == 6
    _asked(capsys, *given, "--columns", "X_umap 1,X_umap 2")
    found = pq.read_table(out).to_pandas()
    assert found[["x", "y"]].to_numpy().tolist() == anndata_files.UMAP.tolist()
    assert found["kind"].tolist() == ["B cell", "T cell", "T cell", "", "B cell", "T cell"]


def test_what_was_chosen_of_a_dataset_counts_for_verbs_too(capsys: Capture, own_home: Path) -> None:
    texts = ["a kitten plays", "the bank lends money", "it is raining hard"]
    vectors = registry.find_space(DEFAULT_SPACE).text_encoder().encode_texts(texts).vectors
    table = Table(
        pd.DataFrame({"long name of it": ["x y", "y z", "z x"], "said": texts}),
        (),
        vectors={"other": np.eye(3, 8, dtype=np.float32), "emb": vectors},
    )
    roles = {"text": "said", "vectors": "emb", "model": DEFAULT_SPACE}
    datasets.keep_table("mine", table, roles)
    answer = _asked(capsys, "sentences", "mine", "--query", "a young cat")
    assert answer["vectors"] == "emb"
    assert answer["neighbors"][0]["text"] == texts[0]
    datasets.keep_table("unnamed", table, {"text": "said", "vectors": "emb", "model": "gone"})
    near = _asked(capsys, "sentences", "unnamed", "-k", "1")["neighbors"]["1"]
    assert near[0]["score"] == pytest.approx(max(vectors[0] @ vectors[1:].T), abs=1e-5)
    assert main(["sentences", "unnamed", "--query", "a young cat"]) == 2
    assert "called “gone”" in capsys.readouterr().err


def test_a_folder_of_parts_is_one_table(capsys: Capture, tmp_path: Path) -> None:
    for at, cell in enumerate(("7", "7a")):
        path = tmp_path / f"part-{at}.csv"
        path.write_text(f"said,code\nit is number {at} of them,{cell}\n", encoding="utf-8")
    answer = _asked(capsys, "sentences", str(tmp_path), "-k", "1")
    assert answer["rows"] == answer["count"] == 2
    out = tmp_path / "texts.parquet"
    _asked(capsys, "encode", str(tmp_path), "--out", str(out))
    assert pq.read_table(out)["code"].to_pylist() == ["7", "7a"]
