"""Images → Search → Why this result: regions, words, and what other models say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.attribution.agreement import Agreement, agree
from core.attribution.occlusion import GRID, Occlusion, Score
from core.base import durations
from core.base.errors import ExplorerError, shorten
from core.base.types import FloatArray, IntArray, Modality, TermKind
from core.cache import images as images_cache, why as why_cache
from core.cache.digests import digest
from core.cache.images import OpenGallery
from core.formula.leave_out import QueryPart, with_term
from core.formula.question import read_query, resolve_query
from core.formula.resolve import ResolvedQuery
from core.images import shipped_vectors
from core.images.why import draw_heat, score_result
from core.readers.pictures import open_picture
from core.spaces.entry import SpaceEntry
from core.ui.choosers import gallery as gallery_chooser, why
from core.ui.common import jobs, page, tables
from core.ui.common.markdown import plain
from core.ui.session import names as session_names, own_pictures

if TYPE_CHECKING:
    from PIL import Image

LIMITS = (
    "A patch of the picture's mean colour covers one region after another; orange is where the "
    "similarity falls without it, blue where it rises. Occlusion shows what this model's answer "
    "hangs on, not why: the patch is itself something to see, two regions that say the same hide "
    "each other, and small drops are little more than noise. A word is left out in the same way, "
    "so that the rest may read differently."
)


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of a gallery.

    Attributes:
        text: as it was typed.
        rows: ``(m,)`` the pictures that it was asked of.
    """

    choice: gallery_chooser.Choice
    opened: OpenGallery
    text: str
    query: ResolvedQuery
    rows: IntArray


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the row of the result that is explained."""

    question: Question
    row: int

    @property
    def space(self) -> SpaceEntry:
        """The model that is searched with."""
        return self.question.choice.space

    @property
    def opened(self) -> OpenGallery:
        """The gallery."""
        return self.question.opened

    @property
    def query(self) -> ResolvedQuery:
        """The query in the model that is searched with."""
        return self.question.query

    @property
    def ids(self) -> list[str]:
        """Of the pictures that were asked of."""
        return [self.opened.gallery.ids[row] for row in self.question.rows]

    @property
    def target(self) -> FloatArray:
        """The result's vector ``(dim,)``."""
        vector: FloatArray = self.opened.vectors[self.row]
        return vector


def explainer(opened: OpenGallery) -> Callable[[int], None]:
    """What has the page explain the picture of a row; to be used by a button."""
    return lambda row: why.ask(opened.names.names[row])


def show(question: Question) -> None:
    """Explains the picture that the address names, if it names one."""
    opened, query, rows = question.opened, question.query, question.rows
    name = why.named()
    if not name:
        return
    row = opened.names.find(name)
    with st.container(border=True, key="why"):
        if row is None or row not in rows:
            _head(f"No picture called {plain(shorten(name))} is among those that were searched.")
            return
        asked = Asked(question, row)
        own, best = agree(opened.vectors[rows] @ query.vector, asked.ids, opened.gallery.ids[row])
        told = opened.gallery.title(row)
        _head(
            f"**Why {plain(shorten(told, 60))}?** Rank {own.rank:,} of {own.of:,}, "
            f"cosine {own.similarity:.3f}"
        )
        parts = _parts(asked)
        with st.container(horizontal=True, key="why-parts"):
            regions = _show_regions(asked)
            if parts:
                bars = [(one.text, one.drop) for one in parts]
                why.show_words("The query: what is lost without each part", bars, "why-words")
        _show_models(asked, own, best)
        st.caption(LIMITS)
        if regions:
            _show_numbers(regions)


def _head(text: str) -> None:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(text)
        st.button("Close", key="why-close", icon=":material/close:", on_click=why.ask, args=("",))


@dataclass(frozen=True, slots=True)
class Covered:
    """A picture that is covered: the result, or a term of the query by its number."""

    title: str
    picture: Callable[[], Image.Image]
    score: Score
    term: int | None = None


def _pictures(asked: Asked) -> list[Covered]:
    """The result, and the pictures that were asked with."""
    opened, query, encoded = asked.opened, asked.query, asked.opened.encoded
    found = [
        Covered(
            "The result",
            lambda: opened.gallery.open(asked.row),
            score_result(encoded, asked.row, opened.blend, query.vector),
        )
    ]
    for at, term in enumerate(query.terms):
        if term.term.kind is not TermKind.ITEM:
            continue
        name = term.term.text
        data, row = own_pictures.find(name), opened.names.find(name)
        if data is not None:
            found.append(Covered(f"Query: {name}", _opener(data), _of_term(asked, at, None), at))
        elif row is not None:
            picture = _of_row(opened, row)
            found.append(Covered(f"Query: {name}", picture, _of_term(asked, at, row), at))
    return found


def _opener(data: bytes) -> Callable[[], Image.Image]:
    return lambda: open_picture(data)


def _of_row(opened: OpenGallery, row: int) -> Callable[[], Image.Image]:
    return lambda: opened.gallery.open(row)


def _of_term(asked: Asked, at: int, row: int | None) -> Score:
    """The cosine of the result with the query in which a picture is covered."""

    def score(pictures: FloatArray) -> FloatArray:
        opened = asked.opened
        if row is not None:
            pictures = opened.encoded.blend_other(row, pictures, opened.blend)
        scores: FloatArray = with_term(asked.query, at, pictures) @ asked.target
        return scores

    return score


def _show_regions(asked: Asked) -> dict[str, Occlusion]:
    """The pictures with their heat; what was found of each."""
    space, found = asked.space, {}
    views = GRID * GRID + 1
    for one in _pictures(asked):
        with st.container(width=why.WIDE, gap="xsmall"):
            st.caption(plain(shorten(one.title, 40)))
            regions: Occlusion | None = jobs.run_job(
                f"why {asked.opened.key} {asked.row} {one.term} {digest(asked.query.vector)}",
                f"Covering regions of {shorten(one.title, 40)}",
                lambda progress, one=one: why_cache.regions(  # type: ignore[misc]
                    space,
                    asked.opened,
                    asked.row,
                    asked.query.vector,
                    one.term,
                    one.picture,
                    one.score,
                    progress,
                ),
                seconds=lambda: durations.of_pictures(views, own=space.source.bundled),
                begin="Cover them",
            )
            if regions is None:
                continue
            found[one.title] = regions
            try:
                st.image(
                    draw_heat(one.picture(), regions),
                    width="stretch",
                    alt=f"{one.title}: where covering it changes the similarity. {_said(regions)}",
                )
            except ExplorerError as error:
                page.show_error(error)
                continue
            st.caption(_said(regions))
    return found


def _said(found: Occlusion) -> str:
    """Where covering costs most, in words."""
    heat = found.heat()
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    down = ("top", "middle", "bottom")[int(row) * 3 // len(heat)]
    right = ("left", "centre", "right")[int(column) * 3 // len(heat)]
    most = float(heat[row, column])
    if most <= 0:
        return "No region carries it: covering any of them does not lower the cosine."
    return f"Most at the {down} {right}: a patch there takes {most:.3f} of {found.similarity:.3f}."


def _parts(asked: Asked) -> list[QueryPart]:
    try:
        texts = images_cache.question_encoder(asked.space)
        return why_cache.query_parts(
            asked.space, asked.question.text, asked.query.vector, asked.target, asked.query, texts
        )
    except ExplorerError as error:
        page.show_error(error)
        return []


def _show_models(asked: Asked, own: Agreement, best: list[str]) -> None:
    digests = asked.opened.gallery.digests
    takes = {
        Modality.IMAGE if term.term.kind is TermKind.ITEM else Modality.TEXT
        for term in asked.query.terms
    }
    why.ask_models(
        asked.space.space.name,
        own,
        Modality.IMAGE,
        lambda entry: (
            takes <= {*entry.space.modalities} and not shipped_vectors.count_missing(digests, entry)
        ),
        lambda entry: _ask_model(asked, entry, best),
    )


def _ask_model(asked: Asked, entry: SpaceEntry, best: list[str]) -> Agreement | str | None:
    """What another model says; why it cannot; ``None`` while its vectors are waited for."""
    other = replace(asked.question.choice, space=entry)
    encoded = gallery_chooser.open_encoded(entry, other.entry, other.language, told=False)
    if encoded is None:
        return None
    share = 0.0 if encoded.captions is None else asked.opened.blend
    opened = other.blended(encoded, share)

    def ask() -> Agreement:
        encoder = images_cache.question_encoder(entry)
        find = session_names.finder(entry, opened.find)
        query = resolve_query(read_query(asked.question.text), encoder, find)
        here = {*asked.ids}
        rows = [row for row, name in enumerate(opened.gallery.ids) if name in here]
        ids = [opened.gallery.ids[row] for row in rows]
        result = asked.opened.gallery.ids[asked.row]
        return agree(opened.vectors[rows] @ query.vector, ids, result, best)[0]

    key = digest(opened, asked.opened, asked.query.vector, asked.question.rows, asked.row)
    return why.remembered(key, ask)


def _show_numbers(regions: dict[str, Occlusion]) -> None:
    columns: dict[str, list[Any]] = {
        "picture": [title for title in regions for _ in range(GRID)],
        "row": [row for _ in regions for row in range(1, GRID + 1)],
    }
    for at in range(GRID):
        columns[f"column {at + 1}"] = [
            float(value) for found in regions.values() for value in found.drops[:, at]
        ]
    with st.expander("The regions as a table: what is lost under each window"):
        st.dataframe(
            columns,
            hide_index=True,
            column_config={
                name: st.column_config.NumberColumn(format="%+.3f")
                for name in columns
                if name.startswith("column")
            },
            alt="What covering each region takes from the similarity",
        )
        tables.download_csv(columns, file_name="regions.csv")
