"""The tree that HDBSCAN finds: its nodes, their points, and names that differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.cluster import HDBSCAN

from core.base.types import FloatArray, Modality
from core.maps import clusters, grains, items
from core.maps.clusters import Clustering, Grouping
from core.maps.grains import Tree
from core.maps.items import MapData
from core.maps.project import project
from core.maps.recipe import Method, Recipe


def nested() -> FloatArray:
    """Two groups far apart, each of two that are near each other, 30 points each."""
    rng = np.random.default_rng(3)
    middles = np.array([[0, 0], [6, 0], [60, 0], [66, 0]], dtype=np.float32)
    return np.concatenate(
        [middle + rng.normal(size=(30, 2)).astype(np.float32) for middle in middles]
    ).astype(np.float32)


def tree_of(points: FloatArray, least: int) -> Tree:
    grouped = clusters.group(points, Clustering.HDBSCAN, count=2, least=least, samples=5, seed=0)
    found = clusters._apart(grouped, len(points))[1]
    assert found is not None
    return found


def members(tree: Tree, node: int) -> set[int]:
    """The points of a node and of all that is below it."""
    inside = {node}
    for other, parent in enumerate(tree.parents.tolist()):
        if parent in inside:
            inside.add(other)
    return set(np.flatnonzero(np.isin(tree.deepest, sorted(inside))).tolist())


def test_groups_within_groups_are_found() -> None:
    tree = tree_of(nested(), 12)
    halves = [node for node, parent in enumerate(tree.parents.tolist()) if parent == 0]
    assert len(halves) == 2
    found = sorted(min(members(tree, node)) < 60 for node in halves)
    assert found == [False, True]
    quarters = [node for node, parent in enumerate(tree.parents.tolist()) if parent in halves]
    assert len(quarters) == 4
    for node in quarters:
        inside = np.array(sorted(members(tree, node)))
        assert len(set((inside // 30).tolist())) == 1
        assert len(inside) >= 12


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_each_cluster_of_scikit_learn_is_a_node(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(150, 2)) + 4 * rng.integers(0, 3, size=(150, 1))
    tree = tree_of(points.astype(np.float32), 8)
    found = HDBSCAN(min_cluster_size=8, min_samples=5, copy=True).fit(points.astype(np.float32))
    nodes = [frozenset(members(tree, node)) for node in range(len(tree.parents))]
    for label in range(int(found.labels_.max()) + 1):
        assert frozenset(np.flatnonzero(found.labels_ == label).tolist()) in nodes
    assert tree.sizes().tolist() == [len(node) for node in nodes]
    assert (tree.parents[1:] < np.arange(1, len(tree.parents))).all()


def data_of(points: FloatArray, texts: list[str], modality: Modality | None) -> MapData:
    ids = [str(at) for at in range(len(texts))]
    data = items.from_vectors("things", ids, np.ones((len(ids), 2), np.float32), texts=texts)
    return replace(data, vectors=points, modality=modality)


def test_nodes_are_named_by_what_tells_them_apart() -> None:
    points = nested()
    kinds = ["red apple", "green pear", "fast car", "slow bus"]
    texts = [f"a {kinds[at // 30]} number{at}" for at in range(120)]
    tree = tree_of(points, 12)
    found = grains.name_grains(tree, data_of(points, texts, None), np.arange(120), points)
    assert len({one.name for one in found}) == len(found)
    fine = [one for one in found if one.parent >= 0]
    coarse = [one for one in found if one.parent < 0]
    assert len(coarse) == 2
    for word, x in (("apple", 0), ("pear", 6), ("car", 60), ("bus", 66)):
        [one] = [one for one in fine if word in one.name.split(", ")[:2] + one.name.split()]
        assert abs(one.place[0] - x) < 2
        assert one.radius < 4
    assert min(one.radius for one in coarse) > max(one.radius for one in fine if one.size > 12)


def test_words_are_named_by_those_in_the_middle() -> None:
    points = nested()
    words = [f"word{at}" for at in range(120)]
    data = data_of(points, words, Modality.WORD)
    tree = tree_of(points, 12)
    found = grains.name_grains(tree, data, np.arange(120), points)
    for node, one in enumerate(found, 1):
        inside = sorted(members(tree, node))
        mean = points[inside].mean(axis=0)
        nearest = min(inside, key=lambda at: float(np.square(points[at] - mean).sum()))
        assert one.name.split(", ")[0] == f"word{nearest}"


def test_names_that_are_all_taken_get_numbers() -> None:
    taken: set[str] = set()
    told = [grains._distinct(["a", "b"], taken) for _ in range(3)]
    assert told == ["a, b", "a, b (2)", "a, b (3)"]
    assert grains._distinct(["a", "b", "c", "d"], taken) == "a, b, c"
    assert grains._distinct(["a", "b", "c", "d"], taken) == "a, b, d"
    assert grains._distinct([], taken) == "cluster (2)"


@pytest.mark.slow
def test_a_map_has_the_grains_of_its_clusters_from_the_child_too() -> None:
    points = np.concatenate([nested(), nested() + np.array([0, 200], dtype=np.float32)] * 2)
    points += np.random.default_rng(5).normal(size=points.shape).astype(np.float32) / 10
    texts = [f"kind{at // 30} of things" for at in range(len(points))]
    data = data_of(points.astype(np.float32), texts, None)
    projection = project(data.vectors, Recipe(Method.PCA))
    assert len(points) > clusters.HERE
    found = clusters.map_clusters(data, projection, Grouping(Clustering.HDBSCAN, least=20))
    assert found.grains
    assert found.clusters.tree is not None
    assert len(found.clusters.tree.deepest) == len(points)
    kmeans = clusters.map_clusters(data, projection, Grouping(Clustering.KMEANS, count=3))
    assert kmeans.grains == ()
