"""The Sentences page as a person uses it, in real Chromium."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import downloaded

Open = Callable[..., Page]
HTML = "<b onclick='x()'>bold</b> **x** & =1+1"
ROWS = [
    ("A jet plane took off from the airport this morning.", "sky"),
    ("She stirs the hot soup in a large pot on the stove.", "food"),
    ("An airliner left the runway early today.", "sky"),
    (HTML, "odd"),
]
HEADER, ROW = 35, 35  # heights in Streamlit's tables, in pixels


def cell(page: Page, row: int, column: str) -> Locator:
    """A cell of the first table on the page; rows from 1, as a person counts.

    One question to the page, asked anew until it holds: a tool's table may take another's place
    between a look at the heads and one at the rows.
    """
    table = page.get_by_test_id("stDataFrame").first
    head = "ancestor::*[@data-testid='stDataFrame']//*[@role='columnheader']"
    return table.locator(
        f"xpath=.//*[@role='row'][@aria-rowindex='{row + 1}']"
        f"//*[@aria-colindex={head}[normalize-space()='{column}']/@aria-colindex]"
    )


def click_row(page: Page, row: int) -> None:
    """Clicks at the left of a row of the first table, where its box to tick is."""
    table = page.get_by_test_id("stDataFrame").first.locator(".dvn-scroller").first
    table.click(position={"x": 14, "y": HEADER + ROW * (row - 1) + ROW // 2})


def choose_tool(page: Page, name: str) -> None:
    page.get_by_test_id("stButtonGroup").first.get_by_text(name, exact=True).click()


def download(page: Page, label: str, target: Path) -> Path:
    file = downloaded(page, page.get_by_role("button", name=label, exact=True))
    file.save_as(target / file.suggested_filename)
    return target / file.suggested_filename


def upload(page: Page, source: Path, rows: int) -> None:
    page.locator('input[type="file"]').first.set_input_files(source)
    expect(page.get_by_text(source.name).first).to_be_visible()
    page.get_by_role("button", name="Import dataset").click()
    expect(page.get_by_text(f"{source.stem} is ready: {rows:,} rows")).to_be_visible()


@pytest.fixture
def flights(tmp_path: Path) -> Path:
    """A table of four texts, two of which say the same, one of which is markup."""
    source = tmp_path / "flights.csv"
    with source.open("w", newline="") as stream:
        csv.writer(stream).writerows([("text", "kind"), *ROWS])
    return source


@pytest.mark.slow
def test_own_texts_are_uploaded_compared_and_exported(
    open_page: Open, flights: Path, tmp_path: Path
) -> None:
    page = open_page("sentences?do=Datasets")
    upload(page, flights, 4)
    expect(page).to_have_url(re.compile("data=flights"))
    choose_tool(page, "Nearest neighbours")
    expect(page.get_by_text("1 → 3")).to_be_visible()
    expect(cell(page, 1, "nearest by cosine")).to_have_text(re.compile("^3, "))
    expect(cell(page, 3, "nearest by cosine")).to_have_text(re.compile("^1, "))
    expect(cell(page, 3, "kind")).to_have_text("sky")
    click_row(page, 4)
    expect(page.get_by_text("4 → ")).to_be_visible()
    expect(page.get_by_role("blockquote")).to_have_text(HTML)
    expect(page.get_by_label("Row", exact=True)).to_have_value("4")
    expect(page).to_have_url(re.compile("row=4"))
    again = open_page(page.url.split("/", 3)[3])
    expect(again.get_by_text("4 → ")).to_be_visible()
    expect(again.get_by_role("blockquote")).to_have_text(HTML)

    with download(page, "Download CSV", tmp_path).open(encoding="utf-8-sig") as stream:
        lines = list(csv.reader(stream))
    assert lines[0] == ["row", "text", "nearest by cosine", "nearest by distance", "kind"]
    assert [line[2].split(", ")[0] for line in lines[1:4:2]] == ["3", "1"]
    assert [line[1] for line in lines[1:]] == [text for text, _ in ROWS]

    choose_tool(page, "Export")
    vectors = np.loadtxt(download(page, "vectors.tsv", tmp_path), delimiter="\t")
    assert vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1] * 4, abs=1e-5)
    products = vectors @ vectors.T
    assert 0.5 < products[0, 2] < 1
    assert products[0, 2] == np.triu(products, 1).max()
    metadata = download(page, "metadata.tsv", tmp_path).read_text().splitlines()
    assert metadata[0] == "row\ttext\tkind"
    assert metadata[1:] == [f"{at}\t{text}\t{kind}" for at, (text, kind) in enumerate(ROWS, 1)]


@pytest.mark.slow
def test_choosing_other_texts_does_not_complain_of_the_column(
    open_page: Open, flights: Path
) -> None:
    page = open_page("sentences?do=Datasets")
    upload(page, flights, 4)
    choose_tool(page, "Nearest neighbours")
    expect(cell(page, 1, "row")).to_have_text("1")
    page.get_by_role("combobox", name="Text column").click()
    page.get_by_role("option", name="kind", exact=True).click()
    expect(page).to_have_url(re.compile("column=kind"))
    page.get_by_role("combobox", name="Dataset", exact=True).click()
    page.get_by_role("option", name="descriptions").click()
    expect(page.get_by_text("1 → 22, 50, 33, 83, 97")).to_be_visible()
    expect(page.get_by_text("There is no column of texts")).to_have_count(0)


@pytest.mark.slow
def test_encoding_is_cancelled_and_goes_on(open_page: Open, tmp_path: Path) -> None:
    source = tmp_path / "lines.txt"
    made = (f"Note {at}: {at % 37} birds cross {at % 91} fields at dawn." for at in range(1500))
    source.write_text("\n".join(made))
    page = open_page("sentences?do=Datasets")
    upload(page, source, 1500)
    choose_tool(page, "Nearest neighbours")
    expect(page.get_by_text(re.compile(r"Encoding lines in MiniLM: \d+ of 1,500"))).to_be_visible()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_text("cancelled. What was finished is kept")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.get_by_text("Page (of 3, 500 rows each)")).to_be_visible()
    expect(page.get_by_text("cancelled. What was finished is kept")).to_have_count(0)
    page.get_by_label("Page (of 3, 500 rows each)").fill("3")
    page.get_by_label("Page (of 3, 500 rows each)").press("Enter")
    expect(cell(page, 1, "row")).to_have_text("1001")
    click_row(page, 2)
    expect(page.get_by_label("Row", exact=True)).to_have_value("1002")


@pytest.mark.slow
def test_a_link_opens_the_same_row_in_another_session(open_page: Open) -> None:
    page = open_page("sentences")
    expect(page.get_by_text("1 → 22, 50, 33, 83, 97")).to_be_visible()
    row = page.get_by_role("spinbutton", name="Row", exact=True)
    row.fill("49")
    row.press("Enter")
    expect(page.get_by_text("49 → 138, 178, 264")).to_be_visible()
    again = open_page(page.url.split("/", 3)[3])
    expect(again.get_by_text("49 → 138, 178, 264")).to_be_visible()


@pytest.mark.slow
def test_a_question_is_asked_by_typing(open_page: Open) -> None:
    page = open_page("sentences?do=Semantic+search")
    first = page.locator(".st-key-result-card-0")
    expect(first).to_contain_text("row 49")
    box = page.get_by_label("Query", exact=True)
    box.fill("a huge animal of the sea breathes")
    box.press("Enter")
    expect(first).to_contain_text(re.compile("row (10|163)"))
    expect(page).to_have_url(re.compile("ask=a"))


@pytest.mark.slow
def test_the_projector_opens_with_all_points(open_page: Open) -> None:
    page = open_page("sentences?do=Export")
    page.get_by_role("button", name="Open the projector").click()
    href = page.get_by_role("link", name="Open it in a new tab").get_attribute("href")
    assert href is not None
    assert re.match(r"http://(localhost|127\.0\.0\.1):\d+/", href)
    projector = page.context.new_page()
    projector.goto(href)
    inside = projector.frame_locator("iframe").frame_locator("iframe")
    expect(inside.get_by_text("Points: 288")).to_be_visible()
    expect(inside.get_by_text("Dimension: 384")).to_be_visible()
