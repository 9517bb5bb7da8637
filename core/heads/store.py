"""Keeping a trained head as a space of its own, and writing it into a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import InputError, shorten
from core.base.types import Modality
from core.heads import export
from core.heads.measures import Compared
from core.heads.watch import Trained
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.spaces.sources import head as head_source
from core.spaces.sources.head import HeadFile, HeadSource
from core.storage import data_home


def told(compared: Sequence[Compared]) -> dict[str, dict[str, dict[str, float]]]:
    """Figures before and after, by column, as plain numbers."""
    return {
        when: {
            one.column: {
                "precision_at_10": figures.mean,
                "nearest": figures.nearest,
                "accuracy": figures.vote,
                **({} if one.zero_shot is None else {"zero_shot": one.zero_shot[at]}),
            }
            for one in compared
            for figures in ((one.before, one.after)[at],)
        }
        for at, when in enumerate(("before", "after"))
    }


def told_views(trained: Trained) -> dict[str, dict[str, float]]:
    """How often a view of a held-out item finds the other one, before and after."""
    both = trained.own_view or ()
    return {
        when: {"in_10": in_ten, "nearest": nearest}
        for when, (in_ten, nearest) in zip(("before", "after"), both, strict=False)
    }


@dataclass(frozen=True, slots=True)
class Origin:
    """What a head is trained on: the space, the kind of its items, and what they are of."""

    base: SpaceEntry
    modality: Modality
    data: str


def head_file(
    trained: Trained, compared: Sequence[Compared], name: str, origin: Origin
) -> HeadFile:
    """A trained head with all that is told of it."""
    parts = trained.parts
    about: Mapping[str, Any] = {
        "data": origin.data,
        "settings": trained.settings.as_dict(),
        "items": {
            "train": len(parts.train),
            "choosing": len(parts.choosing),
            "held_out": len(parts.held_out),
        },
        "epochs": len(trained.losses),
        "best_epoch": trained.best,
        "losses": list(trained.losses),
        "curve": [
            [one.epoch, one.precision, one.nearest]
            + ([] if one.zero_shot is None else [one.zero_shot])
            for one in trained.points
        ],
        "figures": told(compared),
        **({} if trained.own_view is None else {"own_view": told_views(trained)}),
        "seconds": trained.seconds,
        "notes": list(trained.notes),
    }
    # No label decided anything where views were trained on.
    columns = () if trained.settings.label_free else tuple(one.column for one in compared)
    digests = head_source.digests_of(origin.base)
    return HeadFile(
        name,
        trained.head,
        origin.base.space.name,
        digests,
        origin.modality,
        columns,
        about,
        trained.text_head,
    )


def require_free(name: str) -> str:
    """The name of a folder for a head; it must not be taken by another space.

    Raises:
        InputError: it is empty or taken.
    """
    safe = data_home.safe_name(name, fallback="")
    taken = {entry.space.name for entry in registry.list_spaces()}
    if not safe or safe in taken or head_source.head_folder(safe).exists():
        given = f"There is an embedding model “{shorten(safe)}” already." if safe else "No name."
        raise InputError(given, "A head needs a name of its own.", "Choose another name.")
    return safe


def free_name(wanted: str) -> str:
    """A name like ``wanted`` that no space has."""
    taken = {entry.space.name for entry in registry.list_spaces()}
    return data_home.distinct_name(data_home.safe_name(wanted, fallback="head"), taken, "{}-{}")


def heads_on(base: SpaceEntry, data: str) -> list[tuple[SpaceEntry, HeadFile]]:
    """The heads on a base that were trained on data of this name and can be used, newest first.

    Raises:
        StorageError: one of them cannot be read.
    """
    found = []
    for entry in registry.list_spaces():
        source = entry.source
        if not (isinstance(source, HeadSource) and source.base is not None and entry.ready):
            continue
        kept, _ = head_source.read(entry.require_folder())
        if source.base.space.name == base.space.name and kept.about.get("data") == data:
            found.append((entry, kept))
    found.sort(key=lambda one: one[0].require_folder().stat().st_mtime, reverse=True)
    return found


def keep(kept: HeadFile) -> SpaceEntry:
    """Keeps a head in the data home; the space that it is.

    Raises:
        InputError: its name is taken.
        StorageError: it cannot be written.
    """
    name = require_free(kept.name)
    write(kept, head_source.head_folder(name))
    return registry.find_space(name)


def write(kept: HeadFile, folder: Path) -> None:
    """Writes a head into a new folder, with what other programs take.

    Raises:
        StorageError: the folder is there already, or cannot be written.
    """
    head_source.write(kept, folder, more={export.README: export.usage(kept).encode()})
