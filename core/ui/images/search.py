"""Images → Search: by words, by pictures, by formulas over both, and by more and less like this."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.base.columns import join_columns
from core.base.errors import ExplorerError, shorten
from core.base.types import Modality, Neighbor, TermKind
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.formula.formula import format_formula
from core.formula.question import move, read_query, resolve_query
from core.formula.resolve import ResolvedQuery
from core.heads import marks
from core.images import thumbnails
from core.images.examples import example_queries
from core.images.galleries import OPENMOJI
from core.images.vectors import EncodedGallery, as_neighbors, rank_pictures
from core.spaces.entry import SpaceEntry
from core.ui.choosers import gallery as gallery_chooser, label_column, query_bar, served_index
from core.ui.choosers.picture_grid import Actions, show_grid
from core.ui.common import frame, keep as common_keep, next_steps, page, tables
from core.ui.common.markdown import plain
from core.ui.images import filter as filter_panel, index, why
from core.ui.session import names as session_names, own_pictures, page_state, shelf_picture

FIND, MOVED = "find", "moved"
HELP = (
    "Words, taken whole: **a red fruit**. Or a formula: **[photo.jpg] + night - people**, "
    "**0.5*cat + 0.5*fish**. Names in square brackets stand for your dropped pictures, for "
    "pictures of the gallery by their id, and for saved vectors. Empty: all pictures."
)


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    _take_next()
    space = choice.space
    with frame.settings():
        k = int(st.number_input("Results", 1, 500, 24, key="results", bind="query-params"))
        share = gallery_chooser.choose_blend(encoded, st)
    opened = choice.blended(encoded, share)
    with frame.settings():
        settings = served_index.choose(index.searched(choice, opened))
    asked, _ = query_bar.ask(_bar(choice, opened), space)
    rows = filter_panel.choose_rows(choice.entry, encoded.gallery)
    if rows is None:
        return
    if not asked.strip():
        with frame.result():
            show_grid(opened.gallery, rows.tolist(), actions=_actions(space, opened), key="all")
        st.caption(
            f"All {len(rows):,} pictures, in their order. Search above, or choose “More like "
            "this” on one."
        )
        return
    query = _resolve(asked, space, opened)
    if query is not None:
        _show_results(why.Question(choice, opened, asked, query, rows), k, settings)
        _offer_to_adapt(asked, opened, space)
        session_names.tell([asked])


def _bar(choice: gallery_chooser.Choice, opened: OpenGallery) -> query_bar.Bar:
    """What the gallery that is open can be asked, with examples that fit it."""
    takes_texts = Modality.TEXT in choice.space.space.modalities
    examples = example_queries(
        choice.entry.name,
        label_column.common_labels(choice.entry, opened.gallery, 3),
        opened.names.names[:2],
        takes_texts=takes_texts,
    )
    return query_bar.Bar(
        FIND,
        "Search by words or a formula",
        placeholder=examples[0] if examples else "",
        help=HELP,
        examples=examples,
    )


def _resolve(asked: str, space: SpaceEntry, opened: OpenGallery) -> ResolvedQuery | None:
    try:
        encoder = images_cache.question_encoder(space)
        return resolve_query(read_query(asked), encoder, session_names.finder(space, opened.find))
    except ExplorerError as error:
        page.show_error(error)
        return None


def _actions(space: SpaceEntry, opened: OpenGallery) -> Actions:
    """Buttons that write the moved question into the box, so that all of it can be seen."""

    names = opened.names.names

    def nudge(row: int, side: str) -> None:
        name = names[row]
        text = st.session_state.get(FIND, "")
        moved = st.session_state.get(MOVED)
        if moved is None or moved["text"] != text:  # the person wrote another question meanwhile
            moved = {"base": text, "more": [], "less": []}
        for other in ("more", "less"):
            moved[other] = [one for one in moved[other] if one != name]
        moved[side].append(name)
        if not moved["base"].strip():
            moved["base"] = f"[{name}]"
            moved["more"], moved["less"] = [], []
        try:
            encoder, find = (
                images_cache.question_encoder(space),
                session_names.finder(space, opened.find),
            )
            base = resolve_query(read_query(moved["base"]), encoder, find)
            written = format_formula(move(base, moved["more"], moved["less"]))
        except ExplorerError as error:
            st.toast(plain(str(error)))
            return
        st.session_state[FIND] = written
        st.session_state[MOVED] = moved | {"text": written}

    def search(row: int) -> None:
        st.session_state["find-next"] = f"[{names[row]}]"

    def keep(row: int) -> None:
        told = shorten(opened.gallery.title(row), 60)
        made = f"picture of {opened.gallery.name}: {told}"
        picture = partial(thumbnails.thumbnail, opened.gallery, row)
        common_keep.keep(space.space.name, opened.vectors[row], made, picture, told)

    return Actions(lambda row: nudge(row, "more"), lambda row: nudge(row, "less"), search, keep)


def _offer_to_adapt(asked: str, opened: OpenGallery, space: SpaceEntry) -> None:
    """A button that takes what is more and less like the question as marks to the page Train."""
    moved = st.session_state.get(MOVED)
    if moved is None or moved["text"] != asked:
        return
    of = marks.of_pictures(opened.gallery)
    base = opened.names.find(moved["base"].strip().removeprefix("[").removesuffix("]"))
    alike, other = (_rows(moved[side], opened) for side in ("more", "less"))
    alike = alike if base is None else [base, *alike]
    made = marks.of_query(of, alike, other)
    if made and st.button(
        "Adapt the space to these marks",
        icon=":material/model_training:",
        help="Marks these pictures as alike and not alike on the page Train, where the space is "
        "adapted to them at once.",
    ):
        with page.errors_shown():
            marks.change(of, lambda before: marks.with_marks(before, made))
            names = {"gallery": opened.gallery.name, "space": space.space.name}
            first = {"clicks-item": opened.gallery.ids[alike[0]]} if alike else {}
            page_state.go("train", {"do": "From clicks", "train-of": "Pictures", **names, **first})


def _rows(names: list[str], opened: OpenGallery) -> list[int]:
    found = [opened.names.find(name) for name in names]
    return [row for row in found if row is not None]


def _take_next() -> None:
    """Puts what a dialog asked for into the box; called before the box is drawn."""
    if "find-next" in st.session_state:
        st.session_state[FIND] = st.session_state.pop("find-next")


def _show_results(question: why.Question, k: int, settings: str) -> None:
    opened, query, rows = question.opened, question.query, question.rows
    space, gallery = question.choice.space, opened.gallery
    filtered = len(rows) < len(gallery)
    of = index.searched(question.choice, opened)
    with frame.result():
        served = served_index.open_index(of, settings) if settings and not filtered else None
        if served is None:
            hits = rank_pictures(
                opened.vectors, gallery.ids, query.vector, k, rows if filtered else None
            )
        else:
            hits = as_neighbors(gallery.ids, *served.search(query.vector, k))
        why.show(question)
        show_grid(
            gallery,
            [hit.row for hit in hits],
            [hit.score for hit in hits],
            replace(_actions(space, opened), why=why.explainer(opened)),
            key="found",
        )
    with st.container(horizontal=True):
        made = format_formula(found.term for found in query.terms)
        common_keep.keep_button(
            space.space.name,
            query.vector,
            shorten(made, 200),
            key="keep-query",
            picture=lambda: shelf_picture.of_terms([one.term for one in query.terms], opened),
            formula=common_keep.words_alone(found.term for found in query.terms),
        )
        session_names.link([made], space)
        tables.download_csv(lambda: _columns(opened, hits), file_name="pictures.csv")
    with st.container(horizontal=True):
        next_steps.vector(
            space.space,
            query.vector,
            made,
            here=next_steps.IMAGES,
            elsewhere=_known_elsewhere(question),
        )
    with st.expander("As a table"):
        st.dataframe(
            _columns(opened, hits),
            hide_index=True,
            column_config={"similarity": st.column_config.NumberColumn(format="%.3f")},
            alt=f"Pictures nearest to {made}",
        )
    found_by = served_index.told(of, served, settings, filtered=filtered)
    st.caption(
        f"{found_by} The address of this page holds the "
        "query and all options; “Link” adds what names of yours stand for."
    )


def _known_elsewhere(question: why.Question) -> bool:
    """Whether all pages know what the question names: dropped pictures, and emoji."""
    items = [one.term.text for one in question.query.terms if one.term.kind is TermKind.ITEM]
    emoji = question.choice.entry.name == OPENMOJI
    return all(
        own_pictures.find(name) is not None
        or (emoji and question.opened.names.find(name) is not None)
        for name in items
    )


def _columns(opened: OpenGallery, hits: list[Neighbor]) -> dict[str, list[Any]]:
    gallery = opened.gallery
    rows = [hit.row for hit in hits]
    found: dict[str, list[Any]] = {
        "rank": [hit.rank for hit in hits],
        "id": [hit.id for hit in hits],
        "similarity": [hit.score for hit in hits],
    }
    if gallery.captions is not None:
        found["caption"] = [gallery.captions[row] for row in rows]
    known = gallery.frame.iloc[rows]
    return join_columns(found, {str(name): known[name].tolist() for name in known.columns})
