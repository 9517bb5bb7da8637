"""The page Graph: its address holds what was asked; which model is taken; trainings that go on."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base.errors import InputError
from core.base.jobs import Job
from core.base.types import Progress
from core.cache import graph_training as training_cache, jobs as jobs_cache
from core.graphs import models, sources
from core.graphs.models import GraphModel
from core.graphs.prediction import Question, answer
from core.graphs.scoring import Model
from core.graphs.settings import Settings
from tests.pages.test_graph import told
from tests.support.app_page import checked, open_page
from tests.support.graph_fixtures import random_model


def keep(model: Model = Model.COMPLEX, seed: int = 0, *, asked: int = 3, age: int = 0) -> str:
    """Keeps a model of Nations of 3 epochs, ``asked`` for more, ``age`` seconds old; its name."""
    made = random_model(sources.load_graph("nations"), model, seed=seed)
    settings = replace(made.trained.settings, epochs=asked)
    made = replace(made, trained=replace(made.trained, settings=settings))
    folder = models.kept_folder(made)
    models.save(made, folder)
    about = folder / models.ABOUT
    os.utime(about, (about.stat().st_mtime - age,) * 2)
    return folder.name


def held(name: str) -> GraphModel:
    return models.load(models.list_kept()[name])


def ask(**parameters: str) -> AppTest:
    return open_page("graph", **{"graph": "nations", "do": "Link prediction", **parameters})


def shown(page: AppTest) -> list[str]:
    answers: list[str] = page.dataframe[0].value["prediction"].tolist()
    return answers


def test_a_link_asks_the_same_question_of_the_same_model(own_home: Path) -> None:
    name = keep(seed=1, age=60)
    keep(seed=2)
    graph = sources.load_graph("nations")
    question = Question(relation=graph.relation("embassy"), tail=graph.entity("china"))
    wanted = [one.label for one in answer(held(name), question, 4, known=False)]
    link = {"ask-for": "Heads", "ask-relation": "embassy", "ask-tail": "china"}
    link |= {"ask-count": "4", "only-new": "true", "graph-model": name, "why": f"2. {wanted[1]}"}
    page = ask(**link)
    assert not page.warning and not page.error
    assert "(?, embassy, china)" in told(page)
    assert shown(page) == wanted
    assert page.selectbox(key="why").value == f"2. {wanted[1]}"


def test_the_model_stands_in_the_address_though_nobody_chose_it(own_home: Path) -> None:
    name = keep(seed=1)
    page = ask()
    assert page.query_params["graph-model"] in (name, [name])
    before = shown(page)
    keep(seed=2)
    assert shown(ask(**{"graph-model": name})) == before != shown(ask())


@pytest.mark.parametrize(
    ("parameter", "value", "said"),
    [
        ("ask-head", "us", "Did you mean usa"),
        ("ask-relation", "embasy", "Did you mean embassy"),
        ("ask-for", "Nothing", "which is not here: Tails is taken"),
        ("ask-count", "5000", "10 is taken. It is a number from 1 to 1,000"),
        ("ask-count", "many", "10 is taken. It is a number from 1 to 1,000"),
        ("graph-model", "gone", "is taken. The other was removed, or is of another graph"),
        ("why", "99. nobody", "In “Prediction” the link asks for “99. nobody”"),
        ("do", "Dance", "which is not here: Explore is taken"),
    ],
)
def test_what_a_link_asks_for_in_vain_is_told(
    own_home: Path, parameter: str, value: str, said: str
) -> None:
    keep()
    page = ask(**{parameter: value})
    assert said in told(page)
    assert value in told(page)


def test_a_link_to_a_model_of_a_graph_without_models_says_so(own_home: Path) -> None:
    page = ask(**{"graph-model": "nations-ComplEx-0123456789"})
    assert "asks for the model “nations-ComplEx-0123456789”, which is not here" in told(page)
    assert "train one under “Train”" in told(page)


def test_a_relation_in_other_capitals_is_understood(own_home: Path) -> None:
    keep()
    page = ask(**{"ask-relation": "EMBASSY"})
    assert not page.warning
    assert page.selectbox(key="ask-relation").value == "embassy"


def test_what_was_asked_of_one_graph_is_not_asked_of_another(own_home: Path) -> None:
    keep()
    other = random_model(sources.load_graph("umls"))
    models.save(other, models.kept_folder(other))
    page = ask(**{"ask-head": "china", "ask-relation": "embassy"})
    page.selectbox(key="graph").set_value("umls")
    page = checked(page)
    assert not page.error and not page.warning and not page.info
    graph = sources.load_graph("umls")
    head, relation, _ = graph.train[0].tolist()
    assert page.text_input(key="ask-head").value == graph.label(head)
    assert page.selectbox(key="ask-relation").value == graph.relations[relation]
    assert page.selectbox(key="graph-model").value == models.kept_folder(other).name


def test_an_entity_left_empty_is_asked_for(own_home: Path) -> None:
    keep()
    page = ask()
    page.text_input(key="ask-head").set_value(" ")
    assert "Type an entity under “Head”, such as" in told(checked(page))


@pytest.mark.parametrize(
    ("tool", "parameters", "texts", "numbers"),
    [
        (
            "Explore",
            {"explore": "cuba", "explore-limit": "7"},
            {"explore": "cuba"},
            {"explore-limit": 7},
        ),
        ("Map", {"arrows": "treaties", "arrows-entity": "cuba"}, {"arrows-entity": "cuba"}, {}),
        ("Compare with text embeddings", {"graph-near": "3"}, {}, {"graph-near": 3}),
        (
            "Train",
            {
                "kind": "TransE",
                "train-dim": "10",
                "train-epochs": "5",
                "train-learning_rate": "0.1",
            },
            {},
            {"train-dim": 10, "train-epochs": 5, "train-learning_rate": 0.1},
        ),
    ],
)
def test_the_other_tools_read_their_choices_from_the_address(
    own_home: Path,
    tool: str,
    parameters: dict[str, str],
    texts: dict[str, str],
    numbers: dict[str, float],
) -> None:
    keep()
    page = open_page("graph", graph="nations", do=tool, **parameters)
    assert "The link asks" not in told(page) and not page.error
    assert {key: page.text_input(key=key).value for key in texts} == texts
    assert {key: page.number_input(key=key).value for key in numbers} == numbers
    if tool == "Map":
        assert page.selectbox(key="arrows").value == "treaties"


def test_each_kind_of_model_begins_with_its_own_settings(own_home: Path) -> None:
    page = open_page("graph", graph="nations", do="Train", **{"train-dim": "10"})
    from core.graphs.settings import defaults

    page.segmented_control(key="kind").set_value(Model.TRANSE.value)
    page = checked(page)
    best = defaults("nations", Model.TRANSE)
    assert page.number_input(key="train-dim").value == best.dim
    assert page.selectbox(key="train-loss").value == best.loss


def test_a_whole_model_goes_before_one_that_was_stopped(own_home: Path) -> None:
    whole, older = keep(seed=1, age=120), keep(seed=2, age=240)
    stump = keep(seed=3, asked=40)
    assert list(models.list_kept()) == [whole, older, stump]
    assert "unfinished-3-of-40" in stump
    page = ask()
    assert page.selectbox(key="graph-model").value == whole
    assert page.selectbox(key="graph-model").options == [whole, older, stump]
    page = open_page("map", of="Graph model")
    assert page.selectbox(key="graph-model").value == whole


def test_a_model_that_is_deleted_meanwhile_is_told(own_home: Path) -> None:
    from core.storage import data_home

    first, second = keep(seed=1), keep(seed=2, age=60)
    page = ask(**{"graph-model": second})
    data_home.delete(own_home / "graph-models" / second)
    page = checked(page)
    assert "is not here any more" in told(page)
    assert page.selectbox(key="graph-model").value == first


def test_a_training_whose_end_another_session_saw_does_not_begin_once_more(own_home: Path) -> None:
    new = keep(seed=1)
    page = open_page("graph", graph="nations", do="Train")
    graph = sources.load_graph("nations")
    settings = Settings()
    page.session_state["graph-asked"] = (graph.digest, settings)
    page.session_state["graph-started"] = training_cache.training_key(graph, settings)
    page = checked(page)
    assert "The training has ended" in told(page)
    assert list(models.list_kept()) == [new]
    assert "Train" in [one.label for one in page.button]
    assert not jobs_cache.jobs().running("train")


class Training:
    """A job as a training is, of no session, which ends when it is told to."""

    def __init__(self, settings: Settings, result: str) -> None:
        self.go, began = threading.Event(), threading.Event()

        def work(progress: Progress) -> str:
            progress(7, 40, "epochs")
            began.set()
            assert self.go.wait(60)
            if not result:
                raise InputError("It diverged.", "Smaller steps.", "Lower the rate.")
            return result

        key = training_cache.training_key(sources.load_graph("nations"), settings)
        self.job: Job = jobs_cache.jobs().start(key, "Training X on nations", work)
        assert began.wait(60)

    def end(self) -> None:
        self.go.set()
        self.job.future.exception(60)


def bars(page: AppTest) -> list[str]:
    return [str(one.proto.text) for one in page.get("progress")]  # type: ignore[attr-defined]


def test_a_training_of_any_session_is_told_where_a_model_is_awaited(own_home: Path) -> None:
    first = keep(seed=1)
    new = keep(seed=2, age=60)
    assert not bars(ask())
    training = Training(Settings(), new)
    try:
        page = ask(**{"graph-model": first})
        assert "Training X on nations: 7 of 40 epochs" in bars(page)[0]
        assert "is being trained" in told(page)
        assert not bars(open_page("graph", graph="umls", do="Link prediction"))
    finally:
        training.end()
    page = checked(page)
    assert not bars(page)


def test_what_was_trained_meanwhile_is_offered_at_a_click(own_home: Path) -> None:
    first, new = keep(seed=1), keep(seed=2, age=60)
    page = ask(**{"graph-model": first})
    page.session_state["graph-ended"] = new  # as the look at the training notes it
    page = checked(page)
    assert f"Trained meanwhile: **{new}**" in told(page)
    [take] = [one for one in page.button if one.label == "Take it"]
    take.click()
    page = checked(page)
    assert page.selectbox(key="graph-model").value == new
    assert "Trained meanwhile" not in told(page)
