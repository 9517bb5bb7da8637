"""GLIDE's network (Nichol et al. 2021, arXiv:2112.10741, section 4), by its description.

Only what a test compares with: tensors lie under the names that published checkpoints have.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from core.generation.large.glide import GlideNetwork
from core.generation.large.guided_unet import Heads
from tests.generation.large.guided_reference import Attention, GuidedUNet


class TextAttention(Attention):
    """Every place attends to every other, and to every token of the text."""

    wide = 0  # numbers of a token; of the network that is being made
    text: Tensor  # (n, width, tokens)

    def __init__(self, width: int, heads: Heads) -> None:
        super().__init__(width, heads)
        self.encoder_kv = nn.Conv1d(TextAttention.wide, 2 * width, 1)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        n, width, high, wide = x.shape
        each = width // self.count
        own = self.qkv(self.norm(x.reshape(n, width, -1))).reshape(n, self.count, 3 * each, -1)
        query, key, value = own.split(each, 2)
        told = self.encoder_kv(self.text).reshape(n, self.count, 2 * each, -1)
        told_key, told_value = told.split(each, 2)
        key, value = torch.cat([told_key, key], 3), torch.cat([told_value, value], 3)
        weight = (query.transpose(-1, -2) @ key / math.sqrt(each)).softmax(-1)
        mixed = (value @ weight.transpose(-1, -2)).reshape(n, width, -1)
        return x + self.proj_out(mixed).reshape(n, width, high, wide)


class Layer(nn.Module):
    """A layer of the transformer: norms come first, and no token is masked from another."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn, self.mlp = nn.Module(), nn.Module()
        self.attn.c_qkv, self.attn.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp.c_fc, self.mlp.c_proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        each = width // self.heads
        found = self.attn.c_qkv(self.ln_1(x)).reshape(n, length, self.heads, 3 * each)
        query, key, value = found.transpose(1, 2).split(each, 3)
        weight = (query @ key.transpose(-1, -2) / math.sqrt(each)).softmax(-1)
        x = x + self.attn.c_proj((weight @ value).transpose(1, 2).reshape(n, length, width))
        hidden = self.mlp.c_fc(self.ln_2(x))
        hidden = hidden * (1 + torch.erf(hidden / math.sqrt(2))) / 2
        found: Any = x + self.mlp.c_proj(hidden)
        return found


class GlideReference(GuidedUNet):
    """The whole network: a base, or one that is given more channels."""

    attention = TextAttention

    def __init__(self, of: GlideNetwork) -> None:
        reader = of.reader
        TextAttention.wide = reader.width
        super().__init__(of.architecture, of.heads)
        self.transformer = nn.Module()
        self.transformer.resblocks = nn.ModuleList(
            [Layer(reader.width, reader.heads) for _ in range(reader.layers)]
        )
        self.final_ln = nn.LayerNorm(reader.width)
        self.token_embedding = nn.Embedding(reader.vocabulary, reader.width)
        self.positional_embedding = nn.Parameter(torch.randn(reader.length, reader.width))
        self.padding_embedding = nn.Parameter(torch.randn(reader.length, reader.width))
        self.transformer_proj = nn.Linear(reader.width, 4 * of.architecture.widths[0])

    def told(self, x: Tensor, times: Tensor, tokens: Tensor, given: Tensor) -> Tensor:
        """What it foresees, told a text."""
        rows = [
            [
                self.token_embedding.weight[token] + self.positional_embedding[at]
                if real
                else self.padding_embedding[at]
                for at, (token, real) in enumerate(zip(*row, strict=True))
            ]
            for row in zip(tokens.tolist(), given.tolist(), strict=True)
        ]
        hidden = torch.stack([torch.stack(row) for row in rows])
        for layer in self.transformer.resblocks:
            hidden = layer(hidden)
        hidden = self.final_ln(hidden)
        for module in self.modules():
            if isinstance(module, TextAttention):
                module.text = hidden.transpose(1, 2)
        return self.run(x, self.time(times) + self.transformer_proj(hidden[:, -1]))
