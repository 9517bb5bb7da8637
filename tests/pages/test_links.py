"""Links that carry vectors, on each page that takes names in square brackets."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.base.types import FloatArray
from core.generation import history
from core.shelf import link_vectors
from core.shelf.link_vectors import SharedTerm
from core.spaces.vocabulary_files import Loaded
from tests.support.app_page import checked, open_page

NAME = "photo.jpg"


def told(page: AppTest) -> str:
    kinds = (page.caption, page.info, page.error, page.warning, page.code)
    said = "\n".join(str(one.value) for kind in kinds for one in kind)
    return re.sub(r"\\(.)", r"\1", said)


def click(page: AppTest, key: str) -> AppTest:
    page.button(key).click()
    return page


def carried(vector: FloatArray, space: str = "minilm") -> str:
    [entry] = link_vectors.pack([SharedTerm(NAME, space, vector)])
    return entry


@pytest.fixture
def queen(minilm: Loaded) -> FloatArray:
    row = minilm[0].row("queen")
    assert row is not None
    vector: FloatArray = minilm[0].vectors[row]
    return vector


def test_words_read_a_vector_of_the_link_and_pass_it_on(queen: FloatArray) -> None:
    page = open_page("words", **{"q": f"[{NAME}]", "with": carried(queen)})
    assert f"**{NAME}** (a vector from the link)" in told(page)
    table = page.dataframe[0].value
    assert table["word"].iloc[0] == "queen"
    checked(click(page, "link"))
    [address] = [one.value for one in page.code if "with=" in one.value]
    assert address.count("with=") == 1
    assert f"%7Eminilm%7E{NAME}" in address or f"~minilm~{NAME}" in address


def test_a_vector_of_the_link_is_kept_left_out_and_then_found_on_the_shelf(
    queen: FloatArray,
) -> None:
    page = open_page("words", **{"q": f"[{NAME}] - king", "with": carried(queen)})
    before = page.dataframe[0].value
    checked(click(page, "linked-keep-0"))
    checked(click(page, "linked-drop-0"))
    assert "a vector from the link" not in told(page)
    assert "a vector from a link" in told(page)
    assert page.dataframe[0].value.equals(before)


def test_a_vector_of_another_space_is_not_compared() -> None:
    vector = np.zeros(300, dtype=np.float32)
    vector[0] = 1
    page = open_page("images", **{"find": f"[{NAME}]", "with": carried(vector, "en_core_web_md")})
    assert "as a vector of the embedding model “en_core_web_md”" in told(page)
    assert "vectors of two embedding models are never compared" in told(page)


def test_a_map_and_a_drawing_take_a_vector_of_the_link(
    queen: FloatArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = {"with": carried(queen)}
    page = open_page("map", of="Custom words", method="PCA", drop=f"[{NAME}]", **link)
    dropped = next(one.value for one in page.dataframe if "new point" in one.value)
    assert dropped["nearest"].iloc[0].startswith("queen")
    assert f"**{NAME}** (a vector from the link)" in told(page)

    from core.ui.generate import result as result_panel

    monkeypatch.setattr(result_panel, "show_neighbors", lambda *arguments: None)
    page = open_page("generate", prompt=f"[{NAME}]", steps="2", random="false", seed="1", **link)
    checked(click(page, "query-go"))
    record = history.record(history.list_items()[0])
    assert record is not None
    assert record.request.vector is not None
    np.testing.assert_allclose(record.request.vector, queen, atol=1e-6)


def test_a_hostile_link_leaves_the_page_as_it_is() -> None:
    for entry in ("x" * 100_000, "~~", "AAAA~minilm~a", "<b>~minilm~<script>"):
        page = open_page("images", **{"find": "a red apple", "results": "3", "with": entry})
        assert "link" in page.error[0].value
        table = next(one.value for one in page.dataframe if "similarity" in one.value)
        assert table["caption"].iloc[0] == "red apple"


def test_a_number_chosen_on_one_page_is_not_that_of_the_others() -> None:
    page = open_page("words")
    page.number_input(key="k").set_value(50)
    checked(page)
    for other, name, first in (("images", "results", 24), ("sentences", "near", 5)):
        page.switch_page(f"pages/{other}.py")
        assert checked(page).number_input(key=name).value == first
