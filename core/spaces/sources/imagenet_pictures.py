"""MiniLM for texts, and for pictures our own encoder with a head on EfficientNet-lite0."""

from __future__ import annotations

from core.base.types import Modality, Space
from core.spaces.encoders import imagenet_pictures, minilm
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.imagenet_pictures import ImageNetPictureEncoder
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.entry import Source, SpaceEntry, SpaceSpec
from core.spaces.sources.efficientnet import entry_of_package
from core.storage import data_home

V1 = "minilm-imagenet-v1"


class ImageNetPicturesSource(Source):
    """Its texts are MiniLM's; its pictures are not those of the space ``minilm``."""

    name = "minilm-imagenet"
    licence = "Apache-2.0, MIT; see its model card"
    english = True
    known = (
        SpaceSpec(
            Space(
                V1,
                "MiniLM with ImageNet",
                384,
                (Modality.TEXT, Modality.IMAGE),
            ),
            "Texts as MiniLM has them. For pictures our own encoder together with a head on "
            "EfficientNet-lite (ImageNet): knows far more of photos than minilm, and is slower.",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready while the package with EfficientNet's weights is installed.

        The digest is that of its texts: what decides its pictures is read only where it is asked.
        """
        digest = data_home.digest_bytes(minilm.recipe(None).encode(), spec.space.name.encode())
        return entry_of_package(self, spec, LITE0, digest)

    def text_encoder(self, entry: SpaceEntry, key: str) -> MiniLMEncoder:
        """MiniLM."""
        return MiniLMEncoder(entry.space, None)

    def image_encoder(self, entry: SpaceEntry) -> ImageNetPictureEncoder:
        """Both experts."""
        return ImageNetPictureEncoder(entry.space)

    def text_digest(self, entry: SpaceEntry) -> str:
        """Of MiniLM alone."""
        return data_home.digest_bytes(minilm.recipe(None).encode())

    def image_digest(self, entry: SpaceEntry) -> str:
        """Of both experts."""
        return data_home.sha256(imagenet_pictures.recipe().encode())


IMAGENET_PICTURES = ImageNetPicturesSource()
