"""Word vectors of installed spaCy packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace

from core.base.types import Modality, Progress, Space
from core.knn.fast_scan import build_index
from core.spaces.encoders import spacy_vectors
from core.spaces.encoders.spacy_vectors import SpacyPackage, SpacyVectors
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded


class SpacySource(Source):
    """Found by what is installed."""

    name = "spacy"
    known = (
        SpaceSpec(
            Space("en_core_web_md", "spaCy en_core_web_md", 300, (Modality.WORD,)),
            "spaCy's English vectors, 20,000 of them shared by half a million words.",
            install="python -m spacy download en_core_web_md",
            size="31 MB",
        ),
        SpaceSpec(
            Space("en_core_web_lg", "spaCy en_core_web_lg", 300, (Modality.WORD,)),
            "spaCy's large English vectors.",
            install="python -m spacy download en_core_web_lg",
            size="382 MB",
        ),
    )

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Ready once its package is installed."""
        for package in spacy_vectors.installed_packages():
            if package.name == spec.space.name:
                spec = replace(spec, space=space_of(package))
                return SpaceEntry(spec, self, READY, package.digest, package.folder)
        command = spec.install.replace("python", sys.executable, 1)
        remedy = f"Install it ({spec.size} to download): {command}"
        state = f"needs package ({spec.install})"
        return SpaceEntry(spec, self, state, remedy=remedy, command=command)

    def others(self) -> Iterator[SpaceEntry]:
        """Installed packages with vectors."""
        known = {spec.space.name for spec in self.known}
        for package in spacy_vectors.installed_packages():
            if package.name not in known:
                about = f"Vectors of the installed spaCy package {package.name} {package.version}."
                yield self.entry(SpaceSpec(space_of(package), about))

    def vocabulary(self, entry: SpaceEntry, progress: Progress) -> Loaded:
        """The package's own words."""
        return load_words(spacy_vectors.open_folder(entry.require_folder()), entry.space)


def space_of(package: SpacyPackage) -> Space:
    """The space of a package's words."""
    return Space(package.name, f"spaCy {package.name}", package.dim, (Modality.WORD,))


def load_words(package: SpacyPackage, space: Space) -> Loaded:
    """The words of an installed package as the vocabulary of ``space``, and their index.

    Raises:
        as ``spacy_vectors.load_vectors``.
    """
    return _with_index(package, space, spacy_vectors.load_vectors(package))


def load_given(package: SpacyPackage, progress: Progress) -> Loaded:
    """The words of a folder that a person brought, and their index.

    Raises:
        as ``spacy_vectors.load_given``.
    """
    return _with_index(package, space_of(package), spacy_vectors.load_given(package, progress))


def _with_index(package: SpacyPackage, space: Space, words: SpacyVectors) -> Loaded:
    vocabulary = Vocabulary(
        space, words.words, words.vectors, package.digest, aliases=words.aliases
    )
    return vocabulary, build_index(words.vectors)


SPACY = SpacySource()
