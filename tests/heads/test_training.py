"""Training a head on vectors made here: what it learns, how it ends, and how it goes on."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import Cancelled, InputError
from core.base.types import FloatArray
from core.base.vectors import normalize
from core.heads import batches, training
from core.heads.data import Data, prepare
from core.heads.labels import Labels, label
from core.heads.settings import LOSSES, SIMCLR, Settings
from core.heads.split import split
from core.heads.training import train
from core.heads.watch import Trained, Watch

SMALL = Settings(width=32, dim=8, batch=64, epochs=8, learning_rate=0.02)


def items(count: int = 160, seed: int = 0) -> tuple[FloatArray, list[str], list[str]]:
    """Vectors whose large numbers are chance and whose small ones tell a kind and a colour."""
    random = np.random.default_rng(seed)
    kind, colour = np.arange(count) % 4, (np.arange(count) // 4) % 4
    vectors = random.standard_normal((count, 16)) * ([0.4] * 8 + [2.0] * 8)
    vectors[np.arange(count), kind] += 1
    vectors[np.arange(count), 4 + colour] += 1
    return (
        normalize(vectors.astype(np.float32)),
        [f"k{one}" for one in kind],
        [f"c{one}" for one in colour],
    )


def data(count: int = 160) -> Data:
    vectors, kinds, _ = items(count)
    return prepare(vectors, [label("kind", kinds)])


def same(one: Trained, other: Trained) -> bool:
    pairs = zip(one.head.arrays().values(), other.head.arrays().values(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("loss", [name for name in LOSSES if name != SIMCLR])
def test_each_loss_brings_held_out_items_of_a_class_together(loss: str) -> None:
    trained = train(data(), replace(SMALL, loss=loss))
    before, after = trained.points[0], trained.points[-1]
    assert (before.epoch, after.epoch) == (0, 8)
    assert after.precision > before.precision + 0.1
    assert 1 <= trained.best <= 8
    assert len(trained.losses) == 8
    made = trained.head.apply(data().vectors)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)


def test_a_seed_gives_the_same_head_and_another_gives_another() -> None:
    one, again, other = (train(data(), replace(SMALL, seed=seed)) for seed in (1, 1, 2))
    assert same(one, again)
    assert not same(one, other)


def test_several_columns_count_each_in_part() -> None:
    vectors, kinds, colours = items()
    both = prepare(vectors, [label("kind", kinds), label("colour", colours)])
    trained = train(both, replace(SMALL, epochs=12))
    assert trained.points[-1].precision > trained.points[0].precision + 0.1


def test_items_without_any_label_are_left_out_and_counted() -> None:
    vectors, kinds, colours = items()
    kinds[:5] = [""] * 5
    colours[:3] = [""] * 3
    vectors[9, 0] = np.nan
    found = prepare(vectors, [label("kind", kinds), label("colour", colours)])
    assert (len(found), found.left_out) == (156, 4)
    assert found.rows[:3].tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["a"] * 40, "has one class"),
        ([str(at) for at in range(40)], "occurs once"),
        ([""] * 40, "has no class"),
    ],
)
def test_labels_that_nothing_can_be_learnt_from(values: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        prepare(items(40)[0], [label("kind", values)])


def test_one_item_a_class_beside_larger_ones_does_no_harm() -> None:
    vectors, kinds, _ = items(40)
    kinds[:6] = [f"alone {at}" for at in range(6)]
    trained = train(prepare(vectors, [label("kind", kinds)]), SMALL)
    assert trained.best >= 1


def test_5000_classes_of_two() -> None:
    vectors = np.random.default_rng(0).standard_normal((10_000, 4)).astype(np.float32)
    many = prepare(normalize(vectors), [label("kind", [str(at // 2) for at in range(10_000)])])
    settings = replace(SMALL, epochs=1, batch=512)
    trained = train(many, settings)
    assert np.isfinite(trained.losses[0])


def test_a_batch_larger_than_the_data_takes_all_of_it() -> None:
    [rows] = list(batches.epoch(data().numbers, 2_000, 0.5, np.random.default_rng(0)))
    assert sorted(rows) == list(range(160))
    assert train(data(), replace(SMALL, batch=2_000)).best >= 1


def test_classes_have_a_like_share_of_a_balanced_batch() -> None:
    numbers = np.repeat([0, 1, 2], [900, 60, 40])[:, None]
    drawn = np.concatenate(list(batches.epoch(numbers, 60, 1.0, np.random.default_rng(0))))
    counts = np.bincount(numbers[drawn, 0])
    assert counts.min() > 0.8 * counts.max()


@pytest.mark.parametrize("epochs", [1, 6])
def test_a_learning_rate_of_a_million_is_caught(epochs: int) -> None:
    with pytest.raises(InputError, match="diverged in its first epoch"):
        train(data(), replace(SMALL, learning_rate=1e6, epochs=epochs))


def test_what_diverges_later_keeps_the_last_good_head(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_in_the_fourth(self: object, progress: object) -> float:
        return np.nan if self.done == 3 else usual(self, progress)  # type: ignore[attr-defined]

    usual = training._Training._epoch
    monkeypatch.setattr(training._Training, "_epoch", fails_in_the_fourth)
    trained = train(data(), SMALL)
    assert "diverged in epoch 4" in trained.notes[0]
    assert len(trained.losses) == 3
    assert 1 <= trained.best <= 3


@pytest.mark.parametrize("at", [0, 2, 5])
def test_what_is_cancelled_at_an_epoch_goes_on_from_its_checkpoint(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr(training, "_SAVE_EVERY", -1.0)

    def stops(done: int, total: int, note: str = "") -> None:
        if done == at and note == "epochs":
            raise Cancelled("training")

    path = own_home / "some.safetensors"
    with pytest.raises(Cancelled):
        train(data(), SMALL, stops, checkpoint=path)
    done: list[int] = []
    gone_on = train(data(), SMALL, lambda epoch, *_: done.append(epoch), checkpoint=path)
    # The epoch that was going on may have ended before its thread came to its next report.
    whole = train(data(), SMALL)
    assert same(gone_on, whole)
    assert gone_on.losses == pytest.approx(whole.losses)
    assert [one.epoch for one in gone_on.points] == [one.epoch for one in whole.points]
    assert not path.exists()


CHILD = """
import sys, time
from pathlib import Path
from core.heads import training
from tests.heads.test_training import SMALL, data
training._SAVE_EVERY = -1.0
def holds(done, total, note=""):
    if done == 3:
        print("there", flush=True)
        time.sleep(600)
training.train(data(), SMALL, holds, checkpoint=Path(sys.argv[1]))
"""


@pytest.mark.slow
def test_what_was_killed_goes_on_from_its_checkpoint(own_home: Path) -> None:
    path = own_home / "some.safetensors"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == "there\n"
        child.kill()
        child.wait(60)
    assert path.is_file()
    gone_on, whole = train(data(), SMALL, checkpoint=path), train(data(), SMALL)
    assert same(gone_on, whole)
    assert gone_on.losses == pytest.approx(whole.losses)


def test_a_checkpoint_that_is_no_file_of_ours_is_begun_anew(own_home: Path) -> None:
    path = own_home / "some.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"no safetensors")
    assert same(train(data(), SMALL, checkpoint=path), train(data(), SMALL))


def test_stopping_keeps_the_best_so_far() -> None:
    watch = Watch()

    def stops(done: int, total: int, note: str = "") -> None:
        if done == 2:
            watch.stop.set()

    trained = train(data(), SMALL, stops, watch)
    assert trained.notes == (f"Stopped after {len(trained.losses)} of 8 epochs.",)
    assert 1 <= trained.best <= len(trained.losses) < 8


def test_a_second_training_waits_for_the_first() -> None:
    began, go_on = threading.Event(), threading.Event()
    notes: list[str] = []

    def holds(done: int, total: int, note: str = "") -> None:
        began.set()
        go_on.wait(60)

    def waits(done: int, total: int, note: str = "") -> None:
        notes.append(note)
        if "waits" in note:
            go_on.set()

    first = threading.Thread(target=train, args=(data(), SMALL, holds))
    first.start()
    assert began.wait(60)
    train(data(), SMALL, waits)
    first.join(60)
    assert "epochs; waits, 1 before it" in notes


def test_parts_have_a_like_share_of_each_class_and_never_share_a_group() -> None:
    numbers = np.repeat(np.arange(3), [200, 100, 10])[:, None]
    parts = split(numbers, 0.3, 0)
    every = np.concatenate([parts.train, parts.choosing, parts.held_out])
    assert sorted(every) == list(range(310))
    held = np.bincount(numbers[parts.held_out, 0])
    assert held[:2].tolist() == pytest.approx([60, 30], abs=1)
    assert held[2] in (3, 4)
    artists = np.arange(310) % 20
    by_artist = split(numbers, 0.3, 0, artists)
    sides = [set(artists[rows]) for rows in (by_artist.train, by_artist.held_out)]
    assert not sides[0] & sides[1]
    assert len(sides[1]) == 6


def test_held_out_items_can_be_named() -> None:
    vectors, kinds, _ = items()
    held = np.arange(160) < 40
    named = prepare(vectors, [label("kind", kinds)], held_out=held)
    assert train(named, SMALL).parts.held_out.tolist() == list(range(40))


def test_what_cannot_be_parted_is_told() -> None:
    vectors, kinds, _ = items(8)
    alone = Labels("artist", ("one",), np.zeros(8, dtype=np.int64))
    with pytest.raises(InputError, match="0 are held out"):
        train(prepare(vectors, [label("kind", kinds)], groups=alone), SMALL)
