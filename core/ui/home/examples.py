"""Home: one thing to try at a click, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS

CARD = 352  # pixels: three beside each other on a wide screen


@dataclass(frozen=True, slots=True)
class Example:
    """A link that shows something at once."""

    label: str
    params: Mapping[str, str] = field(default_factory=dict)


ABOUT = {
    "words": "Add and subtract meanings",
    "sentences": "Texts that mean the same",
    "images": "Search pictures by text",
    "map": "See what lies together",
    "generate": "Generate images from vectors",
    "graph": "Ask what is missing",
    "train": "Make an embedding of your own",
    "learn": "How it works, step by step",
}
EXAMPLES = {
    "words": (
        Example("biggest − big + small", {"q": "biggest - big + small"}),
        Example("man : king :: woman : ?", {"q": "man : king :: woman : ?"}),
        Example("Which word does not belong?", {"tool": "Compare"}),
        Example("From he to she", {"tool": "Semantic axis"}),
        Example("The numbers of a word", {"tool": "Vectors"}),
    ),
    "sentences": (
        Example("Nearest neighbours of a sentence", {"do": "Nearest neighbours", "row": "138"}),
        Example("Semantic search", {"do": "Semantic search", "ask": "music made with strings"}),
        Example("Import your own texts", {"do": "Datasets"}),
    ),
    "images": (
        Example("Search pictures by text", {"find": "a musical instrument"}),
        Example("A fox in the snow", {"find": "[1F98A] + snow"}),
        Example("Evaluate the encoder", {"see": "Evaluation"}),
    ),
    "map": (
        Example(
            "5,000 words, and what the map preserves", {"of": "Words", "color": "k-NN preservation"}
        ),
        Example(
            "From small to large, from sad to happy",
            {"of": "Custom words", "view": "Semantic axes"},
        ),
    ),
    "generate": (
        Example("Generate king − man + woman", {"prompt": "king - man + woman"}),
        Example(
            "From an apple to a pear",
            {
                "tool": "Grid",
                "vary": "Prompt interpolation",
                "prompt": "a red apple",
                "last": "a green pear",
            },
        ),
    ),
    "graph": (
        Example("Train a graph of 14 nations", {"graph": "nations", "do": "Train"}),
        Example("Kinds of things in medicine", {"graph": "umls"}),
    ),
    "train": (
        Example("A head that tells the kinds of emoji", {"do": "Head"}),
        Example("A space that follows your clicks", {"do": "From clicks"}),
        Example("What a painting of mine is, in five steps", {"do": "A painting of mine"}),
        Example("Word vectors from texts", {"do": "Word vectors"}),
    ),
    "learn": (
        Example("Words as numbers", {"lesson": "words"}),
        Example("Finding fast: an index, hop by hop", {"lesson": "finding"}),
        Example("Look inside a text or a picture", {"tool": "Look inside"}),
    ),
}


def show() -> None:
    """More to try, a card a page."""
    st.subheader("More to try", anchor=False)
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
