"""The models and services that a person added to the list of spaces: a JSON file each.

Keys of services are never in it.
"""

from __future__ import annotations

import json
from pathlib import Path

from core.base.errors import NOT_AS_WRITTEN, ExplorerError
from core.base.types import Modality, Space
from core.spaces import catalog, settings
from core.spaces.entry import DAMAGED, SpaceEntry, SpaceSpec
from core.spaces.sources.addable import AddableSource, description_path, descriptions_folder
from core.spaces.sources.folder import FOLDER
from core.storage import data_home

_WHERE_GIVEN = ("url", "key_variable", "recipe", "digest", "signature", "settings")


def list_added() -> list[SpaceEntry]:
    """What was added, with its state now."""
    known = {spec.space.name for spec in catalog.known_spaces()}
    paths = sorted(descriptions_folder().glob("[!.]*.json"))
    return [_read(path) for path in paths if path.stem not in known]


def add(entry: SpaceEntry) -> str:
    """Lists a space that its kind has probed; its name, with digits where another space has it."""
    spec = entry.spec
    if spec in entry.source.known:
        return spec.space.name
    name = _free_name(spec)
    about = {"format": 1, "name": name, "source": entry.source.name, "dim": spec.space.dim}
    about["model"] = spec.model
    about |= {field: value for field in _WHERE_GIVEN if (value := getattr(spec, field))}
    data_home.write_file(description_path(name), json.dumps(about, indent=1).encode())
    return name


def _free_name(spec: SpaceSpec) -> str:
    name = data_home.safe_name(spec.space.name)
    taken = {known.space.name for known in catalog.known_spaces()}
    taken |= {path.name for path in (data_home.data_home() / data_home.OWN).glob("*")}
    path = description_path(name)
    if name in taken or (path.is_file() and _identity(_read(path).spec) != _identity(spec)):
        name = f"{name}-{data_home.sha256(_identity(spec).encode('utf-8', 'surrogatepass'))[:6]}"
    return name


def _identity(spec: SpaceSpec) -> str:
    """What tells an added space from another of its name."""
    told = f"{spec.model} {spec.recipe}" if spec.recipe else spec.url + spec.model
    return f"{told} {spec.settings}" if spec.settings else told


def _read(path: Path) -> SpaceEntry:
    """The space that a JSON file describes."""
    sources = {one.name: one for one in catalog.SOURCES if isinstance(one, AddableSource)}
    try:
        with data_home.storage_errors("read", path):
            about = json.loads(path.read_bytes())
        source = sources[about["source"]]
        space = Space(path.stem, path.stem, int(about["dim"]), source.modalities)
        spec = SpaceSpec(
            space,
            model=str(about["model"]),
            url=str(about.get("url", "")),
            key_variable=str(about.get("key_variable", "")),
            recipe=str(about.get("recipe", "")),
            digest=str(about.get("digest", "")),
            signature=str(about.get("signature", "")),
            settings=str(about.get("settings", "")),
        )
        settings.read(spec.settings)
        spec = source.described(spec)
    except (ExplorerError, *NOT_AS_WRITTEN):
        unknown = SpaceSpec(Space(path.stem, path.stem, 0, (Modality.TEXT,)))
        remedy = f"Its description “{path}” cannot be read: delete the file and add it again."
        return SpaceEntry(unknown, FOLDER, DAMAGED, remedy=remedy)
    return source.entry(spec)
