"""TensorBoard's projector reads what the app exports, in real Chromium."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from core.export import projector, tensorboard
from tests.browser.conftest import WAIT

POINTS, DIM = 240, 384


def write_export(folder: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(POINTS, DIM)).astype(np.float32)
    texts = [f"text {number:03}" for number in range(POINTS)]
    texts[3], texts[4] = "", "<b>bold</b> =1+1\tend"  # these would move or break the labels
    columns = {"number": list(range(POINTS)), "text": texts}
    projector.write_projector(folder, 'my "é" R&D #1 50%', vectors, columns)


def open_projector(browser: Browser, url: str, foreign: list[str]) -> Page:
    """The projector in a page that refuses, and lists, every address but the server's."""

    def judge(route: Route) -> None:
        if route.request.url.startswith(url.split("#", maxsplit=1)[0]):
            route.continue_()
        else:
            foreign.append(route.request.url)
            route.abort()

    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(WAIT)
    page.route(re.compile("^https?:"), judge)
    page.goto(url)
    return page


@pytest.mark.slow
def test_the_projector_shows_an_export_and_finds_its_labels(
    browser: Browser, tmp_path: Path
) -> None:
    write_export(tmp_path / "export")
    server = tensorboard.start(tmp_path / "export")
    foreign: list[str] = []
    page = open_projector(browser, server.url, foreign)
    try:
        inside = page.frame_locator("iframe").frame_locator("iframe")
        expect(inside.get_by_text(f"Points: {POINTS}")).to_be_visible()
        expect(inside.get_by_text(f"Dimension: {DIM}")).to_be_visible()
        chosen = inside.get_by_role("button", name="1 tensor found")
        expect(chosen).to_have_value('my "é" R-D -1 50-')
        expect(inside.get_by_role("button", name="Label by")).to_have_value("text")
        expect(inside.get_by_text("Computing PCA")).to_have_count(0)
        search = inside.locator("vz-projector-inspector-panel").get_by_label("Search")
        search.fill("text 0")
        found = inside.locator("vz-projector-inspector-panel .matches-list .label")
        expect(found).to_have_count(98)  # text 000 to 099 but for the two odd ones
        card = inside.locator("vz-projector-metadata-card .metadata-value")
        for typed, number, label in (
            ("text 017", "17", "text 017"),
            ("bold", "4", "<b>bold</b> =1+1 end"),
            ("(empty)", "3", "(empty)"),
        ):
            search.fill(typed)
            expect(card).to_have_text([number, label])
        assert foreign == []
    finally:
        page.close()
        server.stop()
