"""What other programs write into their PNGs, and such a PNG."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image, PngImagePlugin

LINES = """a fox, (red:1.3) <lora:ink:0.8>
in snow
Negative prompt: blurry, text
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 965400086, \
Size: 512x768, Model hash: 45dee52b, Model: v1-5-pruned-emaonly, Clip skip: 2, \
Lora hashes: "ink: 1a2b, pen: 3c4d", Version: v1.9.4"""
# KSampler 3 draws from noise; 10 enlarges and draws over it (“hires fix”).
GRAPH: dict[str, Any] = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 156680208700286,
            "steps": 25,
            "cfg": 6.5,
            "sampler_name": "euler_ancestral",
            "scheduler": "normal",
            "denoise": 1,
            "model": ["11", 0],
            "positive": ["12", 0],
            "negative": ["12", 1],
            "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dream.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 640, "height": 512}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["13", 0], "clip": ["11", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "watermark", "clip": ["11", 1]}},
    "10": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 1,
            "steps": 9,
            "cfg": 2,
            "sampler_name": "ddim",
            "scheduler": "simple",
            "denoise": 0.5,
            "model": ["4", 0],
            "positive": ["7", 0],
            "negative": ["6", 0],
            "latent_image": ["3", 0],
        },
    },
    "11": {
        "class_type": "LoraLoader",
        "inputs": {"lora_name": "ink.safetensors", "strength_model": 0.7, "model": ["4", 0]},
    },
    "12": {
        "class_type": "ControlNetApplyAdvanced",
        "inputs": {"positive": ["6", 0], "negative": ["7", 0], "strength": 1.0},
    },
    "13": {"class_type": "PrimitiveStringMultiline", "inputs": {"value": "a lighthouse"}},
}
WORKFLOW = {
    "nodes": [
        {
            "id": 1,
            "type": "KSampler",
            "widgets_values": [42, "randomize", 12, 4.0, "uni_pc", "simple", 1],
            "inputs": [
                {"name": "positive", "link": 7},
                {"name": "negative", "link": 8},
                {"name": "latent_image", "link": 9},
            ],
        },
        {"id": 2, "type": "CLIPTextEncode", "widgets_values": ["a bridge"], "inputs": []},
        {"id": 3, "type": "CLIPTextEncode", "widgets_values": ["fog"]},
        {"id": 4, "type": "EmptyLatentImage", "widgets_values": [256, 320, 1]},
        {"id": 5, "type": "Note", "widgets_values": {"text": "not a list"}},
    ],
    "links": [
        [7, 2, 0, 1, 1, "CONDITIONING"],
        [8, 3, 0, 1, 2, "CONDITIONING"],
        [9, 4, 0, 1, 3, "LATENT"],
    ],
}
GUIDED = {  # as of Flux: noise, guider and sampler are nodes of their own
    "1": {
        "class_type": "SamplerCustomAdvanced",
        "inputs": {
            "noise": ["2", 0],
            "guider": ["3", 0],
            "sampler": ["4", 0],
            "sigmas": ["5", 0],
            "latent_image": ["6", 0],
        },
    },
    "2": {"class_type": "RandomNoise", "inputs": {"noise_seed": 5}},
    "3": {"class_type": "BasicGuider", "inputs": {"conditioning": ["7", 0], "model": ["8", 0]}},
    "4": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
    "5": {"class_type": "BasicScheduler", "inputs": {"scheduler": "simple", "steps": 4}},
    "6": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 1024, "height": 768}},
    "7": {
        "class_type": "CLIPTextEncodeFlux",
        "inputs": {"clip_l": "a boat", "t5xxl": "a boat", "guidance": 3.5},
    },
    "8": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux1.safetensors"}},
}
INVOKE = {
    "app_version": "5.4.2",
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a cabin",
    "negative_prompt": "people",
    "width": 832,
    "height": 1216,
    "seed": 2718281828,
    "cfg_scale": 5.5,
    "steps": 30,
    "scheduler": "dpmpp_2m_k",
    "model": {"name": "juggernautXL", "hash": "blake3:ab", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"name": "detail"}, "weight": 0.6}],
}
OLD_INVOKE = {
    "model": "stable diffusion",
    "model_weights": "stable-diffusion-1.5",
    "app_id": "invoke-ai/InvokeAI",
    "image": {
        "prompt": [{"prompt": "a harbour [boats]", "weight": 1}],
        "steps": 50,
        "cfg_scale": 7.5,
        "height": 512,
        "width": 640,
        "seed": 77,
        "sampler": "k_euler_a",
    },
}
FOOOCUS = {
    "prompt": "a knight",
    "negative_prompt": "",
    "styles": "['Fooocus V2']",
    "performance": "Speed",
    "steps": 30,
    "resolution": "(1152, 896)",
    "guidance_scale": 4.0,
    "base_model": "juggernautXL_v8Rundiffusion",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "8712345678901234567",
    "loras": [["offset_0.1", 0.25, "abc"]],
    "version": "Fooocus v2.5.5",
}


def png(**texts: str | dict[str, Any]) -> bytes:
    """A PNG with these texts."""
    written = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        told = text if isinstance(text, str) else json.dumps(text)
        written.add_text(key.replace("sd_", "sd-"), told)
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, "PNG", pnginfo=written)
    return stream.getvalue()
