"""Which embedding model encodes a gallery's pictures where nobody has chosen one."""

from __future__ import annotations

from core.images.galleries import OPENMOJI
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.sources.imagenet_pictures import V1


def default_model(gallery: str) -> str:
    """The name of the model that suits the gallery called ``gallery``.

    OpenMoji has our own encoder, which was trained on such drawings and has them all at once. For
    all else, such as a person's photos, it is the one that adds EfficientNet's ImageNet weights:
    it knows far more of them, and takes some twenty times as long.
    """
    return DEFAULT_SPACE if gallery == OPENMOJI or not knows_photos() else V1


def knows_photos() -> bool:
    """Whether the model that knows photos is here."""
    return any(one.ready for one in registry.list_spaces() if one.space.name == V1)
