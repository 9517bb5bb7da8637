"""Images → Search → Why this result?"""

from __future__ import annotations

import pytest

from core.spaces import registry
from tests.pages.test_images import found, open_page, told


def test_a_click_explains_a_result_and_the_address_says_so(emoji: object) -> None:
    page = open_page(find="a red apple", results="3", space="minilm")
    first = str(found(page, "id")[0])
    page.button(key="found-0-why").click().run()
    assert not page.exception
    assert page.query_params["why"] == first
    assert "Rank 1 of 1,914" in told(page)
    assert "of 0." in told(page)  # the region that carries most, of the whole similarity
    regions = next(one.value for one in page.dataframe if "column 7" in one.value)
    assert len(regions) == 7
    page.button(key="why-close").click().run()
    assert "why" not in page.query_params
    assert "Rank 1 of" not in told(page)


@pytest.mark.slow
def test_a_picture_in_the_query_is_covered_too_and_models_are_asked(emoji: object) -> None:
    other = "colours"
    entry = registry.find_space(other)
    page = open_page(find="[1F34E] + green", why="1F34F", space="minilm", **{"why-models": other})
    regions = next(one.value for one in page.dataframe if "column 7" in one.value)
    assert list(dict.fromkeys(regions["picture"])) == ["The result", "Query: 1F34E"]
    models = next(one.value for one in page.dataframe if "model" in one.value)
    assert list(models["model"]) == ["minilm", entry.space.name]
    assert "text" in str(models["note"][1])  # colours take no words


@pytest.mark.parametrize("why", ["gone", "1F431"])
def test_what_was_not_searched_is_told(emoji: object, why: str) -> None:
    page = open_page(find="a red apple", space="minilm", why=why, where="group=food-drink")
    assert f"No picture called {why} is among" in told(page)
