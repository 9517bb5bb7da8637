"""Training the picture encoder: it learns, it resumes to the bit, its batches are repeatable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from core.base.errors import InputError
from core.base.types import FloatArray, Modality, Space
from core.images import holdout as image_holdout
from core.spaces.encoders.minilm_picture_network import PictureNetwork, fold
from core.training.picture_encoder import (
    augment,
    batches,
    captions,
    data as training_data,
    train,
)
from core.training.picture_encoder.batches import Source
from core.training.picture_encoder.loss import Texts
from core.training.picture_encoder.rounds import ARTISTS, EMOJI, ROUNDS, SECOND, TWEMOJI, Mix, Round
from core.training.picture_encoder.teacher import DIM as TEACHER_DIM, reduce_features
from core.training.picture_encoder.train import Settings, Trainer

CAPTIONS = 12
SHARES = dict.fromkeys(SECOND.shares, 6)
MIX = Mix(SHARES, SECOND.looks)
ROUND = Round(40, 1e-3, ((0.5, 32), (1.0, 48)), MIX)
SETTINGS = Settings((ROUND,), seed=3)


def unit(*shape: int, seed: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(seed)
    return F.normalize(torch.randn(*shape, generator=random), dim=-1)


@pytest.fixture
def sources() -> list[Source]:
    """A few pictures of each kind, each kind of picture in colours of its own."""
    random = torch.Generator().manual_seed(1)
    made = []
    for number, name in enumerate(SHARES):
        depth = 4 if name in ARTISTS else 3
        colors = torch.randint(0, 200, (CAPTIONS, 1, 1, depth), generator=random)
        pixels = colors.expand(-1, 32, 32, -1).to(torch.uint8).clone()
        pixels[..., 3:] = 255
        made.append(
            Source(
                name,
                pixels,
                torch.ones(CAPTIONS, 2),
                torch.zeros(CAPTIONS, dtype=torch.bool),
                [np.array([at]) for at in range(CAPTIONS)],
                unit(CAPTIONS, TEACHER_DIM, seed=9) if number == 0 else None,
            )
        )
    return made


@pytest.fixture
def texts() -> Texts:
    vectors = unit(len(captions.TEMPLATES), CAPTIONS, 384, seed=2)
    return Texts(vectors, F.normalize(vectors.mean(0), dim=1))


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in trainer.student.state_dict().items()}


def test_three_steps_on_a_fixed_batch_lower_its_loss(sources: list[Source], texts: Texts) -> None:
    trainer = Trainer(sources, texts, SETTINGS)
    batch = batches.make_batch(sources, ROUND.moment(0), seed=5, number=0)
    losses = []
    for _ in range(4):
        loss, told = trainer.student.loss(batch, texts, 0)
        assert told.shape == (sum(SHARES.values()),)
        trainer.optimizer.zero_grad()
        loss.backward()
        trainer.optimizer.step()
        losses.append(loss.item())
    assert losses[3] < losses[2] < losses[1] < losses[0]


def test_it_resumes_to_the_bit(sources: list[Source], texts: Texts, tmp_path: Path) -> None:
    straight = Trainer(sources, texts, SETTINGS)
    for _ in range(4):
        straight.step()
    first = Trainer(sources, texts, SETTINGS)
    for _ in range(2):
        first.step()
    first.save(tmp_path / "checkpoint.pt")
    again = Trainer(sources, texts, SETTINGS)
    again.resume(tmp_path / "checkpoint.pt")
    assert again.done == 2
    for _ in range(2):
        again.step()
    resumed = weights(again)
    for name, value in weights(straight).items():
        assert torch.equal(value, resumed[name]), name


def test_a_checkpoint_of_other_settings_is_told(
    sources: list[Source], texts: Texts, tmp_path: Path
) -> None:
    Trainer(sources, texts, SETTINGS).save(tmp_path / "checkpoint.pt")
    other = Trainer(sources, texts, Settings((ROUND,), seed=4))
    with pytest.raises(InputError, match="--restart"):
        other.resume(tmp_path / "checkpoint.pt")


def test_training_writes_weights_that_the_encoder_opens(
    sources: list[Source], texts: Texts, tmp_path: Path
) -> None:
    from core.spaces.encoders.minilm_pictures import PictureEncoder

    trainer = Trainer(sources, texts, Settings((replace(ROUND, steps=1), replace(ROUND, steps=1))))
    train.train(trainer, tmp_path / "checkpoint.pt", tmp_path / "log")
    log = (tmp_path / "log").read_text()
    assert "step 1 of 2" in log  # the end of a round is told and kept
    assert "step 2 of 2" in log
    assert EMOJI in log
    train.export(trainer.student, tmp_path / "out")
    space = Space("minilm", "MiniLM", 384, (Modality.IMAGE,))
    from PIL import Image

    found = PictureEncoder(space, tmp_path / "out").encode_pictures([Image.new("RGB", (9, 9))])
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_batch_depends_on_seed_and_number_alone(sources: list[Source]) -> None:
    def make(seed: int, number: int) -> batches.Batch:
        return batches.make_batch(sources, ROUND.moment(0), seed, number)

    first = make(1, 7)
    assert torch.equal(first.pixels, make(1, 7).pixels)
    assert torch.equal(first.captions, make(1, 7).captions)
    assert not torch.equal(first.pixels, make(1, 8).pixels)
    assert not torch.equal(first.pixels, make(2, 7).pixels)
    assert first.pixels.shape == (36, 3, 32, 32)
    assert first.pixels.abs().max() <= 1
    assert first.teacher.any(1).sum() == 6  # only the first source was seen by the teacher


def test_folding_batch_normalization_changes_nothing() -> None:
    torch.manual_seed(0)
    network = PictureNetwork(folded=False)
    pixels = torch.randn(4, 3, 64, 64)
    network.train()
    for _ in range(3):
        network(pixels)  # running means and spreads that are not those of a new network
    network.eval()
    folded = PictureNetwork(folded=True)
    folded.load_state_dict(fold(network.state_dict()))
    with torch.inference_mode():
        assert torch.allclose(folded.eval()(pixels), network(pixels), atol=1e-5)


def test_rounds_follow_each_other_and_end_at_the_size_in_use() -> None:
    settings = Settings()
    first, second, *_ = ROUNDS
    assert settings.steps == sum(part.steps for part in ROUNDS)
    assert settings.round_at(first.steps - 1) == (first, first.steps - 1)
    assert settings.round_at(first.steps) == (second, 0)
    with pytest.raises(IndexError):
        settings.round_at(settings.steps)
    sizes = [part.moment(step).size for part in ROUNDS for step in range(part.steps)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == train.INPUT


def test_the_rate_rises_in_a_line_and_falls_by_half_a_cosine() -> None:
    plan = Round(1000, 0.1, ((1.0, 32),), MIX, warm_up=10)
    assert plan.rate_at(0) == pytest.approx(0.01)
    assert plan.rate_at(4) == pytest.approx(0.05 * 1, rel=1e-3)
    assert plan.rate_at(500) == pytest.approx(0.05)
    assert plan.rate_at(999) < 1e-6


def test_gentle_emoji_become_fewer() -> None:
    plan = Round(100, 0.1, ((1.0, 32),), Mix(SHARES, SECOND.looks, gentle=0.2, gentle_until=0.5))
    shares = [plan.moment(step).gentle for step in (0, 25, 50, 99)]
    assert shares == pytest.approx([1.0, 0.6, 0.2, 0.2])


def test_a_photo_is_called_by_its_first_name_as_often_as_said() -> None:
    options = np.array([7, 8])

    def first(own_name: float) -> float:
        random = torch.Generator().manual_seed(0)
        named = [batches._choose(options, own_name, random) for _ in range(2000)]
        return named.count(7) / len(named)

    assert first(0.0) == pytest.approx(0.5, abs=0.04)
    assert first(0.5) == pytest.approx(0.75, abs=0.04)


def test_the_second_artist_drew_nearly_all_of_them_too() -> None:
    twins = training_data.read_twemoji()
    assert len(twins) > 1_850
    for pixels in list(twins.values())[::300]:
        assert pixels.shape == (training_data.CANVAS, training_data.CANVAS, 4)
        over = pixels[..., :3].astype(int) - pixels[..., 3:]
        assert over.max() < 25  # bicubic scaling overshoots a little at edges
        assert pixels[..., 3].max() > 250


def test_pictures_with_a_direction_are_not_mirrored() -> None:
    left = torch.zeros(64, 1, 16, 16)
    left[..., :8] = 1
    look = augment.Look(turn=0, stretch=0, zoom=(1.0, 1.0), mirror=1.0)
    random = torch.Generator().manual_seed(0)

    def lit(fixed: bool) -> torch.Tensor:
        given = augment.Originals(left, torch.ones(64, 2), torch.full((64,), fixed))
        shown = augment.view(given, 16, look, random)
        return shown[..., :6].mean((1, 2, 3)) > shown[..., 10:].mean((1, 2, 3))

    assert lit(fixed=True).all()
    assert not lit(fixed=False).any()


@pytest.mark.parametrize("change", [augment.recolor, augment.restyle, augment.redraw_lines])
def test_changed_pictures_stay_in_range_and_the_given_ones_as_they_were(
    change: Callable[..., torch.Tensor],
) -> None:
    random = torch.Generator().manual_seed(0)
    pixels = torch.rand(32, 3, 24, 24, generator=random)
    before = pixels.clone()
    second = augment.Look() if change is augment.recolor else 0.5
    changed = change(pixels, second, random)
    assert changed.shape == pixels.shape
    assert changed.min() >= 0 and changed.max() <= 1.01
    assert torch.equal(pixels, before)
    assert not torch.equal(changed, before)


def test_thin_dark_lines_go_and_broad_ones_stay() -> None:
    pixels = torch.ones(1, 3, 32, 32)
    pixels[..., 4:6] = 0  # two pixels wide
    pixels[..., 16:24] = 0
    clean = augment.without_lines(pixels, 3)
    assert clean[..., 2:8].min() == 1
    assert clean[..., 17:23].max() == 0


def test_drawings_lie_on_their_grounds() -> None:
    drawn = torch.tensor([0.5, 0.0, 0.0, 0.5])[None, :, None, None]  # half clear red
    ground = torch.tensor([0.0, 1.0, 0.0])[None, :, None, None]
    assert augment.on_ground(drawn, ground).flatten().tolist() == [0.5, 0.5, 0.0]


def test_features_of_the_teacher_are_reduced_to_unit_rows_on_their_main_axes() -> None:
    random = np.random.default_rng(0)
    strong = random.normal(size=(600, 1)).astype(np.float32) * 50
    features = np.concatenate([strong, random.normal(size=(600, 299))], 1).astype(np.float32)
    found = reduce_features(features)
    assert found.shape == (600, TEACHER_DIM)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    # The strong one is still the first, but no longer drowns the others.
    assert 0.3 < abs(found[:, 0]).mean() < 0.9


class FakeEncoder:
    """A vector for each text, drawn by its bytes."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        rows = [np.random.default_rng(list(text.encode())).normal(size=384) for text in texts]
        found = np.array(rows, dtype=np.float32)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.mark.slow
def test_photos_and_emoji_share_captions(own_home: Path) -> None:
    labels = ("cat", "strawberry", "Motorbikes")
    names = [name for label in labels for name in captions.names_of(label)]
    pool = captions.CaptionPool(names, FakeEncoder())  # type: ignore[arg-type]
    assert pool.captions.count("cat") == 1
    assert pool.rows(["cat"])[0] < 1_914  # the emoji's own row
    assert pool.captions[1_914:] == ["Motorbikes"]  # "motorcycle" is an emoji too
    assert pool.vectors.shape == (len(captions.TEMPLATES), 1_915, 384)
    assert np.linalg.norm(pool.targets, axis=1) == pytest.approx(1, abs=1e-5)
    emoji, twins = batches.emoji_sources(pool)
    assert (emoji.name, twins.name) == (EMOJI, TWEMOJI)
    assert emoji.pixels.shape == (1_914, training_data.CANVAS, training_data.CANVAS, 4)
    drawn = emoji.pixels.float()
    assert (drawn[..., :3] <= drawn[..., 3:]).all()  # multiplied by opacity


@pytest.mark.slow
def test_held_out_photos_are_never_trained_on(
    own_home: Path, shared_data: Callable[[str], Path]
) -> None:
    data = shared_data("images/flower_photos.parquet").parents[1]
    flowers = training_data.load_photos(training_data.SETS[1], data)
    assert flowers.held_out.sum() == 464
    names = [name for label in set(flowers.names) for name in captions.names_of(label)]
    pool = captions.CaptionPool(names, FakeEncoder())  # type: ignore[arg-type]
    source = batches.photo_source(flowers, pool, None)
    assert len(source.pixels) == len(flowers) - 464
    kept = {pixels.tobytes() for pixels in source.pixels.numpy()}
    validated = np.flatnonzero(image_holdout.held_out(flowers.ids))
    assert len(validated) == 463  # the file has one of the 464 a second time, to be trained on
    held = [flowers.pixels[row].tobytes() for row in validated]
    assert not kept & set(held)
    again = training_data.load_photos(training_data.SETS[1], data)
    assert np.array_equal(again.pixels, flowers.pixels)


def test_the_whole_of_the_test_half_is_held_out(shared_data: Callable[[str], Path]) -> None:
    from core.readers.picture_parquet import read_picture_table
    from core.spaces.vector_store import item_digest

    table = read_picture_table(shared_data("images/cifar10_test_half.parquet"), item_digest)
    assert image_holdout.held_out(table.ids).all()
    assert len(table.ids) == 4_972
