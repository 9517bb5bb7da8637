"""The U-Net of guided-diffusion (Dhariwal & Nichol 2021, arXiv:2105.05233) as one of diffusers.

Both have the same blocks: BigGAN's residual ones, which also halve and double the side, and
attention at coarse levels. They differ in names, and in how queries, keys and values lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from diffusers import UNet2DModel

GROUPS = 32
# Parts of a residual block and of an attention, there and in diffusers.
_RESIDUAL = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
# What lies in one tensor there; the second is GLIDE's, of what it attends to beside the picture.
_JOINED = {"qkv": ("to_q", "to_k", "to_v"), "encoder_kv": ("add_k_proj", "add_v_proj")}
_ATTENTION = {"norm": "group_norm", "proj_out": "to_out.0"}
_REST = {
    "input_blocks.0.0": "conv_in",
    "time_embed.0": "time_embedding.linear_1",
    "time_embed.2": "time_embedding.linear_2",
    "label_emb": "class_embedding",
    "out.0": "conv_norm_out",
    "out.2": "conv_out",
}


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a file tells of its U-Net.

    Attributes:
        widths: channels of each level, each of half the side of the one before.
        blocks: residual blocks of a level on the way down.
        attends: whether each level attends.
        classes: 0 where it knows none.
        takes, gives: channels of what it is given and of what it foresees.
    """

    widths: tuple[int, ...]
    blocks: int
    attends: tuple[bool, ...]
    classes: int
    takes: int = 3
    gives: int = 6


@dataclass(frozen=True, slots=True)
class Heads:
    """How attention is divided.

    Attributes:
        width: channels of a head, 0 where ``count`` says how many there are.
        count: of heads at every level.
        split_first: whether a tensor holds all queries, then all keys, then all values; else
            these three for one head after the other.
    """

    width: int = 0
    count: int = 0
    split_first: bool = False


def make_unet(found: Architecture, heads: Heads) -> UNet2DModel:
    """diffusers' network of this architecture, with random weights."""
    from diffusers import UNet2DModel
    from diffusers.models.attention_processor import Attention

    down = ["AttnDownBlock2D" if one else "ResnetDownsampleBlock2D" for one in found.attends]
    up = ["AttnUpBlock2D" if one else "ResnetUpsampleBlock2D" for one in found.attends]
    unet = UNet2DModel(
        in_channels=found.takes,
        out_channels=found.gives,
        down_block_types=tuple(down),
        up_block_types=tuple(reversed(up)),
        block_out_channels=found.widths,
        layers_per_block=found.blocks,
        downsample_type="resnet",
        upsample_type="resnet",
        attention_head_dim=heads.width or found.widths[-1] // heads.count,
        norm_num_groups=GROUPS,
        attn_norm_num_groups=GROUPS,
        resnet_time_scale_shift="scale_shift",
        num_class_embeds=found.classes or None,
    )
    if heads.count:  # diffusers knows heads of one width alone
        for module in unet.modules():
            if isinstance(module, Attention):
                module.heads = heads.count
                module.scale = (module.to_q.out_features // heads.count) ** -0.5
    return unet


def converted(
    tensors: Mapping[str, torch.Tensor], found: Architecture, heads: Heads
) -> dict[str, torch.Tensor]:
    """Tensors by diffusers' names."""
    places = _places(found)
    made: dict[str, Any] = {}
    for name, one in tensors.items():
        module, _, kind = name.rpartition(".")
        if module in _REST:
            made[f"{_REST[module]}.{kind}"] = one
            continue
        block = ".".join(module.split(".")[: 2 if module.startswith("middle") else 3])
        part = module.removeprefix(f"{block}.")
        if part in _JOINED:
            names = _JOINED[part]
            for of, values in zip(names, split(one, heads, len(names)), strict=True):
                made[f"{places[block]}.{of}.{kind}"] = values
        else:
            parts = _RESIDUAL if part in _RESIDUAL else _ATTENTION
            value = one.squeeze(-1) if part == "proj_out" else one
            made[f"{places[block]}.{parts[part]}.{kind}"] = value
    return made


def split(one: torch.Tensor, heads: Heads, parts: int = 3) -> list[torch.Tensor]:
    """Queries, keys and values of a tensor ``(parts * c, ...)`` that holds all of them."""
    rows = one.reshape(len(one), -1) if one.ndim > 1 else one
    if heads.split_first:
        return list(rows.chunk(parts))
    count = heads.count or len(one) // parts // heads.width
    by_head = rows.reshape(count, parts, -1, *rows.shape[1:])
    return [by_head[:, at].reshape(-1, *rows.shape[1:]) for at in range(parts)]


def _places(found: Architecture) -> dict[str, str]:
    """Where diffusers has each residual block and attention."""
    places = {
        "middle_block.0": "mid_block.resnets.0",
        "middle_block.1": "mid_block.attentions.0",
        "middle_block.2": "mid_block.resnets.1",
    }
    levels, size = len(found.widths), found.blocks + 1
    for level in range(levels):
        for at in range(size):
            down = f"input_blocks.{1 + level * size + at}"
            if at < found.blocks:
                places[f"{down}.0"] = f"down_blocks.{level}.resnets.{at}"
                places[f"{down}.1"] = f"down_blocks.{level}.attentions.{at}"
            else:
                places[f"{down}.0"] = f"down_blocks.{level}.downsamplers.0"
            up, attends = f"output_blocks.{level * size + at}", found.attends[levels - 1 - level]
            places[f"{up}.0"] = f"up_blocks.{level}.resnets.{at}"
            places[f"{up}.1"] = f"up_blocks.{level}.attentions.{at}"
            if at == found.blocks:
                places[f"{up}.{2 if attends else 1}"] = f"up_blocks.{level}.upsamplers.0"
    return places
