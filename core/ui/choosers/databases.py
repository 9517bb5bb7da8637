"""Vector databases on a page: an address and a key, a collection that opens, rows that are sent.

An address makes the server speak with other computers, so all of it is for who may name paths here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.base.errors import counted, listed
from core.base.types import Progress
from core.databases import opening, sending
from core.databases.protocol import Collection
from core.databases.sending import Sent
from core.readers import table_roles
from core.readers.table_roles import Role
from core.readers.tables import Table
from core.sentences import from_database, opened_as
from core.sentences.dataset import EncodedTexts
from core.sentences.datasets import DatasetEntry
from core.sentences.from_database import Opened
from core.storage import data_home
from core.ui.choosers import table_preview
from core.ui.common import access, jobs, page
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.session import page_state


@dataclass(frozen=True, slots=True)
class _Place:
    """A database as a person named it; ``token`` stands for it where no key may be told."""

    address: str
    secret: str
    token: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What a database answered."""

    place: _Place
    kind: str
    names: Sequence[str]


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
    address, secret = ask_address(key)
    if st.button("List collections", key=f"{key}-database-list", disabled=not address):
        access.require()
        place = _Place(address, secret or opening.environment_key(), secrets.token_hex(8))
        st.session_state.pop(f"{key}-database", None)
        jobs.ask(f"{key}-database-listing", "Asking the database", partial(_list, place))
    answered: _Found | None = jobs.run(f"{key}-database-listing")
    if answered is not None:
        st.session_state[f"{key}-database"] = answered
    known: _Found | None = st.session_state.get(f"{key}-database")
    if known is None or known.place.address != address:
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


def ask_address(key: str) -> tuple[str, str]:
    """Boxes for a database's address and its key or password, which is empty for none."""
    where, how = st.columns([2, 1])  # one below the other on a narrow screen
    address = where.text_input(
        "Address or path",
        key=f"{key}-database-address",
        placeholder="postgresql://me@localhost/films",
        help=f"Such as {', '.join(f'`{one}`' for one in opening.EXAMPLES)}. Offered because "
        "this server answers only this computer.",
    )
    secret = how.text_input(
        "Password or key",
        type="password",
        key=f"{key}-database-key",
        help="Used for this session only and never stored; empty where none is needed. Or set "
        f"the variable {opening.KEY_VARIABLE} before the start.",
    )
    return address.strip(), secret


def _list(place: _Place, progress: Progress) -> _Found:
    progress(0, 0, "connecting")
    with opening.opened(place.address, place.secret) as database:
        return _Found(place, database.kind, database.collections())


def _preview(
    place: _Place, name: str, key: str, imported: Callable[[DatasetEntry], None] | None
) -> None:
    field = str(st.session_state.get(f"{key}-database-field-{place.token}-{name}") or "")
    told = _first_rows(place, name, field, key)
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


def _first_rows(place: _Place, name: str, field: str, key: str) -> tuple[Collection, Table] | None:
    """A collection and its first rows, asked for once."""
    wanted = (place.token, name, field)
    held = st.session_state.get(f"{key}-database-preview")
    if held is not None and held[0] == wanted:
        told: tuple[Collection, Table] = held[1]
        return told
    access.require()
    answer: tuple[Collection, Table] | None = jobs.run_job(
        f"collection {place.token} {name} {field}",
        f"Reading the first rows of {name}",
        partial(_read_first, place, name, field),
    )
    if answer is not None:
        st.session_state[f"{key}-database-preview"] = (wanted, answer)
    return answer


def _read_first(
    place: _Place, name: str, field: str, progress: Progress
) -> tuple[Collection, Table]:
    progress(0, 0, "connecting")
    with opening.opened(place.address, place.secret) as database:
        return from_database.preview(database, name, field)


def _keep(  # noqa: PLR0913, PLR0917
    place: _Place,
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
    address, secret = ask_address(key)
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
