"""A small generator as a pipeline: a vector in, a picture out.

Imported only where a pipeline is made, since it needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from core.generation.small.autoencoder import PictureAutoencoder
from core.generation.small.network import GRID, VectorUNet, foresee
from core.generation.small.schedulers import TIMES, Euler


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a picture on its way.

    Attributes:
        done, total: steps.
        share: of noise that the step began with, 1 to 0.
        noisy: ``(1, c, g, g)``, latents the step began with.
        clean: the same, the picture as it is foreseen there.
        next: the latents the step led to.
    """

    done: int
    total: int
    share: float
    noisy: Tensor
    clean: Tensor
    next: Tensor


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a picture begins, other than at noise.

    Attributes:
        latents: ``(1, c, g, g)`` of a picture.
        strength: the share of noise it is mixed with.
        mask: ``(1, 1, g, g)``, 1 where the picture may change; None for everywhere.
    """

    latents: Tensor
    strength: float
    mask: Tensor | None = None


class VectorPipeline:
    """Draws what a vector asks for.

    Args:
        unet: foresees noise less picture.
        autoencoder: latents to pixels and back.
    """

    def __init__(self, unet: VectorUNet, autoencoder: PictureAutoencoder) -> None:
        self.unet, self.autoencoder = unet, autoencoder

    def foresee(self, noisy: Tensor, time: Tensor, asked: Tensor) -> Tensor:
        """``v`` of latents ``(n, c, g, g)`` for vectors ``(n, dim)``; zeros ask for nothing."""
        return foresee(self.unet, noisy, time.expand(len(noisy)), asked)

    def guided(
        self, noisy: Tensor, time: Tensor, asked: Tensor, unwanted: Tensor, guidance: float
    ) -> Tensor:
        """Classifier-free guidance, ``v_n + g (v_a - v_n)`` (Ho & Salimans 2022).

        ``asked`` and ``unwanted`` are ``(1, dim)``. At ``g = 1`` it is ``v_a``, computed alone.
        """
        if guidance == 1:
            return self.foresee(noisy, time, asked)
        both = self.foresee(noisy.expand(2, -1, -1, -1), time, torch.cat([unwanted, asked]))
        away, towards = both.chunk(2)
        return away + guidance * (towards - away)

    @torch.inference_mode()
    def __call__(  # noqa: PLR0913
        self,
        vector: Tensor,
        *,
        unwanted: Tensor | None = None,
        steps: int = 20,
        guidance: float = 3.0,
        seed: int = 0,
        scheduler: Euler | None = None,
        begin: Begin | None = None,
        steer: Callable[[Tensor, float], Tensor] | None = None,
        on_step: Callable[[Moment], None] | None = None,
    ) -> Tensor:
        """Latents ``(1, c, g, g)`` of a picture for ``vector`` ``(dim,)``.

        Args:
            unwanted: ``(dim,)``, led away from; None for what is drawn unasked.
            scheduler: a new one for each picture.
            steer: changes the foreseen picture, given it and the share of noise.
            on_step: called after each step; what it raises ends the drawing.
        """
        asked = vector[None]
        away = torch.zeros_like(asked) if unwanted is None else unwanted[None]
        random = torch.Generator().manual_seed(seed)
        noise = torch.randn(1, self.unet.channels, GRID, GRID, generator=random)
        scheduler = scheduler or Euler()
        shares, latents = _start(scheduler.shares(steps).tolist(), noise, begin)
        count = len(shares) - 1
        for at, (share, left) in enumerate(pairwise(shares)):
            time = torch.tensor(share * TIMES)
            found = self.guided(latents, time, asked, away, guidance)
            clean = latents - share * found
            if steer is not None:
                clean = steer(clean, share)
                found = (latents - clean) / share
            following = scheduler.step(found, latents, share, left, random)
            following = _keep(following, noise, begin, left)
            if on_step is not None:
                on_step(Moment(at + 1, count, share, latents, clean, following))
            latents = following
        return latents

    @torch.inference_mode()
    def decode(self, latents: Tensor) -> Tensor:
        """Pictures ``(n, 3, s, s)`` in [-1, 1]."""
        pixels: Tensor = self.autoencoder.decode(latents).clamp(-1, 1)
        return pixels

    @torch.inference_mode()
    def encode(self, pixels: Tensor) -> Tensor:
        """Latents of pictures ``(n, 3, s, s)`` in [-1, 1]."""
        latents: Tensor = self.autoencoder.encode(pixels)
        return latents


def _start(shares: list[float], noise: Tensor, begin: Begin | None) -> tuple[list[float], Tensor]:
    """The shares of noise still to go, and the latents at the first."""
    if begin is None:
        return shares, noise
    steps = len(shares) - 1
    count = max(1, min(steps, round(steps * begin.strength)))
    shares = shares[steps - count :]
    return shares, (1 - shares[0]) * begin.latents + shares[0] * noise


def _keep(latents: Tensor, noise: Tensor, begin: Begin | None, share: float) -> Tensor:
    """Latents with what the mask protects as in the picture, at this share of noise."""
    if begin is None or begin.mask is None:
        return latents
    kept = (1 - share) * begin.latents + share * noise
    return begin.mask * latents + (1 - begin.mask) * kept


def grid_mask(mask: Tensor) -> Tensor:
    """``(1, 1, s, s)`` in [0, 1] as ``(1, 1, g, g)``: a cell may change where any pixel may."""
    return F.adaptive_max_pool2d(mask, (GRID, GRID)).round()
