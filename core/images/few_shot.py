"""Few-shot classification by the nearest prototype (Snell et al. 2017, arXiv:1703.05175).

The prototype of a class is the mean of some example pictures' vectors; every other picture is
given the class whose prototype is nearest by cosine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.types import FloatArray, IntArray
from core.images.zero_shot import class_names

SHOTS = (1, 2, 5, 10, 20)
DRAWS = 20  # how often examples are drawn by chance


@dataclass(frozen=True, slots=True)
class FewShot:
    """Accuracy with ``shots`` examples a class: the mean over ``DRAWS``, and its deviation."""

    shots: int
    accuracy: float
    deviation: float


def classify_by_examples(
    vectors: FloatArray, labels: Sequence[str], examples: IntArray
) -> tuple[float, IntArray]:
    """Accuracy over the pictures that are no examples, and the class given to each picture.

    Args:
        vectors: ``(n, dim)``, unit.
        examples: rows; each class needs one or more.

    Raises:
        InputError: a class has no example, or nothing is left to classify.
    """
    classes = class_names(labels)
    numbers = np.searchsorted(classes, np.array(labels))
    chosen = np.unique(examples)
    missing = sorted(set(range(len(classes))) - set(numbers[chosen].tolist()))
    if missing:
        raise InputError(
            f"{len(missing)} of {len(classes)} classes have no example, such as "
            f"“{classes[missing[0]]}”.",
            "One picture of each class is needed, or more.",
            "Choose one.",
        )
    if len(chosen) == len(vectors):
        raise InputError(
            "Every picture is an example.", "Some must be left to classify.", "Take fewer."
        )
    sums = np.zeros((len(classes), vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, numbers[chosen], vectors[chosen])
    prototypes = vec.normalize(sums)
    given = vec.similarity(vectors, prototypes).argmax(axis=1)
    rest = np.ones(len(vectors), dtype=np.bool_)
    rest[chosen] = False
    return float((given == numbers)[rest].mean()), given


def accuracy_by_shots(
    vectors: FloatArray, labels: Sequence[str], seed: int = 0, shots: Sequence[int] = SHOTS
) -> list[FewShot]:
    """Accuracy against the number of examples, these drawn by chance ``DRAWS`` times.

    ``vectors`` are unit rows ``(n, dim)``, one for each of ``labels``.

    Numbers of examples that would leave a class with none to classify are left out.

    Raises:
        InputError: there are fewer than two classes, or a class with one picture only.
    """
    classes = class_names(labels)
    numbers = np.searchsorted(classes, np.array(labels))
    members = [np.flatnonzero(numbers == at) for at in range(len(classes))]
    smallest = min(map(len, members))
    if smallest < 2:
        raise InputError(
            "A class has one picture only.",
            "Each class needs two: one as example, one to classify.",
            "Choose another column, or filter the pictures.",
        )
    random = np.random.default_rng(seed)
    found = []
    for count in shots:
        if count >= smallest:
            break
        scores = [
            classify_by_examples(
                vectors,
                labels,
                np.concatenate([random.choice(rows, count, replace=False) for rows in members]),
            )[0]
            for _ in range(DRAWS)
        ]
        found.append(FewShot(count, float(np.mean(scores)), float(np.std(scores))))
    return found
