"""How the small generators go from noise to a picture: shares of noise, and a step between two.

The network foresees ``v = noise - picture``, so at a share of noise ``s`` the picture is foreseen
as ``x - s v`` (flow matching, Lipman et al. 2022, arXiv:2210.02747).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from core.base.types import FloatArray

if TYPE_CHECKING:
    from torch import Tensor

TIMES = 1000  # the network is told the share of noise in thousandths
_MOST = 0.999  # share where DPM++ begins: at 1 there is no signal to divide by


class Euler:
    """Straight on by the foreseen ``v``."""

    def shares(self, steps: int) -> FloatArray:
        """Shares of noise ``(steps + 1,)``, from all to none in equal steps."""
        return np.linspace(1, 0, steps + 1, dtype=np.float32)

    def step(
        self, found: Tensor, latents: Tensor, share: float, left: float, random: Any
    ) -> Tensor:
        """Latents at the share ``left``, of those at ``share`` and the ``v`` foreseen there."""
        del random
        return latents + (left - share) * found


class FreshNoise(Euler):
    """The foreseen picture with new noise at each step."""

    def step(
        self, found: Tensor, latents: Tensor, share: float, left: float, random: Any
    ) -> Tensor:
        """As ``Euler.step``."""
        import torch

        noise = torch.randn(latents.shape, generator=random)
        return (1 - left) * (latents - share * found) + left * noise


class DPMSolver(Euler):
    """DPM-Solver++ of second order with the step before (Lu et al. 2022, arXiv:2211.01095)."""

    def __init__(self) -> None:
        self.before: tuple[float, Tensor] | None = None  # share and foreseen picture

    def shares(self, steps: int) -> FloatArray:
        """Shares of noise ``(steps + 1,)``, from nearly all to none in equal steps."""
        return np.linspace(_MOST, 0, steps + 1, dtype=np.float32)

    def step(
        self, found: Tensor, latents: Tensor, share: float, left: float, random: Any
    ) -> Tensor:
        """As ``Euler.step``; the last one is of first order."""
        del random
        clean = latents - share * found
        leads = clean
        if self.before is not None and left > 0:
            earlier, seen = self.before
            length = _signal(left) - _signal(share)
            leads = clean + (clean - seen) * length / (2 * (_signal(share) - _signal(earlier)))
        self.before = (share, clean)
        # exp(-h), h being how far the half log of signal over noise goes
        decay = (1 - share) / share * left / (1 - left)
        return left / share * latents - (1 - left) * (decay - 1) * leads


def _signal(share: float) -> float:
    """The log of signal over noise."""
    return math.log((1 - share) / share)


SCHEDULERS: dict[str, Callable[[], Euler]] = {
    "Euler": Euler,
    "Euler with fresh noise": FreshNoise,
    "DPM++ 2M": DPMSolver,
}
