"""Which vector database a page asks: its address and key, and what is there.

An address makes the server speak with other computers, so all of it is for who may name paths here.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.base.types import Progress
from core.databases import opening
from core.databases.protocol import Collection
from core.readers.tables import Table
from core.sentences import from_database
from core.ui.common import access, jobs


@dataclass(frozen=True, slots=True)
class Place:
    """A database as a person named it; ``token`` stands for it where no key may be told."""

    address: str
    secret: str
    token: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a database answered: what it is, and the names of its collections."""

    place: Place
    kind: str
    names: Sequence[str]


def ask_address(key: str, first: str = "", *, narrow: bool = False) -> tuple[str, str]:
    """Boxes for a database's address and its key or password, which is empty for none.

    Neither is bound to the page's address: a password typed into the wrong one would stand there.

    Args:
        first: what the address is at first.
        narrow: one box stands below the other, as in the sidebar.
    """
    where, how = (st, st) if narrow else st.columns([2, 1])
    address = where.text_input(
        "Address or path",
        first,
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


def connect(key: str, address: str, secret: str) -> Found | None:
    """The button that asks a database for its collections, and what it answered there last."""
    if st.button("List collections", key=f"{key}-database-list", disabled=not address):
        access.require()
        place = Place(address, secret or opening.environment_key(), secrets.token_hex(8))
        st.session_state.pop(f"{key}-database", None)
        jobs.ask(f"{key}-database-listing", "Asking the database", partial(_list, place))
    answered: Found | None = jobs.run(f"{key}-database-listing")
    if answered is not None:
        st.session_state[f"{key}-database"] = answered
    known: Found | None = st.session_state.get(f"{key}-database")
    return known if known is not None and known.place.address == address else None


def _list(place: Place, progress: Progress) -> Found:
    progress(0, 0, "connecting")
    with opening.opened(place.address, place.secret) as database:
        return Found(place, database.kind, database.collections())


def first_rows(place: Place, name: str, field: str, key: str) -> tuple[Collection, Table] | None:
    """A collection and its first rows, asked for once; ``None`` while or where there are none."""
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
    place: Place, name: str, field: str, progress: Progress
) -> tuple[Collection, Table]:
    progress(0, 0, "connecting")
    with opening.opened(place.address, place.secret) as database:
        return from_database.preview(database, name, field)
