"""Every search equals comparing with every vector."""

from pathlib import Path

import numpy as np
import pytest

from core.base import vectors as vec
from core.base.errors import StorageError
from core.base.types import FloatArray
from core.formula.formula import parse_formula
from core.formula.resolve import resolve
from core.knn.exact import ExactIndex
from core.knn.fast_scan import FastScanIndex, build_index, load_index
from core.spaces.vocabulary_files import Loaded


def clustered(count: int, dim: int, seed: int = 0) -> FloatArray:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count // 50, dim))
    rows = centres[random.integers(0, len(centres), count)] + random.normal(size=(count, dim))
    return vec.normalize(rows.astype(np.float32))


def by_sorting(vectors: FloatArray, query: FloatArray, k: int) -> list[int]:
    scores = (vectors.astype(np.float64) @ query.astype(np.float64)).tolist()
    return sorted(range(len(scores)), key=lambda row: (-scores[row], row))[:k]


@pytest.mark.parametrize("index_type", [ExactIndex, FastScanIndex])
@pytest.mark.parametrize("dim", [64, 75])
def test_search_equals_sorting_all_scores(index_type: type, dim: int) -> None:
    vectors = clustered(8_000, dim)
    index = index_type(vectors)
    random = np.random.default_rng(1)
    for rows in random.integers(0, len(vectors), (25, 3)):
        query = vec.unit(vectors[rows[0]] - vectors[rows[1]] + vectors[rows[2]])
        scores, found = index.search(query[None, :], 10)
        assert found[0].tolist() == by_sorting(vectors, query, 10)
        assert scores[0] == pytest.approx(vectors[found[0]] @ query, abs=1e-6)


@pytest.mark.parametrize("index_type", [ExactIndex, FastScanIndex])
def test_a_vector_finds_itself_with_score_one(index_type: type) -> None:
    vectors = clustered(6_000, 32)
    scores, found = index_type(vectors).search(vectors[[17]], 1)
    assert found[0, 0] == 17
    assert scores[0, 0] == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("index_type", [ExactIndex, FastScanIndex])
def test_a_batch_of_one_equals_the_row_of_a_batch(index_type: type) -> None:
    vectors = clustered(6_000, 32)
    index = index_type(vectors)
    _, one = index.search(vectors[[5]], 8)
    _, three = index.search(vectors[[4, 5, 6]], 8)
    _, many = index.search(vectors[:20], 8)
    assert one[0].tolist() == three[1].tolist() == many[5].tolist()


def test_equal_scores_come_in_the_order_of_their_rows() -> None:
    vectors = np.array([[0.5, 0], [0.9, 1], [0.5, 2], [0.5, 3], [0.1, 4]], dtype=np.float32)
    scores, rows = ExactIndex(vectors).search(np.array([[1, 0]], dtype=np.float32), 3)
    assert rows.tolist() == [[1, 0, 2]]
    assert scores[0] == pytest.approx([0.9, 0.5, 0.5])


def test_more_neighbours_than_vectors_gives_all_of_them() -> None:
    vectors = clustered(100, 8)
    assert ExactIndex(vectors).search(vectors[:1], 1_000)[1].shape == (1, 100)
    large = clustered(6_000, 8)
    assert FastScanIndex(large).search(large[:1], 9_000)[1].shape == (1, 6_000)


@pytest.mark.slow
def test_formulas_on_the_real_words_equal_comparing_with_every_word(minilm: Loaded) -> None:
    vocabulary, index = minilm
    assert isinstance(index, FastScanIndex)
    exact = ExactIndex(vocabulary.vectors)
    random = np.random.default_rng(2)
    common = vocabulary.head(3_000)
    for _ in range(300):
        a, b, c = random.choice(common, 3, replace=False)
        query = resolve(parse_formula(f'"{a}" - "{b}" + "{c}"'), vocabulary).vector[None, :]
        assert index.search(query, 13)[1].tolist() == exact.search(query, 13)[1].tolist()


def test_a_saved_index_gives_the_same_answers(tmp_path: Path) -> None:
    vectors = clustered(6_000, 32)
    built = build_index(vectors)
    assert isinstance(built, FastScanIndex)
    built.save(tmp_path / "codes.faiss")
    opened = load_index(vectors, tmp_path / "codes.faiss")
    queries = vectors[:3]
    assert opened.search(queries, 5)[1].tolist() == built.search(queries, 5)[1].tolist()


def test_a_damaged_or_foreign_index_is_refused(tmp_path: Path) -> None:
    vectors = clustered(6_000, 32)
    path = tmp_path / "codes.faiss"
    path.write_bytes(b"not an index at all")
    with pytest.raises(StorageError, match="could not be read"):
        load_index(vectors, path)
    FastScanIndex(clustered(7_000, 32)).save(path)
    with pytest.raises(StorageError, match="holds 7,000 codes"):
        load_index(vectors, path)


def test_few_vectors_are_compared_one_by_one() -> None:
    assert isinstance(build_index(clustered(500, 8)), ExactIndex)
