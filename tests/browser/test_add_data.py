"""Add data in real Chromium: from a dropped file to a coloured map in three clicks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import settled

Open = Callable[..., Page]
TABLE = """id;Bewertung;Preis;Sorte
1;Das Essen war gut und reichlich;12,50;gut
2;Der Service war sehr langsam;8,90;schlecht
3;Ein schöner Abend am Fluss;9,75;gut
4;Wieder kaltes Essen bekommen;7,10;schlecht
5;Wir kommen gern noch einmal;11,00;gut
6;Der Kellner hat uns vergessen;6,40;schlecht
"""


def test_from_a_dropped_table_to_a_coloured_map_in_three_clicks(
    open_page: Open, tmp_path: Path
) -> None:
    source = tmp_path / "umfrage.csv"
    source.write_bytes(TABLE.encode("cp1252"))
    page = open_page("")
    page.get_by_role("button", name="Add data", exact=True).click()  # the first click
    dialog = page.get_by_role("dialog")
    dialog.locator('input[type="file"]').set_input_files(source)  # dropped
    expect(dialog.get_by_text("6 rows taken", exact=False)).to_be_visible(timeout=60_000)
    expect(dialog.get_by_text("encoding Windows-1252", exact=False)).to_be_visible()
    expect(dialog.get_by_text("decimal sign “,”", exact=False)).to_be_visible()
    dialog.get_by_role("button", name="Map", exact=True).click()  # the second
    expect(page).to_have_url(re.compile(r"/map\?.*data=umfrage"), timeout=60_000)
    expect(page.get_by_role("dialog")).to_have_count(0)
    # No third is needed: the legend names the column's values, each with its number of points.
    expect(page.get_by_text("6 points", exact=True)).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Sorte", exact=True).first).to_be_visible()
    expect(page.get_by_text("schlecht", exact=True).first).to_be_visible()


@pytest.mark.slow
def test_data_are_added_on_a_page_whose_boxes_are_those_of_the_link(open_page: Open) -> None:
    """Streamlit itself refuses a change of pages with what a box of this page is bound to."""
    page = open_page("sentences")
    dialog = page.get_by_role("dialog")

    def paste() -> None:
        page.get_by_role("button", name="Add data", exact=True).click()
        lines = dialog.get_by_role("textbox", name="Or lines that you paste")
        lines.fill("x,y,name\n1.5,2,one thing\n2,3.5,another thing\n0.5,1,the last of them\n")
        lines.press("Control+Enter")
        expect(dialog.get_by_text("3 rows taken", exact=False)).to_be_visible(timeout=60_000)

    paste()
    dialog.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("pasted", exact=True).first).to_be_visible(timeout=60_000)
    settled(page)
    paste()
    dialog.get_by_role("button", name="Map", exact=True).click()
    expect(page).to_have_url(re.compile(r"/map\?.*data=pasted"), timeout=60_000)
    expect(page.get_by_text("3 points", exact=True)).to_be_visible(timeout=120_000)
