"""The autoencoder of the small generator: pictures of 64 x 64 to a grid of 8 x 8 and back.

Convolutions with residual blocks (He et al. 2015, arXiv:1512.03385) and pixel shuffle (Shi et al.
2016, arXiv:1609.05158) at both ends, so that none runs at full resolution: dear on a processor.
Imported only where a network is made, since it needs torch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FOLD = 2  # pixels of a square of this side become channels
SHRINK = 8  # a picture's side over its grid's


class Block(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut, normalized in groups."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """``x`` of any size, its shape unchanged."""
        changed: Tensor = x + self.second(F.silu(self.first(F.silu(self.norm(x)))))
        return changed


class PictureAutoencoder(nn.Module):
    """Pictures ``(n, 3, 8 g, 8 g)`` in [-1, 1] to latents ``(n, channels, g, g)`` and back.

    Latents are scaled by ``mean`` and ``deviation``, measured after training, so that each channel
    has mean 0 and variance 1 over the training pictures, as diffusion wants it.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        channels: int = 16,
        encoder_widths: tuple[int, int, int] = (32, 64, 96),
        decoder_widths: tuple[int, int, int] = (48, 96, 160),
        blocks: tuple[int, int, int] = (1, 2, 2),
    ) -> None:
        super().__init__()
        self.config: dict[str, Any] = {
            "channels": channels,
            "encoder_widths": list(encoder_widths),
            "decoder_widths": list(decoder_widths),
            "blocks": list(blocks),
        }
        fine, middle, coarse = encoder_widths
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(FOLD),
            nn.Conv2d(3 * FOLD**2, fine, 3, padding=1),
            nn.SiLU(),
            nn.Conv2d(fine, middle, 4, 2, 1),
            Block(middle),
            nn.Conv2d(middle, coarse, 4, 2, 1),
            *(Block(coarse) for _ in range(2)),
            nn.GroupNorm(8, coarse),
            nn.SiLU(),
            nn.Conv2d(coarse, channels, 3, padding=1),
        )
        fine, middle, coarse = decoder_widths
        self.decoder = nn.Sequential(
            nn.Conv2d(channels, coarse, 3, padding=1),
            *(Block(coarse) for _ in range(blocks[2])),
            nn.Conv2d(coarse, 4 * middle, 1),
            nn.PixelShuffle(2),
            *(Block(middle) for _ in range(blocks[1])),
            nn.Conv2d(middle, 4 * fine, 1),
            nn.PixelShuffle(2),
            *(Block(fine) for _ in range(blocks[0])),
            nn.GroupNorm(8, fine),
            nn.SiLU(),
            nn.Conv2d(fine, 3 * FOLD**2, 3, padding=1),
            nn.PixelShuffle(FOLD),
        )
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def encode(self, pixels: Tensor) -> Tensor:
        """Latents of pictures, scaled."""
        raw = self.encoder(pixels)
        scaled: Tensor = (raw - self.mean[:, None, None]) / self.deviation[:, None, None]
        return scaled

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures of scaled latents; values may leave [-1, 1] a little."""
        raw = latents * self.deviation[:, None, None] + self.mean[:, None, None]
        pixels: Tensor = self.decoder(raw)
        return pixels

    def forward(self, pixels: Tensor) -> Tensor:
        """Pictures through the grid and back."""
        return self.decode(self.encode(pixels))
