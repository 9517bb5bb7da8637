"""Graph: the facts of a drawing as a table; the one that is chosen there or in the drawing."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.base.errors import counted
from core.graphs.graph import Graph
from core.graphs.neighborhood import Drawing, Fact
from core.ui.common import tables
from core.ui.graph.drawing import link_id

_CHOSEN, _TABLE = "explore-chosen", "explore-table"
Chosen = Callable[[Fact], None]


def chosen(drawing: Drawing) -> Fact | None:
    """The fact that is chosen, if the drawing has it."""
    fact = st.session_state.get(_CHOSEN)
    return fact if fact in drawing.facts else None


def chosen_link(drawing: Drawing) -> str:
    """The link of the chosen fact, as ``link_id`` names it, or ``""``."""
    fact = chosen(drawing)
    return "" if fact is None else link_id(fact)


def choose_link(drawing: Drawing, link: str) -> Fact | None:
    """Chooses the first fact of a link; for a callback."""
    found = next((fact for fact in drawing.facts if link_id(fact) == link), None)
    st.session_state[_CHOSEN] = found
    return found


def show(
    graph: Graph,
    drawing: Drawing,
    scores: Mapping[Fact, float] | None = None,
    *,
    then: Chosen | None = None,
) -> None:
    """What is drawn, a row for each fact, predicted ones first.

    Args:
        scores: of predicted facts.
        then: is called with the fact of the row that is clicked, before the next run.
    """
    scores = scores or {}
    listed = sorted(drawing.facts, key=lambda fact: -scores.get(fact, float("-inf")))
    left_out = sum(drawing.left_out.values())
    more = f"; {left_out:,} more triples of the expanded ones are not drawn" if left_out else ""
    entities = len(drawing.entities)
    st.markdown(
        f"**{entities:,} {'entity' if entities == 1 else 'entities'}, "
        f"{counted(len(listed), 'triple')}**{more}."
    )

    key = f"{_TABLE}-{zlib.crc32(repr(listed).encode())}"  # a ticked row is one of these facts

    def take() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        fact = listed[rows[0]] if rows and rows[0] < len(listed) else None
        st.session_state[_CHOSEN] = fact
        if fact is not None and then is not None:
            then(fact)

    columns = _columns(graph, listed)
    if scores:
        columns["score"] = [f"{scores[fact]:.4f}" if fact in scores else "" for fact in listed]
    st.dataframe(
        columns,
        hide_index=True,
        height=420,
        key=key,
        on_select=take,
        selection_mode="single-row",
        alt="The triples that are drawn",
    )
    tables.download_csv(columns, file_name="triples.csv")


def _columns(graph: Graph, listed: Sequence[Fact]) -> dict[str, list[Any]]:
    return {
        "head": [graph.label(head) for head, *_ in listed],
        "relation": [graph.relations[relation] for _, relation, _, _ in listed],
        "tail": [graph.label(tail) for _, _, tail, _ in listed],
        "split": [part for *_, part in listed],
    }
