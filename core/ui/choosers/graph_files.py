"""A graph of one's own: files, how they were read, and importing it.

``show`` is the page Graph's; ``offer`` is for files that were dropped anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from core.base import demo
from core.base.errors import counted
from core.graphs import sources
from core.graphs.graph import Graph
from core.graphs.parts import Named
from core.graphs.triples import MAX_BYTES, ReadAs
from core.readers.encodings import CHOICES
from core.readers.table_layout import NONE, SEPARATORS
from core.storage import data_home
from core.ui.common import demo as demo_mode, jobs
from core.ui.common.markdown import plain
from core.ui.session import page_state

READ, REQUESTS, OFFERED = "graph-read", "graph-brought", "graph-offered"
LABEL_MEGABYTES = 50
_TYPES = (
    *("tsv", "csv", "txt", "json", "jsonl", "ndjson"),
    *("nt", "nq", "ttl", "trig", "n3", "rdf", "owl", "jsonld"),
    *("zip", "gz", "tgz", "tar", "bz2", "xz"),
)
_MEMBERS = ("head", "relation", "tail")
_DETECTED = "Detected"
_SIGNS = {name: sign for name, sign in SEPARATORS.items() if sign != NONE}


@dataclass(frozen=True, slots=True)
class _Upload:
    """What was uploaded, and the graph that it was read as."""

    name: str
    files: Mapping[str, bytes]
    labels: Named | None
    read_as: ReadAs
    graph: Graph | None = None


def show() -> None:
    """Uploading, a preview of how it was read, which can be changed, and importing it."""
    if demo_mode.off("Adding graphs"):
        return
    with st.form("bring-graph", enter_to_submit=False, clear_on_submit=True):
        files = st.file_uploader(
            "Triples",
            accept_multiple_files=True,
            key="graph-files",
            type=list(_TYPES),
            max_upload_size=demo.megabytes(MAX_BYTES // 1_000_000),
            help="A table with columns for head, relation and tail; RDF (N-Triples, Turtle); JSON; "
            "files called train, valid and test; the files of OpenKE; or an archive of these. "
            "What comes unsplit is split at random.",
        )
        names = st.file_uploader(
            "Readable names of entities and relations, if the ids are none",
            type=["json", "tsv", "csv", "txt"],
            key="graph-names",
            max_upload_size=demo.megabytes(LABEL_MEGABYTES),
            help="JSON from id to name, or a table of id and name.",
        )
        called = st.text_input(
            "Name of the graph", key="graph-name", placeholder="as the file is called"
        )
        asked = st.form_submit_button("Upload", icon=":material/upload:")
    if asked and not files:
        st.info("Choose a file first.")
    elif asked:
        labels = None if names is None else (names.name, names.getvalue())
        held = {file.name: file.getvalue() for file in files}
        _read(_Upload(called.strip() or files[0].name, held, labels, ReadAs()))
    if (done := jobs.run(REQUESTS)) is not None:
        st.session_state[READ] = done
        st.rerun()
    if (upload := st.session_state.get(READ)) is not None:
        _preview(upload)
    jobs.show_told(REQUESTS)


def offer(files: Mapping[str, bytes]) -> None:
    """A preview of the graph in some files, once they are read, and importing it."""
    name = next(iter(files))
    digest = data_home.digest_bytes(*map(str.encode, files), *files.values())
    if st.session_state.get(OFFERED) != digest:
        st.session_state[OFFERED] = digest
        _read(_Upload(name, files, None, ReadAs()))
    if (done := jobs.run(REQUESTS)) is not None:
        st.session_state[READ] = done
    upload: _Upload | None = st.session_state.get(READ)
    if upload is not None and upload.files == files:
        _preview(upload, opened=True)


def _read(upload: _Upload) -> None:
    st.session_state.pop(READ, None)
    jobs.ask(
        REQUESTS,
        f"Reading {upload.name}",
        lambda progress: replace(
            upload,
            graph=sources.read_files(
                upload.name, upload.files, upload.labels, upload.read_as, progress
            ),
        ),
    )


def _preview(upload: _Upload, *, opened: bool = False) -> None:
    """How it was read, and importing it; ``opened`` says whether the page Graph then shows it."""
    graph = upload.graph
    if graph is None:
        return
    with st.container(border=True):
        sizes = ", ".join(f"{len(part):,} {kind}" for kind, part in graph.parts.items())
        st.markdown(
            f"**{plain(upload.name)}**: {counted(len(graph.entities), 'entity')}, "
            f"{counted(len(graph.relations), 'relation')}; triples: {sizes}."
        )
        st.markdown("\n".join(f"- {plain(note)}" for note in graph.notes))
        table = next((one for one in graph.detected if one.get("table")), None)
        if table is not None:
            _show_table(table)
            _offer_change(upload, table)
        left, right = st.columns(2)
        if left.button("Import", type="primary", icon=":material/check:", width="stretch"):
            before = sources.list_own()
            kept = sources.keep(upload.name, graph)
            del st.session_state[READ]
            if opened:
                page_state.go("graph", {"graph": kept})
            told = "Here already as" if kept in before else "Saved as"
            jobs.tell(REQUESTS, f"{told} **{plain(kept)}**: choose it under “Graph” above.")
            st.rerun()
        if right.button("Discard", icon=":material/close:", width="stretch"):
            del st.session_state[READ]
            st.rerun()


def _show_table(table: Mapping[str, Any]) -> None:
    """The first rows under the roles of their columns."""
    st.caption(
        f"{plain(str(table['file']))}: {plain(str(table['kind']))}, {plain(str(table['encoding']))}"
    )
    roles = [f"{at}: {role or 'set aside'}" for at, role in enumerate(table["roles"], 1)]
    rows = [[*row, *[""] * (len(roles) - len(row))][: len(roles)] for row in table["table"]]
    st.dataframe(
        {role: [row[at] for row in rows] for at, role in enumerate(roles)},
        hide_index=True,
        width="stretch",
        alt="The first rows, under the role that each column has",
    )


def _offer_change(upload: _Upload, table: Mapping[str, Any]) -> None:
    """Other columns, header, encoding or language, and reading it again."""
    roles = [*table["roles"]]
    numbers = [str(at) for at in range(1, len(roles) + 1)]
    with st.expander("Read it otherwise"), st.form("graph-read-as", border=False):
        row = st.columns(4)
        chosen = [
            place.selectbox(
                f"Column of the {member}",
                [_DETECTED, *numbers],
                key=f"graph-column-{member}",
            )
            for place, member in zip(row[:3], _MEMBERS, strict=True)
        ]
        header = row[0].selectbox("First row", [_DETECTED, "names", "a triple"], key="graph-header")
        separator = row[3].selectbox("Separator", [_DETECTED, *_SIGNS], key="graph-separator")
        encoding = row[1].selectbox(
            "Encoding",
            [None, *CHOICES],
            format_func=lambda codec: _DETECTED if codec is None else CHOICES[codec],
            key="graph-encoding",
        )
        language = row[2].text_input("Language of names (RDF)", "en", key="graph-language")
        if st.form_submit_button("Read again", icon=":material/refresh:"):
            found = {role: str(at) for at, role in enumerate(roles, 1) if role}
            columns = [
                found.get(member, "") if one == _DETECTED else one
                for one, member in zip(chosen, _MEMBERS, strict=True)
            ]
            changed = any(one != _DETECTED for one in chosen)
            read_as = ReadAs(
                ",".join(columns) if changed else None,
                None if header == _DETECTED else header == "names",
                _SIGNS.get(separator),
                encoding,
                language.strip() or "en",
            )
            _read(replace(upload, read_as=read_as))
            st.rerun()
