"""The page Map on real vectors: what it shows, selects, finds, drops and compares."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.base.types import Metric
from core.cache import map_items as items_cache
from core.sentences import datasets
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.ui.map import drop, scatter, selection
from tests.support.app_page import checked, open_page


def opened(**parameters: str) -> AppTest:
    """The page with these query parameters."""
    return open_page("map", **parameters)


def told(page: AppTest) -> str:
    """All captions, infos and errors as one text."""
    kinds = (page.caption, page.info, page.error, page.warning, page.subheader)
    return "\n".join(str(one.value) for kind in kinds for one in kind)


def select(page: AppTest, texts: list[str]) -> None:
    """Selects items by their texts, as the lasso's callback does."""
    digest, names = page.session_state["of-test"]
    rows = np.array([names.index(text) for text in texts])
    page.session_state[selection.CHOSEN] = (digest, np.sort(rows))


@pytest.fixture
def emoji_map(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Emoji by PCA; what is mapped is noted in the session."""
    import streamlit as st

    original = items_cache.pictures

    def noted(*arguments: Any) -> Any:
        data = original(*arguments)
        st.session_state["of-test"] = (data.digest, data.texts)
        return data

    monkeypatch.setattr(items_cache, "pictures", noted)
    return opened(of="Pictures", method="PCA")


def test_the_map_says_what_it_is_and_what_it_loses(emoji_map: AppTest) -> None:
    page = emoji_map
    assert "1,914 points by PCA" in told(page).replace("\\", "")
    shown = {metric.label: metric.value for metric in page.metric}
    assert 0.6 < float(shown["Trustworthiness"]) < 0.9
    assert 0.7 < float(shown["Continuity"]) < 1
    assert set(shown) == {
        "Trustworthiness",
        "Continuity",
        "k-NN preservation (recall@15)",
        "Explained variance",
    }
    assert page.selectbox(key="color").value == "group"
    for option in ("k-NN preservation", "one colour", "subgroup"):
        page.selectbox(key="color").set_value(option)
        checked(page)


def test_a_run_looks_the_spaces_up_once_and_the_next_one_again(
    emoji_map: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, looks = registry._look, []

    def looked() -> list[SpaceEntry]:
        looks.append(1)
        return original()

    monkeypatch.setattr(registry, "_look", looked)
    select(emoji_map, ["red apple", "pear"])
    assert "2 items selected" in told(checked(emoji_map))
    assert len(looks) == 1
    checked(emoji_map)
    assert len(looks) == 2


def test_a_selection_is_listed_grows_and_is_mapped_alone(emoji_map: AppTest) -> None:
    page = emoji_map
    select(page, ["red apple", "pear", "banana"])
    checked(page)
    assert "3 items selected" in told(page)
    table = page.dataframe[0].value
    assert sorted(table["text"]) == ["banana", "pear", "red apple"]
    assert {"id", "x", "y", "lost", "group"} <= set(table.columns)
    page.selectbox(key="color").set_value("k-NN preservation")
    assert "3 items selected" in told(checked(page))
    page.button(key="grow").click()
    assert re.search(r"^1\d items selected$", told(checked(page)), re.MULTILINE)
    assert "green apple" in list(page.dataframe[0].value["text"])
    page.button(key="only").click()
    narrowed = told(checked(page)).replace("\\", "")
    assert "of 1,914 are projected" in narrowed
    page.button(key="map-all").click()
    assert "are projected" not in told(checked(page))


def test_in_space_the_table_stays_so_that_more_rows_can_be_ticked(emoji_map: AppTest) -> None:
    page = emoji_map
    page.segmented_control(key="dims").set_value(3)
    checked(page)
    select(page, ["red apple", "pear"])
    checked(page)
    assert "2 items selected" in told(page)
    assert [len(one.value) for one in page.dataframe if "z" in one.value] == [2, 500]


@pytest.fixture
def charts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the charts of the last runs were sent, the latest last."""
    sent: list[dict[str, Any]] = []
    original = scatter.show

    def noted(
        payload: Any, key: str, selected: Any, take: Any, more: Any = None, *, color: str = ""
    ) -> None:
        sent.append({**payload, **(more or {}), "key": key, "selected": selected, "take": take})
        original(payload, key, selected, take, more, color=color)

    monkeypatch.setattr(scatter, "show", noted)
    return sent


def test_the_chart_is_answered_by_meaning(
    emoji_map: AppTest, charts: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = ["a musical instrument"]
    monkeypatch.setattr(scatter, "query", lambda key: typed[0])
    checked(emoji_map)
    near = charts[-1]["near"]
    texts = emoji_map.session_state["of-test"][1]
    assert len(near["rows"]) == len(near["scores"]) == 20
    assert {"guitar", "violin"} <= {texts[row] for row in near["rows"]}
    assert near["scores"] == sorted(near["scores"], reverse=True)
    assert emoji_map.query_params["seek"] == "a musical instrument"
    typed[0] = "[nothing]"
    checked(emoji_map)
    assert "nothing" in charts[-1]["near"]["error"]
    assert charts[-1]["near"]["rows"] == []


def test_what_is_selected_in_the_chart_is_the_selection(
    emoji_map: AppTest, charts: list[dict[str, Any]]
) -> None:
    checked(emoji_map)
    select(emoji_map, ["red apple", "pear"])
    checked(emoji_map)
    _, texts = emoji_map.session_state["of-test"]
    assert {texts[row] for row in charts[-1]["selected"]} == {"red apple", "pear"}
    emoji_map.button(key="select-none").click()
    assert "items selected" not in told(checked(emoji_map))
    assert not len(charts[-1]["selected"])


def test_a_link_types_into_the_charts_search(charts: list[dict[str, Any]]) -> None:
    opened(of="Custom words", method="PCA", seek="dog")
    assert charts[-1]["seek"] == "dog"


def test_what_is_dropped_lands_among_its_like(emoji_map: AppTest) -> None:
    page = emoji_map
    page.text_input(key=drop.DROP).set_value("a strawberry; [1F34E]; [nothing]")
    checked(page)
    assert "no picture or saved vector called [nothing]" in told(page).replace("\\", "")
    table = page.dataframe[0].value
    assert list(table["new point"]) == ["a strawberry", "[1F34E]"]
    assert table["nearest"][0].startswith("strawberry")
    assert table["nearest"][1].startswith("red apple")
    assert table["similarity of the nearest"][1] == pytest.approx(1, abs=1e-4)


def test_names_on_one_datasets_map_do_not_come_along_to_anothers(emoji_map: AppTest) -> None:
    page = emoji_map
    page.text_input(key=drop.DROP).set_value("[1F34E]; a pear")
    checked(page)
    assert list(page.dataframe[0].value["new point"]) == ["[1F34E]", "a pear"]
    page.segmented_control(key="of").set_value("Custom words")
    checked(page)
    assert page.text_input(key=drop.DROP).value == ""
    assert not page.error
    page.text_input(key=drop.DROP).set_value("a pear")  # words mean the same everywhere
    checked(page)
    page.segmented_control(key="of").set_value("Pictures")
    checked(page)
    assert page.text_input(key=drop.DROP).value == "a pear"


@pytest.mark.slow
def test_clusters_are_named_by_their_words(emoji_map: AppTest) -> None:
    page = emoji_map
    page.segmented_control(key="clusters").set_value("k-means")
    checked(page)
    assert "8 clusters of the projection; silhouette 0." in told(page).replace("\\", "")
    page.toggle(key="clusters-flat").set_value(False)
    checked(page)
    assert "8 clusters of the vectors; silhouette 0." in told(page).replace("\\", "")
    tables = [one.value for one in page.dataframe if "cluster" in one.value]
    table = next(one for one in tables if "points" in one)
    points = next(one for one in tables if "id" in one)  # of the map, beside what else is known
    assert {*points["cluster"]} <= {*table["cluster"]}
    assert table["points"].sum() == 1_914
    assert table["points"].is_monotonic_decreasing
    assert any("flag" in name for name in table["cluster"])
    page.toggle(key="clusters-flat").set_value(True)  # HDBSCAN of so many vectors takes long
    page.segmented_control(key="clusters").set_value("HDBSCAN")
    assert "of the projection" in told(checked(page)).replace("\\", "")


def test_words_lie_along_two_axes() -> None:
    page = opened(of="Custom words", view="Semantic axes")
    table = page.dataframe[0].value
    assert len(table) == 28
    page.text_input(key="x-low").set_value("apple, pear")
    page.text_input(key="x-high").set_value("car, train")
    checked(page)
    places = page.dataframe[0].value.set_index("text")["apple, pear → car, train"]
    assert places["plum"] < 0 < places["bus"]
    page.text_input(key="x-high").set_value("apple, pear")
    assert "Both ends of the axis are the same" in told(checked(page))
    page.text_input(key="x-high").set_value(" ")
    assert "nothing to search for" in told(checked(page))


def test_a_side_of_an_axis_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    read = drop.read
    monkeypatch.setattr(drop, "read", lambda data, text: (asked.append(text), read(data, text))[1])
    page = opened(of="Custom words", view="Semantic axes", **{"x-high": ",".join(["1"] * 2_000)})
    assert "One side of an axis has 2,000 words. At most 50 are taken." in " ".join(
        told(page).replace("\\", "").split()
    )
    assert len(asked) < 10
    page.text_input(key="x-high").set_value(",".join(f"word {at}" for at in range(50)))
    assert "At most 50" not in told(checked(page))


def test_two_maps_tell_what_moved() -> None:
    page = opened(of="Custom words", view="Compare projections", method="PCA", fixed="true")
    page.segmented_control(key="b-method").set_value("t-SNE")
    checked(page)
    assert "neighbours on the other" in told(page)
    table = page.dataframe[0].value
    assert len(table) == 28
    assert table["neighbours in common"].is_monotonic_increasing
    page.segmented_control(key="b-method").set_value("PCA")
    checked(page)
    assert "0% of the squared distances remain" in told(page).replace("\\", "")
    assert (page.dataframe[0].value["neighbours in common"] == 1).all()


@pytest.mark.parametrize(
    ("view", "key"),
    [
        ("Projection", "color"),
        ("Compare projections", "beside-color"),
        ("Semantic axes", "slice-color"),
    ],
)
def test_colours_are_in_the_link_and_unknown_ones_let_go(view: str, key: str) -> None:
    page = opened(of="Pictures", view=view, method="PCA", **{key: "group", "b-method": "PCA"})
    assert page.selectbox(key=key).value == "group"
    page = opened(of="Custom words", view=view, method="PCA", **{key: "group", "b-method": "PCA"})
    assert page.selectbox(key=key).value != "group"


@pytest.mark.slow
def test_pictures_are_laid_beside_themselves_in_another_space(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The right map is of what the left one says it was made from."""
    blends = {}
    original = items_cache.pictures

    def noted(opened: Any, space: str, origin: Any) -> Any:
        blends[space] = opened.blend
        return original(opened, space, origin)

    monkeypatch.setattr(items_cache, "pictures", noted)
    address = {"of": "Pictures", "view": "Compare projections", "method": "PCA", "b-method": "PCA"}
    page = opened(**address, blend="0.25", **{"b-space": "colour-outline"})
    assert blends == {"minilm": 0.25, "colour-outline": 0.0}  # which knows no texts
    assert "neighbours on the other" in told(page)
    page.segmented_control(key="of").set_value("Custom words")
    checked(page)
    assert not [box for box in page.selectbox if box.key == "b-space"]


def test_texts_of_a_column_are_laid_beside_themselves_in_another_space(own_home: Path) -> None:
    lines = ["a,b", *(f"number {n} of them,the text {n * n} beside" for n in range(12))]
    datasets.import_table("two.csv", "\n".join(lines).encode())
    address = {"of": "Texts", "view": "Compare projections", "method": "PCA", "b-method": "PCA"}
    page = opened(**address, data="two", column="b", **{"b-space": "minilm-layer2"})
    assert set(page.dataframe[0].value["text"]) == {f"the text {n * n} beside" for n in range(12)}
    assert page.selectbox(key="b-space").value == "minilm-layer2"


def test_two_maps_show_the_same_points_under_the_mouse(charts: list[dict[str, Any]]) -> None:
    opened(of="Custom words", view="Compare projections", method="PCA")
    left, right = charts[-2:]
    assert left["group"] == right["group"]
    assert (left["points"]["n"], right["points"]["n"]) == (28, 28)


def test_a_map_without_a_seed_is_made_again_at_a_click() -> None:
    page = opened(of="Custom words", method="UMAP")
    checked(page)
    [again] = [one for one in page.button if one.label == "Recompute"]
    again.click()
    assert "28 points by UMAP, made in" in told(checked(page)).replace("\\", "")


@pytest.mark.slow
def test_umap_learn_is_chosen_with_metric_density_and_a_column(own_home: Path) -> None:
    lines = ["a,b,c,kind"]
    for n in range(40):
        lines.append(f"{n % 7},{n * n % 11},{n % 2 * 9 + n % 5},{'odd' if n % 2 else 'even'}")
    datasets.import_table("counts.csv", "\n".join(lines).encode())
    chosen = {"method": "UMAP (umap-learn)", "fixed": "true", "seed": "3"}
    column = {"umap-metric": "hellinger", "densmap": "true", "target": "kind"}
    page = opened(of="Numeric columns", data="counts", **chosen, **column)
    shown = told(page).replace("\\", "")
    assert "40 points by UMAP (umap-learn), made in" in shown
    assert "Supervised by “kind”" in shown
    assert "manhattan" in page.selectbox(key="umap-metric").options
    [folder] = (own_home / "maps").iterdir()
    recipe = json.loads((folder / "about.json").read_text())["recipe"]
    assert {name: recipe[name] for name in ("method", "metric", "seed", "densmap", "target")} == {
        "method": "umap-learn",
        "metric": "hellinger",
        "seed": 3,
        "densmap": True,
        "target": "kind",
    }
    assert page.number_input(key="target_weight").value == 0.5
    assert page.number_input(key="dens_lambda").value == 2.0
    page.segmented_control(key="method").set_value("PCA")
    assert "40 points by PCA" in told(checked(page)).replace("\\", "")


@pytest.mark.slow
def test_a_link_for_other_data_leaves_metric_and_column_as_they_are_at_first() -> None:
    other = {"umap-metric": "hellinger", "target": "gone"}  # of counts, and of another table
    page = opened(of="Custom words", method="UMAP (umap-learn)", fixed="true", **other)
    assert "28 points by UMAP (umap-learn)" in told(page).replace("\\", "")
    assert page.selectbox(key="umap-metric").value == "cosine"
    assert "hellinger" not in page.selectbox(key="umap-metric").options
    assert page.selectbox(key="target").value == "no column"


def test_an_empty_shelf_and_texts_without_numbers_say_what_to_do() -> None:
    assert "Nothing is saved yet" in told(opened(of="Saved vectors"))
    assert "has no numeric columns" in told(opened(of="Numeric columns"))


def test_ready_coordinates_are_shown_as_they_are(own_home: Path) -> None:
    lines = ["name,x,y,kind", *(f"n{n},{n},{n * n},{'ab'[n % 2]}" for n in range(12)), "odd,,3,a"]
    datasets.import_table("places.csv", "\n".join(lines).encode())
    page = opened(of="Numeric columns", data="places")
    shown = told(page).replace("\\", "")
    assert "12 points" in shown
    assert "shown as they are" in shown
    assert page.segmented_control(key="method").disabled
    assert "so no method applies" in shown
    assert "Left out for NaN or infinite numbers: 1 row" in shown
    assert page.dataframe[0].value["x"].tolist()[:12] == list(range(12))
    kept = {metric.label: metric.value for metric in page.metric}
    assert (kept["Trustworthiness"], kept["Continuity"]) == ("1.000", "1.000")
    table = page.dataframe[0].value
    data = items_cache.columns(
        datasets.find_dataset("places"), ["x", "y"], Metric.EUCLIDEAN, standardize=False
    )
    page.session_state[selection.CHOSEN] = (data.digest, np.array([0]))
    assert "1 item selected" in told(checked(page))  # with lines to its neighbours
    page.button(key="grow").click()
    assert "6 items selected" in told(checked(page))
    assert set(page.dataframe[0].value["text"]) == set(table["text"][:6])
    page.toggle(key="columns-scaled").set_value(True)
    page.selectbox(key="columns-by").set_value("Cosine")
    assert "Each column is standardised" in told(checked(page))
