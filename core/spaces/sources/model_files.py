"""Models whose files lie on this computer, where a person keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from core.base.errors import InputError, shorten
from core.base.types import Progress, Space
from core.readers import isolated
from core.spaces import settings
from core.spaces.encoders import prompts
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
from core.spaces.settings import Settings
from core.storage import data_home

_PATTERNS = ("*.json", "*.txt", "*.model", "*.safetensors")


def model_files(folder: Path) -> Iterator[Path]:
    """The files that decide what a model gives; a file is its own."""
    if folder.is_file():
        yield folder
    for pattern in _PATTERNS:
        yield from sorted(path for path in folder.rglob(pattern) if path.is_file())


def signature(folder: Path) -> str:
    """Sizes and times of a model's files: a change shows without reading them."""
    try:
        stats = [(file.name, file.stat()) for file in model_files(folder)]
    except OSError:
        return ""
    return data_home.sha256(repr([(n, s.st_size, s.st_mtime_ns) for n, s in stats]).encode())


def entry_of_files(source: Source, spec: SpaceSpec) -> SpaceEntry:
    """The space of a model at the path ``spec.model``: ready as long as its files are the same."""
    path = Path(spec.model)
    if spec.signature and spec.signature == signature(path):
        return SpaceEntry(spec, source, READY, spec.digest, path)
    remedy = "Its files are not those that were added: add it again."
    return SpaceEntry(spec, source, "changed", spec.digest, remedy=remedy)


def with_prompts(entry: SpaceEntry, name: str = "") -> SpaceEntry:
    """The same; what is put before texts by a person's wish or by the model's family, and the
    numbers that are kept, are part of what decides the vectors."""
    if entry.folder is None:
        return entry
    found = prompts.find(entry.folder, name, settings.read(entry.spec.settings))
    told = [entry.spec.settings]
    if found.source != prompts.OWN_FILES:
        told += [found.query, found.text]
    if not any(told):
        return entry
    return replace(entry, digest=data_home.sha256(repr((entry.digest, told)).encode()))


def shortened(dim: int, wanted: Settings) -> int:
    """The dimension of vectors of which the wished numbers are kept.

    Raises:
        InputError: the model gives fewer.
    """
    if wanted.dimensions > dim:
        raise InputError(
            f"The model gives vectors of {dim:,} numbers, not of {wanted.dimensions:,}.",
            "So many or fewer can be kept.",
            "Change the dimensions, or give 0 for all.",
        )
    return wanted.dimensions or dim


def told_settings(folder: Path | None, name: str, spec: SpaceSpec) -> str:
    """Sentences on prompts, pooling and dimensions of a sentence-transformers model."""
    wanted = settings.read(spec.settings)
    told = []
    if folder is not None:
        told.append(prompts.find(folder, name, wanted).told())
        if prompts.lacks_pooling(folder):
            told.append("It says nothing of pooling, so a vector is the mean of its tokens.")
    if wanted.dimensions:
        told.append(f"The first {wanted.dimensions:,} numbers of each vector are kept.")
    return " ".join(["", *filter(None, told)])


def measure(function: str, path: Path, progress: Progress, **arguments: object) -> int:
    """The dimension of a model's vectors; a child opens it, which shows that it can be used.

    Args:
        function: of ours, as ``isolated.run`` takes it; gives the dimension.
        arguments: of that function, beside ``path``.

    Raises:
        InputError: it is no model, one that cannot be used, or takes more than models of its size.
        Cancelled: by ``progress``.
    """
    size = sum(file.stat().st_size for file in model_files(path))
    return int(
        isolated.run(
            function,
            {"path": str(path), **arguments},
            name=path.name,
            limits=isolated.limits_for(size),
            progress=progress,
            libraries=("torch", "transformers"),
        )
    )


def given_weights(text: str) -> Path:
    """The file of weights that a person typed.

    Raises:
        InputError: there is none.
    """
    path = data_home.given_path(text)
    if not path.is_file():
        raise InputError(
            f"There is no file “{shorten(text)}” on this computer.",
            "A file of weights is needed: safetensors, or a PyTorch state_dict.",
            "Check the path.",
        )
    return path.resolve()


def weights_spec(space: Space, weights: Path, recipe: Mapping[str, object]) -> SpaceSpec:
    """The space of a network that is built by ``recipe`` and takes the file ``weights``."""
    written = json.dumps(recipe, sort_keys=True)
    return SpaceSpec(
        space,
        model=str(weights),
        recipe=written,
        digest=data_home.digest_bytes(written.encode(), data_home.digest_file(weights).encode()),
        signature=signature(weights),
    )
