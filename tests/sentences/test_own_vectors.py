"""Vectors that a dataset came with: their model may be named, and may be missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.base.errors import InputError
from core.readers.tables import Table
from core.sentences import dataset as text_dataset, own_vectors
from core.sentences.dataset import TextDataset
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.own_vectors import OwnEncoder

TEXTS = ["a cat sleeps", "a bank lends money", "it rains"]


def _dataset(dim: int, model: str, stated: str = "") -> TextDataset:
    vectors = np.random.default_rng(0).normal(size=(3, dim)).astype(np.float32)
    table = Table(pd.DataFrame({"text": TEXTS}), (), vectors={"emb": vectors}, model=stated)
    return text_dataset.from_table("mine", table, None, "digest", None, model)


def test_a_model_that_is_here_encodes_the_questions() -> None:
    texts = own_vectors.open_own(_dataset(384, DEFAULT_SPACE))
    assert texts.entry.space.name == DEFAULT_SPACE
    entry = registry.find_space(DEFAULT_SPACE)
    asked = texts.encoder.encode_query("a kitten").vectors
    assert np.array_equal(asked, entry.text_encoder().encode_query("a kitten").vectors)
    assert own_vectors.model_of(_dataset(384, DEFAULT_SPACE).own or pytest.fail()) == entry


@pytest.mark.parametrize(
    ("dim", "model", "why"),
    [
        (8, "", "the model that made them is not named"),
        (8, DEFAULT_SPACE, "have 8 numbers, those of"),
        (384, "gone", "There is no embedding model of texts called “gone”"),
    ],
)
def test_without_their_model_everything_but_words_goes_on(dim: int, model: str, why: str) -> None:
    dataset = _dataset(dim, model)
    texts = own_vectors.open_own(dataset, "", strict=False)
    assert isinstance(texts.encoder, OwnEncoder)
    assert why in texts.encoder.why
    assert dataset.own is not None
    lengths = np.linalg.norm(dataset.own.vectors, axis=1, keepdims=True)
    assert texts.vectors.vectors == pytest.approx(dataset.own.vectors / lengths, abs=1e-6)
    with pytest.raises(InputError, match="These vectors came with the data"):
        texts.encoder.encode_query("words")
    if model:
        with pytest.raises(InputError):
            own_vectors.open_own(dataset)


def test_what_a_file_states_counts_only_where_it_is_right() -> None:
    assert own_vectors.open_own(_dataset(384, "", DEFAULT_SPACE)).entry.space.name == DEFAULT_SPACE
    texts = own_vectors.open_own(_dataset(9, "", DEFAULT_SPACE))
    assert isinstance(texts.encoder, OwnEncoder)
    assert "have 9 numbers" in texts.encoder.why
