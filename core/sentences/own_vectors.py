"""Vectors that a dataset came with, used as those of a space.

Neighbours, near-duplicates, maps and exports need no more than the vectors. Questions in words
need the model that made them: where that is named and here, it encodes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, NotReadyError, shorten
from core.base.types import Encoded, FloatArray, Modality, Space
from core.sentences.dataset import EncodedTexts, OwnVectors, TextDataset
from core.spaces import registry
from core.spaces.entry import READY, Source, SpaceEntry, SpaceSpec
from core.storage import data_home


class _OwnSource(Source):
    """Vectors that came with a dataset; in no list of spaces."""

    name = "brought"

    def entry(self, spec: SpaceSpec) -> SpaceEntry:
        """Always ready."""
        return SpaceEntry(spec, self, READY)


_OWN = _OwnSource()
UNNAMED = "the model that made them is not named"


class OwnEncoder:
    """Stands where the encoder of a space does: its texts have their vectors, others get none."""

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

    def _refusal(self) -> InputError:
        return InputError(
            f"These vectors came with the data, and {self.why}.",
            "A question in words is encoded by the same model as the texts.",
            "Search by keywords or by a row's neighbours, name the vectors' model, or have the "
            "texts encoded anew in a space.",
        )


def open_own(dataset: TextDataset, key: str | None = None, *, strict: bool = True) -> EncodedTexts:
    """A dataset in the vectors that it came with.

    Args:
        key: of a service, where the vectors' model is one; ``None`` is the environment's.
        strict: whether their model must be there, where a person names it. Else what needs no
            questions in words goes without, and the encoder's ``why`` says what is wrong.

    Raises:
        InputError: it came with none, or their model is of another dimension or unknown.
        NotReadyError: their model must be downloaded first, or needs a key.
    """
    own = dataset.own
    if own is None:
        raise InputError(
            f"{shorten(dataset.name)} came without vectors.",
            "A column of vectors is needed.",
            "Have its texts encoded in a space.",
        )
    why = UNNAMED
    if named := own.model or own.stated:
        try:
            entry = require_model(named, own.column, _dim(own))
            if entry.source.is_service and key == "":
                raise NotReadyError(f"{entry.space.title} needs a key.", "", "")
            encoder = entry.text_encoder(key or "")
            return EncodedTexts(entry, dataset, encoder, as_encoded(own.vectors))
        except (InputError, NotReadyError) as error:
            if strict and own.model:
                raise
            why = f"{shorten(named)} encodes no questions for them: {error.given.rstrip('.')}"
    space = Space(
        f"own:{dataset.name}", f"“{own.column}” of {dataset.name}", _dim(own), (Modality.TEXT,)
    )
    about = f"The vectors that {dataset.name} came with."
    digest = data_home.digest_bytes(b"own", dataset.digest.encode())
    entry = SpaceEntry(SpaceSpec(space, about), _OWN, READY, digest)
    return EncodedTexts(entry, dataset, OwnEncoder(space, why), as_encoded(own.vectors))


def model_of(own: OwnVectors) -> SpaceEntry | None:
    """The space that vectors are said to be of, as it is now; ``None`` where none is here."""
    known = {entry.space.name: entry for entry in registry.list_spaces()}
    return known.get(own.model or own.stated)


def require_model(name: str, column: str, dim: int) -> SpaceEntry:
    """The space called ``name``, whose vectors those of ``column`` with ``dim`` numbers can be.

    Raises:
        InputError: there is none of this name, or its vectors are of another length.
    """
    entry = registry.find_space(name, Modality.TEXT)
    if entry.space.dim != dim:
        raise InputError(
            f"The vectors of “{shorten(column)}” have {dim} numbers, those of "
            f"{entry.space.title} {entry.space.dim}.",
            "Vectors of one model are of one length.",
            "Name another model, or none.",
        )
    return entry


def space_name(texts: EncodedTexts) -> str:
    """The name of the space that vectors are of; empty for those that came without one."""
    return "" if isinstance(texts.encoder, OwnEncoder) else texts.entry.space.name


def as_encoded(vectors: FloatArray) -> Encoded:
    """Vectors ``(n, dim)`` of any length as unit vectors with the lengths they had."""
    lengths = vec.told_lengths(vec.lengths(vectors))
    return Encoded(vec.normalize(vectors), lengths, np.zeros(len(vectors), dtype=bool))


def _dim(own: OwnVectors) -> int:
    return int(own.vectors.shape[1])
