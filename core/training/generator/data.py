"""Batches for the generator's diffusion model: latents, and vectors that ask for them.

A batch depends on the seed and its number alone, so training goes on from a checkpoint exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from core.base.types import FloatArray
from core.training.generator.texts import Captions

UNASKED = 0.1  # of a batch has no vector, for classifier-free guidance (Ho and Salimans 2022)
BY_PICTURE = 0.15  # is asked for by a picture's own vector in place of a caption's
JITTER = 0.25  # length of the noise added to a unit vector, so that near prompts do alike


@dataclass(frozen=True, slots=True)
class Batch:
    """``latents`` ``(n, c, g, g)``, what asks for them ``(n, dim)``, and noise and its share.

    Attributes:
        noise: as ``latents``, standard normal.
        shares: ``(n,)`` in (0, 1), sigma of flow matching: 0 is the picture, 1 is noise.
    """

    latents: Tensor
    asked: Tensor
    noise: Tensor
    shares: Tensor


class Batches:
    """Everything batches are drawn from.

    Args:
        kinds: what kind each picture is of, ``n`` of them.
        shares: of a batch that each kind makes up.
        latents: ``(n, c, g, g)``, or ``(2 n, c, g, g)`` with those of the mirrored pictures after.
        captions: the vectors of all captions.
        pictures: ``(n, dim)``, each picture's own vector.
    """

    def __init__(
        self,
        kinds: Sequence[str],
        shares: Mapping[str, float],
        latents: Tensor,
        captions: Captions,
        pictures: FloatArray,
    ) -> None:
        self.latents = latents
        self.shares = list(shares.values())
        self.captions = torch.from_numpy(captions.vectors)
        self.starts = torch.from_numpy(captions.starts)
        self.pictures = torch.from_numpy(pictures)
        self.rows = [
            torch.tensor([at for at, found in enumerate(kinds) if found == kind]) for kind in shares
        ]

    def make(self, size: int, seed: int, number: int) -> Batch:
        """Batch ``number`` of ``size`` pictures."""
        random = torch.Generator().manual_seed(seed * 1_000_003 + number)
        counts = np.diff(np.round(np.cumsum([0.0, *self.shares]) * size)).astype(int)
        picked = [
            rows[torch.randint(0, len(rows), (int(count),), generator=random)]
            for rows, count in zip(self.rows, counts, strict=True)
        ]
        rows = torch.cat(picked)
        latents = self.latents[self._turned(rows, random)].float()
        # Logit-normal shares: most work is in the middle (Esser et al. 2024, arXiv:2403.03206).
        shares = torch.sigmoid(torch.randn(size, generator=random) * 1.1 + 0.2)
        noise = torch.randn(latents.shape, generator=random)
        return Batch(latents, self._ask(rows, random), noise, shares)

    def _turned(self, rows: Tensor, random: torch.Generator) -> Tensor:
        """Rows of latents: half of the time those of the mirrored picture, where they are there."""
        count = len(self.pictures)
        if len(self.latents) == count:
            return rows
        return rows + count * torch.randint(0, 2, (len(rows),), generator=random)

    def _ask(self, rows: Tensor, random: torch.Generator) -> Tensor:
        """Vectors that ask for pictures: a caption, a mix of two of its captions, or itself."""
        count = len(rows)
        first, second = self._caption(rows, random), self._caption(rows, random)
        share = torch.rand(count, 1, generator=random) * 0.5
        asked = F.normalize(first * (1 - share) + second * share, dim=1)
        by_picture = torch.rand(count, 1, generator=random) < BY_PICTURE
        asked = torch.where(by_picture, self.pictures[rows], asked)
        noise = F.normalize(torch.randn(asked.shape, generator=random), dim=1)
        length = JITTER * torch.rand(count, 1, generator=random)
        asked = F.normalize(asked + noise * length, dim=1)
        unasked = torch.rand(count, 1, generator=random) < UNASKED
        return torch.where(unasked, torch.zeros(1), asked)

    def _caption(self, rows: Tensor, random: torch.Generator) -> Tensor:
        """One caption of each; the plainest as often as all others together."""
        low, high = self.starts[rows], self.starts[rows + 1]
        any_of = low + (torch.rand(len(rows), generator=random) * (high - low)).long()
        plain = torch.rand(len(rows), generator=random) < 0.4
        return self.captions[torch.where(plain, low, any_of)]
