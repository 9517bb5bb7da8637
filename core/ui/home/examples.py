"""Home: one thing to try at a click, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS

CARD = 310  # pixels: three beside each other on a wide screen


@dataclass(frozen=True, slots=True)
class Example:
    """A link that shows something at once."""

    label: str
    params: Mapping[str, str] = field(default_factory=dict)


ABOUT = {
    "words": "Add and subtract meanings",
    "sentences": "Texts that mean the same",
    "images": "Search pictures by words",
    "map": "See what lies together",
    "generate": "Draw from a vector",
    "graph": "Ask what is missing",
}
EXAMPLES = {
    "words": (
        Example("king − man + woman", {"q": "king - man + woman"}),
        Example(
            "biggest − big + small, by another layer",
            {"q": "biggest - big + small", "space": "minilm-layer2"},
        ),
        Example("Which word does not belong?", {"tool": "Compare"}),
        Example("From he to she", {"tool": "Axis"}),
    ),
    "sentences": (
        Example("Sentences that say the same", {"do": "Neighbours", "row": "138"}),
        Example("Ask by meaning, not by words", {"do": "Ask", "ask": "music made with strings"}),
        Example("Your own texts", {"do": "Your texts"}),
    ),
    "images": (
        Example("Find pictures by words", {"find": "a musical instrument"}),
        Example("Drop a photo, get its emoji"),
        Example("A fox in the snow", {"find": "[1F98A] + snow"}),
        Example("What is taken for what?", {"see": "Report"}),
    ),
    "map": (
        Example("A map of all emoji", {"of": "Pictures"}),
        Example("5,000 words, and what the map loses", {"of": "Words", "color": "lost neighbours"}),
        Example("From small to large, from sad to happy", {"of": "Word list", "view": "Slice"}),
    ),
    "generate": (
        Example("Draw a blue cat", {"prompt": "a blue cat"}),
        Example("Draw king − man + woman", {"prompt": "king - man + woman"}),
        Example(
            "From an apple to a pear",
            {
                "tool": "Grid",
                "vary": "A walk between two prompts",
                "prompt": "a red apple",
                "last": "a green pear",
            },
        ),
    ),
    "graph": (
        Example("Train a graph of 14 nations", {"graph": "nations", "do": "Train"}),
        Example("Kinds of things in medicine", {"graph": "umls"}),
    ),
}


def show() -> None:
    """A card a page."""
    st.subheader("Try one", anchor=False)
    with st.container(
        horizontal=True, gap="small", key="examples", vertical_alignment="distribute"
    ):
        for page, examples in EXAMPLES.items():
            with st.container(border=True, width=CARD, gap="xxsmall"):
                st.markdown(f"{ICONS[page]} **{page.capitalize()}** · {plain(ABOUT[page])}")
                for example in examples:
                    st.page_link(
                        f"pages/{page}.py", label=example.label, query_params=dict(example.params)
                    )
