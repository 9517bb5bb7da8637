"""Graph: boxes whose values stand in the address.

The keys are the same for all graphs, since they are names in the address. What was chosen of one
graph means nothing in another, so that with another graph each box begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError
from core.graphs import statistics as graph_statistics
from core.graphs.graph import Graph
from core.ui.common import page
from core.ui.common.markdown import plain
from core.ui.session import link_values
from core.ui.session.page_state import begin_anew


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of a tool; made where it shall be said what is wrong with them.

    Attributes:
        told: that place. It takes no room while empty: what came and went among the boxes would
            move them, and so lose their places in the address.
    """

    graph: Graph
    told: Any = field(default_factory=page.steady)

    def entity(self, label: str, key: str, default: str = "", *, width: int = 260) -> int | None:
        """An entity by its typed name; ``None`` after saying which ones are spelled nearly so."""
        graph = self.graph
        first = default or graph.entities[int(np.argmax(sum(graph_statistics.degrees(graph))))]
        named = graph.labels.get(first, first)
        begin_anew(key, graph.digest, named)
        text = st.text_input(
            label,
            named,
            key=key,
            bind="query-params",
            width=width,
            help="An id or a readable name.",
        )
        with self.told:
            if not text.strip():
                st.info(f"Type an entity under “{label}”, such as {plain(named)}.")
                return None
            try:
                return graph.entity(text)
            except ExplorerError as error:
                page.show_error(error)
                return None

    def relation(self, label: str, key: str, first: int = 0, *, width: int = 260) -> int:
        """A relation; ``first`` where nobody chose, or a link names one that is not there."""
        names = self.graph.relations
        default = names[min(first, len(names) - 1)]
        begin_anew(key, self.graph.digest, default)
        asked = link_values.asked_by_link(key)
        if asked is not None and asked not in names:
            try:
                default = names[self.graph.relation(asked)]
                link_values.told_there(key)  # in other capitals, so nothing is wrong
            except ExplorerError as error:
                link_values.expect(key, error.remedy)
            st.session_state[key] = default
        chosen = st.selectbox(
            label, names, names.index(default), key=key, bind="query-params", width=width
        )
        return names.index(str(chosen))

    def number(
        self, label: str, key: str, within: tuple[float, float], given: float, **options: Any
    ) -> float:
        """A number within two; ``given`` where nobody chose, or a link asks for none of these."""
        low, high = within
        link_values.expect(key, f"It is a number from {low:,} to {high:,}.")
        value: float = st.number_input(
            label, low, high, given, key=key, bind="query-params", **options
        )
        return value
