"""Training by PyKEEN: its scores are ours, a forced answer, seeds, stopping, divergence, files."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.base.errors import Cancelled, DamagedError, InputError
from core.graphs import (
    models,
    pipeline,
    prediction,
    product_losses,
    pykeen_backend,
    pykeen_home,
    ranking,
    sources,
    tail_loop,
    training,
)
from core.graphs.graph import Graph, build_graph
from core.graphs.models import model_digest
from core.graphs.prediction import Question
from core.graphs.scoring import GraphVectors, Model, relation_scores, tail_scores
from core.graphs.settings import LARGE, LOSSES, SAMPLED_ONLY, Settings, defaults, find_model
from core.graphs.training import Trained, Watch, train
from tests.support.graph_fixtures import family

SMALL = Settings(dim=6, epochs=2, batch=8)


def ring(size: int = 12) -> Graph:
    """Places on a ring, each next to one; the last step is asked for, and only one place is left
    that nothing leads to."""
    names = [f"p{at:02}" for at in range(size)]
    steps = [(names[at], "next", names[(at + 1) % size]) for at in range(size)]
    back = [(tail, "before", head) for head, _, tail in steps]
    return build_graph("ring", {"train": steps[:-1] + back, "test": steps[-1:]})


def test_no_epoch_collects_the_garbage_of_the_whole_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    collected: list[int] = []

    def collect(generation: int = 2) -> int:
        collected.append(generation)
        return 0

    monkeypatch.setattr(gc, "collect", collect)
    assert train(family(), SMALL).epochs == 2
    assert collected == []


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("inverse", [False, True])
def test_our_scores_and_ranks_are_pykeens_own(model: Model, inverse: bool) -> None:
    from pykeen.evaluation import RankBasedEvaluator

    graph = sources.load_graph("nations")
    settings = Settings(model, 5, loss="softplus", inverse=inverse)
    factory = pykeen_backend.triples_factory(graph, settings)
    theirs = pykeen_backend.build_model(factory, settings).eval()
    vectors = pykeen_backend.read_vectors(theirs, settings)
    triples = graph.test[:60]
    heads, relations, tails = triples.T
    scores = tail_scores(vectors, heads, relations)[np.arange(len(triples)), tails]
    with torch.inference_mode():
        given = theirs.predict_hrt(torch.from_numpy(triples)).numpy(force=True)[:, 0]
    np.testing.assert_allclose(scores, given, rtol=1e-4, atol=1e-5)
    filters = [torch.from_numpy(graph.train), torch.from_numpy(graph.valid)]
    filters.append(torch.from_numpy(graph.test))
    found = RankBasedEvaluator().evaluate(
        theirs,
        torch.from_numpy(triples),
        additional_filter_triples=filters,
        use_tqdm=False,
        batch_size=64,
    )
    ours = ranking.evaluate(vectors, graph, triples).both
    expected = found.get_metric("both.realistic.inverse_harmonic_mean_rank")
    assert ours.mrr == pytest.approx(expected, abs=1e-4)
    assert ours.hits[3] == pytest.approx(found.get_metric("both.realistic.hits_at_3"), abs=1e-4)


def test_the_normals_of_transh_have_length_one_and_its_translations_any() -> None:
    made = train(family(), Settings(Model.TRANSH, 6, 3, "margin", 4, batch=8, learning_rate=0.1))
    for relations in (made.vectors.relations, made.vectors.inverses):
        assert relations is not None
        normals, moves = np.split(relations, 2, axis=1)
        np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, rtol=1e-5)
        assert np.abs(np.linalg.norm(moves, axis=1) - 1).min() > 1e-3


def test_a_ring_forces_the_answer() -> None:
    graph = ring()
    settings = Settings(dim=16, epochs=40, batch=24, learning_rate=0.05, inverse=False)
    model = pipeline.make(graph, settings)
    [head, relation, tail] = graph.test[0].tolist()
    found = prediction.answer(model, Question(head, relation, None), 1, known=True)
    assert (found[0].row, found[0].part) == (tail, "test")
    assert model.figures["mrr"] == 1.0
    assert model.trained.losses[-1] < model.trained.losses[0] / 4


def test_a_seed_gives_the_same_model_and_leaves_other_draws_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = train(family(), SMALL), train(family(), SMALL)
    assert torch.equal(torch.rand(3), expected)
    np.testing.assert_array_equal(first.vectors.entities, second.vectors.entities)
    other = train(family(), replace(SMALL, seed=1))
    assert not np.array_equal(first.vectors.entities, other.vectors.entities)
    assert len(first.losses) == first.epochs == 2


@pytest.mark.parametrize("loss", list(LOSSES))
@pytest.mark.parametrize("negatives", [0, 3])
def test_every_loss_trains_with_all_entities_or_drawn_ones(loss: str, negatives: int) -> None:
    if loss in SAMPLED_ONLY and not negatives:
        with pytest.raises(InputError, match="0 are sampled"):
            Settings(loss=loss)
        return
    made = train(family(), replace(SMALL, loss=loss, negatives=negatives))
    assert made.vectors.finite
    assert np.isfinite(made.losses).all()


def test_the_curve_is_measured_on_validation_triples_and_progress_told() -> None:
    seen: list[tuple[int, int]] = []
    watch = Watch()
    made = train(
        family(),
        replace(SMALL, epochs=4),
        lambda done, total, note="": seen.append((done, total)),
        watch,
    )
    assert seen[0] == (0, 4)
    assert seen[-1] == (4, 4)
    assert list(made.losses) == watch.losses
    assert made.mrrs[-1][0] == 4
    assert 0 < made.mrrs[-1][1] <= 1


def test_a_stop_keeps_what_there_is_and_a_cancel_does_not() -> None:
    watch = Watch()

    def stop_after_two(done: int, total: int, note: str = "") -> None:
        if done == 2:
            watch.stop.set()

    made = train(family(), replace(SMALL, epochs=50), stop_after_two, watch)
    assert made.epochs == 2
    assert made.notes == ("Stopped after 2 of 50 epochs.",)
    np.testing.assert_array_equal(made.vectors.entities, train(family(), SMALL).vectors.entities)

    def cancel(done: int, total: int, note: str = "") -> None:
        raise Cancelled("Training")

    with pytest.raises(Cancelled):
        train(family(), SMALL, cancel)
    assert train(family(), SMALL).epochs == 2  # the next has its turn


def stopped_at(graph: Graph, settings: Settings, epochs: int) -> Trained:
    """A training that was stopped so many epochs after its start."""
    watch = Watch()

    def stop(done: int, total: int, note: str = "") -> None:
        if done == epochs:
            watch.stop.set()

    return train(graph, settings, stop, watch)


@pytest.mark.parametrize(
    "changes",
    [
        {"relation_weight": 0.5},
        {"model": Model.ROTATE, "loss": "self-adversarial", "negatives": 3, "regularization": 0},
        {"model": Model.TRANSE, "inverse": False, "regularization": 0},
        {"model": Model.DISTMULT, "smoothing": 0.1, "relation_weight": 2.0},
        {"optimizer": "Adagrad", "by_triple": True, "learning_rate": 0.1},
    ],
)
def test_a_resumed_training_equals_an_uninterrupted_one(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    graph, settings = ring(), replace(SMALL, epochs=5, **changes)
    whole = train(graph, settings)
    first = stopped_at(graph, settings, 2)
    assert (first.epochs, first.whole) == (2, False)
    model = models.GraphModel(graph, first, {}, model_digest(graph, first.vectors))
    models.save(model, tmp_path / "stopped")
    again = models.load_to_resume(tmp_path / "stopped")
    second = train(again.graph, settings, start=again.trained)
    for name in ("entities", "relations"):
        np.testing.assert_array_equal(
            getattr(second.vectors, name), getattr(whole.vectors, name), err_msg=name
        )
    assert not np.array_equal(first.vectors.entities, whole.vectors.entities)
    assert (second.epochs, second.losses, second.state) == (5, whole.losses, None)
    assert second.seconds > first.seconds
    models.save(replace(model, trained=second), tmp_path / "whole")
    assert not models.can_resume(tmp_path / "whole")
    with pytest.raises(InputError, match="cannot be resumed"):
        models.load_to_resume(tmp_path / "whole")


def test_what_cannot_be_resumed_is_told(tmp_path: Path) -> None:
    settings = replace(SMALL, epochs=5)
    first = stopped_at(family(), settings, 2)
    with pytest.raises(InputError, match="settings that it began with"):
        train(family(), replace(settings, dim=7), start=first)
    with pytest.raises(InputError, match="so many are over"):
        train(family(), replace(settings, epochs=2), start=first)
    with pytest.raises(InputError, match="cannot be resumed"):
        train(family(), settings, start=train(family(), settings))
    longer = train(family(), replace(settings, epochs=6), start=first)
    assert (longer.epochs, len(longer.losses)) == (6, 6)
    model = models.GraphModel(family(), first, {}, model_digest(family(), first.vectors))
    models.save(model, tmp_path / "m")
    path = tmp_path / "m" / models.RESUME
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DamagedError, match=r"resume\.safetensors is not what was written"):
        models.load_to_resume(tmp_path / "m")
    assert models.load(tmp_path / "m").trained.epochs == 2  # the vectors are whole


def test_a_long_epoch_has_points_of_its_own_and_they_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = sources.load_graph("nations")
    settings = Settings(dim=4, epochs=2, batch=256)
    plain = train(graph, settings)
    monkeypatch.setattr(training, "WITHIN", 0.0)
    monkeypatch.setattr(training, "_GROWTH", 0.0)
    found = train(graph, settings)
    np.testing.assert_array_equal(found.vectors.entities, plain.vectors.entities)
    heads, relations, tails = graph.train.T
    pairs = len(set(zip(heads, relations, strict=True))) + len(
        set(zip(tails, relations, strict=True))
    )
    batches = -(-pairs // 256)
    places = [epoch for epoch, _ in found.mrrs]
    expected = [at / batches for at in range(1, batches)]
    assert [one for one in places if 0 < one < 1] == pytest.approx(expected)
    assert [one for one in places if 1 < one < 2] == pytest.approx([1 + one for one in expected])
    assert all(0 < mrr <= 1 for _, mrr in found.mrrs)


def test_a_training_that_diverges_keeps_the_last_good_vectors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = pykeen_backend.read_vectors
    counted, bad = [], 3

    def broken(model: object, settings: Settings) -> object:
        counted.append(1)
        found = original(model, settings)
        if len(counted) == bad:
            found.entities[0, 0] = np.nan
        return found

    monkeypatch.setattr(pykeen_backend, "read_vectors", broken)
    made = train(family(), replace(SMALL, epochs=9))
    assert made.epochs == 2
    assert "diverged in epoch 3" in made.notes[0]
    assert "epoch 2 are kept" in made.notes[0]
    assert made.vectors.finite
    counted, bad = [], 1
    with pytest.raises(InputError, match="diverged in its first epoch"):
        train(family(), SMALL)


def test_a_loss_that_is_not_finite_is_divergence() -> None:
    from pykeen.training import NonFiniteLossError

    def step(share: float, read: object) -> None:
        raise NonFiniteLossError

    with pytest.raises(pykeen_backend.Diverged):
        pykeen_backend.run(family(), SMALL, step, lambda loss, vectors, state: None)


def test_memory_that_runs_out_in_training_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pykeen_backend, "run", short)
    with pytest.raises(InputError, match="Memory does not suffice for batches"):
        train(family(), SMALL)


def test_two_trainings_take_turns() -> None:
    inside, go = threading.Event(), threading.Event()

    def hold(done: int, total: int, note: str = "") -> None:
        if total:  # the training itself reports: it has its turn
            inside.set()
            assert go.wait(60)

    first = threading.Thread(target=train, args=(family(), SMALL, hold))
    first.start()
    assert inside.wait(60)

    def second(done: int, total: int, note: str = "") -> None:
        if "waits for another training" in note:
            go.set()
        elif total:
            assert go.is_set()  # it trains, so the first let it

    train(family(), SMALL, second)
    first.join(60)
    assert go.is_set()


def prepared(model: Model, weight: float, *, inverse: bool) -> tuple[Any, Any]:
    """A model of PyKEEN of ``family`` and its loop with relation prediction."""
    settings = replace(SMALL, model=model, inverse=inverse, relation_weight=weight)
    factory = pykeen_backend.triples_factory(family(), settings)
    built = pykeen_backend.build_model(factory, settings)
    return built, pykeen_backend.build_loop(built, factory, settings)


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("inverse", [False, True])
def test_the_relation_loss_is_that_of_all_relations_by_pykeens_scores(
    model: Model, inverse: bool
) -> None:
    built, _ = prepared(model, 1.0, inverse=inverse)
    heads, relations, tails = torch.tensor([[0, 1, 0], [1, 0, 4], [2, 2, 0]]).T
    count = built.relation_representations[0].max_id  # inverse ones among them
    expected = []

    def steps(step: int) -> Any:
        held = [one(torch.tensor([step])) for one in built.relation_representations]
        return held[0] if len(held) == 1 else held

    for head, relation, tail in zip(heads, relations, tails, strict=True):
        every = [
            built.interaction(
                h=built.entity_representations[0](head[None]),
                r=steps(step),
                t=built.entity_representations[0](tail[None]),
            ).item()
            for step in range(count)
        ]
        expected.append(-np.log(np.exp(every[int(relation)]) / np.exp(every).sum()))
    loss = product_losses.relation_loss(built, heads, relations, tails)
    assert loss.item() == pytest.approx(np.mean(expected), rel=1e-4)


@pytest.mark.parametrize("model", [Model.COMPLEX, Model.DISTMULT])
def test_products_of_a_batch_are_pykeens_own_with_their_gradients(model: Model) -> None:
    built, loop = prepared(model, 0.0, inverse=True)
    pairs = torch.tensor([[0, 1], [3, 2], [0, 4]])
    found = []
    for score in (loop.score_method, built.score_t):
        scores = score(pairs, slice_size=None, mode=None)
        term = built.collect_regularization_term()
        built.zero_grad()
        (scores.square().sum() + term).backward()
        gradients = [one.grad.clone() for one in built.parameters()]
        found.append([scores.detach(), term.detach(), *gradients])
    assert len(found[0]) == 4
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
    assert found[0][1] > 0


@pytest.mark.parametrize("model", [Model.COMPLEX, Model.DISTMULT])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_of_true_tails_as_a_list_is_pykeens_with_its_gradients(
    model: Model, smoothing: float
) -> None:
    built, loop = prepared(model, 0.0, inverse=True)
    settings = replace(SMALL, model=model, inverse=True)
    factory = pykeen_backend.triples_factory(family(), settings)
    theirs = tail_loop.LCWAInstances.from_triples_factory(factory, target=2)
    places = [3, 0, 5, 1]
    batch = tail_loop.Pairs(theirs).__getitems__(places)
    dense = torch.stack([theirs[place]["target"] for place in places])
    assert dense.sum(dim=1).max() > 1  # a pair with several true tails
    found = []
    for target in ({"true": batch["true"]}, None):
        if target is None:
            scores = built.score_t(batch["pairs"][1:])
            loss = built.loss.process_lcwa_scores(scores, dense[1:], smoothing)
            loss = loss + built.collect_regularization_term()
        else:
            part = {"pairs": batch["pairs"], **target}
            loss = loop._process_batch(part, 1, 4, label_smoothing=smoothing)
        built.zero_grad()
        loss.backward()
        found.append([loss.detach(), *(one.grad.clone() for one in built.parameters())])
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("model", [Model.COMPLEX, Model.DISTMULT])
def test_by_triple_all_is_the_mean_over_triples(model: Model) -> None:
    settings = replace(
        SMALL, model=model, by_triple=True, relation_weight=3.0, regularization=0.2, smoothing=0.1
    )
    factory = pykeen_backend.triples_factory(family(), settings)
    built = pykeen_backend.build_model(factory, settings)
    loop = pykeen_backend.build_loop(built, factory, settings)
    pairs, places = torch.tensor([[0, 1], [3, 2]]), torch.tensor([[0, 0, 1], [1, 4, 2]])
    found = [loop._process_batch({"pairs": pairs, "true": places}, 0, 2, label_smoothing=0.1)]
    entities, relations = (
        one[0](None) for one in (built.entity_representations, built.relation_representations)
    )
    expected = []
    for row, tail in places.T:
        h, r, t = entities[pairs[row, 0]], relations[pairs[row, 1]], entities[tail]
        tails = (h * r * entities.conj()).real.sum(dim=1).log_softmax(dim=0)
        asked = (h * relations * t.conj()).real.sum(dim=1).log_softmax(dim=0)
        cubes = sum((one.abs() ** 3).sum() for one in (h, r, t))
        true = 0.9 * tails[tail] + 0.1 * tails.mean()
        expected.append(-true - 3 * asked[pairs[row, 1]] + 0.2 * cubes)
    found.append(torch.stack(expected).mean())
    gradients = [torch.autograd.grad(one, [*built.parameters()]) for one in found]
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def test_relation_prediction_by_hand() -> None:
    built, loop = prepared(Model.DISTMULT, 0.5, inverse=False)
    # Three relations: "child of", "parent of", "sibling of". Two triples of one pair (h, r).
    entities = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.0], [0.0, 0.0], [0.0, 0.0]])
    relations = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    with torch.no_grad():
        built.entity_representations[0]._embeddings.weight[:, :2] = entities
        built.entity_representations[0]._embeddings.weight[:, 2:] = 0
        built.relation_representations[0]._embeddings.weight[:, :2] = relations
        built.relation_representations[0]._embeddings.weight[:, 2:] = 0
    # (0, 1, 1): products 3 and -2, so relations score 3, -2 and 1.
    first = -np.log(np.exp(-2) / (np.exp(3) + np.exp(-2) + np.exp(1)))
    # (0, 1, 2): products 0.5 and 0, so they score 0.5, 0 and 0.5.
    second = -np.log(1 / (1 + 2 * np.exp(0.5)))
    heads, asked, tails = torch.tensor([[0, 1, 1], [0, 1, 2]]).T
    loss = product_losses.relation_loss(built, heads, asked, tails)
    assert loss.item() == pytest.approx((first + second) / 2, rel=1e-5)
    # The whole: tails of (0, 1) score 2 * (2, -1, 0, 0, 0), of which 1 and 2 are true, half each.
    batch = {"pairs": torch.tensor([[0, 1]]), "target": torch.tensor([[0.0, 1.0, 1.0, 0.0, 0.0]])}
    normal = np.log(np.exp(4) + np.exp(-2) + 3)
    tail_loss = ((normal + 2) + normal) / 2
    for one in built.modules():
        if hasattr(one, "regularizer"):
            one.regularizer = None
    found = loop._process_batch(batch, 0, 1)
    assert found.item() == pytest.approx(tail_loss + 0.5 * (first + second) / 2, rel=1e-5)


def test_relation_prediction_learns_which_relation_it_is() -> None:
    graph = ring()
    settings = Settings(Model.COMPLEX, 8, 60, batch=32, learning_rate=0.05, inverse=False)
    shares = []
    for weight in (0.0, 1.0):
        made = train(graph, replace(settings, relation_weight=weight))
        heads, relations, tails = graph.train.T
        scores = relation_scores(made.vectors, heads, tails)
        chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        shares.append(chances[np.arange(len(heads)), relations].mean())
    assert shares[1] > max(0.9, shares[0])


@pytest.mark.parametrize(
    "values",
    [
        {"dim": 0},
        {"epochs": 0},
        {"learning_rate": float("nan")},
        {"seed": -1},
        {"smoothing": 0.95},
        {"loss": "hinge"},
        {"batch": 2.5},
        {"dim": True},
        {"smoothing": 0.1, "negatives": 2},
        {"relation_weight": -0.1},
        {"relation_weight": 0.5, "negatives": 2},
        {"optimizer": "SGD"},
        {"by_triple": True, "loss": "softplus"},
        {"by_triple": True, "model": Model.HOLE},
    ],
)
def test_settings_out_of_range_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Settings(**values)  # type: ignore[arg-type]


def test_settings_by_graph_and_model() -> None:
    assert defaults("umls").model is Model.COMPLEX
    assert defaults("umls") != defaults("nations")
    assert defaults("umls", Model.TRANSE).model is Model.TRANSE
    best = defaults("nations")
    assert defaults("nations", Model.COMPLEX) == replace(best, model=Model.COMPLEX)
    assert (defaults("nations", Model.ROTATE).epochs, best.relation_weight) == (40, 0.0)
    assert defaults("kinships").relation_weight == 4.0
    large = defaults("mine", triples=LARGE)
    assert (large.batch, large.relation_weight, large.optimizer) == (500, 4.0, "Adagrad")
    assert large.by_triple
    assert defaults("mine", Model.HOLE, LARGE) == replace(large, model=Model.HOLE, by_triple=False)
    assert defaults("mine", Model.DISTMULT, LARGE) == replace(large, model=Model.DISTMULT)
    assert defaults("mine", triples=LARGE - 1) == Settings()
    assert defaults("umls", triples=LARGE) == defaults("umls")
    assert Settings.from_dict(defaults("umls").as_dict()) == defaults("umls")
    assert find_model("transe") is Model.TRANSE
    with pytest.raises(InputError, match="Known: TransE, DistMult, ComplEx, RotatE"):
        find_model("TransX")


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("inverse", [False, True])
def test_a_model_on_disk_predicts_the_same(tmp_path: Path, model: Model, inverse: bool) -> None:
    settings = Settings(model, 4, 1, "softplus", batch=8, inverse=inverse)
    made = pipeline.make(family(), settings)
    models.save(made, tmp_path / "m")
    again = models.load(tmp_path / "m")
    assert again.digest == made.digest
    assert again.trained.settings == settings
    assert again.trained.losses == made.trained.losses
    assert again.figures == pytest.approx(made.figures)
    for question in (Question(0, 0, None), Question(None, 1, 0), Question(0, None, 1)):
        assert prediction.answer(again, question) == prediction.answer(made, question)
    assert {one.name for one in (tmp_path / "m").iterdir()} == {
        "vectors.safetensors",
        "model.json",
        "graph.json",
        "triples.tsv",
        "labels.tsv",
    }


def change_number(folder: Path) -> None:
    told = json.loads((folder / "model.json").read_text())
    told["settings"]["model"] = "TransX"
    (folder / "model.json").write_text(json.dumps(told))


def cut(folder: Path) -> None:
    path = folder / "vectors.safetensors"
    path.write_bytes(path.read_bytes()[:-4])


def no_json(folder: Path) -> None:
    (folder / "model.json").write_text("[1]")


def nest(folder: Path) -> None:
    (folder / "model.json").write_text("[" * 100_000)


def nest_graph(folder: Path) -> None:
    (folder / "graph.json").write_text("[" * 100_000)


def lose_vectors(folder: Path) -> None:
    (folder / "vectors.safetensors").unlink()


def other_triples(folder: Path) -> None:
    other = build_graph("other", {"train": [("a", "r", "b"), ("b", "r", "c")]})
    from core.graphs import store

    store.write_graph(other, folder)


@pytest.mark.parametrize(
    "damage", [change_number, cut, no_json, nest, nest_graph, lose_vectors, other_triples]
)
def test_a_damaged_model_is_told(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    from tests.support.graph_fixtures import random_model

    models.save(random_model(family()), tmp_path / "m")
    damage(tmp_path / "m")
    with pytest.raises(DamagedError, match="is damaged"):
        models.load(tmp_path / "m")
    with pytest.raises(InputError, match="holds no model"):
        models.load(tmp_path)


def test_pykeens_folders_lie_in_the_data_home() -> None:
    import os

    from pykeen.constants import PYKEEN_HOME

    pykeen_home.prepare()
    assert os.environ["PYSTOW_HOME"] == os.environ["PYKEEN_HOME"]
    assert "pykeen" in str(PYKEEN_HOME)


def star(leaves: int) -> Graph:
    """A hub with leaves that occur once each, so that nothing can be set aside."""
    return build_graph("star", {"train": [("hub", "has", f"leaf {at}") for at in range(leaves)]})


def test_figures_on_training_triples_are_called_so() -> None:
    graph = star(100)
    assert graph.measured == "train"
    assert [len(part) for part in graph.parts.values()] == [100, 0, 0]
    assert any("No triple is held out" in note for note in graph.notes)
    assert not any("tenth" in note or "set aside" in note.split(":")[0] for note in graph.notes)
    again = build_graph("star", {"train": [("a", "r", "b")]}, notes=graph.notes)
    assert sum("No triple is held out" in note for note in again.notes) == 1
    assert family().measured == "test"
    steps = [(str(at), f"{by} on", str((at + by) % 60)) for at in range(60) for by in (1, 2)]
    both = build_graph("two rings", {"train": steps})
    told = [len(both.valid), len(both.test)]
    assert min(told) > 0
    assert any(f"{told[0]} of its triples are set aside" in note for note in both.notes)
    assert not any("No triple is held out" in note for note in both.notes)


def test_readable_names_count_in_what_stands_for_a_model() -> None:
    bare = star(3)
    named = replace(bare, labels={"hub": "the middle"})
    unit = np.eye(4, dtype=np.float32)
    vectors = GraphVectors(Model.TRANSE, unit, unit[:1])
    assert bare.digest == named.digest
    assert model_digest(bare, vectors) != model_digest(named, vectors)
    assert model_digest(bare, vectors) == model_digest(star(3), vectors)
