"""The page Train on the emoji and the bundled texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.heads import marks
from core.images import galleries
from core.spaces import registry
from core.words import training
from tests.support.app_page import checked, link_warnings, open_page
from tests.support.own_worker import own_worker
from tests.support.picture_files import encoded


def test_classes_of_the_chosen_columns_are_counted(own_home: Path) -> None:
    page = open_page("train")
    assert page.multiselect(key="characteristics").value == ["group"]
    [classes] = [one.value for one in page.dataframe]
    assert classes["class"][0] == "people-body"
    assert classes["items"].sum() == sum(classes["items"]) > 1_000
    page.multiselect(key="characteristics").set_value(["group", "subgroup"])
    checked(page)
    assert len(page.dataframe) == 2
    page.multiselect(key="characteristics").set_value([])
    assert "Choose a column that says what is alike" in checked(page).info[0].value


def test_the_settings_of_a_head_stand_in_the_address(own_home: Path) -> None:
    triplet = "Triplet, semi-hard (Schroff et al. 2015)"
    asked = {"head-loss": triplet, "head-epochs": "7", "head-margin": "0.3"}
    page = open_page("train", **asked, **{"head-groups": "subgroup", "head-width": "3"})
    assert page.selectbox(key="head-loss").value == "triplet"
    assert page.number_input(key="head-epochs").value == 7
    assert page.number_input(key="head-margin").value == 0.3
    assert page.selectbox(key="head-groups").value == "subgroup"
    assert link_warnings(page) == [
        "In “Width” the link asks for “3”, which is no number that can be set here: 1024 is taken."
    ]


def test_texts_are_chosen_with_their_columns(own_home: Path) -> None:
    page = open_page("train", **{"train-of": "Texts"})
    assert page.selectbox(key="data").value == "descriptions"


def test_word_vectors_of_pasted_text_are_trained_and_used_on_words(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = own_worker(monkeypatch, training)
    page = open_page(
        "train",
        **{"do": "Word vectors", "words-of": "Pasted text", "words-dims": "8", "words-sample": "0"},
    )
    assert "Paste some texts" in page.info[0].value
    page.text_area(key="words-pasted").set_value("the cat saw the dog\nthe dog saw a cat\n" * 5)
    checked(page)
    assert {one.label: one.value for one in page.metric} == {
        "Texts": "10",
        "Words": "50",
        "Distinct": "5",
        "Five times or more": "5",
    }
    page.text_input(key="words-watch").set_value("Cat, unicorn")
    checked(page)
    assert "Not in these texts: unicorn." in [one.value for one in page.caption]
    next(one for one in page.button if one.label == "Train").click()
    checked(page)
    assert page.success[0].value.startswith("5 words in ")
    assert "analogies" in " ".join(one.value for one in page.caption)
    assert list(page.dataframe[0].value) == ["cat"]
    last = page.dataframe[0].value["cat"].tolist()
    page.slider(key="words-epoch").set_value(0)
    checked(page)
    first = page.dataframe[0].value["cat"].tolist()
    assert {one.split()[0] for one in first} == {"the", "dog", "saw", "a"}
    assert first != last
    child.stop()
    vocabulary = registry.find_space("pasted-text-skip-gram-5").vocabulary()[0]
    assert vocabulary.words == ["the", "cat", "saw", "dog", "a"]
    words = open_page("words", space="pasted-text-skip-gram-5", q="cat")
    found = words.dataframe[0].value
    assert set(found.iloc[:, 0].tolist() + found.iloc[:, 1].tolist()) & {"dog", "saw", "a", "the"}


@pytest.mark.slow
def test_a_head_is_trained_on_texts_and_is_a_model_of_other_pages(own_home: Path) -> None:
    page = open_page("train", **{"train-of": "Texts"})
    page.number_input(key="head-epochs").set_value(2)
    page.number_input(key="head-width").set_value(16)
    page.number_input(key="head-dim").set_value(8)
    page.text_input(key="head-name").set_value("topics")
    checked(page)
    [train] = [one for one in page.button if one.label == "Train"]
    train.click()
    checked(page)
    assert "kept as the embedding model **topics**" in page.success[0].value
    figures = page.dataframe[0].value
    assert figures["of held-out items"].tolist()[0] == "P@10"
    assert figures["change"].tolist() == pytest.approx(figures["after"] - figures["before"])
    assert len(page.select_slider(key="head-epoch").options) == 3
    page.select_slider(key="head-epoch").set_value(2)
    checked(page)
    page.number_input(key="head-epochs").set_value(1)
    checked(page)
    [again] = [one for one in page.button if one.label == "Train"]
    again.click()
    checked(page)
    assert "kept as the embedding model **topics-2**" in page.success[0].value.replace("\\", "")
    assert page.select_slider(key="head-epoch").value == 1
    asked = open_page("sentences", do="Semantic search", space="topics", ask="a doctor")
    assert asked.selectbox(key="space").value == "topics"
    assert not asked.error


@pytest.mark.slow
def test_what_diverges_is_told_and_another_can_be_trained(own_home: Path) -> None:
    page = open_page("train", **{"train-of": "Texts"})
    page.number_input(key="head-learning_rate").set_value(1e6)
    checked(page)
    [train] = [one for one in page.button if one.label == "Train"]
    train.click()
    assert "diverged in its first epoch" in checked(page).error[0].value
    page.number_input(key="head-learning_rate").set_value(0.003)
    checked(page)
    assert [one.label for one in page.button if one.label == "Train"] == ["Train"]


def _pictures(*damaged: str) -> str:
    """A gallery of red and blue pictures, whose colour stands in a column."""
    files = [(name, encoded((9, 9, 9))[:50]) for name in damaged]
    rows = ["file,colour", *(f"{name},red" for name in damaged)]
    for at in range(24):
        shade = ((255 - 5 * at, 3 * at, 0), (0, 3 * at, 255 - 5 * at))[at % 2]
        files.append((f"p{at}.png", encoded(shade)))
        rows.append(f"p{at}.png,{('red', 'blue')[at % 2]}")
    files.append(("known.csv", "\n".join(rows).encode()))
    return galleries.import_files("two-colours", files).entry.name


@pytest.mark.slow
def test_a_head_for_texts_is_trained_along_and_answers_words(own_home: Path) -> None:
    page = open_page("train", gallery=_pictures(), **{"head-width": "16", "head-dim": "8"})
    assert page.toggle(key="head-texts").value is True
    page.number_input(key="head-epochs").set_value(20)
    page.text_input(key="head-name").set_value("colours")
    checked(page)
    next(one for one in page.button if one.label == "Train").click()
    checked(page)
    figures = page.dataframe[0].value.set_index("of held-out items")
    assert figures.loc["zero-shot accuracy", "after"] >= figures.loc["zero-shot accuracy", "before"]
    asked = open_page("images", gallery="two-colours", space="colours", q="red")
    assert not asked.error


@pytest.mark.slow
def test_a_head_of_views_is_trained_without_a_column(own_home: Path) -> None:
    wanted = {
        "space": "colour-outline",
        "head-loss": "SimCLR: NT-Xent on augmented views (Chen et al. 2020)",
    }
    asked = {"gallery": _pictures("cut.png"), **wanted, "head-views": "2"}
    page = open_page("train", **asked)
    assert not page.toggle
    assert any("2 classes of 25 items" in one.value for one in page.markdown)
    page.multiselect(key="characteristics").set_value([])
    page.number_input(key="head-epochs").set_value(2)
    checked(page)
    assert not page.info
    assert any("50 of them are encoded first, once" in one.value for one in page.caption)
    next(one for one in page.button if one.label == "Train").click()
    checked(page)
    figures = page.dataframe[0].value
    assert figures["of held-out items"].tolist() == ["own view in 10", "own view nearest"]
    # What cannot be opened is known by now: it is counted nowhere, and nothing waits for it.
    again = open_page("train", **asked)
    assert any("2 classes of 24 items" in one.value for one in again.markdown)
    [said] = [one.value for one in again.caption if "augmented views" in one.value]
    assert "2 augmented views of each of 24 pictures do." in said
    assert "encoded first" not in said
    page = open_page("train", **{"train-of": "Texts"})
    assert not [one for one in page.selectbox(key="head-loss").options if "SimCLR" in one]


def _collection() -> marks.Collection:
    [entry] = [one for one in galleries.list_galleries() if one.name == "two-colours"]
    return marks.of_pictures(galleries.load(entry))


def test_clicks_adapt_the_space_are_undone_and_kept_as_a_model(own_home: Path) -> None:
    asked = {"gallery": _pictures(), "space": "colour-outline", "clicks-item": "p0.png"}
    page = open_page("train", **{"do": "From clicks", "train-of": "Pictures", **asked})
    assert "Mark pairs as alike (+) or not alike" in page.info[0].value
    assert r"Nearest to p0\.png" in [one.value for one in page.markdown]
    for verb in ("less", "more"):
        page.button(key=f"clicks-Before-0-{verb}").click()
        checked(page)
    figures = {one.label: one.value for one in page.metric}
    assert (figures["Alike"], figures["Not alike"]) == ("1", "0")  # the second of one pair counts
    page.button(key="clicks-After-5-less").click()
    checked(page)
    figures = {one.label: one.value for one in page.metric}
    assert (figures["Alike"], figures["Not alike"]) == ("1", "1")
    assert figures["Held-out marks right"].endswith("of 2")
    assert "P@10 by colour" in figures
    of = _collection()
    assert [one.alike for one in marks.load(of)] == [True, False]
    page.button(key="clicks-undo-go").click()
    checked(page)
    assert [one.alike for one in marks.load(of)] == [True]
    page.button(key="clicks-Remove all").click()
    checked(page)
    assert marks.load(of) == ()
    page.button(key="clicks-undo-go").click()
    checked(page)
    assert [one.alike for one in marks.load(of)] == [True]
    next(one for one in page.button if one.label == "Keep as an embedding model").click()
    checked(page)
    assert "two-colours-by-clicks" in page.success[0].value.replace("\\", "")
    assert registry.find_space("two-colours-by-clicks").ready


def test_marks_whose_pictures_are_gone_are_told_and_drawn_pairs_are_marked(own_home: Path) -> None:
    name = _pictures()
    of = _collection()
    gone = marks.Item("was-here.png", "0f" * 16)
    marks.change(of, lambda _: (marks.Mark(of.items[0], gone, alike=True),))
    asked = {"gallery": name, "space": "colour-outline", "clicks-by": "Drawn pairs"}
    page = open_page("train", **{"do": "From clicks", "train-of": "Pictures", **asked})
    [told] = [one.value for one in page.warning]
    assert "1 mark of 1 do not count, since their items are no longer here: was-here.png" in (
        told.replace("\\", "")
    )
    page.button(key="clicks-Not alike").click()
    checked(page)
    assert {one.label: one.value for one in page.metric}["Not alike"] == "1"
    assert len(marks.load(of)) == 2


def test_more_and_less_of_a_search_become_marks(own_home: Path) -> None:
    asked = {"gallery": _pictures(), "space": "colour-outline"}
    page = open_page("images", **asked)
    for key in ("all-0-more", "found-3-more", "found-9-less"):
        page.button(key=key).click()
        checked(page)
    next(one for one in page.button if one.label == "Adapt the space to these marks").click()
    checked(page)
    of = _collection()
    made = marks.load(of)
    assert [one.alike for one in made] == [True, False, False]
    assert {one.first.id for one in made[:2]} == {"p0.png"}
    assert {one.label: one.value for one in page.metric}["Not alike"] == "2"
