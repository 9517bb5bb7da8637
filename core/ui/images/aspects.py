"""Images → Subject, style, colour: what is near a picture in what it shows and how it looks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from core.base.columns import join_columns
from core.base.errors import ExplorerError
from core.base.types import FloatArray, IntArray
from core.cache.images import OpenGallery
from core.images import aspects
from core.images.vectors import EncodedGallery
from core.spaces import registry
from core.ui.choosers import gallery as gallery_chooser
from core.ui.choosers.picture_grid import show_grid
from core.ui.common import frame, page, tables
from core.ui.images import asked_picture

PICTURE = "like"


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    name = asked_picture.ask(PICTURE, "Search", ":material/search:", opened, choice.space)
    with frame.settings():
        weights = {
            aspect: float(
                st.slider(
                    aspect.capitalize(),
                    0.0,
                    1.0,
                    aspects.DEFAULT[aspect],
                    0.05,
                    key=f"aspect-{aspect}",
                    bind="query-params",
                    help=_HELP[aspect],
                )
            )
            for aspect in aspects.ASPECTS
        }
        k = int(st.number_input("Results", 1, 500, 24, key="results", bind="query-params"))
    with frame.result():
        try:
            similarities, itself, small = _similarities(name, choice, opened, weights)
            scores = aspects.combine(similarities, weights)
        except ExplorerError as error:
            page.show_error(error)
            return
        rows = aspects.best(scores, k, but=itself)
        if small is None:
            st.caption("A saved vector has a subject alone.")
        _show(opened, rows, scores, similarities)


_HELP = {
    "subject": "What it shows, by the embedding model chosen above.",
    "style": "How it is made: which textures occur together in an early layer of a network.",
    "colour": "Which colours it has, wherever they are.",
}


def _similarities(
    name: str,
    choice: gallery_chooser.Choice,
    opened: OpenGallery,
    weights: dict[str, float],
) -> tuple[dict[str, FloatArray], int | None, bytes | None]:
    """The cosine with each picture by every aspect that has a weight, the row of the picture
    itself, and the picture small.

    Raises:
        InputError, PictureError: as ``asked_picture.find``; a saved vector has no style.
    """
    asked = asked_picture.find(name, opened, choice.space)
    found = {aspects.SUBJECT: opened.vectors @ asked.vector}
    for aspect, space_name in aspects.SPACES.items():
        if not weights[aspect] or (asked.row is None and asked.data is None):
            continue  # a saved vector is of the subject's model alone
        other = replace(choice, space=registry.find_space(space_name))
        encoded = gallery_chooser.open_encoded(other.space, other.entry, other.language, told=False)
        if encoded is None:  # it says how to go on
            st.stop()
        of_aspect = other.blended(encoded)
        vector = asked_picture.find(name, of_aspect, other.space).vector
        rows = aspects.rows_of(opened.gallery.ids, of_aspect.gallery.ids)
        found[aspect] = (of_aspect.vectors @ vector)[rows]
    return found, asked.row, asked.small


def _show(
    opened: OpenGallery, rows: IntArray, scores: FloatArray, similarities: dict[str, FloatArray]
) -> None:
    show_grid(opened.gallery, rows.tolist(), scores[rows].tolist(), key="aspects")
    columns = _columns(opened, rows, scores, similarities)
    with st.expander("As a table: how near each is in each"):
        st.dataframe(
            columns,
            hide_index=True,
            column_config={
                one: st.column_config.NumberColumn(format="%.3f")
                for one in ("score", *similarities)
            },
            alt="Pictures that are near by subject, style and colour",
        )
        tables.download_csv(columns, file_name="aspects.csv")
    st.caption(
        "Score: the weighted mean of how many standard deviations a picture is nearer than the "
        "gallery's mean, in each aspect. The table has the cosines."
    )


def _columns(
    opened: OpenGallery, rows: IntArray, scores: FloatArray, similarities: dict[str, FloatArray]
) -> dict[str, list[Any]]:
    gallery = opened.gallery
    found: dict[str, list[Any]] = {
        "rank": list(range(1, len(rows) + 1)),
        "id": [gallery.ids[row] for row in rows],
        "score": scores[rows].tolist(),
    }
    found |= {name: np.clip(one[rows], -1, 1).tolist() for name, one in similarities.items()}
    if gallery.captions is not None:
        found["caption"] = [gallery.captions[row] for row in rows]
    known = gallery.frame.iloc[rows]
    return join_columns(found, {str(name): known[name].tolist() for name in known.columns})
