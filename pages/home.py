"""Home: what the app is, one example of each page, what is ready here and what can be added."""

import streamlit as st

from core.ui.choosers import add_data
from core.ui.common import page
from core.ui.help import explain
from core.ui.home import cards, examples, readiness

page.under_app()
left, right = st.columns([5, 1], vertical_alignment="center")
left.markdown(
    "See, search and create with **embeddings**: vectors that stand for what words, sentences and "
    "pictures mean. A vector is the same thing on every page."
)
with right:
    add_data.button()
cards.show()
examples.show()
readiness.show()
explain.show("home")
