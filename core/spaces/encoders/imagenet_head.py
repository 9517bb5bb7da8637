"""The head that turns what EfficientNet-lite0 saw of a picture into a vector of MiniLM's space.

Two layers on the features of its last layer, and beside them, untrained, ImageNet's classes: the
vectors of their names, weighed by their probabilities (ConSE, Norouzi et al. 2014,
arXiv:1312.5650), since what no picture of the training showed is known by these alone.
Imported only where a network is made, since it needs torch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES, HIDDEN, DIM, CLASSES = 1_280, 1_024, 384, 1_000
SHARE = 0.3  # of the names: more of it knows other things better, and those of the training worse


class Head(nn.Module):
    """Features ``(n, 1280)`` and probabilities ``(n, 1000)`` to vectors ``(n, 384)``.

    Args:
        dropout: share of features and of hidden units that are left out in training.
        share: of the names' part in the sum.
    """

    mean: Tensor
    deviation: Tensor
    names: Tensor

    def __init__(self, dropout: float = 0.0, share: float = SHARE) -> None:
        super().__init__()
        self.share = share
        self.first = nn.Linear(FEATURES, HIDDEN)
        self.second = nn.Linear(HIDDEN, DIM)
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("mean", torch.zeros(FEATURES))
        self.register_buffer("deviation", torch.ones(FEATURES))
        self.register_buffer("names", torch.zeros(CLASSES, DIM))  # less their mean

    def hidden(self, features: Tensor) -> Tensor:
        """The hidden layer's units ``(n, HIDDEN)``."""
        scaled = self.dropout((features - self.mean) / self.deviation)
        units: Tensor = self.dropout(F.gelu(self.first(scaled)))
        return units

    def vectors(self, hidden: Tensor) -> Tensor:
        """What is trained: unit vectors ``(n, DIM)`` of hidden units."""
        return F.normalize(self.second(hidden), dim=1)

    def forward(self, features: Tensor, probabilities: Tensor) -> Tensor:
        """That with the names' part, ``(n, DIM)``, not of unit length."""
        return self.vectors(self.hidden(features)) + self.share * probabilities @ self.names
