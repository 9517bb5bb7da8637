"""Sentences: neighbours by number, questions, comparing, spaces side by side, export, own texts."""

import streamlit as st

from core import widgets
from core.panels import (
    next_steps,
    sentences_ask,
    sentences_compare,
    sentences_data,
    sentences_duplicates,
    sentences_export,
    sentences_models,
    sentences_neighbors,
    sentences_open,
    sentences_spaces,
)
from core.types import Modality

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
if chosen := st.session_state.pop("chosen-texts", None):
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

with st.expander("How this works, and when it misleads"):
    st.markdown(
        "A **sentence encoder** reads a text and gives a vector for the whole of it, learned so "
        "that texts of like meaning lie near each other. **Cosine similarity** compares the "
        "directions of two vectors, **Euclidean distance** their end points; for vectors of "
        "length 1 the two always agree.\n\n"
        "- A similarity of 0.6 means nothing by itself: how high *similar* is differs from model "
        "to model. Compare with other pairs of the same space.\n"
        "- Negation and numbers weigh little: *I like it* and *I do not like it* lie near each "
        "other.\n"
        "- A model reads only the beginning of a long text; the page says which rows were cut.\n"
        "- Keywords (BM25) find exact names and codes, which vectors often miss.\n\n"
        "Read more: Reimers & Gurevych 2019, *Sentence-BERT*; Robertson & Zaragoza 2009, *The "
        "probabilistic relevance framework: BM25 and beyond*; Cormack et al. 2009, *Reciprocal "
        "rank fusion*."
    )
