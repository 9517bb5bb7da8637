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
    if gallery == OPENMOJI:
        return DEFAULT_SPACE
    ready = any(one.ready for one in registry.list_spaces() if one.space.name == V1)
    return V1 if ready else DEFAULT_SPACE
