"""Links with the names that pages, tools and choices had before."""

from __future__ import annotations

import pytest

from core.generation.small.models import EMOJI
from core.ui.common.page_icons import ICONS
from core.ui.session import old_links
from tests.support.app_page import link_warnings, open_page

WITH = {  # what shows the box, or is quicker
    "map": {"method": "PCA"},
    "by": {"do": "Semantic search"},
    "vary": {"tool": "Grid"},
}
HELD = {EMOJI.title: EMOJI.name}  # what a box holds where the address has a title
CASES = [
    (page, box, old, new)
    for page, boxes in old_links.VALUES.items()
    for box, names in boxes.items()
    for old, new in names.items()
]


@pytest.mark.parametrize(("page_name", "box", "old", "new"), CASES)
def test_an_old_value_is_taken_as_the_new_one(page_name: str, box: str, old: str, new: str) -> None:
    page = open_page(page_name, **WITH.get(page_name, {}), **WITH.get(box, {}), **{box: old})
    assert page.session_state[box] == HELD.get(new, new)
    # A box's own first value stands in no address.
    assert page.query_params.get(box) in (None, new, [new])
    assert not link_warnings(page)


def test_a_box_that_was_called_otherwise_gets_its_value() -> None:
    page = open_page("graph", graph="nations", around="cuba", do="Graph")
    assert (page.session_state["do"], page.session_state["explore"]) == ("Explore", "cuba")


@pytest.mark.parametrize(
    ("page_name", "asked", "tool"),
    [
        ("generate", {"do": "Grid"}, "Grid"),
        ("images", {"tool": "Report"}, "Evaluation"),
        ("graph", {"graph": "nations", "view": "Statistics", "do": "Train"}, "Train"),
    ],
)
def test_every_page_takes_the_name_that_another_has_for_its_tool(
    page_name: str, asked: dict[str, str], tool: str
) -> None:
    page = open_page(page_name, **asked)
    box = page.segmented_control(key=old_links.TOOL_BOXES[page_name])
    assert box.value == tool
    assert not link_warnings(page)
    assert not set(page.query_params) & set(old_links.names_of_boxes(page_name))
    box.set_value(box.options[0]).run()  # the address no longer holds what would ask for it again
    assert page.segmented_control(key=old_links.TOOL_BOXES[page_name]).value == box.options[0]


def test_no_new_name_is_an_old_one_of_the_same_box() -> None:
    for page, box, _, new in CASES:
        assert new not in old_links.VALUES[page][box]


def test_old_paths_lead_to_pages_that_are_there() -> None:
    assert set(old_links.PAGES.values()) <= set(ICONS)
    assert not set(old_links.PAGES) & set(ICONS)
