"""``add``: what people bring becomes a dataset, gallery or graph, with the page that shows it."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.cli.main import main
from core.graphs import detection, sources as graph_sources
from core.maps import selection_reports
from core.sentences import datasets
from core.spaces import registry
from tests.support.packed_files import as_tar, as_zip

CASES = Path(__file__).parent.parent / "cases"
Capture = pytest.CaptureFixture[str]

pytestmark = pytest.mark.usefixtures("own_home")


def _added(capsys: Capture, *arguments: str) -> dict[str, Any]:
    assert main(["add", *arguments, "--json"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_a_table_becomes_a_dataset_coloured_by_its_label(capsys: Capture, tmp_path: Path) -> None:
    source = tmp_path / "films.csv"
    rows = [f"A film that is number {n},{'good' if n % 2 else 'bad'}" for n in range(8)]
    source.write_text("review,label\n" + "\n".join(rows))
    answer = _added(capsys, str(source))
    assert (answer["kind"], answer["name"], answer["count"]) == ("dataset", "films", 8)
    page, _, query = answer["address"].partition("?")
    assert (page, parse_qs(query)) == (
        "map",
        {"of": ["Texts"], "data": ["films"], "color": ["label"]},
    )
    assert datasets.load_texts(datasets.find_dataset("films")).texts[1] == rows[1].split(",")[0]
    assert _added(capsys, str(source))["name"] == "films"  # the same again is kept once


def test_a_table_with_coordinates_opens_at_them_unless_its_texts_are_asked_for(
    capsys: Capture, tmp_path: Path
) -> None:
    source = tmp_path / "places.csv"
    rows = [f"{n / 4},{n / 8},A film that is number {n},{'ab'[n % 2]}" for n in range(8)]
    source.write_text("x,y,title,genre\n" + "\n".join(rows))
    color = {"data": ["places"], "color": ["genre"]}
    address = _added(capsys, str(source))["address"]
    assert parse_qs(address.partition("?")[2]) == {"of": ["Numeric columns"], **color}
    address = _added(capsys, str(source), "--text", "title")["address"]
    assert parse_qs(address.partition("?")[2]) == {"of": ["Texts"], **color}


def test_other_columns_are_taken_where_they_are_named(capsys: Capture, tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_text("title,note,kind\nOne film,first note,a\nTwo films,second note,b\n")
    answer = _added(capsys, str(source), "--column", "note", "--label", "title")
    roles = datasets.find_dataset(answer["name"]).roles
    assert (roles["text"], roles["label"]) == ("note", "title")


@pytest.mark.parametrize("name", ["x.npy", "arr0.npz", "p_vectors.tsv"])
def test_vectors_alone_are_as_many_rows(capsys: Capture, name: str) -> None:
    answer = _added(capsys, str(CASES / "vectors" / name))
    assert (answer["kind"], answer["count"]) == ("dataset", 12)
    kept = datasets.load_texts(datasets.find_dataset(answer["name"]))
    assert kept.own is not None
    assert kept.own.vectors.shape[0] == 12


@pytest.mark.parametrize(
    ("name", "word"), [("conceptnet.vec", "/c/en/usa"), ("aligned.vec", "New_York"), ("", "😀")]
)
def test_the_words_of_word_vectors_are_its_texts_whatever_they_look_like(
    capsys: Capture, tmp_path: Path, name: str, word: str
) -> None:
    path = CASES / "vectors" / name
    if not name:
        path = tmp_path / "emoji.vec"
        rows = (" ".join([sign, *map(str, range(at, at + 12))]) for at, sign in enumerate("😀🐍🦊"))
        path.write_text("\n".join(["3 12", *rows]), encoding="utf-8")
    answer = _added(capsys, str(path))
    assert answer["detected"]["columns"] == {"text": "word", "vectors": "vector"}
    assert word in datasets.load_texts(datasets.find_dataset(answer["name"])).texts


@pytest.mark.parametrize(
    ("name", "limit", "count", "left_out"),
    [
        ("aligned_nohdr.txt", 5, 5, [(7, "rows after the first 5")]),
        ("aligned.vec", 5, 5, [(7, "rows after the first 5")]),
        ("words.csv", None, 12, []),
        ("p_vectors.tsv", 12, 3, [(9, "rows whose word had come before (the first is kept)")]),
    ],
)
def test_words_become_an_embedding_model(
    capsys: Capture, name: str, limit: int | None, count: int, left_out: list[tuple[int, str]]
) -> None:
    options = ["--words"] if limit is None else ["--words", "--limit", str(limit)]
    if name.startswith("p_"):
        options += ["--word-list", str(CASES / "vectors" / "p_meta_dups.tsv")]
    answer = _added(capsys, str(CASES / "vectors" / name), *options)
    assert (answer["kind"], answer["count"]) == ("words", count)
    assert [(one["count"], one["reason"]) for one in answer["left_out"]] == left_out
    assert answer["address"] == f"words?space={Path(name).stem}"
    found, _ = registry.find_space(Path(name).stem).vocabulary()
    assert len(found) == count
    assert main(["add", str(CASES / "vectors" / name), *options]) == 2  # the name is taken
    assert "already" in capsys.readouterr().err


def test_a_model_must_be_of_the_vectors_length(capsys: Capture, tmp_path: Path) -> None:
    source = tmp_path / "v.parquet"
    pd.DataFrame({"text": ["a b", "c d"], "vector": [[1.0, 2.0], [3.0, 4.0]]}).to_parquet(source)
    assert main(["add", str(source), "--space", "minilm"]) == 2
    assert "384" in capsys.readouterr().err
    assert main(["add", str(source), "--vectors", "none", "--space", "minilm"]) == 2
    assert "brings no vectors" in capsys.readouterr().err
    assert _added(capsys, str(source), "--vectors", "none")["count"] == 2
    assert datasets.load_texts(datasets.find_dataset("v")).own is None


@pytest.mark.parametrize("suffix", ["parquet", "json"])
def test_triples_of_any_table_become_a_graph(capsys: Capture, tmp_path: Path, suffix: str) -> None:
    rows = [("a", "likes", "b"), ("b", "likes", "c"), ("c", "knows", "a")]
    frame = pd.DataFrame(rows, columns=["head", "relation", "tail"])
    path = tmp_path / f"friends.{suffix}"
    frame.to_parquet(path) if suffix == "parquet" else frame.to_json(path, orient="records")
    answer = _added(capsys, str(path))
    assert (answer["kind"], answer["name"], answer["count"]) == ("graph", "friends", 3)
    graph = graph_sources.load_graph("friends")
    named = [
        (graph.entities[head], graph.relations[relation], graph.entities[tail])
        for head, relation, tail in graph.train.tolist()
    ]
    assert sorted(named) == sorted(rows)


def test_a_parquet_file_of_bytes_that_are_text_is_a_dataset(capsys: Capture) -> None:
    answer = _added(capsys, str(CASES / "tables" / "pq_bytes_text.parquet"))
    assert (answer["kind"], answer["count"]) == ("dataset", 6)
    kept = datasets.load_texts(datasets.find_dataset(answer["name"]))
    assert kept.texts[1] == "this is text number 1"


@pytest.mark.parametrize(
    ("name", "count"),
    [
        *(("htr.csv", 17), ("cities.nt", 17), ("openke", 17), ("jsonl.jsonl", 17)),
        *(("cp1251.tsv", 4), ("literals.tsv", 20), ("ok.tsv.gz", 17), ("other_header.csv", 17)),
    ],
)
def test_triples_become_a_graph(capsys: Capture, name: str, count: int) -> None:
    answer = _added(capsys, str(CASES / "graphs" / name))
    assert (answer["kind"], answer["count"], answer["page"]) == ("graph", count, "graph")


def _zip(path: Path, **parts: bytes) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            member = zipfile.ZipInfo("x")
            member.filename = name.replace("_", ".").strip(".")  # none, for a file without a name
            archive.writestr(member, data)
    return str(path)


def test_an_archive_is_what_is_in_it(capsys: Capture, tmp_path: Path) -> None:
    films = b"review,stars\nA long film,1\nA short film,5\n"
    words = (CASES / "vectors" / "aligned_nohdr.txt").read_bytes()
    answer = _added(capsys, _zip(tmp_path / "films.zip", a_csv=films, readme_md=b"# Films"))
    assert (answer["kind"], answer["count"]) == ("dataset", 2)
    assert "Left out of the archive: readme.md." in answer["notes"]
    answer = _added(capsys, _zip(tmp_path / "words.zip", a_txt=words))
    assert answer["detected"]["columns"] == {"text": "word", "vectors": "vector"}
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG")
    pictures = _zip(tmp_path / "p.zip", a_png=stream.getvalue(), b_csv=films, _=films)
    answer = _added(capsys, pictures)
    assert (answer["kind"], answer["count"]) == ("gallery", 1)
    reasons = [one["reason"] for one in answer["left_out"]]
    assert "a file without a name: it has no name" in reasons
    assert main(["add", _zip(tmp_path / "none.zip", _=films, a_doc=b"x")]) == 2
    assert "“none.zip” holds a file without a name, a.doc." in capsys.readouterr().err


def test_texts_with_a_label_between_them_are_no_triples(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    rows = [f"A man plays song {n}\t{'yes' if n % 2 else 'no'}\tA man is out {n}" for n in range(6)]
    path.write_text("\n".join(rows))
    assert _added(capsys, str(path))["kind"] == "dataset"


def test_a_folder_of_pictures_is_linked_and_what_is_none_is_told(
    capsys: Capture, tmp_path: Path
) -> None:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (8, 8), (number * 80, 0, 0)).save(folder / f"{number}.png")
    (folder / "broken.png").write_bytes(b"no picture")
    answer = _added(capsys, str(folder))
    assert (answer["kind"], answer["count"] + len(answer["left_out"])) == ("gallery", 4)
    assert answer["address"] == "images?gallery=holiday"


def test_a_table_that_names_pictures_which_are_there_becomes_their_gallery(
    capsys: Capture, tmp_path: Path
) -> None:
    (tmp_path / "img").mkdir()
    for name in "ab":
        Image.new("RGB", (8, 8), (ord(name), 0, 0)).save(tmp_path / "img" / f"{name}.png")
    table = tmp_path / "list.csv"
    table.write_text("path;kind\nC:\\x\\b.png;dog\n/data/a.png;cat\n")
    answer = _added(capsys, str(table))
    assert (answer["kind"], answer["count"]) == ("gallery", 2)
    elsewhere = tmp_path / "alone"
    elsewhere.mkdir()
    (elsewhere / "list.csv").write_text(table.read_text())
    assert _added(capsys, str(elsewhere / "list.csv"))["kind"] == "dataset"


def test_a_folder_of_vectors_and_their_table_is_one_dataset(
    capsys: Capture, tmp_path: Path
) -> None:
    np.savetxt(tmp_path / "vectors.tsv", np.eye(3, 9), delimiter="\t")
    (tmp_path / "metadata.tsv").write_text("word\tkind\na b\tx\nc d\ty\ne f\tx\n")
    (tmp_path / "projector_config.pbtxt").write_text("embeddings {}")
    answer = _added(capsys, str(tmp_path))
    assert (answer["kind"], answer["count"]) == ("dataset", 3)
    kept = datasets.load_texts(datasets.find_dataset(answer["name"]))
    assert kept.texts == ["a b", "c d", "e f"]
    assert kept.own is not None
    assert np.array_equal(kept.own.vectors, np.eye(3, 9))


def test_what_cannot_be_used_says_why(capsys: Capture, tmp_path: Path) -> None:
    assert main(["add", str(tmp_path / "none.csv")]) == 2
    assert "There is no file or folder" in capsys.readouterr().err
    (tmp_path / "links.csv").write_text("url\nhttps://example.org/a\nhttps://example.org/b\n")
    assert main(["add", str(tmp_path / "links.csv")]) == 2
    assert "neither text, vectors nor numbers" in capsys.readouterr().err


def test_a_report_is_written_for_whoever_made_it_and_for_nobody_else(
    capsys: Capture, tmp_path: Path
) -> None:
    np.save(tmp_path / "v.npy", np.eye(6, dtype=np.float32))
    answer = _added(capsys, str(tmp_path / "v.npy"), "--report")
    report = Path(answer["report"])
    token = report.stem
    assert answer["address"].endswith(f"&report={token}")
    assert json.loads(report.read_text()) == {"rows": []}
    selection_reports.tell(token, [2, 5])
    assert json.loads(report.read_text()) == {"rows": [2, 5]}
    for strange in ("0" * 32, "../../x", token.upper() + "0"):
        selection_reports.tell(strange, [1])
    assert [*report.parent.iterdir()] == [report]


def test_a_packed_table_is_called_as_what_is_in_it(capsys: Capture, tmp_path: Path) -> None:
    with gzip.open(tmp_path / "films.v2.csv.gz", "wt") as stream:
        stream.write("text,year\nOne film,1999\nAnother film,2001\n")
    assert _added(capsys, str(tmp_path / "films.v2.csv.gz"))["name"] == "films.v2"


@pytest.mark.parametrize(
    ("ending", "pack"), [("zip", as_zip), ("tgz", lambda files: gzip.compress(as_tar(files)))]
)
def test_an_archive_of_triples_in_parts_is_a_graph_and_one_of_texts_is_none(
    capsys: Capture, tmp_path: Path, ending: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    triples = b"a\tlikes\tb\nb\tlikes\tc\nc\tknows\ta\n"
    parts = {f"kin/{part}.txt": triples for part in ("train", "valid", "test")}
    path = tmp_path / f"kin.{ending}"
    path.write_bytes(pack({"kin/README.txt": b"What it is.\n"} | parts))
    answer = _added(capsys, str(path))
    assert (answer["kind"], answer["name"], answer["count"]) == ("graph", "kin", 3)  # each once
    path.write_bytes(pack(parts | {"other/train.txt": triples}))
    assert main(["add", str(path)]) == 2
    assert "several of its folders have a file “train.txt”" in capsys.readouterr().err
    said = b"A man plays a song on a stage\tThe man on the stage is making music\tyes\n"
    texts = dict.fromkeys(parts, said)
    assert not detection.are_graph({path.name: pack(texts)})
    assert not detection.are_graph({path.name: pack(parts)[:-30]})  # cut short
