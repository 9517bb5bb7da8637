"""Augmented views: always the same for a picture and number, and what each step does to pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from core.base.types import Encoded
from core.images import views
from core.spaces import registry, vector_store
from core.spaces.vector_store import Items, Work
from tests.heads.test_store import pictures


def pixels(count: int = 40) -> Image.Image:
    """A picture whose pixels are all different: red by column, green by row."""
    ramp = np.arange(count, dtype=np.uint8) * 4
    made = np.zeros((count, count, 3), np.uint8)
    made[:, :, 0], made[:, :, 1], made[:, :, 2] = ramp[None, :], ramp[:, None], 90
    return Image.fromarray(made)


def test_a_view_shows_a_part_between_a_fifth_and_all_in_almost_its_shape() -> None:
    random = np.random.default_rng(0)
    boxes = np.array([views._box(400, 300, random) for _ in range(300)])
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    assert boxes.min() >= 0
    assert (boxes[:, 2].max(), boxes[:, 3].max()) <= (400, 300)
    share = wide * high / 120_000
    assert 0.18 < share.min() < 0.3
    assert share.max() > 0.9
    ratio = wide / high / (4 / 3)
    assert 0.7 < ratio.min() < 1 < ratio.max() < 1.4


def test_a_hue_is_turned_by_its_share_of_the_circle() -> None:
    red = Image.new("RGB", (4, 4), (200, 0, 0))
    assert views._turned(red, 1 / 3).getpixel((0, 0)) == pytest.approx((0, 200, 0), abs=4)
    assert views._turned(red, -1 / 3).getpixel((0, 0)) == pytest.approx((0, 0, 200), abs=6)
    assert views._turned(red, 0.0).getpixel((0, 0)) == (200, 0, 0)


def test_views_of_any_mode_are_rgb_and_differ_by_chance_alone() -> None:
    for mode in ("RGB", "L", "RGBA", "P", "1"):
        given = pixels().convert(mode)
        one, again, other = (
            np.asarray(views.view(given, np.random.default_rng(seed))) for seed in (1, 1, 2)
        )
        assert one.shape[2] == 3
        assert np.array_equal(one, again)
        assert one.shape != other.shape or not np.array_equal(one, other)
    assert views.view(Image.new("RGB", (1, 1)), np.random.default_rng(0)).size == (1, 1)


def test_views_are_encoded_once_each_as_the_pictures_that_they_are(own_home: Path) -> None:
    base = registry.find_space("colour-outline")
    gallery = replace(pictures(3), frame=pd.DataFrame(index=range(3)))
    encoder = base.image_encoder()
    assert views.count_missing(gallery.digests, base, 2) == 6
    made = views.encode_views(gallery, base, encoder, 2)
    assert made.shape == (3, 2, base.space.dim)
    assert views.count_missing(gallery.digests, base, 2) == 0
    assert views.count_missing(gallery.digests, base, 3) == 3
    drawn = views.view(gallery.open(2), views._random(views._digest(gallery.digests[2], 1)))
    [by_hand] = encoder.encode_pictures([drawn])
    assert np.allclose(made[2, 1], by_hand, atol=1e-6)
    # One that was found to be damaged has no views to be encoded.
    lost = b"a damaged one..."
    empty = Encoded(np.zeros((1, base.space.dim), np.float32), np.zeros(1), np.zeros(1, bool))
    vector_store.load_or_encode(
        Items([lost], [0], "pictures"), Work(lambda _: empty, base.space.dim, 1), base.image_folder
    )
    assert views.count_missing([*gallery.digests, lost], base, 2) == 0
    # Of some pictures, and with a third view, those that were encoded are the same.
    more = views.encode_views(gallery.take([2, 0]), base, encoder, 3)
    assert np.array_equal(more[:, :2], made[[2, 0]])
