"""A trained head: a small network on the vectors of another space, read and applied by numpy.

A file is safetensors: ``mean`` ``(d,)``, which is taken off, and ``weight0`` ``(out, in)``,
``bias0`` ``(out,)`` and so on, a ReLU between two layers; the result has unit length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base import vectors as vec
from core.base.errors import DamagedError, InputError
from core.base.reasons import reason_of
from core.base.types import Encoded, FloatArray, Space, TextEncoder
from core.readers.pictures import ImageEncoder

if TYPE_CHECKING:
    from PIL import Image


_BLOCK = 1_024  # rows at a time: hidden layers may be wider than the vectors


@dataclass(frozen=True, slots=True)
class Head:
    """The network.

    Attributes:
        mean: ``(d,)``, of the vectors that it was trained on.
        layers: weights ``(out, in)`` and biases ``(out,)`` of each layer.
    """

    mean: FloatArray
    layers: tuple[tuple[FloatArray, FloatArray], ...]

    @property
    def dim(self) -> int:
        """Numbers of a vector that it gives."""
        return len(self.layers[-1][1])

    def apply(self, vectors: FloatArray) -> FloatArray:
        """Unit vectors ``(n, dim)`` of vectors ``(n, d)`` of the base.

        Raises:
            InputError: they are not of the length that it takes.
        """
        if vectors.shape[1] != len(self.mean):
            raise InputError(
                f"The head takes vectors of {len(self.mean):,} numbers, these have "
                f"{vectors.shape[1]:,}.",
                "It takes those of the space that it was trained on.",
                "Choose that space.",
            )
        made = np.empty((len(vectors), self.dim), dtype=np.float32)
        for start in range(0, len(vectors), _BLOCK):
            hidden = vectors[start : start + _BLOCK] - self.mean
            for at, (weight, bias) in enumerate(self.layers):
                hidden = hidden @ weight.T + bias
                if at < len(self.layers) - 1:
                    hidden = np.maximum(hidden, 0)
            made[start : start + _BLOCK] = vec.normalize(hidden)
        return made

    def arrays(self) -> dict[str, FloatArray]:
        """Its numbers by their names in a file: ``(d,)``, ``(out, in)``, ``(out,)``."""
        named = {"mean": self.mean}
        for at, (weight, bias) in enumerate(self.layers):
            named |= {f"weight{at}": weight, f"bias{at}": bias}
        return {name: np.ascontiguousarray(array, np.float32) for name, array in named.items()}


def from_arrays(arrays: Mapping[str, FloatArray]) -> Head:
    """The head whose ``Head.arrays`` these are: ``(d,)``, ``(out, in)``, ``(out,)`` by name.

    Raises:
        KeyError: one of them is missing.
    """
    count = sum(name.startswith("weight") for name in arrays)
    layers = tuple((arrays[f"weight{at}"], arrays[f"bias{at}"]) for at in range(count))
    return Head(arrays["mean"], layers)


def to_bytes(head: Head) -> bytes:
    """A head as the bytes of a file."""
    from safetensors.numpy import save

    data: bytes = save(head.arrays())
    return data


def from_bytes(data: bytes) -> Head:
    """The head in the bytes of a file.

    Raises:
        DamagedError: they are no head.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
        head = from_arrays(arrays)
    except (SafetensorError, KeyError) as error:
        raise _damaged(reason_of(error)) from error
    sizes = [len(head.mean), *(len(bias) for _, bias in head.layers)]
    shapes = [weight.shape for weight, _ in head.layers]
    if not head.layers or shapes != list(zip(sizes[1:], sizes[:-1], strict=True)):
        raise _damaged("its layers do not fit together")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise _damaged("some of its numbers are not finite")
    return head


def _damaged(what: str) -> DamagedError:
    return DamagedError(
        f"The file of the head is damaged: {what}.",
        "It must be as it was written.",
        "Delete the head, and train it again.",
    )


class HeadTextEncoder:
    """Texts by the base's encoder, then the head."""

    def __init__(self, space: Space, head: Head, base: TextEncoder) -> None:
        self.space, self.chunk = space, base.chunk
        self.head, self.base = head, base

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        """The vectors ``(len(texts), dim)``, all of length 1."""
        return self.of(self.base.encode_texts(texts))

    def encode_query(self, text: str) -> Encoded:
        """The vector ``(1, dim)`` of a question."""
        return self.of(self.base.encode_query(text))

    def encode(self, inputs: Sequence[str]) -> FloatArray:
        """The vectors ``(len(inputs), dim)`` alone."""
        return self.encode_texts(inputs).vectors

    def of(self, encoded: Encoded) -> Encoded:
        """What the head makes of the base's vectors ``(n, d)``: ``(n, dim)``."""
        ones = np.ones(len(encoded), dtype=np.float32)
        return Encoded(self.head.apply(encoded.vectors), ones, encoded.cut)


class HeadImageEncoder:
    """Pictures by the base's encoder, then the head."""

    def __init__(self, space: Space, head: Head, base: ImageEncoder) -> None:
        self.space, self.chunk = space, base.chunk
        self.head, self.base = head, base

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        """Unit vectors ``(n, dim)`` of pictures."""
        return self.head.apply(self.base.encode_pictures(pictures))
