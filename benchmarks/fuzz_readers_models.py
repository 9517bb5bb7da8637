"""Readers of what is brought for large models of pictures, for `fuzz`."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import fuzz_seeds_models as seeds
from benchmarks.fuzz_seeds import Reader


def _checkpoint(data: bytes, folder: Path) -> bool:
    from core.generation.large.single_file import identify, read_head

    path = folder / "a.safetensors"
    path.write_bytes(data)
    shapes, _ = read_head(path)
    identify(shapes, path.name)
    return False


@cache
def _pipe() -> Any:
    """A tiny Stable Diffusion with random weights."""
    from diffusers import StableDiffusionPipeline

    from tests.support import tiny_diffusers

    with tempfile.TemporaryDirectory() as folder:
        built = tiny_diffusers.build_sd(Path(folder) / "sd")
        return StableDiffusionPipeline.from_pretrained(built, safety_checker=None)


def _lora(data: bytes, folder: Path) -> bool:
    from core.generation.large import lora

    path = folder / "a.safetensors"
    path.write_bytes(data)
    lora.add(_pipe(), (lora.Lora(path, 0.5),))
    return False


def _embedding(data: bytes, folder: Path) -> bool:
    from core.generation.large import embeddings

    path = folder / "a.safetensors"
    path.write_bytes(data)
    embeddings.read(embeddings.Embedding(path), [seeds.WIDTH])
    return False


HEAVY = ("LoRA",)  # which load diffusers
READERS: dict[str, Reader] = {
    "checkpoint": Reader(seeds.checkpoints, _checkpoint),
    "embedding": Reader(seeds.embeddings, _embedding),
    "LoRA": Reader(seeds.loras, _lora),
}
