"""Tiny models as single files, in the layout of CompVis' code, from folders of diffusers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def write(folder: Path, path: Path) -> Path:
    """Writes the networks of a ``StableDiffusionPipeline`` into one file."""
    from diffusers import StableDiffusionPipeline
    from safetensors.torch import save_file

    pipe = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    layers = int(pipe.unet.config.layers_per_block)
    blocks = len(pipe.vae.config.block_out_channels)
    tensors: dict[str, Any] = {}
    unet = pipe.unet.state_dict()
    attends = {
        name.split(".")[1] for name in unet if name.startswith("up_") and ".attentions." in name
    }
    for key, value in unet.items():
        tensors[f"model.diffusion_model.{_unet_key(key, layers, attends)}"] = value
    for key, value in pipe.vae.state_dict().items():
        tensors[f"first_stage_model.{vae_key(key, blocks)}"] = value
    for key, value in pipe.text_encoder.state_dict().items():
        own = key.removeprefix("text_model.")
        tensors[f"cond_stage_model.transformer.text_model.{own}"] = value
    save_file({key: value.contiguous() for key, value in tensors.items()}, path)
    return path


def _unet_key(key: str, layers: int, attends: set[str]) -> str:
    for own, other in _ENDS.items():
        if key.startswith(f"{own}."):
            return key.replace(own, other, 1)
    side, *rest = key.split(".")
    if side == "mid_block":
        at = {"resnets.0": 0, "attentions.0": 1, "resnets.1": 2}[".".join(rest[:2])]
        return f"middle_block.{at}.{_resnet('.'.join(rest[2:]), rest[0])}"
    block, kind, layer = int(rest[0]), rest[1], int(rest[2])
    leaf = _resnet(".".join(rest[3:]), kind)
    if side == "down_blocks":
        at = 1 + block * (layers + 1) + (layers if kind == "downsamplers" else layer)
        place = "1" if kind == "attentions" else "0"
        leaf = leaf.replace("conv.", "op.", 1) if kind == "downsamplers" else leaf
        return f"input_blocks.{at}.{place}.{leaf}"
    at = block * (layers + 1) + (layers if kind == "upsamplers" else layer)
    above = "2" if rest[0] in attends else "1"
    place = {"resnets": "0", "attentions": "1", "upsamplers": above}[kind]
    return f"output_blocks.{at}.{place}.{leaf}"


def _resnet(leaf: str, kind: str) -> str:
    if kind == "resnets":
        own = leaf.split(".", maxsplit=1)[0]
        return leaf.replace(own, _RESNET[own], 1)
    return leaf


def vae_key(key: str, blocks: int) -> str:
    """The name in CompVis' code of a tensor of an autoencoder with so many blocks."""
    key = re.sub(r"down_blocks\.(\d)\.resnets\.(\d)", r"down.\1.block.\2", key)
    key = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", key)
    key = re.sub(
        r"up_blocks\.(\d)\.(resnets|upsamplers)\.(\d)",
        lambda hit: (
            f"up.{blocks - 1 - int(hit[1])}."
            + (f"block.{hit[3]}" if hit[2] == "resnets" else "upsample")
        ),
        key,
    )
    key = re.sub(r"mid_block\.resnets\.(\d)", lambda hit: f"mid.block_{int(hit[1]) + 1}", key)
    if "mid_block.attentions.0." in key:
        key = key.replace("mid_block.attentions.0", "mid.attn_1")
        for own, other in _ATTENTION.items():
            key = key.replace(f".{own}.", f".{other}.")
    return key.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
