"""Entities that begin a training with the vectors of their texts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.base.errors import InputError
from core.base.types import FloatArray
from core.graphs import pykeen_backend, text_start
from core.graphs.scoring import Model
from core.graphs.settings import Settings
from core.graphs.training import train
from tests.support.graph_fixtures import family

TEXTS = np.random.default_rng(0).normal(3, 1, size=(5, 6)).astype(np.float32)


def cosines(vectors: FloatArray) -> FloatArray:
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    found: FloatArray = unit @ unit.T
    return found


@pytest.mark.parametrize("numbers", [4, 6, 16])
def test_texts_keep_their_cosines_in_any_dimension(numbers: int) -> None:
    found = text_start.turned(TEXTS, numbers, 1)
    assert found.shape == (5, numbers)
    assert found.std() == pytest.approx(1, abs=1e-5)
    # Five centered texts span four axes, so that four numbers are enough.
    np.testing.assert_allclose(cosines(found), cosines(TEXTS - TEXTS.mean(axis=0)), atol=1e-5)
    assert not np.allclose(found, text_start.turned(TEXTS, numbers, 2))


def test_texts_that_do_not_differ_are_told() -> None:
    for texts in (TEXTS[:1], np.repeat(TEXTS[:1], 3, axis=0)):
        with pytest.raises(InputError, match="do not differ"):
            text_start.turned(texts, 8, 0)


@pytest.mark.parametrize("model", [Model.COMPLEX, Model.TRANSE])
def test_entities_with_texts_begin_there_and_others_by_chance(model: Model) -> None:
    settings = Settings(model, 8, loss="softplus", start_from="some")
    texts = TEXTS.copy()
    texts[2] = 0
    built = pykeen_backend.build_model(pykeen_backend.triples_factory(family(), settings), settings)
    [entities] = built.entity_representations[0].parameters()
    before = entities.detach().clone()
    pykeen_backend.begin_with(built, texts, settings.seed)
    rows = [0, 1, 3, 4]
    expected = text_start.turned(texts[rows], before.shape[1], settings.seed)
    torch.testing.assert_close(entities.detach()[2], before[2])
    torch.testing.assert_close(
        entities.detach()[rows], torch.from_numpy(expected) * before.std(), rtol=1e-4, atol=1e-6
    )


def test_a_training_begins_with_texts_where_its_settings_say_so() -> None:
    settings = Settings(dim=6, epochs=1, batch=8)
    named = replace(settings, start_from="some")
    found = train(family(), named, texts=TEXTS)
    assert found.settings.start_from == "some"
    assert not np.allclose(found.vectors.entities, train(family(), settings).vectors.entities)
    for wanted, texts in ((named, None), (settings, TEXTS)):
        with pytest.raises(InputError, match="Both, or neither"):
            train(family(), wanted, texts=texts)
