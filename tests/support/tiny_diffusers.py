"""Real diffusers pipelines with random weights, small enough to be made by a test in a moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789.,!?-"]


_QWEN = {
    "vocab_size": len(LETTERS) + 1,
    "hidden_size": 32,
    "intermediate_size": 37,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}


def _qwen_tokenizer() -> Any:
    """Qwen's tokenizer with letters for words."""
    from transformers import Qwen2Tokenizer

    letters = {one: number for number, one in enumerate([*LETTERS, "<|endoftext|>"])}
    tokenizer = Qwen2Tokenizer(vocab=letters, merges=[], model_max_length=512)
    tokenizer.chat_template = "{% for one in messages %}{{ one.content }}{% endfor %}"
    return tokenizer


def _clip_tokenizer(folder: Path) -> Any:
    """CLIP's tokenizer with letters for words."""
    from transformers import CLIPTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    pieces = [*LETTERS, *(f"{one}</w>" for one in LETTERS), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({piece: i for i, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        model_max_length=77,
        unk_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )


def _clip_text(size: int = 32, *, projected: bool = False) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=2 * len(LETTERS) + 2,
        hidden_size=size,
        intermediate_size=37,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=77,
        projection_dim=32,
        bos_token_id=2 * len(LETTERS),
        eos_token_id=2 * len(LETTERS) + 1,
        pad_token_id=2 * len(LETTERS) + 1,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def _vae(channels: int = 4, blocks: int = 2, **more: Any) -> Any:
    """An autoencoder whose latents are ``2 ** (blocks - 1)`` times as small a side."""
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(32,) * (blocks - 1) + (64,),
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * blocks,
        up_block_types=("UpDecoderBlock2D",) * blocks,
        latent_channels=channels,
        norm_num_groups=8,
        **more,
    ).eval()


def _unet(**more: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        **{
            "block_out_channels": (32, 64),
            "layers_per_block": 1,
            "sample_size": 32,
            "in_channels": 4,
            "out_channels": 4,
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            "cross_attention_dim": 32,
            "norm_num_groups": 8,
            **more,
        }
    ).eval()


def _safety_checker(threshold: float) -> Any:
    """A safety checker that flags all pictures (-10) or none (10)."""
    import torch
    from diffusers.pipelines.stable_diffusion import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    size = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 2}
    config = CLIPConfig(
        text_config={**size, "num_attention_heads": 4, "projection_dim": 32},
        vision_config={**size, "num_attention_heads": 4, "image_size": 30, "patch_size": 6},
        projection_dim=32,
    )
    checker = StableDiffusionSafetyChecker(config).eval()
    with torch.no_grad():
        checker.concept_embeds.copy_(torch.ones_like(checker.concept_embeds))
        checker.special_care_embeds.copy_(torch.ones_like(checker.special_care_embeds))
        checker.concept_embeds_weights.fill_(threshold)
        checker.special_care_embeds_weights.fill_(threshold)
    return checker


def build_sd(folder: Path, *, checker: float | None = None, seed: int = 0, blocks: int = 2) -> Path:
    """A ``StableDiffusionPipeline`` for 64 x 64 pixels, with PNDM as Stable Diffusion 1.5 has."""
    import torch
    from diffusers import PNDMScheduler, StableDiffusionPipeline
    from transformers import CLIPImageProcessor

    torch.manual_seed(seed)
    processor = CLIPImageProcessor(
        crop_size={"height": 30, "width": 30}, size={"shortest_edge": 30}
    )
    StableDiffusionPipeline(
        vae=_vae(blocks=blocks),
        text_encoder=_clip_text(),
        tokenizer=_clip_tokenizer(folder / "tokenizer"),
        unet=_unet(),
        scheduler=PNDMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            skip_prk_steps=True,
            steps_offset=1,
        ),
        safety_checker=None if checker is None else _safety_checker(checker),
        feature_extractor=None if checker is None else processor,
        requires_safety_checker=checker is not None,
    ).save_pretrained(folder)
    return folder


def build_sdxl(folder: Path, *, blocks: int = 2) -> Path:
    """A ``StableDiffusionXLPipeline`` for 64 x 64 pixels, with Euler steps."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionXLPipeline

    torch.manual_seed(0)
    StableDiffusionXLPipeline(
        vae=_vae(blocks=blocks),
        text_encoder=_clip_text(),
        text_encoder_2=_clip_text(projected=True),
        tokenizer=_clip_tokenizer(folder / "tokenizer"),
        tokenizer_2=_clip_tokenizer(folder / "tokenizer_2"),
        unet=_unet(
            attention_head_dim=(2, 4),
            use_linear_projection=True,
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            transformer_layers_per_block=(1, 2),
            projection_class_embeddings_input_dim=80,
            cross_attention_dim=64,
        ),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            timestep_spacing="trailing",
        ),
    ).save_pretrained(folder)
    return folder


def build_sd3(folder: Path) -> Path:
    """A ``StableDiffusion3Pipeline`` without T5, as it may be used, for 64 x 64 pixels."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        SD3Transformer2DModel,
        StableDiffusion3Pipeline,
    )

    torch.manual_seed(0)
    StableDiffusion3Pipeline(
        transformer=SD3Transformer2DModel(
            sample_size=32,
            patch_size=1,
            in_channels=16,
            num_layers=1,
            attention_head_dim=8,
            num_attention_heads=4,
            caption_projection_dim=32,
            joint_attention_dim=32,
            pooled_projection_dim=64,
            out_channels=16,
        ).eval(),
        vae=_vae(16, shift_factor=0.06, scaling_factor=1.5),
        text_encoder=_clip_text(projected=True),
        text_encoder_2=_clip_text(projected=True),
        text_encoder_3=None,
        tokenizer=_clip_tokenizer(folder / "tokenizer"),
        tokenizer_2=_clip_tokenizer(folder / "tokenizer_2"),
        tokenizer_3=None,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    ).save_pretrained(folder)
    return folder


def build_flux(folder: Path) -> Path:
    """A ``FluxPipeline`` without an input for guidance, as FLUX.1 schnell is."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        FluxPipeline,
        FluxTransformer2DModel,
    )
    from transformers import T5Config, T5EncoderModel, T5Tokenizer

    torch.manual_seed(0)
    pieces = ["<pad>", "</s>", "<unk>", "▁", *LETTERS]
    reader = T5Config(
        vocab_size=len(pieces), d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4
    )
    FluxPipeline(
        transformer=FluxTransformer2DModel(
            patch_size=1,
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            pooled_projection_dim=32,
            axes_dims_rope=(4, 4, 8),
            guidance_embeds=False,
        ).eval(),
        vae=_vae(shift_factor=0.06, scaling_factor=1.5),
        text_encoder=_clip_text(),
        text_encoder_2=T5EncoderModel(reader).eval(),
        tokenizer=_clip_tokenizer(folder / "tokenizer"),
        tokenizer_2=T5Tokenizer(vocab=[(piece, -2.0) for piece in pieces], extra_ids=0),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    ).save_pretrained(folder)
    return folder


def build_z_image(folder: Path) -> Path:
    """A ``ZImagePipeline`` for 64 x 64 pixels, with Qwen3 as its reader."""
    import torch
    from diffusers import (
        FlowMatchEulerDiscreteScheduler,
        ZImagePipeline,
        ZImageTransformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3Model

    torch.manual_seed(0)
    ZImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=_vae(16, scaling_factor=0.36, shift_factor=0.12),
        text_encoder=Qwen3Model(Qwen3Config(**_QWEN, head_dim=8)).eval(),
        tokenizer=_qwen_tokenizer(),
        transformer=ZImageTransformer2DModel(
            in_channels=16,
            dim=48,
            n_layers=2,
            n_refiner_layers=1,
            n_heads=2,
            n_kv_heads=2,
            cap_feat_dim=32,
            axes_dims=[8, 8, 8],
            axes_lens=[1024, 64, 64],
        ).eval(),
    ).save_pretrained(folder)
    return folder


def build_flux2(folder: Path) -> Path:
    """A ``Flux2KleinPipeline`` that is not distilled, for 64 x 64 pixels."""
    import torch
    from diffusers import (
        AutoencoderKLFlux2,
        FlowMatchEulerDiscreteScheduler,
        Flux2KleinPipeline,
        Flux2Transformer2DModel,
    )
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(0)
    vae = AutoencoderKLFlux2(
        block_out_channels=(32, 64),
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
    ).eval()
    vae.bn.running_mean.normal_()
    vae.bn.running_var.uniform_(0.5, 2)
    # The pipeline reads what the layers 9, 18 and 27 give.
    reader = Qwen3Config(**{**_QWEN, "num_hidden_layers": 28}, head_dim=8)
    Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=vae,
        text_encoder=Qwen3ForCausalLM(reader).eval(),
        tokenizer=_qwen_tokenizer(),
        transformer=Flux2Transformer2DModel(
            in_channels=16,
            num_layers=1,
            num_single_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=96,
            timestep_guidance_channels=32,
            axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=False,
        ).eval(),
    ).save_pretrained(folder)
    return folder


def build_qwen_image(folder: Path) -> Path:
    """A ``QwenImagePipeline`` for 64 x 64 pixels, with the autoencoder of videos."""
    import torch
    from diffusers import (
        AutoencoderKLQwenImage,
        FlowMatchEulerDiscreteScheduler,
        QwenImagePipeline,
        QwenImageTransformer2DModel,
    )
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    torch.manual_seed(0)
    sees = {"depth": 1, "hidden_size": 32, "intermediate_size": 37, "num_heads": 2}
    turns = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [1, 1, 2]}
    reads = {**_QWEN, "rope_parameters": turns}
    reader = Qwen2_5_VLConfig(text_config=reads, vision_config={**sees, "out_hidden_size": 32})
    QwenImagePipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
        vae=AutoencoderKLQwenImage(
            base_dim=16,
            z_dim=4,
            dim_mult=[1, 2],
            num_res_blocks=1,
            temperal_downsample=[False],
            latents_mean=[-0.7, 0.2, 0.5, 0.0],
            latents_std=[2.8, 1.2, 1.8, 0.6],
        ).eval(),
        text_encoder=Qwen2_5_VLForConditionalGeneration(reader).eval(),
        tokenizer=_qwen_tokenizer(),
        transformer=QwenImageTransformer2DModel(
            in_channels=16,
            out_channels=4,
            num_layers=1,
            attention_head_dim=16,
            num_attention_heads=2,
            joint_attention_dim=32,
            axes_dims_rope=(4, 6, 6),
        ).eval(),
    ).save_pretrained(folder)
    return folder


def build_ldm(folder: Path) -> Path:
    """An ``LDMTextToImagePipeline`` for 64 x 64 pixels."""
    import torch
    from diffusers import DDIMScheduler, LDMTextToImagePipeline
    from diffusers.pipelines.latent_diffusion.pipeline_latent_diffusion import (
        LDMBertConfig,
        LDMBertModel,
    )

    torch.manual_seed(0)
    bert = LDMBertModel(
        LDMBertConfig(
            vocab_size=2 * len(LETTERS) + 2,
            d_model=32,
            encoder_layers=2,
            encoder_ffn_dim=37,
            encoder_attention_heads=4,
            head_dim=8,
            max_position_embeddings=77,
        )
    ).eval()
    from diffusers import AutoencoderKL

    vqvae = AutoencoderKL(
        block_out_channels=(8, 8, 8, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
    ).eval()
    LDMTextToImagePipeline(
        vqvae=vqvae,
        bert=bert,
        tokenizer=_clip_tokenizer(folder / "tokenizer"),
        unet=_unet(sample_size=8),
        scheduler=DDIMScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
        ),
    ).save_pretrained(folder)
    return folder
