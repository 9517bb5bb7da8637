"""``python -m core map``: its JSON, the table it writes, its sources, its errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.base.types import Modality
from core.cli.map_items import Options, load_source
from core.maps import row_ranges
from core.maps.export import RECIPE_KEY
from core.sentences import datasets
from core.sentences.map_items import TextOrigin
from core.spaces.vocabulary_files import Loaded
from tests.cli.test_main import call
from tests.support.picture_files import encoded, write_parquet

Capture = pytest.CaptureFixture[str]
PROMISED = [
    *("count", "method", "seconds", "trustworthiness", "continuity", "neighbors_kept"),
]

VECTORS = Path(__file__).parent.parent / "cases" / "vectors"
WORDS = [
    "cat",
    "dog",
    "car",
    "bus",
    "red",
    "blue",
    "king",
    "queen",
    "man",
    "woman",
    "paris",
    "berlin",
]


def mapped(capsys: Capture, out: Path, *arguments: str) -> tuple[dict, pd.DataFrame]:
    status, answer, told = call(capsys, "map", *arguments, "--out", str(out))
    assert status == 0, told
    return answer, pd.read_parquet(out)


@pytest.mark.slow
def test_descriptions_become_a_table(tmp_path: Path, capsys: Capture) -> None:
    answer, table = mapped(
        capsys,
        tmp_path / "map.parquet",
        "descriptions",
        "--method",
        "tsne",
        "--seed",
        "1",
        "--epochs",
        "300",
    )
    assert list(answer)[:6] == PROMISED
    assert (answer["count"], answer["method"], answer["dims"]) == (288, "tsne", 2)
    assert list(table)[:4] == ["id", "x", "y", "text"]
    assert list(table)[-1] == "lost"
    assert len(table) == 288
    assert answer["trustworthiness"] > 0.85
    assert answer["neighbors_kept"] == pytest.approx(1 - table["lost"].mean(), abs=1e-5)
    kept = json.loads(pq.read_schema(tmp_path / "map.parquet").metadata[RECIPE_KEY])
    assert kept["recipe"]["seed"] == 1
    assert kept["name"] == "descriptions"
    again, same = mapped(
        capsys,
        tmp_path / "again.parquet",
        "descriptions",
        "--method",
        "tsne",
        "--seed",
        "1",
        "--epochs",
        "300",
    )
    assert again["trustworthiness"] == answer["trustworthiness"]
    pd.testing.assert_frame_equal(table, same)


def test_clusters_are_a_column_of_the_table(tmp_path: Path, capsys: Capture) -> None:
    rows = ["x,y,what"]
    rows += [f"{at % 7 * 0.1},{at // 7 * 0.1},low {at}" for at in range(42)]
    rows += [f"{9 + at % 7 * 0.1},{9 + at // 7 * 0.1},high {at}" for at in range(28)]
    (tmp_path / "points.csv").write_text("\n".join([*rows, "30,-30,alone"]))
    base = (str(tmp_path / "points.csv"), "--columns", "x,y", "--method", "pca")
    asked = (*base, "--clusters", "HDBSCAN", "--clusters-least", "10", "--clusters-of", "vectors")
    answer, table = mapped(capsys, tmp_path / "map.parquet", *asked)
    assert [*answer["clusters"].values(), answer["in_none"]] == [42, 28, 1]
    low, high = answer["clusters"]
    assert table["cluster"].tolist() == [low] * 42 + [high] * 28 + ["in none"]
    assert answer["silhouette"] > 0.9
    answer, table = mapped(capsys, tmp_path / "map.parquet", *asked, "--clusters-nearest")
    assert (sum(answer["clusters"].values()), answer["in_none"]) == (71, 0)
    answer, _ = mapped(
        capsys, tmp_path / "map.parquet", *base, "--clusters", "k-means", "--clusters-k", "2"
    )
    assert sorted(answer["clusters"].values()) in ([28, 43], [29, 42])
    assert "cluster" not in mapped(capsys, tmp_path / "map.parquet", *base)[1]


def test_words_in_space(minilm: Loaded, tmp_path: Path, capsys: Capture) -> None:
    answer, table = mapped(
        capsys, tmp_path / "m.parquet", "words", "--method", "pca", "--dims", "3", "--limit", "600"
    )
    assert list(table)[:5] == ["id", "x", "y", "z", "text"]
    assert table["id"].tolist() == minilm[0].words[:600]
    assert table["place"].tolist() == list(range(1, 601))
    assert len(answer["explained"]) == 3
    assert answer["space"] == "minilm"


def test_a_limit_holds_for_texts_and_pictures_too(tmp_path: Path, capsys: Capture) -> None:
    for source in ("descriptions", "openmoji"):
        out = tmp_path / f"{source}.parquet"
        answer, table = mapped(capsys, out, source, "--method", "pca", "--limit", "30")
        assert answer["count"] == len(table) == 30


@pytest.mark.slow
@pytest.mark.usefixtures("emoji")
def test_emoji_by_their_pictures(tmp_path: Path, capsys: Capture) -> None:
    answer, table = mapped(
        capsys,
        tmp_path / "m.parquet",
        "openmoji",
        "--seed",
        "1",
        "--epochs",
        "100",
        "--blend",
        "0",
        "--language",
        "de",
    )
    assert answer["count"] == 1_914
    assert any("CC BY-SA" in note for note in answer["notes"])
    assert set(table) >= {"group", "subgroup", "emoji"}
    assert table.set_index("id").loc["1F34E", "text"] == "roter apfel"
    places = table[["x", "y"]].to_numpy()
    faces = (table["group"] == "smileys-emotion").to_numpy()
    inside = np.linalg.norm(places[faces] - np.median(places[faces], axis=0), axis=1)
    outside = np.linalg.norm(places[~faces] - np.median(places[faces], axis=0), axis=1)
    assert np.median(inside) < np.median(outside) / 2


def test_a_file_of_vectors_and_a_pair_of_tables(tmp_path: Path, capsys: Capture) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(40, 12)).astype(np.float32)
    text = tmp_path / "words.txt"
    text.write_text(
        "".join(f"w{at} {' '.join(map(str, row))}\n" for at, row in enumerate(rows.tolist()))
    )
    answer, table = mapped(capsys, tmp_path / "m.parquet", str(text), "--method", "pca")
    assert table["id"].tolist() == [f"w{at}" for at in range(40)]
    assert answer["space"] == ""
    vectors, metadata = tmp_path / "vectors.tsv", tmp_path / "metadata.tsv"
    np.savetxt(vectors, rows, delimiter="\t", fmt="%.6f")
    metadata.write_text("label\tkind\n" + "".join(f"n{at}\tk\n" for at in range(40)))
    _, pair = mapped(
        capsys,
        tmp_path / "p.parquet",
        str(vectors),
        "--word-list",
        str(metadata),
        "--method",
        "pca",
    )
    assert pair["id"].tolist() == [f"n{at}" for at in range(40)]
    np.testing.assert_allclose(pair["x"], table["x"], atol=1e-4)


def test_the_real_sources_are_read(shared_data: Callable[[str], Path]) -> None:
    vectors = load_source(str(shared_data("vectors/googlenews_8k_300d.bin")), "minilm")
    assert len(vectors) == 8_000
    assert vectors.vectors.shape == (8_000, 300)
    assert (vectors.space, vectors.modality) == ("", None)


@pytest.mark.slow
def test_a_parquet_of_pictures_and_one_of_texts(tmp_path: Path) -> None:
    pictures = [encoded((40 * at, 90, 200 - 30 * at)) for at in range(6)]
    path = write_parquet(tmp_path / "p.parquet", pictures, label=["a", "b"] * 3)
    data = load_source(str(path))
    assert (data.modality, len(data)) == (Modality.IMAGE, 6)
    assert data.gallery is not None
    assert data.frame["label"].tolist() == ["a", "b"] * 3
    part = data.take([4, 1])
    assert part.ids == [data.ids[4], data.ids[1]]
    np.testing.assert_array_equal(part.vectors, data.vectors[[4, 1]])
    assert part.digest != data.digest
    pd.DataFrame({"text": ["a cat", "a dog", None, "rain"], "n": [1, 2, 3, 4]}).to_parquet(
        tmp_path / "t.parquet"
    )
    texts = load_source(str(tmp_path / "t.parquet"))
    assert (texts.modality, texts.ids) == (Modality.TEXT, ["1", "2", "4"])
    assert texts.frame["n"].tolist() == [1, 2, 4]
    assert texts.notes
    assert isinstance(texts.origin, TextOrigin)
    assert texts.origin.dataset.texts == ["a cat", "a dog", "rain"]
    assert texts.take([2]).origin is texts.origin  # a part is of the same texts
    same = load_source(str(tmp_path / "t.parquet"), options=Options(column="text"))
    assert same.digest == texts.digest


def test_pictures_that_are_not_on_the_map_are_named(tmp_path: Path) -> None:
    pictures = [encoded("red"), b"damaged", encoded("blue"), encoded("green")]
    data = load_source(str(write_parquet(tmp_path / "p.parquet", pictures)))
    assert data.ids == ["p0.png", "p2.png", "p3.png"]
    assert data.notes == ("Pictures that could not be used: 1 (p1.png).",)


def test_ready_columns_are_shown_as_they_are(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "points.csv"
    path.write_text("name,x,y,lost,id\na,1,2,yes,7\nb,3,no,no,8\nc,-1,0.5,no,9\n")
    answer, table = mapped(capsys, tmp_path / "m.parquet", str(path), "--columns", "x, y")
    assert answer["count"] == 2
    assert table["x"].tolist() == [1, -1]
    assert table["y"].tolist() == [2, 0.5]
    assert table["text"].tolist() == ["a", "c"]
    assert table["lost"].tolist() == ["yes", "no"]  # two points have no quality to tell
    assert table["id (2)"].tolist() == [7, 9]
    assert any("as they are" in note for note in answer["notes"])
    assert answer["trustworthiness"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing-of-this-name"],
        ["descriptions", "--space", "nowhere"],
        ["descriptions", "--space", "colour-outline"],
        ["descriptions", "--column", "none"],
        ["descriptions", "--dims", "4"],
        ["descriptions", "--perplexity", "0"],
        ["descriptions", "--method", "isomap"],
        ["descriptions", "--columns", "text"],
        ["words", "--limit", "0"],
        ["words", "--seed", "x"],
        ["words", "--blend", "0.5"],
        ["descriptions", "--blend", "0"],
        ["descriptions", "--word-list", "words.txt"],
        ["words", "--word-list", "x" * 300],
    ],
)
def test_what_cannot_be_mapped_is_told(
    arguments: list[str], tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "m.parquet"
    status, answer, told = call(capsys, "map", *arguments, "--out", str(out))
    assert status == 2
    assert answer["error"]["message"] in told
    assert not out.exists()


def test_where_it_is_written_is_checked_first(tmp_path: Path, capsys: Capture) -> None:
    for out in (tmp_path / "map.csv", tmp_path):
        status, answer, _ = call(capsys, "map", "descriptions", "--out", str(out))
        assert status == 2
        assert ".parquet" in answer["error"]["message"]
    status, answer, _ = call(capsys, "map", "descriptions")
    assert (status, answer["error"]["type"]) == (2, "InputError")


def test_a_recipe_makes_the_same_map_again(tmp_path: Path, capsys: Capture) -> None:
    first, table = mapped(
        capsys,
        tmp_path / "m.parquet",
        "descriptions",
        "--method",
        "umap",
        "--seed",
        "3",
        "--neighbors",
        "7",
    )
    told = json.loads(pq.read_schema(tmp_path / "m.parquet").metadata[RECIPE_KEY])
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(told))
    again, same = mapped(capsys, tmp_path / "n.parquet", "descriptions", "--recipe", str(recipe))
    pd.testing.assert_frame_equal(table, same)
    assert again["trustworthiness"] == first["trustworthiness"]
    assert "notes" not in again or not any("recipe" in note for note in again["notes"])
    other, _ = mapped(
        capsys,
        tmp_path / "o.parquet",
        "descriptions",
        "--recipe",
        str(recipe),
        "--method",
        "pca",
        "--space",
        "minilm-layer2",
    )
    assert other["method"] == "pca"
    assert any("not those that the recipe" in note for note in other["notes"])


def test_a_recipe_of_a_part_maps_that_part(tmp_path: Path, capsys: Capture) -> None:
    texts = datasets.load_texts(datasets.find_dataset("descriptions"))
    ids = [str(number) for number in texts.numbers]
    part = row_ranges.pack(np.array([2, 5, 7, 11]), ids, texts.texts)
    told = {"recipe": {"method": "pca"}, "part": part}
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(told))
    arguments = ("descriptions", "--recipe", str(recipe))
    answer, table = mapped(capsys, tmp_path / "m.parquet", *arguments)
    assert answer["count"] == 4
    assert table["id"].tolist() == [ids[row] for row in (2, 5, 7, 11)]
    kept = json.loads(pq.read_schema(tmp_path / "m.parquet").metadata[RECIPE_KEY])
    assert kept["part"] == part
    status, error, _ = call(
        capsys, "map", *arguments, "--limit", "10", "--out", str(tmp_path / "n.parquet")
    )
    assert status == 2
    assert f"some of {len(ids)} items" in error["error"]["message"]


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"recipe": 3}'])
def test_what_is_no_recipe_is_told(tmp_path: Path, capsys: Capture, content: str | None) -> None:
    path = tmp_path / "recipe.json"
    if content is not None:
        path.write_text(content)
    status, _, told = call(
        capsys, "map", "descriptions", "--recipe", str(path), "--out", str(tmp_path / "m.parquet")
    )
    assert status == 2
    missing = "could not be read: No such file"
    assert (missing if content is None else "holds no recipe of a map") in told


@pytest.mark.parametrize(
    ("vectors", "beside", "labels", "columns"),
    [
        ("p_vectors.tsv", "p_meta_dups.tsv", ["a", "b", "c"] * 4, {"label"}),
        ("p_vectors.tsv", "p_meta.tsv", WORDS, {"name", "group"}),
        ("p_vectors.tsv", "p_meta_single_hdr.tsv", WORDS, {"label"}),
        ("x.npy", "meta.csv", WORDS, {"id (2)", "word", "class"}),
    ],
)
def test_vectors_keep_their_rows_and_all_columns(
    tmp_path: Path,
    capsys: Capture,
    vectors: str,
    beside: str,
    labels: list[str],
    columns: set[str],
) -> None:
    given = [str(VECTORS / vectors), "--word-list", str(VECTORS / beside), "--method", "pca"]
    answer, table = mapped(capsys, tmp_path / "m.parquet", *given)
    assert answer["count"] == 12
    assert table["text"].tolist() == labels
    assert table["id"].nunique() == 12
    assert columns <= {*table.columns}


def test_new_rows_are_placed_while_the_others_stay(
    own_home: Path, tmp_path: Path, capsys: Capture
) -> None:
    def table(name: str, count: int) -> str:
        lines = ["name,a,b,c", *(f"n{n},{n % 7},{n * n % 11},{n * 5 % 13}" for n in range(count))]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
        return str(tmp_path / name)

    first, later = table("first.csv", 40), table("later.csv", 50)
    asked = (first, "--columns", "a,b,c", "--standardize", "--method", "pca")
    answer, alone = mapped(capsys, tmp_path / "alone.parquet", *asked)
    assert "added" not in answer
    out = tmp_path / "grown.parquet"
    answer, grown = mapped(capsys, out, *asked, "--add", later, "--fresh")
    assert (answer["count"], answer["added"]["rows"]) == (50, 10)
    assert grown["added"].tolist() == ["before"] * 40 + ["new"] * 10
    assert np.array_equal(grown["x"][:40], alone["x"])
    assert 0 < answer["added"]["neighbors_kept"] <= 1
    assert 0 < answer["added"]["fresh"] <= 1
    # Scaled as the map's columns are: a row that is on it lands where that is.
    twin = table("twin.csv", 1)
    Path(twin).write_text("name,a,b,c\nanother,3,9,2", encoding="utf-8")  # row 3 in all but name
    _, placed = mapped(capsys, out, *asked, "--add", twin)
    assert placed.loc[40, ["x", "y"]].tolist() == pytest.approx(
        placed.loc[3, ["x", "y"]].tolist(), abs=1e-5
    )
    status, answer, _ = call(capsys, "map", *asked, "--add", first, "--out", str(out))
    assert status == 2
    assert "are on the map" in answer["error"]["message"]
    status, answer, _ = call(capsys, "map", *asked, "--fresh", "--out", str(out))
    assert "--fresh was given without --add" in answer["error"]["message"]
