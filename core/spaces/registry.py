"""The spaces that are here: listing them with their state, and loading their vocabularies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from core.base.errors import InputError, NotReadyError, StorageError, shorten
from core.base.types import Modality, Space
from core.spaces import (
    catalog,
    frequent_words,
    texts as text_spaces,
    vocabulary_files,
)
from core.spaces.catalog import SPACES, Source
from core.spaces.encoders import classical, spacy_vectors
from core.spaces.encoders.minilm import recipe as minilm_recipe
from core.spaces.entry import READY, SpaceEntry
from core.storage import data_home


def list_spaces() -> list[SpaceEntry]:
    """Every space: the catalog's, installed spaCy packages, added models and imported files."""
    installed = {package.name: package for package in spacy_vectors.installed_packages()}
    entries = [_catalog_entry(spec, installed) for spec in SPACES]
    known = {entry.space.name for entry in entries}
    entries += [_spacy_entry(package) for name, package in installed.items() if name not in known]
    entries += text_spaces.added_entries()
    taken = {entry.space.name for entry in entries}
    for entry in _own_entries():  # a folder that was put there by hand may be called as another
        called = data_home.distinct_name(entry.space.name, taken, "{}-{}")
        taken.add(called)
        entries.append(replace(entry, space=replace(entry.space, name=called)))
    return entries


def find_space(name: str, modality: Modality | None = None) -> SpaceEntry:
    """The space called ``name``, ready to load; with ``modality``, one that takes such inputs.

    Raises:
        InputError: there is none of this name, or it does not take such inputs.
        NotReadyError: it must be installed first.
    """
    entries = {
        entry.space.name: entry
        for entry in list_spaces()
        if modality is None or modality in entry.space.modalities or not entry.space.modalities
    }  # what a damaged one takes is not known
    if name not in entries:
        of_kind = f" of {modality.value}s" if modality is not None else ""
        raise InputError(
            f"There is no space{of_kind} called “{shorten(name)}”.",
            f"Known: {', '.join(entries)}.",
            "Choose one of these, or bring your own.",
        )
    entry = entries[name]
    if not entry.ready:
        raise NotReadyError(
            f"The space {entry.space.title} is not ready: {entry.state}.", "", entry.remedy
        )
    return entry


def _catalog_entry(
    spec: catalog.SpaceSpec, installed: dict[str, spacy_vectors.SpacyPackage]
) -> SpaceEntry:
    if spec.source is Source.MINILM:
        recipe = f"{minilm_recipe(spec.layer)} | {frequent_words.recipe()}"
        digest = data_home.digest_bytes(recipe.encode())
        folder = data_home.data_home() / "vocabularies" / f"{spec.space.name}-{digest[:12]}"
        return SpaceEntry(
            spec.space, spec.source, spec.about, READY, digest, folder, layer=spec.layer
        )
    if spec.source in (Source.HUB, Source.API, Source.CLIP):
        return text_spaces.catalog_entry(spec)
    if spec.source is Source.CLASSICAL:
        digest = data_home.sha256(classical.recipe().encode())
        return SpaceEntry(spec.space, spec.source, spec.about, READY, digest)
    package = installed.get(spec.space.name)
    if package is not None:
        return _spacy_entry(package, spec.about)
    command = spec.install.replace("python", sys.executable, 1)
    remedy = f"Install it ({spec.size} to download): {command}"
    return SpaceEntry(
        spec.space,
        spec.source,
        spec.about,
        f"needs package ({spec.install})",
        "",
        remedy=remedy,
    )


def _spacy_entry(package: spacy_vectors.SpacyPackage, about: str = "") -> SpaceEntry:
    space = Space(package.name, f"spaCy {package.name}", package.dim, (Modality.WORD,))
    about = about or f"Vectors of the installed spaCy package {package.name} {package.version}."
    return SpaceEntry(space, Source.SPACY, about, READY, package.digest, package.folder)


def own_folder() -> Path:
    """Where a person's own vector files lie, one folder a space."""
    return data_home.data_home() / data_home.OWN


def _own_entries() -> Iterator[SpaceEntry]:
    if not own_folder().is_dir():
        return
    for folder in sorted(own_folder().iterdir()):
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        try:
            about = vocabulary_files.read_about(folder)
        except StorageError as error:
            space = Space(folder.name, folder.name, 0, ())
            yield SpaceEntry(
                space, Source.OWN, str(error), "damaged", "", folder, remedy=error.remedy
            )
            continue
        text = f"Your own {about.count:,} words. {' '.join(about.notes)}"
        space = replace(about.space, name=folder.name)  # which may be a renamed copy of another's
        yield SpaceEntry(space, Source.OWN, text, READY, about.digest, folder)
