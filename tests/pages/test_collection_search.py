"""Semantic search in a collection of a vector database: it ranks, filters, and nothing is kept."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.sentences import datasets
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.ui.common import access
from tests.pages.test_sentences import open_page, told

pytestmark = pytest.mark.usefixtures("own_home")
TEXTS = (
    "A violin and a cello play together",
    "The doctor examines a patient",
    "Bears sleep through the winter",
    "A guitar with twelve strings",
    "The harbour is full of ships",
    "An orchestra tunes its instruments",
)
SECRET = "s3cret-4711"


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    [entry] = [one for one in registry.list_spaces() if one.space.name == DEFAULT_SPACE]
    vectors = entry.text_encoder().encode(list(TEXTS))
    path = tmp_path / "notes.duckdb"
    made = duckdb.connect(str(path))
    made.execute(
        "CREATE TABLE notes (id VARCHAR PRIMARY KEY, note VARCHAR, year INT, v FLOAT[384])"
    )
    rows = [(f"n{n}", text, 1990 + n % 2, vectors[n].tolist()) for n, text in enumerate(TEXTS)]
    made.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", rows)
    made.execute("CREATE TABLE short (id VARCHAR PRIMARY KEY, v FLOAT[4])")
    made.execute("INSERT INTO short VALUES ('a', [1, 2, 3, 4])")
    made.close()
    return path


def _open(path: Path, **more: str) -> AppTest:
    link = {"do": "Semantic search", "search-in": "Vector database", "database": str(path)}
    return open_page(**link, **more)


def _connect(page: AppTest) -> AppTest:
    next(one for one in page.button if one.label == "List collections").click().run()
    assert not page.exception, page.exception
    return page


def _found(page: AppTest) -> list[str]:
    table = next(one for one in page.dataframe if "score" in one.value)
    return [str(one) for one in table.value["id"]]


def test_the_database_ranks_and_filters_and_nothing_is_kept(path: Path) -> None:
    page = _open(path, collection="notes", ask="music made with strings", filter="year=1990")
    assert "List collections" in told(page)  # a link alone makes the server ask nobody
    assert not page.dataframe
    page.text_input(key="search-database-key").set_value(SECRET)
    page = _connect(page)
    [entry] = [one for one in registry.list_spaces() if one.space.name == DEFAULT_SPACE]
    encoder = entry.text_encoder()
    asked = encoder.encode_query("music made with strings").vectors[0]
    scores = encoder.encode(list(TEXTS)) @ asked
    ranked = [f"n{n}" for n in np.argsort(-scores).tolist()]
    assert _found(page) == [one for one in ranked if int(one[1:]) % 2 == 0]
    assert "DuckDB, “notes”, year=1990: cosine, by comparing with every row" in told(page)
    assert page.text_input(key="filter").placeholder == "id=n0; year=1990..1991"
    page.text_input(key="filter").set_value("").run()
    assert _found(page) == ranked
    assert str(TEXTS[int(ranked[0][1:])]) in told(page)
    page.text_input(key="ask").set_value("music - instruments + ships").run()
    assert "Read as a formula" in told(page)
    assert _found(page)[0] == "n4"
    page.text_input(key="filter").set_value("year=1991..").run()
    assert all(int(one[1:]) % 2 for one in _found(page))
    page.text_input(key="filter").set_value("year=1990..much").run()
    assert "“much” in “year=1990..much” is no number" in told(page)
    kept = {entry.name for entry in datasets.list_datasets()}
    assert "notes" not in kept
    assert SECRET not in told(page)
    assert SECRET not in str(page.query_params)


def test_vectors_of_another_model_are_told(path: Path) -> None:
    page = _connect(_open(path, collection="short", ask="music"))
    assert "The vector has 384 numbers" in told(page)
    assert not page.dataframe


def test_an_address_with_a_password_stands_nowhere() -> None:
    page = open_page(**{"do": "Semantic search", "search-in": "Vector database"})
    page.text_input(key="search-database-address").set_value(f"postgresql://me:{SECRET}@h/x").run()
    page = _connect(page)
    assert "stands in the address" in told(page)
    assert SECRET not in told(page)
    assert SECRET not in str(page.query_params)


def test_a_link_does_not_choose_where_keys_go() -> None:
    elsewhere = "postgresql://me@db.example/films"
    page = open_page(
        **{"do": "Semantic search", "search-in": "Vector database", "database": elsewhere}
    )
    assert page.text_input(key="search-database-address").value == ""
    assert "db.example" in told(page)


def test_it_is_for_who_sits_at_this_computer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "is_local", lambda: False)
    page = _open(path, ask="music")
    assert "cannot be named from here" in told(page)
    assert "List collections" not in {one.label for one in page.button}
    assert str(path) not in told(page)
