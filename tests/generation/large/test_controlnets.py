"""A ControlNet of a file steers a tiny model by the edges of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from safetensors.torch import save_file

from core.base.errors import InputError
from core.generation import png_metadata
from core.generation.edges import edges
from core.generation.large import controlnets
from core.generation.large.generator import LargeGenerator
from core.generation.request import Control, Generated, Request, Source
from tests.support import tiny_diffusers

pytestmark = pytest.mark.filterwarnings("ignore:__array:DeprecationWarning")


def square(width: int = 64, height: int = 64) -> Image.Image:
    """White on black, from a quarter to three quarters."""
    image = Image.new("RGB", (width, height))
    box = (width // 4, height // 4, 3 * width // 4 - 1, 3 * height // 4 - 1)
    ImageDraw.Draw(image).rectangle(box, "white")
    return image


def test_edges_of_a_square_are_its_sides() -> None:
    found = np.asarray(edges(square(), 1.0)) == 255
    rows, columns = np.nonzero(found)
    assert set(np.unique(np.asarray(edges(square())))) == {0, 255}
    assert np.flatnonzero(found[32]).tolist() == [15, 16, 47, 48]  # on either side of a step
    assert (rows.min(), rows.max()) == (columns.min(), columns.max())
    assert not found[24:40, 24:40].any()


def draw(generator: LargeGenerator, control: Control | None = None, **more: Any) -> Generated:
    settings = {"steps": 2, "seed": 3, "width": 64, "height": 64} | more
    request = Request("x", "a fox", control=control, **settings)
    return generator.generate(request, lambda step: None)


def keep(pipe: Any, name: str, seed: int, *, folder: bool = False) -> Any:
    """Writes a ControlNet with random numbers for a pipeline's network."""
    from diffusers import ControlNetModel

    torch.manual_seed(seed)
    made = ControlNetModel.from_unet(pipe.unet, load_weights_from_unet=False)
    for one in made.parameters():  # its authors begin what it adds with zeros
        torch.nn.init.normal_(one, std=0.1)
    home = controlnets.FOLDER.path
    if folder:
        made.save_pretrained(home / name)
    else:
        home.mkdir(parents=True, exist_ok=True)
        save_file(made.state_dict(), home / f"{name}.safetensors")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("build", [tiny_diffusers.build_sd, tiny_diffusers.build_sdxl])
def test_a_picture_is_steered_by_edges(build: Any, tmp_path: Path, own_home: Path) -> None:
    generator = LargeGenerator("x", "X", build(tmp_path / "model", blocks=4))
    plain = draw(generator)
    pipe = generator._pipes[""]
    network = keep(pipe, "canny", 0)
    keep(pipe, "other", 1, folder=True)
    assert controlnets.FOLDER.names() == ["canny", "other"]
    seen: list[torch.Tensor] = []
    made = draw(generator, Control(square(), "canny"))
    steered = generator._pipes["control canny"]
    held = steered.controlnet.state_dict()
    assert all(torch.equal(held[name], one) for name, one in network.state_dict().items())
    assert steered.unet is pipe.unet  # nothing is held twice
    steered.controlnet.register_forward_pre_hook(
        lambda _, given, named: seen.append(named["controlnet_cond"]), with_kwargs=True
    )
    again = draw(generator, Control(square(), "canny"))
    assert again.image.tobytes() == made.image.tobytes() != plain.image.tobytes()
    wanted = np.asarray(edges(square()).convert("RGB")) / 255
    assert np.array_equal(seen[0][0].permute(1, 2, 0).numpy(), wanted.astype(np.float32))
    assert draw(generator, Control(square(), "canny", 0.0)).image.tobytes() == plain.image.tobytes()
    other = draw(generator, Control(square(), "other"))
    assert other.image.tobytes() != made.image.tobytes()
    assert draw(generator).image.tobytes() == plain.image.tobytes()
    assert any("ControlNet “canny”, scale 1" in note for note in made.notes)
    record = png_metadata.read_record(png_metadata.to_png(made), "x.png")
    assert record is not None
    assert record.lost == "an image whose edges steered it (ControlNet canny)"
    wide = draw(generator, Control(square(96, 64), "canny"), width=0, height=0)
    assert wide.image.width > wide.image.height  # as the picture is formed


def test_what_cannot_steer_is_told(tmp_path: Path, own_home: Path) -> None:
    generator = LargeGenerator("x", "X", tiny_diffusers.build_sd(tmp_path / "model", blocks=4))
    with pytest.raises(InputError, match="There is no ControlNet “canny” here"):
        draw(generator, Control(square(), "canny"))
    home = controlnets.FOLDER.path
    home.mkdir(parents=True)
    save_file({"conv_in.weight": torch.zeros(3)}, home / "small.safetensors")
    with pytest.raises(InputError, match="The ControlNet “small” cannot be used"):
        draw(generator, Control(square(), "small"))
    (home / "old.pth").write_bytes(b"\x80\x04")
    with pytest.raises(InputError, match=r"“old\.pth” is a pickled file"):
        draw(generator, Control(square(), "old"))
    with pytest.raises(InputError, match="beside one whose edges steer"):
        draw(generator, Control(square(), "small"), source=Source(square()))
    with pytest.raises(InputError, match=r"The scale of the ControlNet: 3\.0 was given"):
        draw(generator, Control(square(), "small", 3.0))
