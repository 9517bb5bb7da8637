"""Links by other names of pages, tools and choices, as these once had: they lead to the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

PAGES = {"disk": "storage"}  # old path -> new one
VALUES: Mapping[str, Mapping[str, Mapping[str, str]]] = {  # page -> box -> old value -> new one
    "words": {
        "tool": {"Axis": "Semantic axis", "Own vectors": "Upload embeddings"},
    },
    "sentences": {
        "do": {
            "Neighbours": "Nearest neighbours",
            "Ask": "Semantic search",
            "Compare": "Similarity matrix",
            "Two spaces": "Compare models",
            "Your texts": "Datasets",
            "Spaces": "Models",
        },
        "by": {"meaning": "Semantic", "keywords": "BM25", "both": "Hybrid"},
    },
    "images": {
        "see": {
            "Which is it?": "Zero-shot classification",
            "By example": "Few-shot",
            "Report": "Evaluation",
            "Key points": "Keypoint matching",
            "Your pictures": "Datasets",
        },
    },
    "generate": {
        "tool": {"Picture": "Image", "Inside": "Denoising steps"},
        "generator": {"Small (ours)": "Emoji (ours)"},
        "vary": {
            "Guidance against steps": "Guidance × steps",
            "A walk between two prompts": "Prompt interpolation",
        },
    },
    "graph": {
        "do": {
            "Graph": "Explore",
            "Ask": "Link prediction",
            "Figures": "Evaluation",
            "Text beside": "Compare with text embeddings",
            "Your graph": "Datasets",
        },
    },
    "map": {
        "of": {
            "Word list": "Custom words",
            "Columns": "Numeric columns",
            "Shelf": "Saved vectors",
        },
        "view": {
            "One map": "Projection",
            "Two maps": "Compare projections",
            "Slice": "Semantic axes",
        },
        "color": {"lost neighbours": "k-NN preservation"},
    },
}


BOXES: Mapping[str, Mapping[str, str]] = {  # page -> old name of a box -> new one
    "graph": {"around": "explore"},
}
# Page -> the name of its tool in the address. They differ since a link from one page to another
# loses what a box of the first is called too (Streamlit 1.67); each page takes all of them.
TOOL_BOXES: Mapping[str, str] = {
    "words": "tool",
    "sentences": "do",
    "images": "see",
    "map": "view",
    "generate": "tool",
    "graph": "do",
    "train": "do",
    "learn": "tool",
}


def pages() -> list[StreamlitPage]:
    """The old paths as pages that no menu shows; each leads on with all that its address holds."""
    return [
        st.Page(_leading_to(new), title=new.capitalize(), url_path=old, visibility="hidden")
        for old, new in PAGES.items()
    ]


def rename(page: str) -> None:
    """Renames what the address asks of a page by another name, before any box reads it."""
    asked, boxes = st.query_params.to_dict(), names_of_boxes(page)
    gone = [box for box in asked if box in boxes]
    renamed = {boxes[box]: asked[box] for box in gone if boxes[box] not in asked}
    renamed = {
        box: VALUES.get(page, {}).get(box, {}).get(value, value)
        for box, value in (asked | renamed).items()
        if box not in gone
    }
    renamed = {box: value for box, value in renamed.items() if asked.get(box) != value}
    context = get_script_run_ctx()
    if context is None or not (gone or renamed):
        return
    with context.session_state.query_params() as parameters:
        for box in gone:  # or it would ask for the same again once its box has another value
            parameters.remove_param(box)
        for box, value in renamed.items():
            # `st.query_params` does not write what a box is bound to
            parameters.set_corrected_value(box, value, "string_value")
        parameters.set_initial_query_params_from_current()


def names_of_boxes(page: str) -> dict[str, str]:
    """Other names of a page's boxes, by which a link may call them, with their own."""
    own = TOOL_BOXES.get(page)
    tools = dict.fromkeys(sorted({*TOOL_BOXES.values()} - {own}), own) if own else {}
    return {**tools, **BOXES.get(page, {})}


def _leading_to(name: str) -> Callable[[], None]:
    def lead() -> None:
        st.switch_page(f"pages/{name}.py", query_params=st.query_params.to_dict())

    return lead
