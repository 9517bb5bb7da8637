"""Sentences: neighbours by number, questions, comparing, spaces side by side, export, own texts."""

import streamlit as st

from core.base.types import Modality
from core.ui.choosers import texts as sentences_open
from core.ui.common import next_steps, widgets
from core.ui.help import explain
from core.ui.sentences import (
    ask as sentences_ask,
    compare as sentences_compare,
    duplicates as sentences_duplicates,
    export as sentences_export,
    neighbors as sentences_neighbors,
    own_texts as sentences_data,
    spaces as sentences_models,
    two_spaces as sentences_spaces,
)

TOOLS = {
    "Neighbours": sentences_neighbors,
    "Ask": sentences_ask,
    "Compare": sentences_compare,
    "Near-duplicates": sentences_duplicates,
    "Two spaces": sentences_spaces,
    "Export": sentences_export,
}
# These two work without any vectors.
OWN, SPACES = "Your texts", "Spaces"

widgets.under_app()
st.title("Sentences", anchor=False)
st.caption("See which sentences mean the same: by number, by question, side by side.")
tool = st.segmented_control(
    "Tool",
    [*TOOLS, OWN, SPACES],
    default="Neighbours",
    key="do",
    bind="query-params",
    required=True,
    wrap=True,
)
places = st.columns(3, vertical_alignment="bottom")
if chosen := st.session_state.pop(sentences_data.CHOSEN, None):
    st.session_state["data"] = chosen
entry = sentences_open.choose_dataset(places[0])
space = widgets.choose_space(places[1], Modality.TEXT)
dataset = sentences_open.open_texts(entry, places[2])
if tool == OWN:
    sentences_data.show()
elif tool == SPACES:
    sentences_models.show()
elif dataset is not None:
    texts = sentences_open.open_vectors(space, dataset)
    if texts is not None:
        TOOLS[tool].show(texts)
        next_steps.texts_on_map(texts)

explain.show("sentences", str(tool))
