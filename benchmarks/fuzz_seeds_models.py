"""Small files as they are brought for large models of pictures, for `fuzz` to change."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.fuzz_seeds import Files

WIDTH = 32  # numbers of a word's vector in the tiny model
UNET = "down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
TEXT = "encoder_layers_0_self_attn_q_proj"


def _zeros(*shape: int) -> Any:
    return np.zeros(shape, np.float16)


def checkpoints() -> Files:
    """The marks of single files of Stable Diffusion 1 and SDXL, without most of their weights."""
    from safetensors.numpy import save

    unet = "model.diffusion_model."
    block = f"{unet}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"
    both = {f"{unet}input_blocks.0.0.weight": _zeros(4, 4, 3, 3)}
    both["first_stage_model.decoder.conv_in.weight"] = _zeros(2)
    one = both | {block: _zeros(2, 768), "cond_stage_model.transformer.x": _zeros(1)}
    xl = both | {block: _zeros(2, 2048), "conditioner.embedders.0.x": _zeros(1), "v_pred": _zeros()}
    return [save(one, {"modelspec.title": "one"}), save(xl)]


def loras() -> Files:
    """As kohya's scripts and as diffusers name layers."""
    from safetensors.numpy import save

    draw = np.random.default_rng(1)
    kohya: dict[str, Any] = {}
    for key, width in ((f"lora_unet_{UNET}", 64), (f"lora_te_text_model_{TEXT}", WIDTH)):
        kohya[f"{key}.lora_down.weight"] = draw.normal(size=(2, width)).astype(np.float16)
        kohya[f"{key}.lora_up.weight"] = draw.normal(size=(width, 2)).astype(np.float16)
        kohya[f"{key}.alpha"] = np.array(1.0, np.float16)
    layer = "unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
    peft = {
        f"{layer}.lora_A.weight": draw.normal(size=(2, 64)).astype(np.float32),
        f"{layer}.lora_B.weight": draw.normal(size=(64, 2)).astype(np.float32),
    }
    return [save(kohya, {"ss_network_dim": "2"}), save(peft)]


def embeddings() -> Files:
    """Of AUTOMATIC1111 and of diffusers."""
    from safetensors.numpy import save

    made = np.random.default_rng(2).normal(size=(3, WIDTH)).astype(np.float32)
    return [save({"emb_params": made}), save({"<ink>": made[0]})]
