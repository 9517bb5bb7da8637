"""The four losses by hand-made vectors and beside pytorch-metric-learning's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from pytorch_metric_learning import distances, losses as peers, miners
from torch import Tensor

from core.heads.losses import (
    LOSSES,
    contrastive,
    nt_xent,
    pairs_of,
    supervised_contrastive,
    triplet,
)

# Two of one class at a right angle, and one of another class opposite to the first.
SQUARE = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
KINDS = torch.tensor([[0], [0], [1]])


class Hadsell(peers.ContrastiveLoss):
    """The peer's pairs and means with the squares of the paper's equation."""

    def pos_calc(self, pos_pair_dist: Tensor, margin: float) -> Tensor:
        return super().pos_calc(pos_pair_dist, margin) ** 2 / 2

    def neg_calc(self, neg_pair_dist: Tensor, margin: float) -> Tensor:
        return super().neg_calc(neg_pair_dist, margin) ** 2 / 2


def test_pairs_by_one_column_and_by_several() -> None:
    one = pairs_of(torch.tensor([[0], [0], [1], [-1]]))
    assert one.positive.tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0] * 4, [0] * 4]
    assert one.negative.tolist() == [[0, 0, 1, 0], [0, 0, 1, 0], [1, 1, 0, 0], [0] * 4]
    both = pairs_of(torch.tensor([[0, 5], [0, 6], [1, -1]]))
    assert both.positive.tolist() == [[0, 0.5, 0], [0.5, 0, 0], [0, 0, 0]]
    assert both.negative.tolist() == [[0, 0.5, 1], [0.5, 0, 1], [1, 1, 0]]


def test_contrastive_by_hand() -> None:
    # D² is 2 between the two alike; 4 and 2 to the third: a margin of 2 leaves (2 - √2)² / 2.
    by_hand = 2 / 2 + (2 - math.sqrt(2)) ** 2 / 2
    assert float(contrastive(SQUARE, pairs_of(KINDS), 2)) == pytest.approx(by_hand, abs=1e-6)


def test_triplet_by_hand() -> None:
    # From the first the positive is at 2, the negative at 4: within a margin of 3, beyond one of 1.
    # From the second both are at 2, so that the negative is not farther.
    assert float(triplet(SQUARE, pairs_of(KINDS), 3)) == pytest.approx(3 - 2, abs=1e-6)
    assert float(triplet(SQUARE, pairs_of(KINDS), 1)) == 0


def test_supervised_contrastive_and_nt_xent_by_hand() -> None:
    # Cosines: 0 to the positive; -1 from the first and 0 from the second to the negative.
    by_hand = (math.log(1 + math.exp(-1 / 0.5)) + math.log(2)) / 2
    for loss in (supervised_contrastive, nt_xent):
        assert float(loss(SQUARE, pairs_of(KINDS), 0.5)) == pytest.approx(by_hand, abs=1e-6)


def test_what_agrees_in_part_counts_in_part() -> None:
    both = torch.tensor([[0, 0], [0, 1], [1, 1]])
    # Half alike: the first two and the last two; the first and the last differ in all.
    first = math.log(1 + math.exp(-1 / 0.5))
    middle = math.log(2)  # two halves, each 0 beside another 0
    last = math.log(1 + math.exp(-1 / 0.5))
    found = float(supervised_contrastive(SQUARE, pairs_of(both), 0.5))
    assert found == pytest.approx((first + middle + last) / 3, abs=1e-6)


def test_items_without_a_label_change_nothing() -> None:
    more = torch.cat([SQUARE, torch.tensor([[0.6, 0.8]])])
    kinds = torch.cat([KINDS, torch.tensor([[-1]])])
    for name, loss in LOSSES.items():
        asked = 0.5 if name in ("supcon", "ntxent") else 3.0
        one, other = loss(more, pairs_of(kinds), asked), loss(SQUARE, pairs_of(KINDS), asked)
        assert float(one) == pytest.approx(float(other), abs=1e-6), name


SQUARED = distances.LpDistance(power=2)
MINER = miners.TripletMarginMiner(0.3, type_of_triplets="semihard", distance=SQUARED)
PEERS: dict[str, Callable[[Tensor, Tensor], Any]] = {
    "supcon": peers.SupConLoss(0.1),
    "ntxent": peers.NTXentLoss(0.2),
    "contrastive": Hadsell(neg_margin=1.0),
    "triplet": lambda made, kinds: peers.TripletMarginLoss(0.3, distance=SQUARED)(
        made, kinds, MINER(made, kinds)
    ),
}
SHARPNESS = {"supcon": 0.1, "ntxent": 0.2, "contrastive": 1.0, "triplet": 0.3}


@pytest.mark.parametrize("name", PEERS)
def test_values_are_those_of_pytorch_metric_learning(name: str) -> None:
    random = torch.Generator().manual_seed(1)
    for dim in (3, 40):
        drawn = torch.randn((48, dim), generator=random, dtype=torch.float64)
        made = torch.nn.functional.normalize(drawn, dim=1)
        kinds = torch.randint(0, 7, (48,), generator=random)
        ours = LOSSES[name](made, pairs_of(kinds[:, None]), SHARPNESS[name])
        assert float(ours) > 0
        assert float(ours) == pytest.approx(float(PEERS[name](made, kinds)), abs=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_finite_also_where_vectors_coincide_or_classes_are_alone(name: str) -> None:
    same = torch.nn.functional.normalize(torch.ones((6, 4)), dim=1).requires_grad_()
    for kinds in ([0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5], [-1] * 6):
        loss = LOSSES[name](same, pairs_of(torch.tensor(kinds)[:, None]), 0.1)
        same.grad = None
        loss.backward()
        assert same.grad is not None
        assert bool(torch.isfinite(same.grad).all()), kinds
