"""The Images page as a person uses it, in real Chromium."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.images import openmoji
from tests.browser.conftest import settled

Open = Callable[..., Page]
DROP = """
([target, name, data]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type: 'image/png'}));
  for (const kind of ['dragenter', 'dragover', 'drop'])
    target.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true,
                                              dataTransfer: transfer}));
}
"""
PASTE = """
([target, name, data]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type: 'image/png'}));
  target.dispatchEvent(new ClipboardEvent('paste', {bubbles: true, cancelable: true,
                                                    clipboardData: transfer}));
}
"""


def picture(tmp_path: Path, emoji: str) -> str:
    """A picture's file in base64."""
    path = tmp_path / f"{emoji}.png"
    openmoji.draw(emoji, 160).save(path)
    return base64.b64encode(path.read_bytes()).decode()


def card(page: Page, place: int) -> Locator:
    """A result, from 0."""
    return page.locator(f".st-key-found-{place}-card")


def question(page: Page) -> Locator:
    return page.get_by_label("Search by words or a formula", exact=True)


def drag_in(page: Page, data: str, name: str = "photo.png") -> None:
    """Drops a file, in base64, on the first place for pictures beside the sidebar."""
    target = page.get_by_test_id("stMain").get_by_test_id("stFileUploaderDropzone").first
    target.evaluate(
        "(node, [code, name, data]) => eval(code)([node, name, data])", [DROP, name, data]
    )


def test_a_picture_is_dragged_in_filtered_and_more_like_one_is_asked_for(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page("images")
    expect(page.get_by_text("All 1,914 pictures")).to_be_visible()
    drag_in(page, picture(tmp_path, "1F353"))
    expect(question(page)).to_have_value("[photo.png]")
    expect(card(page, 0)).to_contain_text("strawberry")
    expect(page).to_have_url(re.compile(r"find=%5Bphoto\.png%5D"))
    settled(page)
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_text("Filter", exact=True).click()
    page.get_by_label("Filters", exact=True).fill("group=animals-nature")
    page.get_by_label("Filters", exact=True).press("Enter")
    expect(page.get_by_text("Filtered by group=animals-nature")).to_be_visible()
    expect(card(page, 0)).not_to_contain_text("strawberry")
    card(page, 1).get_by_role("button", name="More").click()
    expect(question(page)).to_have_value(re.compile(r"^\[photo\.png\] \+ 0\.75\*\[[0-9A-F-]+\]$"))


@pytest.mark.slow
def test_a_dropped_picture_survives_a_reload_and_is_this_browsers_alone(
    open_page: Open, tmp_path: Path, browser_home: Path
) -> None:
    page = open_page("images?results=3")
    expect(page.get_by_text("All 1,914 pictures")).to_be_visible()
    dropped = browser_home / "dropped"
    before = {*dropped.glob("*/*")}
    drag_in(page, picture(tmp_path, "1F353"))
    expect(card(page, 0)).to_contain_text("strawberry")
    chip = page.locator(".st-key-dropped-0").get_by_role("button", name="photo.png", exact=True)
    expect(chip).to_be_visible()
    settled(page)
    page.reload()
    expect(question(page)).to_have_value("[photo.png]")
    expect(card(page, 0)).to_contain_text("strawberry")
    expect(chip).to_be_visible()
    chip.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("kept for 24 hours")
    stranger = open_page(page.url.partition("/images")[2].join(("images", "")))
    expect(stranger.get_by_text("called [photo.png] here")).to_be_visible()
    expect(stranger.locator(".st-key-dropped-0")).to_have_count(0)
    expect(stranger.locator('[data-testid="stAlertContentError"]')).to_have_count(0)
    page.locator(".st-key-forget-0 button").first.click()
    expect(page.get_by_text("called [photo.png] here")).to_be_visible()
    assert {*dropped.glob("*/*")} <= before


@pytest.mark.slow
def test_pictures_dropped_one_soon_after_another_are_all_seen_and_the_last_is_asked(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page("images")
    expect(page.get_by_text("All 1,914 pictures")).to_be_visible()
    for emoji in ("1F353", "1F697", "1F431"):
        drag_in(page, picture(tmp_path, emoji), f"{emoji}.png")
        page.wait_for_timeout(600)
    expect(question(page)).to_have_value("[1F431.png]")
    expect(card(page, 0)).to_contain_text("cat face")
    for at in range(3):
        box = page.locator(f".st-key-dropped-{at}").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] < 1_280  # beside each other in the window


@pytest.mark.slow
def test_a_picture_is_pasted_and_asked_for_with_words(open_page: Open, tmp_path: Path) -> None:
    page = open_page("images")
    expect(page.get_by_text("All 1,914 pictures")).to_be_visible()
    settled(page)
    data = picture(tmp_path, "1F34E")
    question(page).evaluate(
        "(node, [code, name, data]) => eval(code)([node, name, data])", [PASTE, "image.png", data]
    )
    expect(question(page)).to_have_value("[image.png]")
    question(page).fill("[image.png] + (green)")
    question(page).press("Enter")
    expect(page.get_by_text("green apple").first).to_be_visible()


@pytest.mark.slow
def test_a_link_opens_the_same_answer_and_a_picture_in_full(open_page: Open) -> None:
    page = open_page("images?find=a+red+apple&blend=0.25&results=3", width=800, dark=True)
    expect(card(page, 0)).to_contain_text("red apple")
    expect(card(page, 2)).to_be_visible()
    expect(card(page, 3)).to_have_count(0)
    card(page, 0).get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img").first).to_be_visible()
    dialog.get_by_role("button", name="Search with this picture").click()
    expect(question(page)).to_have_value("[1F34E]")


@pytest.mark.slow
def test_pictures_fill_the_screen_and_are_moved_to_by_the_keyboard(open_page: Open) -> None:
    page = open_page("images?find=a+red+apple&results=30")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(card(page, 29)).to_be_attached()
    settled(page)
    pictures = page.locator(".st-key-picture-grid-found img")
    expect(pictures).to_have_count(30)
    boxes = [pictures.nth(at).bounding_box() for at in range(pictures.count())]
    seen = [box for box in boxes if box and box["y"] + box["height"] <= 900]
    assert len(seen) >= 18
    whole = card(page, 0).bounding_box()
    assert whole is not None
    assert abs(seen[0]["width"] - whole["width"]) < 1  # as large as its card
    actions = page.locator(".st-key-found-0-actions")
    expect(actions).to_have_css("opacity", "0")
    card(page, 0).hover()
    expect(actions).to_have_css("opacity", "1")
    page.mouse.move(0, 0)
    expect(actions).to_have_css("opacity", "0")
    actions.get_by_role("button", name="Less like this").focus()
    expect(actions).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(question(page)).to_have_value(re.compile(r"red apple.* - 0\.15\*\[1F34E\]$"))


@pytest.mark.slow
def test_key_points_of_a_dragged_picture_are_drawn_and_matched(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page("images?see=Keypoint+matching")
    expect(page.get_by_text("turned by 30°, size × 0.50")).to_be_visible()
    drag_in(page, picture(tmp_path, "1F3E0"))
    expect(page.get_by_label("Picture A", exact=True)).to_have_value("[photo.png]")
    expect(page.get_by_text("inliers (").first).to_be_visible()
    expect(page.locator(".js-plotly-plot image")).to_have_count(2)
    page.get_by_label("Picture B", exact=True).fill("[1F3E0]")
    page.get_by_label("Picture B", exact=True).press("Enter")
    expect(page.get_by_text("not turned, size × 1.20")).to_be_visible()


def test_the_boxes_of_a_form_are_as_wide_as_it(open_page: Open) -> None:
    page = open_page("images?see=Datasets")
    form = page.locator(".st-key-pictures-upload, [data-testid=stForm]").first.bounding_box()
    name = page.get_by_label("Name", exact=True).first.bounding_box()
    assert form is not None
    assert name is not None
    assert name["width"] > 0.9 * form["width"]
