"""The query bar: one box for words, formulas, pictures and saved vectors, with one button.

It is the same on every page that is asked something. Pictures are dropped on it, pasted into its
box or taken by the camera; they and the saved vectors are chips below it, which enter by a click.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.base.errors import ExplorerError, shorten
from core.base.types import Modality, TermKind
from core.formula.formula import format_formula
from core.formula.question import read_query
from core.spaces.entry import SpaceEntry
from core.ui.common import keep, page
from core.ui.common.markdown import plain
from core.ui.session import names, own_pictures, page_state

CHIPS = 8  # saved vectors that are chips; the others stand in the sidebar


@dataclass(frozen=True, slots=True)
class Bar:
    """How a page asks.

    Attributes:
        key: of the box, which is its name in the address too.
        label: what the box is called, for who does not see it.
        first: what stands in it at first.
        button: the main action, and ``icon`` its sign.
        examples: that a click writes into the box.
        pictures: whether a picture can mean something here at all.
        surprise: writes something into the box that the person did not think of.
    """

    key: str
    label: str
    button: str = "Search"
    icon: str = ":material/search:"
    first: str = ""
    placeholder: str = ""
    help: str = ""
    examples: Sequence[str] = ()
    pictures: bool = True
    surprise: Callable[[], None] | None = None


def ask(bar: Bar, entry: SpaceEntry | None) -> tuple[str, bool]:
    """What was asked, and whether the button was clicked just now.

    Pictures and saved vectors are offered as far as the model ``entry`` takes them; without one
    there are words alone.
    """
    page_state.settle(bar.key)
    takes = entry is not None and bar.pictures and Modality.IMAGE in entry.space.modalities
    with st.container(key="query", gap="xsmall"):
        with st.container(
            horizontal=True, vertical_alignment="center", gap="xsmall", key="query-bar"
        ):
            text = st.text_input(
                bar.label,
                bar.first,
                key=bar.key,
                bind="query-params",
                placeholder=bar.placeholder,
                label_visibility="collapsed",
                width="stretch",
            )
            if takes:
                own_pictures.show_drop(bar.key)
                _show_camera(bar.key)
            if bar.help:
                with st.popover("Help", icon=":material/help:", key="query-help", type="tertiary"):
                    st.markdown(bar.help)
            clicked = st.button(bar.button, key="query-go", icon=bar.icon, type="primary")
        with st.container(
            horizontal=True, vertical_alignment="center", gap="xsmall", key="query-chips"
        ):
            _show_chips(bar, entry, takes=takes)
    with page.steady():
        own_pictures.show_errors()
    return text, clicked


def _show_camera(key: str) -> None:
    place = st.popover(
        "Camera",
        icon=":material/photo_camera:",
        key="query-camera",
        type="tertiary",
        on_change="rerun",
    )
    if place.open:  # else the browser would ask for the camera at once
        with place:
            own_pictures.show_camera(key)


def _show_chips(bar: Bar, entry: SpaceEntry | None, *, takes: bool) -> None:
    if takes:
        own_pictures.show_chips(bar.key)
    saved = [
        item.name
        for item in keep.shelf().items
        if entry is not None and (item.fits(entry.space) or item.formula)
    ]
    inside = set(names.names_in([str(st.session_state.get(bar.key) or "")]))
    for name in saved[-CHIPS:]:
        st.button(
            plain(shorten(name, 30)),
            key=f"query-saved-{name}",
            icon=":material/check:" if name in inside else ":material/bookmark:",
            help="Takes this saved vector out" if name in inside else "Adds this saved vector",
            on_click=_toggle,
            args=(bar.key, name),
        )
    for example in bar.examples:
        st.button(
            plain(example),
            key=f"example-{example}",
            type="tertiary",
            on_click=page_state.write,
            args=(bar.key, example),
        )
    if bar.surprise is not None:
        st.button(
            "Surprise me",
            key="query-surprise",
            type="tertiary",
            icon=":material/casino:",
            on_click=bar.surprise,
        )


def _toggle(key: str, name: str) -> None:
    """Adds ``[name]`` to what stands in the box, or takes it out."""
    text = str(st.session_state.get(key) or "").strip()
    if name not in names.names_in([text]):
        page_state.write(key, f"{text} + [{name}]" if text else f"[{name}]")
        return
    try:
        terms = read_query(text)
    except ExplorerError:  # a text without names, then
        return
    rest = [term for term in terms if term.kind is not TermKind.ITEM or term.text != name]
    page_state.write(key, format_formula(rest))
