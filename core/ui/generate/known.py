"""Generate: what our generator knows of a prompt, beside what it draws of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import wait
from typing import Any

import streamlit as st

from core.base.errors import ExplorerError
from core.cache import generation as generation_cache, jobs as jobs_cache
from core.generation import known
from core.generation.known import Known
from core.generation.request import Request
from core.ui.common import page
from core.ui.common.markdown import plain

KEY = "known captions"
SOON = 0.5  # seconds: with the captions on the disk it is known before the drawing


def look(requests: Sequence[Request], patience: float | None = None) -> Known | None:
    """What is nearest to a prompt among what our generator was trained on.

    Args:
        patience: seconds to wait where the captions are still encoded, which a new data folder
            does once, beside the first drawing; ``None``: until they are.

    Returns:
        ``None`` where it is not known yet, or the generator is another.
    """
    if not requests or requests[0].generator not in known.LEARNT:
        return None
    name, vector = requests[0].generator, requests[0].vector
    job = jobs_cache.jobs().start(
        f"{KEY} {name}",
        "Reading the captions the generator was trained on",
        lambda progress: generation_cache.known_captions(name),
    )
    if wait([job.future], patience).not_done:
        return None
    try:
        captions = job.future.result()
    except ExplorerError as error:
        page.show_error(error)
        return None
    if vector is None or vector.shape != captions.plain.shape[1:]:
        return None  # of another embedding model: the drawing says so
    return known.look_up(vector, captions, of_pictures=known.holds_names(requests[0].prompt))


def warn(place: Any, found: Known | None) -> None:
    """Says above the picture where nothing near was trained on."""
    if found is not None and found.below:
        place.warning(plain(found.told), icon=":material/help:")


def warn_of_any(place: Any, found: Sequence[Known | None]) -> None:
    """The same of several prompts, of each text once."""
    for one in dict.fromkeys(found):
        warn(place, one)


def tell(found: Known | None) -> None:
    """Says below the picture what is nearest, where it is near."""
    if found is not None and not found.below:
        st.caption(plain(found.told))
