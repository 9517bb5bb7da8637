"""Names of clusters that come with the zoom, and lines of equal density."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from core.sentences import datasets
from core.storage import data_home
from tests.browser.test_map import ready
from tests.support.browser_charts import read_chart, read_scatter

Open = Callable[..., Page]
FRUIT, CARS = ("apple", "pear"), ("truck", "bus")


@pytest.fixture
def nested(browser_home: object, monkeypatch: pytest.MonkeyPatch) -> str:
    """A dataset of the server's: two groups far apart, each of two that are near each other."""
    monkeypatch.setenv(data_home.HOME_VARIABLE, str(browser_home))
    rng = np.random.default_rng(0)
    rows = ["name,x,y"]
    for middle, kind in zip((0, 6, 60, 66), (*FRUIT, *CARS), strict=True):
        for x, y in rng.normal(size=(150, 2)):
            group = "fruit" if kind in FRUIT else "vehicle"
            rows.append(f"{kind} {group},{middle + x:.4f},{y:.4f}")
    return datasets.import_table("nested-of-the-map-test.csv", "\n".join(rows).encode()).name


@pytest.mark.slow
def test_names_of_clusters_refine_with_the_zoom(open_page: Open, nested: str) -> None:
    page = open_page(
        f"map?of=Numeric+columns&data={nested}&color=one+colour&clusters=HDBSCAN&clusters-least=40"
    )
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 600)
    far = read_scatter(page, "chart => chart.grained.length === 2 && chart.grained")
    assert sorted(name.split(", ")[0] for name in far) == ["fruit", "vehicle"]
    page.evaluate(
        """() => window.Plotly.relayout(document.querySelector('.ee-scatter').scatter.plot,
          {'xaxis.range': [-6, 12], 'yaxis.range': [-6, 6]})"""
    )
    near = read_scatter(
        page,
        "(chart, far) => chart.grained.some(one => !far.includes(one)) && chart.grained",
        far,
    )
    assert {name.split(", ")[0] for name in near} == set(FRUIT), (far, near)


@pytest.mark.slow
def test_lines_of_equal_density_lie_about_the_groups(open_page: Open, nested: str) -> None:
    page = open_page(f"map?of=Numeric+columns&data={nested}&color=one+colour&contours=true")
    ready(page, 600)
    z, x0, dx = read_chart(
        page, "plot => plot.data[1]?.type === 'contour' && "
        "[plot.data[1].z, plot.data[1].x0, plot.data[1].dx]"
    )  # fmt: skip
    dense = np.array(z).max(axis=0)
    places = x0 + dx * np.arange(len(dense))
    for low, high in ((-3, 9), (57, 69)):
        assert dense[(places > low) & (places < high)].max() > 0.5 * dense.max()
    assert dense[(places > 20) & (places < 50)].max() == 0
    page.wait_for_selector(".contourlines path, .contourlevel path", state="attached")


@pytest.mark.slow
def test_names_of_clusters_stand_above_pictures(open_page: Open) -> None:
    page = open_page("map?of=Pictures&method=PCA&clusters=HDBSCAN")
    page.set_viewport_size({"width": 1440, "height": 900})
    ready(page, 1_914)
    read_scatter(page, "chart => chart.pictured.size > 10 && chart.grained.length > 1")
