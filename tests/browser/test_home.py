"""Home and Storage in real Chromium: an example at a click; deleting after a question."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_an_example_on_home_is_one_click(open_page: Open) -> None:
    page = open_page("", width=800)
    page.get_by_role("link", name="king − man + woman = queen").click()
    expect(page.get_by_role("heading", name="Words", exact=True)).to_be_visible()
    box = page.locator('input[aria-label="Formula"]')
    expect(box).to_have_value("king - man + woman")
    expect(page.get_by_text("queen").first).to_be_attached()


@pytest.mark.slow
def test_what_home_offers_leads_to_its_button(open_page: Open) -> None:
    page = open_page("")
    page.get_by_text("Graphs (", exact=False).click()
    page.get_by_role("link", name="WN18RR").click()
    expect(page.get_by_role("button", name="Download (4.4 MB)")).to_be_visible()


def test_the_old_address_of_storage_leads_to_it(open_page: Open) -> None:
    page = open_page("disk")
    expect(page.get_by_role("heading", name="Storage", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/storage$"))


@pytest.mark.slow
def test_a_thing_on_disk_is_seen_deleted_and_gone(open_page: Open, browser_home: Path) -> None:
    folder = browser_home / "exports" / "worn-out"
    folder.mkdir(parents=True)
    (folder / "vectors.tsv").write_text("1\t2\n")
    page = open_page("storage")
    box = page.get_by_role("combobox", name="Delete")
    box.click()
    box.press("Enter")  # takes one thing, never all, and asks
    expect(page.get_by_text("Delete 1 thing", exact=False)).to_be_visible()
    box.press("Backspace")
    expect(page.get_by_text("Delete 1 thing", exact=False)).to_be_hidden()
    box.click()
    box.press_sequentially("worn-out")
    page.get_by_role("option", name="worn-out").click()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Delete 1 thing", exact=False)).to_be_visible()
    assert folder.is_dir()
    page.get_by_role("button", name="Delete them now").click()
    expect(page.get_by_text("Deleted (4 bytes)", exact=False)).to_be_visible()
    assert not folder.exists()
    assert (browser_home / "vocabularies").is_dir()
