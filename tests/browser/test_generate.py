"""The Generate page as a person uses it, in real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import downloaded

Open = Callable[..., Page]


def prompt(page: Page) -> Locator:
    return page.get_by_label("Prompt", exact=True)


def test_a_prompt_is_typed_drawn_step_by_step_and_has_neighbors(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page("generate?steps=60&random=false&seed=5")
    prompt(page).fill("a red apple")
    prompt(page).press("Control+Enter")
    expect(page).to_have_url(re.compile(r"prompt=a(\+|%20)red(\+|%20)apple"))
    # What the picture showed while it was drawn is noted by the page itself.
    page.evaluate(
        """() => {
          window.previews = new Set();
          new MutationObserver(() => {
            for (const one of document.querySelectorAll('.st-key-picture-watch img'))
              window.previews.add(one.src);
          }).observe(document.body, {subtree: true, childList: true, attributes: true});
        }"""
    )
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.get_by_alt_text("Generated: a red apple")).to_be_visible()
    expect(page.get_by_text("Seed 5 · 60 steps · guidance 3")).to_be_visible()
    assert page.evaluate("window.previews.size") >= 2
    expect(page.locator(".st-key-near-0-card")).to_contain_text("apple")
    kept = tmp_path / "apple.png"
    downloaded(page, page.get_by_role("button", name="PNG").first).save_as(kept)

    page.get_by_role("link", name="To Images").click()
    expect(page.get_by_role("textbox", name="Search by words or a formula")).to_have_value(
        re.compile(r"^\[[0-9a-f-]+\]$")
    )
    expect(page.locator(".st-key-found-0-card")).to_contain_text("apple")

    other = open_page("generate?tool=History")
    other.get_by_test_id("stFileUploaderDropzone").locator("input").set_input_files(kept)
    expect(other.get_by_text("“a red apple”, seed 5, 60 steps, guidance 3.")).to_be_visible()
    other.locator(".st-key-take-png button").click()
    expect(prompt(other)).to_have_value("a red apple")


@pytest.mark.slow
def test_a_formula_is_drawn_kept_and_stopped_drawings_keep_what_there_is(open_page: Open) -> None:
    page = open_page("generate?steps=200&count=16", width=800, dark=True)
    # Pictures of the history may be called so too.
    page.locator('[class*="st-key-example-king"]').get_by_role("button").click()
    expect(prompt(page)).to_have_value("king - man + woman")
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.get_by_text(re.compile(r"^Image \d+ of 16: step"))).to_be_visible()
    page.get_by_role("button", name="Stop and keep").click()
    expect(page.get_by_text(re.compile(r"stopped after \d+"))).to_be_visible()
    page.get_by_role("button", name="Save", exact=False).last.click()
    expect(page.get_by_text("picture of king - man + woman").first).to_be_visible()
