"""The page Graph, Explore: what the address opens, what a click does, paths, predicted links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.graphs import models, neighborhood, prediction, sources
from core.graphs.prediction import Question
from core.ui.graph import drawing as graph_drawing
from tests.pages.test_graph import told
from tests.support.app_page import checked, open_page
from tests.support.graph_fixtures import FAMILY, random_model


@pytest.fixture
def taps(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each run gave to the drawing; AppTest cannot click in a component."""
    shown: list[dict[str, Any]] = []
    original = graph_drawing.show

    def show(graph: Any, drawing: Any, **more: Any) -> None:
        shown.append({"drawing": drawing, **more})
        original(graph, drawing, **more)

    monkeypatch.setattr(graph_drawing, "show", show)
    return shown


def explore(**parameters: Any) -> AppTest:
    return open_page("graph", **{"graph": "nations", "do": "Explore", **parameters})


def shown(page: AppTest) -> list[tuple[str, str, str, str]]:
    """The rows of the table of triples."""
    [table] = [one.value for one in page.dataframe if "split" in one.value.columns]
    return [tuple(row[:4]) for row in table.to_numpy().tolist()]


def keep_family() -> None:
    lines = "".join("\t".join(triple) + "\n" for triple in FAMILY["train"])
    sources.keep_own("family.tsv", {"family.tsv": lines.encode()})


def test_a_link_expands_entities_and_filters_relations(
    own_home: Path, taps: list[dict[str, Any]]
) -> None:
    keep_family()
    page = explore(graph="family", explore="ben")
    assert set(shown(page)) == {
        ("anna", "parent of", "ben", "train"),
        ("ben", "child of", "anna", "train"),
        ("ben", "sibling of", "cora", "train"),
        ("cora", "sibling of", "ben", "train"),
    }
    page = explore(graph="family", explore="ben", **{"explore-expanded": "cora"})
    assert len(shown(page)) == 6
    assert "3 entities, 6 triples" in told(page)
    page = explore(graph="family", explore="ben", **{"explore-relations": "sibling of"})
    assert {row[1] for row in shown(page)} == {"sibling of"}
    assert not page.warning and not page.error
    page = explore(graph="family", explore="ben", **{"explore-expanded": "corra"})
    assert "Did you mean cora" in told(page)
    assert len(taps) == 4


def test_a_click_expands_and_another_one_collapses(
    own_home: Path, taps: list[dict[str, Any]]
) -> None:
    graph = sources.load_graph("nations")
    page = explore(explore="usa", **{"explore-limit": "3"})
    entity = taps[-1]["drawing"].entities[1]
    page.session_state["explore-expanded"] = [graph.label(entity)]  # as the click's callback does
    page = checked(page)
    drawn = taps[-1]["drawing"]
    usa = graph.entity("usa")
    assert [*drawn.left_out] == [usa, entity]
    wanted = neighborhood.expand(graph, [usa, entity], 3)
    assert drawn.facts == wanted.facts
    assert page.multiselect(key="explore-expanded").value == [graph.label(entity)]


def test_predicted_links_are_drawn_with_scores_and_explained(
    own_home: Path, taps: list[dict[str, Any]]
) -> None:
    graph = sources.load_graph("nations")
    assert "There is no model" in told(explore(**{"explore-predict": "true"}))
    model = random_model(graph)
    models.save(model, models.kept_folder(model))
    asked = {"explore": "china", "explore-predict": "true", "explore-relation": "embassy"}
    page = explore(**asked, **{"explore-for": "Heads", "explore-predictions": "3"})
    china, embassy = graph.entity("china"), graph.relation("embassy")
    found = prediction.answer(model, Question(None, embassy, china), 4, known=False)
    found = [one for one in found if one.row != china][:3]
    wanted = {(one.row, embassy, china, "predicted"): one.score for one in found}
    assert taps[-1]["scores"] == wanted
    assert set(wanted) <= set(taps[-1]["drawing"].facts)
    assert shown(page)[0] == (found[0].label, "embassy", "china", "predicted")
    assert page.selectbox(key="explore-why").value == f"1. {found[0].label} → china"
    assert "Most influential neighbours" in told(page)
    influence = [one.value for one in page.dataframe if "influence" in one.value.columns]
    assert len(influence[0]) == 8
    assert influence[0]["influence"].is_monotonic_decreasing


def test_entities_have_pictures_of_a_gallery(own_home: Path, taps: list[dict[str, Any]]) -> None:
    page = explore(explore="usa", **{"entity-pictures": "openmoji"})
    assert "10 of 14 entities have a picture, by the caption; 4 have none." in told(page)
    graph, found = sources.load_graph("nations"), taps[-1]["pictures"]
    assert found.id(graph.entity("cuba")) == "1F1E8-1F1FA"
    keep_family()
    page = explore(graph="family", **{"entity-pictures": "openmoji"})
    assert "No picture of “openmoji” is called as an entity of family" in told(page)
    assert taps[-1]["pictures"] is None


def test_paths_between_two_entities(own_home: Path, taps: list[dict[str, Any]]) -> None:
    keep_family()
    view = {"explore-view": "Paths", "explore-from": "anna", "explore-to": "emil"}
    assert "No path leads from anna to emil" in told(explore(graph="family", **view))
    page = explore(graph="family", **{**view, "explore-to": "ben", "explore-count": "2"})
    paths = page.dataframe[0].value
    assert paths["path"].tolist() == [
        "anna —parent of→ / ←child of— ben",
        "anna —parent of→ / ←child of— cora —sibling of→ / ←sibling of— ben",
    ]
    assert taps[-1]["lit"] == {"0-1", "1-0"}
    directed = {"explore-directed": "true", "explore-from": "dora", "explore-to": "anna"}
    page = explore(graph="family", **{**view, **directed})
    assert "switch “Directed” off" in told(page)


def test_a_whole_graph_and_what_of_it_is_left_out(
    own_home: Path, taps: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = explore(**{"explore-view": "Whole graph"})
    assert "14 entities, 1,992 triples" in told(page)
    monkeypatch.setattr(neighborhood, "MOST_PARTS", 1)
    keep_family()
    page = explore(graph="family", **{"explore-view": "Whole graph"})
    assert "There are 2 components; the 1 largest of them are drawn." in told(page)
    assert len(taps[-1]["drawing"].entities) == 3
