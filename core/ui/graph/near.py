"""Graph: what is near an entity in the graph, by its name and by its picture, in one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError
from core.base.types import Encoded, FloatArray, Modality
from core.cache import graphs as graphs_cache
from core.graphs import entity_search
from core.graphs.models import GraphModel
from core.graphs.near import GRAPH, PICTURE, TEXT, near_by_each
from core.graphs.pictures import EntityPictures
from core.spaces import registry
from core.ui.common import access, frame, jobs, page, spaces, tables
from core.ui.graph import pictures
from core.ui.session.page_state import begin_anew

MOST = 10  # of each model
_NAME = 140  # pixels
_BY = {GRAPH: "the graph", TEXT: "the name", PICTURE: "the picture"}


def show(model: GraphModel, names: Encoded, rows: list[int], shown: EntityPictures | None) -> None:
    """The neighbours of one of ``rows`` that is chosen here, by all models that there are.

    ``names`` are the entities' vectors ``(n, dim)`` by their names.
    """
    graph = model.graph
    if not rows or len(graph.entities) < 2:
        st.info("Nothing was found.")
        return
    options = [f"{at}. {graph.label(row)}" for at, row in enumerate(rows, 1)]
    begin_anew("entity-near", f"{model.digest} {rows}", options[0])
    chosen = str(st.selectbox("Neighbours of", options, key="entity-near", bind="query-params"))
    entity = rows[options.index(chosen)]
    models: dict[str, FloatArray] = {
        GRAPH: entity_search.unit_entities(model),
        TEXT: names.vectors,
    }
    if shown is not None and (encoded := _encode(shown)) is not None:
        models[PICTURE] = encoded
    found, agreement = near_by_each(models, entity, MOST)
    table: dict[str, Sequence[Any]] = {"entity": [graph.label(one.row) for one in found]}
    table |= {f"{name} rank": [one.rank(name) for one in found] for name in models}
    cosines = {f"{name} cosine": [one.cosine(name) for one in found] for name in models}
    st.dataframe(
        pictures.column(shown, [one.row for one in found]) | table | cosines,
        hide_index=True,
        alt=f"Neighbours by {', '.join(_BY[name] for name in models)}",
        height="content" if len(found) <= 15 else 560,
        column_config=pictures.shown()
        # A narrow screen shows half of the columns: names stay whole, and in sight.
        | {"entity": st.column_config.TextColumn(width=_NAME, pinned=True)}
        | dict.fromkeys(cosines, st.column_config.NumberColumn(format="%.2f")),
    )
    st.caption(_told(agreement, min(MOST, len(graph.entities) - 1), models, entity))
    tables.download_csv(table | cosines, file_name="neighbours.csv")


def _told(
    agreement: Mapping[tuple[str, str], float],
    k: int,
    models: Mapping[str, FloatArray],
    entity: int,
) -> str:
    text = (
        f"The {k} nearest by each, by most of them first; vectors of two models are never "
        "compared. Agreement: "
        + ", ".join(
            f"{_BY[one]} and {_BY[other]} {share:.0%}" for (one, other), share in agreement.items()
        )
        + "."
    )
    if PICTURE in models:
        text += (
            " With pictures, of the entities that have one."
            if models[PICTURE][entity].any()
            else " This one has no picture."
        )
    return text


def _encode(shown: EntityPictures) -> FloatArray | None:
    """Vectors of the entities' pictures by a model that is chosen in the settings."""
    entry = spaces.choose_space(
        frame.settings(),
        Modality.IMAGE,
        key="picture-space",
        label="Model of pictures",
        default=registry.default_of_pictures(),
    )
    if spaces.require_ready(entry) is None:
        return None
    try:
        access.require_key(entry)
    except ExplorerError as error:
        page.show_error(error)
        return None
    found: FloatArray | None = jobs.run_job(
        f"pictures of entities {shown.gallery.digest} {sorted(shown.rows.items())} {entry.digest}",
        f"Encoding the pictures of {shown.gallery.name}",
        lambda progress: graphs_cache.picture_vectors(shown, entry, progress),
        seconds=lambda: durations.of_pictures(len(shown.rows), own=entry.source.bundled),
        begin="Encode them",
    )
    return found
