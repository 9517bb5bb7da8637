"""Help of the page Generate."""

from __future__ import annotations

from core.ui.help.parts import Help, arxiv, doi

DDPM = ("Ho et al. 2020, Denoising diffusion probabilistic models", arxiv("2006.11239"))
FREE = ("Ho & Salimans 2022, Classifier-free diffusion guidance", arxiv("2207.12598"))
LATENT = ("Rombach et al. 2022, Latent diffusion", arxiv("2112.10752"))
PAGE = Help(
    "A diffusion model learns to take noise out of pictures. Begun on pure noise and led by the "
    "vector of your words, what it takes away leaves a picture. **Emoji (ours)** has seen the "
    "1,914 emoji of OpenMoji, recoloured and resized, and nothing else. It draws emoji, from "
    "any vector of MiniLM: of words, of a formula, of a picture. **Photos (ours)** has seen 19,897 "
    "photos of objects, flowers and products of fashion, at 64 pixels and briefly: products come "
    "out well, most objects do not.",
    "What ours has not seen comes out as the nearest it knows, or as a blot. Before it draws, the "
    "nearest captions it was trained on are shown with their cosine to the prompt, as a warning "
    "below a measured threshold: 38 of 40 scenes that it cannot draw were warned of, and one in "
    "twenty prompts that it can. Many of its "
    "pictures are near-copies of what it was trained on; its model card says how many. "
    "**Similarity** is judged by an encoder that saw the same emoji; it is no judge of beauty, "
    "and a blot may please it.",
    (DDPM, LATENT, ("Carlini et al. 2023, Extracting training data", arxiv("2301.13188"))),
)
TOOLS = {
    "Image": Help(
        "Text-to-image, also from a formula, and image-to-image. **Guidance** (classifier-free) "
        "above 1 follows the prompt more. In image-to-image, noise is added up to the strength "
        "and taken out again; inpainting does so within a mask, outpainting at new edges. A "
        "ControlNet that you bring draws along the edges of a picture.",
        "High guidance gives false colours and little variety. The same seed and settings give "
        "the same picture on the same machine; on another, rounding may differ.",
        (
            FREE,
            ("Meng et al. 2021, SDEdit", arxiv("2108.01073")),
            ("Zhang et al. 2023, ControlNet", arxiv("2302.05543")),
            DDPM,
        ),
    ),
    "Grid": Help(
        "Many images that differ in guidance and steps, in the seed, or by spherical "
        "interpolation between two prompts' vectors. A prompt may be a picture: then seeds are "
        "variations of it.",
        "Vectors between two prompts need not mean anything between them: ours often jumps from "
        "the one emoji to the other. A good picture among many seeds says little of the prompt.",
        (FREE, ("Shoemake 1985, Quaternion curves (slerp)", doi("10.1145/325334.325242"))),
    ),
    "Denoising steps": Help(
        "Every denoising step with classifier-free guidance, without, and with classifier guidance "
        "by the gradient of our picture encoder, with the noise schedule.",
        "A predicted x0 at an early step is a mean of what may come, so it looks blurred. A "
        "rising similarity says that the encoder agrees, which classifier guidance aims at "
        "directly.",
        (
            ("Dhariwal & Nichol 2021, Diffusion models beat GANs", arxiv("2105.05233")),
            ("Salimans & Ho 2022, Progressive distillation (v-prediction)", arxiv("2202.00512")),
            FREE,
        ),
    ),
    "History": Help(
        "The images generated before. Each PNG holds its settings and vector, so dropping it here "
        "brings them back. PNGs of AUTOMATIC1111, ComfyUI, InvokeAI and Fooocus are read too.",
        "Whoever gets the PNG can read prompt and settings in it. They repeat the picture only "
        "with the same generator; image-to-image needs the initial image too. A seed of another "
        "program gives another picture here.",
        (("PNG specification, textual chunks", "https://www.w3.org/TR/png-3/#11textinfo"),),
    ),
    "Models": Help(
        "Large public models: their state, licence, size and about how long a picture takes here. "
        "Single .safetensors files, checkpoints of guided-diffusion and GLIDE, LoRA and embeddings "
        "of textual inversion can be brought along.",
        "Times and memory are estimates. Licences differ: some forbid commercial use. They have "
        "learned the habits of pictures on the web, stereotypes included.",
        (
            LATENT,
            ("Gal et al. 2022, Textual inversion", arxiv("2208.01618")),
            (
                "Bianchi et al. 2022, Text-to-image generation amplifies stereotypes",
                arxiv("2211.03759"),
            ),
            ("Hugging Face, Diffusers", "https://huggingface.co/docs/diffusers"),
        ),
    ),
}
