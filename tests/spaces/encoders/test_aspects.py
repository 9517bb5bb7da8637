"""Spaces of one aspect of a picture: its colours, and how it is made."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter, ImageOps

from core.base.types import FloatArray, Modality
from core.spaces import registry
from core.spaces.encoders import colors, style
from core.spaces.encoders.efficientnet import LITE0, open_network
from core.spaces.encoders.style import gram_vectors
from tests.support.picture_files import five_pictures


def vectors(name: str, pictures: list[Image.Image]) -> FloatArray:
    return registry.find_space(name, Modality.IMAGE).image_encoder().encode_pictures(pictures)


def test_colours_are_compared_as_people_see_them_wherever_they_are() -> None:
    red, dark_red, blue = (
        Image.new("RGB", (40, 30), one) for one in ("#e02020", "#c81818", "blue")
    )
    half = Image.new("RGB", (60, 60), "blue")
    half.paste(Image.new("RGB", (30, 60), "#e02020"), (30, 0))
    found = vectors(
        "colours", [red, dark_red, blue, half, ImageOps.mirror(half), red.resize((7, 90))]
    )
    assert found.shape == (6, colors.DIM)
    assert found.min() >= 0
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    alike = found @ found.T
    assert alike[0, 1] > 0.7 > 0.1 > alike[0, 2]
    assert alike[3, 4] == pytest.approx(1, abs=1e-4)
    assert alike[0, 5] == pytest.approx(1, abs=1e-5)
    # Half the pixels of a colour: by Hellinger's distance the root of a half, if nothing were
    # blurred. At the border of the two colours resizing makes others.
    assert alike[0, 3] == pytest.approx(np.sqrt(0.5), abs=0.1)


def test_any_mode_and_size_has_colours_and_a_style() -> None:
    odd = [Image.new(mode, (3, 90)) for mode in ("1", "L", "P", "RGBA", "CMYK", "I;16")]
    for name in ("colours", "style"):
        found = vectors(name, odd)
        assert np.isfinite(found).all()
        assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-4)
        assert vectors(name, []).shape == (0, found.shape[1])


def test_gram_vectors_are_the_mean_products_of_features() -> None:
    random = np.random.default_rng(0)
    features = random.normal(size=(2, 3, 4, 5)).astype(np.float32)
    rows = features.reshape(2, 3, -1)
    expected = []
    for one in rows:
        gram = one @ one.T / 20
        upper = gram[np.triu_indices(3)]
        expected.append(np.sign(upper) * np.sqrt(np.abs(upper)))
    found = gram_vectors(torch.from_numpy(features))
    assert found == pytest.approx(np.array(expected), abs=1e-6)
    moved = features[:, :, ::-1, ::-1].copy()  # wherever in the picture they are
    assert gram_vectors(torch.from_numpy(moved)) == pytest.approx(found, abs=1e-5)


def test_a_style_is_read_from_the_networks_second_stage() -> None:
    picture = five_pictures()[2]
    pixels = np.asarray(picture.convert("RGB").resize((style.SIZE, style.SIZE)))
    model = open_network(LITE0)
    seen: list[torch.Tensor] = []
    model.blocks[style.STAGES - 1].register_forward_hook(lambda *given: seen.append(given[2]))  # type: ignore[index, union-attr]
    with torch.inference_mode():
        model((torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() - 127) / 128)
    expected = gram_vectors(seen[0])[0]
    found = vectors("style", [picture.convert("RGB")])[0]
    assert found.shape == (style.DIM,)
    assert found == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)


def test_drawings_are_near_drawings_whatever_they_show() -> None:
    """Lines drawn of each picture: by style each line drawing's nearest is a line drawing."""
    plain = [one.convert("RGB").resize((128, 128)) for one in five_pictures()]
    lines = [
        ImageOps.invert(ImageOps.grayscale(one).filter(ImageFilter.FIND_EDGES)) for one in plain
    ]
    grain = np.random.default_rng(1).integers(0, 255, (5, 128, 128, 3)).astype(np.uint8)
    noisy = [
        Image.blend(one, Image.fromarray(two), 0.6) for one, two in zip(plain, grain, strict=True)
    ]
    found = vectors("style", [*lines, *noisy])
    alike = found @ found.T
    np.fill_diagonal(alike, -1)
    assert (alike.argmax(axis=1) // 5).tolist() == [0] * 5 + [1] * 5
