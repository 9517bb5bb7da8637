"""Words → Formula: the arithmetic as a picture."""

from __future__ import annotations

import streamlit as st

from core.charts import basic as charts
from core.formula.resolve import ResolvedQuery
from core.spaces.vocabulary import Vocabulary
from core.ui.common import frame, page
from core.ui.session import link_values
from core.words.analysis import Ranking, draw_arithmetic


def show(query: ResolvedQuery, ranking: Ranking, vocabulary: Vocabulary) -> None:
    """The terms, the result and its neighbours as points of a plane or of space."""
    dims = link_values.one_of(
        frame.settings(),
        "Dimensions of the picture",
        ["2-D", "3-D"],
        default="2-D",
        key="dims",
        bind="query-params",
    )
    nearest = [found for found in ranking.neighbors if found.row not in query.rows][:8]
    near = vocabulary.vectors[[found.row for found in nearest]]
    picture = draw_arithmetic(query, [found.id for found in nearest], near)
    shown = 3 if dims == "3-D" else 2
    figure = charts.arithmetic(picture, shown)
    told = "The terms of the formula, the result and its neighbours as points"
    if shown == 3:
        page.show_space(figure, "picture-3", told)
    else:
        st.plotly_chart(figure, key="picture-2", alt=told)
    st.caption(
        f"The arithmetic as a picture. The {vocabulary.space.dim} dimensions are flattened to "
        f"the {shown} principal axes of these points, which hold "
        f"{float(picture.shares[:shown].sum()):.0%} of their variance: "
        "parallel arrows stay parallel, distances shrink. The result is drawn where the sum lies; "
        "the words have length 1."
    )
