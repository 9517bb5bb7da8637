"""Words: arithmetic on word vectors, comparing words, axes, the analogy test, own vectors."""

import streamlit as st

from core.ui.common import page, spaces
from core.ui.help import explain
from core.ui.session import link_values
from core.ui.words import (
    analogies,
    axis,
    compare,
    formula,
    own_vectors,
)

TOOLS = {
    "Formula": formula,
    "Compare": compare,
    "Axis": axis,
    "Analogy test": analogies,
}
OWN = "Own vectors"  # works also where the chosen space is not ready

page.under_app()
st.title("Words", anchor=False)
st.caption("Add and subtract the meanings of words, and read the nearest words as the answer.")
left, right = st.columns([2, 1], vertical_alignment="bottom")
with left:
    tool = link_values.one_of(
        st,
        "Tool",
        [*TOOLS, OWN],
        default="Formula",
        key="tool",
        bind="query-params",
        wrap=True,
    )
entry = spaces.describe_space(spaces.choose_space(right))
if tool == OWN:
    own_vectors.show(entry)
elif entry is not None:
    TOOLS[tool].show(entry)

explain.show("words", str(tool))
