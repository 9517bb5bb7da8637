"""The network of the small generators: a U-Net on the autoencoder's grid, written out.

The vector that asks for a picture is added to the embedding of the time, which scales and shifts
every block's channels (FiLM; Dhariwal & Nichol 2021, arXiv:2105.05233): one vector has no order of
words that attention could read. Names and numbers are those of diffusers' ``UNet2DConditionModel``,
which opens its files too; importing that library takes longer than drawing. Imported only where a
network is made, since it needs torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DIM = 384  # of the vector that asks
GRID = 8
LENGTH = DIM**0.5  # a unit vector is scaled to this length, so that its numbers are around 1
_GROUPS = 16
_LONGEST = 10_000.0  # period of the slowest wave of the time's embedding


class _Embedding(nn.Module):
    def __init__(self, takes: int, gives: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(takes, gives)
        self.linear_2 = nn.Linear(gives, gives)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.linear_2(F.silu(self.linear_1(x)))
        return found


class _Residual(nn.Module):
    def __init__(self, takes: int, gives: int, time: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(_GROUPS, takes)
        self.conv1 = nn.Conv2d(takes, gives, 3, padding=1)
        self.time_emb_proj = nn.Linear(time, 2 * gives)
        self.norm2 = nn.GroupNorm(_GROUPS, gives)
        self.conv2 = nn.Conv2d(gives, gives, 3, padding=1)
        if takes != gives:
            self.conv_shortcut = nn.Conv2d(takes, gives, 1)
        self.same = takes == gives

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        hidden = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.time_emb_proj(F.silu(time))[:, :, None, None].chunk(2, 1)
        hidden = self.conv2(F.silu(self.norm2(hidden) * (1 + scale) + shift))
        found: Tensor = (x if self.same else self.conv_shortcut(x)) + hidden
        return found


class _Half(nn.Module):
    """To half the side."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.conv(x)
        return found


class _Double(nn.Module):
    """To twice the side."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return found


class _Level(nn.Module):
    """Residual blocks of one side, and what changes the side after them."""

    def __init__(self, blocks: Sequence[nn.Module], after: nn.Module | None, name: str) -> None:
        super().__init__()
        self.resnets = nn.ModuleList(blocks)
        self.name = name
        if after is not None:
            self.add_module(name, nn.ModuleList([after]))

    def change(self, x: Tensor) -> Tensor | None:
        """``x`` of the next side; None at the last level."""
        after = self._modules.get(self.name)
        found: Tensor | None = after[0](x) if isinstance(after, nn.ModuleList) else None
        return found


class VectorUNet(nn.Module):
    """Foresees ``v``, noise less picture, of latents ``(n, c, g, g)``.

    Args:
        channels: of the latents.
        widths: channels of each level; each has half the side of the one before.
    """

    def __init__(self, channels: int = 16, widths: Sequence[int] = (128, 256)) -> None:
        super().__init__()
        self.channels, self.widths = channels, tuple(widths)
        first, time = widths[0], 4 * widths[0]
        last = len(widths) - 1
        self.conv_in = nn.Conv2d(channels, first, 3, padding=1)
        self.time_embedding = _Embedding(first, time)
        self.class_embedding = _Embedding(DIM, time)
        self.down_blocks = nn.ModuleList()
        skips, width = [first], first
        for level, gives in enumerate(widths):
            after = _Half(gives) if level < last else None
            block = _Residual(width, gives, time)
            self.down_blocks.append(_Level([block], after, "downsamplers"))
            skips += [gives] * (1 if after is None else 2)
            width = gives
        self.mid_block = _Level([_Residual(width, width, time)], None, "")
        self.up_blocks = nn.ModuleList()
        for level, gives in reversed(list(enumerate(widths))):
            blocks = []
            for _ in range(2):
                blocks.append(_Residual(width + skips.pop(), gives, time))
                width = gives
            after_up = _Double(gives) if level else None
            self.up_blocks.append(_Level(blocks, after_up, "upsamplers"))
        self.conv_norm_out = nn.GroupNorm(_GROUPS, width)
        self.conv_out = nn.Conv2d(width, channels, 3, padding=1)

    @property
    def config(self) -> dict[str, Any]:
        """What diffusers makes the same network of."""
        count = len(self.widths)
        return {
            "sample_size": GRID,
            "in_channels": self.channels,
            "out_channels": self.channels,
            "down_block_types": ["DownBlock2D"] * count,
            "mid_block_type": "UNetMidBlock2D",
            "up_block_types": ["UpBlock2D"] * count,
            "block_out_channels": list(self.widths),
            "layers_per_block": 1,
            "norm_num_groups": _GROUPS,
            "class_embed_type": "projection",
            "projection_class_embeddings_input_dim": DIM,
            "cross_attention_dim": 8,  # of an attention that is not there; it wants a number
            "resnet_time_scale_shift": "scale_shift",
        }

    def forward(self, noisy: Tensor, times: Tensor, asked: Tensor) -> Tensor:
        """As ``foresee``."""
        time = self.time_embedding(waves(times, self.widths[0]))
        time = time + self.class_embedding(asked * LENGTH)
        hidden = self.conv_in(noisy)
        skips = [hidden]
        for level in cast("Iterable[_Level]", self.down_blocks):
            for block in level.resnets:
                hidden = block(hidden, time)
                skips.append(hidden)
            changed = level.change(hidden)
            if changed is not None:
                hidden = changed
                skips.append(hidden)
        for block in self.mid_block.resnets:
            hidden = block(hidden, time)
        for level in cast("Iterable[_Level]", self.up_blocks):
            for block in level.resnets:
                hidden = block(torch.cat([hidden, skips.pop()], 1), time)
            changed = level.change(hidden)
            hidden = hidden if changed is None else changed
        found: Tensor = self.conv_out(F.silu(self.conv_norm_out(hidden)))
        return found


def waves(times: Tensor, width: int) -> Tensor:
    """Times ``(n,)`` as cosines and sines ``(n, width)`` of falling frequency (Vaswani 2017)."""
    half = width // 2
    rates = torch.exp(-math.log(_LONGEST) * torch.arange(half, dtype=torch.float32) / half)
    angles = times[:, None].float() * rates
    return torch.cat([angles.cos(), angles.sin()], 1)


def make_unet(channels: int = 16, widths: Sequence[int] = (128, 256)) -> VectorUNet:
    """The network with random weights."""
    return VectorUNet(channels, widths)


def foresee(unet: VectorUNet, noisy: Tensor, times: Tensor, asked: Tensor) -> Tensor:
    """``v``, noise less picture, of latents ``(n, c, g, g)``.

    Args:
        times: ``(n,)``, shares of noise in thousandths.
        asked: ``(n, DIM)`` unit vectors, or zeros to ask for nothing.
    """
    found: Tensor = unet(noisy, times, asked)
    return found
