"""UMAP by umap-learn: its metrics, densMAP, supervision; seeds, recipes, cancelling, bad input.

Most tests share one child process, which compiles once.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st
from scipy.spatial import KDTree
from sklearn.metrics import silhouette_score

from core.base.errors import Cancelled, InputError
from core.base.types import FloatArray, Metric
from core.maps import project as map_project
from core.maps.export import RECIPE_KEY
from core.maps.methods import umap_learn
from core.maps.recipe import METRICS, Method, Recipe, Target, UmapMetric
from core.maps.store import load_or_project, map_folder
from core.maps.targets import read_target
from tests.cli.test_main import call
from tests.cli.test_map import mapped
from tests.maps.test_project import blobs, own_share
from tests.support.own_worker import own_worker

Capture = pytest.CaptureFixture[str]
SHORT = Recipe(Method.UMAP_LEARN, seed=1, epochs=60, metric=Metric.EUCLIDEAN)


def coordinates(vectors: FloatArray, target: Target | None = None, **values: object) -> FloatArray:
    recipe = replace(SHORT, target=None if target is None else "kind", **values)  # type: ignore[arg-type]
    return map_project.project(vectors, recipe, target=target).coordinates


def test_cancelling_ends_the_process_though_it_reports_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = own_worker(monkeypatch, umap_learn)
    processes = []

    def stop(done: int, total: int, note: str = "") -> None:
        assert (done, total) == (0, 60)  # it still imports and compiles
        assert note == "epochs, once umap-learn is ready"
        processes.extend(child.process for child in worker.working)
        if len(processes) >= 3:
            raise Cancelled("the map")

    with pytest.raises(Cancelled):
        map_project.project(blobs(), SHORT, stop)
    assert len(set(processes)) == 1
    assert processes[0].wait(60) != 0
    assert not worker.working


@pytest.mark.slow
def test_the_same_seed_gives_the_same_map_and_epochs_are_told() -> None:
    told = []
    vectors = blobs()
    first = map_project.project(vectors, SHORT, lambda *report: told.append(report))
    assert first.coordinates.shape == (120, 2)
    assert own_share(first.coordinates) > 0.95
    assert first.notes == ()
    assert first.versions["umap-learn"]
    assert np.array_equal(coordinates(vectors), first.coordinates)
    assert not np.array_equal(coordinates(vectors, seed=2), first.coordinates)
    assert told[-1] == (60, 60, "epochs")
    assert told == sorted(told)
    assert any(0 < done < 60 for done, _, _ in told)


@pytest.mark.slow
def test_labels_pull_overlapping_groups_apart() -> None:
    random = np.random.default_rng(0)
    kind = np.arange(160) % 2
    vectors = (random.normal(size=(160, 8)) + kind[:, None] * 0.7).astype(np.float32)
    target = Target(kind.astype(np.float32), categorical=True)
    alone = silhouette_score(coordinates(vectors), kind)
    weak = silhouette_score(coordinates(vectors, target, target_weight=0.2), kind)
    strong = silhouette_score(coordinates(vectors, target, target_weight=0.9), kind)
    assert alone < weak < strong
    assert strong > alone + 0.3
    lots = random.permutation(kind)  # which the vectors know nothing of: what the help warns of
    told = Target(lots.astype(np.float32), categorical=True)
    assert silhouette_score(coordinates(vectors), lots) < 0.02
    assert silhouette_score(coordinates(vectors, told, target_weight=0.9), lots) > 0.2


@pytest.mark.slow
def test_densities_are_kept_by_densmap() -> None:
    """Local radii on the map go with those among the vectors."""
    random = np.random.default_rng(0)
    width = np.repeat([0.2, 1.0, 4.0], 60)
    centres = random.normal(size=(3, 6)) * 30
    vectors = np.repeat(centres, 60, axis=0) + random.normal(size=(180, 6)) * width[:, None]

    def radii(points: FloatArray) -> FloatArray:
        return np.log(KDTree(points).query(points, 11)[0][:, 1:].mean(axis=1))

    def kept(points: FloatArray) -> float:
        return float(np.corrcoef(radii(vectors), radii(points))[0, 1])

    dense = vectors.astype(np.float32)
    plain = kept(coordinates(dense, epochs=200))
    densities = kept(coordinates(dense, epochs=200, densmap=True))
    assert densities > 0.8
    assert densities > plain + 0.2


@pytest.mark.slow
def test_the_metric_is_umap_learns() -> None:
    """Rows of three shapes at any height and size: of correlation each is one thing."""
    random = np.random.default_rng(0)
    shapes = random.normal(size=(3, 12))[np.arange(120) % 3]
    noisy = shapes + random.normal(size=shapes.shape) * 0.1
    vectors = noisy * random.uniform(0.5, 4, (120, 1)) + random.normal(size=(120, 1)) * 20
    rows = vectors.astype(np.float32)
    assert own_share(coordinates(rows, metric=UmapMetric.CORRELATION)) > 0.95
    assert own_share(coordinates(rows)) < 0.8


@pytest.mark.slow
def test_each_metric_makes_a_map_of_numbers_above_zero() -> None:
    vectors = np.abs(blobs(60))
    maps = {coordinates(vectors, metric=metric, epochs=5).tobytes() for metric in METRICS}
    assert len(maps) == len(METRICS)
    assert map_project.metrics_for(vectors) == list(METRICS)
    below = map_project.metrics_for(blobs(60))
    assert set(METRICS) - set(below) == {UmapMetric.BRAYCURTIS, UmapMetric.HELLINGER}
    with pytest.raises(InputError, match="below 0"):
        coordinates(blobs(60), metric=UmapMetric.HELLINGER)


@pytest.mark.slow
def test_a_point_that_is_tied_to_none_is_left_out() -> None:
    """By labels alone: one of its kind, and none beside it that is."""
    kinds = np.arange(60) % 2
    kinds[7] = 2
    vectors = blobs(61)
    vectors[3] = np.nan
    target = Target(np.insert(kinds, 3, -1).astype(np.float32), categorical=True)
    recipe = replace(SHORT, target="kind", target_weight=1.0)
    projection = map_project.project(vectors, recipe, target=target)
    assert np.isfinite(projection.coordinates).all()
    assert sorted(set(range(61)) - set(projection.rows.tolist())) == [3, 8]
    assert "Left out as tied to no other: 1 point." in projection.notes
    assert any("proves nothing" in note for note in projection.notes)


@pytest.mark.slow
def test_densities_of_points_as_far_from_all_as_can_be() -> None:
    """A row of zeros shares nothing with others by Hellinger's distance."""
    vectors = np.abs(blobs(40))
    vectors[0] = 0
    values = {"metric": UmapMetric.HELLINGER, "epochs": 5}
    assert len(coordinates(vectors, **values)) == 39
    assert len(coordinates(vectors, densmap=True, **values)) == 40


@pytest.mark.slow
@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("count", [1, 3, 4, 5, 9])
def test_few_points_give_a_finite_map(count: int, dims: int) -> None:
    projection = map_project.project(blobs(count), replace(SHORT, dims=dims, epochs=5))
    assert projection.coordinates.shape == (count, dims)
    assert np.isfinite(projection.coordinates).all()
    assert projection.notes


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1e-20, 1e20, 1e30])
def test_huge_and_tiny_numbers_and_repeated_rows(scale: float) -> None:
    vectors = np.repeat(blobs(20).astype(np.float64) * scale, 2, axis=0).astype(np.float32)
    for metric in (Metric.EUCLIDEAN, UmapMetric.CANBERRA):
        assert np.isfinite(coordinates(vectors, metric=metric, epochs=5, densmap=True)).all()


@pytest.mark.slow
def test_new_points_land_among_their_like() -> None:
    every = blobs(140)
    vectors, new = every[:120], every[120:]
    for values in ({}, {"metric": UmapMetric.MANHATTAN, "densmap": True}):
        projection = map_project.project(vectors, replace(SHORT, **values))  # type: ignore[arg-type]
        landed = map_project.place(projection, vectors, np.vstack([vectors[:5], new]))
        np.testing.assert_allclose(landed.coordinates[:5], projection.coordinates[:5], atol=1e-5)
        _, near = KDTree(projection.coordinates).query(landed.coordinates[5:], 5)
        assert ((near % 3) == (np.arange(120, 140) % 3)[:, None]).mean() > 0.95


@pytest.mark.slow
def test_it_is_kept_with_its_quality_by_recipe_and_target(own_home: Path) -> None:
    vectors = blobs(60)
    recipe = replace(SHORT, target="kind", epochs=20, metric=UmapMetric.MANHATTAN)
    target = Target((np.arange(60) % 3).astype(np.float32), categorical=True)
    stored = load_or_project(vectors, recipe, target=target)
    again = load_or_project(vectors, recipe, target=target)
    assert (stored.opened, again.opened) == (False, True)
    assert np.array_equal(stored.projection.coordinates, again.projection.coordinates)
    assert stored.projection.target_digest == again.projection.target_digest != ""
    assert stored.quality is not None
    assert stored.quality.trustworthiness > 0.8
    other = replace(target, values=target.values[::-1].copy())
    folders = {
        map_folder(vectors, recipe, target),
        map_folder(vectors, recipe, other),
        map_folder(vectors, replace(recipe, densmap=True), target),
        map_folder(vectors, replace(recipe, metric=Metric.COSINE), target),
    }
    assert len(folders) == 4
    pca = Recipe(Method.PCA)  # ignores what is umap-learn's alone
    assert map_folder(vectors, pca) == map_folder(vectors, replace(pca, densmap=True))


@pytest.mark.slow
def test_a_recipe_from_the_command_line_makes_the_same_map_again(
    tmp_path: Path, own_home: Path, capsys: Capture
) -> None:
    table = pd.DataFrame(np.abs(blobs(60, 4)), columns=list("abcd"))
    table["kind"] = [f"kind {row % 3}" for row in range(60)]
    source = tmp_path / "points.csv"
    table.to_csv(source, index=False)
    arguments = [str(source), "--columns", "a,b,c,d"]
    chosen = ["--method", "umap-learn", "--metric", "braycurtis", "--densmap", "--target", "kind"]
    chosen += ["--target-weight", "0.7", "--dens-lambda", "1.5", "--seed", "3", "--epochs", "20"]
    answer, first = mapped(capsys, tmp_path / "m.parquet", *arguments, *chosen)
    assert (answer["count"], answer["method"]) == (60, "umap-learn")
    assert answer["trustworthiness"] > 0.7
    about = json.loads(pq.read_schema(tmp_path / "m.parquet").metadata[RECIPE_KEY])
    assert about["recipe"]["metric"] == "braycurtis"
    assert about["recipe"]["target"] == "kind"
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps(about))
    shutil.rmtree(own_home / "maps")  # so that it is made, not opened
    again, second = mapped(capsys, tmp_path / "n.parquet", *arguments, "--recipe", str(recipe))
    pd.testing.assert_frame_equal(first, second)
    assert again["trustworthiness"] == answer["trustworthiness"]
    assert not any("recipe was written for" in note for note in again["notes"])
    table["kind"] = [f"kind {row // 20}" for row in range(60)]
    table.to_csv(source, index=False)
    other, _ = mapped(capsys, tmp_path / "o.parquet", *arguments, "--recipe", str(recipe))
    assert "The target's values are not those that the recipe was written for." in other["notes"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--method", "umap-learn", "--metric", "jaccard"], "invalid choice: 'jaccard'"),
        (["--method", "umap-learn", "--target", "colour"], "no column “colour”"),
        (["--method", "umap-learn", "--metric", "hellinger"], "numbers below 0"),
        (["--method", "umap-learn", "--dens-lambda", "-1"], "“dens_lambda” of the map is -1.0"),
        (["--method", "umap", "--metric", "manhattan"], "umap compares by cosine or euclidean"),
    ],
)
def test_what_cannot_be_mapped_is_told(
    arguments: list[str], message: str, tmp_path: Path, capsys: Capture
) -> None:
    source, out = tmp_path / "points.csv", tmp_path / "m.parquet"
    pd.DataFrame(blobs(20, 3), columns=list("abc")).to_csv(source, index=False)
    arguments = [str(source), "--columns", "a,b,c", *arguments, "--out", str(out)]
    status, answer, _ = call(capsys, "map", *arguments)
    assert status == 2
    assert message in answer["error"]["message"]
    assert not out.exists()


def test_a_column_becomes_kinds_or_numbers() -> None:
    frame = pd.DataFrame(
        {
            "name": ["a", "b", None, "a", ""] * 4,
            "class": [1, 2, 3, 1, np.nan] * 4,
            "size": np.arange(20) / 3,
            "day": pd.date_range("2024-01-01", periods=20),
            "gaps": [0.5, np.nan, 2.25, 3.5, 4.75] * 4,
            "id": [f"n{row}" for row in range(20)],
            "same": "x",
        }
    )
    name = read_target("t", frame, "name")
    assert name.categorical
    assert name.values[:5].tolist() == [0, 1, -1, 0, -1]
    assert read_target("t", frame, "class").values[:5].tolist() == [0, 1, 2, 0, -1]
    size = read_target("t", frame, "size")
    assert not size.categorical
    np.testing.assert_allclose(size.values, np.arange(20) / 3, rtol=1e-6)
    assert np.diff(read_target("t", frame, "day").values).tolist() == [1] * 19
    for column, message in (("gaps", "no number in 4 rows"), ("id", "20 kinds in 20 rows")):
        with pytest.raises(InputError, match=message):
            read_target("t", frame, column)
    with pytest.raises(InputError, match="1 kind in 20 rows"):
        read_target("t", frame, "same")


@pytest.mark.slow
def test_numbers_supervise_by_how_far_they_are() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(120, 6)).astype(np.float32)
    size = random.permutation(120).astype(np.float32)

    def ordered(points: FloatArray) -> float:
        near = KDTree(points).query(points, 6)[1][:, 1:]
        return float(np.abs(size[near] - size[:, None]).mean())

    target = Target(size, categorical=False)
    assert ordered(coordinates(vectors, target, target_weight=0.9)) < ordered(coordinates(vectors))


def test_a_target_needs_a_value_for_each_row() -> None:
    recipe = replace(SHORT, target="kind")
    for target in (None, Target(np.zeros(5, np.float32), categorical=True)):
        with pytest.raises(InputError, match="need a value each"):
            map_project.project(blobs(60), recipe, target=target)


@settings(max_examples=50)
@given(
    st.builds(
        Recipe,
        method=st.just(Method.UMAP_LEARN),
        metric=st.sampled_from(METRICS),
        densmap=st.booleans(),
        dens_lambda=st.floats(0, 100),
        target=st.none() | st.text(),
        target_weight=st.floats(0, 1),
    )
)
def test_a_recipe_comes_back_from_its_json(recipe: Recipe) -> None:
    assert Recipe.from_dict(json.loads(json.dumps(recipe.as_dict()))) == recipe


@pytest.mark.parametrize("values", [{"densmap": 1}, {"target": 3}, {"metric": "manhattan"}])
def test_a_recipe_refuses_what_it_cannot_use(values: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        Recipe.from_dict(values)
    assert caught.value.remedy


@pytest.mark.slow
def test_what_umap_learn_says_when_it_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = own_worker(monkeypatch, umap_learn)
    target = Target((np.arange(40) // 39).astype(np.float32), categorical=True)
    with pytest.raises(InputError, match="ZeroDivisionError") as caught:
        coordinates(blobs(40), target, densmap=True, target_weight=1.0)
    assert "densMAP needs each point tied to another" in caught.value.expected
    assert not worker.working
