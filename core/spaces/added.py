"""The models and services that a person added to the list of spaces: a JSON file each.

Keys of services are never in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from core.base.errors import ExplorerError, shorten
from core.base.types import Modality, Space
from core.spaces import catalog
from core.spaces.catalog import Source
from core.spaces.entry import SpaceEntry
from core.storage import data_home, hub

FOLDER = "spaces"
_SOURCES = {
    source.value: source
    for source in (Source.HUB, Source.FOLDER, Source.API, Source.CNN, Source.CLIP)
}
_TAKEN = {Source.CNN: (Modality.IMAGE,), Source.CLIP: (Modality.TEXT, Modality.IMAGE)}
_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")


def list_added() -> list[SpaceEntry]:
    """What was added, without its state unless it is unusable."""
    known = {spec.space.name for spec in catalog.SPACES}
    found = (_read(path) for path in sorted(_folder().glob("[!.]*.json")))
    return [entry for entry in found if entry.space.name not in known]


def add(name: str, source: Source, dim: int, **found: str) -> str:
    """Lists a space; ``found`` is what else ``SpaceEntry`` needs. Gives its name."""
    about = {"format": 1, "name": name, "source": source.value, "dim": dim, **found}
    data_home.write_file(_folder() / f"{name}.json", json.dumps(about, indent=1).encode())
    return name


def remove(entry: SpaceEntry) -> None:
    """Takes an added space off the list; downloads and vectors stay."""
    path = _folder() / f"{entry.space.name}.json"
    with data_home.storage_errors("delete", path):
        path.unlink(missing_ok=True)


def is_added(entry: SpaceEntry) -> bool:
    """Whether a person added it here."""
    return (_folder() / f"{entry.space.name}.json").is_file()


def free_name(wanted: str, identity: str) -> str:
    """``wanted`` as a space's name; with a few digits more where another space has it."""
    name = data_home.safe_name(wanted)
    taken = {spec.space.name for spec in catalog.SPACES}
    taken |= {path.name for path in (data_home.data_home() / data_home.OWN).glob("*")}
    path = _folder() / f"{name}.json"
    if name in taken or (path.is_file() and _identity(path) != identity):
        name = f"{name}-{data_home.sha256(identity.encode())[:6]}"
    return name


def model_files(folder: Path) -> Iterator[Path]:
    """The files that decide what a model gives; a file is its own."""
    if folder.is_file():
        yield folder
    for pattern in _FILES:
        yield from sorted(folder.rglob(pattern))


def signature(folder: Path) -> str:
    """Sizes and times of a model's files: a change shows without reading them."""
    try:
        stats = [(file.name, file.stat()) for file in model_files(folder)]
    except OSError:
        return ""
    return data_home.sha256(repr([(n, s.st_size, s.st_mtime_ns) for n, s in stats]).encode())


def _folder() -> Path:
    return data_home.data_home() / FOLDER


def _identity(path: Path) -> str:
    entry = _read(path)
    return f"{entry.model} {entry.recipe}" if entry.recipe else entry.url + entry.model


def _read(path: Path) -> SpaceEntry:
    """The space that a JSON file describes, its state empty unless the file says it is unusable."""
    try:
        with data_home.storage_errors("read", path):
            found = json.loads(path.read_bytes())
        source, model = _SOURCES[found["source"]], str(found["model"])
        if source is Source.HUB:
            hub.check_name(model)
        taken = _TAKEN.get(source, (Modality.TEXT,))
        space = Space(path.stem, path.stem, int(found["dim"]), taken)
        recipe = str(found.get("recipe", ""))
        url, key_variable = str(found.get("url", "")), str(found.get("key_variable", ""))
        urlsplit(url)  # an address that cannot be read
        digest = str(found.get("digest", ""))
    except (ExplorerError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return SpaceEntry(
            Space(path.stem, path.stem, 0, (Modality.TEXT,)),
            Source.FOLDER,
            "",
            "damaged",
            "",
            remedy=f"Its description “{path}” cannot be read: delete the file and add it again.",
        )
    abouts = {
        Source.HUB: f"The model {model} of the hub.",
        Source.FOLDER: f"The model in {model}.",
        Source.API: f"The model {shorten(model)} of the service at {url}: the texts "
        "are sent to it.",
        Source.CLIP: f"A CLIP of open_clip with the weights in {model}.",
        Source.CNN: f"Features of a network with the weights in {model}. Pictures only.",
    }
    entry = SpaceEntry(
        space,
        source,
        abouts.get(source, ""),
        "",
        digest,
        model=model,
        url=url,
        key_variable=key_variable,
        recipe=recipe,
    )
    of_files = source in (Source.FOLDER, Source.CNN, Source.CLIP)
    if of_files and str(found.get("signature")) != signature(Path(model)):
        return replace(
            entry, state="changed", remedy="Its files are not those that were added: add it again."
        )
    return entry
