"""What a caller in Python gives is written as a table of a verb, or refused with a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import embedding_explorer as ee
from embedding_explorer import verbs
from embedding_explorer.items import Named, text_list


def test_columns_whose_names_are_no_strings_are_named_by_what_they_print(tmp_path: Path) -> None:
    frame = pd.DataFrame({0: ["a", "b"], ("x", "y"): [1, 2]}, index=[7, 3])
    path, *options = Named(frame, text=0).write(tmp_path)
    assert pq.read_table(path).to_pydict() == {"0": ["a", "b"], "('x', 'y')": [1, 2]}
    assert options == ["--column=0"]


def test_a_column_named_as_an_option_and_frames_of_many_kinds_are_written(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "--text": ["a", "b"],
            "kind": pd.Categorical(["x", "y"]),
            "day": pd.date_range("2020-01-01", periods=2),
            "list": [[1.0], [2.0, 3.0]],
            "count": [1.5, np.nan],
        }
    )
    path, *options = Named(frame, text="--text").write(tmp_path)
    table = pq.read_table(path).to_pydict()
    assert (table["--text"], table["kind"]) == (["a", "b"], ["x", "y"])
    assert (table["list"], table["count"]) == ([[1.0], [2.0, 3.0]], [1.5, None])
    assert options == ["--column=--text"]


@pytest.mark.parametrize(
    ("items", "told"),
    [
        (pd.DataFrame(), "There are no items"),
        (pd.DataFrame({"t": []}), "There are no items"),
        ([], "There are no items"),
        (np.zeros((0, 3)), "There are no items"),
        (pd.DataFrame([["a", "b"]], columns=["t", "t"]), "Several columns are called “t”"),
        (pd.DataFrame([["a", "b"]], columns=[1, "1"]), "Several columns are called “1”"),
        (pd.DataFrame({"t": ["a", 3]}), "The column “t” cannot be written"),
        (pd.DataFrame({"t": [1j]}), "The column “t” cannot be written"),
        (pd.DataFrame({"t": ["\ud800"]}, dtype=object), "The column “t” cannot be written"),
        ("a cat", "One string was given"),
        (["a\ud800"], "The text at 0 holds half a character at 1"),
        ([[1.0, 2.0]], "A list of lists was given"),
        (np.zeros(3), "An array of shape (3,)"),
        (np.zeros((1, 2, 3)), "An array of shape (1, 2, 3)"),
        (np.zeros((2, 3), dtype=complex), "An array of shape (2, 3) and type complex128"),
    ],
)
def test_items_that_cannot_be_used_are_told(items: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(ee.EmbeddingExplorerError) as error:
        Named(items).write(tmp_path)
    assert str(error.value).startswith(told)


@pytest.mark.parametrize("name", ["", "a/b", "..\\x", "n" * 201])
def test_a_name_that_no_file_can_have_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(ee.EmbeddingExplorerError, match=r"It is to have 1 to 200 bytes"):
        Named(["a"]).write(tmp_path, name)


def test_texts_of_any_kind_of_list_are_read_and_what_is_missing_is_empty() -> None:
    assert text_list(pd.Series(["a", None, np.nan, pd.NA, 3], index=[9, 8, 7, 6, 5])) == [
        *("a", "", "", "", "3")
    ]
    assert text_list(one for one in "ab") == ["a", "b"]
    assert Named(np.array(["a", "b"])).frame["text"].tolist() == ["a", "b"]
    with pytest.raises(ee.EmbeddingExplorerError, match="The texts at 1, 2 are empty"):
        ee.encode(["a", None, " "])  # type: ignore[list-item]


@pytest.mark.slow
def test_after_the_process_of_the_verbs_ended_another_answers(own_home: Path) -> None:
    places = ee.project(np.eye(3, dtype=np.float32), method="pca")
    child = verbs._child
    assert places.shape == (3, 2) and child is not None
    child.kill()
    with pytest.raises(RuntimeError, match="ended"):
        verbs.run("spaces")
    again = ee.project(np.eye(3, dtype=np.float32), method="pca")
    np.testing.assert_array_equal(again, places)
    verbs.stop()
