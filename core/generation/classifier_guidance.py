"""Guidance by a classifier: the foreseen picture is moved to where our picture encoder says more.

At each step the gradient of the cosine between the picture's vector and the prompt's leads the
foreseen picture uphill (classifier guidance, Dhariwal & Nichol 2021, arXiv:2105.05233, in the form
for models that foresee the picture, Bansal et al. 2023, arXiv:2302.07121). It needs no training
with captions left out, but follows what the classifier sees, not what people see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.spaces.encoders.minilm_pictures import read_about

if TYPE_CHECKING:
    from torch import Tensor

    from core.spaces.encoders.minilm_picture_network import PictureNetwork

REACH = 0.25  # of the foreseen picture's own length, moved at a weight of 1 where all is noise


def steer(
    network: PictureNetwork, decode: Callable[[Tensor], Tensor], vector: Tensor, weight: float
) -> Callable[[Tensor, float], Tensor]:
    """What moves a foreseen picture ``(1, c, g, g)`` towards ``vector`` ``(dim,)``.

    Args:
        decode: gives its pixels ``(1, 3, s, s)`` in [-1, 1].
        weight: 0 moves nothing.
    """
    import torch
    from torch.nn import functional as F  # noqa: N812

    side = read_about().input

    def move(clean: Tensor, share: float) -> Tensor:
        with torch.inference_mode(mode=False), torch.enable_grad():
            at = clean.clone().requires_grad_(True)
            pixels = decode(at).clamp(-1, 1)
            shown = F.interpolate(pixels, (side, side), mode="bilinear", antialias=True)
            likeness = (network(shown) @ vector.clone()).sum()
            (gradient,) = torch.autograd.grad(likeness, at)
        length = gradient.norm().clamp(min=1e-8)
        moved: Tensor = clean + gradient / length * clean.norm() * (REACH * weight * share)
        return moved

    return move
