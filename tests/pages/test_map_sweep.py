"""A sweep on the page Map: maps side by side with their figures; a click takes one's settings."""

from __future__ import annotations

import numpy as np
import pytest

from core.cache import maps as maps_cache
from core.cache.maps import Made
from core.maps import project, tags
from core.maps.items import from_vectors
from core.maps.recipe import Method, Recipe
from core.maps.store import StoredMap
from core.ui.map import sweep
from tests.pages.test_map import told
from tests.support.app_page import checked, open_page

ADDRESS = {"of": "Custom words", "view": "Parameter sweep"}


def test_maps_stand_side_by_side_and_a_click_takes_the_settings_of_one() -> None:
    page = open_page("map", **ADDRESS, **{"sweep-neighbors": "4, 8", "sweep-min_dist": "0, 0.3"})
    table = page.dataframe[0].value
    assert list(zip(table["neighbors"], table["min_dist"], strict=True)) == [
        (4, 0), (4, 0.3), (8, 0), (8, 0.3),
    ]  # fmt: skip
    assert (table["trustworthiness"] > 0.5).all()
    shown = [one.value for one in page.caption if "trustworthiness 0." in one.value]
    assert len(shown) == 4
    best = f"**trustworthiness {table['trustworthiness'].max():.3f}**"
    assert any(best in one for one in shown)
    page.button(key="sweep-take-1").click()
    checked(page)
    assert page.segmented_control(key="view").value == "Projection"
    assert page.number_input(key="neighbors").value == 4
    assert page.number_input(key="min_dist").value == pytest.approx(0.3)
    assert page.toggle(key="fixed").value is True
    assert "28 points by UMAP, opened from the disk" in told(page).replace("\\", "")


def test_perplexities_of_tsne_are_swept_and_wrong_values_told() -> None:
    page = open_page("map", **ADDRESS, **{"sweep-method": "t-SNE", "sweep-perplexity": "3, 6"})
    assert list(page.dataframe[0].value["perplexity"]) == [3, 6]
    page.text_input(key="sweep-perplexity").set_value("3, few")
    assert "“few” is no value of Perplexity" in told(checked(page))
    page.text_input(key="sweep-perplexity").set_value(", ".join(map(str, range(2, 40))))
    assert "38 combinations" in told(checked(page))
    page.button(key="link")  # the address holds the values


def test_the_methods_of_a_sweep_are_those_with_parameters() -> None:
    assert list(sweep.METHODS) == ["t-SNE", "UMAP", "UMAP (umap-learn)", "PaCMAP"]


def test_the_small_pictures_follow_the_tags() -> None:
    data = from_vectors("m", [*"abcd"], np.eye(4, dtype=np.float32))
    recipe = Recipe(method=Method.PCA)
    made = Made(data, StoredMap(project.project(data.vectors, recipe), None))
    rows = (np.array([0, 1]), np.array([2]))
    first, second = (
        maps_cache.small_picture(one, made, tags.COLUMN, "light")
        for one in (tags.attach(data, {"x": chosen}) for chosen in rows)
    )
    assert first != second
