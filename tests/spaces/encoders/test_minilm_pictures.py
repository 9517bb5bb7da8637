"""The picture encoder: its values, its treatment of pictures, its weights' digest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.base.errors import StorageError
from core.images import openmoji
from core.images.sources import DRAWN, load_gallery
from core.images.vectors import EncodedGallery
from core.images.zero_shot import classify
from core.spaces.encoders import minilm_pictures
from core.spaces.encoders.minilm import MiniLMEncoder
from core.spaces.encoders.minilm_pictures import ABOUT, FOLDER, WEIGHTS, PictureEncoder
from core.spaces.sources.minilm import MINILM
from tests.support.picture_files import five_pictures

SPACE = MINILM.known[0].space
RECORDED = json.loads((Path(__file__).parent / "pictures_recorded.json").read_text())


@pytest.fixture(scope="module")
def encoder() -> PictureEncoder:
    return PictureEncoder(SPACE)


def test_the_same_weights_give_the_vectors_that_were_recorded(encoder: PictureEncoder) -> None:
    assert RECORDED["sha256"] == minilm_pictures.read_about().sha256
    found = encoder.encode_pictures(five_pictures())
    assert found.shape == (5, 384)
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array(RECORDED["vectors"]), abs=1e-3)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_batch_of_one_equals_a_row_of_a_batch(encoder: PictureEncoder) -> None:
    made = five_pictures() * 8  # more than a batch of the network
    together = encoder.encode_pictures(made)
    for number in (0, 3, 39):
        alone = encoder.encode_pictures([made[number]])[0]
        assert alone == pytest.approx(together[number], abs=1e-5)
    assert encoder.encode_pictures([]).shape == (0, 384)


def test_clear_pixels_lie_on_white(encoder: PictureEncoder) -> None:
    clear = openmoji.draw("1F408", 96)
    flat = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
    found = encoder.encode_pictures([clear, flat])
    assert np.array_equal(found[0], found[1])


def test_the_network_gets_red_green_blue_from_minus_one_to_one() -> None:
    pixels = np.array([[[[255, 0, 51]]]], dtype=np.uint8)
    given = minilm_pictures.to_input(pixels)
    assert given.shape == (1, 3, 1, 1)
    assert given[0, :, 0, 0] == pytest.approx([1, -1, -0.6])


def test_color_is_seen(encoder: PictureEncoder) -> None:
    """A red heart is nearer to the words for it than with red and blue exchanged."""
    heart = openmoji.draw("2764-FE0F", 96)
    red, green, blue, alpha = heart.split()
    other = Image.merge("RGBA", (blue, green, red, alpha))
    vectors = encoder.encode_pictures([heart, other])
    words = MiniLMEncoder(SPACE).encode(["red heart", "blue heart"])
    scores = vectors @ words.T
    assert scores[0, 0] > scores[1, 0]
    assert scores[1, 1] > scores[0, 1]


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (3_000, 2_000)])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK", "P", "RGBA", "I;16", "1"])
def test_any_size_and_mode_has_a_vector(
    encoder: PictureEncoder, size: tuple[int, int], mode: str
) -> None:
    found = encoder.encode_pictures([Image.new(mode, size)])
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
def test_the_captions_of_a_hundred_emoji_rank_as_recorded(emoji: EncodedGallery) -> None:
    """Rounding differs between processors: a rank may move a little, a hundred may not."""
    items = openmoji.list_emoji()
    assert emoji.gallery.ids == [item.id for item in items]
    texts = MiniLMEncoder(SPACE).encode([item.caption for item in items])
    scores = emoji.pictures @ texts.T
    own = np.diag(scores)
    ranks = (scores > own[:, None]).sum(axis=1) + 1
    place = {name: row for row, name in enumerate(emoji.gallery.ids)}
    recorded = RECORDED["ranks"]
    assert len(recorded) == 100
    found = {name: int(ranks[place[name]]) for name in recorded}
    moved = {name for name in recorded if found[name] != recorded[name]}
    assert len(moved) <= 3, {name: (recorded[name], found[name]) for name in moved}
    assert (ranks == 1).mean() == pytest.approx(RECORDED["rank 1"], abs=0.005)


def test_drawings_of_the_gallery_and_smaller_ones_are_nearly_the_same(
    encoder: PictureEncoder,
) -> None:
    names = ("1F34E", "1F408", "1F697")
    for name in names:
        small, large = (openmoji.draw(name, size) for size in (96, DRAWN))
        found = encoder.encode_pictures([small, large])
        assert found[0] @ found[1] > 0.9


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in (WEIGHTS, ABOUT):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


def test_damaged_weights_are_told_and_never_loaded(copied: Path) -> None:
    data = bytearray((copied / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (copied / WEIGHTS).write_bytes(data)
    with pytest.raises(StorageError, match=r"SHA-256 is .*git checkout"):
        PictureEncoder(SPACE, copied).encode_pictures(five_pictures())


@pytest.mark.parametrize("name", [WEIGHTS, ABOUT])
def test_missing_files_are_told(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(StorageError, match=name):
        PictureEncoder(SPACE, copied).encode_pictures(five_pictures())


@pytest.mark.parametrize("about", [b"{}", b"no JSON", b'{"input": "x", "sha256": 1}', b"[1]"])
def test_a_damaged_description_is_told(copied: Path, about: bytes) -> None:
    (copied / ABOUT).write_bytes(about)
    with pytest.raises(StorageError, match=ABOUT):
        PictureEncoder(SPACE, copied).encode_pictures(five_pictures())


def test_another_networks_weights_are_told(copied: Path) -> None:
    from safetensors.numpy import save

    from core.storage import data_home

    data = save({"stem.weight": np.zeros(3, np.float16)})
    (copied / WEIGHTS).write_bytes(data)
    about = {"input": 96, "sha256": data_home.sha256(data)}
    (copied / ABOUT).write_text(json.dumps(about))
    with pytest.raises(StorageError, match="another network"):
        PictureEncoder(SPACE, copied).encode_pictures(five_pictures())


def test_the_weights_are_small_and_in_half_precision() -> None:
    from safetensors.numpy import load_file

    assert (FOLDER / WEIGHTS).stat().st_size <= 12_000_000
    assert {tensor.dtype for tensor in load_file(FOLDER / WEIGHTS).values()} == {np.dtype("f2")}
    assert (FOLDER / "pictures.md").is_file()


def zero_shot(path: Path, encoder: PictureEncoder) -> float:
    gallery = load_gallery(str(path)).held_out()
    vectors = encoder.encode_pictures([gallery.open(number) for number in range(len(gallery))])
    texts = MiniLMEncoder(SPACE)
    return classify(vectors, gallery.labels("label"), "a photo of a {}", texts).accuracy


@pytest.mark.slow
@pytest.mark.parametrize("name", ["caltech101", "flower_photos", "cifar10_test_half"])
def test_photos_it_never_saw_are_told_apart_as_the_model_card_says(
    name: str, encoder: PictureEncoder, shared_data: Callable[[str], Path]
) -> None:
    found = zero_shot(shared_data(f"images/{name}.parquet"), encoder)
    assert found == pytest.approx(RECORDED["zero-shot"][name], abs=0.006)
