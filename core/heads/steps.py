"""The loss of one batch: of the items, and of the texts that are trained along with them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.base.types import FloatArray, IntArray
from core.heads.data import Data
from core.heads.label_texts import LabelTexts
from core.heads.losses import LOSSES, Pairs, pairs_of, pairs_of_views
from core.heads.network import Network
from core.heads.settings import WITH_TEMPERATURE

_WORDS = 32  # of the frequent words, in one step
_TEMPERATURE = 0.1  # of how near words lie, in the new space
_SHARPNESS = 2.0  # of how near they lie in the base, in standard deviations
_WEIGHT = 1.0  # of the words beside a loss with a temperature
_BESIDE_MARGIN = 0.1  # the same beside one with a margin, which is some ten times smaller


def loss_of(
    network: Network,
    data: Data,
    rows: IntArray,
    chance: np.random.Generator,
    dropped: torch.Generator,
) -> Tensor:
    """The loss of items ``rows`` ``(b,)``, a number to be made small.

    Args:
        chance: draws which words are in it.
        dropped: draws which hidden numbers drop out.
    """
    settings, numbers = network.settings, data.numbers[rows]
    given = torch.from_numpy(data.vectors[rows])
    made = network.apply(given, dropped)
    classes = torch.from_numpy(numbers)
    loss = LOSSES[settings.loss](made, pairs_of(classes), settings.sharpness)
    if data.texts is None:
        return loss
    vectors, of_texts = data.texts.of_batch(rows, numbers)
    texts = network.apply_to_texts(torch.from_numpy(vectors), dropped)
    pairs = pairs_of(torch.cat([classes, torch.from_numpy(of_texts)]))
    across = LOSSES[settings.loss](
        torch.cat([made, texts]), _between(pairs, len(made)), settings.sharpness
    )
    kept = _kept(network, data.texts, given, made, (chance, dropped))
    weight = _WEIGHT if settings.loss in WITH_TEMPERATURE else _BESIDE_MARGIN
    return loss + across + weight * kept


def loss_of_views(
    network: Network,
    views: FloatArray,
    rows: IntArray,
    chosen: IntArray,
    dropped: torch.Generator,
) -> Tensor:
    """The loss of SimCLR on two views ``chosen`` ``(b, 2)`` of each of the items ``rows`` ``(b,)``.

    Args:
        views: ``(n, v, d)`` of all items.
        dropped: draws which hidden numbers drop out.
    """
    settings = network.settings
    two = np.concatenate([views[rows, chosen[:, at]] for at in (0, 1)])
    made = network.apply(torch.from_numpy(two), dropped)
    return LOSSES[settings.loss](made, pairs_of_views(len(rows)), settings.sharpness)


def _between(pairs: Pairs, count: int) -> Pairs:
    """Only the pairs of one of the first ``count`` with one of the others."""
    first = torch.arange(len(pairs.positive)) < count
    between = first[:, None] != first[None, :]
    return Pairs(pairs.positive * between, pairs.negative * between)


def _kept(
    network: Network,
    texts: LabelTexts,
    given: Tensor,
    made: Tensor,
    random: tuple[np.random.Generator, torch.Generator],
) -> Tensor:
    """How far words lie otherwise among the pictures of a batch than they do in the base.

    The Kullback-Leibler divergence of the softmax of similarities from that of the base's, which
    are standardised for each word, since spaces differ in how far they spread (Hinton, Vinyals &
    Dean 2015, Distilling the knowledge in a neural network, arXiv:1503.02531).

    Args:
        given: ``(b, d)`` the pictures in the base.
        made: ``(b, dim)`` in the new space.
    """
    chance, dropped = random
    drawn = torch.from_numpy(texts.words[chance.integers(len(texts.words), size=_WORDS)])
    near = drawn @ given.T
    spread = near.std(dim=1, keepdim=True).clamp(min=1e-6)
    wanted = functional.softmax(_SHARPNESS * (near - near.mean(dim=1, keepdim=True)) / spread, 1)
    found = functional.log_softmax(
        network.apply_to_texts(drawn, dropped) @ made.T / _TEMPERATURE, dim=1
    )
    return functional.kl_div(found, wanted, reduction="batchmean")
