"""Maps: each method's values, the same by the same seed, bad input, cancelling, placing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.spatial import KDTree

from core.base import vectors as vec
from core.base.errors import Cancelled, InputError
from core.base.types import FloatArray, Metric
from core.knn.nearest import nearest_rows, nearest_to
from core.maps import project as map_project
from core.maps.methods import placing, umap_graph
from core.maps.methods.pca import fit_pca
from core.maps.recipe import HELP, Method, Recipe

METHODS = [Method.PCA, Method.TSNE, Method.UMAP]  # test_umap_learn has the other
FEW = {Method.PCA: {}, Method.TSNE: {"epochs": 60}, Method.UMAP: {"epochs": 30}}


def blobs(count: int = 120, dim: int = 10, groups: int = 3, seed: int = 0) -> FloatArray:
    """Seeded clusters far apart; row i is of cluster i % groups."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(groups, dim)) * 6
    rows = centres[np.arange(count) % groups] + random.normal(size=(count, dim))
    return rows.astype(np.float32)


def quick(method: Method, **values: object) -> Recipe:
    return Recipe.from_dict({"method": method.value, "seed": 1, **FEW[method], **values})


def own_share(points: FloatArray, groups: int = 3, k: int = 5) -> float:
    """Share of the k nearest on a map that are of the point's own cluster."""
    _, near = KDTree(points).query(points, k + 1)
    kind = np.arange(len(points)) % groups
    return float((kind[near[:, 1:]] == kind[:, None]).mean())


@pytest.mark.slow
@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_clusters_stay_together_and_the_same_seed_gives_the_same_map(
    method: Method, dims: int
) -> None:
    vectors = blobs()
    made = map_project.project(vectors, quick(method, dims=dims))
    assert made.coordinates.shape == (120, dims)
    assert made.coordinates.dtype == np.float32
    assert np.isfinite(made.coordinates).all()
    assert own_share(made.coordinates) > 0.95
    assert made.notes == ()
    again = map_project.project(vectors, quick(method, dims=dims))
    assert np.array_equal(made.coordinates, again.coordinates)
    assert made.digest == again.digest


def test_another_seed_and_no_seed_give_another_map_of_the_same_clusters() -> None:
    vectors = blobs()
    one = map_project.project(vectors, quick(Method.UMAP))
    other = map_project.project(vectors, quick(Method.UMAP, seed=2))
    fast = map_project.project(vectors, quick(Method.UMAP, seed=None))
    assert not np.array_equal(one.coordinates, other.coordinates)
    assert not np.array_equal(one.coordinates, fast.coordinates)
    assert own_share(fast.coordinates) > 0.95


def test_pca_equals_scikit_learn_and_tells_its_variance() -> None:
    from sklearn.decomposition import PCA

    for vectors in (blobs(), blobs(8, 30)):  # more rows than numbers, and fewer
        made = map_project.project(vectors, Recipe(Method.PCA, 3, metric=Metric.EUCLIDEAN))
        wanted = PCA(3, svd_solver="full").fit(vectors.astype(np.float64))
        signs = np.sign((wanted.components_ * made.components).sum(axis=1))
        expected = wanted.transform(vectors) * signs
        np.testing.assert_allclose(made.coordinates, expected, atol=1e-4)
        np.testing.assert_allclose(made.explained, wanted.explained_variance_ratio_, atol=1e-6)


def test_pca_by_cosine_is_that_of_unit_vectors() -> None:
    vectors = blobs() * np.linspace(1, 9, 120, dtype=np.float32)[:, None]
    made = map_project.project(vectors, Recipe(Method.PCA))
    unit = map_project.project(vec.normalize(vectors), Recipe(Method.PCA, metric=Metric.EUCLIDEAN))
    np.testing.assert_allclose(made.coordinates, unit.coordinates, atol=1e-5)


def test_flat_axes_are_zero() -> None:
    line = np.outer(np.arange(20), np.ones(6)).astype(np.float32)
    _, components, shares = fit_pca(line, 3)
    np.testing.assert_allclose(shares, [1, 0, 0], atol=1e-6)
    assert not components[1:].any()


def test_neighbours_are_those_of_comparing_with_all() -> None:
    vectors = blobs(700, 12)
    rows, squares = nearest_rows(vectors, 9)
    everything = np.square(vectors[:, None, :].astype(np.float64) - vectors).sum(axis=2)
    np.fill_diagonal(everything, np.inf)
    assert np.array_equal(rows, np.argsort(everything, axis=1, kind="stable")[:, :9])
    np.testing.assert_allclose(squares, np.sort(everything, axis=1)[:, :9], rtol=1e-4)
    found, apart = nearest_to(vectors[:50], vectors, 10)
    assert np.array_equal(found[:, 0], np.arange(50))
    assert not apart[:, 0].any()
    assert np.array_equal(found[:, 1:], rows[:50])


def test_blocks_of_neighbours_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = blobs(300, 8)
    whole, _ = nearest_rows(vectors, 7)
    monkeypatch.setattr("core.knn.nearest.ROWS", 37)
    assert np.array_equal(nearest_rows(vectors, 7)[0], whole)


@pytest.mark.slow
def test_umap_weights_and_curve_are_umap_learns() -> None:
    from umap import umap_

    vectors = vec.normalize(blobs(200))
    near, squares = nearest_rows(vectors, 14)
    own = np.arange(200)[:, None]
    distances = squares / 2
    wanted = umap_.fuzzy_simplicial_set(
        vectors,
        15,
        np.random.RandomState(0),
        "cosine",
        knn_indices=np.hstack([own, near]),
        knn_dists=np.hstack([np.zeros((200, 1)), distances]),
    )[0].toarray()
    ours = umap_graph.fuzzy_union(near, umap_graph.memberships(distances)).toarray()
    np.testing.assert_allclose(ours, wanted, atol=1e-4)
    for shape in ((0.1, 1.0), (0.5, 2.0), (0.0, 1.0)):
        wanted = umap_.find_ab_params(shape[1], shape[0])
        np.testing.assert_allclose(umap_graph.curve(*shape), wanted, rtol=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2, None])
def test_umap_throws_no_points_out_of_the_map(seed: int | None) -> None:
    """Groups that run into each other; a layout that threw some out made everything else small."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(100, 20))
    rows = centres[np.arange(1_000) % 100] + 0.6 * random.normal(size=(1_000, 20))
    points = map_project.project(
        rows.astype(np.float32), Recipe(Method.UMAP, seed=seed)
    ).coordinates
    far = np.linalg.norm(points - np.median(points, axis=0), axis=1)
    assert far.max() < 3 * np.median(far)
    assert own_share(points, groups=100) > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("space", [False, True])
def test_pulls_of_umaps_layout_leave_the_middle_of_the_points_where_it_is(space: bool) -> None:
    """Else a group's own edges would push it about."""
    from core.maps.methods import umap_layout

    count, dims = 60, 2 + space
    near, squares = nearest_rows(blobs(count), 8)
    graph = umap_graph.fuzzy_union(near, umap_graph.memberships(np.sqrt(squares)))
    every = (graph.data.max() / graph.data).astype(np.float32)
    points = np.random.default_rng(5).normal(size=(count, dims)).astype(np.float32) * 5
    before = points.copy()
    umap_layout.epochs(space=space)(
        points,
        graph.indptr.astype(np.int64),
        graph.indices,
        every,
        every.copy(),
        np.full(len(every), np.inf, np.float32),  # no far points, which push only one end
        *umap_layout.coefficients(*umap_graph.curve(0.1, 1)),
        np.ones(count, np.uint32),
        np.full(20, 0.2, np.float32),
        0,
        np.float32(5),
        1,
    )
    assert np.ptp(points, axis=0).max() < 0.8 * np.ptp(before, axis=0).max()
    np.testing.assert_allclose(points.mean(axis=0), before.mean(axis=0), atol=1e-4)


def test_tsne_gradient_over_all_pairs_is_openTSNEs() -> None:  # noqa: N802
    from openTSNE import tsne
    from scipy.sparse import random as sparse

    from core.maps.methods.tsne_forces import gradient

    for dims in (2, 3):
        places = np.random.default_rng(3).normal(size=(150, dims)) * 5
        weights = sparse(150, 150, 0.1, random_state=4).tocsr()
        weights = (weights + weights.T).tocsr() / (2 * weights.sum())
        _, wanted = tsne.kl_divergence_bh(places, weights, 1, {"theta": 0.0})
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(gradient(places, weights) / scale, wanted / scale, atol=1e-4)


@pytest.mark.parametrize("spread", [1e-4, 3, 30])
def test_tsne_forces_on_a_grid_are_those_of_all_pairs(spread: float) -> None:
    from scipy.sparse import random as sparse

    from core.maps.methods import tsne_forces, tsne_grid

    random = np.random.default_rng(3)
    places = np.concatenate(
        [random.normal(size=(600, 2)) * spread, random.normal(size=(400, 2)) * spread / 4 + spread]
    )
    none = sparse(1_000, 1_000, 0.0).tocsr()  # nothing pulls
    wanted = tsne_forces.gradient(places, none)
    grid = tsne_grid.Grid()
    found = grid.gradient(places, none)
    assert np.linalg.norm(found - wanted) < 0.05 * np.linalg.norm(wanted)
    np.testing.assert_array_equal(grid.gradient(places, none), found)
    some = sparse(1_000, 1_000, 0.01, random_state=4).tocsr()
    pulled = grid.gradient(places, some) - found
    np.testing.assert_allclose(
        pulled, tsne_forces.gradient(places, some) - wanted, atol=1e-6 * np.abs(pulled).max()
    )


def test_a_grid_is_read_coarsely_rather_than_grow_without_end() -> None:
    from core.maps.methods import tsne_grid

    places = np.random.default_rng(3).normal(size=(50, 2))
    places[0] = 1e5  # one that shot off
    pushes, total = tsne_grid.Grid().push(places)
    assert np.isfinite(pushes).all()
    assert 50 <= total <= 49 * 49 + 1  # the others are at one place, for so coarse a grid
    pushes, total = tsne_grid.Grid().push(np.ones((3, 2)))
    assert np.abs(pushes).max() < 1e-5
    assert total == pytest.approx(9)


@pytest.mark.parametrize("method", [Method.TSNE, Method.UMAP])
@pytest.mark.parametrize("after", ["rows compared", "iterations", "epochs"])
def test_a_cancelled_projection_stops_at_once(method: Method, after: str) -> None:
    told: list[tuple[int, str]] = []

    def stop(done: int, total: int, note: str = "") -> None:
        told.append((done, note))
        if note == after and done >= min(3, total - 1) and total > 1:
            raise Cancelled("the map")

    if (method, after) in ((Method.TSNE, "epochs"), (Method.UMAP, "iterations")):
        assert len(map_project.project(blobs(), quick(method), stop)) == 120
        assert told[-1][0] == FEW[method]["epochs"]
        return
    with pytest.raises(Cancelled):
        map_project.project(blobs(), quick(method), stop)
    assert told[-1][1] == after
    assert told[-1][0] <= 120


def test_tsne_shows_itself_on_the_way() -> None:
    seen: list[FloatArray] = []
    made = map_project.project(blobs(), quick(Method.TSNE, epochs=160), preview=seen.append)
    assert len(seen) == 3
    assert all(shown.shape == (120, 2) for shown in seen)
    assert own_share(seen[-1]) > 0.9
    assert not np.array_equal(seen[-1], made.coordinates)


@pytest.mark.parametrize("metric", list(Metric))
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9])
def test_few_points_give_a_finite_map(method: Method, metric: Metric, count: int) -> None:
    made = map_project.project(blobs(count), quick(method, metric=metric.value))
    assert made.coordinates.shape == (count, 2)
    assert np.isfinite(made.coordinates).all()
    if count > 1:
        assert len(np.unique(made.coordinates, axis=0)) == count
    if method is not Method.PCA or count == 1:
        assert made.notes


def test_what_was_lowered_is_told() -> None:
    made = map_project.project(blobs(20), quick(Method.TSNE))
    assert made.notes == ("Perplexity lowered to 6.33: there are 20 points.",)
    assert made.recipe.perplexity == 30  # what was asked for stands in the recipe
    made = map_project.project(blobs(10), quick(Method.UMAP))
    assert made.notes == ("Neighbours lowered to 10: there are 10 points.",)


@pytest.mark.parametrize("method", METHODS)
def test_equal_points_stand_in_the_middle(method: Method) -> None:
    made = map_project.project(np.ones((40, 5), dtype=np.float32), quick(method))
    assert not made.coordinates.any()
    assert "equal" in made.notes[0]


@pytest.mark.parametrize("method", METHODS)
def test_duplicates_zeros_and_constant_columns(method: Method) -> None:
    vectors = np.repeat(blobs(12), 20, axis=0)  # each of 12 points 20 times
    vectors[:, 3] = 7
    vectors[:5] = 0
    made = map_project.project(vectors, quick(method))
    assert np.isfinite(made.coordinates).all()


@pytest.mark.parametrize("method", METHODS)
def test_rows_with_nan_or_infinity_are_left_out(method: Method) -> None:
    vectors = blobs(60)
    vectors[3, 2], vectors[10, 0] = np.nan, np.inf
    made = map_project.project(vectors, quick(method))
    assert len(made) == 58
    assert made.given == 60
    assert 3 not in made.rows
    assert 10 not in made.rows
    assert made.notes[0] == "Left out for NaN or infinite numbers: 2 rows."


@pytest.mark.parametrize("scale", [1e-20, 1e20, 1e30])
@pytest.mark.parametrize("method", METHODS)
def test_huge_and_tiny_numbers(method: Method, scale: float) -> None:
    vectors = (blobs(40).astype(np.float64) * scale).astype(np.float32)
    for metric in Metric:
        made = map_project.project(vectors, quick(method, metric=metric.value))
        assert np.isfinite(made.coordinates).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dim", [1, 2])
def test_ready_coordinates_are_shown_as_they_are(method: Method, dim: int) -> None:
    vectors = blobs(30, dim)
    made = map_project.project(vectors, quick(method))
    np.testing.assert_array_equal(made.coordinates[:, :dim], vectors)
    assert "as they are" in made.notes[0]
    landed = map_project.place(made, vectors, vectors[:3] + 1)
    np.testing.assert_allclose(landed.coordinates[:, :dim], vectors[:3] + 1)


@pytest.mark.parametrize(
    "vectors",
    [
        np.empty((0, 4), dtype=np.float32),
        np.empty((4, 0), dtype=np.float32),
        np.ones(5, dtype=np.float32),
        np.full((3, 4), np.nan, dtype=np.float32),
    ],
)
def test_nothing_to_project_is_told(vectors: FloatArray) -> None:
    with pytest.raises(InputError) as caught:
        map_project.project(vectors, Recipe())
    assert caught.value.remedy


@pytest.mark.parametrize(
    "values",
    [
        {"dims": 4},
        {"dims": 2.5},
        {"dims": True},
        {"neighbors": 1},
        {"perplexity": "many"},
        {"perplexity": float("nan")},
        {"min_dist": 2.0, "spread": 1.0},
        {"seed": -1},
        {"epochs": 0},
        {"method": "isomap"},
        {"metric": 3},
        {"colour": "red"},
        {"dims": None},
    ],
)
def test_a_recipe_refuses_what_it_cannot_use(values: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        Recipe.from_dict(values)
    assert caught.value.remedy


@given(
    st.builds(
        Recipe,
        st.sampled_from(METHODS),
        st.sampled_from([2, 3]),
        st.none() | st.integers(0, 2**32 - 1),
        st.sampled_from(list(Metric)),
        st.integers(2, 200),
        st.floats(0, 1),
        st.floats(1, 10),
        st.floats(1, 500),
        st.floats(1, 20),
        st.none() | st.integers(1, 10_000),
    )
)
def test_a_recipe_comes_back_from_its_dict(recipe: Recipe) -> None:
    assert Recipe.from_dict(recipe.as_dict()) == recipe


def test_every_parameter_is_explained() -> None:
    assert set(HELP) == set(Recipe().as_dict())


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_points_of_the_map_placed_again_land_on_their_places(method: Method, dims: int) -> None:
    vectors = blobs(200)
    made = map_project.project(vectors, quick(method, dims=dims))
    landed = map_project.place(made, vectors, vectors[:40], k=3)
    np.testing.assert_allclose(landed.coordinates, made.coordinates[:40], atol=1e-5)
    assert np.array_equal(landed.rows[:, 0], np.arange(40))
    np.testing.assert_allclose(landed.scores[:, 0], 1, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_new_points_land_among_their_like_each_by_itself(method: Method) -> None:
    every = blobs(260)
    vectors, new = every[:200], every[200:]
    made = map_project.project(vectors, quick(method))
    landed = map_project.place(made, vectors, new)
    _, near = KDTree(made.coordinates).query(landed.coordinates, 5)
    assert ((near % 3) == (np.arange(200, 260) % 3)[:, None]).mean() > 0.95
    alone = map_project.place(made, vectors, new[7:8])
    np.testing.assert_allclose(alone.coordinates[0], landed.coordinates[7], atol=1e-4)
    similar = vec.similarity(vec.normalize(new), vec.normalize(vectors))
    np.testing.assert_allclose(landed.scores, np.sort(similar, axis=1)[:, :-16:-1], atol=1e-5)


@pytest.mark.slow
def test_points_are_placed_as_well_as_the_libraries_do() -> None:
    """Neighbours by vectors that are near the place, of 80 new points; umap-learn is measured in
    benchmarks, since it takes half a minute to compile."""
    import openTSNE

    every = vec.normalize(blobs(900, 20, 30) * 0.5)
    vectors, new = every[:820], every[820:]
    near, squares = nearest_to(new, vectors, 15)

    def kept(points: FloatArray, places: FloatArray) -> float:
        _, found = KDTree(points).query(places, 15)
        return float((found[:, :, None] == near[:, None, :]).any(axis=2).mean())

    fitted = openTSNE.TSNE(random_state=0, n_iter=150, early_exaggeration_iter=100).fit(vectors)
    points = np.array(fitted, dtype=np.float32)
    theirs = kept(points, np.array(fitted.transform(new)))
    assert kept(points, placing.place_tsne(near, squares, points)) >= theirs


def test_placing_refuses_what_does_not_fit() -> None:
    vectors = blobs(50)
    made = map_project.project(vectors, Recipe(Method.PCA))
    wrong = np.full((1, 10), np.nan, dtype=np.float32)
    for old, new in ((vectors[:9], vectors), (vectors, vectors[:, :4]), (vectors, wrong)):
        with pytest.raises(InputError):
            map_project.place(made, old, new)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 12),
    st.integers(1, 6),
    st.sampled_from(METHODS),
    st.integers(0, 2**16),
    st.sampled_from([0.0, 1.0, 1e-6]),
)
def test_any_small_data_gives_a_finite_map(
    count: int, dim: int, method: Method, seed: int, grain: float
) -> None:
    vectors = np.random.default_rng(seed).integers(-2, 3, size=(count, dim)).astype(np.float32)
    vectors += grain * vectors[::-1]
    recipe = replace(quick(method), epochs=5)
    made = map_project.project(vectors, recipe)
    assert made.coordinates.shape == (count, 2)
    assert np.isfinite(made.coordinates).all()
    landed = map_project.place(made, vectors, vectors[:2])
    assert np.isfinite(landed.coordinates).all()
