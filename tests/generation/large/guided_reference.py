"""The U-Net of Dhariwal & Nichol 2021 (arXiv:2105.05233), by its description, block by block.

Only what a test compares with: tensors lie under the names that published checkpoints have.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.generation.large.guided_unet import Architecture, Heads


class Residual(nn.Module):
    """BigGAN's residual block with adaptive group normalization; resizes before its convolution."""

    def __init__(self, takes: int, gives: int, time: int, resize: str = "") -> None:
        super().__init__()
        self.resize = resize
        conv = nn.Conv2d(takes, gives, 3, padding=1)
        self.in_layers = nn.Sequential(nn.GroupNorm(32, takes), nn.SiLU(), conv)
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(time, 2 * gives))
        conv = nn.Conv2d(gives, gives, 3, padding=1)
        self.out_layers = nn.Sequential(nn.GroupNorm(32, gives), nn.SiLU(), nn.Dropout(), conv)
        self.skip_connection = nn.Identity() if takes == gives else nn.Conv2d(takes, gives, 1)

    def _resized(self, x: Tensor) -> Tensor:
        if self.resize == "down":
            return F.avg_pool2d(x, 2)
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3) if self.resize == "up" else x

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        hidden = F.silu(self.in_layers[0](x))
        hidden = self.in_layers[2](self._resized(hidden))
        scale, shift = self.emb_layers(time)[:, :, None, None].chunk(2, 1)
        hidden = self.out_layers[0](hidden) * (1 + scale) + shift
        hidden = self.out_layers[3](F.silu(hidden))
        found: Tensor = self.skip_connection(self._resized(x)) + hidden
        return found


class Attention(nn.Module):
    """Every place attends to every other."""

    def __init__(self, width: int, heads: Heads) -> None:
        super().__init__()
        self.heads, self.count = heads, heads.count or width // heads.width
        self.norm = nn.GroupNorm(32, width)
        self.qkv = nn.Conv1d(width, 3 * width, 1)
        self.proj_out = nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        del time
        n, width, high, wide = x.shape
        flat = x.reshape(n, width, -1)
        found = self.qkv(self.norm(flat))
        each = width // self.count
        if self.heads.split_first:
            split = found.reshape(n, 3, self.count, each, -1).unbind(1)
        else:
            split = found.reshape(n, self.count, 3, each, -1).unbind(2)
        query, key, value = split
        weight = (query.transpose(-1, -2) @ key / math.sqrt(each)).softmax(-1)
        mixed = (value @ weight.transpose(-1, -2)).reshape(n, width, -1)
        return x + self.proj_out(mixed).reshape(n, width, high, wide)


class GuidedUNet(nn.Module):
    """The whole network."""

    attention: type[Attention] = Attention

    def __init__(self, of: Architecture, heads: Heads) -> None:
        super().__init__()
        base = of.widths[0]
        time = 4 * base
        self.base = base
        self.time_embed = nn.Sequential(nn.Linear(base, time), nn.SiLU(), nn.Linear(time, time))
        if of.classes:
            self.label_emb = nn.Embedding(of.classes, time)
        self.input_blocks = nn.ModuleList(
            [nn.ModuleList([nn.Conv2d(of.takes, base, 3, padding=1)])]
        )
        skips, width, last = [base], base, len(of.widths) - 1
        for level, gives in enumerate(of.widths):
            for _ in range(of.blocks):
                block: list[nn.Module] = [Residual(width, gives, time)]
                width = gives
                block += [self.attention(width, heads)] * of.attends[level]
                self.input_blocks.append(nn.ModuleList(block))
                skips.append(width)
            if level != last:
                self.input_blocks.append(nn.ModuleList([Residual(width, width, time, "down")]))
                skips.append(width)
        middle = [Residual(width, width, time) for _ in range(2)]
        self.middle_block = nn.ModuleList([middle[0], self.attention(width, heads), middle[1]])
        self.output_blocks = nn.ModuleList()
        for level in reversed(range(len(of.widths))):
            for at in range(of.blocks + 1):
                block = [Residual(width + skips.pop(), of.widths[level], time)]
                width = of.widths[level]
                block += [self.attention(width, heads)] * of.attends[level]
                if level and at == of.blocks:
                    block.append(Residual(width, width, time, "up"))
                self.output_blocks.append(nn.ModuleList(block))
        conv = nn.Conv2d(width, of.gives, 3, padding=1)
        self.out = nn.Sequential(nn.GroupNorm(32, width), nn.SiLU(), conv)

    def time(self, times: Tensor) -> Tensor:
        """What blocks are told of the time."""
        half = self.base // 2
        rates = torch.exp(-math.log(10_000) * torch.arange(half) / half)
        angles = times[:, None].float() * rates
        found: Tensor = self.time_embed(torch.cat([angles.cos(), angles.sin()], 1))
        return found

    def _first_half(self, x: Tensor, time: Tensor) -> tuple[Tensor, list[Tensor]]:
        hidden = self.input_blocks[0][0](x)
        skips = [hidden]
        for block in self.input_blocks[1:]:
            for part in block:
                hidden = part(hidden, time)
            skips.append(hidden)
        for part in self.middle_block:
            hidden = part(hidden, time)
        return hidden, skips

    def encode(self, x: Tensor, times: Tensor) -> Tensor:
        """What the classifier of noisy pictures pools."""
        return self._first_half(x, self.time(times))[0]

    def forward(self, x: Tensor, times: Tensor, labels: Tensor | None = None) -> Tensor:
        time = self.time(times)
        if labels is not None:
            time = time + self.label_emb(labels)
        return self.run(x, time)

    def run(self, x: Tensor, time: Tensor) -> Tensor:
        """All blocks, told of the time."""
        hidden, skips = self._first_half(x, time)
        for block in self.output_blocks:
            hidden = torch.cat([hidden, skips.pop()], 1)
            for part in block:
                hidden = part(hidden, time)
        found: Tensor = self.out(hidden)
        return found
