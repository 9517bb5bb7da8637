"""Graph: which graph it is, its download, and bringing one's own."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.cache import graphs as graphs_cache
from core.graphs import download, sources
from core.graphs.catalog import KNOWN, KnownGraph
from core.graphs.graph import Graph
from core.graphs.triples import MAX_BYTES
from core.ui.common import downloads, jobs, page
from core.ui.common.markdown import plain

CHOSEN, REQUESTS = "graph", "graph-brought"
LABEL_MEGABYTES = 50


def choose(place: Any) -> Graph | None:
    """The graph that is chosen in ``place``; ``None`` while it is not here: the page says why."""
    states = sources.list_states()
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
            width=240,
            help="Entities and relations with names, as triples of head, relation, tail.",
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
    about = plain(known.about) if known is not None else "Uploaded by you."
    sizes = ", ".join(f"{len(part):,} {kind}" for kind, part in graph.parts.items())
    st.caption(
        f"**{plain(graph.name if known is None else known.title)}** · {about} "
        f"{len(graph.entities):,} entities, {len(graph.relations):,} relations; triples: {sizes}. "
        + " ".join(plain(note) for note in graph.notes)
    )
    return graph


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


def bring() -> None:
    """Own triples: files of parts, one file, or an archive."""
    with st.form("bring-graph", clear_on_submit=True):
        files = st.file_uploader(
            "Triples",
            accept_multiple_files=True,
            key="graph-files",
            type=["tsv", "csv", "txt", "zip", "gz", "tgz"],
            max_upload_size=MAX_BYTES // 1_000_000,
            help="A line is head, relation, tail, parted by tabs or commas; a fourth column may "
            "say train, valid or test. Or files called train, valid and test, or an archive of "
            "them. What comes unsplit is split at random.",
        )
        names = st.file_uploader(
            "Readable names of the entities, if the ids are none",
            type=["json", "tsv"],
            key="graph-names",
            max_upload_size=LABEL_MEGABYTES,
            help="JSON from id to name, or lines of id, tab, name.",
        )
        asked = st.form_submit_button("Upload", icon=":material/upload:")
    if asked and not files:
        st.info("Choose a file first.")
    elif asked:
        name = files[0].name
        held = {file.name: file.getvalue() for file in files}
        labels = None if names is None else (names.name, names.getvalue())
        jobs.ask(
            REQUESTS,
            f"Reading {name}",
            lambda progress: sources.keep_own(name, held, labels, progress=progress),
        )
    if done := jobs.run(REQUESTS):
        told = f"Saved as **{plain(str(done))}**: choose it under “Graph” above."
        jobs.tell(REQUESTS, told)
        st.rerun()
    jobs.show_told(REQUESTS)
