"""Colours and outlines of pictures, without a network."""

from __future__ import annotations

from core.base.types import Modality, Space
from core.spaces.encoders import classical
from core.spaces.encoders.classical import ClassicalEncoder
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
from core.storage import data_home


class ClassicalSource(Source):
    """Computed by scikit-image."""

    name = "classical"
    licence = "BSD-3-Clause (scikit-image)"
    bundled = True
    known = (
        SpaceSpec(
            Space("colour-outline", "Colours and outlines", 1956, (Modality.IMAGE,)),
            "A histogram of colours and histograms of oriented gradients (HOG), without a network: "
            "the baseline that a network must beat. Pictures only.",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Always ready."""
        return SpaceEntry(spec, self, READY, data_home.sha256(classical.recipe().encode()))

    def image_encoder(self, entry: SpaceEntry) -> ClassicalEncoder:
        """The histograms."""
        return ClassicalEncoder(entry.space)


CLASSICAL = ClassicalSource()
