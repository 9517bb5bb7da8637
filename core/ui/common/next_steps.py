"""Where to go on from here with the same texts or the same vector: links to the other pages."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.base.types import FloatArray, Modality, Space, TermKind
from core.formula.question import read_query
from core.sentences.dataset import EncodedTexts
from core.spaces import registry
from core.spaces.catalog import DEFAULT_PICTURES, DEFAULT_SPACE
from core.ui.common import keep
from core.ui.common.page_icons import ICONS

AT_ONCE = "generate-at-once"  # set by who opens Generate to have it draw without a click
WORDS, IMAGES, MAP, GENERATE, LEARN = "words", "images", "map", "generate", "learn"
LOOK = 500  # characters of a text that a link to “Look inside” holds


def vector(
    space: Space, found: FloatArray, formula: str, *, here: str, elsewhere: bool = False
) -> None:
    """Links to other pages with a vector ``(dim,)``: by its name where it is kept, or its formula.

    Only pages that take vectors of the space are offered, and the page ``here`` is not; a formula
    of words alone is evaluated again by the model of pages that do not. A formula with names that
    only one page knows goes to others by the vector's name among the saved ones; ``elsewhere``
    says that it has none, so that any model can evaluate it again.
    """
    name = next(
        (
            one
            for one, kept in keep.shelf().of_space(space.name).items()
            if np.array_equal(kept, found)
        ),
        None,
    )
    text = formula if name is None else f"[{name}]"
    pictures = Modality.IMAGE in space.modalities
    # Words alone are what each model has vectors of.
    again = elsewhere or (not pictures and "[" not in formula)
    model = space.name if pictures else registry.default_of_pictures()
    steps = {
        WORDS: ("Nearest words", {"q": text, "space": space.name}),
        IMAGES: ("Search images with it", {"find": text, "space": model}),
        MAP: ("Project it on a map", {"of": "Pictures", "drop": text, "space": model}),
        GENERATE: (
            "Generate an image from it",
            {"prompt": text if space.name == DEFAULT_SPACE else formula},
        ),
    }
    offered = [WORDS] if Modality.WORD in space.modalities and name is not None else []
    offered += [IMAGES, MAP] if pictures or again else []
    offered += [GENERATE] if space.name == DEFAULT_SPACE or again else []
    for page in offered:
        if page != here:
            label, parameters = steps[page]
            st.page_link(f"pages/{page}.py", label=label, icon=ICONS[page], query_params=parameters)
    if space.name in {DEFAULT_SPACE, DEFAULT_PICTURES} and (one := _alone(formula)):
        look_inside(one)


def look_inside(text: str) -> None:
    """A link to what the embedded model makes of a text, or of a picture ``[name]``."""
    st.page_link(
        f"pages/{LEARN}.py",
        label="Look inside",
        icon=ICONS[LEARN],
        query_params={"tool": "Look inside", "look": shorten(text, LOOK)},
        help="Tokens or pixels, every stage's shape, the vector and its nearest",
    )


def _alone(formula: str) -> str | None:
    """What a formula of one term is: its words, or ``[name]``; ``None`` for any other."""
    try:
        terms = read_query(formula)
    except ExplorerError:
        return None
    if len(terms) != 1 or terms[0].weight <= 0:
        return None
    text = terms[0].text
    return f"[{text}]" if terms[0].kind is TermKind.ITEM else text


def texts_on_map(texts: EncodedTexts) -> None:
    """A link to the map of these texts."""
    st.page_link(
        "pages/map.py",
        label="See these texts as a map",
        icon=ICONS[MAP],
        query_params=_texts(texts),
    )


def both_on_map(texts: EncodedTexts, other: EncodedTexts) -> None:
    """A link to the maps of the same texts in two spaces, side by side.

    Both by PCA: it has no chance in it, so that what differs comes of the spaces.
    """
    spaces = {"view": "Compare projections", "method": "PCA", "b-space": other.entry.space.name}
    st.page_link(
        "pages/map.py",
        label="Compare projections of both models",
        icon=ICONS[MAP],
        query_params=_texts(texts) | spaces,
    )


def _texts(texts: EncodedTexts) -> dict[str, str]:
    return {
        "of": "Texts",
        "data": texts.dataset.name,
        "column": texts.dataset.column,
        "space": texts.entry.space.name,
    }
