"""The page Train in real Chromium: a head on the emoji forms, and is searched in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
# The places of the map's points, rounded, of all traces in their order.
PLACES = """(plot) => plot.calcdata.flatMap((trace) => trace.map((one) => one.x.toFixed(3)))"""


def fill(page: Page, label: str, value: str) -> None:
    box = page.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")


def places(chart: Locator) -> Any:
    return chart.locator(".js-plotly-plot").first.evaluate(PLACES)


@pytest.mark.slow
def test_a_head_is_trained_its_map_changes_and_the_new_space_is_searched(open_page: Open) -> None:
    page = open_page("train?train-of=Pictures&gallery=openmoji")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    fill(page, "Epochs", "3")
    fill(page, "Name of the head", "emoji-groups")
    page.get_by_role("button", name="Train", exact=True).click()
    told = page.get_by_text("kept as the embedding model", exact=False)
    expect(told).to_be_visible(timeout=240_000)  # PyTorch is imported by the first training
    chart = page.locator(".st-key-head-map")
    expect(chart.locator(".js-plotly-plot").first).to_be_visible()
    last = places(chart)
    slider = page.get_by_role("slider", name="Epoch")
    slider.press("Home")
    expect(page.get_by_label("Held-out items after epoch 0, by PCA")).to_be_attached()
    first = places(chart)
    assert len(first) == len(last) > 400
    assert first != last
    page.get_by_role("link", name="Search in the new space").click()
    page.wait_for_url("**/images?*")
    assert "space=emoji-groups" in page.url
    box = page.locator(".st-key-query textarea, .st-key-query input[type=text]").first
    box.fill("a red apple")
    box.press("Enter")
    expect(page.locator('[class*="st-key-picture-grid-"] img').first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
