"""Vectors that data came with, used as those of a space.

Neighbours, near-duplicates, maps and exports need no more than the vectors. Questions in words, and
pictures that are not among them, need the model that made them: where that is named and here, it
encodes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base.errors import InputError, shorten
from core.base.types import Encoded, FloatArray, Modality, Space, TextEncoder
from core.spaces import registry
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec

if TYPE_CHECKING:
    from PIL import Image

    from core.readers.pictures import ImageEncoder


UNNAMED = "the model that made them is not named"


@dataclass(frozen=True, slots=True)
class OwnVectors:
    """Vectors that a dataset or a gallery came with.

    Attributes:
        column: the column that they were in, or the first and the last of several, or their file.
        vectors: ``(n, dim)`` float32, one a text or picture, as they were written.
        model: the name of the space that they are of, as a person says; empty for none.
        stated: the same as the file says, which counts where that space is here.
    """

    column: str
    vectors: FloatArray
    model: str = ""
    stated: str = ""

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return int(self.vectors.shape[1])


class OwnSource(Source):
    """Vectors that came with data; in no list of spaces.

    Args:
        model: what made them, where that is known: it encodes questions.
    """

    name = "brought"

    def __init__(self, model: SpaceEntry | None = None) -> None:
        self.model = model

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Always ready."""
        return SpaceEntry(spec, self, READY)

    def text_encoder(self, entry: SpaceEntry, key: str) -> TextEncoder:
        """That of the model."""
        return OwnEncoder(entry.space) if self.model is None else self.model.text_encoder(key)

    def image_encoder(self, entry: SpaceEntry) -> ImageEncoder:
        """That of the model."""
        return OwnEncoder(entry.space) if self.model is None else self.model.image_encoder()

    def text_digest(self, entry: SpaceEntry) -> str:
        """That of the model, whose vectors of captions are kept with its others."""
        return entry.digest if self.model is None else self.model.source.text_digest(self.model)


class OwnEncoder:
    """Stands where the encoder of a space does: what came has its vectors, others get none."""

    chunk = 1

    def __init__(self, space: Space, why: str = UNNAMED) -> None:
        self.space, self.why = space, why

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """Refuses; it would give ``(n, dim)``.

        Raises:
            InputError: always; says why.
        """
        raise self._refusal()

    def encode_query(self, text: str) -> Encoded:
        """Refuses; it would give ``(1, dim)``.

        Raises:
            InputError: always; says why.
        """
        raise self._refusal()

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Refuses; it would give ``(n, dim)``.

        Raises:
            InputError: always; says why.
        """
        raise self._refusal()

    def _refusal(self) -> InputError:
        if Modality.IMAGE in self.space.modalities:
            return InputError(
                f"These vectors came with the pictures, and {self.why}.",
                "Words and other pictures are encoded by the same model as the gallery's.",
                "Search by a picture of the gallery, name the vectors' model, or have the pictures "
                "encoded anew in a space.",
            )
        return InputError(
            f"These vectors came with the data, and {self.why}.",
            "A question in words is encoded by the same model as the texts.",
            "Search by keywords or by a row's neighbours, name the vectors' model, or have the "
            "texts encoded anew in a space.",
        )


def own_entry(own: OwnVectors, name: str, modality: Modality, digest: str) -> SpaceEntry:
    """Vectors that ``name`` came with as a space of which no model is known."""
    space = Space(f"own:{name}", f"“{own.column}” of {name}", own.dim, (modality,))
    spec = SpaceSpec(space, f"The vectors that {name} came with.")
    return SpaceEntry(spec, OwnSource(), READY, digest)


def model_of(own: OwnVectors, modality: Modality) -> SpaceEntry | None:
    """The space that vectors are of: the one a person names, or that the file states if it is here.

    Raises:
        InputError: there is none of the name, or its vectors are of another length.
    """
    if own.model:
        return require_model(own.model, own.column, own.dim, modality)
    if _stated_is_here(own, modality):
        return require_model(own.stated, own.column, own.dim, modality)
    return None


def require_model(
    name: str, column: str, dim: int, modality: Modality = Modality.TEXT
) -> SpaceEntry:
    """The space called ``name``, whose vectors those of ``column`` with ``dim`` numbers can be.

    Raises:
        InputError: there is none of this name, or its vectors are of another length.
    """
    entry = registry.find_space(name, modality)
    if entry.space.dim != dim:
        raise InputError(
            f"The vectors of “{shorten(column)}” have {dim} numbers, those of "
            f"{entry.space.title} {entry.space.dim}.",
            "Vectors of one model are of one length.",
            "Name another model, or none.",
        )
    return entry


def _stated_is_here(own: OwnVectors, modality: Modality) -> bool:
    """Whether the file names a space that can encode questions now."""
    entries = {entry.space.name: entry for entry in registry.list_spaces()}
    entry = entries.get(own.stated)
    takes = entry is not None and modality in entry.space.modalities
    return entry is not None and takes and entry.ready and entry.space.dim == own.dim


def question_encoder(entry: SpaceEntry) -> TextEncoder | None:
    """For vectors of which no model is known, what says so when a question is asked."""
    unknown = isinstance(entry.source, OwnSource) and entry.source.model is None
    return OwnEncoder(entry.space) if unknown else None


def known_name(entry: SpaceEntry) -> str:
    """The name of the space that vectors are of; empty for those of which no model is known."""
    return "" if question_encoder(entry) is not None else entry.space.name


def whole_rows(vectors: FloatArray) -> np.ndarray:
    """Numbers of the rows of ``(n, dim)`` that hold finite numbers, not all of them zero."""
    return np.flatnonzero(np.isfinite(vectors).all(axis=1) & vectors.any(axis=1))
