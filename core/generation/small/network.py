"""The network of the small generator: diffusers' UNet on the autoencoder's grid.

The vector that asks for a picture is added to the embedding of the time, which scales and shifts
every block's channels: one vector has no order of words that attention could read. Imported only
where a network is made, since it needs diffusers.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor

DIM = 384  # of the vector that asks
GRID = 8
LENGTH = DIM**0.5  # a unit vector is scaled to this length, so that its numbers are around 1
_CROSS = 8  # width of a cross-attention that is not there: diffusers wants a number


def make_unet(channels: int = 16, widths: tuple[int, ...] = (128, 256)) -> UNet2DConditionModel:
    """The network with random weights.

    Args:
        channels: of the latents.
        widths: channels of each level; each has half the side of the one before.
    """
    return UNet2DConditionModel(
        sample_size=GRID,
        in_channels=channels,
        out_channels=channels,
        down_block_types=("DownBlock2D",) * len(widths),
        mid_block_type="UNetMidBlock2D",
        up_block_types=("UpBlock2D",) * len(widths),
        block_out_channels=widths,
        layers_per_block=1,
        norm_num_groups=16,
        class_embed_type="projection",
        projection_class_embeddings_input_dim=DIM,
        cross_attention_dim=_CROSS,
        resnet_time_scale_shift="scale_shift",
    )


def foresee(unet: Any, noisy: Tensor, times: Tensor, asked: Tensor) -> Tensor:
    """``v``, noise less picture, of latents ``(n, c, g, g)``.

    Args:
        times: ``(n,)``, shares of noise in thousandths.
        asked: ``(n, DIM)`` unit vectors, or zeros to ask for nothing.
    """
    nothing = torch.zeros(len(noisy), 1, _CROSS)
    found: Tensor = unet(noisy, times, nothing, class_labels=asked * LENGTH).sample
    return found
