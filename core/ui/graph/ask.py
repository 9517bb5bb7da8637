"""Graph: a query asked in a sentence; what it may mean is offered, and a click takes it."""

from __future__ import annotations

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError
from core.base.types import Modality
from core.cache import graphs as graphs_cache
from core.graphs import sentence_query
from core.graphs.graph import Graph
from core.graphs.prediction import Asked, Question
from core.graphs.sentence_query import Offer
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.ui.common import jobs
from core.ui.common.markdown import plain

KEY = "ask-sentence"
# By what is open: what the boxes of the form are called that choose it.
TOOLS = {Asked.TAIL: "Tails", Asked.HEAD: "Heads", Asked.RELATION: "Relations"}


def show(graph: Graph) -> None:
    """A box behind a button, with the queries that its sentence may mean below it."""
    with st.popover("Ask in a sentence", icon=":material/chat:"):
        sentence = st.text_input(
            "Question",
            key=KEY,
            bind="query-params",
            placeholder="whom did the usa give an embassy?",
            help="It is matched to names of the graph. Nothing is asked before you choose.",
        )
        if not sentence.strip():
            st.caption("Name an entity and a relation in your own words.")
            return
        found = _offers(graph, sentence)
        if found is None:
            return
        if not found:
            st.info("No name of the graph fits this sentence.")
            return
        st.caption("It may mean one of these; the score tells how well the names match.")
        for at, one in enumerate(found):
            st.button(
                f"{plain(sentence_query.describe(graph, one.question))} · {one.score:.2f}",
                key=f"ask-offer-{at}",
                on_click=_take,
                args=(graph, one.question),
                width="stretch",
            )


def _offers(graph: Graph, sentence: str) -> list[Offer] | None:
    entry = _space()
    names = graph.all_labels() + graph.relations
    found: list[Offer] | None = jobs.run_job(
        f"ask {graph.digest} {'' if entry is None else entry.digest} {sentence}",
        "Matching the sentence",
        lambda progress: graphs_cache.offers(graph, entry, sentence, progress),
        seconds=lambda: durations.of_texts(sum(map(len, names)), 384),
        begin="Match it",
        slot=KEY,
    )
    return found


def _space() -> SpaceEntry | None:
    """The model of texts that comes along; ``None`` where it is not installed: letters do then."""
    try:
        return registry.find_space(DEFAULT_SPACE, Modality.TEXT)
    except ExplorerError:
        return None


def _take(graph: Graph, question: Question) -> None:
    """Fills in the form."""
    st.session_state["ask-for"] = TOOLS[question.asked]
    for name, id_of in sentence_query.members(graph, question).items():
        label = graph.labels.get(id_of, id_of) if name != "relation" else id_of
        unique = name == "relation" or graph.entities[graph.entity(label)] == id_of
        key, value = f"ask-{name}", label if unique else id_of
        if key not in st.session_state:  # of a box that is not there yet the address is not told
            st.query_params[key] = value
        st.session_state[key] = value
