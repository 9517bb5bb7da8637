"""Searching by an index, of pictures or texts: which one serves, and what it finds of the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.base import durations
from core.base.errors import InputError
from core.base.types import FloatArray, Progress
from core.knn.index_comparison import Trial
from core.knn.index_files import Origin
from core.knn.index_settings import (
    SERVED_FROM,
    default_settings,
    describe,
    format_settings,
    read_settings,
)
from core.knn.serving import Served
from core.ui.common import jobs

EXACT = "none: compare with all"
SERVES, _TRIED = "served-by", "index-trials"


@dataclass(frozen=True, slots=True)
class Searched:
    """Pictures or texts that an index is over.

    Attributes:
        key: stands for their vectors.
        name: of the gallery or dataset; ``kind`` which of both it is.
        item: what each is called, a picture or a row.
        vectors: ``(n, dim)``, unit.
        tool: the key of the page's line of tools, and its tool that searches.
        build: the index of some settings; meant to be called in a job.
        origin: what an exported index is told to be of.
    """

    key: str
    name: str
    kind: str
    item: str
    vectors: FloatArray
    tool: tuple[str, str]
    build: Callable[[str, Progress], Served]
    origin: Callable[[], Origin]


def tried(of: Searched) -> list[Trial]:
    """The indexes that were tried on these in this session, to be added to."""
    trials: dict[str, list[Trial]] = st.session_state.setdefault(_TRIED, {})
    return trials.setdefault(of.key, [])


def use(of: Searched, settings: str) -> None:
    """Has the page's search use an index, and goes there; to be used by a button."""
    st.session_state[SERVES] = settings
    st.query_params[SERVES] = settings  # a box that is not drawn yet does not write it
    key, tool = of.tool
    st.session_state[key] = tool


def choose(of: Searched) -> str:
    """The settings of the index that serves, "" for none; kept in the address."""
    count = len(of.vectors)
    first = format_settings(default_settings(count)) if count >= SERVED_FROM else EXACT
    asked = str(st.session_state.get(SERVES) or st.query_params.get(SERVES, ""))
    options = [EXACT, first, *(format_settings(one.settings) for one in tried(of))]
    if asked and _is_readable(asked, count):
        options.append(asked)
    options = list(dict.fromkeys(options))
    chosen = st.selectbox(
        "Index",
        options,
        index=options.index(first),
        key=SERVES,
        bind="query-params",
        help="What is searched with. The tool Index builds and measures them; what was built there "
        f"can be chosen here. From {SERVED_FROM:,} {of.item}s on HNSW is the default, since "
        "comparing with all is no longer instant.",
    )
    return "" if chosen == EXACT else str(chosen)


def _is_readable(asked: str, count: int) -> bool:
    try:
        read_settings(asked, count)
    except InputError:
        return False
    return True


def open_index(of: Searched, settings: str) -> Served | None:
    """The index, built behind a bar where it has to be; ``None`` while it is not there."""
    found: Served | None = jobs.run_job(
        f"serve {of.key} {settings}",
        f"Building the index over {of.name}",
        lambda progress: of.build(settings, progress),
        seconds=lambda: durations.of_index(*of.vectors.shape),
        begin="Build the index",
    )
    return found


def told(of: Searched, served: Served | None, settings: str, *, filtered: bool = False) -> str:
    """How the results were found, for the caption below them."""
    if not settings:
        return f"Cosine similarity, by comparing with every {of.item}."
    if filtered:
        return f"Cosine similarity, by comparing with every {of.item} that passes the filter."
    if served is None:
        return f"Cosine similarity, by comparing with every {of.item}, until the index is built."
    trial = served.trial
    kind = served.index.settings
    return (
        f"Cosine similarity, by {kind.kind.value} ({describe(kind)}): recall at {trial.k} on this "
        f"{of.kind} {trial.recall:.3f}, {trial.milliseconds:.1f} ms a query where comparing with "
        f"all takes {trial.exact_milliseconds:.1f} ms."
    )
