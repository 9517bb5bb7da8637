"""GLIDE's network (Nichol et al. 2021, arXiv:2112.10741, section 4): a U-Net that reads a prompt.

diffusers' conditioned U-Net, whose attention adds the text's keys and values to the picture's own,
and PyTorch's transformer. Imported only where one is made, since it needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from core.base.errors import InputError, shorten
from core.base.reasons import reason_of
from core.generation.large import glide, guided_diffusion
from core.generation.large.glide import GlideNetwork
from core.generation.large.guided_unet import GROUPS, Architecture, Heads, converted, split

_OWN = ("transformer", "final_ln", "token_embedding", "positional_embedding", "padding_embedding")
# Parts of a layer of the transformer, there and in PyTorch.
_LAYER = {
    "attn.c_qkv": "self_attn.in_proj",
    "attn.c_proj": "self_attn.out_proj",
    "ln_1": "norm1",
    "ln_2": "norm2",
    "mlp.c_fc": "linear1",
    "mlp.c_proj": "linear2",
}


def read_network(path: Path, of: GlideNetwork) -> GlideUNet:
    """The network in a file, ready to evaluate.

    Raises:
        InputError: it cannot be read, holds more than tensors, or another network.
        OutOfMemoryError: it has no room.
    """
    tensors = guided_diffusion.read_checkpoint(path)
    glide.recognize(guided_diffusion.shapes_of(tensors), (of,), path.name)
    made = GlideUNet(of)
    try:
        made.load(tensors)
    except (RuntimeError, KeyError) as error:
        raise InputError(
            f"{shorten(path.name)} is not whole: {shorten(reason_of(error), 80)}.",
            "It holds all tensors of the network, by OpenAI's names.",
            "Fetch it again.",
        ) from error
    return made.eval()


class Text(NamedTuple):
    """What was read of prompts: ``(n, length, width)`` of their tokens, ``(n, t)`` of all."""

    tokens: Tensor
    whole: Tensor


class GlideUNet(nn.Module):
    """Noisy pictures ``(n, takes, s, s)``, times ``(n,)`` and texts to ``(n, 6, s, s)``.

    What it takes beside a noisy picture's three channels (a known part, its mask, the picture to
    enlarge) lies after these.
    """

    def __init__(self, of: GlideNetwork) -> None:
        super().__init__()
        self.of, reader = of, of.reader
        self.unet = _make_unet(of.architecture, of.heads, reader.width)
        layer = nn.TransformerEncoderLayer(
            reader.width,
            reader.heads,
            4 * reader.width,
            dropout=0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.transformer = nn.TransformerEncoder(layer, reader.layers, enable_nested_tensor=False)
        self.final_ln = nn.LayerNorm(reader.width)
        self.token_embedding = nn.Embedding(reader.vocabulary, reader.width)
        self.positional_embedding = nn.Parameter(torch.zeros(reader.length, reader.width))
        self.padding_embedding = nn.Parameter(torch.zeros(reader.length, reader.width))
        self.transformer_proj = nn.Linear(reader.width, 4 * of.architecture.widths[0])

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Takes tensors by OpenAI's names; RuntimeError or KeyError where they are others."""
        read = {name: one for name, one in tensors.items() if name.startswith(_OWN)}
        drawn = {name: one for name, one in tensors.items() if name not in read}
        found = converted(drawn, self.of.architecture, self.of.heads)
        self.load_state_dict(
            {f"unet.{name}": one for name, one in found.items()} | self._text(read)
        )

    def _text(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        made = {}
        each = Heads(count=self.of.reader.heads)
        for name, one in tensors.items():
            if not name.startswith("transformer.resblocks."):
                made[name] = one
                continue
            at, _, rest = name.removeprefix("transformer.resblocks.").partition(".")
            part, _, kind = rest.rpartition(".")
            place = f"transformer.layers.{at}.{_LAYER[part]}"
            if part == "attn.c_qkv":
                made[f"{place}_{kind}"] = torch.cat(split(one, each))
            else:
                made[f"{place}.{kind}"] = one
        return made

    def read(self, tokens: Tensor, given: Tensor) -> Text:
        """What prompts say.

        Args:
            tokens: ``(n, length)``, their numbers.
            given: ``(n, length)``, which of them are no padding.
        """
        hidden = self.token_embedding(tokens) + self.positional_embedding
        hidden = torch.where(given[..., None], hidden, self.padding_embedding)
        hidden = self.final_ln(self.transformer(hidden))
        return Text(hidden, self.transformer_proj(hidden[:, -1]))

    def forward(self, noisy: Tensor, times: Tensor, text: Text) -> Tensor:
        """The noise that is foreseen, and the share between two variances."""
        found: Tensor = self.unet(noisy, times, text.tokens, class_labels=text.whole).sample
        return found


def _make_unet(found: Architecture, heads: Heads, width: int) -> nn.Module:
    """diffusers' network of this architecture, attending to texts of a ``width`` too."""
    from diffusers import UNet2DConditionModel

    down = ["SimpleCrossAttnDownBlock2D" if a else "ResnetDownsampleBlock2D" for a in found.attends]
    up = ["SimpleCrossAttnUpBlock2D" if a else "ResnetUpsampleBlock2D" for a in found.attends]
    made: nn.Module = UNet2DConditionModel(
        in_channels=found.takes,
        out_channels=found.gives,
        down_block_types=tuple(down),
        mid_block_type="UNetMidBlock2DSimpleCrossAttn",
        up_block_types=tuple(reversed(up)),
        block_out_channels=found.widths,
        layers_per_block=found.blocks,
        attention_head_dim=heads.width,
        cross_attention_dim=width,
        norm_num_groups=GROUPS,
        resnet_time_scale_shift="scale_shift",
        class_embed_type="identity",
    )
    return made
