"""Images → Index: an index that was built serves the search."""

from __future__ import annotations

import pytest

from core.ui.choosers import served_index
from tests.pages.test_images import found, open_page, told


def test_an_index_that_was_built_serves_the_search(emoji: object) -> None:
    page = open_page(see="Index", index="HNSW", space="minilm")
    assert page.number_input[0].label == "Links (M)"
    assert page.number_input[0].value == 11  # log2 of 1,914
    page.button[0].click().run()
    assert not page.exception
    page.button(key="index-serve").click().run()
    assert not page.exception
    assert page.segmented_control(key="see").value == "Search"
    code = "HNSW:links=11,build_width=100,search_width=32"
    assert (
        page.query_params[served_index.SERVES]
        == page.selectbox(key=served_index.SERVES).value
        == code
    )
    page.text_input(key="find").set_value("a red apple").run()
    assert "by HNSW (cosine, 11 links, width 100 and 32): recall at 10 on this gallery" in told(
        page
    )
    by_index = found(page, "id")
    page.selectbox(key=served_index.SERVES).set_value(served_index.EXACT).run()
    assert "by comparing with every picture." in told(page)
    assert len({*by_index} & {*found(page, "id")}) >= 20  # of 24


def test_a_large_gallery_is_searched_by_an_index(
    emoji: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served_index, "SERVED_FROM", 1_914)
    page = open_page(find="a red apple", space="minilm")
    assert str(page.selectbox(key=served_index.SERVES).value).startswith("HNSW:links=11,")
    assert "by HNSW (cosine, 11 links" in told(page)
    wrong = open_page(find="a red apple", space="minilm", **{served_index.SERVES: "BALL"})
    assert "the link asks for" in told(wrong)
