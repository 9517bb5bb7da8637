"""What the page's Plotly charts show, read so that a chart that is being replaced is no fault."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# Asking and reading are one step in the browser: between two the chart could be replaced.
_READ = """([at, argument]) => {
  const plot = document.querySelectorAll('.js-plotly-plot')[at];
  if (!plot || !plot._fullData?.length || !plot._fullLayout || !plot.layout) return null;
  const found = (READER)(plot, argument) ?? null;
  return found === null || found === false ? null : {found};
}"""


_READ_SCATTER = """([at, argument]) => {
  const chart = document.querySelectorAll('.ee-scatter')[at]?.scatter;
  if (!chart || !chart.drawn || !chart.root.dataset.drawn) return null;
  const found = (READER)(chart, argument) ?? null;
  return found === null || found === false ? null : {found};
}"""


def read_scatter(page: Page, reader: str, argument: Any = None, *, at: int = 0) -> Any:
    """As ``read_chart``, of a map's chart: ``reader`` is given the object of the script."""
    script = _READ_SCATTER.replace("READER", reader)
    handle = page.wait_for_function(script, arg=[at, argument], timeout=240_000)
    return handle.json_value()["found"]


def read_chart(page: Page, reader: str, argument: Any = None, *, at: int = 0) -> Any:
    """What ``reader`` finds in the page's chart number ``at``, as soon as it finds anything.

    Args:
        page: the page with the chart.
        reader: a JavaScript function of the chart's element and of ``argument``; null,
            undefined and false mean that what is looked for is not there yet.
        argument: anything that JSON holds.
        at: the chart's number among those of the page, from 0.

    Raises:
        playwright.sync_api.TimeoutError: nothing was found within four minutes (the first map
            of a fresh server waits for loops to be compiled).
    """
    script = _READ.replace("READER", reader)
    handle = page.wait_for_function(script, arg=[at, argument], timeout=240_000)
    return handle.json_value()["found"]
