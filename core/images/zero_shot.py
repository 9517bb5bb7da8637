"""Zero-shot classification: which of some labels' texts is a picture's vector nearest to?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError, counted, shorten
from core.base.types import FloatArray, TextEncoder

# Of similarities before the softmax: near what our encoder's training ended with; CLIP has 100.
SCALE = 40.0
BLOCK = 2_000  # pictures that are compared with all classes at a time


@dataclass(frozen=True, slots=True)
class ZeroShotResult:
    """How often the nearest label was the right one, over all pictures and for each class."""

    accuracy: float
    count: int
    per_class: dict[str, float]


def spoken(label: str) -> str:
    """A label as a person would write it: data sets write ``_`` for a space."""
    return label.replace("_", " ").strip()


def fill_template(template: str, label: str) -> str:
    """The text of a label.

    Raises:
        InputError: the template has no place for the label.
    """
    if template.count("{}") != 1:
        raise InputError(
            f"The template “{shorten(template)}” has {counted(template.count('{}'), 'place')} for "
            "the label.",
            "It holds {} once, where the label goes.",
            'For example: "a photo of a {}".',
        )
    return template.replace("{}", spoken(label))


def class_names(labels: Sequence[str], remedy: str = "Choose another column.") -> list[str]:
    """The distinct labels, in the order of the alphabet.

    Args:
        remedy: what to do where there are fewer than two.

    Raises:
        InputError: there are fewer than two.
    """
    classes = sorted(set(labels))
    if len(classes) < 2:
        raise InputError(
            f"There is only one class, “{shorten(classes[0])}”." if classes else "No classes.",
            "At least two are needed to tell apart.",
            remedy,
        )
    return classes


def _encode(texts: Sequence[str], encoder: TextEncoder) -> FloatArray:
    chunks = [texts[at : at + encoder.chunk] for at in range(0, len(texts), encoder.chunk)]
    return np.concatenate([encoder.encode_texts(chunk).vectors for chunk in chunks])


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label with its cosine similarity, and its share by ``softmax(scale * similarity)``."""

    label: str
    similarity: float
    share: float


def score_labels(
    vector: FloatArray,
    labels: Sequence[str],
    template: str,
    encoder: TextEncoder,
    scale: float = SCALE,
) -> list[LabelScore]:
    """What a picture's unit vector ``(dim,)`` is, by the texts of labels, likeliest first.

    Raises:
        InputError: there are fewer than two labels, or the template cannot be used.
    """
    classes = class_names(labels, "Type more labels, with commas between.")
    texts = _encode([fill_template(template, label) for label in classes], encoder)
    similar = vec.similarity(vector[None, :], texts)[0]
    shares = np.exp(scale * (similar - similar.max()))
    shares /= shares.sum()
    return [
        LabelScore(classes[at], float(similar[at]), float(shares[at]))
        for at in np.argsort(-similar)
    ]


def classify(
    vectors: FloatArray, labels: Sequence[str], template: str, encoder: TextEncoder
) -> ZeroShotResult:
    """Gives each of ``vectors`` ``(n, dim)`` the label whose text is nearest by cosine.

    Args:
        labels: the right label of each, ``n`` of them; the distinct ones are the classes.

    Raises:
        InputError: there are fewer than two classes, or the template cannot be used.
    """
    classes = class_names(labels)
    texts = _encode([fill_template(template, label) for label in classes], encoder)
    found = np.concatenate(
        [
            vec.similarity(vectors[at : at + BLOCK], texts).argmax(axis=1)
            for at in range(0, len(vectors), BLOCK)
        ]
    )
    place = {label: number for number, label in enumerate(classes)}
    right = np.array([place[label] for label in labels]) == found
    truth = np.array(labels)
    return ZeroShotResult(
        float(right.mean()),
        len(labels),
        {label: float(right[truth == label].mean()) for label in classes},
    )
