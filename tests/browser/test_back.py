"""The browser's Back undoes the last step; a page that one comes back to is as it was left."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import WAIT, settled

Open = Callable[..., Page]


def test_back_undoes_formula_and_tool_one_by_one(open_page: Open) -> None:
    page = open_page("words")
    box = page.locator('input[aria-label="Formula"]')
    expect(box).to_have_value("king - man + woman")
    settled(page)
    for formula in ("cat + dog", "sun - moon"):
        box.fill(formula)
        box.press("Enter")
        expect(page.get_by_text(f"Read as: {formula.replace('-', '−')}")).to_be_visible()
    page.get_by_role("radio", name="Compare").click()
    expect(page.get_by_text("Odd one out: tractor")).to_be_visible()
    settled(page)
    page.go_back()
    expect(box).to_have_value("sun - moon")
    page.go_back()
    expect(box).to_have_value("cat + dog")
    expect(page.get_by_text("Read as: cat + dog")).to_be_visible()
    page.go_back()
    expect(box).to_have_value("king - man + woman")
    page.go_forward()
    expect(box).to_have_value("cat + dog")


def test_a_page_is_found_as_it_was_left(open_page: Open) -> None:
    page = open_page("sentences?do=Semantic+search&ask=music+made+with+strings")
    first = page.locator(".st-key-result-card-0")
    expect(first).to_be_visible(timeout=3 * WAIT)  # the model is opened
    expect(first).to_contain_text("Neighbours")
    seen = first.inner_text()
    page.get_by_role("link", name="Storage").click()
    expect(page.get_by_role("heading", name="Storage", exact=True)).to_be_visible()
    page.get_by_role("link", name="Sentences").first.click()
    expect(first).to_have_text(re.sub(r"\s+", " ", seen), use_inner_text=True)
    page.reload()
    expect(first).to_have_text(re.sub(r"\s+", " ", seen), use_inner_text=True)
