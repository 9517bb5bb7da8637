"""Sentences: nearest neighbours, semantic search, comparing texts and models, export, datasets."""

import streamlit as st

from core.base.types import Modality
from core.ui.choosers import texts as texts_chooser
from core.ui.common import frame, next_steps, page, spaces as common_spaces
from core.ui.help import explain
from core.ui.sentences import (
    ask,
    collection,
    compare,
    duplicates,
    export,
    index,
    neighbors,
    own_texts,
    review,
    spaces,
    two_spaces,
)
from core.ui.session.tool_line import choose_tool

SEARCH = "Semantic search"
TOOLS = {
    "Nearest neighbours": neighbors,
    SEARCH: ask,
    "Similarity matrix": compare,
    "Near-duplicates": duplicates,
    "Review": review,
    "Compare models": two_spaces,
    "Index": index,
    "Export": export,
}
# These two work without any vectors.
OWN, SPACES = "Datasets", "Models"

page.under_app()
tool = choose_tool([*TOOLS, OWN, SPACES], page="sentences")
if chosen := st.session_state.pop(own_texts.CHOSEN, None):
    st.session_state["data"] = chosen
settings = frame.settings()
if tool == SEARCH and collection.is_chosen(settings):
    collection.show(common_spaces.choose_space(settings, Modality.TEXT))
else:
    entry = texts_chooser.choose_dataset(settings)
    place = settings.container()
    dataset = texts_chooser.open_texts(entry, settings)
    own = "" if tool in (OWN, SPACES) else texts_chooser.own_taken(dataset)
    space = common_spaces.choose_space(place, Modality.TEXT, instead=own)
    if tool in (OWN, SPACES):
        with frame.result():
            (own_texts if tool == OWN else spaces).show()
    elif dataset is not None:
        texts = texts_chooser.open_vectors(space, dataset)
        if texts is not None:
            TOOLS[tool].show(texts)
            next_steps.texts_on_map(texts)

explain.show("sentences", str(tool))
