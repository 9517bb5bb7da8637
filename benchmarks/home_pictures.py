"""The pictures of the cards on Home made anew: what the app shows once a card is clicked.

They go to assets/home, for the light and the dark theme. Run it with a data folder whose vectors
are built (EMBEDDING_EXPLORER_HOME), or wait for them.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from typing import Literal

from PIL import Image, ImageOps
from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.common import ROOT
from benchmarks.screenshots import LONG, settle
from benchmarks.words_page import server, wait_until_up
from core.ui.home.cards import CARDS, PICTURES

SIZE = (680, 440)  # pixels, twice what a card has
GROUNDS: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
DRAWN = 12_000  # milliseconds that a map may take to be drawn, on a busy machine too
# What of a page is the picture: all of an element, or as much of its top as fits.
WHOLE = {
    "words": ".st-key-picture-2",
    "map": ".st-key-result",
    "generate": ".st-key-result [data-testid='stImage'] img",
    "graph": ".st-key-result .js-plotly-plot",
}
TOP = {"images": ".st-key-result", "sentences": ".st-key-group-1"}


def main() -> None:
    """Makes those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    pages = [card.page for card in CARDS]
    parser.add_argument("names", nargs="*", choices=[[], *pages])
    names = parser.parse_args().names or pages
    for card in CARDS:  # Home shows none that is not there
        for ground in GROUNDS:
            if not (path := PICTURES / f"{card.page}-{ground}.webp").exists():
                Image.new("RGB", SIZE).save(path)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
    with server(ROOT / "app.py") as address, sync_playwright() as playwright:
        wait_until_up(address)
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for ground in GROUNDS:
            for name in names:
                context = browser.new_context(
                    color_scheme=ground,
                    viewport={"width": 1200, "height": 900},
                    device_scale_factor=1.5,
                    reduced_motion="reduce",
                )
                page = context.new_page()
                page.set_default_timeout(LONG)
                page.goto(address)
                shoot(page, name).save(PICTURES / f"{name}-{ground}.webp", quality=82, method=6)
                print(f"{name}, {ground}", flush=True)
                context.close()
        browser.close()


def shoot(page: Page, name: str) -> Image.Image:
    """Opens a card and takes what its page shows."""
    page.locator(f".st-key-card-{name} :is(a, button)").last.click()
    place = page.locator(WHOLE.get(name) or TOP[name]).first
    place.wait_for()
    settle(page, LONG)
    page.wait_for_timeout(DRAWN)
    page.mouse.move(0, 899)
    return fitted(place.screenshot()) if name in WHOLE else top(page, place)


def fitted(data: bytes) -> Image.Image:
    """All of a screenshot, on the ground that its corner has."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    red, green, blue = picture.resize((1, 1), box=(1, 1, 2, 2)).tobytes()
    picture.thumbnail(SIZE, Image.Resampling.LANCZOS)
    return ImageOps.pad(picture, SIZE, color=(red, green, blue))


def top(page: Page, place: Locator) -> Image.Image:
    """As much of the top of an element as the picture has room for."""
    box = place.bounding_box()
    assert box is not None
    width = min(box["width"], 700)
    height = width * SIZE[1] / SIZE[0]
    data = page.screenshot(clip={"x": box["x"], "y": box["y"], "width": width, "height": height})
    return Image.open(io.BytesIO(data)).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
