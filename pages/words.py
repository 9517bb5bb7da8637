"""Words: arithmetic on word vectors, comparing words, axes, the analogy test, own vectors."""

import streamlit as st

from core.ui.common import frame, page, spaces
from core.ui.help import explain
from core.ui.session import link_vectors, names
from core.ui.session.tool_line import choose_tool
from core.ui.words import (
    analogies,
    axis,
    compare,
    formula,
    own_vectors,
    vectors,
)

TOOLS = {
    "Formula": formula,
    "Compare": compare,
    "Vectors": vectors,
    "Semantic axis": axis,
    "Analogy test": analogies,
}
ANALOGIES = "minilm-layer2"  # answers more of the analogy test than the model's output does
OWN = "Upload embeddings"  # works also where the chosen space is not ready

page.under_app()
tool = choose_tool([*TOOLS, OWN], page="words")
asked = str(st.session_state.get(formula.BAR.key) or st.query_params.get(formula.BAR.key, ""))
model = link_vectors.space() or names.model_of(asked) or ANALOGIES
entry = spaces.require_ready(spaces.choose_space(frame.settings(), default=model))
if tool == OWN:
    own_vectors.show(entry)
elif entry is not None:
    TOOLS[tool].show(entry)

explain.show("words", str(tool))
