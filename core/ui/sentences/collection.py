"""Sentences → Semantic search in a vector database, which ranks and filters; no row is kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core.base.errors import counted, listed, shorten
from core.base.filters import Filter, example_filters, format_filter, parse_filter, split_filters
from core.base.types import FloatArray, Progress
from core.databases import opening, refusals, searching
from core.databases.protocol import Answer, Collection
from core.readers import table_roles
from core.readers.tables import Table
from core.spaces.entry import SpaceEntry
from core.storage import data_home
from core.ui.choosers import database_place, query_bar, texts as texts_chooser
from core.ui.choosers.database_place import Place
from core.ui.common import access, frame, jobs, keep, page
from core.ui.common.markdown import plain
from core.ui.sentences import ask, collection_results, question
from core.ui.session import link_values, names
from core.ui.session.page_state import begin_anew

DATASET, DATABASE = "Dataset", "Vector database"
_KEY = "search"  # of the boxes of this tool
_ADDRESS = "database"  # in the page's address: written once it has been found to hold no secret
_ANSWER = "collection-answer"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a database is asked; the digest stands for all of it."""

    place: Place
    collection: Collection
    field: str
    k: int
    where: tuple[Filter, ...]
    query: FloatArray

    @property
    def digest(self) -> str:
        told = (self.place.token, self.collection.name, self.field, self.k, self.where)
        return data_home.sha256(repr(told).encode("utf-8", "replace") + self.query.tobytes())


def is_chosen(place: Any) -> bool:
    """Whether a collection is searched in place of a dataset; offered to who may name databases."""
    if not access.is_local():
        if link_values.asked_by_link("search-in") == DATABASE:
            with page.errors_shown():
                access.require()
        return False
    chosen = link_values.one_of(
        place,
        "Search in",
        [DATASET, DATABASE],
        default=DATASET,
        key="search-in",
        bind="query-params",
        help="A collection of a vector database is searched there, by its own index; its rows are "
        "not copied.",
    )
    return bool(chosen == DATABASE)


def show(entry: SpaceEntry) -> None:
    """The whole tool, with questions encoded by the model ``entry``."""
    with page.errors_shown():
        chosen = _choose_collection()
        if chosen is None:
            return
        place, kind, collection, table = chosen
        [field] = table.vectors
        refusals.require_dim(collection.name, collection.vector(field), entry.space.dim)
        with frame.settings():
            column = _choose_column(place, collection, table)
            k = int(st.number_input("Results", 1, 200, 10, key="answers", bind="query-params"))
            where = _choose_filter(table)
        bar = query_bar.Bar("ask", "Query", placeholder="What are you looking for?", help=ask.HELP)
        asked, _ = query_bar.ask(bar, entry)
        encoder = texts_chooser.open_encoder(entry)
        if encoder is None:
            return
        if not asked.strip():
            st.info("Type a query: a sentence or a few words. The database ranks its rows by it.")
            return
        query, formula = question.resolve(entry, encoder, asked.strip())
        wanted = _Asked(place, collection, field, k, where, query.vector)
        answer = _answer(wanted)
        if answer is not None:
            limits = "; ".join(map(format_filter, where))
            told = f"{kind}, “{plain(collection.name)}”" + (f", {plain(limits)}" if limits else "")
            collection_results.show(answer, collection, column, told)
            names.tell([asked])
            names.tell_reading(asked)
            with st.container(horizontal=True):
                made = f"query: {shorten(asked.strip(), 60)}"
                keep.keep_button(
                    entry.space.name, query.vector, made, key="keep-question", formula=formula
                )
                collection_results.download(answer)
            collection_results.show_table(answer, f"Rows for {shorten(asked)}, best first")


def _choose_collection() -> tuple[Place, str, Collection, Table] | None:
    """A collection and its first rows, chosen in the settings."""
    with frame.settings():
        address, secret = database_place.ask_address(_KEY, _linked(), narrow=True)
        found = database_place.connect(_KEY, address, secret)
        if found is None:
            name = None
        else:
            st.query_params[_ADDRESS] = address
            if st.session_state.get("collection") not in {None, *found.names}:
                del st.session_state["collection"]  # it was another database's
            name = st.selectbox(
                f"{found.kind}: {counted(len(found.names), 'collection')}",
                found.names,
                index=0 if len(found.names) == 1 else None,
                key="collection",
                bind="query-params",
            )
    if found is None or name is None:
        st.info(
            "Choose a collection of a vector database in the settings: its address, then "
            "“List collections”. Its vectors must be of the embedding model that is chosen there."
        )
        return None
    asked_field = _field_of(str(name))
    told = database_place.first_rows(found.place, str(name), asked_field, _KEY)
    if told is None:
        return None
    collection, table = told
    [field] = table.vectors
    with frame.settings():
        if len(collection.vectors) > 1:
            st.selectbox(
                "Field of vectors",
                fields := [one.name for one in collection.vectors],
                index=fields.index(field),
                key="vector-field",
                bind="query-params",
            )
        st.caption(
            f"**{plain(collection.name)}** · {counted(collection.rows, 'row')}, vectors "
            f"“{plain(field)}” of {table.vectors[field].shape[1]:,} numbers"
        )
    return found.place, found.kind, collection, table


def _linked() -> str:
    """The database that the page's address names; one on another computer is only told.

    Keys of the environment, and libpq's own, go where somebody typed them to go: a link is made by
    anybody.
    """
    named = str(st.query_params.get(_ADDRESS, ""))
    if not named or opening.stays_here(named):
        return named
    if f"{_KEY}-database-address" not in st.session_state:
        st.info(
            f"The link names a database on another computer: {plain(shorten(named, 120))}. "
            "Type its address in the settings if you trust it."
        )
    return ""


def _field_of(collection: str) -> str:
    """The field of vectors that was chosen for this collection; empty for its first."""
    begin_anew("vector-field", collection, None)
    chosen = st.session_state.get("vector-field") or st.query_params.get("vector-field", "")
    if not chosen:
        st.session_state.pop("vector-field", None)
    return str(chosen)


def _choose_column(place: Place, collection: Collection, table: Table) -> str:
    """The field that is shown as a row's text, the likeliest at first; empty where all are none."""
    columns = [str(one) for one in table.frame.columns]
    if not columns:
        return ""
    roles = table_roles.by_role(table_roles.find_roles(table.frame, table.vectors))
    first = roles.get("text", columns[0])
    begin_anew("column", f"{place.address} {collection.name}", first)
    return str(
        st.selectbox(
            "Text column",
            columns,
            index=columns.index(first),
            key="column",
            bind="query-params",
            help="What is shown of a row; its vector is what is searched, whatever made it.",
        )
    )


def _choose_filter(table: Table) -> tuple[Filter, ...]:
    """What fields must have.

    Raises:
        InputError: what stands in the box is none.
    """
    fields = plain(listed([str(one) for one in table.frame.columns], 12))
    example = example_filters({str(one): table.frame[one].tolist() for one in table.frame.columns})
    text = st.text_input(
        "Filter",
        key="filter",
        bind="query-params",
        placeholder=example,
        help="FIELD=VALUE, FIELD=A|B or FIELD=LOW..HIGH, joined by ; and all must hold. The "
        f"database filters. Fields: {fields}. Text with such signs stands in quotation marks.",
    )
    return tuple(parse_filter(part, example) for part in split_filters(text))


def _answer(asked: _Asked) -> Answer | None:
    """The database's answer, asked for once; ``None`` while or where there is none."""
    held = st.session_state.get(_ANSWER)
    if held is not None and held[0] == asked.digest:
        kept: Answer = held[1]
        return kept
    access.require()
    answer: Answer | None = jobs.run_job(
        f"search {asked.digest}",
        f"Asking {asked.collection.name}",
        partial(_search, asked),
        slot=_ANSWER,
    )
    if answer is not None:
        st.session_state[_ANSWER] = (asked.digest, answer)
    return answer


def _search(asked: _Asked, progress: Progress) -> Answer:
    progress(0, 0, "connecting")
    with opening.opened(asked.place.address, asked.place.secret) as database:
        return searching.search(
            database, asked.collection, asked.field, asked.query, asked.k, asked.where
        )
