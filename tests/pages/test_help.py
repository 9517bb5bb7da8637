"""Each page and tool says what it does, when it misleads, and where to read more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.ui import help as help_panel
from core.ui.help.learn import LESSONS, lessons_of
from tests.support.app_page import open_page

NAMES = {
    "words": "tool",
    "sentences": "do",
    "images": "see",
    "map": "view",
    "generate": "tool",
    "graph": "do",
    "train": "do",
    "learn": "tool",
}
ROOT = Path(__file__).resolve().parents[2]
ALL = [(page, tool) for page, module in help_panel.PAGES.items() for tool in module.TOOLS]


@pytest.mark.parametrize(
    "help_text",
    [
        *(help_panel.page_help(page) for page in (*help_panel.PAGES, *help_panel.HOUSE)),
        *(help_panel.tool_help(page, tool) for page, tool in ALL),
    ],
)
def test_a_help_text_has_all_three_parts(help_text: help_panel.Help) -> None:
    assert len(help_text.what.split()) >= 8
    assert len(help_text.misleads.split()) >= 8
    assert help_text.more
    for title, address in help_text.more:
        assert re.fullmatch(r"https://[\w./?=#()%:-]+", address), address
        assert len(title) > 5
    told = help_text.markdown()
    assert "**Caveats.** " in told
    assert f"**References.** [{help_text.more[0][0]}](" in told


@pytest.mark.parametrize("page_name", help_panel.PAGES)
def test_every_tool_that_a_page_offers_shows_its_help(page_name: str) -> None:
    key = NAMES[page_name]
    page = open_page(page_name)
    offered = list(page.segmented_control(key=key).options)
    assert offered == list(help_panel.PAGES[page_name].TOOLS)
    shown = page.main.expander[-1]
    assert shown.label == "About and caveats"
    told = "\n".join(part.value for part in shown.markdown)
    first = page.segmented_control(key=key).value
    assert help_panel.tool_help(page_name, str(first)).markdown() in told
    assert help_panel.page_help(page_name).markdown() in told


def test_lessons_name_tools_that_there_are_and_each_pages_first_tool_leads_to_one() -> None:
    named = {pair for lesson in LESSONS.values() for pair in lesson.tools}
    assert named <= {*ALL, ("map", "")}
    for page, module in help_panel.PAGES.items():
        first = next(iter(module.TOOLS))
        assert lessons_of(page, first) or page == "learn", (page, first)


@pytest.mark.parametrize("page_name", help_panel.HOUSE)
def test_pages_without_tools_show_theirs(page_name: str) -> None:
    page = open_page(page_name)
    assert page.main.expander[-1].label == "About and caveats"
    told = "\n".join(part.value for part in page.main.expander[-1].markdown)
    assert told == help_panel.page_help(page_name).markdown()


def test_every_page_has_help() -> None:
    pages = {path.stem for path in ROOT.glob("pages/*.py")}
    assert pages == {*help_panel.PAGES, *help_panel.HOUSE}
