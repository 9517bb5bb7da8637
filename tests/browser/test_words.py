"""The Words page as a person uses it, in real Chromium."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WAIT, downloaded, running_server

Open = Callable[..., Page]


def expect_first_word(page: Page, word: str) -> None:
    cells = page.get_by_test_id("stDataFrame").first.locator('[role="gridcell"][aria-colindex="2"]')
    expect(cells.first).to_have_text(word)


def until(attempt: Callable[[], None], tries: int = 20) -> None:
    """Repeats an attempt until it holds, or fails with its last error."""
    for _ in range(tries - 1):
        with contextlib.suppress(AssertionError):
            return attempt()
    return attempt()


def test_typing_an_analogy_shows_its_answer_and_a_link_that_repeats_it(open_page: Open) -> None:
    page = open_page("words")
    expect_first_word(page, "queen")
    box = page.locator('input[aria-label="Formula"]')
    box.fill("tokyo - japan + france")
    box.press("Enter")
    expect_first_word(page, "paris")
    expect(page).to_have_url(re.compile(r"q=tokyo"))
    again = open_page(page.url.split("/", 3)[3])
    expect_first_word(again, "paris")
    expect(again.locator('input[aria-label="Formula"]')).to_have_value("tokyo - japan + france")


@pytest.mark.slow
def test_a_link_works_as_the_first_thing_a_fresh_server_is_asked(
    browser: Browser, browser_home: Path
) -> None:
    with running_server(browser_home) as address:
        page = browser.new_page()
        page.set_default_timeout(WAIT)
        page.goto(f"{address}/words?q=puppy+-+dog+%2B+cat&k=3")
        expect_first_word(page, "kitten")
        expect(page.get_by_text("Saved vectors")).to_be_visible()
        page.close()


@pytest.mark.slow
def test_words_are_completed_while_typing(open_page: Open) -> None:
    page = open_page("words")
    expect_first_word(page, "queen")
    box = page.locator('input[aria-label="Formula"]')
    expect(page.get_by_text("The arithmetic as a picture")).to_be_visible()
    options = page.locator("#word-completions option")

    def typing_suggests() -> None:
        # The script arrives last on the page, so the first letters may come before it.
        box.fill("")
        box.press_sequentially("king - man + wom")
        expect(options.first).to_have_attribute("value", "king - man + women", timeout=2_000)

    until(typing_suggests)
    expect(box).to_have_attribute("list", "word-completions")
    values = options.evaluate_all("all => all.map(option => option.value)")
    assert "king - man + woman" in values


@pytest.mark.slow
def test_a_misspelled_word_is_corrected_by_a_click(open_page: Open) -> None:
    page = open_page("words?q=king+-+man+%2B+wooman")
    expect(page.get_by_text("encoded it just now")).to_be_visible()
    page.get_by_role("button", name="woman", exact=True).click()
    expect(page.locator('input[aria-label="Formula"]')).to_have_value("king - man + woman")
    expect_first_word(page, "queen")


@pytest.mark.slow
def test_a_kept_vector_is_used_in_the_next_formula(open_page: Open) -> None:
    page = open_page("words")
    expect_first_word(page, "queen")
    page.get_by_role("button", name="Save vector").click()
    expect(page.get_by_test_id("stSidebar").get_by_text("[king - man + woman]")).to_be_visible()
    box = page.locator('input[aria-label="Formula"]')
    box.fill("[king - man + woman] + france")
    box.press("Enter")
    expect(page.get_by_text("Read as: [king - man + woman] + france")).to_be_visible()


def test_results_download_as_csv(open_page: Open, tmp_path: Path) -> None:
    page = open_page("words?k=3")
    expect_first_word(page, "queen")
    button = page.get_by_role("button", name="Download CSV")
    downloaded(page, button).save_as(tmp_path / "words.csv")
    lines = (tmp_path / "words.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "rank,word,similarity,other forms"
    assert lines[1].startswith("1,queen,0.84")
    assert len(lines) == 4


@pytest.mark.slow
def test_a_file_is_uploaded_used_and_removed(open_page: Open, tmp_path: Path) -> None:
    source = tmp_path / "upload test.txt"
    source.write_text("king 1 1 0\nqueen 1 0 1\nman 0 1 0\nwoman 0 0 1\n")
    page = open_page("words?tool=Own+vectors")
    page.locator('input[type="file"]').first.set_input_files(source)
    expect(page.get_by_text("upload test.txt")).to_be_visible()
    expect(page.get_by_text("3 numbers each · 4 rows in the file")).to_be_visible()
    page.get_by_role("button", name="Word embeddings", exact=True).click()
    expect_first_word(page, "queen")  # by the formula that the page begins with
    other = open_page("words?tool=Own+vectors")
    other.get_by_role("button", name="Remove", exact=True).click()
    expect(other.get_by_text("upload test was removed")).to_be_visible()
    expect(other.get_by_text("Nothing yet. What you upload")).to_be_visible()


@pytest.mark.slow
def test_the_pages_ask_no_other_computer(open_page: Open) -> None:
    page = open_page("", alone=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.get_by_role("link", name="Words", exact=True).click()
    expect_first_word(page, "queen")
    own = ("http://localhost", "ws://localhost", "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
