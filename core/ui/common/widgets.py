"""Pieces of page that several pages use. Data first, options by keyword, keys by prefix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.base.columns import Columns, to_csv
from core.base.errors import Cancelled, ExplorerError
from core.base.types import Modality, Progress, Space
from core.cache import sentences as sentences_cache
from core.charts import basic as charts
from core.images import thumbnails
from core.shelf.shelf import Shelf
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.registry import Loaded
from core.ui.common import job_bar, markdown

Picture = Callable[[], bytes | None] | None
SHELF_PAGE, PAGE_USES = "shelf-shown", "shelf-page-uses"
UNDER_APP = "under-app"
plain = markdown.plain


def under_app() -> None:
    """Starts over through app.py if this page runs without it; every page calls it first.

    When the first link that a fresh server is asked for leads to a page, Streamlit sees the folder
    ``pages`` and runs the page by itself, as in its older kind of app: it learns of
    ``st.navigation`` only by running app.py once. That is noted for the server, so a second session
    that began in the same moment is told from others by the mark that app.py leaves in each.
    """
    if UNDER_APP not in st.session_state:
        st.session_state[UNDER_APP] = "asked for"  # once: a page may be run alone, as by a test
        PagesManager.uses_pages_directory = False
        st.rerun()


def show_error(error: ExplorerError) -> None:
    """An error as a person reads it: what is wrong, and below it what to do."""
    parts = [part for part in (error.expected, error.remedy) if part]
    st.error(plain(error.given) + "".join(f"  \n{plain(part)}" for part in parts))


@contextmanager
def errors_shown() -> Iterator[None]:
    """Shows an error that a person can act on, and goes on after the block."""
    try:
        yield
    except ExplorerError as error:
        show_error(error)


def steady() -> Any:
    """A place for what comes and goes, to be used by ``with``: it takes no room while empty.

    Where widgets move to another place among their siblings, the page in the browser forgets that
    their values belong into the address.
    """
    return st.empty().container()


def show_space(figure: Any, key: str, alt: str) -> None:
    """A figure in space; it is drawn anew when the page has changed between light and dark."""
    st.plotly_chart(charts.grounded(figure), key=f"{key}-{st.context.theme.type}", alt=alt)


def choose_space(
    place: Any,
    modality: Modality = Modality.WORD,
    *,
    key: str = "space",
    label: str = "Space",
    default: str = DEFAULT_SPACE,
) -> SpaceEntry:
    """A space that takes ``modality``, by name, chosen in ``place`` and kept in the URL.

    ``describe_space`` says what it is.
    """
    entries = {
        entry.space.name: entry
        for entry in registry.list_spaces()
        if modality in entry.space.modalities
    }
    chosen = place.selectbox(
        label,
        list(entries),
        index=list(entries).index(default),
        key=key,
        bind="query-params",
        help="Where the vectors come from. Vectors of two spaces are never compared.",
    )
    entry = entries[str(chosen)]
    if key == "space":  # a second space beside it has another key
        page_uses(entry.space)
    return entry


def describe_space(entry: SpaceEntry) -> SpaceEntry | None:
    """Says what a space is; returns it, or ``None`` where it is not ready (and how to get it)."""
    st.caption(
        f"**{plain(entry.space.title)}** · {entry.space.dim} dimensions. {plain(entry.about)}"
    )
    if not entry.ready:
        st.info("This space is not here yet.")
        st.code(entry.remedy, language=None, wrap_lines=True)
        return None
    return entry


def open_vocabulary(
    entry: SpaceEntry, *, centered: bool = False, exact: bool = False
) -> Loaded | None:
    """The vocabulary of ``entry``, built first behind a progress bar where it has to be.

    ``None`` where building was cancelled or failed; the page then shows how to go on.
    """
    if not entry.built:
        built = run_job(
            f"build {entry.space.name} {entry.digest}",
            f"Encoding the words of {entry.space.title}, once",
            lambda progress: registry.build(entry, progress),
        )
        if built is None:
            return None
    try:
        return sentences_cache.vocabulary(entry, centered=centered, exact=exact)
    except ExplorerError as error:
        show_error(error)
        return None


def run_job(
    key: str,
    title: str,
    work: Callable[[Progress], Any],
    *,
    watching: Callable[[], Any] | None = None,
    alt: str = "The map so far",
) -> Any | None:
    """Runs ``work`` in the background and shows its progress here until it ends.

    All sessions that ask for ``key`` watch the same job. Returns its result; ``None`` after it was
    cancelled or failed, until the person starts it again. ``watching`` gives a figure of what is
    there so far, which is drawn below the bar, or ``None``; ``alt`` says what it shows.
    """
    jobs = sentences_cache.jobs()
    job = jobs.get(key)
    if job is None:
        job = jobs.start(key, title, work)
    place = st.container(key=f"job-{abs(hash(key))}")
    # What is over at once, such as taking a result from a cache, shows no bar.
    if wait([job.future], 0.1).not_done:
        job_bar.watch(job, place, watching, alt)
    error = job.future.exception()
    if error is None:
        result = job.future.result()
        jobs.forget(key)
        return result
    if not isinstance(error, ExplorerError):
        jobs.forget(key)
        raise error
    with place:
        if isinstance(error, Cancelled):
            st.info(f"{plain(title)}: cancelled. What was finished is kept.")
        else:
            show_error(error)
        if st.button("Go on" if isinstance(error, Cancelled) else "Try again", key=f"again-{key}"):
            jobs.start(key, title, work)
            st.rerun()
    return None


def download_csv(columns: Columns | Callable[[], Columns], *, file_name: str) -> None:
    """A button that downloads a table, which is written when it is asked for."""
    st.download_button(
        "Download CSV",
        lambda: to_csv(columns() if callable(columns) else columns),
        file_name=file_name,
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def is_local() -> bool:
    """Whether this server answers only this computer, so that paths here may be offered."""
    return st.get_option("server.address") in ("localhost", "127.0.0.1", "::1")


def shelf() -> Shelf:
    """This session's shelf."""
    kept: Shelf = st.session_state.setdefault("shelf", Shelf())
    return kept


def page_uses(space: Space) -> None:
    """Says which space the page works in: the shelf marks what is of another."""
    st.session_state.get(PAGE_USES, lambda _: None)(space)


def keep(space: str, vector: Any, made: str, picture: Picture = None, name: str = "") -> None:
    """Keeps a vector on the shelf and says so; ``picture`` gives the file it came from."""
    titles = {entry.space.name: entry.space.title for entry in registry.list_spaces()}
    try:
        small = thumbnails.mark((picture and picture()) or b"")
        kept = shelf().keep(space, vector, made, name, title=titles.get(space, ""), picture=small)
    except ExplorerError as error:
        st.toast(plain(str(error)))
        return
    st.session_state[SHELF_PAGE] = len(shelf().items)  # the last page, where it stands
    st.toast(f"Kept as [{plain(kept.name)}]")


def keep_button(space: str, vector: Any, made: str, *, key: str, picture: Picture = None) -> None:
    """A button that keeps a vector on the shelf; ``picture`` gives the file it came from."""
    st.button(
        "Keep this vector",
        key=key,
        on_click=keep,
        args=(space, vector, made, picture),
        icon=":material/bookmark_add:",
        help="Puts it on the shelf in the sidebar. Its name in square brackets stands for it in "
        "formulas: [name] + cat",
    )
