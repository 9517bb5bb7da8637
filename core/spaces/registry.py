"""The spaces that are here: listing them with their state, and finding one by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from core.base.errors import InputError, NotReadyError, shorten
from core.base.types import Modality
from core.spaces import added, catalog
from core.spaces.entry import SpaceEntry
from core.spaces.sources.head import list_heads
from core.storage import data_home

_seen: ContextVar[list[SpaceEntry] | None] = ContextVar("seen", default=None)


def list_spaces() -> list[SpaceEntry]:
    """Every space: the known ones, added models, installed spaCy packages and imported files."""
    seen = _seen.get()
    if seen is None:
        return _look()
    if not seen:
        seen.extend(_look())
    return list(seen)


@contextmanager
def listed_once() -> Iterator[None]:
    """Within the block the spaces are looked up once, however often they are asked for.

    What changes meanwhile shows after it. Threads that are started in it look for themselves.
    """
    token = _seen.set([])
    try:
        yield
    finally:
        _seen.reset(token)


def find_space(name: str, modality: Modality | None = None) -> SpaceEntry:
    """The space called ``name``, ready to load; with ``modality``, one that takes such inputs.

    Raises:
        InputError: there is none of this name, or it does not take such inputs.
        NotReadyError: it must be installed first.
    """
    entries = _taking(modality, _known(name))
    if name not in entries:
        entries = _taking(modality, list_spaces())
    if name not in entries:
        of_kind = f" of {modality.value}s" if modality is not None else ""
        raise InputError(
            f"There is no embedding model{of_kind} called “{shorten(name)}”.",
            f"Known: {', '.join(entries)}.",
            "Choose one of these, or add your own.",
        )
    entry = entries[name]
    if not entry.ready:
        raise NotReadyError(
            f"The embedding model {entry.space.title} is not ready: {entry.state}.",
            "",
            entry.remedy,
        )
    return entry


def default_of_pictures() -> str:
    """The name of the model that encodes pictures where nobody has chosen one.

    Without the package that has its weights it is the one that always is here.
    """
    try:
        return find_space(catalog.DEFAULT_PICTURES).space.name
    except NotReadyError:
        return catalog.DEFAULT_SPACE


def _taking(modality: Modality | None, listed: list[SpaceEntry]) -> dict[str, SpaceEntry]:
    takes = (one for one in listed if modality is None or one.may_take(modality))
    return {one.space.name: one for one in takes}


def _known(name: str) -> list[SpaceEntry]:
    """The entry of a known space without looking at all others, where they were not looked at."""
    if _seen.get():
        return []
    return [
        source.entry(spec)
        for source in catalog.SOURCES
        for spec in source.known
        if spec.space.name == name
    ]


def _look() -> list[SpaceEntry]:
    entries = [source.entry(spec) for source in catalog.SOURCES for spec in source.known]
    entries += added.list_added()
    taken = {entry.space.name for entry in entries}
    for source in catalog.SOURCES:
        for entry in source.others():  # a folder put there by hand may be called as another
            name = data_home.distinct_name(entry.space.name, taken, "{}-{}")
            taken.add(name)
            spec = replace(entry.spec, space=replace(entry.space, name=name))
            entries.append(replace(entry, spec=spec))
    return entries + [one for one in list_heads(entries) if one.space.name not in taken]
