"""What is ready on this computer, and what a click would add: for the page Home.

Nothing is loaded, measured for long or asked of the network, and torch is not imported.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import counted
from core.base.memory import RESERVE, available_bytes, format_bytes, total_bytes
from core.base.types import Modality
from core.generation.device import may_have_gpu
from core.generation.large import added as added_large, files as large_files
from core.generation.large.catalog import FOLDER, LARGE
from core.generation.small.models import OWN
from core.graphs import models as graph_models, sources
from core.graphs.catalog import KNOWN
from core.images import galleries as gallery_list
from core.images.public import catalog as public_catalog, sets as public_sets
from core.sentences import datasets
from core.spaces.entry import SpaceEntry
from core.storage import data_home


@dataclass(frozen=True, slots=True)
class Ready:
    """Things of one kind that can be used now, by name, and what they are."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be added, and the place where one click does so.

    Attributes:
        page: its name; ``params`` lead to the right tool of it.
        size: of the download or of what is made, for people.
        command: what has to be typed where no page can do it.
    """

    kind: str
    title: str
    size: str
    page: str = ""
    params: Mapping[str, str] | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer and this server on it; sizes in bytes."""

    server_memory: int
    free_memory: int
    free_disk: int | None
    threads: int
    cores: int
    device: str
    device_told: str


def ready(entries: list[SpaceEntry]) -> list[Ready]:
    """What can be used now; ``entries`` as ``spaces.list_spaces`` gives them."""
    own = [entry for entry in datasets.list_datasets() if entry.digest]
    galleries = [entry for entry in gallery_list.list_galleries() if entry.digest]
    graphs = [known.title for known in KNOWN.values() if sources.state(known) == "ready"]
    words = [one for one in entries if _has_own_words(one)]
    found = (
        Ready("Embedding models", tuple(one.space.title for one in entries if one.ready)),
        Ready("Vocabularies", tuple(one.space.title for one in words if one.built)),
        Ready("Texts", tuple(f"{one.name} ({counted(one.rows, 'row')})" for one in own)),
        Ready("Galleries", tuple(one.name for one in galleries)),
        Ready("Graphs", (*graphs, *sources.list_own())),
        Ready("Graph models", tuple(graph_models.list_kept())),
        Ready("Generators", (*(model.title for model in OWN.values()), *_large_here())),
    )
    return [one for one in found if one.names]


def offers(entries: list[SpaceEntry]) -> list[Offer]:
    """What is not here and could be: made here, downloaded, or installed."""
    return [
        *_vocabularies(entries),
        *_spaces(entries),
        *(
            Offer("Graphs", known.title, known.size_told, "graph", {"graph": known.name})
            for known in KNOWN.values()
            if sources.state(known) != "ready"
        ),
        *(
            Offer(
                "Pictures", known.title, public_sets.size(known), "images", {"see": "Your pictures"}
            )
            for known in public_catalog.PUBLIC_SETS
            if not public_sets.galleries_of(known)
        ),
        *_large_offers(),
    ]


def machine() -> Machine:
    """This computer now."""
    import psutil

    server = psutil.Process()
    return Machine(
        server.memory_info().rss,
        available_bytes(),
        _free_disk(data_home.data_home()),
        server.num_threads(),
        os.cpu_count() or 1,
        *_device(),
    )


def _vocabularies(entries: list[SpaceEntry]) -> list[Offer]:
    """Words that are encoded when they are first needed."""
    count = 30_000  # words of the list; told, not relied on
    return [
        Offer(
            "Vocabularies",
            f"{one.space.title}: its words",
            f"about {format_bytes(count * one.space.dim * 4)}, made here",
            "words",
            {"space": one.space.name},
        )
        for one in entries
        if _has_own_words(one) and not one.built
    ]


def _has_own_words(entry: SpaceEntry) -> bool:
    """Whether it has words, and not those of another embedding model."""
    words = entry.ready and Modality.WORD in entry.space.modalities
    return words and entry.source.texts_kept_by(entry) is entry


def _spaces(entries: list[SpaceEntry]) -> list[Offer]:
    found = []
    for one in entries:
        if one.ready:
            continue
        if one.downloadable:
            page = "images" if Modality.IMAGE in one.space.modalities else "sentences"
            offer = Offer(
                "Embedding models", one.space.title, one.spec.size, page, {"space": one.space.name}
            )
        else:
            offer = Offer("Embedding models", one.space.title, one.state, command=one.remedy)
        found.append(offer)
    return found


def _large_here() -> list[str]:
    here = [spec.title for spec in LARGE if large_files.find(spec.repository) is not None]
    for one in added_large.list_added():
        is_folder = one.name.startswith(FOLDER)
        if one.pipeline and (
            Path(one.source).is_dir() if is_folder else large_files.find(one.source) is not None
        ):
            here.append(one.source)
    return here


def _large_offers() -> list[Offer]:
    """The known models that are not here, may be downloaded, and would fit."""
    room = int(total_bytes() * (1 - RESERVE))
    gpu = may_have_gpu()
    return [
        Offer(
            "Generators",
            spec.title,
            f"about {format_bytes((spec.half_bytes if gpu else spec.plain_bytes) * 1e9)}",
            "generate",
            {"tool": "Models"},
        )
        for spec in LARGE
        if not spec.pickled
        and (gpu or spec.memory("float16") <= room)
        and large_files.find(spec.repository) is None
    ]


def _device() -> tuple[str, str]:
    """Where networks run, and what is known of it; torch is asked only if it is there already."""
    if not may_have_gpu():
        return "CPU", "There is no GPU that PyTorch could use."
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "cuda") or not hasattr(torch, "backends"):
        return "GPU?", "There may be a GPU: it is looked at when a network is first used."
    if torch.cuda.is_available():
        return "GPU", f"It is {torch.cuda.get_device_name()}."
    if torch.backends.mps.is_available():
        return "GPU", "It is Apple's, by Metal."
    return "CPU", "There is a GPU, but this build of PyTorch does not use it."


def _free_disk(home: Path) -> int | None:
    """Bytes that are free where the data home lies, or will; ``None`` where it cannot be told."""
    place = next((one for one in (home, *home.parents) if one.is_dir()), None)
    try:
        return None if place is None else shutil.disk_usage(place).free
    except OSError:
        return None
