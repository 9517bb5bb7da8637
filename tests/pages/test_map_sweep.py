"""A sweep on the page Map: maps side by side with their figures; a click takes one's settings."""

from __future__ import annotations

import pytest

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
