"""Images → Index: FAISS's approximate indexes on this gallery, what each loses and gains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core.base.memory import format_bytes
from core.cache.digests import digest
from core.cache.images import OpenGallery
from core.images.vectors import EncodedGallery
from core.knn import index_comparison, index_store
from core.knn.index_comparison import (
    IndexKind,
    IndexMetric,
    IndexSettings,
    Trial,
    divisors,
    piece_bits_for,
)
from core.ui.choosers import gallery as gallery_chooser
from core.ui.common import frame, jobs, tables
from core.ui.session import link_values

TRIED = "index-trials"
ABOUT = {
    IndexKind.FLAT: "Compares with every vector: exact, the slower the more there are.",
    IndexKind.IVF_FLAT: "Vectors lie in lists around centres, and only some lists are read.",
    IndexKind.IVF_PQ: "As IVFFlat, and each vector is kept as a few bytes: small, and rounded.",
    IndexKind.HNSW: "A graph of neighbours, walked from one to the next: fast, and large.",
    IndexKind.LSH: "Signs of random directions, compared bit by bit: small, and coarse.",
}


def show(choice: gallery_chooser.Choice, encoded: EncodedGallery) -> None:
    """The whole tool."""
    opened = choice.blended(encoded)
    count, dim = opened.vectors.shape
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
        st.session_state["index-asked"] = settings
    asked: IndexSettings | None = st.session_state.get("index-asked")
    if asked is not None:
        trial: Trial | None = jobs.run_job(
            f"index {opened.key} {asked}",
            f"Trying {asked.kind.value} on {opened.gallery.name}",
            lambda progress: index_comparison.try_index(
                opened.vectors, asked, 10, progress, key=digest(opened.vectors)
            ),
        )
        if trial is not None:
            del st.session_state["index-asked"]
            _tried(opened).append(trial)
    with frame.result():
        _show(_tried(opened))
    st.caption(
        f"{count:,} vectors of {dim}, by the picture alone; {index_comparison.QUESTIONS} queries "
        "are vectors of the gallery with noise added, one at a time. Recall is the share of "
        "the ten exact neighbours that are found. The search of this page compares with all; it "
        "takes milliseconds up to some 100,000 vectors. An index whose building took more than "
        f"{index_store.LONG:.0f} seconds is kept in the data folder."
    )


def _tried(opened: OpenGallery) -> list[Trial]:
    trials: dict[str, list[Trial]] = st.session_state.setdefault(TRIED, {})
    return trials.setdefault(opened.key, [])


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
                links=_number("Links", 4, 64, 16),
                build_width=_number("Width in building", 8, 500, 100),
                search_width=_number("Width in search", 8, 500, 32),
            )
        if kind is IndexKind.LSH:
            settings = replace(settings, signs=_number("Bits", 32, 4_096, 512))
    return replace(settings, metric=IndexMetric(str(metric)))


def _number(label: str, low: int, high: int, value: int) -> int:
    return int(st.number_input(label, low, high, value, width=150))


def _show(trials: list[Trial]) -> None:
    if not trials:
        st.info("Choose a kind and its parameters, then build it: the table compares what you try.")
        return
    columns: dict[str, list[Any]] = {
        "kind": [one.settings.kind.value for one in trials],
        "parameters": [_told(one.settings) for one in trials],
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


def _told(settings: IndexSettings) -> str:
    parts = {
        IndexKind.FLAT: "",
        IndexKind.IVF_FLAT: f"{settings.probes} of {settings.lists} lists",
        IndexKind.IVF_PQ: f"{settings.probes} of {settings.lists} lists, {settings.pieces} pieces "
        f"of {settings.piece_bits} bits",
        IndexKind.HNSW: f"{settings.links} links, width {settings.build_width} and "
        f"{settings.search_width}",
        IndexKind.LSH: f"{settings.signs} bits",
    }
    metric = "" if settings.kind is IndexKind.LSH else settings.metric.value
    return f"{metric}, {parts[settings.kind]}".strip(", ")
