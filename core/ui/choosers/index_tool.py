"""The tool Index of pages: FAISS's approximate indexes, what each loses and gains, its files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.base import demo
from core.base.memory import format_bytes
from core.base.types import no_progress
from core.knn import index_comparison, index_store
from core.knn.index_comparison import (
    IndexKind,
    IndexMetric,
    IndexSettings,
    Trial,
    divisors,
    links_for,
    piece_bits_for,
)
from core.knn.index_files import export_index, restore_index
from core.knn.index_settings import SERVED_FROM, describe, format_settings
from core.storage import data_home
from core.ui.choosers import served_index
from core.ui.choosers.served_index import Searched
from core.ui.common import frame, jobs, page, tables
from core.ui.session import link_values

MEGABYTES = 2_000  # of an index that is given back
ABOUT = {
    IndexKind.FLAT: "Compares with every vector: exact, the slower the more there are.",
    IndexKind.IVF_FLAT: "Vectors lie in lists around centres, and only some lists are read.",
    IndexKind.IVF_PQ: "As IVFFlat, and each vector is kept as a few bytes: small, and rounded.",
    IndexKind.HNSW: "A graph of neighbours, walked from one to the next: fast, and large.",
    IndexKind.LSH: "Signs of random directions, compared bit by bit: small, and coarse.",
}


def show(of: Searched, note: str = "") -> None:
    """The whole tool; ``note`` is told of the vectors."""
    count, dim = of.vectors.shape
    with frame.settings():
        kind = IndexKind(
            link_values.one_of(
                st,
                "Kind",
                [kind.value for kind in IndexKind],
                default="HNSW",
                key="index",
                bind="query-params",
                wrap=True,
            )
        )
        settings = _choose(kind, count, dim)
    with st.container(horizontal=True, vertical_alignment="center", key="query"):
        clicked = st.button("Build and benchmark", icon=":material/timer:", type="primary")
        st.caption(ABOUT[kind])
    if clicked:
        _ask(of, settings)
    asked = _asked(of)
    if asked is not None:
        trial: Trial | None = jobs.run_job(
            f"index {of.key} {asked}",
            f"Trying {asked.kind.value} on {of.name}",
            lambda progress: index_comparison.try_index(
                of.vectors, asked, 10, progress, key=index_store.key_of(of.vectors)
            ),
        )
        if trial is not None:
            del st.session_state["index-asked"]
            served_index.tried(of).append(trial)
    with frame.result():
        _show(served_index.tried(of))
        if served_index.tried(of):
            _show_use(of)
    _show_opening(of)
    st.caption(
        f"{count:,} vectors of {dim}{note}; {index_comparison.QUESTIONS} queries "
        f"are vectors of the {of.kind} with noise added, one at a time. Recall is the share of "
        "the ten exact neighbours that are found. Search compares with all unless you choose an "
        f"index; from {SERVED_FROM:,} vectors on HNSW is its default. An index whose building took "
        f"more than {index_store.LONG:.0f} seconds is kept in the data folder."
    )


def _ask(of: Searched, settings: IndexSettings) -> None:
    st.session_state["index-asked"] = (of.key, settings)


def _asked(of: Searched) -> IndexSettings | None:
    """What was asked for on these vectors, and not on others before."""
    key, settings = st.session_state.get("index-asked", ("", None))
    return settings if key == of.key else None


def _show_use(of: Searched) -> None:
    """What can be done with an index that was tried: it serves the search, or is exported."""
    tried = served_index.tried(of)[::-1]
    codes = list(dict.fromkeys(format_settings(one.settings) for one in tried))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = str(st.selectbox("Index", codes, key="index-chosen", width=360))
        st.button(
            "Search with this index",
            key="index-serve",
            icon=":material/search:",
            on_click=served_index.use,
            args=(of, chosen),
        )
        st.download_button(
            "Export with ids (ZIP)",
            lambda: export_index(of.build(chosen, no_progress), of.origin()),
            file_name=f"{data_home.safe_name(of.name)}-index.zip",
            mime="application/zip",
            on_click="ignore",
            icon=":material/download:",
        )


def _show_opening(of: Searched) -> None:
    """A place to give back an index that was exported here."""
    with st.expander("Open an exported index"):
        file = st.file_uploader(
            "ZIP archive that was exported here",
            type="zip",
            key="index-open",
            max_upload_size=demo.megabytes(MEGABYTES),
            help="Only what this app exported with this data folder is opened, known by its "
            "SHA-256: FAISS trusts the files that it reads.",
        )
    if file is None or st.session_state.get("index-given") == file.file_id:
        return
    st.session_state["index-given"] = file.file_id
    with page.errors_shown():
        _ask(of, restore_index(file.getvalue(), index_store.key_of(of.vectors)))
        st.rerun()


def _choose(kind: IndexKind, count: int, dim: int) -> IndexSettings:
    settings = IndexSettings(kind)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.selectbox(
            "Metric",
            [metric.value for metric in IndexMetric],
            key="metric",
            bind="query-params",
            disabled=kind is IndexKind.LSH,
            width=150,
            help="All vectors here have length 1. Cosine similarity and inner product are then the "
            "same number, and distance ranks alike: d² = 2 − 2 cos.",
        )
        if kind in (IndexKind.IVF_FLAT, IndexKind.IVF_PQ):
            most = max(1, min(4_096, count // 4))
            lists = _number("Lists", 1, most, min(most, max(1, round(count**0.5))))
            probes = _number("Lists read", 1, lists, min(4, lists))
            settings = replace(settings, lists=lists, probes=probes)
        if kind is IndexKind.IVF_PQ:
            pieces = [number for number in divisors(dim) if number <= 128]
            near = min(pieces, key=lambda number: abs(number - 48))
            chosen = st.selectbox("Pieces", pieces, index=pieces.index(near), width=120)
            bits = _number("Bits of each", 4, 8, piece_bits_for(count))
            settings = replace(settings, pieces=int(chosen), piece_bits=bits)
        if kind is IndexKind.HNSW:
            settings = replace(
                settings,
                links=_number("Links (M)", 4, 64, links_for(count), told=_LINKS.format(count)),
                build_width=_number("Width in building", 8, 500, 100),
                search_width=_number("Width in search", 8, 500, 32),
            )
        if kind is IndexKind.LSH:
            settings = replace(settings, signs=_number("Bits", 32, 4_096, 512))
    return replace(settings, metric=IndexMetric(str(metric)))


_LINKS = (
    "Links of each vector in the graph (M). At first log2 N, here N = {:,}: a rule of thumb, since "
    "a larger graph needs more links for all of it to be reached. More find more, and take more "
    "memory and time."
)


def _number(label: str, low: int, high: int, value: int, told: str = "") -> int:
    return int(st.number_input(label, low, high, value, width=150, help=told or None))


def _show(trials: list[Trial]) -> None:
    if not trials:
        st.info("Choose a kind and its parameters, then build it: the table compares what you try.")
        return
    columns: dict[str, list[Any]] = {
        "kind": [one.settings.kind.value for one in trials],
        "parameters": [describe(one.settings) for one in trials],
        f"recall at {trials[0].k}": [one.recall for one in trials],
        "ms per query": [one.milliseconds for one in trials],
        "speedup": [one.exact_milliseconds / one.milliseconds for one in trials],
        "size": [format_bytes(one.size) for one in trials],
        "built in s": [one.build_seconds for one in trials],
        "from the disk": [one.kept for one in trials],
    }
    numbers = {name: "%.3f" for name in columns if name.startswith(("recall", "ms", "built"))}
    numbers["speedup"] = "%.1f"
    st.dataframe(
        columns,
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format=form) for name, form in numbers.items()
        },
        alt="Indexes that were tried, with recall, time and size",
    )
    tables.download_csv(columns, file_name="indexes.csv")
