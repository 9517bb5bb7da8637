"""From page to page with texts: own texts to a map and back as a dataset; two spaces of one."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from core.base.types import FloatArray
from core.maps import row_ranges
from core.sentences import datasets
from core.spaces import registry
from tests.browser.test_map import lasso, ready
from tests.browser.test_sentences import cell, choose_tool, download, upload
from tests.support.browser_charts import read_chart

Open = Callable[..., Page]
KINDS = ("card_arrival", "exchange_rate", "change_pin", "top_up_failed", "age_limit")
ODD = [
    ("=1+1 is what I typed and my card was declined", "odd"),
    ("<b onclick='x()'>bold</b> **card** & \"quoted\", with a comma", "odd"),
    ("- 'tis a card, is it?", "odd"),
]
# Places of a map's points and their items as they are drawn, where the first is where it is asked.
DRAWN = """(plot, first) => {
  const trace = plot._fullData[0];
  return (first === null || Math.abs(trace.x[0] - first) < 1e-3)
    && {x: [...trace.x], y: [...trace.y], text: [...(trace.hovertext || trace.text || [])]};
}"""


@pytest.fixture
def questions(shared_data: Callable[[str], Path], tmp_path: Path) -> tuple[Path, list[list[str]]]:
    """Customers' questions of six kinds and three odd texts, as a CSV; and its rows."""
    with shared_data("text/banking77.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    chosen = [row for kind in KINDS for row in [r for r in rows if r[1] == kind][:25]]
    chosen += [list(row) for row in ODD]
    path = tmp_path / "questions.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["question", "kind"], *chosen])
    return path, chosen


@pytest.mark.slow
def test_own_texts_become_a_map_a_part_of_it_is_exported_and_opens_as_a_dataset(
    open_page: Open, questions: tuple[Path, list[list[str]]], tmp_path: Path
) -> None:
    source, rows = questions
    page = open_page("sentences?do=Datasets")
    page.set_viewport_size({"width": 1440, "height": 1900})
    upload(page, source, len(rows))
    choose_tool(page, "Nearest neighbours")
    expect(cell(page, 1, "kind")).to_have_text("card_arrival")
    page.get_by_role("link", name="See these texts as a map").click()
    ready(page, len(rows))
    expect(page.get_by_text(re.compile(f"^{len(rows)} points by UMAP"))).to_be_visible()
    lasso(page, [(0.5, 0.01), (0.99, 0.01), (0.99, 0.99), (0.5, 0.99)])
    heading = page.get_by_role("heading", name=re.compile("items? selected"))
    expect(heading).to_be_visible()
    count = int(re.sub(r"\D", "", heading.inner_text()))
    assert 10 <= count < len(rows)
    with download(page, "Download CSV", tmp_path).open(encoding="utf-8-sig", newline="") as stream:
        selected = list(csv.DictReader(stream))
    assert len(selected) == count
    page.get_by_role("button", name="Re-project selection").click()
    expect(page.get_by_text(f"Only {count} items of {len(rows)} are projected")).to_be_visible()
    expect(page.get_by_text(re.compile(f"^{count} points by UMAP"))).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_text("Export", exact=True).click()
    table = pd.read_parquet(download(page, "Table (Parquet)", tmp_path))
    assert set(table["id"]) == {row["id"] for row in selected}
    told = {str(at): row for at, row in enumerate(rows, 1)}
    for one in table.itertuples():
        assert [one.text, one.kind] == told[one.id]
    recipe = json.loads(download(page, "Settings (JSON)", tmp_path).read_bytes())
    ids, texts = [str(at) for at in range(1, len(rows) + 1)], [row[0] for row in rows]
    part = row_ranges.unpack(recipe["part"], ids, texts)
    assert [ids[row] for row in part] == table["id"].tolist()
    page.get_by_text("The points as a table").click()
    (tmp_path / "map.csv").write_bytes(download(page, "Download CSV", tmp_path).read_bytes())
    page.get_by_role("radio", name="PCA").click()
    expect(page).to_have_url(re.compile("method=PCA"))  # though “Map only these” moved it

    for name, held in (
        ("part-parquet", next(tmp_path.glob("map-*.parquet"))),
        ("part-csv", tmp_path / "map.csv"),
    ):
        copy = held.with_stem(name)
        copy.write_bytes(held.read_bytes())
        again = open_page("sentences?do=Datasets")
        upload(again, copy, count)
        choose_tool(again, "Export")
        expect(again.get_by_role("combobox", name="Text column")).to_have_value("text")
        back = pd.read_parquet(download(again, "Parquet", tmp_path))
        assert back["text"].tolist() == table["text"].tolist()
        assert back["kind"].tolist() == table["kind"].tolist()
        assert back["id"].astype(str).tolist() == table["id"].tolist()
    _its_places_are_a_map_too(again, table)


def _its_places_are_a_map_too(page: Page, table: pd.DataFrame) -> None:
    """The export that is chosen on the page Sentences, on the page Map: by meaning and as it is."""
    page.get_by_role("link", name="See these texts as a map").click()
    ready(page, len(table))
    expect(page.get_by_role("combobox", name="Dataset", exact=True)).to_have_value("part-csv")
    page.get_by_test_id("stSidebar").get_by_text("Numeric columns", exact=True).click()
    expect(page.get_by_text("as they are", exact=False).first).to_be_visible()
    shown = read_chart(page, DRAWN, float(table["x"].iloc[0]))
    np.testing.assert_allclose(shown["x"], table["x"], atol=1e-4)
    np.testing.assert_allclose(shown["y"], table["y"], atol=1e-4)


def brute_force(vectors: FloatArray, k: int) -> list[set[int]]:
    """The k nearest others of each row by cosine, from the whole table of products."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    products = unit @ unit.T
    np.fill_diagonal(products, -np.inf)
    return [set(row[:k].tolist()) for row in np.argsort(-products, axis=1)]


def nearest_on_map(points: FloatArray, k: int) -> list[set[int]]:
    """The k nearest others of each point."""
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(away, np.inf)
    return [set(row[:k].tolist()) for row in np.argsort(away, axis=1)]


def shares(first: list[set[int]], second: list[set[int]], k: int) -> FloatArray:
    pairs = zip(first, second, strict=True)
    return np.array([len(one & other) / k for one, other in pairs], dtype=np.float32)


@pytest.mark.slow
def test_two_spaces_of_one_dataset_share_neighbors_and_are_seen_as_aligned_maps(
    open_page: Open, tmp_path: Path
) -> None:
    page = open_page("sentences?do=Compare+models")
    page.set_viewport_size({"width": 1440, "height": 1900})
    metric = page.get_by_test_id("stMetricValue")
    expect(metric).to_have_text(re.compile(r"\d"))
    texts = datasets.load_texts(datasets.find_dataset("descriptions")).texts
    vectors = [
        registry.find_space(name).text_encoder().encode_texts(texts).vectors
        for name in ("minilm", "minilm-layer2")
    ]
    true = shares(brute_force(vectors[0], 5), brute_force(vectors[1], 5), 5)
    assert float(metric.inner_text().rstrip("%")) == pytest.approx(100 * true.mean(), abs=0.15)
    with download(page, "Download CSV", tmp_path).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    told = np.array([float(row["shared"]) for row in rows])
    assert (np.diff(told) >= 0).all()  # those that share least come first
    by_row = true[[int(row["row"]) - 1 for row in rows]]
    assert (np.abs(told - by_row) > 1e-6).sum() <= 2  # where two are as near as each other

    page.get_by_role("link", name="Compare projections of both models").click()
    expect(page.get_by_text(re.compile("of the squared distances remain"))).to_be_visible()
    expect(page.get_by_role("combobox", name="Embedding model of the right map")).to_have_value(
        "minilm-layer2"
    )
    left, right = (read_chart(page, DRAWN, at=at) for at in (0, 1))
    first = np.stack([left["x"], left["y"]], axis=1)
    second = np.stack([right["x"], right["y"]], axis=1)
    assert first.shape == second.shape == (len(texts), 2)
    assert np.linalg.norm(first - second) > 0.1
    # No turn, mirroring, scale or shift brings the right map nearer to the left one.
    np.testing.assert_allclose(first.mean(axis=0), second.mean(axis=0), atol=1e-4)
    one, two = first - first.mean(axis=0), second - second.mean(axis=0)
    u, sizes, vt = np.linalg.svd(two.T @ one)
    np.testing.assert_allclose(u @ vt, np.eye(2), atol=1e-3)
    assert sizes.sum() / np.square(two).sum() == pytest.approx(1, abs=1e-3)
    remains = np.square(one - two).sum() / np.square(one).sum()
    expect(page.get_by_text(f"{remains:.0%} of the squared distances remain")).to_be_visible()

    with download(page, "Download CSV", tmp_path).open(encoding="utf-8-sig", newline="") as stream:
        moved = list(csv.DictReader(stream))
    overlap = shares(nearest_on_map(first, 15), nearest_on_map(second, 15), 15)
    away = np.linalg.norm(first - second, axis=1) / np.linalg.norm(first.std(axis=0))
    at = [int(row["id"]) - 1 for row in moved]
    np.testing.assert_allclose(
        [float(row["moved, in widths of the map"]) for row in moved], away[at], atol=1e-3
    )
    named = np.array([float(row["neighbours in common"]) for row in moved])
    assert (np.diff(named) >= 0).all()
    assert (np.abs(named - overlap[at]) > 1e-3).sum() <= 3  # points drawn in single precision
    assert [row["text"] for row in moved] == [texts[row] for row in at]
