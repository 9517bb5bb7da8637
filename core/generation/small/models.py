"""Our own generators: what each is called, where its weights lie, and how it draws by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.generation.small import weights


@dataclass(frozen=True, slots=True)
class SmallModel:
    """One of them.

    Attributes:
        name: in files and commands; it never changes.
        title: for people.
        folder: of its weights.
        subject: what it was trained on, for people.
        drawings: whether it makes drawings, which are enlarged with clean edges.
        guidance: that suits it.
        examples: prompts.
    """

    name: str
    title: str
    folder: Path
    subject: str
    drawings: bool
    guidance: float
    examples: tuple[str, ...]


EMOJI = SmallModel(
    "small",
    "Emoji (ours)",
    weights.FOLDER,
    "emoji",
    drawings=True,
    guidance=3.0,
    examples=(
        "a red apple",
        "a blue cat",
        "king - man + woman",
        "a small yellow flower",
        "snow + train",
        "a robot",
    ),
)
PHOTOS = SmallModel(
    "photos",
    "Photos (ours)",
    weights.PHOTOS,
    "64 x 64 photos of some hundred kinds of things, five flowers and products of fashion",
    drawings=False,
    guidance=3.0,
    examples=(
        "a sunflower",
        "a navy blue shirt",
        "black shoes",
        "sunglasses",
        "red + heels",
        "a brown handbag",
    ),
)
OWN: Mapping[str, SmallModel] = MappingProxyType({one.name: one for one in (EMOJI, PHOTOS)})
