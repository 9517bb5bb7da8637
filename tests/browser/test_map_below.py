"""Below the map: what is found stands in the table, whose rows mark their points."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from tests.browser.test_map import ready
from tests.support.browser_charts import read_scatter

Open = Callable[..., Page]
POINTED = """(chart, before) => {
  const text = chart.data.pointed >= 0 && chart.texts[chart.data.pointed];
  return text !== before && text;
}"""
# What lies on the layer above all others where the ring is.
RING = """chart => {
  const {x, y} = chart.scale(), at = chart.data.pointed, ratio = window.devicePixelRatio;
  const px = x[0] * chart.x[at] + x[1] + chart.data.size / 2 + 6, py = y[0] * chart.y[at] + y[1];
  const pixel = chart.over.getContext('2d').getImageData(px * ratio, py * ratio, 1, 1).data;
  return pixel[0] > 180 && pixel[1] < 130 && pixel[2] < 60 && [...pixel];
}"""


@pytest.mark.slow
def test_a_row_of_what_is_found_marks_its_point_by_click_and_by_arrow(open_page: Open) -> None:
    page = open_page("map?of=Pictures&method=PCA")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 1_914)
    page.get_by_label("Find on the map").fill("apple")
    expect(page.get_by_role("heading", name="3 items with “apple”")).to_be_visible()
    expect(page.get_by_text("3 of 1,914 points of the map")).to_be_visible()
    settled(page)
    table = page.locator('[data-testid="stDataFrame"]').first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60, box["y"] + 52)  # the first row below the names of the columns
    first = read_scatter(page, POINTED, "")
    assert "apple" in first
    read_scatter(page, RING)
    page.keyboard.press("ArrowDown")
    second = read_scatter(page, POINTED, first)
    assert "apple" in second
    read_scatter(page, RING)
