"""New rows on a kept map: the points that were there stay, the new ones are told from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.types import Metric
from core.cache import map_items as items_cache
from core.images import galleries
from core.maps import items
from core.sentences import datasets
from core.ui.map import selection
from tests.pages.test_map import charts, told
from tests.pages.test_map_link import noted
from tests.support.app_page import checked, open_page
from tests.support.picture_files import encoded

__all__ = ["charts", "noted"]


def table(first: int, count: int) -> bytes:
    lines = ["name,a,b,c"]
    for n in range(first, first + count):
        lines.append(f"n{n},{n % 7},{n * n % 11},{n % 2 * 9 + n % 5}")
    return "\n".join(lines).encode()


def test_a_table_that_grew_is_placed_on_the_map(
    own_home: Path, charts: list[dict[str, Any]]
) -> None:
    datasets.import_table("first.csv", table(0, 40))
    datasets.import_table("later.csv", table(0, 50))
    address = {"of": "Numeric columns", "data": "first", "method": "PCA"}
    page = open_page("map", **address)
    assert page.selectbox(key="more-rows").value == "no others"
    page.selectbox(key="more-rows").set_value("later")
    checked(page)
    shown = told(page).replace("\\", "")
    assert "10 rows are new; the points of first stay" in shown
    assert "of the new points:" in shown
    assert "50 points by PCA" in shown
    assert charts[-1]["points"]["n"] == 50
    assert page.selectbox(key="color").value == "added"
    assert charts[-1]["colors"]["names"] == ["before", "new"]
    digest = page.session_state["digest-test"]
    page.session_state[selection.CHOSEN] = (digest, np.array([3, 45]))
    checked(page)
    assert page.dataframe[0].value["added"].tolist() == ["before", "new"]
    page.button(key="select-none").click()
    checked(page)
    points = page.dataframe[0].value
    assert points["added"].tolist() == ["before"] * 40 + ["new"] * 10
    page.selectbox(key="more-rows").set_value("no others")
    checked(page)
    alone = page.dataframe[0].value
    np.testing.assert_allclose(points["x"][:40], alone["x"], rtol=1e-6)


def test_rows_of_other_columns_are_refused(own_home: Path) -> None:
    datasets.import_table("first.csv", table(0, 20))
    datasets.import_table("other.csv", b"name,d,e\nx,1,2\ny,3,4")
    page = open_page(
        "map", of="Numeric columns", data="first", method="PCA", **{"more-rows": "other"}
    )
    assert "has no column" in told(page)
    assert "20 points by PCA" in told(page).replace("\\", "")


def test_new_rows_are_standardised_as_the_old_ones(own_home: Path) -> None:
    datasets.import_table("first.csv", table(0, 40))
    entry = datasets.find_dataset("first")
    plain = items_cache.columns(entry, ["a", "b"], Metric.EUCLIDEAN, standardize=False)
    scaled = items_cache.columns(entry, ["a", "b"], Metric.EUCLIDEAN, standardize=True)
    part = plain.take([3, 4, 5])
    found = items.standardized_as(part, plain.vectors)
    np.testing.assert_allclose(found.vectors, scaled.vectors[3:6], rtol=1e-6)


@pytest.mark.parametrize("column", ["text"])
def test_texts_that_came_later_are_encoded_and_placed(own_home: Path, column: str) -> None:
    lines = [f"the number {n} of them, {n * n} beside" for n in range(14)]
    datasets.import_table("first.csv", "\n".join([column, *lines[:10]]).encode())
    datasets.import_table("later.csv", "\n".join([column, *lines]).encode())
    page = open_page("map", of="Texts", data="first", method="PCA", **{"more-rows": "later"})
    shown = told(page).replace("\\", "")
    assert "4 rows are new" in shown
    assert "14 points by PCA" in shown


@pytest.mark.slow
def test_pictures_of_another_gallery_are_placed_and_shown(
    own_home: Path, charts: list[dict[str, Any]]
) -> None:
    shades = [(f"p{at}.png", encoded((250 - 9 * at, 8 * at, 40))) for at in range(12)]
    first = galleries.import_files("first", shades).entry.name
    galleries.import_files("later", [*shades[6:], ("new.png", encoded((3, 5, 240)))])
    asked = {"of": "Pictures", "gallery": first, "space": "colour-outline", "method": "PCA"}
    page = open_page("map", **asked, **{"more-rows": "later"})
    shown = told(page).replace("\\", "")
    assert "1 rows are new; the points of first stay" in shown
    assert charts[-1]["points"]["n"] == 13
    assert charts[-1]["colors"]["names"][charts[-1]["colors"]["raised"]] == "new"
    page.session_state[selection.CHOSEN] = (page.session_state["digest-test"], np.array([12]))
    checked(page)
    assert page.dataframe[0].value["id"].tolist() == ["new.png"]


@pytest.mark.slow
def test_a_new_point_on_a_map_of_pictures_is_identified(own_home: Path) -> None:
    files, rows = [], ["file,colour"]
    for at in range(24):
        files.append((f"p{at}.png", encoded(((250 - at, at, 9), (9, at, 250 - at))[at % 2])))
        rows.append(f"p{at}.png,{('red', 'blue')[at % 2]}")
    files.append(("known.csv", "\n".join(rows).encode()))
    galleries.import_files("hues", files)
    asked = {"of": "Pictures", "gallery": "hues", "space": "colour-outline", "method": "PCA"}
    page = open_page("map", **asked, drop="[p3.png]", **{"map-identify": "true"})
    [told_of] = [one.value for one in page.dataframe if "certainty" in one.value]
    [row] = told_of[told_of["column"] == "colour"].to_dict("records")
    assert (row["new point"], row["value"], row["near"]) == ("[p3.png]", "blue", "yes")
    assert row["accuracy"] == 1
