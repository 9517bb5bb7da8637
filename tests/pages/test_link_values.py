"""Values of a link that a page cannot take: each is told, none is changed without a word."""

from __future__ import annotations

import pytest

from tests.support.app_page import checked, link_warnings, open_page


@pytest.mark.parametrize("asked", ["nonsense", "-1", "1e30", "nan", "inf", "-Infinity", "2.5"])
def test_a_number_that_cannot_be_set_is_told_with_what_is_taken(asked: str) -> None:
    page = open_page("generate", random="false", seed=asked, prompt="cat")
    taken = 2 if asked == "2.5" else 0
    assert page.number_input(key="seed").value == taken
    [told] = link_warnings(page)
    wanted = f"In “Seed” the link asks for “{asked}”, which is no number that can be set here: "
    assert told == f"{wanted}{taken} is taken."


def test_it_is_told_until_another_value_is_chosen() -> None:
    page = open_page("words", k="0", q="king")
    assert "In “Results” the link asks for “0”" in link_warnings(page)[0]
    assert len(link_warnings(checked(page))) == 1
    page.number_input(key="k").set_value(3)
    assert not link_warnings(checked(page))
    page.switch_page("pages/generate.py")
    assert not link_warnings(checked(page))


def test_what_can_be_is_taken_without_a_word() -> None:
    page = open_page("words", k="7.0", q="infinity", inputs="TRUE", dims="3-D", tool="Formula")
    assert page.number_input(key="k").value == 7
    assert page.text_input(key="q").value == "infinity"
    assert not link_warnings(page)
    assert not link_warnings(open_page("words", k="10", inputs="false"))  # the boxes' own


def test_several_are_told_and_words_that_look_like_numbers_stay() -> None:
    page = open_page("words", k="inf", q="inf", inputs="yes", space="<b>none</b>", tool="x")
    assert page.text_input(key="q").value == "inf"
    told = " ".join(link_warnings(page))
    for label, asked, taken in (
        ("Results", "inf", "which is no number that can be set here: 10"),
        ("Include query words", "yes", "which is neither True nor False: False"),
        ("Embedding model", "<b>none</b>", "which is not here: minilm-layer2"),
        ("Tool", "x", "which is not here: Formula"),
    ):
        assert f"In “{label}” the link asks for “{asked}”, {taken} is taken." in told
    assert "minilm-layer2 is taken. Choose another" in told
    assert len(link_warnings(page)) == 4


def test_what_a_tool_asks_that_opens_later_is_told_then() -> None:
    page = open_page("generate", tool="History", steps="x")
    assert not link_warnings(page)
    page.segmented_control(key="tool").set_value("Image")
    [told] = link_warnings(checked(page))
    assert told.startswith("In “Steps” the link asks for “x”")
    assert told.endswith("20 is taken.")


def test_an_infinite_number_stops_no_page_that_sets_its_boxes_itself() -> None:
    page = open_page("generate", steps="inf", guidance="-inf", prompt="inf", seed="1e999")
    assert page.number_input(key="steps").value == 20
    assert page.number_input(key="guidance").value == 3
    assert page.text_input(key="prompt").value == "inf"
    assert sorted(one.split(":")[1] for one in link_warnings(page)) == [
        " 0 is taken.",
        " 20 is taken.",
        " 3 is taken.",
    ]


@pytest.mark.parametrize(
    ("page_name", "name", "default"),
    [
        ("words", "tool", "Formula"),
        ("words", "dims", "2-D"),
        ("sentences", "do", "Nearest neighbours"),
        ("images", "see", "Search"),
        ("map", "view", "Projection"),
        ("map", "of", "Pictures"),
        ("map", "clusters", "none"),
        ("generate", "tool", "Image"),
        ("graph", "do", "Explore"),
    ],
)
def test_an_empty_choice_is_the_default_and_told(page_name: str, name: str, default: str) -> None:
    page = open_page(page_name, method="PCA", **{name: ""})
    chosen = next(one for one in page.get("button_group") if one.proto.query_param_key == name)
    assert chosen.value == default
    wanted = f"In “{chosen.label}” the link asks for “”, which is not here: {default} is taken."
    assert wanted in link_warnings(page)
    assert name not in page.query_params


def test_a_browser_that_chooses_none_gets_the_default() -> None:
    page = open_page("words", q="king")
    page.segmented_control(key="tool").set_value(None)
    assert page.segmented_control(key="tool").value is None
    assert not checked(page).error
    assert page.text_input(key="q").value == "king"  # the tool Formula is there
