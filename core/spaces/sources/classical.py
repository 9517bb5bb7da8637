"""Colours of pictures, and colours with outlines, without a network."""

from __future__ import annotations

from core.base.types import Modality, Space
from core.spaces.encoders import classical, colors
from core.spaces.encoders.classical import ClassicalEncoder
from core.spaces.encoders.colors import ColorEncoder
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
from core.storage import data_home

COLORS = "colours"


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
        SpaceSpec(
            Space(COLORS, "Colours", colors.DIM, (Modality.IMAGE,)),
            "A histogram of colours in CIELAB, wherever in the picture they are: finds what has "
            "the same colours, whatever it shows. Pictures only.",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Always ready."""
        recipe = (colors if spec.space.name == COLORS else classical).recipe()
        return SpaceEntry(spec, self, READY, data_home.sha256(recipe.encode()))

    def image_encoder(self, entry: SpaceEntry) -> ClassicalEncoder | ColorEncoder:
        """The histograms."""
        if entry.space.name == COLORS:
            return ColorEncoder(entry.space)
        return ClassicalEncoder(entry.space)


CLASSICAL = ClassicalSource()
