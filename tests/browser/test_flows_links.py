"""A question made of a dragged photo, as a link, on a fresh server and in a fresh session."""

from __future__ import annotations

import base64
import io
import re
import shutil
import urllib.parse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import WAIT, running_server, settled
from tests.browser.test_images import card, drag_in, question
from tests.browser.test_sentences import download

Open = Callable[..., Page]
PHOTO = "strawberry field.png"


def photo(shared_data: Callable[[str], Path], kind: str) -> bytes:
    """A real photo of this kind as PNG."""
    from PIL import Image

    frame = pd.read_parquet(shared_data("images/caltech101.parquet"))
    label = next(name for name in frame.columns if name not in ("image", "path"))
    found = frame[frame[label].astype(str).str.contains(kind)].iloc[0]
    stream = io.BytesIO()
    Image.open(io.BytesIO(found["image"]["bytes"])).convert("RGB").save(stream, "PNG")
    return stream.getvalue()


def answers(page: Page, target: Path) -> list[tuple[str, str]]:
    """Ids and similarities of all that is found, in their order."""
    found = pd.read_csv(download(page, "Download CSV", target), dtype=str)
    return list(zip(found["id"], found["similarity"], strict=True))


def shared_link(page: Page) -> str:
    """The address that the button Link shows."""
    settled(page)
    page.get_by_role("button", name="Link", exact=True).click()
    dialog = page.get_by_role("dialog")
    address = dialog.get_by_test_id("stCode").inner_text().strip()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return address


def sidebar(page: Page) -> Locator:
    return page.get_by_test_id("stSidebar")


@pytest.mark.slow
def test_a_photo_is_mixed_and_its_link_gives_the_same_answer_on_a_fresh_server(
    open_page: Open,
    browser: Browser,
    browser_home: Path,
    shared_data: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    page = open_page("images")
    expect(page.get_by_text("All 1,914 pictures")).to_be_visible(timeout=240_000)
    drag_in(page, base64.b64encode(photo(shared_data, "strawberry")).decode(), PHOTO)
    expect(question(page)).to_have_value(f"[{PHOTO}]")
    expect(card(page, 0)).to_be_visible()
    alone = answers(page, tmp_path)
    card(page, 1).get_by_role("button", name="Less like this").click()
    expect(question(page)).to_have_value(f"[{PHOTO}] - 0.15*[{alone[1][0]}]")
    expect(page).to_have_url(re.compile("0.15"))
    card(page, 3).get_by_role("button", name="More like this").click()
    expect(question(page)).to_have_value(re.compile(r" \+ 0\.75\*\["))
    settled(page)
    k = page.get_by_label("Results", exact=True)
    k.click(click_count=3)
    k.press_sequentially("200")
    k.press("Enter")
    expect(page).to_have_url(re.compile("results=200"))
    expect(page.get_by_label("Page (of 5, 48 pictures each)")).to_be_visible()
    mixed = answers(page, tmp_path)
    assert len(mixed) == 200
    assert [name for name, _ in mixed[: len(alone)]] != [name for name, _ in alone]
    written = question(page).input_value()
    address = shared_link(page)
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)
    assert query["find"] == [written]
    assert query["results"] == ["200"]
    [carried] = query["with"]
    assert len(base64.urlsafe_b64decode(carried.split("~")[0])) == 384 * 4  # a vector, no picture
    assert carried.endswith(f"~minilm-imagenet-v1~{PHOTO}")

    home = tmp_path / "another home"
    for kind in ("vocabularies", "pictures"):
        shutil.copytree(browser_home / kind, home / kind)
    with running_server(home) as server:
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        fresh = context.new_page()
        fresh.set_default_timeout(WAIT)
        fresh.goto(f"{server}/{address.split('/', 3)[3]}")
        expect(question(fresh)).to_have_value(written, timeout=400_000)
        expect(card(fresh, 0)).to_be_visible()
        expect(fresh.get_by_text(f"{PHOTO} (a vector from the link)")).to_be_visible()
        again = answers(fresh, tmp_path)
        assert [name for name, _ in again] == [name for name, _ in mixed]
        scores = [[float(score) for _, score in found] for found in (again, mixed)]
        np.testing.assert_allclose(*scores, atol=1e-6)  # float32, by another split into threads
        _it_goes_on_from_there(fresh, mixed, tmp_path)
        context.close()


def _it_goes_on_from_there(page: Page, mixed: list[tuple[str, str]], target: Path) -> None:
    """More and Less, formulas, the shelf, a link of its own and other pages take the vector."""
    expect(sidebar(page).get_by_text(f"[{PHOTO}]")).to_be_visible()
    question(page).fill(f"[{PHOTO}] + 0.3*snow")
    question(page).press("Enter")
    expect(page).to_have_url(re.compile("snow"))
    card(page, 1).get_by_role("button", name="Less like this").click()
    expect(question(page)).to_have_value(re.compile(rf"\[{PHOTO}\] .*snow.* - 0\.15\*\["))
    settled(page)
    again = answers(page, target)
    assert again != mixed
    link = shared_link(page)
    assert link.count("with=") == 1
    sidebar(page).get_by_role("button", name="Save", exact=False).first.click()
    expect(sidebar(page).get_by_text("a vector from a link")).to_be_visible()
    sidebar(page).get_by_role("button", name="Leave out").click()
    expect(sidebar(page).get_by_text("From the link")).to_have_count(0)
    settled(page)
    assert answers(page, target) == again  # now by the shelf
    page.get_by_role("link", name="Words", exact=True).click()
    formula = page.locator('input[aria-label="Formula"]')
    formula.fill(f"[{PHOTO}]")
    formula.press("Enter")
    expect(page.get_by_text(f"Read as: [{PHOTO}]")).to_be_visible()


def test_a_link_that_was_cut_says_so_and_the_page_goes_on(open_page: Open) -> None:
    page = open_page("images?find=%5Ba.jpg%5D&with=AAAA~minilm~a.jpg")
    expect(page.get_by_text("The link cannot be used as it is")).to_be_visible()
    expect(page.get_by_text("There is no picture or saved vector called")).to_be_visible()
    question(page).fill("a red apple")
    question(page).press("Enter")
    expect(card(page, 0)).to_contain_text("red apple")
