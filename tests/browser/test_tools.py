"""Every page and tool, each visited once: where its result begins and how much it takes in three
widths, and what axe-core finds in light and dark.

A page or tool is one line of ``SHOWN``, ``LISTED`` or ``OTHERS``. The result is what stands in
``frame.result()``: the screen belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.generation import history
from core.generation.request import Generated, Request
from core.graphs import models, sources
from core.storage.data_home import HOME_VARIABLE
from tests.browser.conftest import WAIT
from tests.browser.test_access import PALE, findings, settled
from tests.support.graph_fixtures import random_model

Open = Callable[..., Page]
# Of a window's width: its height, and where the first result begins at the latest, in pixels.
SIZES = {1440: (900, 240), 800: (900, 300), 390: (844, 380)}
SHARE = 0.6  # of the area under the query bar that the result takes at 1440 pixels
# By what it shows: a link, and the button that has to be clicked first, if any.
SHOWN = {
    "words": ("words?q=king+-+man+%2B+woman", None),
    "words compare": ("words?tool=Compare", None),
    "words vectors": ("words?tool=Vectors", None),
    "words axis": ("words?tool=Semantic+axis", None),
    "words analogies": ("words?tool=Analogy+test", "Run the test"),
    "nearest neighbours": ("sentences?do=Nearest+neighbours&row=138", None),
    "semantic search": ("sentences?do=Semantic+search&ask=music+made+with+strings", None),
    "why a row": ("sentences?do=Semantic+search&ask=music+made+with+strings&why=54", None),
    "similarity matrix": ("sentences?do=Similarity+matrix", None),
    "near-duplicates": ("sentences?do=Near-duplicates", None),
    "review of texts": ("sentences?do=Review&review-view=Subset", None),
    "compare models": ("sentences?do=Compare+models", None),
    "map": ("map?of=Custom+words&method=PCA", None),
    "projections": ("map?view=Compare+projections&method=PCA&of=Custom+words", None),
    "parameter sweep": (
        "map?view=Parameter+sweep&of=Custom+words&sweep-neighbors=4,8&sweep-min_dist=0,0.3",
        None,
    ),
    "semantic axes": ("map?view=Semantic+axes&of=Custom+words", None),
    "images": ("images", None),
    "image search": ("images?find=a+red+apple", None),
    "why a picture": ("images?find=a+red+apple&why=1F34E", None),
    "identify": ("images?see=Identify&what=%5B1F431%5D", None),
    "aspects": ("images?see=Subject%2C+style%2C+colour&like=%5B1F431%5D", None),
    "zero-shot": ("images?see=Zero-shot+classification", None),
    "few-shot": ("images?see=Few-shot&label=group", None),
    "evaluation": ("images?see=Evaluation&label=group", None),
    "review": ("images?see=Review", None),
    "keypoints": ("images?see=Keypoint+matching", None),
    "from clicks": ("train?do=From+clicks&train-of=Pictures", None),
    "a painting of mine": ("train?do=A+painting+of+mine&train-of=Pictures", None),
    "generate": ("generate?prompt=a+red+apple&steps=5", "Generate"),
    "denoising steps": ("generate?tool=Denoising+steps&prompt=a+red+apple&steps=5", None),
    "history": ("generate?tool=History", None),
    "graph": ("graph?graph=nations", None),
    **{
        f"graph {tool}": (f"graph?graph=nations&do={tool.replace(' ', '+')}", None)
        for tool in (
            *("Statistics", "Train", "Link prediction", "Entities", "Unseen entity"),
            *("Evaluation", "Review", "Map"),
        )
    },
    "graph and texts": ("graph?graph=nations&do=Compare+with+text+embeddings", None),
}
# Forms and lists, which are as long as they are.
LISTED = {
    "models": "sentences?do=Models",
    "datasets": "sentences?do=Datasets",
    "galleries": "images?see=Datasets",
    "encoders": "images?see=Encoders",
    "indexes": "images?see=Index",
    "indexes of texts": "sentences?do=Index",
    "generators": "generate?tool=Models",
    "graphs": "graph?graph=nations&do=Datasets",
}
# Pages and tools that have no such result.
OTHERS = {
    "home": "",
    "storage": "storage",
    "learn": "learn",
    "lesson": "learn?lesson=words&step=4",
    "lesson with pictures": "learn?lesson=encoders&step=3",
    "look inside": "learn?tool=Look+inside",
    "train": "train?train-of=Pictures",
    "word vectors": "train?do=Word+vectors",
    "upload embeddings": "words?tool=Upload+embeddings",
    "many near-duplicates": "sentences?do=Near-duplicates&threshold=0.5",
    "export": "sentences?do=Export",
    "grid": "generate?tool=Grid",
}
# What a link opens in the result, which is part of it only where these words are seen.
PANELS = {"why a row": "Rank 1 of 288 by cosine", "why a picture": "Rank 1 of 1,914"}
# Of these axe sees two widths.
MAIN = (
    *("home", "storage", "words", "nearest neighbours"),
    *("image search", "map", "generate", "graph", "train"),
)
# The others are slow tests.
QUICK = ("image search", "map", "generate")
VISITS: dict[str, tuple[str, str | None]] = (
    SHOWN
    | {name: (link, None) for name, link in LISTED.items()}
    | {name: (link, None) for name, link in OTHERS.items()}
)
MEASURE = """() => {
    const box = (element) => element?.getBoundingClientRect();
    const result = box(document.querySelector('.st-key-result'));
    const main = box(document.querySelector('[data-testid="stMain"]'));
    const bar = box(document.querySelector('.st-key-query') ??
        document.querySelector('.st-key-tools'));
    const seen = Math.min(result.bottom, innerHeight) - Math.max(result.top, 0);
    const under = innerHeight - bar.bottom;
    return {top: result.top, share: (seen * result.width) / (under * main.width)};
}"""
SIDEWAYS = """() => {
    const main = document.querySelector('[data-testid="stMain"]');
    return Math.max(
        document.documentElement.scrollWidth - innerWidth,
        main.scrollWidth - main.clientWidth,
    );
}"""


@pytest.fixture(scope="module", autouse=True)
def results_to_show(browser_home: Path) -> None:
    """Images of the history, and a model of the nations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(browser_home))
        picture = Image.new("RGB", (64, 64), (200, 30, 30))
        for seed in range(8):
            history.keep(Generated(picture, Request("small", "a red apple", seed=seed), 1, 0.1))
        model = random_model(sources.load_named("nations"))
        models.save(model, models.kept_folder(model))


def resize(page: Page, width: int, height: int) -> None:
    """Another size of the window, as if the page had been opened in it."""
    page.set_viewport_size({"width": width, "height": height})
    if width == 390:
        fold_sidebar(page)
    page.wait_for_timeout(500)  # what is drawn in the browser takes its place
    settled(page, 1)


def fold_sidebar(page: Page) -> None:
    """In a narrow window that is opened it is folded; in one that becomes narrow it is not."""
    sidebar = page.get_by_test_id("stSidebar")
    if sidebar.get_attribute("data-collapsed") != "true":
        sidebar.hover()
        sidebar.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
        expect(sidebar).to_have_attribute("data-collapsed", "true")


def paint(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.wait_for_timeout(500)  # colours fade over
    settled(page, 1)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in VISITS]
)
def test_each_tool_fits_its_window_and_can_be_read_by_all(open_page: Open, name: str) -> None:
    link, button = VISITS[name]
    page = open_page(link)
    result = page.locator(".st-key-result")
    settled(page)
    if button is not None and not result.count():
        page.get_by_role("button", name=button, exact=True).click()
    if name not in OTHERS:
        expect(result).to_be_visible(timeout=4 * WAIT)  # models are opened
        settled(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    if name in PANELS:
        expect(page.get_by_text(PANELS[name])).to_be_visible()
    tops, sideways = {}, {}
    for width, (height, _) in SIZES.items():
        resize(page, width, height)
        sideways[width] = page.evaluate(SIDEWAYS)
        if name not in OTHERS:
            measured = page.evaluate(MEASURE)
            tops[width] = measured["top"]
            if name in SHOWN and width == 1440:
                assert measured["share"] >= SHARE, measured
        if width == 1440 or (width == 800 and name in MAIN):
            for scheme in ("dark", "light"):
                paint(page, scheme)
                found = findings(page, colors=scheme == "dark")  # all else is as it is in light
                assert not found, f"{scheme}, {width} pixels wide"
                assert not page.evaluate(PALE), scheme
    assert all(top <= SIZES[width][1] for width, top in tops.items()), tops
    assert max(sideways[1440], sideways[800]) <= 1, sideways
    assert name in OTHERS or sideways[390] <= 0, sideways


@pytest.mark.slow
def test_a_window_that_is_opened_narrow_looks_as_one_that_became_so(open_page: Open) -> None:
    link, _ = SHOWN["words"]
    width, height = 390, SIZES[390][0]
    page = open_page(link)
    settled(page)
    resize(page, width, height)
    became = page.evaluate(MEASURE)
    page.reload()
    settled(page)
    page.wait_for_timeout(500)
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    assert page.evaluate(MEASURE) == pytest.approx(became, abs=1e-2)


@pytest.mark.slow
def test_a_generated_image_is_seen_whole_in_its_full_size(open_page: Open) -> None:
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
