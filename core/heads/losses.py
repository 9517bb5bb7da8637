"""Losses of metric learning, on unit vectors of one batch.

Each takes the vectors ``(b, dim)`` and their ``Pairs``, and gives one number to be made small. With
one characteristic a pair is positive or negative; with several it may be both in part, and counts
in each by its weight.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

_NOTHING = -1e9  # the logarithm of a weight of zero, without the NaN of a gradient at infinity
_TRIPLETS = 4_000_000  # looked at in one batch: of more, every second, third ... pair is taken


@dataclass(frozen=True, slots=True)
class Pairs:
    """How far two items of a batch are alike.

    Attributes:
        positive: ``(b, b)`` the share of characteristics that both have and that agree; 0 for an
            item with itself.
        negative: ``(b, b)`` the share that differ; both are 0 where no characteristic is known of
            both items.
    """

    positive: Tensor
    negative: Tensor

    @property
    def known(self) -> Tensor:
        """``(b, b)`` whether something is known of a pair."""
        return (self.positive + self.negative) > 0


def pairs_of(numbers: Tensor) -> Pairs:
    """The pairs of items of which ``numbers`` ``(b, c)`` names the class in each column, or -1."""
    known = numbers >= 0
    both = known[:, None] & known[None, :]
    both[torch.arange(len(numbers)), torch.arange(len(numbers))] = False
    same = (numbers[:, None] == numbers[None, :]) & both
    count = both.sum(2)
    share = same.sum(2) / count.clamp(min=1)
    return Pairs(share, torch.where(count > 0, 1 - share, torch.zeros_like(share)))


def pairs_of_views(count: int) -> Pairs:
    """The pairs of ``2 * count`` views, of which ``count`` stand before the others in one order.

    The other view of a picture is positive, all other views are negative.
    """
    both = torch.arange(2 * count) % count
    same = (both[:, None] == both[None, :]).float()
    return Pairs(same - torch.eye(2 * count), 1 - same)


def contrastive(vectors: Tensor, pairs: Pairs, margin: float) -> Tensor:
    """The contrastive loss of pairs (Hadsell, Chopra & LeCun 2006, doi:10.1109/CVPR.2006.100).

    ``w+ D² / 2 + w- max(0, margin - D)² / 2`` with the Euclidean distance ``D``; the means of both
    parts over the pairs that contribute, as pytorch-metric-learning takes them.
    """
    squares = _squares(vectors)
    near = squares / 2
    far = (margin - squares.clamp(min=1e-12).sqrt()).clamp(min=0).square() / 2
    return _mean(near, pairs.positive) + _mean(far, pairs.negative)


def triplet(vectors: Tensor, pairs: Pairs, margin: float) -> Tensor:
    """The triplet loss of semi-hard negatives (Schroff et al. 2015, FaceNet, arXiv:1503.03832).

    ``max(0, D(a, p)² - D(a, n)² + margin)`` over the triplets whose negative is farther than the
    positive, yet within the margin: ``D(a, p)² < D(a, n)² <= D(a, p)² + margin``. A triplet counts
    by how much more the positive is alike than the negative, with one characteristic by 1.
    """
    squares = _squares(vectors)
    anchors, positives = torch.nonzero(pairs.positive > 0, as_tuple=True)
    step = 1 + len(anchors) * len(vectors) // _TRIPLETS
    anchors, positives = anchors[::step], positives[::step]
    gap = squares[anchors] - squares[anchors, positives][:, None]
    more = pairs.positive[anchors, positives][:, None] - pairs.positive[anchors]
    weights = torch.where(pairs.known[anchors] & (gap > 0) & (gap <= margin), more, 0).clamp(min=0)
    return _mean(margin - gap, weights)


def nt_xent(vectors: Tensor, pairs: Pairs, temperature: float) -> Tensor:
    """The normalised temperature-scaled cross entropy (Chen et al. 2020, arXiv:2002.05709).

    ``-log(exp(s(i, p) / t) / (exp(s(i, p) / t) + Σ w- exp(s(i, n) / t)))`` with the cosine ``s``,
    the mean over positive pairs by their weight. In SimCLR the two views of one picture are the
    one positive pair; here each pair of a class is one.
    """
    scores = vectors @ vectors.T / temperature
    others = torch.logsumexp(scores + _log(pairs.negative), 1)[:, None]
    return _mean(torch.logaddexp(scores, others) - scores, pairs.positive)


def supervised_contrastive(vectors: Tensor, pairs: Pairs, temperature: float) -> Tensor:
    """The supervised contrastive loss "out" (Khosla et al. 2020, eq. 2, arXiv:2004.11362).

    ``-Σ_p w+ log(exp(s(i, p) / t) / Σ_a exp(s(i, a) / t)) / Σ_p w+`` with the cosine ``s`` and all
    others ``a``; the mean over the items that have a positive.
    """
    scores = vectors @ vectors.T / temperature
    all_others = torch.logsumexp(scores + _log(pairs.known), 1)[:, None]
    weights = pairs.positive.sum(1)
    each = (pairs.positive * (all_others - scores)).sum(1) / weights.clamp(min=1e-9)
    return _mean(each, (weights > 0).float())


Loss = Callable[[Tensor, Pairs, float], Tensor]
LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "supcon": supervised_contrastive,
        "contrastive": contrastive,
        "triplet": triplet,
        "ntxent": nt_xent,
        "simclr": nt_xent,  # of the pairs of two views
    }
)


def _squares(vectors: Tensor) -> Tensor:
    """Squared Euclidean distances ``(b, b)`` of unit vectors."""
    return (2 - 2 * vectors @ vectors.T).clamp(min=0)


def _log(weights: Tensor) -> Tensor:
    return torch.where(weights > 0, weights.float().clamp(min=1e-9).log(), _NOTHING)


def _mean(values: Tensor, weights: Tensor) -> Tensor:
    """The weighted mean of the values above 0; 0 where there are none."""
    total = (weights * (values > 0)).sum()
    return (weights * values).sum() / total.clamp(min=1e-9)
