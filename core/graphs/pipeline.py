"""From a graph and settings to a model with its figures, in one go."""

from __future__ import annotations

from core.base.types import FloatArray, Progress, no_progress
from core.graphs import ranking
from core.graphs.graph import Graph
from core.graphs.models import GraphModel, model_digest
from core.graphs.ranking import Evaluation, Figures
from core.graphs.settings import Settings
from core.graphs.training import Trained, Watch, train

OPTIMISTIC = "optimistic_"  # before the names of figures by optimistic ranks


def make(  # noqa: PLR0913, PLR0917
    graph: Graph,
    settings: Settings,
    progress: Progress = no_progress,
    watch: Watch | None = None,
    start: Trained | None = None,
    texts: FloatArray | None = None,
) -> GraphModel:
    """Trains a model, from ``start`` on where one is given, and ranks the triples of
    ``graph.measured`` by it; ``texts`` ``(n, dim)`` as ``train`` takes them.

    Raises:
        InputError: as ``train``.
        Cancelled: by ``progress``.
    """
    trained = train(graph, settings, progress, watch, start, texts)
    progress(0, 0, "ranking triples")
    found = ranking.evaluate(trained.vectors, graph, graph.parts[graph.measured], progress)
    progress(0, 0, "keeping the model")
    digest = model_digest(graph, trained.vectors)
    return GraphModel(graph, trained, evaluated(found), digest)


def as_numbers(figures: Figures) -> dict[str, float]:
    """Figures by the names that the headless command tells them under."""
    hits = {f"hits_at_{k}": share for k, share in figures.hits.items()}
    return {"mrr": figures.mrr, **hits}


def evaluated(evaluation: Evaluation) -> dict[str, float]:
    """Figures by realistic ranks, and those by optimistic ones behind ``OPTIMISTIC``."""
    best = as_numbers(evaluation.at_best)
    return as_numbers(evaluation.both) | {OPTIMISTIC + name: best[name] for name in best}
