"""Entities that are text alone: the learnt map, its figures, predictions; texts from files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.types import FloatArray
from core.graphs import unseen
from core.graphs.entity_search import nearest_to
from core.graphs.entity_texts import MOST, entity_texts, read_descriptions
from core.graphs.graph import build_graph
from core.graphs.models import GraphModel
from core.graphs.prediction import Asked
from core.graphs.scoring import GraphVectors, Model
from core.graphs.settings import Settings
from core.graphs.training import Trained
from tests.support.graph_fixtures import family

PAIRS = 30


def pairs_model(kind: Model) -> tuple[GraphModel, FloatArray]:
    """Pairs (a, next, b) that hold exactly, and texts that are a linear map of the vectors."""
    random = np.random.default_rng(0)
    names = [(f"a{at:02}", f"b{at:02}") for at in range(PAIRS)]
    graph = build_graph("pairs", {"train": [(a, "next", b) for a, b in names]}, whole=True)
    heads = random.normal(size=(PAIRS, 4)).astype(np.float32)
    if kind is Model.TRANSE:
        step = np.array([[3.0, 0.0, 1.0, 0.0]], dtype=np.float32)
        entities = np.concatenate([heads, heads + step])
    else:  # RotatE: complex numbers, each turned by its angle
        heads = (heads + 1j * random.normal(size=heads.shape)).astype(np.complex64)
        step = np.exp(1j * np.array([[1.0, 2.0, 0.5, 3.0]])).astype(np.complex64)
        entities = np.concatenate([heads, heads * step])
    real = entities if kind is Model.TRANSE else np.concatenate([entities.real, entities.imag], 1)
    texts = (real @ random.normal(size=(real.shape[1], 12))).astype(np.float32)
    vectors = GraphVectors(kind, entities, step)
    trained = Trained(vectors, Settings(kind, 4, loss="softplus"), 1, (0.0,), (), 0.0)
    return GraphModel(graph, trained, {}, "pairs"), texts


def test_the_map_is_ridge_regression_in_closed_form() -> None:
    random = np.random.default_rng(1)
    x, y = random.normal(size=(20, 3)), random.normal(size=(20, 2))
    [found] = unseen.fit_ridges(x.astype(np.float32), y.astype(np.float32), [0.5])
    a, b = x - x.mean(axis=0), y - y.mean(axis=0)
    expected = np.linalg.solve(a.T @ a + 0.5 * 20 * np.eye(3), a.T @ b)
    np.testing.assert_allclose(found.weights, expected, atol=1e-5)
    np.testing.assert_allclose(found.apply(x.mean(axis=0)[None])[0], y.mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("kind", [Model.TRANSE, Model.ROTATE])
def test_entities_held_out_are_ranked_from_texts_alone(kind: Model) -> None:
    model, texts = pairs_model(kind)
    found = unseen.learn(model, texts, np.ones(2 * PAIRS, dtype=np.bool_))
    assert (found.fitted, found.held_out) == (2 * PAIRS, 2 * PAIRS)
    assert found.mapped.mrr > 0.95
    assert found.trained.mrr == pytest.approx(1.0)
    assert found.frequency.mrr < 0.15  # each entity is at one end once: a guess
    # A text that nobody has, where the vector of a07 is as well.
    placed = found.map.apply(texts)
    tail = unseen.predict(model, placed[7], 0, Asked.TAIL, 3)
    assert tail[0].id == "b07"
    head = unseen.predict(model, placed[PAIRS + 7], 0, Asked.HEAD, 3)
    assert head[0].id == "a07"
    assert nearest_to(model, placed[7], 1)[0][0] == 7


def test_what_texts_do_not_tell_is_no_better_than_frequency() -> None:
    model, texts = pairs_model(Model.TRANSE)
    noise = np.random.default_rng(3).normal(size=texts.shape).astype(np.float32)
    found = unseen.learn(model, noise, np.ones(2 * PAIRS, dtype=np.bool_))
    assert found.mapped.mrr < 0.25


def test_entities_without_a_text_are_left_out_of_the_fit() -> None:
    model, texts = pairs_model(Model.TRANSE)
    half = np.arange(2 * PAIRS) % 2 == 0
    wrong = np.where(half[:, None], texts, np.nan)  # what is not looked at may be anything
    found = unseen.learn(model, wrong, half)
    assert (found.fitted, found.held_out) == (PAIRS, PAIRS)
    assert found.mapped.mrr > 0.5
    assert np.isfinite(found.map.weights).all()
    with pytest.raises(InputError, match="Of 60 entities only 9 have a text"):
        unseen.learn(model, texts, np.arange(2 * PAIRS) < 9)


def test_wrong_wishes_are_told() -> None:
    model, _ = pairs_model(Model.TRANSE)
    new = model.vectors.entities[0]
    with pytest.raises(InputError, match="At least 1"):
        unseen.predict(model, new, 0, Asked.TAIL, 0)
    with pytest.raises(InputError, match="A relation cannot be predicted"):
        unseen.predict(model, new, 0, Asked.RELATION)


def test_texts_of_entities_are_names_and_descriptions() -> None:
    graph = build_graph(
        "mixed",
        {"train": [("/m/01", "r", "united_kingdom"), ("Q7", "r", "/m/02k"), ("Q9", "r", "Q7")]},
        labels={"Q7": "Ada"},
    )
    found = entity_texts(graph, {"Q7": "wrote a program", "/m/01": "x" * 100_000})
    by_id = dict(zip(graph.entities, found.texts, strict=True))
    assert by_id == {
        "/m/01": "x" * MOST,
        "united_kingdom": "united kingdom",
        "Q7": "Ada: wrote a program",
        "/m/02k": "",
        "Q9": "",
    }
    assert (found.missing, found.cut) == (2, 1)
    assert found.notes == [
        "Without a text, and so left out of the fit: 2 of 5 entities.",
        "Longer than 2,000 characters, so only their beginning is read: 1.",
    ]
    assert entity_texts(family()).notes == []


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"anna": {"label": "A", "description": "a  nurse"}, "ben": "a cook", "x": "y"}),
        "anna\ta  nurse\nben\ta cook\nx\ty\n",
        'anna,"a nurse"\nben,a cook\n',
    ],
)
def test_descriptions_are_read_from_json_and_tables(data: str) -> None:
    found = read_descriptions("d", data.encode(), family().entities)
    assert found == {"anna": "a nurse", "ben": "a cook"}


def test_descriptions_of_100_kb_are_read_and_a_wrong_file_is_told() -> None:
    long = "word " * 20_000
    found = read_descriptions("d.tsv", f"anna\t{long}\n".encode(), family().entities)
    assert entity_texts(family(), found).cut == 1
    for wrong in (b"", b"{}", b'{"x": 1}', b"nobody\thas this\n", b'{"anna": {"label": "A"}}'):
        with pytest.raises(InputError, match="describes none of the 5 entities"):
            read_descriptions("d.json", wrong, family().entities)
