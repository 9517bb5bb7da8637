"""The page Map at many points in a real browser: drawing them, and a lasso around half of them.

The points, 100,000 or ``--count``, are ready coordinates of a table (seed 0), so that nothing is
projected. Drawn: from choosing another colour, in the bar or in the panel, until the chart is drawn
in it. Lasso: from letting the mouse go until the table of the selection stands on the page. Brush:
one of 20 steps of a range over a histogram. Rerun: what the server takes after a change of colour,
asked without a browser.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.common import ROOT, Rows, machine, table
from benchmarks.load_session import Session
from benchmarks.words_page import server, wait_until_up
from core.sentences import datasets

DRAWN = """color => new Promise(done => {
  const look = () => {
    const chart = document.querySelector('.ee-scatter');
    if (chart?.dataset.color === color)
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - window.began), 0));
    else requestAnimationFrame(look);
  };
  look();
})"""
# A brush over a histogram: what each of its frames takes, counted, drawn and told in the panel.
BRUSH = """() => {
  const chart = document.querySelector('.ee-scatter').scatter;
  const {low, high} = chart.columns.get('size'), span = high - low, steps = 20;
  chart.dragging = true;
  const began = performance.now();
  for (let at = 1; at <= steps; at++) {
    chart.filters.set('size', {low, high: low + span * (0.3 + 0.4 * at / steps)});
    chart.recount();
    chart.paint();
    chart.showPanel();
  }
  const taken = (performance.now() - began) / steps;
  chart.dragging = false;
  chart.filters.clear();
  chart.recount();
  chart.paint();
  chart.showPanel();
  return taken;
}"""
HEADING = """() => new Promise(done => {
  const look = () => {
    const told = [...document.querySelectorAll('h3')].find(h => h.textContent.includes('selected'));
    const cell = document.querySelector('[data-testid=stDataFrame] [role=gridcell]');
    if (told && cell)
      requestAnimationFrame(() => setTimeout(() => done(performance.now() - window.began), 0));
    else requestAnimationFrame(look);
  };
  look();
})"""


def write_points(count: int) -> None:
    """A dataset of named points of nine kinds."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(9, 2)) * 4
    kinds = random.integers(0, 9, count)
    points = centers[kinds] + random.normal(size=(count, 2))
    lines = ["name,x,y,kind,size"]
    lines += [
        f"item number {at},{x:.4f},{y:.4f},k{kind},{x * y:.3f}"
        for at, ((x, y), kind) in enumerate(zip(points, kinds, strict=True))
    ]
    datasets.import_table("points.csv", "\n".join(lines).encode())


def draw(page: Page, color: str) -> float:
    """Seconds from choosing a colour until all points are drawn in it."""
    page.get_by_role("combobox", name="Colour by").click()
    option = page.get_by_role("option", name=color, exact=True)
    option.wait_for()
    page.evaluate("() => { window.began = performance.now(); }")
    option.click()
    taken = float(page.evaluate(DRAWN, color)) / 1_000
    page.wait_for_timeout(3_000)
    return taken


def press(page: Page, color: str) -> float:
    """Seconds from a press of a column's button in the panel until all points are drawn in it."""
    button = page.get_by_role("button", name=f"Colour by {color}", exact=True)
    page.evaluate(
        "() => document.addEventListener('click', () => { window.began = performance.now(); },"
        " {capture: true, once: true})"
    )
    button.click()
    taken = float(page.evaluate(DRAWN, color)) / 1_000
    page.wait_for_timeout(3_000)
    return taken


def lasso(page: Page, right: float) -> float:
    """Seconds from the end of a lasso until the table is there."""
    box = page.locator(".ee-stage").first.bounding_box()
    assert box is not None
    corners = [(0.02, 0.08), (right, 0.08), (right, 0.98), (0.02, 0.98), (0.02, 0.08)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.keyboard.down("Shift")
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.evaluate("() => { window.began = performance.now(); }")
    page.mouse.up()
    page.keyboard.up("Shift")
    taken = float(page.evaluate(HEADING)) / 1_000
    page.wait_for_timeout(3_000)
    return taken


async def rerun(address: str, rounds: int) -> float:
    """Median seconds from a change of colour until the server's run has ended."""
    session = Session(address, patience=1_800)
    await session.open("map", {"of": "Numeric columns", "data": "points"})
    taken = []
    for number in range(2 * rounds + 4):
        answer = await session.put("color", ("size", "kind")[number % 2])
        if answer.failed:
            raise RuntimeError(f"The page failed: {answer.texts()}")
        taken.append(answer.seconds)
    await session.close()
    return statistics.median(taken[4:])  # the first ones read what is kept afterwards


def browse(address: str, rounds: int) -> Rows:
    """What a browser takes: to draw the points, a lasso around half of them, frames of a brush."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"]
    drawn, pressed, lassoed, again, brushed, told = [], [], [], [], [], ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = browser.new_page(viewport={"width": 1440, "height": 1700})
        page.set_default_timeout(300_000)
        page.goto(f"{address}/map?of=Numeric+columns&data=points")
        page.locator(".ee-scatter[data-drawn]").first.wait_for()
        chart = page.locator(".ee-scatter").first
        seen, first = (
            int(chart.get_attribute(f"data-{of}") or 0) for of in ("seen", "milliseconds")
        )
        page.wait_for_timeout(30_000)  # loops are compiled meanwhile
        for _ in range(rounds + 1):
            drawn.append(draw(page, "size"))
            pressed += [press(page, "kind"), press(page, "size")]
            lassoed.append(lasso(page, 0.5))
            told = page.get_by_role("heading", name="selected").inner_text()
            again.append(draw(page, "kind"))
            page.get_by_role("button", name="Clear selection", exact=True).click()
            page.get_by_role("heading", name="selected").wait_for(state="detached")
            page.wait_for_timeout(3_000)
            brushed.append(float(page.evaluate(BRUSH)) / 1_000)
        browser.close()
    return [
        ("data there to all points seen", f"{seen / 1_000:.2f}"),
        ("data there to first drawn, with names and panel", f"{first / 1_000:.2f}"),
        ("drawn anew, from the bar", f"{statistics.median(drawn[1:]):.2f}"),
        ("drawn anew, from the panel", f"{statistics.median(pressed[2:]):.2f}"),
        (f"lasso to table ({told})", f"{statistics.median(lassoed[1:]):.2f}"),
        ("drawn anew with that selection", f"{statistics.median(again[1:]):.2f}"),
        ("a frame of a brush", f"{statistics.median(brushed[1:]):.3f}"),
    ]


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rerun", action="store_true", help="that alone, without a browser")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EMBEDDING_EXPLORER_HOME"] = str(Path(folder) / "home")
        write_points(options.count)
        with server(ROOT / "app.py") as address:
            wait_until_up(address)
            again = asyncio.run(rerun(address, options.rounds * 5))
            rows: Rows = [] if options.rerun else browse(address, options.rounds)
    last = ("rerun after a change of colour, the server", f"{again:.3f}")
    print(table([(f"{options.count:,} points", "s"), *rows, last]))


if __name__ == "__main__":
    main()
