"""Knowledge graphs: MRR by the defaults, training time against PyKEEN's pipeline, one question."""

from __future__ import annotations

import argparse
import itertools
import resource
import statistics
import time
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.common import BLOCK, machine, median_in_turn, table
from core.base.errors import Cancelled
from core.graphs import (
    prediction,
    pykeen_home,
    ranking,
    sources,
    statistics as graph_statistics,
    training,
)
from core.graphs.graph import Graph, build_graph
from core.graphs.models import GraphModel
from core.graphs.prediction import Question
from core.graphs.scoring import COMPLEX, GraphVectors, Model
from core.graphs.settings import Settings, defaults
from core.graphs.training import Trained, Watch

GRAPHS = {"nations": 0.82, "kinships": 0.87, "umls": 0.945}  # with the goals
ENTITIES, RELATIONS, TRIPLES = 14_541, 237, 310_116  # as FB15k-237 has
TESTED = 20_466


def numbers(figures: ranking.Figures) -> tuple[str, ...]:
    return (f"{figures.mrr:.3f}", *(f"{figures.hits[k]:.3f}" for k in ranking.HITS))


def measure_quality(models: list[Model]) -> None:
    """The defaults of ``graph train``, and those of the other models, on the test triples."""
    for name, goal in GRAPHS.items():
        graph = sources.load_graph(name)
        rows = [("model", "MRR", *(f"Hits@{k}" for k in ranking.HITS), "training, s")]
        best = defaults(name).model
        for model in dict.fromkeys((best, *models)):
            made = training.train(graph, defaults(name, model))
            found = ranking.evaluate(made.vectors, graph, graph.test)
            told = f"{model.value}{' (the default)' if model is best else ''}"
            rows.append((told, *numbers(found.both), f"{made.seconds:.1f}"))
            if model is best:
                rows.append(("by optimistic ranks", *numbers(found.at_best), ""))
        frequency = ranking.frequency_figures(graph, graph.test)
        rows.append(("by frequency", *numbers(frequency), ""))
        rows.append(("by chance", *numbers(ranking.random_figures(found)), ""))
        print(f"\n## {name}, goal {goal:.3f}, {len(graph.test):,} test triples\n\n{table(rows)}")


def pipeline_seconds(graph: Graph, settings: Settings) -> float:
    """What PyKEEN's own pipeline takes for training alone, with the same model and settings."""
    import torch

    from core.graphs import (
        pykeen_backend,  # sets PyKEEN's home before it is imported
    )

    from pykeen.pipeline import pipeline  # isort: skip
    from pykeen.triples import CoreTriplesFactory

    factory = pykeen_backend.triples_factory(graph, settings)
    tested = CoreTriplesFactory.create(
        torch.from_numpy(graph.test[:1].copy()),
        num_entities=len(graph.entities),
        num_relations=len(graph.relations),
    )
    options: dict[str, float] = {
        "num_epochs": settings.epochs,
        "batch_size": settings.batch,
        "use_tqdm": False,
    }
    if settings.smoothing:
        options["label_smoothing"] = settings.smoothing
    sampled = {}
    if settings.negatives:
        sampled = {
            "negative_sampler": "basic",
            "negative_sampler_kwargs": {"num_negs_per_pos": settings.negatives},
        }
    result = pipeline(
        training=factory,
        testing=tested,
        model=pykeen_backend.build_model(factory, settings),
        training_loop="slcwa" if settings.negatives else "lcwa",
        optimizer="Adam",
        optimizer_kwargs={"lr": settings.learning_rate},
        training_kwargs=options,
        evaluation_kwargs={"use_tqdm": False},
        random_seed=settings.seed,
        **sampled,
    )
    return float(result.train_seconds)


def compare_time(rounds: int) -> None:
    """Ours alone, and with its curve and what comes before and after; theirs alone."""
    rows = [
        (
            "graph",
            "model",
            "epochs",
            "ours, s",
            "whole, s",
            "PyKEEN's pipeline, s",
            "ratio",
            "ratio of the whole",
        )
    ]
    for name, model in (
        ("nations", Model.COMPLEX),
        ("umls", Model.COMPLEX),
        ("umls", Model.TRANSE),
    ):
        graph, settings = sources.load_graph(name), defaults(name, model)
        training.train(graph, replace(settings, epochs=1))
        taken: tuple[list[float], list[float], list[float]] = ([], [], [])
        for _ in range(rounds):
            began = time.perf_counter()
            taken[0].append(training.train(graph, settings).seconds)
            taken[1].append(time.perf_counter() - began)
            taken[2].append(pipeline_seconds(graph, settings))
        ours, whole, theirs = (statistics.median(part) for part in taken)
        rows.append(
            (
                name,
                model.value,
                str(settings.epochs),
                f"{ours:.2f}",
                f"{whole:.2f}",
                f"{theirs:.2f}",
                f"{ours / theirs:.2f}",
                f"{whole / theirs:.2f}",
            )
        )
    print(f"\n## Training, median of {rounds} in turn\n\n{table(rows)}")


def train_large(source: str, minutes: float) -> None:
    """When the curve of a large graph begins, its memory, and what MRR the minutes give."""
    graph, watch = sources.load_graph(source), Watch()
    settings = defaults(graph.name, triples=len(graph.train))
    began = time.perf_counter()
    first: list[float] = []

    def look(done: int, total: int, note: str = "") -> None:
        spent = time.perf_counter() - began
        if watch.mrrs and not first:
            first.append(spent)
            epoch, mrr = watch.mrrs[0]
            print(f"First point of the curve: {spent:.0f} s, epoch {epoch:.2f}, MRR {mrr:.3f}")
        if spent > 60 * minutes and first:
            watch.stop.set()
            if not done:
                raise Cancelled("Training")

    print(f"\n## {graph.name}, {len(graph.train):,} training triples, {settings}\n")
    try:
        made = training.train(graph, settings, look, watch)
    except Cancelled:
        print(f"Not one epoch in {minutes:g} minutes.")
    else:
        found = ranking.evaluate(made.vectors, graph, graph.test)
        told = f"{made.epochs} epochs in {made.seconds:.0f} s"
        print(f"{told}; test MRR and Hits@k: {numbers(found.both)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"Curve: {[(round(at, 2), round(mrr, 3)) for at, mrr in watch.mrrs]}")
    print(f"Memory at most {peak:.2f} GiB; goal 3 GB")


def large_graph() -> Graph:
    """A graph as large as FB15k-237, with drawn triples."""
    random = np.random.default_rng(0)
    drawn = random.integers(ENTITIES, size=(TRIPLES, 2)).tolist()
    kinds = random.integers(RELATIONS, size=TRIPLES).tolist()
    triples = [
        (f"e{head:05}", f"r{kind:03}", f"e{tail:05}")
        for (head, tail), kind in zip(drawn, kinds, strict=True)
    ]
    return build_graph("drawn", {"train": triples[TESTED:], "test": triples[:TESTED]}, whole=True)


def time_facts(rounds: int) -> None:
    """Counts, kinds of relations and leaks of a graph as large as FB15k-237."""
    graph, taken = large_graph(), []
    for _ in range(rounds):
        began = time.perf_counter()
        graph_statistics.degrees(graph)
        graph_statistics.relation_facts(graph)
        taken.append(time.perf_counter() - began)
    print(
        f"\n## Counts, kinds and leaks of {TRIPLES:,} triples\n\n"
        f"{statistics.median(taken):.2f} s, median of {rounds}; goal 2 s"
    )


def drawn_model(graph: Graph, model: Model, dim: int) -> GraphModel:
    """A model of it with drawn vectors."""
    random = np.random.default_rng(0)
    shapes = (len(graph.entities), dim), (len(graph.relations), dim)
    held = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    if model in COMPLEX:
        held = [(one + 1j * random.normal(size=one.shape)).astype(np.complex64) for one in held]
    made = Settings(model, dim, loss="softplus")
    vectors = GraphVectors(model, held[0], held[1])
    return GraphModel(graph, Trained(vectors, made, 1, (0.0,), (), 0.0), {}, model.value)


def time_questions(dim: int, blocks: int) -> None:
    """(head, relation, ?) to ten marked answers, warm."""
    graph = large_graph()
    heads = itertools.cycle(np.random.default_rng(1).integers(ENTITIES, size=997).tolist())
    models = {kind.value: drawn_model(graph, kind, dim) for kind in Model}
    work = {
        name: partial(lambda model: prediction.answer(model, Question(next(heads), 5, None)), model)
        for name, model in models.items()
    }
    found = median_in_turn(work, blocks)
    rows = [("model", "ms"), *((name, f"{1000 * taken:.1f}") for name, taken in found.items())]
    title = f"A question on {ENTITIES:,} entities, dimension {dim}, {TRIPLES:,} triples"
    print(f"\n## {title}, median of {blocks * BLOCK}; goal 20 ms\n\n{table(rows)}")


def main() -> None:
    """Runs all parts, or the one named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parts = ["quality", "time", "question", "facts", "large"]
    parser.add_argument("--only", choices=parts, help="large runs only where it is named")
    parser.add_argument("--source", default="fb15k237", help="of large: a name or a file")
    parser.add_argument("--minutes", type=float, default=180, help="of large")
    parser.add_argument("--best", action="store_true", help="the default models only")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--dim", type=int, default=64)
    options = parser.parse_args()
    pykeen_home.prepare()
    print(machine())
    if options.only in (None, "question"):
        time_questions(options.dim, options.blocks)
    if options.only == "large":
        train_large(options.source, options.minutes)
    if options.only in (None, "facts"):
        time_facts(options.rounds)
    if options.only in (None, "quality"):
        measure_quality([] if options.best else list(Model))
    if options.only in (None, "time"):
        compare_time(options.rounds)


if __name__ == "__main__":
    main()
