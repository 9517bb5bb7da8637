"""Encoders of pictures beside our own: layers of networks, colours and outlines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from core.base.errors import InputError
from core.base.types import FloatArray, Modality, Space
from core.readers.pictures import to_rgb
from core.spaces import added, registry
from core.spaces.encoders import classical, cnn
from core.spaces.encoders.classical import ClassicalEncoder
from core.spaces.encoders.cnn import CnnEncoder, CnnRecipe
from core.spaces.sources.cnn import CNN
from tests.cli.test_main import call
from tests.support.picture_files import five_pictures

SPACE = Space("tiny", "Tiny", 512, (Modality.IMAGE,))
RESNET = CnnRecipe("resnet18", size=64)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ResNet18 with weights drawn by chance, its classifier of 7 classes included."""
    torch.manual_seed(0)
    model = timm.create_model("resnet18", num_classes=7)
    path = tmp_path_factory.mktemp("weights") / "resnet.safetensors"
    save_file(model.state_dict(), path)
    return path


def add_cnn(weights: str, recipe: CnnRecipe) -> str:
    return added.add(CNN.probe(weights, recipe))


def encode(encoder: CnnEncoder | ClassicalEncoder) -> FloatArray:
    return encoder.encode_pictures(five_pictures())


def test_a_batch_of_one_is_a_row_of_a_batch(weights: Path) -> None:
    for encoder in (CnnEncoder(SPACE, RESNET, weights), ClassicalEncoder(SPACE)):
        together = encode(encoder)
        assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
        for row, picture in zip(together, five_pictures(), strict=True):
            assert encoder.encode_pictures([picture])[0] == pytest.approx(row, abs=1e-5)
        assert encoder.encode_pictures([]).shape[0] == 0


@pytest.mark.slow
def test_features_are_those_of_timm_itself(weights: Path) -> None:
    from safetensors.torch import load_file
    from timm.data.transforms_factory import create_transform

    model = timm.create_model("resnet18", num_classes=7)
    model.load_state_dict(load_file(weights))
    model.eval()
    transform = create_transform(  # ImageNet's means are timm's default
        (3, 64, 64), is_training=False
    )
    pixels = torch.stack([transform(to_rgb(picture)) for picture in five_pictures()])
    with torch.inference_mode():
        expected = model.forward_head(model.forward_features(pixels), pre_logits=True).numpy()
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert encode(CnnEncoder(SPACE, RESNET, weights)) == pytest.approx(expected, abs=1e-5)


def test_red_is_not_blue(weights: Path) -> None:
    red, blue = Image.new("RGB", (40, 40), "red"), Image.new("RGB", (40, 40), "blue")
    for encoder in (CnnEncoder(SPACE, RESNET, weights), ClassicalEncoder(SPACE)):
        vectors = encoder.encode_pictures([red, blue, red])
        assert vectors[0] == pytest.approx(vectors[2], abs=1e-5)
        assert vectors[0] @ vectors[1] < 0.999
    half = CnnEncoder(SPACE, CnnRecipe("resnet18", mean=cnn.HALF, size=64), weights)
    pixels = half.transform(red)
    assert pixels.amax((1, 2)).tolist() == [1, -1, -1]  # red first, from -1 to 1


@pytest.mark.parametrize("layer", ["layer2", "layer3.0.conv1", "conv1"])
def test_any_layer_can_be_read(weights: Path, layer: str) -> None:
    encoder = CnnEncoder(SPACE, CnnRecipe("resnet18", layer, size=64), weights)
    dim = {"layer2": 128, "layer3.0.conv1": 256, "conv1": 64}[layer]
    assert encoder.measure() == dim
    assert encode(encoder).shape == (5, dim)


def test_weights_of_torchvision_and_of_torch_save(tmp_path: Path) -> None:
    import torchvision

    model = torchvision.models.get_model(cnn.SHUFFLE, weights=None)
    path = tmp_path / "shuffle.pth"
    torch.save({"state_dict": model.state_dict()}, path)
    assert CnnEncoder(SPACE, CnnRecipe(cnn.SHUFFLE, size=64), path).measure() == 1024


class Trap:
    """Unpickled, it would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.write_text, (self.path, "caught")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        (CnnRecipe("resnet19"), "no such architecture"),
        (CnnRecipe("resnet34"), "tensors differ"),
        (CnnRecipe("resnet18", "layer9"), "no layer “layer9”"),
    ],
)
def test_recipes_that_cannot_be_used_are_told(weights: Path, recipe: CnnRecipe, told: str) -> None:
    with pytest.raises(InputError, match=told):
        add_cnn(str(weights), recipe)


@pytest.mark.slow
def test_files_that_are_no_weights_are_told_and_no_code_runs(
    tmp_path: Path, own_home: Path
) -> None:
    trap = tmp_path / "trap.pt"
    torch.save({"a": Trap(tmp_path / "gone")}, trap)
    (tmp_path / "text.safetensors").write_text("no tensors")
    torch.save([1, 2], tmp_path / "list.pt")
    for name, told in (
        ("trap.pt", "more or other than tensors"),
        ("text.safetensors", "could not be read"),
        ("list.pt", "no tensors by name"),
        ("missing.pt", "no file"),
    ):
        with pytest.raises(InputError, match=told):
            add_cnn(str(tmp_path / name), RESNET)
    assert not (tmp_path / "gone").exists()


@pytest.mark.slow
def test_a_network_is_listed_as_a_space_and_told_when_it_changed(
    weights: Path, own_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "mine.safetensors"
    path.write_bytes(weights.read_bytes())
    name = add_cnn(str(path), RESNET)
    entry = registry.find_space(name, Modality.IMAGE)
    assert (entry.source, entry.space.dim, name) == (CNN, 512, "resnet18-penultimate")
    assert CNN.image_encoder(entry).recipe == RESNET
    other = add_cnn(str(path), CnnRecipe("resnet18", "layer2", size=64))
    assert registry.find_space(other).image_digest != entry.image_digest
    assert encode(entry.image_encoder()).shape == (5, 512)  # type: ignore[arg-type]
    path.write_bytes(weights.read_bytes() + b" ")
    changed = next(one for one in registry.list_spaces() if one.space.name == name)
    assert changed.state == "changed"


def test_the_length_of_classical_vectors_is_what_the_catalog_says() -> None:
    entry = registry.find_space("colour-outline")
    assert entry.space.dim == classical.DIM
    assert encode(entry.image_encoder()).shape == (5, classical.DIM)  # type: ignore[arg-type]


def test_a_space_of_pictures_only_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    for asked in (["--text", "red"], ["--zero-shot", "a {}", "--label-column", "group"]):
        status, answer, _ = call(capsys, "images", "--space", "colour-outline", *asked)
        assert status == 2
        assert "pictures only" in answer["error"]["message"]


@pytest.mark.slow
def test_real_imagenet_features_tell_flowers_apart(
    shared_data: Callable[[str], Path], own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = shared_data("models/mobilenetv2_100_imagenet1001.safetensors")
    recipe = CnnRecipe("mobilenetv2_100", mean=cnn.HALF, padding="same")
    name = add_cnn(str(weights), recipe)
    path = shared_data("images/flower_photos.parquet")
    asked = ("images", "--gallery", str(path), "--space", name, "--split", "validation")
    _, answer, _ = call(capsys, *asked, "--report", "--label-column", "label", "-k", "1")
    # 463 photos among themselves; among all 3,092 it is 0.86 (benchmarks).
    assert answer["precision_at_k"] > 0.7


@pytest.mark.slow
@pytest.mark.parametrize(
    "saved",
    [
        lambda state: {f"module.{name}": one for name, one in state.items()},
        lambda state: {"model": state, "epoch": 3},
        lambda state: {"model": {f"module._orig_mod.{name}": one for name, one in state.items()}},
        lambda state: {
            "state_dict": {f"model.{name}": one for name, one in state.items()}
            | {"criterion.weight": torch.ones(2)},
            "epoch": 3,
            "pytorch-lightning_version": "2.0",
        },
        lambda state: {"model_state_dict": state, "optimizer": {"lr": 0.1}},
    ],
)
def test_checkpoints_of_training_programs_are_read(
    weights: Path, tmp_path: Path, saved: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    from safetensors.torch import load_file

    path = tmp_path / "checkpoint.pt"
    torch.save(saved(load_file(weights)), path)
    expected = encode(CnnEncoder(SPACE, RESNET, weights))
    assert encode(CnnEncoder(SPACE, RESNET, path)) == pytest.approx(expected, abs=1e-5)


def test_a_torchscript_archive_is_refused_by_its_true_reason(tmp_path: Path) -> None:
    path = tmp_path / "ViT-B-32.pt"
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)  # type: ignore[no-untyped-call]
    with pytest.raises(InputError, match=r"TorchScript archive.*never run.*clip-openai"):
        CnnEncoder(SPACE, RESNET, path).measure()


@pytest.mark.slow
def test_a_network_with_a_fixed_size_takes_its_own_or_the_wished(tmp_path: Path) -> None:
    from timm.models.vision_transformer import checkpoint_filter_fn

    torch.manual_seed(0)
    name = "vit_tiny_patch16_384"
    model = timm.create_model(name, num_classes=0).eval()
    path = tmp_path / "vit.safetensors"
    save_file(model.state_dict(), path)
    own = CnnEncoder(SPACE, CnnRecipe(name), path)
    assert own.measure() == 192
    picture = five_pictures()[0]
    pixels = own.transform(to_rgb(picture))
    assert tuple(pixels.shape) == (3, 384, 384)
    with torch.inference_mode():
        expected = model(pixels[None]).numpy()[0]
    expected /= np.linalg.norm(expected)
    assert own.encode_pictures([picture])[0] == pytest.approx(expected, abs=1e-4)
    small = CnnEncoder(SPACE, CnnRecipe(name, size=64), path)
    assert tuple(small.transform(to_rgb(picture)).shape) == (3, 64, 64)
    fitted = timm.create_model(name, num_classes=0, img_size=64).eval()
    fitted.load_state_dict(checkpoint_filter_fn(model.state_dict(), fitted))
    with torch.inference_mode():
        expected = fitted(small.transform(to_rgb(picture))[None]).numpy()[0]
    expected /= np.linalg.norm(expected)
    assert small.encode_pictures([picture])[0] == pytest.approx(expected, abs=1e-4)
    assert cnn.picture_size(CnnRecipe("resnet18")) == 224
    assert cnn.picture_size(CnnRecipe("vit_small_patch14_dinov2")) == 518
