"""Maps of a sample on which all other rows are placed, from parts of Parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.base.errors import TableError
from core.base.types import FloatArray
from core.cli import map_large
from core.cli.main import main
from core.maps import density_sample, large, store
from core.maps.large import Fit
from core.readers import parquet_parts
from core.readers.parquet_parts import Parts, Slice

ROWS, DIM = 900, 6
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_parts, "SLICE", 70)
    monkeypatch.setattr(parquet_parts, "BATCH", 32)


@pytest.fixture(name="vectors")
def _vectors() -> FloatArray:
    return np.random.default_rng(0).normal(size=(ROWS, DIM)).astype(np.float32)


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, vectors: FloatArray) -> Path:
    """Three parts of 300 rows, in groups of 200 and 100; rows 7 and 8 have no whole vector."""
    folder = tmp_path / "parts"
    folder.mkdir()
    given: list[Any] = [row.tolist() for row in vectors]
    given[7], given[8] = None, given[8][:3]
    for at in range(3):
        rows = range(300 * at, 300 * at + 300)
        columns = {"id": [f"r{n}" for n in rows], "x": list(rows)}
        column = pa.array([given[n] for n in rows], pa.list_(pa.float64()))
        table = pa.table({**columns, "vector": column})
        pq.write_table(table, folder / f"part-{at}.parquet", row_group_size=200)
    return folder


def _whole(parts: Parts) -> FloatArray:
    slices = [parquet_parts.vectors(parts.column, parts.dim, one) for one in parts.slices]
    return np.concatenate([batch for one in slices for batch in one])


def test_slices_are_all_rows_in_their_order(folder: Path, vectors: FloatArray) -> None:
    parts = parquet_parts.open_parts(str(folder), folder)
    assert (parts.rows, parts.dim, parts.column, parts.name) == (ROWS, DIM, "vector", "parts")
    assert max(one.count for one in parts.slices) == 70
    read = _whole(parts)
    assert np.isnan(read[[7, 8]]).all()
    whole = np.delete(np.arange(ROWS), [7, 8])
    np.testing.assert_array_equal(read[whole], vectors[whole])
    assert parquet_parts.others(parts, parts.slices[2])["id"].to_pylist()[0] == "r140"
    assert parquet_parts.read_slice(parts.slices[4].told()) == parts.slices[4]


def test_parts_without_vectors_are_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no column of vectors called “id”"):
        parquet_parts.open_parts(str(folder), folder, "id")
    with pytest.raises(TableError, match="is no Parquet file"):
        parquet_parts.open_parts("notes.txt", tmp_path / "notes.txt")
    pq.write_table(pa.table({"id": ["a"]}), folder / "part-9.parquet")
    with pytest.raises(TableError, match=r"“part-9\.parquet” has other columns"):
        parquet_parts.open_parts(str(folder), folder)


@pytest.mark.parametrize("count", [100, 500])
def test_rows_are_drawn_once_each_with_their_vectors(
    folder: Path, vectors: FloatArray, count: int
) -> None:
    drawn = density_sample.draw(parquet_parts.open_parts(str(folder), folder), count, seed=3)
    assert count - 2 <= len(drawn.rows) <= count  # less those without a whole vector
    assert (np.diff(drawn.rows) > 0).all()
    np.testing.assert_array_equal(drawn.vectors, vectors[drawn.rows])
    assert abs(drawn.rows.mean() - ROWS / 2) < 4 * ROWS / np.sqrt(12 * count)


def test_small_groups_are_kept_and_large_ones_thinned() -> None:
    random = np.random.default_rng(0)
    sizes = np.array([7_900, 100])
    middles = np.repeat(np.eye(2, 8, dtype=np.float32) * 9, sizes, axis=0)
    vectors = middles + random.normal(size=(8_000, 8)).astype(np.float32) * 0.1
    drawn = density_sample.Drawn(np.arange(8_000), vectors)
    rows, shares = density_sample.by_density(drawn, 400, seed=0, unit=False)
    assert len(rows) == len({*rows.tolist()}) == shares.sum() == 400
    few = int((rows >= 7_900).sum())
    assert few > 4 * 400 * 100 / 8_000  # four times what a uniform sample has
    assert density_sample._shares([4, 900], 100).tolist()[0] <= 4
    assert density_sample._shares([400, 100], 90).tolist() == [60, 30]  # by their roots


def _here(options: object, made: Fit, parts: Parts) -> large.Engine:
    def run(slices: Sequence[Slice]) -> Iterator[tuple[int, FloatArray]]:
        for at in reversed(range(len(slices))):  # as they may come
            yield at, large.place(str(made.folder), parts.column, parts.dim, slices[at])

    return run


def _map(capsys: Capture, folder: Path, out: Path, *more: str) -> dict[str, Any]:
    given = ["map", str(folder), "--out", str(out), "--sample", "150", "--judge", "50", "--json"]
    assert main([*given, "--method", "pca", "--seed", "1", "--metric", "euclidean", *more]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.usefixtures("own_home")
def test_each_row_has_its_place_and_what_is_there_is_not_made_again(
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
    tmp_path: Path,
    vectors: FloatArray,
) -> None:
    monkeypatch.setattr(map_large, "_engine", _here)
    out = tmp_path / "map"
    answer = _map(capsys, folder, out)
    assert answer["count"] + answer["left_out"][0]["count"] == ROWS
    table = pq.read_table(answer["overview"])
    rows = [n for n in range(ROWS) if n not in (7, 8)]
    assert table["id"].to_pylist() == [f"r{n}" for n in rows]
    assert table["x (2)"].to_pylist() == rows
    stored = store.load(next(out.glob("fit-*"))).projection
    assert stored.components is not None and stored.mean is not None
    true = (vectors[rows] - stored.mean) @ stored.components.T
    shown = np.stack([table["x"].to_numpy(), table["y"].to_numpy()], axis=1)
    np.testing.assert_allclose(shown, true, atol=1e-4)
    judged = answer["quality"]["placed"]
    assert judged["rows"] == 50
    assert 0.6 < judged["trustworthiness"] < 1
    parts = sorted((out / "parts").iterdir())
    before = [path.stat().st_mtime_ns for path in parts]
    parts[2].unlink()
    monkeypatch.setattr(large, "OVERVIEW_ROWS", 300)
    again = _map(capsys, folder, out)
    after = [path.stat().st_mtime_ns for path in parts]
    assert [at for at in range(len(parts)) if before[at] != after[at]] == [2]
    assert again["shown"] == 300
    every = pq.read_table(again["overview"])["id"].to_pylist()
    assert every == [f"r{n}" for n in rows[::3]]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--sample", "50"], "--sample is 50"),
        (["--sample", "850"], "A sample is for more rows"),
        (["--sample", "150", "--limit", "5"], "--limit was given"),
        (["--sample", "150", "--address", "auto"], "--address was given"),
        (["--judge", "60", "--engine", "ray"], "was given. It goes with --sample"),
    ],
)
def test_what_does_not_go_together_is_told(
    capsys: Capture, folder: Path, tmp_path: Path, more: list[str], told: str
) -> None:
    assert main(["map", str(folder), "--out", str(tmp_path / "map"), "--judge", "50", *more]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.usefixtures("own_home")
def test_children_and_ray_s_workers_place_alike(
    capsys: Capture, folder: Path, tmp_path: Path
) -> None:
    found = []
    for engine in (["--engine", "here"], ["--engine", "ray"]):
        answer = _map(capsys, folder, tmp_path / engine[1], *engine, "--workers", "2")
        found.append(pq.read_table(answer["overview"]))
    assert found[0].num_rows == ROWS - 2
    assert found[0].equals(found[1])
