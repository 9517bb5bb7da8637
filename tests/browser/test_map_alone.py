"""A map's chart in a page that stands alone: histograms, and what is searched for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.charts import scatter, scatter_page
from core.charts.small_map import colors_of
from core.maps.colors import PLAIN, Coloring, by_kind, by_number, color_by
from tests.browser.conftest import WAIT
from tests.support.browser_charts import read_scatter

COUNT = 600
# Which parts of a histogram, of so many beside each other, have a bar.
FILLED = """(canvas, bars) => {
  const brush = canvas.getContext("2d"), step = canvas.width / bars;
  return Array.from({ length: bars }, (_, bar) =>
    brush.getImageData(Math.round((bar + 0.3) * step), canvas.height - 1, 1, 1).data[3] > 0);
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(WAIT)
    yield context.new_page()
    context.close()


def show(page: Page, columns: Mapping[str, Coloring], texts: Sequence[str] = ()) -> None:
    """Has the page show points by chance with what is known of them."""
    places = np.random.default_rng(0).normal(size=(COUNT, 2))
    told = scatter.chart_texts(texts or [f"item {at}" for at in range(COUNT)])
    page.set_content(
        scatter_page.html(
            "m",
            lambda put: scatter.payload(places, put, texts=told, columns=columns, recolor=True),
            "{}",
        )
    )
    read_scatter(page, f"chart => chart.root.dataset.drawn === '{COUNT}'")


def brush(page: Page, column: str, low: float, high: float) -> Locator:
    """Drags over a histogram between two shares of its width; what is told of the range."""
    facet = page.locator(".ee-facet").filter(has=page.get_by_role("slider", name=column))
    box = facet.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + low * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + high * box["width"], box["y"] + 20, steps=4)
    page.mouse.up()
    return facet.locator("summary .ee-score")


# The colour of each point as it is drawn, r, g and b.
DRAWN = """chart => Array.from(chart.huesOf(), hue => {
  const value = parseInt(chart.colorTable()[hue].slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
})"""


def test_a_press_colours_by_a_column_and_the_next_by_none(page: Page) -> None:
    at = np.arange(COUNT)
    kinds = np.array([f"k{n}" for n in range(30)])[at * at % 30]
    columns = {
        "kind": by_kind("kind", np.where(at % 7 == 0, "", kinds).tolist()),
        "part": by_number("part", np.where(at % 5 == 0, np.nan, np.sqrt(at))),
        "day": color_by("day", pd.Series(np.datetime64("2024-01-01") + at.astype("m8[D]"))),
    }
    show(page, columns)
    for name in ("kind", "part", "day"):
        page.get_by_role("button", name=f"Colour by {name}").click()
        drawn = read_scatter(
            page, f"chart => chart.root.dataset.color === '{name}' && ({DRAWN})(chart)"
        )
        np.testing.assert_array_equal(drawn, colors_of(columns[name], COUNT, "light"), name)
        pressed = page.get_by_role("button", name="Colour by", pressed=True)
        expect(pressed).to_have_accessible_name(f"Colour by {name}")
        expect(pressed).to_be_focused()
    page.keyboard.press("Space")
    drawn = read_scatter(page, f"chart => !chart.root.dataset.color && ({DRAWN})(chart)")
    np.testing.assert_array_equal(drawn, colors_of(PLAIN, COUNT, "light"))


@pytest.mark.slow
def test_another_colour_selects_what_the_legend_selected(page: Page) -> None:
    kinds = by_kind("kind", list("aab") * (COUNT // 3))
    show(page, {"kind": kinds, "part": by_number("part", np.arange(COUNT) / COUNT)})
    kind = page.get_by_role("button", name="Colour by kind")
    kind.click()
    page.get_by_role("button", name="b 200").click()
    read_scatter(page, "chart => chart.count === 200")
    page.get_by_role("button", name="Colour by part").click()
    facet = page.locator(".ee-facet").filter(has_text="kind")
    expect(facet.locator("summary .ee-score")).to_have_text("1 of 2")
    brush(page, "part", 0.5, 1.1)
    read_scatter(page, "chart => chart.count === 100")
    page.get_by_role("button", name="Undo the selection").click()
    kind.click()
    expect(page.get_by_role("button", name="b 200")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="a 400")).to_have_attribute("aria-pressed", "false")
    read_scatter(page, "chart => chart.count === 200")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1200, 500])
def test_points_that_are_drawn_ahead_lie_where_plotly_has_them(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    show(page, {})
    places = read_scatter(page, "chart => ({ahead: chart.firstScale(), plotly: chart.scale()})")
    for part in ("x", "y", "box"):
        assert places["ahead"][part] == pytest.approx(places["plotly"][part], abs=0.01), part


@pytest.mark.slow
def test_whole_numbers_have_bars_of_their_own_and_ranges_with_whole_ends(page: Page) -> None:
    at = np.arange(COUNT)
    years = 1990 + at % 10
    days = np.datetime64("2024-01-01") + (at % 20).astype("timedelta64[D]")
    columns = {
        "year": by_number("year", years.astype(np.float64)),
        "flag": by_number("flag", (at % 3 == 0).astype(np.float64)),
        "day": color_by("day", pd.Series(days)),
        "part": by_number("part", at / COUNT),
    }
    show(page, columns)
    for name, bars in (("year", 10), ("flag", 2), ("day", 20), ("part", 32)):
        canvas = page.get_by_role("slider", name=name)
        assert canvas.evaluate(FILLED, bars) == [True] * bars, name
    expect(brush(page, "year", 0.38, 0.62)).to_have_text("1994 to 1995")
    read_scatter(page, f"chart => chart.count === {int(((years == 1994) | (years == 1995)).sum())}")
    page.get_by_role("button", name="Clear selection and filters").click()
    expect(brush(page, "flag", 0.6, 0.99)).to_have_text("1 to 1")
    read_scatter(page, f"chart => chart.count === {COUNT // 3}")
    page.get_by_role("button", name="Clear selection and filters").click()
    expect(brush(page, "day", 0.38, 0.62)).to_have_text("2024-01-09 to 2024-01-12")
    read_scatter(page, f"chart => chart.count === {COUNT // 5}")


@pytest.mark.slow
def test_few_matches_have_rings_and_many_are_lit(page: Page) -> None:
    show(page, {}, [f"{'alpha' if at % 2 else 'beta'} {at}" for at in range(COUNT)])
    box = page.get_by_role("searchbox")
    lit = "chart => chart.plot.classList.contains('ee-dim')"
    box.fill("alpha")
    expect(page.get_by_text("300 matches")).to_be_visible()
    assert read_scatter(page, f"{lit} && chart.lightened().reduce((sum, one) => sum + one)") == 300
    box.fill("alpha 1")
    expect(page.get_by_text("120 matches")).to_be_visible()
    read_scatter(page, f"chart => !({lit})(chart)")
    box.fill("")
    read_scatter(page, f"chart => !({lit})(chart) && chart.found.length === 0")


@pytest.mark.slow
def test_long_names_cover_little_of_many_points_and_come_as_they_grow_fewer(page: Page) -> None:
    show(page, {}, [f"a sentence that is much longer than its room {at}" for at in range(COUNT)])
    covered = """chart => {
      const { box } = chart.scale(), brush = chart.over.getContext("2d");
      const areas = chart.names.map(one => chart.widthOf(brush, one) * 16);
      return areas.reduce((sum, one) => sum + one, 0) / (box[2] * box[3]);
    }"""
    far = read_scatter(page, covered)
    assert 0.05 < far < 0.08
    page.get_by_role("searchbox").fill("1")
    expect(page.get_by_text("195 matches")).to_be_visible()
    page.get_by_role("button", name="Select them").click()
    assert read_scatter(page, f"chart => chart.seen === 195 && ({covered})(chart)") > far
