"""Every page's main action is reached and done by keys alone, and what has the focus is seen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FileChooser, Page, expect

from tests.browser.conftest import brought_about
from tests.browser.test_access import settled

Open = Callable[..., Page]
MOST = 150  # presses of Tab on a page
# What has the focus: its role, its name, and how its ring differs from the same without focus.
FOCUSED = """() => {
  let at = document.activeElement;
  if (!at || at === document.body) return null;
  const label = at.labels && at.labels.length ? at.labels[0].innerText : '';
  const named = at.getAttribute('aria-label') || label || at.innerText || '';
  return {tag: at.tagName, role: at.getAttribute('role') || at.type || '', name: named.trim(),
          test: (at.closest('[data-testid]') || at).dataset.testid || ''};
}"""
AT_ONCE = "*, *::before, *::after { transition: none !important; }"  # rings else fade in
DRAWN = 60  # milliseconds, some frames: widgets tell their parents of the focus
# The look of the focused element and of what is around it, as far as rings are drawn there.
LOOK = """() => {
  const looks = [];
  for (let at = document.activeElement, up = 0; at && up < 5; at = at.parentElement, up++) {
    const style = getComputedStyle(at);
    looks.push([style.outlineStyle, style.outlineWidth, style.boxShadow, style.borderColor,
                style.backgroundColor].join());
  }
  return looks;
}"""


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what is called ``name`` has the focus."""
    wanted, passed = re.compile(name), []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None:
            continue
        passed.append(found["name"])
        if wanted.fullmatch(found["name"]) or wanted.fullmatch(found["name"].split("\n")[-1]):
            return
    pytest.fail(f"Tab does not reach {name}; it passed {passed}")


def file_chooser(page: Page) -> FileChooser:
    """The one that a space on “Upload” opens."""

    def press() -> None:
        tab_to(page, r"upload\s+Upload")  # not the way of bringing texts that is called so
        page.wait_for_timeout(500)  # the page draws the focus first
        page.keyboard.press("Space")

    found: FileChooser = brought_about(page, "filechooser", press)
    return found


def fill(page: Page, text: str, *, send: str = "Enter") -> None:
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.keyboard.press(send)
    settled(page)


@pytest.mark.slow
def test_the_pages_are_reached_from_the_first_one(open_page: Open) -> None:
    page = open_page("")
    settled(page)
    tab_to(page, "Words")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Words", exact=True)).to_be_visible()


@pytest.mark.slow
def test_words_a_formula_is_typed_and_a_tool_is_chosen(open_page: Open) -> None:
    page = open_page("words")
    settled(page)
    tab_to(page, "Formula")  # the tool; the box is called so too
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    settled(page)
    tab_to(page, "Words, separated by commas or line ends")
    fill(page, "cat, dog, car", send="Control+Enter")
    expect(page.get_by_text("Odd one out: car")).to_be_visible()


@pytest.mark.slow
def test_sentences_a_question_is_asked(open_page: Open) -> None:
    page = open_page("sentences?do=Semantic+search")
    settled(page)
    tab_to(page, "Query")
    fill(page, "music made with strings")
    expect(page.locator("[class*=st-key-result-card]").first).to_be_visible()


@pytest.mark.slow
def test_images_a_search_is_made_and_a_picture_is_opened(open_page: Open) -> None:
    page = open_page("images?find=a+fruit")
    settled(page)
    tab_to(page, "Open")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@pytest.mark.slow
def test_a_file_is_chosen_by_keys(open_page: Open) -> None:
    page = open_page("sentences?do=Datasets")
    settled(page)
    told = {"name": "two.txt", "mimeType": "text/plain", "buffer": b"A red apple.\nA cat."}
    file_chooser(page).set_files([told])  # type: ignore[list-item]
    expect(page.get_by_text("two.txt")).to_be_visible()
    expect(page.get_by_role("button", name="Import dataset")).to_be_visible()
    settled(page)
    tab_to(page, "Import dataset")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is ready").first).to_be_visible()


@pytest.mark.slow
def test_map_points_are_selected_without_the_mouse(open_page: Open) -> None:
    page = open_page("map?of=Custom+words&method=PCA")
    settled(page)
    tab_to(page, "Find on the map")
    fill(page, "cow")
    tab_to(page, "Select them")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 item selected")).to_be_visible()


@pytest.mark.slow
def test_graph_an_entity_is_looked_at(open_page: Open) -> None:
    page = open_page("graph?graph=nations")
    settled(page)
    tab_to(page, "Entity")
    fill(page, "china")
    expect(page.get_by_label("The triples around china as arrows").first).to_be_attached()


@pytest.mark.slow
def test_generate_a_prompt_is_drawn(open_page: Open) -> None:
    page = open_page("generate")
    settled(page)
    tab_to(page, "Prompt")
    fill(page, "a red apple", send="Control+Enter")
    tab_to(page, "Generate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("img", name="Generated: a red apple").first).to_be_visible()


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
def test_what_has_the_focus_is_seen(open_page: Open, dark: bool) -> None:
    page = open_page("generate", dark=dark)
    settled(page)
    page.add_style_tag(content=AT_ONCE)
    unseen, seen = [], 0
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found is None:
            continue
        page.wait_for_timeout(DRAWN)
        focused = page.evaluate(LOOK)
        page.evaluate("() => { window.last = document.activeElement; window.last.blur(); }")
        page.wait_for_timeout(DRAWN)
        blurred = page.evaluate(LOOK.replace("document.activeElement", "window.last"))
        page.evaluate("() => window.last.focus({focusVisible: true})")
        seen += 1
        if focused == blurred:
            unseen.append(found)
    assert seen >= 20
    assert not unseen
