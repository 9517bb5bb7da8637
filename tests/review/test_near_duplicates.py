"""Near-duplicates by hand, across blocks, and on the bundled texts."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from core.base import vectors as vec
from core.base.errors import Cancelled
from core.base.types import FloatArray
from core.knn import nearest
from core.knn.all_pairs import find_neighbors
from core.review import near_duplicates
from core.review.near_duplicates import Group, find_groups, kept_rows, suggest_threshold
from core.sentences import datasets
from core.spaces import registry, text_vectors


def at_angles(*degrees: float) -> FloatArray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def cosine(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def listed(groups: list[Group]) -> list[list[int]]:
    return [group.rows.tolist() for group in groups]


def test_groups_by_hand() -> None:
    rows = at_angles(0, 90, 8, 180, 16, 93, 24, 181, 270)
    found = find_groups(rows, cosine(10))
    # 8° has 0° and 16° near; 24° would need 16°, which is taken, so the chain is cut.
    assert listed(found) == [[2, 0, 4], [1, 5], [3, 7]]
    assert found[0].similarity == pytest.approx([1, cosine(8), cosine(8)], abs=1e-6)
    assert find_groups(rows, cosine(0.5)) == []
    assert [len(group.rows) for group in find_groups(rows, -1)] == [9]


@pytest.mark.parametrize("rows", [100, 1_024])
def test_groups_across_blocks(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "ROWS", rows)
    monkeypatch.setattr(near_duplicates, "BLOCK", 2)
    count = 2 * rows + 100
    many = vec.normalize(np.random.default_rng(1).normal(size=(count, 64)).astype(np.float32))
    many[[5, rows + 5, 2 * rows + 5]] = many[5]
    many[2 * rows + 7] = many[rows + 9]
    assert listed(find_groups(many, 0.99)) == [
        [5, rows + 5, 2 * rows + 5],
        [rows + 9, 2 * rows + 7],
    ]


@given(
    st.lists(st.floats(0, 360, width=32), min_size=2, max_size=40),
    st.floats(0.3, 1),
)
def test_a_group_is_alike_its_medoid_and_no_row_is_in_two(
    degrees: list[float], threshold: float
) -> None:
    rows = at_angles(*degrees)
    groups = find_groups(rows, threshold)
    taken = [row for group in groups for row in group.rows.tolist()]
    assert len(taken) == len({*taken})
    for group in groups:
        assert group.rows[0] == group.medoid
        assert len(group.rows) > 1
        assert (rows[group.rows] @ rows[group.medoid] >= threshold - 1e-5).all()
    # Whoever is left has no free row near.
    free = [row for row in range(len(rows)) if row not in taken]
    likeness = rows[free] @ rows[free].T - 2 * np.eye(len(free))
    assert (likeness < threshold + 1e-5).all()


def test_a_cancel_passes_through() -> None:
    def stop(done: int, total: int, note: str = "") -> None:
        raise Cancelled("Comparing")

    with pytest.raises(Cancelled):
        find_groups(at_angles(0, 1, 2), 0.9, stop)


def test_the_threshold_parts_twins_from_others() -> None:
    rows = at_angles(0, 90, 180)  # whose mean cosine is near zero
    near = np.array([0.2] * 50 + [0.3] * 50 + [0.9] * 20 + [0.95] * 20, dtype=np.float32)
    assert 0.5 <= suggest_threshold(near, rows) <= 0.8
    assert suggest_threshold(np.full(9, 0.1, np.float32), rows) > 0.9  # nothing to part


def test_the_bundled_paraphrases_are_found_without_choosing() -> None:
    entry = registry.find_space("minilm")
    dataset = datasets.load_texts(datasets.find_dataset("descriptions"))
    encoded = text_vectors.load_or_encode(dataset.texts, entry.text_encoder(), entry.text_folder)
    near = find_neighbors(encoded, 1).scores[:, 0]
    threshold = suggest_threshold(near, encoded.vectors)
    found = [
        {dataset.numbers[row] for row in one.rows}
        for one in find_groups(encoded.vectors, threshold)
    ]
    for pair in ({10, 163}, {20, 241}, {21, 271}):
        assert pair in found
    assert max(map(len, found)) <= 4  # nothing chains


def test_medoids_and_what_was_chosen_stay() -> None:
    groups = find_groups(at_angles(0, 90, 8, 180, 16, 93), cosine(10))
    assert kept_rows(groups, {}, 6) == [1, 2, 3]
    assert kept_rows(groups, {2: False, 0: True}, 6) == [0, 1, 3]
