"""Words: arithmetic on word vectors, comparing words, axes, the analogy test, own vectors."""

import streamlit as st

from core import widgets
from core.panels import words_axis, words_compare, words_formula, words_own, words_test

TOOLS = {
    "Formula": words_formula,
    "Compare": words_compare,
    "Axis": words_axis,
    "Analogy test": words_test,
}
OWN = "Own vectors"  # works also where the chosen space is not ready

widgets.under_app()
st.title("Words", anchor=False)
st.caption("Add and subtract the meanings of words, and read the nearest words as the answer.")
left, right = st.columns([2, 1], vertical_alignment="bottom")
with left:
    tool = st.segmented_control(
        "Tool",
        [*TOOLS, OWN],
        default="Formula",
        key="tool",
        bind="query-params",
        required=True,
        wrap=True,
    )
entry = widgets.describe_space(widgets.choose_space(right))
if tool == OWN:
    words_own.show(entry)
elif entry is not None:
    TOOLS[tool].show(entry)

with st.expander("How this works, and when it misleads"):
    st.markdown(
        "Every word is a **vector**: an arrow in a space of some hundred dimensions, learned so "
        "that words used alike point alike. A formula adds and subtracts these arrows, and the "
        "answer lists the words whose arrows point most nearly the same way (**cosine "
        "similarity**, 1 for the same direction, 0 for unrelated).\n\n"
        "- The nearest words to *a − b + c* are nearly always *a* and *c* themselves; they are "
        "left out, which flatters the method (Linzen 2016; Rogers et al. 2017).\n"
        "- The space holds the habits of the texts it was learned from, stereotypes included "
        "(Bolukbasi et al. 2016).\n"
        "- One vector stands for all meanings of a word: *bank* is a river's and a robber's.\n\n"
        "Read more: Mikolov et al. 2013, *Linguistic regularities in continuous space word "
        "representations*; Reimers & Gurevych 2019, *Sentence-BERT*."
    )
