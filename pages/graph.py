"""Graph: knowledge graphs as vectors, trained, questioned and seen."""

import streamlit as st

from core import widgets
from core.panels import (
    graph_ask,
    graph_facts,
    graph_figures,
    graph_map,
    graph_source,
    graph_text,
    graph_train,
)

FACTS, TRAIN, ASK, FIGURES = "Graph", "Train", "Ask", "Figures"
SEE, TEXT, OWN = "Map", "Text beside", "Your graph"

widgets.under_app()
st.title("Graph", anchor=False)
st.caption("Entities and relations as vectors: train them, ask what is missing, see the relations.")
row = st.container(horizontal=True, gap="large")
tool = str(
    row.segmented_control(
        "Tool",
        [FACTS, TRAIN, ASK, FIGURES, SEE, TEXT, OWN],
        default=FACTS,
        key="do",
        bind="query-params",
        required=True,
        wrap=True,
    )
)
graph = graph_source.choose(row)
if tool == OWN:
    graph_source.bring()
elif graph is not None:
    if tool == FACTS:
        graph_facts.show(graph)
    elif tool == TRAIN:
        graph_train.show(graph, graph.name)
    elif tool == FIGURES:
        graph_figures.show(graph)
    else:
        model = graph_train.choose_model(graph)
        if model is not None:
            {ASK: graph_ask.show, SEE: graph_map.show, TEXT: graph_text.show}[tool](model)

with st.expander("How this works, and when it misleads"):
    st.markdown(
        "A knowledge graph is a set of triples (head, relation, tail). Each entity and relation "
        "gets a vector such that true triples score higher than false ones, and the scores then "
        "rank what is not in the graph yet.\n\n"
        "- **TransE**: head + relation lies near tail. Relations are steps, so their arrows should "
        "be parallel; it fails where one head has many tails.\n"
        "- **DistMult**: the sum of the products of all three. It is the same both ways, so it "
        "cannot tell who is whose parent.\n"
        "- **ComplEx**: the same with complex numbers, which can. **RotatE**: a relation turns "
        "each complex number of the head. Complex vectors are shown as real numbers: all real "
        "parts, then all imaginary parts.\n"
        "- **A high score is no fact.** It says that a triple is like those that were seen. What "
        "the graph does not say may be false, or only missing.\n"
        "- **MRR and Hits@k** depend on the split, on filtering and on how ties are counted; "
        "compare figures of one graph taken in one way. Inverse and symmetric relations leak test "
        "answers into training.\n\n"
        "Training is PyKEEN's (Ali et al. 2021). Read more: Bordes et al. 2013, *Translating "
        "embeddings*; Yang et al. 2014; Trouillon et al. 2016, *Complex embeddings*; Sun et al. "
        "2019, *RotatE*; Lacroix et al. 2018, *Canonical tensor decomposition*; Ruffinelli et al. "
        "2020, *You can teach an old dog new tricks*."
    )
