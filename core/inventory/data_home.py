"""What the data home holds, thing by thing, and deleting some of it.

Nothing outside the data home is ever touched: links are not followed, a link itself is deleted as a
link. What a living process is writing stays.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from core.base.errors import InputError, NotReadyError, StorageError, counted, shorten
from core.base.types import Progress, no_progress
from core.inventory import names
from core.inventory.sizes import inside, is_link, measure
from core.storage import cleanup, data_home, downloads, locks

RECENT = 30.0  # seconds in which another process may go on writing what it wrote to last


class Again(StrEnum):
    """What it costs to have a thing again."""

    BUILT = "is computed again when it is needed"
    FETCHED = "must be downloaded again"
    ADDED = "must be added to the list again"
    NEVER = "cannot be had again"


@dataclass(frozen=True, slots=True)
class Kind:
    """Things of one folder of the data home.

    Attributes:
        whole: whether all in the folder is one thing.
    """

    title: str
    folder: str
    again: Again
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A thing in the data home.

    Attributes:
        id: its path in the data home.
        name: for people.
        size: bytes on the disk.
        files: how many, links among them.
        written: when something in it was last written, in seconds since 1970.
        cost: of having it again, as the end of a sentence.
    """

    id: str
    kind: str
    name: str
    path: Path
    size: int
    files: int
    written: float
    again: Again
    cost: str

    @property
    def title(self) -> str:
        """Kind and name: what tells it from all others."""
        return f"{self.kind}: {self.name}"


KINDS = (
    Kind("Vocabularies", "vocabularies", Again.BUILT),
    Kind("Imported embeddings", data_home.OWN, Again.NEVER),
    Kind("Text datasets", "datasets", Again.NEVER),
    Kind("Vectors of texts", "texts", Again.BUILT),
    Kind("Galleries", "galleries", Again.NEVER),
    Kind("Indexes of archives of pictures", "archives", Again.BUILT),
    Kind("Vectors of pictures", "pictures", Again.BUILT),
    Kind("Thumbnails", "thumbnails", Again.BUILT, whole=True),
    Kind("Networks", "networks", Again.BUILT),
    Kind("Maps", "maps", Again.BUILT),
    Kind("Tags", "tags", Again.NEVER, whole=True),
    Kind("Marked pairs", "marks", Again.NEVER, whole=True),
    Kind("Indexes", "indexes", Again.BUILT),
    Kind("Notes of exported indexes", "exported-indexes", Again.NEVER, whole=True),
    Kind("Graphs", "graphs", Again.NEVER),
    Kind("Graph models", "graph-models", Again.BUILT),
    Kind("Trained heads", "heads", Again.BUILT),
    Kind("Trainings begun", "head-checkpoints", Again.BUILT, whole=True),
    Kind("Hub models", "hub", Again.FETCHED),
    Kind("Partial downloads", "downloads", Again.FETCHED),
    Kind("Generated pictures", "history", Again.NEVER, whole=True),
    Kind("Exports", "exports", Again.BUILT),
    Kind("Saved vectors", "shelves", Again.NEVER, whole=True),  # their names are secrets
    Kind("Dropped pictures", "dropped", Again.NEVER, whole=True),
    Kind("Selections in links", "selections", Again.NEVER, whole=True),
    Kind("Lessons done", "lessons", Again.NEVER, whole=True),
    Kind("Added embedding models", "spaces", Again.ADDED),
    Kind("Added generators", "generators", Again.ADDED),
    Kind("PyKEEN's folder", "pykeen", Again.BUILT, whole=True),
)
LEFT = "Unfinished"  # what is being written, or was left


def list_held(progress: Progress = no_progress) -> list[Held]:
    """All there is, the largest first.

    Raises:
        Cancelled: by ``progress``.
    """
    home = data_home.data_home()
    found: list[Held] = []
    for number, kind in enumerate(KINDS):
        progress(number, len(KINDS), "kinds measured")
        found += list(_of_kind(home, kind))
    for path in cleanup.unfinished(home):
        cost = "was never whole"
        if cleanup.belongs(path, home):
            cost = "is being written"
        found.append(_held(home, LEFT, path, path.name, (Again.BUILT, cost)))
    progress(len(KINDS), len(KINDS), "kinds measured")
    return sorted(found, key=lambda held: (-held.size, held.id))


def total(progress: Progress = no_progress) -> tuple[int, int]:
    """Bytes and files of the data home."""
    size, files, _ = measure(data_home.data_home(), progress)
    return size, files


def delete(held: Held) -> None:
    """Deletes a thing.

    Raises:
        InputError: it is not in the data home.
        NotReadyError: a living process is writing it.
        StorageError: it cannot be deleted.
    """
    home = data_home.data_home()
    _require_inside(held, home)
    _require_free(held, home)
    if not is_link(held.path) and (held.path / ".lock").exists():
        with downloads.alone(held.path, held.name):
            pass  # nobody is downloading it
    data_home.delete(held.path)


def delete_all(chosen: list[Held]) -> list[tuple[Held, StorageError | NotReadyError | InputError]]:
    """Deletes things one by one; gives those that stayed, and why."""
    stayed: list[tuple[Held, StorageError | NotReadyError | InputError]] = []
    for held in chosen:
        try:
            delete(held)
        except (StorageError, NotReadyError, InputError) as error:
            stayed.append((held, error))
    return stayed


def _of_kind(home: Path, kind: Kind) -> Iterator[Held]:
    folder = home / kind.folder
    if is_link(folder):
        cost = (Again.ADDED, "is a link: what it leads to stays")
        yield _held(home, kind.title, folder, kind.folder, cost)
        return
    if kind.whole:
        found = _held(home, kind.title, folder, kind.title, (kind.again, str(kind.again.value)))
        if found.files:
            yield replace(found, name=counted(found.files, "file"))
        return
    for path in sorted(inside(folder)):
        if not path.name.startswith("."):
            yield _held(home, kind.title, path, *_told(kind, path))


def _told(kind: Kind, path: Path) -> tuple[str, tuple[Again, str]]:
    """A thing's name, and what having it again costs, by what it is."""
    name, again = names.name(kind.folder, path), kind.again
    if path.name.endswith(cleanup.PARTS):
        return f"{name}, begun", (Again.BUILT, "is begun anew")
    if kind.folder in ("graphs", "galleries") and names.is_public(kind.folder, path):
        again = Again.FETCHED
    cost = str(again.value)
    if kind.folder == "galleries" and names.is_linked(path):
        again, cost = Again.ADDED, "must be added again; its pictures stay where they are"
    elif kind.folder == "texts" and names.is_of_service(path):
        cost = "is computed again by the service, which may charge for it"
    elif kind.folder in ("graph-models", "heads"):
        cost = "must be trained again"
    return name, (again, cost)


def _held(home: Path, kind: str, path: Path, name: str, cost: tuple[Again, str]) -> Held:
    size, files, written = measure(path)
    id_ = path.relative_to(home).as_posix()
    return Held(id_, kind, name, path, size, files, written, *cost)


def _require_inside(held: Held, home: Path) -> None:
    """The path as it is written and as the system sees it must lie in the data home."""
    parts = held.path.relative_to(home).parts if home in held.path.parents else ()
    parents = [home.joinpath(*parts[:at]) for at in range(1, len(parts))]
    if not parts or ".." in parts or any(is_link(parent) for parent in parents):
        raise InputError(
            f"“{shorten(held.title)}” does not lie in the data folder.",
            "Only what lies there is deleted here.",
            "Delete it by other means.",
        )


def _require_free(held: Held, home: Path) -> None:
    own = [held.path] if held.kind == LEFT else []
    beside = [
        path for path in inside(held.path.parent) if path.name.startswith(f".{held.path.name}.")
    ]
    busy = [*own, *beside, *(() if is_link(held.path) else cleanup.unfinished(held.path))]
    written = measure(held.path)[2]
    if any(cleanup.belongs(path, home) for path in busy) or (
        time.time() - written < RECENT and locks.others(home)
    ):
        raise NotReadyError(
            f"“{shorten(held.title)}” is being written, or was just now.",
            "What a running server or command may still be writing stays.",
            "Wait until that has ended, and delete it then.",
        )
