"""The pictures of the docs made anew: each a link, and what is clicked there, at 1440 x 900.

They go to docs/screenshots. Those of the page Graph need a model, so one is trained first. Run it
with a data folder whose vectors are built (EMBEDDING_EXPLORER_HOME), or wait for them.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Error, Page, sync_playwright

from benchmarks.common import ROOT
from benchmarks.words_page import server, wait_until_up
from core.cli.main import main as main_of_verbs
from core.sentences import datasets

FOLDER = ROOT / "docs" / "screenshots"
# At rest for two seconds: the run is over, nothing is awaited, and no part is still being loaded.
_SETTLED = """() => {
    const app = document.querySelector('[data-testid="stApp"]');
    const waits = '[data-testid="stSkeleton"], [data-testid="stProgress"], ' +
        '[data-testid="stSpinner"], [data-testid="stAppSkeleton"]';
    const rests = app?.dataset.testScriptState === 'notRunning' &&
        document.querySelector('[data-testid="stMain"] [data-testid="stElementContainer"]') &&
        !document.querySelector(waits);
    if (!rests) window.restsSince = undefined;
    else window.restsSince ??= performance.now();
    return rests && performance.now() - window.restsSince > 2000;
}"""
DATABASE = "descriptions.duckdb"  # in the folder that the server runs in, while it does
# Photos that are dropped where pictures are taken, by the file that shows it: scikit-image's, which
# its package brings (coffee.png: a cup of espresso by Rachel Michetti, CC0).
DROPPED = {"images-photo": "coffee.png"}
QUICK, LONG = 120_000, 600_000  # milliseconds
# File, link, and the buttons that are clicked one after the other.
SHOTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("home", "", ()),
    ("words", "words?q=king+-+man+%2B+woman", ()),
    ("compare", "words?tool=Compare", ()),
    ("analogies", "words?tool=Analogy+test", ("Run the test",)),
    ("sentences", "sentences", ()),
    ("ask", "sentences?do=Semantic+search", ()),
    (
        "ask-database",
        "sentences?do=Semantic+search&search-in=Vector+database&ask=music+made+with+strings"
        f"&database={DATABASE}&filter=topic%3Dmusic",
        ("List collections",),
    ),
    ("duplicates", "sentences?do=Near-duplicates", ()),
    ("sentences-review", "sentences?do=Review&review-view=Outliers", ()),
    ("spaces", "sentences?do=Compare+models", ()),
    ("images", "images?find=a+musical+instrument", ()),
    ("images-photo", "images?results=6", ()),
    ("images-identify", "images?see=Identify&what=%5B1F431%5D", ()),
    ("images-aspects", "images?see=Subject%2C+style%2C+colour&like=%5B1F431%5D", ()),
    ("images-review", "images?see=Review", ()),
    ("images-why", "images?find=a+red+apple&why=1F34E", ()),
    ("images-zero-shot", "images?see=Zero-shot+classification", ()),
    ("images-report", "images?see=Evaluation", ()),
    ("images-key-points", "images?see=Keypoint+matching", ()),
    ("map", "map?method=t-SNE&fixed=true&clusters=k-means&drop=a+bunch+of+sweet+grapes", ()),
    (
        "map-two",
        "map?view=Compare+projections&method=t-SNE&fixed=true&of=Texts&b-method=PCA",
        (),
    ),
    ("map-sweep", "map?view=Parameter+sweep&of=Texts", ()),
    ("map-slice", "map?view=Semantic+axes&of=Custom+words", ()),
    ("generate", "generate?prompt=a+blue+cat&random=false&seed=0", ("Generate",)),
    ("generate-grid", "generate?tool=Grid&prompt=a+blue+cat", ("Generate",)),
    (
        "generate-inside",
        "generate?tool=Denoising+steps&prompt=a+blue+cat&random=false&seed=0",
        (),
    ),
    ("graph-train", "graph?graph=nations&do=Train", ("Train",)),
    ("graph", "graph?graph=nations&do=Link+prediction", ()),
    ("graph-map", "graph?graph=nations&do=Map", ()),
    ("graph-statistics", "graph?graph=nations&do=Statistics", ()),
    ("graph-explore", "graph?graph=nations&explore=uk&explore-expanded=cuba", ()),
    ("graph-review", "graph?graph=nations&do=Review", ()),
    ("train", "train", ("Train",)),
    ("train-clicks", "train?do=From+clicks", ()),
    ("train-painting", "train?do=A+painting+of+mine", ()),
    ("learn", "learn", ()),
    ("learn-step", "learn?lesson=finding&step=3", ()),
    ("storage", "storage", ()),
)


def settle(page: Page, most: int) -> None:
    """Waits until the page's run is over and what it shows is drawn."""
    page.wait_for_function(_SETTLED, timeout=most, polling=250)
    page.wait_for_timeout(2_000)


@contextmanager
def database() -> Iterator[None]:
    """The bundled texts in a database that is there during the block."""
    path = Path(DATABASE).resolve()
    main_of_verbs(["database", "send", str(path), "descriptions", datasets.BUNDLED])
    try:
        yield
    finally:
        path.unlink()


def drop(page: Page, name: str) -> None:
    """Gives the page one of scikit-image's photos, and waits for its results."""
    import skimage.data

    main = page.get_by_test_id("stMain")
    place = main.get_by_test_id("stFileUploaderDropzone").first.locator("input")
    place.set_input_files(Path(skimage.data.__file__).parent / name)
    page.locator(".st-key-found-0-card").wait_for()
    page.evaluate("() => { window.restsSince = undefined; }")
    settle(page, LONG)


def main() -> None:
    """Makes those that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *(name for name, *_ in SHOTS)])
    names = set(parser.parse_args().names)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
    FOLDER.mkdir(exist_ok=True)
    with database(), server(ROOT / "app.py") as address, sync_playwright() as playwright:
        wait_until_up(address)
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        for name, link, buttons in SHOTS:
            if names and name not in names:
                continue
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.set_default_timeout(QUICK)
            try:
                page.goto(f"{address}/{link}")
                settle(page, LONG)
                if name in DROPPED:
                    drop(page, DROPPED[name])
                for button in buttons:
                    page.get_by_role("button", name=button, exact=True).first.click()
                    page.evaluate("() => { window.restsSince = undefined; }")
                    page.wait_for_timeout(1_000)  # the page begins to run
                    settle(page, LONG)
                page.screenshot(path=FOLDER / f"{name}.png")
                print(f"{name}: {link}")
            except Error as error:
                print(f"{name} could not be made: {str(error).splitlines()[0]}")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
