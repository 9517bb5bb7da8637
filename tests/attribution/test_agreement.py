"""How a second model ranks a result."""

from __future__ import annotations

import numpy as np
import pytest

from core.attribution.agreement import agree
from core.base.errors import InputError

IDS = [f"p{at}" for at in range(12)]


def test_rank_and_the_best_in_common() -> None:
    scores = np.linspace(0.9, -0.2, 12).astype(np.float32)
    own, best = agree(scores, IDS, "p3")
    assert (own.rank, own.of, own.overlap, own.top) == (4, 12, 10, 10)
    assert own.similarity == pytest.approx(0.6)
    assert best == IDS[:10]
    other, _ = agree(scores[::-1].copy(), IDS, "p3", best)
    assert (other.rank, other.overlap) == (9, 8)


def test_equal_scores_go_by_their_place() -> None:
    same = np.full(3, 0.5, np.float32)
    assert [agree(same, IDS[:3], name)[0].rank for name in IDS[:3]] == [1, 2, 3]


def test_a_result_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match="is not here"):
        agree(np.zeros(12, np.float32), IDS, "gone")
