"""Add data: what is detected is shown with why, can be changed, and opens as what is wanted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.base.types import FloatArray
from core.export import vector_files
from core.graphs import sources
from core.readers import parquet
from core.sentences import datasets
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.ui.common import access
from core.ui.session import page_state
from tests.pages.test_sentences import open_page, told
from tests.support import anndata_files, app_page

pytestmark = pytest.mark.usefixtures("own_home")
CASES = Path(__file__).parent.parent / "cases"


def _dropped(*paths: Path) -> AppTest:
    page = open_page(do="Datasets")
    files = [(path.name, path.read_bytes(), "application/octet-stream") for path in paths]
    page.file_uploader[0].set_value(files).run()
    assert not page.exception, page.exception
    return page


def _pasted(text: str) -> AppTest:
    page = open_page(do="Datasets")
    page.text_area(key="texts-pasted").set_value(text).run()
    assert not page.exception, page.exception
    return page


def _press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception, page.exception
    return page


def _opens(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def test_what_was_detected_is_shown_before_anything_is_taken() -> None:
    page = _dropped(CASES / "tables" / "ru_cp1251.csv")
    assert "encoding Windows-1251 · separator semicolon · a row of names" in told(page)
    assert "3 rows taken" in told(page)
    assert {"Import dataset", "Map", "Search", "Near-duplicates"} <= _opens(page)
    assert [entry.name for entry in datasets.list_datasets()] == ["descriptions"]
    roles = next(frame for frame in page.dataframe if "for" in frame.value)
    assert dict(zip(roles.value["column"], roles.value["for"], strict=True)) == {
        "id": "id",
        "отзыв": "text",
        "оценка": "metadata",
    }
    page.selectbox(key="texts-header").set_value("no").run()
    assert "4 rows taken" in told(page)


def test_rows_that_are_left_out_are_counted_with_the_reason() -> None:
    page = _dropped(CASES / "tables" / "preamble.csv")
    assert "3 rows taken, 3 left out (3 lines before the table)" in told(page)
    page = _press(page, "Import dataset")
    assert "is ready: 3 rows" in told(page)
    entry = datasets.find_dataset("preamble")
    assert entry.roles["text"] == "comment"


def test_vectors_that_a_table_brings_are_used_on_the_page_and_it_says_why_words_are_not() -> None:
    page = _press(_dropped(CASES / "tables" / "pq_list.parquet"), "Import dataset")
    assert datasets.find_dataset("pq_list").roles["vectors"] == "embedding"
    page = open_page(do="Nearest neighbours", data="pq_list")
    assert not page.exception
    assert "the model that made them is not named" in told(page)
    page = open_page(do="Semantic search", data="pq_list", ask="number 1")
    assert not page.exception
    assert "came with the data" in told(page)


@pytest.mark.slow
def test_vectors_and_their_metadata_are_a_dataset_and_a_map() -> None:
    vectors = CASES / "vectors"
    page = _dropped(vectors / "p_vectors.tsv", vectors / "p_meta_dups.tsv")
    assert "12 rows taken" in told(page)
    assert {"Map", "Near-duplicates", "Word embeddings"} <= _opens(page)
    _press(page, "Import dataset")
    dataset = datasets.load_texts(datasets.find_dataset("p_vectors"))
    assert dataset.texts == ["a", "b", "c"] * 4
    assert dataset.own is not None
    assert dataset.own.vectors == pytest.approx(np.load(vectors / "x.npy"), abs=1e-4)
    shown = app_page.open_page("map", of="Texts", data="p_vectors", method="PCA", view="Chart")
    assert not shown.exception


@pytest.mark.slow
def test_a_table_of_numbers_alone_is_a_dataset() -> None:
    page = _dropped(CASES / "tables" / "xy_only.csv")
    assert "Map" in _opens(page)
    assert "Search" not in _opens(page)
    _press(page, "Import dataset")
    assert datasets.find_dataset("xy_only").rows == 4
    page = open_page(do="Nearest neighbours", data="xy_only")
    assert "None of the columns holds text" in told(page)
    shown = app_page.open_page("map", of="Numeric columns", data="xy_only")
    assert not shown.exception


def test_a_table_of_triples_does_not_speak_of_numbers_that_it_has_not() -> None:
    page = _dropped(CASES / "graphs" / "htr.csv")
    assert "Graph" in _opens(page)
    assert "Map" not in _opens(page)
    assert "numbers can be mapped" not in told(page)


def test_a_dataset_keeps_all_columns_beside_its_vectors(tmp_path: Path) -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(6, 10)).round(3))
    frame.columns = [f"dim_{at}" for at in range(10)]
    frame = frame.assign(name=[f"name {at}" for at in range(6)], kind=["x", "y"] * 3)
    path = tmp_path / "wide.csv"
    frame.to_csv(path, index=False)
    page = _dropped(path)
    assert "10 columns of numbers are the vectors" in told(page)
    _press(page, "Import dataset")
    dataset = datasets.load_texts(datasets.find_dataset("wide"))
    assert [*dataset.metadata.columns] == ["kind"]
    assert dataset.own is not None
    assert dataset.own.vectors.shape == (6, 10)


@pytest.mark.slow
def test_an_anndata_file_brings_vectors_ready_coordinates_and_labels(tmp_path: Path) -> None:
    path = tmp_path / "cells.h5ad"
    path.write_bytes(anndata_files.packed(anndata_files.current))
    page = _dropped(path)
    assert "**AnnData**" in told(page)
    roles = next(frame for frame in page.dataframe if "for" in frame.value).value
    chosen = dict(zip(roles["column"], roles["for"], strict=True))
    assert chosen["X_pca"] == "vectors"
    assert (chosen["X_umap 1"], chosen["X_umap 2"], chosen["kind"]) == ("x", "y", "label")
    assert {"Map", "Map at x and y", "Near-duplicates"} <= _opens(page)
    _press(page, "Import dataset")
    shown = app_page.open_page("map", of="Numeric columns", data="cells")
    assert not shown.exception
    columns = next(box for box in shown.multiselect if box.label == "Numeric columns")
    assert columns.value == ["X_umap 1", "X_umap 2"]


def _with_vectors(path: Path, texts: list[str], vectors: FloatArray) -> Path:
    columns = {"text": pa.array(texts), "emb": parquet.as_lists(vectors)}
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.slow
def test_vectors_whose_model_is_named_answer_questions_in_words(tmp_path: Path) -> None:
    texts = ["a kitten plays", "the bank lends money", "it is raining hard"]
    encoder = registry.find_space(DEFAULT_SPACE).text_encoder()
    page = _dropped(
        _with_vectors(tmp_path / "mine.parquet", texts, encoder.encode_texts(texts).vectors)
    )
    model = next(box for box in page.selectbox if box.label == "Embedding model of these vectors")
    assert model.value == ""
    model.set_value(DEFAULT_SPACE).run()
    _press(page, "Import dataset")
    assert datasets.find_dataset("mine").roles["model"] == DEFAULT_SPACE
    page = open_page(do="Semantic search", data="mine", ask="a young cat")
    assert not page.exception
    assert "came with the data" not in told(page)
    assert page.dataframe[0].value["text"].tolist()[0] == texts[0]


def test_a_model_of_another_length_is_refused_in_the_preview(tmp_path: Path) -> None:
    vectors = np.eye(3, 8, dtype=np.float32)
    page = _dropped(
        _with_vectors(tmp_path / "mine.parquet", ["one a", "two b", "three c"], vectors)
    )
    model = next(box for box in page.selectbox if box.label == "Embedding model of these vectors")
    model.set_value(DEFAULT_SPACE).run()
    assert "have 8 numbers, those of" in told(page)
    assert "Import dataset" not in _opens(page)


def test_keywords_find_rows_whose_vectors_have_no_model(tmp_path: Path) -> None:
    texts = ["a kitten plays", "the bank lends money", "it is raining hard"]
    vectors = np.eye(3, 8, dtype=np.float32)
    _press(_dropped(_with_vectors(tmp_path / "mine.parquet", texts, vectors)), "Import dataset")
    page = open_page(do="Semantic search", data="mine", ask="money", by="BM25")
    assert not page.exception
    table = page.dataframe[0].value
    assert table["text"].tolist() == [texts[1]]
    assert "similarity" not in table.columns


def test_pasted_lines_are_previewed_as_a_file_is() -> None:
    page = _pasted("name\tkind\na long day\tx\nthe short night\ty\n")
    assert "2 rows taken" in told(page)
    assert "separator tab" in told(page)
    _press(page, "Import dataset")
    assert datasets.load_texts(datasets.find_dataset("pasted")).texts == [
        "a long day",
        "the short night",
    ]


def test_several_files_of_one_split_are_one_dataset(tmp_path: Path) -> None:
    paths = [tmp_path / f"train-0000{at}.parquet" for at in range(2)]
    rows = np.arange(48, dtype=np.float32).reshape(6, 8)
    _with_vectors(paths[0], ["one a", "two b", "three c"], rows[:3])
    _with_vectors(paths[1], ["four d", "five e", "six f"], rows[3:])
    page = _dropped(*paths)
    assert "6 rows taken" in told(page)
    _press(page, "Import dataset")
    dataset = datasets.load_texts(datasets.find_dataset("train-00000"))
    assert dataset.texts == ["one a", "two b", "three c", "four d", "five e", "six f"]
    assert dataset.own is not None
    assert np.array_equal(dataset.own.vectors, rows)


def test_files_of_other_columns_are_told() -> None:
    tables = CASES / "tables"
    page = _dropped(tables / "dup_cols.csv", tables / "preamble.csv")
    assert "2 files were given, and “preamble.csv” has other columns than “dup_cols.csv”" in told(
        page
    )


def test_a_folder_of_this_computer_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(access.SAID, "1")
    for at in range(2):
        (tmp_path / f"part{at}.csv").write_text(f"id,said\n{at},it is number {at}\n")
    page = open_page(do="Datasets")
    page.text_input(key="texts-path").set_value(str(tmp_path)).run()
    assert "2 rows taken" in told(page)
    page.text_input(key="texts-path").set_value(str(CASES)).run()
    assert "has 0 files" in told(page)


def test_triples_in_rdf_and_in_a_table_become_a_graph_as_they_were_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched: list[str] = []

    def go(page: str, parameters: dict[str, str]) -> None:
        switched.append(parameters["graph"])
        st.stop()

    monkeypatch.setattr(page_state, "go", go)
    page = _dropped(CASES / "graphs" / "cities.nt")
    assert "entities" in told(page)
    _press(page, "Import")
    assert switched == ["cities"]
    assert sources.load_named("cities").labels
    archive = tmp_path / "kin.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in ("train", "test"):
            packed.writestr(f"kin/{part}.txt", "a\tlikes\tb\nb\tlikes\tc\nc\tknows\ta\n")
    _press(_dropped(archive), "Import")
    assert len(sources.load_named(switched[-1]).entities) == 3
    table = tmp_path / "links.csv"
    text = "from;relation;to\nBäcker, Anna;kennt;Ben\nBen;kennt;Cem\nCem;mag;Bäcker, Anna\n"
    table.write_bytes(text.encode("cp1252"))
    page = _press(_dropped(table), "Graph")
    graph = sources.load_named(switched[-1])
    assert sorted(graph.entities) == ["Ben", "Bäcker, Anna", "Cem"]
    assert sorted(graph.relations) == ["kennt", "mag"]
    assert len(graph.train) == 3


def test_the_projectors_files_are_taken_together(tmp_path: Path) -> None:
    columns = {"row": [1, 2, 3], "said": ["one a", "two b", "three c"]}
    vectors = np.eye(3, 8, dtype=np.float32)
    vector_files.write(tmp_path, vectors, columns, "", pictures=lambda _: Image.new("RGB", (9, 9)))
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 4  # with the sprite
    page = _dropped(*paths)
    assert "3 rows taken" in told(page)
    assert "Near-duplicates" in _opens(page)
    page = _dropped(*paths, CASES / "tables" / "preamble.csv")
    assert "Beside the vectors of “vectors.tsv” there are metadata.tsv, preamble.csv" in told(page)


@pytest.mark.parametrize("name", ["home", "graph"])
def test_add_data_is_on_every_page(name: str) -> None:
    page = app_page.open_page(name)
    [button] = [one for one in page.button if one.label == "Add data"]
    button.click().run()
    assert "Any file: a table, texts" in page.file_uploader[-1].label
