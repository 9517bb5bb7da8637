"""Choosing an embedding space, and opening its vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from core.base import durations
from core.base.errors import ExplorerError, StorageError
from core.base.types import Modality, Space
from core.cache import spaces as spaces_cache
from core.knn.exact import ExactIndex
from core.spaces import registry
from core.spaces.catalog import DEFAULT_SPACE
from core.spaces.entry import SpaceEntry
from core.spaces.languages import not_english
from core.spaces.vocabulary import Vocabulary
from core.spaces.vocabulary_files import Loaded
from core.ui.common import downloads, frame
from core.ui.common.jobs import run_job
from core.ui.common.markdown import plain
from core.ui.common.page import show_error

MULTILINGUAL = "multilingual-e5-small"
PAGE_USES = "shelf-page-uses"
FIRST = "-first"  # after the key of a box: the model that it had before anybody chose


def choose_space(  # noqa: PLR0913  # all but two are named
    place: Any,
    modality: Modality = Modality.WORD,
    *,
    key: str = "space",
    label: str = "Embedding model",
    default: str = DEFAULT_SPACE,
    instead: str = "",
) -> SpaceEntry:
    """A space that takes ``modality``, by name, chosen in ``place`` and kept in the URL.

    Those that are ready stand before those that are not, which the help names.
    What the chosen one is stands behind the help sign beside the label. Until somebody chooses it
    is ``default``, also where that changes from run to run.

    Args:
        instead: what is taken in place of it, where that is so: it stands there and cannot be
            changed then.
    """
    entries = {
        entry.space.name: entry
        for entry in sorted(registry.list_spaces(), key=lambda entry: not entry.ready)
        if modality in entry.space.modalities
    }
    default = default if default in entries else DEFAULT_SPACE
    first = f"{key}{FIRST}"
    if key not in st.session_state:
        st.session_state[first] = default
    elif st.session_state[key] == st.session_state.get(first):
        st.session_state[key] = st.session_state[first] = default  # it goes with what is asked
    before = entries.get(str(st.session_state.get(key) or st.query_params.get(key)))
    chosen = place.selectbox(
        label,
        list(entries),
        index=list(entries).index(default),
        key=key,
        bind="query-params",
        help=_about(before or entries[default], list(entries.values())),
        disabled=bool(instead),
    )
    if instead:
        place.caption(f"Not used: {instead}")
    entry = entries[str(chosen)]
    if key == "space" and not instead:  # a second space beside it has another key
        page_uses(entry.space)
    return entry


def _about(entry: SpaceEntry, others: Sequence[SpaceEntry]) -> str:
    missing = [plain(one.space.name) for one in others if not one.ready]
    return (
        f"**{plain(entry.space.title)}** · {entry.space.dim} dimensions. {plain(entry.about)}\n\n"
        "Vectors of two models are never compared."
        + (f"\n\nNot installed: {', '.join(missing)}." if missing else "")
    )


def require_ready(entry: SpaceEntry) -> SpaceEntry | None:
    """The space; ``None`` where it is not ready: a card then says how to get it."""
    if not entry.ready:
        downloads.offer(entry)
        return None
    return entry


def open_vocabulary(
    entry: SpaceEntry,
    *,
    centered: bool = False,
    exact: bool = False,
    so_far: Callable[[Vocabulary], None] | None = None,
) -> Loaded | None:
    """The vocabulary of ``entry``, built first behind a progress bar where it has to be.

    Args:
        so_far: shows an answer by the most frequent words, each time that more of them are there
            while it is built; nothing in it takes a click.

    ``None`` where building was cancelled or failed; the page then shows how to go on.
    """
    if not entry.built:
        built = run_job(
            f"build {entry.space.name} {entry.digest}",
            f"Encoding the words of {entry.space.title} (once)",
            entry.build,
            seconds=lambda: 0 if entry.source.bundled else durations.OF_VOCABULARY,
            begin="Encode them",
            so_far=None if so_far is None else _with_words(entry, so_far),
            height=frame.TALL,
        )
        if built is None:
            return None
    try:
        load = spaces_cache.centered_vocabulary if centered else spaces_cache.vocabulary
        vocabulary, index = load(entry)
    except ExplorerError as error:
        show_error(error)
        return None
    return vocabulary, ExactIndex(vocabulary.vectors) if exact else index


def _with_words(entry: SpaceEntry, show: Callable[[Vocabulary], None]) -> Callable[[Any], None]:
    """What draws ``show`` into a place, with the words that are there, where they are more now."""
    shown = 0

    def draw(place: Any) -> None:
        nonlocal shown
        try:
            words = entry.words_so_far(shown)
        except StorageError:
            return  # the building itself meets it, and it is told then
        if words is not None:
            shown = len(words)
            with place.container():
                show(words)

    return draw


def page_uses(space: Space) -> None:
    """Says which space the page works in: the shelf marks what is of another."""
    st.session_state.get(PAGE_USES, lambda _: None)(space)


def tell_language(entry: SpaceEntry, key: str, texts: Sequence[str]) -> None:
    """Says, once a session for texts of this ``key``, where an English model cannot read them."""
    told: set[tuple[str, str]] = st.session_state.setdefault("languages-told", set())
    if not entry.source.english or (entry.space.name, key) in told:
        return
    if why := not_english(texts):
        told.add((entry.space.name, key))
        st.info(
            f"{plain(entry.space.title)} reads English, and these texts {why}: its vectors say "
            f"little of them. A multilingual model, such as {MULTILINGUAL}, reads them: add it on "
            "the page Sentences, under Models.",
            icon=":material/translate:",
        )
