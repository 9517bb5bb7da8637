"""CLIP by open_clip, on a tiny model of the test: its vectors are those of open_clip itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from huggingface_hub import constants
from open_clip import factory
from safetensors.torch import save_file

from core.base.errors import InputError, NotReadyError, ServiceError
from core.base.types import Modality, Space
from core.readers import isolated
from core.readers.pictures import to_rgb
from core.spaces import added, registry
from core.spaces.encoders import clip
from core.spaces.encoders.clip import WEIGHTS, ClipEncoder, ClipRecipe
from core.spaces.sources.clip import CLIP
from tests.cli.test_main import call
from tests.support.hub_server import FakeHub, serve_hub
from tests.support.picture_files import five_pictures

TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8, "head_width": 32},
    "text_cfg": {
        "context_length": 77,
        "vocab_size": 49408,
        "width": 64,
        "heads": 2,
        "layers": 2,
    },
}
SPACE = Space("tiny", "Tiny", 32, (Modality.TEXT, Modality.IMAGE))
RECIPE = ClipRecipe("tiny-clip")
TEXTS = ["a photo of a cat", "night", "x " * 200]


def add_clip(weights: str, recipe: ClipRecipe) -> str:
    return added.add(CLIP.probe(weights, recipe))


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The weights of a CLIP drawn by chance, whose architecture open_clip is told of."""
    folder = tmp_path_factory.mktemp("clip")
    (folder / "tiny-clip.json").write_text(json.dumps(TINY))
    open_clip.add_model_config(folder)
    torch.manual_seed(0)
    model = open_clip.create_model("tiny-clip")
    save_file(
        {name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / WEIGHTS
    )
    yield folder / WEIGHTS
    factory._MODEL_CONFIG_PATHS.remove(folder)
    factory._rescan_model_configs()


def test_vectors_are_those_of_open_clip_itself(weights: Path) -> None:
    model, _, transform = open_clip.create_model_and_transforms(
        "tiny-clip", pretrained=str(weights)
    )
    model.eval()
    encoder = ClipEncoder(SPACE, RECIPE, weights)
    pixels = torch.stack([transform(to_rgb(picture)) for picture in five_pictures()])
    with torch.inference_mode():
        pictures = model.encode_image(pixels, normalize=True).numpy()
        texts = model.encode_text(
            open_clip.get_tokenizer("tiny-clip")(TEXTS), normalize=True
        ).numpy()
    assert encoder.encode_pictures(five_pictures()) == pytest.approx(pictures, abs=1e-5)
    found = encoder.encode_texts(TEXTS)
    assert found.vectors == pytest.approx(texts, abs=1e-5)
    assert found.cut.tolist() == [False, False, True]


def test_a_text_that_just_fits_is_not_cut(weights: Path) -> None:
    texts = ["cat " * count for count in (0, 1, 74, 75, 76, 200)]  # and two that every text has
    found = ClipEncoder(SPACE, RECIPE, weights).encode_texts(texts)
    assert found.cut.tolist() == [False, False, False, False, True, True]
    assert found.vectors[4] == pytest.approx(found.vectors[3], abs=1e-6)


def test_a_batch_of_one_is_a_row_of_a_batch(weights: Path) -> None:
    encoder = ClipEncoder(SPACE, RECIPE, weights)
    together = encoder.encode_pictures(five_pictures())
    for row, picture in zip(together, five_pictures(), strict=True):
        assert encoder.encode_pictures([picture])[0] == pytest.approx(row, abs=1e-5)
    assert np.linalg.norm(together, axis=1) == pytest.approx(1, abs=1e-5)
    assert encoder.encode_query("night").vectors[0] == pytest.approx(
        encoder.encode(TEXTS)[1], abs=1e-5
    )


def test_weights_of_ones_own_become_a_space_that_is_searched_by_words(
    weights: Path,
    own_home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(isolated, "inside", True)  # a child was not told of the architecture
    name = add_clip(str(weights), RECIPE)
    entry = registry.find_space(name, Modality.IMAGE)
    assert (entry.source, entry.space.dim, name) == (CLIP, 32, "clip-tiny-clip")
    for at, picture in enumerate(five_pictures()):
        picture.save(tmp_path / f"{at}.png")
    gallery = str(tmp_path)
    _, answer, _ = call(
        capsys, "images", "--gallery", gallery, "--space", name, "--text", "night", "-k", "2"
    )
    encoder = ClipEncoder(SPACE, RECIPE, weights)
    scores = encoder.encode_pictures(five_pictures()) @ encoder.encode(["night"])[0]
    order = np.argsort(-scores)[:2]
    assert [near["id"] for near in answer["neighbors"]] == [f"{at}.png" for at in order]
    assert answer["neighbors"][0]["score"] == pytest.approx(float(scores.max()), abs=1e-4)


@pytest.mark.slow
def test_a_clip_of_the_hub_is_downloaded_and_opened(
    weights: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = next(one for one in registry.list_spaces() if one.space.name == "clip-laion2b")
    assert entry.state.startswith("needs download")
    files = {WEIGHTS: weights.read_bytes(), "pytorch_model.bin": b"pickled"}
    with serve_hub(FakeHub(models={entry.spec.model: files})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert entry.download()
    ready = registry.find_space("clip-laion2b")
    assert ready.ready
    with pytest.raises(InputError, match="cannot be used as ViT-B-32"):  # it is the tiny one
        ready.text_encoder().encode_texts(["a"])


@pytest.mark.slow
def test_what_is_no_clip_is_told(weights: Path, own_home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="knows no architecture"):
        add_clip(str(weights), ClipRecipe("ViT-Z-99"))
    with pytest.raises(InputError, match="cannot be used as RN50"):
        add_clip(str(weights), ClipRecipe("RN50"))
    with pytest.raises(InputError, match="no file"):
        add_clip(str(tmp_path / "gone.pt"), RECIPE)


def test_a_checkpoint_of_a_training_program_is_read_and_torchscript_is_refused(
    weights: Path, tmp_path: Path
) -> None:
    from safetensors.torch import load_file

    state = load_file(weights)
    space = Space("tiny", "Tiny", 0, CLIP.modalities)
    expected = ClipEncoder(space, RECIPE, weights).encode(["a cat", "b"])
    wrapped = {"model": {f"module.{name}": one for name, one in state.items()}, "epoch": 1}
    torch.save(wrapped, tmp_path / "epoch_1.pt")
    found = ClipEncoder(space, RECIPE, tmp_path / "epoch_1.pt").encode(["a cat", "b"])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), tmp_path / "ViT-B-32.pt")  # type: ignore[no-untyped-call]
    with pytest.raises(InputError, match="TorchScript archive"):
        ClipEncoder(space, RECIPE, tmp_path / "ViT-B-32.pt").encode(["a"])


def test_pictures_are_normalised_as_the_published_weights_want_it(tmp_path: Path) -> None:
    from open_clip.constants import OPENAI_DATASET_MEAN

    assert clip._agreed_transform("MobileCLIP2-S0")["mean"] == (0.0, 0.0, 0.0)
    assert clip._agreed_transform("ViT-B-32-SigLIP2-256")["mean"] == (0.5, 0.5, 0.5)
    assert clip._agreed_transform("ViT-B-32")["mean"] == OPENAI_DATASET_MEAN
    assert clip._agreed_transform("tiny-clip") == {}


class _Architectures:
    """What ``hub_parts`` asks open_clip for."""

    @staticmethod
    def get_model_config(name: str) -> dict[str, Any] | None:
        text = {"hf_tokenizer_name": "org/tokens"} if name == "of-the-hub" else {"width": 8}
        return {"text_cfg": text}


def test_an_architecture_of_the_hub_offline_is_told_by_one_request(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    @contextmanager
    def connect(kind: str, name: str, timeout: float) -> Iterator[Any]:
        asked.append(f"{kind} {name} {timeout:g}")
        raise ServiceError("The hub is out of reach.", "", "")
        yield

    monkeypatch.setattr(clip.hub_client, "connect", connect)
    with clip.hub_parts(_Architectures, "plain"):
        assert not asked
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: None)
    with pytest.raises(NotReadyError, match="takes parts of org/tokens") as caught:
        clip.hub_parts(_Architectures, "of-the-hub").__enter__()
    assert "out of reach" in caught.value.given
    assert asked == ["model org/tokens 5"]
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: str(tmp_path))
    before = constants.HF_HUB_OFFLINE
    with clip.hub_parts(_Architectures, "of-the-hub"):
        assert constants.HF_HUB_OFFLINE is True
    assert before == constants.HF_HUB_OFFLINE
