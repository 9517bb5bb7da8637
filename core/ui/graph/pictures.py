"""Graph: pictures of entities, from a gallery that is chosen in the settings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.cache import graphs as graphs_cache, images as images_cache
from core.graphs import pictures
from core.graphs.graph import Graph
from core.graphs.pictures import EntityPictures
from core.images import galleries
from core.images.thumbnails import as_address
from core.ui.common import frame, page
from core.ui.common.markdown import plain

GALLERY, MATCHED, NONE, BEST = "entity-pictures", "entity-match", "None", "Best match"


def choose(graph: Graph) -> EntityPictures | None:
    """The pictures of a graph's entities; ``None`` where none are asked for, or none fit."""
    entries = {entry.name: entry for entry in galleries.list_galleries()}
    told = page.steady()
    with frame.settings():
        chosen = str(
            st.selectbox(
                "Pictures of entities",
                [NONE, *entries],
                key=GALLERY,
                bind="query-params",
                help="A gallery whose ids, captions or a column are the entities' ids or names.",
            )
        )
        if chosen not in entries:
            return None
        try:
            known = pictures.fields(images_cache.gallery(entries[chosen], "en"))
            by = str(st.selectbox("Matched by", [BEST, *known], key=MATCHED, bind="query-params"))
            found = graphs_cache.entity_pictures(graph, entries[chosen], "" if by == BEST else by)
        except ExplorerError as error:
            with told:
                page.show_error(error)
            return None
        st.caption(plain(found.told()))
    return found


def column(found: EntityPictures | None, entities: Iterable[int]) -> dict[str, list[Any]]:
    """A column of small pictures for a table of entities; empty where there are none to show."""
    if found is None:
        return {}
    small = [found.small(entity) for entity in entities]
    return {"picture": ["" if one is None else as_address(one) for one in small]}


def shown() -> dict[str, Any]:
    """How a table shows the column."""
    return {"picture": st.column_config.ImageColumn(width="small")}
