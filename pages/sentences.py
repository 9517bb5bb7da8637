"""Sentences: neighbours by number, questions, comparing, spaces side by side, export, own texts."""

import streamlit as st

from core.base.types import Modality
from core.ui.choosers import texts as texts_chooser
from core.ui.common import next_steps, page, spaces as common_spaces
from core.ui.help import explain
from core.ui.sentences import (
    ask,
    compare,
    duplicates,
    export,
    neighbors,
    own_texts,
    spaces,
    two_spaces,
)
from core.ui.session import link_values

TOOLS = {
    "Neighbours": neighbors,
    "Ask": ask,
    "Compare": compare,
    "Near-duplicates": duplicates,
    "Two spaces": two_spaces,
    "Export": export,
}
# These two work without any vectors.
OWN, SPACES = "Your texts", "Spaces"

page.under_app()
st.title("Sentences", anchor=False)
st.caption("See which sentences mean the same: by number, by question, side by side.")
tool = link_values.one_of(
    st,
    "Tool",
    [*TOOLS, OWN, SPACES],
    default="Neighbours",
    key="do",
    bind="query-params",
    wrap=True,
)
places = st.columns(3, vertical_alignment="bottom")
if chosen := st.session_state.pop(own_texts.CHOSEN, None):
    st.session_state["data"] = chosen
entry = texts_chooser.choose_dataset(places[0])
space = common_spaces.choose_space(places[1], Modality.TEXT)
dataset = texts_chooser.open_texts(entry, places[2])
if tool == OWN:
    own_texts.show()
elif tool == SPACES:
    spaces.show()
elif dataset is not None:
    texts = texts_chooser.open_vectors(space, dataset)
    if texts is not None:
        TOOLS[tool].show(texts)
        next_steps.texts_on_map(texts)

explain.show("sentences", str(tool))
