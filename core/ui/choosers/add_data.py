"""Add data: any file is detected and previewed before it is taken, then opened as what is wanted.

``show`` is the whole of it, for any page; ``button`` opens it in a dialog, as from Home.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.errors import counted, listed
from core.base.types import Progress
from core.cache import graphs as graphs_cache, sentences as sentences_cache
from core.graphs import sources as graph_sources, tables as graph_tables
from core.readers import encodings, table_roles, table_words
from core.readers.table_layout import SEPARATORS, Detected, Given
from core.readers.table_roles import CHOSEN, ColumnRole, Role
from core.readers.tables import Table
from core.sentences import opened_as
from core.sentences.datasets import DatasetEntry
from core.spaces import vocabularies
from core.storage import data_home
from core.ui.choosers import add_vectors, databases, given_files, graph_files, table_preview
from core.ui.choosers.add_vectors import VectorReading
from core.ui.choosers.given_files import GivenFile
from core.ui.common import access, demo as demo_mode, jobs, page
from core.ui.common.markdown import plain
from core.ui.common.page_icons import ICONS
from core.ui.session import page_state

_SHOWN = {sign: name for name, sign in SEPARATORS.items()}
_MANY = 8  # columns of vectors that are shown as one line
Imported = Callable[[DatasetEntry], None]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read, and from the file of which name."""

    name: str
    table: Table
    vectors: VectorReading | None = None
    model: str = ""  # the space that its vectors are of, as the person says


def button(place: Any = st, *, key: str = "add-data") -> None:
    """A button that opens all of it in a dialog."""
    if place.button("Add data", icon=":material/add:", key=key, width="stretch"):
        _dialog()


@st.dialog("Add data", width="large")
def _dialog() -> None:
    show(key="dialog")


def show(*, key: str = "add", imported: Imported | None = None, words: bool = False) -> None:
    """A drop zone, a preview of what was detected, which can be changed, and what it opens as.

    Args:
        key: tells several of these apart.
        imported: what a page does with a dataset that was imported on it; without it the page
            Sentences opens.
        words: whether word embeddings are looked for, as on the page Words.
    """
    if demo_mode.off("Adding data"):
        return
    files = given_files.choose(key)
    if files:
        if len(files) > 1:
            st.caption(
                f"{len(files)} files are read together: {plain(listed([f.name for f in files]))}. "
                "Take off the list what does not belong to them."
            )
        with page.errors_shown():
            reading = _read(files, key, words=words)
            if reading is not None:
                _preview(reading, key, imported, words=words)
    elif access.is_local() and not words:
        databases.show(key, imported)
    _finish(key, imported)


def _read(files: Sequence[GivenFile], key: str, *, words: bool) -> _Reading | None:
    """What the files hold; ``None`` while a job reads them, or where they are something else."""
    by_name = {file.name: file.content for file in files if isinstance(file.content, bytes)}
    digest = data_home.digest_bytes(*(one.digest.encode() for one in files))
    names = tuple(file.name for file in files)
    if len(by_name) == len(files) and graphs_cache.are_graph(names, digest, by_name):
        graph_files.offer(by_name)
        return None
    vectors = add_vectors.find(files, words=words)
    if vectors is not None:
        rows = add_vectors.read(vectors, files, key)
        return None if rows is None else _Reading(vectors.name, rows.table, rows)
    if any(file.is_picture for file in files):
        st.info(
            "A gallery of pictures is uploaded on the page Images; a single picture is added to "
            "the query there, to search with it."
        )
        st.page_link(
            "pages/images.py",
            label="Upload images",
            icon=ICONS["images"],
            query_params={"see": "Datasets"},
        )
        return None
    given = _given(key)
    table: Table | None = jobs.run_job(
        f"preview {digest} {given!r}",
        f"Reading {files[0].name}",
        lambda progress: sentences_cache.preview(
            digest, repr(given), [(one.name, one.content) for one in files], given, progress
        ),
    )
    return None if table is None else _Reading(files[0].name, table)


def _given(key: str) -> Given:
    """What the person changed of what was detected."""
    state = st.session_state
    header = state.get(f"{key}-header")
    skip = state.get(f"{key}-skip")
    return Given(
        encoding=state.get(f"{key}-encoding"),
        separator=SEPARATORS.get(str(state.get(f"{key}-separator"))),
        header=None if header is None else header == "yes",
        decimal=state.get(f"{key}-decimal"),
        skip=None if skip is None else int(skip),
    )


def _preview(reading: _Reading, key: str, imported: Imported | None, *, words: bool) -> None:
    table = reading.table
    if table.detected is not None:
        _show_detected(table.detected, key)
    _show_counts(table)
    if reading.vectors is not None:
        add_vectors.show_counts(reading.vectors)
    table_preview.show_rows(table)
    roles = _choose_roles(table, key)
    if any(one.role is Role.VECTORS for one in roles):
        reading = replace(reading, model=table_preview.choose_model(table, roles, key))
    _open_as(reading, roles, key, imported, words=words)


def _show_detected(detected: Detected, key: str) -> None:
    """What was detected, each with why, and boxes to change it."""
    told = [f"**{detected.format}**"]
    if detected.encoding:
        label = encodings.CHOICES.get(detected.encoding, detected.encoding)
        told.append(f"encoding {label}")
    if detected.separator:
        told.append(f"separator {_SHOWN.get(detected.separator, detected.separator)}")
    if detected.header is not None:
        told.append("a row of names" if detected.header else "no row of names")
    if detected.separator:
        told.append(f"decimal sign “{detected.decimal}”")
    if detected.skip:
        told.append(f"{counted(detected.skip, 'line')} skipped")
    st.caption(" · ".join(told))
    if not detected.encoding:
        return
    with st.expander("Change how it is read"):
        places = st.columns(5)
        places[0].selectbox(
            "Encoding",
            list(encodings.CHOICES),
            index=None,
            format_func=lambda codec: encodings.CHOICES[codec],
            placeholder=encodings.CHOICES.get(detected.encoding, detected.encoding),
            key=f"{key}-encoding",
            help=_why(detected, "encoding"),
        )
        places[1].selectbox(
            "Separator",
            list(SEPARATORS),
            index=None,
            placeholder=_SHOWN.get(detected.separator, "none"),
            key=f"{key}-separator",
            help=_why(detected, "separator"),
        )
        places[2].selectbox(
            "First row names columns",
            ["yes", "no"],
            index=None,
            placeholder="no" if detected.header is False else "yes",
            key=f"{key}-header",
            help=_why(detected, "header"),
        )
        places[3].selectbox(
            "Decimal sign",
            [".", ","],
            index=None,
            placeholder=detected.decimal,
            key=f"{key}-decimal",
            help="Commas count where a whole column of numbers has them.",
        )
        places[4].number_input(
            "Lines to skip",
            0,
            1_000,
            None,
            placeholder=str(detected.skip),
            key=f"{key}-skip",
            help=_why(detected, "skip"),
        )


def _why(detected: Detected, name: str) -> str:
    reason = detected.why.get(name, "")
    return f"Detected by: {reason}" if reason else "Nothing spoke for another."


def _show_counts(table: Table) -> None:
    """Rows in = rows taken + rows left out."""
    left_out = sum(one.count for one in table.left_out)
    told = f"{counted(len(table.frame), 'row')} taken"
    if left_out:
        reasons = "; ".join(one.told for one in table.left_out)
        told += f", {left_out:,} left out ({reasons})"
    notes = " ".join(table.notes)
    st.markdown(f"{told}. {plain(notes)}" if notes else f"{told}.")


def _choose_roles(table: Table, key: str) -> list[ColumnRole]:
    """What each column is for: detected, and changed where the person does."""
    found = table_roles.find_roles(table.frame, table.vectors)
    family = [one for one in found if one.role is Role.VECTORS and one.name in table.frame.columns]
    shown = [one for one in found if len(family) <= _MANY or one not in family]
    st.caption(
        "What each column is for; change what was detected wrongly. "
        + (f"{len(family)} columns of numbers are the vectors." if len(family) > _MANY else "")
    )
    edited = st.data_editor(
        {
            "column": [one.name for one in shown],
            "holds": [one.holds for one in shown],
            "for": [str(one.role) for one in shown],
            "why": [one.why for one in shown],
        },
        hide_index=True,
        disabled=["column", "holds", "why"],
        column_config={
            "for": st.column_config.SelectboxColumn(
                options=[str(role) for role in Role], required=True
            )
        },
        key=f"{key}-roles-{table_preview.stands_for(shown)}",
        alt="The columns, what each holds and what it is for",
    )
    chosen = dict(zip(edited["column"], edited["for"], strict=True))
    return [
        replace(one, role=Role(chosen.get(one.name, one.role)), why=CHOSEN)
        if chosen.get(one.name, str(one.role)) != str(one.role)
        else one
        for one in found
    ]


def _open_as(
    reading: _Reading,
    roles: Sequence[ColumnRole],
    key: str,
    imported: Imported | None,
    *,
    words: bool,
) -> None:
    named = table_roles.by_role(roles)
    texts, vectors = "text" in named, "vectors" in named
    numbers = any(reading.table.frame[name].dtype.kind in "fi" for name in reading.table.frame)
    triple = {"head", "relation", "tail"} <= named.keys()
    words = vectors and (words or reading.vectors is not None)
    column = table_words.find_column(reading.table, roles) if words else None
    st.markdown("**Open as**")
    called = "" if column is None else _choose_name(reading, column, key)
    with st.container(horizontal=True):
        if column is not None:
            _offer("Word embeddings", "words", reading, roles, key, "words", called)
        if imported is not None:
            _offer("Import dataset", "dataset", reading, roles, key, "dataset")
        if {"x", "y"} <= named.keys() and (texts or vectors):
            _offer("Map at x and y", "places", reading, roles, key, "map")
        if texts or vectors or numbers:
            _offer("Map", "map", reading, roles, key, "map")
        if texts or vectors:
            _offer("Search", "search", reading, roles, key, "sentences")
            _offer("Near-duplicates", "duplicates", reading, roles, key, "sentences")
        if triple:
            _offer("Graph", "graph", reading, roles, key, "graph")
    if vectors and not reading.model:
        st.caption(
            "Questions in words need the model that made the vectors; search by example, maps and "
            "near-duplicates do not."
        )
    if numbers and not texts and not vectors:
        st.caption("Without a column of text or vectors, its numbers can be mapped.")


def _choose_name(reading: _Reading, column: str, key: str) -> str:
    return st.text_input(
        "Name of the word embeddings",
        placeholder=Path(reading.name).stem,
        key=f"{key}-name",
        help="As an embedding model of words they are listed under this name. The words are those "
        f"of the column “{plain(column)}”.",
    ).strip()


def _offer(  # noqa: PLR0913, PLR0917
    label: str,
    target: str,
    reading: _Reading,
    roles: Sequence[ColumnRole],
    key: str,
    icon: str,
    called: str = "",
) -> None:
    if st.button(label, icon=ICONS.get(icon, ":material/upload:"), key=f"{key}-open-{target}"):
        chosen = [*roles]
        jobs.ask(
            f"{key}-adding",
            f"Importing {reading.name}",
            lambda progress: (target, chosen, _keep(target, reading, chosen, called, progress)),
        )


def _keep(
    target: str, reading: _Reading, roles: Sequence[ColumnRole], called: str, progress: Progress
) -> DatasetEntry | str:
    """Keeps what was read: a dataset, or the name of a graph or a space of words."""
    name = called or Path(reading.name).stem
    if target == "graph":
        graph = graph_tables.read_graph(name, reading.table.frame, roles, progress)
        return graph_sources.keep(name, graph)
    if target == "words":
        vocabularies.require_free(name)
        found = table_words.read_words(reading.name, reading.table, roles)
        return vocabularies.keep_read(found, name).space.name
    return opened_as.keep(reading.name, reading.table, roles, reading.model)


def _finish(key: str, imported: Imported | None) -> None:
    """Opens what was kept, once it is."""
    made = jobs.run(f"{key}-adding")
    if made is None:
        return
    target, roles, kept = made
    if target == "graph":
        page_state.go("graph", {"graph": str(kept)})
    if target == "words":
        page_state.go("words", {"space": str(kept)})
    if target == "dataset" and imported is not None:
        imported(kept)
        return
    page_state.go(*opened_as.link(target, kept.name, roles))
