"""Texts trained along with pictures: those of a batch, what they gain, how they are kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx.reference import ReferenceEvaluator

from core.base.errors import Cancelled
from core.base.types import FloatArray, Modality
from core.base.vectors import normalize
from core.heads import export, label_texts, store, training
from core.heads.data import Data, prepare
from core.heads.label_texts import LabelTexts
from core.heads.labels import Labels, label
from core.heads.losses import pairs_of
from core.heads.measures import compare, verdict
from core.heads.steps import _between
from core.heads.store import Origin
from core.heads.training import train
from core.images.vectors import encode_gallery
from core.spaces import registry
from core.spaces.sources import head as head_source
from core.spaces.sources.head import HeadFile
from core.storage import data_home
from tests.heads.test_store import pictures
from tests.heads.test_training import SMALL, items

NAMES = ("k0", "k1", "k2", "k3")


def encode(texts: Sequence[str]) -> FloatArray:
    """Names of kinds where the kinds are, though apart from the pictures; other words by chance."""
    random = np.random.default_rng(7)
    vectors = random.standard_normal((len(texts), 16)) * 0.3
    for at, text in enumerate(texts):
        if text in NAMES:
            vectors[at, NAMES.index(text)] += 1
    return normalize((vectors + 0.8).astype(np.float32))


def labelled(count: int = 160) -> tuple[FloatArray, list[Labels]]:
    vectors, kinds, colours = items(count)
    return vectors, [label("kind", kinds), label("colour", colours)]


def with_texts(count: int = 160) -> Data:
    vectors, [kinds, _] = labelled(count)
    return prepare(vectors, [kinds], texts=label_texts.label_texts([kinds], encode))


def test_a_batch_has_the_names_of_its_classes_and_its_captions() -> None:
    _, labels = labelled(8)  # kinds 0 1 2 3 0 1 2 3, colours 0 and 1
    captions = np.zeros((8, 16), np.float32)
    captions[2, 5] = 1
    texts = label_texts.label_texts(labels, encode, captions)
    assert texts.numbers.tolist() == [[0, -1], [1, -1], [2, -1], [3, -1], [-1, 0], [-1, 1]]
    rows = np.array([0, 2])
    numbers = np.stack([one.numbers[rows] for one in labels], axis=1)
    vectors, classes = texts.of_batch(rows, numbers)
    assert classes.tolist() == [[0, -1], [2, -1], [-1, 0], [2, 0]]
    assert np.array_equal(vectors[:2], texts.names[[0, 2]])
    assert np.array_equal(vectors[3], captions[2])
    assert texts.of_column(1).tolist() == texts.names[4:].tolist()


def test_only_pairs_of_a_picture_and_a_text_count_across() -> None:
    pairs = _between(pairs_of(torch.tensor([[0], [1], [0], [1]])), 2)
    assert pairs.positive.tolist() == [[0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]]
    assert pairs.negative.tolist() == [[0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]]


def test_zero_shot_is_the_share_whose_name_is_nearest() -> None:
    names = np.eye(3, dtype=np.float32)
    asked = normalize(np.array([[9, 1, 0], [1, 9, 0], [0, 1, 9], [9, 1, 0]], np.float32))
    assert label_texts.zero_shot(asked, np.array([0, 1, 2, 2]), names) == 0.75
    assert label_texts.zero_shot(asked[:0], np.zeros(0, np.int64), names) is None


@pytest.mark.parametrize("loss", ["supcon", "triplet"])
def test_held_out_pictures_come_near_the_names_of_their_classes(loss: str) -> None:
    data = with_texts()
    trained = train(data, replace(SMALL, loss=loss))
    assert trained.text_head is not None
    [told] = compare(data, trained.parts, trained.head, trained.text_head)
    assert told.zero_shot is not None
    before, after = told.zero_shot
    assert after > before + 0.15
    assert told.after.mean > told.before.mean + 0.1
    # By hand: pictures and names through their own heads, the nearest name of all.
    held, texts = trained.parts.held_out, data.texts
    assert texts is not None
    near = trained.head.apply(data.vectors[held]) @ trained.text_head.apply(texts.names).T
    assert after == pytest.approx(np.mean(near.argmax(1) == data.labels[0].numbers[held]))
    # The layers are the same; each side is less its own mean.
    assert np.allclose(trained.text_head.mean, texts.mean)
    assert np.array_equal(trained.text_head.layers[0][0], trained.head.layers[0][0])
    figures = store.told([told])
    assert figures["after"]["kind"]["zero_shot"] == after
    worse = replace(told, zero_shot=(after, before))
    assert any("zero-shot accuracy" in one for one in verdict((worse,)))


def test_with_texts_a_training_goes_on_from_its_checkpoint(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_SAVE_EVERY", -1.0)

    def stops(done: int, total: int, note: str = "") -> None:
        if done == 3 and note == "epochs":
            raise Cancelled("training")

    path = own_home / "some.safetensors"
    with pytest.raises(Cancelled):
        train(with_texts(), SMALL, stops, checkpoint=path)
    gone_on, whole = train(with_texts(), SMALL, checkpoint=path), train(with_texts(), SMALL)
    for one, other in ((gone_on.head, whole.head), (gone_on.text_head, whole.text_head)):
        assert one is not None
        assert other is not None
        for name, array in one.arrays().items():
            assert np.array_equal(array, other.arrays()[name]), name
    assert [one.zero_shot for one in gone_on.points] == [one.zero_shot for one in whole.points]


def kept_file(texts: LabelTexts | None = None) -> HeadFile:
    """A head for pictures and one for texts, trained on vectors by chance as of ``minilm``."""
    vectors = normalize(np.random.default_rng(0).standard_normal((40, 384)).astype(np.float32))
    kinds = label("kind", ["cat", "dog"] * 20)
    if texts is None:
        texts = LabelTexts(vectors[:2], np.arange(2)[:, None], vectors[2:5])
    data = prepare(vectors, [kinds], texts=texts)
    trained = train(data, replace(SMALL, epochs=1, dim=6))
    compared = compare(data, trained.parts, trained.head, trained.text_head)
    origin = Origin(registry.find_space("minilm"), Modality.IMAGE, "pets")
    return store.head_file(trained, compared, "pets-head", origin)


def test_the_head_for_texts_is_kept_exported_and_checked(own_home: Path) -> None:
    made = kept_file()
    entry = store.keep(made)
    assert "Texts go through a second head, trained along." in entry.about
    found, _ = head_source.read(entry.require_folder())
    assert made.text_head is not None
    assert found.text_head is not None
    for name, array in made.text_head.arrays().items():
        assert np.array_equal(found.text_head.arrays()[name], array)
    assert found.about["figures"]["after"]["kind"].keys() >= {"zero_shot", "precision_at_10"}
    # Its files for PyTorch and ONNX are the head for texts.
    asked = normalize(np.random.default_rng(3).standard_normal((4, 384)).astype(np.float32))
    files = dict(export.files(made))
    told = torch.load(io.BytesIO(files[export.TEXT_STATE_DICT]()), weights_only=True)
    layers = torch.nn.Sequential(torch.nn.Linear(384, 32), torch.nn.ReLU(), torch.nn.Linear(32, 6))
    layers.load_state_dict(told)
    by_torch = torch.nn.functional.normalize(layers(torch.from_numpy(asked)), dim=1)
    assert np.allclose(by_torch.detach().numpy(), made.text_head.apply(asked), atol=1e-5)
    evaluator = ReferenceEvaluator(files[export.TEXT_ONNX]())
    [by_onnx] = evaluator.run(None, {"vectors": asked})
    assert np.allclose(by_onnx, made.text_head.apply(asked), atol=1e-5)
    assert "`text-head.pt`" in export.usage(made)
    assert "text-head" not in export.usage(replace(made, text_head=None))
    path = entry.require_folder() / head_source.TEXT_WEIGHTS
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(data_home.StorageError, match="not what was written"):
        head_source.read(entry.require_folder())
    path.unlink()
    [damaged] = [one for one in registry.list_spaces() if one.space.name == "pets-head"]
    assert damaged.state == "damaged"


@pytest.mark.slow
def test_texts_and_captions_of_a_kept_head_go_through_the_head_for_texts(own_home: Path) -> None:
    base = registry.find_space("minilm")
    encoder = base.text_encoder()
    names = ("cat", "dog", "tree", "house")
    vectors = encoder.encode_texts(names).vectors
    made = kept_file(LabelTexts(vectors[:2], np.arange(2)[:, None], vectors[2:]))
    entry = store.keep(made)
    asked = encoder.encode_texts(["a cat"]).vectors
    found = entry.text_encoder().encode_texts(["a cat"]).vectors
    assert np.allclose(found, made.for_texts.apply(asked), atol=1e-5)
    assert not np.allclose(found, made.head.apply(asked), atol=1e-2)
    gallery = replace(pictures(2), captions=["a cat", ""], texts=(["a cat", ""],))
    encoded = encode_gallery(gallery, entry, entry.image_encoder(), entry.text_encoder())
    below = encode_gallery(gallery, base, base.image_encoder(), None)
    assert np.allclose(encoded.pictures, made.head.apply(below.pictures), atol=1e-5)
    assert encoded.captions is not None
    assert np.allclose(encoded.captions[0], found[0], atol=1e-4)
    assert not encoded.captions[1].any()
