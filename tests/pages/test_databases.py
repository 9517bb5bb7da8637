"""A collection of a vector database opens as a dataset, and a dataset is sent to one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.databases import opening
from core.sentences import datasets, from_database
from core.ui.common import access
from tests.pages.test_sentences import open_page, told

pytestmark = pytest.mark.usefixtures("own_home")
DIM = 4
VECTORS = np.random.default_rng(5).normal(size=(12, DIM)).astype(np.float32)
SECRET = "s3cret-4711"


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    path = tmp_path / "films.duckdb"
    made = duckdb.connect(str(path))
    made.execute("CREATE TABLE films (id VARCHAR PRIMARY KEY, v FLOAT[4], review VARCHAR)")
    rows = [(f"f{n}", VECTORS[n].tolist(), f"A film with the number {n}") for n in range(12)]
    made.executemany("INSERT INTO films VALUES (?, ?, ?)", rows)
    made.execute("INSERT INTO films VALUES ('none', NULL, 'without a vector')")
    made.close()
    return path


def _press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception, page.exception
    return page


def _listed(address: str) -> AppTest:
    page = open_page(do="Datasets")
    page.text_input(key="texts-database-key").set_value(SECRET)
    page.text_input(key="texts-database-address").set_value(address).run()
    return _press(page, "List collections")


def test_a_collection_is_previewed_and_imported(path: Path) -> None:
    page = _listed(str(path))
    assert "films: 13 rows, vectors “v” of 4 numbers" in told(page).replace("*", "")
    first = next(frame for frame in page.dataframe if "review" in frame.value)
    assert first.value["review"].tolist()[:2] == [
        "A film with the number 0",
        "A film with the number 1",
    ]
    page.number_input(key="texts-database-limit").set_value(10).run()
    page = _press(page, "Import dataset")
    kept = datasets.load_texts(datasets.find_dataset("films"))
    assert kept.own is not None
    assert np.array_equal(kept.own.vectors, VECTORS[:10])
    assert kept.texts[3] == "A film with the number 3"
    assert SECRET not in told(page)
    assert SECRET not in str(page.query_params)


def test_what_is_wrong_is_told_in_place(path: Path) -> None:
    page = _listed(str(path.with_name("absent.duckdb")))
    assert "There is no database at" in " ".join(str(one.value) for one in page.error)
    page = _listed(f"postgresql://me:{SECRET}@localhost/films")
    message = " ".join(str(one.value) for one in page.error)
    assert "stands in the address" in message
    assert SECRET not in message


def test_a_dataset_is_sent_to_a_database_by_who_sits_here(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opening.opened(str(path)) as database:
        from_database.keep(database, "films")
    target = path.with_name("sent.duckdb")
    page = open_page(do="Export", data="films")
    page.text_input(key="export-database-address").set_value(str(target)).run()
    page.text_input(key="export-database-collection").set_value("mine").run()
    page = _press(page, "Send")
    assert "12 rows of 4 numbers sent to the new collection “mine” of DuckDB" in told(page)
    with opening.opened(str(target)) as database:
        [sent] = database.pages("mine", "")
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    assert np.allclose(sent.vectors, unit, atol=1e-6)
    assert sent.columns["id"].to_pylist() == [f"f{n}" for n in range(12)]
    assert sent.columns["review"][3].as_py() == "A film with the number 3"
    monkeypatch.setattr(access, "is_local", lambda: False)
    page = open_page(do="Export", data="films")
    assert "Send" not in {button.label for button in page.button}
    page = open_page(do="Datasets")
    assert "List collections" not in {button.label for button in page.button}
