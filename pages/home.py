"""Home: what the app is, what is ready here, and one example of each page."""

import streamlit as st

from core import spaces, widgets
from core.catalog import Source
from core.types import Modality

widgets.under_app()
st.title("Embedding Explorer", anchor=False)
st.markdown(
    "See, search and create with **embeddings**: vectors that stand for what words, sentences and "
    "pictures mean.  \n"
    "A vector is the same thing on every page: what you make on one, you can use on the others.  \n"
    "Everything runs on this computer, offline, with real models."
)

st.subheader("Try one", anchor=False)
EXAMPLES = (
    ("words", "king − man + woman", {"q": "king - man + woman"}),
    (
        "words",
        "biggest − big + small, by another layer",
        {"q": "biggest - big + small", "space": "minilm-layer2"},
    ),
    ("words", "Which word does not belong?", {"tool": "Compare"}),
    ("words", "From he to she", {"tool": "Axis"}),
    ("sentences", "Sentences that say the same", {"do": "Neighbours", "row": "138"}),
    ("sentences", "Ask by meaning, not by words", {"do": "Ask", "ask": "music made with strings"}),
    ("sentences", "Your own texts", {"do": "Your texts"}),
    ("images", "Find pictures by words", {"find": "a musical instrument"}),
    ("images", "Drop a photo, get its emoji", {}),
    ("images", "A fox in the snow", {"find": "[1F98A] + snow"}),
    ("images", "What is taken for what?", {"see": "Report"}),
    ("map", "A map of all emoji", {"of": "Pictures"}),
    ("map", "5,000 words, and what the map loses", {"of": "Words", "color": "lost neighbours"}),
    ("map", "From small to large, from sad to happy", {"of": "Word list", "view": "Slice"}),
    ("generate", "Draw a blue cat", {"prompt": "a blue cat"}),
    ("generate", "Draw king − man + woman", {"prompt": "king - man + woman"}),
    (
        "generate",
        "From an apple to a pear",
        {
            "tool": "Grid",
            "vary": "A walk between two prompts",
            "prompt": "a red apple",
            "last": "a green pear",
        },
    ),
    ("graph", "Train a graph of 14 nations", {"graph": "nations", "do": "Train"}),
    ("graph", "Kinds of things in medicine", {"graph": "umls"}),
)
ICONS = {
    "words": ":material/calculate:",
    "sentences": ":material/notes:",
    "images": ":material/image:",
    "map": ":material/scatter_plot:",
    "generate": ":material/brush:",
    "graph": ":material/hub:",
}
for page, label, params in EXAMPLES:
    st.page_link(f"pages/{page}.py", label=label, icon=ICONS[page], query_params=params)

st.subheader("Ready here", anchor=False)
for entry in spaces.list_spaces():
    with st.container(border=True):
        if not entry.ready:
            state = f":material/download: {widgets.plain(entry.state)}"
        elif Modality.WORD not in entry.space.modalities or entry.built:
            state = ":material/check_circle: ready"
        else:
            state = ":material/check_circle: ready; its words take about half a minute at first"
        st.markdown(f"**{widgets.plain(entry.space.title)}** · {state}")
        st.caption(widgets.plain(entry.about))
        if entry.remedy and entry.source is Source.SPACY:
            st.code(entry.remedy, language=None, wrap_lines=True)
        elif entry.remedy:
            st.caption(widgets.plain(entry.remedy))
