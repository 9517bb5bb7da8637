"""SimCLR: a head on views of pictures, of which no label is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.base.errors import InputError
from core.base.types import FloatArray
from core.base.vectors import normalize
from core.heads import batches, store
from core.heads.data import Data, prepare
from core.heads.labels import label
from core.heads.losses import nt_xent, pairs_of_views
from core.heads.measures import compare, own_view
from core.heads.settings import Settings
from core.heads.training import train
from tests.heads.test_training import SMALL, same

VIEWS = replace(SMALL, loss="simclr", epochs=12)


def made() -> tuple[FloatArray, FloatArray, list[str]]:
    """Pictures, four views each, and kinds: views differ in the large numbers, not in the small."""
    random = np.random.default_rng(0)
    kinds = np.arange(160) % 4
    small = random.standard_normal((160, 8)) * 0.3
    small[np.arange(160), kinds] += 1
    large = random.standard_normal((160, 5, 8)) * 2
    every = np.concatenate([np.repeat(small[:, None], 5, axis=1), large], axis=2)
    every = normalize(every.reshape(-1, 16).astype(np.float32)).reshape(160, 5, 16)
    return every[:, 0], every[:, 1:], [f"k{one}" for one in kinds]


def unlabelled() -> Data:
    vectors, views, _ = made()
    return replace(prepare(vectors, [], label_free=True), views=views)


def test_the_loss_is_the_one_of_the_paper() -> None:
    vectors = normalize(np.random.default_rng(0).standard_normal((6, 5)).astype(np.float32))
    scores = np.exp(vectors @ vectors.T / 0.5)
    # Views i and i + 3 are of one picture: eq. 1, the mean over all six.
    each = [
        -np.log(scores[at, (at + 3) % 6] / (scores[at].sum() - scores[at, at])) for at in range(6)
    ]
    found = nt_xent(torch.from_numpy(vectors), pairs_of_views(3), 0.5)
    assert found.item() == pytest.approx(np.mean(each), rel=1e-5)


def test_a_batch_has_two_different_views_of_each_item_once_an_epoch() -> None:
    drawn = list(batches.of_views(50, 20, 4, np.random.default_rng(0)))
    assert sorted(np.concatenate([rows for rows, _ in drawn]).tolist()) == list(range(50))
    assert [len(rows) for rows, _ in drawn] == [10] * 5
    chosen = np.concatenate([two for _, two in drawn])
    assert (chosen[:, 0] != chosen[:, 1]).all()
    assert set(chosen.ravel()) == {0, 1, 2, 3}


def test_a_view_finds_the_other_one_of_its_picture() -> None:
    second = np.eye(12, dtype=np.float32)
    first = second.copy()
    first[0] = normalize(np.float32([[1, 3, 2, *[0] * 9]]))[0]  # its own is third
    assert own_view(first, second) == pytest.approx((1.0, 11 / 12))


def test_without_a_label_views_come_together_and_so_do_kinds() -> None:
    trained = train(unlabelled(), VIEWS)
    assert trained.own_view is not None
    (_, before), (_, after) = trained.own_view
    assert after > before + 0.2
    assert trained.points[-1].nearest > trained.points[0].nearest + 0.2
    assert compare(unlabelled(), trained.parts, trained.head) == ()
    vectors, _, kinds = made()
    data = prepare(vectors, [label("kind", kinds)])
    [told] = compare(data, trained.parts, trained.head)
    assert told.after.mean > told.before.mean + 0.1
    assert store.told_views(trained)["after"]["nearest"] == after


def test_labels_change_nothing_but_what_is_measured() -> None:
    vectors, views, kinds = made()
    kinds[:30] = [""] * 30
    data = replace(prepare(vectors, [label("kind", kinds)], label_free=True), views=views)
    assert len(data) == 160  # those without a label too
    one, other = (train(given, replace(VIEWS, epochs=2)) for given in (data, unlabelled()))
    assert same(one, other)
    assert len(compare(data, one.parts, one.head)) == 1


def test_a_seed_gives_the_same_head_of_views() -> None:
    short = replace(VIEWS, epochs=2)
    assert same(train(unlabelled(), short), train(unlabelled(), short))


def test_one_view_is_none() -> None:
    with pytest.raises(InputError, match="“views” of the training is 1"):
        Settings(loss="simclr", views=1)
