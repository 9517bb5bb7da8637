"""A selection on the map is a step: Back undoes it, and the address holds it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled
from tests.browser.test_map import ACTIVE, HEADING, lasso, ready, selected
from tests.support.browser_charts import read_scatter

Open = Callable[..., Page]
FILTERS = "chart => [...chart.filters.keys()].join() || 'none'"


@pytest.mark.slow
def test_back_undoes_selections_and_filters_one_by_one(open_page: Open) -> None:
    page = open_page("map?of=Pictures&method=PCA&color=one+colour")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 1_914)
    page.wait_for_function("window[Symbol.for('embedding-explorer-steps')]")
    lasso(page, [(0.1, 0.1), (0.6, 0.1), (0.6, 0.9), (0.1, 0.9)])
    first = selected(page)
    expect(page).to_have_url(re.compile("selected="))
    settled(page)
    kind = page.locator(".ee-facet .ee-kind").first
    kind.click()
    read_scatter(page, "(chart, first) => chart.active && chart.count < first", first)
    expect(page.get_by_role("heading", name=HEADING)).not_to_have_text(f"{first:,} items selected")
    second = selected(page)
    settled(page)
    address = page.url
    page.go_back()
    read_scatter(page, ACTIVE, first)
    assert read_scatter(page, FILTERS) == "none"
    expect(page.get_by_role("heading", name=f"{first:,} items selected")).to_be_visible()
    settled(page)
    page.go_back()
    read_scatter(page, ACTIVE, None)
    expect(page.get_by_role("heading", name=HEADING)).to_have_count(0)
    expect(page).not_to_have_url(re.compile("selected="))
    settled(page)
    page.go_forward()
    read_scatter(page, ACTIVE, first)
    settled(page)
    page.go_forward()
    read_scatter(page, ACTIVE, second)
    assert read_scatter(page, FILTERS) != "none"  # the filter itself is back
    settled(page)
    other = open_page(address.split("/", 3)[3])
    ready(other, 1_914)
    read_scatter(other, ACTIVE, second)
    other.set_viewport_size({"width": 1440, "height": 900})
    assert selected(other) == second
