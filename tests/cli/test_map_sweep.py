"""``python -m core map --sweep``: the figures of a map for each combination of values."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.cli.test_main import call

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def points(tmp_path: Path) -> str:
    lines = ["a,b,c", *(f"{n % 7},{n * n % 11},{n % 2 * 9 + n % 5}" for n in range(40))]
    path = tmp_path / "points.csv"
    path.write_text("\n".join(lines))
    return str(path)


@pytest.mark.usefixtures("own_home")
def test_each_combination_has_its_row(points: str, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "sweep.parquet"
    asked = ["--columns", "a,b,c", "--seed", "0", "--epochs", "5", "--out", str(out)]
    swept = ["--sweep", "neighbors=4,8", "--sweep", "min-dist=0,0.5"]
    status, answer, told = call(capsys, "map", points, *asked, *swept)
    assert status == 0, told
    settings = [(row["neighbors"], row["min_dist"]) for row in answer["sweep"]]
    assert settings == [(4, 0), (4, 0.5), (8, 0), (8, 0.5)]
    table = pd.read_parquet(out)
    assert table["trustworthiness"].tolist() == [row["trustworthiness"] for row in answer["sweep"]]
    single = ["--neighbors", "8", "--min-dist", "0.5"]
    alone = [*asked[:-1], str(tmp_path / "alone.parquet")]
    status, one, told = call(capsys, "map", points, *alone, *single)
    assert status == 0, told
    assert one["neighbors_kept"] == answer["sweep"][3]["neighbors_kept"]


@pytest.mark.usefixtures("own_home")
@pytest.mark.usefixtures("own_home")
def test_values_of_one_parameter_that_are_given_in_two_parts_are_all_taken(
    points: str, tmp_path: Path, capsys: Capture
) -> None:
    out = str(tmp_path / "sweep.parquet")
    asked = ["--columns", "a,b,c", "--seed", "0", "--epochs", "5", "--out", out]
    swept = ["--sweep", "neighbors=4,8", "--sweep", "neighbors=8,6"]
    status, answer, told = call(capsys, "map", points, *asked, *swept)
    assert status == 0, told
    assert [row["neighbors"] for row in answer["sweep"]] == [4, 8, 6]


def test_what_cannot_be_swept_is_told(points: str, tmp_path: Path, capsys: Capture) -> None:
    asked = ["--columns", "a,b,c", "--out", str(tmp_path / "sweep.parquet")]
    for swept, said in (
        ("perplexity=5", "cannot be swept for umap"),
        ("neighbors", "No value of neighbors"),
        ("neighbors=few", "no value of neighbors"),
    ):
        status, _, told = call(capsys, "map", points, *asked, "--sweep", swept)
        assert status == 2
        assert said in told
