"""What boxes are called on the screen, by their names in the address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_LABELS = "box-labels"


@contextmanager
def noted(*, wanted: bool) -> Iterator[None]:
    """Notes the labels of boxes that are shown in it, where they are ``wanted``.

    Streamlit keeps no box's label, so it is read from what is sent to the browser.
    """
    context: Any = get_script_run_ctx()
    if context is None or not wanted:
        yield
        return
    labels: dict[str, str] = st.session_state.setdefault(_LABELS, {})
    send = context.enqueue

    def note(message: Any) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        box = getattr(element, kind) if kind else None
        if box is not None and (name := getattr(box, "query_param_key", "")):
            labels[name] = box.label
        send(message)

    context.enqueue = note
    try:
        yield
    finally:
        context.enqueue = send


def label(name: str) -> str:
    """The label of the box that stands as ``name`` in the address; the name where none is known."""
    return str(st.session_state.get(_LABELS, {}).get(name) or name)
