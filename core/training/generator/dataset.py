"""What a small generator learns from: pictures, what each may be called, and what kind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.readers.pictures import Pixels


@dataclass(frozen=True, slots=True)
class Dataset:
    """Pictures to learn from.

    Attributes:
        name: stands in the names of checkpoints.
        pixels: ``(n, s, s, 3)`` bytes.
        captions: of each picture, the plainest first.
        kinds: of each picture, a key of ``shares``.
        shares: of a batch that each kind makes up, summing to 1.
        white: whether pictures lie on white, so that white comes in where one is moved.
        known: what the generator is to say that it knows; kept beside its weights.
    """

    name: str
    pixels: Pixels
    captions: Sequence[Sequence[str]]
    kinds: Sequence[str]
    shares: Mapping[str, float]
    white: bool
    known: Sequence[str] = ()
