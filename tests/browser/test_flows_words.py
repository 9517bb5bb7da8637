"""One vector through the whole house: words, pictures, a map, a drawing, and back from its file."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.generation import png_metadata
from tests.browser.conftest import downloaded, settled
from tests.browser.test_flows_links import sidebar
from tests.browser.test_generate import prompt
from tests.browser.test_images import card, drag_in, question
from tests.browser.test_map import ready
from tests.support.browser_charts import read_scatter

Open = Callable[..., Page]
FORMULA = "king - man + woman"


def pixels(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def png(page: Page) -> bytes:
    """The first picture that was drawn, as its file."""
    button = page.locator("[class*=st-key-png-] button").first
    return downloaded(page, button).path().read_bytes()


@pytest.mark.slow
def test_a_formula_is_kept_searched_with_mapped_drawn_and_comes_back_from_its_png(
    open_page: Open,
) -> None:
    page = open_page("words")
    page.set_viewport_size({"width": 1440, "height": 1700})
    expect(page.locator('input[aria-label="Formula"]')).to_have_value(FORMULA)
    expect(page.locator('[role=gridcell][aria-colindex="2"]').first).to_have_text("queen")
    page.get_by_role("button", name="Save vector").click()
    expect(sidebar(page).get_by_text(f"[{FORMULA}]")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Search images with it").click()

    expect(question(page)).to_have_value(f"[{FORMULA}]", timeout=400_000)  # the first encodes
    royal = page.get_by_text(re.compile("princess|crown|queen|prince")).first
    expect(royal).to_be_visible()
    expect(card(page, 0)).to_be_visible()
    settled(page)
    first = card(page, 0).get_by_role("img").get_attribute("alt")
    card(page, 0).get_by_role("button", name="Open").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save vector").click()
    expect(dialog).to_have_count(0)
    expect(sidebar(page).get_by_text(f"[{first}]")).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Project it on a map").click()

    ready(page, 1_914)
    box = page.get_by_label("New points", exact=True)
    expect(box).to_have_value(f"[{FORMULA}]")
    box.fill(f"[{FORMULA}]; [{first}]")
    box.press("Enter")
    lines = read_scatter(
        page, "chart => chart.data.marks[0]?.points.length === 2 && chart.data.lines"
    )
    assert len(lines) == 2 * 5
    nearest = page.get_by_test_id("stDataFrame").first.locator('[aria-colindex="2"]')
    expect(nearest.nth(2)).to_contain_text(re.compile(f"^{re.escape(first or '')}"))  # itself
    page.get_by_role("link", name="Generate", exact=True).click()

    prompt(page).fill(f"[{FORMULA}]")
    prompt(page).press("Control+Enter")
    expect(page).to_have_url(re.compile("prompt="))
    page.get_by_label("Steps", exact=True).fill("12")
    page.get_by_label("Steps", exact=True).press("Enter")
    expect(page).to_have_url(re.compile("steps=12"))
    settled(page)
    page.get_by_role("button", name="Generate", exact=True).click()
    picture = page.get_by_alt_text(f"Generated: [{FORMULA}]")
    expect(picture).to_be_visible()
    expect(page.locator(".st-key-near-0-card")).to_be_visible()
    data = png(page)
    record = png_metadata.read_record(data, "drawn.png")
    assert record is not None
    assert (record.request.prompt, record.request.steps) == (f"[{FORMULA}]", 12)
    _comes_back(open_page("generate"), data, record)


def _comes_back(page: Page, data: bytes, record: png_metadata.Record) -> None:
    """In a session that knows nothing of the name in its prompt the file brings back everything."""
    settled(page)  # what is dropped while a page is drawn for the first time may find no place
    drag_in(page, base64.b64encode(data).decode(), "drawn.png")
    expect(prompt(page)).to_have_value("[drawn.png]")
    settled(page)
    page.get_by_role("button", name="Use the settings of drawn.png").click()
    request = record.request
    expect(prompt(page)).to_have_value(request.prompt)
    settled(page)
    expect(page.get_by_label("Seed", exact=True)).to_have_value(str(request.seed))
    expect(page.get_by_label("Steps", exact=True)).to_have_value(str(request.steps))
    page.get_by_role("button", name="Generate", exact=True).click()
    expect(page.get_by_alt_text(f"Generated: {request.prompt}")).to_be_visible()
    expect(page.get_by_text(f"Seed {request.seed} · {request.steps} steps")).to_be_visible()
    again = png(page)
    other = png_metadata.read_record(again, "again.png")
    assert other is not None
    assert request.vector is not None
    assert other.request.vector is not None
    assert other.request.vector.tobytes() == request.vector.tobytes()
    np.testing.assert_array_equal(pixels(again), pixels(data))
