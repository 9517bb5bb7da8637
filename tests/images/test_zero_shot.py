"""Zero-shot classification: the nearest label wins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import Encoded, Modality, Space
from core.images.zero_shot import classify, fill_template, score_labels

AXES = {"a photo of a cat": 0, "a photo of a big dog": 1}


class AxisEncoder:
    """Each known text on an axis of its own."""

    space = Space("axes", "Axes", 2, (Modality.TEXT,))
    chunk = 10

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        rows = np.eye(2, dtype=np.float32)[[AXES[text] for text in texts]]
        return Encoded(rows, np.ones(len(texts), np.float32), np.zeros(len(texts), np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


def test_accuracy_over_all_and_for_each_class() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [0.8, 0.6], [0, 1]], dtype=np.float32)
    labels = ["cat", "cat", "big_dog", "big_dog"]
    found = classify(vectors, labels, "a photo of a {}", AxisEncoder())
    assert (found.accuracy, found.count) == (0.5, 4)
    assert found.per_class == {"big_dog": 0.5, "cat": 0.5}
    one = classify(vectors[:3], ["cat", "big_dog", "cat"], "a photo of a {}", AxisEncoder())
    assert one.accuracy == 1


def test_too_few_typed_labels_are_answered_by_typing_more() -> None:
    vector = np.array([1, 0], dtype=np.float32)
    for labels in ([], ["cat", "cat"]):
        with pytest.raises(InputError) as caught:
            score_labels(vector, labels, "a photo of a {}", AxisEncoder())
        assert caught.value.remedy == "Type more labels, with commas between."


def test_a_template_needs_a_place_for_the_label() -> None:
    assert fill_template("the {}", "sea_horse ") == "the sea horse"
    with pytest.raises(InputError, match="0 places for the label"):
        fill_template("a photo", "cat")


def test_one_class_is_told() -> None:
    with pytest.raises(InputError, match="only one class"):
        classify(np.eye(2, dtype=np.float32), ["cat", "cat"], "{}", AxisEncoder())
