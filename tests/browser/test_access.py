"""Accessible: what axe-core finds, which ``test_tools`` asks everywhere, and what it cannot see."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.browser_charts import read_chart
from tests.support.colors import DARK, LIGHT, TEXT

Open = Callable[..., Page]
# Findings inside Streamlit's own widgets that nothing here can mend: rule, the elements (or what
# they stand in), and why. Anything else that is serious or critical fails.
THEIRS = (
    (
        "color-contrast",
        "[data-testid=stWidgetLabel][disabled]",
        "the label of a box that is switched off, of which the guidelines ask no contrast; axe "
        "does not see which box it belongs to, since that has a name of its own",
    ),
)
OF_COLORS = ("color-contrast", "link-in-text-block")
SERIOUS = ("serious", "critical")
READY = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app !== null && app.dataset.testScriptState === 'notRunning'
    && document.querySelector('[data-testid=stMarkdown]') !== null
    && document.querySelector('[data-testid=stSkeleton]') === null;
}"""
# Words in charts that can hardly be read, which axe does not look at: the contrast of their fill
# with the page's ground, where they stand on it. For numbers on cells see test_charts_readable.
PALE = """() => {
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const app = document.querySelector('[data-testid=stApp]');
  const ground = light(numbers(getComputedStyle(app).backgroundColor));
  const words = [...document.querySelectorAll('.js-plotly-plot text')].filter(text =>
    text.textContent.trim() && !text.closest('.bars, .heatmaplayer, .hoverlayer, .annotation')
    && !(text.closest('.textpoint') && text.closest('.js-plotly-plot').querySelector('.hm')));
  return words.map(text => {
    const fill = light(numbers(getComputedStyle(text).fill));
    const [high, low] = fill > ground ? [fill, ground] : [ground, fill];
    return [text.textContent, (high + 0.05) / (low + 0.05)];
  }).filter(([_, contrast]) => contrast < 4.5);
}"""
# The contrast of axes' words and numbers in space with the ground of the scene.
IN_SPACE = """plot => {
  const scene = plot._fullLayout.scene;
  if (!scene?._scene?.axesOptions || !scene.bgcolor) return null;
  const light = parts => parts.map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = light([1, 3, 5].map(at => parseInt(scene.bgcolor.slice(at, at + 2), 16) / 255));
  const {tickColor, labelColor} = scene._scene.axesOptions;
  const contrasts = [...tickColor, ...labelColor].map(color => {
    const ink = light([...color].slice(0, 3));
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  });
  return contrasts;
}"""
ON_GROUND = """(plot, ground) =>
  plot._fullLayout.scene?.bgcolor?.toLowerCase() === ground"""


def settled(page: Page, rests: int = 4) -> None:
    """Waits until the script has run and stays at rest for so many quarters of a second."""
    rest = 0
    for _ in range(1_200):
        rest = rest + 1 if page.evaluate(READY) else 0
        if rest >= rests:
            return
        page.wait_for_timeout(250)
    pytest.fail(f"{page.url} did not come to rest")


def findings(page: Page, *, colors: bool) -> list[str]:
    """What axe finds that is serious or critical and ours; of colours alone, or of everything."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if colors:
        options["runOnly"] = {"type": "rule", "values": list(OF_COLORS)}
    response: dict[str, Any] = Axe().run(page, options=options).response
    found = []
    for violation in response["violations"]:
        if violation["impact"] not in SERIOUS:
            continue
        for node in violation["nodes"]:
            if not theirs(page, violation["id"], node["target"][0]):
                told = (node["any"] or node["all"] or node["none"])[0]["message"]
                found.append(f"{violation['id']}: {node['html'][:200]} ({told})")
    return found


def theirs(page: Page, rule: str, target: str) -> bool:
    """Whether an element is one that ``THEIRS`` names."""
    inside = "(element, within) => element.closest(within) !== null"
    element = page.locator(target).first
    return any(rule == named and element.evaluate(inside, within) for named, within, _ in THEIRS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "at"),
    [("map?of=Custom+words&method=PCA&dims=3", 0), ("words?q=king+-+man+%2B+woman&dims=3-D", 0)],
)
def test_words_in_space_are_read_in_light_and_dark(open_page: Open, path: str, at: int) -> None:
    """They are drawn by WebGL, so neither axe nor the style sheet sees them."""
    page = open_page(path)

    def expect_readable(ground: str) -> None:
        read_chart(page, ON_GROUND, ground, at=at)
        assert min(read_chart(page, IN_SPACE, at=at)) >= TEXT

    def turn(scheme: Literal["light", "dark"]) -> None:
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(1_000)
        assert min(read_chart(page, IN_SPACE, at=at)) >= TEXT

    expect_readable(LIGHT)
    turn("dark")
    page.reload()
    expect_readable(DARK)
    turn("light")


@pytest.mark.slow
def test_tables_offer_no_export_that_leaves_formulas_in(open_page: Open) -> None:
    page = open_page("words?q=king+-+man+%2B+woman")
    settled(page)
    page.get_by_test_id("stDataFrame").first.hover()
    expect(page.get_by_label(re.compile("^Search")).first).to_be_visible()
    own = page.get_by_label(re.compile("^Download as CSV"))
    expect(own.first).to_be_attached()
    for at in range(own.count()):
        expect(own.nth(at)).to_be_hidden()
    expect(page.get_by_role("button", name="Download CSV").first).to_be_visible()
