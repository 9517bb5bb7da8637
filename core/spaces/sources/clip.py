"""CLIP by open_clip: known ones of a hub, and those with weights of this computer."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.base.types import Modality, Progress, Space, no_progress
from core.spaces.encoders.clip import WEIGHTS, ClipEncoder, ClipRecipe
from core.spaces.entry import SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource
from core.spaces.sources.hub import entry_of_hub
from core.spaces.sources.model_files import (
    entry_of_files,
    given_weights,
    measure,
    weights_spec,
)
from core.storage import hub

TEXTS_AND_PICTURES = (Modality.TEXT, Modality.IMAGE)


class ClipSource(AddableSource):
    """One model for texts and pictures."""

    name = "clip"
    licence = "that of its weights"
    modalities = TEXTS_AND_PICTURES
    known = (
        SpaceSpec(
            Space("clip-laion2b", "CLIP ViT-B-32, LAION-2B", 512, TEXTS_AND_PICTURES),
            "CLIP by open_clip, trained on two billion pictures of the web with their captions. "
            "MIT.",
            size="605 MB",
            model="laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
            recipe='{"architecture": "ViT-B-32"}',
        ),
        SpaceSpec(
            Space("clip-datacomp", "CLIP ViT-B-32, DataComp", 512, TEXTS_AND_PICTURES),
            "CLIP by open_clip, trained on a better chosen billion: the most accurate of the "
            "three. MIT.",
            size="605 MB",
            model="laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K",
            recipe='{"architecture": "ViT-B-32"}',
        ),
        SpaceSpec(
            Space("clip-openai", "CLIP ViT-B-32, OpenAI", 512, TEXTS_AND_PICTURES),
            "OpenAI's first CLIP, as open_clip has it. MIT.",
            size="605 MB",
            model="timm/vit_base_patch32_clip_224.openai",
            recipe='{"architecture": "ViT-B-32", "quick_gelu": true}',
        ),
        SpaceSpec(
            Space("mobileclip2-s0", "MobileCLIP2-S0", 512, TEXTS_AND_PICTURES),
            "Apple's small CLIP by open_clip, made for telephones: fast without a GPU. English. "
            "Apple's licence for research.",
            size="about 300 MB",
            model="timm/MobileCLIP2-S0-OpenCLIP",
            recipe='{"architecture": "MobileCLIP2-S0"}',
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """A known one is ready once it is downloaded, others while their weights stay the same."""
        if spec not in self.known:
            return entry_of_files(self, spec)
        remedy = "Download it in the app, on the page Images, or add its weights there as a file."
        return entry_of_hub(self, spec, remedy, needed=(WEIGHTS,))

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """Any path may be a CLIP's."""
        return replace(spec, about=f"A CLIP of open_clip with the weights in {spec.model}.")

    def text_encoder(self, entry: SpaceEntry, key: str) -> ClipEncoder:
        """The model."""
        return self._encoder(entry)

    def image_encoder(self, entry: SpaceEntry) -> ClipEncoder:
        """The model."""
        return self._encoder(entry)

    def _encoder(self, entry: SpaceEntry) -> ClipEncoder:
        path = entry.require_folder()
        recipe = ClipRecipe(**json.loads(entry.spec.recipe))
        return ClipEncoder(entry.space, recipe, path / WEIGHTS if path.is_dir() else path)

    def download(self, entry: SpaceEntry, progress: Progress) -> None:
        """Fetches the weights."""
        hub.download_named(entry.spec.model, WEIGHTS, progress)

    def probe(
        self, weights: str, recipe: ClipRecipe, progress: Progress = no_progress
    ) -> SpaceEntry:
        """The space of a CLIP with the weights in a file; encodes a text, which shows its length.

        Raises:
            InputError: the file or the architecture cannot be used.
            Cancelled: by ``progress``.
        """
        path = given_weights(weights)
        name = f"clip-{recipe.architecture}"
        dim = measure(f"{__name__}:open_in_child", path, progress, recipe=asdict(recipe))
        spec = weights_spec(Space(name, name, dim, self.modalities), path, asdict(recipe))
        return self.entry(self.described(spec))


def open_in_child(path: str, recipe: dict[str, Any], progress: Progress) -> int:
    """What ``probe`` has a child do; the dimension of the vectors."""
    space = Space("new", "new", 0, TEXTS_AND_PICTURES)
    return ClipEncoder(space, ClipRecipe(**recipe), Path(path)).measure()


CLIP = ClipSource()
