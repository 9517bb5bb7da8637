"""Images → Identify: what a picture is by its neighbours, and by ImageNet's classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.base.errors import NotReadyError
from core.cache import image_classes as classes_cache
from core.images import galleries
from tests.pages.test_images import open_page, told
from tests.support.picture_files import encoded


def table(page: AppTest, column: str) -> list[object]:
    """A column of ImageNet's classes."""
    return list(next(one.value for one in page.table if "probability" in one.value)[column])


def test_an_emoji_is_told_by_its_neighbours_with_accuracy_and_the_deciding() -> None:
    page = open_page(see="Identify", what="[1F431]")
    said = told(page)
    assert "group: **animals-nature**" in said
    assert "of the votes (near ones count more) · certainty" in said
    assert "right for" in said
    assert "Left out: " in said
    assert "emoji (an id: each picture has its own value)" in said
    assert "subgroup" in page.selectbox(key="what-decided").options
    assert len(table(page, "class")) == 5
    shares = [float(str(share)) for share in table(page, "probability")]
    assert shares == sorted(shares, reverse=True)


@pytest.fixture
def colors(own_home: Path) -> str:
    """Red, green and blue pictures with a class, a year, an id and nothing in a column."""
    random = np.random.default_rng(0)
    files, rows = [], ["file,class,year,code,empty"]
    for at in range(60):
        name, color = (("red", (255, 0, 0)), ("green", (0, 255, 0)), ("blue", (0, 0, 255)))[at % 3]
        shade = tuple(int(max(0, one - random.integers(0, 60))) for one in color)
        files.append((f"p{at}.png", encoded(shade)))
        rows.append(f"p{at}.png,{name},{1600 + 100 * (at % 3) + at},x{at},")
    files.append(("known.csv", "\n".join(rows).encode()))
    return galleries.import_files("colors", files).entry.name


def test_own_columns_are_told_with_a_timeline_and_what_is_left_out(colors: str) -> None:
    page = open_page(see="Identify", gallery=colors, space="colour-outline", what="[p2.png]")
    said = told(page)
    assert "class: **blue**" in said
    assert "year: **18" in said
    assert "code (an id: each picture has its own value)" in said
    assert "empty (no picture has a value)" in said
    assert [chart.proto.id for chart in page.get("plotly_chart")]
    assert "None of these" not in said


def test_a_picture_unlike_all_of_them_is_none_of_these(
    colors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(see="Identify", gallery=colors, space="colour-outline", what="[gone]")
    assert "no picture called [gone]" in told(page)
    odd = encoded((255, 255, 255), (64, 8))
    monkeypatch.setattr("core.ui.session.own_pictures.find", lambda name: odd)
    page.text_input(key="what").set_value("[odd.png]").run()
    assert "None of these" in told(page)


def test_without_the_package_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise NotReadyError("The package is not installed.", "", "Install it: pip install x")

    monkeypatch.setattr(classes_cache, "imagenet_of_row", missing)
    page = open_page(see="Identify", what="[1F431]")
    assert "pip install x" in told(page)
    assert "group: **animals-nature**" in told(page)


def test_a_gallery_of_one_picture_says_that_there_is_no_other(own_home: Path) -> None:
    files = [("a.png", encoded("red"))]
    name = galleries.import_files("one", files).entry.name
    page = open_page(see="Identify", gallery=name, space="colour-outline")
    assert "one has no other picture" in told(page)


def test_a_picture_dropped_on_another_tool_is_the_one_that_is_asked_about_next() -> None:
    page = open_page(see="Identify", what="[1F431]")
    page.segmented_control(key="see").set_value("Search").run()
    photo = ("photo.png", encoded("red"), "image/png")
    page.get("file_uploader")[0].set_value([photo]).run()
    page.segmented_control(key="see").set_value("Identify").run()
    assert page.text_input(key="what").value == "[photo.png]"
    page.text_input(key="what").set_value("[1F436]").run()
    page.segmented_control(key="see").set_value("Search").run()
    page.segmented_control(key="see").set_value("Identify").run()
    assert page.text_input(key="what").value == "[1F436]"  # what was asked since then stays
