"""Long work begins by a click, waits its turn, is listed, cancelled, and stops once all left."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
LONG = "map?of=Words&method=t-SNE&words="  # half a minute of two processors each


def expect_maps(disk: Page, count: int) -> None:
    """What Disk lists; the server prepares something of its own there besides."""
    expect(disk.get_by_role("heading", name="Jobs")).to_be_visible()
    expect(disk.get_by_text("by tsne")).to_have_count(count)


def cancel(disk: Page) -> None:
    """The first of the maps that are listed."""
    job = disk.locator("[class*=st-key-running-]").filter(has_text="by tsne").first
    job.get_by_role("button", name="Cancel").click()


def maps(home: Path) -> set[str]:
    return {folder.name for folder in (home / "maps").glob("tsne-*")}


@pytest.fixture
def disk(open_page: Open) -> Page:
    """The list, in which nothing is left of other tests."""
    page = open_page("storage")
    expect_maps(page, 0)
    return page


def begun(page: Page) -> Page:
    """A page whose long map a person has begun."""
    expect(page.get_by_text("on this computer, at a guess")).to_be_visible()
    assert page.get_by_test_id("stProgress").count() == 0
    page.get_by_role("button", name="Make the map").click()
    expect(page.get_by_test_id("stProgress")).to_be_visible()
    expect(page.get_by_role("button", name="Make the map")).to_have_count(0)
    return page


@pytest.mark.slow
def test_long_maps_wait_for_a_click_and_their_turn_and_are_cancelled_from_the_list(
    open_page: Open, disk: Page, browser_home: Path
) -> None:
    before = maps(browser_home)
    first, second = open_page(f"{LONG}20000"), open_page(f"{LONG}19000")
    for page in (first, second):
        expect(page.get_by_text("on this computer, at a guess")).to_be_visible()
    expect_maps(disk, 0)  # two links were only opened
    begun(first)
    expect(first.get_by_text(re.compile(r"by tsne: [\d,]+ of"))).to_be_visible()
    begun(second)
    expect(second.get_by_text("waits, 1 before it")).to_be_visible()
    expect_maps(disk, 2)
    expect(disk.get_by_text("Asked for by 1 open window")).to_have_count(2)
    cancel(disk)
    expect(first.get_by_text("cancelled. What was finished is kept.")).to_be_visible()
    expect(second.get_by_text("waits, 1 before it")).to_have_count(0)  # its turn has come
    second.get_by_text("Keep running in the background").click()
    expect(disk.get_by_text("Goes on until it is done.")).to_be_visible()
    cancel(disk)
    expect(second.get_by_text("cancelled. What was finished is kept.")).to_be_visible()
    expect_maps(disk, 0)
    assert maps(browser_home) == before


@pytest.mark.slow
def test_another_map_in_its_place_stops_the_one_before_and_a_closed_window_its_own(
    open_page: Open, disk: Page, browser_home: Path
) -> None:
    before = maps(browser_home)
    page = begun(open_page(f"{LONG}20000"))
    expect(disk.get_by_text("Asked for by 1 open window")).to_have_count(1)
    page.get_by_text("PCA", exact=True).first.click()  # a short map, which waits for nobody
    expect(page.get_by_text("points by PCA")).to_be_visible()
    expect_maps(disk, 0)
    page = begun(open_page(f"{LONG}19500"))
    expect(disk.get_by_text("Asked for by 1 open window")).to_have_count(1)
    page.context.close()
    expect(disk.get_by_text("it stops soon")).to_be_visible()
    expect(disk.get_by_text("by tsne")).to_have_count(0, timeout=120_000)
    assert maps(browser_home) == before
