"""The page Graph on Nations and on graphs by hand: facts, training, questions, figures, the map."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.base.errors import Cancelled
from core.cache import graph_search, graph_training
from core.graphs import entity_search, models, pipeline, review, sources
from core.graphs.scoring import Model
from core.graphs.search import Trial
from core.graphs.settings import Settings, defaults
from core.graphs.training import Watch
from tests.support.app_page import checked, open_page
from tests.support.graph_fixtures import FAMILY, random_model


def opened(**parameters: str) -> AppTest:
    """The page with these query parameters."""
    return open_page("graph", **parameters)


def told(page: AppTest) -> str:
    """All captions, infos, errors and so on as one text."""
    kinds = (page.caption, page.info, page.error, page.warning, page.success, page.markdown)
    text = "\n".join(str(one.value) for kind in kinds for one in kind)
    return text.replace("\\", "")


def keep(model: Model = Model.COMPLEX, seed: int = 0) -> None:
    """A model of Nations with drawn vectors, as if it was trained."""
    made = random_model(sources.load_graph("nations"), model, seed=seed)
    models.save(made, models.kept_folder(made))


def test_the_facts_of_a_graph(own_home: Path) -> None:
    page = opened(do="Statistics")
    assert "14 entities, 55 relations; triples: 1,592 train, 199 valid, 201 test" in told(page)
    relations, entities = (page.dataframe[at].value for at in range(2))
    assert len(relations) == 55
    assert set(relations["kind"]) <= {"1-1", "1-N", "N-1", "N-N"}
    assert relations["triples"].sum() == entities["as head"].sum() == entities["as tail"].sum()
    assert len(entities) == 14


def test_the_graph_is_drawn_from_its_best_connected_entity(own_home: Path) -> None:
    page = opened()
    [triples] = (one.value for one in page.dataframe)
    assert (triples[["head", "tail"]] == "usa").any(axis=1).all()
    assert f"{len(triples)} triples**; 22 more triples" in told(page)
    graph = sources.load_graph("nations")
    usa = graph.entities.index("usa")
    known = np.concatenate(list(graph.parts.values()))
    assert len(triples) + 22 == ((known[:, 0] == usa) | (known[:, 2] == usa)).sum()
    page.text_input[0].set_value("chna")
    assert "“chna” is not an entity of nations" in told(checked(page))
    assert "Did you mean china" in told(page)


def test_a_graph_that_is_not_here_is_offered_with_size_and_licence(own_home: Path) -> None:
    page = opened(graph="fb15k237")
    assert "FB15k-237 is not on this computer yet" in told(page)
    assert "CC BY 2.5" in told(page)
    assert "Download (7.6 MB)" in [one.label for one in page.button]


def test_a_few_epochs_are_trained_and_kept(own_home: Path) -> None:
    page = opened(graph="nations", do="Train")
    assert "There is no model of this graph yet" in told(page)
    [epochs] = [one for one in page.number_input if one.label == "Epochs"]
    epochs.set_value(2)
    [dim] = [one for one in page.number_input if one.label == "Dimension"]
    dim.set_value(8)
    checked(page)
    [train] = [one for one in page.button if one.label == "Train"]
    train.click()
    assert "Trained and saved as" in told(checked(page))
    assert [one.label for one in page.metric] == [
        "MRR",
        "Hits@1",
        "Hits@3",
        "Hits@10",
        "Training, s",
    ]
    assert "MRR by optimistic ranks" in " ".join(one.value for one in page.caption)
    [name] = models.list_kept()
    assert name.startswith("nations-DistMult-")


def test_a_cancelled_training_keeps_nothing_and_can_begin_again(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(*_: object) -> str:
        raise Cancelled("training")

    monkeypatch.setattr(graph_training, "train", cancelled)
    page = opened(graph="nations", do="Train")
    [train] = [one for one in page.button if one.label == "Train"]
    train.click()
    assert "Nothing of this training is kept" in told(checked(page))
    labels = [one.label for one in page.button]
    assert "Train" in labels
    assert "Stop early and keep" not in labels
    assert not models.list_kept()


def test_the_best_settings_of_a_search_stand_in_the_boxes(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def search(graph: object, settings: Settings, minutes: float, progress: object) -> list[Trial]:
        asked.append((settings, minutes))
        if len(asked) > 1:
            raise Cancelled("search")
        best = replace(settings, dim=24, epochs=12, learning_rate=0.0123, inverse=False)
        return [Trial(best, 0.75), Trial(replace(settings, epochs=3), 0.5)]

    monkeypatch.setattr(graph_search, "search", search)
    page = opened(graph="nations", do="Train")
    before = page.number_input(key="train-batch").value
    page.number_input(key="search-minutes").set_value(2.0)
    checked(page)
    page.button(key="search-begin").click()
    assert "validation MRR of 0.750" in told(checked(page))
    boxes = [page.number_input(key=f"train-{name}").value for name in ("dim", "epochs", "batch")]
    assert boxes == [24, 12, before]
    assert page.number_input(key="train-learning_rate").value == 0.0123
    assert page.toggle(key="train-inverse").value is False
    [tried] = page.dataframe
    assert tried.value["validation MRR"].tolist() == [0.75, 0.5]
    assert {*tried.value} == {"validation MRR", "epochs", "dimension", "learning rate"}
    page.button(key="search-begin").click()
    assert "The boxes are as they were" in told(checked(page))
    assert page.number_input(key="train-dim").value == 24
    assert asked[0] == (defaults("nations"), 2.0)
    assert asked[1][0].dim == 24


def test_a_training_begins_with_names_where_that_is_chosen(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def train(graph: object, settings: Settings, *_: object) -> str:
        asked.append(settings)
        raise Cancelled("training")

    monkeypatch.setattr(graph_training, "train", train)
    page = opened(graph="nations", do="Train")
    page.toggle(key="train-start_from").set_value(True)
    checked(page)
    [button] = [one for one in page.button if one.label == "Train"]
    button.click()
    checked(page)
    assert asked == [
        replace(defaults("nations"), start_from=str(page.selectbox(key="space").value))
    ]


def test_a_training_that_was_stopped_is_resumed(own_home: Path) -> None:
    graph, settings, watch = sources.load_graph("nations"), Settings(dim=4, epochs=4), Watch()

    def stop(done: int, total: int, note: str = "") -> None:
        if done == 1:
            watch.stop.set()

    stopped = pipeline.make(graph, settings, stop, watch)
    models.save(stopped, models.kept_folder(stopped))
    page = opened(graph="nations", do="Train")
    [resume] = [one for one in page.button if one.label == "Resume at epoch 2"]
    resume.click()
    assert "Trained and saved as" in told(checked(page))
    expected = models.kept_folder(pipeline.make(graph, settings))
    assert expected.name in models.list_kept()
    assert not models.can_resume(expected)


def test_settings_that_do_not_go_together_are_told(own_home: Path) -> None:
    page = opened(graph="nations", do="Train")
    [loss] = [one for one in page.selectbox if one.label == "Loss"]
    loss.set_value("margin")
    assert "0 are sampled" in told(checked(page))


def test_a_model_is_asked(own_home: Path) -> None:
    keep()
    page = opened(graph="nations", do="Link prediction")
    assert len(page.dataframe[0].value) == 10
    assert "predictions" in told(page)
    shown = page.dataframe[0].value["split"].tolist()
    assert set(shown) <= {"", "train", "valid", "test"}
    [only] = [one for one in page.toggle if one.label == "Hide known triples"]
    only.set_value(True)
    checked(page)
    assert set(page.dataframe[0].value["split"]) == {""}
    why = page.dataframe[1].value
    assert list(why) == ["head", "relation", "tail", "head similarity", "tail similarity"]
    for kind in ("Heads", "Relations"):
        page = opened(graph="nations", do="Link prediction", **{"ask-for": kind})
        assert len(page.dataframe[0].value) == 10
    [head] = [one for one in page.text_input if one.label == "Head"]
    head.set_value("us")
    assert "Did you mean usa" in told(checked(page))


def test_figures_of_two_models_beside_the_baselines(own_home: Path) -> None:
    keep()
    keep(Model.TRANSE, 1)
    page = opened(graph="nations", do="Evaluation", two="true")
    shown = page.dataframe[0].value
    assert shown["model"].tolist()[-2:] == [
        "baseline: frequency in the relation",
        "baseline: random",
    ]
    assert len(shown) == 8
    assert 0.2 < shown["MRR"].tolist()[-1] < 0.5
    assert len(page.dataframe[1].value.columns) == 6
    [best] = [one.value for one in page.caption if one.value.startswith("Optimistic ranks let")]
    assert shown["MRR"].tolist()[0] == pytest.approx(
        float(best.split("MRR ")[1].split(",")[0]), abs=0.0006
    )  # vectors are drawn: no two scores are equal


@pytest.mark.parametrize("model", [Model.TRANSE, Model.ROTATE])
def test_relations_are_arrows_on_the_map(own_home: Path, model: Model) -> None:
    keep(model)
    page = opened(graph="nations", do="Map")
    assert "14 points by PCA" in told(page)
    assert "How parallel" in told(page)
    said = {Model.TRANSE: "where TransE wants 1", Model.ROTATE: "all real parts"}[model]
    assert said in told(page)
    assert ("How far RotatE turns" in [one.value for one in page.subheader]) is (
        model is Model.ROTATE
    )


def test_names_are_joined_to_the_space_of_texts(own_home: Path) -> None:
    keep()
    page = opened(graph="nations", do="Compare with text embeddings")
    assert "Shared neighbours" in [one.label for one in page.metric]
    assert len(page.dataframe[0].value) == 14


def test_own_triples_become_a_graph(own_home: Path) -> None:
    lines = "".join("\t".join(triple) + "\r\n" for triple in FAMILY["train"])
    name = sources.keep_own("my family.tsv", {"my family.tsv": lines.encode()})
    assert name == "my-family"
    page = opened(graph=name)
    assert "5 entities, 3 relations" in told(page)
    assert "Datasets" in opened(do="Datasets").segmented_control[0].value
    made = pipeline.make(sources.load_graph(name), Settings(dim=4, epochs=1))
    models.save(made, models.kept_folder(made))
    page = opened(graph=name, do="Link prediction")
    assert len(page.dataframe[0].value) == 5
    about = sources.graph_folder(name) / "graph.json"
    about.write_text("{}")
    assert "is damaged" in told(opened(graph=name))


def test_an_archive_of_triples_is_brought_on_the_page_and_a_damaged_one_told(
    own_home: Path,
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part, triples in FAMILY.items():
            archive.writestr(f"{part}.tsv", "".join("\t".join(one) + "\n" for one in triples))
    page = opened(do="Your graph")
    for name, data in (("cut.zip", stream.getvalue()[:-30]), ("family.zip", stream.getvalue())):
        page.file_uploader(key="graph-files").set_value([(name, data, "application/zip")])
        [bring] = [one for one in page.button if one.label == "Upload"]
        bring.click()
        checked(page)
        assert ("“cut.zip” could not be unpacked" in told(page)) == (name == "cut.zip")
    next(one for one in page.button if one.label == "Import").click()
    assert "Saved as **family**" in told(checked(page))
    assert sources.list_own() == ["family"]
    graph = sources.load_graph("family")
    assert len(graph.parts["train"]) == len(FAMILY["train"])


def test_a_link_to_an_unknown_graph_says_so(own_home: Path) -> None:
    page = opened(graph="nowhere")
    assert not page.exception
    assert "asks for “nowhere”, which is not here: nations is taken" in told(page)


CASES = Path(__file__).parent.parent / "cases" / "graphs"


def test_the_separator_of_triples_can_be_changed(own_home: Path) -> None:
    page = opened(do="Datasets")
    lines = "a b;likes;c d,e\nc d,e;likes;a b\nf;hates;c d,e\n"
    page.file_uploader(key="graph-files").set_value(("x.csv", lines.encode(), "text/csv"))
    next(one for one in page.button if one.label == "Upload").click()
    checked(page)
    assert "3 entities, 2 relations" in told(page)
    page.selectbox(key="graph-separator").set_value("comma")
    next(one for one in page.button if one.label == "Read again").click()
    checked(page)
    assert "3 entities, 2 relations" not in told(page)


def test_own_files_are_previewed_read_otherwise_and_imported(own_home: Path) -> None:
    page = opened(do="Datasets")
    [files] = [one for one in page.file_uploader if one.label == "Triples"]
    files.set_value(("htr.csv", (CASES / "htr.csv").read_bytes(), "text/csv"))
    [called] = [one for one in page.text_input if one.label == "Name of the graph"]
    called.set_value("Cities")
    next(one for one in page.button if one.label == "Upload").click()
    checked(page)
    assert "11 entities, 3 relations; triples: 17 train" in told(page)
    assert "head from “head”, relation from “relation”, tail from “tail”" in told(page)
    assert "Rows: 17; triples taken: 17; left out: 0." in told(page)
    assert [*page.dataframe[0].value.columns] == ["1: head", "2: tail", "3: relation"]
    assert [*page.dataframe[0].value.iloc[1]] == ["berlin", "germany", "capital_of"]
    choices = {one.label: one for one in page.selectbox}
    choices["Column of the head"].set_value("2")
    choices["Column of the tail"].set_value("1")
    next(one for one in page.button if one.label == "Read again").click()
    checked(page)
    assert [*page.dataframe[0].value.columns] == ["1: tail", "2: head", "3: relation"]
    next(one for one in page.button if one.label == "Import").click()
    checked(page)
    assert "Saved as Cities" in told(page).replace("*", "")
    kept = sources.load_named("Cities")
    assert (len(kept.entities), len(kept.train)) == (11, 17)
    assert kept.relation("capital_of") in set(
        kept.triples[kept.triples[:, 2] == kept.entity("berlin"), 1]
    )


def test_a_sentence_is_offered_as_a_query_that_a_click_takes(own_home: Path) -> None:
    keep()
    page = opened(graph="nations", do="Link prediction")
    before = page.dataframe[0].value["prediction"].tolist()
    [sentence] = [one for one in page.text_input if one.label == "Question"]
    sentence.set_value("who gave the usa an embassy?")
    checked(page)
    assert page.dataframe[0].value["prediction"].tolist() == before  # nothing is taken silently
    first = page.button(key="ask-offer-0")
    assert first.label.replace("\\", "") == "(?, embassy, usa) · 1.00"
    first.click()
    checked(page)
    assert "(?, embassy, usa)" in told(page)
    assert page.segmented_control(key="ask-for").value == "Heads"
    [tail] = [one for one in page.text_input if one.label == "Tail"]
    assert tail.value == "usa"


def test_an_entity_that_the_graph_lacks_is_asked_by_its_text(own_home: Path) -> None:
    keep()
    page = opened(graph="nations", do="Unseen entity", **{"unseen-relation": "embassy"})
    assert "(new, embassy, ?)" in told(page)
    assert page.dataframe[0].value["prediction"].nunique() == 10
    figures = page.dataframe[1].value
    assert figures["ranked by"].tolist() == [
        "text alone",
        "baseline: frequency",
        "own trained vector",
    ]
    assert "14 held-out entities" in told(page)
    [text] = [one for one in page.text_input if one.label == "Text of the new entity"]
    text.set_value(" ")
    assert "Type a name or a description" in told(checked(page))


def test_suspicious_and_missing_triples_are_shown(own_home: Path) -> None:
    keep()
    page = opened(graph="nations", do="Review", **{"review-split": "Test"})
    shown = page.dataframe[0].value
    assert (len(shown), set(shown["split"])) == (100, {"test"})
    assert shown["percentile"].is_monotonic_decreasing
    assert "201 triples ranked of 201" in told(page)
    link = {"review-find": "Missing triples", "review-relation": "embassy", "review-each": "7"}
    page = opened(graph="nations", do="Review", **link)
    shown = page.dataframe[0].value
    assert (len(shown), set(shown["relation"])) == (7, {"embassy"})
    assert "7 triples that training does not have" in told(page)
    exports = [one.label for one in page.main.get("download_button")]
    assert exports == ["Download CSV", "Download triples (TSV)"]


def test_entities_by_words_and_by_a_formula(own_home: Path) -> None:
    keep()
    page = opened(graph="nations", do="Entities", **{"entity-find": "usa"})
    shown, near = (page.dataframe[at].value for at in range(2))
    assert shown.iloc[0][["entity", "match"]].tolist() == ["usa", "name"]
    assert set(near["graph rank"][:1] + near["text rank"][:1]) <= set(range(2, 21))
    assert "Agreement:" in told(page)
    [asked] = [one for one in page.text_input if one.label == "Words or a formula"]
    asked.set_value("usa - uk + china")
    checked(page)
    found = page.dataframe[0].value["entity"].tolist()
    assert len(found) == 10
    assert not {"usa", "uk", "china"} & {*found}
    [asked] = [one for one in page.text_input if one.label == "Words or a formula"]
    asked.set_value("usaa - uk")
    assert "Did you mean usa" in told(checked(page))


def test_neighbours_by_graph_name_and_picture_stand_in_one_table(own_home: Path) -> None:
    keep()
    page = opened(
        graph="nations", do="Entities", **{"entity-find": "cuba", "entity-pictures": "openmoji"}
    )
    table = page.dataframe[-1].value
    graph, model = sources.load_graph("nations"), models.load(*models.list_kept().values())
    held = entity_search.unit_entities(model)
    similar = held @ held[graph.entity("cuba")]
    rank = (similar > similar[graph.entity("usa")]).sum()
    usa = table[table["entity"] == "usa"].iloc[0]
    assert usa["graph rank"] == rank
    # Ten of Nations have a flag, so there are nine others to rank.
    assert sorted(table["picture rank"].dropna()) == list(range(1, 10))
    assert table["picture cosine"].max() < 1
    assert "the name and the picture" in told(page)


def test_suspicious_triples_are_cross_validated_after_a_click(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    made = random_model(sources.load_graph("nations"), Model.COMPLEX)
    monkeypatch.setattr(review.training, "train", lambda *_: made.trained)
    page = opened(graph="nations", do="Review", **{"review-cross": "true"})
    assert not page.dataframe
    [split] = [one for one in page.segmented_control if one.label == "Split"]
    assert split.disabled  # only training triples are ranked
    next(one for one in page.button if one.label == "Cross-validate").click()
    checked(page)
    assert set(page.dataframe[0].value["split"]) == {"train"}
    assert "1,592 triples ranked of 1,592" in told(page)


def test_one_relation_is_told_in_the_singular(own_home: Path) -> None:
    name = sources.keep_own("two.csv", {"two.csv": b"head,relation,tail\na,r,b\nb,r,a\n"})
    assert "2 entities, 1 relation; triples: 2 train" in told(opened(graph=name))
