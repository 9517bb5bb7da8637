"""Links and visits begin no long work: it asks for a click, and says about how long it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base import durations
from core.base.errors import Cancelled
from core.base.types import Progress
from core.cache import jobs as jobs_cache
from core.graphs import models, sources
from core.images import galleries
from core.sentences import datasets
from core.spaces import registry
from core.spaces.sources.minilm import MiniLMSource
from core.storage import data_home
from core.ui.choosers import gallery as gallery_chooser
from core.ui.map import scatter
from tests.support.app_page import checked, open_page
from tests.support.graph_fixtures import random_model

LONG = 125.0
GUESS = "takes about 2 minutes on this computer, at a guess."


def take_long(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        # Of nothing that is missing it takes no time.
        monkeypatch.setattr(durations, name, lambda first, *_, **__: LONG if first else 0.0)


def labels(page: AppTest) -> list[str]:
    return [one.label for one in page.button]


def notes(page: AppTest) -> str:
    return "\n".join(str(one.value) for one in page.info).replace("\\", "")


def after_click(page: AppTest, label: str) -> AppTest:
    """The page after the click that it asks for."""
    assert GUESS in notes(page)
    assert [job.key for job in jobs_cache.jobs().running("") if job.watchers] == []
    next(one for one in page.button if one.label == label).click()
    checked(page)
    assert GUESS not in notes(page)
    assert label not in labels(page)
    return page


def numbers(name: str = "points") -> str:
    rows = "".join(f"{at},{at * at % 17},{at % 5},pet {at}\n" for at in range(40))
    return datasets.import_table(f"{name}.csv", f"a,b,c,text\n{rows}".encode()).name


@pytest.mark.slow
def test_a_map_named_by_a_link_is_made_by_a_click_and_then_opens_by_itself(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(scatter, "show", lambda _, key, *__: drawn.append(key))
    take_long(monkeypatch, "of_map")
    link = {"of": "Columns", "data": numbers(), "method": "t-SNE", "fixed": "true"}
    page = open_page("map", **link)
    assert not drawn
    after_click(page, "Make the map")
    assert len(drawn) == 1
    checked(page)  # another run asks nothing again
    assert len(drawn) == 2
    other = open_page("map", **link)  # and nobody else is asked: it is on the disk
    assert GUESS not in notes(other)
    assert len(drawn) == 3
    page.number_input(key="perplexity").set_value(7)
    after_click(checked(page), "Make the map")


def test_texts_of_ones_own_are_encoded_and_compared_by_a_click(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_long(monkeypatch, "of_texts")
    name = datasets.import_table("pets.txt", b"A cat.\nA dog.\nA small cat.\n").name
    page = open_page("sentences", data=name)
    assert not page.dataframe
    assert after_click(page, "Encode them").dataframe
    take_long(monkeypatch, "of_pairs")
    page = open_page("sentences", data=name, near="2")
    assert after_click(page, "Compare them").dataframe
    page = open_page("sentences", data=name, do="Near-duplicates")
    after_click(page, "Compare them")


def test_what_comes_with_the_app_begins_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    take_long(monkeypatch, "of_texts", "of_pictures")
    monkeypatch.setattr(durations, "OF_VOCABULARY", LONG)
    assert open_page("sentences").dataframe
    assert GUESS not in notes(open_page("images"))
    assert open_page("words").dataframe


def test_the_emoji_by_encoders_that_come_with_the_app_begin_by_themselves(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_long(monkeypatch, "of_pictures")
    emoji = galleries.load(galleries.list_galleries()[0])
    for space in ("minilm", "colour-outline"):
        entry = registry.find_space(space)
        assert gallery_chooser._seconds(entry, emoji) == 0
        assert gallery_chooser._seconds(entry, replace(emoji, name="mine")) == LONG


def test_words_of_another_space_are_encoded_by_a_click(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durations, "OF_VOCABULARY", LONG)
    monkeypatch.setattr(MiniLMSource, "bundled", False)  # as those that a person added
    page = open_page("words", space="minilm-layer2")
    assert GUESS in notes(page)
    assert "Encode them" in labels(page)
    assert not jobs_cache.jobs().running("build")


@pytest.fixture
def ranked() -> Iterator[str]:
    """A model of Nations whose figures nobody has asked for."""
    model = random_model(sources.load_graph("nations"), seed=77)
    folder = models.kept_folder(model)
    models.save(model, folder)
    yield folder.name
    data_home.delete(folder)


@pytest.mark.slow
def test_rankings_and_clusters_are_found_by_a_click(
    own_home: Path, ranked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_long(monkeypatch, "of_ranking")
    page = open_page("graph", do="Figures", **{"graph-model": ranked})
    assert after_click(page, "Rank them").dataframe
    take_long(monkeypatch, "of_clusters")
    page = open_page("map", of="Columns", data=numbers(), method="PCA", clusters="k-means")
    assert "clusters of the" not in "".join(one.value for one in page.caption)
    page = after_click(page, "Look for clusters")
    assert "clusters of the" in "".join(one.value for one in page.caption)


def work_of_a_page() -> None:
    import streamlit as st

    from core.ui.common import jobs

    number = jobs.run_job("of a test", "Testing", lambda progress: 5, seconds=lambda: 125.0)
    st.caption(f"result {number}")


def result(page: AppTest) -> str:
    assert not page.exception
    return page.caption[0].value


@pytest.fixture
def cancelled() -> None:
    """The same work, begun by others, who cancelled it."""

    def work(progress: Progress) -> None:
        raise Cancelled("Testing")

    job = jobs_cache.jobs().start("of a test", "Testing", work)
    job.watch("another session")
    assert isinstance(job.future.exception(10), Cancelled)


@pytest.mark.usefixtures("cancelled")
def test_what_others_cancelled_is_asked_for_anew_and_ones_own_is_told() -> None:
    page = AppTest.from_function(work_of_a_page).run()
    assert GUESS in notes(page)
    assert result(page) == "result None"
    page.button[0].click().run()
    assert result(page) == "result 5"

    def stop(progress: Progress) -> None:
        raise Cancelled("Testing")

    job = jobs_cache.jobs().start("of a test", "Testing", stop)
    job.watch("test session id")
    assert isinstance(job.future.exception(10), Cancelled)
    page.run()
    assert "Testing: cancelled. What was finished is kept." in notes(page)
    assert labels(page) == ["Go on"]
    page.button[0].click().run()
    assert result(page) == "result 5"


def test_what_stopped_since_all_had_left_begins_anew() -> None:
    def stop(progress: Progress) -> None:
        raise Cancelled("Testing")

    job = jobs_cache.jobs().start("of a test", "Testing", stop)
    job.watch("test session id")
    assert isinstance(job.future.exception(10), Cancelled)
    job.abandoned = True
    page = AppTest.from_function(work_of_a_page).run()
    assert GUESS in notes(page)
    page.button[0].click().run()
    assert result(page) == "result 5"
