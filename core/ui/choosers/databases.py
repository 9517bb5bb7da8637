"""Vector databases on a page: an address and a key, a collection that opens, rows that are sent.

An address makes the server speak with other computers, so all of it is for who may name paths here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.base.errors import counted, listed
from core.base.types import Progress
from core.databases import opening, sending
from core.databases.sending import Sent
from core.readers import table_roles
from core.readers.table_roles import Role
from core.sentences import from_database, opened_as
from core.sentences.dataset import EncodedTexts
from core.sentences.datasets import DatasetEntry
from core.sentences.from_database import Opened
from core.storage import data_home
from core.ui.choosers import database_place, table_preview
from core.ui.choosers.database_place import Place
from core.ui.common import access, jobs, page
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.session import page_state


def show(key: str, imported: Callable[[DatasetEntry], None] | None) -> None:
    """An address, the collections there, a preview of one, and what it opens as.

    Args:
        key: tells several of these apart.
        imported: what the page does with a dataset; without it another page opens.
    """
    label = "Or open a collection of a vector database"
    with st.expander(label, icon=":material/database:"), page.errors_shown():
        _choose(key, imported)
    opened: tuple[str, Opened] | None = jobs.run(f"{key}-database-opening")
    if opened is None:
        return
    target, kept = opened
    if target == "dataset" and imported is not None:
        imported(kept.entry)
        return
    page_state.go(*opened_as.link(target, kept.entry.name, kept.roles))


def _choose(key: str, imported: Callable[[DatasetEntry], None] | None) -> None:
    known = database_place.connect(key, *database_place.ask_address(key))
    if known is None:
        return
    if not known.names:
        st.info(f"{known.kind}: there is no collection there.")
        return
    name = st.selectbox(
        f"{known.kind}: {counted(len(known.names), 'collection')}",
        known.names,
        index=0 if len(known.names) == 1 else None,
        key=f"{key}-database-name-{known.place.token}",
    )
    if name is not None:
        _preview(known.place, str(name), key, imported)


def _preview(
    place: Place, name: str, key: str, imported: Callable[[DatasetEntry], None] | None
) -> None:
    field = str(st.session_state.get(f"{key}-database-field-{place.token}-{name}") or "")
    told = database_place.first_rows(place, name, field, key)
    if told is None:
        return
    collection, table = told
    [vectors] = table.vectors
    rows = counted(collection.rows, "row")
    dim = table.vectors[vectors].shape[1]
    st.caption(f"**{plain(name)}**: {rows}, vectors “{plain(vectors)}” of {dim:,} numbers.")
    if len(collection.vectors) > 1:
        st.selectbox(
            "Field of vectors",
            [one.name for one in collection.vectors],
            key=f"{key}-database-field-{place.token}-{name}",
        )
    table_preview.show_rows(table)
    roles = table_roles.find_roles(table.frame, table.vectors)
    columns = [f"{one.name} ({one.role})" for one in roles if one.role is not Role.VECTORS]
    if columns:
        st.caption(f"Columns: {plain(listed(columns, 12))}.")
    model = table_preview.choose_model(table, roles, f"{key}-database")
    limit = st.number_input(
        "Rows at most",
        1,
        None,
        None,
        placeholder="all",
        key=f"{key}-database-limit",
        help="What is opened must fit into memory; empty for all rows.",
    )
    labels = {"map": "Map", "search": "Search", "duplicates": "Near-duplicates"}
    if imported is not None:
        labels = {"dataset": "Import dataset"} | labels
    st.markdown("**Open as**")
    with st.container(horizontal=True):
        for target, label in labels.items():
            icon = ICONS.get("map" if target == "map" else "sentences", "")
            if st.button(label, icon=icon or None, key=f"{key}-database-open-{target}"):
                access.require()
                work = partial(
                    _keep, place, target, name, vectors, model, None if limit is None else limit
                )
                jobs.ask(f"{key}-database-opening", f"Opening {name}", work)


def _keep(  # noqa: PLR0913, PLR0917
    place: Place,
    target: str,
    name: str,
    vectors: str,
    model: str,
    limit: int | None,
    progress: Progress,
) -> tuple[str, Opened]:
    with opening.opened(place.address, place.secret) as database:
        kept = from_database.keep(
            database, name, vectors=vectors, model=model, limit=limit, progress=progress
        )
    return target, kept


def show_send(texts: EncodedTexts, key: str) -> None:
    """Boxes for a database and a collection, and a button that sends the texts and vectors."""
    address, secret = database_place.ask_address(key)
    name = st.text_input(
        "Collection",
        data_home.safe_name(texts.dataset.name).replace("-", "_"),
        key=f"{key}-database-collection",
        help="One that is not there is made. Rows whose ids are there are replaced.",
    ).strip()
    if st.button(
        "Send",
        icon=":material/upload:",
        key=f"{key}-database-send",
        disabled=not address or not name,
    ):
        access.require()
        held = secret or opening.environment_key()
        work = partial(_send, address, held, name, texts)
        jobs.ask(f"{key}-database-sending", f"Sending to {name}", work)
    sent: tuple[str, Sent] | None = jobs.run(f"{key}-database-sending")
    if sent is not None:
        jobs.tell(f"{key}-database-sending", _told(*sent))
    jobs.show_told(f"{key}-database-sending")


def _send(
    address: str, secret: str, name: str, texts: EncodedTexts, progress: Progress
) -> tuple[str, Sent]:
    vectors = texts.vectors.vectors
    ids, columns = sending.choose_ids(texts.dataset.columns(), len(vectors))
    with opening.opened(address, secret, write=True) as database:
        return database.kind, sending.send(database, name, ids, vectors, columns, progress)


def _told(kind: str, sent: Sent) -> str:
    place = f"the {'new ' if sent.made else ''}collection “{plain(sent.collection)}” of {kind}"
    parts = [f"{counted(sent.rows, 'row')} of {sent.dim:,} numbers sent to {place}."]
    parts += [f"{one.count:,} left out: {one.reason}." for one in sent.left_out]
    if sent.columns:
        names = plain(listed(sent.columns))
        parts.append(f"Not sent, since the collection has no such field: {names}.")
    return " ".join(parts)
