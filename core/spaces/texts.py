"""Spaces of texts: their state, their encoders, and adding models and services to the list.

What a person adds is a small JSON file in the data home. Keys of services are never in it: they
come from the environment or from the person, each time.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from core.base.errors import InputError, NotReadyError
from core.base.types import Modality, Progress, Space, TextEncoder, no_progress
from core.spaces import added, catalog, text_vectors
from core.spaces.catalog import Source
from core.spaces.encoders import minilm, openai_api
from core.spaces.encoders.clip import WEIGHTS, ClipEncoder, ClipRecipe
from core.spaces.encoders.sentence_transformer import SentenceTransformerEncoder
from core.spaces.entry import READY, SpaceEntry
from core.storage import data_home, hub

NEEDS_KEY = "needs a key"


@dataclass(frozen=True, slots=True)
class Service:
    """An embeddings service: its address, model, and the environment's variable with the key."""

    url: str
    model: str
    key_variable: str = ""


def catalog_entry(spec: catalog.SpaceSpec) -> SpaceEntry:
    """The catalog's model on a hub or service, with its state."""
    entry = SpaceEntry(
        spec.space,
        spec.source,
        spec.about,
        "",
        "",
        size=spec.size,
        model=spec.model,
        url=spec.url,
        key_variable=spec.key_variable,
        recipe=spec.recipe,
    )
    return _with_state(entry)


def added_entries() -> list[SpaceEntry]:
    """The spaces that were added here, with their states."""
    return [entry if entry.state else _with_state(entry) for entry in added.list_added()]


def vectors_folder(entry: SpaceEntry) -> Path:
    """Where the vectors of texts in this space are kept."""
    digest = entry.digest
    if entry.source is Source.MINILM:
        # An entry's digest stands for its words too, which do not matter to texts.
        digest = data_home.digest_bytes(minilm.recipe(entry.layer).encode())
    return text_vectors.space_folder(entry.space.name, digest)


def open_encoder(entry: SpaceEntry, key: str = "") -> TextEncoder:
    """What encodes texts in this space; a service takes ``key``, or the environment's.

    Raises:
        NotReadyError: it must be downloaded first, or needs a key.
        InputError: the space does not take texts.
    """
    if Modality.TEXT not in entry.space.modalities:
        raise InputError(
            f"{entry.space.title} takes no texts.",
            "A space that encodes texts is needed.",
            "Choose another space.",
        )
    if entry.source is Source.MINILM:
        return minilm.MiniLMEncoder(entry.space, entry.layer)
    if entry.source is Source.API:
        chosen = key or environment_key(entry)
        if not chosen:
            raise NotReadyError(
                f"{entry.space.title} needs a key.", "", f"Set {entry.key_variable or 'it'}."
            )
        return openai_api.OpenAIEncoder(
            entry.space, model=entry.model, key=chosen, base_url=entry.url
        )
    if entry.source is Source.CLIP and entry.ready:
        return open_clip_encoder(entry)
    if entry.folder is None or not entry.ready:
        raise NotReadyError(f"The space {entry.space.title} is not here yet.", "", entry.remedy)
    return SentenceTransformerEncoder(entry.space, entry.folder)


def open_clip_encoder(entry: SpaceEntry) -> ClipEncoder:
    """The encoder of both texts and pictures of a CLIP that is here."""
    recipe = ClipRecipe(**json.loads(entry.recipe))
    folder = entry.folder or Path(entry.model)
    return ClipEncoder(entry.space, recipe, folder / WEIGHTS if folder.is_dir() else folder)


def environment_key(service: SpaceEntry | Service) -> str:
    """The key in the environment; a service on this computer may do without one."""
    key = os.environ.get(service.key_variable, "") if service.key_variable else ""
    return key or ("none" if _host(service.url) in openai_api.LOOPBACK else "")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def download(entry: SpaceEntry, progress: Progress = no_progress) -> bool:
    """Downloads a hub's model; true once it is here."""
    if entry.source is Source.CLIP:
        hub.download_named(entry.model, WEIGHTS, progress)
        return True
    hub.download_model(entry.model, progress)
    return True


def add_model(name: str, progress: Progress = no_progress) -> str:
    """Downloads the hub's model ``name`` and lists it as a space; the space's name."""
    checked = hub.check_name(name)
    for spec in catalog.SPACES:
        if spec.source is Source.HUB and checked in (spec.model, spec.model.split("/")[-1]):
            hub.download_model(spec.model, progress)
            return spec.space.name
    folder = hub.download_model(checked, progress)
    dim = _measure(checked, folder)
    return added.add(
        added.free_name(checked.split("/")[-1], checked), Source.HUB, dim, model=checked
    )


def folder_entry(path: Path) -> SpaceEntry:
    """The sentence-transformers model in a folder as a space, without listing it."""
    folder = path.resolve()
    name = data_home.safe_name(folder.name)
    digest = data_home.digest_bytes(
        *(
            file.name.encode() + data_home.digest_file(file).encode()
            for file in added.model_files(folder)
        )
    )
    space = Space(name, name, _measure(name, folder), (Modality.TEXT,))
    return SpaceEntry(
        space, Source.FOLDER, f"The model in {folder}.", READY, digest, folder, model=str(folder)
    )


def add_folder(path: Path) -> str:
    """Lists the sentence-transformers model in a folder as a space; the space's name."""
    entry = folder_entry(path)
    found = {"model": entry.model, "digest": entry.digest}
    signature = added.signature(Path(entry.model))
    name = added.free_name(entry.space.name, entry.model)
    return added.add(name, Source.FOLDER, entry.space.dim, signature=signature, **found)


def add_service(service: Service, key: str) -> str:
    """Lists a service's model as a space, after asking it for one vector; the space's name."""
    dim = openai_api.probe(service.model, key or environment_key(service), service.url)
    return added.add(
        added.free_name(service.model, service.url + service.model),
        Source.API,
        dim,
        model=service.model,
        url=service.url,
        key_variable=service.key_variable,
    )


def _measure(name: str, folder: Path) -> int:
    """The dimension of a model's vectors; loads it, which shows that it can be loaded."""
    return SentenceTransformerEncoder(Space(name, name, 0, (Modality.TEXT,)), folder).dim


def _with_state(entry: SpaceEntry) -> SpaceEntry:
    if entry.source is Source.API:
        digest = f"api {entry.url} {entry.model} {entry.space.dim}"
        has_key = bool(environment_key(entry))
        variable = (
            f"Set the variable {entry.key_variable}, or type" if entry.key_variable else "Type"
        )
        return replace(
            entry,
            digest=data_home.sha256(digest.encode()),
            state=READY if has_key else NEEDS_KEY,
            remedy="" if has_key else f"{variable} the key in the app, on the page Sentences.",
        )
    is_file = entry.source is Source.CLIP and Path(entry.model).is_absolute()
    if entry.source in (Source.FOLDER, Source.CNN) or is_file:
        return replace(entry, state=READY, folder=Path(entry.model))
    needed = (WEIGHTS,) if entry.source is Source.CLIP else ()
    folder = hub.find_snapshot(entry.model, needed=needed)
    if folder is None:
        size = f" ({entry.size})" if entry.size else ""
        remedy = (
            "Download it in the app, on the page Sentences, or copy its files here and add the "
            "folder there."
        )
        if entry.source is Source.CLIP:
            remedy = (
                "Download it in the app, on the page Images, or add its weights there as a file."
            )
        return replace(entry, state=f"needs download{size}", remedy=remedy)
    digest = data_home.sha256(f"hub {entry.model} {folder.name}".encode())
    return replace(entry, state=READY, folder=folder, digest=digest)
