"""Graph: drawn and walked: the triples around entities, the whole graph, paths between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError, InputError
from core.cache import graph_drawing as drawing_cache
from core.graphs import neighborhood
from core.graphs.graph import Graph
from core.graphs.neighborhood import Fact, Whole
from core.graphs.pictures import EntityPictures
from core.ui.common import frame, page
from core.ui.common.markdown import plain
from core.ui.graph import drawing as graph_drawing, facts, paths, pictures, predicted
from core.ui.graph.boxes import Boxes
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew

AROUND, WHOLE, PATHS = "Neighbourhood", "Whole graph", "Paths"
VIEW, START = "explore-view", "explore"  # of the address, as those that follow
EXPANDED, RELATIONS = "explore-expanded", "explore-relations"
MOST_STEPS = 40  # entities that are expanded at most


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a person has gone: the entities that are expanded, from the first on."""

    graph: Graph
    steps: tuple[int, ...]
    limit: int
    relations: tuple[int, ...]
    names: list[str]

    def toggle(self, entity: int) -> None:
        """Expands an entity, or collapses it; for a callback."""
        if entity in self.steps:
            shown = neighborhood.only(self.graph, self.relations)
            kept = neighborhood.collapse(shown, self.steps, entity, self.limit)
        else:
            kept = [*self.steps, entity]
        st.session_state[EXPANDED] = [self.names[one] for one in kept[1:]]

    def start(self, entity: int) -> None:
        """Begins anew at an entity; for a callback."""
        st.session_state[START] = self.names[entity]
        st.session_state[EXPANDED] = []


def show(graph: Graph) -> None:
    """The whole tool."""
    boxes = Boxes(graph)
    with frame.settings():
        view = link_values.one_of(
            st, "Show", [AROUND, WHOLE, PATHS], default=AROUND, key=VIEW, bind="query-params"
        )
        relations = _relations(graph)
    shown = pictures.choose(graph)
    if view == WHOLE:
        _whole(graph, relations, shown)
    elif view == PATHS:
        paths.show(boxes, relations, shown)
    else:
        _around(boxes, relations, shown)


def _relations(graph: Graph) -> tuple[int, ...]:
    """The relations whose triples are drawn; none stands for all."""
    begin_anew(RELATIONS, graph.digest, [])
    chosen = st.multiselect(
        "Relations", graph.relations, key=RELATIONS, bind="query-params", placeholder="All"
    )
    return tuple(graph.relations.index(name) for name in chosen)


def _around(boxes: Boxes, relations: tuple[int, ...], shown: EntityPictures | None) -> None:
    graph = boxes.graph
    with frame.settings():
        limit = int(boxes.number("Neighbours per entity", "explore-limit", (1, 100), 12))
    with st.container(horizontal=True, vertical_alignment="bottom", key="query"):
        entity = boxes.entity("Entity", START)
        walk = _expanded(boxes, entity, limit, relations)
    if walk is None:
        return
    drawn = drawing_cache.drawing(graph, walk.steps, limit, relations)
    guess = predicted.choose(boxes, walk.steps[0])
    scores = guess.scores if guess else {}
    drawn = neighborhood.add(drawn, list(scores)) if scores else drawn

    def then(fact: Fact) -> None:
        if guess:
            guess.choose(fact)

    def tapped(said: Mapping[str, Any]) -> None:
        if isinstance(link := said.get("link"), str):
            if (fact := facts.choose_link(drawn, link)) is not None:
                then(fact)
        elif (tapped_on := said.get("entity")) in drawn.entities and tapped_on != walk.steps[0]:
            walk.toggle(int(str(tapped_on)))

    with frame.result():
        left, right = st.columns([3, 2])
        with left:
            graph_drawing.show(
                graph,
                drawn,
                key="explore-drawing",
                alt=f"The triples around {graph.label(walk.steps[0])}, which the table lists",
                starts=[walk.steps[0]],
                scores=scores,
                selected=facts.chosen_link(drawn),
                pictures=shown,
                tapped=tapped,
            )
            st.caption(
                "Click an entity to expand it, and once more to collapse it. Arrows lead from head "
                "to tail." + " Dashed ones are predicted." * bool(scores)
            )
        with right:
            facts.show(graph, drawn, scores, then=then)
            if (fact := facts.chosen(drawn)) is not None:
                _go_on(walk, fact)
    if guess:
        guess.explain()


def _expanded(
    boxes: Boxes, start: int | None, limit: int, relations: tuple[int, ...]
) -> Walk | None:
    """The walk so far; names in the address that are none are told.

    What the box gives counts, not the session's state: at the browser's Back only the box knows.
    It offers all entities where they are few, and takes any name.
    """
    graph, names = boxes.graph, graph_drawing.names(boxes.graph)
    begin_anew(EXPANDED, f"{graph.digest} {start}", [])
    offered = names if len(names) <= neighborhood.MOST else []
    asked = st.session_state.get(EXPANDED) or st.query_params.get_all(EXPANDED)
    chosen = st.multiselect(
        "Expanded",
        [*dict.fromkeys((*map(str, asked), *offered))],
        key=EXPANDED,
        bind="query-params",
        accept_new_options=True,
        placeholder="Click entities in the drawing, or type them here",
        width="stretch",
    )
    if start is None:
        return None
    steps: dict[int, None] = {start: None}
    with boxes.told:
        for name in chosen[:MOST_STEPS]:
            try:
                steps[graph.entity(name)] = None
            except ExplorerError as error:
                page.show_error(error)
    return Walk(graph, tuple(steps), limit, relations, names)


def _go_on(walk: Walk, fact: Fact) -> None:
    """From the chosen fact on: its ends are expanded, or it goes on from one of them alone."""
    graph, (head, relation, tail, _) = walk.graph, fact
    told = f"({graph.label(head)}, {graph.relations[relation]}, {graph.label(tail)})"
    st.markdown(f"**{plain(told)}**")
    with st.container(horizontal=True):
        for end in dict.fromkeys((head, tail)):
            if end == walk.steps[0]:
                continue
            name = plain(graph.label(end))
            verb = "Collapse" if end in walk.steps else "Expand"
            st.button(
                f"{verb} {name}", key=f"explore-toggle-{end}", on_click=walk.toggle, args=(end,)
            )
            st.button(
                f"Start at {name}", key=f"explore-start-{end}", on_click=walk.start, args=(end,)
            )


def _whole(graph: Graph, relations: tuple[int, ...], shown: EntityPictures | None) -> None:
    found = drawing_cache.whole(graph, relations)
    drawn = found.drawing
    if not drawn.entities:
        page.show_error(
            InputError("No triple has these relations.", "At least one.", "Choose others.")
        )
        return
    if told := _left_out(found):
        st.info(told)

    def tapped(said: Mapping[str, Any]) -> None:
        if isinstance(link := said.get("link"), str):
            facts.choose_link(drawn, link)
        elif (entity := said.get("entity")) in drawn.entities:
            st.session_state[VIEW] = AROUND
            st.session_state[START] = graph_drawing.names(graph)[int(str(entity))]
            st.session_state[EXPANDED] = []

    with frame.result():
        left, right = st.columns([3, 2])
        with left:
            graph_drawing.show(
                graph,
                drawn,
                key="explore-whole",
                alt=f"The graph {graph.name}, whose triples the table lists",
                selected=facts.chosen_link(drawn),
                pictures=shown,
                tapped=tapped,
            )
            st.caption("Click an entity to see its neighbourhood.")
        with right:
            facts.show(graph, drawn)


def _left_out(found: Whole) -> str:
    told = []
    if found.by_degree < found.entities:
        told.append(
            f"Of {found.entities:,} entities the {found.by_degree:,} with most triples are looked "
            "at, since more cannot be told apart."
        )
    if found.drawn_components < found.components:
        told.append(
            f"There are {found.components:,} components; the {found.drawn_components:,} largest "
            "of them are drawn."
        )
    return " ".join(told)
