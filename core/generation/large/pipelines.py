"""Which pipelines of diffusers draw from text, by their names alone.

diffusers says so in its ``auto_pipeline``, which imports all of them: some seconds of a first
picture, for one class that is needed. A test compares this list with that of the version here.
Those that need a further picture to be steered by (ControlNet) are in a list of their own.
"""

from __future__ import annotations

# By class: that which begins from a picture, and that which changes a part of it; "" for none.
DRAWING = {
    "LDMTextToImagePipeline": ("", ""),
    "StableDiffusionPipeline": ("StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
    "StableDiffusionXLPipeline": (
        "StableDiffusionXLImg2ImgPipeline",
        "StableDiffusionXLInpaintPipeline",
    ),
    "StableDiffusion3Pipeline": (
        "StableDiffusion3Img2ImgPipeline",
        "StableDiffusion3InpaintPipeline",
    ),
    "StableDiffusion3PAGPipeline": ("StableDiffusion3PAGImg2ImgPipeline", ""),
    "IFPipeline": ("IFImg2ImgPipeline", "IFInpaintingPipeline"),
    "HunyuanDiTPipeline": ("", ""),
    "HunyuanDiTPAGPipeline": ("", ""),
    "KandinskyCombinedPipeline": (
        "KandinskyImg2ImgCombinedPipeline",
        "KandinskyInpaintCombinedPipeline",
    ),
    "KandinskyV22CombinedPipeline": (
        "KandinskyV22Img2ImgCombinedPipeline",
        "KandinskyV22InpaintCombinedPipeline",
    ),
    "Kandinsky3Pipeline": ("Kandinsky3Img2ImgPipeline", ""),
    "WuerstchenCombinedPipeline": ("", ""),
    "StableCascadeCombinedPipeline": ("", ""),
    "LatentConsistencyModelPipeline": ("LatentConsistencyModelImg2ImgPipeline", ""),
    "PixArtAlphaPipeline": ("", ""),
    "PixArtSigmaPipeline": ("", ""),
    "SanaPipeline": ("", ""),
    "SanaPAGPipeline": ("", ""),
    "StableDiffusionPAGPipeline": (
        "StableDiffusionPAGImg2ImgPipeline",
        "StableDiffusionPAGInpaintPipeline",
    ),
    "StableDiffusionXLPAGPipeline": (
        "StableDiffusionXLPAGImg2ImgPipeline",
        "StableDiffusionXLPAGInpaintPipeline",
    ),
    "PixArtSigmaPAGPipeline": ("", ""),
    "AuraFlowPipeline": ("", ""),
    "FluxPipeline": ("FluxImg2ImgPipeline", "FluxInpaintPipeline"),
    "FluxKontextPipeline": ("FluxKontextPipeline", ""),
    "Flux2KleinPipeline": ("Flux2KleinPipeline", ""),
    "Flux2Pipeline": ("Flux2Pipeline", ""),
    "Ideogram4Pipeline": ("", ""),
    "Krea2Pipeline": ("", ""),
    "LuminaPipeline": ("", ""),
    "Lumina2Pipeline": ("", ""),
    "ChromaPipeline": ("", ""),
    "CogView3PlusPipeline": ("", ""),
    "CogView4Pipeline": ("", ""),
    "GlmImagePipeline": ("", ""),
    "HeliosPipeline": ("", ""),
    "HeliosPyramidPipeline": ("", ""),
    "NucleusMoEImagePipeline": ("", ""),
    "QwenImagePipeline": ("QwenImageImg2ImgPipeline", "QwenImageInpaintPipeline"),
    "QwenImage21Pipeline": ("", ""),
    "ZImagePipeline": ("ZImageImg2ImgPipeline", "ZImageInpaintPipeline"),
    "ZImageOmniPipeline": ("", ""),
    "OvisImagePipeline": ("", ""),
    "PRXPipeline": ("", ""),
}

# By class: that which a ControlNet steers.
STEERED = {
    "StableDiffusionPipeline": "StableDiffusionControlNetPipeline",
    "StableDiffusionXLPipeline": "StableDiffusionXLControlNetPipeline",
}


def takes_picture(pipeline: str) -> bool:
    """Whether a pipeline has one beside it that begins from a picture."""
    return bool(DRAWING[pipeline][0])


def refers(pipeline: str) -> bool:
    """Whether a pipeline looks at a picture while it draws from noise, so without a strength."""
    return pipeline in DRAWING and DRAWING[pipeline][0] == pipeline


def takes_mask(pipeline: str) -> bool:
    """Whether a pipeline has one beside it that changes a part of a picture."""
    return bool(DRAWING[pipeline][1])
