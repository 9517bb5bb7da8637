"""How pictures are made, whatever they show: Gram matrices of EfficientNet-lite0's early layers."""

from __future__ import annotations

from core.base.types import Modality, Space
from core.spaces.encoders import style
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.style import StyleEncoder
from core.spaces.entry import Source, SpaceEntry, SpaceSpec
from core.spaces.sources.efficientnet import entry_of_package
from core.storage import data_home


class StyleSource(Source):
    """Its pictures alone."""

    name = "style"
    licence = "Apache-2.0"
    bundled = True
    known = (
        SpaceSpec(
            Space("style", "Style", style.DIM, (Modality.IMAGE,)),
            "Which textures occur together (Gram matrix of an early layer of EfficientNet-lite0): "
            "finds what is made alike, as drawings, paintings or photos with grain, whatever it "
            "shows. Pictures only.",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready while the package with EfficientNet's weights is installed."""
        return entry_of_package(self, spec, LITE0, data_home.sha256(style.recipe().encode()))

    def image_encoder(self, entry: SpaceEntry) -> StyleEncoder:
        """The Gram matrices."""
        return StyleEncoder(entry.space)


STYLE = StyleSource()
