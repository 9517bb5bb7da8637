"""Every generator that can draw here, and opening one; nothing heavy is imported for the list."""

from __future__ import annotations

from typing import Any

from core.base.errors import InputError, shorten
from core.generation.large import checkpoints, registry as large_models
from core.generation.large.entry import GUIDANCE, STEPS, LargeEntry
from core.generation.request import Generator
from core.generation.small import weights
from core.generation.small.generator import SmallGenerator
from core.generation.small.models import EMOJI, OWN
from core.spaces.sources import model_files

DEFAULT = EMOJI.name
_OWN_STEPS = 20  # of ours
_AT_ONCE = 4  # images that ours draws of a prompt, in less than a second
SIDES = (64, 128, 256, 512, 768, 1024)  # of the squares that ours draws, in pixels


def names() -> list[str]:
    """Those that are ready, ours first."""
    return [*OWN, *(entry.name for entry in large_models.list_large() if entry.ready)]


def title(name: str) -> str:
    """What people call it."""
    if name in OWN:
        return OWN[name].title
    entry = _find(name)
    return name if entry is None else entry.title


def defaults(name: str) -> dict[str, Any]:
    """Steps and guidance that suit a generator."""
    if name in OWN:
        return {"steps": _OWN_STEPS, "guidance": OWN[name].guidance}
    entry = _find(name)
    if entry is None:  # a folder that is not listed
        return {"steps": STEPS, "guidance": GUIDANCE}
    return {"steps": entry.steps, "guidance": entry.guidance}


def defaults_of(generator: Generator) -> dict[str, Any]:
    """The same of one that was opened, listed or not."""
    network = getattr(generator, "network", None)  # of a checkpoint
    if network is None:
        return defaults(generator.name)
    return {"steps": network.steps, "guidance": network.guidance}


def images(name: str) -> int:
    """How many images of a prompt a generator draws where nobody says."""
    return _AT_ONCE if name in OWN else 1


def _find(name: str) -> LargeEntry | None:
    return next((entry for entry in large_models.list_large() if entry.name == name), None)


def digest(name: str) -> str:
    """Stands for what a generator draws with: its weights, or their folder as it is now.

    Raises:
        StorageError: the files of ours are damaged.
    """
    if name in OWN:
        return weights.read_digest(OWN[name].folder)
    entry = _find(name)
    if entry is None or entry.folder is None:
        return ""
    files = [entry.folder]
    if entry.network is not None:
        files += checkpoints.beside(entry.folder, entry.network)
    return " ".join(f"{file} {model_files.signature(file)}" for file in files)


def open_generator(name: str) -> Generator:
    """A generator, ready to draw; its weights are read when it first does.

    Raises:
        InputError: there is none of this name, or its folder holds no model.
        NotReadyError: its weights are not here.
    """
    if name in OWN:
        return SmallGenerator(OWN[name])
    known = [*OWN, *(entry.name for entry in large_models.list_large())]
    if name not in known:
        raise InputError(
            f"There is no generator called “{shorten(name)}”.",
            f"Known: {', '.join(known)}.",
            "Choose one of these, or add a repository or folder in the app, on the page Generate.",
        )
    return large_models.open_large(name)
