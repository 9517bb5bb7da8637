"""Lesson 6: stages against the encoders' own vectors, the softmax against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.lessons.towers import clip_shapes, matched, softmax
from core.spaces import registry
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.minilm_pictures import PictureEncoder

TEXTS = ["A photo of a red fox.", "snow"]


@pytest.fixture(scope="module")
def text_encoder() -> MiniLMEncoder:
    return MiniLMEncoder(registry.find_space("minilm").space)


@pytest.mark.parametrize("layer", [None, 2])
def test_the_stages_of_texts_end_in_the_encoders_vectors(layer: int | None) -> None:
    encoder = MiniLMEncoder(registry.find_space("minilm").space, layer)
    found = encoder.stages(TEXTS)
    assert found.vectors == pytest.approx(encoder.encode_texts(TEXTS).vectors, abs=1e-5)
    length = found.ids.shape[1]
    assert [name for name in found.shapes if name.startswith("layer")] == [
        f"layer {at + 1}" for at in range(layer or 6)
    ]
    assert found.shapes["layer 2"] == (2, length, 384)
    assert found.shapes["mean over the tokens"] == (2, 384)


def test_a_shorter_text_is_filled_up_and_masked(text_encoder: MiniLMEncoder) -> None:
    found = text_encoder.stages(TEXTS)
    assert found.tokens[0] == ["[CLS]", "a", "photo", "of", "a", "red", "fox", ".", "[SEP]"]
    assert found.tokens[1] == ["[CLS]", "snow", "[SEP]", *["[PAD]"] * 6]
    assert found.mask.tolist() == [[1] * 9, [1] * 3 + [0] * 6]
    assert found.ids[1].tolist() == [101, 4586, 102, *[0] * 6]
    alone = text_encoder.stages(TEXTS[1:])
    assert alone.vectors[0] == pytest.approx(found.vectors[1], abs=1e-5)


def test_the_stages_of_a_picture_end_in_the_encoders_vector() -> None:
    encoder = PictureEncoder(registry.find_space("minilm").space)
    picture = Image.effect_noise((50, 90), 80).convert("RGBA")
    stages = encoder.stages(picture)
    assert stages["unit length"] == pytest.approx(encoder.encode_pictures([picture])[0], abs=1e-5)
    assert next(iter(stages)) == "stem"
    assert stages["mean over the picture"] == pytest.approx(
        stages["block 6"].mean((1, 2)), abs=1e-5
    )
    pixels = encoder.pixels(picture)
    assert pixels.shape == (3, 80, 80)
    assert pixels[:, 0, 0].tolist() == [1, 1, 1]  # white beside a picture that is no square


def test_the_softmax_is_the_formula_and_does_not_overflow() -> None:
    scores = np.array([[0.3, 0.2], [-1.0, 1.0]], dtype=np.float32)
    weights = np.exp(10 * scores.astype(np.float64))
    assert softmax(scores, 10) == pytest.approx(weights / weights.sum(axis=1, keepdims=True))
    assert softmax(scores, 10_000).tolist() == [[1, 0], [0, 1]]
    assert matched(scores) == 2
    assert matched(scores[:, ::-1]) == 0


def test_clips_shapes_are_those_of_the_paper() -> None:
    found = clip_shapes()
    assert found.picture["with the class token"] == (1, 50, 768)
    assert found.text["input_ids"] == (1, 77)
    assert [*found.picture.values()][-1] == [*found.text.values()][-1] == (1, 512)
