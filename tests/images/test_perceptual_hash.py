"""pHash: what turns its bits, and its bits as vectors."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from core.images.perceptual_hash import as_cosine, hash_picture, hash_vectors
from core.readers.pictures import to_rgb
from tests.support.picture_files import five_pictures


def as_jpeg(picture: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=60)
    return Image.open(stream)


def test_small_changes_turn_few_bits_and_others_many() -> None:
    emoji = to_rgb(five_pictures()[3])
    bits = hash_picture(emoji)
    assert bits.shape == (64,)
    same = [as_jpeg(emoji), emoji.resize((70, 70)), ImageEnhance.Brightness(emoji).enhance(0.9)]
    assert max(int((hash_picture(one) != bits).sum()) for one in same) <= 4
    assert (hash_picture(ImageOps.flip(emoji)) != bits).sum() > 10


def test_cosines_count_the_bits() -> None:
    pictures = five_pictures()
    vectors = hash_vectors(pictures)
    bits = [hash_picture(one) for one in pictures]
    differing = int((bits[0] != bits[2]).sum())
    assert differing > 10
    assert float(vectors[0] @ vectors[2]) == pytest.approx(as_cosine(differing), abs=1e-6)
    assert np.allclose((vectors**2).sum(axis=1), 1)
    assert hash_vectors([]).shape == (0, 64)


def test_flat_pictures_have_one_hash() -> None:
    red, grey = (Image.new("RGB", (30, 20), color) for color in ("red", "gray"))
    assert (hash_picture(red) == hash_picture(grey)).all()
