"""``python -m core sentences``: its JSON by number, its files, its errors."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.base.types import Modality, Space
from core.cli.main import main
from core.sentences import datasets
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.sentence_transformer import SentenceTransformerEncoder
from core.spaces.sources.minilm import MINILM
from tests.cli.test_main import call
from tests.support.tiny_model import DIM, build_tiny_model

Capture = pytest.CaptureFixture[str]
LINES = [
    "A man is playing a guitar.",
    "The cake is in the oven.",
    "Oranges hold much vitamin C.",
    "Someone plays the guitar.",
    "A cake bakes in the oven.",
    "Vitamin C is found in oranges.",
]
PAIRED = {"1": 4, "2": 5, "3": 6, "4": 1, "5": 2, "6": 3}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


@pytest.fixture
def lines(tmp_path: Path) -> str:
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(LINES) + "\n")
    return str(path)


@pytest.fixture
def table(tmp_path: Path) -> str:
    """The lines as a table, a row without a text before the third."""
    rows = [*LINES[:2], "", *LINES[2:]]
    path = tmp_path / "table.csv"
    path.write_text("name,text\n" + "".join(f"n{n},{text}\n" for n, text in enumerate(rows, 1)))
    return str(path)


def test_neighbours_by_number_from_one(lines: str, capsys: Capture) -> None:
    status, answer, _ = call(capsys, "sentences", lines)
    assert status == 0
    assert list(answer)[:3] == ["count", "metric", "neighbors"]
    assert (answer["count"], answer["metric"]) == (6, "cosine")
    assert {n: near[0]["id"] for n, near in answer["neighbors"].items()} == PAIRED
    vectors = MiniLMEncoder(MINILM.known[0].space).encode(LINES).astype(np.float64)
    for number, near in answer["neighbors"].items():
        row = int(number) - 1
        others = [at for at in np.argsort(-(vectors @ vectors[row])) if at != row]
        assert [found["id"] for found in near] == [int(at) + 1 for at in others]
        expected = (vectors @ vectors[row])[others]
        assert [found["score"] for found in near] == pytest.approx(list(expected), abs=1e-5)


def test_rows_without_a_text_keep_the_numbers_of_the_others(table: str, capsys: Capture) -> None:
    _, answer, _ = call(capsys, "sentences", table, "-k", "1")
    near = {number: [found["id"] for found in rows] for number, rows in answer["neighbors"].items()}
    assert near == {"1": [5], "2": [6], "4": [7], "5": [1], "6": [2], "7": [4]}
    assert answer["count"] == 6
    assert "Left out for having no text: 1 row of 7" in answer["notes"][0]
    assert main(["sentences", table, "-k", "2"]) == 0
    out = capsys.readouterr().out
    assert "1 → 5, " in out
    assert "Left out" in out


def test_euclidean_scores_are_distances_with_a_minus_sign(
    lines: str, tiny: Path, capsys: Capture
) -> None:
    _, answer, _ = call(capsys, "sentences", lines, "--metric", "euclidean", "--space", str(tiny))
    assert answer["metric"] == "euclidean"
    space = Space("tiny", "Tiny", DIM, (Modality.TEXT,))
    found = SentenceTransformerEncoder(space, tiny).encode_texts(LINES)
    raw = found.vectors.astype(np.float64) * found.lengths[:, None]
    for number, near in answer["neighbors"].items():
        row = int(number) - 1
        distances = np.linalg.norm(raw - raw[row], axis=1)
        order = [int(at) for at in np.argsort(distances) if at != row]
        assert [one["id"] for one in near] == [at + 1 for at in order]
        assert [one["score"] for one in near] == pytest.approx(list(-distances[order]), abs=1e-4)


def test_a_question_in_each_mode(table: str, capsys: Capture) -> None:
    answers = {}
    for mode in ("semantic", "bm25", "hybrid"):
        arguments = ("sentences", table, "--query", " vitamin c ", "--mode", mode, "-k", "4")
        status, answer, _ = call(capsys, *arguments)
        assert status == 0
        assert (answer["query"], answer["mode"]) == ("vitamin c", mode)
        answers[mode] = answer["neighbors"]
    older = call(
        capsys, "sentences", table, "--query", "vitamin c", "--mode", "keywords", "-k", "4"
    )[1]
    assert (older["mode"], older["neighbors"]) == ("bm25", answers["bm25"])
    assert {hit["id"] for hit in answers["bm25"]} == {4, 7}
    assert {hit["id"] for hit in answers["hybrid"][:2]} == {4, 7}
    texts = {4: LINES[2], 7: LINES[5]}
    vectors = MiniLMEncoder(MINILM.known[0].space).encode(["vitamin c", *LINES])
    for near in answers.values():
        scores = [hit["score"] for hit in near]
        assert scores == sorted(scores, reverse=True)
        for hit in near[:2]:
            assert hit["text"] == texts[hit["id"]]
            row = LINES.index(hit["text"])
            assert hit["similarity"] == pytest.approx(vectors[0] @ vectors[row + 1], abs=1e-5)
            assert hit["keywords"] > 0
    assert [hit["score"] for hit in answers["semantic"]] == [
        hit["similarity"] for hit in answers["semantic"]
    ]
    assert len(answers["semantic"]) == len(answers["hybrid"]) == 4


def test_a_question_may_begin_with_a_minus_sign(table: str, tiny: Path, capsys: Capture) -> None:
    given = ("sentences", table, "--space", str(tiny), "--query", "-5 degrees", "-k", "99")
    status, answer, _ = call(capsys, *given)
    assert (status, answer["query"]) == (0, "-5 degrees")
    assert len(answer["neighbors"]) == 6


def test_a_column_and_a_first_line_that_is_data(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "two.csv"
    path.write_text("first words,red cat\nmore words,blue fish\nlast words,red house\n")
    given = ("sentences", str(path), "--query", "red", "--mode", "bm25")
    _, answer, _ = call(capsys, *given, "--no-header", "--column", "column 2")
    assert [(hit["id"], hit["text"]) for hit in answer["neighbors"]] == [
        (1, "red cat"),
        (3, "red house"),
    ]


def test_the_bundled_descriptions_are_a_source(capsys: Capture) -> None:
    _, answer, _ = call(capsys, "sentences", "descriptions", "-k", "3")
    entry = datasets.find_dataset("descriptions")
    assert answer["count"] == entry.rows == len(answer["neighbors"])
    assert list(answer["neighbors"]) == [str(number) for number in range(1, entry.rows + 1)]
    for one, other in ((49, 138), (10, 163)):
        assert answer["neighbors"][str(one)][0]["id"] == other
        assert answer["neighbors"][str(other)][0]["id"] == one


def test_the_projectors_three_files(
    table: str, tmp_path: Path, tiny: Path, capsys: Capture
) -> None:
    folder = tmp_path / "out"
    given = ("sentences", table, "--tsv", str(folder), "--space", str(tiny))
    _, answer, _ = call(capsys, *given)
    names = ["vectors.tsv", "metadata.tsv", "projector_config.pbtxt"]
    assert answer["files"] == [str(folder / name) for name in names]
    assert (answer["count"], answer["dim"]) == (6, DIM)
    assert {path.name for path in folder.iterdir()} == set(names)
    space = Space("tiny", "Tiny", DIM, (Modality.TEXT,))
    expected = SentenceTransformerEncoder(space, tiny).encode(LINES)
    written = np.loadtxt(folder / "vectors.tsv", delimiter="\t", dtype=np.float32)
    np.testing.assert_allclose(written, expected, atol=1e-5)
    with (folder / "metadata.tsv").open(newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t"))
    assert rows[0] == ["row", "text", "name"]
    numbers = [1, 2, 4, 5, 6, 7]
    assert rows[1:] == [[str(n), t, f"n{n}"] for n, t in zip(numbers, LINES, strict=True)]
    config = (folder / "projector_config.pbtxt").read_text()
    assert all(name in config for name in names[:2])


def test_texts_that_are_cut_are_told(tmp_path: Path, tiny: Path, capsys: Capture) -> None:
    path = tmp_path / "long.txt"
    path.write_text(f"a cat\n{'cat ' * 40}\nthe dog\n")
    _, answer, _ = call(capsys, "sentences", str(path), "--space", str(tiny))
    assert answer["cut"] == [2]
    assert main(["sentences", str(path), "--space", str(tiny)]) == 0
    assert "cut: 1 text, row 2)" in capsys.readouterr().out


PAIRS = "A cat.,A small cat.,5\nA red fish.,The king sings.,0\nA dog runs.,The dog runs.,4\n"


def test_pairs_on_a_small_file(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(PAIRS)
    _, answer, _ = call(capsys, "sentences", str(path), "--pairs")
    texts = [text for line in PAIRS.splitlines() for text in line.split(",")[:2]]
    vectors = MiniLMEncoder(MINILM.known[0].space).encode(texts)
    best_first = np.argsort(-(vectors[::2] * vectors[1::2]).sum(axis=1)).tolist()
    expected = {(0, 2, 1): 1.0, (2, 0, 1): 0.5}[tuple(best_first)]
    assert answer == {
        "spearman": pytest.approx(expected),
        "pairs": 3,
        "columns": ["column 1", "column 2", "column 3"],
        "space": "minilm",
    }


def test_pairs_of_one_score_have_no_correlation(
    tmp_path: Path, tiny: Path, capsys: Capture
) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(PAIRS.replace("0\n", "5\n").replace("4\n", "5\n"))
    given = ["sentences", str(path), "--pairs", "--space", str(tiny)]
    _, answer, _ = call(capsys, *given)
    assert answer["spearman"] is None
    assert main(given) == 0
    assert "3 pairs" in capsys.readouterr().out


@pytest.mark.slow
def test_minilm_agrees_with_people_on_the_sts_benchmark(
    shared_data: Callable[[str], Path], capsys: Capture
) -> None:
    path = str(shared_data("text/stsb-en-test.csv"))
    status, answer, _ = call(capsys, "sentences", path, "--pairs")
    assert status == 0
    assert answer["pairs"] == 1379
    assert 0.82 <= answer["spearman"] < 0.84


def test_layer_2_takes_texts(lines: str, capsys: Capture) -> None:
    _, answer, _ = call(capsys, "sentences", lines, "--space", "minilm-layer2", "-k", "1")
    assert {n: near[0]["id"] for n, near in answer["neighbors"].items()} == PAIRED


def test_a_model_that_changed_gives_its_new_vectors(
    lines: str, tiny: Path, tmp_path: Path, capsys: Capture
) -> None:
    copy = shutil.copytree(tiny, tmp_path / "tiny")
    _, first, _ = call(capsys, "sentences", lines, "--space", str(copy))
    other = build_tiny_model(tmp_path / "other", seed=1)
    shutil.copy(other / "model.safetensors", copy)
    _, second, _ = call(capsys, "sentences", lines, "--space", str(copy))
    _, third, _ = call(capsys, "sentences", lines, "--space", str(other))
    assert first["neighbors"] != second["neighbors"] == third["neighbors"]


@pytest.mark.parametrize(
    ("file", "query", "rows"),
    [("ja.txt", "標準化", [1, 3]), ("zh.txt", "好吃", [1]), ("zh.txt", "面条", [1, 4])],
)
def test_keywords_in_scripts_without_blanks_are_found(
    file: str, query: str, rows: list[int], capsys: Capture
) -> None:
    path = Path(__file__).parent.parent / "cases" / "keywords" / file
    given = ("sentences", str(path), "--query", query, "--mode", "bm25", "--no-header")
    status, answer, _ = call(capsys, *given)
    assert status == 0, answer
    assert sorted(hit["id"] for hit in answer["neighbors"]) == rows


def test_keywords_ignore_the_form_of_a_letter(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Die Straße ist lang\nDer Weg ist kurz\n", "utf-8")
    given = ("sentences", str(path), "--query", "STRASSE", "--mode", "bm25", "--no-header")
    _, answer, _ = call(capsys, *given)
    assert [hit["id"] for hit in answer["neighbors"]] == [1]
