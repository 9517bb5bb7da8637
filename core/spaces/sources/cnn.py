"""Layers of image classifiers, with weights of this computer."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.base.types import Modality, Progress, Space, no_progress
from core.spaces.encoders.cnn import CnnEncoder, CnnRecipe
from core.spaces.entry import SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource
from core.spaces.sources.model_files import (
    entry_of_files,
    given_weights,
    measure,
    weights_spec,
)


class CnnSource(AddableSource):
    """Built by timm or torchvision."""

    name = "cnn"
    licence = "that of its weights"
    modalities = (Modality.IMAGE,)

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready as long as the weights are those that were added."""
        return entry_of_files(self, spec)

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """Any path may be a network's."""
        about = f"Features of a network with the weights in {spec.model}. Pictures only."
        return replace(spec, about=about)

    def image_encoder(self, entry: SpaceEntry) -> CnnEncoder:
        """The layer's features."""
        recipe = CnnRecipe(**json.loads(entry.spec.recipe))
        return CnnEncoder(entry.space, recipe, entry.require_folder())

    def probe(
        self, weights: str, recipe: CnnRecipe, progress: Progress = no_progress
    ) -> SpaceEntry:
        """The space of a layer of a network with the weights in a file.

        The network runs once, which shows that it can be used and how long its vectors are.

        Raises:
            InputError: the file or the recipe cannot be used.
            Cancelled: by ``progress``.
        """
        path = given_weights(weights)
        name = f"{recipe.architecture}-{recipe.layer}"
        dim = measure(f"{__name__}:open_in_child", path, progress, recipe=asdict(recipe))
        spec = weights_spec(Space(name, name, dim, self.modalities), path, asdict(recipe))
        return self.entry(self.described(spec))


def open_in_child(path: str, recipe: dict[str, Any], progress: Progress) -> int:
    """What ``probe`` has a child do; the dimension of the vectors."""
    space = Space("new", "new", 0, (Modality.IMAGE,))
    return CnnEncoder(space, CnnRecipe(**recipe), Path(path)).measure()


CNN = CnnSource()
