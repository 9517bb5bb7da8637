"""Training the head on EfficientNet-lite0, on made features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.base import vectors as vec
from core.base.errors import InputError
from core.base.paths import ASSETS
from core.images import imagenet
from core.training.picture_head import features, texts
from core.training.picture_head.features import PictureSet
from core.training.picture_head.train import Settings, Source, Trainer, read_unseen

SHARES = {"openmoji": 6, "fashion_products": 4}


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    """Two sets of made pictures: eight emoji of one name each, and four titles."""
    monkeypatch.setattr(texts, "encode", made_vectors)
    return make()


def made_vectors(said: list[str]) -> np.ndarray:
    random = np.random.default_rng(5)
    return vec.normalize(random.normal(size=(len(said), 384)).astype(np.float32))


def make(steps: int = 40) -> Trainer:
    kinds = [one.name for one in imagenet.classes()]
    names = list(dict.fromkeys([*(f"thing {at}" for at in range(8)), *kinds]))
    titles = [f"title {at}" for at in range(4)]
    vectors = made_vectors([*names, *titles])
    rows = {name: row for row, name in enumerate([*names, *titles])}
    pool = texts.Pool(rows, len(names), np.stack([vectors] * 3), vectors)
    random = np.random.default_rng(1)
    seen = torch.from_numpy(random.gamma(1, 0.5, size=(12, 1_280)).astype(np.float32))
    sources = {
        "openmoji": Source([seen[:8]], [[rows[f"thing {at}"]] for at in range(8)]),
        "fashion_products": Source([seen[8:]], [[rows[one]] for one in titles]),
    }
    settings = Settings(steps=steps, warm=2, classes=6, shares=SHARES, dropout=0.1)
    return Trainer(sources, pool, settings)


def test_it_learns_what_each_picture_is_called(trainer: Trainer) -> None:
    losses = [trainer.step() for _ in range(40)]
    assert np.mean(losses[-5:]) < 0.6 * losses[0]
    trainer.head.eval()
    seen = trainer.sources["openmoji"].views[0]
    with torch.inference_mode():
        vectors = trainer.head.vectors(trainer.head.hidden(seen))
    told = (vectors @ trainer.targets[:8].T).argmax(1)
    assert told.tolist() == list(range(8))


def test_it_goes_on_from_a_checkpoint_to_the_same_end(trainer: Trainer, tmp_path: Path) -> None:
    for _ in range(4):
        trainer.step()
    trainer.save(tmp_path / "half.pt")
    whole = [trainer.step() for _ in range(3)]
    other = make()
    other.resume(tmp_path / "half.pt")
    assert [other.step() for _ in range(3)] == pytest.approx(whole, rel=1e-4)
    with pytest.raises(InputError, match="another recipe"):
        make(steps=41).resume(tmp_path / "half.pt")


def test_what_stands_for_a_class_is_told_as_that_class(trainer: Trainer) -> None:
    kinds = np.array([1, 207, 980])
    seen = trainer._features_of(kinds, torch.full((3, 1), 18.0))
    assert seen.shape == (3, 1_280)
    assert float(seen.min()) >= 0
    assert trainer.classifier(seen).argmax(1).tolist() == kinds.tolist()


def test_the_classes_that_a_head_is_trained_without_have_photos_to_measure() -> None:
    """Each stands in the split that photos are held out by."""
    lines = (ASSETS / "splits" / "pictures-validation.tsv").read_text(encoding="utf-8").splitlines()
    photos = [line.split("\t")[1] for line in lines if line.startswith("caltech101\t")]
    left_out = read_unseen()
    assert len({*left_out}) == len(left_out) == 20
    assert {*left_out} <= {photo.split("/")[0] for photo in photos}


def test_what_the_network_sees_is_computed_once_and_asked_for_by_name(own_home: Path) -> None:
    calls: list[int] = []

    def opened(at: int) -> Image.Image:
        calls.append(at)
        return Image.new("RGB", (40, 20), ("red", "blue")[at % 2])

    def trunk(pixels: torch.Tensor) -> torch.Tensor:
        return pixels.mean((2, 3)).repeat(1, 2)

    none = np.zeros(3, np.bool_)
    pictures = PictureSet("made", "1", ["a", "b", "c"], none, none, opened)
    with pytest.raises(InputError, match="has not been computed"):
        features.read(pictures)
    features.compute(pictures, trunk)  # type: ignore[arg-type]
    features.compute(pictures, trunk)  # type: ignore[arg-type]
    assert calls == [0, 1, 2]
    seen = features.read(pictures)
    # Half of the square is the white around it.
    assert seen[0] == pytest.approx([255, 127.5, 127.5] * 2, abs=1)
    assert not features.has(pictures, 1)
    features.compute(pictures, trunk, 1)  # type: ignore[arg-type]
    assert features.read(pictures, 1).shape == (3, 6)
