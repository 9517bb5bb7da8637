"""The page Map as a person uses it, in real Chromium: a lasso at 20,000 points, a dropped text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from playwright.sync_api import Page, expect

from core.maps import project
from core.maps.recipe import Method, Recipe
from core.spaces import registry
from tests.browser.conftest import settled
from tests.support.browser_charts import read_chart

Open = Callable[..., Page]
# The axes' ranges and the number of points.
SHOWN = """plot => {
  const {xaxis, yaxis} = plot._fullLayout;
  return xaxis && {x: xaxis.range, y: yaxis.range, count: plot._fullData[0].x.length};
}"""
# As many points as asked for that stand for what was dropped, and ends of the lines from there.
DROPPED = """(plot, count) => {
  const named = name => plot._fullData.find(trace => trace.name === name);
  const mark = named('dropped'), lines = named('lines');
  return mark?.x.length === count && lines
    && {mark: [mark.x[0], mark.y[0]], lines: [...lines.x].map((x, at) => [x, lines.y[at]])};
}"""
# Where a point is on the screen, once a click selects it.
PLACE = """(plot, row) => {
  const {xaxis, yaxis} = plot._fullLayout, trace = plot._fullData[0];
  const box = plot.querySelector('.nsewdrag').getBoundingClientRect();
  return plot.layout.clickmode === 'event+select'
    && [box.x + xaxis.l2p(trace.x[row]), box.y + yaxis.l2p(trace.y[row])];
}"""
# Whether so many points stand out in the chart; null: none is chosen.
CHOSEN = "(plot, count) => (plot._fullData[0].selectedpoints?.length ?? null) === count"


def ready_plot(page: Page) -> dict[str, Any]:
    """The axes' ranges and the number of points, once the map is drawn."""
    read_chart(page, SHOWN)
    expect(page.locator(".nsewdrag").first).to_be_visible()
    shown: dict[str, Any] = read_chart(page, SHOWN)
    return shown


def lasso(page: Page, corners: list[tuple[float, float]]) -> None:
    """Drags around a part of the plot; corners are shares of its width and height."""
    box = page.locator(".nsewdrag").first.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in [*places[1:], places[0]]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_lasso_takes_what_lies_in_it_at_20_000_points(open_page: Open) -> None:
    page = open_page("map?of=Words&words=20000&method=PCA&color=one+colour")
    page.set_viewport_size({"width": 1440, "height": 1700})
    shown = ready_plot(page)
    assert shown["count"] == 20_000
    lasso(page, [(0.5, 0.02), (0.98, 0.02), (0.98, 0.98), (0.5, 0.98)])
    heading = page.get_by_role("heading", name=re.compile("items selected"))
    expect(heading).to_be_visible()
    count = int(re.sub(r"\D", "", heading.inner_text()))
    words = registry.find_space("minilm").vocabulary()[0]
    points = project.project(words.vectors[:20_000], Recipe(Method.PCA)).coordinates
    # The right half of the plot, from 0.5 to 0.98 of its width.
    low, high = (shown["x"][0] + share * np.ptp(shown["x"]) for share in (0.5, 0.98))
    inside = (points[:, 0] > low) & (points[:, 0] < high)
    assert count > 1_000
    assert abs(count - int(inside.sum())) <= 40  # within a pixel of the lasso's edge
    first = page.locator('[role=gridcell][aria-colindex="1"]').first
    expect(first).not_to_be_empty()
    near_edge = (points[:, 0] > low - 0.01) & (points[:, 0] < high + 0.01)
    assert first.inner_text() in {words.words[row] for row in np.flatnonzero(near_edge)}
    page.get_by_role("combobox", name="Colour by").click()
    page.get_by_role("option", name="k-NN preservation").click()
    expect(page.locator(".colorbar, .cbtitle").first).to_be_visible()
    expect(heading).to_have_text(f"{count:,} items selected")
    page.get_by_role("button", name="Clear selection").click()
    expect(heading).to_have_count(0)


def test_a_sentence_that_is_dropped_lands_among_its_like(open_page: Open) -> None:
    page = open_page("map?of=Pictures&method=PCA")
    ready_plot(page)
    page.get_by_text("Project new points").click()
    box = page.get_by_label("New points", exact=True)
    box.fill("a bunch of sweet grapes")
    box.press("Control+Enter")
    nearest = page.locator('[role=gridcell][aria-colindex="2"]').first
    expect(nearest).to_contain_text("grapes")
    drawn = read_chart(page, DROPPED, 1)
    starts = drawn["lines"][::3]
    assert len(starts) == 5
    for start in starts:
        np.testing.assert_allclose(start, drawn["mark"], atol=1e-6)
    ends = np.array(drawn["lines"][1::3])
    # PCA keeps large distances: what is near in truth is near here, compared with the whole map.
    assert np.median(np.linalg.norm(ends - drawn["mark"], axis=1)) < 0.25


def test_the_mouse_selects_one_point_by_a_click_and_none_by_a_double_click(
    open_page: Open,
) -> None:
    page = open_page("map?of=Custom+words&method=PCA")
    page.set_viewport_size({"width": 1440, "height": 1700})
    ready_plot(page)
    several = page.get_by_role("heading", name=re.compile("items selected"))
    for _ in range(2):  # the same lasso once more, after it was taken back
        lasso(page, [(0.3, 0.1), (0.9, 0.1), (0.9, 0.9), (0.3, 0.9)])
        expect(several).to_be_visible()
        page.locator(".nsewdrag").first.dblclick(position={"x": 5, "y": 5})
        expect(several).to_have_count(0)
    page.get_by_role("radio", name="Click").click()
    for row, word in ((3, "cow"), (15, "ship")):
        place = read_chart(page, PLACE, row)
        page.mouse.click(*place)
        expect(page.get_by_role("heading", name="1 item selected")).to_be_visible()
        expect(page.locator('[role=gridcell][aria-colindex="1"]').first).to_have_text(word)


def test_a_second_lasso_in_a_chart_that_began_with_a_selection_sends_no_chart_again(
    open_page: Open,
) -> None:
    page = open_page("map?of=Words&words=5000&method=PCA")
    page.set_viewport_size({"width": 1440, "height": 1700})
    ready_plot(page)
    heading = page.get_by_role("heading", name=re.compile("items selected"))
    lasso(page, [(0.05, 0.02), (0.5, 0.02), (0.5, 0.98), (0.05, 0.98)])
    expect(heading).to_be_visible()
    first = heading.inner_text()
    for mouse, drags in (("Click", "pan"), ("Lasso", "lasso")):  # charts that begin with it
        page.get_by_role("radio", name=mouse).click()
        read_chart(page, "(plot, mode) => plot.layout.dragmode === mode", drags)
    read_chart(page, CHOSEN, number_of(first))
    settled(page)
    page.evaluate(
        """() => { window.sizes = []; const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (data) {
          if (!this.heard) { this.heard = true; this.addEventListener('message', event =>
            window.sizes.push(event.data.byteLength || event.data.size)); }
          return send.call(this, data); }; }"""
    )
    lasso(page, [(0.3, 0.02), (0.98, 0.02), (0.98, 0.98), (0.3, 0.98)])
    expect(heading).not_to_have_text(first)
    second = number_of(heading.inner_text())
    received = page.evaluate("() => window.sizes")
    assert received and max(received) < 80_000, received
    read_chart(page, CHOSEN, second)
    page.locator(".nsewdrag").first.dblclick(position={"x": 5, "y": 5})
    expect(heading).to_have_count(0)
    read_chart(page, CHOSEN, None)


def number_of(heading: str) -> int:
    """The number that a heading begins with."""
    return int(heading.split(maxsplit=1)[0].replace(",", ""))
