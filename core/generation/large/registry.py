"""The large models: which there are and in what state, their download, and opening them.

Nothing heavy is imported before one is opened, and the network is asked only where a person asks.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import InputError, NotReadyError
from core.base.memory import format_bytes
from core.base.types import Progress, no_progress
from core.generation.device import machine, most_memory, speed
from core.generation.large import added as added_large, checkpoints, entry, files
from core.generation.large.added import Added
from core.generation.large.catalog import FOLDER, HUB, LARGE, find_spec
from core.generation.large.entry import (
    GATED,
    MEMORY,
    PICKLED,
    READY,
    VOCABULARY,
    LargeEntry,
    spell_seconds,
)
from core.generation.large.model_index import INDEX
from core.generation.large.spec import LargeSpec

if TYPE_CHECKING:
    from core.generation.large.generator import LargeGenerator
    from core.generation.large.glide_generator import GlideGenerator
    from core.generation.large.guided_generator import GuidedGenerator


def list_large() -> list[LargeEntry]:
    """All large models with their states: the known ones, then those that were added."""
    known = [_known(spec) for spec in LARGE]
    return known + [_added(one) for one in added_large.list_added()]


def find_large(name: str) -> LargeEntry:
    """A large model by its name; NotReadyError where it is not listed."""
    spec = find_spec(name)
    return _known(spec) if spec else _added(added_large.find(name))


def open_large(name: str) -> LargeGenerator | GuidedGenerator | GlideGenerator:
    """A generator; its weights are read when it first draws.

    Raises:
        NotReadyError: it is not listed, or must be downloaded first.
        InputError: its folder is not whole, or of a kind that cannot be opened.
    """
    from core.generation.large.generator import LargeGenerator

    found = find_large(name)
    if found.folder is None:
        raise NotReadyError(f"{found.title}: {found.state}.", "", found.remedy)
    if found.network is not None:
        return checkpoints.open_file(found.name, found.folder, found.network)
    return LargeGenerator(found.name, found.title, found.folder, side=found.side)


def open_folder(path: Path) -> LargeGenerator | GuidedGenerator | GlideGenerator:
    """A generator from a folder or file of this computer, listed or not, named as a listed one.

    Raises:
        InputError: it is no folder, or not whole, or of a kind that cannot be opened.
        OutOfMemoryError: a file has no room.
    """
    from core.generation.large.generator import LargeGenerator

    if checkpoints.is_checkpoint(path):
        file = path.resolve()
        return checkpoints.open_file(f"{FOLDER}{file}", file, checkpoints.recognize_file(file))
    folder = added_large.given_folder(path)
    return LargeGenerator(f"{FOLDER}{folder}", folder.name, folder)


def download_large(name: str, progress: Progress = no_progress) -> Path:
    """Downloads a listed model of a hub; its folder. Goes on where an earlier try stopped.

    Raises:
        InputError: no such model, closed to this person, no model of diffusers, only pickled; or
            it is a folder of this computer.
        ServiceError, StorageError, NotReadyError, Cancelled: as of ``files.download``.
    """
    found = find_large(name)
    if not found.repository:
        raise InputError(
            f"{found.title} is a folder of this computer.", "", "It needs no download."
        )
    return files.download(found.repository, progress, half=wants_half())


def add_repository(name: str) -> str:
    """Lists any repository of the hub by its name; errors as of ``added_large``."""
    return added_large.add_repository(name, half=wants_half())


def add_folder(path: Path) -> str:
    """Lists a folder of this computer; errors as of ``added_large``."""
    return added_large.add_folder(path, half=wants_half())


def remove(name: str) -> None:
    """Takes an added model off the list; its files stay."""
    added_large.remove(name)


def wants_half() -> bool:
    """Whether models compute in half precision here, and so are downloaded in it."""
    return machine().device != "cpu"


def _known(spec: LargeSpec) -> LargeEntry:
    size = format_bytes((spec.half_bytes if wants_half() else spec.plain_bytes) * 1e9)
    memory = f"{format_bytes(spec.memory('float32'))}, or {format_bytes(spec.memory('float16'))}"
    folder = files.find(spec.repository)
    state, remedy = READY, ""
    if spec.memory("float16") > most_memory():
        state, remedy = _no_room(spec.memory("float16"))
    elif folder is None:
        state, remedy = _missing(spec, size)
    passes = spec.steps * (2 if spec.guidance > 1 else 1)
    seconds = (passes * spec.step_work + spec.rest_work) * 1e9 / speed()
    return LargeEntry(
        spec.name,
        spec.title,
        spec.about,
        spec.licence,
        f"about {size}",
        f"about {memory} in half precision",
        spec.gated,
        state,
        remedy,
        seconds,
        f"{spell_seconds(seconds)} ({spec.steps} steps, {spec.side} × {spec.side})",
        spec.repository,
        spec.side,
        spec.steps,
        spec.guidance,
        folder,
        spec.page,
    )


def _missing(spec: LargeSpec, size: str) -> tuple[str, str]:
    """State and remedy of a model that is not on this computer."""
    if spec.pickled:
        return PICKLED, (
            "The hub has it only as pickled files, which are never opened here. Where you trust "
            "them, save it anew on another computer by diffusers' save_pretrained, and add that "
            "folder."
        )
    if spec.gated and not _has_token():
        return GATED, (
            f"Accept its terms on {spec.page}, set HF_TOKEN to your token, and start again."
        )
    return f"needs download ({size})", "Download it here, or add a folder that holds it."


def _has_token() -> bool:
    from huggingface_hub import get_token

    return bool(get_token())


def _no_room(needed: int) -> tuple[str, str]:
    told = f"It wants about {format_bytes(needed)}; this computer can give "
    return MEMORY, f"{told}{format_bytes(most_memory())}. Choose a smaller one."


def _added(one: Added) -> LargeEntry:
    """The entry of a model of which only its files are known."""
    if not one.pipeline:
        told = f"Its description “{one.path}” cannot be read: remove it and add the model again."
        return LargeEntry(one.name, one.name, "", "", "", "", False, "damaged", told, added=True)
    is_folder = one.name.startswith(FOLDER)
    folder = Path(one.source) if is_folder else files.find(one.source)
    smallest = one.weights if one.half else one.weights // 2
    state, remedy = READY, ""
    network = checkpoints.find(one.pipeline)
    here = Path(one.source) if network else Path(one.source) / INDEX
    if is_folder and not here.is_file():
        folder, state = None, "missing"
        remedy = "Its folder is not there any more: put it back, or remove the model."
    elif smallest > most_memory():
        state, remedy = _no_room(smallest)
    elif folder is None:
        state = f"needs download ({format_bytes(one.size)})"
        remedy = "Download it here."
    elif network is not None and (lacking := checkpoints.lacks(here, network)):
        state, remedy = VOCABULARY, lacking
    title = Path(one.source).name if is_folder else one.source
    if network is not None:
        return entry.of_checkpoint(one, network, state, remedy)
    return LargeEntry(
        one.name,
        title,
        f"{one.pipeline} of diffusers, " + ("in a folder." if is_folder else "from the hub."),
        "see its page" if not is_folder else "see its files",
        format_bytes(one.size),
        f"more than {format_bytes(smallest)}",
        False,
        state,
        remedy,
        repository="" if is_folder else one.source,
        folder=folder,
        page="" if is_folder else f"https://huggingface.co/{one.source}",
        added=True,
    )


__all__ = [
    "FOLDER",
    "HUB",
    "LargeEntry",
    "add_folder",
    "add_repository",
    "download_large",
    "find_large",
    "list_large",
    "open_folder",
    "open_large",
    "remove",
    "spell_seconds",
]
