"""Graph: entities on a map, a relation as arrows from heads to tails, RotatE's angles."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.base.errors import counted
from core.cache import graphs as graphs_cache
from core.cache.maps import Made
from core.charts import graph as graph_charts
from core.graphs import geometry, map_items, prediction
from core.graphs.models import GraphModel
from core.graphs.scoring import COMPLEX, Model
from core.ui.choosers import map_method
from core.ui.common import frame
from core.ui.common.markdown import plain
from core.ui.graph.boxes import Boxes

NEAR = 10


def show(model: GraphModel) -> None:
    """The whole tool."""
    graph = model.graph
    data = graphs_cache.map_data(model)
    recipe = map_method.choose(data, frame.settings(), prefix="graph-", default="PCA")
    made = None if recipe is None else map_method.make(data, recipe)
    boxes = Boxes(graph)
    with st.container(horizontal=True, vertical_alignment="bottom", key="query"):
        relation = boxes.relation("Relation", "arrows", width=200)
        entity = boxes.entity("Entity", "arrows-entity", width=200)
    if made is not None:
        with frame.result():
            _draw(model, made, relation, entity)
        map_method.tell(made)
    if model.vectors.model is Model.ROTATE:
        _angles(model, relation)
    if entity is not None:
        _near(model, entity)
    st.caption(
        "For clusters, colours, selecting and two maps side by side, choose “Graph model” on the "
        "page Map."
    )


def _draw(model: GraphModel, made: Made, relation: int, entity: int | None) -> None:
    graph, name = model.graph, model.graph.relations[relation]
    points = made.stored.projection.coordinates
    pairs = geometry.arrow_pairs(graph, relation)
    count = int((graph.train[:, 1] == relation).sum())
    if points.shape[1] == 3:
        st.info("Arrows are drawn on a plane: choose 2 dimensions.")
        return
    if len(made.rows) < len(graph.entities):
        st.info("Some entities have no usable vector, so no arrows are drawn.")
        return
    figure = graph_charts.arrows_figure(points, pairs, made.data.texts, name, entity)
    st.plotly_chart(figure, key="graph-arrows", alt=f"Entities with arrows for {name}")
    if not len(pairs):
        st.caption(f"No training triple has the relation {plain(name)}.")
        return
    found = geometry.arrows(model.vectors, pairs, points)
    own = geometry.with_relation(model.vectors, pairs, relation)
    some = (
        f"{len(pairs)} of {counted(count, 'arrow')}, sampled at random"
        if len(pairs) < count
        else (counted(count, "arrow"))
    )
    step = (
        f" With the relation's own vector they have a cosine of {own:.2f}, where TransE wants 1."
        if own is not None
        else " This model's relations are no steps, so nothing makes the arrows parallel."
    )
    st.caption(
        f"{some} from head to tail. How parallel: their mean cosine with their mean is "
        f"{found.parallel:.2f} in the model's space and {found.on_map:.2f} on this map; pairs of "
        f"random entities have {found.chance:.2f}.{step}"
    )
    if model.vectors.model in COMPLEX:
        st.caption(
            f"{map_items.SIDES} A vector of dimension {model.vectors.dim} has "
            f"{2 * model.vectors.dim} numbers on the map."
        )


def _angles(model: GraphModel, relation: int) -> None:
    st.subheader("How far RotatE turns", anchor=False)
    other = Boxes(model.graph).relation("Compare with", "angles-with", relation + 1, width=300)
    names = model.graph.relations
    angles = [
        (names[one], geometry.relation_angles(model.vectors, one))
        for one in dict.fromkeys((relation, other))
    ]
    st.plotly_chart(
        graph_charts.angles_figure(angles), key="angles", alt="Angles of the relation, in degrees"
    )
    turned = np.abs(angles[0][1])
    straight = float(np.minimum(turned, 180 - turned).mean())
    st.caption(
        "Each point is one complex number of the relation, at the angle by which it turns. A "
        "symmetric relation turns by 0° or 180° everywhere; here the mean distance from these is "
        f"{straight:.0f}°, where chance has 45°. Of two inverse relations the angles are each "
        "other's negatives."
    )


def _near(model: GraphModel, entity: int) -> None:
    graph = model.graph
    st.subheader(f"Nearest neighbours of {plain(graph.label(entity))}", anchor=False)
    found = prediction.nearest_entities(model, entity, NEAR)
    st.dataframe(
        {
            "entity": [graph.label(row) for row, _ in found],
            "cosine": [score for _, score in found],
        },
        hide_index=True,
        alt="Nearest entities",
        height="content",
        column_config={"cosine": st.column_config.NumberColumn(format="%.3f")},
    )
