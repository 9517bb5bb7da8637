"""Home: what the app is, one example of each page, what is ready here and what can be added."""

import streamlit as st

from core.ui.choosers import add_data
from core.ui.common import page
from core.ui.help import explain
from core.ui.home import examples, readiness

page.under_app()
st.markdown(
    "See, search and create with **embeddings**: vectors that stand for what words, sentences and "
    "pictures mean.  \n"
    "A vector is the same thing on every page: what you make on one, you can use on the others.  \n"
    "Everything runs on this computer, offline, with real models."
)
add_data.button()
examples.show()
readiness.show()
explain.show("home")
