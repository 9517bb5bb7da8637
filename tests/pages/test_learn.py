"""Learn: every step of every lesson, on the real models."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.cache import lessons as lessons_cache
from core.spaces import registry
from core.ui.help import learn as help_learn
from core.ui.learn import context, course, denoising, dimensions
from core.ui.learn.lessons import LESSONS
from tests.support.app_page import checked, link_warnings, open_page


@pytest.fixture(autouse=True)
def few_emoji(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two emoji of a kind go through the network, where lesson 5 compares layers."""
    monkeypatch.setattr(lessons_cache, "OF_KIND", 2)


def guess_box(page: AppTest) -> Any:
    """The box of the prediction."""
    kinds = (page.radio, page.number_input, page.text_input)
    [box] = [box for kind in kinds for box in kind if str(box.key).startswith("learn-guess")]
    return box


def check(page: AppTest, guess: object = None) -> AppTest:
    """The step with a prediction, checked; without a ``guess`` it is the first that can be made."""
    box = guess_box(page)
    if guess is None:
        first = {"radio": lambda: unescaped(box.options[0]), "number_input": lambda: box.min}
        guess = first.get(box.type, lambda: "queen, throne")()
    box.set_value(guess)
    next(button for button in page.button if button.label == "Check").click()
    return checked(page)


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def verdict(page: AppTest) -> str:
    """What the page says of the prediction."""
    [told] = [*page.success, *[one for one in page.warning if "The link" not in one.value]]
    return unescaped(told.value)


QUICK = ("words", "facts")  # the other lessons are done by the slow tests


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in LESSONS],
)
def test_every_step_of_a_lesson_can_be_done_and_the_end_leads_on(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # AppTest asks for the labels anew, outside of the session that knows which lesson is done.
    monkeypatch.setattr(course, "_labelled", str)
    lesson = LESSONS[name]
    page = open_page("learn", lesson=name)
    for number, step in enumerate(lesson.steps, start=1):
        assert page.subheader[0].value == f"{number}. {step.title}"
        assert not page.error, page.error[0].value
        assert not page.success, "nothing is told before the prediction"
        check(page)
        assert not page.error, page.error[0].value
        assert verdict(page)
        if number < len(lesson.steps):
            page.button(key="learn-Next").click()
            checked(page)
    told = page.segmented_control(key="learn-steps").options
    assert told == [f"{at} ✓" for at in range(1, len(lesson.steps) + 1)]
    assert "##### Go on in the tools" in [one.value for one in page.markdown]
    page.button(key="learn-whole").click()
    checked(page)
    titles = [f"{number}. {step.title}" for number, step in enumerate(lesson.steps, start=1)]
    assert [one.value for one in page.subheader] == titles
    assert len([*page.success, *page.warning]) == len(lesson.steps)  # each with its result


def test_the_lessons_of_the_help_are_those_that_there_are() -> None:
    assert list(help_learn.LESSONS) == list(LESSONS)


def test_the_list_opens_a_lesson_and_says_what_is_done() -> None:
    page = open_page("learn")
    assert "0 of 5 steps done" in [one.value for one in page.caption]
    page.button(key="learn-open-words").click()
    checked(page)
    assert page.query_params["lesson"] == "words"
    check(page, 190)
    page.button(key="learn-Next").click()
    checked(page)
    assert page.query_params["step"] == "2"
    page.button(key="learn-Back").click()
    checked(page)
    assert page.segmented_control(key="learn-steps").options[:2] == ["1 ✓", "2"]


def test_what_is_told_is_computed_from_the_learners_words() -> None:
    page = open_page(
        "learn", lesson="words", step="2", **{"word": "dog", "word-2": "car", "word-3": "puppy"}
    )
    told = verdict(check(page, "car"))
    assert "You chose: car. The model gives: puppy." in told
    page.text_input(key="word-3").set_value("cloud")
    checked(page)
    assert not [*page.success, *page.warning], "another input asks for another prediction"
    assert guess_box(page).value is None


def test_nothing_is_computed_without_a_prediction() -> None:
    page = open_page("learn", lesson="words", step="3")
    next(button for button in page.button if button.label == "Check").click()
    checked(page)
    assert "Predict first" in page.info[0].value
    assert not page.success
    assert not page.warning


@pytest.mark.parametrize(
    ("factor", "change"),
    [(2.0, "It stays the same"), (-2.0, "It changes its sign")],
)
def test_scale_leaves_the_cosine_and_turning_flips_it(factor: float, change: str) -> None:
    page = open_page("learn", lesson="words", step="4")
    page.select_slider(key="learn-factor").set_value(factor)
    checked(page)
    assert verdict(check(page, change)).startswith(f"**Right: {change}.")


def test_the_numbers_of_lesson_2_are_those_of_the_sentence() -> None:
    page = open_page("learn", lesson="context", sentence="a b c d", window="1")
    assert "it is 6" in verdict(check(page, 0))
    page = open_page("learn", lesson="context", step="3", sentence="a b c d")
    assert verdict(check(page, 4)).startswith("**Close. You said 4.00; it is 4.16.")
    page = open_page("learn", lesson="context", step="4")
    assert "Right: It becomes smaller." in verdict(check(page, "It becomes smaller"))
    page = open_page("learn", lesson="context", step="5")
    check(page, 1)
    assert page.dataframe[0].value["window 2"][0] == "queen"


def test_the_answers_of_lesson_3_are_the_models() -> None:
    page = open_page("learn", lesson="arithmetic")
    told = verdict(check(page, "queen, prince"))
    assert "among the 8 nearest words: queen" in told
    assert page.dataframe[0].value["word"][0] == "queen"
    page = open_page("learn", lesson="arithmetic", step="2")
    assert "Right: king." in verdict(check(page, "king"))
    page = open_page("learn", lesson="arithmetic", step="3", analogy="male and female")
    assert "it is 0%" in verdict(check(page, 50))
    page = open_page("learn", lesson="arithmetic", step="5", professions="nurse, carpenter")
    assert "Right: nurse." in verdict(check(page, "nurse"))


def test_all_dimensions_keep_all() -> None:
    page = open_page("learn", lesson="dimensions", step="2", **{"dims-kept": "384"})
    assert "Right: it is 100%" in verdict(check(page, 100))
    page = open_page("learn", lesson="dimensions", step="3", **{"dims-kept": "384"})
    assert "Right: it is 10." in verdict(check(page, 10))
    page = open_page("learn", lesson="dimensions", step="4", **{"dims-kept": "384"})
    assert verdict(check(page, dimensions.ALIKE)).startswith("**Right: Both keep as many")
    assert list(page.dataframe[0].value.iloc[-1])[1:] == ["100%", "100%"]
    page = open_page("learn", lesson="dimensions", step="3", **{"neighbours-of": "notaword"})
    assert "Take another word" in page.info[0].value


def test_the_shapes_of_lesson_5_are_those_of_the_network() -> None:
    page = open_page("learn", lesson="network")
    assert "Right: it is 150,528." in verdict(check(page, 224 * 224 * 3))
    page = open_page("learn", lesson="network", step="2")
    assert "Right: 32 × 112 × 112." in verdict(check(page, "32 × 112 × 112"))
    page = open_page("learn", lesson="network", step="3", **{"lesson-picture": "red apple"})
    assert "Right: stem." in verdict(check(page, "stem"))
    assert list(page.dataframe[0].value["shape"])[-2:] == ["1,280 × 7 × 7", "1,280"]
    page = open_page("learn", lesson="network", **{"lesson-picture": "[nothing.png]"})
    assert "Dropped pictures are kept for a day" in unescaped(page.info[0].value)
    page = open_page("learn", lesson="network", **{"lesson-picture": "no such thing"})
    assert "There is no picture called [no such thing]" in unescaped(page.error[0].value)


def test_a_dropped_picture_of_an_odd_mode_goes_through_the_network() -> None:
    page = open_page("learn", lesson="network", step="3")
    stream = io.BytesIO()
    Image.new("P", (7, 3), 3).save(stream, "GIF")
    pictures = page.session_state["dropped"]
    pictures.add("small.gif", stream.getvalue())
    page.text_input(key="lesson-picture").set_value("[small.gif]")
    checked(page)
    assert "stem has 401,408 numbers" in verdict(check(page))


def test_the_numbers_of_lesson_6_are_those_of_both_encoders() -> None:
    page = open_page("learn", lesson="encoders", **{"lesson-text": " ", "lesson-text-2": "snow"})
    assert "Right: it is 2." in verdict(check(page, 2))
    assert page.dataframe[0].value["token"].tolist() == ["[CLS]", "[SEP]", "[PAD]"]
    assert any("filled up with 1 [PAD]" in one.value for one in page.caption)
    page = open_page("learn", lesson="encoders", step="2")
    assert "Right: (1, 384)." in verdict(check(page, "(1, 384)"))
    page = open_page("learn", lesson="encoders", step="3")
    assert "it is 4: your guess is 3 too low" in verdict(check(page, 1))
    page = open_page("learn", lesson="encoders", step="3", **{"captions": "one\ntwo"})
    assert "there are 2" in page.info[0].value
    page = open_page("learn", lesson="encoders", step="4", space="efficientnet-lite0")
    check(page, 50)
    assert "takes pictures alone" in page.error[0].value


@pytest.mark.parametrize("sentence", ["", "one", "!!! ???", "語"])
def test_a_text_without_words_is_told(sentence: str) -> None:
    page = open_page("learn", lesson="context", sentence=sentence or " ")
    assert "at least two words" in page.error[0].value


def test_words_in_any_script_empty_ones_and_the_same_twice() -> None:
    for word in ("Straße", "日本", "🦊", "x" * 80, "[ö](http://a.b) $1$"):
        page = open_page("learn", lesson="words", step="1", word=word)
        assert "numbers" in verdict(check(page, 100))
    page = open_page("learn", lesson="words", step="3", **{"word-2": " "})
    assert page.info[0].value == "Type a word in each box."
    page = open_page("learn", lesson="words", step="3", **{"word": "cat", "word-2": "CAT "})
    assert page.info[0].value == "Type different words."


def test_links_to_what_is_not_there_are_told() -> None:
    page = open_page("learn", lesson="nothing")
    assert "There is no lesson called “nothing”" in page.warning[0].value
    for step in ("99", "0", "x", "1e9", "9" * 40):
        page = open_page("learn", lesson="words", step=step)
        assert page.subheader[0].value.startswith("1. ")
        assert link_warnings(page)[0].startswith(f"In “step” the link asks for “{step[:30]}")


def test_look_inside_a_text_and_a_picture() -> None:
    page = open_page("learn", tool="Look inside", look="Snow fox")
    tokens, shapes, words = (table.value for table in page.dataframe)
    assert tokens["token"].tolist() == ["[CLS]", "snow", "fox", "[SEP]"]
    assert tokens["attention_mask"].tolist() == [1, 1, 1, 1]
    assert shapes["shape"].tolist()[-1] == "(1, 384)"
    assert "fox" in words["word"].tolist()
    page = open_page("learn", tool="Look inside", look="[1F34E]")
    shapes, words = (table.value for table in page.dataframe)
    assert shapes["shape"].tolist()[0] == "(1, 3, 80, 80)"
    assert "apple" in words["word"].tolist()
    for empty in ("[]", "[none.png]", " "):
        assert not open_page("learn", tool="Look inside", look=empty).dataframe


@pytest.mark.parametrize(
    ("asked", "look"), [("king", "king"), ('2*"new york"', "new york"), ("king - man", None)]
)
def test_a_result_of_one_term_can_be_looked_into(asked: str, look: str | None) -> None:
    page = open_page("words", q=asked, space="minilm")
    links = [one.proto for one in page.get("page_link") if one.proto.label == "Look inside"]
    assert [f"look={look.replace(' ', '+')}" in link.query_string for link in links] == (
        [] if look is None else [True]
    )


def test_a_teachers_link_names_lessons() -> None:
    page = open_page("learn", lessons="context, words,nonsense")
    assert "no lesson: “nonsense”" in page.warning[0].value
    assert page.radio(key="learn-lesson").options == ["1. Words as numbers", "2. Context"]
    page.multiselect[0].set_value(["dimensions", "words"])
    checked(page)
    assert page.code[0].value == "learn?lessons=words,dimensions"
    page = open_page("learn", lessons="context,words", lesson="words", step="5")
    check(page)
    page.button(key="learn-Next lesson: Context").click()
    checked(page)
    assert "Lesson 2 of 2 · Context" in [one.value for one in page.caption]
    page = open_page("learn", lessons="context", lesson="words")  # which the plan lacks
    assert page.subheader[0].value.startswith("1. ")
    assert len(open_page("learn", lessons="x").radio(key="learn-lesson").options) == len(LESSONS)


def test_a_lesson_leads_into_another_part_of_learn() -> None:
    page = open_page("learn", lesson="encoders", step="5", **{"lesson-picture": "red apple"})
    check(page)
    zero_shot = page.get("page_link")[0].proto.query_string
    assert dict(parse_qsl(zero_shot))["pic"] == "[1F34E]"  # a name alone is a text elsewhere
    page.button(key="learn-to-Look inside your text").click()
    checked(page)
    assert page.query_params["tool"] == "Look inside"
    assert page.dataframe[0].value["token"][0] == "[CLS]"


def test_a_tools_help_leads_to_its_lesson() -> None:
    page = open_page("words", tool="Vectors", space="minilm")
    links = list(page.main.expander[-1].get("page_link"))
    assert [link.proto.label for link in links] == ["Lesson: Words as numbers"]


def test_the_walk_can_be_followed_hop_by_hop() -> None:
    page = open_page("learn", lesson="finding", step="3", **{"seek-word": "dog"})
    check(page, 100)
    slider = next(one for one in page.slider if one.label == "Hop")
    hops = int(slider.max)
    last = next(one.value for one in page.markdown if one.value.startswith(f"Hop {hops}, layer"))
    slider.set_value(1)
    checked(page)
    first = next(one.value for one in page.markdown if one.value.startswith("Hop 1, layer"))
    assert "layer 0" in last
    assert "layer 0" not in first
    assert f"{hops} hops compared" in verdict(page)


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ({"lesson": "contrast", "alike": "no pair here"}, "Type two pairs or more"),
        ({"lesson": "contrast", "step": "3", "groups": "a: b"}, "Type two groups or more"),
        ({"lesson": "reduction", "mapped": "one"}, "Type three words or more"),
        ({"lesson": "denoising", "to-draw": " "}, "Type what is to be drawn."),
        ({"lesson": "finding", "seek-word": " "}, "Type a word in each box."),
        (
            {"lesson": "facts", "step": "2", "fact-head": "usa", "fact-relation": "attackembassy"},
            "The graph has no fact that begins “usa, attackembassy”",
        ),
    ],
)
def test_what_a_lesson_cannot_use_is_told(link: dict[str, str], told: str) -> None:
    page = open_page("learn", **link)
    assert told in unescaped(page.info[0].value)
    assert not page.error


def test_words_that_the_lessons_do_not_know_are_encoded() -> None:
    page = open_page("learn", lesson="finding", step="2", **{"seek-word": "日本 🦊"})
    assert "Centres were learnt" in verdict(check(page, 5))
    page = open_page("learn", lesson="contrast", step="2", alike="猫 = ネコ\nÄpfel = Obst")
    assert "by guessing it would be 0.693" in verdict(check(page))


def test_a_whole_lesson_holds_what_was_done_and_the_texts_of_the_rest() -> None:
    page = open_page("learn", lesson="words", step="2")
    check(page, "queen")
    page.button(key="learn-Next").click()
    checked(page)
    page.button(key="learn-whole").click()
    checked(page)
    assert page.query_params["step"] == "all"
    assert not link_warnings(page)
    assert [one.value[:2] for one in page.subheader] == ["1.", "2.", "3.", "4.", "5."]
    assert verdict(page).startswith("**Right: queen.")
    told = [unescaped(one.value) for one in page.markdown]
    assert "**What is the cosine of “king” and “queen”?**" in told  # opened, not done
    assert "Your prediction (−1.00 to 1.00): " + "_" * 20 in told
    assert not [one for one in told if "below zero?" in one]  # never opened
    page.button(key="learn-steps-again").click()
    checked(page)
    assert page.query_params["step"] == "1"
    assert not link_warnings(page)


def test_a_link_to_a_whole_lesson_runs_nothing() -> None:
    page = open_page("learn", lesson="denoising", step="all")
    assert len(page.subheader) == len(LESSONS["denoising"].steps)
    assert not [*page.success, *page.warning, *page.error]


def test_the_first_steps_need_no_list_of_words(own_home: Path) -> None:
    page = open_page("learn", lesson="words", word="fox")
    told = verdict(check(page, 190))
    vector = registry.find_space("minilm").text_encoder().encode_texts(["fox"]).vectors[0]
    assert f"{int((vector < 0).sum())} of 384 numbers" in told
    page = open_page("learn", lesson="words", step="2")
    assert "Right: queen." in verdict(check(page, "queen"))
    page = open_page("learn", lesson="words", step="3")
    told = verdict(check(page, 0.5))
    assert "10,000 pairs drawn at random from 500 of the model's words" in told
    assert "it is 0.68" in told
    assert not (own_home / "vocabularies").exists()


def test_buckets_of_bits_are_followed_from_the_own_one_on() -> None:
    page = open_page("learn", lesson="finding", step="5", **{"seek-word": "dog"})
    told = verdict(check(page, 0))
    table = page.dataframe[0].value
    compared = [int(one) for one in table["words compared"]]
    assert table["buckets"].tolist() == [1, 9, 37, 93, 163]
    assert compared == sorted(compared)
    assert f"Its bucket holds {compared[0]:,} of the words" in told
    assert table["recall"].tolist()[-1] == "100%"


def test_words_that_all_occur_once_are_no_example_of_the_power() -> None:
    page = open_page("learn", lesson="context", step="2", sentence="I love my cat")
    told = verdict(check(page, 25))
    assert told.startswith("**Right: it is 25%.")
    assert "occur equally often" in told


@pytest.mark.parametrize(
    ("lesson", "step", "key", "value"),
    [
        ("words", "4", "learn-factor", -2.0),
        ("context", "4", "learn-rate", 20.0),
        ("encoders", "4", "learn-scale", 100),
        ("finding", "2", "seek-probes", 8),
        ("facts", "4", "fact-angle", 45),
    ],
)
def test_a_slider_of_a_step_is_set_by_the_link(
    lesson: str, step: str, key: str, value: float
) -> None:
    page = open_page("learn", lesson=lesson, step=step, **{key: f"{value:g}"})
    assert page.select_slider(key=key).value == value
    assert not link_warnings(page)


# Boxes that come once the emoji are encoded, or a graph's model is trained.
AWAITED = ("find", "ask-head", "ask-relation")


@pytest.mark.slow
@pytest.mark.parametrize("name", LESSONS)
def test_a_lessons_links_are_taken_by_the_tools_they_lead_to(name: str) -> None:
    for link in LESSONS[name].tools():
        page = open_page(link.page, **link.params)
        assert not link_warnings(page), link.label
        for key, value in link.params.items():
            if key in AWAITED and key not in page.session_state:
                assert page.query_params[key] == value, (link.label, key)
                continue
            assert key in page.session_state, (link.label, key)
            chosen = page.session_state[key]
            assert (f"{chosen:g}" if isinstance(chosen, float) else str(chosen)) == value, key


def test_a_lessons_words_go_along_into_the_map() -> None:
    page = open_page("learn", lesson="reduction", step="4", mapped="dog, cat, Straße")
    check(page)
    links = {one.proto.label: one.proto.query_string for one in page.get("page_link")}
    asked = dict(parse_qsl(links["A map of your own words"]))
    assert asked == {"of": "Custom words", "list": "dog, cat, Straße", "space": "minilm"}


def test_the_context_word_is_none_of_the_negatives() -> None:
    given = context.Windowed(("the", "cat", "and", "the", "dog"), 2)
    assert given.names[:2] == ("and", "the")
    assert "the" not in given.names[2:]
    assert context.Windowed(("ha", "ha", "ha"), 2).names == ("ha",) * 7


def test_a_grey_picture_has_one_number_a_pixel_and_two_pictures_are_told() -> None:
    page = open_page("learn", lesson="network")
    stream = io.BytesIO()
    Image.new("L", (20, 12), 90).save(stream, "PNG")
    page.session_state["dropped"].add("grey.png", stream.getvalue())
    page.text_input(key="lesson-picture").set_value("[grey.png]")
    checked(page)
    assert "Your picture had 240, 1 a pixel" in verdict(check(page, 3 * 224 * 224))
    page.text_input(key="lesson-picture").set_value("[grey.png] + [1F34E]")
    checked(page)
    assert "2 pictures are named: [grey.png], [1F34E]." in unescaped(page.error[0].value)


def test_what_an_english_model_cannot_read_is_told_as_long_as_it_stands_there() -> None:
    page = open_page("learn", lesson="words", **{"word": "狐"})
    check(page, 100)
    [told] = [one.value for one in page.caption if "reads English" in one.value]
    assert "are mostly written in Chinese characters" in told
    page.text_input(key="word").set_value("fox")
    checked(page)
    assert not [one for one in page.caption if "reads English" in one.value]


def test_what_is_said_of_denoising_goes_by_the_figures() -> None:
    assert "moves by 0.030 only" in denoising.when_decided([0.53, 0.50, 0.56, 0.56], 3)
    assert "in the first half" in denoising.when_decided([0.1, 0.5, 0.5, 0.5], 2)
    assert "until late" in denoising.when_decided([0.1, 0.2, 0.3, 0.5], 4)
    assert "guidance goes beyond" in denoising.why_changed(0.586, 0.56)
    assert "flatters" in denoising.why_changed(0.5, 0.6)
    assert "flatters" in denoising.why_changed(0.5, 0.505)
