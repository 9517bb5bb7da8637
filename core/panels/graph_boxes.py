"""Graph: boxes whose values stand in the address, and what a link asks for that cannot be.

The keys are the same for all graphs, since they are names in the address. What was chosen of one
graph means nothing in another, so that with another graph each box begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from core import widgets
from core.errors import ExplorerError, shorten
from core.graphs import facts
from core.graphs.graph import Graph
from core.panels import link_values
from core.ranges import tells_number


def begin_anew(key: str, of: str, first: Any) -> None:
    """Sets a box to ``first`` where its value was chosen for something else than ``of``."""
    mark = f"{key}-of"
    if key in st.session_state and st.session_state.get(mark, of) != of:
        st.session_state[key] = first
    st.session_state[mark] = of


def asked_by_link(key: str) -> str | None:
    """What the link says of a box that is not on the page yet; ``None`` where it says nothing."""
    return None if key in st.session_state else st.query_params.get(key)


def tell(label: str, asked: str, expected: str, taken: object) -> None:
    """A warning: what the link asks for, what there is, and what is taken instead."""
    st.warning(
        f"The link asks for {widgets.plain(label)} “{widgets.plain(shorten(asked))}”.  \n"
        f"{widgets.plain(expected)} {widgets.plain(shorten(str(taken)))} is taken instead."
    )


def check(label: str, key: str, options: Sequence[str], default: str) -> None:
    """Says it where the link asks for none of ``options``; to be called before their box."""
    place, asked = widgets.steady(), asked_by_link(key)
    if asked is not None and asked not in options:
        link_values.told_there(key)
        with place:
            tell(label, asked, f"There is: {', '.join(options)}.", default)


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of a tool; made where it shall be said what is wrong with them.

    Attributes:
        told: that place. It takes no room while empty: what came and went among the boxes would
            move them, and so lose their places in the address.
    """

    graph: Graph
    told: Any = field(default_factory=widgets.steady)

    def entity(self, label: str, key: str, default: str = "") -> int | None:
        """An entity by its typed name; ``None`` after saying which ones are spelled nearly so."""
        graph = self.graph
        first = default or graph.entities[int(np.argmax(sum(facts.degrees(graph))))]
        named = graph.labels.get(first, first)
        begin_anew(key, graph.digest, named)
        text = st.text_input(
            label, named, key=key, bind="query-params", width=260, help="An id or a readable name."
        )
        with self.told:
            if not text.strip():
                st.info(f"Type an entity under “{label}”, such as {widgets.plain(named)}.")
                return None
            try:
                return graph.entity(text)
            except ExplorerError as error:
                widgets.show_error(error)
                return None

    def relation(self, label: str, key: str, first: int = 0, *, width: int = 260) -> int:
        """A relation; ``first`` where nobody chose, or a link names one that is not there."""
        names = self.graph.relations
        default = names[min(first, len(names) - 1)]
        begin_anew(key, self.graph.digest, default)
        asked = asked_by_link(key)
        if asked is not None and asked not in names:
            link_values.told_there(key)
            try:
                default = names[self.graph.relation(asked)]  # in other capitals
            except ExplorerError as error:
                with self.told:
                    none = f"{self.graph.name} has no such relation. {error.remedy}"
                    tell("the relation", asked, none, default)
            st.session_state[key] = default
        chosen = st.selectbox(
            label, names, names.index(default), key=key, bind="query-params", width=width
        )
        return names.index(str(chosen))

    def number(
        self, label: str, key: str, within: tuple[float, float], given: float, **options: Any
    ) -> float:
        """A number within two; ``given`` where nobody chose, or a link asks for none of these."""
        asked = asked_by_link(key)
        value: float = st.number_input(
            label, *within, given, key=key, bind="query-params", **options
        )
        if asked is not None and not tells_number(asked, *within):
            link_values.told_there(key)
            low, high = within
            with self.told:
                expected = f"It must be a number from {low:,} to {high:,}."
                tell(f"“{label}” to be", asked, expected, f"{value:g}")
        return value
