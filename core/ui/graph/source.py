"""Graph: which graph it is, and its download."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base.errors import ExplorerError, counted
from core.cache import graphs as graphs_cache
from core.graphs import download, sources
from core.graphs.catalog import KNOWN, KnownGraph
from core.graphs.graph import Graph
from core.ui.common import downloads, page
from core.ui.common.markdown import plain

CHOSEN = "graph"


def choose(place: Any) -> Graph | None:
    """The graph that is chosen in ``place``; ``None`` while it is not here: the page says why."""
    states = dict(sorted(sources.list_states().items(), key=lambda one: one[1] != "ready"))
    missing = [plain(one) for one, state in states.items() if state != "ready"]
    asked = st.session_state.get(CHOSEN)
    if asked is not None and asked not in states:
        st.warning(f"There is no graph “{plain(str(asked))}” here.")
        del st.session_state[CHOSEN]
    name = str(
        place.selectbox(
            "Graph",
            list(states),
            key=CHOSEN,
            bind="query-params",
            help="Entities and relations with names, as triples of head, relation, tail."
            + (f"\n\nNot here yet: {', '.join(missing)}." if missing else ""),
        )
    )
    known = KNOWN.get(name)
    if known is not None and states[name] != "ready":
        return _offer(known)
    try:
        graph = graphs_cache.graph(name)
    except ExplorerError as error:
        page.show_error(error)
        return None
    return graph


def tell(graph: Graph) -> None:
    """What the graph that was chosen is, and how large; below what is done with it."""
    known = KNOWN.get(str(st.session_state[CHOSEN]))
    about = plain(known.about) if known is not None else "Uploaded by you."
    sizes = ", ".join(f"{len(part):,} {kind}" for kind, part in graph.parts.items())
    st.caption(
        f"**{plain(graph.name if known is None else known.title)}** · {about} "
        f"{counted(len(graph.entities), 'entity')}, {counted(len(graph.relations), 'relation')}; "
        f"triples: {sizes}. " + " ".join(plain(note) for note in graph.notes)
    )


def _offer(known: KnownGraph) -> Graph | None:
    """Size, licence and a button."""
    entities, relations, triples = known.counts
    told = (
        f"{plain(known.title)} is not on this computer yet. "
        f"{plain(known.about)} {triples:,} triples of {entities:,} entities and "
        f"{relations:,} relations.  \nLicence: {plain(known.licence)}. "
        f"[Its page]({known.page})"
    )
    if downloads.offer_job(
        f"graph {known.name}",
        f"Download ({known.size_told})",
        f"Downloading {known.title}",
        lambda progress: download.download(known, progress),
        told=told,
    ):
        st.rerun()
    return None
