"""OpenAI's checkpoints of diffusion on pixels, guided diffusion and GLIDE, as files of one kind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.generation.large import glide, glide_words, guided_diffusion
from core.generation.large.glide import GlideNetwork
from core.generation.large.guided_diffusion import Network

if TYPE_CHECKING:
    from core.generation.large.glide_generator import GlideGenerator
    from core.generation.large.guided_generator import GuidedGenerator

SUFFIX = ".pt"


def is_checkpoint(path: Path) -> bool:
    """Whether a path is of a file that may hold such a network."""
    return path.suffix == SUFFIX and path.is_file()


def find(title: str) -> Network | None:
    """One of those that were published by its title."""
    published = (*guided_diffusion.PUBLISHED, *glide.PUBLISHED)
    return next((network for network in published if network.title == title), None)


def recognize_file(path: Path) -> Network:
    """Which of the published networks a file holds.

    Raises:
        InputError: it cannot be read, holds more than tensors, or none that draws.
        OutOfMemoryError: it has no room.
    """
    shapes = guided_diffusion.shapes_of(guided_diffusion.read_checkpoint(path))
    if glide.reads_text(shapes):
        return glide.drawing(shapes, path.name)
    return guided_diffusion.recognize(shapes, path.name)


def lacks(path: Path, network: Network) -> str:
    """What is to be put beside a checkpoint before it can draw; "" where nothing is."""
    if isinstance(network, GlideNetwork) and glide_words.find(path.parent) is None:
        return glide_words.REMEDY
    return ""


def beside(path: Path, network: Network) -> list[Path]:
    """Files beside a checkpoint that take part in what it draws."""
    if isinstance(network, GlideNetwork):
        found = [glide.enlarging(path, network), glide_words.find(path.parent)]
    else:
        found = [guided_diffusion.classifier_of(path, network)]
    return [one for one in found if one is not None]


def open_file(name: str, path: Path, network: Network) -> GuidedGenerator | GlideGenerator:
    """The generator of a file, by what was recognized; it is read when it first draws."""
    if isinstance(network, GlideNetwork):
        from core.generation.large.glide_generator import GlideGenerator

        return GlideGenerator(name, path, network)
    from core.generation.large.guided_generator import GuidedGenerator

    return GuidedGenerator(name, path, network)
