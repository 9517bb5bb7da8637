"""Sentences → Index: an index that was built serves the semantic search."""

from __future__ import annotations

import pytest

from core.ui.choosers import served_index
from tests.pages.test_sentences import column, open_page, told


def test_an_index_that_was_built_serves_the_search() -> None:
    page = open_page(do="Index", index="HNSW")
    page.button[0].click().run()
    assert not page.exception
    page.button(key="index-serve").click().run()
    assert not page.exception
    assert page.segmented_control(key="do").value == "Semantic search"
    page.text_input(key="ask").set_value("music made with strings").run()
    assert "by HNSW (cosine," in told(page)
    assert "recall at 10 on this dataset" in told(page)
    by_index = column(page, "row")
    box = page.selectbox(key=served_index.SERVES)
    assert page.query_params[served_index.SERVES] == box.value
    box.set_value(served_index.EXACT).run()
    assert "by comparing with every row." in told(page)
    assert len({*by_index} & {*column(page, "row")}) >= 9  # of 10


def test_a_large_dataset_is_searched_by_an_index(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_index, "SERVED_FROM", 200)
    page = open_page(do="Semantic search", ask="music made with strings")
    assert str(page.selectbox(key=served_index.SERVES).value).startswith("HNSW:links=")
    assert "by HNSW (cosine," in told(page)
    ranked = open_page(do="Semantic search", ask="music made with strings", by="Hybrid")
    assert not ranked.exception
    assert "HNSW" not in told(ranked)  # ranks among all rows are needed
