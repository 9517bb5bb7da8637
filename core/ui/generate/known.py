"""Generate: what our generator knows of a prompt, beside what it draws of it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.cache import generation as generation_cache
from core.generation import generators, known
from core.generation.request import Request
from core.ui.common import page
from core.ui.common.markdown import plain


def tell(requests: Sequence[Request]) -> None:
    """The nearest captions trained on; a warning where nothing is near."""
    if not requests or requests[0].generator != generators.DEFAULT:
        return
    vector = requests[0].vector
    with page.errors_shown():
        captions = generation_cache.known_captions()
        if vector is None or vector.shape != captions.plain.shape[1:]:
            return  # of another embedding model: the drawing says so
        pictures = known.holds_names(requests[0].prompt)
        found = known.look_up(vector, captions, of_pictures=pictures)
        if found.below:
            st.warning(plain(found.told), icon=":material/help:")
        else:
            st.caption(plain(found.told))
