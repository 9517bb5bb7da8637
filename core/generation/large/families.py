"""What a single file of weights leaves out: the configurations of the families that are known.

Files of the layout of CompVis' and Stability AI's own code hold the numbers of all networks under
one name each, but not how these are built. That stands here for Stable Diffusion 1 and SDXL, as
their models' pages state it (Rombach et al. 2022, arXiv 2112.10752; Podell et al. 2023, arXiv
2307.01952). The vocabulary of their tokenizer, which is CLIP's, is that of the package open_clip.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.generation.large.model_index import INDEX

_START, _END = "<|startoftext|>", "<|endoftext|>"
_NOISE = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "steps_offset": 1,
}
_TEXT = {  # CLIP ViT-L/14
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_attention_heads": 12,
    "num_hidden_layers": 12,
    "projection_dim": 768,
    "hidden_act": "quick_gelu",
    "max_position_embeddings": 77,
    "vocab_size": 49408,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "pad_token_id": 1,
}
_VAE = {
    "block_out_channels": [128, 256, 512, 512],
    "down_block_types": ["DownEncoderBlock2D"] * 4,
    "up_block_types": ["UpDecoderBlock2D"] * 4,
    "layers_per_block": 2,
    "latent_channels": 4,
    "sample_size": 512,
    "scaling_factor": 0.18215,
}
_ATTENDING, _UP_ATTENDING = "CrossAttnDownBlock2D", "CrossAttnUpBlock2D"


@dataclass(frozen=True, slots=True)
class Family:
    """Models that are built alike.

    Attributes:
        title: for people.
        context: length of the vectors that its U-Net attends to, which tells it.
        pipeline: class of diffusers.
        scheduler: class, and its settings.
        parts: library and class of each network by name, with its configuration.
        pads: what fills the prompt, by the name of the tokenizer.
        flags: settings of the pipeline itself.
    """

    title: str
    context: int
    pipeline: str
    scheduler: tuple[str, dict[str, Any]]
    parts: dict[str, tuple[str, str, dict[str, Any]]]
    pads: dict[str, str]
    flags: dict[str, Any]


FAMILIES = (
    Family(
        "Stable Diffusion 1",
        768,
        "StableDiffusionPipeline",
        ("PNDMScheduler", {**_NOISE, "skip_prk_steps": True, "set_alpha_to_one": False}),
        {
            "unet": (
                "diffusers",
                "UNet2DConditionModel",
                {
                    "sample_size": 64,
                    "block_out_channels": [320, 640, 1280, 1280],
                    "down_block_types": [*[_ATTENDING] * 3, "DownBlock2D"],
                    "up_block_types": ["UpBlock2D", *[_UP_ATTENDING] * 3],
                    "attention_head_dim": 8,
                    "cross_attention_dim": 768,
                },
            ),
            "vae": ("diffusers", "AutoencoderKL", _VAE),
            "text_encoder": ("transformers", "CLIPTextModel", _TEXT),
        },
        {"tokenizer": _END},
        {
            "safety_checker": [None, None],
            "feature_extractor": [None, None],
            "image_encoder": [None, None],
            "requires_safety_checker": False,
        },
    ),
    Family(
        "SDXL",
        2048,
        "StableDiffusionXLPipeline",
        ("EulerDiscreteScheduler", {**_NOISE, "timestep_spacing": "leading"}),
        {
            "unet": (
                "diffusers",
                "UNet2DConditionModel",
                {
                    "sample_size": 128,
                    "block_out_channels": [320, 640, 1280],
                    "down_block_types": ["DownBlock2D", _ATTENDING, _ATTENDING],
                    "up_block_types": [_UP_ATTENDING, _UP_ATTENDING, "UpBlock2D"],
                    "attention_head_dim": [5, 10, 20],
                    "transformer_layers_per_block": [1, 2, 10],
                    "cross_attention_dim": 2048,
                    "use_linear_projection": True,
                    "addition_embed_type": "text_time",
                    "addition_time_embed_dim": 256,
                    "projection_class_embeddings_input_dim": 2816,
                },
            ),
            "vae": (
                "diffusers",
                "AutoencoderKL",
                {**_VAE, "sample_size": 1024, "scaling_factor": 0.13025, "force_upcast": True},
            ),
            "text_encoder": ("transformers", "CLIPTextModel", _TEXT),
            "text_encoder_2": (
                "transformers",
                "CLIPTextModelWithProjection",
                {  # OpenCLIP ViT-bigG/14
                    **_TEXT,
                    "hidden_size": 1280,
                    "intermediate_size": 5120,
                    "num_attention_heads": 20,
                    "num_hidden_layers": 32,
                    "projection_dim": 1280,
                    "hidden_act": "gelu",
                },
            ),
        },
        {"tokenizer": _END, "tokenizer_2": "!"},
        {
            "feature_extractor": [None, None],
            "image_encoder": [None, None],
            "force_zeros_for_empty_prompt": True,
        },
    ),
)


def write_description(family: Family, folder: Path, scheduling: dict[str, Any]) -> None:
    """Writes all of a model of diffusers but its weights; ``folder`` is there and empty.

    Args:
        scheduling: settings of the scheduler that this file's model has of its own.
    """
    kind, settings = family.scheduler
    index: dict[str, Any] = {"_class_name": family.pipeline, **family.flags}
    index["scheduler"] = ["diffusers", kind]
    described = {"_class_name": kind, **settings, **scheduling}
    _write(folder / "scheduler" / "scheduler_config.json", described)
    for name, (library, network, config) in family.parts.items():
        index[name] = [library, network]
        named: dict[str, Any] = {"_class_name": network}
        if library == "transformers":
            named = {"model_type": "clip_text_model", "architectures": [network]}
        _write(folder / name / "config.json", config | named)
    for name, pad in family.pads.items():
        index[name] = ["transformers", "CLIPTokenizer"]
        _write_tokenizer(folder / name, pad)
    _write(folder / INDEX, index)


def _write_tokenizer(folder: Path, pad: str) -> None:
    """CLIP's, of 49,408 pieces of words, from the list of pairs that open_clip holds."""
    from open_clip.tokenizer import SimpleTokenizer

    clip = SimpleTokenizer()
    pieces = sorted(clip.encoder, key=clip.encoder.__getitem__)
    pieces[-2:] = [_START, _END]  # which are called otherwise there
    _write(folder / "vocab.json", {piece: number for number, piece in enumerate(pieces)})
    pairs = sorted(clip.bpe_ranks, key=clip.bpe_ranks.__getitem__)
    lines = ["#version: 0.2", *(" ".join(pair) for pair in pairs)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": _START, "eos_token": _END, "unk_token": _END, "pad_token": pad}
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": True}
    _write(folder / "tokenizer_config.json", config | special)


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
