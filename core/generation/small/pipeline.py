"""The small generator as a pipeline of diffusers: a vector in, a picture out.

Latents go from noise to picture by flow matching (Lipman et al. 2022, arXiv:2210.02747): the
network foresees ``v = noise - picture``, so at a share of noise ``s`` the picture is foreseen as
``x - s v``. Imported only where a pipeline is made, since it needs diffusers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import DiffusionPipeline, UNet2DConditionModel
from torch import Tensor
from torch.nn import functional as F

from core.generation.small.autoencoder import PictureAutoencoder
from core.generation.small.network import GRID, foresee


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


class VectorPipeline(DiffusionPipeline):  # type: ignore[misc]
    """Draws what a vector asks for.

    Args:
        unet: foresees noise less picture; the vector is its class label.
        autoencoder: latents to pixels and back.
        scheduler: of flow matching.
    """

    def __init__(
        self, unet: UNet2DConditionModel, autoencoder: PictureAutoencoder, scheduler: Any
    ) -> None:
        super().__init__()
        self.register_modules(unet=unet, autoencoder=autoencoder, scheduler=scheduler)

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
        begin: Begin | None = None,
        steer: Callable[[Tensor, float], Tensor] | None = None,
        on_step: Callable[[Moment], None] | None = None,
    ) -> Tensor:
        """Latents ``(1, c, g, g)`` of a picture for ``vector`` ``(dim,)``.

        Args:
            unwanted: ``(dim,)``, led away from; None for what is drawn unasked.
            steer: changes the foreseen picture, given it and the share of noise.
            on_step: called after each step; what it raises ends the drawing.
        """
        asked = vector[None]
        away = torch.zeros_like(asked) if unwanted is None else unwanted[None]
        random = torch.Generator().manual_seed(seed)
        channels = self.unet.config.in_channels
        noise = torch.randn(1, channels, GRID, GRID, generator=random)
        self._set_times(steps)
        times, latents = self._start(noise, begin)
        total = self.scheduler.config.num_train_timesteps
        for at, time in enumerate(times):
            share = float(time) / total
            found = self.guided(latents, time, asked, away, guidance)
            clean = latents - share * found
            if steer is not None:
                clean = steer(clean, share)
                found = (latents - clean) / share
            following = self._step(found, time, latents, random)
            left = float(times[at + 1]) / total if at + 1 < len(times) else 0.0
            following = _keep(following, noise, begin, left)
            if on_step is not None:
                on_step(Moment(at + 1, len(times), share, latents, clean, following))
            latents = following
        return latents

    def _set_times(self, steps: int) -> None:
        """Equal steps from all noise to none; a scheduler's own would do the last one twice."""
        if "sigmas" in inspect.signature(self.scheduler.set_timesteps).parameters:
            self.scheduler.set_timesteps(sigmas=np.linspace(1, 1 / steps, steps).tolist())
        else:
            self.scheduler.set_timesteps(steps)

    def _start(self, noise: Tensor, begin: Begin | None) -> tuple[Tensor, Tensor]:
        """The times still to go, and the latents at the first."""
        times = self.scheduler.timesteps
        if begin is None:
            return times, noise
        total = self.scheduler.config.num_train_timesteps
        count = max(1, min(len(times), round(len(times) * begin.strength)))
        self.scheduler.set_begin_index(len(times) - count)
        times = times[len(times) - count :]
        share = float(times[0]) / total
        return times, (1 - share) * begin.latents + share * noise

    def _step(self, found: Tensor, time: Tensor, latents: Tensor, random: Any) -> Tensor:
        following: Tensor = self.scheduler.step(
            found, time, latents, generator=random, return_dict=False
        )[0]
        return following

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


def _keep(latents: Tensor, noise: Tensor, begin: Begin | None, share: float) -> Tensor:
    """Latents with what the mask protects as in the picture, at this share of noise."""
    if begin is None or begin.mask is None:
        return latents
    kept = (1 - share) * begin.latents + share * noise
    return begin.mask * latents + (1 - begin.mask) * kept


def grid_mask(mask: Tensor) -> Tensor:
    """``(1, 1, s, s)`` in [0, 1] as ``(1, 1, g, g)``: a cell may change where any pixel may."""
    return F.adaptive_max_pool2d(mask, (GRID, GRID)).round()
