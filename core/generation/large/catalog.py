"""The large public text-to-picture models that are known by name, as plain data.

Licences and sizes are those of the models' pages on the Hugging Face hub. Sizes are sums of the
safetensors files that are downloaded; parameters are what these hold. The work a picture takes is
counted roughly, for an estimate of its time only. Of Z-Image-Turbo, FLUX.2 klein, Qwen-Image and
Stable Diffusion 3.5 Large the parameters were counted in the classes of diffusers and transformers
with their shapes, and sizes follow from them: two bytes each, but four of Z-Image's transformer.
"""

from __future__ import annotations

from core.generation.large.spec import LargeSpec

HUB, FOLDER = "hub:", "folder:"  # what the names of models begin with that a person brought

LARGE = (
    LargeSpec(
        "sd15",
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "Stable Diffusion 1.5",
        "The classic: a U-Net in the latent space of an autoencoder, guided by CLIP text "
        "embeddings. It has a safety checker, which blacks some pictures out.",
        "CreativeML OpenRAIL-M: free, also commercially, with a list of forbidden uses",
        1.37,
        5.5,
        2.7,
        2.5,
        512,
        25,
        7.5,
        400,
        1_300,
    ),
    LargeSpec(
        "sd-turbo",
        "stabilityai/sd-turbo",
        "SD-Turbo",
        "Stable Diffusion 2.1 distilled, so that one to four steps suffice. It takes no guidance: "
        "leave that at 1.",
        "Stability AI's own (sai-nc-community): research and non-commercial use",
        1.29,
        5.2,
        2.6,
        2.5,
        512,
        2,
        1.0,
        400,
        1_300,
    ),
    LargeSpec(
        "sdxl-turbo",
        "stabilityai/sdxl-turbo",
        "SDXL-Turbo",
        "SDXL distilled for one to four steps: better pictures than SD-Turbo, twice the work. "
        "Leave guidance at 1.",
        "Stability AI's own (sai-nc-community): research and non-commercial use",
        3.47,
        13.9,
        6.9,
        3.0,
        512,
        2,
        1.0,
        800,
        1_400,
    ),
    LargeSpec(
        "sdxl",
        "stabilityai/stable-diffusion-xl-base-1.0",
        "Stable Diffusion XL 1.0",
        "SDXL as it was published: larger pictures than Stable Diffusion 1.5, read by two text "
        "encoders, and the base of most LoRA and embeddings for SDXL.",
        "CreativeML Open RAIL++-M: free, also commercially, with a list of forbidden uses",
        3.47,
        13.9,
        6.9,
        4.0,
        1024,
        30,
        5.0,
        3_200,
        5_400,
    ),
    LargeSpec(
        "sd35-medium",
        "stabilityai/stable-diffusion-3.5-medium",
        "Stable Diffusion 3.5 Medium",
        "A transformer that flows from noise to picture, with three readers of the prompt; it "
        "can write short words.",
        "Stability AI Community License: free below a yearly revenue it names",
        8.13,
        16.3,
        16.3,
        4.0,
        1024,
        28,
        4.5,
        13_000,
        7_000,
        gated=True,
    ),
    LargeSpec(
        "sd35-large",
        "stabilityai/stable-diffusion-3.5-large",
        "Stable Diffusion 3.5 Large",
        "The same with three times as large a transformer.",
        "Stability AI Community License: free below a yearly revenue it names",
        13.7,
        27.4,
        27.4,
        4.0,
        1024,
        28,
        3.5,
        40_000,
        7_000,
        gated=True,
    ),
    LargeSpec(
        "flux-schnell",
        "black-forest-labs/FLUX.1-schnell",
        "FLUX.1 schnell",
        "A large flow transformer distilled for one to four steps. It takes no guidance. "
        "The hub may ask for an account that accepted its terms.",
        "Apache 2.0",
        16.9,
        33.7,
        33.7,
        4.0,
        1024,
        4,
        1.0,
        60_000,
        8_000,
    ),
    LargeSpec(
        "flux2-klein",
        "black-forest-labs/FLUX.2-klein-4B",
        "FLUX.2 klein 4B",
        "A small flow transformer distilled for four steps, with Qwen3 as reader of the prompt. A "
        "picture is a reference that it looks at. It takes no guidance. The hub may ask for an "
        "account that accepted its terms.",
        "Apache 2.0",
        7.98,
        16.0,
        16.0,
        4.0,
        1024,
        4,
        1.0,
        20_000,
        8_000,
    ),
    LargeSpec(
        "qwen-image",
        "Qwen/Qwen-Image",
        "Qwen-Image",
        "A flow transformer of 20 billion parameters, with Qwen2.5-VL as reader of the prompt: the "
        "largest here. It writes lines of English and Chinese.",
        "Apache 2.0",
        28.85,
        57.7,
        57.7,
        4.0,
        1024,
        50,
        4.0,
        95_000,
        8_000,
    ),
    LargeSpec(
        "z-image-turbo",
        "Tongyi-MAI/Z-Image-Turbo",
        "Z-Image-Turbo",
        "A flow transformer of 6 billion parameters distilled for eight steps, with Qwen3 as "
        "reader of the prompt; it writes English and Chinese. Leave guidance at 1.",
        "Apache 2.0",
        10.26,
        32.8,
        32.8,
        4.0,
        1024,
        8,
        1.0,
        30_000,
        9_000,
    ),
    LargeSpec(
        "ldm",
        "CompVis/ldm-text2im-large-256",
        "Latent Diffusion (LDM, 256)",
        "Stable Diffusion's forerunner of 2022, for pictures of 256 pixels. On the hub its weights "
        "are there only as pickled files, which are never opened here.",
        "Apache 2.0",
        1.5,
        6.0,
        6.0,
        1.0,
        256,
        50,
        6.0,
        100,
        400,
        pickled=True,
    ),
)


def find_spec(name: str) -> LargeSpec | None:
    """The known model of that name or repository."""
    return next((spec for spec in LARGE if name in (spec.name, spec.repository)), None)
