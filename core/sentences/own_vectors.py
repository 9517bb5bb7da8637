"""Vectors that a dataset came with, used as those of a space.

Neighbours, near-duplicates, maps and exports need no more than the vectors. Questions in words
need the model that made them: where that is named and here, it encodes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, shorten
from core.base.types import Encoded, FloatArray, Modality, Space, TextEncoder
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


class OwnEncoder:
    """Stands where the encoder of a space does: its texts have their vectors, others get none."""

    chunk = 1

    def __init__(self, space: Space) -> None:
        self.space = space

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

    @staticmethod
    def _refusal() -> InputError:
        return InputError(
            "These vectors came with the data, and the model that made them is not named.",
            "A question in words is encoded by the same model as the texts.",
            "Search by keywords or by a row's neighbours, name the vectors' model, or have the "
            "texts encoded anew in a space.",
        )


def open_own(dataset: TextDataset, key: str = "") -> EncodedTexts:
    """A dataset in the vectors that it came with.

    Args:
        key: of a service, where the vectors' model is one.

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
    if own.model or _stated_is_here(own):
        entry = model_of(own)
        return EncodedTexts(entry, dataset, entry.text_encoder(key), as_encoded(own.vectors))
    space = Space(
        f"own:{dataset.name}", f"“{own.column}” of {dataset.name}", _dim(own), (Modality.TEXT,)
    )
    about = f"The vectors that {dataset.name} came with."
    digest = data_home.digest_bytes(b"own", dataset.digest.encode())
    entry = SpaceEntry(SpaceSpec(space, about), _OWN, READY, digest)
    encoder: TextEncoder = OwnEncoder(space)
    return EncodedTexts(entry, dataset, encoder, as_encoded(own.vectors))


def model_of(own: OwnVectors) -> SpaceEntry:
    """The space that vectors are said to be of.

    Raises:
        InputError: there is none of this name, or its vectors are of another length.
    """
    entry = registry.find_space(own.model or own.stated, Modality.TEXT)
    if entry.space.dim != _dim(own):
        raise InputError(
            f"The vectors of “{shorten(own.column)}” have {_dim(own)} numbers, those of "
            f"{entry.space.title} {entry.space.dim}.",
            "Vectors of one model are of one length.",
            "Name another model, or none.",
        )
    return entry


def _stated_is_here(own: OwnVectors) -> bool:
    """Whether the file names a space that can encode questions now."""
    entries = {entry.space.name: entry for entry in registry.list_spaces()}
    entry = entries.get(own.stated)
    takes = entry is not None and Modality.TEXT in entry.space.modalities
    return entry is not None and takes and entry.ready and entry.space.dim == _dim(own)


def space_name(texts: EncodedTexts) -> str:
    """The name of the space that vectors are of; empty for those that came without one."""
    return "" if isinstance(texts.encoder, OwnEncoder) else texts.entry.space.name


def as_encoded(vectors: FloatArray) -> Encoded:
    """Vectors ``(n, dim)`` of any length as unit vectors with the lengths they had."""
    lengths = vec.told_lengths(vec.lengths(vectors))
    return Encoded(vec.normalize(vectors), lengths, np.zeros(len(vectors), dtype=bool))


def _dim(own: OwnVectors) -> int:
    return int(own.vectors.shape[1])
