"""Datasets in the vectors that they came with."""

from __future__ import annotations

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, NotReadyError, shorten
from core.base.types import Encoded, FloatArray, Modality
from core.sentences.dataset import EncodedTexts, TextDataset
from core.spaces import registry
from core.spaces.entry import SpaceEntry
from core.spaces.own_vectors import UNNAMED, OwnEncoder, OwnVectors, own_entry, require_model
from core.storage import data_home


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
            entry = require_model(named, own.column, own.dim)
            if entry.source.is_service and key == "":
                raise NotReadyError(f"{entry.space.title} needs a key.", "", "")
            encoder = entry.text_encoder(key or "")
            return EncodedTexts(entry, dataset, encoder, as_encoded(own.vectors))
        except (InputError, NotReadyError) as error:
            if strict and own.model:
                raise
            why = f"{shorten(named)} encodes no questions for them: {error.given.rstrip('.')}"
    digest = data_home.digest_bytes(b"own", dataset.digest.encode())
    entry = own_entry(own, dataset.name, Modality.TEXT, digest)
    return EncodedTexts(entry, dataset, OwnEncoder(entry.space, why), as_encoded(own.vectors))


def model_of(own: OwnVectors) -> SpaceEntry | None:
    """The space that vectors are said to be of, as it is now; ``None`` where none is here."""
    known = {entry.space.name: entry for entry in registry.list_spaces()}
    return known.get(own.model or own.stated)


def as_encoded(vectors: FloatArray) -> Encoded:
    """Vectors ``(n, dim)`` of any length as unit vectors with the lengths they had."""
    lengths = vec.told_lengths(vec.lengths(vectors))
    return Encoded(vec.normalize(vectors), lengths, np.zeros(len(vectors), dtype=bool))
