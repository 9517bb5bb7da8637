"""The emoji's vectors that come with the app: of which pictures, when they count, and how exact."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import StorageError
from core.base.types import Encoded, FloatArray
from core.images import openmoji, shipped_vectors
from core.images.sources import load_gallery
from core.images.vectors import encode_gallery
from core.spaces import registry, text_vectors
from core.spaces.catalog import DEFAULT_PICTURES
from core.training import emoji_vectors

ENTRY = registry.find_space(DEFAULT_PICTURES)


class Counting:
    """Encodes every picture alike, and counts them."""

    space, chunk = ENTRY.space, 128

    def __init__(self) -> None:
        self.count = 0

    def encode_pictures(self, pictures: Iterable[Image.Image]) -> FloatArray:
        count = len(list(pictures))
        self.count += count
        return np.eye(1, self.space.dim, dtype=np.float32).repeat(count, axis=0)


def test_every_emoji_has_one_of_length_1() -> None:
    found = shipped_vectors.of_space(ENTRY)
    assert [one for one in load_gallery(openmoji.NAME).digests if one not in found] == []
    vectors = np.stack(list(found.values()))
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-6)
    assert shipped_vectors.of_space(registry.find_space("minilm")) == {}


def test_only_other_pictures_are_encoded(own_home: Path) -> None:
    gallery = load_gallery(openmoji.NAME).take([0, 700, 1_913])
    gallery.digests[1] = b"another picture "
    assert shipped_vectors.count_missing(gallery.digests, ENTRY) == 1
    encoder = Counting()
    found = encode_gallery(gallery, ENTRY, encoder, None)
    assert encoder.count == 1
    here = shipped_vectors.of_space(ENTRY)
    assert np.array_equal(found.pictures[[0, 2]], [here[gallery.digests[at]] for at in (0, 2)])
    assert found.pictures[1, 0] == 1
    assert shipped_vectors.count_missing(gallery.digests, ENTRY) == 0
    encode_gallery(gallery, ENTRY, encoder, None)  # kept, whatever comes with the app
    assert encoder.count == 1


class CountingTexts:
    """Encodes every text alike, and counts them."""

    space, chunk = ENTRY.space, 128

    def __init__(self) -> None:
        self.count = 0

    def encode_texts(self, texts: Sequence[str]) -> Encoded:
        self.count += len(texts)
        vectors = np.eye(1, self.space.dim, dtype=np.float32).repeat(len(texts), axis=0)
        return Encoded(vectors, np.full(len(texts), 2, np.float32), np.zeros(len(texts), np.bool_))

    def encode_query(self, text: str) -> Encoded:
        return self.encode_texts([text])


def test_only_other_captions_are_encoded(own_home: Path) -> None:
    gallery = load_gallery(openmoji.NAME).take([0, 700, 1_913])
    gallery.texts[0][1] = "what no emoji is called"
    encoder = CountingTexts()
    found = encode_gallery(gallery, ENTRY, Counting(), encoder).captions
    assert encoder.count == 1
    assert found is not None
    here = shipped_vectors.of_captions(ENTRY)
    for row in (0, 2):
        vector, length = here[text_vectors.text_digest(gallery.texts[0][row])]
        assert found[row] == pytest.approx(vector, abs=1e-6)
        assert length == 1
    assert found[1, 0] == 1
    assert len(here) == len(load_gallery(openmoji.NAME))
    assert shipped_vectors.of_captions(registry.find_space("minilm-layer2")) == {}


def test_of_other_drawings_or_weights_none_count(monkeypatch: pytest.MonkeyPatch) -> None:
    read = shipped_vectors.read.__wrapped__
    assert read(ENTRY.image_digest, shipped_vectors.FOLDER)
    assert read("0" * 64, shipped_vectors.FOLDER) == {}
    monkeypatch.setattr(openmoji, "drawings_digest", lambda: "0" * 64)
    assert read(ENTRY.image_digest, shipped_vectors.FOLDER) == {}


def test_damaged_ones_are_told(tmp_path: Path) -> None:
    for name in (shipped_vectors.VECTORS, shipped_vectors.ABOUT):
        shutil.copy(shipped_vectors.FOLDER / name, tmp_path)
    file = tmp_path / shipped_vectors.VECTORS
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(StorageError, match=r"SHA-256 .* python -m core\.training\.emoji_vectors"):
        shipped_vectors.read(ENTRY.image_digest, tmp_path)


def test_what_is_written_is_read_and_rounded_to_half_precision(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    digests = [bytes([at]) * 16 for at in range(3)]
    shipped_vectors.write(digests, rows, "of these", tmp_path)
    assert json.loads((tmp_path / shipped_vectors.ABOUT).read_text())["image_digest"] == "of these"
    found = shipped_vectors.read("of these", tmp_path)
    assert list(found) == digests
    told = emoji_vectors.compare(rows, np.stack(list(found.values())))
    assert told["agreement"] == told["first"] == 1
    assert 0 < told["distance"] < 1e-3


@pytest.mark.slow
def test_some_of_them_computed_anew_are_the_same() -> None:
    gallery = load_gallery(openmoji.NAME)
    captions = emoji_vectors.check_captions(gallery, ENTRY)
    assert captions["distance"] < 1e-3
    assert captions["first"] == 1
    assert captions["length"] < 1e-3
    told = emoji_vectors.check(gallery, ENTRY, count=60)
    assert told["pictures"] == 60
    assert told["distance"] < 1e-3
    assert told["first"] == 1
