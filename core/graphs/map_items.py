"""Entities as items of a map."""

from __future__ import annotations

from core.graphs import scoring, statistics as graph_statistics
from core.graphs.models import GraphModel
from core.graphs.scoring import COMPLEX
from core.maps.items import MapData, from_vectors

SIDES = "Complex vectors are shown as real numbers: all real parts, then all imaginary parts."


def map_data(model: GraphModel) -> MapData:
    """The entities of a model as items of a map; complex vectors as real and imaginary parts.

    Vectors of a map are at unit length; cosine compares directions. The table tells degrees.
    """
    import pandas as pd

    graph = model.graph
    vectors = scoring.real_view(model.vectors.entities)
    notes = [SIDES] if model.vectors.model in COMPLEX else []
    out, into = graph_statistics.degrees(graph)
    frame = pd.DataFrame({"as head": out, "as tail": into})
    names = graph.all_labels()
    return from_vectors(model.title, graph.entities, vectors, notes, texts=names, frame=frame)
