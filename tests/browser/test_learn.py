"""A lesson from end to end by keys alone, and on paper."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlparse

from playwright.sync_api import Page, expect

from core.ui.learn.lessons import LESSONS
from tests.browser.test_access import settled
from tests.browser.test_keyboard import tab_to

Open = Callable[..., Page]


def query(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def press(page: Page, button: str) -> None:
    tab_to(page, rf"(.*\s)?{button}")
    page.wait_for_timeout(300)  # the page draws the focus first
    page.keyboard.press("Enter")


def predict(page: Page) -> None:
    """Fills the prediction by keys: the first option, a number, or a word."""
    form = page.get_by_test_id("stForm")
    kind = (
        "radio"
        if form.get_by_role("radio").count()
        else "number"
        if form.locator("input[type=number]").count()
        else "text"
    )
    for _ in range(60):
        page.keyboard.press("Tab")
        inside = page.evaluate("() => document.activeElement.matches('[data-testid=stForm] input')")
        if inside:
            break
    assert inside, "Tab does not reach the prediction"
    if kind == "radio":
        page.keyboard.press("Space")
    else:
        page.keyboard.type("1" if kind == "number" else "queen")


def test_a_lesson_is_done_by_keys_alone_and_found_again(open_page: Open) -> None:
    page = open_page("learn?lesson=words&word=prince")
    steps = len(LESSONS["words"].steps)
    for number in range(1, steps + 1):
        expect(page.locator("h3").first).to_contain_text(f"{number}. ")
        settled(page, 2)
        predict(page)
        press(page, "Check")
        expect(page.locator(".st-key-result [data-testid=stAlert]")).to_be_visible()
        settled(page, 2)
        if number < steps:
            press(page, "Next")
            expect(page.locator("h3").first).to_contain_text(f"{number + 1}. ")
            assert query(page)["step"] == [str(number + 1)]
    page.go_back()
    expect(page.locator("h3").first).to_contain_text(f"{steps - 1}. ")
    page.emulate_media(media="print")
    for hidden in ("stSidebar", "stHeader", "stExpander", "stFormSubmitButton", "stButtonGroup"):
        expect(page.get_by_test_id(hidden).first).to_be_hidden()
    expect(page.locator(".st-key-lesson-ways")).to_be_hidden()
    page.emulate_media(media="screen")
    page.reload()  # the cookie leads back to what was done
    settled(page)
    expect(page.get_by_role("radio", name="5 ✓")).to_be_visible()
    expect(page.get_by_label("A word")).to_have_value("prince")
