"""The page Graph in real Chromium: Nations is trained for a few epochs, asked, and answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.graphs import models, neighborhood, prediction, sources
from tests.browser.conftest import settled
from tests.support.graph_fixtures import random_model

Open = Callable[..., Page]


def test_nations_is_trained_and_answers(open_page: Open) -> None:
    page = open_page("graph?graph=nations&do=Train")
    fill(page, "Epochs", "6")
    page.get_by_role("button", name="Train", exact=True).click()
    # PyKEEN and PyTorch are imported by the first training of a server.
    expect(page.get_by_text("Trained and saved as")).to_be_visible(timeout=240_000)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("radio", name="Link prediction", exact=True).click()
    fill(page, "Head", "usa")
    choose_embassy(page)
    expect(page.get_by_text("(usa, embassy, ?)")).to_be_visible()
    # The model puts what it has seen among the first ten.
    parts = page.locator('[role=gridcell][aria-colindex="3"]')
    expect(parts.filter(has_text=re.compile("^train$")).first).to_be_attached()
    graph = sources.load_graph("nations")
    assert page.locator('[role=gridcell][aria-colindex="1"]').first.inner_text() in graph.entities
    fill(page, "Head", "usaa")
    expect(page.get_by_text("Did you mean usa", exact=False)).to_be_visible()


def test_the_graph_is_walked_by_clicks_and_a_predicted_link_followed(
    open_page: Open, browser_home: Path
) -> None:
    keep_drawn(browser_home)
    page = open_page("graph?graph=nations&do=Explore&explore=cuba&explore-limit=2")
    view = page.locator(".ee-graph[data-drawn]")
    expect(view).to_be_visible()
    graph = sources.load_graph("nations")
    steps = [graph.entity("cuba")]
    for _ in range(2):  # a neighbour is expanded, then one of its own
        drawn = neighborhood.expand(graph, steps, 2)
        steps.append(next(one for one in drawn.entities if one not in drawn.left_out))
        click_until(view, "at", str(steps[-1]), f"explore-expanded={graph.label(steps[-1])}")
        count = len(neighborhood.expand(graph, steps, 2).entities)
        expect(view).to_have_attribute("data-drawn", str(count))
    assert collisions(view) == 0
    relations = page.get_by_role("combobox", name="Relations")
    relations.fill("embassy")
    page.get_by_role("option", name="embassy", exact=True).click()
    page.keyboard.press("Escape")  # its list lies on what is below
    shown = neighborhood.only(graph, [graph.relation("embassy")])
    count = len(neighborhood.expand(shown, steps, 2).entities)
    expect(view).to_have_attribute("data-drawn", str(count))
    drawn_until(view, "data.links.every((link) => link.note === 'embassy')")
    page.get_by_text("Predicted links", exact=True).click()
    expect(page.get_by_text("What speaks for a prediction", exact=True)).to_be_visible()
    drawn_until(view, "data.links.filter((link) => link.predicted).length > 1")
    links = view.evaluate("one => one.view.data.links.filter((link) => link.predicted)")
    click_until(view, "middle", links[1]["id"], "explore-why=2.")
    first, second = links[1]["name"].split(" → ")
    expect(page.get_by_role("combobox", name="Predicted link")).to_have_value(
        f"2. {first} → {second}"
    )
    target = graph.entity(second)
    page.get_by_role("button", name=f"Start at {second}", exact=True).click()
    expect(page.get_by_label("Entity", exact=True)).to_have_value(second)
    drawn_until(view, f"data.nodes[0].id === '{target}'")
    page.go_back()
    expect(page.get_by_label("Entity", exact=True)).to_have_value("cuba")


def drawn_until(view: Locator, wanted: str) -> None:
    """Waits until what is drawn, which comes a little after the page around it, is as wanted."""
    data = "const data = document.querySelector('.ee-graph')?.view?.data;"  # none while it is made
    view.page.wait_for_function(f"() => {{ {data} return data && {wanted}; }}")


def click_until(view: Locator, where: str, name: str, wanted: str) -> None:
    """Clicks what the drawing has; once more where the page was being run again meanwhile."""
    page = view.page
    for _ in range(5):
        settled(page)
        place = view.evaluate(f"(one, name) => one.view.{where}(name)", name)
        page.mouse.move(place["x"], place["y"])
        page.mouse.click(place["x"], place["y"])
        for _ in range(20):
            if wanted in page.url:
                return
            page.wait_for_timeout(250)
    pytest.fail(f"{wanted} is not in {page.url}")


def collisions(view: Locator) -> int:
    """How many pairs of names in the drawing lie on each other."""
    boxes = view.evaluate("one => one.view.boxes")
    assert len(boxes) > 2
    return sum(
        one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
        for at, one in enumerate(boxes)
        for other in boxes[:at]
    )


@pytest.mark.slow
def test_the_address_holds_the_question_and_a_fresh_session_asks_it_again(
    open_page: Open, browser_home: Path
) -> None:
    name = keep_drawn(browser_home)
    page = open_page(f"graph?graph=nations&do=Link+prediction&graph-model={name}")
    fill(page, "Predictions", "4")
    page.get_by_role("radio", name="Heads", exact=True).click()
    fill(page, "Tail", "china")
    choose_embassy(page)
    expect(page.get_by_text("(?, embassy, china)")).to_be_visible()
    expect(page.get_by_text("4 predictions", exact=False)).to_be_visible()
    graph = sources.load_graph("nations")
    question = prediction.read_question(graph, "", "embassy", "china")
    found = prediction.answer(random_model(graph), question, 4)
    wanted = [one.label for one in found]
    expect(first_column(page)).to_have_text(wanted)
    assert {"ask-for=Heads", "ask-relation=embassy", "ask-tail=china", "ask-count=4"} <= {
        *page.url.partition("?")[2].split("&")
    }
    address = page.url.partition("/graph?")[2]
    again = open_page(f"graph?{address}")
    expect(again.get_by_text("(?, embassy, china)")).to_be_visible()
    expect(again.get_by_text("4 predictions", exact=False)).to_be_visible()
    expect(first_column(again)).to_have_text(wanted)
    wrong = open_page("graph?do=Link+prediction&ask-head=chna&ask-relation=embasy&ask-count=0")
    expect(wrong.get_by_text("Did you mean china", exact=False)).to_be_visible()
    expect(wrong.get_by_text("Did you mean embassy", exact=False)).to_be_visible()
    expect(wrong.get_by_text("a number from 1 to 1,000", exact=False)).to_be_visible()


@pytest.mark.slow
def test_a_training_is_told_in_another_session_and_its_model_offered_there(
    open_page: Open, browser_home: Path
) -> None:
    name = keep_drawn(browser_home)
    page = open_page("graph?graph=nations&do=Train&train-epochs=2000&train-dim=256")
    other = open_page(f"graph?graph=nations&do=Link+prediction&graph-model={name}")
    expect(other.get_by_text("10 predictions", exact=False)).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    stop = page.get_by_role("button", name="Stop early and keep")
    expect(stop).to_be_visible()
    other.get_by_text("Hide known triples").click()  # the next run finds the training
    expect(other.get_by_text("is being trained", exact=False)).to_be_visible()
    stop.click()
    expect(page.get_by_text("Trained and saved as")).to_be_visible(timeout=240_000)
    expect(other.get_by_text("Trained meanwhile")).to_be_visible()
    expect(other.get_by_text("is being trained", exact=False)).to_be_hidden()
    model = other.get_by_role("combobox", name="Model")
    expect(model).to_have_value(name)
    other.get_by_role("button", name="Take it").click()
    expect(model).to_have_value(re.compile("nations-.*-unfinished-[0-9]+-of-2000-"))


def keep_drawn(home: Path) -> str:
    """Keeps a model of Nations whose vectors are drawn; its name."""
    folder = home / "graph-models" / "nations-drawn"
    models.save(random_model(sources.load_graph("nations")), folder)
    return folder.name


def fill(page: Page, label: str, value: str) -> None:
    """Types into a box, and Enter."""
    box = page.get_by_label(label, exact=True)
    box.fill(value)
    box.press("Enter")


def choose_embassy(page: Page) -> None:
    """Chooses that relation."""
    relation = page.get_by_role("combobox", name="Relation")
    relation.click()
    relation.fill("embassy")
    page.get_by_role("option", name="embassy", exact=True).click()


def first_column(page: Page) -> Locator:
    """The cells of the first column of the first table."""
    cells = page.locator('[data-testid="stDataFrame"]').first.locator("[role=gridcell]")
    return cells.and_(page.locator('[aria-colindex="1"]'))


def test_a_sentence_is_offered_as_queries_and_one_is_taken(
    open_page: Open, browser_home: Path
) -> None:
    name = keep_drawn(browser_home)
    page = open_page(f"graph?graph=nations&do=Link+prediction&graph-model={name}")
    page.get_by_role("button", name="Ask in a sentence").click()
    fill(page, "Question", "who gave the usa an embassy?")
    expect(page.get_by_role("button", name="(usa, embassy, ?)", exact=False)).to_be_visible()
    expect(page.get_by_text("(netherlands, militaryalliance, ?)")).to_be_attached()
    page.get_by_role("button", name="(?, embassy, usa)", exact=False).click()
    expect(page.locator(".st-key-result").get_by_text("(?, embassy, usa)")).to_be_attached()
    assert {"ask-for=Heads", "ask-relation=embassy", "ask-tail=usa"} <= {
        *page.url.partition("?")[2].split("&")
    }
