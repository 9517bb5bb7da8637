"""Sentence-transformers models of a Hugging Face hub."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.base.types import Modality, Progress, Space, no_progress
from core.spaces import settings
from core.spaces.encoders.sentence_transformer import SentenceTransformerEncoder
from core.spaces.entry import NEEDS_DOWNLOAD, READY, Source, SpaceEntry, SpaceSpec
from core.spaces.settings import NONE, Settings
from core.spaces.sources.addable import AddableSource
from core.spaces.sources.folder import OPEN_MODEL
from core.spaces.sources.model_files import measure, shortened, told_settings, with_prompts
from core.storage import data_home, hub


class HubSource(AddableSource):
    """Downloaded when a person asks for it."""

    name = "hub"
    known = (
        SpaceSpec(
            Space(
                "paraphrase-multilingual-mpnet-base-v2",
                "Multilingual MPNet",
                768,
                (Modality.TEXT,),
            ),
            "Sentences of some fifty languages in one vector space: a sentence and its "
            "translation are near.",
            size="1.1 GB",
            model="sentence-transformers/paraphrase-multilingual-mpnet-base-v2",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready once the whole model is on this computer."""
        entry = entry_of_hub(
            self,
            spec,
            "Download it in the app, on the page Sentences, or copy its files here and add the "
            "folder there.",
        )
        return with_prompts(entry, spec.model)

    def described(self, spec: SpaceSpec) -> SpaceSpec:
        """The model must have a name that a hub can have."""
        hub.check_name(spec.model)
        told = told_settings(hub.find_snapshot(spec.model), spec.model, spec)
        return replace(spec, about=f"The model {spec.model} of the hub.{told}")

    def text_encoder(self, entry: SpaceEntry, key: str) -> SentenceTransformerEncoder:
        """The model."""
        wanted, name = settings.read(entry.spec.settings), entry.spec.model
        return SentenceTransformerEncoder(entry.space, entry.require_folder(), wanted, name)

    def download(self, entry: SpaceEntry, progress: Progress) -> None:
        """Fetches the model."""
        hub.download_model(entry.spec.model, progress)

    def probe(
        self, name: str, progress: Progress = no_progress, wanted: Settings = NONE
    ) -> SpaceEntry:
        """Downloads the hub's model ``name``; its space, the known one where it is known.

        Args:
            wanted: prompts and dimensions that are not as the model has them.

        Raises:
            InputError: there is no such model, or it cannot be used.
            ServiceError: the hub is out of reach.
            Cancelled: by ``progress``.
        """
        checked = hub.check_name(name)
        for spec in self.known:
            if wanted == NONE and checked in (spec.model, spec.model.split("/")[-1]):
                hub.download_model(spec.model, progress)
                return self.entry(spec)
        folder = hub.download_model(checked, progress)
        title = checked.split("/")[-1]
        dim = shortened(measure(OPEN_MODEL, folder, progress), wanted)
        space = Space(title, title, dim, self.modalities)
        spec = SpaceSpec(space, model=checked, settings=wanted.as_text())
        return self.entry(self.described(spec))


def entry_of_hub(
    source: Source, spec: SpaceSpec, remedy: str, needed: Sequence[str] = ()
) -> SpaceEntry:
    """The space of a hub's model; ready once it is here with the files ``needed``."""
    folder = hub.find_snapshot(spec.model, needed=needed)
    if folder is None:
        size = f" ({spec.size})" if spec.size else ""
        return SpaceEntry(spec, source, f"{NEEDS_DOWNLOAD}{size}", remedy=remedy)
    digest = data_home.sha256(f"hub {spec.model} {folder.name}".encode())
    return SpaceEntry(spec, source, READY, digest, folder)


HUB = HubSource()
