"""The page Map as a person uses it, in real Chromium, with mouse and keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.maps import project
from core.maps.recipe import Method, Recipe
from core.sentences import datasets
from core.spaces import registry
from core.storage import data_home
from tests.browser.conftest import settled
from tests.support.browser_charts import read_chart, read_scatter

Open = Callable[..., Page]
# The axes' ranges, and where the plot lies on the screen.
SHOWN = """chart => {
  const {xaxis, yaxis} = chart.plot._fullLayout;
  return {x: xaxis?.range, y: yaxis?.range, count: chart.n};
}"""
# Where a point is on the screen.
PLACE = """(chart, i) => {
  const {x, y} = chart.scale(), box = chart.stage.getBoundingClientRect();
  return [box.x + x[0] * chart.x[i] + x[1], box.y + y[0] * chart.y[i] + y[1]];
}"""
NAMES = "chart => chart.names.length && chart.names"
ACTIVE = "(chart, count) => (chart.active ? chart.count : null) === count"
HEADING = re.compile("items? selected")


def ready(page: Page, count: int) -> dict[str, Any]:
    """The axes' ranges, once so many points are drawn."""
    shown: dict[str, Any] = read_scatter(
        page, f"chart => chart.root.dataset.drawn === '{count}' && ({SHOWN})(chart)"
    )
    settled(page)
    return shown


def lasso(page: Page, corners: list[tuple[float, float]]) -> None:
    """Drags around a part of the plot with Shift; corners are shares of its width and height."""
    box = page.locator(".ee-stage").first.bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.keyboard.down("Shift")
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in [*places[1:], places[0]]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()
    page.keyboard.up("Shift")


def selected(page: Page) -> int:
    """How many items the page says are selected."""
    heading = page.get_by_role("heading", name=HEADING)
    expect(heading).to_be_visible()
    return int(re.sub(r"\D", "", heading.inner_text()))


def test_a_lasso_takes_what_lies_in_it_and_recolouring_keeps_it_and_the_view(
    open_page: Open,
) -> None:
    page = open_page("map?of=Words&words=20000&method=PCA&color=one+colour")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 20_000)
    page.get_by_role("button", name="Zoom in").click()
    shown = read_scatter(page, SHOWN)
    lasso(page, [(0.5, 0.02), (0.98, 0.02), (0.98, 0.98), (0.5, 0.98)])
    count = selected(page)
    words = registry.find_space("minilm").vocabulary()[0]
    points = project.project(words.vectors[:20_000], Recipe(Method.PCA)).coordinates
    left, right = (read_scatter(page, at_share(share)) for share in (0.5, 0.98))
    low, high = (read_scatter(page, at_share(share, "y")) for share in (0.98, 0.02))
    inside = (points[:, 0] > left) & (points[:, 0] < right)
    inside &= (points[:, 1] > low) & (points[:, 1] < high)
    assert count > 1_000
    assert abs(count - int(inside.sum())) <= 60  # within a pixel of the lasso's edge
    read_scatter(page, ACTIVE, count)
    page.get_by_role("combobox", name="Colour by").click()
    page.get_by_role("option", name="k-NN preservation").click()
    read_scatter(page, "chart => chart.colors.name.startsWith('recall')")
    assert read_scatter(page, SHOWN) == shown
    assert selected(page) == count
    page.get_by_role("button", name="Clear selection", exact=True).click()
    expect(page.get_by_role("heading", name=HEADING)).to_have_count(0)
    read_scatter(page, ACTIVE, None)


def at_share(share: float, axis: str = "x") -> str:
    """Reads the value on an axis at a share of the stage's width or height."""
    side = "clientWidth" if axis == "x" else "clientHeight"
    return (
        f"chart => {{ const s = chart.scale().{axis}; "
        f"return ({share} * chart.stage.{side} - s[1]) / s[0] || 1e-9; }}"
    )


@pytest.mark.slow
def test_new_points_land_among_their_like_and_above_the_others(open_page: Open) -> None:
    page = open_page("map?of=Pictures&method=PCA")
    ready(page, 1_914)
    box = page.get_by_label("New points", exact=True)
    box.fill("a bunch of sweet grapes")
    box.press("Enter")
    nearest = page.locator('[role=gridcell][aria-colindex="2"]').first
    expect(nearest).to_contain_text("grapes")
    marks = (
        "chart => chart.data.marks.length ? [chart.data.marks[0].points, chart.data.lines] : null"
    )
    points, lines = read_scatter(page, marks)
    assert len(lines) == 5
    for line in lines:
        np.testing.assert_allclose(line[:2], points[0], atol=1e-6)
    # PCA keeps large distances: what is near in truth is near here, compared with the whole map.
    ends = np.array(lines)[:, 2:]
    assert np.median(np.linalg.norm(ends - points[0], axis=1)) < 0.25
    # The star's own colour at its place, on the layer above the points.
    color = read_scatter(
        page,
        """chart => {
          const {x, y} = chart.scale(), [px, py] = chart.data.marks[0].points[0];
          const ratio = window.devicePixelRatio;
          const at = [(x[0] * px + x[1]) * ratio, (y[0] * py + y[1]) * ratio];
          return [...chart.over.getContext('2d').getImageData(...at, 1, 1).data];
        }""",
    )
    assert color == [0xD5, 0x5E, 0x00, 255]


@pytest.mark.slow
def test_a_click_selects_a_point_and_keys_undo_and_clear(open_page: Open) -> None:
    page = open_page("map?of=Custom+words&method=PCA")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 28)
    for row, word in ((3, "cow"), (15, "ship")):
        page.mouse.click(*read_scatter(page, PLACE, row))
        expect(page.get_by_role("heading", name="1 item selected")).to_be_visible()
        expect(page.locator('[role=gridcell][aria-colindex="1"]').first).to_have_text(word)
        page.evaluate("window.scrollTo(0, 0)")
    stage = page.locator(".ee-stage").first
    stage.focus()
    stage.press("Control+z")
    expect(page.locator('[role=gridcell][aria-colindex="1"]').first).to_have_text("cow")
    stage.press("Escape")
    expect(page.get_by_role("heading", name=HEADING)).to_have_count(0)
    stage.press("l")
    expect(page.get_by_role("button", name="Lasso")).to_have_attribute("aria-pressed", "true")


@pytest.mark.slow
def test_a_second_lasso_sends_no_chart_again(open_page: Open) -> None:
    page = open_page("map?of=Words&words=5000&method=PCA")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 5_000)
    lasso(page, [(0.05, 0.1), (0.5, 0.1), (0.5, 0.98), (0.05, 0.98)])
    first = selected(page)
    settled(page)
    page.evaluate(
        """() => { window.sizes = []; const send = WebSocket.prototype.send;
        WebSocket.prototype.send = function (data) {
          if (!this.heard) { this.heard = true; this.addEventListener('message', event =>
            window.sizes.push(event.data.byteLength || event.data.size)); }
          return send.call(this, data); }; }"""
    )
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    lasso(page, [(0.3, 0.02), (0.98, 0.02), (0.98, 0.98), (0.3, 0.98)])
    expect(page.get_by_role("heading", name=HEADING)).not_to_have_text(f"{first:,} items selected")
    received = page.evaluate("() => window.sizes")
    # The component's script and styles, 81 kB, come along; points and texts would be 40 kB more.
    assert received and max(received) < 100_000, received
    assert not [one for one in fetched if one.endswith(".bin")]


@pytest.mark.slow
def test_each_point_of_a_small_map_is_named(open_page: Open) -> None:
    page = open_page("map?of=Custom+words&method=PCA")
    ready(page, 28)
    names = read_scatter(page, NAMES)
    assert len(names) == 28  # some of them lie so near each other that above them there is no room
    assert {"plane", "horse", "king", "queen", "prince"} <= set(names)


@pytest.mark.slow
def test_pictures_and_names_come_with_the_zoom_and_under_the_mouse(open_page: Open) -> None:
    page = open_page("map?of=Pictures&method=PCA")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 1_914)
    names = set(read_scatter(page, NAMES))
    place = read_scatter(page, PLACE, 3)
    page.mouse.move(*place)
    card = page.locator(".ee-card")
    expect(card).to_be_visible()
    expect(card.locator("canvas")).to_be_visible()
    expect(card).to_contain_text("group")
    for _ in range(5):
        page.mouse.wheel(0, -400)
        page.wait_for_timeout(120)
    refined = read_scatter(
        page, "(chart, before) => chart.names.filter(one => !before.includes(one)).length > 4 "
        "&& chart.names", sorted(names)
    )  # fmt: skip
    assert len(refined) > 4
    # A picture in place of its point: colours that the point has not.
    read_scatter(page, "chart => [...chart.sheets.values()].some(one => one.complete)")


@pytest.fixture
def places_table(browser_home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A dataset of the server's: 100 points of two kinds."""
    monkeypatch.setenv(data_home.HOME_VARIABLE, str(browser_home))
    rows = [f"n{n},{n % 10},{n // 10},{'ab'[n % 2]},{n}" for n in range(100)]
    table = "\n".join(["name,x,y,kind,size", *rows])
    return datasets.import_table("places-of-the-map-test.csv", table.encode()).name


@pytest.mark.slow
def test_two_columns_filter_the_map_and_its_table(open_page: Open, places_table: str) -> None:
    page = open_page(f"map?of=Numeric+columns&data={places_table}&color=kind")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 100)
    page.locator(".ee-kind", has_text="a").first.click()
    assert selected(page) == 50
    bars = page.locator(".ee-facet", has_text="size").locator("canvas")
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, middle, steps=5)
    page.mouse.up()
    read_scatter(page, "chart => chart.active && Math.abs(chart.count - 25) <= 1")
    expect(page.get_by_role("heading", name=re.compile("^2[456] items selected"))).to_be_visible()


@pytest.mark.slow
def test_a_colour_of_the_panel_is_the_bars_and_the_links_too(
    open_page: Open, places_table: str
) -> None:
    page = open_page(f"map?of=Numeric+columns&data={places_table}&color=kind")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 100)
    box = page.get_by_role("combobox", name="Colour by")
    hues = "[...chart.huesOf()].map(hue => chart.colorTable()[hue])"
    page.get_by_role("button", name="Colour by size").click()
    drawn = read_scatter(page, f"chart => chart.root.dataset.color === 'size' && {hues}")
    expect(box).to_have_value("size")
    expect(page).to_have_url(re.compile("color=size"))
    sent = "JSON.stringify(chart.data.colors) === JSON.stringify(chart.colors)"
    assert read_scatter(page, f"chart => chart.colors.name === 'size' && {sent} && {hues}") == drawn
    page.wait_for_timeout(2_500)  # by then no request of before is on its way any more
    box.click()
    page.get_by_role("option", name="kind", exact=True).click()
    read_scatter(page, f"chart => chart.colors.name === 'kind' && {sent}")
    page.get_by_role("button", name="Colour by kind").click()
    read_scatter(page, f"chart => !chart.colors.name && {sent}")
    expect(box).to_have_value("one colour")
    page.go_back()
    expect(box).to_have_value("kind")
    read_scatter(page, f"chart => chart.colors.name === 'kind' && {sent}")


@pytest.mark.slow
def test_what_is_typed_is_found_and_selected(open_page: Open) -> None:
    page = open_page("map?of=Pictures&method=PCA")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 1_914)
    search = page.get_by_label("Find on the map")
    search.fill("apple")
    expect(page.locator(".ee-hits")).to_contain_text("3 matches")
    expect(page.locator(".ee-near").nth(1)).to_be_visible()  # the nearest by meaning
    page.get_by_role("button", name="Regular expression").click()
    search.fill("^(red|green) apple$")
    expect(page.locator(".ee-hits")).to_contain_text("2 matches")
    page.get_by_role("button", name="Select them").click()
    assert selected(page) == 2


@pytest.mark.slow
def test_the_page_that_stands_alone_opens_from_the_disk(
    open_page: Open, browser: Browser, tmp_path: Path
) -> None:
    page = open_page("map?of=Custom+words&method=PCA")
    ready(page, 28)
    page.get_by_text("Export", exact=True).first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Interactive HTML").click()
    path = tmp_path / "map.html"
    download.value.save_as(path)
    alone = browser.new_page()
    errors: list[str] = []
    alone.on("pageerror", lambda error: errors.append(str(error)))
    alone.goto(path.as_uri())
    assert read_scatter(alone, "chart => chart.n") == 28
    alone.get_by_label("Find on the map").fill("dog")
    expect(alone.locator(".ee-hits")).to_contain_text("1 match")
    alone.get_by_role("button", name="Select them").click()
    read_scatter(alone, ACTIVE, 1)
    assert errors == []
    alone.close()


@pytest.mark.slow
def test_points_in_space_are_selected_by_a_lasso(open_page: Open) -> None:
    page = open_page("map?of=Custom+words&method=PCA&dims=3")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 28)
    read_chart(page, "plot => plot._fullLayout.scene._scene.glplot.cameraParams")
    lasso(page, [(0.02, 0.12), (0.98, 0.12), (0.98, 0.98), (0.02, 0.98)])
    assert selected(page) == 28
