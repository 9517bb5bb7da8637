"""MiniLM for words and texts, and for pictures our own encoder with a head on EfficientNet-lite0.

Words and texts have the very vectors of the space ``minilm``, so they are kept there, once.
"""

from __future__ import annotations

from core.base.types import Modality, Progress, Space
from core.spaces.encoders import imagenet_pictures, minilm
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.imagenet_pictures import ImageNetPictureEncoder
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.entry import Source, SpaceEntry, SpaceSpec
from core.spaces.sources.efficientnet import entry_of_package
from core.spaces.sources.minilm import MINILM
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded
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
                V1,  # one name wherever it is shown: the box shows this one
                384,
                (Modality.WORD, Modality.TEXT, Modality.IMAGE),
            ),
            "Words and texts as MiniLM has them. For pictures our own encoder together with a head "
            "on EfficientNet-lite (ImageNet): knows far more of photos than minilm, and is slower.",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready while the package with EfficientNet's weights is installed.

        The digest is that of its texts: what decides its pictures is read only where it is asked.
        """
        digest = data_home.digest_bytes(minilm.recipe(None).encode(), spec.space.name.encode())
        return entry_of_package(self, spec, LITE0, digest)

    def built(self, entry: SpaceEntry) -> bool:
        """Whether MiniLM's words have been encoded."""
        return MINILM.built(_minilm())

    def vocabulary(self, entry: SpaceEntry, progress: Progress) -> Loaded:
        """MiniLM's."""
        return MINILM.vocabulary(_minilm(), progress)

    def words_so_far(self, entry: SpaceEntry, more_than: int) -> Vocabulary | None:
        """MiniLM's."""
        return MINILM.words_so_far(_minilm(), more_than)

    def word_encoder(self, entry: SpaceEntry) -> MiniLMEncoder:
        """MiniLM."""
        return MiniLMEncoder(entry.space, None)

    def text_encoder(self, entry: SpaceEntry, key: str) -> MiniLMEncoder:
        """MiniLM."""
        return self.word_encoder(entry)

    def image_encoder(self, entry: SpaceEntry) -> ImageNetPictureEncoder:
        """Both experts."""
        return ImageNetPictureEncoder(entry.space)

    def texts_kept_by(self, entry: SpaceEntry) -> SpaceEntry:
        """MiniLM."""
        return _minilm()

    def text_digest(self, entry: SpaceEntry) -> str:
        """Of MiniLM alone."""
        return MINILM.text_digest(_minilm())

    def image_digest(self, entry: SpaceEntry) -> str:
        """Of both experts."""
        return data_home.sha256(imagenet_pictures.recipe().encode())


def _minilm() -> SpaceEntry:
    spec = next(one for one in MINILM.known if Modality.IMAGE in one.space.modalities)
    return MINILM.entry(spec)


IMAGENET_PICTURES = ImageNetPicturesSource()
