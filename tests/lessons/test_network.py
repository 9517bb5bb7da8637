"""Lesson 5: stages against the known shapes and encoder, sheets and neighbours by hand."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from core.lessons.network import (
    GAP,
    STAGES,
    TILE,
    Stage,
    StagedNetwork,
    mean_colors,
    sheet,
    what_neighbors_share,
)
from core.spaces import registry
from core.spaces.encoders.efficientnet import LITE0, layers


@pytest.fixture(scope="module")
def network() -> StagedNetwork:
    return StagedNetwork()


def noise(mode: str = "RGB", size: tuple[int, int] = (300, 200)) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def test_stages_have_the_shapes_that_the_network_is_built_with(network: StagedNetwork) -> None:
    known = {one.name: one.shape for one in layers(LITE0)}
    for stage in network.stages(noise()):
        assert stage.shape == known.get(stage.name, (known["bn2"][0],)), stage.name


def test_the_vector_is_that_of_the_encoder_and_means_are_those_of_the_stages(
    network: StagedNetwork,
) -> None:
    picture = noise()
    stages = {stage.name: stage.maps for stage in network.stages(picture)}
    encoder = registry.find_space(LITE0.name).image_encoder()
    vector = stages["global_pool"][:, 0, 0]
    assert vector / np.linalg.norm(vector) == pytest.approx(
        encoder.encode_pictures([picture])[0], abs=1e-4
    )
    early, late = network.means([picture, picture], ["blocks.2", "global_pool"])
    means = stages["blocks.2"].mean((1, 2))
    assert early[1] == pytest.approx(means / np.linalg.norm(means), abs=1e-4)
    assert late[0] == pytest.approx(vector / np.linalg.norm(vector), abs=1e-4)
    assert len(stages) == len(STAGES)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I", "F"])
def test_pictures_of_every_mode_become_pixels(network: StagedNetwork, mode: str) -> None:
    pixels = network.pixels(noise(mode, (30, 500)))
    assert pixels.shape == (3, 224, 224)
    assert -1 <= pixels.min() < pixels.max() <= 1.01


def test_a_sheet_has_each_channel_from_black_to_white() -> None:
    maps = np.zeros((3, 2, 2), dtype=np.float32)
    maps[1] = [[-3, 1], [5, 1]]
    shown = np.asarray(Image.open(io.BytesIO(sheet(maps, [1, 0]))).convert("LA"))
    assert shown.shape == (TILE, 2 * TILE + GAP, 2)
    assert [shown[0, 0, 0], shown[0, TILE - 1, 0], shown[-1, 0, 0]] == [0, 127, 255]
    assert not shown[:, TILE + GAP :, 0].any()
    assert Stage("x", maps).liveliest(1).tolist() == [1]


def test_what_neighbours_share_is_counted() -> None:
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1], [0.1, 0.9]], dtype=np.float32)
    colors = mean_colors(
        [Image.new("RGB", (9, 9), color) for color in ("red", "red", "blue", "#00f")]
    )
    assert colors[0].tolist() == [1, 0, 0]
    alike = what_neighbors_share(vectors, colors, ["a", "a", "b", "c"], 1)
    assert (alike.color, alike.same) == (0, 0.5)
    apart = what_neighbors_share(vectors[[0, 2, 1, 3]], colors, ["a", "a", "b", "b"], 1)
    assert apart.color == pytest.approx(2**0.5)
    assert apart.same == 0
