"""``python -m core graph``: its JSON, the folder it writes, its questions, its errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.base.types import Progress
from core.cli.main import main
from core.cli.map_items import load_source
from core.graphs import models, search
from core.graphs.graph import Graph
from core.graphs.search import Trial
from core.graphs.settings import Settings
from tests.cli.test_main import call
from tests.support.graph_fixtures import FAMILY

Capture = pytest.CaptureFixture[str]
PROMISED = ["model", "mrr", "hits_at_1", "hits_at_3", "hits_at_10", "seconds"]


@pytest.fixture(scope="module")
def nations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nations, trained for a few epochs by the command."""
    out = tmp_path_factory.mktemp("models") / "nations"
    arguments = ["--dim", "32", "--epochs", "12", "--seed", "1", "--learning-rate", "0.02"]
    arguments += ["--model", "ComplEx", "--out", str(out)]
    assert main(["graph", "train", "nations", *arguments, "--json"]) == 0
    return out


def test_training_tells_what_is_promised(tmp_path: Path, capsys: Capture) -> None:
    status, answer, _ = call(
        capsys,
        "graph",
        "train",
        "nations",
        "--model",
        "transe",
        "--dim",
        "4",
        "--epochs",
        "1",
        "--seed",
        "3",
        "--out",
        str(tmp_path / "m"),
    )
    assert status == 0
    assert list(answer)[:6] == PROMISED
    assert (answer["model"], answer["epochs"], answer["settings"]["seed"]) == ("TransE", 1, 3)
    assert answer["graph"]["test"] == 201
    assert 0 < answer["frequency"]["mrr"] < 1
    assert list(answer["optimistic"]) == ["mrr", "hits_at_1", "hits_at_3", "hits_at_10"]
    assert answer["mrr"] <= answer["optimistic"]["mrr"] <= 1


def test_a_training_is_stopped_after_its_minutes_and_resumed(
    tmp_path: Path, capsys: Capture
) -> None:
    base = ["--dim", "4", "--batch", "512", "--relation-weight", "0.5"]
    status, first, _ = call(
        capsys,
        *("graph", "train", "nations", *base, "--epochs", "2000"),
        *("--minutes", "0.000001", "--out", str(tmp_path / "first")),
    )
    assert status == 0
    assert 1 <= first["epochs"] < 2000
    assert f"Stopped after {first['epochs']} of 2000 epochs." in first["notes"]
    epochs = str(first["epochs"] + 2)
    resume = ["graph", "train", "--resume", str(tmp_path / "first"), "--epochs", epochs]
    status, second, _ = call(capsys, *resume, "--out", str(tmp_path / "second"))
    assert (status, second["epochs"]) == (0, first["epochs"] + 2)
    assert second["settings"]["relation_weight"] == 0.5
    call(
        capsys,
        *("graph", "train", "nations", *base, "--epochs", epochs, "--out", str(tmp_path / "whole")),
    )
    one, other = (models.load(tmp_path / name) for name in ("second", "whole"))
    assert one.digest == other.digest
    for arguments in (
        ["--out", str(tmp_path / "n")],
        ["nations", "--resume", str(tmp_path / "first"), "--out", str(tmp_path / "n")],
    ):
        status, answer, _ = call(capsys, "graph", "train", *arguments)
        assert status == 2
        assert "A source or --resume, and not both" in answer["error"]["message"]
    out = ["--minutes", "0", "--out", str(tmp_path / "n")]
    status, answer, _ = call(capsys, "graph", "train", "nations", *out)
    assert status == 2
    assert "A number of minutes above 0" in answer["error"]["message"]
    status, answer, _ = call(capsys, *resume, "--dim", "5", "--out", str(tmp_path / "n"))
    assert status == 2
    assert "settings that it began with" in answer["error"]["message"]


def test_settings_are_searched_before_the_training(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    original = search.search

    def one(
        graph: Graph, start: Settings, seconds: float, progress: Progress, **more: Any
    ) -> list[Trial]:
        given.append(seconds)
        return original(graph, start, 3_600, progress, trials=1, **more)

    monkeypatch.setattr(search, "search", one)
    monkeypatch.setattr(search, "MOST_EPOCHS", 3)
    base = ["graph", "train", "nations", "--dim", "4", "--batch", "512"]
    status, answer, _ = call(capsys, *base, "--search", "2", "--out", str(tmp_path / "m"))
    assert (status, given) == (0, [120])
    [tried] = answer["tried"]
    assert 0 < tried.pop("valid_mrr") < 1
    assert tried == answer["settings"]
    assert (answer["epochs"], answer["settings"]["dim"]) == (3, 4)
    status, answer, _ = call(capsys, *base, "--search", "-1", "--out", str(tmp_path / "n"))
    assert status == 2
    assert "--search is -1" in answer["error"]["message"]


def test_a_trained_model_answers_as_documented(nations: Path, capsys: Capture) -> None:
    status, answer, _ = call(
        capsys,
        "graph",
        "predict",
        str(nations),
        "--head",
        "usa",
        "--relation",
        "embassy",
        "-k",
        "14",
    )
    assert status == 0
    found = answer["predictions"]
    assert len(found) == 14
    assert {type(one["score"]) for one in found} == {float}
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    model = models.load(nations)
    usa, embassy = model.graph.entity("usa"), model.graph.relation("embassy")
    true = {
        model.graph.entities[tail]
        for head, relation, tail in model.graph.triples.tolist()
        if (head, relation) == (usa, embassy)
    }
    assert {one["id"] for one in found if one["known"]} == true
    assert {one["id"] for one in found[:5]} <= true
    assert model.figures["mrr"] > 0.6


def test_heads_and_relations_are_asked_too(nations: Path, capsys: Capture) -> None:
    _, heads, _ = call(
        capsys, "graph", "predict", str(nations), "--relation", "embassy", "--tail", "uk", "-k", "3"
    )
    assert (heads["asked"], len(heads["predictions"])) == ("head", 3)
    _, fresh, _ = call(
        capsys, "graph", "predict", str(nations), "--head", "usa", "--tail", "uk", "--new"
    )
    assert fresh["asked"] == "relation"
    assert not any(one["known"] for one in fresh["predictions"])


def test_a_model_is_a_source_of_maps(nations: Path) -> None:
    data = load_source(str(nations))
    assert (len(data), data.vectors.shape, data.modality) == (14, (14, 64), None)
    assert list(data.frame) == ["as head", "as tail"]
    assert data.ids == models.load(nations).graph.entities


def test_files_of_a_folder_that_are_no_part_are_named(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "parts"
    folder.mkdir()
    for name in ("train", "test", "extra"):
        (folder / f"{name}.tsv").write_text(
            "a\tr\tb\nb\tr\tc\n" if name == "train" else "a\tr\tc\n"
        )
    train = ["graph", "train", str(folder), "--epochs", "1", "--out"]
    assert main([*train, str(tmp_path / "m")]) == 0
    told = "Left out, since their names tell neither train, valid nor test: extra.tsv."
    assert f"({told})\n" in capsys.readouterr().out
    _, answer, _ = call(capsys, *train, str(tmp_path / "again"))
    assert told in answer["notes"]
    assert answer["graph"]["test"] == 1


def test_own_triples_with_crlf_and_labels(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "family.csv"
    path.write_bytes("".join(",".join(one) + "\r\n" for one in FAMILY["train"]).encode())
    (tmp_path / "names.json").write_text(json.dumps({"anna": "Anna Smith"}))
    status, answer, _ = call(
        capsys,
        "graph",
        "train",
        str(path),
        "--dim",
        "4",
        "--epochs",
        "2",
        "--labels",
        str(tmp_path / "names.json"),
        "--out",
        str(tmp_path / "m"),
    )
    assert status == 0, answer
    assert answer["graph"]["entities"] == 5
    _, found, _ = call(
        capsys,
        "graph",
        "predict",
        str(tmp_path / "m"),
        "--head",
        "Anna Smith",
        "--relation",
        "parent_of",
    )
    assert {one["id"]: one.get("label") for one in found["predictions"]}["anna"] == "Anna Smith"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "nowhere", "--out", "OUT"], "Known: nations"),
        (["train", "nations", "--model", "TransX", "--out", "OUT"], "Known: TransE"),
        (["train", "nations", "--dim", "0", "--out", "OUT"], "from 1 to 1000"),
        (["train", "nations", "--labels", "none.tsv", "--out", "OUT"], "There is no file"),
        (["train", "fb15k237", "--out", "OUT"], "not on this computer yet"),
        (["train", "nations"], "--out"),
        (["predict", "nowhere", "--head", "usa", "--relation", "embassy"], "holds no model"),
        (["predict", "MODEL", "--head", "usa", "--relation", "embasy"], "Did you mean"),
        (["predict", "MODEL", "--head", "usaa", "--relation", "embassy"], "Did you mean usa"),
        (["predict", "MODEL", "--head", "usa"], "leaves one member"),
        (["predict", "MODEL", "--head", "usa", "--relation", "embassy", "-k", "0"], "At least 1"),
        ([], "required"),
    ],
)
def test_what_is_wrong_is_told(
    nations: Path, tmp_path: Path, own_home: Path, capsys: Capture, arguments: list[str], says: str
) -> None:
    places = {"OUT": str(tmp_path / "m"), "MODEL": str(nations)}
    status, answer, told = call(capsys, "graph", *(places.get(one, one) for one in arguments))
    assert status == 2
    assert says in answer["error"]["message"]
    assert answer["error"]["message"] in told
    assert not (tmp_path / "m").exists()


def test_a_folder_that_is_there_is_not_written_over(nations: Path, capsys: Capture) -> None:
    status, answer, _ = call(capsys, "graph", "train", "nations", "--out", str(nations))
    assert status == 2
    assert "is there already" in answer["error"]["message"]


CASES = Path(__file__).parent.parent / "cases" / "graphs"
CITIES = {"entities": 11, "relations": 3}


@pytest.mark.parametrize(
    ("source", "options", "counts", "says"),
    [
        ("htr.csv", [], CITIES, "head from “head”, relation from “relation”, tail from “tail”"),
        ("other_header.csv", [], CITIES, "Rows: 17; triples taken: 17; left out: 0."),
        ("index.csv", [], CITIES, "Columns set aside: (no name)."),
        ("weight.csv", [], CITIES, "Columns set aside: weight."),
        ("weight.csv", ["--columns", "tail,relation,head"], CITIES, "left out: 0."),
        ("openke", [], CITIES, "Rows: 17; triples taken: 17; left out: 0."),
        ("negatives", [], CITIES, "negatives are no facts: train_negatives.txt."),
        ("cities.nt", [], CITIES, "no entity: 1 statement (population 1)"),
        ("cities.nt", ["--language", "de"], CITIES, "1 label"),
        ("jsonl.jsonl", [], CITIES, "Rows: 17; triples taken: 17; left out: 0."),
        ("ok.tsv.gz", [], CITIES, "Rows: 17; triples taken: 17; left out: 0."),
        ("newline.csv", [], {"entities": 16, "relations": 3}, "taken: 17; left out: 0."),
        ("cp1251.tsv", [], {"entities": 6, "relations": 2}, "Windows-1251"),
        ("cp1251.tsv", ["--encoding", "cp1251"], {"entities": 6, "relations": 2}, "taken: 4"),
        ("literals.tsv", [], {"entities": 14, "relations": 4}, "became an entity: 3 triples"),
    ],
)
def test_graphs_as_people_have_them_train(
    source: str,
    options: list[str],
    counts: dict[str, int],
    says: str,
    tmp_path: Path,
    capsys: Capture,
) -> None:
    arguments = ["--dim", "2", "--epochs", "1", "--out", str(tmp_path / "m"), *options]
    status, answer, _ = call(capsys, "graph", "train", str(CASES / source), *arguments)
    assert status == 0, answer
    assert {key: answer["graph"][key] for key in counts} == counts
    assert says in " ".join(answer["notes"])
    assert answer["detected"]


@pytest.mark.parametrize(
    ("source", "entities", "triples", "left_out", "columns"),
    [
        ("negatives", 11, (14, 1, 2), 1, {}),  # one in no training triple
        ("cities.nt", 11, (17, 0, 0), 2, {}),  # a name, and a literal
        ("htr.csv", 11, (17, 0, 0), 0, {"head": "head", "tail": "tail", "relation": "relation"}),
    ],
)
def test_a_graph_is_told_of_without_training(
    source: str,
    entities: int,
    triples: tuple[int, int, int],
    left_out: int,
    columns: dict[str, str],
    capsys: Capture,
) -> None:
    status, answer, _ = call(capsys, "graph", "facts", str(CASES / source))
    assert status == 0, answer
    assert (answer["entities"], answer["relations"]) == (entities, 3)
    assert tuple(answer["triples"].values()) == triples
    assert answer["left_out"] == left_out
    assert answer["detected"][0]["columns"].items() >= columns.items()
    assert main(["graph", "facts", str(CASES / source)]) == 0
    assert "11 entities, 3 relations, " in capsys.readouterr().out


def test_what_was_detected_is_told(tmp_path: Path, capsys: Capture) -> None:
    arguments = ["--dim", "2", "--epochs", "1", "--out", str(tmp_path / "m")]
    _, answer, _ = call(capsys, "graph", "train", str(CASES / "htr.csv"), *arguments)
    [told] = answer["detected"]
    assert (told["file"], told["kind"], told["encoding"]) == ("htr.csv", "table", "UTF-8")
    assert told["roles"] == ["head", "tail", "relation"]
    assert told["table"][1] == ["berlin", "germany", "capital_of"]


def test_a_sentence_is_matched_to_queries_and_none_is_taken(nations: Path, capsys: Capture) -> None:
    ask = ("graph", "ask", str(nations), "whom did the usa give an embassy?", "-k", "3")
    status, answer, _ = call(capsys, *ask)
    assert status == 0
    first, second, third = answer["offers"]
    assert first == {
        "query": "(usa, embassy, ?)",
        "score": 1.0,
        "asked": "tail",
        "head": "usa",
        "relation": "embassy",
    }
    assert (second["query"], second["score"]) == ("(?, embassy, usa)", 0.8)
    assert third["score"] < 0.8
    assert "predictions" not in answer
    assert main([*ask]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "1.00  (usa, embassy, ?)"


def test_neighbours_by_graph_name_and_picture(nations: Path, capsys: Capture) -> None:
    ask = ("graph", "near", str(nations), "cuba", "-k", "3")
    status, answer, _ = call(capsys, *ask, "--gallery", "openmoji")
    assert (status, answer["entity"], answer["models"]) == (0, "cuba", ["graph", "text", "picture"])
    for model in answer["models"]:
        ranks = [one[f"{model}_rank"] for one in answer["near"]]
        assert {1, 2, 3} <= set(ranks)
    assert "10 of 14 entities have a picture" in answer["pictures"]
    status, wrong, _ = call(capsys, *ask[:-1], "0")
    assert (status, "-k is 0." in wrong["error"]["message"]) == (2, True)


def test_an_unseen_entity_is_asked_by_its_text(
    nations: Path, tmp_path: Path, capsys: Capture
) -> None:
    told = tmp_path / "told.json"
    told.write_text(json.dumps({"uk": {"description": "an island " * 20_000}}))
    ask = ("graph", "unseen", str(nations), "a country in Europe", "--relation", "embassy")
    status, answer, _ = call(capsys, *ask, "--texts", str(told), "-k", "3")
    assert status == 0, answer
    assert len(answer["predictions"]) == 3
    assert (answer["asked"], answer["fitted"], answer["held_out"]["entities"]) == ("tail", 14, 14)
    held = answer["held_out"]
    assert held["trained"]["mrr"] > held["text"]["mrr"] > 0.5
    assert answer["notes"] == ["Longer than 2,000 characters, so only their beginning is read: 1."]
    status, wrong, _ = call(capsys, "graph", "unseen", str(nations), " ", "--relation", "embassy")
    assert status == 2
    assert "The text of the entity is empty" in wrong["error"]["message"]


def test_suspicious_and_missing_triples_are_listed_and_written(
    nations: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "s.csv"
    status, answer, _ = call(
        capsys, "graph", "review", str(nations), "--parts", "test", "-k", "5", "--out", str(out)
    )
    assert status == 0, answer
    shares = [one["percentile"] for one in answer["suspicious"]]
    assert shares == sorted(shares, reverse=True)
    assert (len(shares), answer["ranked"], answer["triples_in_all"]) == (5, 201, 201)
    assert {one["split"] for one in answer["suspicious"]} == {"test"}
    assert out.read_text("utf-8-sig").splitlines()[0].startswith("head,relation,tail,percentile")
    triples = tmp_path / "m.tsv"
    review = ("graph", "review", str(nations), "--missing", "--relation", "embassy")
    _, answer, _ = call(capsys, *review, "-k", "4", "--out", str(triples))
    lines = [line.split("\t") for line in triples.read_text("utf-8").splitlines()]
    assert lines == [[one["head"], "embassy", one["tail"]] for one in answer["missing"]]
    graph = models.load(nations).graph
    known = {tuple(triple) for triple in graph.train.tolist()}
    relation = graph.relation("embassy")
    assert len(lines) == 4
    for head, _, tail in lines:
        assert (graph.entity(head), relation, graph.entity(tail)) not in known
    assert main([*review, "-k", "4"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert f"({lines[0][0]}, embassy, {lines[0][2]})" in shown[0]
    assert (len(shown), shown[-1].endswith("of these are held-out triples.)")) == (5, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--parts", "tset"), "Some of train, valid, test"),
        (("--parts", ""), "--parts is “”"),
        (("--out", "a.xyz"), "ends in .csv or .tsv"),
        (("--missing", "--cross-validate"), "--cross-validate was given with missing triples"),
        (("--missing", "--parts", "test"), "--parts was given with missing triples"),
        (("--new",), "--new was given with suspicious triples"),
        (("--any-tail",), "--any-tail was given with suspicious triples"),
        (("--cross-validate", "--parts", "test"), "--parts was given with cross-validated"),
    ],
)
def test_what_a_review_does_not_take_is_told(
    options: tuple[str, ...], said: str, nations: Path, capsys: Capture
) -> None:
    assert main(["graph", "review", str(nations), *options]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    "asked",
    [
        ("ask", "usa embassy"),
        ("entities", "usa"),
        ("entities", "usa - uk"),
        ("unseen", "a state", "--relation", "embassy"),
        ("review",),
    ],
)
def test_less_than_one_result_is_told(
    asked: tuple[str, ...], nations: Path, capsys: Capture
) -> None:
    assert main(["graph", asked[0], str(nations), *asked[1:], "-k", "0"]) == 2
    assert "At least 1" in capsys.readouterr().err.replace("at least 1", "At least 1")


def test_entities_are_found_by_words_and_by_a_formula(nations: Path, capsys: Capture) -> None:
    _, answer, _ = call(capsys, "graph", "entities", str(nations), "usa", "-k", "3")
    first = answer["found"][0]
    assert (first["id"], first["by_name"], answer["formula"]) == ("usa", True, False)
    assert first["cosine"] == pytest.approx(1, abs=1e-3)
    _, answer, _ = call(capsys, "graph", "entities", str(nations), "usa - uk + netherlands")
    assert answer["formula"]
    found = [one["id"] for one in answer["found"]]
    assert len(found) == 10
    assert not {"usa", "uk", "netherlands"} & {*found}
    cosines = [one["cosine"] for one in answer["found"]]
    assert cosines == sorted(cosines, reverse=True)
    status, wrong, _ = call(capsys, "graph", "entities", str(nations), "usaa - uk")
    assert status == 2
    assert "Did you mean usa" in wrong["error"]["message"]
