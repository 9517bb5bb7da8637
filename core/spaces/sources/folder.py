"""Sentence-transformers models in folders of this computer."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from core.base.types import Modality, Progress, Space
from core.spaces import settings
from core.spaces.encoders.sentence_transformer import SentenceTransformerEncoder
from core.spaces.entry import SpaceEntry, SpaceSpec
from core.spaces.settings import NONE, Settings
from core.spaces.sources.addable import AddableSource
from core.spaces.sources.model_files import (
    entry_of_files,
    measure,
    model_files,
    shortened,
    signature,
    told_settings,
    with_prompts,
)
from core.storage import data_home


class FolderSource(AddableSource):
    """Read where it lies."""

    name = "folder"

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready as long as its files are those that were added."""
        return with_prompts(entry_of_files(self, spec))

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """Any path may be a model's."""
        told = told_settings(Path(spec.model), "", spec)
        return replace(spec, about=f"The model in {spec.model}.{told}")

    def text_encoder(self, entry: SpaceEntry, key: str) -> SentenceTransformerEncoder:
        """The model."""
        wanted = settings.read(entry.spec.settings)
        return SentenceTransformerEncoder(entry.space, entry.require_folder(), wanted)

    def probe(
        self, path: Path, progress: Progress | None = None, wanted: Settings = NONE
    ) -> SpaceEntry:
        """The space of the model in a folder; opens it, which shows that it can be used.

        Args:
            progress: of a child that opens it; without, this process does, as for a verb, which
                has only itself to lose and opens it anyway.
            wanted: prompts and dimensions that are not as the model has them.

        Raises:
            InputError: it is no model, or one that cannot be used.
            Cancelled: by ``progress``.
        """
        folder = path.resolve()
        name = data_home.safe_name(folder.name)
        # first: of a folder that is no model not every file is read
        dim = open_model(folder) if progress is None else measure(OPEN_MODEL, folder, progress)
        digest = data_home.digest_bytes(
            *(
                os.fsencode(file.name) + data_home.digest_file(file).encode()
                for file in model_files(folder)
            )
        )
        space = Space(name, name, shortened(dim, wanted), self.modalities)
        spec = SpaceSpec(
            space,
            model=str(folder),
            digest=digest,
            signature=signature(folder),
            settings=wanted.as_text(),
        )
        return self.entry(self.described(spec))


OPEN_MODEL = f"{__name__}:open_in_child"


def open_in_child(path: str, progress: Progress) -> int:
    """What ``probe`` has a child do."""
    return open_model(Path(path))


def open_model(folder: Path) -> int:
    """The dimension of a model's vectors; loads it, which shows that it can be loaded."""
    space = Space(folder.name, folder.name, 0, (Modality.TEXT,))
    return SentenceTransformerEncoder(space, folder).dim


FOLDER = FolderSource()
