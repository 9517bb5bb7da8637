"""Learn → Look inside: a text or a picture, stage by stage, to its vector and its nearest."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.base.errors import ExplorerError, counted, shorten
from core.base.types import FloatArray
from core.charts import basic as charts
from core.images import galleries, thumbnails
from core.lessons.network import sheet
from core.lessons.vectors import nearest_rows
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.ui.choosers import gallery as gallery_chooser
from core.ui.common import frame, page, spaces
from core.ui.learn import boxes, pictures
from core.ui.learn.boxes import number
from core.ui.learn.encoders import picture_tower, show_shapes, show_tokens, text_tower
from core.ui.learn.pictures import Picture
from core.ui.learn.runner import WIDTH
from core.ui.session import own_pictures, page_state

LOOK = "look"  # the box
FIRST = "a fox in the snow"
CHANNELS = 6  # drawn of each stage
NEAREST = 10


def show() -> None:
    """The whole tool."""
    with st.container(width=WIDTH):
        asked = _ask()
        if asked is None:
            return
        with frame.result():
            try:
                vector = _show_picture(asked) if isinstance(asked, Picture) else _show_text(asked)
            except ExplorerError as error:
                page.show_error(error)
                return
            name = asked.name if isinstance(asked, Picture) else asked
            _show_vector(vector, name)
        _show_nearest(vector)


def _ask() -> str | Picture | None:
    page_state.settle(LOOK)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        typed = st.text_input(
            "A text, or a picture in square brackets",
            FIRST,
            key=LOOK,
            bind="query-params",
            width="stretch",
            help="Any text; or drop a picture, or name an emoji by its code, such as [1F98A].",
        )
        own_pictures.show_drop(LOOK)
    with page.steady():
        own_pictures.show_errors()
    with st.container(horizontal=True, gap="xsmall"):
        own_pictures.show_chips(LOOK)
    text = " ".join(str(typed or "").split())
    if not text:
        st.info("Type a text, or drop a picture.")
        return None
    if not (text.startswith("[") and text.endswith("]")):
        return text
    try:
        found = pictures.find(text)
    except ExplorerError as error:
        page.show_error(error)
        return None
    pictures.show(found)
    return found


def _show_text(text: str) -> FloatArray:
    found = text_tower().stages([text])
    count = counted(len(found.tokens[0]), "token")
    st.markdown(f"##### Tokens\n\n{count}; the tokenizer knows {found.pieces:,}.")
    show_tokens(found, 0)
    st.markdown("##### Stages")
    shapes = {"input_ids": found.ids.shape, "attention_mask": found.mask.shape, **found.shapes}
    show_shapes(shapes, "What each stage makes of the text")
    _tell_length(float(found.lengths[0]))
    vector: FloatArray = found.vectors[0]
    return vector


def _show_picture(picture: Picture) -> FloatArray:
    tower, opened = picture_tower(), picture.open()
    pixels, stages = tower.pixels(opened), tower.stages(opened)
    st.markdown("##### Pixels after preprocessing")
    st.caption(
        f"{opened.width:,} × {opened.height:,} pixels, mode {opened.mode}, become "
        f"{boxes.shape((1, *pixels.shape))}: red, green and blue, from "
        f"{number(float(pixels.min()), 2)} to {number(float(pixels.max()), 2)}."
    )
    st.image(sheet(pixels, range(3)), alt="The red, green and blue channel")
    st.markdown("##### Stages")
    shapes = {name: (1, *made.shape) for name, made in stages.items()}
    show_shapes({"pixel_values": (1, *pixels.shape), **shapes}, "What each stage makes of it")
    for name, made in stages.items():
        if made.ndim == 3:
            spread = made.reshape(len(made), -1).std(axis=1)
            st.caption(f"**{name}**, the channels that vary most")
            st.image(
                sheet(made, np.argsort(-spread)[:CHANNELS].tolist()), alt=f"Channels of {name}"
            )
    _tell_length(float(np.linalg.norm(stages["head"])))
    return stages["unit length"]


def _tell_length(length: float) -> None:
    st.markdown(
        f"The vector has length (norm) **{number(length)}** and is divided by it, so that its "
        "length is 1."
    )


def _show_vector(vector: FloatArray, name: str) -> None:
    st.markdown(f"##### The vector: {len(vector)} numbers")
    st.plotly_chart(
        charts.vector_strips([shorten(name, 20)], vector[None, :]).update_layout(height=140),
        key="learn-look",
        alt=f"The {len(vector)} numbers as colours",
    )
    st.caption(f"It begins {boxes.vector(vector)}. Blue is below zero, red above.")


def _show_nearest(vector: FloatArray) -> None:
    st.markdown("##### Nearest")
    entry = registry.find_space(DEFAULT_SPACE)
    opened = spaces.open_vocabulary(entry)
    if opened is not None:
        words = boxes.WordModel(entry)
        scores = words.cosines(vector)
        rows = nearest_rows(scores, NEAREST)
        columns: dict[str, list[Any]] = {
            "word": [opened[0].words[row] for row in rows],
            "cosine": [round(float(scores[row]), 4) for row in rows],
        }
        st.dataframe(columns, hide_index=True, alt="The nearest words")
    emoji = next(one for one in galleries.list_galleries() if one.name == galleries.OPENMOJI)
    encoded = gallery_chooser.open_encoded(entry, emoji, "en", told=False)
    if encoded is None:
        return
    scores = encoded.pictures @ vector
    with st.container(horizontal=True, gap="small"):
        for row in nearest_rows(scores, NEAREST).tolist():
            small = thumbnails.thumbnail(encoded.gallery, row)
            if small is not None:
                caption = (encoded.gallery.captions or encoded.gallery.ids)[row]
                with st.container(width=80):
                    st.image(thumbnails.as_address(small), width=72, alt=caption)
                    st.caption(number(float(scores[row]), 2))
