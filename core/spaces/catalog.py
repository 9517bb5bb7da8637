"""The kinds of spaces there are, each a module of ``core.spaces.sources``, in the list's order."""

from __future__ import annotations

from core.spaces.entry import Source, SpaceSpec
from core.spaces.sources.classical import CLASSICAL
from core.spaces.sources.clip import CLIP
from core.spaces.sources.cnn import CNN
from core.spaces.sources.efficientnet import EFFICIENTNET
from core.spaces.sources.folder import FOLDER
from core.spaces.sources.hub import HUB
from core.spaces.sources.imagenet_pictures import IMAGENET_PICTURES, V1
from core.spaces.sources.imported import IMPORTED
from core.spaces.sources.minilm import MINILM
from core.spaces.sources.service import SERVICE
from core.spaces.sources.spacy import SPACY
from core.spaces.sources.style import STYLE
from core.spaces.sources.transformers_clip import TRANSFORMERS_CLIP

DEFAULT_SPACE = "minilm"
DEFAULT_PICTURES = V1  # knows photos too; ``registry.default_of_pictures`` says whether it is here
SOURCES: tuple[Source, ...] = (
    MINILM,
    CLASSICAL,
    STYLE,
    EFFICIENTNET,
    IMAGENET_PICTURES,
    CLIP,
    SPACY,
    HUB,
    SERVICE,
    FOLDER,
    CNN,
    TRANSFORMERS_CLIP,
    IMPORTED,
)


def known_spaces() -> list[SpaceSpec]:
    """The spaces that are known by name, whether they are here or not."""
    return [spec for source in SOURCES for spec in source.known]
