"""Training the small generator: its pictures and captions, repeatable batches, exact resuming."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from core.base.errors import InputError
from core.generation.small.autoencoder import PictureAutoencoder
from core.images import openmoji
from core.images.gallery import Gallery
from core.training.generator import photos, pictures, texts
from core.training.generator.autoencoder import AutoencoderTrainer, encode_all, set_scale
from core.training.generator.data import Batches
from core.training.generator.flow import FlowTrainer
from core.training.generator.parts import Part, Trained, train
from core.training.generator.pictures import COLORS, PLACES, SHARES, SIDE, Drawn
from core.training.generator.report import main_color
from core.training.generator.texts import Captions
from core.training.picture_encoder.data import SETS

ITEMS = openmoji.list_emoji()
NUMBER = {item.caption: number for number, item in enumerate(ITEMS)}


def drawing(caption: str) -> np.ndarray:
    return np.asarray(openmoji.draw(ITEMS[NUMBER[caption]].id, 2 * SIDE))


@pytest.mark.parametrize("color", [name for name in COLORS if name not in {"black", "white"}])
def test_a_painted_heart_is_of_its_colour_and_keeps_its_lines(color: str) -> None:
    painted = pictures.paint(drawing("red heart"), color)
    assert painted is not None
    assert main_color(pictures.finish(painted)) == color
    original = drawing("red heart")
    lines = (original[..., :3].max(-1) < 40) & (original[..., 3] > 250)
    assert lines.sum() > 100
    assert np.array_equal(painted[lines], original[lines])


def test_what_has_no_coloured_fill_is_not_painted() -> None:
    assert pictures.paint(drawing("pen"), "red") is None


@pytest.mark.parametrize("words", list(PLACES))
def test_a_place_is_where_its_words_say(words: str) -> None:
    found = pictures.finish(drawing("red heart"), *PLACES[words]).min(-1) < 200
    down, right = (np.argwhere(found).mean(0) - SIDE / 2) / SIDE
    whole = pictures.finish(drawing("red heart")).min(-1) < 200
    assert found.sum() < whole.sum() / 2
    expected = {"left": (right, -1), "right": (right, 1), "top": (down, -1), "bottom": (down, 1)}
    for word, (offset, side) in expected.items():
        if word in words:
            assert offset * side > 0.1


def test_captions_say_colour_and_place() -> None:
    apple = NUMBER["red apple"]
    assert pictures.captions_of(Drawn(apple, "blue"))[0] == "blue apple"
    assert pictures.captions_of(Drawn(apple, "a small {}")) == ["a small red apple"]
    assert pictures.captions_of(Drawn(apple, ""))[:2] == ["red apple", "a red apple"]


def test_a_hundred_are_held_out_and_none_of_them_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    held = texts.held_out()
    assert sum(not one.change for one in held) == 50
    assert sum(one.change in COLORS for one in held) == 50
    assert len(set(held)) == 100
    few = ITEMS[:40]
    monkeypatch.setattr(openmoji, "list_emoji", lambda *_: few)
    whole, pair = Drawn(3, ""), Drawn(5, "blue")
    drawn, pixels = pictures.draw_all([whole, pair])
    assert pixels.shape == (len(drawn), SIDE, SIDE, 3)
    assert not any(one.emoji == 3 for one in drawn)
    assert pair not in drawn
    assert Drawn(5, "red") in drawn


def make_batches(times: int = 1) -> Batches:
    kinds = ["drawn", "drawn", "colors", "places"]
    random = torch.Generator().manual_seed(0)
    latents = torch.randn(4 * times, 16, 8, 8, generator=random)
    vectors = torch.nn.functional.normalize(torch.randn(6, 384, generator=random), dim=1).numpy()
    captions = Captions(vectors, np.array([0, 2, 4, 5, 6]))
    return Batches(kinds, SHARES, latents, captions, vectors[:4])


def test_batches_are_repeatable_and_hold_their_shares() -> None:
    batches = make_batches()
    first, again, other = (batches.make(100, 1, number) for number in (5, 5, 6))
    assert torch.equal(first.noise, again.noise)
    assert torch.equal(first.asked, again.asked)
    assert not torch.equal(first.noise, other.noise)
    lengths = first.asked.norm(dim=1)
    assert torch.all((lengths - 1).abs().lt(1e-4) | lengths.eq(0))
    assert 1 <= int(lengths.eq(0).sum()) <= 25
    painted = (first.latents == batches.latents[2]).flatten(1).all(1).sum()
    assert int(painted) == round(SHARES["colors"] * 100)
    assert ((first.shares > 0) & (first.shares < 1)).all()


def test_half_of_a_batch_is_mirrored_where_mirrored_pictures_are_there() -> None:
    batches = make_batches(times=2)
    found = batches.make(200, 1, 0).latents
    shown = [int((found == one).flatten(1).all(1).sum()) for one in batches.latents]
    assert sum(shown) == 200
    assert 70 <= sum(shown[4:]) <= 130
    assert shown[2] + shown[6] == round(SHARES["colors"] * 200)


def test_of_photos_those_set_aside_are_left_out_and_small_ones_taken_in_part() -> None:
    names = [f"train/{label}/{at:05}.png" for label in ("cat", "ship") for at in range(500)]
    gallery = Gallery(
        "cifar10",
        names,
        [b""] * 1000,
        lambda row: Image.new("RGB", (32, 32)),
        None,
        (),
        pd.DataFrame({"label": [name.split("/")[1] for name in names]}),
    )
    cifar = next(one for one in SETS if one.name == "cifar10")
    rows = photos.rows_of(gallery, cifar, held_out=False)
    assert rows == [*range(photos.CIFAR_OF_CLASS), *range(500, 500 + photos.CIFAR_OF_CLASS)]


def test_a_photo_is_cut_to_its_middle_and_a_long_one_lies_on_white() -> None:
    photo = np.zeros((64, 96, 3), np.uint8)
    photo[:, 16:80] = 200
    assert (photos.square(Image.fromarray(photo), whole=False) == 200).all()
    long = photos.square(Image.new("RGB", (128, 32)), whole=False)
    assert (long[:20] == 255).all()
    assert (long[26:38] == 0).all()
    assert (photos.square(Image.new("RGB", (60, 80)), whole=True)[:, :5] == 255).all()


def test_a_photo_is_called_by_its_commonest_name_first() -> None:
    caltech = next(one for one in SETS if one.name == "caltech101")
    called = photos.captions_of({"label": "Motorbikes"}, caltech)
    assert called[:2] == ["motorcycle", "a motorcycle"]
    assert "Motorbikes" in called
    fashion = next(one for one in SETS if one.name == "fashion_products")
    row = {"baseColour": "Navy Blue", "articleType": "Shirts", "productDisplayName": "Turtle Shirt"}
    assert photos.captions_of(row, fashion)[:2] == ["navy blue shirts", "Turtle Shirt"]


PART = Part(6, 1e-3, 8, warm_up=2, decay=0.9)


def autoencoder(part: Part = PART) -> AutoencoderTrainer:
    pixels = np.random.default_rng(0).integers(0, 255, (12, SIDE, SIDE, 3), dtype=np.uint8)
    return AutoencoderTrainer(pixels, part, 3)


def flow(part: Part = PART) -> FlowTrainer:
    return FlowTrainer(make_batches(), part, 3)


@pytest.mark.slow
@pytest.mark.parametrize("make", [autoencoder, flow])
def test_training_resumed_is_training_not_stopped(make: type, tmp_path: Path) -> None:
    whole: Trained = make()
    whole_losses = [whole.step() for _ in range(4)]
    part: Trained = make()
    losses = [part.step() for _ in range(2)]
    part.save(tmp_path / "part.pt")
    resumed: Trained = make()
    resumed.resume(tmp_path / "part.pt")
    losses += [resumed.step() for _ in range(2)]
    assert losses == whole_losses
    for name, value in whole.mean.items():
        assert torch.equal(value, resumed.mean[name])
    with pytest.raises(InputError, match="another recipe"):
        make(replace(PART, rate=2e-3)).resume(tmp_path / "part.pt")


@pytest.mark.slow
def test_both_learn_and_a_line_says_how_far(tmp_path: Path) -> None:
    told: list[str] = []
    for trainer in (autoencoder(Part(12, 2e-3, 4, 3)), flow(Part(12, 2e-3, 8, 3))):
        before = np.mean([trainer.step() for _ in range(3)])
        train(trainer, tmp_path, restart=False, tell=told.append)
        trainer.done = 0
        assert trainer.loss().item() < before
        assert (tmp_path / f"generator-{trainer.name}.pt").is_file()
    assert "step 12 of 12, 0 minutes left" in told[-1]


def test_scaled_latents_have_mean_0_and_variance_1() -> None:
    network = PictureAutoencoder()
    pixels = np.random.default_rng(0).integers(0, 255, (12, SIDE, SIDE, 3), dtype=np.uint8)
    set_scale(network, encode_all(network, pixels))
    latents = encode_all(network, pixels)
    assert latents.mean((0, 2, 3)).abs().max() < 1e-3
    assert (latents.std((0, 2, 3)) - 1).abs().max() < 1e-3
