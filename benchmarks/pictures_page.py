"""The page Images in a real browser: a dropped picture to its neighbours, and 50,000 pictures.

A picture is dropped on the page, whose gallery is 8,000 products; timed until the first results
stand there with their pictures drawn. Beside it, in turn: the same drop on a bare Streamlit page
that shows the name of the file, and encoding the picture alone, in a process of its own. The goal
is at most twice the sum of these two. Then 50,000 pictures (CIFAR-10's with a few pixels changed
where there are not enough) are encoded, searched and paged through; the server's memory is read.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.common import ROOT, machine, table
from benchmarks.faults import ASKED
from benchmarks.words_memory import server_memory
from benchmarks.words_page import server, wait_until_up
from core.images import galleries, openmoji
from core.readers.pictures import open_picture
from core.spaces import registry

DATA = Path(os.environ.get("EMBEDDING_EXPLORER_DATA", ROOT.parent / "shared" / "data")) / "images"
BARE = """
import streamlit as st

st.title("Bare")
file = st.file_uploader("Drop pictures here")
if file is not None:
    st.write("First:", file.name)
"""
DROP = """([selector, name, data]) => {
  const target = document.querySelector(selector);
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, {type: 'image/png'}));
  window.dropped = performance.now();
  for (const kind of ['dragenter', 'dragover', 'drop'])
    target.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true,
                                              dataTransfer: transfer}));
}"""
# Ours: the box holds the name, the first result is new, its picture and those beside it are drawn.
OURS_SHOWN = """([name, count]) => new Promise(done => {
  const look = () => {
    const box = document.querySelector('input[aria-label="Search by words or a formula"]');
    const cards = [...document.querySelectorAll('[class*="st-key-found-"][class*="-card"] img')];
    const stale = document.querySelector('[data-test-script-state="running"]');
    if (box && box.value === `[${name}]` && !stale && cards.length >= count &&
        cards.every(one => one.complete && one.naturalWidth))
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - window.dropped), 0));
    else requestAnimationFrame(look);
  };
  look();
})"""
BARE_SHOWN = """([name]) => new Promise(done => {
  const look = () => {
    const stale = document.querySelector('[data-test-script-state="running"]');
    const told = [...document.querySelectorAll('p')].some(p => p.textContent.includes(name)
      && p.textContent.startsWith('First:'));
    if (told && !stale)
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - window.dropped), 0));
    else requestAnimationFrame(look);
  };
  look();
})"""
ZONE = "[data-testid=stFileUploaderDropzone]"
SHOWN = 24


def files(count: int) -> Iterator[tuple[str, bytes]]:
    """Pictures to drop, each another."""
    for number in range(count):
        stream = io.BytesIO()
        openmoji.draw(openmoji.list_emoji()[40 * number + 7].id, 256).save(stream, "PNG")
        yield f"dropped{number}.png", stream.getvalue()


def drop(page: Page, name: str, data: bytes, shown: str, arguments: list[object]) -> float:
    """Seconds from the drop until ``shown`` sees its result."""
    page.evaluate(DROP, [ZONE, name, base64.b64encode(data).decode()])
    taken = float(page.evaluate(shown, arguments)) / 1_000
    page.wait_for_timeout(1_000)  # so that each starts from rest
    return taken


def wait_for_gallery(page: Page, text: str) -> None:
    """Waits until a gallery stands there, after the click that encoding it may ask for."""
    asked = page.locator(ASKED).first
    asked.or_(page.get_by_text(text)).first.wait_for()
    if asked.count():
        asked.click()
    page.get_by_text(text).wait_for()


def measure_drops(browser: Browser, home: Path, rounds: int) -> None:
    """Prints the table of dropped pictures."""
    gallery = galleries.link_folder(str(DATA / "fashion_products.parquet")).name
    encoder = registry.find_space("minilm").image_encoder()
    bare_script = home / "bare.py"
    bare_script.write_text(BARE)
    times: dict[str, list[float]] = {"ours": [], "bare": [], "encoding": []}
    with server(ROOT / "app.py") as address, server(bare_script) as bare_address:
        wait_until_up(address)
        wait_until_up(bare_address)
        ours, bare = browser.new_page(), browser.new_page()
        ours.set_default_timeout(300_000)
        ours.goto(f"{address}/images?gallery={gallery}")
        wait_for_gallery(ours, "All 8,")
        bare.goto(bare_address)
        bare.locator(ZONE).wait_for()
        for number, (name, data) in enumerate(files(rounds + 3)):
            found = {
                "ours": drop(ours, name, data, OURS_SHOWN, [name, SHOWN]),
                "bare": drop(bare, name, data, BARE_SHOWN, [name]),
            }
            began = time.perf_counter()
            encoder.encode_pictures([open_picture(data, name)])
            found["encoding"] = time.perf_counter() - began
            if number >= 3:  # the first ones warm what is loaded when needed
                for key, taken in found.items():
                    times[key].append(taken)
        ours.close()
        bare.close()
    a, b, c = (statistics.median(times[key]) for key in ("ours", "bare", "encoding"))
    rows = [("what, 8,193 pictures", "s", "of bare + encoding")]
    rows.append((f"drop to {SHOWN} neighbours on screen", f"{a:.3f}", f"{a / (b + c):.2f}"))
    rows.append(("drop to a name on a bare page", f"{b:.3f}", f"{b / (b + c):.2f}"))
    rows.append(("opening and encoding the picture", f"{c:.3f}", f"{c / (b + c):.2f}"))
    print(table(rows))


def write_many(path: Path, count: int) -> None:
    """A Parquet file of distinct small pictures."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    given = pq.read_table(DATA / "cifar10_train.parquet", columns=["image"]).column(0).to_pylist()
    random = np.random.default_rng(0)
    with pq.ParquetWriter(path, pa.schema([("image", pa.binary()), ("set", pa.string())])) as out:
        for at in range(0, count, 1_000):
            pictures = []
            for number in range(at, min(count, at + 1_000)):
                data = given[number % len(given)]["bytes"]
                if number >= len(given):
                    pixels = np.array(open_picture(data).convert("RGB"))
                    pixels[random.integers(0, 32, 9), random.integers(0, 32, 9)] = 255
                    stream = io.BytesIO()
                    Image.fromarray(pixels).save(stream, "PNG")
                    data = stream.getvalue()
                pictures.append(data)
            out.write_table(pa.table({"image": pictures, "set": ["given"] * len(pictures)}))


def measure_many(browser: Browser, home: Path, count: int) -> None:
    """Prints the server's memory with a large gallery."""
    path = home / "many.parquet"
    write_many(path, count)
    gallery = galleries.link_folder(str(path)).name
    rows = [("what", "server, MB")]
    with server(ROOT / "app.py") as address:
        wait_until_up(address)
        page = browser.new_page()
        page.set_default_timeout(900_000)

        def tell(what: str) -> None:
            rows.append((what, f"{server_memory():.0f}"))

        page.goto(f"{address}/images?gallery={gallery}")
        wait_for_gallery(page, f"All {count:,} pictures")
        tell("encoded, first page shown")
        box = page.get_by_label("Search by words or a formula", exact=True)
        for words in ("a ship at sea", "a red car", "a horse"):
            box.fill(words)
            box.press("Enter")
            page.locator(".st-key-found-0-card img").wait_for()
            page.wait_for_timeout(2_000)
        tell("three searches later")
        box.fill("")
        box.press("Enter")
        number = page.get_by_label("Page (of", exact=False)
        for wanted in (1_000, 500, 7):
            number.fill(str(wanted))
            number.press("Enter")
            page.wait_for_timeout(3_000)
        tell("three other pages of the grid later")
        page.close()
    print(f"\n{table(rows)}")


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--count", type=int, default=50_000)
    options = parser.parse_args()
    print(machine())
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["EMBEDDING_EXPLORER_HOME"] = str(Path(folder) / "home")
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        if options.rounds:
            measure_drops(browser, Path(folder), options.rounds)
        if options.count:
            measure_many(browser, Path(folder), options.count)
        browser.close()


if __name__ == "__main__":
    main()
