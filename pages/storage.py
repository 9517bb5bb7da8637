"""Storage: what this server works on, what the data folder holds, and deleting some of it."""

import streamlit as st

from core.ui.common import page
from core.ui.help import explain
from core.ui.home import data_home, running

page.under_app()
st.caption(
    "What this app works on, and what it built, downloaded and keeps on this computer, with what "
    "deleting it costs."
)
running.show()
data_home.show()

with st.expander("What is what"):
    st.markdown(
        "- **Vocabularies, vectors, maps, indexes, thumbnails** are computed again when they are "
        "needed; that takes time, not downloads.\n"
        "- **Hub models** and public datasets must be downloaded again. *Partial downloads* are "
        "what a download that was stopped goes on from.\n"
        "- **Text datasets, imported embeddings, galleries, graphs, generated pictures and saved "
        "vectors** are yours: this app has no other copy.\n"
        "- **Unfinished** is what is being written right now, or what a killed process left. The "
        "next start clears away the latter.\n"
        "- A gallery that is a folder of this computer is only a note of where it lies: deleting "
        "the note leaves the pictures.\n"
        "- What another running server or command is writing, or wrote to within the last half "
        "minute, stays; the page says so.\n"
        "- What is open in another window goes on there as far as it is in memory; what is needed "
        "from the disk later is computed again or told."
    )
explain.show("storage")
