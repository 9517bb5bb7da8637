"""CLIP and SigLIP of Transformers in folders of this computer, the hub's cache among them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from core.base.types import Modality, Progress, Space
from core.spaces.encoders.transformers_clip import TransformersClipEncoder
from core.spaces.entry import SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource
from core.spaces.sources.clip import TEXTS_AND_PICTURES
from core.spaces.sources.hub import entry_of_hub
from core.spaces.sources.model_files import entry_of_files, measure, model_files, signature
from core.storage import data_home, hub


class TransformersClipSource(AddableSource):
    """One model for texts and pictures, read where it lies."""

    name = "transformers-clip"
    licence = "that of its weights"
    modalities: ClassVar[tuple[Modality, ...]] = TEXTS_AND_PICTURES
    known = (
        SpaceSpec(
            Space("siglip2-base", "SigLIP 2 base, 224 pixels", 768, TEXTS_AND_PICTURES),
            "Google's SigLIP 2 for pictures and texts of many languages. Apache-2.0.",
            size="about 1.5 GB",
            model="google/siglip2-base-patch16-224",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """A known one is ready once it is downloaded, others while their files stay the same."""
        if spec not in self.known:
            return entry_of_files(self, spec)
        remedy = "Download it in the app, on the page Images, or add its folder there."
        return entry_of_hub(self, spec, remedy)

    def download(self, entry: SpaceEntry, progress: Progress) -> None:
        """Fetches the model."""
        hub.download_model(entry.spec.model, progress)

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """Any path may be a model's."""
        return replace(spec, about=f"The CLIP or SigLIP of Transformers in {spec.model}.")

    def text_encoder(self, entry: SpaceEntry, key: str) -> TransformersClipEncoder:
        """The model."""
        return TransformersClipEncoder(entry.space, entry.require_folder())

    def image_encoder(self, entry: SpaceEntry) -> TransformersClipEncoder:
        """The model."""
        return TransformersClipEncoder(entry.space, entry.require_folder())

    def probe(self, path: Path, progress: Progress, name: str = "") -> SpaceEntry:
        """The space of the model in a folder; a child opens it.

        Args:
            name: what it is listed as; ``""`` for the folder's name.

        Raises:
            InputError: it is no such model, or one that cannot be used.
            Cancelled: by ``progress``.
        """
        folder = path.resolve()
        title = data_home.safe_name(name or folder.name)
        dim = measure(f"{__name__}:open_in_child", folder, progress)
        digest = data_home.digest_bytes(
            *(
                os.fsencode(file.name) + data_home.digest_file(file).encode()
                for file in model_files(folder)
            )
        )
        spec = SpaceSpec(
            Space(title, title, dim, self.modalities),
            model=str(folder),
            digest=digest,
            signature=signature(folder),
        )
        return self.entry(self.described(spec))


def open_in_child(path: str, progress: Progress) -> int:
    """What ``probe`` has a child do; the dimension of the vectors."""
    return TransformersClipEncoder(Space("new", "new", 0, TEXTS_AND_PICTURES), Path(path)).measure()


TRANSFORMERS_CLIP = TransformersClipSource()
