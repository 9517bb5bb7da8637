"""Latents as pipelines hold them, whatever their autoencoder, and as pixels.

Here they are always ``(1, channels, rows, columns)``. Some pipelines hold a sequence of patches
(FLUX.1, FLUX.2, Qwen-Image); the autoencoder of Qwen-Image is for videos, and a picture is one
frame; that of FLUX.2 is normalized by what a batch norm remembers of each patch's channels.
"""

from __future__ import annotations

from typing import Any

# Autoencoders with latents of their own, and the pipelines in which they are known here.
OF_THEIR_OWN = {
    "AutoencoderKLFlux2": ("Flux2KleinPipeline",),
    "AutoencoderKLQwenImage": ("QwenImagePipeline",),
    "AutoencoderKLQwenImage21": (),
    "AutoencoderKLWan": (),
}


def decoder_of(pipe: Any) -> Any:
    """The autoencoder of a pipeline."""
    return getattr(pipe, "vae", None) or pipe.vqvae


def channels(pipe: Any) -> int:
    """How many channels a pipeline's latents have."""
    vae = decoder_of(pipe)
    own = int(vae.config.get("latent_channels") or vae.config.z_dim)
    return own * 4 if _is_normalized(vae) else own  # patches of 2 x 2


def is_sequence(kind: type[Any]) -> bool:
    """Whether pipelines of a class hold their latents as a sequence of patches."""
    return hasattr(kind, "_pack_latents")


def can_unpack(kind: type[Any]) -> bool:
    """Whether ``unpack`` knows the sequence of a class."""
    return hasattr(kind, "_unpack_latents") or hasattr(kind, "_unpatchify_latents")


def unpack(pipe: Any, found: Any, width: int, height: int) -> Any:
    """Latents of a picture of so many pixels, from what a pipeline holds of it at a step."""
    if found.ndim == 3 and hasattr(pipe, "_unpack_latents"):
        found = pipe._unpack_latents(found, height, width, pipe.vae_scale_factor)
    elif found.ndim == 3:  # row by row, as FLUX.2 numbers its places
        columns = int(width) // (pipe.vae_scale_factor * 2)
        return found.transpose(1, 2).unflatten(2, (-1, columns))
    return found[:, :, 0] if found.ndim == 5 else found


def decode(pipe: Any, found: Any) -> Any:
    """Pixels ``(1, 3, height, width)`` in [-1, 1] of latents."""
    import torch

    vae = decoder_of(pipe)
    found = _as_encoded(pipe, vae, found)
    # Half precision overflows in SDXL's autoencoder.
    raised = vae.dtype == torch.float16 and vae.config.get("force_upcast", False)
    with torch.no_grad():
        if raised:
            vae.to(dtype=torch.float32)
        try:
            pixels = vae.decode(found.to(vae.dtype), return_dict=False)[0].float()
        finally:
            if raised:
                vae.to(dtype=torch.float16)
    return pixels[:, :, 0] if pixels.ndim == 5 else pixels


def _as_encoded(pipe: Any, vae: Any, found: Any) -> Any:
    """Latents as the autoencoder itself has them, without what makes them easy to draw."""
    import torch

    config = vae.config
    if _is_normalized(vae):
        mean = vae.bn.running_mean.view(1, -1, 1, 1).to(found)
        spread = (vae.bn.running_var.view(1, -1, 1, 1) + config.batch_norm_eps).sqrt().to(found)
        return pipe._unpatchify_latents(found * spread + mean)
    mean, std = config.get("latents_mean"), config.get("latents_std")
    found = found / config.get("scaling_factor", 1.0)
    if mean is not None and std is not None:
        by_channel = torch.tensor([std, mean]).view(2, 1, -1, 1, 1).to(found)
        found = found * by_channel[0] + by_channel[1]
    found = found + (config.get("shift_factor") or 0.0)
    return found[:, :, None] if hasattr(vae, "temperal_downsample") else found


def _is_normalized(vae: Any) -> bool:
    return hasattr(vae, "bn")
