"""What a generator of ours knows of a prompt: the nearest captions that it was trained on.

What is far from all of them it cannot draw: there comes the nearest it knows, or a blot. How near
is near enough was measured (``benchmarks/generate_known.py``).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from core.base.paths import ASSETS
from core.base.types import FloatArray, Progress, TermKind, TextEncoder, no_progress
from core.formula import question
from core.generation.small.models import EMOJI, PHOTOS, SmallModel
from core.generation.small.weights import read_captions
from core.images import openmoji
from core.spaces import registry, text_vectors
from core.spaces.catalog import DEFAULT_SPACE

# Least cosine of what it can draw, by Youden's J on half of the prompts and photos of the
# benchmark. A picture's vector lies farther from all captions than that of words.
WORDS_THRESHOLD = 0.66
PICTURES_THRESHOLD = 0.54
PHOTOS_WORDS_THRESHOLD = 0.65
PHOTOS_PICTURES_THRESHOLD = PICTURES_THRESHOLD  # that of emoji stands in: it was not measured
# "yellow house" stands at house + 0.5 * yellow: all things in all colours encoded would be 13,000
# texts more. Weights from 0.3 to 1 tell prompts apart as well.
COLOR_WEIGHT = 0.5
SHOWN = 3
_HELD_OUT = ASSETS / "splits" / "generator-held-out.tsv"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a generator was trained on, in words.

    Attributes:
        model: the generator.
        captions: gives all captions, each once.
        painted: gives the things that it saw in all colours, without these.
        words, pictures: the least cosine of what it can draw, to a prompt of words or of pictures.
    """

    model: SmallModel
    captions: Callable[[], tuple[str, ...]]
    painted: Callable[[], tuple[str, ...]]
    words: float
    pictures: float


@dataclass(frozen=True, slots=True)
class Captions:
    """Vectors of what a generator was trained on, all unit rows.

    Attributes:
        learnt: whose they are.
        plain: ``(n, dim)`` of its ``captions()``.
        things: ``(m, dim)`` of its ``painted()``.
        colors: ``(c, dim)`` of the words ``openmoji.COLORS``.
    """

    learnt: Learnt
    plain: FloatArray
    things: FloatArray
    colors: FloatArray

    def cosines(self, vector: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cosines ``(n,)`` and, of each thing in each colour, ``(c, m)`` to a unit ``(dim,)``."""
        return self.plain @ vector, self._painted(vector)

    def _painted(self, vector: FloatArray) -> FloatArray:
        sums = self.things @ vector + COLOR_WEIGHT * (self.colors @ vector)[:, None]
        squares = 1 + COLOR_WEIGHT**2 + 2 * COLOR_WEIGHT * (self.colors @ self.things.T)
        found: FloatArray = sums / np.sqrt(squares)
        return found


@dataclass(frozen=True, slots=True)
class Known:
    """The captions nearest to a prompt.

    Attributes:
        subject: what the generator was trained on.
        nearest: captions with their cosine to the prompt, best first.
        threshold: the least cosine of what it can draw.
    """

    subject: str
    nearest: tuple[tuple[str, float], ...]
    threshold: float

    @property
    def similarity(self) -> float:
        """Cosine of the nearest caption, -1 to 1."""
        return self.nearest[0][1]

    @property
    def below(self) -> bool:
        """Whether this is likely none of the things that it can draw."""
        return self.similarity < self.threshold

    @property
    def told(self) -> str:
        """In words, for people."""
        captions = ", ".join(f"{caption} ({cosine:.2f})" for caption, cosine in self.nearest)
        if not self.below:
            return f"Nearest captions it was trained on: {captions}"
        return (
            f"This generator was trained on {self.subject}, and nothing close to this prompt was "
            f"among them; nearest: {captions}. What comes out may be something else, or a blot."
        )


@lru_cache(maxsize=1)
def captions() -> tuple[str, ...]:
    """Names of the emoji that it was trained on, each once, in Unicode's order.

    Raises:
        NotReadyError: the package with the captions is not installed.
    """
    return tuple(dict.fromkeys(item.caption for item in _trained()))


@lru_cache(maxsize=1)
def painted() -> tuple[str, ...]:
    """Names, less their colours, of those that it saw in all colours.

    Raises:
        NotReadyError: as ``captions``.
    """
    items = [item for item in _trained() if item.group not in openmoji.UNPAINTED]
    return tuple(dict.fromkeys(openmoji.plain_name(item.caption) for item in items))


@lru_cache(maxsize=1)
def photo_captions() -> tuple[str, ...]:
    """Names of the photos' classes, and of products with and without their colours.

    Raises:
        StorageError: the file beside the weights is missing or damaged.
    """
    return read_captions(PHOTOS.folder)


def _trained() -> list[openmoji.Emoji]:
    with _HELD_OUT.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        held_out = {row["id"] for row in rows if not row["color"]}
    return [item for item in openmoji.list_emoji() if item.id not in held_out]


LEARNT: Mapping[str, Learnt] = MappingProxyType(
    {
        EMOJI.name: Learnt(
            EMOJI,
            captions,
            painted,
            WORDS_THRESHOLD,
            PICTURES_THRESHOLD,
        ),
        PHOTOS.name: Learnt(
            PHOTOS,
            photo_captions,
            lambda: (),
            PHOTOS_WORDS_THRESHOLD,
            PHOTOS_PICTURES_THRESHOLD,
        ),
    }
)


def encode_captions(name: str, texts: TextEncoder, progress: Progress = no_progress) -> Captions:
    """Vectors of all that a generator was trained on; encoded once and kept with the gallery's.

    Args:
        name: of ``LEARNT``.

    Raises:
        as ``text_vectors.load_or_encode``.
    """
    learnt = LEARNT[name]
    folder = registry.find_space(DEFAULT_SPACE).text_folder
    plain, painted_ = learnt.captions(), learnt.painted()
    every = [*plain, *painted_, *openmoji.COLORS]
    vectors = text_vectors.load_or_encode(every, texts, folder, progress).vectors
    things, colors = len(plain), len(plain) + len(painted_)
    return Captions(learnt, vectors[:things], vectors[things:colors], vectors[colors:])


def look_up(vector: FloatArray, known: Captions, *, of_pictures: bool = False) -> Known:
    """What is known of a prompt's unit vector ``(dim,)``.

    Args:
        of_pictures: whether pictures take part in the prompt, as ``holds_names`` tells.
    """
    names, things = known.learnt.captions(), known.learnt.painted()
    plain, in_colors = known.cosines(vector)
    best = in_colors.argmax(axis=0)
    cosines = np.clip(np.concatenate([plain, in_colors.max(axis=0)]), -1, 1)
    nearest: dict[str, float] = {}
    for row in np.argsort(-cosines, kind="stable"):
        thing = int(row) - len(plain)
        caption = names[row] if thing < 0 else ""
        caption = caption or f"{openmoji.COLORS[best[thing]]} {things[thing]}"
        nearest.setdefault(caption, float(cosines[row]))
        if len(nearest) == SHOWN:
            break
    threshold = known.learnt.pictures if of_pictures else known.learnt.words
    return Known(known.learnt.model.subject, tuple(nearest.items()), threshold)


def holds_names(prompt: str) -> bool:
    """Whether names in square brackets, of pictures and kept vectors, take part in a prompt.

    Raises:
        InputError, FormulaError: it cannot be read.
    """
    return any(term.kind is TermKind.ITEM for term in question.read_query(prompt))
