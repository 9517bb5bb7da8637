"""Images → Search by an index: which one serves, and what it finds of the truth."""

from __future__ import annotations

import streamlit as st

from core.base import durations
from core.base.errors import InputError
from core.cache import images as images_cache
from core.cache.images import OpenGallery
from core.knn.index_comparison import Trial
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


def tried(opened: OpenGallery) -> list[Trial]:
    """The indexes that were tried on this gallery in this session, to be added to."""
    trials: dict[str, list[Trial]] = st.session_state.setdefault(_TRIED, {})
    return trials.setdefault(opened.key, [])


def use(settings: str) -> None:
    """Has Search use an index, and goes there; to be used by a button."""
    st.session_state[SERVES] = settings
    st.query_params[SERVES] = settings  # a box that is not drawn yet does not write it
    st.session_state["see"] = "Search"


def choose(opened: OpenGallery) -> str:
    """The settings of the index that serves, "" for none; kept in the address."""
    count = len(opened.vectors)
    first = format_settings(default_settings(count)) if count >= SERVED_FROM else EXACT
    asked = str(st.session_state.get(SERVES) or st.query_params.get(SERVES, ""))
    options = [EXACT, first, *(format_settings(one.settings) for one in tried(opened))]
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
        f"can be chosen here. From {SERVED_FROM:,} pictures on HNSW is the default, since "
        "comparing with all is no longer instant.",
    )
    return "" if chosen == EXACT else str(chosen)


def _is_readable(asked: str, count: int) -> bool:
    try:
        read_settings(asked, count)
    except InputError:
        return False
    return True


def open_index(opened: OpenGallery, settings: str) -> Served | None:
    """The index, built behind a bar where it has to be; ``None`` while it is not there."""
    found: Served | None = jobs.run_job(
        f"serve {opened.key} {settings}",
        f"Building the index over {opened.gallery.name}",
        lambda progress: images_cache.served_index(opened, settings, progress),
        seconds=lambda: durations.of_index(*opened.vectors.shape),
        begin="Build the index",
    )
    return found


def told(served: Served | None, settings: str, *, filtered: bool) -> str:
    """How the results were found, for the caption below them."""
    if not settings:
        return "Cosine similarity, by comparing with every picture."
    if filtered:
        return "Cosine similarity, by comparing with every picture that passes the filter."
    if served is None:
        return "Cosine similarity, by comparing with every picture, until the index is built."
    trial = served.trial
    kind = served.index.settings
    return (
        f"Cosine similarity, by {kind.kind.value} ({describe(kind)}): recall at {trial.k} on this "
        f"gallery {trial.recall:.3f}, {trial.milliseconds:.1f} ms a query where comparing with all "
        f"takes {trial.exact_milliseconds:.1f} ms."
    )
