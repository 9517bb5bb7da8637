"""Home: what the app is, what is ready here, and one example of each page."""

import streamlit as st

from core import spaces, widgets

widgets.under_app()
st.title("Embedding Explorer", anchor=False)
st.markdown(
    "See, search and create with **embeddings**: vectors that stand for what words mean.  \n"
    "A vector is the same thing on every page: what you make on one, you can use on the others.  \n"
    "Everything runs on this computer, offline, with real models."
)

st.subheader("Try one", anchor=False)
EXAMPLES = (
    ("king − man + woman", {"q": "king - man + woman"}),
    (
        "biggest − big + small, by another layer",
        {"q": "biggest - big + small", "space": "minilm-layer2"},
    ),
    ("Which word does not belong?", {"tool": "Compare"}),
    ("From he to she", {"tool": "Axis"}),
)
for label, params in EXAMPLES:
    st.page_link("pages/words.py", label=label, icon=":material/calculate:", query_params=params)

st.subheader("Ready here", anchor=False)
for entry in spaces.list_spaces():
    with st.container(border=True):
        if not entry.ready:
            state = ":material/download: not here yet"
        elif entry.built:
            state = ":material/check_circle: ready"
        else:
            state = ":material/check_circle: ready; the first use takes about half a minute"
        st.markdown(f"**{widgets.plain(entry.space.title)}** · {state}")
        st.caption(widgets.plain(entry.about))
        if entry.remedy:
            st.code(entry.remedy, language=None, wrap_lines=True)
