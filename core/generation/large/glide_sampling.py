"""How GLIDE's networks lead from noise to a picture (Nichol et al. 2021, arXiv:2112.10741).

Numbers that the paper leaves open are those of OpenAI's own examples. Imported only where one
draws, since it needs torch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from core.generation.large import pixel_diffusion
from core.generation.large.glide_unet import GlideUNet, Text
from core.generation.placement import Laid

# Passes in each fifth of the enlarging network's times, the least noisy first; of the noisiest the
# very last is avoided, which DDIM bears badly.
SECTIONS = (10, 10, 3, 2, 2)
_NOISIEST = 997
_TEMPERATURE = 0.997  # of its noise: a little less is smoother


class Known(NamedTuple):
    """The part of a picture that stays: its pixels ``(1, 3, s, s)``, 0 elsewhere, and a mask
    ``(1, 1, s, s)``, 1 where it is known."""

    pixels: Tensor
    mask: Tensor

    def put_in(self, foreseen: Tensor, _: float = 0.0) -> Tensor:
        """What is foreseen, with the known part as it is."""
        return foreseen * (1 - self.mask) + self.pixels


def known_part(laid: Laid, side: int, cells: int) -> Known:
    """The part of a laid picture that stays, at ``side`` pixels.

    A cell of the base's ``cells`` x ``cells`` pixels is known where the mask has no white at all.
    """
    picture = np.array(laid.picture.resize((side, side), 3), np.float32) / 127.5 - 1
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None]
    mask = torch.ones(1, 1, side, side)
    if laid.mask is not None:
        white = torch.from_numpy(np.array(laid.mask, np.float32))[None, None]
        mask = 1 - (nn.functional.adaptive_max_pool2d(white, cells) > 0).float()
        mask = nn.functional.interpolate(mask, (side, side), mode="nearest")
    return Known(pixels * mask, mask)


def foresee(  # noqa: PLR0913
    network: GlideUNet,
    noisy: Tensor,
    at: Tensor,
    text: Text,
    *,
    guidance: float = 1.0,
    known: Known | None = None,
    small: Tensor | None = None,
) -> Tensor:
    """What a network foresees in a noisy picture ``(1, 3, s, s)``: ``(1, 6, s, s)`` on the CPU.

    Args:
        text: of the prompt, and of the empty one where guidance is more than 1.
        known: what stays, for a network that inpaints.
        small: the picture to enlarge, for one that does.
    """
    side, device = noisy.shape[-1], text.whole.device
    given = [noisy]
    if network.of.inpaints:
        given += [noisy.new_zeros(1, 4, side, side)] if known is None else [*known]
    if small is not None:
        given.append(nn.functional.interpolate(small, (side, side), mode="bilinear"))
    both = torch.cat(given, 1).to(device).expand(len(text.whole), -1, -1, -1)
    found: Tensor = network(both, at.to(device).expand(len(both)), text).float().cpu()
    if len(found) == 1:
        return found
    led = found[1:, :3] + guidance * (found[:1, :3] - found[1:, :3])
    return torch.cat([led, found[:1, 3:]], 1)


def enlarge(  # noqa: PLR0913, PLR0917
    network: GlideUNet,
    small: Tensor,
    text: Text,
    known: Known | None,
    tell: Callable[[Tensor], None],
    random: torch.Generator,
) -> Tensor:
    """A small picture ``(1, 3, t, t)`` enlarged to the network's side, by DDIM (Song et al. 2020,
    arXiv:2010.02502, eq. 12, without noise); ``tell`` is given what each pass foresees."""
    side = network.of.side
    signals = pixel_diffusion.make_scheduler("DDIM", network.of.schedule).alphas_cumprod
    small = ((small + 1) * 127.5).round() / 127.5 - 1
    noisy = torch.randn(1, 3, side, side, generator=random) * _TEMPERATURE
    times = enlarging_times()
    for at, after in zip(times, [*times[1:], -1], strict=True):
        found = foresee(network, noisy, torch.tensor(at), text, known=known, small=small)
        clean = pixel_diffusion.foreseen(noisy, found[:, :3], signals[at])
        clean = clean if known is None else known.put_in(clean)
        noise = (noisy - signals[at].sqrt() * clean) / (1 - signals[at]).sqrt()
        signal = signals[after] if after >= 0 else torch.tensor(1.0)
        noisy = signal.sqrt() * clean + (1 - signal).sqrt() * noise
        tell(clean)
    return noisy.clamp(-1, 1)


def enlarging_times() -> list[int]:
    """The times of the enlarging network's passes, from 0 to 999, the noisiest first."""
    size = pixel_diffusion.TIMES // len(SECTIONS)
    times = [
        number * size + round(at * (size - 1) / (count - 1))
        for number, count in enumerate(SECTIONS)
        for at in range(count)
    ]
    return [_NOISIEST, *reversed(times[:-1])]
