"""The page Train on the emoji and the bundled texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.spaces import registry
from core.words import training
from tests.support.app_page import checked, open_page
from tests.support.own_worker import own_worker


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
