"""Models whose files lie on this computer, where a person keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.base.errors import InputError, shorten
from core.base.types import Progress, Space
from core.readers import isolated
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
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
