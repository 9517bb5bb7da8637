"""OpenAI's guided-diffusion checkpoints (Dhariwal & Nichol 2021, arXiv:2105.05233) by diffusers.

Such a file holds a U-Net's tensors by the names of their own code. How many levels and blocks it
has, and where it attends, is read from these names; how heads lie in a tensor, and by which
schedule it was trained, is not in a file, so only the networks that were published are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import InputError, OutOfMemoryError, shorten
from core.base.memory import available_bytes, format_bytes
from core.generation.large.guided_unet import Architecture, Heads, converted, make_unet
from core.spaces.encoders.weights import read_weights

if TYPE_CHECKING:
    import torch
    from diffusers import UNet2DModel

Shapes = Mapping[str, tuple[int, ...]]
_CONV = "in_layers.2.weight"  # that every residual block has


@dataclass(frozen=True, slots=True)
class Network:
    """A network that was published.

    Attributes:
        title: for people.
        side: of its pictures in pixels.
        architecture: that its file has.
        heads: that its file does not tell.
        schedule: of noise, as diffusers calls it.
        steps, guidance: what suits it.
        page: address of what its authors say of it.
    """

    title: str
    side: int
    architecture: Architecture
    heads: Heads
    schedule: str
    steps: int = 25
    guidance: float = 1.0
    page: str = "https://github.com/openai/guided-diffusion"

    @property
    def about(self) -> str:
        """A sentence for the person who chooses."""
        known = self.architecture.classes
        classes = "with ImageNet's 1,000 classes" if known else "without classes"
        return f"OpenAI's U-Net on pixels (Dhariwal & Nichol 2021), {classes}."


_LARGE = (256, 256, 512, 512, 1024, 1024)
_COARSE = (False, False, False, True, True, True)  # at sides of 32, 16 and 8
PUBLISHED = (
    Network(
        "Guided diffusion, ImageNet 64 × 64",
        64,
        Architecture((192, 384, 576, 768), 3, (False, True, True, True), 1000),
        Heads(width=64, split_first=True),
        "squaredcos_cap_v2",
    ),
    Network(
        "Guided diffusion, ImageNet 128 × 128",
        128,
        Architecture((256, 256, 512, 768, 1024), 2, (False, False, True, True, True), 1000),
        Heads(count=4),
        "linear",
    ),
    Network(
        "Guided diffusion, ImageNet 256 × 256",
        256,
        Architecture(_LARGE, 2, _COARSE, 1000),
        Heads(width=64),
        "linear",
    ),
    Network(
        "Guided diffusion without classes, 256 × 256",  # of ImageNet or LSUN: the files are alike
        256,
        Architecture(_LARGE, 2, _COARSE, 0),
        Heads(width=64),
        "linear",
    ),
)


def read_network(path: Path) -> UNet2DModel:
    """The network in a file, ready to evaluate.

    Raises:
        InputError: it cannot be read, holds more than tensors, or none of ``PUBLISHED``.
        OutOfMemoryError: it has no room.
    """
    tensors = read_checkpoint(path)
    found = recognize(shapes_of(tensors), path.name)
    unet = make_unet(found.architecture, found.heads)
    unet.load_state_dict(converted(tensors, found.architecture, found.heads))
    return unet.eval()


def read_checkpoint(path: Path) -> Mapping[str, torch.Tensor]:
    """The tensors of a file.

    Raises:
        InputError: it cannot be read, or holds more than tensors.
        OutOfMemoryError: they, and a network made of them, have no room.
    """
    needed = 2 * path.stat().st_size if path.is_file() else 0  # as tensors, and in the network
    if needed > available_bytes():
        raise OutOfMemoryError(
            f"{shorten(path.name)} takes {format_bytes(needed)} while it is opened.",
            f"{format_bytes(available_bytes())} of memory can be used here now.",
            "End other programs, or take the file of smaller pictures.",
        )
    return read_weights(path)


def shapes_of(tensors: Mapping[str, torch.Tensor]) -> Shapes:
    """The shapes of tensors by their names."""
    return {key: tuple(one.shape) for key, one in tensors.items()}


def recognize(shapes: Shapes, name: str) -> Network:
    """Which of the published networks a file of this ``name`` holds, by its tensors.

    Raises:
        InputError: none of them.
    """
    found = read_architecture(shapes)
    for network in PUBLISHED:
        if network.architecture == found:
            return network
    why = "it holds no U-Net of guided-diffusion"
    if found is not None:
        why = f"its U-Net has the widths {', '.join(map(str, found.widths))}"
        why += ", for enlarging" if found.takes != 3 else ""
    elif "out.2.positional_embedding" in shapes:
        why = "it is a classifier of noisy pictures, which is taken from beside its checkpoint"
    raise InputError(
        f"{shorten(name)} cannot be opened: {why}.",
        "Known are OpenAI's 64x64_diffusion.pt, 128x128_diffusion.pt, 256x256_diffusion.pt, "
        "256x256_diffusion_uncond.pt and lsun_….pt.",
        "Choose one of these, or another model as safetensors.",
    )


def read_architecture(shapes: Shapes) -> Architecture | None:
    """What the names and shapes of a file tell; None where it is none of guided-diffusion."""
    first, last = shapes.get("input_blocks.0.0.weight"), shapes.get("out.2.weight")
    downs, ups = (_count(shapes, side) for side in ("input_blocks", "output_blocks"))
    doubled = sum(
        any(f"output_blocks.{at}.{part}.{_CONV}" in shapes for part in (1, 2)) for at in range(ups)
    )
    levels = doubled + 1
    blocks = ups // levels - 1
    if not first or not last or downs != levels * (blocks + 1) or ups != levels * (blocks + 1):
        return None
    starts = [1 + level * (blocks + 1) for level in range(levels)]
    scale_shift = shapes.get("input_blocks.1.0.emb_layers.1.weight", (0,))
    widths = tuple(shapes.get(f"input_blocks.{at}.0.{_CONV}", (0,))[0] for at in starts)
    if scale_shift[0] != 2 * widths[0] or first[0] != widths[0] or not all(widths):
        return None
    attends = tuple(f"input_blocks.{at}.1.qkv.weight" in shapes for at in starts)
    classes = shapes.get("label_emb.weight", (0,))[0]
    return Architecture(widths, blocks, attends, classes, first[1], last[0])


def classifier_of(path: Path, network: Network) -> Path | None:
    """OpenAI's classifier of noisy pictures, where it lies beside the checkpoint in ``path``."""
    found = path.with_name(f"{network.side}x{network.side}_classifier{path.suffix}")
    return found if found.is_file() else None


def _count(shapes: Shapes, side: str) -> int:
    return len({name.split(".")[1] for name in shapes if name.startswith(f"{side}.")})
