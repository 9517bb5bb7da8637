"""The screen belongs to what was found: where the first result begins, and how much it takes.

A page or tool is one line of ``SHOWN``: a link with a result on screen. The result is what stands
in ``frame.result()``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.generation import history
from core.generation.request import Generated, Request
from core.storage.data_home import HOME_VARIABLE
from tests.browser.conftest import WAIT, settled

# Of a window's width: its height, and where the first result begins at the latest, in pixels.
SIZES = {1440: (900, 240), 800: (900, 300), 390: (844, 380)}
SHARE = 0.6  # of the area under the query bar that the result takes at 1440 pixels
# By what it shows: a link, and the button that has to be clicked first, if any.
SHOWN = {
    "words": ("words?q=king+-+man+%2B+woman", None),
    "words compare": ("words?tool=Compare", None),
    "words vectors": ("words?tool=Vectors", None),
    "words axis": ("words?tool=Semantic+axis", None),
    "nearest neighbours": ("sentences", None),
    "semantic search": ("sentences?do=Semantic+search", None),
    "similarity matrix": ("sentences?do=Similarity+matrix", None),
    "near-duplicates": ("sentences?do=Near-duplicates", None),
    "compare models": ("sentences?do=Compare+models", None),
    "words analogies": ("words?tool=Analogy+test", "Run the test"),
    "map": ("map?method=PCA", None),
    "projections": ("map?view=Compare+projections&method=PCA&of=Custom+words", None),
    "semantic axes": ("map?view=Semantic+axes&of=Custom+words", None),
    "images": ("images", None),
    "image search": ("images?find=a+red+apple", None),
    "zero-shot": ("images?see=Zero-shot+classification", None),
    "few-shot": ("images?see=Few-shot&label=group", None),
    "evaluation": ("images?see=Evaluation&label=group", None),
    "keypoints": ("images?see=Keypoint+matching", None),
    "generate": ("generate?prompt=a+red+apple&steps=5", "Generate"),
    "denoising steps": ("generate?tool=Denoising+steps&prompt=a+red+apple&steps=5", None),
    "history": ("generate?tool=History", None),
    "graph": ("graph?graph=nations", None),
}
# Forms and lists, which are as long as they are.
LISTED = {
    "models": "sentences?do=Models",
    "datasets": "sentences?do=Datasets",
    "galleries": "images?see=Datasets",
    "encoders": "images?see=Encoders",
    "indexes": "images?see=Index",
    "generators": "generate?tool=Models",
    "graphs": "graph?do=Datasets",
}
MEASURE = """() => {
    const box = (element) => element?.getBoundingClientRect();
    const result = box(document.querySelector('.st-key-result'));
    const main = box(document.querySelector('[data-testid="stMain"]'));
    const bar = box(document.querySelector('.st-key-query') ??
        document.querySelector('.st-key-tools'));
    const seen = Math.min(result.bottom, innerHeight) - Math.max(result.top, 0);
    const under = innerHeight - bar.bottom;
    const scrolled = document.querySelector('[data-testid="stMain"]');
    return {
        top: result.top,
        share: (seen * result.width) / (under * main.width),
        sideways: Math.max(
            document.documentElement.scrollWidth - innerWidth,
            scrolled.scrollWidth - scrolled.clientWidth,
        ),
    };
}"""


@pytest.fixture(scope="module", autouse=True)
def results_to_show(browser_home: Path) -> None:
    """Images of the history."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(browser_home))
        picture = Image.new("RGB", (64, 64), (200, 30, 30))
        for seed in range(8):
            history.keep(Generated(picture, Request("small", "a red apple", seed=seed), 1, 0.1))


def measured(page: Page, button: str | None) -> dict[int, dict[str, float]]:
    """Of each width: where the result begins, what it takes, what sticks out sideways."""
    found = {}
    for width, (height, _) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        if width == 390:  # a narrow window that is opened has its sidebar folded
            page.reload()
        result = page.locator(".st-key-result")
        if button is not None and not result.count():
            page.get_by_role("button", name=button, exact=True).click()
        expect(result).to_be_visible(timeout=4 * WAIT)  # models are opened
        settled(page)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)  # of parts that are loaded
        page.wait_for_timeout(500)  # what is drawn in the browser takes its place
        found[width] = page.evaluate(MEASURE)
    return found


@pytest.mark.parametrize(("link", "button"), SHOWN.values(), ids=SHOWN)
def test_the_result_begins_high_and_takes_most_of_the_screen(
    open_page: Callable[..., Page], link: str, button: str | None
) -> None:
    found = measured(open_page(link), button)
    tops = {width: one["top"] for width, one in found.items()}
    assert all(tops[width] <= highest for width, (_, highest) in SIZES.items()), tops
    assert found[1440]["share"] >= SHARE, found
    assert found[390]["sideways"] <= 0, found


@pytest.mark.parametrize("link", LISTED.values(), ids=LISTED)
def test_lists_and_forms_begin_high(open_page: Callable[..., Page], link: str) -> None:
    found = measured(open_page(link), None)
    tops = {width: one["top"] for width, one in found.items()}
    assert all(tops[width] <= highest for width, (_, highest) in SIZES.items()), tops
    assert found[390]["sideways"] <= 0, found


def test_a_generated_image_is_seen_whole_in_its_full_size(open_page: Callable[..., Page]) -> None:
    page = open_page("generate?prompt=a+red+apple&steps=5")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("button", name="Generate", exact=True).click()
    image = page.get_by_alt_text("Generated: a red apple")
    expect(image).to_be_visible()
    settled(page)
    box = image.bounding_box()
    assert box is not None
    assert box["width"] == 512
    assert box["y"] + box["height"] <= 900
