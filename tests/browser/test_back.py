"""The browser's Back undoes the last step; a page that one comes back to is as it was left."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import WAIT, settled

Open = Callable[..., Page]


@pytest.mark.slow
def test_back_undoes_formula_and_tool_one_by_one(open_page: Open) -> None:
    page = open_page("words")
    box = page.locator('input[aria-label="Formula"]').first  # beside one that is going
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_back_undoes_a_search_of_sentences(open_page: Open) -> None:
    page = open_page("sentences?do=Semantic+search")
    box, first = page.get_by_label("Query", exact=True), page.locator(".st-key-result-card-0")
    expect(first).to_be_visible(timeout=3 * WAIT)  # the model is opened
    expect(box).not_to_have_value("")
    seen = {box.input_value(): first.inner_text()}
    for query in ("music made with strings", "animals of the sea"):
        _ask(page, box, query)
        expect(first).not_to_have_text([*seen.values()][-1], use_inner_text=True)
        seen[query] = first.inner_text()
    page.get_by_role("radio", name="Similarity matrix").click()
    expect(first).to_have_count(0)
    settled(page)
    for query, text in reversed(seen.items()):
        page.go_back()
        page.wait_for_timeout(500)  # the page begins to run
        settled(page)
        expect(box).to_have_value(query)
        expect(first).to_have_text(re.sub(r"\s+", " ", text), use_inner_text=True)


@pytest.mark.slow
def test_back_undoes_a_search_of_images_which_is_found_again(open_page: Open) -> None:
    page = open_page("images?results=6")
    box = page.get_by_label("Search by words or a formula", exact=True)
    expect(page.get_by_text("All 1,914 pictures")).to_be_visible()
    first = page.locator(".st-key-found-0-card")
    for query, caption in (("a red apple", "red apple"), ("a strawberry", "strawberry")):
        _ask(page, box, query)
        expect(first).to_contain_text(caption)
    page.go_back()
    expect(box).to_have_value("a red apple")
    expect(first).to_contain_text("red apple")
    _leave_and_come_back(page, "Images")
    expect(first).to_contain_text("red apple")
    page.reload()
    expect(first).to_contain_text("red apple")
    expect(box).to_have_value("a red apple")


@pytest.mark.slow
def test_back_undoes_colour_new_points_and_search_of_a_map(open_page: Open) -> None:
    page = open_page("map?of=Custom+words&method=PCA")
    color = page.get_by_role("combobox", name="Colour by")
    new, search = page.get_by_label("New points", exact=True), page.get_by_label("Find on the map")
    expect(search).to_be_visible()
    page.wait_for_function("window[Symbol.for('embedding-explorer-steps')]")
    settled(page)
    before = color.input_value()
    color.click()
    page.get_by_role("option", name="k-NN preservation").click()
    expect(page).to_have_url(re.compile("color=k-NN"))
    new.fill("queen")
    new.press("Enter")
    expect(page.get_by_text("A star marks each new point")).to_be_visible(timeout=3 * WAIT)
    expect(page).to_have_url(re.compile("drop=queen"))
    settled(page)
    search.fill("dog")
    expect(page).to_have_url(re.compile("seek=dog"))
    settled(page)
    page.go_back()
    expect(search).to_have_value("")
    expect(new).to_have_value("queen")
    expect(page).not_to_have_url(re.compile("seek="))
    page.wait_for_timeout(500)  # the page begins to run
    settled(page)
    page.go_back()
    expect(new).to_have_value("")
    expect(color).to_have_value("k-NN preservation")
    page.go_back()
    expect(color).to_have_value(before)
    for _ in range(3):
        page.go_forward()
        page.wait_for_timeout(1_000)  # the page begins to run
        settled(page)
    expect(search).to_have_value("dog")
    _leave_and_come_back(page, "Map")
    expect(search).to_have_value("dog")
    expect(new).to_have_value("queen")
    page.reload()
    expect(search).to_have_value("dog")
    expect(color).to_have_value("k-NN preservation")


@pytest.mark.slow
def test_back_undoes_a_prompt_and_its_tool(open_page: Open) -> None:
    page = open_page("generate?steps=5&random=false&seed=5")
    box = page.get_by_label("Prompt", exact=True)
    expect(box).to_have_value("")
    for prompt in ("a red apple", "a blue cat"):
        _ask(page, box, prompt)
        expect(page).to_have_url(re.compile(f"prompt={prompt.replace(' ', '[+]')}"))
    page.get_by_role("radio", name="Grid", exact=True).click()
    expect(page).to_have_url(re.compile("tool=Grid"))
    settled(page)
    page.go_back()
    expect(page.get_by_role("radio", name="Image", exact=True)).to_be_checked()
    expect(box).to_have_value("a blue cat")
    page.go_back()
    expect(box).to_have_value("a red apple")
    _leave_and_come_back(page, "Generate")
    expect(box).to_have_value("a red apple")
    page.reload()
    expect(box).to_have_value("a red apple")


@pytest.mark.slow
def test_back_undoes_an_entity_and_the_tool_of_a_graph(open_page: Open) -> None:
    page = open_page("graph?graph=nations")
    box = page.get_by_label("Entity", exact=True)
    expect(box).to_have_value("usa")
    for entity in ("china", "egypt"):
        _ask(page, box, entity)
        name = f"The triples around {entity} as arrows"
        expect(page.get_by_role("figure", name=name)).to_be_visible()
    page.get_by_role("radio", name="Train", exact=True).click()
    expect(box).to_have_count(0)
    settled(page)
    for entity in ("egypt", "china", "usa"):
        page.go_back()
        expect(page).to_have_url(re.compile("graph$" if entity == "usa" else f"around={entity}$"))
        settled(page)
        expect(box).to_have_value(entity)
    page.go_forward()
    expect(box).to_have_value("china")
    _leave_and_come_back(page, "Graph")
    expect(box).to_have_value("china")
    page.reload()
    expect(box).to_have_value("china")


def _ask(page: Page, box: Locator, text: str) -> None:
    box.fill(text)
    box.press("Enter")
    settled(page)


def _leave_and_come_back(page: Page, name: str) -> None:
    page.get_by_role("link", name="Storage").click()
    expect(page.get_by_role("heading", name="Storage", exact=True)).to_be_visible()
    page.get_by_role("link", name=name, exact=False).first.click()
