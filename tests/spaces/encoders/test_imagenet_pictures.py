"""Pictures into MiniLM's space by two experts: our own encoder, and a head on EfficientNet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save
from scipy import special

from core.base import vectors as vec
from core.base.errors import StorageError
from core.base.types import FloatArray, Modality
from core.images import imagenet
from core.images.imagenet import ImageNetClassifier
from core.images.sources import load_gallery
from core.readers.pictures import to_square
from core.spaces import registry
from core.spaces.encoders import efficientnet, imagenet_pictures
from core.spaces.encoders.efficientnet import LITE0
from core.spaces.encoders.imagenet_pictures import (
    ABOUT,
    SIDE,
    WEIGHTS,
    ImageNetPictureEncoder,
)
from core.spaces.encoders.minilm_pictures import FOLDER, PictureEncoder
from core.spaces.vocabulary_files import Loaded
from core.storage import data_home
from core.training.picture_head import texts
from tests.support.picture_files import five_pictures

NAME = "minilm-imagenet-v1"


def encoder() -> ImageNetPictureEncoder:
    return ImageNetPictureEncoder(registry.find_space(NAME).space)


def test_a_vector_is_the_own_encoders_and_the_heads() -> None:
    made = encoder()
    own = PictureEncoder(made.space).encode_pictures(five_pictures())
    pixels = np.stack([to_square(picture, SIDE) for picture in five_pictures()])
    scaled = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127) / 128
    model = efficientnet.open_network(LITE0)
    head = {name: one.numpy() for name, one in made.head.state_dict().items()}
    with torch.inference_mode():
        features = model.forward_features(scaled).mean((2, 3)).numpy()  # type: ignore[operator]
        chances = model(scaled).softmax(1).numpy()
    units = (features - head["mean"]) / head["deviation"] @ head["first.weight"].T
    units = special.ndtr(units + head["first.bias"]) * (units + head["first.bias"])  # GELU
    trained = vec.normalize(units @ head["second.weight"].T + head["second.bias"])
    expected = vec.normalize(own + trained + 0.3 * chances @ head["names"])
    found = made.encode_pictures(five_pictures())
    assert found == pytest.approx(expected, abs=1e-3)
    assert made.encode_pictures(five_pictures()[:1])[0] == pytest.approx(found[0], abs=1e-4)
    assert made.encode_pictures([]).shape == (0, 384)


def test_the_names_are_minilms_vectors_of_name_and_definition_less_their_mean() -> None:
    said = texts.class_texts()
    assert said[980] == "volcano, a mountain formed by volcanic material"
    names = encoder().head.names.numpy()
    assert np.abs(names.mean(axis=0)).max() < 1e-4
    asked = [0, 207, 980]
    encode = registry.find_space("minilm").text_encoder().encode_texts
    expected = encode([said[at] for at in asked]).vectors
    # The mean, which was taken off, is the same for each.
    assert names[asked] - names[0] == pytest.approx(expected - expected[0], abs=2e-3)


def test_it_is_a_space_of_its_own_and_its_pictures_are_never_those_of_minilm() -> None:
    entry, plain = registry.find_space(NAME, Modality.IMAGE), registry.find_space("minilm")
    assert entry.image_folder != plain.image_folder
    assert entry.image_digest != plain.image_digest
    text = entry.text_encoder().encode_texts(["a red apple"]).vectors
    assert text == pytest.approx(plain.text_encoder().encode_texts(["a red apple"]).vectors)
    recipe = imagenet_pictures.recipe()
    assert LITE0.sha256 in recipe
    assert imagenet_pictures.head_digest() in recipe


def test_words_and_texts_are_minilms_and_kept_there_once(minilm: Loaded) -> None:
    entry, plain = registry.find_space(NAME, Modality.WORD), registry.find_space("minilm")
    assert entry.built
    assert entry.text_folder == plain.text_folder
    words = entry.vocabulary()[0]
    assert words.words == minilm[0].words
    assert np.array_equal(words.vectors, minilm[0].vectors)


@pytest.mark.slow
def test_photos_that_were_never_trained_on_are_told_better_than_by_our_own_encoder_alone(
    shared_data: Callable[[str], Path],
) -> None:
    """Every eighth held-out photo of Caltech101; all of them stand in the model card."""
    gallery = load_gallery(str(shared_data("images/caltech101.parquet"))).held_out()
    rows = range(0, len(gallery), 8)
    labels = gallery.labels("label")
    classes = sorted(set(labels))
    made = encoder()
    said = [f"a photo of a {name.replace('_', ' ')}" for name in classes]
    texts = registry.find_space(NAME).text_encoder().encode_texts(said).vectors

    def accuracy(vectors: FloatArray) -> float:
        told = vec.similarity(vectors, texts).argmax(axis=1)
        right = [classes[at] == labels[row] for at, row in zip(told, rows, strict=True)]
        return float(np.mean(right))

    pictures = [gallery.open(row) for row in rows]
    alone = accuracy(made.own.encode_pictures(pictures))
    assert accuracy(made.encode_pictures(pictures)) > alone + 0.08


def test_the_classifier_and_the_encoder_have_one_order_of_classes() -> None:
    picture = five_pictures()[3]
    found = ImageNetClassifier().probabilities([picture])
    assert found.shape == (1, len(imagenet.classes())) == (1, len(encoder().head.names))


def test_a_damaged_head_is_told(tmp_path: Path) -> None:
    for name in (WEIGHTS, ABOUT):
        shutil.copy(FOLDER / name, tmp_path / name)
    space = registry.find_space(NAME).space
    data = (tmp_path / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(StorageError, match="SHA-256"):
        _ = ImageNetPictureEncoder(space, tmp_path).head
    other = save({"first.weight": np.zeros((2, 2), np.float16)})
    (tmp_path / WEIGHTS).write_bytes(other)
    (tmp_path / ABOUT).write_text(json.dumps({"sha256": data_home.sha256(other)}))
    with pytest.raises(StorageError, match="its tensors are others"):
        _ = ImageNetPictureEncoder(space, tmp_path).head
    (tmp_path / ABOUT).write_text("{}")
    with pytest.raises(StorageError, match="states no SHA-256"):
        imagenet_pictures.head_digest(tmp_path)
    (tmp_path / ABOUT).unlink()
    with pytest.raises(StorageError, match=r"imagenet-head\.json"):
        imagenet_pictures.head_digest(tmp_path)
